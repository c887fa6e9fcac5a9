"""The body of a loop, found from the lines of its runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var
from wengert.ir.trace import Trace, nameless
from wengert.passes.carried import Beyond, Carried, Misfit, Position, Stepped
from wengert.record.alike import is_entry, known, same
from wengert.record.index import getitem
from wengert.record.varying import HOLE, SET, TAKE, Span

if TYPE_CHECKING:
    from wengert.passes.reroll import Reroll


class Body:
    """The lines of one run, with names of their own for what comes from outside.

    `seen` runs are lines of the trace. Of a stretch there are more, `beyond` these."""

    def __init__(self, whole: Reroll, start: int, period: int, seen: int, beyond: Beyond | None = None) -> None:
        self.whole, self.start, self.period, self.seen, self.beyond = whole, start, period, seen, beyond
        self.count = seen + (beyond.count if beyond else 0)
        self.end = start + period * seen
        self.sequences: list[Stepped] = []
        self.counters: list[Stepped] = []
        self.fixed: dict[Var, Var] = {}
        self.lines: list[Line] = []
        self._carried_by: dict[Any, Carried] = {}
        self._stepped_by: dict[Any, Stepped] = {}
        self._inner: dict[Position, Var] = {}
        self._renamed: dict[Var, Var] = {}
        self._written = self._written_owners()
        for j in range(period):
            self._line(j)
        self.carried = list(self._carried_by.values())
        for carried in self.carried:
            self._close(carried)
        self._refuse_later_writes()

    @property
    def origin(self) -> tuple[str, int]:
        """Where the loop is in the user's code."""
        return self.whole.lines[self.start].origin

    def at(self, j: int, k: int) -> Line:
        """Line j of run k."""
        return self.whole.lines[self.start + k * self.period + j]

    def variable(self, position: Position, k: int) -> Var | None:
        """What run k called a result; None if nobody named it."""
        j, number = position
        if k < self.seen or self.beyond is None:
            return self.at(j, k).outs[number]
        return self.beyond.variable(self.at(j, self.seen - 1).outs[number], k - self.seen)

    def type(self, position: Position) -> Type:
        """The type of a result."""
        return self.at(position[0], 0).outs[position[1]].type

    def local(self, position: Position) -> Var:
        """What the body calls a result."""
        return self._inner[position]

    # ── arguments ──

    def _where(self, atom: Atom) -> tuple[int, Position] | None:
        """(run, position) of a result of this stretch; None for anything else."""
        if not isinstance(atom, Var):
            return None
        i = self.whole.defined.get(atom, -1)
        if not self.start <= i < self.end:
            return None
        k, j = divmod(i - self.start, self.period)
        return k, (j, self.whole.lines[i].outs.index(atom))

    def _argument(self, j: int, a: int) -> Atom:
        atoms = [self.at(j, k).args[a] for k in range(self.seen)]
        last = self._where(atoms[-1])
        if last is not None:
            return self._own(atoms, *last)
        first = atoms[0]
        if isinstance(first, Var) and atoms[1] is first:
            for k, x in enumerate(atoms):
                if x is not first:
                    raise Misfit(k)
            return self._outer(first)
        if isinstance(first, Lit) and isinstance(atoms[1], Lit):
            return self._constants(atoms, j, a)
        return self._collected(atoms, j, a)

    def _own(self, atoms: list[Atom], run: int, position: Position) -> Atom:
        """A result of the same run, or of one before."""
        lag = self.seen - 1 - run
        j, number = position
        if lag > _LONGEST_LAG:
            raise Misfit(None)
        lines, start, period = self.whole.lines, self.start + j, self.period
        for k in range(lag, self.seen):
            if lines[start + (k - lag) * period].outs[number] is not atoms[k]:
                raise Misfit(k)
        if lag == 0:
            return self._inner[position]
        for k in range(lag):
            if self._where(atoms[k]) is not None:
                raise Misfit(k + 1)
        carried = None
        for i in range(1, lag + 1):
            carried = self._carry(position, atoms[lag - i], carried, i)
        assert carried is not None
        return carried.inner

    def _carry(self, position: Position, first: Atom, follows: Carried | None, lag: int) -> Carried:
        key = (follows or position, first if isinstance(first, Var) else known(first.value))
        carried = self._carried_by.get(key)
        if carried is None:
            t = self.type(position)
            if first.type.shape != t.shape or _dtype(first.type) != _dtype(t):
                raise Misfit(1)
            carried = self._carried_by[key] = Carried(first, Var(t), position, lag, follows)
        return carried

    def _outer(self, var: Var) -> Var:
        """A value from outside: changed in place by the body, or not at all."""
        if var in self._written:
            if var not in self._carried_by:
                self._carried_by[var] = Carried(var, Var(var.type), owner=var)
            return self._renamed.get(var, self._carried_by[var].inner)
        if var not in self.fixed:
            self.fixed[var] = Var(var.type)
        return self.fixed[var]

    def _constants(self, atoms: list[Atom], j: int, a: int) -> Atom:
        """One constant, or a table of numbers."""
        keys = [known(x.value) if isinstance(x, Lit) else None for x in atoms]
        different = [k for k, key in enumerate(keys) if key != keys[0]]
        if not different:
            return atoms[0]
        values: list[Any] = [x.value if isinstance(x, Lit) else None for x in atoms]
        for k, v in enumerate(values):
            if not is_entry(v, values[0]):
                raise Misfit(k if k else different[0])
        values += self.beyond.constants(self.start + j, a) if self.beyond else []
        if type(values[0]) is int:
            table, t = np.array(values, self._float_of_whole(j, values)), Type("f64")
        elif type(values[0]) is float and self._is_single(j):
            table, t = np.array(values, np.float32), Type("f32")
        else:
            table, t = np.array(values), atoms[0].type
        return self._sequence(("table", table.dtype.str, table.shape, table.tobytes()), Lit(table), t, 0, 1)

    def _is_single(self, j: int) -> bool:
        """Whether the line makes numbers of Python's single precision, to which its arrays belong."""
        dtypes = {x.type.dtype for x in self.at(j, 0).args if not x.type.python}
        return bool(dtypes & {"f32", "c64"}) and not dtypes & {"f64", "c128"}

    def _float_of_whole(self, j: int, values: list[Any]) -> Any:
        """The dtype to which whole numbers are converted before the line computes."""
        line = self.at(j, 0)
        if (
            line.row.op not in _ARITHMETIC
            or any([_dtype(x.type) != "f64" for x in (*line.outs, *line.inputs)])
            or max(map(abs, values)) > _EXACT
        ):
            raise Misfit(None)
        return np.float64

    def _collected(self, atoms: list[Atom], j: int, a: int) -> Atom:
        """What an earlier loop collected, in order or in reverse."""
        places: list[Any] = [self.whole.placed(x) if isinstance(x, Var) else None for x in atoms]
        if places[0] is None or places[1] is None:
            raise Misfit(1)
        number, begin, position = places[0]
        step = places[1][1] - begin
        for k, place in enumerate(places):
            if place != (number, begin + k * step, position):
                raise Misfit(k)
        end = self.whole.placed(self.beyond.last(self.start + j, a)) if self.beyond else None
        if self.beyond and end != (number, begin + (self.count - 1) * step, position):
            raise Misfit(None)
        whole = self.whole.collected[number][position]
        return self._sequence((number, position, begin, step), whole, atoms[0].type, begin, step)

    def _sequence(self, key: Any, source: Atom, t: Type, start: int, step: int) -> Var:
        known = self._stepped_by.get(key)
        if known is None:
            known = self._stepped_by[key] = Stepped(source, Var(t), start, step)
            self.sequences.append(known)
        return known.inner

    # ── lines ──

    def _line(self, j: int) -> None:
        line = self.at(j, 0)
        args = tuple([self._argument(j, a) for a in range(len(line.args))])
        outs = tuple([Var(out.type) for out in line.outs])
        for number, out in enumerate(outs):
            self._inner[j, number] = out
        if line.kind == "write":
            self._write(j, line, args)
        elif line.kind == "getitem":
            self._read(j, line, args, outs)
        else:
            self._need_same_params(j)
            self.lines.append(replace(line, args=args, outs=outs))

    def _need_same_params(self, j: int) -> None:
        first = self.at(j, 0).params
        if first:
            for k in range(1, self.seen):
                if not same(dict(self.at(j, k).params), dict(first)):
                    raise Misfit(k)

    def _read(self, j: int, line: Line, args: tuple[Atom, ...], outs: tuple[Var, ...]) -> None:
        keys = [self.at(j, k).params["key"] for k in range(self.seen)]
        key, counters = self._key(keys, line.args[0].type.shape)
        if not counters:
            self.lines.append(replace(line, args=args, outs=outs))
            return
        self.lines.append(Line(TAKE, TAKE.op, (*args, *counters), {"key": key}, outs, line.origin))

    def _write(self, j: int, line: Line, args: tuple[Atom, ...]) -> None:
        keys = [_whole_key(self.at(j, k)) for k in range(self.seen)]
        key, counters = (None, []) if keys[0] is None else self._key(keys, line.args[0].type.shape)
        if not counters:
            self._need_same_params(j)
            self.lines.append(replace(line, args=args))
            return
        owner = self.at(j, 0).args[0]
        assert isinstance(owner, Var)
        if args[0] in [carried.inner for carried in self._carried_by.values() if carried.owner is None]:
            raise Misfit(None)
        after = Var(owner.type)
        self.lines.append(Line(SET, SET.op, (*args, *counters), {"key": key}, (after,), line.origin))
        inside = self._where(owner)
        if inside is not None:
            self._inner[inside[1]] = after
        else:
            self._renamed[owner] = after

    def _key(self, keys: list[Any], shape: tuple[int, ...]) -> tuple[Any, list[Var]]:
        """(an index into an array of that shape, with holes; the counters that fill them)."""
        if all(same(key, keys[0]) for key in keys):
            return keys[0], []
        if type(keys[0]) is not tuple:
            hole, counter = self._hole(keys, shape[0])
            return hole, [counter]
        parts: list[Any] = []
        counters: list[Var] = []
        for axis, column in enumerate(zip(*keys, strict=True)):
            if all(same(x, column[0]) for x in column):
                parts.append(column[0])
            else:
                hole, counter = self._hole(list(column), shape[axis] if axis < len(shape) else 0)
                parts.append(hole)
                counters.append(counter)
        if any([type(p) is Span for p in parts]) and not _is_plain(parts):
            raise Misfit(None)
        return tuple(parts), counters

    def _hole(self, column: list[Any], size: int) -> tuple[Any, Var]:
        """What stands in the key for a part that moves, and the counter that fills it."""
        first = column[0]
        if type(first) is not slice:
            return HOLE, self._counter(column)
        if not all([type(x) is slice and type(x.start) is int and type(x.stop) is int for x in column]):
            raise Misfit(None)
        span = Span(first.stop - first.start, first.step or 1)
        for k, x in enumerate(column):
            if x.stop - x.start != span.extent or (x.step or 1) != span.step:
                raise Misfit(k)
        starts = [x.start for x in column]
        last = starts[0] + (self.count - 1) * (starts[1] - starts[0])
        # Beyond the ends of the axis a slice is another: shorter, or counted from the back.
        if not all([span.beginning(s).indices(size) == (s, s + span.extent, span.step) for s in (*starts, last)]):
            raise Misfit(None)
        return span, self._counter(starts)

    def _counter(self, values: list[Any]) -> Var:
        if not all(type(v) is int or isinstance(v, np.integer) for v in values):
            raise Misfit(None)
        start, step = int(values[0]), int(values[1]) - int(values[0])
        for k, v in enumerate(values):
            if v != start + k * step:
                raise Misfit(k)
        key = ("counter", start, step)
        known = self._stepped_by.get(key)
        if known is None:
            known = self._stepped_by[key] = Stepped(None, Var(Type("i64", ())), start, step)
            self.counters.append(known)
        return known.inner

    # ── what leaves the loop ──

    def _written_owners(self) -> set[Var]:
        owners: set[Var] = set()
        for j in range(self.period):
            line = self.at(j, 0)
            if line.kind == "write" and isinstance(line.args[0], Var) and self._where(line.args[0]) is None:
                if self.whole.placed(line.args[0]) is not None:
                    raise Misfit(None)
                owners.add(line.args[0])
        return owners

    def _close(self, carried: Carried) -> None:
        if carried.owner is not None:
            carried.last = self._renamed.get(carried.owner, carried.inner)
            carried.afterwards = [carried.owner]
            return
        assert carried.position is not None
        carried.last = carried.follows.inner if carried.follows else self._inner[carried.position]
        last = self.variable(carried.position, self.count - carried.lag)
        carried.afterwards = [] if last is None else [last]

    def _refuse_later_writes(self) -> None:
        """A result of the body that is written to in another run, or outside, is one piece of memory: no loop.

        But the next run may write into what is handed on to it, where nobody else knows it.
        """
        for var, i in self.whole.last_write.items():
            where = self._where(var)
            if where is None:
                if self.beyond and self.beyond.has(var):
                    raise Misfit(None)
                continue
            k, position = where
            late = (i - self.start) // self.period - k
            if late and not (late == 1 and i < self.end and self._is_handed_on(var, k, position)):
                raise Misfit(None)

    def _is_handed_on(self, var: Var, k: int, position: Position) -> bool:
        """Whether the next run alone uses a result, after its own: then it is a carried array that is written to."""
        mine = [c for c in self.carried if c.position == position]
        if len(mine) != 1 or mine[0].lag != 1 or self.whole.last_use[var] >= self.start + (k + 2) * self.period:
            return False
        first = mine[0].first
        mine[0].changed = not isinstance(first, Var) or self.whole.last_use[first] < self.start + self.period
        return mine[0].changed

    def collected_positions(self) -> list[Position]:
        """The results that are used outside, other than as the last value of what is carried."""
        last = {var for carried in self.carried for var in carried.afterwards}
        found: list[Position] = []
        for j in range(self.period):
            for number in range(len(self.at(j, 0).outs)):
                variables = [self.at(j, k).outs[number] for k in range(self.seen)]
                if self.beyond:
                    variables += self.beyond.variables(variables[-1])
                if any(self.whole.last_use.get(v, -1) >= self.end and v not in last for v in variables):
                    found.append((j, number))
        return found

    def arguments(self) -> list[Atom]:
        """The arguments of the loop's line."""
        return [*(c.first for c in self.carried), *(s.source for s in self.sequences), *self.fixed]

    def trace(self, collected: list[Var]) -> Trace:
        """The body as a trace."""
        inputs = (
            *(c.inner for c in self.carried), *(s.inner for s in self.sequences),
            *(c.inner for c in self.counters), *self.fixed.values(),
        )  # fmt: skip
        return nameless("body", inputs, self.lines, (*(c.last for c in self.carried), *collected))


_ARITHMETIC = {np.add, np.subtract, np.multiply, np.divide}
_EXACT = 2**53
_LONGEST_LAG = 4
"""What was computed more runs ago is not carried along."""


def _dtype(t: Type) -> str:
    return {"float": "f64", "int": "i64"}.get(t.dtype, t.dtype)


def _is_plain(parts: list[Any]) -> bool:
    """Whether a key of numbers and slices with one span means the same with the places of the span: of axes in order,
    numbers beside it."""
    if not all([type(p) in (int, slice, Span) or p is HOLE for p in parts]):
        return False
    numbers = [k for k, p in enumerate(parts) if type(p) is not slice]
    return sum([type(p) is Span for p in parts]) == 1 and numbers == [*range(numbers[0], numbers[-1] + 1)]


def _whole_key(line: Line) -> Any:
    """The index of a write into its owner, through at most one element of it; None if it is another kind of write."""
    path, key = line.params["path"], line.params["key"]
    if not path:
        return key
    if len(path) == 1 and path[0][0] is getitem and key is Ellipsis:
        return path[0][1]["key"]
    return None
