"""The laws of differentiation, each on random functions, points and directions."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laws.generator import UNARY

import wengert as wg

SETTINGS = settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
SMOOTH = UNARY[:13]
MATRIX = np.array([[0.2, -0.5, 0.3], [0.7, 0.1, -0.4]])
numbers = st.floats(-1.5, 1.5).map(lambda v: round(v, 3))
vectors = st.lists(numbers, min_size=3, max_size=3).map(np.array)
functions = st.lists(st.sampled_from(SMOOTH), min_size=1, max_size=3)


def composed(parts):
    """R³ → R³: elementwise functions with a mixing in between."""

    def f(x):
        for part in parts:
            x = 0.5 * part(x) + 0.1 * np.roll(x, 1) * x[0]
        return x

    return f


class TestDuality:
    """⟨ȳ, J ẋ⟩ = ⟨Jᵀ ȳ, ẋ⟩."""

    @SETTINGS
    @given(functions, vectors, vectors, vectors)
    def test_real(self, parts, x, v, c):
        f = composed(parts)
        y_dot, x_bar = wg.jvp(f, (x,), (v,))[1], wg.vjp(f, x)[1](c)[0]
        size = np.sum(np.abs(c * y_dot)) + np.sum(np.abs(x_bar * v))
        assert abs(np.dot(c, y_dot) - np.dot(x_bar, v)) <= 1e-12 * size + 1e-300

    @SETTINGS
    @given(functions, vectors, vectors, vectors, vectors)
    def test_complex(self, parts, x, y, v, c):
        """The real-linear map and its adjoint: Re⟨ȳ, J ẋ⟩ = Re⟨J* ȳ, ẋ⟩."""

        def f(z):
            return composed(parts[:1])(np.real(z)) * z + 1j * np.conj(z) * np.imag(z) + np.abs(z + 3.0)

        z, z_dot, w = x + 1j * y, v - 1j * c, c + 1j * v
        left = np.real(np.vdot(w, wg.jvp(f, (z,), (z_dot,))[1]))
        right = np.real(np.vdot(wg.vjp(f, z)[1](w)[0], z_dot))
        assert left == pytest.approx(right, rel=1e-11, abs=1e-11)


class TestLinearity:
    """J (a ẋ + b ẇ) = a J ẋ + b J ẇ, and the same for the pullback."""

    @SETTINGS
    @given(functions, vectors, vectors, vectors, numbers, numbers)
    def test_pushforward_and_pullback(self, parts, x, v, w, a, b):
        f = composed(parts)
        _, push = wg.linearize(f, x)
        np.testing.assert_allclose(push(a * v + b * w), a * push(v) + b * push(w), rtol=1e-11, atol=1e-12)
        _, pull = wg.vjp(f, x)
        np.testing.assert_allclose(pull(a * v + b * w)[0], a * pull(v)[0] + b * pull(w)[0], rtol=1e-11, atol=1e-12)
        assert not np.any(push(0 * v))
        assert not np.any(pull(0 * v)[0])

    @SETTINGS
    @given(functions, functions, vectors, numbers, numbers)
    def test_of_the_operator(self, one, two, x, a, b):
        """(a f + b g)′ = a f′ + b g′."""
        f, g = (lambda x, parts=parts: np.sum(composed(parts)(x)) for parts in (one, two))
        combined = wg.grad(lambda x: a * f(x) + b * g(x))(x)
        np.testing.assert_allclose(combined, a * wg.grad(f)(x) + b * wg.grad(g)(x), rtol=1e-11, atol=1e-12)


class TestChainRule:
    """(g ∘ f)′(x) = g′(f(x)) f′(x)."""

    @SETTINGS
    @given(functions, functions, vectors, vectors)
    def test_jvp_and_vjp(self, one, two, x, v):
        f, g = composed(one), composed(two)
        y, y_dot = wg.jvp(f, (x,), (v,))
        z_dot = wg.jvp(g, (y,), (y_dot,))[1]
        np.testing.assert_allclose(wg.jvp(lambda x: g(f(x)), (x,), (v,))[1], z_dot, rtol=1e-12, atol=1e-13)
        x_bar = wg.vjp(f, x)[1](wg.vjp(g, y)[1](v)[0])[0]
        np.testing.assert_allclose(wg.vjp(lambda x: g(f(x)), x)[1](v)[0], x_bar, rtol=1e-11, atol=1e-12)

    @SETTINGS
    @given(functions, functions, vectors)
    def test_jacobians_multiply(self, one, two, x):
        f, g = composed(one), composed(two)
        product = wg.jacobian(g)(f(x)) @ wg.jacobian(f)(x)
        for mode in ("forward", "reverse"):
            together = wg.jacobian(lambda x: g(f(x)), mode=mode)(x)
            np.testing.assert_allclose(together, product, rtol=1e-10, atol=1e-12)


class TestProductAndQuotient:
    """(fg)′ = f′g + fg′ and (f/g)′ = (f′g − fg′)/g²."""

    @SETTINGS
    @given(st.sampled_from(SMOOTH), st.sampled_from(SMOOTH), numbers)
    def test_rules(self, f, g, x):
        h = lambda x: 3.0 + np.sin(g(x))
        df, dh = wg.grad(f)(x), wg.grad(h)(x)
        assert wg.grad(lambda x: f(x) * h(x))(x) == pytest.approx(df * h(x) + f(x) * dh, rel=1e-11, abs=1e-13)
        quotient = (df * h(x) - f(x) * dh) / h(x) ** 2
        assert wg.grad(lambda x: f(x) / h(x))(x) == pytest.approx(quotient, rel=1e-11, abs=1e-12)


class TestModes:
    """Every operator states the same derivative."""

    @SETTINGS
    @given(functions, vectors, vectors)
    def test_operators_agree(self, parts, x, v):
        f = composed(parts)
        j = wg.jacobian(f, mode="reverse")(x)
        np.testing.assert_allclose(wg.jacobian(f, mode="forward")(x), j, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(wg.jacobian(f)(x), j, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(wg.jvp(f, (x,), (v,))[1], j @ v, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(wg.linearize(f, x)[1](v), j @ v, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(wg.vjp(f, x)[1](v)[0], v @ j, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(wg.directional_derivative(f, x, v), j @ v, rtol=1e-10, atol=1e-12)
        s = lambda x: np.sum(f(x) * v)
        np.testing.assert_allclose(wg.grad(s)(x), v @ j, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(
            wg.hvp(s, (x,), (v,)), wg.hessian(s)(x) @ v, rtol=1e-9, atol=1e-9 * (1 + np.max(np.abs(wg.hessian(s)(x))))
        )

    @SETTINGS
    @given(functions, vectors)
    def test_hessian_is_symmetric(self, parts, x):
        f = lambda x: np.sum(np.tanh(MATRIX @ composed(parts)(x)))
        h = wg.hessian(f)(x)
        scale = 1e-11 * (1 + np.max(np.abs(h)))
        np.testing.assert_allclose(h, h.T, atol=scale)
        np.testing.assert_allclose(wg.jacobian(wg.grad(f), mode="reverse")(x), h, atol=10 * scale)
        np.testing.assert_allclose(wg.jacobian(wg.jacobian(f, mode="forward"), mode="reverse")(x), h, atol=10 * scale)

    @SETTINGS
    @given(functions, vectors)
    def test_several_arguments_are_one(self, parts, x):
        """Differentiating (a, b, c) is differentiating their concatenation."""
        f = lambda x: np.sum(composed(parts)(x) ** 2)
        whole = wg.grad(f)(x)
        split = wg.grad(lambda a, b: f(np.concatenate([a, b])), argnums=(0, 1))(x[:1], x[1:])
        np.testing.assert_allclose(np.concatenate(split), whole, rtol=1e-12, atol=1e-13)
        tree = wg.grad(lambda p: f(np.array([p["a"], *p["b"]])))({"a": float(x[0]), "b": [float(v) for v in x[1:]]})
        np.testing.assert_allclose([tree["a"], *tree["b"]], whole, rtol=1e-12, atol=1e-13)


class TestInverse:
    """The Jacobian of an inverse function is the inverse Jacobian."""

    @SETTINGS
    @given(vectors)
    def test_pairs(self, x):
        for f, g in ((np.sinh, np.arcsinh), (np.exp, np.log), (np.tanh, np.arctanh), (np.expm1, np.log1p)):
            np.testing.assert_allclose(wg.jacobian(lambda x, f=f, g=g: g(f(x)))(x), np.eye(3), rtol=1e-12, atol=1e-12)


class TestTranslation:
    """d/dt f(x + t v) at t is the derivative of f at x + t v along v."""

    @SETTINGS
    @given(functions, vectors, vectors, numbers)
    def test_along_a_line(self, parts, x, v, t):
        f = composed(parts)
        left = wg.derivative(lambda t: f(x + t * v))(t)
        np.testing.assert_allclose(left, wg.jvp(f, (x + t * v,), (v,))[1], rtol=1e-12, atol=1e-13)


class TestEuler:
    """A homogeneous function of degree 2: ⟨∇f(x), x⟩ = 2 f(x)."""

    @SETTINGS
    @given(vectors)
    def test_degree_two(self, x):
        f = lambda x: np.sum(np.outer(x, x) * np.outer(x, x)) / (1e-3 + 0 * x[0] + np.sum(x * x))
        g = lambda x: np.linalg.norm(x) ** 2 + np.max(np.abs(x)) * np.sum(np.abs(x))
        assert np.dot(wg.grad(g)(x), x) == pytest.approx(2 * g(x), rel=1e-11, abs=1e-12)
        assert np.isfinite(wg.grad(f)(x)).all()
