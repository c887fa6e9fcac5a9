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
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete, frozen
from wengert.rules import scipy_barycentric as scipy_barycentric
from wengert.rules import scipy_fitted as fitted
from wengert.rules import scipy_interpolate_nd as scipy_interpolate_nd
from wengert.rules import scipy_namespaces as scipy_namespaces
from wengert.rules import scipy_ndbspline as scipy_ndbspline
from wengert.rules.axes import as_array
from wengert.rules.described import composed_methods, described, plainly
from wengert.rules.scipy_composed import compose
from wengert.rules.scipy_piecewise import interpolate
from wengert.rules.scipy_private import part, set_part
from wengert.rules.solved import still

for _kind in ("_PPolyBase", "PPoly", "_PPoly", "BPoly", "_BPoly", "BSpline"):  # the underscored ones of this version
    _class = getattr(interpolate, _kind, None) or getattr(interpolate._interpolate, _kind, None)
    _names = ("__init__", "__call__", "derivative", "antiderivative", "integrate", "extend")
    if _class is not None:
        composed_methods(_class, *[n for n in _names if n in vars(_class)])
_NAMES = ("__init__", "__call__", "derivative", "derivatives", "set_yi", "add_xi")
for _kind in (
    "CubicSpline", "CubicHermiteSpline", "PchipInterpolator", "Akima1DInterpolator", "interp1d", "KroghInterpolator",
    "BarycentricInterpolator", "Rbf",
):  # fmt: skip
    _class = getattr(interpolate, _kind)
    composed_methods(_class, *[n for n in _NAMES if n in vars(_class)])
if hasattr(interpolate, "FloaterHormannInterpolator"):
    composed_methods(interpolate.FloaterHormannInterpolator, "__init__", "__call__")
MADE_BY[interpolate.BSpline] = frozenset(
    {"make_interp_spline", "make_smoothing_spline", "make_lsq_spline", "make_splrep", "make_splprep"}
)
_base = interpolate.interp1d.__mro__[1]
composed_methods(_base, "__call__")
composed_methods(interpolate.KroghInterpolator.__mro__[1], "derivative", "derivatives")
compose(interpolate, "pchip_interpolate krogh_interpolate barycentric_interpolate interpn lagrange pade")


def refuse(name: str, why: str) -> NoDerivative:
    """The error for what has no derivative here."""
    return NoDerivative(at_user_line(f"no derivative rule for {name} {why}"))


# ── coefficients, linear in the data ──


def bound(original: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """All arguments by name."""
    found = inspect.signature(original).bind(*args, **kwargs)
    found.apply_defaults()
    return dict(found.arguments)


def stilled(x: Any) -> Any:
    """The plain value of x, also within a trace."""
    return lowered(frozen(as_array(x)))


def points(x: Any) -> Any:
    """The points as an array."""
    return as_array(x) if any_recorded(x) else np.asarray(lowered(x), float)


def _coefficients(x: Any, y: Any, make: Any, n: int) -> Any:
    return make(x, y)


def _by_matrix(x: Any, y: Any, make: Any, n: int) -> Any:
    return np.matmul(make(frozen(x), np.eye(n)), y)


class _Interpolating:
    """(x, y) ↦ the coefficients of make_interp_spline, for y of two axes."""

    def __init__(self, original: Any, options: dict[str, Any]) -> None:
        self.original, self.options = original, options

    def __call__(self, x: Any, y: Any) -> Any:
        return self.original(x, y, **self.options).c


linear_coefficients = described(_coefficients, _by_matrix, 2, "scipy.interpolate.make_interp_spline")


def _rows(y: Any, axis: int) -> tuple[Any, Any]:
    """y with its axis first, and as a matrix."""
    y = np.moveaxis(as_array(y), axis, 0)
    return y, np.reshape(y, (np.shape(concrete(y))[0], -1))


def _linear_spline(made: Any, make: Any, x: Any, y: Any, axis: int) -> Any:
    """The spline SciPy made of plain data, with coefficients linear in the data."""
    whole, flat = _rows(y, axis)
    c = linear_coefficients(points(x), flat, make=make, n=np.shape(concrete(flat))[0])
    set_part(made, "c", np.reshape(c, (np.shape(concrete(c))[0], *np.shape(concrete(whole))[1:])))
    return made


_ENDS = {"clamped": [(1, 0.0)], "natural": [(2, 0.0)], "not-a-knot": []}


def _ends(bc: Any) -> tuple[Any, Any]:
    """The derivatives that are given at each end."""
    left, right = (bc, bc) if bc is None or isinstance(bc, str) else bc
    return tuple([] if e is None else _ENDS[e] if isinstance(e, str) else list(e) for e in (left, right))  # type: ignore[return-value]


@replace(interpolate.make_interp_spline)
def _make_interp_spline(original: Any) -> Any:
    def make_interp_spline(*args: Any, **kwargs: Any) -> Any:
        given = bound(original, args, kwargs)
        x, y = given.pop("x"), given.pop("y")
        if not any_recorded((x, y, *given.values())):
            return plainly(original)(*args, **kwargs)
        k, t, bc, axis = given["k"], given["t"], given["bc_type"], given.pop("axis")
        if k < 2:
            return run_body(original, args, kwargs)
        plain = {key: still(value) for key, value in given.items()}
        made = plainly(original)(np.ascontiguousarray(stilled(x)), stilled(y), axis=axis, **plain)
        if not any_recorded((x, t)) and (bc is None or isinstance(bc, str)):
            return _linear_spline(made, _Interpolating(original, plain), x, y, axis)
        if bc == "periodic":
            raise refuse("scipy.interpolate.make_interp_spline", "with bc_type='periodic' and recorded x")
        left, right = _ends(bc)
        x = points(x)
        if t is None:
            t = fitted.not_a_knot(x, k) if not left and not right else fitted.between_ends(x[0], x[1:-1], x[-1], k)
        flat = _rows(y, axis)[1]
        return fitted.spline_of(made, t, fitted.interpolating(as_array(t), x, flat, k, left, right))

    return make_interp_spline


@replace(interpolate.make_smoothing_spline)
def _make_smoothing_spline(original: Any) -> Any:
    def make_smoothing_spline(*args: Any, **kwargs: Any) -> Any:
        given = bound(original, args, kwargs)
        x, y, axis = given.pop("x"), given.pop("y"), given.pop("axis")
        if not any_recorded((x, y, *given.values())):
            return plainly(original)(*args, **kwargs)
        lam, w = given["lam"], given["w"]
        plain = {key: still(value) for key, value in given.items()}
        made = plainly(original)(stilled(x), stilled(y), axis=axis, **plain)
        if lam is not None and not any_recorded((x, lam, w)):
            return _linear_spline(made, _Interpolating(original, plain), x, y, axis)
        flat = _rows(y, axis)[1]
        n, columns = np.shape(concrete(flat))
        if lam is None and columns > 1:
            raise refuse("scipy.interpolate.make_smoothing_spline", "of several columns without lam=")
        w = np.ones(n) if w is None else as_array(w)
        found = np.reshape(part(made, "c"), (-1, columns))
        return fitted.spline_of(made, *fitted.natural_smoothing(points(x), flat, w, lam, found))

    return make_smoothing_spline


@replace(interpolate.make_lsq_spline)
def _make_lsq_spline(original: Any) -> Any:
    def make_lsq_spline(*args: Any, **kwargs: Any) -> Any:
        given = bound(original, args, kwargs)
        if not any_recorded(given):
            return plainly(original)(*args, **kwargs)
        made = plainly(original)(**{key: still(as_array(value)) for key, value in given.items()})
        x, t, flat = points(given["x"]), as_array(given["t"]), _rows(given["y"], given["axis"])[1]
        w = np.ones(np.shape(concrete(x))[0]) if given["w"] is None else as_array(given["w"])
        return fitted.spline_of(made, t, fitted.least(t, x, flat, w, given["k"]))

    return make_lsq_spline
