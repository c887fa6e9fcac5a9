"""scipy.ndimage: filters of images are correlations of an array that goes on beyond its edges."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.ndimage as _ndimage
from scipy.ndimage import _nd_image  # type: ignore[attr-defined]

from wengert.record.apply import apply
from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded, compute_plain, lower
from wengert.record.swap import replace, wrap_plain
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import described, replaces_in
from wengert.rules.pairs import recordable
from wengert.rules.scipy_composed import compose, steps
from wengert.rules.scipy_ndimage_geometry import into
from wengert.rules.scipy_solvers import refuse_option
from wengert.rules.table import linear, rule
from wengert.rules.windows import Margins, extend, filled, fold, spread, valid

ndimage: Any = _ndimage
compiled: Any = _nd_image
_windows = np.lib.stride_tricks.sliding_window_view

MODES = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect", "nearest": "edge",
    "wrap": "wrap", "grid-wrap": "wrap", "constant": "constant", "grid-constant": "constant",
}  # fmt: skip
"""What np.pad calls the modes of scipy.ndimage."""

compose(
    ndimage,
    "gaussian_filter gaussian_filter1d uniform_filter sobel prewitt laplace gaussian_laplace generic_laplace "
    "gaussian_gradient_magnitude generic_gradient_magnitude maximum_filter minimum_filter rank_filter "
    "percentile_filter grey_dilation grey_erosion grey_opening grey_closing morphological_gradient "
    "morphological_laplace white_tophat black_tophat center_of_mass sum sum_labels mean variance standard_deviation "
    "maximum minimum median extrema labeled_comprehension vectorized_filter",
)


steps(
    ndimage,
    "label find_objects binary_dilation binary_erosion binary_opening binary_closing binary_fill_holes "
    "binary_hit_or_miss binary_propagation",
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


def _replaces(
    *originals: Any, recorded: tuple[str, ...] = ("input", "weights", "cval", "output")
) -> Callable[[Any], Any]:
    """Decorator: what filters do where one of the arguments `recorded` is; it is given SciPy's arguments by name."""

    def make(original: Any, filtered: Any) -> Any:
        signature = inspect.signature(original)

        def call(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            if not any_recorded(tuple([bound.arguments.get(name) for name in recorded])):
                return wrap_plain(compute_plain(original, args, kwargs))
            bound.apply_defaults()
            given = SimpleNamespace(**bound.arguments)
            kind = np.asarray(concrete(given.input)).dtype if not any_recorded(given.input) else np.dtype(float)
            if kind.kind in "iub" and getattr(given, "output", 0) is None:
                given.output = kind  # whole numbers stay whole
            if getattr(given, "axes", None) is not None:
                raise refuse_option(f"scipy.ndimage.{original.__name__}", "axes")
            return filtered(given)

        return call

    def register(filtered: Any) -> Any:
        for original in originals:
            replace(original)(lambda found: make(found, filtered))
        return filtered

    return register


def _options(x: Any, a: Any) -> dict[str, Any]:
    return {"axis": a.axis % np.ndim(x), "mode": a.mode, "origin": a.origin}


@_replaces(ndimage.correlate1d)
def _correlate1d(a: Any) -> Any:
    x, w = _image(a.input), np.asarray(a.weights, float)
    options = _options(x, a)
    return _delivered(filled(lambda x, cval: apply(CORRELATE1D, (x, w), options | {"cval": cval}), x, a.cval), a.output)


@_replaces(ndimage.uniform_filter1d, recorded=("input", "size", "cval", "output"))
def _uniform_filter1d(a: Any) -> Any:
    x = _image(a.input)
    options = {"size": int(a.size)} | _options(x, a)
    return _delivered(filled(lambda x, cval: apply(UNIFORM, (x,), options | {"cval": cval}), x, a.cval), a.output)


@_replaces(ndimage.convolve1d)
def _convolve1d(a: Any) -> Any:
    shift = -a.origin - (1 - np.shape(concrete(a.weights))[0] % 2)
    return ndimage.correlate1d(a.input, np.asarray(a.weights)[::-1], a.axis, a.output, a.mode, a.cval, shift)


@_replaces(ndimage.correlate)
def _correlate(a: Any) -> Any:
    x, w = _image(a.input), np.asarray(a.weights, float)
    options = {"mode": a.mode, "origin": _per_axis(a.origin, np.ndim(x))}
    return _delivered(filled(lambda x, cval: apply(CORRELATE, (x, w), options | {"cval": cval}), x, a.cval), a.output)


@_replaces(ndimage.convolve)
def _convolve(a: Any) -> Any:
    w = np.asarray(a.weights)
    origins = [-o - (1 - m % 2) for o, m in zip(_per_axis(a.origin, np.ndim(w)), np.shape(w), strict=True)]
    return ndimage.correlate(a.input, np.flip(w), a.output, a.mode, a.cval, origins)


# ── order within a window ──


def _order_within(reduce: Any) -> Any:
    """The filter that takes `reduce` of a window along one axis."""

    def filtered(a: Any) -> Any:
        x = _image(a.input)
        w, modes, origins = _along(x, np.ones(a.size), a.axis % np.ndim(x), a.mode, a.origin)
        around = extend(x, _margins(np.shape(w), origins), [MODES[m] for m in modes], a.cval)
        return _delivered(reduce(_windows(around, a.size, a.axis), axis=-1), a.output)

    return filtered


_replaces(ndimage.maximum_filter1d, recorded=("input", "cval", "output"))(_order_within(np.max))
_replaces(ndimage.minimum_filter1d, recorded=("input", "cval", "output"))(_order_within(np.min))


@_replaces(ndimage.median_filter, recorded=("input", "cval", "output"))
def _median_filter(a: Any) -> Any:
    x = _image(a.input)
    n = np.ndim(x)
    inside = np.ones(_per_axis(a.size, n), bool) if a.footprint is None else np.asarray(a.footprint, bool)
    modes = [MODES[m] for m in _per_axis(a.mode, n)]
    around = extend(x, _margins(np.shape(inside), _per_axis(a.origin, n)), modes, a.cval)
    ordered = np.sort(_windows(around, np.shape(inside))[..., inside], axis=-1)
    return _delivered(ordered[..., np.count_nonzero(inside) // 2], a.output)


def _within(x: Any, inside: Any, mode: int, cval: Any, origin: Any) -> Any:
    """The elements of the window around each element, along a new last axis."""
    around = extend(x, _margins(np.shape(inside), origin), [_CODES[mode]] * np.ndim(x), cval)
    return _windows(around, np.shape(inside))[..., inside]


_CODES = ("edge", "wrap", "symmetric", "reflect", "constant", "wrap", "constant")
_rank_filter, _min_or_max_filter = compiled.rank_filter, compiled.min_or_max_filter


@replaces_in(compiled, "rank_filter")
def _ranked(input: Any, rank: int, footprint: Any, output: Any, mode: int, cval: Any, origin: Any) -> None:
    if not any_recorded((input, cval)):
        return into(output, _rank_filter, (input, rank, footprint), (mode, cval, origin))
    inside = np.asarray(footprint, bool)
    output[...] = np.sort(_within(_image(input), inside, mode, cval, origin), axis=-1)[..., rank]


@replaces_in(compiled, "min_or_max_filter")
def _extreme(
    input: Any, footprint: Any, structure: Any, output: Any, mode: int, cval: Any, origin: Any, minimum: int
) -> None:
    if not any_recorded((input, structure, cval)):
        return into(output, _min_or_max_filter, (input, footprint, structure), (mode, cval, origin, minimum))
    inside = np.asarray(footprint, bool)
    around = _within(_image(input), inside, mode, cval, origin)
    if structure is not None:
        around = around - structure[inside] if minimum else around + structure[inside]
    output[...] = np.min(around, axis=-1) if minimum else np.max(around, axis=-1)


@_replaces(ndimage.generic_filter, recorded=("input", "cval", "output"))
def _generic_filter(a: Any) -> Any:
    x = _image(a.input)
    n = np.ndim(x)
    inside = np.ones(_per_axis(a.size, n), bool) if a.footprint is None else np.asarray(a.footprint, bool)
    modes = [MODES[m] for m in _per_axis(a.mode, n)]
    around = extend(x, _margins(np.shape(inside), _per_axis(a.origin, n)), modes, a.cval)
    around = np.reshape(_windows(around, np.shape(inside))[..., inside], (-1, np.count_nonzero(inside)))
    found = [a.function(row, *a.extra_arguments, **(a.extra_keywords or {})) for row in around]
    return _delivered(np.reshape(np.array(found), np.shape(x)), a.output)


# ── where: control flow ──


@replace(ndimage.maximum_position, ndimage.minimum_position)
def _positions(original: Any) -> Any:
    def positions(input: Any, *args: Any, **options: Any) -> Any:
        if not any_recorded((input,)):
            return compute_plain(original, (input, *args), options)
        found = look(decide(_found, input, original=original, args=lower(args), options=lower(options)))
        return [tuple(row.tolist()) for row in found] if found.ndim == 2 else tuple(found.tolist())

    return positions


def _found(x: Any, original: Any, args: Any, options: Any) -> Any:
    return np.array(original(x, *args, **options))


@replace(ndimage.histogram)
def _histogram(original: Any) -> Any:
    def histogram(input: Any, min: Any, max: Any, bins: Any, labels: Any = None, index: Any = None) -> Any:
        args = (min, max, bins, labels, index)
        if not any_recorded((input, *args)):
            return compute_plain(original, (input, *args), None)
        looked = tuple([look(a) for a in args])
        return decide(_found, input, original=original, args=looked, options={})

    return histogram


# ── products of a spectrum with a known response ──


def _times_response(x: Any, original: Any, args: Any) -> Any:
    return x * original(np.ones(np.shape(x), complex), *args)


def _filtered_spectrum(x: Any, original: Any, args: Any) -> Any:
    return original(x, *args)


def _frequencies(shape: Any, n: int, axis: int) -> list[Any]:
    """Cycles per element of each axis, along that axis; one is that of a real transform of n elements."""
    found = [np.arange(m) / n if n >= 0 and k == axis % len(shape) else np.fft.fftfreq(m) for k, m in enumerate(shape)]
    return [f.reshape(-1, *[1] * (len(shape) - 1 - k)) for k, f in enumerate(found)]


_RESPONSES: Any = {
    ndimage.fourier_shift: lambda s, f: np.exp(-2j * np.pi * s * f),
    ndimage.fourier_gaussian: lambda s, f: np.exp(-2.0 * (np.pi * s * f) ** 2),
    ndimage.fourier_uniform: lambda s, f: np.sinc(s * f),
}


def _by_parameter(x: Any, parameter: Any, original: Any, n: int, axis: int) -> Any:
    return original(x, parameter, n, axis)


def _times_responses(x: Any, parameter: Any, original: Any, n: int, axis: int) -> Any:
    y = x * (1.0 + 0.0j)
    for k, f in enumerate(_frequencies(np.shape(x), n, axis)):
        y = y * _RESPONSES[original](parameter[k], f)
    return y


BY_PARAMETER = described(_by_parameter, _times_responses, 2, "scipy.ndimage.fourier_filter of a size")
SPECTRUM = described(_filtered_spectrum, _times_response, 1, "scipy.ndimage.fourier_filter")


@replace(ndimage.fourier_gaussian, ndimage.fourier_uniform, ndimage.fourier_ellipsoid, ndimage.fourier_shift)
def _on_spectrum(original: Any) -> Any:
    called = inspect.signature(original)

    def fourier(*given: Any, **options: Any) -> Any:
        bound = called.bind(*given, **options)
        bound.apply_defaults()
        input, parameter, n, axis, output = bound.args
        if not any_recorded((input, parameter, output)):
            return wrap_plain(compute_plain(original, (input, parameter, n, axis, output)))
        if any_recorded((parameter,)):
            response = _RESPONSES.get(original)
            if response is None:
                raise refuse_option(f"scipy.ndimage.{original.__name__}", "a recorded size")
            x = np.asarray(input)
            parameter = np.broadcast_to(as_array(parameter), (x.ndim,))
            return _delivered(BY_PARAMETER(x, parameter, original=original, n=n, axis=axis), output)
        y = SPECTRUM(np.asarray(input), original=original, args=(parameter, n, axis))
        return _delivered(y, output)

    return fourier
