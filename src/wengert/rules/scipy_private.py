"""Modules of SciPy's own that its Python functions stand on, wherever this version of SciPy keeps them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line


def _vendored(name: str) -> Any:
    """A package that SciPy carries along: in `_external` from 1.18 on, in `_lib` before."""
    home = "scipy._external" if find_spec("scipy._external") else "scipy._lib"
    return import_module(f"{home}.{name}")


api: Any = import_module("scipy._lib._array_api")
extra: Any = _vendored("array_api_extra")
compat: Any = _vendored("array_api_compat.numpy")
compat_linalg: Any = _vendored("array_api_compat.numpy.linalg")
helpers: Any = _vendored("array_api_compat.common._helpers")
ivp: Any = import_module("scipy.integrate._ivp")
searches: dict[str, Any] = {
    name: getattr(import_module(f"scipy.optimize.{home}"), name)
    for home, names in (
        ("_bracket", ("_bracket_root", "_bracket_minimum")),
        ("_chandrupatla", ("_chandrupatla", "_chandrupatla_minimize")),
    )
    if find_spec(f"scipy.optimize.{home}")
    for name in names
}
"""The searches for brackets, roots and minima of functions of arrays, element by element."""


def _holder(spline: Any) -> tuple[Any, str]:
    """The object that holds a spline's arrays, and what comes before their names."""
    inner = getattr(spline, "_delegate_to", None)  # from SciPy 1.18 on
    return (spline, "_") if inner is None else (inner, "")


def part(spline: Any, name: str) -> Any:
    """The array `c`, `t` or `x` of a BSpline, PPoly or BPoly as it is stored."""
    holder, prefix = _holder(spline)
    return getattr(holder, prefix + name)


def set_part(spline: Any, name: str, value: Any) -> None:
    """Store it, recorded as it may be."""
    holder, prefix = _holder(spline)
    if not hasattr(holder, prefix + name):
        raise NoDerivative(
            at_user_line(f"no derivative through {type(spline).__name__}, which is not as it was in SciPy 1.18")
        )
    setattr(holder, prefix + name, value)
