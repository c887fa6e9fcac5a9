"""scipy.stats.shapiro: SciPy's values, the derivatives of a description of what is compiled.

W is the squared correlation of the sorted sample with weights that depend on n alone; its p-value is a normal one of a
function of log(1 − W) with polynomials in n (Royston, AS R94, Applied Statistics 44, 1995).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import _morestats

from wengert.record.protocols import any_recorded
from wengert.record.swap import replace
from wengert.rules.axes import as_array
from wengert.rules.described import plainly
from wengert.rules.solved import renewed, still
from wengert.rules.special_gamma import sp

theirs: Any = _morestats
_swilk: Any = theirs.swilk
_GAMMA = (0.459, -2.273)
_MEAN = (-6.714e-4, 0.025054, -0.39978, 0.5440)
_LOG_SCALE = (-0.0020322, 0.062767, -0.77857, 1.3822)
_MEAN_LARGE = (0.0038915, -0.083751, -0.31082, -1.5861)
_LOG_SCALE_LARGE = (0.0030302, -0.082676, -0.4803)
_FEW = 11
"""The sample size up to which Royston fits log(γ − log(1 − W))."""


@plainly
def _weights(n: int) -> Any:
    half = np.zeros(n // 2)
    _swilk(np.arange(n, dtype=float), half, 0)
    return np.concatenate([-half, np.zeros(n % 2), half[::-1]])


def _statistic(y: Any) -> Any:
    weights = _weights(np.shape(y)[-1])
    away = y - np.mean(y, axis=-1, keepdims=True)
    return np.sum(weights * away, axis=-1) ** 2 / (np.sum(weights**2) * np.sum(away**2, axis=-1))


def _p_value(w: Any, n: int) -> Any:
    if n == 3:
        return np.maximum(6.0 / np.pi * (np.arcsin(np.sqrt(w)) - np.arcsin(np.sqrt(0.75))), 0.0)
    rest, size = np.log(1.0 - w), np.log(n)
    if n <= _FEW:
        rest = -np.log(np.polyval(_GAMMA, n) - rest)
        mean, scale = np.polyval(_MEAN, n), np.exp(np.polyval(_LOG_SCALE, n))
    else:
        mean, scale = np.polyval(_MEAN_LARGE, size), np.exp(np.polyval(_LOG_SCALE_LARGE, size))
    return sp.ndtr((mean - rest) / scale)


def _described(x: Any) -> Any:
    """W and its p-value of each sample along the last axis."""
    n = np.shape(x)[-1]
    w = _statistic(np.sort(x, axis=-1))
    return w, _p_value(w, n)


@replace(theirs.shapiro)
def _shapiro(original: Any) -> Any:
    def shapiro(x: Any, *, axis: Any = None, nan_policy: str = "propagate", keepdims: bool = False) -> Any:
        options = {"axis": axis, "nan_policy": nan_policy, "keepdims": keepdims}
        if not any_recorded(x):
            return plainly(original)(x, **options)
        x = as_array(x)
        plain = plainly(original)(still(x), **options)
        w, p = _described(np.reshape(x, (-1,)) if axis is None else np.moveaxis(x, axis, -1))
        shape = np.shape(plain.statistic)
        return type(plain)(renewed(plain.statistic, np.reshape(w, shape)), renewed(plain.pvalue, np.reshape(p, shape)))

    return shapiro
