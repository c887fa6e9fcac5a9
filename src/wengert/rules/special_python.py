"""The special functions of Python's math on recorded numbers: those of scipy.special have their derivatives."""

from __future__ import annotations

import math

import scipy.special as special

from wengert.record.swap import replace
from wengert.rules.python_math import on_numbers, python_op

FUNCTIONS = (
    (math.erf, special.erf), (math.erfc, special.erfc), (math.lgamma, special.gammaln), (math.gamma, special.gamma),
)  # fmt: skip

for _original, _twin in FUNCTIONS:
    replace(_original)(on_numbers(python_op(_original, _twin)))
