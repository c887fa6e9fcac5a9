"""Strong zeros: a dead branch, a mask, a zero factor stop infinity and NaN, in every mode and order."""

import warnings

import numpy as np
import pytest
import scipy.special as sp
from scipy.special import entr, logsumexp, xlog1py, xlogy

import wengert as wg
from wengert.rules.described import described

inf, nan = np.inf, np.nan
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def matrix(*rows):
    return np.array(rows, float)


SMOOTH = {
    # name: (f, x, gradient, Hessian or None)
    "where sqrt": (lambda x: np.where(x > 0, np.sqrt(x), 0.0), 0.0, 0.0, 0.0),
    "where sqrt below": (lambda x: np.where(x > 0, np.sqrt(x), 0.0), -1.0, 0.0, 0.0),
    "where sinc": (lambda x: np.where(x != 0, np.sin(x) / x, 1.0), 0.0, 0.0, 0.0),
    "where sqrt(x-1)": (lambda x: np.where(x > 1, np.sqrt(x - 1), x / 2), 0.5, 0.5, 0.0),
    "where log": (lambda x: np.where(x > 0, np.log(x), x * x), -2.0, -4.0, 2.0),
    "where 1/x": (lambda x: np.where(x != 0, 1 / x, x), np.float64(0.0), 1.0, 0.0),
    "where arcsin": (lambda x: np.where(np.abs(x) < 1, np.arcsin(x), x), 1.0, 1.0, 0.0),
    "where exp overflow": (lambda x: np.where(x < 700, np.exp(x), x), 800.0, 1.0, 0.0),
    "where nested": (lambda x: np.where(x > 0, np.where(x > 0, np.log(x), 0.0) * 2, x), 0.0, 1.0, 0.0),
    "mask times inf": (lambda x: np.where(False, x * inf, 3 * x), 2.0, 3.0, 0.0),
    "zero times log": (lambda x: 0.0 * np.log(x) + x, 0.0, 1.0, 0.0),
    "zero times sqrt": (lambda x: np.sqrt(x) * 0.0 + x, 0.0, 1.0, 0.0),
    "x**0": (lambda x: x**0, 0.0, 0.0, 0.0),
    "x**0.0": (lambda x: x**0.0, np.float64(0.0), 0.0, 0.0),
    "x**1": (lambda x: x**1, 0.0, 1.0, 0.0),
    "x**2 at 0": (lambda x: x**2, 0.0, 0.0, 2.0),
    "x**2.0 at 0": (lambda x: np.power(x, 2.0), np.float64(0.0), 0.0, 2.0),
    "x**3 at 0": (lambda x: x**3, 0.0, 0.0, 0.0),
    "(-2)**3": (lambda x: x**3, -2.0, 12.0, -12.0),
    "(-2.0)**3.0": (lambda x: np.power(x, 3.0), -2.0, 12.0, -12.0),
    "0**y": (lambda y: np.power(0.0, y), 2.0, 0.0, 0.0),
    "xlogy(0, y)": (lambda y: xlogy(0.0, y), 0.0, 0.0, 0.0),
    "xlogy(0, 2)": (lambda y: xlogy(0.0, y), 2.0, 0.0, 0.0),
    "xlog1py(0, -1)": (lambda y: xlog1py(0.0, y), -1.0, 0.0, 0.0),
    "sinc": (np.sinc, 0.0, 0.0, -(np.pi**2) / 3),
    "softplus(800)": (lambda x: np.logaddexp(0.0, x), 800.0, 1.0, 0.0),
    "softplus(-800)": (lambda x: np.logaddexp(0.0, x), -800.0, 0.0, 0.0),
    "softplus(inf)": (lambda x: np.logaddexp(0.0, x), inf, 1.0, None),
    "softplus(-inf)": (lambda x: np.logaddexp(0.0, x), -inf, 0.0, None),
    "tanh(400)": (np.tanh, 400.0, 0.0, 0.0),
    "expit(800)": (sp.expit, 800.0, 0.0, 0.0),
    "hypot(0, x)**2": (lambda x: np.hypot(x, 0.0) ** 2, 0.0, 0.0, 2.0),
    "abs(0)**2": (lambda x: np.abs(x) ** 2, 0.0, 0.0, 2.0),
    "norm(0)**2": (lambda x: np.linalg.norm(x) ** 2, np.zeros(3), np.zeros(3), 2 * np.eye(3)),
    "norm(0)": (np.linalg.norm, np.zeros(3), np.zeros(3), None),
    "norm of a zero row": (
        lambda x: np.sum(np.linalg.norm(x, axis=1)),
        matrix([0, 0], [3, 4]),
        matrix([0, 0], [0.6, 0.8]),
        None,
    ),
    "sqrt(sum squares) by mask": (
        lambda x: np.where(np.sum(x**2) > 0, np.sqrt(np.sum(x**2)), 0.0),
        np.zeros(2),
        np.zeros(2),
        np.zeros((2, 2)),
    ),
    "std of constant data": (np.std, np.ones(3), np.zeros(3), None),
    "std**2 of constant data": (lambda x: np.std(x) ** 2, np.ones(2), np.zeros(2), matrix([0.5, -0.5], [-0.5, 0.5])),
    "masked log": (
        lambda x: np.sum(np.log(x), where=np.array([True, False])),
        np.array([2.0, 0.0]),
        np.array([0.5, 0.0]),
        matrix([-0.25, 0], [0, 0]),
    ),
    "log of where": (
        lambda x: np.sum(np.log(np.where(x > 0, x, 1.0))),
        np.array([2.0, -1.0]),
        np.array([0.5, 0.0]),
        matrix([-0.25, 0], [0, 0]),
    ),
    "mask times log": (
        lambda x: np.sum(np.array([1.0, 0.0]) * np.log(np.maximum(x, 0.0))),
        np.array([2.0, 0.0]),
        np.array([0.5, 0.0]),
        None,
    ),
    "nansum over missing data": (
        lambda x: np.nansum(x * np.array([1.0, nan, 2.0])),
        np.ones(3),
        np.array([1.0, 0.0, 2.0]),
        np.zeros((3, 3)),
    ),
    "nanmean": (
        lambda x: np.nanmean(x * np.array([1.0, nan, 2.0])),
        np.ones(3),
        np.array([0.5, 0.0, 1.0]),
        np.zeros((3, 3)),
    ),
    "logsumexp(-inf, -inf)": (lambda x: logsumexp(x + np.array([-inf, -inf])), np.zeros(2), None, None),
    "logsumexp(-inf, 0)": (
        lambda x: logsumexp(x + np.array([-inf, 0.0])),
        np.zeros(2),
        np.array([0.0, 1.0]),
        np.zeros((2, 2)),
    ),
    "logaddexp(-inf, 0)": (
        lambda x: np.logaddexp(x[0] - inf, x[1]),
        np.zeros(2),
        np.array([0.0, 1.0]),
        np.zeros((2, 2)),
    ),
    "logaddexp.reduce": (
        lambda x: np.logaddexp.reduce(x + np.array([0.0, -inf, 0.0])),
        np.zeros(3),
        np.array([0.5, 0.0, 0.5]),
        0.25 * matrix([1, 0, -1], [0, 0, 0], [-1, 0, 1]),
    ),
    "prod with one zero": (
        np.prod,
        np.array([0.0, 2.0, 3.0]),
        np.array([6.0, 0.0, 0.0]),
        matrix([0, 3, 2], [3, 0, 0], [2, 0, 0]),
    ),
    "prod with two zeros": (
        np.prod,
        np.array([0.0, 0.0, 3.0]),
        np.array([0.0, 0.0, 0.0]),
        matrix([0, 3, 0], [3, 0, 0], [0, 0, 0]),
    ),
    "cumprod with a zero": (
        lambda x: np.sum(np.cumprod(x)),
        np.array([2.0, 0.0, 3.0]),
        np.array([1.0, 8.0, 0.0]),
        matrix([0, 4, 0], [4, 0, 2], [0, 2, 0]),
    ),
    "det corank 1": (
        np.linalg.det,
        matrix([1, 2], [2, 4]),
        matrix([4, -2], [-2, 1]),
        np.array([[[[0, 0], [0, 1]], [[0, 0], [-1, 0]]], [[[0, -1], [0, 0]], [[1, 0], [0, 0]]]], float),
    ),
    "det corank 2": (np.linalg.det, np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((3, 3, 3, 3))),
    "smooth function of repeated eigenvalues": (
        lambda a: np.sum(np.linalg.eigh((a + a.T) / 2)[0] ** 2),
        2 * np.eye(3),
        4 * np.eye(3),
        None,
    ),
    "sum of repeated singular values": (
        lambda a: np.sum(np.linalg.svd(a, compute_uv=False)),
        2 * np.eye(2),
        np.eye(2),
        None,
    ),
    "where over rows": (
        lambda x: np.sum(np.where((x > 0)[:, None], np.log(x)[:, None] * np.ones(2), 0.0)),
        np.array([0.0, 2.0]),
        np.array([0.0, 1.0]),
        None,
    ),
    "unused infinite element": (lambda x: (1 / x)[0] + x[1], np.array([2.0, 0.0]), np.array([-0.25, 1.0]), None),
    "division of dead branch in place": (
        lambda x: _masked_divide(x),
        np.array([2.0, 0.0]),
        np.array([-0.25, 0.0]),
        None,
    ),
}


def _masked_divide(x):
    y = np.zeros(2)
    m = x != 0
    y[m] = 1 / x[m]
    return np.sum(y)


@pytest.mark.parametrize("name", SMOOTH)
def test_reverse_and_forward(name):
    f, x, expected, _ = SMOOTH[name]
    if expected is None:
        assert np.isfinite(wg.grad(f)(x)).all()
        return
    np.testing.assert_allclose(wg.grad(f)(x), expected, atol=1e-12)
    np.testing.assert_allclose(wg.jacobian(f, mode="forward")(x), expected, atol=1e-12)
    ones = np.ones_like(x)
    np.testing.assert_allclose(wg.jvp(f, (x,), (ones if np.ndim(x) else 1.0,))[1], np.sum(expected), atol=1e-12)


@pytest.mark.parametrize("name", [name for name, case in SMOOTH.items() if case[3] is not None])
def test_second_order(name):
    f, x, _, expected = SMOOTH[name]
    for outer in ("forward", "reverse"):
        for inner in (wg.grad(f), wg.jacobian(f, mode="forward")):
            np.testing.assert_allclose(
                wg.jacobian(inner, mode=outer)(x), expected, atol=1e-10, err_msg=f"{outer} over {inner!r}"
            )


PAIRS = {
    # name: (f, x, y, slope)
    "logaddexp(-inf, -inf)": (np.logaddexp, -inf, -inf, (0.5, 0.5)),
    "logaddexp(inf, 0)": (np.logaddexp, inf, 0.0, (1.0, 0.0)),
    "logaddexp2(-inf, -inf)": (np.logaddexp2, -inf, -inf, (0.5, 0.5)),
    "hypot(0, 0)": (np.hypot, 0.0, 0.0, (0.0, 0.0)),
    "hypot(3e200, 4e200)": (np.hypot, 3e200, 4e200, (0.6, 0.8)),
    "hypot(3e-200, 4e-200)": (np.hypot, 3e-200, 4e-200, (0.6, 0.8)),
    "power(0, 2)": (np.power, 0.0, 2.0, (0.0, 0.0)),
    "power(-2, 3) by base": (lambda x, y: np.power(x, 3.0) + y, -2.0, 3.0, (12.0, 1.0)),
    "maximum(x, x)": (lambda x, y: np.maximum(x, x) + y, 2.0, 0.0, (1.0, 1.0)),
    "maximum tie": (np.maximum, 2.0, 2.0, (0.5, 0.5)),
    "xlogy(0, 2)": (xlogy, 0.0, 2.0, (np.log(2.0), 0.0)),
    "xlogy(0, 0)": (xlogy, 0.0, 0.0, (-inf, 0.0)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_pairs(name):
    f, x, y, slope = PAIRS[name]
    np.testing.assert_allclose(wg.grad(f, argnums=(0, 1))(x, y), slope, rtol=1e-14)
    forward = [wg.jvp(f, (x, y), d)[1] for d in ((1.0, 0.0), (0.0, 1.0))]
    np.testing.assert_allclose(forward, slope, rtol=1e-14)


def test_entr_at_zero():
    assert wg.grad(entr)(0.0) == inf


def test_sqrt_at_zero_is_infinite_not_an_exception():
    assert wg.grad(np.sqrt)(0.0) == inf
    assert wg.derivative(np.sqrt)(0.0) == inf
    assert wg.grad(lambda x: x**0.5)(0.0) == inf


def test_nan_stays_nan():
    """NaN in, NaN out: a maximum over data with a NaN has no finite gradient at it; log of a negative number neither."""
    assert np.isnan(wg.grad(np.log)(-1.0))
    assert np.isnan(wg.grad(np.sqrt)(-1.0))
    assert np.isnan(wg.grad(np.sin)(nan))
    assert np.isnan(wg.grad(np.max)(np.array([1.0, nan]))).any()
    assert np.isnan(wg.grad(lambda x: np.sum(x * np.array([1.0, nan])))(np.ones(2))[1])


def test_infinite_seed_through_a_mask():
    _, pullback = wg.vjp(lambda x: np.where(np.array([True, False]), x, 0.0), np.ones(2))
    np.testing.assert_array_equal(pullback(np.array([1.0, inf]))[0], [1.0, 0.0])
    np.testing.assert_array_equal(pullback(np.array([inf, nan]))[0], [inf, 0.0])


def test_one_bad_element_does_not_poison_the_others():
    x = np.array([1.0, 0.0, 4.0])
    got = wg.grad(lambda x: np.sum(np.sqrt(x)))(x)
    np.testing.assert_array_equal(got, [0.5, inf, 0.25])
    got = wg.grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)) + 0.0 * np.log(x[0]))(x)
    np.testing.assert_array_equal(got, [0.5, 0.0, 0.25])


def test_zero_cotangent_is_zero():
    """Backward times zero is exactly zero (gradcheck)."""
    for f in (np.log, np.sqrt, lambda x: 1 / x, lambda x: x**-1.5, lambda x: np.exp(1 / x)):
        _, pullback = wg.vjp(f, np.zeros(2))
        np.testing.assert_array_equal(pullback(np.zeros(2))[0], np.zeros(2))


REBUILT = {
    "eigh": lambda a: (lambda w, v: (v * w) @ v.T)(*np.linalg.eigh((a + a.T) / 2))[0, 1],
    "eigh, projector": lambda a: (lambda w, v: v[:, :1] @ v[:, :1].T)(*np.linalg.eigh((a + a.T) / 2))[0, 1],
    "svd": lambda a: (lambda u, s, v: (u * s) @ v)(*np.linalg.svd(a))[0, 1],
    "svd, vectors": lambda a: (lambda u, s, v: u @ v)(*np.linalg.svd(a))[0, 1],
}


@pytest.mark.parametrize("name", REBUILT)
def test_vectors_of_repeated_values_are_never_silently_wrong(name):
    """What eigenvectors of equal eigenvalues contribute is 0/0, whose limit is not 0: NaN, not a wrong zero."""
    f = REBUILT[name]
    a = 2 * np.eye(2)
    exact = {"eigh": [[0, 0.5], [0.5, 0]], "svd": [[0, 1], [0, 0]], "svd, vectors": [[0, 0.25], [-0.25, 0]]}.get(name)
    for got in (wg.grad(f)(a), wg.jacobian(f, mode="forward")(a)):
        assert np.isnan(got).any() or (exact is not None and np.allclose(got, exact)), got


DESCRIBED = {
    "sqrt": (np.sqrt, [0.0, 1.0], [inf, 0.5]),
    "behind a branch": (lambda x: np.where(x > -1, np.sqrt(np.abs(x)) * 2, 0.0), [-4.0, 4.0], [0.0, 0.5]),
    "outside the domain": (lambda x: np.log(x), [-1.0, 2.0], [nan, 0.5]),
    "times NaN": (lambda x: x * nan, [1.0, 2.0], [nan, nan]),
}


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_described_function_keeps_infinite_and_missing_slopes_in_both_modes(name):
    body, x, slopes = DESCRIBED[name]
    f = described(lambda x: 2 * x, body, 1, "a compiled function")
    x = np.array(x)
    np.testing.assert_array_equal(wg.jvp(f, (x,), (np.ones(2),))[1], slopes)
    np.testing.assert_array_equal(wg.grad(lambda x: np.sum(f(x)))(x), slopes)
    np.testing.assert_array_equal(wg.vjp(f, x)[1](np.array([0.0, 1.0]))[0], [0.0, slopes[1]])


@pytest.mark.parametrize("n", [3, 300])
def test_huge_slopes_do_not_warn(n):
    """What looks for NaN in a derivative squares it."""
    x = np.linspace(1.0, 2.0, n)

    def f(x):
        return x * 1e200 + x[0] * 1e190

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for mode in ("forward", "reverse"):
            assert np.all(np.diag(wg.jacobian(f, mode=mode)(x)) >= 1e200)
        wg.hessian(lambda x: np.sum(x * x * 1e200))(x[:30])
        wg.jvp(f, (x,), (x,))
        wg.vjp(f, x)[1](x)
