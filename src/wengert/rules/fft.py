"""Discrete Fourier transforms, numpy.fft: linear maps whose transposes are transforms again.

With w = exp(−2πi/n) and the scale s of `norm`, the four one-dimensional ones are

    fft     yₖ = s Σⱼ wʲᵏ xⱼ          symmetric, so Fᵀ = F
    ifft    yₖ = s Σⱼ w⁻ʲᵏ xⱼ         likewise
    rfft    the first n//2 + 1 of fft of a real x:       x̄ⱼ = s Re Σₖ wʲᵏ cₖ
    irfft   yⱼ = s Re Σₖ gₖ w⁻ʲᵏ xₖ, k ≤ n/2:            x̄ₖ = s gₖ Σⱼ w⁻ʲᵏ cⱼ

where gₖ = 2, but 1 at k = 0 and k = n/2, which have no mirror image. The cotangents of `linear` rows
are paired without conjugation. All other names of numpy.fft are NumPy's own compositions of these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from wengert.ir.row import Row
from wengert.record import swap
from wengert.record.apply import apply
from wengert.record.value import concrete
from wengert.rules.table import handles, linear

SWAPPED: dict[Any, Any] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}
"""The `norm` of the opposite direction that has the same scale s."""


# ── what the transposes are made of ──


def resized(g: Any, n: int, axis: int) -> Any:
    """g with n elements along axis: the rest cut off, or zeros put there. The two are each other's transpose."""
    shape = np.shape(g)
    if shape[axis] > n:
        return g[(slice(None),) * axis + (slice(0, n),)]
    if shape[axis] < n:
        missing = np.zeros((*shape[:axis], n - shape[axis], *shape[axis + 1 :]), concrete(g).dtype)
        return np.concatenate((g, missing), axis=axis)
    return g


def as_argument(g: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """A cotangent of the transformed argument as one of x: resized, and real if x is."""
    for axis in axes:
        g = resized(g, np.shape(x)[axis], axis)
    return real(g) if np.isrealobj(x) else g


def real(g: Any) -> Any:
    """The real part, where there is another."""
    return np.real(g) if np.iscomplexobj(g) else g


def mirrored(y: Any, inner: float, n: int, axis: int) -> Any:
    """y times `inner`, but for k = 0 and k = n/2 along axis, which have no mirror image."""
    # In float32, 2 and ½ are exact and leave every floating dtype as it is.
    weight = np.ndarray(n // 2 + 1, np.float32)
    weight.fill(inner)
    weight[0] = 1
    if n % 2 == 0:
        weight[-1] = 1
    return y * weight.reshape((-1,) + (1,) * (np.ndim(y) - 1 - axis))


# ── the four rows ──


def fft(x: Any, n: int, axis: int, norm: Any) -> Any:
    """np.fft.fft."""
    return np.fft.fft(x, n, axis, norm)


def ifft(x: Any, n: int, axis: int, norm: Any) -> Any:
    """np.fft.ifft."""
    return np.fft.ifft(x, n, axis, norm)


def rfft(x: Any, n: int, axis: int, norm: Any) -> Any:
    """np.fft.rfft."""
    return np.fft.rfft(x, n, axis, norm)


def irfft(x: Any, n: int, axis: int, norm: Any) -> Any:
    """np.fft.irfft."""
    return np.fft.irfft(x, n, axis, norm)


def _itself(transform: Any) -> Any:
    """The transpose of fft and ifft, whose matrices are symmetric."""
    return lambda c, x, n, axis, norm: as_argument(transform(c, n, axis, norm), x, (axis,))


def _pull_rfft(c: Any, x: Any, n: int, axis: int, norm: Any) -> Any:
    g = np.fft.irfft(mirrored(np.conj(c), 0.5, n, axis), n, axis, SWAPPED[norm])
    return as_argument(g, x, (axis,))


def _pull_irfft(c: Any, x: Any, n: int, axis: int, norm: Any) -> Any:
    g = mirrored(np.conj(np.fft.rfft(real(c), n, axis, SWAPPED[norm])), 2, n, axis)
    return as_argument(g, x, (axis,))


# fmt: off
FFT   = linear(fft,   _itself(fft), name="numpy.fft.fft")
IFFT  = linear(ifft,  _itself(ifft), name="numpy.fft.ifft")
RFFT  = linear(rfft,  _pull_rfft,  name="numpy.fft.rfft")
IRFFT = linear(irfft, _pull_irfft, name="numpy.fft.irfft")
# fmt: on


def _handle(row: Row, length: Callable[[int], int]) -> Callable[..., Any]:
    def handler(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
        shape = np.shape(a)
        size = length(shape[axis]) if n is None else int(n)
        y = apply(row, (a,), {"n": size, "axis": normalize_axis_index(axis, len(shape)), "norm": norm})
        if out is None:
            return y
        out[...] = y
        return out

    return handler


for _function, _row in ((np.fft.fft, FFT), (np.fft.ifft, IFFT), (np.fft.rfft, RFFT)):
    handles(_function)(_handle(_row, lambda n: n))
handles(np.fft.irfft)(_handle(IRFFT, lambda m: 2 * (m - 1)))


@swap.replace(np.fft.fftfreq, np.fft.rfftfreq)
def _frequencies(original: Any) -> Any:
    def frequencies(*args: Any, **kwargs: Any) -> Any:
        return swap.wrap_plain(original(*args, **kwargs))

    return frequencies
