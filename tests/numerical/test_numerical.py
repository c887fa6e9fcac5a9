"""Differences: every stencil has the order it claims, estimates bound the error, bad input is named."""

import subprocess
import sys
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from wengert import numerical
from wengert.errors import BadInput, WrongDerivative
from wengert.numerical import adaptive, complex_step, derivative, gradient, hessian, jacobian, richardson
from wengert.numerical.stencils import METHODS, _fornberg, stencil, weights

ACCURACIES = {"forward": (1, 2, 3, 4, 5, 6), "backward": (1, 2, 3, 4, 5, 6), "central": (2, 4, 6, 8)}
STENCILS = [(method, order, p) for method in METHODS for order in (1, 2, 3, 4) for p in ACCURACIES[method]]


def wave(x):
    return np.exp(0.5 * x) * np.sin(x + 0.3)


def wave_derivative(x, order):
    """Im of ((½ + i)ᵐ exp((½ + i)x + 0.3i))."""
    return np.imag((0.5 + 1j) ** order * np.exp((0.5 + 1j) * x + 0.3j))


# ── stencils ──


@pytest.mark.parametrize(("method", "order", "p"), STENCILS)
def test_error_falls_with_the_power_of_the_step_that_is_claimed(method, order, p):
    """Halving h divides the error by 2ᵖ; in 60 digits, so that rounding does not come in between."""
    formula = stencil(method, order, p)
    with mpmath.workdps(60):
        exact_weights = _fornberg([Fraction(k) for k in formula.nodes], order, Fraction(0))
        np.testing.assert_array_equal([float(w) for w in exact_weights], formula.weights)
        w = [mpmath.mpf(w.numerator) / w.denominator for w in exact_weights]
        wave, at = lambda x: mpmath.exp(x / 2) * mpmath.sin(x + 0.3), mpmath.mpf(0.7)
        exact = mpmath.diff(wave, at, order)
        errors = [
            abs(sum(a * wave(at + k * h) for a, k in zip(w, formula.nodes, strict=True)) / h**order - exact)
            for h in (mpmath.mpf(2) ** -8, mpmath.mpf(2) ** -9)
        ]
        assert p - 0.1 < mpmath.log(errors[0] / errors[1], 2) < p + 0.1


@pytest.mark.parametrize(("method", "order", "p"), STENCILS)
def test_stencils_are_exact_on_polynomials_and_no_further(method, order, p):
    formula = stencil(method, order, p)
    for degree in range(order + p):
        moment = sum(w * float(k) ** degree for k, w in zip(formula.nodes, formula.weights, strict=True))
        exact = np.prod(np.arange(1.0, order + 1)) if degree == order else 0.0
        size = sum(abs(w * float(k) ** degree) for k, w in zip(formula.nodes, formula.weights, strict=True))
        assert abs(moment - exact) <= 1e-14 * size
    assert formula.truncation > 0


@pytest.mark.parametrize(
    ("method", "order", "p", "expected"),
    [
        ("central", 1, 2, (-1 / 2, 1 / 2)),
        ("central", 1, 4, (1 / 12, -2 / 3, 2 / 3, -1 / 12)),
        ("central", 2, 4, (-1 / 12, 4 / 3, -5 / 2, 4 / 3, -1 / 12)),
        ("central", 4, 2, (1, -4, 6, -4, 1)),
        ("forward", 1, 3, (-11 / 6, 3, -3 / 2, 1 / 3)),
        ("forward", 2, 2, (2, -5, 4, -1)),
        ("backward", 1, 2, (1 / 2, -2, 3 / 2)),
    ],
)
def test_published_weights(method, order, p, expected):
    """Fornberg 1988, tables 1 and 3."""
    assert stencil(method, order, p).weights == expected


def test_weights_on_any_nodes():
    nodes = [0.1, -0.7, 0.35, 1.2, 2.0]
    for order in range(5):
        w = weights(nodes, order, at=0.2)
        for degree in range(5):
            coefficients = np.zeros(degree + 1)
            coefficients[0] = 1.0
            exact = np.polyval(np.polyder(coefficients, order), 0.2)
            assert w @ np.array(nodes) ** degree == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize(("method", "order", "p"), [s for s in STENCILS if s[1] < 3])
def test_automatic_step_is_near_the_best(method, order, p):
    """No step of a fine scan is better than the chosen one by more than a factor that rounding luck explains."""
    points = np.linspace(-1.0, 1.0, 7)
    exact = wave_derivative(points, order)

    def error(step):
        return np.max(np.abs(derivative(wave, points, order=order, method=method, accuracy=p, step=step) - exact))

    best = min(error(2.0**-k) for k in range(1, 45))
    assert error(None) < 30 * best


# ── derivative, gradient, jacobian, hessian ──


@pytest.mark.parametrize("method", ["forward", "backward", "central", "complex", "richardson"])
@pytest.mark.parametrize("vectorized", [False, True])
def test_all_shapes(method, vectorized):
    rng = np.random.default_rng(0)
    A = rng.normal(size=(4, 6))
    x = rng.uniform(0.5, 1.5, (2, 3))
    tolerance = {"forward": 1e-6, "backward": 1e-6, "central": 1e-8}.get(method, 1e-11)

    def f(x):
        return np.sin(A @ np.reshape(x, (*x.shape[:-2], 6))[..., None])[..., 0]

    J = jacobian(f, x, method=method, vectorized=vectorized)
    assert J.shape == (4, 2, 3)
    np.testing.assert_allclose(J, (np.cos(A @ x.ravel())[:, None] * A).reshape(4, 2, 3), atol=tolerance)
    g = gradient(lambda x: np.sum(f(x), axis=-1), x, method=method, vectorized=vectorized)
    assert g.shape == x.shape
    np.testing.assert_allclose(g, J.sum(0), atol=10 * tolerance)
    d = derivative(wave, x, method=method, vectorized=vectorized)
    np.testing.assert_allclose(d, wave_derivative(x, 1), atol=tolerance)
    np.testing.assert_allclose(
        derivative(lambda t: np.multiply.outer(t, [1.0, 2.0]) ** 2, 1.5, method=method, vectorized=vectorized),
        [3.0, 12.0], atol=10 * tolerance,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "accuracy"), [("forward", 2), ("backward", 2), ("central", 2), ("central", 6), ("complex", 4)]
)
@pytest.mark.parametrize("vectorized", [False, True])
def test_hessian(method, accuracy, vectorized):
    rng = np.random.default_rng(1)
    x = rng.uniform(0.5, 1.5, (2, 2))

    def f(x):
        x = np.reshape(x, (*x.shape[:-2], 4))
        return np.exp(0.3 * x[..., 0] * x[..., 1]) + np.sin(x[..., 2]) * x[..., 3] ** 2 + x[..., 0] ** 3

    a, b, c, d = x.ravel()
    e = np.exp(0.3 * a * b)
    exact = np.zeros((4, 4))
    exact[0, 0], exact[1, 1] = 0.09 * b * b * e + 6 * a, 0.09 * a * a * e
    exact[0, 1] = exact[1, 0] = 0.3 * e + 0.09 * a * b * e
    exact[2, 2], exact[3, 3] = -np.sin(c) * d * d, 2 * np.sin(c)
    exact[2, 3] = exact[3, 2] = 2 * d * np.cos(c)
    H = hessian(f, x, method=method, accuracy=accuracy, vectorized=vectorized)
    assert H.shape == (2, 2, 2, 2)
    np.testing.assert_array_equal(H.reshape(4, 4), H.reshape(4, 4).T)
    np.testing.assert_allclose(H.reshape(4, 4), exact, atol={"forward": 1e-3, "backward": 1e-3}.get(method, 2e-6))


def test_vectorized_is_one_call():
    calls = []

    def f(x):
        calls.append(x.shape)
        return np.sum(x**2, axis=-1)

    x = np.arange(3.0)
    gradient(f, x, vectorized=True)
    hessian(f, x, vectorized=True)
    derivative(lambda t: calls.append(np.shape(t)) or t**2, 1.0, method="forward", accuracy=3, vectorized=True)
    assert calls == [(6, 3), (19, 3), (4,)]


def test_the_argument_stays_as_it_was():
    x = np.arange(3.0)

    def f(x):
        x *= 2
        return np.sum(x**2)

    np.testing.assert_allclose(gradient(f, x), 8 * np.arange(3.0), atol=1e-7)
    np.testing.assert_array_equal(x, np.arange(3.0))


def test_single_precision_and_whole_numbers():
    x = np.array([0.5, 2.0], np.float32)
    d = derivative(np.sin, x)
    assert d.dtype == np.float32
    np.testing.assert_allclose(d, np.cos(x), atol=2e-4)
    assert derivative(np.sin, x, method="complex").dtype == np.float32
    assert derivative(lambda x: x**2, 3) == pytest.approx(6.0)
    assert type(derivative(lambda x: x**2, 3.0)) is np.float64


def test_large_points_have_large_steps():
    assert derivative(lambda x: x**2, 1e8) == pytest.approx(2e8, rel=1e-9)
    assert richardson(np.log, 1e12).value == pytest.approx(1e-12, rel=1e-9)


# ── Richardson, complex step, SciPy ──

FAMILY = {
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "arctan, steep": (lambda x: np.arctan(20 * (x - 1)), lambda x: 20 / (1 + 400 * (x - 1) ** 2)),
    "fast": (lambda x: np.sin(50 * x), lambda x: 50 * np.cos(50 * x)),
    "pole": (lambda x: 1 / x, lambda x: -1 / x**2),
    "power": (lambda x: x**7.5, lambda x: 7.5 * x**6.5),
    "cancelling": (lambda x: (1 + 1e6) + x * 1e-3 - 1, lambda x: 1e-3 + 0 * x),
    "nearly singular": (lambda x: np.sqrt(x - 0.0999), lambda x: 0.5 / np.sqrt(x - 0.0999)),
}


@pytest.mark.parametrize("name", FAMILY)
def test_richardson_bounds_its_error(name):
    f, slope = FAMILY[name]
    x = np.array([0.1, 0.3, 0.999, 1.7, 3.0, 12.0])
    found = richardson(f, x)
    true = np.abs(found.value - slope(x))
    assert np.all(np.isfinite(found.error))
    assert np.all(true <= 2 * found.error + 4e-16 * np.abs(slope(x)))
    assert np.all(found.step > 0)


def test_richardson_is_not_hopelessly_careful():
    found = richardson(np.sin, np.linspace(0, 3, 20))
    assert np.all(found.error < 1e-11)


def test_richardson_near_kinks_and_singularities():
    found = richardson(np.sqrt, np.array([1e-6, 1e-12]))
    assert np.all(np.abs(found.value / [500.0, 5e5] - 1) < 1e-9)
    found = richardson(lambda x: np.abs(x - 1e-3), 0.0)
    assert abs(found.value + 1.0) <= found.error < 1e-8
    found = richardson(lambda x: np.abs(x - 1.0001), 1.0, step=1e-3)
    assert abs(found.value + 1.0) <= found.error < 1e-8
    assert not np.isfinite(richardson(lambda x: x * np.nan, 1.0).error)
    jump = richardson(np.sign, 1e-12)
    assert jump.error > 0.5 * abs(jump.value)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_richardson_of_higher_order(order):
    found = richardson(wave, np.array([0.2, 1.4]), order=order)
    true = np.abs(found.value - wave_derivative(np.array([0.2, 1.4]), order))
    assert np.all(true <= 2 * found.error)
    assert np.all(true < 1e-6)


@pytest.mark.parametrize("name", ["sin", "exp", "log", "sqrt", "pole", "fast", "power"])
def test_complex_step_is_exact_to_rounding(name):
    f, slope = FAMILY[name]
    x = np.array([0.1, 0.3, 0.999, 1.7, 3.0, 12.0])
    exact = slope(x)
    # A power is exp of a logarithm to NumPy: some ulps more.
    assert np.all(np.abs(complex_step(f, x) - exact) <= (20 if name == "power" else 2) * np.spacing(np.abs(exact)))


@pytest.mark.parametrize("f", [lambda x: np.abs(x) * x, lambda x: np.conj(x) * x, lambda x: np.real(x) + 0 * x])
def test_complex_step_of_what_is_not_analytic(f):
    with pytest.raises(WrongDerivative, match="not analytic"):
        complex_step(f, 1.5)
    with pytest.raises(WrongDerivative, match="not analytic"):
        gradient(lambda x: f(x[0]), np.array([1.5]), method="complex")


def test_complex_step_of_a_cast():
    with pytest.raises(BadInput, match="of a complex number is real"):
        complex_step(np.abs, 1.5)


def test_adaptive():
    x = np.array([[0.3, 1.0], [2.0, 0.7]])
    found = adaptive(np.exp, x)
    np.testing.assert_allclose(found.value, np.exp(x), rtol=1e-10)
    assert found.error.shape == x.shape
    assert not np.isfinite(adaptive(lambda x: np.log(x), np.array([0.01]), maxiter=1).error[0])


def test_scipy_stays_out_until_it_is_asked_for():
    code = "import sys, wengert.numerical as n; n.gradient(lambda x: x[0], [1.0]); print('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# ── bad input ──


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: derivative(np.sin, "a"), BadInput, "x is str, not real numbers"),
        (lambda: derivative(np.sin, 1j), BadInput, "x is complex"),
        (lambda: derivative(np.sin, 1.0, method="sideways"), ValueError, "method is 'sideways'"),
        (lambda: derivative(np.sin, 1.0, accuracy=3), ValueError, "accuracy of the central method is 3"),
        (lambda: derivative(np.sin, 1.0, order=0), ValueError, "order is 0"),
        (lambda: derivative(np.sin, 1.0, order=2, method="complex"), ValueError, "has order 1, not 2"),
        (lambda: derivative(np.sum, np.ones(3)), BadInput, r"sum maps shape \(3,\) to \(\)"),
        (lambda: derivative(lambda x: None, 1.0), BadInput, "returned None"),
        (lambda: derivative(lambda x: "a", 1.0), BadInput, "not numbers"),
        (lambda: gradient(np.sin, np.ones(3)), BadInput, r"returned shape \(3,\)"),
        (lambda: hessian(np.sin, np.ones(3)), BadInput, r"returned shape \(3,\)"),
        (lambda: gradient(np.sum, np.ones(3), vectorized=True), BadInput, "was given 6 points"),
        (lambda: hessian(np.sum, np.ones(3), method="richardson"), ValueError, "method is 'richardson'"),
        (lambda: richardson(np.sin, 1.0, levels=1), ValueError, "levels is 1"),
        (lambda: weights([0, 1, 1]), ValueError, "has a node twice"),
        (lambda: weights([0, 1], order=2), ValueError, "2 nodes are too few"),
    ],
)  # fmt: skip
def test_bad_input(call, kind, message):
    with pytest.raises(kind, match=message) as error:
        call()
    assert "\n" in str(error.value)


def test_all_names_exist():
    assert set(numerical.__all__) <= {*vars(numerical), "adaptive"}
