"""numpy.ma of recorded numbers: what is made of its arithmetic, as NumPy makes it, and the seldom methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.protocols import tolist
from wengert.record.value import concrete
from wengert.rules import masked_plain as masked_plain
from wengert.rules.masked import as_masked, masks
from wengert.rules.masked_array import METHODS, UNSEEN, Masked, data_of, full, joined, mapped, mask_of, masked, nomask

Fn = Callable[..., Any]


def _shown(mask: Any, values: Any) -> Any:
    if not isinstance(values, list):
        return None if mask else values
    return [_shown(m, v) for m, v in zip(mask, values, strict=True)]


def _method(function: Any) -> Fn:
    return lambda self, *args, **kwargs: self._moved(function, *args, **kwargs)


def _compressed(self: Any, condition: Any, axis: Any = None) -> Any:
    return self._moved(lambda x: np.compress(np.asarray(condition, bool), x, axis))


def _fill(self: Any, value: Any) -> None:
    self.data[...] = value  # also what is masked, and stays so


def _trace(self: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return self.diagonal(offset, axis1, axis2).sum(-1)


_ADDED: dict[str, Fn] = {name: _method(getattr(np, name)) for name in ("swapaxes", "take", "repeat", "diagonal")} | {
    "round": lambda self, decimals=0, out=None: Masked(np.round(self.data, decimals), joined(self.mask)),
    "tolist": lambda self: _shown(full(self.mask, self.shape).tolist(), tolist(self.data)),
    "nonzero": lambda self: np.nonzero(np.asarray(concrete(self.filled(0)))),
    "compress": _compressed,
    "product": Masked.prod,
    "fill": _fill,
    "trace": _trace,
}
for _name, _function in _ADDED.items():
    setattr(Masked, _name, _function)
for _name in ("swapaxes", "take", "repeat", "diagonal", "round", "nonzero", "trace"):
    METHODS[getattr(np, _name)] = _ADDED[_name]
UNSEEN.update([np.where, np.interp, np.polyfit, np.linalg.norm])


@masks("inner", "outer")
def _products(name: str) -> Fn:
    def inner(a: Any, b: Any) -> Any:
        y = np.inner(as_masked(a).filled(0), as_masked(b).filled(0))
        return Masked(y) if np.ndim(concrete(y)) else y

    def outer(a: Any, b: Any) -> Any:
        a, b = as_masked(a).ravel(), as_masked(b).ravel()
        mask = nomask
        if a.mask is not nomask or b.mask is not nomask:
            mask = ~np.outer(~full(a.mask, a.shape), ~full(b.mask, b.shape))
        return Masked(np.outer(a.filled(0), b.filled(0)), mask)

    return inner if name == "inner" else outer


_NOTHING: Any = np._NoValue  # type: ignore[attr-defined]


def _end_to_end(parts: Any, axis: int) -> Any:
    data = np.concatenate([p.data for p in parts], axis)
    mask = np.concatenate([full(p.mask, p.shape) for p in parts], axis)
    return Masked(data, mask if np.any(mask) else nomask)


def _beside(x: Any, a: Any, axis: int) -> Any:
    """What is put before or after a: a number is one along that axis."""
    x = as_masked(x)
    if x.ndim:
        return x
    shape = list(a.shape)
    shape[axis] = 1
    return Masked(np.broadcast_to(x.data, shape), np.broadcast_to(full(x.mask, ()), shape))


@masks("diff", "ediff1d")
def _differences(name: str) -> Fn:
    def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = _NOTHING, append: Any = _NOTHING) -> Any:
        a = as_masked(a)
        if n:
            ends = [x if x is _NOTHING else _beside(x, a, axis) for x in (prepend, append)]
            a = _end_to_end([x for x in (ends[0], a, ends[1]) if x is not _NOTHING], axis)
        for _ in range(n):
            last = [slice(None)] * a.ndim
            first = last.copy()
            last[axis], first[axis] = slice(1, None), slice(None, -1)
            a = a[tuple(last)] - a[tuple(first)]
        return a

    def ediff1d(arr: Any, to_end: Any = None, to_begin: Any = None) -> Any:
        parts = [to_begin, diff(as_masked(arr).ravel()), to_end]
        parts = [as_masked(np.atleast_1d(p) if p is not parts[1] else p) for p in parts if p is not None]
        return _end_to_end(parts, 0)

    return diff if name == "diff" else ediff1d


@masks("compress")
def _compress(_: str) -> Fn:
    return lambda condition, a, axis=None, **_: as_masked(a).compress(condition, axis)


@masks("polyfit")
def _polyfit(_: str) -> Fn:
    def polyfit(
        x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
    ) -> Any:
        """Without the points that are masked in x, in a row of y, or in w."""
        parts = [as_masked(x), as_masked(y), *([] if w is None else [as_masked(w)])]
        rows = [m if np.ndim(m) < 2 else np.any(m, axis=1) for m in [p.mask for p in parts]]
        hidden = joined(*rows)
        data = [p.data if hidden is nomask else p.data[~hidden] for p in parts]
        weights = data[2] if len(data) > 2 else None
        return np.polyfit(data[0], data[1], deg, rcond, full, weights, cov)  # type: ignore[call-overload]

    return polyfit


@masks("cov", "corrcoef")
def _covariance(name: str) -> Fn:
    def cov(
        x: Any, y: Any = None, rowvar: bool = True, bias: bool = False, allow_masked: bool = True, ddof: Any = None
    ) -> Any:
        """Sums of products of deviations, over the pairs of which neither is masked."""
        a, rowvar = _rows(x), rowvar or len(_rows(x)) == 1
        if y is not None:
            b = _rows(y)
            if a.shape == b.shape:
                a, b = (Masked(p.data, joined(a.mask, b.mask)) for p in (a, b))
            a = _end_to_end([a, b], 0 if rowvar else 1)
        a = a if rowvar else a.transpose()
        if not allow_masked and np.any(a.mask):
            raise ValueError("Cannot process masked data.")
        there = (~full(a.mask, a.shape)).astype(float)
        deviations = as_masked(a - a.mean(1, keepdims=True)).filled(0)
        count = there @ there.T - ((0 if bias else 1) if ddof is None else ddof)
        y = np.dot(deviations, np.conj(deviations).T) / np.where(count > 0, count, 1.0)
        y, mask = np.squeeze(y), np.squeeze(count <= 0)
        return Masked(y, mask)

    def corrcoef(x: Any, y: Any = None, rowvar: bool = True, allow_masked: bool = True) -> Any:
        c = cov(x, y, rowvar, allow_masked=allow_masked)
        if not c.ndim:
            return masked
        std = mapped(np.sqrt, c.diagonal())
        return c / (std.reshape(-1, 1) * std.reshape(1, -1))

    return cov if name == "cov" else corrcoef


def _rows(x: Any) -> Any:
    """x as a masked matrix."""
    data = np.atleast_2d(data_of(x))
    mask = mask_of(x)
    return Masked(data * 1.0, mask if mask is nomask else np.reshape(mask, np.shape(concrete(data))))
