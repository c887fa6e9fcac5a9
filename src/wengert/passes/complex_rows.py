"""How each primitive acts on the parts of complex numbers.

    parts       what is linear over the reals and moves or adds elements: the same of both parts
    products    what is bilinear: four products of parts, or two with a real factor
    formula     a function of pairs (complex_maths.py)

A primitive that is not here is called with joined values.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type
from wengert.ir.row import ROWS
from wengert.passes import complex_maths as maths
from wengert.passes import complex_python as python
from wengert.passes.complex_values import PLAIN, REAL_DTYPES, NotParted, is_complex, part_type
from wengert.passes.parting import Parted, Parting, Rule, Rules
from wengert.record.numbers import conjugated
from wengert.record.varying import ADD, SET, TAKE
from wengert.rules.select import WHERE

ROWWISE: Rules = {}
"""A primitive, or the name of a row → its results on parts."""


def rows(rule: Rule, *keys: Any) -> None:
    """Enter a rule for each of the primitives."""
    for key in keys:
        ROWWISE[key] = rule


def single(line: Line) -> Type:
    """The type of the only result's parts."""
    if len(line.outs) != 1:
        raise NotParted
    return part_type(line.outs[0].type)


def part_params(line: Line) -> dict[str, Any]:
    """The parameters for one part: a dtype is that of the part."""
    found: dict[str, Any] = {}
    for name, x in line.params.items():
        if name == "dtype" and x is not None and np.dtype(x).kind == "c":
            x = np.dtype(REAL_DTYPES[part_type(line.outs[0].type).dtype])
        elif _holds_complex(x):
            raise NotParted
        found[name] = x
    return found


def _holds_complex(x: Any) -> bool:
    if isinstance(x, (tuple, list)):
        return any([_holds_complex(part) for part in x])
    return isinstance(x, complex) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "c")


# ── the same of both parts ──


def parts(count: int | None = None, first: int = 0) -> Rule:
    """The line on real and on imaginary parts of the arguments from `first` on, `count` of them; others are the same
    for both."""

    def rule(p: Parting, line: Line) -> list[Parted]:
        t, params = single(line), part_params(line)
        end = len(line.args) if count is None else first + count
        pairs = [p.of(a) for a in line.args]
        inside = range(first, min(end, len(pairs)))
        x = p.call(line.row, line.op, tuple([pair[0] for pair in pairs]), params, t)
        if not is_complex(line.outs[0].type) or all([pairs[k][1] is None for k in inside]):
            return [(x, None)]
        args = [_second(p, line.args[k], pairs[k]) if k in inside else pair[0] for k, pair in enumerate(pairs)]
        return [(x, p.call(line.row, line.op, tuple(args), params, t))]

    return rule


def _second(p: Parting, atom: Atom, pair: Parted) -> Atom:
    """The imaginary part of an argument: zeros of a real number, what is no number itself."""
    if pair[1] is not None:
        return pair[1]
    if isinstance(atom, Lit) and not isinstance(atom.value, (bool, int, float, np.ndarray, np.generic)):
        return atom
    t = atom.type
    return p.zero(t if t.dtype in REAL_DTYPES or t.dtype in PLAIN else Type("f64", t.shape))


def _padded(p: Parting, line: Line) -> list[Parted]:
    """np.pad with zeros: other margins are real."""
    if np.any(line.params["constant_values"]):
        raise NotParted
    return parts()(p, line)


# fmt: off
rows(parts(),
     np.add, np.subtract, np.negative, np.positive,
     operator.add, operator.sub, operator.neg, operator.pos,
     "copy", "copy_A", "copy_C", "copy_F", "copy_K", "zero_d", "assemble", "astype",
     np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d,
     np.transpose, np.swapaxes, np.moveaxis, np.roll, np.repeat, np.tile,
     np.trace, np.round, np.rint, np.full, np.empty_like,
     "numpy.full", "numpy.concatenate", "numpy.stack", "numpy.sum", "numpy.mean", "numpy.cumsum", "numpy.nan_to_num",
     "numpy.add.at", "numpy.subtract.at", "numpy.add.reduceat", "numpy.bincount",
     "numpy.lib.stride_tricks.sliding_window_view",
     "wengert.rules.structure.broadcast_to", "wengert.rules.structure.reshape", "wengert.rules.structure.convert",
     "wengert.rules.diagonal._diagonal", "wengert.rules.diagonal._embed",
     "wengert.rules.diagonal._repeated", "wengert.rules.diagonal._onto_repeated",
     "wengert.rules.gather._gather", "wengert.rules.gather._scatter",
     "wengert.rules.gather._strided_view", "wengert.rules.gather._strided_back")
rows(parts(1), "getitem", TAKE.op)
rows(parts(2), SET.op, ADD.op)
rows(parts(2, first=1), WHERE.op)
rows(_padded, "numpy.pad")
# fmt: on


# ── products: Π (xₖ + i yₖ) = Σ i^m of the products with m imaginary factors ──

_MOST_FACTORS = 3


def products(*conjugated: int) -> Rule:
    """The product of all arguments, those in the places `conjugated` conjugated."""

    def rule(p: Parting, line: Line) -> list[Parted]:
        t, params = single(line), part_params(line)
        pairs = [p.of(a) for a in line.args]
        for k in conjugated:
            pairs[k] = _conjugated(p, pairs[k])
        if sum([y is not None for _, y in pairs]) > _MOST_FACTORS:
            raise NotParted
        sums: list[Atom | None] = [None, None]
        for choice in product(*[(0, 1) if y is not None else (0,) for _, y in pairs]):
            term = p.call(line.row, line.op, tuple([pair[c] for pair, c in zip(pairs, choice, strict=True)]), params, t)  # type: ignore[misc]
            imaginary = sum(choice)
            sums[imaginary % 2] = _added(p, sums[imaginary % 2], term, imaginary // 2 % 2 == 1, t)
        assert sums[0] is not None
        return [(sums[0], sums[1])]

    return rule


def _added(p: Parting, total: Atom | None, term: Atom, minus: bool, t: Type) -> Atom:
    if total is None:
        return p.call(ROWS[np.negative], np.negative, (term,), {}, t) if minus else term
    op = np.subtract if minus else np.add
    return p.call(ROWS[op], op, (total, term), {}, t)


def _conjugated(p: Parting, pair: Parted) -> Parted:
    x, y = pair
    return (x, None) if y is None else (x, p.call(ROWS[np.negative], np.negative, (y,), {}, y.type))


# fmt: off
rows(products(), np.matmul, np.dot, np.inner, np.outer, np.kron, np.matvec,
     "numpy.tensordot", "numpy.einsum", "numpy.convolve", "numpy.cross")
rows(products(0), np.vdot, np.vecdot, np.vecmat)
rows(products(1), "numpy.correlate")
# fmt: on


# ── functions of pairs ──


def formula(f: Callable[..., Any], real: bool = False) -> Rule:
    """f of the parts; `real`: its result is."""

    def rule(p: Parting, line: Line) -> list[Parted]:
        t = single(line)
        if not real and t == line.outs[0].type:
            raise NotParted
        found = p.formula(f, [p.of(a) for a in line.args], **part_params(line))
        return [(found[0], None if real else found[1])]

    return rule


# fmt: off
FORMULAS: dict[Any, Any] = {
    np.multiply: maths.multiply, np.divide: maths.divide,
    np.square: maths.square, np.reciprocal: maths.reciprocal, np.conjugate: maths.conjugate,
    conjugated: maths.conjugate,
    "wengert.rules.complex.phase": maths.sign,
    np.exp: maths.exp, np.exp2: maths.exp2, np.expm1: maths.expm1,
    np.sinh: maths.sinh, np.cosh: maths.cosh, np.tanh: maths.tanh,
    np.sin: maths.sin, np.cos: maths.cos, np.tan: maths.tan,
    np.log: maths.log, np.log2: maths.log2, np.log10: maths.log10, np.log1p: maths.log1p, np.sqrt: maths.sqrt,
}
REALS: dict[Any, Any] = {
    np.equal: maths.equal, np.not_equal: maths.not_equal,
    operator.eq: maths.equal, operator.ne: maths.not_equal,
    np.isnan: maths.isnan, np.isinf: maths.isinf, np.isfinite: maths.isfinite,
    np.iscomplex: maths.iscomplex, np.isreal: maths.isreal, np.isclose: maths.isclose,
}
# fmt: on
for _op, _f in FORMULAS.items():
    rows(formula(_f), _op)
for _op, _f in REALS.items():
    rows(formula(_f, real=True), _op)


def _real(p: Parting, line: Line) -> list[Parted]:
    return [(p.of(line.args[0])[0], None)]


def _imag(p: Parting, line: Line) -> list[Parted]:
    y = p.of(line.args[0])[1]
    if y is None:
        raise NotParted
    return [(y, None)]


rows(_real, np.real)
rows(_imag, np.imag)


def _nonzero(p: Parting, atom: Atom) -> Atom:
    x, y = p.of(atom)
    return x if y is None else p.formula(maths.truth, [(x, y)])[0]


def _of_truth(p: Parting, line: Line) -> list[Parted]:
    """What only asks whether numbers are zero."""
    args = tuple([_nonzero(p, a) for a in line.args])
    return [(p.call(line.row, line.op, args, line.params, single(line)), None)]


rows(_of_truth, np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.any, np.all, np.count_nonzero)

# ── operators: of Python's numbers as Python has them, else NumPy's ──


def _operator(of_python: Callable[[Parting, Parted, Parted], Parted], otherwise: Rule) -> Rule:
    def rule(p: Parting, line: Line) -> list[Parted]:
        if not line.outs[0].type.python:
            return otherwise(p, line)
        z, w = [p.of(a) for a in line.args]
        return [of_python(p, z, w)]

    return rule


def _divided(p: Parting, line: Line) -> list[Parted]:
    """a / b; of Python numbers it raises for b = 0."""
    if line.outs[0].type.python:
        p.holds(_nonzero(p, line.args[1]), line.origin)
    return _operator(python.divide, formula(maths.divide))(p, line)


if python.MIXED:
    rows(_operator(python.add, parts()), operator.add)
    rows(_operator(python.subtract, parts()), operator.sub)
rows(_operator(python.multiply, formula(maths.multiply)), operator.mul)
rows(_divided, operator.truediv)


def _length(p: Parting, line: Line) -> list[Parted]:
    """|z|; of a Python number it raises where it is too large."""
    (r,) = p.formula(maths.absolute, [p.of(line.args[0])])
    if line.outs[0].type.python:
        p.holds(p.call(ROWS[np.isfinite], np.isfinite, (r,), {}, Type("bool")), line.origin)
    return [(r, None)]


rows(_length, np.absolute, operator.abs)


def _power(p: Parting, line: Line) -> list[Parted]:
    """zⁿ for a constant whole number n, the root of an array as NumPy has it; else the loop of NumPy's own power."""
    f = _short_power(line)
    if f is None:
        ((x, y),) = p.called(replace(line, op=np.power))
        assert y is not None
        if line.outs[0].type.python:
            p.holds(_finite(p, p.of(line.args[1])), line.origin)
    else:
        x, y = p.formula(f, [p.of(line.args[0])])
    if line.outs[0].type.python:  # it raises where the result is too large, or there is none
        p.holds(_finite(p, (x, y)), line.origin)
    return [(x, y)]


def _finite(p: Parting, pair: Parted) -> Atom:
    return p.formula(maths.isfinite, [(pair[0], Lit(0.0) if pair[1] is None else pair[1])])[0]


def _short_power(line: Line) -> Any:
    base, exponent = line.args
    n = exponent.value if isinstance(exponent, Lit) else None
    if n is None or np.ndim(n) or np.imag(n) or not abs(n) < 100 or not is_complex(base.type):
        return None
    n = np.real(n)
    if n == 0.5 and base.type.shape:
        return maths.sqrt
    power = python.whole_power if line.outs[0].type.python else maths.whole_power
    return power(int(n)) if n == int(n) else None


rows(_power, np.power, operator.pow)
