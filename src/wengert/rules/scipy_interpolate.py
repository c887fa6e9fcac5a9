"""scipy.interpolate: interpolants made of recorded data, and evaluated at recorded points.

Most of it is Python over a few compiled functions (`scipy_piecewise`), and is run as such. An interpolating or
smoothing spline's coefficients are linear in the data: the matrix is what SciPy makes of unit vectors.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.protocols import lower as lowered
from wengert.record.reach import MADE_BY
from wengert.record.swap import METHODS, replace, run_body
from wengert.record.value import concrete, frozen, is_value
from wengert.rules import scipy_barycentric as scipy_barycentric
from wengert.rules import scipy_interpolate_nd as scipy_interpolate_nd
from wengert.rules import scipy_namespaces as scipy_namespaces
from wengert.rules.axes import as_array
from wengert.rules.described import composed_methods, described, plainly
from wengert.rules.scipy_composed import compose
from wengert.rules.scipy_piecewise import interpolate, is_outside, spline

for _kind in ("_PPolyBase", "PPoly", "BSpline"):
    _class = getattr(interpolate, _kind, None) or getattr(interpolate._interpolate, _kind)
    _names = [n for n in ("__init__", "__call__", "derivative", "antiderivative", "integrate") if n in vars(_class)]
    composed_methods(_class, *_names)
for _kind in (
    "CubicSpline", "CubicHermiteSpline", "PchipInterpolator", "Akima1DInterpolator", "interp1d", "KroghInterpolator",
    "BarycentricInterpolator", "RegularGridInterpolator", "Rbf",
):  # fmt: skip
    _class = getattr(interpolate, _kind)
    composed_methods(_class, *[n for n in ("__init__", "__call__", "derivative", "derivatives") if n in vars(_class)])
MADE_BY[interpolate.BSpline] = frozenset({"make_interp_spline", "make_smoothing_spline", "make_lsq_spline"})
_base = interpolate.interp1d.__mro__[1]
composed_methods(_base, "__call__")
composed_methods(interpolate.KroghInterpolator.__mro__[1], "derivative", "derivatives")
compose(interpolate, "pchip_interpolate krogh_interpolate barycentric_interpolate interpn lagrange pade")


def refuse(name: str, why: str) -> NoDerivative:
    """The error for what has no derivative here."""
    return NoDerivative(at_user_line(f"no derivative rule for {name} {why}"))


# ── coefficients, linear in the data ──


def _bound(original: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    bound = inspect.signature(original).bind(*args, **kwargs)
    bound.apply_defaults()
    return dict(bound.arguments)


def stilled(x: Any) -> Any:
    """The plain value of x, also within a trace."""
    return lowered(frozen(as_array(x)))


def _points(x: Any) -> Any:
    return as_array(x) if any_recorded(x) else np.asarray(lowered(x), float)


def _coefficients(x: Any, y: Any, make: Any, n: int) -> Any:
    return make(x, y)


def _by_matrix(x: Any, y: Any, make: Any, n: int) -> Any:
    """Matrix × data, or, where x is recorded, the solution of B(x) c = y with the knots where they are of x."""
    if is_value(x):
        return np.linalg.solve(make.design(x), y)
    return np.matmul(make(frozen(x), np.eye(n)), y)


class _Interpolating:
    """(x, y) ↦ the coefficients of make_interp_spline, for y of two axes."""

    def __init__(self, original: Any, options: dict[str, Any]) -> None:
        self.original, self.options = original, options

    def __call__(self, x: Any, y: Any) -> Any:
        return self.original(x, y, **self.options).c

    def design(self, x: Any) -> Any:
        """The matrix B of all B-splines at all points."""
        k = self.options["k"]
        if self.options["t"] is not None:
            t = self.options["t"]
        elif self.options["bc_type"] in (None, "not-a-knot") and k % 2:
            half = (k + 1) // 2
            ends = np.ones(k + 1)
            t = np.concatenate([x[0] * ends, x[half:-half], x[-1] * ends])
        else:
            raise refuse("scipy.interpolate.make_interp_spline", "with respect to x for this k and bc_type")
        n = np.shape(x)[0]
        return spline(t, np.eye(n), x, k, 0, True)

    def knots(self, x: Any, t: Any) -> Any:
        """The knots, recorded as x is."""
        if not is_value(x) or self.options["t"] is not None:
            return t
        half, ends = (self.options["k"] + 1) // 2, np.ones(self.options["k"] + 1)
        return np.concatenate([x[0] * ends, x[half:-half], x[-1] * ends])


class _Smoothing(_Interpolating):
    def knots(self, x: Any, t: Any) -> Any:
        return t

    def design(self, x: Any) -> Any:
        raise refuse("scipy.interpolate.make_smoothing_spline", "with respect to x")


linear_coefficients = described(_coefficients, _by_matrix, 2, "scipy.interpolate.make_interp_spline")


def _spline_of(made: Any, make: Any, x: Any, y: Any, axis: int) -> Any:
    """The spline SciPy made of plain data, with recorded coefficients."""
    y = np.moveaxis(as_array(y), axis, 0)
    shape = np.shape(concrete(y))
    flat = np.reshape(y, (shape[0], -1))
    c = linear_coefficients(_points(x), flat, make=make, n=shape[0])
    c = np.reshape(c, (np.shape(concrete(c))[0], *shape[1:]))
    made._c, made._t = c, make.knots(_points(x), made._t)
    return made


@replace(interpolate.make_interp_spline)
def _make_interp_spline(original: Any) -> Any:
    def make_interp_spline(*args: Any, **kwargs: Any) -> Any:
        given = _bound(original, args, kwargs)
        x, y = given.pop("x"), given.pop("y")
        if not any_recorded((x, y, *given.values())):
            return plainly(original)(*args, **kwargs)
        if given["k"] < 2:
            return run_body(original, args, kwargs)
        if not (given["bc_type"] is None or isinstance(given["bc_type"], str)) or any_recorded(given["t"]):
            raise refuse("scipy.interpolate.make_interp_spline", "with derivatives at the ends, or recorded knots")
        axis = given.pop("axis")
        made = plainly(original)(stilled(x), stilled(y), axis=axis, **given)
        return _spline_of(made, _Interpolating(original, lowered(given)), x, y, axis)

    return make_interp_spline


@replace(interpolate.make_smoothing_spline)
def _make_smoothing_spline(original: Any) -> Any:
    def make_smoothing_spline(*args: Any, **kwargs: Any) -> Any:
        given = _bound(original, args, kwargs)
        x, y = given.pop("x"), given.pop("y")
        if not any_recorded((x, y, *given.values())):
            return plainly(original)(*args, **kwargs)
        if given["lam"] is None or any_recorded((given["lam"], given["w"])):
            raise refuse("scipy.interpolate.make_smoothing_spline", "without lam=, or with respect to lam or w")
        axis = given.pop("axis")
        made = plainly(original)(stilled(x), stilled(y), axis=axis, **given)
        return _spline_of(made, _Smoothing(original, lowered(given)), x, y, axis)

    return make_smoothing_spline


# ── FITPACK ──


class _Fitpack(_Interpolating):
    def __call__(self, x: Any, y: Any) -> Any:
        return np.stack([self.original(x, column, **self.options)[1] for column in y.T], axis=-1)

    def design(self, x: Any) -> Any:
        raise refuse("scipy.interpolate.splrep", "with respect to x")


@replace(interpolate.splrep)
def _splrep(original: Any) -> Any:
    def splrep(*args: Any, **kwargs: Any) -> Any:
        given = _bound(original, args, kwargs)
        x, y = given.pop("x"), given.pop("y")
        if not any_recorded((x, y, *given.values())):
            return plainly(original)(*args, **kwargs)
        if given["s"] or (given["s"] is None and given["w"] is not None) or any_recorded(given) or given["full_output"]:
            raise refuse("scipy.interpolate.splrep", "that smooths: its knots depend on the data")
        t, _, k = plainly(original)(stilled(x), stilled(y), **given)
        flat = np.reshape(as_array(y), (-1, 1))
        make = _Fitpack(original, lowered(given))
        return t, linear_coefficients(_points(x), flat, make=make, n=np.shape(concrete(flat))[0])[:, 0], k

    return splrep


def _fitpack(t: Any, c: Any, x: Any, k: int, nu: int, ext: int) -> Any:
    return plain_splev(x, (t, c, k), nu, ext)


def _described_splev(t: Any, c: Any, x: Any, k: int, nu: int, ext: int) -> Any:
    if ext == 3:
        x = np.clip(x, t[k], t[np.shape(t)[0] - k - 1])
    y = spline(t, c[:, None], x, k, nu, True)[:, 0]
    if ext != 1:
        return y
    return np.where(is_outside(concrete(t), concrete(x), k, np.shape(t)[0] - k - 1), 0.0, y)


plain_splev = interpolate.splev
evaluate_fitpack = described(_fitpack, _described_splev, 3, "scipy.interpolate.splev")


@replace(interpolate.splev)
def _splev(original: Any) -> Any:
    def splev(x: Any, tck: Any, der: int = 0, ext: int = 0) -> Any:
        if isinstance(tck, interpolate.BSpline):
            return tck(x, der, extrapolate=ext == 0)
        if not any_recorded((x, *tck)):
            return plainly(original)(x, tck, der, ext)
        t, c, k = tck
        if isinstance(c, list) or np.ndim(concrete(c)) > 1:
            return [splev(x, (t, part, k), der, ext) for part in c]
        x = as_array(x)
        y = evaluate_fitpack(as_array(t), as_array(c), np.reshape(x, (-1,)), k=int(k), nu=int(der), ext=int(ext))
        return np.reshape(y, np.shape(concrete(x)))

    return splev


def _univariate(original: Any) -> Any:
    def call(self: Any, x: Any, nu: int = 0, ext: Any = None) -> Any:
        if not any_recorded((x, *self._eval_args)):
            return plainly(original)(self, x, nu, ext)
        return interpolate.splev(x, self._eval_args, nu, _EXT.get(ext, ext) if ext is not None else self.ext)

    return call


def _univariate_init(original: Any) -> Any:
    def init(self: Any, x: Any, y: Any, *args: Any, **kwargs: Any) -> None:
        if not any_recorded((x, y)):
            plainly(original)(self, x, y, *args, **kwargs)
            return
        given = _bound(original, (self, x, y, *args), kwargs)
        if given.get("s", 0) != 0 or given.get("w") is not None or any_recorded(x):
            raise refuse("scipy.interpolate.UnivariateSpline", "that smooths, or with respect to x")
        kind = type(self)
        plainly(original)(self, stilled(x), stilled(y), *args, **kwargs)
        t, _, k = self._eval_args
        make = _Univariate(kind, lowered({key: given[key] for key in ("bbox", "k", "s") if key in given}), original)
        flat = np.reshape(as_array(y), (-1, 1))
        c = linear_coefficients(_points(x), flat, make=make, n=np.shape(concrete(flat))[0])[:, 0]
        self._eval_args = t, c, k

    return init


class _Univariate(_Interpolating):
    def __init__(self, kind: Any, options: dict[str, Any], init: Any) -> None:
        super().__init__(kind, options)
        self.init = init

    def __call__(self, x: Any, y: Any) -> Any:
        columns: list[Any] = []
        for column in y.T:
            made = object.__new__(self.original)
            self.init(made, x, column, **self.options)
            columns.append(made._eval_args[1])
        return np.stack(columns, axis=-1)


_EXT = {"extrapolate": 0, "zeros": 1, "raise": 2, "const": 3}
METHODS.append(
    (interpolate.UnivariateSpline, "__call__", interpolate.UnivariateSpline.__call__,
     _univariate(interpolate.UnivariateSpline.__call__))
)  # fmt: skip
for _class in (interpolate.UnivariateSpline, interpolate.InterpolatedUnivariateSpline):
    METHODS.append((_class, "__init__", _class.__init__, _univariate_init(_class.__init__)))
