"""`retrace(f, *args)`: everything that must hold of the trace of f at args."""

import numpy as np

import wengert as wg
from wengert import tree
from wengert.errors import OffTrace
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


def holds_elsewhere(f, *args, factor=1.01):
    """At other arguments the trace gives f's result, or says that f would have gone another way."""
    trace = wg.trace(f)(*args)
    rng = np.random.default_rng(0)
    taken = 0
    for shuffled in (False, True, True):
        others = [rng.permutation(np.ravel(a)).reshape(np.shape(a)) if shuffled else a * factor for a in args]
        others = [x[()] if np.ndim(x) == 0 else x for x in map(np.asarray, others)]
        others = [type(a)(x) if type(a) is float else x for a, x in zip(args, others, strict=True)]
        try:
            got = trace(*others)
        except OffTrace:
            continue
        taken += 1
        for g, e in zip(tree.flatten(got)[0], tree.flatten(f(*others))[0], strict=True):
            np.testing.assert_allclose(g, e, rtol=1e-9, atol=1e-12)
    assert taken, "every other point was off the trace"


def same(got, expected):
    for g, e in zip(tree.flatten(got)[0], tree.flatten(expected)[0], strict=True):
        np.testing.assert_array_equal(g, e)
        if e is not None and not isinstance(e, str):
            assert np.asarray(g).dtype == np.asarray(e).dtype
