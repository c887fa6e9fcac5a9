"""Every elementwise row of NumPy, by looping over the table: a row without a domain fails."""

import numpy as np
import pytest
from check import check

import wengert as wg
from wengert.errors import NoDerivative
from wengert.ir.row import HANDLERS, ROWS
from wengert.rules import complex as complex_rows
from wengert.rules import elementwise, partials, pieces, power, rounding, series, trig
from wengert.rules.python_math import TWINS

MODULES = {m.__name__ for m in (complex_rows, elementwise, partials, pieces, power, rounding, series, trig)}
CLIP = np._core.umath.clip

LINE, POSITIVE, UNIT, ABOVE, AWAY = (-1.7, 1.8), (0.3, 2.5), (-0.8, 0.8), (1.2, 3.0), (1.1, 1.9)
DOMAINS = {
    np.add: (LINE, LINE), np.subtract: (LINE, LINE), np.multiply: (LINE, LINE), np.divide: (LINE, POSITIVE),
    np.negative: (LINE,), np.positive: (LINE,), np.absolute: (POSITIVE,), np.fabs: (POSITIVE,),
    np.power: (POSITIVE, LINE), np.float_power: (POSITIVE, LINE), np.square: (LINE,), np.sqrt: (POSITIVE,),
    np.cbrt: (POSITIVE,), np.reciprocal: (POSITIVE,),
    np.exp: (LINE,), np.exp2: (LINE,), np.expm1: (LINE,), np.log: (POSITIVE,), np.log2: (POSITIVE,),
    np.log10: (POSITIVE,), np.log1p: (POSITIVE,), np.logaddexp: (LINE, LINE), np.logaddexp2: (LINE, LINE),
    np.deg2rad: (LINE,), np.radians: (LINE,), np.rad2deg: (LINE,), np.degrees: (LINE,),
    np.sin: (LINE,), np.cos: (LINE,), np.tan: (UNIT,), np.arcsin: (UNIT,), np.arccos: (UNIT,), np.arctan: (LINE,),
    np.arctan2: (LINE, POSITIVE), np.hypot: (LINE, POSITIVE), np.sinh: (LINE,), np.cosh: (LINE,), np.tanh: (LINE,),
    np.arcsinh: (LINE,), np.arccosh: (ABOVE,), np.arctanh: (UNIT,),
    np.maximum: (LINE, ABOVE), np.minimum: (LINE, ABOVE), np.fmax: (LINE, ABOVE), np.fmin: (LINE, ABOVE),
    np.copysign: (POSITIVE, POSITIVE), np.heaviside: (POSITIVE, LINE), np.nextafter: (LINE, ABOVE),
    CLIP: (LINE, (-1.0, -0.8), (0.9, 1.0)), pieces.at_least: (LINE, (0.2, 0.3)), pieces.at_most: (LINE, (0.2, 0.3)),
    np.remainder: ((3.1, 3.9), AWAY), np.fmod: ((3.1, 3.9), AWAY), rounding.modulus: ((3.1, 3.9), AWAY),
    rounding.fraction: ((1.1, 1.9),), rounding.mantissa: ((1.1, 1.9),),
    np.sinc: (LINE,), np.i0: (LINE,),
}  # fmt: skip
"""row → an interval per argument, on which it is smooth."""
SLOPES = {
    "arctanh_slope": (UNIT,), "arctan_slope": (LINE,), "arcsin_slope": (UNIT,), "arcsinh_slope": (LINE,),
    "arccosh_slope": (ABOVE,), "tanh_slope": (LINE,), "cosine": (LINE, POSITIVE), "logistic": (LINE,), "logistic2": (LINE,),
}  # fmt: skip
"""The same for the functions of our own that partials are made of."""
DOMAINS |= {op: SLOPES[row.name] for op, row in ROWS.items() if row.name in SLOPES}
LESS_SMOOTH = {np.maximum, np.minimum, np.fmax, np.fmin, CLIP, pieces.at_least, pieces.at_most}
HOLOMORPHIC = [
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.power, np.float_power, np.square,
    np.sqrt, np.reciprocal, np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan,
    np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh, np.sinc,
    np.absolute, np.conjugate, np.real, np.imag, np.sign, np.angle,
]  # fmt: skip
INTEGER = {np.ldexp: "exponent"}


def is_pythons(op):
    """Whether it is a function of Python's own modules, which tests/rules/test_python_math.py is about."""
    return op in TWINS


def mine(row):
    return row.kind == "elementwise" and any(p is not None and p.__module__ in MODULES for p in row.partials)


def originals():
    """The rows of this table; not those that higher derivatives of sinc and i0 add."""
    return [op for op, row in list(ROWS.items()) if mine(row) and "^(" not in row.name and not is_pythons(op)]


def sample(rng, interval, shape, dtype=float):
    return rng.uniform(*interval, size=shape).astype(dtype)[()]


def arguments(op, shapes, dtype=float):
    """Arguments in the domain; where a bound decides, away from it."""
    rng = np.random.default_rng(3)
    args = [sample(rng, interval, shape, dtype) for interval, shape in zip(DOMAINS[op], shapes, strict=True)]
    if op in LESS_SMOOTH:
        args[0] = np.where(np.abs(args[0] % 0.5 - 0.25) < 0.1, args[0] + dtype(0.2), args[0])[()]
    return args


UNARY = [(), (3,), (2, 3), (0,)]
BINARY = [((), ()), ((3,), ()), ((2, 3), (3,)), ((2, 1), (1, 3)), ((0,), (1,))]


def shape_lists(n):
    return [(s,) for s in UNARY] if n == 1 else [(*pair, *[()] * (n - 2)) for pair in BINARY]


@pytest.mark.parametrize("op", originals(), ids=lambda op: op.__name__)
def test_row(op):
    if op in INTEGER:
        return
    assert op in DOMAINS, f"{op} has no domain in this test"
    for shapes in shape_lists(len(DOMAINS[op])):
        check(op, *arguments(op, shapes), h=1e-3, rtol=1e-7)


@pytest.mark.parametrize("op", originals(), ids=lambda op: op.__name__)
def test_layouts_and_precisions(op):
    if op in INTEGER:
        return
    n = len(DOMAINS[op])
    args = arguments(op, [(2, 3)] * n)
    y, pullback = wg.vjp(op, *args)
    bars = pullback(np.ones_like(y))
    for layout in (np.asfortranarray, lambda x: x[::-1, ::-1].copy()[::-1, ::-1], lambda x: np.repeat(x, 2, 1)[:, ::2]):
        views = [layout(a) for a in args]
        for bar, same in zip(wg.vjp(op, *views)[1](np.ones_like(y)), bars, strict=True):
            np.testing.assert_array_equal(bar, same)
    small = [a.astype(np.float32) for a in args]
    y32, pullback = wg.vjp(op, *small)
    assert y32.dtype == op(*small).dtype
    for bar, same in zip(pullback(np.ones_like(y32)), bars, strict=True):
        assert bar.dtype == np.float32
        np.testing.assert_allclose(bar, same, rtol=2e-4, atol=1e-5)
    dots = tuple(np.ones_like(a) for a in small)
    assert wg.jvp(op, tuple(small), dots)[1].dtype == y32.dtype


@pytest.mark.parametrize("op", [op for op in originals() if op not in INTEGER], ids=lambda op: op.__name__)
def test_python_numbers(op):
    """Scalars of Python and of NumPy, and each argument alone."""
    args = [float(a) for a in arguments(op, [()] * len(DOMAINS[op]))]
    bars = wg.vjp(op, *[np.float64(a) for a in args])[1](np.float64(1.0))
    for k in range(len(args)):
        g = wg.grad(op, argnums=k)(*args)
        assert type(g) is float
        assert g == pytest.approx(float(bars[k]), rel=1e-15, abs=0)


@pytest.mark.parametrize("op", HOLOMORPHIC, ids=lambda op: op.__name__)
def test_complex(op):
    rng = np.random.default_rng(5)
    n = 2 if op in (np.add, np.subtract, np.multiply, np.divide, np.power, np.float_power) else 1
    for shape in ((), (3,), (0,)):
        z = [rng.uniform(0.3, 1.2, shape) + 1j * rng.uniform(0.2, 0.9, shape) for _ in range(n)]
        check(op, *z)
        check(lambda *z: op(*z) * 1j, *[-a.conj() for a in z])
    if n == 2:
        check(op, rng.uniform(0.3, 1.2, 3), z[1][:0].sum() + 0.3 + 0.2j)
        check(op, 0.5 + 0.7j, rng.uniform(0.3, 1.2, 3))


EXCLUDED = {np.matmul, np.vecdot, np.matvec, np.vecmat}
"""Products of vectors and matrices: their rows are in rules/products.py."""


def test_every_ufunc_of_numpy_is_known():
    ufuncs = {f for f in vars(np).values() if isinstance(f, np.ufunc)} - EXCLUDED
    assert not sorted(f.__name__ for f in ufuncs if f not in ROWS and f not in HANDLERS)


@pytest.mark.parametrize("op", [op for op, row in ROWS.items() if row.kind == "constant" and isinstance(op, np.ufunc)])
def test_constants(op):
    if getattr(op, "__module__", "") != "numpy" and getattr(np, op.__name__, None) is not op:
        return
    x = np.array([0.3, 1.7, 2.2])
    args = (x, x + 0.25)[: op.nin]
    try:
        expected = op(*args)
    except TypeError:
        with pytest.raises(TypeError):
            wg.vjp(op, *args)
        return
    if expected.dtype.kind == "b":
        assert wg.grad(lambda x: np.sum(np.where(op(x, *args[1:]), x, x)))(x).tolist() == [1.0, 1.0, 1.0]
        return
    y, pullback = wg.vjp(op, *args)
    np.testing.assert_array_equal(y, expected)
    assert all(bar.tolist() == [0.0, 0.0, 0.0] for bar in pullback(np.ones(3)))


def test_ldexp_has_no_derivative_with_respect_to_its_exponent():
    check(lambda x: np.ldexp(x, np.array([1, -2, 3])), np.array([0.5, -1.5, 2.0]))
    assert wg.grad(lambda x: np.ldexp(x, 3))(1.5) == 8.0
    with pytest.raises((TypeError, NoDerivative)):
        wg.grad(lambda e: np.ldexp(1.5, e))(2.0)


def test_large_products_reuse_only_fresh_memory():
    """A large partial that the program still holds (y of exp, b of a·b) is not overwritten by its product."""
    x = np.linspace(0.1, 1.0, 40_000)
    b, kept = x + 1.0, x.copy()
    y, pullback = wg.vjp(lambda x: (np.exp(x) * b, np.log(x), x**3), x)
    before = [part.copy() for part in y]
    c = tuple(np.full_like(x, 2.0) for _ in range(3))
    expected = 2 * (np.exp(x) * b + 1 / x + 3 * x**2)
    for _ in range(2):
        np.testing.assert_allclose(pullback(c)[0], expected, rtol=1e-14)
    for part, same in zip((*y, x, b, *c), (*before, kept, kept + 1.0, *[np.full_like(x, 2.0)] * 3), strict=True):
        np.testing.assert_array_equal(part, same)
