"""Elementwise primitives: arithmetic in the dtype of the result, comparisons, selections, our own functions."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from wengert.ir.line import Line, Lit
from wengert.native.lower.table import LOWER, literal, lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.maths import MATHS
from wengert.native.node import Node
from wengert.rules.python_math import TWINS
from wengert.rules.select import WHERE

# fmt: off
ARITHMETIC: dict[Any, str] = {
    np.add: "add", np.subtract: "sub", np.multiply: "mul", np.divide: "div", np.negative: "neg",
    np.positive: "same", np.square: "square", np.sqrt: "sqrt", np.reciprocal: "reciprocal",
    operator.add: "add", operator.sub: "sub", operator.mul: "mul", operator.neg: "neg", operator.pos: "same",
    np.maximum: "maximum", np.minimum: "minimum", np.fmax: "fmax", np.fmin: "fmin",
    np.copysign: "copysign",
}
COMPARISONS: dict[Any, str] = {
    np.less: "lt", np.less_equal: "le", np.greater: "gt", np.greater_equal: "ge", np.equal: "eq", np.not_equal: "ne",
    operator.lt: "lt", operator.le: "le", operator.gt: "gt", operator.ge: "ge", operator.eq: "eq", operator.ne: "ne",
}
LOGIC: dict[Any, str] = {
    np.logical_and: "and", np.logical_or: "or", np.logical_xor: "xor", np.logical_not: "not",
}
BITWISE: dict[Any, str] = {np.bitwise_and: "and", np.bitwise_or: "or", np.bitwise_xor: "xor", np.invert: "not"}
TESTS: dict[Any, str] = {np.isnan: "isnan", np.isinf: "isinf", np.isfinite: "isfinite", np.signbit: "signbit"}
FLOATING_ONLY = {"div", "sqrt", "reciprocal", "copysign"}
# fmt: on


def _arithmetic(op: str) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        dtype = result_dtype(line)
        if dtype == "bool" or (dtype == "i64" and op in FLOATING_ONLY):
            raise Unsupported(f"{op} of {dtype}")
        return m.map(op, *[m.cast(a, dtype) for a in args])

    return lowering


def _comparison(op: str) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        a, b = _weakly_promoted(m, line, args)
        return m.map(op, a, b, dtype="bool")

    return lowering


def _weakly_promoted(m: Maker, line: Line, args: tuple[Node, ...]) -> list[Node]:
    """The operands in one dtype; a Python number takes the other's, if that can hold it."""
    strong = [a for a, atom in zip(args, line.args, strict=True) if not atom.type.python]
    if len(strong) == 1 and strong[0].dtype[0] == "f":
        return [m.cast(a, strong[0].dtype) for a in args]
    return m.promoted(*args)


def truth(m: Maker, x: Node) -> Node:
    """Whether each element is not zero."""
    return x if x.dtype == "bool" else m.map("ne", x, m.number(0, x.dtype), dtype="bool")


def _logical(op: str) -> Any:
    return lambda m, line, args: m.map(op, *[truth(m, a) for a in args], dtype="bool")


def _bitwise(op: str) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        dtype = result_dtype(line)
        if dtype not in ("bool", "i64"):
            raise Unsupported(f"bitwise {op} of {dtype}")
        return m.map(op, *[m.cast(a, dtype) for a in args], dtype=dtype)

    return lowering


def _test(op: str) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        if args[0].dtype[0] != "f":
            raise Unsupported(f"{op} of {args[0].dtype}")
        return m.map(op, args[0], dtype="bool")

    return lowering


for _table, _make in (
    (ARITHMETIC, _arithmetic), (COMPARISONS, _comparison), (LOGIC, _logical), (BITWISE, _bitwise), (TESTS, _test),
):  # fmt: skip
    for _op, _name in _table.items():
        LOWER[_op] = _make(_name)


def _function(op: Any) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        dtype = result_dtype(line)
        if dtype[0] != "f":
            raise Unsupported(f"{line.row.name} of whole numbers")
        wide = [m.cast(m.cast(a, dtype), "f64") for a in args]
        return m.cast(m.map(op, *wide, dtype="f64"), dtype)

    return lowering


for _op in MATHS:
    LOWER.setdefault(_op, _function(_op))


@lowers(np.absolute, np.fabs, operator.abs)
def _absolute(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    return m.map("abs", m.cast(args[0], result_dtype(line)))


@lowers(np.power, operator.pow)
def _power(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """NumPy squares where it raises to the power 2, and takes the root for 1/2."""
    dtype = result_dtype(line)
    base, exponent = args
    if dtype[0] != "f":
        raise Unsupported("power of whole numbers")
    x = m.cast(base, dtype)
    known = line.args[1].value if isinstance(line.args[1], Lit) and not np.ndim(line.args[1].value) else None
    if known is not None and known == 2:
        return m.map("square", x)
    if known is not None and known == 1:
        return x
    if known is not None and known == 0.5 and base.shape:
        return m.map("sqrt", x)
    short = SHORT_POWERS.get(float(known)) if isinstance(known, (int, float)) else None
    y = short(m, x) if short is not None else of(np.power, m, dtype, x, m.cast(exponent, dtype))
    return _python_power(m, y) if line.op is operator.pow else y


def _times(m: Maker, *xs: Node) -> Node:
    y = xs[0]
    for x in xs[1:]:
        y = m.map("mul", y, x)
    return y


def _halves(n: int, inverse: bool) -> Any:
    """x to the power n + 1/2, or one over it; as pow has it, −0 is 0, and −∞ is ∞."""

    def formula(m: Maker, x: Node) -> Node:
        r = m.map("add", x, m.number(0.0, x.dtype))
        r = m.map("reciprocal", r) if inverse else r
        y = _times(m, *[r] * n, m.map("sqrt", r)) if n else m.map("sqrt", r)
        infinite = m.map("eq", x, m.number(-np.inf, x.dtype), dtype="bool")
        return m.map("where", infinite, m.number(0.0 if inverse else np.inf, x.dtype), y, dtype=x.dtype)

    return formula


# Each within three units in the last place.
# fmt: off
SHORT_POWERS: dict[float, Any] = {
    3.0:  lambda m, x: _times(m, x, x, x),
    4.0:  lambda m, x: m.map("square", m.map("square", x)),
    -1.0: lambda m, x: m.map("reciprocal", x),
    -2.0: lambda m, x: m.map("square", m.map("reciprocal", x)),
    1.5: _halves(1, False), 2.5: _halves(2, False),
    -0.5: _halves(0, True), -1.5: _halves(1, True), -2.5: _halves(2, True),
}
# fmt: on


def _python_power(m: Maker, y: Node) -> Node:
    """A power of Python numbers: it raises, or is complex, where the result is not finite and real."""
    m.check(m.map("isfinite", y, dtype="bool"))
    return y


@lowers(operator.truediv)
def _python_division(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """a / b of Python numbers, which raises for b = 0."""
    a, b = m.cast(args[0], "f64"), m.cast(args[1], "f64")
    if b.kind != "const":
        m.check(m.map("ne", b, m.number(0.0, "f64"), dtype="bool"))
    return m.map("div", a, b)


_DOMAINS: dict[Any, tuple[str, float]] = {
    np.sqrt: ("ge", 0.0), np.log: ("gt", 0.0), np.log2: ("gt", 0.0), np.log10: ("gt", 0.0), np.log1p: ("gt", -1.0),
}  # fmt: skip
"""Where a function of Python's math does not raise: asked of its argument, so that a value which nobody reads is not
computed."""


def python_function(op: Any) -> Any:
    """The lowering of a function of Python's math. Python is asked where it would raise: its argument is outside its
    domain, or its value is not finite."""
    lowering, domain = LOWER.get(TWINS.get(op)), _DOMAINS.get(TWINS.get(op))
    if lowering is None:
        return None

    def checked(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        y = lowering(m, line, args)
        if domain is None or len(args) != 1 or y.dtype[0] != "f":
            m.check(m.map("isfinite", y, dtype="bool"))
        else:
            m.check(m.map(domain[0], m.cast(args[0], "f64"), m.number(domain[1], "f64"), dtype="bool"))
        return y

    return checked


def of(op: Any, m: Maker, dtype: str, *args: Node) -> Node:
    """An entry of MATHS, which is computed in double precision."""
    if op not in MATHS:
        raise Unsupported(f"there is no native form of {op.__name__}")
    return m.cast(m.map(op, *[m.cast(a, "f64") for a in args], dtype="f64"), dtype)


@lowers(WHERE.op)
def _where(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    dtype = result_dtype(line)
    return m.map("where", truth(m, args[0]), m.cast(args[1], dtype), m.cast(args[2], dtype), dtype=dtype)


@lowers("wengert.rules.structure.convert", "python_number")
def _convert(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    return m.cast(args[0], result_dtype(line))


@lowers("clip")
def _clip(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    dtype = result_dtype(line)
    x, low, high = [m.cast(a, dtype) for a in args]
    # NumPy's loop for bounds that are numbers keeps −0 beside a bound 0, the one for other bounds takes the bound.
    keeps = all([not bound.shape or bound.size == 1 < x.size for bound in (low, high)])
    y = _bounded(m, "maximum", x, low, keeps)
    return _bounded(m, "minimum", y, high, keeps)


def _bounded(m: Maker, op: str, x: Node, bound: Node, keeps: bool) -> Node:
    """The larger (or smaller) of x and the bound; where they are equal, x if it `keeps` that, or the bound."""
    y = m.map(op, x, bound)
    if bound.kind == "const" and not bound.shape and bound.info != 0:
        return y
    return m.map("where", m.map("eq", x, bound, dtype="bool"), x if keeps else bound, y, dtype=x.dtype)


# ── our own functions, by the formulas of their definitions ──


def _inverse(m: Maker, x: Node) -> Node:
    return m.map("div", m.number(1.0, x.dtype), x)


def _by(formula: Any) -> Any:
    """A lowering from a formula over nodes of the result's dtype."""

    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        dtype = result_dtype(line)
        if dtype[0] != "f":
            raise Unsupported(f"{line.row.name} of whole numbers")
        return formula(m, dtype, *[m.cast(a, dtype) for a in args])

    return lowering


def _one(m: Maker, dtype: str) -> Node:
    return m.number(1.0, dtype)


def _minus(m: Maker, a: Node, b: Node) -> Node:
    return m.map("sub", a, b)


# fmt: off
FORMULAS: dict[str, Any] = {
    "logistic":      lambda m, t, x: _inverse(m, m.map("add", _one(m, t), of(np.exp, m, t, m.map("neg", x)))),
    "logistic2":     lambda m, t, x: _inverse(m, m.map("add", _one(m, t), of(np.exp2, m, t, m.map("neg", x)))),
    "tanh_slope":    lambda m, t, x: m.map("square", _inverse(m, of(np.cosh, m, t, x))),
    "arctan_slope":  lambda m, t, x: _inverse(m, m.map("add", _one(m, t), m.map("mul", x, x))),
    "arctanh_slope": lambda m, t, x: _inverse(m, m.map("mul", _minus(m, _one(m, t), x), m.map("add", _one(m, t), x))),
    "arcsin_slope":  lambda m, t, x: _inverse(m, m.map("mul", m.map("sqrt", _minus(m, _one(m, t), x)),
                                                              m.map("sqrt", m.map("add", _one(m, t), x)))),
    "arccosh_slope": lambda m, t, x: _inverse(m, m.map("mul", m.map("sqrt", _minus(m, x, _one(m, t))),
                                                              m.map("sqrt", m.map("add", x, _one(m, t))))),
}
# fmt: on
for _name, _formula in FORMULAS.items():
    LOWER[_name] = _by(_formula)

__all__ = ["literal", "of", "truth"]
