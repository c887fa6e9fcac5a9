"""Integrals whose integrand falls off like a power, where QUADPACK extrapolates: their derivatives are exact or refused."""

import numpy as np
import pytest
import scipy.integrate as si
import scipy.special as sp
import scipy.stats as st

import wengert as wg
from wengert.errors import NoDerivative


def integral(f, low=0.0, high=np.inf):
    return lambda a: si.quad(lambda x: f(x, a), low, high)[0]


def lomax_entropy(x, a):
    p = a * (1.0 + x) ** (-1.0 - a)
    return -p * np.log(p)


def student(a):
    return np.sqrt(a * np.pi) * sp.gamma(0.5 * a) * sp.rgamma(0.5 * (a + 1.0))


QUAD = {
    "entropy": (integral(lomax_entropy), lambda a: -1.0 / a**2 - 1.0 / a, (0.3, 0.6, 1.0, 2.5)),
    "power": (integral(lambda x, a: x**-a, 1.0), lambda a: -1.0 / (a - 1.0) ** 2, (1.6, 2.0, 3.0)),
    "both sides": (
        integral(lambda x, a: (1.0 + x * x / a) ** (-0.5 * (a + 1.0)), -np.inf),
        wg.grad(student),
        (1.5, 3.0),
    ),
    "from below": (integral(lambda x, a: (-x) ** -a, -np.inf, -1.0), lambda a: -1.0 / (a - 1.0) ** 2, (1.6,)),
}
EXPECT = {
    "lomax, log": (lambda a: st.lomax.expect(np.log1p, (a,)), lambda a: -1.0 / a**2, (0.6, 1.0, 2.5)),
    "pareto, power": (lambda a: st.pareto.expect(lambda x: x**0.3, (a,)), lambda a: -0.3 / (a - 0.3) ** 2, (0.6, 1.0)),
    "t, square": (lambda a: st.t.expect(np.square, (a,)), lambda a: -2.0 / (a - 2.0) ** 2, (2.5, 3.0, 4.0)),
    "arcsine": (lambda s: st.arcsine.expect(np.square, scale=s), lambda s: 0.75 * s, (1.3,)),
    "beta": (lambda a: st.beta.expect(args=(a, 0.6)), lambda a: 0.6 / (a + 0.6) ** 2, (0.4, 1.0)),
    "from a bound": (lambda b: st.norm.expect(np.square, lb=b), lambda b: -b * b * st.norm.pdf(b), (1.3,)),
}


@pytest.mark.parametrize(("f", "slope", "at"), QUAD.values(), ids=QUAD.keys())
def test_integrals(f, slope, at):
    for a in at:
        np.testing.assert_allclose(wg.grad(f)(a), slope(a), rtol=1e-11)
        np.testing.assert_allclose(wg.jvp(f, (a,), (1.0,))[1], slope(a), rtol=1e-11)


@pytest.mark.parametrize(("f", "slope", "at"), EXPECT.values(), ids=EXPECT.keys())
def test_expectations(f, slope, at):
    for a in at:
        np.testing.assert_allclose(wg.grad(f)(a), slope(a), rtol=3e-8)


def test_second_derivative():
    np.testing.assert_allclose(wg.grad(wg.grad(QUAD["power"][0]))(1.6), 2.0 / 0.6**3, rtol=1e-9)


def test_entropy_of_a_distribution():
    """Of skewed Cauchy, the entropy does not depend on the skewness."""
    np.testing.assert_allclose(wg.grad(st.skewcauchy.entropy)(0.5), 0.0, atol=1e-10)


@pytest.mark.filterwarnings("ignore:The maximum number of subdivisions", "ignore:The integral is probably divergent")
@pytest.mark.parametrize(
    "f", [lambda x, a: np.cos(a * x) / (1.0 + x * x), lambda x, a: np.sin(a * x) / (1.0 + x) ** 1.5]
)
def test_what_oscillates_for_ever_is_refused(f):
    with pytest.raises(NoDerivative, match="to infinity that oscillates"):
        wg.grad(integral(f))(1.3)


@pytest.mark.filterwarnings("ignore:The maximum number of subdivisions", "ignore:The occurrence of roundoff")
def test_jump_is_refused():
    with pytest.raises(NoDerivative, match="jump at 0"):
        wg.grad(integral(lambda x, a: np.where(x > a, a, 0.0) * np.exp(-x)))(0.6)
    with pytest.raises(NoDerivative, match="jump"):
        wg.grad(lambda s: st.norm.expect(lambda x: 1.0 * (x > 0.3), scale=s))(1.3)


def test_compiled_integrand_is_refused():
    with pytest.raises(NoDerivative, match="is compiled"):
        wg.jvp(lambda x: st.genhyperbolic.cdf(x, 0.5, 1.5, -0.5), (0.3,), (1.0,))
    assert 0.0 < st.genhyperbolic.cdf(0.3, 0.5, 1.5, -0.5) < 1.0
