"""`retrace(f, *args)`: everything that must hold of the trace of f at args."""

import numpy as np

import wengert as wg
from wengert import tree
from wengert.ir.check import check


def retrace(f, *args, **kwargs):
    """The text runs and gives f's result, so do the lines, with dead code and without. Returns the trace."""
    expected = f(*args, **kwargs)
    traced = wg.trace(f)(*args, **kwargs)
    for trace in (check(traced), check(traced.dce())):
        scope = trace.namespace
        exec(str(trace), scope)
        same(scope[trace.name](*args, **kwargs), expected)
        same(trace(*args, **kwargs), expected)
    return traced


def same(got, expected):
    for g, e in zip(tree.flatten(got)[0], tree.flatten(expected)[0], strict=True):
        np.testing.assert_array_equal(g, e)
        if e is not None and not isinstance(e, str):
            assert np.asarray(g).dtype == np.asarray(e).dtype
