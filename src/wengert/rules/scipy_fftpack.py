"""scipy.fftpack, the older names of scipy.fft; and its operators of periodic sequences, which are circulant matrices.

A circulant matrix C satisfies Cᵀ = R C R, where R reverses a sequence modulo its length: (R x)ⱼ = x₋ⱼ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
import scipy.fftpack as _fftpack

from wengert.record.protocols import any_recorded
from wengert.record.replaced import REPLACED, original_of
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules import scipy_fft as scipy_fft  # the functions that are called here
from wengert.rules.axes import as_array
from wengert.rules.described import plainly
from wengert.rules.pairs import recordable
from wengert.rules.table import linear

fftpack: Any = _fftpack
Fn = Callable[..., Any]
INVERSE_TYPE = {1: 1, 2: 3, 3: 2, 4: 4}


def _of_fft(name: str) -> Fn:
    """A function of scipy.fft that takes recorded values."""
    return REPLACED[original_of(getattr(scipy.fft, name))]


def _where_recorded(instead: Fn) -> Fn:
    """What is called for recorded sequences; plain ones are SciPy's."""

    def make(original: Fn) -> Fn:
        def call(x: Any, *args: Any, **kwargs: Any) -> Any:
            kwargs.pop("overwrite_x", None)
            return instead(as_array(x), *args, **kwargs) if any_recorded(x) else original(x, *args, **kwargs)

        return call

    return make


# ── Fourier: (x, n, axis) or (x, shape, axes); a third argument is overwrite_x ──


def _fourier(function: Fn, *names: str) -> Fn:
    def call(x: Any, *given: Any, **options: Any) -> Any:
        if "shape" in options:
            options["s"] = options.pop("shape")
        return function(x, **dict(zip(names, given, strict=False)), **options)

    return call


for _name in ("fft", "ifft"):
    replace(getattr(fftpack, _name))(_where_recorded(_fourier(_of_fft(_name), "n", "axis")))
for _name in ("fft2", "ifft2", "fftn", "ifftn"):
    replace(getattr(fftpack, _name))(_where_recorded(_fourier(_of_fft(_name), "s", "axes")))


def _rfft(x: Any, n: Any = None, axis: int = -1, overwrite_x: bool = False) -> Any:
    """[y₀, Re y₁, Im y₁, Re y₂, …]: n real numbers."""
    y = np.moveaxis(_of_fft("rfft")(x, n, axis), axis, -1)
    count = n or np.shape(concrete(x))[axis]
    pairs = np.reshape(np.stack([np.real(y), np.imag(y)], -1), (*np.shape(concrete(y))[:-1], -1))
    return np.moveaxis(np.concatenate([pairs[..., :1], pairs[..., 2 : count + 1]], -1), -1, axis)


def _irfft(x: Any, n: Any = None, axis: int = -1, overwrite_x: bool = False) -> Any:
    x = np.moveaxis(x, axis, -1)
    count = n or np.shape(concrete(x))[-1]
    missing = max(0, count - np.shape(concrete(x))[-1])
    x = np.pad(x[..., :count], [(0, 0)] * (np.ndim(concrete(x)) - 1) + [(0, missing + 1)])
    zeros = np.zeros_like(x[..., :1])
    real, imaginary = np.concatenate([x[..., :1], x[..., 1::2]], -1), np.concatenate([zeros, x[..., 2::2]], -1)
    half = count // 2 + 1
    return np.moveaxis(_of_fft("irfft")(real[..., :half] + 1j * imaginary[..., :half], count), -1, axis)


replace(fftpack.rfft)(_where_recorded(_rfft))
replace(fftpack.irfft)(_where_recorded(_irfft))


# ── cosines and sines: the inverse of a type is another type, without a factor ──


def _trigonometric(function: Fn, several: bool, inverse: bool) -> Fn:
    names = ("shape", "axes") if several else ("n", "axis")

    def call(x: Any, type: int = 2, *given: Any, norm: Any = None, **options: Any) -> Any:
        named = dict(zip((*names, "norm"), given, strict=False)) | ({"norm": norm} if norm else {}) | options
        if "shape" in named:
            named["s"] = named.pop("shape")
        return function(x, INVERSE_TYPE[type] if inverse else type, **named)

    return call


for _name in ("dct", "dst", "dctn", "dstn"):
    for _inverse in (False, True):
        _function = _trigonometric(_of_fft(_name), _name[-1] == "n", _inverse)
        replace(getattr(fftpack, "i" * _inverse + _name))(_where_recorded(_function))


# ── periodic sequences ──


def _reversed(x: Any) -> Any:
    return np.roll(np.flip(x), 1)


def _circulant(function: Fn) -> None:
    def plain(x: Any, *, given: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return plainly(function)(x, *given, **options)

    op = recordable(plain)
    linear(op, lambda c, x, **params: _reversed(op(_reversed(c), **params)), name=f"scipy.fftpack.{function.__name__}")
    replace(function)(_where_recorded(lambda x, *given, **options: op(x, given=given, options=options)))


for _name in [
    "diff",
    "tilbert",
    "itilbert",
    "hilbert",
    "ihilbert",
    "sc_diff",
    "cs_diff",
    "cc_diff",
    "ss_diff",
    "shift",
]:
    _circulant(getattr(fftpack, _name))


@replace(_fftpack.rfftfreq)
def _rfftfreq(original: Any) -> Any:
    """Frequencies are those of steps of length 1, divided by the length."""
    return lambda n, d=1.0: original(n, d) if not any_recorded(d) else (np.arange(1, n + 1, dtype=int) // 2) / (n * d)
