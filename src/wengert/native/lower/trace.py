"""A whole trace as a graph: its inputs, outputs, and the conditions under which it holds."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Var
from wengert.ir.trace import Trace
from wengert.native.accumulate import accumulated
from wengert.native.lower import contract as contract
from wengert.native.lower import elements as elements
from wengert.native.lower import exponentials as exponentials
from wengert.native.lower import folds as folds
from wengert.native.lower import pieces as pieces
from wengert.native.lower import places as places
from wengert.native.lower import products as products
from wengert.native.lower import scans as scans
from wengert.native.lower import solvers as solvers
from wengert.native.lower import statistics as statistics
from wengert.native.lower import systems as systems
from wengert.native.lower import transforms as transforms
from wengert.native.lower import windows as windows
from wengert.native.lower.elements import python_function, truth
from wengert.native.lower.joined import JOINED
from wengert.native.lower.places import taken
from wengert.native.lower.table import LOWER, memory_of
from wengert.native.lower.ufuncs import by_loop
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import NARROW, Node
from wengert.native.piecewise import is_box
from wengert.native.views import flat_places, forms_of_places, view_forms
from wengert.passes.complex_values import is_complex
from wengert.record.observe import as_array, plain_copy
from wengert.record.varying import SET
from wengert.rules.loop import LOOP
from wengert.sweep.reverse import is_paired


class Graph:
    """A trace as nodes. `guards` are the trace's own, `checks` those under which the nodes are right;
    `looking` are the loops with guards in them, which run even if nobody reads their results;
    `calls` are the lines that are given to NumPy, with the reason. Of a loop's body, the first
    `carried` inputs are what it hands on from run to run."""

    def __init__(self, trace: Trace, carried: int = 0) -> None:
        self.maker = Maker()
        self.calls: list[tuple[Line, str]] = []
        self.guards: list[Node] = []
        self.guard_lines: list[Line] = []
        self.looking: list[Node] = []
        self.loop: Any = None
        self._env: dict[Var, Node] = {}
        self.inputs = [self.maker.input(k, *memory_of(v.type)) for k, v in enumerate(trace.inputs)]
        self._env.update(zip(trace.inputs, self.inputs, strict=True))
        for line in trace.lines:
            self._line(line)
        self.outputs = [self._atom(a) for a in trace.outputs]
        self.checks = self.maker.checks
        self._accumulate(carried)

    def _accumulate(self, carried: int) -> None:
        """Products that are added to something are made one node with the sum."""
        wanted = self.outputs, self.guards, self.checks, self.looking
        new = accumulated([n for nodes in wanted for n in nodes], carried)
        self.outputs, self.guards, self.checks, self.looking = ([new[n] for n in nodes] for nodes in wanted)
        self._env = {var: new.get(node, node) for var, node in self._env.items()}

    @property
    def values(self) -> dict[Var, Node]:
        """The node of each variable; of an owner that is written to, the last one."""
        return self._env

    def _atom(self, atom: Atom) -> Node:
        if isinstance(atom, Var):
            return self._env[atom]
        x = atom.value
        if isinstance(x, (bool, int, float, np.generic, np.ndarray)):
            if isinstance(x, int) and not -(2**63) <= x < 2**63:
                raise Unsupported("a whole number beyond 64 bits")
            return self.maker.constant(x)
        raise Unsupported(f"a constant of type {type(x).__name__}")

    def _line(self, line: Line) -> None:
        if line.kind == "guard":
            self._guard(line)
        elif line.kind == "write":
            self._write(line)
        elif line.kind == "constant":
            self._env[line.outs[0]] = self._atom(line.args[0])
        else:
            self._enter(line, self._lowered(line))

    def _enter(self, line: Line, results: Any) -> None:
        results = results if isinstance(results, tuple) else (results,)
        for out, node in zip(line.outs, results, strict=True):
            if node.shape != memory_of(out.type)[0]:
                raise AssertionError(f"{line.row.name}: {node.shape} for {out.type}")
            self._env[out] = node

    def _lowered(self, line: Line) -> Any:
        if line.row is LOOP:
            return self._loop(line)
        lowering = LOWER.get(line.op) or LOWER.get(line.row.name) or python_function(line.op) or by_loop
        if _is_joined(line):
            lowering = JOINED.get(line.row.name, by_loop)
        checks = len(self.maker.checks)
        try:
            operands = tuple([self._operand(a) for a in line.args])
            if any([node is _NOTHING for node in operands]) and (line.row.broadcast or type(line.op) is np.ufunc):
                raise Unsupported("an operand that is no number")
            return lowering(self.maker, line, operands)
        except Unsupported as reason:
            del self.maker.checks[checks:]
            return self._call(line, str(reason))

    def _operand(self, atom: Atom) -> Any:
        """An argument as a node; constants that are no numbers stay with the line."""
        if isinstance(atom, Lit) and not isinstance(atom.value, (bool, int, float, np.generic, np.ndarray)):
            return _NOTHING
        return self._atom(atom)

    def _call(self, line: Line, reason: str) -> Any:
        """The line as a call of NumPy."""
        memory = [memory_of(out.type) for out in line.outs]
        given = tuple([self._env[a] for a in line.args if isinstance(a, Var)])
        call = self.maker.make("call", line, given, (), "", None)
        self.calls.append((line, reason))
        items = [self.maker.make("item", None, (call,), shape, dtype, k) for k, (shape, dtype) in enumerate(memory)]
        return tuple(items)

    def _loop(self, line: Line) -> Any:
        """A loop: its body is a graph of its own."""
        m, loop = self.maker, line.params["loop"]
        body = Graph(loop.body, loop.carried)
        body.loop = loop
        self.calls += body.calls
        counters = loop.carried + len(loop.sequences)
        inner = [*body.inputs[:counters], *body.inputs[counters + len(loop.counters) :]]
        given: list[Node] = []
        end = len(line.args) - 2 * loop.ranged
        for k, (atom, node) in enumerate(zip(line.args[:end], inner, strict=True)):
            x = m.cast(self._atom(atom), node.dtype)
            given.append(m.broadcast(x, node.shape) if not loop.carried <= k < counters else x)
        given += [m.cast(self._atom(atom), "i64") for atom in line.args[end:]]
        for k, written in enumerate(loop.written):
            body.outputs[k] = body.maker.cast(body.outputs[k], body.inputs[k].dtype)
            if not written and body.outputs[k].shape != body.inputs[k].shape:
                raise Unsupported("a loop whose carried value changes its shape")
        node = m.make("loop", body, tuple(given), (), "", None)
        self.looking += [node] if loop.looks else []
        return tuple(m.make("item", None, (node,), *memory_of(out.type), k) for k, out in enumerate(line.outs))

    # ── writes ──

    def _write(self, line: Line) -> None:
        """owner[path][key] = value: the owner is another node from here on."""
        owner, value, *parts = line.args
        if not isinstance(owner, Var):
            raise Unsupported("a write into a constant")
        x, v = self._env[owner], self.maker.cast(self._atom(value), self._env[owner].dtype)
        path, key = line.params["path"], line.params["key"]
        if parts:
            self._env[owner] = LOWER[SET.op](self.maker, line, (x, v, *[self._atom(a) for a in parts]))
            return
        self._env[owner] = write(self.maker, x, path, key, v)

    # ── guards ──

    def _guard(self, line: Line) -> None:
        read, seen = line.params["read"], line.params["value"]
        x = self._atom(line.args[0])
        self.guards.append(self._holds(x, read, seen))
        self.guard_lines.append(line)

    def _holds(self, x: Node, read: Any, seen: Any) -> Node:
        m = self.maker
        x = m.cast(x, "i64") if x.dtype in NARROW else x
        if read is bool:
            it = truth(m, x)
            return it if seen else m.map("not", it, dtype="bool")
        if read in (int, operator.index):
            return self._is_whole(x, int(seen))
        if read not in (plain_copy, as_array) or not isinstance(seen, (bool, int, float, np.generic, np.ndarray)):
            raise Unsupported(f"a guard on {read.__name__}() = {type(seen).__name__}")
        known = m.constant(np.asarray(seen))
        if known.shape != x.shape:
            raise Unsupported("a guard on a shape")
        a, b = m.promoted(x, known)
        same = m.map("eq", a, b, dtype="bool")
        return m.reduce("all", same, tuple(range(len(same.shape))))

    def _is_whole(self, x: Node, n: int) -> Node:
        """Whether int(x) is n: x cut towards zero."""
        m = self.maker
        if x.dtype == "bool":
            return m.map("eq", m.cast(x, "i64"), m.number(n, "i64"), dtype="bool")
        if x.dtype == "i64":
            return m.map("eq", x, m.number(n, "i64"), dtype="bool")
        low, high = m.number(n if n > 0 else n - 1, x.dtype), m.number(n + 1 if n >= 0 else n, x.dtype)
        above = m.map("ge" if n > 0 else "gt", x, low, dtype="bool")
        below = m.map("lt" if n >= 0 else "le", x, high, dtype="bool")
        return m.map("and", above, below, dtype="bool")


def _is_joined(line: Line) -> bool:
    """Whether an argument or a result is a complex value in one piece."""
    return any([isinstance(a, Var) and is_complex(a.type) for a in (*line.args, *line.outs)])


_NOTHING = Node("const", b"nothing", (), (), "i64", 0)
"""Stands for an argument that is not a number: the lowering finds it in the line."""


def write(m: Maker, x: Node, path: Any, key: Any, v: Node) -> Node:
    """x after x[path][key] = v."""
    if is_paired(path):
        raise Unsupported("a write through complex numbers seen as pairs")

    def region(a: Any) -> Any:
        for function, params in path:
            a = function(a, **params)
        return a[key] if isinstance(a[key], np.ndarray) else np.asarray(a[key])

    seen = view_forms(x.shape, lambda a: _region_view(a, path, key))
    if seen is not None:
        forms, shape = seen
        return m.insert(x, m.broadcast(_squeezed(m, v, shape), shape), forms)
    places = flat_places(x.shape, region)
    if not places.size:
        return x
    if not x.shape:
        return m.reshape(v, ())
    v = m.broadcast(_squeezed(m, v, places.shape), places.shape)
    forms = forms_of_places(x.shape, places)
    if forms is not None and is_box(forms, places.shape):
        return m.insert(x, v, forms)
    return m.make("scatter", "set", (x, m.constant(places), v), x.shape, x.dtype)


def _region_view(a: Any, path: Any, key: Any) -> Any:
    """a[path][key] as a view even of one element; a copy where NumPy copies."""
    for function, params in path:
        a = function(a, **params)
    return taken(a, key)


def _squeezed(m: Maker, v: Node, shape: tuple[int, ...]) -> Node:
    """v without leading axes of length 1 that a write leaves out."""
    extra = len(v.shape) - len(shape)
    if extra > 0:
        if any(n != 1 for n in v.shape[:extra]):
            raise Unsupported("a write of another shape")
        return m.reshape(v, v.shape[extra:])
    return v
