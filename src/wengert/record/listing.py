"""A finished recording, made with `traces`, as lines of the language."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Lit, Type, Var
from wengert.ir.line import Line as Listed
from wengert.ir.text import PYTHON
from wengert.record.apply import INPUT, PICK
from wengert.record.index import CONSTANT, COPY, WRITE
from wengert.record.locate import user_frame
from wengert.record.observe import GUARD
from wengert.record.repeating import Repeating, Straight
from wengert.record.stretch import Stretch
from wengert.record.value import Line, NotApart, concrete, is_value


class Located(list[Line]):
    """Lines that remember which of the user's lines each came from."""

    def __init__(self) -> None:
        super().__init__()
        self.origins: list[tuple[str, int]] = []
        self._caller = user_frame()

    def append(self, line: Line) -> None:
        frame = user_frame()
        if frame is self._caller and self.origins:  # f has returned: what is left to do belongs to its last line
            self.origins.append(self.origins[-1])
        else:
            self.origins.append(("", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno))
        super().append(line)

    def clear(self) -> None:
        super().clear()
        self.origins.clear()

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        del self.origins[key]


class Unplaced(list[Line]):
    """Lines that did not come from any of the user's lines."""

    @property
    def origins(self) -> list[tuple[str, int]]:
        """An empty place for each line."""
        return [("", 0)] * len(self)


class _Slots(dict[int, Any]):
    """What each slot became. A slot in a stretch is a variable `beyond` the lines that are listed."""

    def __init__(self) -> None:
        super().__init__()
        self.stretches: list[Stretch] = []
        self.beyond: dict[Var, tuple[Stretch, int, Var]] = {}
        """variable → its stretch, its run there, and the variable of the same line in the run before the stretch"""

    def __missing__(self, slot: int) -> Any:
        stretch = next(stretch for stretch in self.stretches if stretch.start <= slot < stretch.end)
        k, j = divmod(slot - stretch.start, stretch.period)
        twin = self[stretch.start - stretch.period + j]
        self[slot] = (
            tuple([self._after(x, stretch, k) for x in twin]) if type(twin) is tuple else self._after(twin, stretch, k)
        )
        return self[slot]

    def _after(self, twin: Var, stretch: Stretch, k: int) -> Var:
        var = Var(twin.type)
        self.beyond[var] = stretch, k, twin
        return var


class Listing:
    """The lines of a recording, its inputs in order, what each slot became, and the file of each line.

    `older` are the values of older recordings that a recording apart has met: inputs after its own. `stretches` are
    stretches that go on after so many of the lines; who asks for them has to make loops of them.
    """

    def __init__(self, recorded: Located | Unplaced | Repeating, types: list[Type], apart: bool = False) -> None:
        self.lines: list[Listed] = []
        self.inputs: list[Var] = []
        self.files: dict[Listed, str] = {}
        self.sources: list[int] = []
        """For each of the lines, the line of the recording that it came from."""
        self._types = types
        self.slots = _Slots()
        self.stretches: list[tuple[Stretch, int]] = []
        self._guards: set[Any] = set()
        self.older: dict[Any, tuple[Var, Any]] = {}
        self._apart = apart
        for part in recorded.parts() if isinstance(recorded, Repeating) else (recorded,):
            if isinstance(part, Stretch):
                self.slots.stretches.append(part)
                self.stretches.append((part, len(self.lines)))
                continue
            for source, line, origin in _placed(part):
                self.slots[source] = self._enter(line, origin)
                self.sources.extend([source] * (len(self.lines) - len(self.sources)))

    def atom(self, slot: int, value: Any) -> Atom:
        """What was defined by that slot, or (slot -1) a constant."""
        if slot >= 0:
            return self.slots[slot]
        return self._older(value) if self._apart and is_recorded(value) else Lit(settled(value))

    def _older(self, value: Any) -> Var:
        """The variable of a value of another recording."""
        key = (value.rec.serial, value.slot)
        known = self.older.get(key)
        if known is None:
            known = self.older[key] = (Var(Type.of(concrete(value))), value)
        return known[0]

    def _enter(self, line: Line, origin: tuple[str, int]) -> Any:
        """Translate one line; return the variable (or variables) that it defines."""
        row, slots, y, args, params, _ = line
        if row is INPUT:
            self.inputs.append(Var(self._types[len(self.inputs)]))
            return self.inputs[-1]
        if row is PICK:
            assert params is not None
            return self.slots[slots[0]][params["k"]]
        if row is GUARD and self._is_repeated(slots[0], params):
            return ()
        y = concrete(y)
        defined = self.slots
        atoms = tuple([defined[s] if s >= 0 else self.atom(s, a) for s, a in zip(slots, args, strict=True)])
        op = row.op
        if _is_python(y) and op in PYTHON and all([a.type.python for a in atoms]):
            op = PYTHON[op]
        many = type(y) is tuple or isinstance(y, (tuple, list))
        if row is WRITE or row is GUARD:
            outs: tuple[Var, ...] = ()
        elif row is COPY or row is CONSTANT:
            outs = (Var(Type.of(concrete(args[0]))),)
        elif many:
            outs = tuple(Var(Type.of(concrete(part))) for part in y)
        else:
            outs = (Var(_python_type(y) if op is not row.op else Type.of(y)),)
        if self._apart and params and any([_holds_recorded(x) for x in params.values()]):
            raise NotApart
        shown = {name: settled(x) for name, x in params.items()} if params else {}
        file, number = origin
        listed = Listed(row, op, atoms, shown, outs, (_basename(file), number), many)
        self.lines.append(listed)
        self.files[listed] = file
        return outs if many or not outs else outs[0]

    def _is_repeated(self, slot: int, params: Any) -> bool:
        """Whether a guard says what an earlier one has said."""
        value = params["value"]
        key = (slot, params["read"], value.tobytes() if isinstance(value, np.ndarray) else value)
        known = key in self._guards
        self._guards.add(key)
        return known


_basename = cache(os.path.basename)


def _placed(part: Straight | Located | Unplaced) -> Iterator[tuple[int, Line, tuple[str, int]]]:
    """(slot, line, where it came from)."""
    start, lines = (part.start, part.lines) if isinstance(part, Straight) else (0, part)
    for k, (line, origin) in enumerate(zip(lines, part.origins, strict=True)):
        yield start + k, line, origin


def settled(x: Any) -> Any:
    """x without recorded values in it."""
    if is_value(x):
        return concrete(x)
    if type(x) is tuple or type(x) is list:
        return type(x)([settled(part) for part in x])
    return x


def is_recorded(x: Any) -> bool:
    """Whether x belongs to a recording."""
    return is_value(x) and x.rec is not None


def _holds_recorded(x: Any) -> bool:
    return any([_holds_recorded(part) for part in x]) if type(x) in (tuple, list) else is_recorded(x)


_PYTHONS = {float, int, complex, bool, np.bool_}


def _is_python(y: Any) -> bool:
    """Whether Python's operator gives y: a Python number, or the truth of a comparison."""
    return type(y) in _PYTHONS


def _python_type(y: Any) -> Type:
    return Type(type(y).__name__, (), True)
