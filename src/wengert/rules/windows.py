"""Correlations of an array that goes on beyond its edges in some way, and what they have for transposes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.record.observe import look
from wengert.record.protocols import any_recorded
from wengert.record.value import concrete
from wengert.rules.gather import scatter

_arange, _windows = np.arange, np.lib.stride_tricks.sliding_window_view

Margins = Sequence[tuple[int, int]]
"""Per axis, how many elements there are before and after the array."""


def extend(x: Any, margins: Margins, modes: Sequence[str], value: Any = 0.0) -> Any:
    """x with margins, one axis after the other; modes are those of np.pad."""
    for axis, (margin, mode) in enumerate(zip(margins, modes, strict=True)):
        if margin != (0, 0):
            width = [(0, 0)] * np.ndim(x)
            width[axis] = margin
            x = np.pad(x, width, mode, **({"constant_values": value} if mode == "constant" else {}))  # pyright: ignore
    return x


def fold(c: Any, shape: tuple[int, ...], margins: Margins, modes: Sequence[str]) -> Any:
    """The transpose of `extend`: what is in the margins goes back to the elements it was copied from."""
    kept: list[slice] = []
    places: list[Any] = []
    for n, (before, after), mode in zip(shape, margins, modes, strict=True):
        cut = mode == "constant"
        kept.append(slice(before, before + n) if cut else slice(None))
        places.append(_arange(n) if cut else np.pad(_arange(n), (before, after), mode))  # pyright: ignore
    c = c[tuple(kept)]
    if all(mode == "constant" for mode in modes):
        return c
    return scatter(c, places=np.ravel_multi_index(np.ix_(*places), shape), shape=shape)


def valid(x: Any, w: Any) -> Any:
    """yᵢ = Σₖ wₖ xᵢ₊ₖ, where all of the window lies in x."""
    n = np.ndim(w)
    return np.tensordot(_windows(x, np.shape(w)), w, axes=(tuple(range(n, 2 * n)), tuple(range(n))))


def spread(c: Any, w: Any) -> Any:
    """x̄ⱼ = Σₖ wₖ cⱼ₋ₖ: the transpose of `valid` in x."""
    return valid(np.pad(c, [(m - 1, m - 1) for m in np.shape(w)]), np.flip(w))


def filled(f: Callable[[Any, Any], Any], x: Any, value: Any) -> Any:
    """f(x, value), which is linear in x and the value beyond the edges together: f(x, v) + (value − v) f(0, 1)."""
    if not any_recorded(value):
        return f(x, value)
    v = look(value)
    return f(x, v) + (value - v) * f(np.zeros_like(concrete(x)), 1.0)
