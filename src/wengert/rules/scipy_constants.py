"""scipy.constants: conversions of temperatures, and between wavelengths and frequencies."""

from __future__ import annotations

import scipy.constants as constants

from wengert.rules.scipy_composed import compose

compose(constants, "convert_temperature lambda2nu nu2lambda")
