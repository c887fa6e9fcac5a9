"""Kinks, zeros, infinities and undefined points of the elementwise functions, against exact values."""

import numpy as np
import pytest

import wengert as wg

NAN, INF = np.nan, np.inf


def both(f, *args):
    """The partial derivatives at args: reverse, held to forward."""
    n = len(args)
    reverse = wg.grad(f, argnums=tuple(range(n)))(*args)
    for k in range(n):
        dots = tuple(1.0 if j == k else 0.0 for j in range(n))
        forward = wg.jvp(f, args, dots)[1]
        np.testing.assert_array_equal(forward, reverse[k])
    return tuple(float(g) for g in reverse)


POINTS = [
    # ── kinks of one argument: least norm ──
    (np.abs, (0.0,), (0.0,)), (np.fabs, (0.0,), (0.0,)), (np.abs, (-0.0,), (0.0,)), (np.abs, (-INF,), (-1.0,)),
    (np.hypot, (0.0, 0.0), (0.0, 0.0)), (np.arctan2, (0.0, 0.0), (0.0, 0.0)), (np.sign, (0.0,), (0.0,)),
    (np.hypot, (3e200, 4e200), (0.6, 0.8)), (np.hypot, (3e-200, 4e-200), (0.6, 0.8)),
    (np.arctan2, (3e200, 4e200), (1.6e-201, -1.2e-201)), (np.arctan2, (3e-160, 4e-160), (1.6e159, -1.2e159)),
    (np.arctan2, (0.0, -2.0), (-0.5, 0.0)),
    # ── ties are shared ──
    (np.maximum, (2.0, 2.0), (0.5, 0.5)), (np.minimum, (2.0, 2.0), (0.5, 0.5)),
    (np.fmax, (2.0, 2.0), (0.5, 0.5)), (np.fmin, (2.0, 2.0), (0.5, 0.5)),
    (lambda x: np.maximum(x, x), (3.0,), (1.0,)), (lambda x: np.fmin(x, x), (3.0,), (1.0,)),
    (np.maximum, (INF, INF), (0.5, 0.5)), (np.maximum, (-INF, 1.0), (0.0, 1.0)), (np.maximum, (0.0, -0.0), (0.5, 0.5)),
    (lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0), (0.0,), (1.0,)),
    # ── NaN in, NaN out; fmax and fmin pass over it ──
    (np.maximum, (NAN, 1.0), (NAN, NAN)), (np.minimum, (1.0, NAN), (NAN, NAN)),
    (np.fmax, (NAN, 1.0), (0.0, 1.0)), (np.fmin, (1.0, NAN), (1.0, 0.0)), (np.fmax, (NAN, NAN), (NAN, NAN)),
    (np.abs, (NAN,), (NAN,)), (np.clip, (NAN, 0.0, 1.0), (NAN, NAN, NAN)), (np.sqrt, (NAN,), (NAN,)),
    # ── clip: 1 on the closed interval, the bounds get what is left ──
    (np.clip, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)), (np.clip, (1.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    (np.clip, (-1.0, 0.0, 1.0), (0.0, 1.0, 0.0)), (np.clip, (2.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
    (np.clip, (2.0, 3.0, 1.0), (0.0, 0.0, 1.0)), (np.clip, (1.0, 3.0, 1.0), (0.0, 0.0, 1.0)),
    (np.clip, (0.0, 1.0, 1.0), (0.0, 0.5, 0.5)), (np.clip, (2.0, 1.0, 1.0), (0.0, 0.0, 1.0)),
    (lambda x, a: np.clip(x, a, None), (2.0, 2.0), (1.0, 0.0)), (lambda x, a: np.clip(x, None, a), (2.0, 2.0), (1.0, 0.0)),
    (lambda x, a: np.clip(x, a, None), (1.0, 2.0), (0.0, 1.0)), (lambda x, a: np.clip(x, None, a), (3.0, 2.0), (0.0, 1.0)),
    # ── powers ──
    (lambda x: np.power(x, 0), (0.0,), (0.0,)), (lambda x: np.power(x, 0.0), (0.0,), (0.0,)), (lambda x: x**0, (0.0,), (0.0,)),
    (np.power, (0.0, 2.0), (0.0, 0.0)), (np.power, (0.0, 1.0), (1.0, 0.0)), (lambda p: np.power(0.0, p), (1.5,), (0.0,)),
    (np.power, (0.0, 0.5), (INF, 0.0)), (lambda x: np.power(x, 3), (-2.0,), (12.0,)), (lambda x: x ** -2, (-2.0,), (0.25,)),
    (lambda x: np.power(x, 3.0), (-2.0,), (12.0,)), (lambda x: np.float_power(x, 3), (-2.0,), (12.0,)),
    (lambda p: np.power(2.0, p), (3.0,), (8 * np.log(2.0),)), (lambda p: 2**p, (3.0,), (8 * np.log(2.0),)),
    (np.power, (-8.0, 1 / 3), (NAN, NAN)), (np.power, (-2.0, 3.0), (12.0, NAN)), (lambda x: np.power(x, 0.0), (NAN,), (0.0,)),
    (np.sqrt, (0.0,), (INF,)), (np.cbrt, (0.0,), (INF,)), (np.square, (0.0,), (0.0,)), (np.cbrt, (-8.0,), (1 / 12,)),
    (np.reciprocal, (0.0,), (-INF,)), (np.divide, (1.0, 0.0), (INF, -INF)),
    # ── outside the domain: no slope ──
    (np.log, (-1.0,), (NAN,)), (np.log2, (-1.0,), (NAN,)), (np.log10, (-1.0,), (NAN,)), (np.log1p, (-2.0,), (NAN,)),
    (np.sqrt, (-1.0,), (NAN,)), (np.arctanh, (2.0,), (NAN,)), (np.arcsin, (2.0,), (NAN,)), (np.arccos, (-2.0,), (NAN,)),
    (np.arccosh, (0.5,), (NAN,)), (np.arccosh, (-2.0,), (NAN,)), (np.fmod, (1.0, 0.0), (NAN, NAN)),
    (np.remainder, (1.0, 0.0), (NAN, NAN)), (np.log, (0.0,), (INF,)), (np.log1p, (-1.0,), (INF,)),
    (np.arctanh, (1.0,), (INF,)), (np.arcsin, (1.0,), (INF,)), (np.arccos, (1.0,), (-INF,)), (np.arccosh, (1.0,), (INF,)),
    # ── weights of equal infinities ──
    (np.logaddexp, (-INF, -INF), (0.5, 0.5)), (np.logaddexp, (INF, INF), (0.5, 0.5)), (np.logaddexp, (INF, 0.0), (1.0, 0.0)),
    (np.logaddexp, (-INF, 2.0), (0.0, 1.0)), (np.logaddexp, (1e10, 1e10), (0.5, 0.5)), (np.logaddexp, (INF, -INF), (1.0, 0.0)),
    (np.logaddexp2, (-INF, -INF), (0.5, 0.5)), (np.logaddexp2, (3.0, 3.0), (0.5, 0.5)), (np.logaddexp, (NAN, 0.0), (NAN, NAN)),
    (np.logaddexp, (0.0, 800.0), (0.0, 1.0)),
    # ── saturation ──
    (np.tanh, (1000.0,), (0.0,)), (np.tanh, (INF,), (0.0,)), (np.arctan, (INF,), (0.0,)), (np.arcsinh, (INF,), (0.0,)),
    (np.exp, (-INF,), (0.0,)), (np.expm1, (-INF,), (0.0,)), (np.log, (INF,), (0.0,)), (np.arcsinh, (1e200,), (1e-200,)),
    (np.arccosh, (1e200,), (1e-200,)),
    # ── remainders: n of a − n b, also where a/b rounds up ──
    (np.remainder, (5.5, 2.0), (1.0, -2.0)), (np.remainder, (-5.5, 2.0), (1.0, 3.0)), (np.fmod, (-5.5, 2.0), (1.0, 2.0)),
    (np.fmod, (np.nextafter(3.0, 0), 0.1), (1.0, -29.0)), (np.remainder, (5.0, INF), (1.0, 0.0)), (np.remainder, (1.0, -3.0), (1.0, 1.0)),
    # ── signs and steps ──
    (np.copysign, (3.0, -1.0), (-1.0, 0.0)), (np.copysign, (-3.0, -0.0), (1.0, 0.0)), (np.copysign, (0.0, 1.0), (0.0, 0.0)),
    (np.heaviside, (0.0, 0.3), (0.0, 1.0)), (np.heaviside, (1.0, 0.3), (0.0, 0.0)), (np.nextafter, (1.0, 2.0), (1.0, 0.0)),
    (np.nan_to_num, (NAN,), (0.0,)), (np.nan_to_num, (INF,), (0.0,)), (np.nan_to_num, (2.0,), (1.0,)),
    (np.sinc, (0.0,), (0.0,)), (np.i0, (0.0,), (0.0,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args", "expected"), POINTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_point(f, args, expected):
    np.testing.assert_allclose(both(f, *args), expected, rtol=1e-15)
    arrays = tuple(np.array([a, a]) for a in args)
    _, pullback = wg.vjp(f, *arrays)
    for bar, e in zip(pullback(np.ones(2)), expected, strict=True):
        np.testing.assert_allclose(bar, [e, e], rtol=1e-15)


SECOND = [
    (lambda x: np.power(x, 2), 0.0, 2.0), (lambda x: np.power(x, 3), 0.0, 0.0), (lambda x: x**2, 0.0, 2.0),
    (lambda x: np.power(x, 2.0), 0.0, 2.0), (lambda x: x**1, 0.0, 0.0), (lambda x: x**0, 0.0, 0.0), (lambda x: x**3, -2.0, -12.0),
    (lambda x: np.logaddexp(x, 0.0), 0.0, 0.25), (lambda x: np.logaddexp(x, -x), 0.0, 1.0),
    (lambda x: np.logaddexp2(x, 0.0), 0.0, 0.25 * np.log(2)), (np.abs, 0.0, 0.0), (lambda x: np.maximum(x, x), 1.0, 0.0),
    (lambda x: np.hypot(x, x), 0.0, 0.0), (np.tanh, 1000.0, 0.0), (np.tanh, 0.0, 0.0), (np.arcsinh, 0.0, 0.0), (np.i0, 0.0, 0.5),
    (np.sinc, 0.0, -(np.pi**2) / 3), (np.exp2, 0.0, np.log(2) ** 2), (lambda p: np.power(0.0, p), 2.0, 0.0),
    (lambda x: np.clip(x, 0.0, 1.0) ** 2, 1.0, 2.0), (lambda x: np.logaddexp(x, 0.0), 800.0, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "expected"), SECOND)
def test_second_derivative(f, x, expected):
    reverse, forward = wg.grad, lambda g: lambda t: wg.jvp(g, (t,), (1.0,))[1]
    for outer in (reverse, forward):
        for inner in (reverse, forward):
            assert outer(inner(f))(x) == pytest.approx(expected, rel=1e-14, abs=1e-300)


def test_power_in_both_arguments_at_zero():
    hessian = wg.hessian(lambda v: np.power(v[0], v[1]))(np.array([0.0, 2.0]))
    np.testing.assert_array_equal(hessian, [[2.0, 0.0], [0.0, 0.0]])
    hessian = wg.hessian(lambda v: np.power(v[0], v[1]))(np.array([0.0, 3.0]))
    np.testing.assert_array_equal(hessian, [[0.0, 0.0], [0.0, 0.0]])


def test_sinc_at_zero_to_fourth_order():
    f, expected = np.sinc, [0.0, -(np.pi**2) / 3, 0.0, np.pi**4 / 5, 0.0, -(np.pi**6) / 7]
    for value in expected:
        f = wg.grad(f)
        assert f(0.0) == pytest.approx(value, rel=1e-14, abs=1e-300)


def test_i0_at_zero_to_fourth_order():
    f = np.i0
    for value in [0.0, 0.5, 0.0, 0.375]:
        f = wg.grad(f)
        assert f(0.0) == pytest.approx(value, rel=1e-14, abs=1e-300)
    assert wg.grad(np.i0)(1e-300) == pytest.approx(5e-301, rel=1e-15)


def test_dead_branches():
    x = np.array([-1.0, 0.0, 4.0])
    functions = {
        lambda x: np.where(x > 0, np.sqrt(x), 0.0): [0.0, 0.0, 0.25],
        lambda x: np.where(x > 0, np.log(x), 0.0): [0.0, 0.0, 0.25],
        lambda x: np.where(x > 0, x**0.5, x): [1.0, 1.0, 0.25],
        lambda x: np.where(x > 0, np.arctan2(x, x), 0.0): [0.0, 0.0, 0.0],
        lambda x: np.where(np.isnan(np.log(x)), x, np.log1p(x)): [1.0, 1.0, 0.2],
    }
    with np.errstate(all="ignore"):
        for f, expected in functions.items():
            np.testing.assert_allclose(wg.grad(lambda x, f=f: np.sum(f(x)))(x), expected)
            np.testing.assert_allclose(wg.jvp(f, (x,), (np.ones(3),))[1], expected)
            hessian = wg.hessian(lambda x, f=f: np.sum(f(x)))(x)
            assert np.all(np.isfinite(hessian))


def test_complex_points():
    f = wg.grad(np.abs)
    assert f(0j) == 0
    assert f(3 + 4j) == pytest.approx(0.6 + 0.8j)
    assert f(3e200 + 4e200j) == pytest.approx(0.6 + 0.8j)
    assert wg.grad(np.angle)(0j) == 0
    assert wg.grad(np.angle)(2j) == pytest.approx(-0.5)
    assert wg.jvp(np.sign, (0j,), (1 + 1j,))[1] == 0
    np.testing.assert_array_equal(wg.grad(lambda z: np.sum(np.abs(z) ** 2))(np.array([0j, 1 + 2j])), [0j, 2 + 4j])
    assert wg.grad(lambda z: np.abs(np.where(np.isnan(z), 0.0, z)))(complex(NAN, 1.0)) == 0


def test_dead_branch_of_complex_abs_stays_real():
    z = np.array([1 + 1j, complex(NAN, 0)])
    _, y_dot = wg.jvp(lambda z: np.where([True, False], np.abs(z), 1.0) * (1 + 1j), (z,), (np.array([1 + 0j, 0j]),))
    np.testing.assert_allclose(y_dot, [(1 + 1j) * 0.5**0.5, 0.0])
