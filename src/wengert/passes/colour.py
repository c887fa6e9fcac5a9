"""Loops over unit tangents: one run for all those whose results do not meet.

The columns of a Jacobian are what a linear program makes of unit tangents, one run for each. Columns without a row in
common can be had in one run, of the sum of their tangents, and told apart by their rows (Curtis, Powell, Reid, On the
estimation of sparse Jacobian matrices, 1974). An element of such a sum is the very number that its own run would have
given: nothing else reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var
from wengert.ir.loop import Loop
from wengert.ir.trace import Trace
from wengert.passes.complex_values import JOINED_DTYPES, REAL_DTYPES
from wengert.passes.effects import Memory, renamed
from wengert.passes.sparsity import MOVES, Sparsity, Unknown
from wengert.record.index import CONSTANT, COPY, GETITEM, WRITE
from wengert.record.methods import COPY_AS
from wengert.rules.structure import RESHAPE

_FEWEST = 8
_MOST = 1 << 25
"""Elements of the results times runs that are looked at."""


def colour(trace: Trace, pinned: frozenset[Var] = frozenset()) -> Trace:
    """The trace with such loops run for groups of unit tangents, and their results put in their places."""
    if not any([_may_be_coloured(line) for line in trace.lines]):
        return trace
    work = _Work(trace, pinned)
    for line in trace.lines:
        work.enter(line)
    for a in trace.outputs:
        work.write_out(a)
    return replace(trace, lines=tuple(work.lines))


def _may_be_coloured(line: Line) -> bool:
    if line.row.name != "loop":
        return False
    loop: Loop = line.params["loop"]
    if any(loop.written) or loop.counters or loop.until or loop.ranged or loop.count < _FEWEST or not loop.sequences:
        return False
    sizes = sum([int(np.prod(out.type.shape)) for out in line.outs])
    if not all([out.type.dtype in _DTYPES for out in line.outs[loop.carried :]]) or not 0 < sizes <= _MOST:
        return False
    return all([isinstance(a, Lit) and a.value.dtype.kind in "fc" for a in _sources(line)])


def _sources(line: Line) -> tuple[Atom, ...]:
    """The arguments that are sequences."""
    loop: Loop = line.params["loop"]
    return line.args[loop.carried : loop.carried + len(loop.sequences)]


@dataclass
class _Sparse:
    """An array of zeros, and of elements `origin` of `source` made flat: `labels`, of its shape, are 0 or 1 + where in
    `origin`. `at` is where the loop is in the user's code."""

    source: Atom
    origin: Any
    labels: Any
    at: tuple[str, int]


class _Work:
    """The lines so far. `sparse` are variables that no line defines yet, `now` is what others are called, `used` are
    those that are not only looked at for NaN."""

    def __init__(self, trace: Trace, pinned: frozenset[Var]) -> None:
        self.lines: list[Line] = []
        self.sparse: dict[Atom, _Sparse] = {}
        self.now: dict[Var, Atom] = {}
        self.changing = Memory(trace, pinned).changing
        self.used = {a for line in trace.lines for a in line.args if line.row.name != "numpy.isnan"} | set(
            trace.outputs
        )

    def enter(self, line: Line) -> None:
        """Add the line, or what takes its place."""
        if _may_be_coloured(line) and self._coloured(line):
            return
        read = [a for a in line.args if a in self.sparse]
        if read and len(read) == len(line.args) == 1 and line.row in _FOLLOWED and line.outs[0] not in self.changing:
            known = self.sparse[read[0]]
            labels = known.labels if line.row in _COPIES else line.op(known.labels, **line.params)
            self.sparse[line.outs[0]] = replace(known, labels=labels)
            return
        for a in read:
            self.write_out(a)
        self.lines.append(renamed(line, self.now) if self.now else line)

    def write_out(self, var: Atom) -> None:
        """Define a variable: zeros, into which the elements are written."""
        known = self.sparse.pop(var, None)
        if known is None or not isinstance(var, Var):
            return
        labels = known.labels.ravel()
        places = np.flatnonzero(labels)
        dtype, at = known.source.type.dtype, known.at
        flat = Var(Type(dtype, (int(np.prod(known.source.type.shape)),)))
        values = Var(Type(dtype, places.shape))
        zeros = Lit(np.broadcast_to(np.zeros((), _DTYPES[var.type.dtype]), var.type.shape))
        path = ((RESHAPE.op, {"shape": (-1,)}),)
        self.lines += [
            Line(RESHAPE, RESHAPE.op, (known.source,), {"shape": (-1,)}, (flat,), at),
            Line(GETITEM, GETITEM.op, (flat,), {"key": known.origin[labels[places] - 1]}, (values,), at),
            Line(CONSTANT, CONSTANT.op, (zeros,), {}, (var,), at),
            Line(WRITE, WRITE.op, (var, values), {"path": path, "key": places}, (), at),
        ]

    def _coloured(self, line: Line) -> bool:
        """Whether runs were joined; if so the loop is added, and its results are known by their places."""
        loop: Loop = line.params["loop"]
        tables, n = _tables(line), loop.carried
        if not self.used.isdisjoint(line.outs[:n]):
            return False
        try:
            sparsity = Sparsity(loop, tables)
            patterns = [sparsity.matrix(sparsity.linear(a)) for a in loop.body.outputs[n:]]
        except Unknown:
            return False
        colours = _colours(np.vstack([*patterns, *[sparsity.matrix(p) for p in sparsity.tested]]))
        if colours is None:
            return False
        count = int(colours.max()) + 1
        sources = self._runs(line, [_joined(table, colours, count) for table in tables], count)
        for out, source, pattern in zip(line.outs[n:], sources, patterns, strict=True):
            runs, elements = np.nonzero(pattern.T)
            labels = np.zeros(pattern.T.shape, np.intp)
            labels[runs, elements] = np.arange(1, len(runs) + 1)
            origin = colours[runs] * len(pattern) + elements
            self.sparse[out] = _Sparse(source, origin, labels.reshape(out.type.shape), line.origin)
            if out in self.changing:
                self.write_out(out)
        return True

    def _runs(self, line: Line, tables: list[Any], count: int) -> list[Atom]:
        """The loop over other tables, or its body where one run is enough; what it collects."""
        loop: Loop = line.params["loop"]
        n = loop.carried
        before, after = line.args[:n], line.args[n + len(tables) :]
        if count == 1 and not any([a.type.python for a in loop.body.outputs]):
            return self._once(loop, (*before, *[Lit(table[0]) for table in tables], *after), line.outs[:n])
        args = (*before, *map(Lit, tables), *after)
        fewer = replace(loop, count=count, sequences=((0, 1),) * len(tables), extends=None, memo={})
        collected = [Var(Type(out.type.dtype, (count, *out.type.shape[1:]))) for out in line.outs[n:]]
        outs = (*line.outs[:n], *collected)
        self.lines.append(replace(line, args=args, params={**line.params, "loop": fewer}, outs=outs))
        return list(collected)

    def _once(self, loop: Loop, args: tuple[Atom, ...], carried: tuple[Var, ...]) -> list[Atom]:
        """The lines of the one run, in which what is carried is called as it was after the loop."""
        names: dict[Var, Atom] = dict(zip(loop.body.inputs, args, strict=True))
        for inner in loop.body.lines:
            names.update({out: Var(out.type) for out in inner.outs})
            self.lines.append(replace(renamed(inner, names), outs=tuple([names[out] for out in inner.outs])))
        results = [names.get(a, a) if isinstance(a, Var) else a for a in loop.body.outputs]
        self.now.update(zip(carried, results, strict=False))
        return results[loop.carried :]


def _tables(line: Line) -> list[Any]:
    """What each sequence gives, run by run."""
    loop: Loop = line.params["loop"]
    sources = [a.value for a in _sources(line) if isinstance(a, Lit)]
    runs = np.arange(loop.count)
    return [x[start + step * runs] for x, (start, step) in zip(sources, loop.sequences, strict=True)]


def _colours(pattern: Any) -> Any:
    """A number for each run, the same for runs that have no row in common; None where that would save little."""
    count = pattern.shape[1]
    most = count // 2
    if len(pattern) * count > _MOST or pattern.sum(axis=1).max(initial=0) > most:
        return None
    columns = np.packbits(pattern, axis=0).T
    taken: list[Any] = []
    colours = np.zeros(count, np.intp)
    for b, column in enumerate(columns):
        free = [c for c, rows in enumerate(taken) if not np.any(rows & column)]
        if not free:
            if len(taken) == most:
                return None
            taken.append(np.zeros_like(column))
        c = colours[b] = free[0] if free else len(taken) - 1
        taken[c] |= column
    return colours


def _joined(table: Any, colours: Any, count: int) -> Any:
    """The sums of the tangents of each colour."""
    joined = np.zeros((count, *table.shape[1:]), table.dtype)
    np.add.at(joined, colours, table)
    return joined


_COPIES = {COPY, *COPY_AS.values()}
_FOLLOWED = MOVES | _COPIES
_DTYPES = REAL_DTYPES | JOINED_DTYPES
