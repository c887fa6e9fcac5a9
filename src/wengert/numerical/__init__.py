"""Derivatives by differences: they know nothing of how f is written, and are as right as their steps allow.

Functions of plain functions and plain arrays. `adaptive` (which needs SciPy) is imported when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from wengert.numerical.complex_steps import complex_step
from wengert.numerical.differentiation import derivative, gradient, hessian, jacobian
from wengert.numerical.extrapolation import Estimate, Extrapolated, differences, richardson
from wengert.numerical.quadrature import chebyshev, differential_quadrature, on_grid, uniform
from wengert.numerical.stencils import METHODS, Stencil, stencil, weights

if TYPE_CHECKING:
    from wengert.numerical.adaptation import adaptive


def __getattr__(name: str) -> Any:
    if name == "adaptive":
        return import_module("wengert.numerical.adaptation").adaptive
    raise AttributeError(f"module 'wengert.numerical' has no attribute {name!r}")


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
