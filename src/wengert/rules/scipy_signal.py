"""scipy.signal: convolutions and spectra are NumPy code, recursive filters are linear in signal and numerator."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal as _signal
from scipy.signal import _arraytools, _filter_design  # type: ignore[attr-defined]

from wengert.ir.row import Row
from wengert.record.apply import apply
from wengert.record.observe import look
from wengert.record.protocols import any_recorded, compute_plain
from wengert.record.swap import replace, wrap_plain
from wengert.record.value import concrete
from wengert.rules.described import composed_methods, described
from wengert.rules.pairs import recordable
from wengert.rules.scipy_composed import compose, steps
from wengert.rules.table import rule
from wengert.rules.windows import Margins, extend, filled, fold, spread, valid

signal: Any = _signal
_windows = np.lib.stride_tricks.sliding_window_view

compose(
    signal,
    "fftconvolve oaconvolve hilbert detrend resample welch periodogram csd coherence freqz "
    "chirp sawtooth cont2discrete lsim czt vectorstrength envelope wiener gausspulse savgol_filter filtfilt "
    "sosfiltfilt decimate spectrogram stft istft resample_poly tf2ss ss2tf zpk2tf tf2zpk zpk2ss ss2zpk "
    "tf2sos sos2tf sos2zpk zpk2sos freqs freqs_zpk freqz_sos sosfreqz freqz_zpk group_delay bode dbode freqresp "
    "dfreqresp step impulse dlsim dstep dimpulse butter cheby1 cheby2 ellip bessel iirfilter iirnotch iirpeak iircomb "
    "firwin firwin2 firls bilinear bilinear_zpk lp2lp lp2hp lp2bp lp2bs lp2lp_zpk lp2hp_zpk lp2bp_zpk lp2bs_zpk "
    "residue residuez invres invresz get_window deconvolve minimum_phase hilbert2 sweep_poly sosfilt_zi gauss_spline "
    "cspline1d_eval qspline1d_eval "
    "savgol_coeffs lombscargle gammatone zoom_fft normalize unique_roots firwin_2d abcd_normalize "
    "buttord cheb1ord cheb2ord ellipord iirdesign",
)
steps(signal, "check_COLA check_NOLA choose_conv_method")
composed_methods(signal.CZT, "__init__", "__call__", "points")
composed_methods(signal.ZoomFFT, "__init__")
compose(_filter_design, "_cplxreal _cplxpair _find_nat_freq _pre_warp _postprocess_wn band_stop_obj")
compose(_arraytools, "_validate_fs")
compose(
    signal.windows,
    "kaiser gaussian general_gaussian general_hamming general_cosine tukey exponential chebwin dpss taylor "
    "kaiser_bessel_derived get_window",
)


@recordable
def lfilter(b: Any, a: Any, x: Any, axis: int) -> Any:
    """y with a₀yₙ + a₁yₙ₋₁ + … = b₀xₙ + b₁xₙ₋₁ + …"""
    return signal.lfilter(b, a, x, axis)


def _lags(c: Any, w: Any, count: int, axis: int) -> Any:
    """Σₙ cₙ wₙ₋ₖ for k = 0 … count − 1."""
    c, w = np.moveaxis(c, axis, -1), np.moveaxis(w, axis, -1)
    n = np.shape(c)[-1]
    return np.array([np.sum(c[..., k:] * w[..., : max(n - k, 0)]) for k in range(count)])


def _impulse(a: Any) -> Any:
    return np.ones(1, np.result_type(a))


def _back(c: Any, y: Any, b: Any, a: Any, x: Any, axis: int) -> Any:
    return np.flip(lfilter(b, a, np.flip(c, axis), axis=axis), axis)


# fmt: off
LFILTER = rule(
    lfilter,
    lambda d, y, b, a, x, axis: lfilter(d, a, x, axis=axis),
    lambda d, y, b, a, x, axis: -lfilter(d, a, y, axis=axis),
    lambda d, y, b, a, x, axis: lfilter(b, a, d, axis=axis),
    pull=(
        lambda c, y, b, a, x, axis:  _lags(c, lfilter(_impulse(a), a, x, axis=axis), np.shape(b)[0], axis),
        lambda c, y, b, a, x, axis: -_lags(c, lfilter(_impulse(a), a, y, axis=axis), np.shape(a)[0], axis),
        _back,
    ),
    name="scipy.signal.lfilter",
)
# fmt: on


# ── with a state before and after ──


@recordable
def filtered(b: Any, a: Any, x: Any, zi: Any, axis: int) -> Any:
    """y and the last state, side by side, of the filter that starts in state zi; a₀ = 1."""
    return np.concatenate(signal.lfilter(b, a, x, axis, zi), axis)


def _first(y: Any, axis: int, n: int) -> Any:
    return np.moveaxis(np.moveaxis(y, axis, 0)[:n], 0, axis)


def _rest(y: Any, axis: int, n: int) -> Any:
    return np.moveaxis(np.moveaxis(y, axis, 0)[n:], 0, axis)


def _zeros_beside(x: Any, axis: int, n: int) -> Any:
    shape = list(np.shape(x))
    shape[axis] = n
    return np.zeros(shape, np.result_type(x))


def _stated(whole: Any, a: Any, axis: int, n: int) -> Any:
    """y and state from y and what the state goes on to give without input: the states are the a of that."""
    return np.concatenate([_first(whole, axis, n), lfilter(a, _impulse(a), _rest(whole, axis, n), axis=axis)], axis)


def _by_signal(d: Any, y: Any, b: Any, a: Any, x: Any, zi: Any, axis: int) -> Any:
    n, k = np.shape(x)[axis], np.shape(zi)[axis]
    whole = lfilter(b, a, np.concatenate([d, _zeros_beside(d, axis, k)], axis), axis=axis)
    return _stated(whole, a, axis, n)


def _by_state(d: Any, y: Any, b: Any, a: Any, x: Any, zi: Any, axis: int) -> Any:
    n = np.shape(x)[axis]
    whole = lfilter(_impulse(a), a, np.concatenate([d, _zeros_beside(d, axis, n)], axis), axis=axis)
    return _stated(whole, a, axis, n)


def _by_numerator(d: Any, y: Any, b: Any, a: Any, x: Any, zi: Any, axis: int) -> Any:
    return _by_signal(x, y, d, a, x, zi, axis)


def _by_denominator(d: Any, y: Any, b: Any, a: Any, x: Any, zi: Any, axis: int) -> Any:
    n, k = np.shape(x)[axis], np.shape(zi)[axis]
    state = _rest(y, axis, n)
    tail = _first(lfilter(_impulse(a), a, state, axis=axis), axis, k)
    whole = -lfilter(d, a, np.concatenate([_first(y, axis, n), tail], axis), axis=axis)
    by_tail = lfilter(d, _impulse(a), tail, axis=axis)
    return _stated(whole, a, axis, n) + np.concatenate([_zeros_beside(by_tail, axis, n), by_tail], axis)


FILTERED = rule(filtered, _by_numerator, _by_denominator, _by_signal, _by_state, name="scipy.signal.lfilter")


def _with_state(b: Any, a: Any, x: Any, zi: Any, axis: int) -> tuple[Any, Any]:
    zi = np.asarray(zi)
    if concrete(a)[0] != 1 or any_recorded((a,)):
        b, a = b / a[0], a / a[0]
    both = apply(FILTERED, (b, a, x, zi), {"axis": axis})
    n = np.shape(x)[axis]
    return _first(both, axis, n), _rest(both, axis, n)


@replace(signal.lfilter)
def _lfilter(original: Any) -> Any:
    def lfilter(b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
        if not any_recorded((b, a, x, zi)):
            return wrap_plain(compute_plain(original, (b, a, x, axis, zi)))
        b, a, x = (np.atleast_1d(np.asarray(v)) for v in (b, a, x))
        if zi is not None:
            return _with_state(b, a, x, zi, axis % np.ndim(x))
        return apply(LFILTER, (b, a, x), {"axis": axis})

    return lfilter


# ── in sections ──


@recordable
def sections(x: Any, zi: Any, sos: Any, axis: int) -> Any:
    """y, and the last states of the sections side by side."""
    y, states = signal.sosfilt(sos, x, axis, zi)
    return np.concatenate([y, *states], axis)


def _cascade(x: Any, zi: Any, sos: Any, axis: int) -> Any:
    states: list[Any] = []
    for section, z in zip(sos, zi, strict=True):
        x, state = _with_state(section[:3], section[3:], x, z, axis)
        states.append(state)
    return np.concatenate([x, *states], axis)


SECTIONS = rule(
    sections,
    lambda d, y, x, zi, sos, axis: _cascade(d, np.zeros(np.shape(zi)), sos, axis),
    lambda d, y, x, zi, sos, axis: _cascade(np.zeros(np.shape(x)), d, sos, axis),
    name="scipy.signal.sosfilt",
)


def _unstated(x: Any, zi: Any, sos: Any, axis: int) -> Any:
    return sections(x, zi, sos=sos, axis=axis)


_of_sections = described(_unstated, _cascade, 3, "scipy.signal.sosfilt of sections")


@replace(signal.sosfilt)
def _sosfilt(original: Any) -> Any:
    def sosfilt(sos: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
        if not any_recorded((sos, x, zi)):
            return wrap_plain(compute_plain(original, (sos, x, axis, zi)))
        x, sos = np.atleast_1d(np.asarray(x)), np.asarray(sos, float)
        axis %= np.ndim(x)
        shape = [*np.shape(x)]
        shape[axis] = 2
        start = np.zeros((len(sos), *shape)) if zi is None else np.asarray(zi)
        if any_recorded((sos,)):
            both = _of_sections(x, start, sos, axis=axis)
        else:
            both = apply(SECTIONS, (x, start), {"sos": sos, "axis": axis})
        n = np.shape(x)[axis]
        if zi is None:
            return _first(both, axis, n)
        return _first(both, axis, n), np.stack(np.split(_rest(both, axis, n), len(sos), axis))

    return sosfilt


# ── two dimensions ──

BOUNDARIES = {"fill": "constant", "wrap": "wrap", "symm": "symmetric"}
"""What np.pad calls the boundaries of scipy.signal."""


@recordable
def convolve2d(x: Any, w: Any, mode: str, boundary: str, fillvalue: Any) -> Any:
    """yᵢ = Σₖ wₖ xᵢ₋ₖ."""
    return signal.convolve2d(x, w, mode, boundary, fillvalue)


@recordable
def correlate2d(x: Any, w: Any, mode: str, boundary: str, fillvalue: Any) -> Any:
    """yᵢ = Σₖ wₖ xᵢ₊ₖ, linear in w where SciPy's conjugates it."""
    return signal.correlate2d(x, np.conj(w), mode, boundary, fillvalue)


def _around(w: Any, mode: str, flipped: bool) -> Margins:
    if mode == "full":
        return [(m - 1, m - 1) for m in np.shape(w)]
    before = [0 if mode == "valid" else m // 2 if flipped else (m - 1) // 2 for m in np.shape(w)]
    return [(k, 0 if mode == "valid" else m - 1 - k) for k, m in zip(before, np.shape(w), strict=True)]


def _two_dimensional(op: Any, flipped: bool) -> Row:
    """The row of a convolution (whose window is flipped) or a correlation."""
    turn: Any = np.flip if flipped else np.positive

    def to_image(c: Any, y: Any, x: Any, w: Any, mode: str, boundary: str, fillvalue: Any) -> Any:
        return fold(spread(c, turn(w)), np.shape(x), _around(w, mode, flipped), [BOUNDARIES[boundary]] * 2)

    def to_window(c: Any, y: Any, x: Any, w: Any, mode: str, boundary: str, fillvalue: Any) -> Any:
        return turn(valid(extend(x, _around(w, mode, flipped), [BOUNDARIES[boundary]] * 2, fillvalue), c))

    return rule(
        op,
        lambda d, y, x, w, mode, boundary, fillvalue: op(d, w, mode=mode, boundary=boundary, fillvalue=0),
        lambda d, y, x, w, mode, boundary, fillvalue: op(x, d, mode=mode, boundary=boundary, fillvalue=fillvalue),
        pull=(to_image, to_window),
        name=f"scipy.signal.{op.__name__}",
    )


CONVOLVE2D, CORRELATE2D = _two_dimensional(convolve2d, True), _two_dimensional(correlate2d, False)


def _is_swapped(mode: str, x: Any, w: Any) -> bool:
    return mode == "valid" and any(n < m for n, m in zip(np.shape(x), np.shape(w), strict=True))


@replace(signal.convolve2d)
def _convolve2d(original: Any) -> Any:
    def convolve2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
        if not any_recorded((in1, in2, fillvalue)):
            return wrap_plain(compute_plain(original, (in1, in2, mode, boundary, fillvalue)))
        x, w = np.asarray(in1), np.asarray(in2)
        if _is_swapped(mode, x, w):
            x, w = w, x
        options = {"mode": mode, "boundary": boundary}
        return filled(lambda x, v: apply(CONVOLVE2D, (x, w), options | {"fillvalue": v}), x, fillvalue)

    return convolve2d


@replace(signal.correlate2d)
def _correlate2d(original: Any) -> Any:
    def correlate2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
        if not any_recorded((in1, in2, fillvalue)):
            return wrap_plain(compute_plain(original, (in1, in2, mode, boundary, fillvalue)))
        x, w = np.asarray(in1), np.asarray(in2)
        options = {"mode": mode, "boundary": boundary}
        if _is_swapped(mode, x, w):
            return np.flip(apply(CORRELATE2D, (w, np.conj(x)), options | {"fillvalue": look(fillvalue)}))
        w = np.conj(w)
        return filled(lambda x, v: apply(CORRELATE2D, (x, w), options | {"fillvalue": v}), x, fillvalue)

    return correlate2d


@replace(signal.medfilt)
def _medfilt(original: Any) -> Any:
    def medfilt(volume: Any, kernel_size: Any = 3) -> Any:
        if not any_recorded((volume,)):
            return wrap_plain(compute_plain(original, (volume, kernel_size)))
        x = np.atleast_1d(np.asarray(volume))
        window = (3 if kernel_size is None else kernel_size,) * np.ndim(x) if np.ndim(kernel_size) == 0 else kernel_size
        around = np.pad(x, [(m // 2, m // 2) for m in window])
        return np.median(_windows(around, tuple(window)), axis=tuple(range(np.ndim(x), 2 * np.ndim(x))))

    return medfilt
