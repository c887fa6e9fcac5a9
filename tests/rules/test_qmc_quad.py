"""scipy.integrate.qmc_quad: exact derivatives of the mean at the points that SciPy drew."""

import numpy as np
import pytest
from check import check
from scipy.integrate import qmc_quad
from scipy.stats import qmc

import wengert as wg
from wengert.errors import NoDerivative


def integral(func, a, b, **options):
    return qmc_quad(func, a, b, n_estimates=4, n_points=64, qrng=qmc.Halton(np.size(a), rng=7), **options)


@pytest.mark.parametrize("bounds", [((0.0, 0.5), (1.0, 2.0)), ((1.0, 0.5), (0.0, 2.0))], ids=["up", "swapped"])
def test_in_parameters_and_bounds(bounds):
    def f(v):
        found = integral(lambda x: np.exp(-v[0] * x[0]) * np.cos(v[0] * x[1]), v[1:3], v[3:5])
        return found.integral, found.standard_error

    check(f, np.concatenate([[0.7], *bounds]))


def test_against_the_closed_form():
    """∫∫ exp(−k(x + y)) = ((1 − e^{−k})/k)²."""
    closed = lambda k: ((1.0 - np.exp(-k)) / k) ** 2
    f = lambda k: (
        qmc_quad(lambda x: np.exp(-k * (x[0] + x[1])), [0.0, 0.0], [1.0, 1.0], qrng=qmc.Sobol(2, rng=3)).integral
    )
    for k in (0.4, 2.0):
        np.testing.assert_allclose(wg.grad(f)(k), wg.grad(closed)(k), rtol=1e-4)
        np.testing.assert_allclose(wg.hessian(f)(k), wg.hessian(closed)(k), rtol=1e-4)
        np.testing.assert_allclose(wg.jit(wg.grad(f))(k), wg.grad(f)(k), rtol=1e-13)


def test_constants():
    assert (
        wg.grad(lambda k: k * integral(lambda x: x[0], [0.0], [1.0]).integral)(2.0)
        == integral(lambda x: x[0], [0.0], [1.0]).integral
    )


@pytest.mark.filterwarnings("ignore:A lower limit")
@pytest.mark.parametrize(
    "refused",
    [
        lambda s: integral(lambda x: 1.0 * (x[0] > s), [0.0], [1.0]).integral,
        lambda s: integral(lambda x: s * x[0], [0.0], [1.0], log=True).integral,
        lambda s: integral(lambda x: s * x[0], [0.5], [s]).integral,
    ],
)
def test_refused(refused):
    with pytest.raises(NoDerivative, match=r"scipy\.integrate\.qmc_quad"):
        wg.grad(refused)(0.5)
