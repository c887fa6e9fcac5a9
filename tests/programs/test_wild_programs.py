"""Programs as libraries write them: code that catches what it cannot do, numbers as keys, compiled code beside NumPy's."""

import math
import sys
import types

import numpy as np
import pytest
from check import check
from scipy import optimize, signal
from ways import every_way

import wengert as wg
from wengert.errors import LostDerivative, NoDerivative

POINT = np.array([0.7, 1.3, 2.1])


# ── code that catches: whatever a refusal would be hidden by, the derivative is right or there is an error ──


def as_number(x):
    """A validator that takes numbers, and arrays of one element."""
    try:
        return float(x)
    except TypeError:
        raise ValueError(f"not a number: {x!r}") from None


def test_a_validator_that_turns_type_errors_into_others():
    every_way(lambda x: as_number(x[0]) * as_number(x[1]) ** 2, [POINT, POINT + 1])
    with pytest.raises(ValueError, match="not a number"):
        wg.grad(lambda x: as_number(x) * 1.0)(POINT)


def safely(x):
    """The mean of what can be converted."""
    kept = []
    for v in x:
        try:
            kept.append(float(v))
        except Exception:
            kept.append(0.0)
    return sum(kept) / len(kept)


def test_conversions_that_fail_are_not_taken_for_zeros():
    assert wg.grad(safely)(POINT).tolist() == [1 / 3, 1 / 3, 1 / 3]


def test_a_fallback_that_gives_something_else_is_an_error():
    def digest(x):
        try:
            return np.frombuffer(x.tobytes())[0] * x[1]
        except Exception:
            return x[0]

    with pytest.raises(LostDerivative, match="went on another way"):
        wg.grad(digest)(POINT)
    with pytest.raises(LostDerivative, match="went on another way"):
        wg.jit(wg.grad(digest))(POINT)


def test_a_fallback_that_gives_the_same_is_none_of_our_business():
    def digest(x):
        try:
            return np.frombuffer(x.tobytes())[0] * x[1]
        except Exception:
            return x[0] * x[1]

    assert wg.grad(digest)(POINT).tolist() == [1.3, 0.7, 0.0]


def test_an_error_says_what_was_caught_before_it():
    def solve(x):
        try:
            return x.tobytes()
        except Exception:
            raise RuntimeError("could not solve") from None

    with pytest.raises(RuntimeError, match="could not solve") as caught:
        wg.grad(lambda x: solve(x) and x[0])(POINT)
    assert ".tobytes()" in "".join(caught.value.__notes__)


def cautious_root(x):
    """Newton's method that gives up a step when anything goes wrong, as old code does."""
    y = 1.0
    for _ in range(400):
        try:
            step = (y**3 - x * y - 1.0) / (3.0 * y**2 - x)
            y = y - 0.2 * step
        except:  # noqa: E722
            y = 0.0
    return y


@pytest.mark.parametrize("x", [0.5, 0.9])
def test_a_bare_except_does_not_hide_that_a_recording_is_given_up(x):
    gradient = wg.grad(cautious_root)
    np.testing.assert_allclose(wg.jit(gradient)(x), gradient(x), rtol=1e-12)


# ── numbers as keys ──


def test_sets_of_recorded_numbers():
    def within(x):
        return x if {x, 2 * x}.issubset({1.0, 2.0, 3.0}) else -x

    def remembered(x):
        known = {}

        def chain(n, y):
            if (n, y) not in known:
                known[n, y] = y if n == 0 else chain(n - 1, y) + chain(n - 1, y) * y
            return known[n, y]

        return chain(6, x)

    with pytest.raises(LostDerivative, match="keys of their own"):
        wg.grad(within)(1.0)
    with pytest.raises(LostDerivative, match="f does not raise KeyError"):
        wg.grad(lambda x: {x[0]: 1.0, x[1]: 2.0}[x[1]] * x[0])(np.ones(2))
    with pytest.raises(KeyError):
        wg.grad(lambda x: {x: 1.0}[x + 1.0])(1.0)
    check(remembered, 0.3)


def test_all_the_digits_of_a_number():
    def split(x):
        mantissa, exponent = math.frexp(x)
        return int(mantissa * 2.0**53) * 2.0 ** (exponent - 53)

    with pytest.raises(LostDerivative, match="all of whose digits"):
        wg.grad(split)(0.7)
    check(lambda x: math.frexp(x)[0] * math.ldexp(x, math.frexp(x)[1]), 5.3)
    assert wg.grad(lambda x: int(100 * x) * x)(0.7) == 70


# ── libraries of NumPy beside compiled code ──


def test_a_mixed_library_is_open_for_whom_it_refused(monkeypatch):
    from wengert.record import state

    library = types.ModuleType("mixed_example")
    exec(
        "import numpy as np\n"
        "def check_array(x):\n    return np.asarray(x, dtype=np.float64)\n"
        "def loss(y, p):\n    y, p = check_array(y), check_array(p)\n"
        "    out = np.zeros(len(p))\n    out[:] = (y - p) ** 2\n    return float(np.average(out))\n"
        "def plain(n):\n    return type(np.zeros(n)).__name__\n",
        vars(library),
    )
    monkeypatch.setitem(sys.modules, "mixed_example", library)
    monkeypatch.setattr(state, "MIXED_LIBRARIES", state.MIXED_LIBRARIES)
    state.MIXED_LIBRARIES.add("mixed_example")
    try:
        expected = 2 * (POINT - 1.0) / 3
        for _ in range(2):
            np.testing.assert_allclose(wg.grad(lambda p: library.loss(np.ones(3), p))(POINT), expected)
        seen = []
        wg.grad(lambda p: (seen.append(library.plain(2)), p[0])[1])(POINT)
        assert seen == ["ndarray"]
    finally:
        state.MIXED_LIBRARIES.discard("mixed_example")


@pytest.mark.parametrize(
    "said",
    [
        "Argument 'a' has incorrect type (expected numpy.ndarray, got Array)",
        "a bytes-like object is required, not 'Array'",
        "No matching signature found",
        "can't unbox array from PyObject into native value.",
        "cannot determine the type of <class 'wengert.record.value.Array'>",
    ],
)
def test_what_compiled_code_says_is_an_error_with_a_remedy(said):
    def kernel(x):
        raise TypeError(said)

    with pytest.raises(NoDerivative, match="compiled code was given a recorded value") as caught:
        wg.grad(lambda x: kernel(x))(POINT)
    assert "wengert.rule" in str(caught.value)


# ── solvers, spectra ──


def test_a_spectrogram_as_a_function_of_the_rate():
    record = np.cos(0.3 * np.arange(600.0)) + 0.1 * np.cos(np.arange(600.0) ** 2)
    check(lambda rate: np.sum(signal.spectrogram(record, rate)[2] ** 2), 3.0, order=1)


def test_newton_from_a_recorded_start():
    check(lambda x: optimize.newton(lambda y, a: y**3 - a, x * 1.1, args=(x,)), 2.0, rtol=1e-6)
    check(lambda x: optimize.newton(lambda y: y**2 - x, x, fprime=lambda y: 2 * y, maxiter=2, disp=False), 2.0)
