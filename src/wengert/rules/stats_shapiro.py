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
swilk: Any = _morestats.swilk  # type: ignore[attr-defined]
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
        a = np.zeros(n // 2)
        plainly(swilk)(np.arange(float(n)), a, 0)  # the weights are those of the size
        a, half = concrete(a), n // 2
        top = np.sum(a * (y[..., ::-1][..., :half] - y[..., :half]), axis=-1)
        ratio = top * top / np.sum((y - np.mean(y, axis=-1, keepdims=True)) ** 2, axis=-1)
        return type(found)(renewed(found.statistic, ratio), renewed(found.pvalue, _p_value(ratio, n)))

    return shapiro
