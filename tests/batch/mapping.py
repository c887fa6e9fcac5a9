"""`assert_maps(f, *args)`: vmap(f) is the loop over the examples, stacked."""

import warnings

import numpy as np

import wengert as wg
from wengert import tree
from wengert.api import vmap as module


class Watch:
    """Context manager: `loops` counts the examples that were called one by one, `why` says what went wrong."""

    def __enter__(self):
        self.loops, self.why = 0, ""
        self.together, self.one_by_one = module.together, module.one_by_one
        module.together, module.one_by_one = self._together, self._one_by_one
        return self

    def __exit__(self, *_):
        module.together, module.one_by_one = self.together, self.one_by_one

    def _together(self, mapped, members):
        try:
            return self.together(mapped, members)
        except Exception as error:
            self.why = f"{type(error).__name__}: {error}"
            raise

    def _one_by_one(self, mapped, members):
        self.loops += len(members)
        return self.one_by_one(mapped, members)


def example(batch, axes, b):
    """The arguments of example b: along axis 0, or whole where the entry of axes is None."""
    return [x if axis is None else tree.tree_map(lambda leaf: leaf[b], x) for x, axis in zip(batch, axes, strict=True)]


def stacked(results):
    """Results stacked leaf by leaf."""
    columns = zip(*[tree.flatten(r)[0] for r in results], strict=True)
    return [np.stack([np.asarray(x) for x in column]) for column in columns]


def assert_maps(f, *batch, in_axes=None, rtol=1e-10):
    """vmap(f) of a batch against the loop, leaf by leaf; returns the Watch that saw it."""
    axes = in_axes or (0,) * len(batch)
    first = next(x for x, axis in zip(batch, axes, strict=True) if axis is not None)
    count = len(tree.flatten(first)[0][0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = stacked([f(*example(batch, axes, b)) for b in range(count)])
        with Watch() as watch:
            found = tree.flatten(wg.vmap(f, axes)(*batch))[0]
    assert len(expected) == len(found)
    for a, b in zip(expected, found, strict=True):
        assert type(b) is np.ndarray
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        scale = np.max(np.abs(a), initial=0.0, where=np.isfinite(a)) if a.dtype.kind in "fc" else 0
        np.testing.assert_allclose(b, a, rtol=rtol, atol=rtol * scale, err_msg=watch.why)
    return watch


def total(f):
    """The sum of all floating leaves of f's result: something to take the gradient of."""

    def summed(*args):
        s = 0.0
        for leaf in tree.flatten(f(*args))[0]:
            leaf = np.asarray(leaf)
            if leaf.dtype.kind in "fc":
                s = s + np.sum(np.sin(np.real(leaf))) + (np.sum(np.imag(leaf)) if leaf.dtype.kind == "c" else 0.0)
        return s

    return summed
