"""scipy.odr is compiled: of recorded numbers it is refused, with what to use instead."""

from __future__ import annotations

from typing import Any

import scipy.odr as _odr

from wengert.rules.refused import refuse_class

odr: Any = _odr
_REMEDY = (
    "Minimize the distances by scipy.optimize.least_squares, over the parameters and the places on the curve, or use "
    "scipy.optimize.curve_fit."
)

for _name in ("Data", "RealData", "ODR"):
    refuse_class(getattr(odr, _name), f"scipy.odr.{_name}", _REMEDY)
