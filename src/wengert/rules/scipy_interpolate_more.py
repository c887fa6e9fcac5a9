"""scipy.interpolate: grids by products of splines, smooth surfaces over triangles, roots of piecewise polynomials."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from itertools import pairwise
from math import comb
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.observe import decide
from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import compute
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete
from wengert.rules import scipy_spline_parts as scipy_spline_parts
from wengert.rules.axes import as_array
from wengert.rules.described import described, holds_recorded, replaces_in
from wengert.rules.refused import refuse_class
from wengert.rules.scipy_fitpack import roots_of
from wengert.rules.scipy_fitted import basis
from wengert.rules.scipy_interpolate_nd import method_of, refuse
from wengert.rules.scipy_piecewise import interpolate, ppoly, segment, without_outside
from wengert.rules.scipy_private import part as stored
from wengert.rules.solved import renewed, still

Fn = Callable[..., Any]

# ── regular grids: s(x) = Σ C Π B_d(x_d), where the values are B₁ ⊗ … ⊗ B_n applied to C ──

Grid: Any = interpolate.RegularGridInterpolator
PRODUCTS = ("slinear", "cubic", "quintic")


@method_of(Grid, "__init__")
def _make_grid(original: Fn) -> Fn:
    signature = inspect.signature(original)

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        given = dict(signature.bind(self, *args, **kwargs).arguments)
        if not any_recorded(given):
            original(self, *args, **kwargs)
            return
        if given.get("method", "linear") not in PRODUCTS:
            run_body(original, (self, *args), kwargs)
            return
        if any_recorded([value for key, value in given.items() if key != "values"]):
            raise refuse("RegularGridInterpolator", "by splines, with respect to the grid")
        given.pop("self")
        compute(original, (self,), {key: still(as_array(v)) if key == "values" else v for key, v in given.items()})
        self._recorded = as_array(given["values"])

    return init


@method_of(Grid, "__call__")
def _call_grid(original: Fn) -> Fn:
    def call(self: Any, xi: Any, method: Any = None, *, nu: Any = None) -> Any:
        recorded = getattr(self, "_recorded", None)
        if recorded is None and not any_recorded(xi) and not holds_recorded(self):
            return original(self, xi, method, nu=nu)
        if (method or self.method) not in PRODUCTS or self._spline is None:
            return run_body(original, (self, xi, method), {"nu": nu})
        xi = np.stack(np.broadcast_arrays(*xi), -1) if isinstance(xi, tuple) else as_array(xi)
        plain = compute(original, (self, still(xi), method), {"nu": nu})
        x = np.reshape(xi, (-1, len(self.grid)))
        value = np.reshape(_product(self, self.values if recorded is None else recorded, x, nu), np.shape(plain))
        known = np.isfinite(plain)  # elsewhere the fill value of what is outside
        return np.where(known, renewed(np.where(known, plain, 0.0), np.where(known, value, 0.0)), plain)

    return call


def _product(self: Any, values: Any, x: Any, nu: Any) -> Any:
    total = values
    orders = [0] * len(self.grid) if nu is None else nu
    for d, grid in enumerate(self.grid):  # solve along each axis
        t, k = np.asarray(self._spline.t[d]), self._spline.k[d]
        lead = np.moveaxis(total, d, 0)
        rows = np.reshape(lead, (len(grid), -1))
        solved = np.linalg.solve(basis(t, np.asarray(grid, float), k), rows)
        total = np.moveaxis(np.reshape(solved, np.shape(concrete(lead))), 0, d)
    for d in range(len(self.grid)):
        t, k = np.asarray(self._spline.t[d]), self._spline.k[d]
        weights = basis(t, x[:, d], k, int(orders[d]))
        if d == 0:
            total = np.tensordot(weights, total, 1)
        else:
            trailing = (1,) * (np.ndim(concrete(total)) - 2)
            total = np.sum(np.reshape(weights, (*np.shape(concrete(weights)), *trailing)) * total, axis=1)
    return total


# ── Clough and Tocher's surfaces are linear in the values: the matrix is what SciPy makes of unit vectors ──

Smooth: Any = interpolate.CloughTocher2DInterpolator
MADE_BY[Smooth], MADE_BY[Grid] = frozenset({"griddata"}), frozenset({"interpn"})


@method_of(Smooth, "__init__")
def _make_smooth(original: Fn) -> Fn:
    def init(self: Any, points: Any, values: Any, *args: Any, **kwargs: Any) -> None:
        if any_recorded((points, args, kwargs)):
            raise refuse("CloughTocher2DInterpolator", "with respect to its points")
        compute(original, (self, points, still(as_array(values)), *args), kwargs)
        if any_recorded(values):
            self._recorded = as_array(values)
            rescale = kwargs.get("rescale", args[3] if len(args) > 3 else False)
            self._units = object.__new__(Smooth)
            units = np.eye(np.shape(concrete(self._recorded))[0])
            compute(original, (self._units, points, units), {"tol": 1e-13, "maxiter": 4000, "rescale": rescale})

    return init


@method_of(Smooth, "__call__")
def _call_smooth(original: Fn) -> Fn:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if any_recorded(args):
            raise refuse("CloughTocher2DInterpolator", "with respect to where it is evaluated")
        if getattr(self, "_recorded", None) is None:
            return original(self, *args, **kwargs)
        plain, weights = compute(original, (self, *args), kwargs), compute(original, (self._units, *args), kwargs)
        known = np.isfinite(weights)
        value = np.tensordot(np.where(known, weights, 0.0), self._recorded, 1)
        return np.where(np.isfinite(plain), renewed(np.nan_to_num(plain), value), plain)

    return call


# ── roots of piecewise polynomials: where the function is smooth, steps of Newton's method ──


@method_of(interpolate.PPoly, "solve")
def _solve(original: Fn) -> Fn:
    def solve(self: Any, y: Any = 0.0, discontinuity: bool = True, extrapolate: Any = None) -> Any:
        if not any_recorded(y) and not holds_recorded(self):
            return original(self, y, discontinuity, extrapolate)
        plain = interpolate.PPoly(still(stored(self, "c")), still(stored(self, "x")), self.extrapolate)
        roots = compute(original, (plain, still(y), discontinuity, extrapolate), None)
        if np.ndim(concrete(stored(self, "c"))) > 2:
            raise refuse("PPoly.solve", "of several polynomials; solve one after the other")
        if np.any(np.abs(plain(roots) - still(y)) > 1e-8 * np.max(np.abs(still(stored(self, "c"))))):
            raise NoDerivative(at_user_line("no derivative of a root of scipy.interpolate.PPoly at a jump"))
        made = interpolate.PPoly(stored(self, "c"), stored(self, "x"), True)
        return roots_of(lambda r: made(r) - y, lambda r: made(r, 1), roots)

    return solve


@method_of(interpolate.PPoly, "roots")
def _roots(original: Fn) -> Fn:
    return lambda self, discontinuity=True, extrapolate=None: self.solve(0.0, discontinuity, extrapolate)


# ── in the basis of Bernstein: Σ cₐ C(k, a) uᵃ (1 − u)ᵏ⁻ᵃ, u from 0 to 1 on each interval ──


def _bernstein(c: Any, knots: Any, x: Any, nu: int, extrapolate: bool) -> Any:
    k, m, n = np.shape(c)[0] - 1, *np.shape(c)[1:]
    i = decide(segment, knots, x, first=0, last=m - 1)
    width = (knots[i + 1] - knots[i])[:, None]
    u = (x - knots[i])[:, None] / width
    parts = [c[a][i] for a in range(k + 1)]
    for order in range(nu):
        parts = [(k - order) * (high - low) / width for low, high in pairwise(parts)]
    degree = len(parts) - 1
    total: Any = np.zeros((np.shape(x)[0], n))
    for a, part in enumerate(parts):
        total = total + comb(degree, a) * part * u**a * (1.0 - u) ** (degree - a)
    return without_outside(total, knots, x, 0, m, extrapolate)


def _plain_bernstein(c: Any, knots: Any, x: Any, nu: int, extrapolate: bool) -> Any:
    out = np.empty((len(x), c.shape[2]), c.dtype)
    ppoly.evaluate_bernstein(*[np.ascontiguousarray(a) for a in (c, knots, x)], nu, extrapolate, out)
    return out


evaluate_bernstein = described(_plain_bernstein, _bernstein, 3, "scipy.interpolate.BPoly")


@replaces_in(ppoly, "evaluate_bernstein")
def _evaluate_bernstein(c: Any, x: Any, xp: Any, nu: int, extrapolate: bool, out: Any) -> None:
    out[...] = evaluate_bernstein(c, x, xp, nu=int(nu), extrapolate=bool(extrapolate))


@replace(interpolate.make_splprep)
def _make_splprep(original: Any) -> Any:
    def make_splprep(x: Any, **kwargs: Any) -> Any:
        if not any_recorded((x, kwargs)):
            return compute(original, (x,), kwargs)
        if any_recorded(kwargs.get("s", 0)) or kwargs.get("s", 0) != 0:
            raise refuse("make_splprep", "with s: use splprep")
        return run_body(original, (x,), kwargs)

    return make_splprep


@replace(interpolate.griddata)
def _griddata(original: Any) -> Any:
    def griddata(points: Any, values: Any, xi: Any, *args: Any, **kwargs: Any) -> Any:
        if not any_recorded((points, values, xi)):
            return original(points, values, xi, *args, **kwargs)
        return run_body(original, (points, values, xi, *args), kwargs)

    return griddata


refuse_class(
    interpolate.AAA,
    "scipy.interpolate.AAA",
    "The points that it supports itself on are chosen one by one. Choose them by plain numbers, and give the values "
    "there to FloaterHormannInterpolator or BarycentricInterpolator.",
)
