"""Every row of the tables of rewrites: it fires, gives the text of its right side, and both sides agree."""

import inspect

import numpy as np
import pytest
from agreement import alone, identical, outcome, trace_of

from wengert.passes.dce import dce
from wengert.passes.exact import EXACT
from wengert.passes.fold import fold
from wengert.passes.real import REAL
from wengert.passes.rewrite import Table

SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.5, 3.0, 1e308, -1e-310, 5e-324, 0.1])


def name(rewrite):
    return inspect.getsource(rewrite.before).strip().split("lambda", 1)[1].split(",   ")[0].strip()[:60]


def cases(table):
    return [pytest.param(r, id=f"{k}: {name(r)}") for k, r in enumerate(table.rewrites)]


def wrapped(f):
    """f, whose result is not that of the whole: there a rewrite may have to leave a copy alone."""
    return lambda *args: np.sum(f(*args))


def text(trace):
    return str(alone(dce, alone(fold, trace)))


def constants(rewrite):
    """Which arguments to fix so that the rewrite applies: none, or all but the first."""
    args = rewrite.arguments
    for fixed in ((), tuple(range(1, len(args)))):
        given = tuple(2.0**k if k in fixed and isinstance(x, np.ndarray) else x for k, x in enumerate(args))
        trace, _ = trace_of(wrapped(rewrite.before), given, fixed)
        if alone(Table((rewrite,)), trace) is not trace:
            return given, fixed
    raise AssertionError("the rewrite does not apply to its own left side")


@pytest.mark.parametrize("rewrite", [*cases(EXACT), *cases(REAL)])
def test_left_becomes_right(rewrite):
    args, fixed = constants(rewrite)
    left, _ = trace_of(wrapped(rewrite.before), args, fixed)
    right, _ = trace_of(wrapped(rewrite.after), args, fixed)
    table = Table((rewrite,))
    if not fixed:
        assert text(alone(table, left)) == text(alone(table, right))
    assert alone(table, alone(table, left)) is not left


def points(rewrite):
    """Arguments of many types and shapes, with every special value."""
    args, fixed = constants(rewrite)
    kinds = rewrite.kinds
    if not rewrite.at:
        grids = np.meshgrid(*[SPECIAL] * len(args), indexing="ij")
        elementwise = [tuple(grids), tuple(g.astype(np.float32) for g in grids)]
        elementwise += [tuple(float(g.flat[k]) for g in grids) for k in range(0, grids[0].size, 7)]
        elementwise += [tuple(np.float64(g.flat[k]) for g in grids) for k in range(0, grids[0].size, 7)]
        elementwise += [tuple(SPECIAL[k:][: 6 if k % 2 else 1] for k in range(len(args)))]
        elementwise += [tuple(SPECIAL[None, :] if k % 2 else SPECIAL[:, None] for k in range(len(args)))]
        if "i" in kinds:
            elementwise += [tuple(np.array([-3, 0, 1, 7]) + k for k in range(len(args)))]
            elementwise += [tuple(np.array([3, 0, 1, 7], np.uint8) for _ in args)]
        if "c" in kinds:
            elementwise += [tuple(g + 1j * g[::-1] for g in grids)]
        for given in elementwise:
            yield tuple(args[k] if k in fixed else x for k, x in enumerate(given)), fixed
        for c in (4, 0.5, -0.125, 2.0**40, np.float64(8), 3.0, 2.0**-130, np.inf):
            if fixed:
                yield (SPECIAL, *[c] * len(fixed)), fixed
        return
    yield args, fixed
    for dtype in (np.float64, np.float32, np.int64, np.complex128, bool):
        if np.dtype(dtype).kind in kinds:
            yield tuple(retyped(x, dtype) for x in args), fixed


def retyped(x, dtype):
    if not isinstance(x, np.ndarray) or x.dtype == bool:
        return x
    return np.resize(SPECIAL if np.dtype(dtype).kind in "fc" else np.arange(5), x.shape).astype(dtype)


@pytest.mark.parametrize("rewrite", cases(EXACT))
@pytest.mark.filterwarnings("ignore")
def test_exact_ones_change_no_bit(rewrite):
    fired = 0
    table = Table((rewrite,))
    for args, fixed in points(rewrite):
        try:
            left, values = trace_of(rewrite.before, args, fixed)
        except Exception:  # numbers for which the left side itself raises
            continue
        for outer in (rewrite.before, wrapped(rewrite.before)):
            left, values = trace_of(outer, args, fixed)
            right = alone(table, left)
            fired += right is not left
            identical(outcome(right, values), outcome(left, values))
    assert fired


@pytest.mark.parametrize("rewrite", cases(REAL))
def test_real_ones_agree_to_rounding(rewrite):
    args, fixed = constants(rewrite)
    rng = np.random.default_rng(1)
    table = Table((rewrite,))
    for dtype, rtol in ((np.float64, 4e-15), (np.float32, 2e-6)):
        for _ in range(5):
            given = tuple(
                (x * rng.uniform(0.8, 1.25, np.shape(x))).astype(dtype)[()]
                if isinstance(x, (np.ndarray, np.floating)) and k not in fixed
                else x
                for k, x in enumerate(args)
            )
            left, values = trace_of(wrapped(rewrite.before), given, fixed)
            right = alone(table, left)
            assert right is not left
            (got,), (expected,) = outcome(right, values), outcome(left, values)
            assert np.asarray(got).dtype == np.asarray(expected).dtype
            scale = np.linalg.cond(given[0].astype(float)) if np.ndim(given[0]) == 2 else 4
            np.testing.assert_allclose(got, expected, rtol=rtol * scale, atol=rtol)


@pytest.mark.parametrize(
    ("what", "f", "args"),
    [
        ("x + 0 of −0", lambda x: x + 0, (np.array([-0.0]),)),
        ("0 · ∞", lambda x: x * 0, (np.array([np.inf]),)),
        ("x − x of NaN", lambda x: x - x, (np.array([np.nan]),)),
        ("−(a − b) of equals", lambda a, b: -(a - b), (np.ones(2), np.ones(2))),
        ("another dtype", lambda x: x * 1, (np.array([1, 2]) > 1,)),
        ("a complex product", lambda z: z * 1, (np.array([np.inf + 1j]),)),
        ("a division that rounds", lambda x: x / 3.0, (np.array([1.0, 5.0]),)),
        ("a power of two without an inverse", lambda x: x / 2.0**-1074, (np.array([1.0, 5.0]),)),
        ("a broadcast product", lambda x: x * np.ones((2, 2)), (np.array([1.0, 5.0]),)),
        ("where of other shapes", lambda x: np.where(np.ones((2, 2), bool), x, x), (np.array([1.0, 5.0]),)),
        ("other axes", lambda x: np.swapaxes(np.swapaxes(x, 0, 1), 0, 2), (np.ones((2, 3, 4)),)),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_exact_rewrites_leave_alone(what, f, args):
    trace, _ = trace_of(f, args)
    assert alone(EXACT, trace) is trace


def test_a_chain_of_products_is_done_from_the_right():
    a, b, v = np.ones((4, 4)), np.eye(4), np.ones(4)
    trace, _ = trace_of(lambda a, b, v: a @ b @ v, (a, b, v))
    assert "x1 @ x2" in str(alone(REAL, trace))
    used, _ = trace_of(lambda a, b, v: np.sum(a @ b) + np.sum(a @ b @ v) * 0.5, (a, b, v))
    shared, _ = trace_of(lambda a, b, v: (lambda c: np.sum(c) + np.sum(c @ v))(a @ b), (a, b, v))
    assert "x1 @ x2" in str(alone(REAL, used))
    assert "x1 @ x2" not in str(alone(REAL, shared)), "the product is needed anyway"


def test_inverse_becomes_solve_and_is_gone():
    trace, _ = trace_of(lambda a, b: np.linalg.inv(a) @ b, (np.eye(3) * 2, np.ones(3)))
    text = str(alone(dce, alone(REAL, trace)))
    assert "np.linalg.solve(x0, x1)" in text
    assert "inv" not in text


def test_memory_that_is_written_to_is_left_alone():
    def f(x):
        y = -x
        y[0] = 5.0
        z = -y
        w = np.transpose(np.transpose(y))
        y[1] = 7.0
        return z + w + y

    trace, values = trace_of(f, (np.ones((3, 3)),))
    for table in (EXACT, REAL):
        identical(outcome(alone(table, trace), values), outcome(trace, values))


def test_all_combinations_of_tables_reach_an_end():
    """No rewrite undoes another for ever."""
    rows = [*EXACT.rewrites, *REAL.rewrites]
    table = Table(tuple(rows))
    for r in rows:
        args, fixed = constants(r)
        trace, _ = trace_of(wrapped(r.before), args, fixed)
        for _ in range(12):
            trace, before = alone(dce, alone(table, trace)), trace
            if trace is before:
                break
        assert trace is before, str(trace)
