"""Vector mathematics against mpmath over the whole range, and against NumPy at every special value."""

import importlib.util
import re
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from mpmath import mp
from native.maths_cases import CASES, SPECIAL, any_double, arguments, errors

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")


from wengert.native.maths import MATHS, coefficients, sincos
from wengert.native.maths.lanes import constant
from wengert.native.maths.loop import compiled
from wengert.native.maths.parts import poly
from wengert.native.maths.real import Real
from wengert.passes.complex_python import MIXED, PRODUCT_ROWS, QUOTIENT_ROWS, REAL_QUOTIENT_ROWS
from wengert.rules.python_math import multiply_add

N = 400


def name(key):
    return key if isinstance(key, str) else key.__name__


def fused(x, y, z):
    """xy + z, rounded once."""
    plain = x * y + z
    if not np.isfinite([x, y, z]).all():
        return z if np.isfinite([x, y]).all() else plain
    exact = Fraction(x) * Fraction(y) + Fraction(z)
    try:
        return float(exact) if exact else plain
    except OverflowError:
        return np.copysign(np.inf, float(exact > 0) - 0.5)


PARTS = {row.name: row.op for rows in (PRODUCT_ROWS, QUOTIENT_ROWS, REAL_QUOTIENT_ROWS) for row in rows}


def of_python(op):
    """A part of a product or quotient of Python's; where that raises, NaN."""

    def f(*xs):
        try:
            return op(*map(float, xs))
        except ZeroDivisionError:
            return np.nan

    return f


def function(key):
    """What the row stands for: a ufunc of NumPy, Python's arithmetic, or a function of SciPy's by its full name."""
    if key in PARTS:
        if "real number" in key and not MIXED:
            pytest.skip("before Python 3.14 a real number over a complex one is another formula")
        return np.frompyfunc(of_python(PARTS[key]), MATHS[key].arity, 1)
    if key is multiply_add:
        return np.frompyfunc(fused, 3, 1)
    if not isinstance(key, str):
        return key
    module, attribute = key.rsplit(".", 1)
    return getattr(pytest.importorskip(module), attribute)


@pytest.mark.skipif(not MIXED, reason="before Python 3.14 infinities are not found anew")
@pytest.mark.parametrize("key", PARTS)
def test_careful_forms_are_pythons(key):
    """At all special values, zero over zero excepted."""
    parts = np.array([0.0, -0.0, 1.0, -2.0, 1e200, -1e300, np.inf, -np.inf, np.nan])
    xs = [grid.ravel() for grid in np.meshgrid(*[parts] * MATHS[key].arity)]
    with np.errstate(all="ignore"):
        y, _ = compiled(MATHS[key].careful, MATHS[key].arity)(*xs)
        z = function(key)(*xs).astype(float)
    wrong = np.flatnonzero(((y != z) | (np.signbit(y) != np.signbit(z))) & ~np.isnan(z))
    assert not wrong.size, [(*(float(x[i]) for x in xs), float(y[i]), float(z[i])) for i in wrong[:5]]


KEYS = pytest.mark.parametrize("key", MATHS, ids=name)
LOOPS = {}


def loop(key):
    if key not in LOOPS:
        LOOPS[key] = compiled(MATHS[key].emit, MATHS[key].arity)
    return LOOPS[key]


@pytest.mark.parametrize("key", CASES, ids=name)
def test_error_is_no_larger_than_stated(key):
    xs = arguments(CASES[key], np.random.default_rng(7), N)
    with np.errstate(all="ignore"):
        y, ok = loop(key)(*xs)
    found = errors(CASES[key], y, ok, *xs)
    worst = int(found.argmax())
    assert found[worst] <= MATHS[key].ulp, [float(x[worst]) for x in xs]
    assert ok.mean() > 0.5


def tolerance(key, z, xs):
    """SciPy loses up to 8 ulp (ndtr), the least subnormal number (expit), and all digits at the zeros of log Γ."""
    case = CASES.get(key)
    size = np.maximum(np.abs(z), np.maximum(*np.abs(xs))) if case and case.scale else np.abs(z)
    return np.where(size == 0, 5e-324, 16 * np.spacing(size)) + (case.theirs if case else 0.0)


@KEYS
def test_special_values_are_those_of_numpy(key):
    """NaN where NumPy has NaN, the same infinities, the same zeros with their signs, the rest within a few ulp."""
    grids = np.meshgrid(*[SPECIAL] * MATHS[key].arity)
    xs = [grid.ravel() for grid in grids]
    y, ok = loop(key)(*xs)
    with np.errstate(all="ignore"):
        z = function(key)(*xs).astype(float)
        same = (y == z) & (np.signbit(y) == np.signbit(z)) | np.isnan(y) & np.isnan(z)
        close = np.isfinite(y) & ((y != 0) | (z != 0)) & (np.abs(y - z) <= tolerance(key, z, xs))
    wrong = np.flatnonzero(ok & ~same & ~close)
    assert not wrong.size, [(*(float(x[i]) for x in xs), float(y[i]), float(z[i])) for i in wrong[:5]]


@pytest.mark.parametrize("key", [key for key in MATHS if MATHS[key].ulp == 0.0], ids=name)
def test_exact_functions_equal_those_of_numpy_bit_for_bit(key):
    rng = np.random.default_rng(3)

    def sample():
        parts = [any_double(rng, 2000), rng.uniform(-9, 9, 2000), rng.integers(-20, 20, 2000) * 0.1]
        return np.concatenate([*parts, rng.integers(-9, 9, 2000) / 2])

    xs = [sample() for _ in range(MATHS[key].arity)]
    y, ok = loop(key)(*xs)
    with np.errstate(all="ignore"):
        z = function(key)(*xs).astype(float)
    wrong = np.flatnonzero(ok & (y.view(np.int64) != z.view(np.int64)) & ~(np.isnan(y) & np.isnan(z)))
    assert not wrong.size, [(*(float(x[i]) for x in xs), float(y[i]), float(z[i])) for i in wrong[:5]]
    assert ok.mean() > 0.5


def test_each_function_has_a_case():
    """Every row that is not equal to NumPy's bit for bit is compared with mpmath."""
    assert {key for key, maths in MATHS.items() if maths.ulp > 0} == set(CASES)


@KEYS
def test_vectors_stay_vectors(key):
    """What is written for one number works on eight, with nothing done lane by lane."""
    text = loop(key).text
    assert "<8 x double>" in text or "@llvm.memcpy" in text
    assert "extractelement" not in text


def test_a_short_loop_equals_a_long_one():
    """The rest of a loop is computed one by one: the same bits."""
    x = np.linspace(-3, 3, 103)
    for key in (np.exp, np.sin, np.tanh):
        whole, _ = loop(key)(x)
        single = np.concatenate([loop(key)(x[i : i + 1])[0] for i in range(len(x))])
        np.testing.assert_array_equal(whole, single)


def test_angles_beyond_the_limit_are_not_claimed():
    x = np.array([1.0, 2.0**20, 2.0**20 + 1, -1e300, np.inf])
    for key in (np.sin, np.cos, np.tan):
        assert loop(key)(x)[1].tolist() == [True, True, False, False, False]


def test_sine_and_cosine_share_their_work():
    def both(b, x):
        s, c, ok = sincos(b, x)
        return b.fadd(s, c), ok

    def divisions_and_products(text):
        return text.count("call <4 x double> @llvm.fma") + text.count("call <8 x double> @llvm.fma")

    x = np.linspace(-9, 9, 1001)
    shared = compiled(both, 1)
    np.testing.assert_allclose(shared(x)[0], np.sin(x) + np.cos(x), rtol=0, atol=4e-16)
    assert divisions_and_products(shared.text) <= divisions_and_products(loop(np.sin).text) + 2


def test_hyperbolic_functions_share_their_division():
    """tanh x and its slope 1/cosh² x divide once."""

    def both(b, x):
        y, _ = MATHS[np.tanh].emit(b, x)
        c, _ = MATHS[np.cosh].emit(b, x)
        r = b.fdiv(constant(c.type, 1.0), c)
        return b.fadd(y, b.fmul(r, r)), None

    text = compiled(both, 1).text
    vector = [line for line in text.splitlines() if "fdiv <" in line]
    assert len(vector) == len([line for line in loop(np.tanh).text.splitlines() if "fdiv <" in line])


def test_poly():
    c = (1.0, -2.0, 3.0, 0.5, 0.25)
    evaluate = compiled(lambda b, x: (poly(Real(b, x), c).v, None), 1)
    x = np.linspace(-2, 2, 9)
    np.testing.assert_allclose(evaluate(x)[0], np.polynomial.polynomial.polyval(x, c), rtol=1e-14, atol=1e-14)


def test_coefficients_are_those_of_the_script():
    """Every constant, and two of the polynomials, as scripts/minimax.py derives them."""
    path = Path(__file__).parents[2] / "scripts/minimax.py"
    spec = importlib.util.spec_from_file_location("minimax", path)
    assert spec is not None
    assert spec.loader is not None
    minimax = sys.modules["minimax"] = importlib.util.module_from_spec(spec)
    with mp.workdps(60):
        spec.loader.exec_module(minimax)
        for name_, _, value, bits in minimax.CONSTANTS:
            assert getattr(coefficients, name_) == tuple(minimax.pieces(value, *bits)), name_
        for row in minimax.FITS:
            if row.name in ("SIN", "SINH"):
                assert getattr(coefficients, row.name) == tuple(minimax.fit(row))


def test_polynomials_approximate_to_less_than_the_last_place():
    """As the written file says of each."""
    text = Path(coefficients.__file__).read_text()
    found = [float(power) for power in re.findall(r"weighted error 2\^(-[\d.]+)", text)]
    assert len(found) > 15
    assert all(power < -53 for power in found if power < -20)
