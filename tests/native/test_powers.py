"""Powers that are written out as products, roots and quotients: NumPy's, at every kind of number."""

import numpy as np
import pytest

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native.lower.elements import SHORT_POWERS

SPECIAL = [
    0.0,
    -0.0,
    np.inf,
    -np.inf,
    np.nan,
    -1.0,
    -2.5,
    1.0,
    5e-324,
    1e-310,
    1e-200,
    1e-100,
    1e100,
    1e155,
    1e200,
    1.7e308,
]


@pytest.mark.parametrize("p", SHORT_POWERS)
def test_power(p):
    x = np.concatenate(
        (np.array(SPECIAL), -np.array(SPECIAL), np.exp(np.linspace(-300, 300, 1001)), np.linspace(-9, 9, 100))
    )
    with np.errstate(all="ignore"):
        got, expected = wg.jit(lambda x: x**p)(x), x**p
        # Where the result is near the ends of the range, digits are lost that pow keeps.
        safe = ~np.isfinite(expected) | (expected == 0) | ((np.abs(expected) > 1e-290) & (np.abs(expected) < 1e290))
    np.testing.assert_allclose(got[safe], expected[safe], rtol=3 * np.finfo(float).eps)
    assert np.array_equal(np.signbit(got[~np.isnan(got)]), np.signbit(expected[~np.isnan(got)]))
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-307)


@pytest.mark.parametrize("p", SHORT_POWERS)
def test_power_of_single_precision(p):
    x = np.linspace(0.01, 30, 100, dtype=np.float32)
    got = wg.jit(lambda x: x**p)(x)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, x**p, rtol=4 * np.finfo(np.float32).eps)


@pytest.mark.parametrize("p", SHORT_POWERS)
@pytest.mark.parametrize("x", [2.5, 0.3, 0.0, -1.5])
def test_power_of_a_python_number(x, p):
    def f(x):
        return (x + 0.0) ** p

    try:
        expected = f(x)
    except ZeroDivisionError:
        with pytest.raises(ZeroDivisionError):
            wg.jit(f)(x)
        return
    got = wg.jit(f)(x)
    assert type(got) is type(expected)
    assert got == pytest.approx(expected, rel=1e-15)
