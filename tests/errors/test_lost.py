"""Bad input 21-27, 34-52: lost derivatives, missing rules, leaks and the user's own errors."""

import contextlib
import copy
import io
import math
import pickle
import re
import statistics
import sys
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest
from check import check

import wengert as wg
from wengert.errors import LeakedValue, LostDerivative, NoDerivative
from wengert.ir.row import ROWS

EXP = math.exp
NUMBER, COMPLEX = float, complex


def says(kind, call, first, second=None):
    """`call` raises `kind`; the first line of the message says what was wrong, a later one what to do."""
    with pytest.raises(kind) as caught:
        call()
    lines = str(caught.value).split("\n")
    assert re.search(first, lines[0]), lines
    assert second is None or re.search(second, "\n".join(lines[1:])), lines
    return caught.value


# ── leaving the recording ──

LOST = {
    "float, bound": (lambda x: NUMBER(x) * x, r"float\(\) on a recorded value would cut its derivative"),
    "complex, bound": (lambda x: COMPLEX(x).real * x, r"complex\(\) on a recorded value would cut its derivative"),
}


@pytest.mark.parametrize("name", LOST)
def test_21_lost_scalar(name):
    f, first = LOST[name]
    error = says(LostDerivative, lambda: wg.grad(f)(np.float64(2.0)), first, r"stop_gradient")
    assert isinstance(error, TypeError)
    assert re.search(r"\(called at test_lost\.py:\d+\)", str(error).split("\n")[0])


KEPT = {
    "float": (lambda x: float(x) * x, 4.0),
    "math.sin": (lambda x: math.sin(x) * x, math.sin(2.0) + 2 * math.cos(2.0)),
    "math.exp, bound": (lambda x: EXP(x), math.exp(2.0)),
    "complex": (lambda x: complex(x, x).imag * x, 4.0),
    "item": (lambda x: x.item() * x.item(), 4.0),
    "tolist": (lambda x: x.tolist() * x, 4.0),
    "math.fsum": (lambda x: math.fsum([x, x]), 2.0),
    "math.hypot": (lambda x: math.hypot(x, x), math.sqrt(2.0)),
    "map": (lambda x: sum(map(float, [x, x])), 2.0),
    "statistics": (lambda x: statistics.mean([x, x * x]), 2.5),
}


@pytest.mark.parametrize("name", KEPT)
def test_21_kept_scalar(name):
    f, slope = KEPT[name]
    assert wg.grad(f)(np.float64(2.0)) == pytest.approx(slope, rel=1e-15)
    assert not {"float", "complex", "type"} & set(globals())


def test_21_float_is_still_float():
    def f(x):
        assert isinstance(float(x), float)
        assert isinstance(x, (int, float))
        assert type(2.0 * 1.5) is float
        assert type(float(x)) is float
        assert np.zeros(2, dtype=float).dtype == float
        assert {float: 1}[float] == 1
        assert issubclass(np.float64, float)
        assert float("2.5") == 2.5
        assert float.fromhex("0x1p3") == 8.0
        return float(x) * complex(x, 1.0).imag

    assert wg.grad(f)(np.float64(2.0)) == 1.0


LOST_ARRAYS = {
    "tobytes": (lambda x: np.sum(np.frombuffer(x.tobytes())), r"\.tobytes\(\)"),
    "tofile": (lambda x: x.tofile(io.BytesIO()), r"\.tofile\(\)"),
    "dumps": (lambda x: x.dumps(), r"\.dumps\(\)"),
    "ctypes": (lambda x: x.ctypes.data, r"converting a recorded value"),
    "frombuffer": (lambda x: np.sum(np.frombuffer(x)), r""),
    "memoryview": (lambda x: np.sum(np.asarray(memoryview(x))), r""),
}


@pytest.mark.parametrize("name", LOST_ARRAYS)
def test_21_lost_array(name):
    f, first = LOST_ARRAYS[name]
    says((TypeError, NoDerivative), lambda: wg.grad(f)(np.ones(3)), first)


def test_21_stop_gradient_is_the_remedy():
    assert wg.grad(lambda x: x * math.sin(wg.stop_gradient(x)))(2.0) == math.sin(2.0)


def test_21_numpys_own_float_keeps_the_derivative():
    assert wg.grad(lambda x: np.float64(x) * x)(2.0) == 4.0
    assert wg.grad(lambda x: np.float64(x[0]) * x[0])(np.array([2.0])) == 4.0

    def f(x):
        assert isinstance(np.float64(1.0), np.float64)
        assert type(np.float64(1.0)) is np.float64
        assert x.dtype == np.float64
        assert np.zeros(2, np.float64).dtype == np.float64
        assert issubclass(np.float64, float)
        assert np.float64 in {np.float64}
        assert np.issubdtype(np.float64, np.floating)
        assert np.dtype(np.float64) == np.dtype("f8")
        assert np.finfo(np.float64).eps == np.finfo(x.dtype).eps
        return x.astype(np.float64).sum()

    np.testing.assert_array_equal(wg.grad(f)(np.ones(2)), np.ones(2))


def test_22_int_is_control_flow():
    assert wg.grad(lambda x: int(x) * x)(2.5) == 2.0


def test_23_array_of_recorded_values():
    assert wg.grad(lambda x: np.sum(np.array([x, x * x])))(3.0) == 7.0
    assert wg.grad(lambda x: np.sum(np.asarray([x, [x * x][0]])))(3.0) == 7.0
    assert wg.grad(lambda x: np.asarray(x) * 2.0)(3.0) == 2.0


def test_24_write_into_an_array_made_inside():
    def f(x):
        b = np.zeros(2)
        b[0] = x
        b[1] = x * x
        return b.sum()

    assert wg.grad(f)(3.0) == 7.0


OUTSIDE = np.zeros(2)


def test_24_write_into_an_array_made_outside():
    def f(x):
        OUTSIDE[0] = x
        return OUTSIDE.sum()

    says(TypeError, lambda: wg.grad(f)(3.0), r"would cut its derivative \(called at test_lost\.py:\d+\)", r"np\.zeros")
    assert not OUTSIDE.any()


def test_24_add_in_place_into_an_array_made_outside():
    def f(x):
        OUTSIDE[:] += x
        return OUTSIDE.sum()

    says(TypeError, lambda: wg.grad(f)(np.ones(2)), r"would cut its derivative .*test_lost", r"np\.zeros")
    assert not OUTSIDE.any()


def test_24_out_into_an_array_made_outside():
    says(TypeError, lambda: wg.grad(lambda x: np.sin(x, out=OUTSIDE).sum())(np.ones(2)), r"would cut", r"np\.zeros")
    assert not OUTSIDE.any()


def test_24_write_into_integers():
    def f(x):
        b = np.zeros(2, int)
        b[0] = x
        return b.sum() * x

    says(TypeError, lambda: wg.grad(f)(3.7), r"array of integers would cut its derivative", r"floating.*stop_gradient")

    def g(x):
        b = np.zeros(2, int)
        b[:] = x
        return b.sum() * x

    says(
        TypeError,
        lambda: wg.grad(g)(np.ones(2)),
        r"would cut its derivative \(called at test_lost\.py:\d+\)",
        r"np\.zeros.*stop_gradient",
    )


def test_25_write_into_the_input():
    x = np.array([3.0, 4.0])

    def f(x):
        x[0] = 1.0
        return np.sum(x * x)

    np.testing.assert_array_equal(wg.grad(f)(x), [0.0, 8.0])
    np.testing.assert_array_equal(x, [3.0, 4.0])


def test_26_write_after_the_value_was_used():
    def f(x):
        y = x * 1.0
        z = np.sum(y * y)
        y[:] = 100.0
        return z + np.sum(y)

    np.testing.assert_array_equal(wg.grad(f)(np.array([3.0, 4.0])), [6.0, 8.0])


def test_27_alias():
    def f(x):
        x = x * 1.0
        y = x
        y *= 2
        return np.sum(x * y)

    np.testing.assert_array_equal(wg.grad(f)(np.array([1.0, 2.0])), [8.0, 16.0])


# ── no rule, the user's own errors ──


def test_34_no_rule_names_function_line_and_remedy(monkeypatch):
    monkeypatch.delitem(ROWS, np.cbrt)
    says(
        NotImplementedError,
        lambda: wg.grad(lambda x: np.sum(np.cbrt(x)))(np.ones(3)),
        r"no derivative rule for numpy\.cbrt \(called at test_lost\.py:\d+\)",
        r"wengert\.rule.*stop_gradient",
    )


def test_35_singular_matrix():
    says(
        np.linalg.LinAlgError, lambda: wg.grad(lambda a: np.sum(np.linalg.inv(a)))(np.ones((2, 2))), r"Singular matrix"
    )
    got = wg.grad(np.linalg.det)(np.array([[1.0, 2.0], [2.0, 4.0]]))
    np.testing.assert_allclose(got, [[4.0, -2.0], [-2.0, 1.0]])


def test_36_not_positive_definite():
    says(
        np.linalg.LinAlgError,
        lambda: wg.grad(lambda a: np.sum(np.linalg.cholesky(a)))(-np.eye(2)),
        r"positive definite",
    )


SHAPES = {
    "add": lambda x: np.sum(x + np.ones(2)),
    "matmul": lambda x: np.sum(x @ np.ones(2)),
    "concatenate": lambda x: np.sum(np.concatenate([x, np.ones((2, 2))])),
    "reshape": lambda x: np.sum(x.reshape(2, 2)),
    "index": lambda x: x[7],
    "assign": lambda x: x.__setitem__(slice(None), np.ones(2)),
    "assign recorded": lambda x: x.__setitem__(slice(2), x),
    "iadd": lambda x: x.__iadd__(np.ones((2, 3))),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 2)),
    "axis": lambda x: np.sum(x, axis=1),
    "too many indices": lambda x: x[0, 0],
    "truth": lambda x: 1.0 if x > 0 else 0.0,
    "einsum": lambda x: np.einsum("ij->i", x),
    "dot": lambda x: np.dot(x, np.ones(2)),
    "stack": lambda x: np.stack([x, np.ones(2)]),
    "swapaxes": lambda x: np.swapaxes(x, 0, 3),
    "squeeze": lambda x: np.squeeze(x, axis=0),
    "split": lambda x: np.split(x, 2),
    "len of a number": lambda x: len(x[0]),
    "index of a number": lambda x: x[0][0],
    "iterate a number": lambda x: list(x[0]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_37_40_the_error_is_numpys(name):
    f = SHAPES[name]
    with pytest.raises(Exception) as plain:  # noqa: PT011
        f(np.ones(3))
    with pytest.raises(Exception) as ours:  # noqa: PT011
        wg.grad(f)(np.ones(3))
    assert type(ours.value) is type(plain.value), (ours.value, plain.value)
    assert str(ours.value).replace("Scalar", "numpy.float64") == str(plain.value)


def test_38_nan_is_carried():
    with np.errstate(invalid="ignore"):
        assert np.isnan(wg.grad(lambda x: np.sqrt(x))(-1.0))


def test_39_leaked_value():
    leaked = []

    def f(x):
        leaked.append(x)
        return x * x

    wg.grad(f)(2.0)
    says(LeakedValue, lambda: leaked[0] * 2.0, r"created by grad.*no longer valid", r"has_aux|stop_gradient")
    wg.grad(lambda x: leaked.append(x) or np.sum(x))(np.ones(2))
    for use in (lambda a: a * 2.0, lambda a: np.sin(a), lambda a: a[0], lambda a: a.__setitem__(0, a[1])):
        says(LeakedValue, lambda use=use: use(leaked[1]), r"no longer valid")


def test_39_leaked_value_names_function_and_line():
    leaked = []

    def keeper(x):
        leaked.append(x)
        return x * x

    wg.grad(keeper)(2.0)
    says(TypeError, lambda: leaked[0] + 1.0, r"created by grad\(keeper\) at test_lost\.py:\d+ and is no longer valid")


def test_40_branch_on_a_scalar():
    f = lambda x: x * x if x > 0 else -x
    assert wg.grad(f)(3.0) == 6.0
    assert wg.grad(f)(-3.0) == -1.0


# ── 41-52 ──


def test_41_format():
    seen = []
    wg.grad(lambda x: seen.append(f"{x:.3f} {x!r} {x!s} {x}") or x)(2.0)
    assert seen == ["2.000 2.0 2.0 2.0"]
    wg.grad(lambda x: seen.append(f"{x} {x[0]:.2e}") or x.sum())(np.ones(2))
    assert seen[1] == "[1. 1.] 1.00e+00"
    wg.grad(lambda x: seen.append("%.2f %s" % (wg.stop_gradient(x), x)) or x)(2.0)  # noqa: UP031
    assert seen[2] == "2.00 2.0"


def cube(x):
    return x**3


def test_41_printing_is_no_loss():
    out = io.StringIO()
    np.testing.assert_array_equal(wg.grad(lambda x: print(x, x[0], file=out) or np.sum(x))(np.ones(2)), np.ones(2))
    np.testing.assert_array_equal(wg.grad(lambda x: np.savetxt(out, x) or np.sum(x))(np.ones(2)), np.ones(2))
    assert out.getvalue().startswith("[1. 1.] 1.0\n1.000")


def test_42_pickle():
    for made in (wg.grad(cube), wg.value_and_grad(cube), wg.jacobian(cube), wg.derivative(cube, order=2)):
        again = pickle.loads(pickle.dumps(made))
        assert again(2.0) == made(2.0)


def test_42_a_recorded_value_pickled():
    """Read again within the recording it is a copy; it is not sent to another process, nor read when it is over."""
    kept = []

    def f(x):
        again = pickle.loads(pickle.dumps({"x": x, "first": [x[0] * 2.0]}))
        again["x"][1] *= 3.0
        return np.sum(again["x"] ** 2) * again["first"][0] + x[1]

    check(f, np.array([0.7, 1.3]))
    wg.grad(lambda x: kept.append(pickle.dumps(x)) or x)(2.0)
    with pytest.raises(LostDerivative, match="its recording has ended"):
        pickle.loads(kept[0])
    with pytest.raises(LostDerivative, match="sent elsewhere"):
        wg.grad(lambda x: ForkingPickler.dumps(x) and x)(2.0)


def test_43_deepcopy():
    assert wg.grad(lambda x: copy.deepcopy(x) * x)(3.0) == 6.0
    assert wg.grad(lambda x: copy.copy(x) * x)(3.0) == 6.0
    np.testing.assert_array_equal(wg.grad(lambda x: np.sum(copy.deepcopy([x])[0] * x))(np.ones(2)), [2.0, 2.0])


def test_44_copies_keep_the_derivative():
    x = np.array([1.0, 2.0, 3.0])
    for f in (
        lambda x: np.sum(x.copy() * x),
        lambda x: np.sum(x.astype(float) * x),
        lambda x: np.sum(x.flat[:] * x),
        lambda x: sum(v * v for v in x.flat),
        lambda x: np.sum(np.copy(x) * x),
        lambda x: np.sum(np.array(x) * x),
        lambda x: np.sum(x.view() * x),
        lambda x: np.sum(x.flatten() * x),
    ):
        np.testing.assert_array_equal(wg.grad(f)(x), 2 * x)


def test_45_the_rest_of_the_protocol():
    x = np.array([1.5, 2.5, 3.5])
    mask = np.array([True, False, True])
    np.testing.assert_array_equal(wg.grad(lambda x: np.sum(+x))(x), np.ones(3))
    np.testing.assert_array_equal(wg.grad(lambda x: np.sum(x, where=mask))(x), [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(wg.grad(lambda x: np.sum(x, initial=x[0] * x[1]))(x), [3.5, 2.5, 1.0])
    assert wg.jvp(lambda x: np.sum(x, initial=4.0), (x,), (np.ones(3),)) == (11.5, 3.0)
    assert wg.grad(lambda x: x // 2.0 + x)(3.0) == 1.0
    assert wg.grad(lambda x: sum(divmod(x, 2.0)))(3.0) == 1.0
    np.testing.assert_array_equal(wg.grad(lambda x: np.sum(np.add.accumulate(x)))(x), [3.0, 2.0, 1.0])

    def scatter(x):
        y = np.zeros(2)
        np.add.at(y, [0, 0, 1], x)
        return np.sum(y * y)

    np.testing.assert_array_equal(wg.grad(scatter)(x), [8.0, 8.0, 7.0])


class Custom(Exception):
    pass


def test_46_the_users_exception_passes_unchanged():
    raised = Custom("mine")

    def f(x):
        raise raised

    for _ in range(3):
        with pytest.raises(Custom) as caught:
            wg.grad(f)(1.0)
        assert caught.value is raised
        assert not getattr(raised, "__notes__", None)
    assert wg.grad(cube)(2.0) == 12.0


def test_49_50_input_and_cotangent_are_their_owners():
    x = np.array([1.0, 2.0])
    y, pullback = wg.vjp(lambda x: x * x, x)
    x[:] = 100.0
    c = np.ones(2)
    (got,) = pullback(c)
    np.testing.assert_array_equal(got, [2.0, 4.0])
    (same,) = wg.vjp(lambda x: x, x)[1](c)
    assert not np.shares_memory(same, c)
    assert not np.shares_memory(y, x)


def test_51_layouts():
    for x in (
        np.broadcast_to(np.float64(2.0), (2, 3)),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(6.0).reshape(2, 3)[::-1, ::-1],
        np.arange(24.0).reshape(4, 6)[::2, ::2],
    ):
        x.flags.writeable = False
        got = wg.grad(lambda x: np.sum(x * x))(x)
        np.testing.assert_array_equal(got, 2 * x)
        assert got.flags.c_contiguous
        assert got.flags.writeable


def test_52_the_users_recursion_error():
    def endless(x):
        return endless(x * 1.0)

    with pytest.raises(RecursionError):
        wg.grad(endless)(1.0)

    def deep(x, n):
        return x if n == 0 else deep(x, n - 1) * 1.0

    assert wg.grad(deep)(1.0, sys.getrecursionlimit() // 2) == 1.0


def test_a_caught_refusal_of_a_write_is_one_though_the_value_is_there_already():
    buffer = np.ones(2)

    def f(x):
        with contextlib.suppress(Exception):
            buffer[0] = x[0] ** 2
        return buffer.sum() * x[1]

    f(np.array([0.7, 1.9]))
    for _ in range(2):
        with pytest.raises(TypeError, match="caught this error"):
            wg.grad(f)(np.array([0.7, 1.9]))
    assert type(buffer) is np.ndarray
