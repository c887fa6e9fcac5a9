"""A trace run once more at the point where it was made, every value kept, and its lines as the sweeps read them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Lit, Var
from wengert.ir.line import Line as Listed
from wengert.ir.trace import RUN, Trace
from wengert.record.apply import INPUT, PICK, broadcasts
from wengert.record.index import WRITE
from wengert.record.value import Line
from wengert.sweep.quiet import hush, loudness, restore

_INPUT: Line = (INPUT, (), None, (), None, None)


@dataclass(frozen=True, slots=True)
class Ran:
    """One line with its values: of the arguments and of the results, as they were then."""

    line: Listed
    args: tuple[Any, ...]
    values: tuple[Any, ...]

    @property
    def result(self) -> Any:
        """What the row's derivative knows as y."""
        return self.values if self.line.many else self.values[0] if self.values else None

    def alone(self) -> tuple[list[Line], list[int], tuple[int, ...]]:
        """The line as a recording of its own: (lines, writes, slots of its results).

        Argument k is input k, even where two arguments are the same variable: so a sweep over this
        recording tells what each argument contributes.
        """
        n = len(self.args)
        slots = tuple(k if isinstance(a, Var) and a.type.dtype[0] in "fc" else -1 for k, a in enumerate(self.line.args))
        params = dict(self.line.params) or None
        if self.line.row is WRITE:
            written = (np.shape(self.args[1]), bool(np.isrealobj(self.args[1])))
            return [_INPUT] * n + [(WRITE, slots, None, self.args, params, written)], [n], (0,)
        row = self.line.row
        fits = broadcasts(self.result, list(self.args), list(slots)) if row.broadcast else None
        lines = [_INPUT] * n + [(row, slots, self.result, self.args, params, fits)]
        if not self.line.many:
            return lines, [], (n,)
        lines += [(PICK, (n,), None, (None,), {"k": k}, None) for k in range(len(self.values))]
        return lines, [], tuple(range(n + 1, n + 1 + len(self.values)))


@dataclass(frozen=True)
class Replay:
    """The run of a trace: its lines with their values, and the values of its outputs.

    `stopped` says why the run ended before the last line (a function that cannot be run again);
    the lines that follow have no values.
    """

    trace: Trace
    point: tuple[Any, ...]
    lines: tuple[Ran, ...]
    outputs: tuple[Any, ...]
    stopped: str = ""

    @cached_property
    def value_of(self) -> dict[Var, Any]:
        """Every variable's value when it was defined."""
        known = dict(zip(self.trace.inputs, self.point, strict=True))
        for ran in self.lines:
            known.update(zip(ran.line.outs, ran.values, strict=True))
        return known


def replay(trace: Trace, point: tuple[Any, ...]) -> Replay:
    """Run the lines of the trace at these values of its inputs. Guards are taken as they were."""
    run = _Run(trace, point)
    before = loudness()
    try:
        hush()
        for line in trace.lines:
            run.step(line)
        return run.finished()
    except Exception as error:
        return run.finished(f"{type(error).__name__}: {error}")
    finally:
        restore(before)


class _Run:
    def __init__(self, trace: Trace, point: tuple[Any, ...]) -> None:
        self.trace = trace
        self.point = tuple(_snapshot(x) for x in point)
        self.env: dict[Var, Any] = dict(zip(trace.inputs, self.point, strict=True))
        self.written = {line.args[0] for line in trace.lines if line.row is WRITE}
        self.hot: set[int] = set()
        self.kept: list[Any] = []
        self.lines: list[Ran] = []

    def step(self, line: Listed) -> None:
        args = [self.value(a) for a in line.args]
        saved = tuple(self._saved(line, k, x) for k, x in enumerate(args))
        if line.kind in ("write", "constant"):
            ys = RUN[line.kind](line, args)
        elif line.kind == "guard":
            ys = ()
        else:
            y = line.op(*args, **line.params)
            ys = tuple(y) if line.many else (y,)
        for out, y in zip(line.outs, ys, strict=True):
            self.env[out] = y
            if out in self.written:
                self.hot.add(id(_owner(y)))
                self.kept.append(y)  # an id means something only while the object lives
        self.lines.append(Ran(line, saved, tuple(self._now(y) for y in ys)))

    def value(self, atom: Atom) -> Any:
        return atom.value if isinstance(atom, Lit) else self.env[atom]

    def _saved(self, line: Listed, k: int, x: Any) -> Any:
        """An argument as it is now; reading and writing elements needs no more than its layout."""
        return x if line.kind in ("write", "getitem") and k == 0 else self._now(x)

    def _now(self, x: Any) -> Any:
        return _snapshot(x) if type(x) is np.ndarray and id(_owner(x)) in self.hot else x

    def finished(self, stopped: str = "") -> Replay:
        outputs = () if stopped else tuple(self._now(self.value(a)) for a in self.trace.outputs)
        return Replay(self.trace, self.point, tuple(self.lines), outputs, stopped)


def _owner(x: Any) -> Any:
    while isinstance(x, np.ndarray) and isinstance(x.base, np.ndarray):
        x = x.base
    return x


def _snapshot(x: Any) -> Any:
    return x.copy(order="K") if isinstance(x, np.ndarray) else x
