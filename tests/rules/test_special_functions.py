"""The Python functions of scipy.special: logsumexp and its like, and spellings of ufuncs."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp
from check import check
from scipy.special import logsumexp, softmax

import wengert as wg
from wengert.errors import NoDerivative

X = np.array([[0.3, -1.2, 2.0], [1.1, 0.4, -0.7]])
B = np.array([[1.0, 2.0, 0.5], [0.3, 1.0, 4.0]])


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp(axis, keepdims):
    check(lambda x: logsumexp(x, axis=axis, keepdims=keepdims), X)
    check(lambda x, b: logsumexp(x, axis=axis, b=b, keepdims=keepdims), X, B)
    check(lambda x, b: logsumexp(x, axis=axis, b=b, keepdims=keepdims), X, B[0])
    check(lambda x: sp.logsumexp(x, axis, None, keepdims, True)[0], X)


def test_logsumexp_with_sign():
    b = np.array([1.0, -2.0, 0.5])
    check(lambda x, b: logsumexp(x, axis=1, b=b, return_sign=True)[0], X, b)
    sign = logsumexp(X, axis=1, b=b, return_sign=True)[1]

    def f(x):
        y, s = logsumexp(x, axis=1, b=b, return_sign=True)
        np.testing.assert_array_equal(s, sign)
        return np.sum(s * np.exp(y))

    np.testing.assert_allclose(wg.grad(f)(X), b * np.exp(X), rtol=1e-13)


def test_logsumexp_of_infinities():
    inf = np.inf
    for x, expected in [
        ([-inf, -inf], [0.0, 0.0]),
        ([-inf, 1.0], [0.0, 1.0]),
        ([inf, 1.0], [1.0, 0.0]),
        ([-inf, 0.0, 0.0], [0.0, 0.5, 0.5]),
        ([1e4, 0.0], [1.0, 0.0]),
    ]:
        x = np.array(x)
        np.testing.assert_array_equal(wg.grad(logsumexp)(x), expected)
        np.testing.assert_array_equal(wg.jvp(logsumexp, (x,), (np.ones_like(x),))[1], sum(expected))
        assert np.all(np.isfinite(wg.hessian(logsumexp)(x)))
    x = np.array([[-inf, -inf], [0.0, 0.0]])
    np.testing.assert_array_equal(wg.grad(lambda x: logsumexp(x, axis=1)[1])(x), [[0.0, 0.0], [0.5, 0.5]])


def test_logsumexp_of_lists_scalars_and_complex():
    assert wg.grad(lambda a, b: logsumexp([a, b]), argnums=(0, 1))(0.0, 0.0) == (0.5, 0.5)
    assert wg.grad(lambda a: logsumexp(a))(2.0) == 1.0
    check(lambda z: logsumexp(z), np.array([0.3 + 0.4j, -0.2 + 1.0j]))
    x = np.array([0.2, 0.6], np.float32)
    assert wg.grad(logsumexp)(x).dtype == np.float32


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_softmax(axis):
    check(lambda x: softmax(x, axis=axis), X)
    check(lambda x: sp.log_softmax(x, axis=axis), X)


def test_softmax_saturated():
    x = np.array([1000.0, 0.0, -np.inf])
    assert np.all(np.isfinite(wg.jacobian(softmax)(x)))
    np.testing.assert_array_equal(wg.grad(lambda x: sp.log_softmax(x)[0])(x), [0.0, 0.0, 0.0])


P = np.array([0.4, 1.3, 3.6])
# fmt: off
CALLS = [
    lambda x: sp.polygamma(1, x), lambda x: sp.polygamma(n=2, x=x), lambda x: sp.polygamma([0, 1, 3], x),
    lambda x: sp.zeta(2.5, x), lambda x: sp.softplus(x), lambda x: sp.sinc(x), lambda x: sp.multigammaln(x + 2.0, 3),
    lambda x: sp.factorial(x), lambda x: sp.comb(x + 3.0, 2.5), lambda x: sp.perm(x + 3.0, 2.5), lambda x: sp.comb(5.5, x),
    lambda x: sp.diric(x, 5), lambda x: sp.jvp(1, x), lambda x: sp.yvp(1.5, x, 2), lambda x: sp.ivp(0, x), lambda x: sp.kvp(2, x),
    lambda x: sp.assoc_laguerre(x, 3, 1.5), lambda x: sp.lambertw(x).real, lambda x: np.real(sp.lambertw(-x / 20, k=-1)),
    lambda x: sp.lambertw(x), lambda x: np.abs(sp.h1vp(1, x)) ** 2,
    *[lambda x, f=f, n=n, d=d: getattr(sp, f)(n, x, d) for f in ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn")
      for n in (0, 2) for d in (False, True)],
]
# fmt: on


@pytest.mark.parametrize("case", range(len(CALLS)))
def test_call(case):
    check(CALLS[case], P, h=3e-3, rtol=1e-6)


def test_lambertw_near_zero():
    f = wg.derivative(lambda x: sp.lambertw(x).real)
    assert f(0.0) == 1.0
    assert wg.derivative(f)(0.0) == -2.0
    assert f(1e-3) == pytest.approx(float(mp.diff(mp.lambertw, 1e-3)), rel=1e-14)


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda x: sp.factorial2(x), "factorial2"),
        (lambda x: sp.ellip_harm(5, 8, 1, 1, x), "ellip_harm"),
        (lambda x: sp.jv(x, 2.0), "jv"),
        (lambda x: sp.spherical_jn(x, 2.0), "spherical_jn"),
    ],
)
def test_refused(f, name):
    with pytest.raises(NoDerivative, match=name):
        wg.grad(lambda x: np.real(f(x)))(2.0)


def third_kind(n, m):
    return sp.elliprf(0.0, 1 - m, 1.0) + n / 3 * sp.elliprj(0.0, 1 - m, 1.0, 1 - n)


@pytest.mark.parametrize(("n", "m"), [(0.3, 0.5), (-2.0, 0.1), (0.9, 0.9), (0.0, 0.5)])
def test_the_complete_integral_of_the_third_kind(n, m):
    for k in range(2):
        slope = wg.grad(third_kind, argnums=k)
        for j in range(2):
            order = (k == 0) + (j == 0), (k == 1) + (j == 1)
            assert wg.grad(slope, argnums=j)(n, m) == pytest.approx(float(mp.diff(mp.ellippi, (n, m), order)), rel=1e-9)
        assert slope(n, m) == pytest.approx(float(mp.diff(mp.ellippi, (n, m), (k == 0, k == 1))), rel=1e-10)


@pytest.mark.parametrize(
    "point", [(1.0, 2.0, 3.0, 4.0), (1.0, 1.0, 1.0, 1.0), (1.0, 2.0, 3.0, 2.0), (1.0, 2.0, 3.0, -2.0)]
)
def test_carlsons_third_integral(point):
    """Where p is one of the others, and as a principal value."""
    for k in range(4):
        along = lambda t, k=k: mp.re(mp.elliprj(*point[:k], t, *point[k + 1 :]))
        h = mp.mpf(10) ** -4
        six = [(1, 45), (2, -9), (3, 1)]
        expected = sum(c * (along(point[k] + n * h) - along(point[k] - n * h)) for n, c in six) / (60 * h)
        assert wg.grad(sp.elliprj, argnums=k)(*point) == pytest.approx(float(expected), rel=1e-9)


def test_spherical_harmonics():
    slope = wg.grad(lambda x: np.real(sp.sph_harm_y(1, 1, x, 0.3)))(2.0)
    assert np.isclose(slope, -np.sqrt(3 / (8 * np.pi)) * np.cos(2.0) * np.cos(0.3), rtol=1e-14)


def test_nothing_is_changed_outside():
    import scipy.special

    before = scipy.special.logsumexp
    wg.grad(logsumexp)(np.ones(3))
    assert scipy.special.logsumexp is before
    assert logsumexp(np.zeros(2)) == np.log(2.0)
