"""Splines as objects: their arrays `c`, `x` and `t`, classes that make them, and inserted knots."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.protocols import any_recorded
from wengert.record.state import compute, state
from wengert.record.swap import METHODS, run_body
from wengert.record.value import concrete, is_value
from wengert.rules.axes import as_array
from wengert.rules.described import holds_recorded
from wengert.rules.scipy_interpolate_nd import refuse
from wengert.rules.scipy_piecewise import interpolate
from wengert.rules.scipy_private import part, set_part
from wengert.rules.solved import renewed, still

_Pieces: Any = next(kind for kind in interpolate.PPoly.__mro__ if "extend" in vars(kind))
_Spline: Any = interpolate.BSpline


def _array(kind: Any, name: str) -> None:
    """The property is the recorded array, where the spline holds one."""
    original = vars(kind).get(name)
    if not isinstance(original, property):
        return

    def get(self: Any) -> Any:
        held = part(self, name) if state.depth else None
        return held if is_value(held) else original.fget(self)  # type: ignore[misc]

    def put(self: Any, value: Any) -> None:
        if state.depth and any_recorded(value):
            set_part(self, name, as_array(value))
        else:
            original.fset(self, value)  # type: ignore[misc]

    METHODS.append((kind, name, original, property(get, put)))


for _kind, _names in ((_Pieces, "cx"), (_Spline, "ct")):
    for _name in _names:
        _array(_kind, _name)


def class_method(kind: Any, name: str) -> None:
    """Run this class method as the Python code it is."""
    original = vars(kind)[name]

    def method(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if any_recorded((args, kwargs)) or any([holds_recorded(a) for a in args]):
            return run_body(original.__func__, (cls, *args), kwargs)
        return original.__func__(cls, *args, **kwargs)

    METHODS.append((kind, name, original, classmethod(method)))


class_method(interpolate.PPoly, "from_spline")
class_method(interpolate.PPoly, "from_bernstein_basis")
class_method(interpolate.BPoly, "from_derivatives")
class_method(interpolate.BPoly, "from_power_basis")
class_method(_Spline, "basis_element")
class_method(_Spline, "construct_fast")
class_method(_Spline, "from_power_basis")


# ── one knot more: cᵢ ← aᵢ cᵢ + (1 − aᵢ) cᵢ₋₁ with aᵢ = (x − tᵢ)/(tᵢ₊ₖ − tᵢ), for k of them (Boehm 1980) ──


def _inserting(original: Any) -> Any:
    def insert_knot(self: Any, x: Any, m: int = 1) -> Any:
        if not state.depth or not (any_recorded(x) or holds_recorded(self)):
            return original(self, x, m)
        if self.extrapolate == "periodic":
            raise refuse("BSpline.insert_knot", "of a periodic spline")
        k, t, c = self.k, part(self, "t"), part(self, "c")
        plain = _Spline.construct_fast(still(t), still(c), k, self.extrapolate, self.axis)
        found = part(compute(original, (plain, float(still(x)), m), {}), "c")
        for _ in range(m):
            t, c = _with_knot(t, c[: np.shape(concrete(t))[0] - k - 1], k, x)
        c = renewed(found[: np.shape(concrete(c))[0]], c)
        return _Spline.construct_fast(t, c, k, self.extrapolate, self.axis)

    return insert_knot


def _with_knot(t: Any, c: Any, k: int, x: Any) -> tuple[Any, Any]:
    n = np.shape(concrete(c))[0]
    at = int(np.clip(np.searchsorted(still(t), still(x), "right") - 1, k, n - 1))
    among = np.arange(at - k + 1, at + 1)
    a = np.reshape((x - t[among]) / (t[among + k] - t[among]), (-1,) + (1,) * (np.ndim(concrete(c)) - 1))
    inner = a * c[among] + (1.0 - a) * c[among - 1]
    knots = np.concatenate([t[: at + 1], np.reshape(as_array(x), (1,)), t[at + 1 :]])
    return knots, np.concatenate([c[: at - k + 1], inner, c[at:]])


METHODS.append((_Spline, "insert_knot", _Spline.insert_knot, _inserting(_Spline.insert_knot)))
