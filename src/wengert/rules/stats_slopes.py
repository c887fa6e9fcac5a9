"""scipy.stats.siegelslopes: repeated medians of the slopes between points, which SciPy computes in compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats as _stats

from wengert.record.protocols import any_recorded
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.described import described, plainly

st: Any = _stats
_siegelslopes = st.siegelslopes


def _found(y: Any, x: Any, part: int, method: str) -> Any:
    return plainly(_siegelslopes)(y, x, method)[part]


def _line(y: Any, x: Any, part: int, method: str) -> Any:
    """The slope or the intercept: medians over i of medians over j of (yⱼ − yᵢ)/(xⱼ − xᵢ)."""
    apart = np.not_equal(np.asarray(concrete(x))[:, None], np.asarray(concrete(x)))
    slopes, intercepts = [], []
    for i in range(len(apart)):
        j = apart[i]
        slopes.append(np.median((y[j] - y[i]) / (x[j] - x[i])))
        intercepts.append(np.median((y[i] * x[j] - y[j] * x[i]) / (x[j] - x[i])))
    slope = np.median(np.stack(slopes))
    if part == 0:
        return slope
    return np.median(np.stack(intercepts)) if method == "separate" else np.median(y - slope * x)


LINE = described(_found, _line, 2, "scipy.stats.siegelslopes")


@replace(_siegelslopes)
def _slopes(original: Any) -> Any:
    def siegelslopes(y: Any, x: Any = None, method: str = "hierarchical", **kwargs: Any) -> Any:
        if kwargs or not any_recorded((y, x)):
            return original(y, x, method, **kwargs)
        y = np.ravel(y)
        x = np.arange(float(len(concrete(y)))) if x is None else np.ravel(x)
        parts = [LINE(y, x, part=k, method=method) for k in range(2)]
        return type(plainly(original)([0.0, 1.0]))(*parts)

    return siegelslopes
