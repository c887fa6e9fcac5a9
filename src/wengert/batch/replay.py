"""Replay the recording of one example on a batch of examples, as far as they go the same way."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any

import numpy as np

from wengert.batch.guard import agreeing
from wengert.batch.line import Ragged, Unbatchable, run_line
from wengert.batch.table import Given, compute, has_rule
from wengert.batch.write import write
from wengert.ir.dce import raises
from wengert.ir.text import PYTHON
from wengert.record.apply import INPUT, PICK
from wengert.record.index import CONSTANT, COPY, WRITE
from wengert.record.observe import GUARD
from wengert.record.value import Array, Line, Scalar, concrete, follow, is_value

_arange = np.arange


class Replay:
    """One run of the lines. `members` are the examples that still go the way of the recorded one.

    `values[s]` is what line s has defined, with a leading axis (one entry per member) if `many[s]`.
    """

    def __init__(self, lines: list[Line], writes: list[int], outputs: list[int], count: int) -> None:
        self.lines = lines
        self.written = {lines[i][1][0] for i in writes}
        self.owned: set[int] = set()
        self.members: Any = _arange(count)
        self.values: list[Any] = [None] * len(lines)
        self.many = [False] * len(lines)
        self.outputs = outputs
        self.live, self.last = liveness(lines, outputs)

    def run(self, inputs: list[Any], many: Iterable[bool] = repeat(True)) -> list[tuple[Any, bool]]:
        """(value, whether it has a leading axis) of each output slot (None for -1), given the inputs' batches, or,
        where `many` is False, an input that all examples have.

        Without warnings: the lines of a derivative divide by zero where nobody looks.
        """
        given = zip(inputs, many, strict=False)
        with np.errstate(**{kind: "ignore" for kind, do in np.geterr().items() if do == "warn"}):  # type: ignore[arg-type]
            for i, line in enumerate(self.lines):
                if line[0] is INPUT:
                    self.values[i], self.many[i] = next(given)
                elif self.live[i]:
                    self._run(i, line)
                self._forget(i, line)
        return [(None, False) if s < 0 else (self.values[s], self.many[s]) for s in self.outputs]

    def _run(self, i: int, line: Line) -> None:
        row, slots, _, args, params, _ = line
        if row is GUARD:
            self._guard(slots[0], args[0], params)
        elif row is WRITE:
            self._write(line)
        elif row is PICK:
            self.values[i], self.many[i] = self.values[slots[0]][params["k"]], self.many[slots[0]]  # type: ignore[index]
        else:
            self._call(i, line)

    def _call(self, i: int, line: Line) -> None:
        row, slots, y, args, params, _ = line
        y = args[0] if row is COPY else y  # the copy of what is written to afterwards
        xs = [a if s < 0 else self.values[s] for s, a in zip(slots, args, strict=True)]
        many = [s >= 0 and self.many[s] for s in slots]
        if not any(many):
            z = compute(row, xs, params)
        else:
            try:
                z = run_line(Given(row, xs, many, args, y, len(self.members)), params or {})
            except Ragged as ragged:
                self._narrow(ragged.agree)
                return self._call(i, line)
            _check(z, y, len(self.members))
        self.values[i], self.many[i] = self._apart(z, xs, slots), any(many)
        return None

    def _apart(self, z: Any, xs: list[Any], slots: Any) -> Any:
        """z in memory of its own, where that of an argument is written to later."""
        if type(z) in (np.ndarray, Array) and any([s in self.written for s in slots if s >= 0]):
            return z.copy() if z.base is not None or any([z is x for x in xs]) else z
        return z

    def _guard(self, s: int, example: Any, params: Any) -> None:
        if self.many[s]:
            agree = agreeing(self.values[s], example, params["read"], params["value"])
            if not agree.all():
                self._narrow(agree)

    def _narrow(self, agree: Any) -> None:
        """Go on with those examples alone."""
        if not agree[0]:
            raise Unbatchable("the recorded example itself goes another way, by rounding")
        kept = np.flatnonzero(agree)
        self.members = self.members[kept]
        for s, x in enumerate(self.values):
            if self.many[s] and x is not None:
                self.values[s] = tuple([part[kept] for part in x]) if isinstance(x, (tuple, list)) else x[kept]
                self.owned.discard(s)

    def _write(self, line: Line) -> None:
        _, (owner, slot), _, (like, constant), params, _ = line
        value = self.values[slot] if slot >= 0 else constant
        many = slot >= 0 and self.many[slot]
        if many and not self.many[owner]:
            before = self.values[owner]
            shape = (len(self.members), *np.shape(concrete(before)))
            self.values[owner] = _copied(np.broadcast_to(before, shape))
            self.many[owner] = True
        elif owner not in self.owned:
            self.values[owner] = _copied(self.values[owner])
        self.owned.add(owner)
        assert params is not None
        if self.many[owner]:
            self.values[owner] = write(self.values[owner], like, params["path"], params["key"], value, many)
        else:
            target = self.values[owner]
            if is_value(value) and not is_value(target):
                target = Array(target)
            follow(target, params["path"])[params["key"]] = value
            self.values[owner] = target

    def _forget(self, i: int, line: Line) -> None:
        """Let go of what is not read again."""
        for s in line[1]:
            if s >= 0 and self.last[s] <= i:
                self.values[s] = None


def _copied(x: Any) -> Any:
    """x in memory of its own, laid out so that its reshapes are views."""
    return np.array(x, order="C") if not is_value(x) else x if type(x) is Scalar else x.copy()


_OURS = {INPUT, PICK, WRITE, GUARD, CONSTANT}
"""The lines that compute nothing."""


def liveness(lines: list[Line], outputs: list[int]) -> tuple[list[bool], list[int]]:
    """Which lines the outputs and guards depend on, and the last line that reads each slot."""
    live, last = [False] * len(lines), [-1] * len(lines)
    for s in outputs:
        if s >= 0:
            live[s], last[s] = True, len(lines)
    for i in range(len(lines) - 1, -1, -1):
        row, slots, *_ = lines[i]
        if row is GUARD or (row is WRITE and live[slots[0]]) or _counts(lines[i]):
            live[i] = True
        if live[i]:
            for s in slots:
                if s >= 0:
                    live[s] = True
                    last[s] = max(last[s], i)
    return live, last


def _counts(line: Line) -> bool:
    """Whether a program may have gone by the line without reading its result: by its shape, if the row has no rule, or
    by whether it raised."""
    row, python = line[0], type(concrete(line[2])) in _PYTHONS
    op = PYTHON.get(row.op, row.op) if python else row.op
    return row not in _OURS and (not has_rule(row) or raises(row.name, op, python))


_PYTHONS = {float, complex, int}


def _check(z: Any, y: Any, count: int) -> None:
    """A rule must give what one example has, with a leading axis."""
    if isinstance(z, (tuple, list)):
        for part, like in zip(z, y, strict=True):
            _check(part, like, count)
    elif np.shape(concrete(z)) != (count, *np.shape(concrete(y))):
        raise Unbatchable(f"a result of shape {np.shape(concrete(z))} for {count} examples of {np.shape(concrete(y))}")
