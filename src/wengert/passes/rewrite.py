"""Apply rewrites to a trace: one sweep over the lines, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Var
from wengert.ir.trace import Trace
from wengert.passes.cse import key_of
from wengert.passes.effects import Memory, is_fresh, renamed, renamed_outputs
from wengert.passes.pattern import Call, Leaf, Rewrite, Template, pattern, template

_DEEPEST = 8
"""So many times what a rewrite gave is looked at again."""


class Table:
    """Rewrites by the row of the last line of their patterns."""

    def __init__(self, rewrites: tuple[Rewrite, ...]) -> None:
        self.rewrites = rewrites
        self._by_row: dict[str, list[Rewrite]] | None = None
        self._templates: dict[Any, Template | None] = {}

    def __call__(self, trace: Trace, pinned: frozenset[Var] = frozenset()) -> Trace:
        """The trace rewritten."""
        by_row = self.by_row()
        if not any([line.row.name in by_row for line in trace.lines]):
            return trace
        return _Sweep(self, trace, pinned).run()

    def by_row(self) -> dict[str, list[Rewrite]]:
        """The rewrites that may begin at a line, by the name of its row: Python's numbers have rows of their own."""
        known = self._by_row
        if known is None:
            known = {}
            for r in self.rewrites:
                known.setdefault(pattern(r).row.name, []).append(r)
            self._by_row = known
        return known

    def template(self, rewrite: Rewrite, bound: tuple[Any, ...]) -> Template | None:
        """What replaces the pattern, recorded once per types."""
        kinds = [("value", x.type) if isinstance(x, (Var, Lit)) else key_of(x) for x in bound]
        key = (rewrite, *kinds)
        if key not in self._templates:
            if len(self._templates) > _MOST_TEMPLATES:
                self._templates.clear()
            self._templates[key] = template(rewrite, bound)
        return self._templates[key]


_MOST_TEMPLATES = 4096


class _Sweep:
    """A trace while it is rewritten. `now` is what replaced variables are called."""

    def __init__(self, table: Table, trace: Trace, pinned: frozenset[Var]) -> None:
        self.table, self.trace = table, trace
        self.memory = Memory(trace, pinned)
        self.outputs = {a for a in trace.outputs if isinstance(a, Var)}
        self.uses = Counter([a for line in trace.lines for a in line.args if isinstance(a, Var)])
        self.uses.update([a for a in trace.outputs if isinstance(a, Var)])
        self.defined: dict[Var, tuple[Line, int]] = {}
        self.now: dict[Var, Atom] = {}
        self.lines: list[Line] = []
        self.dropped: set[Line] = set()

    def run(self) -> Trace:
        """The new trace."""
        for old in self.trace.lines:
            self._enter(renamed(old, self.now), _DEEPEST)
        if not self.now:
            return self.trace
        lines = tuple([line for line in self.lines if line not in self.dropped] if self.dropped else self.lines)
        return replace(self.trace, lines=lines, outputs=renamed_outputs(self.trace, self.now))

    def _enter(self, line: Line, depth: int) -> None:
        """Add the line, or what replaces it."""
        candidates = self.table.by_row().get(line.row.name, ()) if depth and len(line.outs) == 1 else ()
        for rewrite in candidates:
            found = self._replacement(rewrite, line)
            if found is not None:
                self._substitute(line, *found, depth)
                return
        self.lines.append(line)
        for n, out in enumerate(line.outs):
            self.defined[out] = line, n

    def _replacement(self, rewrite: Rewrite, line: Line) -> tuple[Template, tuple[Any, ...]] | None:
        out = line.outs[0]
        if out in self.memory.changing or out in self.memory.before:
            return None
        match, whole = _Match(self), pattern(rewrite)
        if not self._may_fit(whole, line):
            return None
        for bound in match.line(whole, line, {}):
            values = tuple([bound[k] for k in range(len(rewrite.arguments))])
            if not self._applies(rewrite, values, out, match.inner):
                continue
            made = self.table.template(rewrite, values)
            if made is not None and self._result(made, values).type == out.type:
                if rewrite.once:  # nobody else uses them, and some would stay because they may raise
                    self.dropped.update([self.defined[v][0] for v in match.inner])
                return made, values
        return None

    def _may_fit(self, call: Call, line: Line) -> bool:
        """Whether the arguments are of the right sort: looked at first, for most lines do not fit."""
        args = line.args
        if len(args) != len(call.args):
            return False
        if all(map(self._is_sort, call.args, args)):
            return True
        return call.row.op in _COMMUTATIVE and all(map(self._is_sort, call.args, args[::-1]))

    def _is_sort(self, part: Leaf | Call | Lit, atom: Atom) -> bool:
        if type(part) is Leaf:
            return True
        if type(part) is Lit:
            return type(atom) is Lit
        known = self.defined.get(atom) if type(atom) is Var else None
        return known is not None and known[0].row.name == part.row.name  # type: ignore[union-attr]

    def _applies(self, rewrite: Rewrite, values: tuple[Any, ...], out: Var, inner: list[Var]) -> bool:
        atoms = [x for x in values if isinstance(x, (Var, Lit))]
        if not all([_kind(a) in rewrite.kinds or _is_whole(a) for a in atoms]) or any(
            [a in self.memory.changing for a in atoms]
        ):
            return False
        if rewrite.once and any([self.uses[v] > 1 for v in inner]):
            return False
        if rewrite.copies and out in self.outputs and not all([self._is_own(a) for a in atoms]):
            return False
        return rewrite.where is None or rewrite.where(*values)

    def _is_own(self, atom: Atom) -> bool:
        """Whether it is memory that nobody else has, so that it can leave the function as it is."""
        if atom.type.python:
            return True
        known = self.defined.get(atom) if isinstance(atom, Var) else None
        return known is not None and is_fresh(known[0]) and atom not in self.outputs

    @staticmethod
    def _result(made: Template, values: tuple[Any, ...]) -> Atom:
        given = [x for x in values if isinstance(x, (Var, Lit))]
        return dict(zip(made.inputs, given, strict=True)).get(made.result, made.result)  # type: ignore[arg-type]

    def _substitute(self, line: Line, made: Template, values: tuple[Any, ...], depth: int) -> None:
        given = [x for x in values if isinstance(x, (Var, Lit))]
        names: dict[Var, Atom] = dict(zip(made.inputs, given, strict=True))
        for new in made.lines:
            outs = tuple([Var(o.type) for o in new.outs])
            args = renamed(new, names).args
            renewed = Line(new.row, new.op, args, new.params, outs, line.origin, new.many)
            for a in args:
                if type(a) is Var:
                    self.uses[a] += 1
            self._enter(renewed, depth - 1)
            names.update({o: self.now.get(v, v) for o, v in zip(new.outs, outs, strict=True)})
        result = names.get(made.result, made.result) if isinstance(made.result, Var) else made.result
        self.now[line.outs[0]] = result
        if isinstance(result, Var):
            self.uses[result] += self.uses[line.outs[0]]
            if line.outs[0] in self.outputs:
                self.outputs.add(result)


_COMMUTATIVE = {np.add, np.multiply, np.maximum, np.minimum, np.logical_and, np.logical_or}


class _Match:
    """The ways in which a pattern fits. `inner` are the results of lines that the last way goes through."""

    def __init__(self, sweep: _Sweep) -> None:
        self.sweep = sweep
        self.inner: list[Var] = []

    def line(self, call: Call, line: Line, bound: dict[int, Any]) -> Iterator[dict[int, Any]]:
        """The bindings under which a line is what the pattern says."""
        if call.row.name != line.row.name or len(call.args) != len(line.args):
            return
        params = self._params(call, line, bound)
        if params is None:
            return
        yield from self._args(call.args, line.args, params)
        if call.row.op in _COMMUTATIVE:
            yield from self._args(call.args, line.args[::-1], params)

    def _args(self, parts: tuple[Any, ...], atoms: tuple[Atom, ...], bound: dict[int, Any]) -> Iterator[dict[int, Any]]:
        if not parts:
            yield bound
            return
        for known in self._atom(parts[0], atoms[0], bound):
            yield from self._args(parts[1:], atoms[1:], known)

    def _atom(self, part: Leaf | Call | Lit, atom: Atom, bound: dict[int, Any]) -> Iterator[dict[int, Any]]:
        if isinstance(part, Leaf):
            if part.k not in bound:
                yield {**bound, part.k: atom}
            elif _is_same(bound[part.k], atom):
                yield bound
        elif isinstance(part, Lit):
            if isinstance(atom, Lit) and _is_number(atom.value, part.value):
                yield bound
        elif isinstance(atom, Var) and atom not in self.sweep.memory.changing:
            line, out = self.sweep.defined.get(atom, (None, 0))
            if line is not None and out == part.out:
                self.inner.append(atom)
                yield from self.line(part, line, bound)
                self.inner.pop()

    @staticmethod
    def _params(call: Call, line: Line, bound: dict[int, Any]) -> dict[int, Any] | None:
        if call.params.keys() != line.params.keys():
            return None
        for name, x in call.params.items():
            value = line.params[name]
            if not isinstance(x, Leaf):
                if key_of(x) != key_of(value):
                    return None
            elif x.k not in bound:
                bound = {**bound, x.k: value}
            elif key_of(bound[x.k]) != key_of(value):
                return None
        return bound


def _is_same(a: Any, b: Atom) -> bool:
    return a is b or (isinstance(a, Lit) and isinstance(b, Lit) and key_of(a.value) == key_of(b.value))


def _is_number(x: Any, number: Any) -> bool:
    """Whether every element of x is that number, of that sign."""
    if isinstance(x, np.ndarray):
        if not x.size or x.dtype.kind not in "fiub" or x.flat[0] != number:
            return False
        if any(x.strides) and not np.all(x == number):
            return False
        return bool(number != 0 or np.all(np.signbit(x) == np.signbit(number))) if x.dtype.kind == "f" else True
    if isinstance(x, (bool, int, float, np.generic)) and not np.iscomplexobj(x) and x == number:
        return bool(number != 0 or np.signbit(float(x)) == np.signbit(float(number)))
    return False


def _is_whole(atom: Atom) -> bool:
    """Whether it is a constant of Python's, which is as good as a float beside one."""
    return isinstance(atom, Lit) and type(atom.value) is int


def _kind(atom: Atom) -> str:
    return {"float": "f", "int": "i", "bool": "b", "complex": "c"}.get(atom.type.dtype, atom.type.dtype[0])
