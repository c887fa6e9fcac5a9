"""Products of matrices in loops that one product outside does: Σₜ AₜBₜ = [A₀ A₁ …] [B₀; B₁; …], and (xₜW)ₜ = X W.

The first are the gradients of weights that every run uses, the second what a run does with an element of a sequence
before anything else. Products of a few vectors keep BLAS busy with copies; one large product does not (RNNs of one
state took 0.65 to 0.75 of the time, with 4 states 0.85).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var
from wengert.ir.loop import Loop
from wengert.ir.row import ROWS, Row
from wengert.ir.trace import Trace
from wengert.passes.effects import Memory
from wengert.passes.through import Place, places, slice_of
from wengert.record.index import GETITEM
from wengert.rules.products import MATMUL
from wengert.rules.structure import RESHAPE, SWAPAXES, TRANSPOSE

_FEWEST = 4
"""Runs."""
_TERMS = 4
"""Products in the sum of a run, at most."""
_LEAST, _MOST = 1 << 8, 1 << 21
"""Elements of a sum, and operations of a run: less is not worth a product, more is a good product by itself."""
_ROWS = 8
"""Vectors in a run: with 16, one product took as long as one for each run, and more memory."""
_MEMORY = 1 << 26
"""Bytes that may be collected."""


def products(trace: Trace) -> Trace:
    """The trace with such products outside; `prune` then leaves out what the loop did."""
    if not any([line.row.name == "loop" for line in trace.lines]):
        return trace
    lines: list[Line] = []
    for line in trace.lines:
        lines += _outside(line) if line.row.name == "loop" else (line,)
    return trace if len(lines) == len(trace.lines) else replace(trace, lines=tuple(lines))


def _outside(line: Line) -> list[Line]:
    loop: Loop = line.params["loop"]
    if loop.until or loop.ranged or loop.count < _FEWEST:
        return [line]
    before, line = _of_sequences(line)
    return [*before, *_of_sums(line)]


class _Lines:
    """Lines that are made one after the other."""

    def __init__(self, origin: tuple[str, int]) -> None:
        self.lines: list[Line] = []
        self.origin = origin

    def add(
        self, row: Row, args: tuple[Atom, ...], result: tuple[int, ...], out: Var | None = None, **params: Any
    ) -> Var:
        """The result of a line, a new variable or `out`."""
        out = out or Var(Type(args[0].type.dtype, result))
        self.lines.append(Line(row, row.op, args, params, (out,), self.origin))
        return out


# ── sums ──


@dataclass(frozen=True)
class _Product:
    """A B in a run: B, and A or, if `turned`, its transpose."""

    a: Var
    b: Var
    turned: bool


def _of_sums(line: Line) -> list[Line]:
    """The loop, which collects the factors, then the products, each added to what its sum began with."""
    loop: Loop = line.params["loop"]
    body = loop.body
    found = {k: terms for k in range(loop.carried) if (terms := _terms(loop, k))}
    if not found:
        return [line]
    factors = list(dict.fromkeys([x for terms in found.values() for term in terms for x in (term.a, term.b)]))
    if loop.count * sum([_bytes(x.type) for x in factors]) > _MEMORY:
        return [line]
    collected = {x: Var(Type(x.type.dtype, (loop.count, *x.type.shape))) for x in factors}
    outs, made = list(line.outs), _Lines(line.origin)
    for k, terms in found.items():
        total = line.args[k]
        for n, term in enumerate(terms, 1):
            value = _one_product(made, term, collected)
            total = made.add(_ADD, (total, value), outs[k].type.shape, outs[k] if n == len(terms) else None)
        outs[k] = Var(outs[k].type)
    wider = replace(loop, body=replace(body, outputs=(*body.outputs, *factors)), extends=None, memo={})
    loop_line = replace(line, outs=(*outs, *collected.values()), params={**line.params, "loop": wider})
    return [loop_line, *made.lines]


def _one_product(made: _Lines, term: _Product, collected: dict[Var, Var]) -> Var:
    """Σₜ AₜBₜ."""
    a, b = collected[term.a], collected[term.b]
    count, k, q = b.type.shape
    if not term.turned:
        a = made.add(SWAPAXES, (a,), (count, k, a.type.shape[1]), axis1=-1, axis2=-2)
    p = a.type.shape[2]
    left = made.add(RESHAPE, (a,), (count * k, p), shape=(count * k, p))
    right = made.add(RESHAPE, (b,), (count * k, q), shape=(count * k, q))
    turned = made.add(TRANSPOSE, (left,), (p, count * k), axes=None)
    return made.add(MATMUL, (turned, right), (p, q))


def _terms(loop: Loop, k: int) -> list[_Product]:
    """The products that carried value k is the sum of; none if it is anything else, or is read in between."""
    body = loop.body
    given, result = body.inputs[k], body.outputs[k]
    if loop.written[k] or len(given.type.shape) != 2 or given.type.dtype not in ("f64", "f32"):
        return []
    defined = {out: i for i, line in enumerate(body.lines) for out in line.outs}
    uses = _uses(body)
    terms: list[_Product] = []
    while result is not given:
        at = defined.get(result) if isinstance(result, Var) else None
        line = body.lines[at] if at is not None else None
        if line is None or line.op is not np.add or uses[line.outs[0]] != 1 or len(terms) == _TERMS:
            return []
        sides = [(x, y) for x, y in (line.args, line.args[::-1]) if _leads(x, given, body.lines, defined)]
        if not sides:
            return []
        result, value = sides[0]
        same = value.type.dtype == given.type.dtype  # a sum in double precision of products in single stays one
        term = _product(value, loop, defined) if same and uses.get(value, 0) == 1 else None
        if term is None:
            return []
        terms.insert(0, term)
    return terms if uses[given] == 1 else []


def _leads(x: Atom, given: Var, lines: tuple[Line, ...], defined: dict[Var, int]) -> bool:
    """Whether x is what was given, or a sum that goes on to it."""
    while x is not given:
        line = lines[defined[x]] if isinstance(x, Var) and x in defined else None
        if line is None or line.op is not np.add:
            return False
        x = line.args[0] if line.args[0] is given or line.args[1] is not given else line.args[1]
    return True


def _product(value: Atom, loop: Loop, defined: dict[Var, int]) -> _Product | None:
    """The factors of a product of matrices, or of a column and a row, that is worth it."""
    body = loop.body
    at = defined.get(value) if isinstance(value, Var) else None
    line = body.lines[at] if at is not None else None
    if (
        line is None
        or len(line.args) != 2
        or not all([isinstance(a, Var) and len(a.type.shape) == 2 for a in line.args])
    ):
        return None
    a, b = line.inputs
    if line.op is np.multiply and b.type.shape[1] == 1:
        a, b = b, a
    if not (line.row is MATMUL or (line.op is np.multiply and a.type.shape[1] == b.type.shape[0] == 1)):
        return None
    (p, k), q = a.type.shape, b.type.shape[1]
    same = a.type.dtype == b.type.dtype == line.outs[0].type.dtype
    if not same or k > _ROWS or p * q < _LEAST or p * k * q > _MOST or k * (p + q) > 2 * p * q:
        return None
    last_write = max([i for i, line in enumerate(body.lines) if line.kind == "write"], default=-1)
    changing = Memory(body).changing
    if (a in changing or b in changing) and last_write > defined[line.outs[0]]:
        return None
    if not (_varies(a, loop, defined) and _varies(b, loop, defined)):
        return None
    inner = _turned(body.lines[defined[a]]) if a in defined else None
    return _Product(a, b, False) if inner is None or inner in changing else _Product(inner, b, True)


def _turned(line: Line) -> Var | None:
    """The matrix that the line transposes."""
    turns = line.row is TRANSPOSE and line.params.get("axes") in (None, (1, 0))
    return line.inputs[0] if turns and line.inputs else None


def _varies(x: Var, loop: Loop, defined: dict[Var, int]) -> bool:
    """Whether x is not an input that is the same in every run."""
    return x in defined or x in loop.body.inputs[: loop.carried + len(loop.sequences)]


def _uses(body: Trace) -> dict[Atom, int]:
    """How often each variable is read."""
    uses: dict[Atom, int] = dict.fromkeys([out for line in body.lines for out in line.outs] + list(body.inputs), 0)
    for a in [a for line in body.lines for a in line.args] + list(body.outputs):
        uses[a] = uses.get(a, 0) + 1
    return uses


# ── elements of sequences ──


def _of_sequences(line: Line) -> tuple[list[Line], Line]:
    """The products, and the loop, for which their results are sequences."""
    loop: Loop = line.params["loop"]
    body = loop.body
    moving = loop.carried + len(loop.sequences)
    fixed = dict(zip(body.inputs[moving + len(loop.counters) :], line.args[moving:], strict=True))
    where = places(loop)
    made = _Lines(line.origin)
    sequences: dict[Var, Var] = {}
    for inner in body.lines:
        whole = _by_fixed(inner, line, where, fixed, made) if inner.row is MATMUL else None
        if whole is not None:
            sequences[inner.outs[0]] = whole
    if not sequences:
        return [], line
    inputs = (*body.inputs[:moving], *sequences, *body.inputs[moving:])
    names = tuple([f"x{k}" for k in range(len(inputs))])
    lighter = replace(
        loop, extends=None, memo={}, sequences=(*loop.sequences, *[(0, 1)] * len(sequences)),
        body=replace(
            body, parameters=names, spelled=names, inputs=inputs,
            lines=tuple([inner for inner in body.lines if not (inner.outs and inner.outs[0] in sequences)]),
        ),
    )  # fmt: skip
    args = (*line.args[:moving], *sequences.values(), *line.args[moving:])
    return made.lines, replace(line, args=args, params={**line.params, "loop": lighter})


def _by_fixed(inner: Line, line: Line, where: dict[Any, Place], fixed: dict[Var, Atom], made: _Lines) -> Var | None:
    """(xₜ W)ₜ, where x is a sequence and W the same in every run."""
    loop: Loop = line.params["loop"]
    x, w = inner.args
    place, source = where.get(x), fixed.get(w) if isinstance(w, Var) else w
    if place is None or source is None or isinstance(x, Lit) or len(w.type.shape) != 2:
        return None
    shape, out, sequence = x.type.shape, inner.outs[0].type, line.args[place.argument]
    same = x.type.dtype == w.type.dtype == out.dtype == sequence.type.dtype and out.dtype in ("f64", "f32")
    key = slice_of(place, loop.count)
    operations = int(np.prod(shape)) * w.type.shape[1]
    if (
        not same
        or key is None
        or not 1 <= len(shape) <= 2
        or shape[:-1] > (_ROWS,)
        or not _LEAST <= operations <= _MOST
    ):
        return None
    if loop.count * _bytes(out) > _MEMORY:
        return None
    rows = loop.count * (shape[0] if len(shape) == 2 else 1)
    k, q = w.type.shape
    elements = made.add(GETITEM, (sequence,), (loop.count, *shape), key=key)
    flat = made.add(RESHAPE, (elements,), (rows, k), shape=(rows, k))
    product = made.add(MATMUL, (flat, source), (rows, q))
    return made.add(RESHAPE, (product,), (loop.count, *out.shape), shape=(loop.count, *out.shape))


def _bytes(kind: Type) -> int:
    return int(np.prod(kind.shape)) * int(kind.dtype[1:]) // 8


_ADD = ROWS[np.add]
