"""The derivatives of scipy.special, by field; imported when scipy.special has been."""

from __future__ import annotations

from wengert.rules import special_bessel as special_bessel
from wengert.rules import special_bessel_order as special_bessel_order
from wengert.rules import special_distributions as special_distributions
from wengert.rules import special_elementary as special_elementary
from wengert.rules import special_elliptic as special_elliptic
from wengert.rules import special_error as special_error
from wengert.rules import special_functions as special_functions
from wengert.rules import special_gamma as special_gamma
from wengert.rules import special_gamma_shape as special_gamma_shape
from wengert.rules import special_harmonics as special_harmonics
from wengert.rules import special_integrals as special_integrals
from wengert.rules import special_inverse_shapes as special_inverse_shapes
from wengert.rules import special_noncentral as special_noncentral
from wengert.rules import special_polynomials as special_polynomials
from wengert.rules import special_python as special_python
from wengert.rules import special_waves as special_waves
