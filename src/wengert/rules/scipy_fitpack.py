"""scipy.interpolate on FITPACK: splrep, splprep, UnivariateSpline, and what is done with knots and coefficients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.protocols import any_recorded
from wengert.record.protocols import lower as lowered
from wengert.record.swap import METHODS, replace, run_body
from wengert.record.value import concrete
from wengert.rules import scipy_fitted as fitted
from wengert.rules.axes import as_array
from wengert.rules.described import described, plainly
from wengert.rules.scipy_composed import compose
from wengert.rules.scipy_interpolate import bound, linear_coefficients, points, refuse, stilled
from wengert.rules.scipy_piecewise import interpolate, is_outside, spline
from wengert.rules.solved import renewed, still

Fn = Callable[..., Any]

compose(interpolate, "splder splantider")


class _Coefficients:
    """(x, y) ↦ the coefficients of splrep, for y of two axes."""

    def __init__(self, original: Any, options: dict[str, Any]) -> None:
        self.original, self.options = original, options

    def __call__(self, x: Any, y: Any) -> Any:
        return np.stack([self.original(x, column, **self.options)[1] for column in y.T], axis=-1)


def _padded(c: Any, like: Any) -> Any:
    """Coefficients with FITPACK's zeros behind them."""
    return np.concatenate([c, np.zeros(np.shape(like)[0] - np.shape(concrete(c))[0])])


def _fitted(kind: str, tck: Any, x: Any, y: Any, w: Any, s: Any, inner: Any, ends: Any) -> tuple[Any, Any]:
    """(knots, coefficients) of what SciPy found to be tck; y of two axes."""
    t, c, k = tck
    n = len(t) - k - 1
    low, high = [x[at] if end is None else end for at, end in zip((0, -1), ends, strict=True)]
    t = fitted.between_ends(low, fitted.moved(t[k + 1 : n], x) if inner is None else as_array(inner), high, k)
    w = np.ones(np.shape(concrete(x))[0]) if w is None else as_array(w)
    if kind == "least":
        return t, fitted.least(t, x, y, w, k)
    if kind == "interpolating":
        return t, fitted.interpolating(t, x, y, k, [], [])
    return t, fitted.smoothing(t, x, y, w, k, s, c)


@replace(interpolate.splrep)
def _splrep(original: Any) -> Any:
    def splrep(*args: Any, **kwargs: Any) -> Any:
        given = bound(original, args, kwargs)
        if not any_recorded(given):
            return plainly(original)(*args, **kwargs)
        if given["full_output"]:
            raise refuse("scipy.interpolate.splrep", "with full_output")
        tck = plainly(original)(**{key: still(as_array(value)) for key, value in given.items()})
        x, y, w, s = points(given.pop("x")), given.pop("y"), given["w"], given["s"]
        flat = np.reshape(as_array(y), (-1, 1))
        exact = s == 0 if s is not None else w is None
        if not any_recorded((x, given)) and (exact or given["t"] is not None):
            make = _Coefficients(original, lowered(given))
            return tck[0], linear_coefficients(x, flat, make=make, n=np.shape(concrete(flat))[0])[:, 0], tck[2]
        if given["per"]:
            raise refuse("scipy.interpolate.splrep", "of periodic data, but in y without smoothing")
        m = np.shape(concrete(x))[0]
        kind = "least" if given["t"] is not None else "interpolating" if exact else "smoothing"
        plain = (tck[0], tck[1][: len(tck[0]) - tck[2] - 1, None], tck[2])
        s = m - np.sqrt(2 * m) if s is None else s
        t, c = _fitted(kind, plain, x, flat, w, s, given["t"], (given["xb"], given["xe"]))
        return renewed(tck[0], t), renewed(tck[1], _padded(c[:, 0], tck[1])), tck[2]

    return splrep


@replace(interpolate.splprep)
def _splprep(original: Any) -> Any:
    def splprep(*args: Any, **kwargs: Any) -> Any:
        given = bound(original, args, kwargs)
        if not any_recorded(given):
            return plainly(original)(*args, **kwargs)
        if given["full_output"] or given["per"] or given["task"] or given["t"] is not None:
            raise refuse("scipy.interpolate.splprep", "with full_output, per, task or t")
        (t, c, k), u = plainly(original)(**{key: still(value) for key, value in given.items()})
        y = np.stack([as_array(part) for part in given["x"]], axis=-1)
        place = points(given["u"]) if given["u"] is not None else _along(y)
        m, s = np.shape(concrete(y))[0], given["s"]
        s = (0.0 if given["w"] is None else m - np.sqrt(2 * m)) if s is None else s
        kind = "interpolating" if not any_recorded(s) and s == 0 else "smoothing"
        found = np.stack(c, axis=-1)
        ends = (given["ub"], given["ue"])
        knots, coefficients = _fitted(kind, (t, found, k), place, y, given["w"], s, None, ends)
        columns = np.moveaxis(renewed(found, coefficients), -1, 0)
        return (renewed(t, knots), list(columns), k), renewed(u, place)

    return splprep


def _along(y: Any) -> Any:
    """The part of the way at which each point is."""
    steps = np.sqrt(np.sum(np.diff(y, axis=0) ** 2, axis=1))
    way = np.concatenate([np.zeros(1), np.cumsum(steps)])
    return way / way[-1]


@replace(interpolate.make_splrep)
def _make_splrep(original: Any) -> Any:
    def make_splrep(*args: Any, **kwargs: Any) -> Any:
        given = bound(original, args, kwargs)
        if not any_recorded(given):
            return plainly(original)(*args, **kwargs)
        made = plainly(original)(**{key: still(as_array(value)) for key, value in given.items()})
        if given["bc_type"] == "periodic":
            raise refuse("scipy.interpolate.make_splrep", "of periodic data")
        exact = not any_recorded(given["s"]) and given["s"] == 0
        x, flat = points(given["x"]), np.reshape(as_array(given["y"]), (-1, 1))
        plain = (made.t, np.reshape(made.c, (-1, 1)), made.k)
        kind = "interpolating" if exact else "smoothing"
        ends = (given["xb"], given["xe"])
        return fitted.spline_of(made, *_fitted(kind, plain, x, flat, given["w"], given["s"], None, ends))

    return make_splrep


# ── evaluating ──


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


def _splines(tck: Any) -> list[Any] | None:
    """One for each component of a curve."""
    t, c, k = tck
    several = isinstance(c, list) or np.ndim(concrete(c)) > 1
    return [(t, part, k) for part in c] if several else None


@replace(interpolate.splev)
def _splev(original: Any) -> Any:
    def splev(x: Any, tck: Any, der: int = 0, ext: int = 0) -> Any:
        if isinstance(tck, interpolate.BSpline):
            return tck(x, der, extrapolate=ext == 0)
        if not any_recorded((x, *tck)):
            return plainly(original)(x, tck, der, ext)
        parts = _splines(tck)
        if parts is not None:
            return [splev(x, part, der, ext) for part in parts]
        t, c, k = tck
        x = as_array(x)
        y = evaluate_fitpack(as_array(t), as_array(c), np.reshape(x, (-1,)), k=int(k), nu=int(der), ext=int(ext))
        return np.reshape(y, np.shape(concrete(x)))

    return splev


def _inside(x: Any, tck: Any) -> Any:
    t, _, k = tck
    return np.clip(x, t[k], t[np.shape(concrete(t))[0] - k - 1])


@replace(interpolate.splint)
def _splint(original: Any) -> Any:
    def splint(a: Any, b: Any, tck: Any, full_output: int = 0) -> Any:
        if isinstance(tck, interpolate.BSpline) or not any_recorded((a, b, *tck)) or full_output:
            return original(a, b, tck, full_output)
        parts = _splines(tck)
        if parts is not None:
            return [splint(a, b, part) for part in parts]
        total = interpolate.splantider((*map(as_array, tck[:2]), tck[2]))
        value = interpolate.splev(_inside(b, tck), total) - interpolate.splev(_inside(a, tck), total)
        return renewed(plainly(original)(still(a), still(b), tuple(map(still, tck))), value)

    return splint


@replace(interpolate.spalde)
def _spalde(original: Any) -> Any:
    def spalde(x: Any, tck: Any) -> Any:
        if not any_recorded((x, *tck)):
            return plainly(original)(x, tck)
        parts = _splines(tck)
        if parts is not None:
            return [spalde(x, part) for part in parts]
        x = as_array(x)
        if np.size(concrete(x)) > 1:
            return [spalde(point, tck) for point in np.reshape(x, (-1,))]
        plain = plainly(original)(stilled(x), tuple(map(still, tck)))
        at = np.reshape(x, ())
        return renewed(plain, np.stack([interpolate.splev(at, tck, nu) for nu in range(int(tck[2]) + 1)]))

    return spalde


def roots_of(f: Fn, slope: Fn, roots: Any) -> Any:
    """The roots that SciPy found, each by steps of Newton's method; three give the derivatives up to the seventh."""
    r = roots
    for _ in range(3):
        r = r - f(r) / slope(r)
    return renewed(roots, r)


@replace(interpolate.sproot)
def _sproot(original: Any) -> Any:
    def sproot(tck: Any, mest: int = 10) -> Any:
        if isinstance(tck, interpolate.BSpline) or not any_recorded(tck):
            return original(tck, mest)
        parts = _splines(tck)
        if parts is not None:
            return [sproot(part, mest) for part in parts]
        roots = plainly(original)(tuple(map(still, tck)), mest)
        return roots_of(lambda r: interpolate.splev(r, tck), lambda r: interpolate.splev(r, tck, 1), roots)

    return sproot


# ── UnivariateSpline and its like ──


def _call(original: Any) -> Any:
    def call(self: Any, x: Any, nu: int = 0, ext: Any = None) -> Any:
        if not any_recorded((x, *self._eval_args)):
            return plainly(original)(self, x, nu, ext)
        return interpolate.splev(x, self._eval_args, nu, _EXT.get(ext, ext) if ext is not None else self.ext)

    return call


_KINDS = {"LSQUnivariateSpline": "least", "InterpolatedUnivariateSpline": "interpolating"}


def _init(original: Any) -> Any:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        given = bound(original, (self, *args), kwargs)
        if not any_recorded(given):
            plainly(original)(self, *args, **kwargs)
            return
        given.pop("self")
        plainly(original)(self, **{key: still(as_array(value)) for key, value in given.items()})
        t, c, k = self._eval_args
        x, flat = points(given["x"]), np.reshape(as_array(given["y"]), (-1, 1))
        m, s, w = np.shape(concrete(x))[0], given.get("s"), given["w"]
        kind = "interpolating" if s is not None and not any_recorded(s) and s == 0 else "smoothing"
        kind = _KINDS.get(original.__qualname__.partition(".")[0], kind)
        plain = (t, c[: len(t) - k - 1, None], k)
        knots, made = _fitted(kind, plain, x, flat, w, m if s is None else s, given.get("t"), given["bbox"])
        self._eval_args = renewed(t, knots), renewed(c, _padded(made[:, 0], c)), k
        weights = np.ones(m) if w is None else as_array(w)
        left = 0.0 if kind == "interpolating" else fitted.squares(knots, x, flat, weights, k, made)
        self._data = (*self._data[:8], *self._eval_args[:2], renewed(self._data[10], left), *self._data[11:])

    return init


def _composed(original: Any) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not any_recorded((self._eval_args, args)):
            return plainly(original)(self, *args, **kwargs)
        return run_body(original, (self, *args), kwargs)

    return method


def _of_tck(f: Fn) -> Fn:
    def make(original: Any) -> Any:
        def method(self: Any, *args: Any) -> Any:
            return f(self, *args) if any_recorded((self._eval_args, args)) else plainly(original)(self, *args)

        return method

    return make


def _continued(original: Any) -> Any:
    def set_smoothing_factor(self: Any, s: Any) -> None:
        if not any_recorded((self._eval_args, s)):
            plainly(original)(self, s)
            return
        raise refuse("scipy.interpolate.UnivariateSpline.set_smoothing_factor", "\nUse UnivariateSpline(x, y, s=s).")

    return set_smoothing_factor


_EXT = {"extrapolate": 0, "zeros": 1, "raise": 2, "const": 3}
_BASE = interpolate.UnivariateSpline
_METHODS: dict[str, Fn] = {
    "__call__": _call,
    "derivative": _composed,
    "antiderivative": _composed,
    "set_smoothing_factor": _continued,
    "integral": _of_tck(lambda self, a, b: interpolate.splint(a, b, self._eval_args)),
    "derivatives": _of_tck(lambda self, x: interpolate.spalde(x, self._eval_args)),
    "roots": _of_tck(lambda self: interpolate.sproot(self._eval_args, mest=3 * (len(self._eval_args[0]) - 7))),
}
for _name, _make in _METHODS.items():
    METHODS.append((_BASE, _name, getattr(_BASE, _name), _make(getattr(_BASE, _name))))
for _class in (_BASE, interpolate.InterpolatedUnivariateSpline, interpolate.LSQUnivariateSpline):
    METHODS.append((_class, "__init__", _class.__init__, _init(_class.__init__)))
