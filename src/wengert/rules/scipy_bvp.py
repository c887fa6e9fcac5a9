"""scipy.integrate.solve_bvp: the solution as a function of what the equations and the boundary conditions read.

On the mesh that SciPy chose, its solution solves the collocation equations, with fᵢ = f(xᵢ, yᵢ) and h = xᵢ₊₁ − xᵢ,

    yᵢ₊₁ − yᵢ = h (fᵢ + 4 f(x_m, y_m) + fᵢ₊₁)/6,    y_m = (yᵢ + yᵢ₊₁)/2 − h (fᵢ₊₁ − fᵢ)/8,    bc(y_first, y_last) = 0.

Steps of Newton's method are recorded on them (`rules.solved`). Source: Kierzenka and Shampine, ACM TOMS 27 (2001).
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.rules.axes import as_array
from wengert.rules.solved import Observed, renewed, solution, still

integrate: Any = _integrate


@replace(integrate.solve_bvp)
def _solve_bvp(original: Any) -> Any:
    signature = inspect.signature(original)

    def solve_bvp(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        given = dict(bound.arguments)
        observed = Observed()
        functions = {key: observed(given[key]) for key in ("fun", "bc", "fun_jac", "bc_jac") if given.get(key)}
        plain = {key: still(as_array(part)) for key, part in given.items()} | functions
        found = compute(original, (), plain)
        if not observed.recorded and not any_recorded([given["x"], given["y"], given.get("p"), given.get("S")]):
            return found
        if any_recorded(given["x"]) or given.get("S") is not None or not found.success:
            why = "that has not converged" if not found.success else "with recorded x, or with S"
            raise NoDerivative(at_user_line(f"no derivative of the result of scipy.integrate.solve_bvp {why}"))
        return _recorded(given["fun"], given["bc"], found)

    return solve_bvp


def _recorded(fun: Any, bc: Any, found: Any) -> Any:
    x, (n, m) = found.x, found.y.shape
    h, middle = np.diff(x), 0.5 * (x[1:] + x[:-1])
    p0 = np.zeros(0) if found.p is None else found.p

    def parts(z: Any) -> tuple[Any, tuple[Any, ...]]:
        return np.reshape(z[: n * m], (n, m)), (() if found.p is None else (z[n * m :],))

    def residuals(z: Any) -> Any:
        y, p = parts(z)
        f = np.asarray(fun(x, y, *p))
        y_middle = 0.5 * (y[:, 1:] + y[:, :-1]) - 0.125 * h * (f[:, 1:] - f[:, :-1])
        steps = h / 6.0 * (f[:, :-1] + f[:, 1:] + 4.0 * np.asarray(fun(middle, y_middle, *p)))
        ends = np.reshape(np.asarray(bc(y[:, 0], y[:, -1], *p)), (-1,))
        return np.concatenate([np.ravel(y[:, 1:] - y[:, :-1] - steps), ends])

    z = solution(residuals, np.concatenate([found.y.ravel(), p0]), "scipy.integrate.solve_bvp")
    y, p = parts(z)
    slopes = np.asarray(fun(x, y, *p))
    found.y, found.yp = renewed(found.y, y), renewed(found.yp, slopes)
    found.p = None if found.p is None else renewed(found.p, p[0])
    found.sol = _Solution(found.sol, x, found.y, found.yp)
    return found


_BASES = np.array([[2.0, -3.0, 0.0, 1.0], [1.0, -2.0, 1.0, 0.0], [-2.0, 3.0, 0.0, 0.0], [1.0, -1.0, 0.0, 0.0]])
"""Hermite's four cubics on (0, 1): of the value and the slope at 0, of those at 1."""


class _Solution:
    """The cubic between the points of the mesh, with SciPy's values."""

    def __init__(self, plain: Any, x: Any, y: Any, slopes: Any) -> None:
        self.plain, self.x, self.y, self.slopes = plain, x, y, slopes

    def __call__(self, x: Any, nu: int = 0) -> Any:
        x = as_array(x)
        k = np.clip(np.searchsorted(self.x, still(x), "right") - 1, 0, self.x.size - 2)
        h = (self.x[1:] - self.x[:-1])[k]
        s = (x - self.x[k]) / h
        value = 0.0
        for row, (data, place, weight) in zip(_BASES, self._data(k, h), strict=True):
            value = value + np.polyval(np.polyder(row, nu), s) * weight * data[:, place]
        return renewed(self.plain(still(x), nu), value / h**nu)

    def _data(self, k: Any, h: Any) -> Any:
        return (self.y, k, 1.0), (self.slopes, k, h), (self.y, k + 1, 1.0), (self.slopes, k + 1, h)
