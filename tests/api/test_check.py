"""check_grad: right derivatives pass, wrong ones are named; and the differences that it leans on."""

import numpy as np
import pytest

import wengert as wg
from wengert.errors import BadInput, WrongDerivative
from wengert.numerical import complex_step, differences

RIGHT = {
    "scalar": (lambda x: np.sin(x) * x, (0.7,)),
    "vector": (lambda x: np.exp(-x) * x[::-1], (np.array([0.5, 1.0, 2.0]),)),
    "two arguments": (lambda a, b: a @ b, (np.ones((2, 3)), np.arange(3.0))),
    "containers": (lambda p: {"y": p["w"] * p["b"][0]}, ({"w": np.array([1.0, 2.0]), "b": [3.0]},)),
    "complex": (lambda z: z * np.conj(z) * z, (np.array([1 + 2j, 0.5j]),)),
    "not analytic": (lambda x: np.sqrt(x * np.conj(x)).real, (np.array([1.0, -2.0]),)),
    "fixed argument": (lambda x, n: x**n, (1.5, 3)),
    "large": (lambda x: x**2, (1e4,)),
    "tiny": (lambda x: np.log(x), (1e-8,)),
    "at zero": (lambda x: x**3 + x, (0.0,)),
    "in place": (lambda x: wg_fill(x), (np.array([1.0, 2.0]),)),
}


def wg_fill(x):
    y = np.zeros(2)
    y[0] = x[1] ** 2
    y[1] = y[0] * x[0]
    return y


@pytest.mark.parametrize("name", RIGHT)
def test_right(name):
    f, args = RIGHT[name]
    assert wg.check_grad(f, *args) < 1e-7
    assert wg.check_grad(f, *args, order=2) < 1e-6


def test_single_precision():
    assert wg.check_grad(lambda x: np.sin(x), np.array([0.5, 1.0], np.float32)) < 1e-3


def test_wrong_element_is_named():
    wrong = wg.rule(weighted).forward(lambda y, p, x, x_dot: p * x_dot * np.array([1.0, 1.0, 2.0]))
    with pytest.raises(WrongDerivative) as error:
        wg.check_grad(lambda x: wrong(3.0, x), np.ones(3))
    assert str(error.value) == (
        "the forward derivative of <lambda> with respect to argument 0 ('x'), element [2], is 6; "
        "differences give 3 (element 2 of the result)."
    )


def weighted(p, x):
    return p * x


def test_leaf_is_named():
    wrong = wg.rule(lambda a: a * a).forward(lambda y, a, a_dot: 3 * a * a_dot)
    with pytest.raises(WrongDerivative, match=r"argument 0 \('p\['b'\]\[0\]'\) is 6; differences give 4"):
        wg.check_grad(lambda p: p["a"] * wrong(p["b"][0]), {"a": 1.0, "b": [2.0]})


def test_missing_dependence_is_found():
    with pytest.raises(WrongDerivative, match=r"forward derivative .* is 2; differences give 4"):
        wg.check_grad(lambda x: x * wg.stop_gradient(x), 2.0)


def test_second_order():
    # The first derivative is right at 1, the second is not.
    wrong = wg.rule(lambda x: x**2 / 2).forward(lambda y, x, x_dot: wg.stop_gradient(x) * x_dot)
    assert wg.check_grad(wrong, 1.0) < 1e-8
    with pytest.raises(WrongDerivative, match=r"the gradient of"):
        wg.check_grad(wrong, 1.0, order=2)


def test_jump():
    with pytest.raises(WrongDerivative, match=r"do not settle.*\n.*kink, a jump or noise"):
        wg.check_grad(lambda x: np.floor(x), 1.0)


def test_errors():
    with pytest.raises(BadInput, match=r"check_grad expects a function, got float"):
        wg.check_grad(1.0)
    with pytest.raises(BadInput, match=r"no argument is floating"):
        wg.check_grad(lambda n: n, 3)


def test_differences():
    value, error = differences(lambda t: np.array([np.exp(t), np.sin(3 * t), 1e6 * t]))
    np.testing.assert_allclose(value, [1.0, 3.0, 1e6], rtol=1e-12)
    assert np.all(np.abs(value - [1.0, 3.0, 1e6]) <= error)
    value, error = differences(np.sqrt)
    assert not np.all(np.isfinite(value) & (error < 1e-3))


def test_complex_step():
    assert complex_step(lambda t: np.exp(np.sin(t))) == 1.0
