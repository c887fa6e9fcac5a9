"""The distribution of the Kolmogorov-Smirnov statistic, which SciPy computes number by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats._ksstats as _ksstats

from wengert.record.apply import apply
from wengert.record.observe import look
from wengert.record.protocols import any_recorded
from wengert.record.swap import replace
from wengert.rules.described import plainly
from wengert.rules.pairs import recordable
from wengert.rules.special_calls import ORDER
from wengert.rules.table import elementwise, rule

ks: Any = _ksstats
_kolmogn, _kolmognp = ks.kolmogn, ks.kolmognp


def _density(x: Any, n: Any) -> Any:
    return _kolmognp(n, x) if np.size(x) else np.zeros(np.shape(x))


def _probability(x: Any, n: Any, cdf: bool) -> Any:
    return _kolmogn(n, x, cdf=cdf)


density, probability = recordable(plainly(_density)), recordable(plainly(_probability))
elementwise(density, None, None, reason=ORDER, name="scipy.stats.kstwo.pdf")
PROBABILITY = rule(
    probability,
    lambda d, y, x, n, cdf: np.where(cdf, 1.0, -1.0) * density(x, n) * d,
    name="scipy.stats.kstwo.cdf",
)


@replace(_kolmogn)
def _of_size(original: Any) -> Any:
    def kolmogn(n: Any, x: Any, cdf: Any = True) -> Any:
        if not any_recorded(x):
            return original(n, x, cdf=cdf)
        return apply(PROBABILITY, (x,), {"n": look(n), "cdf": bool(np.all(cdf))})

    return kolmogn
