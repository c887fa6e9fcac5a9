"""scipy.odr is compiled: of recorded numbers it is refused, with what to use instead."""

from __future__ import annotations

import warnings
from typing import Any

import scipy

from wengert.rules.refused import refuse_class

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # whoever imported it has been told
    odr: Any = scipy.odr
_REMEDY = (
    "Minimize the distances by scipy.optimize.least_squares, over the parameters and the places on the curve, or use "
    "scipy.optimize.curve_fit."
)

for _name in ("Data", "RealData", "ODR"):
    refuse_class(getattr(odr, _name), f"scipy.odr.{_name}", _REMEDY)
