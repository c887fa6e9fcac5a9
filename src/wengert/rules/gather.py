"""Functions that repeat, pad or window elements: one map from places of the result to places of x."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record import index, swap
from wengert.record.apply import apply
from wengert.record.build import contains_value
from wengert.record.locate import at_user_line
from wengert.record.observe import look
from wengert.record.state import state
from wengert.record.value import concrete
from wengert.rules.pairs import pair
from wengert.rules.table import handles, linear

_arange, _zeros = np.arange, np.zeros
_pad_body: Any = np.pad._implementation  # type: ignore[attr-defined]
_windows, _as_strided = np.lib.stride_tricks.sliding_window_view, np.lib.stride_tricks.as_strided


def _gather(x: Any, places: Any, shape: tuple[int, ...]) -> Any:
    return np.ravel(x)[places]


def _scatter(c: Any, places: Any, shape: tuple[int, ...]) -> Any:
    """Σ of c over the places of the result that show the same element of x."""
    size = int(np.prod(shape))
    flat = np.ravel(places)
    weights: Any = np.ravel(c)
    if np.iscomplexobj(c):
        sums = np.bincount(flat, weights.real, size) + 1j * np.bincount(flat, weights.imag, size)
    else:
        sums = np.bincount(flat, weights, size)
    return sums.astype(np.result_type(c)).reshape(shape)


gather, scatter = pair(_gather, _scatter)


def places_of(x: Any) -> Any:
    """0, 1, 2, … in the shape of x."""
    shape = np.shape(x)
    return _arange(int(np.prod(shape))).reshape(shape)


# ── repeat, tile ──


def _sum_repeats(c: Any, x: Any, repeats: Any, axis: int) -> Any:
    shape = np.shape(x)
    axis %= len(shape)
    if np.ndim(repeats) == 0:
        return np.sum(np.reshape(c, (*shape[: axis + 1], int(repeats), *shape[axis + 1 :])), axis=axis + 1)
    return scatter(c, places=np.repeat(places_of(x), repeats, axis), shape=shape)


REPEAT = linear(np.repeat, _sum_repeats)


@handles(np.repeat)
def _repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    repeats = look(repeats)
    if axis is None or np.ndim(concrete(a)) == 0:
        return apply(REPEAT, (np.ravel(a),), {"repeats": repeats, "axis": 0})
    return apply(REPEAT, (a,), {"repeats": repeats, "axis": axis})


def _sum_tiles(c: Any, x: Any, reps: tuple[int, ...]) -> Any:
    n = max(len(reps), np.ndim(x))
    shape = (1,) * (n - np.ndim(x)) + np.shape(x)
    reps = (1,) * (n - len(reps)) + reps
    folded = np.reshape(c, [m for both in zip(reps, shape, strict=True) for m in both])
    return np.reshape(np.sum(folded, axis=tuple(range(0, 2 * n, 2))), np.shape(x))


TILE = linear(np.tile, _sum_tiles)


@handles(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    reps = look(reps)
    return apply(TILE, (A,), {"reps": tuple(int(r) for r in reps) if np.ndim(reps) else (int(reps),)})


# ── pad ──


def _pad_zeros(x: Any, pad_width: Any, constant_values: Any) -> Any:
    return np.pad(x, pad_width, constant_values=constant_values)


def inside(pad_width: Any, shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Where x of that shape lies in np.pad(x, pad_width)."""
    if isinstance(pad_width, dict):
        pairs = [(0, 0)] * len(shape)
        for axis, width in pad_width.items():
            pairs[axis] = width if np.ndim(width) else (width, width)
    else:
        pairs = np.broadcast_to(pad_width, (len(shape), 2))
    return tuple(slice(int(before), int(before) + n) for (before, _), n in zip(pairs, shape, strict=True))


PAD = linear(
    _pad_zeros,
    lambda c, x, pad_width, constant_values: c[inside(pad_width, np.shape(x))],
    push=(lambda d, x, pad_width, constant_values: _pad_zeros(d, pad_width, 0),),
    name="numpy.pad",
)
_COPIES = ("edge", "wrap", "reflect", "symmetric")


@handles(np.pad)
def _pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    pad_width = look(pad_width)
    if mode == "constant" and not contains_value(options.get("constant_values")):
        values = options.pop("constant_values", 0)
        if not options:
            return apply(PAD, (array,), {"pad_width": pad_width, "constant_values": values})
        options["constant_values"] = values
    if isinstance(mode, str) and mode in _COPIES and options.get("reflect_type", "even") == "even":
        places = concrete(np.pad(places_of(concrete(array)), pad_width, mode, **options))
        return gather(np.asanyarray(array), places=places, shape=np.shape(concrete(array)))
    return swap.run_body(_pad_body, (array, pad_width, mode), options)


# ── windows ──


def _window_view(x: Any, window: Any, axis: Any) -> Any:
    return _windows(x, window, axis)


WINDOWS = linear(
    _window_view,
    lambda c, x, window, axis: scatter(c, places=_windows(places_of(x), window, axis), shape=np.shape(x)),
    view=True,
    name="numpy.lib.stride_tricks.sliding_window_view",
)


@handles(_windows)
def _sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    if writeable and not state.bodies:  # SciPy's own code reads it only
        raise NoDerivative(
            at_user_line("no derivative through a writeable sliding_window_view: its elements overlap")
            + "\nLeave out writeable=True, or write into the array itself."
        )
    return apply(WINDOWS, (x,), {"window": window_shape, "axis": axis})


# ── strides ──


def _strided_view(x: Any, places: Any, shape: tuple[int, ...], layout: tuple[Any, Any, bool | None]) -> Any:
    """A view where x lies in memory as it did, else (a tangent) a copy."""
    if type(x) is np.ndarray and x.strides == layout[0] and places.size:
        first = np.unravel_index(places.flat[0], shape)
        beginning = x[tuple([slice(k, k + 1) for k in first])]
        return _as_strided(beginning, np.shape(places), layout[1], writeable=bool(layout[2]))
    return np.ravel(x)[places]


def _why_read_only(layout: Any, **_: Any) -> str:
    return "a view by strides whose elements overlap" if layout[2] is None else ""


def _strided_back(c: Any, places: Any, shape: tuple[int, ...], layout: tuple[Any, Any, bool | None]) -> Any:
    return _scatter(c, places, shape)


strided, _ = pair(_strided_view, _strided_back, view=True)
index.READ_ONLY[strided] = _why_read_only


def _bytes_to(shape: Any, strides: Any) -> Any:
    """How far each element is from the first one, in bytes."""
    return sum(
        (index * step for index, step in zip(np.ix_(*map(_arange, shape)), strides, strict=True)), _zeros((), int)
    )


def _places_by_strides(x: Any, begin: int, shape: Any, strides: Any) -> Any:
    """Which element of x each element of the strided view is, whose first one is `begin` bytes from that of x; None if
    some are outside."""
    own = np.ravel(_bytes_to(x.shape, x.strides))
    order = np.argsort(own)
    wanted = begin + _bytes_to(shape, strides)
    found = order[np.searchsorted(own, wanted, sorter=order).clip(max=own.size - 1)]
    return found if np.array_equal(own[found], wanted) else None


def _owner_of(x: Any) -> Any:
    """The array whose memory x shows."""
    return x if x.root is None else x.root


def _address(x: Any) -> int:
    return x.__array_interface__["data"][0]


@swap.replace(_as_strided)
def _as_strided_of_recorded(original: Any) -> Any:
    def as_strided(x: Any, shape: Any = None, strides: Any = None, subok: bool = False, writeable: bool = True) -> Any:
        if not contains_value([x]):
            with swap.Paused():  # it looks at the array's memory
                return original(x, shape, strides, subok, writeable)
        x = np.asanyarray(x)
        plain = concrete(x)
        shape = plain.shape if shape is None else tuple(int(n) for n in np.atleast_1d(shape))
        steps = plain.strides if strides is None else tuple(strides)
        for whole in (x, _owner_of(x)):
            data = concrete(whole)
            places = _places_by_strides(data, _address(plain) - _address(data), shape, steps)
            if places is not None:
                apart = np.unique(places).size == places.size
                layout = (data.strides, steps, None if writeable and not apart else bool(writeable))
                return strided(whole, places=places, shape=data.shape, layout=layout)
        raise NoDerivative(
            at_user_line(f"no derivative through as_strided with strides {steps}: they lead out of the array")
            + "\nTake the view of the array that holds all of these elements, or index it."
        )

    return as_strided
