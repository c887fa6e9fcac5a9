"""What the tests of passes have in common: traces of functions of anything, and equality of every bit."""

import numpy as np

from wengert import tree
from wengert.ir.check import check
from wengert.ir.trace import Trace, evaluate
from wengert.passes.effects import in_bodies
from wengert.passes.pattern import recorded


def trace_of(f, args, constant=()):
    """f at these arguments as a trace; the arguments in the places `constant`, and those that are no numbers, are fixed."""
    numbers = (float, np.ndarray, np.generic)
    places = [k for k, x in enumerate(args) if isinstance(x, numbers) and k not in constant]
    listing, result = recorded(f, args, places)
    names = tuple(f"x{k}" for k in places)
    inputs = tuple(listing.inputs)
    trace = Trace("f", names, inputs, names, (), tuple(listing.lines), (result,), lambda *a: list(a), lambda ys: ys[0])
    return check(trace), [args[k] for k in places]


def alone(apply, trace):
    """One pass over the trace, checked."""
    return check(in_bodies(trace, apply, frozenset()))


def outcome(trace, values):
    """The outputs, or the type of the error."""
    with np.errstate(all="ignore"):
        try:
            return evaluate(trace, [x.copy() if isinstance(x, np.ndarray) else x for x in values])
        except Exception as error:
            return type(error)


def identical(got, expected):
    """Types, shapes and every bit, but that one NaN is as good as another."""
    if isinstance(expected, type):
        assert got is expected
        return
    for a, b in zip(tree.flatten(got)[0], tree.flatten(expected)[0], strict=True):
        assert isinstance(a, np.ndarray) == isinstance(b, np.ndarray) or not np.ndim(b)
        a, b = np.asarray(a), np.asarray(b)
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_array_equal(a, b)
        if a.dtype.kind == "f":
            np.testing.assert_array_equal(np.signbit(a[~np.isnan(a)]), np.signbit(b[~np.isnan(b)]))
