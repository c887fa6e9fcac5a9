"""derivative, gradient, jacobian and hessian by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import BadInput
from wengert.numerical.complex_steps import complex_slope
from wengert.numerical.curves import Lines, columns, pointwise, real_point
from wengert.numerical.extrapolation import extrapolated
from wengert.numerical.hessians import crossed
from wengert.numerical.stencils import METHODS, stencil

ALL_METHODS = (*METHODS, "complex", "richardson")


def derivative(
    f: Callable[..., Any],
    x: Any,
    *,
    order: int = 1,
    method: str = "central",
    accuracy: int | None = None,
    step: float | None = None,
    vectorized: bool = False,
) -> Any:
    """f⁽ᵐ⁾(x), by differences.

    Arguments:
        f: a function of a number, with any array as result; for an array x, a function that works
            element by element, whose derivatives have the shape of x.
        order: m, 1 or more.
        method: "forward", "backward", "central", "complex" (m = 1, f analytic) or "richardson".
        accuracy: the power p of h in the error; 1 for the one-sided methods and 2 for "central" unless given.
        step: h; unless given it balances truncation and rounding (see `Stencil.step`), in units of max(1, |x|).
            Where f varies on a smaller scale, give it, or use "richardson".
        vectorized: f takes all points at once, along a new first axis.

    >>> import numpy as np
    >>> round(float(derivative(np.sin, 0.0)), 9)
    1.0
    >>> derivative(lambda x: x**3, np.array([1.0, 2.0]), order=2, accuracy=4).round(6)
    array([ 6., 12.])
    """
    lines = pointwise(f, x, step, vectorized, "derivative")
    if np.ndim(x):
        _require_elementwise(lines, f)
    slope = _slope(lines, f, order, method, accuracy, step, "derivative")
    return (slope / lines.lengths**order)[()]


def gradient(
    f: Callable[..., Any],
    x: Any,
    *,
    method: str = "central",
    accuracy: int | None = None,
    step: float | None = None,
    vectorized: bool = False,
) -> Any:
    """∂f/∂x of a scalar function by differences, of the shape of x. Arguments as of `derivative`.

    It takes two (central) or one (forward) evaluations of f per element of x, and one more for a one-sided method.

    >>> import numpy as np
    >>> gradient(lambda x: np.sum(x**2), np.array([1.0, 2.0])).round(6)
    array([2., 4.])
    """
    found = _jacobian(f, x, method, accuracy, step, vectorized, "gradient")
    if np.ndim(found) != np.ndim(x):
        shape = np.shape(found)[: np.ndim(found) - np.ndim(x)]
        raise BadInput(f"gradient needs a scalar function, but f returned shape {shape}.\nSum it, or use jacobian.")
    return found


def jacobian(
    f: Callable[..., Any],
    x: Any,
    *,
    method: str = "central",
    accuracy: int | None = None,
    step: float | None = None,
    vectorized: bool = False,
) -> Any:
    """∂f/∂x by differences, of shape f(x).shape + x.shape. Arguments as of `derivative`.

    >>> import numpy as np
    >>> jacobian(lambda x: x[::-1] * x[0], np.array([1.0, 2.0])).round(6)
    array([[2., 1.],
           [2., 0.]])
    """
    return _jacobian(f, x, method, accuracy, step, vectorized, "jacobian")


def _jacobian(f: Any, x: Any, method: str, accuracy: Any, step: Any, vectorized: bool, caller: str) -> Any:
    lines = columns(f, x, step, vectorized, caller)
    slopes = _slope(lines, f, 1, method, accuracy, step, caller)
    by_element = np.moveaxis(slopes, 0, -1) / lines.lengths
    return np.ascontiguousarray(by_element.reshape(*slopes.shape[1:], *np.shape(x)))[()]


def hessian(
    f: Callable[..., Any],
    x: Any,
    *,
    method: str = "central",
    accuracy: int | None = None,
    step: float | None = None,
    vectorized: bool = False,
) -> Any:
    """∂²f/∂x∂x of a scalar function by differences, of shape x.shape + x.shape, symmetric.

    Arguments as of `derivative`; "complex" takes a central difference of the complex step (Lai & Crassidis
    2008). Off the diagonal the stencil of the first derivative is applied in both directions.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1] ** 2, np.array([3.0, 2.0])).round(4)
    array([[ 8., 24.],
           [24., 18.]])
    """
    _require_method(method, "hessian", (*METHODS, "complex"))
    shape = np.shape(real_point(x, "hessian"))
    return crossed(f, x, method, accuracy, step, vectorized).reshape(shape + shape)[()]


def _slope(lines: Lines, f: Any, order: int, method: str, accuracy: Any, step: Any, caller: str) -> Any:
    """The derivative of the curve at 0, in its own unit."""
    _require_method(method, caller, ALL_METHODS)
    if method == "complex":
        if order != 1:
            raise ValueError(f'{caller}: method "complex" has order 1, not {order}.\nUse "central" or "richardson".')
        return complex_slope(lines.curve, lines.eps, step, True, f)
    if method == "richardson":
        formula = stencil("central", order, accuracy)
        return extrapolated(lines.curve, formula, 0.25 if step is None else step, 12, lines.eps, lines.size).value
    formula = stencil(method, order, accuracy)
    h = formula.step(lines.eps) if step is None else step
    values = lines.curve(h * np.array(formula.nodes, float))
    return np.tensordot(np.array(formula.weights, values.real.dtype), values, 1) / values.real.dtype.type(h) ** order


def _require_method(method: str, caller: str, known: tuple[str, ...]) -> None:
    if method not in known:
        raise ValueError(f"{caller}: method is {method!r}.\nPass one of {', '.join(map(repr, known))}.")


def _require_elementwise(lines: Lines, f: Any) -> None:
    shape = lines.curve(np.zeros(1)).shape[1:]
    if shape != np.shape(lines.lengths):
        raise BadInput(
            f"derivative: {getattr(f, '__name__', 'f')} maps shape {np.shape(lines.lengths)} to {shape}, so it "
            "does not work element by element.\nUse jacobian (or gradient, for a scalar result)."
        )
