"""np.clip, np.round, np.modf and other functions of elements, in all their spellings; Python's operators on numbers."""

import math
import operator

import numpy as np
import pytest
from check import check

import wengert as wg

X = np.array([0.31, -1.72, 2.64])

SMOOTH = {
    "clip": lambda x: np.clip(x, -1, 1), "x.clip": lambda x: x.clip(-1, 1), "clip max=": lambda x: x.clip(max=1),
    "clip min=": lambda x: np.clip(x, min=0), "clip lists": lambda x: np.clip(x, [0, 0, 0], [1, 1, 1]),
    "clip out=": lambda x: x.clip(-1.0, 1.0, out=np.empty_like(x)), "clip no bound": lambda x: np.clip(x, None, None) * x,
    "round": lambda x: np.round(x, 1) * x, "x.round": lambda x: x.round(1) * x, "around": lambda x: np.around(x) * x,
    "round out=": lambda x: np.round(x, decimals=1, out=np.empty_like(x)) * x, "fix": lambda x: np.fix(x) * x,
    "rint": lambda x: np.rint(x) * x, "trunc": lambda x: np.trunc(x) * x, "floor": lambda x: np.floor(x) * x,
    "modf": lambda x: np.modf(x)[0] * 2 + np.modf(x)[1] * x, "frexp": lambda x: np.frexp(x)[0] * np.frexp(x)[1],
    "modf out=": lambda x: np.modf(x, out=(np.zeros(3), np.zeros(3)))[0] * x,
    "divmod": lambda x: np.divmod(x, 0.7)[1] + np.divmod(x, 0.7)[0] * x, "divmod()": lambda x: divmod(x, 0.7)[1] * x,
    "%": lambda x: x % 0.7, "//": lambda x: (x // 0.7) * x, "5 %": lambda x: 5 % x, "5 //": lambda x: (5 // x) * x,
    "divmod(5, x)": lambda x: divmod(5, x)[1], "mod by array": lambda x: np.mod(7.3, x) * x,
    "nan_to_num": np.nan_to_num, "nan_to_num copy=": lambda x: np.nan_to_num(x * 2, copy=False) * x,
    "unwrap": lambda x: np.unwrap(x * 3) * x, "unwrap period=": lambda x: np.unwrap(x * 3, period=1.7) * x,
    "real_if_close": lambda x: np.real_if_close(x + 0j) * x, "angle": lambda x: np.angle(x + 1j, deg=True),
    "angle real": lambda x: np.angle(x) * x, "real": lambda x: np.real(x) * x, "imag": lambda x: np.imag(x) + x,
    "conj": lambda x: x.conj() * x, "abs": abs, "isclose": lambda x: np.where(np.isclose(x, 0.5), x, x * x),
    "allclose": lambda x: x if np.allclose(x, x) else -x, "isposinf": lambda x: np.where(np.isposinf(x), 0, x),
    "isreal": lambda x: np.where(np.isreal(x), x, 0), "sign": lambda x: np.sign(x) * x,
    "emath.sqrt": lambda x: np.real(np.emath.sqrt(x)), "emath.log": lambda x: np.real(np.emath.log(x)),
    "emath.power": lambda x: np.real(np.emath.power(x, 2)), "emath.arccos": lambda x: np.real(np.emath.arccos(x)),
    "sin out=": lambda x: np.sin(x, out=np.zeros(3)), "multiply out=": lambda x: np.multiply(x, 2, out=x.copy()),
    "list": lambda x: np.maximum(x, [0, 0, 0]), "ldexp list": lambda x: np.ldexp(x, [1, 2, 3]),
    "float_power": lambda x: np.float_power(x, 2), "copysign": lambda x: np.copysign(x, -x) * x,
    "power array": lambda x: x ** np.array([2, 3, 0]), "pow": lambda x: pow(x, 2), "spacing": lambda x: x * x + np.spacing(x),
    "heaviside": lambda x: np.heaviside(x, 0.5) * x, "+": lambda x: +x * x, "-": lambda x: -x * x,
    "**=": lambda x: operator.ipow(x.copy(), 3), "%=": lambda x: operator.imod(x.copy(), 0.7) * x,
    "//=": lambda x: operator.ifloordiv(x.copy(), 0.7) * x, "/=": lambda x: operator.itruediv(x.copy(), x * x),
}  # fmt: skip


@pytest.mark.parametrize("f", SMOOTH.values(), ids=SMOOTH)
def test_function(f):
    with np.errstate(invalid="ignore"):
        check(f, X, h=1e-4, rtol=1e-6)


def test_real_and_imaginary_parts_are_views():
    def f(x):
        z = x * (1 + 1j)
        z.real[0] = x[1] * 3
        z.imag *= x[2]
        z.imag[1] = x[0] ** 2
        z.real += z.imag
        return np.sum(np.abs(z) ** 2)

    check(f, X)


def test_sign_of_complex_numbers_turns():
    z = np.array([1 + 2j, -3 + 1j, 0j])
    y, y_dot = wg.jvp(np.sign, (z,), (1j * z,))
    np.testing.assert_allclose(y_dot, 1j * y)
    np.testing.assert_allclose(wg.jvp(np.sign, (z,), (2 * z,))[1], np.zeros(3), atol=1e-16)


def test_nan_to_num():
    x = np.array([1.0, np.nan, np.inf, -np.inf])
    f = lambda x: np.sum(np.nan_to_num(x, nan=3.0, posinf=7.0, neginf=-7.0) ** 2)
    assert wg.grad(f)(x).tolist() == [2.0, 0.0, 0.0, 0.0]
    z = np.array([complex(1, np.nan), complex(np.inf, 2)])
    assert wg.grad(lambda z: np.sum(np.abs(np.nan_to_num(z, posinf=1.0)) ** 2))(z).tolist() == [2 + 0j, 4j]


def test_replacements_and_periods_have_derivatives():
    """∂/∂p of what was unwrapped counts the periods that were added."""
    x = np.array([0.0, 1.5, 4.5, 0.2])
    assert wg.grad(lambda p: np.unwrap(x, period=p)[3])(2.0) == np.round((np.unwrap(x, period=2.0)[3] - 0.2) / 2.0)
    assert wg.grad(lambda v: np.nan_to_num(np.array([np.nan, 1.0, 2.0]) * v, nan=v).sum())(2.0) == 4.0


def test_float32_stays():
    x = X.astype(np.float32)
    for name, f in SMOOTH.items():
        with np.errstate(invalid="ignore"):
            expected = f(x)
            y, pullback = wg.vjp(f, x)
        assert np.asarray(y).dtype == np.asarray(expected).dtype, name
        np.testing.assert_array_equal(y, expected)
        assert pullback(np.ones_like(y))[0].dtype == np.float32, name


PYTHON = [
    (operator.floordiv, (7.5, 2.0), (0.0, 0.0)), (operator.mod, (-7.5, 2.0), (1.0, 4.0)),
    (lambda a, b: divmod(a, b)[1], (7.5, 2.0), (1.0, -3.0)), (lambda a, b: divmod(a, b)[0], (7.5, 2.0), (0.0, 0.0)),
    (lambda x: 7 % x, (2.5,), (-2.0,)), (lambda x: x * (7 // x), (2.5,), (2.0,)), (abs, (-2.0,), (-1.0,)), (abs, (0.0,), (0.0,)),
    (round, (2.7,), (0.0,)), (lambda x: round(x, 1), (2.74,), (0.0,)), (lambda x: x * round(x), (2.7,), (3.0,)),
    (lambda x: x * math.floor(x) + math.ceil(x) - math.trunc(x), (2.7,), (2.0,)), (operator.neg, (2.0,), (-1.0,)),
    (operator.pos, (2.0,), (1.0,)), (operator.pow, (-2.0, 3.0), (12.0, np.nan)), (lambda x: x**2, (-2.0,), (-4.0,)),
    (lambda x: x**0, (0.0,), (0.0,)), (lambda x: x**1, (0.0,), (1.0,)), (lambda x: 2**x, (3.0,), (8 * np.log(2.0),)),
    (lambda x: (10**30) ** x, (0.5,), (1e15 * np.log(1e30),)), (lambda x: (x ** (1 / 3)).real, (-8.0,), (-1 / 24,)),
    (lambda x: (x**0.5).imag, (-4.0,), (-0.25,)), (lambda x: abs(x * 1j + 2), (1.5,), (0.6,)), (lambda x: pow(x, 3), (2.0,), (12.0,)),
    (lambda x: x.conjugate() * x.real + x.imag, (2.0,), (4.0,)), (lambda x: x + True, (2.0,), (1.0,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args", "expected"), PYTHON)
def test_python_numbers_stay(f, args, expected):
    seen = []

    def watched(*args):
        y = f(*args)
        seen.append(y.__class__)
        return y

    value, gradient = wg.value_and_grad(watched, tuple(range(len(args))))(*args)
    assert value == f(*args)
    assert seen == [type(f(*args))]
    np.testing.assert_allclose(gradient, expected, rtol=1e-15)


@pytest.mark.parametrize("f", [
    lambda x: x % 0.0, lambda x: x // 0.0, lambda x: divmod(x, 0.0)[1], lambda x: 1 / (x - 2.5), lambda x: (x - 2.5) ** -1,
    lambda x: (x * 1e200) ** 2,
])  # fmt: skip
def test_python_errors_stay(f):
    with pytest.raises(ArithmeticError) as expected:
        f(2.5)
    with pytest.raises(
        type(expected.value), match=str(expected.value.args[-1]).replace("(", r"\(").replace(")", r"\)")
    ):
        wg.grad(f)(2.5)


def test_numpy_numbers_stay():
    for f in (lambda x: x % 2, lambda x: x // np.float64(2), lambda x: x**3, abs, operator.neg):
        for kind in (np.float64, np.float32):
            value, gradient = wg.value_and_grad(f)(kind(2.5))
            assert type(value) is type(f(kind(2.5)))
            assert type(gradient) is kind
