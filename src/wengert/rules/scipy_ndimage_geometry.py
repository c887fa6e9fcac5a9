"""scipy.ndimage's transforms of images: values of a spline through the pixels, at places that may be recorded.

Its Python functions (shift, zoom, rotate, affine_transform, map_coordinates) are run as they are. What they call of
compiled code has SciPy's value and the derivative of its description: y(o) = Σ_t c[t] Πₐ β(placeₐ(o) − tₐ), with the
coefficients c of the spline, and B-splines β (Thévenaz, Blu and Unser, Interpolation revisited, 2000).
"""

from __future__ import annotations

from functools import cache, reduce
from typing import Any

import numpy as np
import scipy.ndimage as _ndimage
from scipy.ndimage import _nd_image  # type: ignore[attr-defined]

from wengert.record.protocols import any_recorded, compute_plain
from wengert.record.value import concrete, stopped
from wengert.rules.described import described, replaces_in
from wengert.rules.pairs import recordable
from wengert.rules.scipy_composed import compose
from wengert.rules.table import linear
from wengert.rules.windows import filled

ndimage: Any = _ndimage
compiled: Any = _nd_image
_spline_filter1d, _transform, _zoom_shift = compiled.spline_filter1d, compiled.geometric_transform, compiled.zoom_shift

compose(ndimage, "shift zoom rotate affine_transform map_coordinates geometric_transform spline_filter spline_filter1d")

NEAREST, WRAP, REFLECT, MIRROR, CONSTANT, GRID_WRAP, GRID_CONSTANT = range(7)
"""SciPy's codes of what lies beyond the edges."""


# ── coefficients of the spline: linear in the image ──


@recordable
def coefficients(x: Any, order: int, axis: int, mode: int) -> Any:
    """The coefficients of the spline of this order along one axis."""
    out = np.zeros(np.shape(x))
    _spline_filter1d(np.ascontiguousarray(x), order, axis, out, mode)
    return out


@cache
def _matrix(n: int, order: int, mode: int) -> Any:
    return coefficients(np.eye(n), order=order, axis=0, mode=mode)


def _to_pixels(c: Any, x: Any, order: int, axis: int, mode: int) -> Any:
    return np.moveaxis(np.tensordot(_matrix(np.shape(x)[axis], order, mode), c, axes=(0, axis)), 0, axis)


COEFFICIENTS = linear(coefficients, _to_pixels, name="scipy.ndimage.spline_filter1d")


@replaces_in(compiled, "spline_filter1d")
def _filter1d(input: Any, order: int, axis: int, output: Any, mode: int) -> None:
    if any_recorded((input,)):
        output[...] = coefficients(np.asarray(input), order=order, axis=axis % np.ndim(input), mode=mode)
    else:
        into(output, _spline_filter1d, (input, order, axis), (mode,))


def into(output: Any, function: Any, before: Any, after: Any) -> None:
    """A compiled function that writes into `output`, of plain arguments."""
    out = np.array(concrete(output))
    compute_plain(function, (*before, out, *after))
    output[...] = out


# ── values of the spline between its pixels ──


def _basis(u: Any, order: int) -> list[Any]:
    """The B-splines that are not zero between two knots, at u of the way, by the recurrence of Cox and de Boor."""
    splines: list[Any] = [1.0]
    for d in range(1, order + 1):
        left = [0.0, *[(u + d - m) / d * splines[m - 1] for m in range(1, d + 1)]]
        right = [*[(m + 1 - u) / d * splines[m] for m in range(d)], 0.0]
        splines = [a + b for a, b in zip(left, right, strict=True)]
    return splines


def _taps(place: Any, n: int, order: int, mode: int) -> tuple[Any, Any, Any]:
    """Along one axis, which pixels the neighbours are and what they weigh; and whether the place is inside."""
    at = stopped(place)
    inside = np.logical_and(at >= 0, at <= n - 1)
    if mode == NEAREST:
        place = np.where(inside, place, np.clip(at, 0.0, n - 1.0))
    elif mode == WRAP:
        place = place - np.where(inside, 0.0, np.floor(at / max(n - 1, 1)) * (n - 1))
    elif mode == CONSTANT:
        place = np.where(inside, place, 0.0)
    lifted = place if order % 2 else place + 0.5
    start = np.floor(stopped(lifted))
    steps = np.reshape(np.arange(order + 1) - order // 2, (-1, *(1,) * np.ndim(concrete(place))))
    weights = np.stack(_basis(lifted - start, order)) if order else np.ones((1, *np.shape(concrete(place))))
    return start.astype(int) + steps, weights, inside


def _pixel(k: Any, n: int, mode: int) -> Any:
    """The pixel that lies at index k, beyond the edges too."""
    if mode in (NEAREST, GRID_CONSTANT):
        return np.clip(k, 0, n - 1)
    if mode == GRID_WRAP:
        return k % n
    if mode == REFLECT:
        k = k % (2 * n)
        return np.where(k < n, k, 2 * n - 1 - k)
    k = k % max(2 * n - 2, 1)
    return np.where(k < n, k, 2 * n - 2 - k)


def _spline(c: Any, places: list[Any], order: int, mode: int, cval: float, npad: int) -> Any:
    """The spline with coefficients c at the places, one array of them per axis."""
    shape, d = np.shape(c), len(np.shape(c))
    axes = [_taps(place + npad, n, order, mode) for place, n in zip(places, shape, strict=True)]
    at = [_on_axis(axis[0], k, d) for k, axis in enumerate(axes)]
    value = c[tuple([_pixel(k, n, mode) for k, n in zip(at, shape, strict=True)])]
    if mode == GRID_CONSTANT:
        inside = [np.logical_and(k >= 0, k < n) for k, n in zip(at, shape, strict=True)]
        value = np.where(_every(inside), value, cval)
    for k, axis in enumerate(axes):
        value = value * _on_axis(axis[1], k, d)
    total = np.sum(value, axis=tuple(range(d)))
    return np.where(_every([axis[2] for axis in axes]), total, cval) if mode == CONSTANT else total


def _on_axis(x: Any, k: int, d: int) -> Any:
    """x, whose first axis is that of the neighbours, with it as the k-th of d such axes."""
    shape = np.shape(concrete(x))
    return np.reshape(x, (*(1,) * k, shape[0], *(1,) * (d - 1 - k), *shape[1:]))


def _every(conditions: list[Any]) -> Any:
    return reduce(np.logical_and, conditions)


def _grid(shape: tuple[int, ...]) -> Any:
    return np.indices(shape).astype(float)


# ── the three ways to say where ──


def _at_coordinates(c: Any, where: Any, shape: Any, order: int, mode: int, cval: float, npad: int) -> Any:
    out = np.zeros(shape)
    _transform(np.ascontiguousarray(c), None, where, None, None, out, order, mode, cval, npad, None, None)
    return out


def _spline_at_coordinates(c: Any, where: Any, shape: Any, **options: Any) -> Any:
    return _spline(c, list(where), **options)


def _by_matrix(c: Any, matrix: Any, offset: Any, shape: Any, order: int, mode: int, cval: float, npad: int) -> Any:
    out = np.zeros(shape)
    matrix, offset = np.ascontiguousarray(matrix), np.ascontiguousarray(offset)
    _transform(np.ascontiguousarray(c), None, None, matrix, offset, out, order, mode, cval, npad, None, None)
    return out


def _spline_by_matrix(c: Any, matrix: Any, offset: Any, shape: Any, **options: Any) -> Any:
    grid = _grid(shape)
    places = [np.tensordot(matrix[k], grid, axes=1) + offset[k] for k in range(len(np.shape(c)))]
    return _spline(c, places, **options)


def _by_zoom(
    c: Any, zoom: Any, by: Any, shape: Any, order: int, mode: int, cval: float, npad: int, centred: bool
) -> Any:
    out = np.zeros(shape)
    zoom, by = np.ascontiguousarray(zoom), np.ascontiguousarray(by)
    _zoom_shift(np.ascontiguousarray(c), zoom, by, out, order, mode, cval, npad, centred)
    return out


def _spline_by_zoom(c: Any, zoom: Any, by: Any, shape: Any, centred: bool, **options: Any) -> Any:
    half = 0.5 if centred else 0.0
    places = [(o + by[k] + half) * zoom[k] - half for k, o in enumerate(_grid(shape))]
    return _spline(c, places, **options)


AT = described(_at_coordinates, _spline_at_coordinates, 2, "scipy.ndimage.map_coordinates")
BY_MATRIX = described(_by_matrix, _spline_by_matrix, 3, "scipy.ndimage.affine_transform")
BY_ZOOM = described(_by_zoom, _spline_by_zoom, 3, "scipy.ndimage.zoom")


@replaces_in(compiled, "geometric_transform")
def _geometric_transform(
    input: Any, mapping: Any, where: Any, matrix: Any, offset: Any, output: Any, order: int, mode: int, cval: Any,
    npad: int, extra: Any, keywords: Any,
) -> None:  # fmt: skip
    if mapping is not None:
        points = np.ndindex(np.shape(concrete(output)))
        places = [mapping(at, *extra, **keywords) for at in points]
        where = np.moveaxis(np.reshape(np.array(places), (*np.shape(concrete(output)), -1)), -1, 0)
    if not any_recorded((input, where, matrix, offset, cval)):
        after = (order, mode, cval, npad, None, None)
        return into(output, _transform, (input, None, where, matrix, offset), after)
    options = {"shape": np.shape(concrete(output)), "order": order, "mode": mode, "npad": npad}
    by, places = (AT, (where,)) if where is not None else (BY_MATRIX, (matrix, offset))
    output[...] = filled(lambda c, cval: by(c, *places, cval=float(cval), **options), np.asarray(input), cval)


@replaces_in(compiled, "zoom_shift")
def _zoom_and_shift(
    input: Any, zoom: Any, by: Any, output: Any, order: int, mode: int, cval: Any, npad: int, centred: bool
) -> None:
    if not any_recorded((input, zoom, by, cval)):
        return into(output, _zoom_shift, (input, zoom, by), (order, mode, cval, npad, centred))
    n = np.ndim(concrete(input))
    zoom, by = np.ones(n) if zoom is None else zoom, np.zeros(n) if by is None else by
    options = {"shape": np.shape(concrete(output)), "order": order, "mode": mode, "npad": npad, "centred": centred}
    output[...] = filled(lambda c, cval: BY_ZOOM(c, zoom, by, cval=float(cval), **options), np.asarray(input), cval)
