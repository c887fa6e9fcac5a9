"""Lines on complex variables as lines on their real and imaginary parts, while they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var
from wengert.ir.loop import Loop
from wengert.ir.row import Row
from wengert.ir.trace import nameless
from wengert.passes.complex_maths import truth
from wengert.passes.complex_templates import Template, Types, elementwise, whole
from wengert.passes.complex_values import (
    JOIN,
    JOINED_DTYPES,
    PARTS,
    PLAIN,
    REAL_DTYPES,
    NotParted,
    fitted_constant,
    has_complex,
    is_complex,
    is_number,
    part_type,
    parts_of_constant,
)
from wengert.record.index import CONSTANT, COPY
from wengert.record.observe import GUARD
from wengert.rules.structure import BROADCAST_TO, CONVERT

Parted = tuple[Atom, Atom | None]
"""The parts of a value; a real one has no imaginary part."""
Rule = Callable[["Parting", Line], list[Parted]]
Rules = dict[Any, Rule]
"""A primitive, or the name of a row → its results on parts."""


class Parting:
    """The lines while they are written. `values`: the parts of complex variables, and other names of real ones."""

    def __init__(self, rules: Rules, origin: dict[Line, Line]) -> None:
        self.rules = rules
        self.values: dict[Var, Parted] = {}
        self.written: set[Atom] = set()
        self.lines: list[Line] = []
        self.origin = origin
        self.line: Line | None = None

    def run(self, lines: tuple[Line, ...]) -> None:
        """All lines in order."""
        self.written |= {line.args[0] for line in lines if line.kind == "write"}
        for line in lines:
            self.line = line
            self._one(line)

    def _one(self, line: Line) -> None:
        if line.row.name == "loop":
            self._loop(line)
        elif not any([is_complex(a.type) for a in (*line.args, *line.outs) if is_number(a)]):
            self.add(self._renamed(line))
        elif line.kind in _KINDS:
            _KINDS[line.kind](self, line)
        else:
            for out, found in zip(line.outs, self._results(line), strict=True):
                self._define(out, found)

    def _results(self, line: Line) -> list[Parted]:
        """The parts of what a line gives."""
        rule = self.rules.get(line.op) or self.rules.get(line.row.name)
        start = len(self.lines)
        try:
            if rule is not None:
                return rule(self, line)
            if hasattr(line.op, "formula"):
                return self._composed(line)
        except NotParted:
            del self.lines[start:]
        return self.called(line)

    def _renamed(self, line: Line) -> Line:
        """The line with the names that its real arguments have now."""
        if not any([a in self.values for a in line.args]):
            return line
        return replace(line, args=tuple([self.of(a)[0] for a in line.args]))

    # ── values ──

    def of(self, atom: Atom) -> Parted:
        """The parts of an argument; what is no number stands for itself."""
        if isinstance(atom, Var):
            return self.values.get(atom, (atom, None))
        return parts_of_constant(atom.value) if is_number(atom) and is_complex(atom.type) else (atom, None)

    def add(self, line: Line) -> None:
        """A further line, which comes from the one in hand."""
        self.lines.append(line)
        if self.line is not None:
            self.origin[line] = self.line

    def call(self, row: Row, op: Any, args: tuple[Atom, ...], params: Mapping[str, Any], t: Type) -> Var:
        """The only result of a new line."""
        out = Var(t)
        self.add(Line(row, op, args, params, (out,), self.line.origin if self.line else ("", 0)))
        return out

    def parted(self, var: Var) -> tuple[Atom, Atom]:
        """The parts of a joined value."""
        t = part_type(var.type)
        x, y = Var(t), Var(t)
        self.add(Line(PARTS, PARTS.op, (var,), {}, (x, y), ("", 0), True))
        return x, y

    def joined(self, atom: Atom) -> Atom:
        """A complex value in one piece; a real one itself."""
        x, y = self.of(atom)
        if y is None:
            return x
        t = atom.type
        return self.call(JOIN, JOIN.op, (x, y), {"dtype": JOINED_DTYPES[t.dtype]}, t)

    def fitted(self, atom: Atom, t: Type) -> Atom:
        """The value in the shape and dtype of a type."""
        if isinstance(atom, Lit):
            return fitted_constant(atom, t)
        dtype = PLAIN.get(t.dtype, t.dtype)
        if PLAIN.get(atom.type.dtype, atom.type.dtype) != dtype:
            dtype = np.dtype(REAL_DTYPES[dtype])
            atom = self.call(CONVERT, CONVERT.op, (atom,), {"dtype": dtype}, Type(t.dtype, atom.type.shape))
        if atom.type.shape != t.shape:
            atom = self.call(BROADCAST_TO, BROADCAST_TO.op, (atom,), {"shape": t.shape}, t)
        return atom

    def zero(self, t: Type) -> Lit:
        """Zeros of the shape of a type."""
        return fitted_constant(Lit(0.0), part_type(t))

    def _define(self, out: Var, found: Parted) -> None:
        t = part_type(out.type)
        x, y = found
        known = [self.fitted(x, t)]
        if is_complex(out.type):
            known.append(self.zero(t) if y is None else self.fitted(y, t))
        if out in self.written:
            known = [self._owned(part, t) for part in known]
        self.values[out] = (known[0], known[1] if len(known) > 1 else None)

    def _owned(self, part: Atom, t: Type) -> Atom:
        """A part in memory of its own, for somebody writes into it."""
        if isinstance(part, Lit):
            return self.call(CONSTANT, CONSTANT.op, (fitted_constant(part, t),), {}, t)
        return self.call(COPY, COPY.op, (part,), {}, t)

    def formula(self, f: Callable[..., Any], args: list[Parted], **params: Any) -> list[Atom]:
        """The results of an elementwise function of pairs."""
        made, full = elementwise(f, _types(args), params)
        return self._instance(made, args, full)

    def of_arrays(self, f: Callable[..., Any], args: list[Parted], **params: Any) -> list[Atom]:
        """The results of a function of pairs of arrays."""
        return self._instance(whole(f, _types(args), params), args, None)

    def _instance(self, made: Template, args: list[Parted], full: tuple[int, ...] | None) -> list[Atom]:
        atoms = [x for pair in args for x in pair if x is not None]
        lines, results = made.at(atoms, full, self.line.origin if self.line else ("", 0))
        for line in lines:
            self.add(line)
        return results

    def holds(self, condition: Atom, origin: tuple[str, int]) -> None:
        """The lines that follow hold where a condition is true."""
        self.add(Line(GUARD, GUARD.op, (condition,), {"read": bool, "value": True}, (), origin))

    # ── lines ──

    def called(self, line: Line) -> list[Parted]:
        """The line as it is, on joined values; constants are joined only for the inner loop of a ufunc."""
        every = isinstance(line.op, np.ufunc)
        args = tuple([self.joined(a) if every or isinstance(a, Var) else a for a in line.args])
        outs = tuple([Var(out.type) for out in line.outs])
        self.add(replace(line, args=args, outs=outs))
        return [self.parted(out) if is_complex(out.type) else (out, None) for out in outs]

    def _composed(self, line: Line) -> list[Parted]:
        """The lines of the formula that the row's function is."""
        made, full = elementwise(line.op.formula, tuple([(a.type, None) for a in line.args]), {}, bare=True)  # type: ignore[attr-defined]
        lines, results = made.at(list(line.args), full, line.origin)
        for inner in lines:
            self._one(inner)
        return [self.of(a) for a in results]

    def _constant(self, line: Line) -> None:
        (out,) = line.outs
        made = [Var(part_type(out.type)) for _ in range(2)]
        for var, part in zip(made, self.of(line.args[0]), strict=True):
            assert part is not None
            self.add(replace(line, args=(part,), outs=(var,)))
        self.values[out] = (made[0], made[1])

    def _write(self, line: Line) -> None:
        """A write into both parts, or into the one that its path leads to."""
        owner, value, *places = line.args
        assert isinstance(owner, Var)
        path = line.params["path"]
        v = self.of(value)
        targets = self.of(owner)
        which = [_SIDES[f] for f, _ in path if f in _SIDES]
        if which and targets[1] is not None:
            path = tuple([step for step in path if step[0] not in _SIDES])
            targets, v = (targets[which[0]], None), (v[0], None)  # type: ignore[assignment]
        params = {**line.params, "path": path}
        for target, part in zip(targets, v, strict=True):
            if target is not None:
                given = Lit(0.0) if part is None else part
                self.add(replace(line, args=(target, given, *[self.of(a)[0] for a in places]), params=params))

    def _guard(self, line: Line) -> None:
        """What was seen of a complex number, seen of its parts."""
        read, seen = line.params["read"], line.params["value"]
        x, y = self.of(line.args[0])
        if y is None:
            self.add(line)
        elif read is bool:
            (atom,) = self.formula(truth, [(x, y)])
            self.add(replace(line, args=(atom,)))
        else:
            for part, value in ((x, np.real(seen)), (y, np.imag(seen))):
                self.add(replace(line, args=(part,), params={**line.params, "value": value}))

    # ── loops ──

    def _loop(self, line: Line) -> None:
        loop: Loop = line.params["loop"]
        if not has_complex(loop.body):
            self.add(self._renamed(line))
            return
        new, double_in, double_out = _parted_loop(loop, self.rules, self.origin)
        args: list[Atom] = []
        for k, atom in enumerate(line.args):
            x, y = self.of(atom)
            args += [x, *self._second(y, atom.type, double_in[k])]
        outs: list[Var] = []
        for k, out in enumerate(line.outs):
            if not double_out[k]:
                outs.append(out)
                continue
            pair = Var(part_type(out.type)), Var(part_type(out.type))
            self.values[out] = pair
            outs += pair
        self.add(replace(line, args=tuple(args), params={**line.params, "loop": new}, outs=tuple(outs)))

    def _second(self, y: Atom | None, t: Type, doubled: bool) -> list[Atom]:
        return ([self.zero(t)] if y is None else [y]) if doubled else []


def _parted_loop(loop: Loop, rules: Rules, origin: dict[Line, Line]) -> tuple[Loop, list[bool], list[bool]]:
    """The loop on parts, and which of the line's arguments and results are two."""
    body, counters = loop.body, len(loop.counters)
    inner = Parting(rules, origin)
    inputs: list[Var] = []
    for var in body.inputs:
        if is_complex(var.type):
            pair = Var(part_type(var.type)), Var(part_type(var.type))
            inner.values[var] = pair
            inputs += pair
        else:
            inputs.append(var)
    inner.run(body.lines)
    moving = loop.carried + len(loop.sequences)
    twice = [is_complex(v.type) for v in body.inputs]
    results = [twice[k] if k < loop.carried else is_complex(a.type) for k, a in enumerate(body.outputs)]
    outputs: list[Atom] = []
    for a, two in zip(body.outputs, results, strict=True):
        x, y = inner.of(a)
        outputs += [x, *inner._second(y, a.type, two)]
    new = replace(
        loop,
        body=nameless(body.name, inputs, inner.lines, outputs),
        carried=loop.carried + sum(twice[: loop.carried]),
        sequences=_doubled(loop.sequences, twice[loop.carried : moving]),
        written=_doubled(loop.written, twice[: loop.carried]),
        extends=None,
        memo={},
    )
    given = [*twice[:moving], *twice[moving + counters :], *[False] * (2 * loop.ranged)]
    return new, given, results


def _doubled(xs: tuple[Any, ...], twice: list[bool]) -> tuple[Any, ...]:
    return tuple([x for x, two in zip(xs, twice, strict=True) for _ in range(1 + two)])


def _types(args: list[Parted]) -> Types:
    return tuple([(x.type, None if y is None else y.type) for x, y in args])


_KINDS: dict[str, Callable[[Parting, Line], None]] = {
    "constant": Parting._constant, "write": Parting._write, "guard": Parting._guard,
}  # fmt: skip
_SIDES = {np.real: 0, np.imag: 1}
