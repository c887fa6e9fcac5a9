"""Functions that work element by element or row by row: vectorize, apply_along_axis, take_along_axis."""

from __future__ import annotations

import functools
import gc
import itertools
from typing import Any

import numpy as np

from wengert.ir.row import HANDLERS
from wengert.record.build import contains_value
from wengert.record.observe import look
from wengert.record.protocols import is_of_python, missing_method
from wengert.record.replaced import REPLACED
from wengert.record.state import state
from wengert.record.swap import METHODS, replace, run_body
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.table import handles

_take_body = np.take_along_axis._implementation  # type: ignore[attr-defined]
_put_body = np.put_along_axis._implementation  # type: ignore[attr-defined]


@handles(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    x, places = as_array(arr), look(as_array(indices))
    return np.ravel(x)[places] if axis is None else run_body(_take_body, (x, places, axis), {})


@handles(np.put_along_axis)
def _put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    places = look(as_array(indices))
    if axis is None:
        np.put(arr, places, values)
    else:
        run_body(_put_body, (arr, places, values, axis), {})


@replace(np.apply_along_axis)
def _apply_along_axis(original: Any) -> Any:
    def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
        """The function may hold recorded values of its own, so its results are joined where these are seen."""
        x = as_array(arr)
        k = range(np.ndim(concrete(x)))[axis]
        shape = np.shape(concrete(x))
        rest = shape[:k] + shape[k + 1 :]
        if 0 in rest:
            raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
        rows = np.moveaxis(x, k, -1)
        parts = [np.asarray(func1d(rows[place], *args, **kwargs)) for place in np.ndindex(*rest)]
        y = np.reshape(np.stack(parts), rest + np.shape(concrete(parts[0])))
        n = np.ndim(concrete(parts[0]))
        return np.moveaxis(y, tuple(range(len(rest), len(rest) + n)), tuple(range(k, k + n)))

    return apply_along_axis


HANDLERS[np.apply_along_axis] = _apply_along_axis(None)


# ── np.vectorize ──


def vectorized(v: Any, *args: Any, **kwargs: Any) -> Any:
    """What an np.vectorize object does while recording: call its function for each element."""
    if v.signature is not None:
        return _by_signature(v, args, kwargs)
    names = [name for name in kwargs if name not in v.excluded]
    free = [k for k in range(len(args)) if k not in v.excluded]
    given = [as_array(args[k]) for k in free] + [as_array(kwargs[name]) for name in names]
    if not given:
        return v.pyfunc(*args, **kwargs)
    shape = np.broadcast_shapes(*[np.shape(concrete(a)) for a in given])
    lifted = [np.broadcast_to(a, shape) for a in given]
    if 0 in shape and v.otypes is None:
        raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
    results = [_one(v, args, kwargs, free, names, [a[place] for a in lifted]) for place in np.ndindex(shape)]
    if not results:
        return np.zeros(shape, v.otypes[0])
    if type(results[0]) is tuple:
        return tuple(_joined([r[j] for r in results], shape, v, j) for j in range(len(results[0])))
    return _joined(results, shape, v, 0)


def _one(v: Any, args: Any, kwargs: Any, free: list[int], names: list[str], values: list[Any]) -> Any:
    positional, keywords = list(args), dict(kwargs)
    for k, value in zip(free, values, strict=False):
        positional[k] = value
    keywords.update(zip(names, values[len(free) :], strict=True))
    return v.pyfunc(*positional, **keywords)


def _joined(results: list[Any], shape: tuple[int, ...], v: Any, j: int) -> Any:
    """The results as an array of the dtype that np.vectorize takes: that of the first, or otypes."""
    dtype = np.dtype(v.otypes[j]) if v.otypes else np.asarray(concrete(results[0])).dtype
    y = np.reshape(np.array(results), shape)
    return y if concrete(y).dtype == dtype else y.astype(dtype)


def _python_function(ufunc: Any) -> Any:
    """The function of Python's that np.frompyfunc was given: the ufunc refers to nothing else."""
    f = next(part for part in gc.get_referents(ufunc) if callable(part))
    return REPLACED.get(f, f)


@handles(is_of_python)
def _of_python(ufunc: Any, *args: Any) -> Any:
    """A ufunc that np.frompyfunc made: its function, for each element. Its results are numbers, not objects."""
    y = vectorized(np.vectorize(_python_function(ufunc)), *args)
    if isinstance(y, tuple):
        return tuple([part[()] for part in y])
    return y[()] if not np.ndim(concrete(y)) else y


def _folded(ufunc: Any, x: Any, axis: int = 0, **options: Any) -> Any:
    if options.pop("keepdims", False) or any(value is not None for value in options.values()):
        raise missing_method(ufunc, "reduce with options")
    x, f = np.moveaxis(as_array(x), axis, 0), lambda a, b: _of_python(ufunc, a, b)
    return functools.reduce(f, [x[k] for k in range(np.shape(concrete(x))[0])])


def _accumulated(ufunc: Any, x: Any, axis: int = 0) -> Any:
    x, f = np.moveaxis(as_array(x), axis, 0), lambda a, b: _of_python(ufunc, a, b)
    steps = itertools.accumulate([x[k] for k in range(np.shape(concrete(x))[0])], f)
    return np.moveaxis(np.stack(list(steps)), 0, axis)


def _outer(ufunc: Any, a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    return _of_python(ufunc, np.reshape(a, (*np.shape(concrete(a)), *[1] * np.ndim(concrete(b)))), b)


HANDLERS.update({
    (is_of_python, "reduce"): _folded, (is_of_python, "accumulate"): _accumulated, (is_of_python, "outer"): _outer,
})  # fmt: skip


def _by_signature(v: Any, args: Any, kwargs: Any) -> Any:
    """np.vectorize with a signature: its core dimensions stay, the others are looped over."""
    inputs, outputs = v._in_and_out_core_dims
    given = [as_array(a) for a in args]
    cores = [len(core) for core in inputs]
    loops = [np.shape(concrete(a))[: np.ndim(concrete(a)) - n] for a, n in zip(given, cores, strict=True)]
    shape = np.broadcast_shapes(*loops)
    lifted = [
        np.broadcast_to(a, shape + np.shape(concrete(a))[len(loop) :]) for a, loop in zip(given, loops, strict=True)
    ]
    results = [v.pyfunc(*[a[place] for a in lifted], **kwargs) for place in np.ndindex(shape)]
    several = [r if type(r) is tuple else (r,) for r in results]
    joined: list[Any] = [
        np.reshape(np.stack([np.asarray(r[j]) for r in several]), shape + np.shape(concrete(several[0][j])))
        for j in range(len(outputs))
    ]
    return tuple(joined) if len(joined) > 1 else joined[0]


_call = np.vectorize.__call__


def _vectorize_call(self: Any, *args: Any, **kwargs: Any) -> Any:
    if self.pyfunc is np._NoValue or not state.depth or not _sees_recorded(self, args, kwargs):  # type: ignore[attr-defined]
        return _call(self, *args, **kwargs)
    return vectorized(self, *args, **kwargs)


def _sees_recorded(v: Any, args: Any, kwargs: Any) -> bool:
    """Whether a recorded value is among the arguments or in the function's closure."""
    closure = getattr(v.pyfunc, "__closure__", None) or ()
    held = [cell.cell_contents for cell in closure if _filled(cell)]
    return contains_value([*args, *kwargs.values(), *held])


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


METHODS.append((np.vectorize, "__call__", _call, _vectorize_call))
