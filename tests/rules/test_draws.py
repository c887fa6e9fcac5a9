"""numpy.random inside differentiated functions: draws are NumPy's, and recorded arrays can be shuffled."""

import numpy as np
import pytest
from check import check

import wengert as wg
from wengert.errors import NoDerivative

X = np.arange(12.0).reshape(6, 2) ** 1.5
GENERATORS = [np.random.default_rng, np.random.RandomState]


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("x", [X, X[:, 0].copy(), X.reshape(2, 3, 2)], ids=["matrix", "vector", "block"])
def test_orders(generator, x):
    def shuffled(x):
        y = x.copy()
        generator(1).shuffle(y)
        return y**2 + generator(2).permutation(x)

    check(shuffled, x)


def test_along_an_axis_and_from_the_global_generator():
    def shuffled(x):
        np.random.seed(3)  # noqa: NPY002
        y, z = x.copy(), x.copy()
        np.random.shuffle(y)  # noqa: NPY002
        np.random.default_rng(1).shuffle(z, axis=1)
        return y * z * np.random.permutation(x)  # noqa: NPY002

    check(shuffled, X, rtol=1e-6)


@pytest.mark.parametrize("generator", GENERATORS)
def test_draws(generator):
    def noisy(x):
        draw = generator(0)
        return x * draw.normal(size=6) + draw.permutation(6) * draw.normal(np.arange(6.0)) + draw.choice(6) * x**2

    check(noisy, X[:, 0].copy(), rtol=1e-6)


@pytest.mark.parametrize("generator", GENERATORS)
def test_draws_move_with_their_parameters(generator):
    def simulated(p):
        g = generator(5)
        scale = np.exp(p[1])
        return (
            [g.normal(p[0], scale, 3), g.uniform(-scale, p[2], size=2), g.exponential(scale), g.gamma(2.0, scale, 2)],
            [g.laplace(p[0], scale), g.gumbel(p), g.logistic(p[0], scale, (2, 1)), g.lognormal(p[0], 0.5 * scale)],
            [g.weibull(scale), g.pareto(2 + p), g.power(scale, 3), g.rayleigh(scale), g.vonmises(p[0], 2.0)],
            g.multivariate_normal(p, [[2.0, 0.3, 0], [0.3, 1.5, 0], [0, 0, 1.2]], size=(2, 2)),
            g.multivariate_normal(p[:2], np.array([[scale + 1, 0.3], [0.3, 1.0]])),
            [g.choice(p), g.choice(p, size=4), g.triangular(p[0] - 2.0, p[2], 1.0 + scale, size=6)],
        )

    check(simulated, np.array([0.2, -0.3, 0.5]), rtol=1e-6)


def test_draws_of_the_new_generators_and_of_the_global_one():
    def simulated(p):
        g = np.random.default_rng(2)
        np.random.seed(1)  # noqa: NPY002
        cov = np.diag(1 + p**2) + 0.1
        return (
            g.permuted(np.outer(p, p), axis=1),
            g.choice(np.outer(p, p), 2, replace=False, axis=1),
            [g.multivariate_normal(p, cov, method=m) for m in ("svd", "eigh", "cholesky")],
            np.random.normal(p[0], 2.0) * np.random.choice(p) + np.random.multivariate_normal(p, cov),  # noqa: NPY002
        )

    check(simulated, np.array([0.2, -0.3, 0.5]), rtol=1e-6)


@pytest.mark.parametrize(
    "draw",
    [
        lambda g, m: g.gamma(m),
        lambda g, m: g.poisson(m),
        lambda g, m: g.beta(m, 2.0),
        lambda g, m: g.choice(3, p=np.array([m, 0.2, 0.8 - m])),
    ],
)
def test_a_parameter_in_which_draws_jump_is_refused(draw):
    with pytest.raises(NoDerivative, match=r"(?s)no derivative of a draw of numpy\.random's .*jump.*ppf"):
        wg.grad(lambda m: 1.0 * draw(np.random.default_rng(0), m))(0.3)


def test_the_methods_are_numpys_again():
    before = [np.random.Generator.__dict__["shuffle"], np.random.RandomState.__dict__["permutation"], np.random.shuffle]
    wg.grad(lambda x: np.sum(np.random.default_rng(0).permutation(x)))(X)
    assert before == [
        np.random.Generator.__dict__["shuffle"],
        np.random.RandomState.__dict__["permutation"],
        np.random.shuffle,
    ]
