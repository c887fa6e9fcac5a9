"""Perturbations of nested derivatives do not meet: Siskind & Pearlmutter 2005, ForwardDiff #83, #313, #443, …"""

import numpy as np
import pytest

import wengert as wg

D = {
    "forward": wg.derivative,
    "reverse": wg.grad,
    "jvp": lambda f: lambda x: wg.jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f: lambda x: wg.vjp(f, x)[1](1.0)[0],
    "jacobian": lambda f: wg.jacobian(f),
    "linearize": lambda f: lambda x: wg.linearize(f, x)[1](1.0),
}
PAIRS = [(a, b) for a in D for b in D]


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_siskind_pearlmutter(outer, inner):
    """d/dx x·(d/dy (x + y)) = 1."""
    assert D[outer](lambda x: x * D[inner](lambda y: x + y)(1.0))(1.0) == 1.0


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_forwarddiff_83(outer, inner):
    """d/dx (d/dy x·y² ) = 2y: the inner derivative of a function that multiplies by the outer variable."""
    assert D[outer](lambda x: D[inner](lambda y: x * y * y)(3.0))(5.0) == 6.0


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_inner_at_the_outer_variable(outer, inner):
    """d/dx x·(d/dy x·y at y = x)… = d/dx x·x = 2x; d/dx (d/dy y³)(x²) = 12x³."""
    assert D[outer](lambda x: x * D[inner](lambda y: x * y)(x))(4.0) == 8.0
    assert D[outer](lambda x: D[inner](lambda y: y**3)(x * x))(2.0) == pytest.approx(96.0)


@pytest.mark.parametrize("inner", D)
def test_forwarddiff_313(inner):
    """A gradient whose function takes an inner derivative at each element: Σ xᵢ · d/dt (t² xᵢ)(xᵢ) = 2 Σ xᵢ³."""

    def f(x):
        return sum(v * D[inner](lambda t, v=v: t * t * v)(v) for v in x)

    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(wg.grad(f)(x), 6 * x**2)
    np.testing.assert_allclose(wg.hessian(f)(x), np.diag(12 * x))


def test_three_levels_with_shared_variables():
    """d/dx [x · d/dy (y · d/dz (x y z))] = d/dx [x · 2xy] = 4xy."""

    def f(d1, d2, d3):
        return d1(lambda x: x * d2(lambda y: y * d3(lambda z: x * y * z)(5.0))(3.0))(2.0)

    for a in D.values():
        for b in D.values():
            for c in D.values():
                assert f(a, b, c) == pytest.approx(24.0)


def test_higher_order():
    f = lambda x: np.sin(x) * np.exp(2 * x)
    x = 0.3
    z = complex(2.0, 1.0)
    for n in range(1, 6):
        expected = (z**n * np.exp(z * x)).imag
        assert wg.derivative(f, order=n)(x) == pytest.approx(expected, rel=1e-12)
    g = f
    for n in range(1, 5):
        g = wg.grad(g) if n % 2 else wg.derivative(g)
        assert g(x) == pytest.approx((z**n * np.exp(z * x)).imag, rel=1e-12)


def test_curried_derivative_is_refused():
    """The "amazing bug" (Manzyuk et al. 2019) needs function-valued results; ours are refused with a message."""

    def shift(u):
        return lambda f: lambda x: f(x + u)

    with pytest.raises(TypeError, match=r"(?s)function.*\n"):
        wg.grad(shift)(0.0)
    with pytest.raises(TypeError, match=r"(?s)function.*\n"):
        wg.derivative(shift)(0.0)
    with pytest.raises(TypeError, match=r"(?s)function.*\n"):
        wg.jacobian(shift)(0.0)
    with pytest.raises(TypeError, match=r"(?s)function.*\n"):
        wg.vjp(shift, 0.0)[1](0.0)


def test_amazing_bug_eta_expanded():
    """D(u ↦ D(h ↦ …)): the eta-expanded form of the same program is right."""
    d = wg.derivative
    f = lambda x: np.exp(x)
    assert d(lambda u: d(lambda x: f(x + u))(1.0))(0.0) == pytest.approx(np.e)
    assert d(lambda u: d(lambda v: f(1.0 + u + v))(u))(0.0) == pytest.approx(2 * np.e)


def test_forwarddiff_443_inner_value_in_an_outer_variable():
    """A value of an inner derivative, kept in an outer variable, is refused when it is used."""

    def outer(x):
        kept = []
        wg.grad(lambda t: kept.append(t * x) or t * t)(2.0)
        return kept[0] * x

    with pytest.raises(TypeError, match="no longer valid"):
        wg.grad(outer)(3.0)


def test_leaked_array_element_and_view():
    kept = []
    wg.grad(lambda x: kept.extend([x, x[0], x[1:], x.T]) or np.sum(x))(np.ones(3))
    for leak in kept:
        with pytest.raises(TypeError, match="no longer valid"):
            leak * 2.0
        with pytest.raises(TypeError, match="no longer valid"):
            np.exp(leak)


def test_leaked_value_passed_as_argument():
    kept = []
    wg.grad(lambda x: kept.append(x) or x)(2.0)
    with pytest.raises(TypeError, match="no longer valid"):
        wg.grad(lambda x: x * kept[0])(1.0)
    wg.grad(lambda x: kept.append(x) or np.sum(x))(np.ones(2))
    with pytest.raises(TypeError, match="no longer valid"):
        wg.grad(lambda x: np.sum(x * kept[1]))(np.ones(2))


def test_results_are_plain():
    """Nothing that a derivative returns is a recorded value."""
    aux = wg.grad(lambda x: (x[0] * x[1], [x, x[0], {"k": x * 2}]), has_aux=True)(np.ones(2))[1]
    assert type(aux[0]) is np.ndarray
    assert type(aux[1]) is np.float64
    assert type(aux[2]["k"]) is np.ndarray
    y, g = wg.value_and_grad(lambda x: x * x)(3.0)
    assert type(y) is float
    assert type(g) is float
    y, y_dot = wg.jvp(lambda x: (x, [x[0]]), (np.ones(2),), (np.ones(2),))
    assert type(y[0]) is np.ndarray
    assert type(y[1][0]) is np.float64
    assert type(y_dot[0]) is np.ndarray


def test_derivative_of_a_derivative_captured_constants():
    """Captured outer arrays are constants of the inner call and variables of the outer one."""

    def f(w):
        inner = lambda x: np.sum(w * x * x)
        return np.sum(wg.grad(inner)(np.array([1.0, 2.0])) ** 2)  # Σ (2 w x)²

    w = np.array([3.0, -1.0])
    np.testing.assert_allclose(wg.grad(f)(w), 8 * w * np.array([1.0, 4.0]))


def test_differentiating_through_gradient_descent():
    def train(rate):
        w = np.array([1.0, -2.0])
        for _ in range(5):
            w = w - rate * wg.grad(lambda w: np.sum(w**2))(w)
        return np.sum(w)

    rate = 0.1
    assert wg.grad(train)(rate) == pytest.approx(-1.0 * 5 * (1 - 2 * rate) ** 4 * -2.0)


def test_decorators_and_methods():
    class Model:
        scale = 3.0

        @wg.grad
        def slope(self, x):
            return x

        @staticmethod
        @wg.grad
        def cube(x):
            return x**3

        def loss(self, x):
            return self.scale * x * x

    assert Model.cube(2.0) == 12.0
    assert wg.grad(Model().loss)(2.0) == 12.0

    @wg.grad
    @wg.grad
    def quartic(x):
        """x⁴"""
        return x**4

    assert quartic(2.0) == 48.0
    assert quartic.__doc__ == "x⁴"
    assert quartic.__name__ == "quartic"
