"""Fourier, cosine and sine transforms of scipy.fft: linear maps whose transposes are transforms again.

The Fourier ones are those of rules.fft in several dimensions. A cosine or sine transform with
`orthogonalize` is orthogonal up to its scale, so its transpose is that of the inverse type
(1, 2, 3, 4 → 1, 3, 2, 4). Without, some first or last elements are weighted by 2:

    type 1   M = C D        C symmetric, D = diag(1, 2, …, 2, 1)       Mᵀ = D M D⁻¹     (dct only)
    type 2   M₂ᵀ = M₃ with its first (dst: last) input doubled
    type 3   M₃ᵀ = M₂ with its first (dst: last) output halved
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import prod
from typing import Any

import numpy as np
import scipy.fft

from wengert.ir.row import ROWS, Row
from wengert.record import swap
from wengert.record.apply import apply
from wengert.record.build import contains_value
from wengert.record.observe import look
from wengert.record.protocols import any_recorded, compute_plain, lower
from wengert.record.state import compute
from wengert.record.value import is_value
from wengert.rules.fft import SWAPPED, as_argument, mirrored, real
from wengert.rules.table import linear

Axes = tuple[int, ...]


# ── Fourier: op(x, s, axes, norm) with lengths s along axes ──


def _operation(function: Any) -> Any:
    """A function of scipy.fft that takes values recorded further out as well."""

    @wraps(function)
    def op(x: Any, **params: Any) -> Any:
        return apply(ROWS[op], (x,), params) if is_value(x) else function(x, **params)

    return op


fftn, ifftn = _operation(scipy.fft.fftn), _operation(scipy.fft.ifftn)
rfftn, irfftn = _operation(scipy.fft.rfftn), _operation(scipy.fft.irfftn)
hfftn, ihfftn = _operation(scipy.fft.hfftn), _operation(scipy.fft.ihfftn)
dctn, idctn = _operation(scipy.fft.dctn), _operation(scipy.fft.idctn)
dstn, idstn = _operation(scipy.fft.dstn), _operation(scipy.fft.idstn)


def _itself(transform: Any) -> Any:
    """The transpose of fftn and ifftn, whose matrices are symmetric."""
    return lambda c, x, s, axes, norm: as_argument(transform(c, s=s, axes=axes, norm=norm), x, axes)


def _from_half(inverse: Any) -> Any:
    """The transpose of rfftn (inverse irfftn) and ihfftn (inverse hfftn)."""

    def pull(c: Any, x: Any, s: Axes, axes: Axes, norm: Any) -> Any:
        half = mirrored(np.conj(c), 0.5, s[-1], axes[-1])
        return as_argument(inverse(half, s=s, axes=axes, norm=SWAPPED[norm]), x, axes)

    return pull


def _to_half(inverse: Any) -> Any:
    """The transpose of irfftn (inverse rfftn) and hfftn (inverse ihfftn)."""

    def pull(c: Any, x: Any, s: Axes, axes: Axes, norm: Any) -> Any:
        half = np.conj(inverse(real(c), s=s, axes=axes, norm=SWAPPED[norm]))
        return as_argument(mirrored(half, 2, s[-1], axes[-1]), x, axes)

    return pull


# fmt: off
FFTN   = linear(fftn,   _itself(fftn),       name="scipy.fft.fftn")
IFFTN  = linear(ifftn,  _itself(ifftn),      name="scipy.fft.ifftn")
RFFTN  = linear(rfftn,  _from_half(irfftn), name="scipy.fft.rfftn")
IRFFTN = linear(irfftn, _to_half(rfftn),    name="scipy.fft.irfftn")
HFFTN  = linear(hfftn,  _to_half(ihfftn),   name="scipy.fft.hfftn")
IHFFTN = linear(ihfftn, _from_half(hfftn),  name="scipy.fft.ihfftn")
# fmt: on


# ── cosine and sine: op(x, type, s, axes, norm, orthogonalize) ──


INVERSE_TYPE = {1: 1, 2: 3, 3: 2, 4: 4}
WEIGHTS = {
    (dctn, 1): ((0, -1), (0, -1)),
    (dctn, 2): ((0,), ()),
    (dctn, 3): ((), (0,)),
    (dstn, 2): ((-1,), ()),
    (dstn, 3): ((), (-1,)),
}
"""Where the transpose doubles its input, and where it halves its output."""


def _weighted(x: Any, factor: float, axes: Axes, places: tuple[int, ...]) -> Any:
    """x with the elements at these places along each axis times factor."""
    for axis in axes if places else ():
        weight = np.ndarray(np.shape(x)[axis], np.float32)
        weight.fill(1)
        weight[list(places)] = factor
        x = x * weight.reshape((-1,) + (1,) * (np.ndim(x) - 1 - axis))
    return x


def _transposed(op: Any, inverse: bool) -> Any:
    """The transpose of op ∈ {dctn, dstn}, or of its inverse, which is op of the inverse type and swapped norm."""

    def pull(c: Any, x: Any, type: int, s: Axes, axes: Axes, norm: Any, orthogonalize: bool) -> Any:
        kind, norm = (INVERSE_TYPE[type], SWAPPED[norm]) if inverse else (type, norm)
        weighted_in, weighted_out = WEIGHTS.get((op, kind), ((), ()))
        if not orthogonalize:
            c = _weighted(c, 2.0, axes, weighted_in)
        g = op(c, type=INVERSE_TYPE[kind], s=s, axes=axes, norm=norm, orthogonalize=orthogonalize)
        if not orthogonalize:
            g = _weighted(g, 0.5, axes, weighted_out)
        return as_argument(g, x, axes)

    return pull


# fmt: off
DCTN  = linear(dctn,  _transposed(dctn, False),  name="scipy.fft.dctn")
IDCTN = linear(idctn, _transposed(dctn, True),   name="scipy.fft.idctn")
DSTN  = linear(dstn,  _transposed(dstn, False), name="scipy.fft.dstn")
IDSTN = linear(idstn, _transposed(dstn, True),  name="scipy.fft.idstn")
# fmt: on


# ── the user's spellings ──


def _replacement(original: Any, spelled: Callable[..., Any]) -> None:
    """Call `spelled` where an argument is recorded; SciPy where none is, or where it is going to refuse."""

    def make(original: Any) -> Any:
        def transform(x: Any, *args: Any, **kwargs: Any) -> Any:
            if contains_value(x) and any_recorded(x):
                y = spelled(np.array(x) if isinstance(x, (list, tuple)) else x, *args, **kwargs)
                if y is not None:
                    return y
                compute(original, lower((x, *args)), lower(kwargs))  # what SciPy says against it
            return swap.wrap_plain(compute_plain(original, (x, *args), kwargs))

        return transform

    swap.replace(original)(make)


def _lengths(x: Any, s: Any, axes: Any, half: bool) -> tuple[Axes, Axes] | None:
    """Lengths and axes, all given, counted from 0; None if SciPy would refuse them."""
    shape = np.shape(x)
    s = s if s is None else _as_tuple(s)
    if axes is None:
        axes = range(len(shape)) if s is None else range(len(shape) - len(s), len(shape))
    axes = _as_tuple(axes)
    if not axes or any(not -len(shape) <= k < len(shape) for k in axes):
        return None
    axes = tuple(int(k) % len(shape) for k in axes)
    if s is None:
        s = tuple(shape[k] for k in axes)
        s = (*s[:-1], 2 * (s[-1] - 1)) if half else s
    s = tuple(shape[k] if n == -1 else int(n) for n, k in zip(s, axes, strict=False))
    valid = len(s) == len(axes) == len(set(axes)) and min(s) > 0 and prod(shape) > 0
    return (s, axes) if valid else None


def _as_tuple(x: Any) -> tuple[Any, ...]:
    return (x,) if np.ndim(x) == 0 else tuple(x)


def _fourier(row: Row, default: Any, half: bool) -> Any:
    def spelled(
        x: Any, s: Any = None, axes: Any = default, norm: Any = None, overwrite_x: bool = False,
        workers: Any = None, *, plan: Any = None, **_: Any,
    ) -> Any:  # fmt: skip
        found = _lengths(x, s, axes, half)
        return found and apply(row, (x,), {"s": found[0], "axes": found[1], "norm": norm})

    return spelled


def _one(spelled: Any) -> Any:
    """The one-dimensional spelling: n and axis in place of s and axes."""

    def one(x: Any, n: Any = None, axis: int = -1, norm: Any = None, *rest: Any, **options: Any) -> Any:
        return spelled(x, None if n is None else (int(n),), (axis,), norm, *rest, **options)

    return one


def _trigonometric(row: Row) -> Any:
    def spelled(
        x: Any, type: int = 2, s: Any = None, axes: Any = None, norm: Any = None, overwrite_x: bool = False,
        workers: Any = None, orthogonalize: Any = None,
    ) -> Any:  # fmt: skip
        found = _lengths(x, s, axes, False)
        ortho = norm == "ortho" if orthogonalize is None else bool(orthogonalize)
        params = {"type": type, "norm": norm, "orthogonalize": ortho}
        return found and apply(row, (x,), params | {"s": found[0], "axes": found[1]})

    return spelled


def _one_trigonometric(spelled: Any) -> Any:
    def one(x: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None, *rest: Any, **options: Any) -> Any:
        return spelled(x, type, None if n is None else (int(n),), (axis,), norm, *rest, **options)

    return one


for _name, _row in (
    ("fft", FFTN),
    ("ifft", IFFTN),
    ("rfft", RFFTN),
    ("irfft", IRFFTN),
    ("hfft", HFFTN),
    ("ihfft", IHFFTN),
):
    _half = _name in ("irfft", "hfft")
    _replacement(getattr(scipy.fft, _name), _one(_fourier(_row, None, _half)))
    _replacement(getattr(scipy.fft, _name + "2"), _fourier(_row, (-2, -1), _half))
    _replacement(getattr(scipy.fft, _name + "n"), _fourier(_row, None, _half))
for _row in (DCTN, IDCTN, DSTN, IDSTN):
    _name = _row.name.removeprefix("scipy.fft.")[:-1]
    _replacement(getattr(scipy.fft, _name), _one_trigonometric(_trigonometric(_row)))
    _replacement(getattr(scipy.fft, _name + "n"), _trigonometric(_row))
_replacement(scipy.fft.fftshift, np.fft.fftshift)
_replacement(scipy.fft.ifftshift, np.fft.ifftshift)


# ── Hankel transforms on logarithmic grids: elements of the matrix depend on i + k, so that it is symmetric ──


def _hankel(name: str) -> None:
    original: Any = getattr(scipy.fft, name)

    @wraps(original)
    def op(a: Any, *args: Any, **kwargs: Any) -> Any:
        if any_recorded(a):
            return apply(ROWS[op], (a,), {"args": args, "kwargs": kwargs})
        return compute_plain(original, (a, *args), kwargs)

    def transform(a: Any, args: Any, kwargs: Any) -> Any:
        return op(a, *args, **kwargs)

    ROWS[op] = linear(transform, lambda c, a, args, kwargs: op(c, *args, **kwargs), name=f"scipy.fft.{name}")
    swap.replace(original)(lambda _: op)


_hankel("fht")
_hankel("ifht")


@swap.replace(scipy.fft.fftfreq, scipy.fft.rfftfreq)
def _frequencies(original: Any) -> Any:
    ours = np.fft.fftfreq if original is scipy.fft.fftfreq else np.fft.rfftfreq

    def frequencies(n: Any, d: Any = 1.0, **options: Any) -> Any:
        return ours(n, d) if contains_value(d) else swap.wrap_plain(original(look(n), d, **options))

    return frequencies
