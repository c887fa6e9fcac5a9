"""scipy.stats.studentized_range in its variable: the density is the slope of the distribution function; both are
integrals that SciPy's compiled code computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy import stats as _stats

from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.value import concrete
from wengert.rules.described import plainly
from wengert.rules.pairs import recordable
from wengert.rules.special_calls import ORDER
from wengert.rules.stats_extremes import swap_in
from wengert.rules.table import elementwise

law: Any = _stats.studentized_range
_kind: Any = type(law)


def _density(x: Any, k: Any, df: Any) -> Any:
    return _kind_pdf(law, x, k, df)


def _probability(x: Any, k: Any, df: Any) -> Any:
    return _kind_cdf(law, x, k, df)


_kind_pdf, _kind_cdf = _kind._pdf, _kind._cdf
DENSITY, PROBABILITY = recordable(plainly(_density)), recordable(plainly(_probability))
elementwise(
    DENSITY,
    None,
    None,
    None,
    reason="It is an integral that compiled code computes.",
    name="scipy.stats.studentized_range.pdf",
)
elementwise(PROBABILITY, lambda y, x, k, df: DENSITY(x, k, df), None, None, reason=ORDER,
            name="scipy.stats.studentized_range.cdf")  # fmt: skip


def _by(op: Any) -> Callable[[Any], Any]:
    def of(original: Any) -> Any:
        def method(self: Any, x: Any, k: Any, df: Any) -> Any:
            if not any_recorded((x, k, df)):
                return original(self, x, k, df)
            return op(x, k, df) if concrete(x).size else 0.0 * x

        return method

    return of


swap_in(law, "_pdf", _by(DENSITY))
swap_in(law, "_cdf", _by(PROBABILITY))
MADE_BY[_kind] |= {"tukey_hsd"}  # which calls it
