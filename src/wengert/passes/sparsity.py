"""Which elements of a linear program depend on which of many unit tangents, known from its lines alone.

What depends on run b of a loop is a set of bits, one for each run, at every element of every variable. They are kept
as `planes`: arrays of the shape of the variable, of 64 runs each, so that what moves elements about (a view, a slice,
a write through one) does to the planes what it does to the numbers. The sets may be larger than they need be, never
smaller: that is what makes them safe.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit
from wengert.ir.loop import Loop
from wengert.record.index import CONSTANT, COPY, GETITEM
from wengert.record.methods import COPY_AS
from wengert.record.value import follow
from wengert.rules.gather import REPEAT, TILE
from wengert.rules.join import CONCATENATE, STACK
from wengert.rules.products import DOT, MATMUL
from wengert.rules.reduce import MEAN, SUM
from wengert.rules.structure import ATLEAST, BROADCAST_TO, EXPAND, MOVEAXIS, RESHAPE, ROLL, SQUEEZE, SWAPAXES, TRANSPOSE

Planes = list[Any]
"""Arrays of uint64, each of the shape of the variable: bit b of plane p is about run 64 p + b."""


class Unknown(Exception):
    """The program is not known to be linear, or a line is of a kind that is not looked through."""


class Sparsity:
    """The planes of the variables of a loop's body. `tested` are those of variables that were looked at for NaN.

    What a run hands on to the next may only be looked at for NaN there: `late`."""

    def __init__(self, loop: Loop, tables: list[Any]) -> None:
        first = loop.carried
        inputs = loop.body.inputs[first : first + len(tables)]
        self.count = loop.count
        self.planes: dict[Atom, Planes] = {var: _bits(t) for var, t in zip(inputs, tables, strict=True)}
        self.late = frozenset(loop.body.inputs[:first])
        self.tests: set[Atom] = set()
        self.tested: list[Planes] = []
        for line in loop.body.lines:
            self._line(line)
        self.tested += [self.linear(a) for a in loop.body.outputs[:first]]

    def matrix(self, planes: Planes) -> Any:
        """Element × run, bool."""
        columns = [np.ascontiguousarray(plane).reshape(-1, 1).view(np.uint8) for plane in planes]
        return np.unpackbits(np.hstack(columns), axis=1, count=self.count, bitorder="little").view(bool)

    def _line(self, line: Line) -> None:
        if line.kind == "guard":
            self._need(self.is_fixed(line.args[0]) or line.args[0] in self.tests)
        elif line.kind == "write":
            self._write(line)
        elif line.row is CONSTANT:
            self._constant(line)
        elif any([self._is_test(a) for a in line.args]):
            self._need(line.row.name in _OF_TESTS)
            self.tests.update(line.outs)
        elif line.row.name == "numpy.isnan" and not self.is_fixed(line.args[0]):
            self.tests.update(line.outs)
            if line.args[0] not in self.late:
                self.tested.append(self.linear(line.args[0]))
        elif not all([self.is_fixed(a) for a in line.args]):
            self._call(line)

    @staticmethod
    def _need(condition: bool) -> None:
        if not condition:
            raise Unknown

    def _is_test(self, atom: Atom) -> bool:
        return atom in self.tests

    def is_fixed(self, atom: Atom) -> bool:
        """Whether it is the same in every run."""
        return atom not in self.planes and atom not in self.tests and atom not in self.late

    def _of(self, atom: Atom) -> Planes | None:
        """The planes; those of nothing for zeros; None for other numbers that do not depend on the run."""
        if isinstance(atom, Lit):
            shape = np.shape(atom.value)
            return None if np.any(atom.value) else [np.zeros(shape, np.uint64) for _ in range(-(-self.count // 64))]
        return self.planes.get(atom)

    def linear(self, atom: Atom) -> Planes:
        """The planes of what is a linear function of the unit tangents."""
        planes = self._of(atom)
        self._need(planes is not None)
        return planes or []

    def _constant(self, line: Line) -> None:
        planes = self._of(line.args[0])
        if planes is not None:
            self.planes[line.outs[0]] = [plane.copy() for plane in planes]

    def _write(self, line: Line) -> None:
        owner, value = line.args[:2]
        if self.is_fixed(owner) and self.is_fixed(value):
            return
        self._need(len(line.args) == 2)
        path, key = line.params["path"], line.params["key"]
        for plane, new in zip(self.linear(owner), self.linear(value), strict=True):
            follow(plane, path)[key] = new

    def _call(self, line: Line) -> None:
        self._need(len(line.outs) == 1)
        found = _RULES.get(line.row.name)
        if found is not None:
            planes = found(self, line)
        elif line.row in MOVES:
            planes = self._moved(line)
        else:
            self._need(line.row.kind == "linear" and all([self.is_fixed(a) for a in line.args[1:]]))
            planes = self._everywhere(line)
        self._need(np.shape(planes[0]) == line.outs[0].type.shape)
        self.planes[line.outs[0]] = [np.asarray(plane) for plane in planes]

    def _moved(self, line: Line) -> Planes:
        parts = [self.linear(a) for a in line.args]
        return [line.op(*planes, **line.params) for planes in zip(*parts, strict=True)]

    def _everywhere(self, line: Line) -> Planes:
        """Any element of the result may depend on any of the argument."""
        shape = line.outs[0].type.shape
        return [np.full(shape, np.bitwise_or.reduce(p, axis=None)) for p in self.linear(line.args[0])]


def _bits(table: Any) -> Planes:
    """Where a table of runs × shape is not zero."""
    planes = [np.zeros(table.shape[1:], np.uint64) for _ in range(-(-len(table) // 64))]
    for b, entry in enumerate(table != 0):
        planes[b // 64] |= entry.astype(np.uint64) << np.uint64(b % 64)
    return [np.asarray(plane) for plane in planes]


# ── what lines do to the sets ──


def _added(state: Sparsity, line: Line) -> Planes:
    parts = [state.linear(a) for a in line.args]
    return [reduce(np.bitwise_or, planes) for planes in zip(*parts, strict=True)]


def _scaled(state: Sparsity, line: Line) -> Planes:
    """One factor depends on the run."""
    a, b = line.args
    inner, factor = (b, a) if state.is_fixed(a) else (a, b)
    return _times(state, line, inner, factor)


def _divided(state: Sparsity, line: Line) -> Planes:
    return _times(state, line, *line.args)


def _times(state: Sparsity, line: Line, inner: Atom, factor: Atom) -> Planes:
    if not state.is_fixed(factor):
        raise Unknown
    shape = line.outs[0].type.shape
    return [np.broadcast_to(p, shape).copy() for p in state.linear(inner)]


def _itself(state: Sparsity, line: Line) -> Planes:
    return [p.copy() for p in state.linear(line.args[0])]


def _chosen(state: Sparsity, line: Line) -> Planes:
    condition, a, b = line.args
    if not state.is_fixed(condition):
        raise Unknown
    shape = line.outs[0].type.shape
    pairs = zip(state.linear(a), state.linear(b), strict=True)
    return [np.broadcast_to(p | q, shape).copy() for p, q in pairs]


def _summed(state: Sparsity, line: Line) -> Planes:
    axis, keepdims = line.params.get("axis"), bool(line.params.get("keepdims"))
    return [np.bitwise_or.reduce(p, axis=axis, keepdims=keepdims) for p in state.linear(line.args[0])]


def _product(state: Sparsity, line: Line) -> Planes:
    """A row of the left factor meets a column of the right one."""
    a, b = line.args
    left = state.is_fixed(b)
    if not left and not state.is_fixed(a):
        raise Unknown
    other = b if left else a
    shape, rank = line.outs[0].type.shape, len(other.type.shape)
    made: Planes = []
    for p in state.linear(a if left else b):
        alone = np.ndim(p) == 1
        whole = np.bitwise_or.reduce(p, axis=-1 if left or alone else -2, keepdims=rank > 1 and not alone)
        made.append(np.broadcast_to(whole, shape).copy())
    return made


_RULES: dict[str, Callable[[Sparsity, Line], Planes]] = {
    "numpy.add": _added, "numpy.subtract": _added, "numpy.multiply": _scaled, "numpy.divide": _divided,
    "numpy.negative": _itself, "numpy.positive": _itself, "numpy.conjugate": _itself, "numpy.where": _chosen,
    SUM.name: _summed, MEAN.name: _summed, MATMUL.name: _product, DOT.name: _product,
    **{row.name: _itself for row in (COPY, *COPY_AS.values())},
}  # fmt: skip
MOVES = {
    GETITEM, RESHAPE, SQUEEZE, EXPAND, TRANSPOSE, SWAPAXES, MOVEAXIS, BROADCAST_TO, ROLL, REPEAT, TILE,
    CONCATENATE, STACK, *ATLEAST.values(),
}  # fmt: skip
"""Rows whose results are elements of their arguments, in other places."""
_OF_TESTS = frozenset({"numpy.any", "numpy.logical_or", "numpy.bitwise_or"})
