"""Derivatives as the user gets them: fresh arrays and numbers, of the shapes and dtypes of the arguments."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from wengert.record.build import array_of
from wengert.record.state import released
from wengert.record.value import Array, Scalar, concrete, is_value

_ndarray, _float64 = np.ndarray, np.float64
_FLOAT = np.dtype(float)


def finish_all(bars: list[Any], leaves: list[Any], conjugate: bool = True) -> list[Any]:
    """`finish` for each leaf, as a gradient if `conjugate`; empties bars, so that what nobody else holds
    need not be copied."""
    out: list[Any] = []
    for k, x in enumerate(leaves):
        g = bars[k]
        if type(x) is float and (type(g) is _float64 or type(g) is float):
            out.append(float(g))
            continue
        bars[k] = None
        if (
            type(g) is _ndarray
            and type(x) is _ndarray
            and g.dtype is _FLOAT is x.dtype
            and g.base is None
            and g.shape == x.shape
        ):
            fresh = sys.getrefcount(g) <= _HERE and g.flags.c_contiguous and g.flags.writeable  # flags refer to g
            out.append(g if fresh else np.array(g, order="C"))
            continue
        if conjugate and _is_complex(x):
            g = conj(g)
        out.append(finish(g, x))
    return out


def _is_complex(x: Any) -> bool:
    t = type(x)
    return x.dtype.kind == "c" if t is _ndarray else t is not _float64 and np.iscomplexobj(concrete(x))


def finish(g: Any, x: Any) -> Any:
    """A derivative as the user gets it: fresh, writable, of x's shape and dtype."""
    t = type(x)
    if g is None:
        kind: Any = type(concrete(x))
        return np.zeros_like(x) if kind is _ndarray else kind(0)
    if type(g) is Array and not np.ndim(concrete(g)) and not isinstance(concrete(x), _ndarray):
        g = g[()]  # type: ignore[index]
    if t is float:
        return _as_float(g) if type(g) is Scalar else float(g.real if type(g) is np.complex128 else g)
    if is_value(g):
        return _finish_value(g, x)
    if t is _ndarray:
        if g.__class__ is not _ndarray or (g.dtype is not x.dtype and g.dtype != x.dtype) or g.shape != x.shape:
            g = _real_like(g, x)
            return np.array(np.broadcast_to(g, x.shape), dtype=x.dtype)
        if g.base is None and g.flags.c_contiguous and g.flags.writeable and sys.getrefcount(g) <= _UNSHARED:
            return g
        return np.array(g, order="C")
    x = concrete(x)
    if isinstance(x, _ndarray):
        return np.array(np.broadcast_to(_real_like(g, x), x.shape), dtype=x.dtype)
    return type(x)(_real_like(g, x))


def _references(g: Any, x: Any) -> int:
    return sys.getrefcount(g)


def _references_of_unshared(bars: list[Any]) -> int:
    g, bars[0] = bars[0], None
    return _references(g, None)


_UNSHARED = _references_of_unshared([np.empty(0)])
"""The references to an array that nobody else holds, seen from `finish` when finish_all calls it."""


def _references_here(bars: list[Any]) -> int:
    g, bars[0] = bars[0], None
    return sys.getrefcount(g)


_HERE = _references_here([np.empty(0)])
"""The same, seen from finish_all."""


def _real_like(g: Any, x: Any) -> Any:
    return np.real(g) if np.iscomplexobj(g) and not np.iscomplexobj(x) else g


def _finish_value(g: Any, x: Any) -> Any:
    dtype = np.asarray(concrete(x)).dtype
    if concrete(g).dtype != dtype if hasattr(concrete(g), "dtype") else False:
        g = np.real(g) if dtype.kind != "c" and np.iscomplexobj(concrete(g)) else g
        g = g.astype(dtype)
    if type(g) is Array:
        return released(g.copy())  # type: ignore[attr-defined]
    kind: Any = type(concrete(x))
    if kind is _ndarray:  # one without axes, whose elements are recorded as numbers
        return array_of(g)
    return _as_float(g, kind) if kind is float or kind is complex else g


def _as_float(g: Any, kind: type[float] | type[complex] = float) -> Any:
    """The number g as a Python float (or complex number), recorded as g is."""
    return Scalar(_as_float(g.primal, kind), g.rec, g.slot) if type(g) is Scalar else kind(g)


def conj(g: Any) -> Any:
    """The gradient convention ∂f/∂Re z + i ∂f/∂Im z is the conjugate of the plain transpose."""
    return np.conj(g) if g is not None and np.iscomplexobj(concrete(g)) else g


__all__ = ["conj", "finish", "finish_all"]
