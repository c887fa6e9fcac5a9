"""wengert.rule: primitives of a user's own, and rules for functions that have none."""

import math
import pickle

import numpy as np
import pytest
from numpy._core.overrides import array_function_dispatch
from tracing import retrace

import wengert as wg
from wengert.errors import BadInput, LostDerivative, NoDerivative, WrongDerivative

NUMBER = float
"""Under this name float cuts a derivative: it is refused."""


@wg.rule
def cube(x):
    """x³."""
    return np.asarray([e**3 for e in np.ravel(x).tolist()]).reshape(np.shape(x))[()]


@cube.forward
def _(y, x, x_dot):
    return 3 * x**2 * x_dot


@wg.rule
def mix(a, b, n=2, *, scale=1.0):
    return scale * a**n * np.sin(b)


@mix.forward
def _(y, a, b, n, a_dot, b_dot, scale=1.0):
    return scale * (n * a ** (n - 1) * np.sin(b) * a_dot + a**n * np.cos(b) * b_dot)


def sine(x):
    return math.sin(NUMBER(x))


def test_one_forward_rule_suffices():
    assert wg.grad(cube)(2.0) == 12.0
    assert wg.grad(wg.grad(cube))(2.0) == 12.0
    assert wg.jvp(wg.grad(cube), (2.0,), (1.0,)) == (12.0, 12.0)
    np.testing.assert_allclose(wg.jacobian(cube)(np.array([1.0, 2.0])), np.diag([3.0, 12.0]))
    np.testing.assert_allclose(wg.hessian(lambda x: np.sum(cube(x)))(np.array([1.0, 2.0])), np.diag([6.0, 12.0]))
    assert wg.check_rule(cube, 2.0) < 1e-9
    assert wg.check_rule(cube, np.array([[1.0, -2.0]])) < 1e-9


def test_called_as_before():
    assert cube(2.0) == 8.0
    assert cube.__doc__ == "x³."
    assert type(cube(np.ones(2))) is np.ndarray


def test_several_arguments_defaults_and_keywords():
    a, b = np.array([0.5, 1.5]), np.array([[0.3], [0.8]])
    assert wg.check_rule(mix, a, b) < 1e-7
    assert wg.check_grad(lambda a, b: mix(a, b=b, n=3, scale=2.0), a, b, order=2) < 1e-7
    assert wg.grad(lambda a: mix(a, 0.5))(1.5) == pytest.approx(3 * np.sin(0.5))


def test_argument_without_tangent_is_refused_when_recorded():
    with pytest.raises(NoDerivative, match=r"mix has no derivative with respect to its argument 2"):
        wg.grad(lambda n: mix(1.0, 1.0, n))(2.0)
    with pytest.raises(NoDerivative, match=r"keyword argument 'scale'"):
        wg.grad(lambda s: mix(1.0, 1.0, scale=s))(2.0)


def test_pullback():
    calls = []

    @wg.rule
    def square(x):
        return x * x

    square.forward(lambda y, x, x_dot: 2 * x * x_dot)

    @square.pullback
    def _(c, y, x):
        calls.append(1)
        return 2 * x * c

    assert wg.grad(square)(3.0) == 6.0
    assert calls
    assert wg.check_rule(square, np.array([1.0, 2.0])) < 1e-9


def test_wrong_rules_are_found():
    wrong = wg.rule(lambda x: x**2).forward(lambda y, x, x_dot: np.where(x == 2.0, 3.0, 2.0) * x * x_dot)
    with pytest.raises(
        WrongDerivative, match=r"forward derivative .* argument 0 \('x'\), element \[1\], is 6; .* give 4"
    ):
        wg.check_rule(wrong, np.array([1.0, 2.0, 3.0]))
    wrong = wg.rule(lambda x: x**2).forward(lambda y, x, x_dot: 2 * x * x_dot).pullback(lambda c, y, x: 3 * x * c)
    with pytest.raises(WrongDerivative, match=r"reverse derivative .* is .*; forward mode gives"):
        wg.check_rule(wrong, 2.0)


def test_shapes_are_checked():
    wrong = wg.rule(lambda x: np.sum(x)).forward(lambda y, x, x_dot: x_dot)
    with pytest.raises(WrongDerivative, match=r"The tangent of y has the shape of y"):
        wg.jvp(wrong, (np.ones(3),), (np.ones(3),))
    wrong = wg.rule(lambda x: np.sum(x)).forward(lambda y, x, x_dot: np.sum(x_dot)).pullback(lambda c, y, x: c)
    with pytest.raises(WrongDerivative, match=r"cotangent of an argument has its shape"):
        wg.grad(wrong)(np.ones(3))


def test_several_results():
    @wg.rule
    def polar(x, y):
        return math.hypot(x, y), math.atan2(y, x)

    @polar.forward
    def _(out, x, y, x_dot, y_dot):
        r, _ = out
        return (x * x_dot + y * y_dot) / r, (x * y_dot - y * x_dot) / r**2

    assert wg.check_rule(polar, 1.0, 2.0) < 1e-8
    assert wg.grad(lambda x: polar(x, 2.0)[0])(1.0) == pytest.approx(1 / math.sqrt(5))


def test_complex():
    @wg.rule
    def square(z):
        return z * z

    square.forward(lambda y, z, z_dot: 2 * z * z_dot)
    assert wg.check_rule(square, 1.0 + 2.0j) < 1e-8
    square.pullback(lambda c, y, z: 2 * np.conj(z) * c)
    assert wg.check_rule(square, 1.0 + 2.0j) < 1e-8


def test_existing_functions():
    own = np.frompyfunc(lambda x: math.sin(NUMBER(x)), 1, 1)
    with pytest.raises(LostDerivative, match=r"float\(\) on a recorded"):
        wg.grad(own)(1.0)
    with wg.rule(own).forward(lambda y, x, x_dot: np.cos(x) * x_dot).only_here():
        assert wg.grad(own)(1.0) == math.cos(1.0)
    with pytest.raises(LostDerivative):
        wg.grad(own)(1.0)


@array_function_dispatch(lambda x: (x,))
def exact_sum(x):
    return NUMBER(np.sum(x))


def test_function_that_numpy_dispatches():
    with pytest.raises(TypeError, match=r"cut its derivative"):
        wg.grad(exact_sum)(np.ones(3))
    with wg.rule(exact_sum).forward(lambda y, x, x_dot: np.sum(x_dot)).only_here():
        np.testing.assert_array_equal(wg.grad(exact_sum)(np.arange(3.0)), 1.0)
    with pytest.raises(TypeError, match=r"cut its derivative"):
        wg.grad(exact_sum)(np.ones(3))


def test_a_function_of_the_module():
    with pytest.raises(TypeError, match=r"cut its derivative"):
        wg.grad(lambda x: sine(x))(0.5)
    with wg.rule(sine).forward(lambda y, x, x_dot: np.cos(x) * x_dot).only_here():
        assert wg.grad(lambda x: sine(x))(0.5) == math.cos(0.5)
        original = sine
    assert sine is original
    with pytest.raises(TypeError, match=r"cut its derivative"):
        wg.grad(lambda x: sine(x))(0.5)


def test_method():
    class Model:
        scale = 2.0

        @wg.rule
        def value(self, x):
            return self.scale * math.exp(x)

    Model.value.forward(lambda y, self, x, x_dot: y * x_dot)
    model = Model()
    assert wg.grad(model.value)(0.0) == 2.0


def test_errors():
    with pytest.raises(BadInput, match=r"rule expects a function, got int"):
        wg.rule(3)
    with pytest.raises(BadInput, match=r"names no tangent"):
        wg.rule(lambda x: x).forward(lambda y, x: x)
    with pytest.raises(BadInput, match=r"has a tangent z_dot of no argument"):
        wg.rule(lambda x: x).forward(lambda y, x, z_dot: x)
    with pytest.raises(BadInput, match=r"state the forward rule of .* first"):
        wg.rule(lambda x: x).pullback(lambda c, y, x: c)
    with pytest.raises(BadInput, match=r"numpy.sin has a derivative already"):
        wg.rule(np.sin).forward(lambda y, x, x_dot: x_dot)
    with pytest.raises(NoDerivative, match=r"no derivative rule for .*\nState one with @f\.forward"):
        wg.grad(wg.rule(unruled))(1.0)
    with pytest.raises(BadInput, match=r"check_rule expects what wengert.rule returned"):
        wg.check_rule(np.sin, 1.0)


def f(x):
    return x


unruled = f


def test_trace_keeps_it_whole():
    t = retrace(lambda x: cube(x) * 2.0, 3.0)
    assert "cube(x)" in str(t)
    retrace(wg.grad(cube), 3.0)


def test_pickles():
    assert pickle.loads(pickle.dumps(cube)) is cube
    assert pickle.loads(pickle.dumps(wg.grad(cube)))(2.0) == 12.0
