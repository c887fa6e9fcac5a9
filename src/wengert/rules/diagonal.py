"""Diagonals and triangles: diag, diagonal, trace, tril, triu."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.record.apply import apply
from wengert.record.value import concrete
from wengert.rules.pairs import pair
from wengert.rules.table import handles, linear

_zeros, _einsum = np.zeros, np.einsum
_REALS = {float, np.float64}


def _diagonal(x: Any, offset: int, axis1: int, axis2: int, shape: tuple[int, ...]) -> Any:
    return np.diagonal(x, offset, axis1, axis2)


def _embed(c: Any, offset: int, axis1: int, axis2: int, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape`, with c on the diagonal."""
    x = _zeros(shape, np.result_type(c))
    if len(shape) == 2 and axis1 == 0 and axis2 == 1:
        return _put(x, np.shape(c)[-1], c, offset)
    k = np.arange(np.shape(c)[-1])
    rows, columns = k + max(-offset, 0), k + max(offset, 0)
    np.moveaxis(x, (axis1, axis2), (-2, -1))[..., rows, columns] = c
    return x


def _put(x: Any, n: int, c: Any, offset: int) -> Any:
    """A plain matrix in C order, with c as the n elements of a diagonal."""
    first, step = offset if offset >= 0 else -offset * x.shape[1], x.shape[1] + 1
    x.reshape(-1)[first : first + n * step : step] = c
    return x


diagonal, embed = pair(_diagonal, _embed, view=True)


@handles(np.diagonal)
def _np_diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    shape = np.shape(concrete(a))
    if len(shape) < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    return apply(ROWS[diagonal], (a,), {"offset": offset, "axis1": axis1, "axis2": axis2, "shape": shape})


@handles(np.linalg.diagonal)
def _linalg_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return _np_diagonal(x, offset, -2, -1)


@handles(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    shape = np.shape(concrete(v))
    if len(shape) == 1:
        n = shape[0] + abs(k)
        return embed(v, offset=k, axis1=0, axis2=1, shape=(n, n))
    if len(shape) == 2:
        return _np_diagonal(v, k)
    raise ValueError("Input must be 1- or 2-d.")


@handles(np.diagflat)
def _diagflat(v: Any, k: int = 0) -> Any:
    return _diag(np.ravel(v), k)


def _spread(c: Any, x: Any, offset: int, axis1: int, axis2: int) -> Any:
    shape = np.shape(x)
    n = max(0, min(shape[axis1] - max(-offset, 0), shape[axis2] - max(offset, 0)))
    if type(c) in _REALS and len(shape) == 2 and axis1 == 0 and axis2 == 1:
        return _put(_zeros(shape), n, c, offset)
    same = np.broadcast_to(np.expand_dims(c, -1), (*np.shape(c), n))
    return embed(same, offset=offset, axis1=axis1, axis2=axis2, shape=shape)


TRACE = linear(np.trace, _spread)


@handles(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    x = a if dtype is None else a.astype(dtype)
    y = apply(TRACE, (x,), {"offset": offset, "axis1": axis1, "axis2": axis2})
    if out is None:
        return y
    out[...] = y
    return out


@handles(np.linalg.trace)
def _linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return _trace(x, offset, -2, -1, dtype)


# ── the writeable diagonal of einsum("ii->i", x) and its like ──


def _repeated(x: Any, labels: tuple[int, ...], unique: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    return _einsum(x, list(labels), list(unique))


def _onto_repeated(c: Any, labels: tuple[int, ...], unique: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    x = _zeros(shape, np.result_type(c))
    _einsum(x, list(labels), list(unique))[...] = c
    return x


take_repeated, put_repeated = pair(_repeated, _onto_repeated, view=True)
