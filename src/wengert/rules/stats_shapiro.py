"""The test of Shapiro and Wilk: W = (Σ aᵢ (y₍ₙ₋ᵢ₎ − y₍ᵢ₎))² / Σ (yᵢ − ȳ)², with SciPy's weights a, and its p-value.

Source: Royston, Algorithm AS R94, Appl. Statist. 44 (1995): a function of W is normal, with mean and deviation that
are polynomials of the size, or of its logarithm.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats as _stats
from scipy.stats import _morestats

from wengert.errors import NoDerivative
from wengert.record.build import contains_value
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.described import plainly
from wengert.rules.solved import renewed, still
from wengert.rules.special_gamma import sp

stats: Any = _stats
_swilk: Any = getattr(_morestats, "swilk", None)
_TAILS = (
    (-2.706056, 4.434685, -2.07119, -0.147981, 0.221157, 0.0),
    (-3.582633, 5.682633, -1.752461, -0.293762, 0.042981, 0.0),
)
_SMALL = ((-0.0006714, 0.025054, -0.39978, 0.544), (-0.0020322, 0.062767, -0.77857, 1.3822))
_LARGE = ((0.0038915, -0.083751, -0.31082, -1.5861), (0.0030302, -0.082676, -0.4803))


def _p_value(w: Any, n: int) -> Any:
    if n == 3:
        return 6.0 / np.pi * (np.arcsin(np.sqrt(w)) - np.arcsin(np.sqrt(0.75)))
    z, at = np.log1p(-w), float(n)
    (mean, spread) = _SMALL if n <= 11 else _LARGE
    if n <= 11:
        z = -np.log(0.459 * n - 2.273 - z)
    else:
        at = float(np.log(n))
    return sp.ndtr(-(z - np.polyval(mean, at)) / np.exp(np.polyval(spread, at)))


def _weights(n: int) -> Any:
    """a, of which one half is minus the other; by compiled code, up to SciPy 1.17."""
    if _swilk is not None:
        a = _empty(n // 2)
        plainly(_swilk)(_numbers(float(n)), a, 0)
        return -np.abs(a)
    return weights_by_formula(n)


def weights_by_formula(n: int) -> Any:
    """a by Royston's polynomials of 1/√n."""
    if n == 3:
        return -np.sqrt([0.5])
    m = plainly(sp.ndtri)((_numbers(1.0, n + 1.0) - 0.375) / (n + 0.25))
    square, u = np.sum(m * m), 1.0 / np.sqrt(n)
    tails = [m[-1 - k] / np.sqrt(square) + np.polyval(c, u) for k, c in enumerate(_TAILS)][: 1 if n <= 5 else 2]
    rest = (square - 2.0 * sum([m[-1 - k] ** 2 for k in range(len(tails))])) / (1.0 - 2.0 * sum([t * t for t in tails]))
    a = m[: n // 2] / np.sqrt(rest)
    a[: len(tails)] = [-t for t in tails]
    return a


_empty, _numbers = np.zeros, np.arange
"""NumPy's own, whatever is swapped in while recording."""


@replace(stats.shapiro)
def _shapiro(original: Any) -> Any:
    def shapiro(x: Any, *args: Any, axis: Any = None, **options: Any) -> Any:
        if not contains_value(x) or not any_recorded(x):
            return plainly(original)(x, *args, axis=axis, **options)
        if args or options:
            raise NoDerivative(at_user_line("no derivative rule for scipy.stats.shapiro with options besides axis"))
        x = np.asarray(x)
        found = plainly(original)(still(x), axis=axis)
        y = np.sort(np.reshape(x, -1) if axis is None else np.moveaxis(x, axis, -1), axis=-1)
        n = np.shape(concrete(y))[-1]
        a, half = _weights(n), n // 2
        top = np.sum(a * (y[..., :half] - y[..., ::-1][..., :half]), axis=-1)
        ratio = top * top / np.sum((y - np.mean(y, axis=-1, keepdims=True)) ** 2, axis=-1)
        return type(found)(renewed(found.statistic, ratio), renewed(found.pvalue, _p_value(ratio, n)))

    return shapiro
