"""Irwin and Hall's distribution, whose density is a cardinal B-spline: Bₙ′(x) = Bₙ₋₁(x) − Bₙ₋₁(x − 1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats as _stats

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.value import concrete
from wengert.rules.solved import still
from wengert.rules.special_calls import lifted
from wengert.rules.stats_extremes import swap_in

law: Any = _stats.irwinhall
_METHODS: dict[str, Any] = {name: getattr(type(law), name) for name in ("_pdf", "_cdf", "_sf")}


def _density(n: Any, x: Any) -> Any:
    """Bₙ(x), and 0 beyond the support."""
    inside = np.greater_equal(x, 0) & np.less_equal(x, n) & np.greater(n, 0)
    return np.where(inside, _METHODS["_pdf"](law, np.where(inside, x, 0.5), np.where(inside, n, 1)), 0.0)[()]


def _slope(y: Any, n: Any, x: Any) -> Any:
    before = np.asarray(n) - 1
    return DENSITY(before, x) - DENSITY(before, x - 1.0)


DENSITY = lifted(_density, None, _slope, name="scipy.stats.irwinhall.pdf")
_OPS: dict[str, Any] = {
    "_pdf": DENSITY,
    "_cdf": lifted(
        lambda n, x: _METHODS["_cdf"](law, x, n), None, lambda y, n, x: DENSITY(n, x), name="scipy.stats.irwinhall.cdf"
    ),
    "_sf": lifted(
        lambda n, x: _METHODS["_sf"](law, x, n), None, lambda y, n, x: -DENSITY(n, x), name="scipy.stats.irwinhall.sf"
    ),
}


def _by(op: Any) -> Callable[[Any], Any]:
    def of(original: Any) -> Any:
        def method(self: Any, x: Any, n: Any) -> Any:
            if any_recorded(n) and concrete(n).dtype.kind == "f":
                raise NoDerivative(
                    at_user_line("scipy.stats.irwinhall has no derivative with respect to n") + "\nPass a whole number."
                )
            return op(np.asarray(still(n)), x) if any_recorded(x) else original(self, x, still(n))

        return method

    return of


for _name, _op in _OPS.items():
    swap_in(law, _name, _by(_op))
