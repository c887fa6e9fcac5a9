"""scipy.interpolate.NdBSpline: s(x) = Σ c_{ij…} bᵢ(x₁) bⱼ(x₂) …, in its coefficients and points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.interpolate as _interpolate

from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import compute
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.scipy_interpolate_nd import method_of, refuse
from wengert.rules.scipy_piecewise import evaluate_spline
from wengert.rules.solved import renewed, still

interpolate: Any = _interpolate
Fn = Callable[..., Any]


@method_of(interpolate.NdBSpline, "__init__")
def _make(original: Fn) -> Fn:
    def init(self: Any, t: Any, c: Any, k: Any, **options: Any) -> None:
        if any_recorded(t):
            raise refuse("NdBSpline", "with respect to its knots")
        compute(original, (self, still(t), still(as_array(c)), k), options)
        if any_recorded(c):
            self._recorded = as_array(c)

    return init


def _sum(self: Any, c: Any, x: Any, nu: Any, beyond: bool) -> Any:
    """The sum at each of the points, which are rows."""
    y: Any = None
    for k, (t, degree) in enumerate(zip(self.t, self.k, strict=True)):
        n = len(t) - degree - 1
        order = 0 if nu is None else int(nu[k])
        rows = evaluate_spline(np.asarray(t, float), np.eye(n), x[:, k], k=int(degree), nu=order, extrapolate=beyond)
        if k == 0:
            y = np.tensordot(rows, c, 1)
        else:
            y = np.sum(np.reshape(rows, (-1, n) + (1,) * (np.ndim(concrete(y)) - 2)) * y, axis=1)
    return y


@method_of(interpolate.NdBSpline, "__call__")
def _call(original: Fn) -> Fn:
    def call(self: Any, xi: Any, *, nu: Any = None, extrapolate: Any = None) -> Any:
        recorded, options = getattr(self, "_recorded", None), {"nu": nu, "extrapolate": extrapolate}
        if recorded is None and not any_recorded(xi):
            return original(self, xi, **options)
        xi = as_array(xi)
        plain = compute(original, (self, still(xi)), options)
        c = self.c if recorded is None else recorded
        beyond = bool(self.extrapolate if extrapolate is None else extrapolate)
        value = _sum(self, c, np.reshape(xi, (-1, np.shape(concrete(xi))[-1])), nu, beyond)
        return renewed(plain, np.reshape(value, np.shape(plain)))

    return call


@method_of(interpolate.NdBSpline, "derivative")
def _derivative(original: Fn) -> Fn:
    def derivative(self: Any, nu: Any) -> Any:
        if getattr(self, "_recorded", None) is not None:
            raise refuse("NdBSpline", "of .derivative() with recorded coefficients; give nu when it is called")
        return original(self, nu)

    return derivative


MADE_BY[interpolate.NdBSpline] = frozenset({"NdBSpline", "make_ndbspl"})
