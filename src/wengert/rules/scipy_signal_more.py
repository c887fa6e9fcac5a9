"""scipy.signal: convolution of images, and states of filters, where SciPy's code takes a branch of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal as _signal
from scipy.signal import _waveforms

from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import plainly
from wengert.rules.series import log_ratio
from wengert.rules.solved import renewed, still
from wengert.rules.special_gamma import sp

signal: Any = _signal


@replace(signal.convolve, signal.correlate)
def _convolve(original: Any) -> Any:
    """SciPy has compiled code for more than one axis; its derivative is that of the transform's way."""

    def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
        if not any_recorded((in1, in2)):
            return plainly(original)(in1, in2, mode, method)
        in1, in2 = as_array(in1), as_array(in2)
        if np.ndim(concrete(in1)) < 2:
            return run_body(original, (in1, in2, mode, method), {})
        plain = plainly(original)(still(in1), still(in2), mode, method)
        other = np.conj(np.flip(in2)) if original.__name__ == "correlate" else in2
        return renewed(plain, signal.fftconvolve(in1, other, mode))

    return convolve


@replace(signal.lfilter_zi, signal.lfiltic)
def _of_filter(original: Any) -> Any:
    """SciPy divides by a₀ only if it is not 1: always, or the derivative in it were lost."""

    def of(b: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
        if not any_recorded((b, a, args, kwargs)):
            return plainly(original)(b, a, *args, **kwargs)
        a = np.atleast_1d(as_array(a))
        if still(a)[0] != 0:
            b, a = np.atleast_1d(as_array(b)) / a[0], a / a[0]
        return run_body(original, (b, a, *args), kwargs)

    return of


def _along(x: Any, h: Any, axis: int) -> Any:
    """The convolution with h along an axis, of what goes on beyond its ends as in a mirror."""
    n = np.shape(concrete(h))[0] // 2
    margins = np.pad(x, [(n, n) if k == axis else (0, 0) for k in (0, 1)], mode="symmetric")
    size, total = np.shape(concrete(x))[axis], 0.0
    for k in range(2 * n + 1):
        part = slice(2 * n - k, 2 * n - k + size)
        total = total + h[k] * (margins[part] if axis == 0 else margins[:, part])
    return total


@replace(signal.sepfir2d)
def _separable(original: Any) -> Any:
    def sepfir2d(input: Any, hrow: Any, hcol: Any) -> Any:
        if not any_recorded((input, hrow, hcol)):
            return plainly(original)(input, hrow, hcol)
        given = tuple([as_array(v) for v in (input, hrow, hcol)])
        plain = plainly(original)(*[still(v) for v in given])
        return renewed(plain, _along(_along(given[0], given[1], 1), given[2], 0))

    return sepfir2d


def _are_near(f: Any, g: Any) -> bool:
    """Whether the difference has too few digits to divide by it."""
    return bool(abs(f - g) <= 1e-2 * abs(f))


@replace(_waveforms._chirp_phase)  # type: ignore[attr-defined]
def _chirp_phase(original: Any) -> Any:
    """At equal frequencies SciPy has 2π f₀ t, in which only one of them occurs. With L = ln(f₁/f₀) and
    c = (f₀ − f₁)/(f₁ t₁) the phases are 2π f₀ t (e^(Lτ) − 1)/Lτ, τ = t/t₁, and 2π f₀ log(1 + c t)/c."""

    def phase(t: Any, f0: Any, t1: Any, f1: Any, method: str = "linear", vertex_zero: bool = True) -> Any:
        kind = method[:2]
        if not any_recorded((f0, f1)) or kind not in ("lo", "hy") or not look(decide(_are_near, f0, f1)):
            return run_body(original, (t, f0, t1, f1, method, vertex_zero), {})
        plain = plainly(original)(*[still(v) for v in (t, f0, t1, f1)], method, vertex_zero)
        if kind == "lo":
            return renewed(plain, 2.0 * np.pi * f0 * t * sp.exprel(np.log(f1 / f0) * t / t1))
        return renewed(plain, 2.0 * np.pi * f0 * t * log_ratio((f0 - f1) / (f1 * t1) * t))

    return phase
