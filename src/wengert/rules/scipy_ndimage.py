"""scipy.ndimage: filters of images are correlations of an array that goes on beyond its edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.ndimage as _ndimage

from wengert.record.apply import apply
from wengert.record.protocols import any_recorded, lower
from wengert.record.state import compute
from wengert.record.swap import replace, wrap_plain
from wengert.record.value import concrete
from wengert.rules.pairs import recordable
from wengert.rules.scipy_composed import compose
from wengert.rules.scipy_solvers import refuse_option
from wengert.rules.table import linear, rule
from wengert.rules.windows import Margins, extend, fold, spread, valid

ndimage: Any = _ndimage
_windows = np.lib.stride_tricks.sliding_window_view

MODES = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect", "nearest": "edge",
    "wrap": "wrap", "grid-wrap": "wrap", "constant": "constant", "grid-constant": "constant",
}  # fmt: skip
"""What np.pad calls the modes of scipy.ndimage."""

compose(
    ndimage,
    "gaussian_filter gaussian_filter1d uniform_filter sobel prewitt laplace gaussian_laplace generic_laplace "
    "gaussian_gradient_magnitude generic_gradient_magnitude maximum_filter minimum_filter",
)


# ── correlations ──


@recordable
def correlate(x: Any, w: Any, mode: str, cval: Any, origin: tuple[int, ...]) -> Any:
    """yᵢ = Σₖ wₖ xᵢ₊ₖ₋ₘ, with m the middle of the window."""
    return ndimage.correlate(x, w, mode=mode, cval=cval, origin=origin)


@recordable
def correlate1d(x: Any, w: Any, axis: int, mode: str, cval: Any, origin: int) -> Any:
    """The same along one axis."""
    return ndimage.correlate1d(x, w, axis, mode=mode, cval=cval, origin=origin)


@recordable
def uniform(x: Any, size: int, axis: int, mode: str, cval: Any, origin: int) -> Any:
    """The mean of `size` neighbours along one axis."""
    return ndimage.uniform_filter1d(x, size, axis, mode=mode, cval=cval, origin=origin)


def _margins(shape: tuple[int, ...], origin: Sequence[int]) -> Margins:
    return [(m // 2 + o, m - 1 - m // 2 - o) for m, o in zip(shape, origin, strict=True)]


def _to_image(c: Any, x: Any, w: Any, mode: Sequence[str], origin: Sequence[int]) -> Any:
    return fold(spread(c, w), np.shape(x), _margins(np.shape(w), origin), [MODES[m] for m in mode])


def _to_weights(c: Any, x: Any, w: Any, mode: Sequence[str], cval: Any, origin: Sequence[int]) -> Any:
    return valid(extend(x, _margins(np.shape(w), origin), [MODES[m] for m in mode], cval), c)


def _along(x: Any, w: Any, axis: int, mode: str, origin: int) -> tuple[Any, list[str], list[int]]:
    """Weights, modes and origins of the correlation in all axes that is one along a single axis."""
    n = np.ndim(x)
    modes, origins, shape = ["constant"] * n, [0] * n, [1] * n
    modes[axis], origins[axis], shape[axis] = mode, origin, np.shape(w)[0]
    return np.reshape(w, shape), modes, origins


def _to_image_1d(c: Any, x: Any, w: Any, axis: int, mode: str, origin: int) -> Any:
    w, modes, origins = _along(x, w, axis, mode, origin)
    return _to_image(c, x, w, modes, origins)


def _to_weights_1d(c: Any, x: Any, w: Any, axis: int, mode: str, cval: Any, origin: int) -> Any:
    w, modes, origins = _along(x, w, axis, mode, origin)
    return np.ravel(_to_weights(c, x, w, modes, cval, origins))


# fmt: off
CORRELATE = rule(
    correlate,
    lambda d, y, x, w, mode, cval, origin: correlate(d, w, mode=mode, cval=0.0, origin=origin),
    lambda d, y, x, w, mode, cval, origin: correlate(x, d, mode=mode, cval=cval, origin=origin),
    pull=(
        lambda c, y, x, w, mode, cval, origin: _to_image(c, x, w, [mode] * np.ndim(x), origin),
        lambda c, y, x, w, mode, cval, origin: _to_weights(c, x, w, [mode] * np.ndim(x), cval, origin),
    ),
    name="scipy.ndimage.correlate",
)
CORRELATE1D = rule(
    correlate1d,
    lambda d, y, x, w, axis, mode, cval, origin: correlate1d(d, w, axis=axis, mode=mode, cval=0.0, origin=origin),
    lambda d, y, x, w, axis, mode, cval, origin: correlate1d(x, d, axis=axis, mode=mode, cval=cval, origin=origin),
    pull=(
        lambda c, y, x, w, axis, mode, cval, origin: _to_image_1d(c, x, w, axis, mode, origin),
        lambda c, y, x, w, axis, mode, cval, origin: _to_weights_1d(c, x, w, axis, mode, cval, origin),
    ),
    name="scipy.ndimage.correlate1d",
)
UNIFORM = linear(
    uniform,
    lambda c, x, size, axis, mode, cval, origin: _to_image_1d(c, x, np.full(size, 1 / size), axis, mode, origin),
    push=(lambda d, x, cval, **options: uniform(d, cval=0.0, **options),),
    name="scipy.ndimage.uniform_filter1d",
)
# fmt: on


def _image(x: Any) -> Any:
    x = np.asarray(x)
    return x if np.dtype(x.dtype).kind in "fc" else x.astype(float)


def _delivered(y: Any, output: Any) -> Any:
    """y, written into `output` if that is an array."""
    if output is None or isinstance(output, (type, np.dtype, str)):
        return y if output is None else y.astype(output)
    output[...] = y
    return output


def _per_axis(option: Any, n: int) -> tuple[Any, ...]:
    return (option,) * n if isinstance(option, str) or np.ndim(option) == 0 else tuple(option)


def _plain(original: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    return wrap_plain(compute(original, lower(args), lower(options)))


def _one_axis(row: Any, weights_argument: bool) -> Any:
    def make(original: Any) -> Any:
        def filtered(
            input: Any,
            second: Any,
            axis: int = -1,
            output: Any = None,
            mode: str = "reflect",
            cval: Any = 0.0,
            origin: int = 0,
        ) -> Any:
            if not any_recorded((input, second, output)):
                return _plain(original, (input, second, axis, output, mode, cval, origin), {})
            x = _image(input)
            options = {"axis": axis % np.ndim(x), "mode": mode, "cval": cval, "origin": origin}
            if weights_argument:
                return _delivered(apply(row, (x, np.asarray(second, float)), options), output)
            return _delivered(apply(row, (x,), {"size": int(second)} | options), output)

        def call(input: Any, *args: Any, **kwargs: Any) -> Any:
            for name in ("weights", "size"):
                if name in kwargs:
                    kwargs["second"] = kwargs.pop(name)
            return filtered(input, *args, **kwargs)

        return call

    return make


replace(ndimage.correlate1d)(_one_axis(CORRELATE1D, True))
replace(ndimage.uniform_filter1d)(_one_axis(UNIFORM, False))


@replace(ndimage.convolve1d)
def _convolve1d(original: Any) -> Any:
    def convolve1d(
        input: Any,
        weights: Any,
        axis: int = -1,
        output: Any = None,
        mode: str = "reflect",
        cval: Any = 0.0,
        origin: int = 0,
    ) -> Any:
        if not any_recorded((input, weights, output)):
            return _plain(original, (input, weights, axis, output, mode, cval, origin), {})
        shift = -origin - (1 - np.shape(concrete(weights))[0] % 2)
        return ndimage.correlate1d(input, np.asarray(weights)[::-1], axis, output, mode, cval, shift)

    return convolve1d


@replace(ndimage.correlate)
def _correlate(original: Any) -> Any:
    def correlate(
        input: Any,
        weights: Any,
        output: Any = None,
        mode: Any = "reflect",
        cval: Any = 0.0,
        origin: Any = 0,
        **axes: Any,
    ) -> Any:
        if not any_recorded((input, weights, output)):
            return _plain(original, (input, weights, output, mode, cval, origin), axes)
        if axes.get("axes") is not None:
            raise refuse_option("scipy.ndimage.correlate", "axes")
        x, w = _image(input), np.asarray(weights, float)
        options = {"mode": mode, "cval": cval, "origin": _per_axis(origin, np.ndim(x))}
        return _delivered(apply(CORRELATE, (x, w), options), output)

    return correlate


@replace(ndimage.convolve)
def _convolve(original: Any) -> Any:
    def convolve(
        input: Any,
        weights: Any,
        output: Any = None,
        mode: Any = "reflect",
        cval: Any = 0.0,
        origin: Any = 0,
        **axes: Any,
    ) -> Any:
        if not any_recorded((input, weights, output)):
            return _plain(original, (input, weights, output, mode, cval, origin), axes)
        w = np.asarray(weights)
        origins = [-o - (1 - m % 2) for o, m in zip(_per_axis(origin, np.ndim(w)), np.shape(w), strict=True)]
        return ndimage.correlate(input, np.flip(w), output, mode, cval, origins, **axes)

    return convolve


# ── order within a window ──


def _reduced(reduce: Any) -> Any:
    """The filter that takes `reduce` of a window along one axis."""

    def make(original: Any) -> Any:
        def filtered(
            input: Any,
            size: Any,
            axis: int = -1,
            output: Any = None,
            mode: str = "reflect",
            cval: Any = 0.0,
            origin: int = 0,
        ) -> Any:
            if not any_recorded((input, output)):
                return _plain(original, (input, size, axis, output, mode, cval, origin), {})
            x = _image(input)
            w, modes, origins = _along(x, np.ones(size), axis % np.ndim(x), mode, origin)
            around = extend(x, _margins(np.shape(w), origins), [MODES[m] for m in modes], cval)
            return _delivered(reduce(_windows(around, size, axis), axis=-1), output)

        return filtered

    return make


replace(ndimage.maximum_filter1d)(_reduced(np.max))
replace(ndimage.minimum_filter1d)(_reduced(np.min))


@replace(ndimage.median_filter)
def _median_filter(original: Any) -> Any:
    def median_filter(
        input: Any, size: Any = None, footprint: Any = None, output: Any = None, mode: Any = "reflect", cval: Any = 0.0,
        origin: Any = 0, **axes: Any,
    ) -> Any:  # fmt: skip
        if not any_recorded((input, output)):
            return _plain(original, (input, size, footprint, output, mode, cval, origin), axes)
        if axes.get("axes") is not None:
            raise refuse_option("scipy.ndimage.median_filter", "axes")
        x = _image(input)
        n = np.ndim(x)
        inside = np.ones(_per_axis(size, n), bool) if footprint is None else np.asarray(footprint, bool)
        modes = [MODES[m] for m in _per_axis(mode, n)]
        around = extend(x, _margins(np.shape(inside), _per_axis(origin, n)), modes, cval)
        ordered = np.sort(_windows(around, np.shape(inside))[..., inside], axis=-1)
        return _delivered(ordered[..., np.count_nonzero(inside) // 2], output)

    return median_filter
