"""Compositions of elementwise operations, each step as in the Python that defines it."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.elements import of, truth
from wengert.native.lower.table import LOWER, lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import DTYPES, Node


def _floats(m: Maker, line: Line, args: tuple[Node, ...]) -> list[Node]:
    """The arguments in the dtype of the result, which must be floating."""
    dtype = result_dtype(line)
    if dtype[0] != "f":
        raise Unsupported(f"{line.row.name} of whole numbers")
    return [m.cast(a, dtype) for a in args]


def limits(x: Node) -> Any:
    """np.finfo of the node's dtype."""
    return np.finfo(np.float64 if x.dtype == "f64" else np.float32)


@lowers("cosine")
def _cosine(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """a / √(a² + b²); zero at the origin."""
    a, b = _floats(m, line, args)
    r = of(np.hypot, m, a.dtype, a, b)
    zero = m.map("eq", r, m.number(0.0, r.dtype), dtype="bool")
    top = m.map("where", zero, m.number(0.0, a.dtype), a, dtype=a.dtype)
    return m.map("div", top, m.map("where", zero, m.number(1.0, r.dtype), r, dtype=r.dtype))


@lowers("arcsinh_slope")
def _arcsinh_slope(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    (x,) = _floats(m, line, args)
    one = m.number(1.0, x.dtype)
    return m.map("div", one, of(np.hypot, m, x.dtype, one, x))


@lowers(np.sinc)
def _sinc(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    (x,) = _floats(m, line, args)
    y = m.map("mul", m.number(np.pi, x.dtype), x)
    zero = m.map("eq", y, m.number(0.0, x.dtype), dtype="bool")
    y = m.map("where", zero, m.number(float(limits(x).eps), x.dtype), y, dtype=x.dtype)
    return m.map("div", of(np.sin, m, x.dtype, y), y)


@lowers(np.round)
def _round(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    (x,) = _floats(m, line, args)
    decimals = line.params.get("decimals", 0)
    if not decimals:
        return of(np.rint, m, x.dtype, x)
    if x.dtype != "f64" or abs(decimals) > 22:
        raise Unsupported("np.round with many decimals")
    there, back = ("mul", "div") if decimals > 0 else ("div", "mul")
    unit = m.number(10.0 ** abs(decimals), x.dtype)
    return m.map(back, of(np.rint, m, x.dtype, m.map(there, x, unit)), unit)


@lowers("numpy.nan_to_num")
def _nan_to_num(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    (x,) = _floats(m, line, args)
    values, most = dict(line.params), limits(x)
    given = [values.pop("nan", 0.0), values.pop("posinf", None), values.pop("neginf", None)]
    if values or any(np.ndim(v) for v in given):
        raise Unsupported("np.nan_to_num with options")
    nan, high, low = [
        other if v is None else v for v, other in zip(given, (0.0, float(most.max), float(most.min)), strict=True)
    ]
    y = m.map("where", m.map("isnan", x, dtype="bool"), m.number(nan, x.dtype), x, dtype=x.dtype)
    for value, infinite in ((high, np.inf), (low, -np.inf)):
        there = m.map("eq", x, m.number(infinite, x.dtype), dtype="bool")
        y = m.map("where", there, m.number(value, x.dtype), y, dtype=x.dtype)
    return y


for _name, _op in (("quotient", np.floor_divide), ("modulus", np.remainder), ("whole", np.trunc)):
    LOWER[f"wengert.rules.rounding.{_name}"] = LOWER[_op]
for _name, _op in (("at_least", np.maximum), ("at_most", np.minimum)):
    LOWER[f"wengert.rules.pieces.{_name}"] = LOWER[_op]
LOWER[np.fix] = LOWER[np.trunc]


# ── whole numbers: what lies outside their range becomes what this processor makes of it ──


@lowers("astype")
def _whole(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    (x,), dtype = args, result_dtype(line)
    if x.dtype[0] != "f" or dtype != "i64":
        return truth(m, x) if dtype == "bool" else m.cast(x, dtype)
    end = m.number(2.0**63, x.dtype)
    high, low = m.map("ge", x, end, dtype="bool"), m.map("lt", x, m.map("neg", end), dtype="bool")
    undefined = m.map("isnan", x, dtype="bool")
    outside = m.map("or", m.map("or", high, low, dtype="bool"), undefined, dtype="bool")
    y = m.cast(m.map("where", outside, m.number(0.0, x.dtype), x, dtype=x.dtype), dtype)
    for there, value in ((high, np.inf), (low, -np.inf), (undefined, np.nan)):
        with np.errstate(invalid="ignore"):
            made = np.asarray(value, DTYPES[x.dtype]).astype(np.int64)
        y = m.map("where", there, m.number(made, dtype), y, dtype=dtype)
    return y


# ── comparisons ──


def _signed_infinity(negative: bool) -> Any:
    value = -np.inf if negative else np.inf

    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        (x,) = args
        if x.dtype[0] != "f":
            raise Unsupported(f"{line.row.name} of whole numbers")
        return m.map("eq", x, m.number(value, x.dtype), dtype="bool")

    return lowering


lowers(np.isposinf)(_signed_infinity(False))
lowers(np.isneginf)(_signed_infinity(True))


def _same_everywhere(value: bool) -> Any:
    return lambda m, line, args: m.broadcast(m.number(value, "bool"), args[0].shape)


lowers(np.isreal)(_same_everywhere(True))
lowers(np.iscomplex)(_same_everywhere(False))


def close(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """|x − y| ≤ atol + rtol |y| with y finite, or x = y."""
    params = {"rtol": 1e-5, "atol": 1e-8, "equal_nan": False} | dict(line.params)
    if len(args) != 2 or len(params) != 3 or any(np.ndim(v) for v in params.values()):
        raise Unsupported(f"{line.row.name} with options")
    if any(a.dtype == "f32" for a in args) or all(a.dtype != "f64" for a in args):
        raise Unsupported(f"{line.row.name} of another dtype")
    x, y = [m.cast(a, "f64") for a in args]
    gap = m.map("abs", m.map("sub", x, y))
    scaled = m.map("mul", m.number(params["rtol"], "f64"), m.map("abs", y))
    near = m.map("le", gap, m.map("add", m.number(params["atol"], "f64"), scaled), dtype="bool")
    near = m.map("and", near, m.map("isfinite", y, dtype="bool"), dtype="bool")
    near = m.map("or", near, m.map("eq", x, y, dtype="bool"), dtype="bool")
    if params["equal_nan"]:
        both = [m.map("isnan", a, dtype="bool") for a in (x, y)]
        near = m.map("or", near, m.map("and", *both, dtype="bool"), dtype="bool")
    return near


lowers(np.isclose)(close)


@lowers(np.allclose)
def _all_close(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    return _every(m, close(m, line, args))


def _every(m: Maker, x: Node) -> Node:
    return m.reduce("all", x, tuple(range(len(x.shape))))


@lowers("wengert.rules.cumulative._is_regular")
def _is_regular(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """No zeros among the factors x and the products y, which are finite."""
    x, y = args
    finite = _every(m, m.map("isfinite", y, dtype="bool"))
    nonzero = m.map("and", _every(m, truth(m, x)), _every(m, truth(m, y)), dtype="bool")
    return m.map("and", nonzero, finite, dtype="bool")
