"""Which elements of a linear program depend on which of many unit tangents, known from its lines alone.

Of every element of every variable the set of the runs that it may depend on is known, as the bits of a whole number.
The sets lie in arrays of the shape of the variable, so that what moves elements about (a view, a slice, a write
through one) moves the sets too. They may be larger than they need be, never smaller: that is what makes them safe.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from math import prod
from operator import or_
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Var, filled
from wengert.ir.loop import Loop
from wengert.record.index import CONSTANT, COPY, GETITEM
from wengert.record.methods import COPY_AS
from wengert.record.value import follow
from wengert.record.varying import ADD, SET, TAKE
from wengert.rules.gather import REPEAT, TILE
from wengert.rules.join import CONCATENATE, STACK
from wengert.rules.products import DOT, MATMUL
from wengert.rules.reduce import MEAN, SUM
from wengert.rules.structure import ATLEAST, BROADCAST_TO, EXPAND, MOVEAXIS, RESHAPE, ROLL, SQUEEZE, SWAPAXES, TRANSPOSE

Sets = Any
"""An array of objects, which are whole numbers: bit b of one is about run b. Without axes, the number itself."""
MOST_STEPS = 200_000
"""Lines that are gone through, those of inner loops as often as they are run."""


class Unknown(Exception):
    """The program is not known to be linear, or a line is of a kind that is not looked through."""


class _Plain(Exception):
    """What was zero is no linear function: something else is written into it."""

    def __init__(self, var: Atom) -> None:
        super().__init__()
        self.var = var


def need(condition: bool) -> None:
    """Raise Unknown if it does not hold."""
    if not condition:
        raise Unknown


class Sparsity:
    """The sets of the variables of a loop's body. `tested` are those of variables that were looked at for NaN.

    What a run hands on to the next may only be looked at for NaN there: `late`. `numbers` are the counters of inner
    loops as they are now. What begins as zeros may be the beginning of a tangent, or not: `plain` are those that are
    not. A linear function of nothing is zero, so that it may be added to what is the same in every run."""

    def __init__(self, loop: Loop, tables: list[Any]) -> None:
        first = loop.carried
        inputs = loop.body.inputs[first : first + len(tables)]
        self.count, self.steps = loop.count, 0
        self.late = frozenset(loop.body.inputs[:first])
        self.plain: set[Atom] = set()
        given = [_bits(t) for t in tables]
        while not self._goes_through(loop, inputs, given):
            pass

    def _goes_through(self, loop: Loop, inputs: tuple[Var, ...], given: list[Sets]) -> bool:
        """Whether all lines could be gone through; if not, one more variable is plain."""
        self.sets: dict[Atom, Sets] = dict(zip(inputs, given, strict=True))
        self.numbers: dict[Atom, int] = {}
        self.tests: set[Atom] = set()
        self.tested: list[Sets] = []
        try:
            self._run(loop.body.lines)
        except _Plain as found:
            need(found.var not in self.plain)
            self.plain.add(found.var)
            return False
        self.tested += [self.linear(a) for a in loop.body.outputs[: loop.carried]]
        return True

    def matrix(self, sets: Sets) -> Any:
        """Element × run, bool."""
        size = -(-self.count // 8)
        found = b"".join([int(x).to_bytes(size, "little") for x in np.ravel(sets)])
        bits = np.frombuffer(found, np.uint8).reshape(-1, size)
        return np.unpackbits(bits, axis=1, count=self.count, bitorder="little").view(bool)

    def is_fixed(self, atom: Atom) -> bool:
        """Whether it is the same in every run."""
        return atom not in self.sets and atom not in self.tests and atom not in self.late

    def linear(self, atom: Atom) -> Sets:
        """The sets of what is a linear function of the unit tangents, as zeros are."""
        if isinstance(atom, Lit):
            need(not np.any(atom.value))
            return _sets(np.zeros(np.shape(atom.value), object))
        need(atom in self.sets)
        return self.sets[atom]

    def number(self, atom: Atom) -> Any:
        """A place in an array."""
        if isinstance(atom, Lit):
            return atom.value
        need(atom in self.numbers)
        return self.numbers[atom]

    def _run(self, lines: tuple[Line, ...]) -> None:
        self.steps += len(lines)
        need(self.steps < MOST_STEPS)
        for line in lines:
            self._line(line)

    def _line(self, line: Line) -> None:
        if line.kind == "guard":
            need(self.is_fixed(line.args[0]) or line.args[0] in self.tests)
        elif line.kind == "write":
            self._write(line)
        elif line.row is CONSTANT:
            if line.args[0] in self.sets or _is_nothing(line.args[0]):
                self._bind(line.outs, [_own(self.linear(line.args[0]))])
        elif any([a in self.tests for a in line.args]):
            need(line.row.name in _OF_TESTS)
            self.tests.update(line.outs)
        elif line.row.name == "numpy.isnan" and not self.is_fixed(line.args[0]):
            self.tests.update(line.outs)
            if line.args[0] not in self.late:
                self.tested.append(self.linear(line.args[0]))
        elif not all([self.is_fixed(a) for a in line.args]):
            self._loop(line) if line.row.name == "loop" else self._call(line)

    def _write(self, line: Line) -> None:
        owner, value = line.args[:2]
        if self.is_fixed(owner) and self.is_fixed(value):
            return
        if self.stays(value) and _is_empty(self.linear(owner)):
            raise _Plain(owner)
        path, key = line.params["path"], line.params["key"]
        place = filled(key, [self.number(a) for a in line.args[2:]])
        follow(self.linear(owner), path)[place] = self.linear(value)

    def _call(self, line: Line) -> None:
        need(len(line.outs) == 1)
        found = _RULES.get(line.row.name)
        if found is not None:
            sets = found(self, line)
        elif line.row in MOVES:
            need(line.params.get("dtype") is None)
            sets = line.op(*[self.linear(a) for a in line.args], **line.params)
        elif all([self.is_fixed(a) or (a in self.sets and _is_empty(self.sets[a])) for a in line.args]):
            sets = None
        else:
            need(line.row.kind == "linear" and all([self.is_fixed(a) for a in line.args[1:]]))
            sets = np.full(line.outs[0].type.shape, _union(self.linear(line.args[0]), None), object)
        if sets is None:
            self._bind(line.outs, [None])
            return
        need(np.shape(sets) == line.outs[0].type.shape)
        self._bind(line.outs, [_sets(sets)])

    def _loop(self, line: Line) -> None:
        """An inner loop, run by run."""
        loop: Loop = line.params["loop"]
        need(not (loop.until or loop.ranged))
        n, m = loop.carried, loop.carried + len(loop.sequences)
        inputs, outputs = loop.body.inputs, loop.body.outputs
        carried: list[Sets | None] = [None if self.stays(a) else _own(self.linear(a)) for a in line.args[:n]]
        moving = [None if self.stays(a) else self.linear(a) for a in line.args[n:m]]
        self._bind(inputs[m + len(loop.counters) :], [None if self.stays(a) else self.linear(a) for a in line.args[m:]])
        collected: list[list[Sets | None]] = [[] for _ in outputs[n:]]
        for k in range(loop.count):
            self.numbers.update({var: i + k * step for var, (i, step) in zip(inputs[m:], loop.counters, strict=False)})
            elements = [
                None if x is None else x[i + k * step] for x, (i, step) in zip(moving, loop.sequences, strict=True)
            ]
            self._bind(inputs[:m], [*carried, *elements])
            self._run(loop.body.lines)
            results = [self._result(a) for a in outputs]
            carried = results[:n]
            for column, sets in zip(collected, results[n:], strict=True):
                column.append(sets)
        self._bind(line.outs, [*carried, *[_column(column) for column in collected]])

    def stays(self, atom: Atom) -> bool:
        """Whether it is the same in every run, and not zero for all that is known."""
        return self.is_fixed(atom) and not _is_nothing(atom)

    def _bind(self, names: tuple[Var, ...], found: list[Sets | None]) -> None:
        for var, sets in zip(names, found, strict=True):
            self.sets.pop(var, None)
            if sets is not None and var in self.plain:
                need(_is_empty(sets))
            elif sets is not None:
                self.sets[var] = sets

    def _result(self, atom: Atom) -> Sets | None:
        return None if self.stays(atom) else self.linear(atom)


def _column(parts: list[Sets | None]) -> Sets | None:
    """What the runs collect: of all of them, or of none."""
    known = [x for x in parts if x is not None]
    if len(known) < len(parts):
        need(all(map(_is_empty, known)))
        return None
    return _sets(np.stack([np.asarray(x, object) for x in known])) if known else None


def _is_nothing(atom: Atom) -> bool:
    return isinstance(atom, Lit) and isinstance(atom.value, float | np.ndarray | np.floating) and not np.any(atom.value)


def _bits(table: Any) -> Sets:
    """Where a table of runs × shape is not zero."""
    packed = np.packbits((table != 0).reshape(len(table), prod(table.shape[1:])), axis=0, bitorder="little")
    sets = np.empty(packed.shape[1], object)
    sets[:] = [int.from_bytes(column.tobytes(), "little") for column in packed.T]
    return _sets(sets.reshape(table.shape[1:]))


def _sets(x: Any) -> Sets:
    return x if isinstance(x, np.ndarray) and x.shape else int(np.asarray(x, object)[()])


def _is_empty(x: Sets) -> bool:
    return not np.any(x)


def _own(x: Sets) -> Sets:
    return x.copy() if isinstance(x, np.ndarray) else x


def _union(x: Sets, axis: Any, keepdims: bool = False) -> Sets:
    """The union along axes (None: all of them)."""
    rank = np.ndim(x)
    axes = range(rank) if axis is None else [a % rank for a in (axis if isinstance(axis, tuple) else (axis,))]
    for a in sorted(axes, reverse=True):
        x = np.bitwise_or.reduce(x, axis=a, initial=0, keepdims=keepdims)
    return x


# ── what lines do to the sets ──


def _is_plain(state: Sparsity, args: tuple[Atom, ...]) -> bool:
    """Whether their sum is the same in every run: then nothing is among them that is not."""
    if not any([state.stays(a) for a in args]):
        return False
    need(all([state.stays(a) or _is_empty(state.linear(a)) for a in args]))
    return True


def _added(state: Sparsity, line: Line) -> Sets | None:
    if _is_plain(state, line.args):
        return None
    return reduce(or_, [state.linear(a) for a in line.args])


def _scaled(state: Sparsity, line: Line) -> Sets:
    """One factor depends on the run."""
    a, b = line.args
    return _times(state, line, *((b, a) if state.is_fixed(a) else (a, b)))


def _divided(state: Sparsity, line: Line) -> Sets:
    return _times(state, line, *line.args)


def _times(state: Sparsity, line: Line, inner: Atom, factor: Atom) -> Sets:
    need(state.is_fixed(factor))
    return _spread(state.linear(inner), line)


def _spread(sets: Sets, line: Line) -> Sets:
    return np.broadcast_to(np.asarray(sets, object), line.outs[0].type.shape).copy()


def _itself(state: Sparsity, line: Line) -> Sets:
    return _own(state.linear(line.args[0]))


def _chosen(state: Sparsity, line: Line) -> Sets:
    condition, a, b = line.args
    need(state.is_fixed(condition))
    return _spread(state.linear(a) | state.linear(b), line)


def _summed(state: Sparsity, line: Line) -> Sets:
    return _union(state.linear(line.args[0]), line.params.get("axis"), bool(line.params.get("keepdims")))


def _product(state: Sparsity, line: Line) -> Sets:
    """A row of the left factor meets a column of the right one."""
    a, b = line.args
    left = state.is_fixed(b)
    need(left or state.is_fixed(a))
    need(line.row is MATMUL or max(len(a.type.shape), len(b.type.shape)) < 3)
    sets, other = (state.linear(a), b) if left else (state.linear(b), a)
    alone = np.ndim(sets) == 1
    whole = _union(sets, -1 if left or alone else -2, keepdims=len(other.type.shape) > 1 and not alone)
    return _spread(whole, line)


def _taken(state: Sparsity, line: Line) -> Sets:
    return _own(state.linear(line.args[0])[_place(state, line, 1)])


def _put(state: Sparsity, line: Line) -> Sets | None:
    if _is_plain(state, line.args[:2]):
        return None
    sets, place = _own(state.linear(line.args[0])), _place(state, line, 2)
    sets[place] = state.linear(line.args[1])
    return sets


def _joined(state: Sparsity, line: Line) -> Sets | None:
    if _is_plain(state, line.args[:2]):
        return None
    sets, place = _own(state.linear(line.args[0])), _place(state, line, 2)
    need(not any([np.ndim(p) for p in place]))
    sets[place] |= state.linear(line.args[1])
    return sets


def _place(state: Sparsity, line: Line, first: int) -> tuple[Any, ...]:
    place = filled(line.params["key"], [state.number(a) for a in line.args[first:]])
    return place if isinstance(place, tuple) else (place,)


_RULES: dict[str, Callable[[Sparsity, Line], Sets | None]] = {
    "numpy.add": _added, "numpy.subtract": _added, "numpy.multiply": _scaled, "numpy.divide": _divided,
    "numpy.negative": _itself, "numpy.positive": _itself, "numpy.conjugate": _itself, "numpy.where": _chosen,
    SUM.name: _summed, MEAN.name: _summed, MATMUL.name: _product, DOT.name: _product,
    TAKE.name: _taken, SET.name: _put, ADD.name: _joined,
    **{row.name: _itself for row in (COPY, *COPY_AS.values())},
}  # fmt: skip
MOVES = {
    GETITEM, RESHAPE, SQUEEZE, EXPAND, TRANSPOSE, SWAPAXES, MOVEAXIS, BROADCAST_TO, ROLL, REPEAT, TILE,
    CONCATENATE, STACK, *ATLEAST.values(),
}  # fmt: skip
"""Rows whose results are elements of their arguments, in other places."""
_OF_TESTS = frozenset({"numpy.any", "numpy.logical_or", "numpy.bitwise_or"})
