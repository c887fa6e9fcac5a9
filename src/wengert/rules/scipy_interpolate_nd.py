"""scipy.interpolate in several dimensions: radial functions, triangles, and products of splines.

SciPy makes the interpolant of plain numbers, and its value is SciPy's; what is recorded is the formula of that value in
the recorded data and in the recorded points.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import scipy.interpolate as _interpolate

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import compute
from wengert.record.swap import METHODS, replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import described, plainly
from wengert.rules.scipy_piecewise import evaluate_spline
from wengert.rules.solved import renewed, still

interpolate: Any = _interpolate
Fn = Callable[..., Any]


def refuse(name: str, why: str) -> NoDerivative:
    """The error for what has no derivative here."""
    return NoDerivative(at_user_line(f"no derivative rule for scipy.interpolate.{name} {why}"))


def method_of(kind: Any, name: str) -> Callable[[Fn], Fn]:
    """Decorator: of(original) → the method that the class has while recording."""

    def register(of: Fn) -> Fn:
        original = getattr(kind, name)
        METHODS.append((kind, name, original, wraps(original)(of(original))))
        return of

    return register


# ── radial functions: s(x) = Σ aᵢ φ(ε|x − yᵢ|) + Σ bⱼ pⱼ(x), with s(yᵢ) = dᵢ but for smoothing ──

# fmt: off
KERNELS: dict[str, Fn] = {
    "linear":               lambda q: -_root(q),
    "cubic":                lambda q: _root(q) * q,
    "quintic":              lambda q: -_root(q) * q * q,
    "thin_plate_spline":    lambda q: np.where(q == 0, 0.0, 0.5 * q * np.log(np.where(q == 0, 1.0, q))),
    "gaussian":             lambda q: np.exp(-q),
    "multiquadric":         lambda q: -np.sqrt(q + 1.0),
    "inverse_multiquadric": lambda q: 1.0 / np.sqrt(q + 1.0),
    "inverse_quadratic":    lambda q: 1.0 / (q + 1.0),
}
# fmt: on


def _root(q: Any) -> Any:
    return np.where(q == 0, 0.0, np.sqrt(np.where(q == 0, 1.0, q)))


def _squares(a: Any, b: Any) -> Any:
    """|aᵢ − bⱼ|² of all pairs."""
    return np.sum((a[:, None, :] - b[None, :, :]) ** 2, -1)


def _monomials(x: Any, powers: Any, shift: Any, scale: Any) -> Any:
    return np.prod(((x - shift) / scale)[:, None, :] ** powers[None, :, :], -1)


def _radial(made: Any, given: dict[str, Any], x: Any) -> Any:
    y, d = given["y"], np.reshape(given["d"], (np.shape(concrete(given["d"]))[0], -1))
    epsilon, kernel = given["epsilon"], KERNELS[made.kernel]
    low, high = np.min(still(y), axis=0), np.max(still(y), axis=0)
    shift, scale = (high + low) / 2, np.where(high == low, 1.0, (high - low) / 2)
    n, r = np.shape(concrete(y))[0], made.powers.shape[0]
    P = _monomials(y, made.powers, shift, scale)
    K = kernel(epsilon**2 * _squares(y, y)) + np.diag(np.broadcast_to(given["smoothing"], (n,)))
    left = np.block([[K, P], [np.transpose(P), np.zeros((r, r))]])
    weights = np.linalg.solve(left, np.concatenate([d, np.zeros((r, np.shape(concrete(d))[1]))]))
    at = np.concatenate([kernel(epsilon**2 * _squares(x, y)), _monomials(x, made.powers, shift, scale)], axis=1)
    return np.matmul(at, weights)


def _radial_nearby(made: Any, given: dict[str, Any], x: Any) -> Any:
    """Each point by its nearest neighbours; which these are is control flow."""
    near = np.reshape(made._tree.query(still(x), made.neighbors)[1], (-1, made.neighbors))
    sets, which = np.unique(np.sort(near, axis=1), return_inverse=True, axis=0)
    which = np.reshape(which, -1)
    smoothing = np.broadcast_to(given["smoothing"], (np.shape(concrete(given["y"]))[0],))
    parts: list[Any] = []
    for k, places in enumerate(sets):
        some = {"y": given["y"][places], "d": given["d"][places], "smoothing": smoothing[places]}
        parts.append(_radial(made, given | some, x[np.flatnonzero(which == k)]))
    return np.concatenate(parts)[np.argsort(np.argsort(which, kind="stable"), kind="stable")]


_RADIAL = ("y", "d", "smoothing", "kernel", "epsilon", "degree", "neighbors")


@method_of(interpolate.RBFInterpolator, "__init__")
def _make_radial(original: Fn) -> Fn:
    def init(self: Any, y: Any, d: Any, *args: Any, **kwargs: Any) -> None:
        names = ("neighbors", "smoothing", "kernel", "epsilon", "degree")
        given = {"y": y, "d": d} | dict(zip(names, args, strict=False)) | kwargs
        plain = {key: still(as_array(value)) for key, value in given.items()}
        compute(original, (self,), plain)
        if any_recorded(list(given.values())):
            self._recorded = {key: as_array(value) for key, value in given.items() if any_recorded(value)}

    return init


@method_of(interpolate.RBFInterpolator, "__call__")
def _call_radial(original: Fn) -> Fn:
    def call(self: Any, x: Any) -> Any:
        recorded = getattr(self, "_recorded", {})
        if not recorded and not any_recorded(x):
            return original(self, x)
        x = as_array(x)
        plain = compute(original, (self, still(x)), None)
        given = {"y": self.y, "d": self.d, "smoothing": self.smoothing, "epsilon": self.epsilon} | recorded
        of = _radial if self.neighbors is None else _radial_nearby
        return renewed(plain, np.reshape(of(self, given, x), np.shape(plain)))

    return call


# ── triangles: s(x) = Σ bₖ(x) vₖ, with barycentric coordinates b ──


def _points(self: Any, args: tuple[Any, ...]) -> Any:
    """The points as rows, from one array or from one array for each axis."""
    if len(args) == 1 and not isinstance(args[0], tuple):
        return as_array(args[0])
    parts = [as_array(a) for a in (args[0] if len(args) == 1 else args)]
    shape = np.broadcast_shapes(*[np.shape(concrete(p)) for p in parts])
    return np.stack([np.broadcast_to(p, shape) for p in parts], axis=-1)


def _keeping_values(kind: Any, name: str) -> None:
    @method_of(kind, "__init__")
    def _make(original: Fn) -> Fn:
        def init(self: Any, points: Any, values: Any, *args: Any, **kwargs: Any) -> None:
            if any_recorded(points):
                raise refuse(name, "with respect to its points")
            named = {key: still(value) for key, value in kwargs.items()}
            compute(original, (self, points, still(as_array(values)), *map(still, args)), named)
            self._recorded = as_array(values) if any_recorded(values) else None
            outside = [*args, *kwargs.values()]  # of these only `fill_value` is a number that may be recorded
            self._outside = next((value for value in outside if any_recorded(value)), None)

        return init

    MADE_BY[kind] = frozenset({"griddata"})


_keeping_values(interpolate.LinearNDInterpolator, "LinearNDInterpolator")
_keeping_values(interpolate.NearestNDInterpolator, "NearestNDInterpolator")


def _values(self: Any) -> Any:
    recorded = getattr(self, "_recorded", None)
    return self.values if recorded is None else recorded


_NEAR = 100 * np.finfo(float).eps
"""How far outside a triangle a point may lie, by SciPy's default."""


@method_of(interpolate.LinearNDInterpolator, "__call__")
def _call_linear(original: Fn) -> Fn:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        fill = getattr(self, "_outside", None)
        if getattr(self, "_recorded", None) is None and fill is None and not any_recorded(args):
            return original(self, *args, **kwargs)
        x = _points(self, args)
        plain = compute(original, (self, *map(still, args)), kwargs)
        flat = np.reshape(x, (-1, np.shape(concrete(x))[-1]))
        if self.scale is not None:
            flat = (flat - self.offset) / self.scale
        simplex = self.tri.find_simplex(
            np.ascontiguousarray(concrete(still(flat))), tol=_NEAR * kwargs.get("simplex_tolerance", 1.0)
        )
        corners, T = self.tri.simplices[simplex], self.tri.transform[simplex]
        n = T.shape[2]
        b = np.sum(T[:, :n, :] * (flat - T[:, n, :])[:, None, :], -1)
        b = np.concatenate([b, 1.0 - np.sum(b, -1, keepdims=True)], axis=-1)
        values = _values(self)
        rows = np.reshape(values, (np.shape(concrete(values))[0], -1))[corners]
        y = np.sum(b[:, :, None] * rows, axis=1)
        outside = np.broadcast_to((simplex < 0)[:, None], np.shape(concrete(y))).reshape(np.shape(plain))
        y = np.where(outside, 0.0, np.reshape(y, np.shape(plain)))
        return np.where(outside, plain if fill is None else fill, renewed(np.where(outside, 0.0, plain), y))

    return call


@method_of(interpolate.NearestNDInterpolator, "__call__")
def _call_nearest(original: Fn) -> Fn:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorded = getattr(self, "_recorded", None)
        if recorded is None:
            return compute(original, (self, *map(still, args)), kwargs)
        if kwargs:
            raise refuse("NearestNDInterpolator", "with options of its search")
        values, self.values = self.values, np.arange(len(self.values))
        try:
            places = compute(original, (self, *map(still, args)), None)
        finally:
            self.values = values
        return recorded[np.asarray(places).astype(int)]

    return call


# ── products of splines: s(x, y) = b(x)ᵀ C b(y), with C = B_x⁻¹ Z B_y⁻ᵀ of what is interpolated ──


def _basis(t: Any, k: int, x: Any, nu: int = 0) -> Any:
    """All B-splines, or their derivatives, at the points: one row for each. FITPACK goes no further than its knots."""
    inside = np.clip(x, t[k], t[-k - 1])
    return evaluate_spline(t, np.eye(len(t) - k - 1), np.reshape(inside, (-1,)), k=k, nu=nu, extrapolate=True)


@method_of(interpolate.RectBivariateSpline, "__init__")
def _make_product(original: Fn) -> Fn:
    def init(self: Any, x: Any, y: Any, z: Any, *args: Any, **kwargs: Any) -> None:
        if any_recorded((x, y, args, kwargs)):
            raise refuse("RectBivariateSpline", "with respect to x, y or options")
        compute(original, (self, x, y, still(as_array(z)), *args), kwargs)
        if any_recorded(z):
            s = args[3] if len(args) > 3 else kwargs.get("s", 0)
            if s:
                raise refuse("RectBivariateSpline", "that smooths recorded data; give s=0")
            (tx, ty, _), (kx, ky) = self.tck, self.degrees
            left = np.linalg.solve(_basis(tx, kx, np.asarray(x, float)), as_array(z))
            self._recorded = np.transpose(np.linalg.solve(_basis(ty, ky, np.asarray(y, float)), np.transpose(left)))

    return init


MADE_BY[interpolate.BivariateSpline] = frozenset({"RectBivariateSpline", "SmoothBivariateSpline"})
_base = interpolate.BivariateSpline.__mro__[1]
MADE_BY[_base] = MADE_BY[interpolate.BivariateSpline]


@method_of(_base, "__call__")
def _call_product(original: Fn) -> Fn:
    def call(self: Any, x: Any, y: Any, dx: int = 0, dy: int = 0, grid: bool = True) -> Any:
        recorded = getattr(self, "_recorded", None)
        if recorded is None and not any_recorded((x, y)):
            return original(self, x, y, dx, dy, grid)
        plain = compute(original, (self, still(as_array(x)), still(as_array(y)), dx, dy, grid), None)
        (tx, ty, c), (kx, ky) = self.tck[:3], self.degrees
        c = np.reshape(c, (len(tx) - kx - 1, -1)) if recorded is None else recorded
        x, y = as_array(x), as_array(y)
        if not grid:
            shape = np.broadcast_shapes(np.shape(concrete(x)), np.shape(concrete(y)))
            x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
        a, b = np.matmul(_basis(tx, kx, x, dx), c), _basis(ty, ky, y, dy)
        value = np.matmul(a, np.transpose(b)) if grid else np.sum(a * b, -1)
        return renewed(plain, np.reshape(value, np.shape(plain)))

    return call


@method_of(interpolate.BivariateSpline, "ev")
def _at_points(original: Fn) -> Fn:
    return lambda self, xi, yi, dx=0, dy=0: self(xi, yi, dx=dx, dy=dy, grid=False)


def _plain_bisplev(tx: Any, ty: Any, c: Any, x: Any, y: Any, kx: int, ky: int, dx: int, dy: int) -> Any:
    return np.reshape(_fitpack_bisplev(x, y, (tx, ty, c, kx, ky), dx, dy), -1)


def _described_bisplev(tx: Any, ty: Any, c: Any, x: Any, y: Any, kx: int, ky: int, dx: int, dy: int) -> Any:
    c = np.reshape(c, (np.shape(tx)[0] - kx - 1, -1))
    return np.reshape(np.matmul(np.matmul(_basis(tx, kx, x, dx), c), np.transpose(_basis(ty, ky, y, dy))), -1)


_fitpack_bisplev = interpolate.bisplev
_evaluate_bisplev = described(_plain_bisplev, _described_bisplev, 5, "scipy.interpolate.bisplev")


@replace(interpolate.bisplev)
def _bisplev(original: Fn) -> Fn:
    def bisplev(x: Any, y: Any, tck: Any, dx: int = 0, dy: int = 0) -> Any:
        if not any_recorded((x, y, tuple(tck))):
            return plainly(original)(x, y, tck, dx, dy)
        rows, columns = np.size(concrete(x)), np.size(concrete(y))
        tx, ty, c, x, y = [np.reshape(as_array(v), -1) for v in (*tck[:3], x, y)]
        z = _evaluate_bisplev(tx, ty, c, x, y, kx=int(tck[3]), ky=int(tck[4]), dx=int(dx), dy=int(dy))
        if rows > 1:
            return np.reshape(z, (rows, columns))
        return z if columns > 1 else z[0]

    return bisplev


def _inner_integrals(t: Any, k: int, low: Any, high: Any) -> Any:
    """The integrals of all B-splines between two numbers within the knots."""
    whole = compute(interpolate.BSpline(t, np.eye(len(t) - k - 1), k).antiderivative, (), None)
    ends = np.clip(np.stack([as_array(low), as_array(high)]), t[k], t[-k - 1])
    values = evaluate_spline(whole.t, whole.c, ends, k=k + 1, nu=0, extrapolate=True)
    return values[1] - values[0]


@method_of(interpolate.BivariateSpline, "integral")
def _integral(original: Fn) -> Fn:
    def integral(self: Any, xa: Any, xb: Any, ya: Any, yb: Any) -> Any:
        recorded = getattr(self, "_recorded", None)
        if recorded is None and not any_recorded((xa, xb, ya, yb)):
            return original(self, xa, xb, ya, yb)
        plain = compute(original, (self, *map(still, (xa, xb, ya, yb))), None)
        (tx, ty, c), (kx, ky) = self.tck[:3], self.degrees
        c = np.reshape(c, (len(tx) - kx - 1, -1)) if recorded is None else recorded
        rows, columns = _inner_integrals(tx, kx, xa, xb), _inner_integrals(ty, ky, ya, yb)
        return renewed(plain, np.matmul(np.matmul(rows, c), columns))

    return integral
