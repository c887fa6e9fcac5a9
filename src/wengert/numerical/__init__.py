"""Derivatives by differences: they know nothing of how f is written, and are as right as their steps allow.

Functions of plain functions and plain arrays. `adaptive` (which needs SciPy) is imported when it is asked for.
"""

from typing import TYPE_CHECKING

from wengert import later as _later
from wengert.numerical.complex_steps import complex_step
from wengert.numerical.differentiation import derivative, gradient, hessian, jacobian
from wengert.numerical.extrapolation import Estimate, Extrapolated, differences, richardson
from wengert.numerical.quadrature import chebyshev, differential_quadrature, on_grid, uniform
from wengert.numerical.stencils import METHODS, Stencil, stencil, weights

if TYPE_CHECKING:
    from wengert.numerical.adaptation import adaptive


_LATER = {"adaptive": "wengert.numerical.adaptation"}
__getattr__, __dir__ = _later.names(__name__, _LATER)

__all__ = [
    "METHODS",
    "Estimate",
    "Extrapolated",
    "Stencil",
    "adaptive",
    "chebyshev",
    "complex_step",
    "derivative",
    "differences",
    "differential_quadrature",
    "gradient",
    "hessian",
    "jacobian",
    "on_grid",
    "richardson",
    "stencil",
    "uniform",
    "weights",
]
