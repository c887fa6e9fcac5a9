"""scipy.signal: convolutions and spectra are NumPy code, recursive filters are linear in signal and numerator."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal as _signal

from wengert.record.apply import apply
from wengert.record.protocols import any_recorded, lower
from wengert.record.state import compute
from wengert.record.swap import replace, wrap_plain
from wengert.rules.scipy_composed import compose
from wengert.rules.scipy_solvers import refuse_option
from wengert.rules.table import rule

signal: Any = _signal

compose(
    signal,
    "convolve fftconvolve oaconvolve correlate hilbert detrend resample welch periodogram csd coherence freqz "
    "chirp sawtooth cont2discrete lsim czt vectorstrength envelope wiener gausspulse",
)


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
    return np.flip(signal.lfilter(b, a, np.flip(c, axis), axis), axis)


# fmt: off
LFILTER = rule(
    lfilter,
    lambda d, y, b, a, x, axis: signal.lfilter(d, a, x, axis),
    lambda d, y, b, a, x, axis: -signal.lfilter(d, a, y, axis),
    lambda d, y, b, a, x, axis: signal.lfilter(b, a, d, axis),
    pull=(
        lambda c, y, b, a, x, axis:  _lags(c, signal.lfilter(_impulse(a), a, x, axis), np.shape(b)[0], axis),
        lambda c, y, b, a, x, axis: -_lags(c, signal.lfilter(_impulse(a), a, y, axis), np.shape(a)[0], axis),
        _back,
    ),
    name="scipy.signal.lfilter",
)
# fmt: on


@replace(signal.lfilter)
def _lfilter(original: Any) -> Any:
    def lfilter(b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
        if not any_recorded((b, a, x, zi)):
            return wrap_plain(compute(original, lower((b, a, x, axis, zi)), None))
        if zi is not None:
            raise refuse_option("scipy.signal.lfilter", "zi")
        b, a, x = (np.atleast_1d(np.asarray(v)) for v in (b, a, x))
        return apply(LFILTER, (b, a, x), {"axis": axis})

    return lfilter
