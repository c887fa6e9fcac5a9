"""scipy.signal's changes of rate, orders within windows and smoothing splines: linear in the signal, or sorted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.signal as _signal

from wengert.record.apply import apply, not_by
from wengert.record.looks import note
from wengert.record.observe import decide
from wengert.record.protocols import any_recorded, compute_plain, lower
from wengert.record.swap import replace, wrap_plain
from wengert.record.value import concrete
from wengert.rules.pairs import recordable
from wengert.rules.table import bilinear, linear
from wengert.rules.windows import filled

signal: Any = _signal
_windows = np.lib.stride_tricks.sliding_window_view

# ── yₘ = Σₖ hₖ uₘ_down₋ₖ, where u is x with up − 1 zeros after each element ──


@recordable
def resampled(h: Any, x: Any, up: int, down: int, axis: int) -> Any:
    """scipy.signal.upfirdn."""
    return signal.upfirdn(h, x, up, down, axis)


def _along(c: Any, h: Any, up: int, axis: int, start: int, count: int, step: int) -> Any:
    """Elements start, start + step, … of the convolution of h and c with zeros between."""
    full = np.moveaxis(resampled(h, c, up=up, down=1, axis=axis), axis, 0)
    rows = start + step * (count - 1) + 1
    if np.shape(full)[0] < rows:
        full = np.concatenate([full, np.zeros((rows - np.shape(full)[0], *np.shape(full)[1:]))])
    return np.moveaxis(full[start:rows:step], 0, axis)


def _to_signal(c: Any, h: Any, x: Any, up: int, down: int, axis: int) -> Any:
    return _along(c, h[::-1], down, axis, np.shape(h)[0] - 1, np.shape(x)[axis], up)


def _to_filter(c: Any, h: Any, x: Any, up: int, down: int, axis: int) -> Any:
    n, m = np.shape(x)[axis], np.shape(h)[0]
    x, c = (np.reshape(np.moveaxis(v, axis, -1), (-1, np.shape(v)[axis])) for v in (x, c))
    spaced = [resampled(np.ones(1), row[::-1], up=up, down=1, axis=0) for row in x]
    return sum([_along(row, u, down, 0, (n - 1) * up, m, 1) for row, u in zip(c, spaced, strict=True)])


UPFIRDN = bilinear(resampled, _to_filter, _to_signal, name="scipy.signal.upfirdn")


@recordable
def extended(x: Any, h: Any, up: int, down: int, axis: int, mode: str, cval: float = 0.0) -> Any:
    """The same of a signal that goes on beyond its ends in some way: linear in the signal, but for cval."""
    return signal.upfirdn(h, x, up, down, axis, mode, cval)


def _from_extended(c: Any, x: Any, h: Any, up: int, down: int, axis: int, mode: str, cval: float = 0.0) -> Any:
    matrix = extended(np.eye(np.shape(x)[axis]), h=h, up=up, down=down, axis=1, mode=mode)
    return np.moveaxis(np.tensordot(matrix, c, axes=(1, axis)), 0, axis)


linear(
    extended, _from_extended, push=(lambda d, x, cval=0.0, **options: extended(d, **options),),
    name="scipy.signal.upfirdn with mode",
)  # fmt: skip


@replace(signal.upfirdn)
def _upfirdn(original: Any) -> Any:
    def upfirdn(
        h: Any, x: Any, up: int = 1, down: int = 1, axis: int = -1, mode: str = "constant", cval: float = 0
    ) -> Any:
        if not any_recorded((h, x, cval)):
            return wrap_plain(compute_plain(original, (h, x, up, down, axis, mode, cval)))
        h, x = np.asarray(h), np.asarray(x)
        options: dict[str, Any] = {"up": int(up), "down": int(down), "axis": axis % np.ndim(x)}
        if mode in ("constant", None) and not any_recorded((cval,)) and not cval:
            return apply(UPFIRDN, (h, x), options)
        if any_recorded(h):  # linear in the filter
            units = np.eye(np.shape(concrete(h))[0])
            return np.tensordot(h, np.stack([upfirdn(e, x, up, down, axis, mode, cval) for e in units]), 1)
        return filled(lambda x, v: extended(x, h=concrete(h), mode=mode, cval=v, **options), x, cval)

    return upfirdn


# ── splines through a signal of one axis ──


def _of_matrix(original: Callable[..., Any]) -> None:
    """A linear function of one signal: its transpose is that of the matrix which unit signals show."""

    @recordable
    def op(x: Any, lamb: float) -> Any:
        return original(x, lamb)

    def matrix(n: int, lamb: float) -> Any:
        return np.array([original(e, lamb) for e in np.eye(n)])

    row = linear(op, lambda c, x, lamb: matrix(np.shape(x)[0], lamb) @ c, name=f"scipy.signal.{original.__name__}")

    @replace(original)
    def _spline(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def spline(signal: Any, lamb: float = 0.0) -> Any:
            if not any_recorded((signal, lamb)):
                return wrap_plain(compute_plain(original, (signal, lamb)))
            if any_recorded(lamb):
                raise not_by(f"scipy.signal.{original.__name__}", "lamb")
            return apply(row, (np.asarray(signal),), {"lamb": lamb})

        return spline


for _name in ("cspline1d", "qspline1d"):
    _of_matrix(getattr(signal, _name))


# ── order within a window of zeros beyond the edges ──


def _order(x: Any, inside: Any, rank: int) -> Any:
    around = np.pad(x, [(m // 2, m // 2) for m in np.shape(inside)])
    return np.sort(_windows(around, np.shape(inside))[..., inside], axis=-1)[..., rank]


@replace(signal.order_filter)
def _order_filter(original: Any) -> Any:
    def order_filter(a: Any, domain: Any, rank: int) -> Any:
        if not any_recorded((a,)):
            return wrap_plain(compute_plain(original, (a, domain, rank)))
        return _order(np.asarray(a), np.asarray(domain).astype(bool), rank)

    return order_filter


@replace(signal.medfilt2d)
def _medfilt2d(original: Any) -> Any:
    def medfilt2d(input: Any, kernel_size: Any = 3) -> Any:
        if not any_recorded((input,)):
            return wrap_plain(compute_plain(original, (input, kernel_size)))
        shape = np.broadcast_to(np.asarray(kernel_size), (2,))
        return _order(np.asarray(input), np.ones(tuple(shape), bool), int(np.prod(shape)) // 2)

    return medfilt2d


@replace(signal.square)
def _square(original: Any) -> Any:
    def square(t: Any, duty: Any = 0.5) -> Any:
        if not any_recorded((t, duty)):
            return wrap_plain(original(*lower((t, duty))))
        y = decide(original, t, duty)
        note((t, duty), y)
        return wrap_plain(y)

    return square
