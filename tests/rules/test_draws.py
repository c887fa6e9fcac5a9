"""numpy.random inside differentiated functions: draws are NumPy's, and recorded arrays can be shuffled."""

import numpy as np
import pytest
from check import check

import wengert as wg

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


def test_a_parameter_of_a_draw_is_refused():
    with pytest.raises(TypeError, match="converting a recorded value"):
        wg.grad(lambda m: np.random.default_rng(0).normal(m))(0.3)


def test_the_methods_are_numpys_again():
    before = [np.random.Generator.__dict__["shuffle"], np.random.RandomState.__dict__["permutation"], np.random.shuffle]
    wg.grad(lambda x: np.sum(np.random.default_rng(0).permutation(x)))(X)
    assert before == [
        np.random.Generator.__dict__["shuffle"],
        np.random.RandomState.__dict__["permutation"],
        np.random.shuffle,
    ]
