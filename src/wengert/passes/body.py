"""The body of a loop, found from the lines of its runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var
from wengert.ir.trace import Trace, nameless
from wengert.record.index import getitem
from wengert.record.varying import HOLE, SET, TAKE

if TYPE_CHECKING:
    from wengert.passes.reroll import Reroll

Position = tuple[int, int]
"""(line of the body, number of its result)."""


class Misfit(Exception):
    """The stretch is no loop; `run` is the first run that does not fit, if it is known."""

    def __init__(self, run: int | None = None) -> None:
        super().__init__()
        self.run = run


@dataclass(eq=False)
class Carried:
    """A value that each run hands to the next: `inner` is what the body calls it, `last` what it hands on.
    `position` is where it is computed; `owner` the array that is written to, if it is one. `afterwards` are
    the variables of the old trace that are its last value."""

    first: Atom
    inner: Var
    position: Position | None = None
    owner: Var | None = None
    last: Any = None
    afterwards: list[Var] = field(default_factory=list[Var])

    @property
    def written(self) -> bool:
        """Whether it is an array that the body writes to."""
        return self.owner is not None


@dataclass(eq=False)
class Stepped:
    """A sequence, or a counter, of which run k sees start + k·step."""

    source: Any
    inner: Var
    start: int
    step: int


class Body:
    """The lines of one run, with names of their own for what comes from outside."""

    def __init__(self, whole: Reroll, start: int, period: int, count: int) -> None:
        self.whole, self.start, self.period, self.count = whole, start, period, count
        self.end = start + period * count
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

    def variable(self, position: Position, k: int) -> Var:
        """What run k called a result."""
        return self.at(position[0], k).outs[position[1]]

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
        atoms = [self.at(j, k).args[a] for k in range(self.count)]
        second = self._where(atoms[1])
        if second is not None:
            return self._own(atoms, second)
        first = atoms[0]
        if isinstance(first, Var) and atoms[1] is first:
            for k, x in enumerate(atoms):
                if x is not first:
                    raise Misfit(k)
            return self._outer(first)
        if isinstance(first, Lit) and isinstance(atoms[1], Lit):
            return self._constants(atoms)
        return self._collected(atoms)

    def _own(self, atoms: list[Atom], second: tuple[int, Position]) -> Atom:
        """A result of the same run, or of the one before."""
        run, (j, number) = second
        lag = 1 - run
        lines, start, period = self.whole.lines, self.start + j, self.period
        for k in range(lag, self.count):
            if lines[start + (k - lag) * period].outs[number] is not atoms[k]:
                raise Misfit(k)
        if lag == 0:
            return self._inner[j, number]
        if self._where(atoms[0]) is not None:
            raise Misfit(1)
        return self._carry((j, number), atoms[0]).inner

    def _carry(self, position: Position, first: Atom) -> Carried:
        key = (position, first if isinstance(first, Var) else _known(first))
        carried = self._carried_by.get(key)
        if carried is None:
            t = self.variable(position, 0).type
            if first.type.shape != t.shape or _dtype(first.type) != _dtype(t):
                raise Misfit(1)
            carried = self._carried_by[key] = Carried(first, Var(t), position)
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

    def _constants(self, atoms: list[Atom]) -> Atom:
        """One constant, or a table of numbers."""
        keys = [_known(x) if isinstance(x, Lit) else None for x in atoms]
        different = [k for k, key in enumerate(keys) if key != keys[0]]
        if not different:
            return atoms[0]
        values: list[Any] = [x.value if isinstance(x, Lit) else None for x in atoms]
        for k, v in enumerate(values):
            if not _is_entry(v, values[0]):
                raise Misfit(k if k else different[0])
        table = Lit(np.array(values))
        return self._sequence(("table", tuple(keys)), table, atoms[0].type, 0, 1)

    def _collected(self, atoms: list[Atom]) -> Atom:
        """What an earlier loop collected, in order or in reverse."""
        places: list[Any] = [self.whole.place.get(x) if isinstance(x, Var) else None for x in atoms]
        if places[0] is None or places[1] is None:
            raise Misfit(1)
        number, begin, position = places[0]
        step = places[1][1] - begin
        for k, place in enumerate(places):
            if place != (number, begin + k * step, position):
                raise Misfit(k)
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
            for k in range(1, self.count):
                if not _same(dict(self.at(j, k).params), dict(first)):
                    raise Misfit(k)

    def _read(self, j: int, line: Line, args: tuple[Atom, ...], outs: tuple[Var, ...]) -> None:
        key, counters = self._key([self.at(j, k).params["key"] for k in range(self.count)])
        if not counters:
            self.lines.append(replace(line, args=args, outs=outs))
            return
        self.lines.append(Line(TAKE, TAKE.op, (*args, *counters), {"key": key}, outs, line.origin))

    def _write(self, j: int, line: Line, args: tuple[Atom, ...]) -> None:
        keys = [_whole_key(self.at(j, k)) for k in range(self.count)]
        key, counters = (None, []) if keys[0] is None else self._key(keys)
        if not counters:
            self._need_same_params(j)
            self.lines.append(replace(line, args=args))
            return
        owner = self.at(j, 0).args[0]
        assert isinstance(owner, Var)
        after = Var(owner.type)
        self.lines.append(Line(SET, SET.op, (*args, *counters), {"key": key}, (after,), line.origin))
        inside = self._where(owner)
        if inside is not None:
            self._inner[inside[1]] = after
        else:
            self._renamed[owner] = after

    def _key(self, keys: list[Any]) -> tuple[Any, list[Var]]:
        """(an index with holes, the counters that fill them)."""
        if all(_same(key, keys[0]) for key in keys):
            return keys[0], []
        if type(keys[0]) is not tuple:
            return HOLE, [self._counter(keys)]
        parts: list[Any] = []
        counters: list[Var] = []
        for column in zip(*keys, strict=True):
            if all(_same(x, column[0]) for x in column):
                parts.append(column[0])
            else:
                parts.append(HOLE)
                counters.append(self._counter(list(column)))
        return tuple(parts), counters

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
                if line.args[0] in self.whole.place:
                    raise Misfit(None)
                owners.add(line.args[0])
        return owners

    def _close(self, carried: Carried) -> None:
        if carried.owner is not None:
            carried.last = self._renamed.get(carried.owner, carried.inner)
            carried.afterwards = [carried.owner]
        else:
            assert carried.position is not None
            carried.last = self._inner[carried.position]
            carried.afterwards = [self.variable(carried.position, self.count - 1)]

    def _refuse_later_writes(self) -> None:
        """A result of the body that is written to in another run, or outside, is one piece of memory: no loop."""
        for var, i in self.whole.last_write.items():
            where = self._where(var)
            if (
                where is not None
                and not self.start + where[0] * self.period <= i < self.start + (where[0] + 1) * self.period
            ):
                raise Misfit(None)

    def collected_positions(self) -> list[Position]:
        """The results that are used outside, other than as the last value of what is carried."""
        last = {var for carried in self.carried for var in carried.afterwards}
        found: list[Position] = []
        for j in range(self.period):
            for number in range(len(self.at(j, 0).outs)):
                variables = [self.at(j, k).outs[number] for k in range(self.count)]
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


def _dtype(t: Type) -> str:
    return {"float": "f64", "int": "i64"}.get(t.dtype, t.dtype)


def _known(atom: Lit) -> Any:
    """A constant as something to compare; numbers that are equal but not alike (0.0 and −0.0) differ."""
    x = atom.value
    if isinstance(x, np.ndarray):
        return (x.dtype.str, x.shape, x.tobytes())
    return (type(x), repr(x)) if isinstance(x, (int, float, np.generic)) else id(x)


def _is_entry(x: Any, first: Any) -> bool:
    """Whether x can stand in one table with `first`: a float, or an array of its shape and dtype."""
    if isinstance(first, np.ndarray):
        return isinstance(x, np.ndarray) and x.shape == first.shape and x.dtype == first.dtype
    return isinstance(x, (float, np.floating)) and np.result_type(x) == np.result_type(first)


def _same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[name], b[name]) for name in a)
    return type(a) is type(b) and bool(a == b)


def _whole_key(line: Line) -> Any:
    """The index of a write into its owner, through at most one element of it; None if it is another kind of write."""
    path, key = line.params["path"], line.params["key"]
    if not path:
        return key
    if len(path) == 1 and path[0][0] is getitem and key is Ellipsis:
        return path[0][1]["key"]
    return None
