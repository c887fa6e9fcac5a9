"""The two sweeps over a replayed trace, with every intermediate kept: what each line gets, and from where.

Each line is swept alone by the library's own sweeps, so the numbers are those of `jvp` and `grad`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.ir.line import Var
from wengert.record.index import WRITE
from wengert.show.replay import Ran, Replay
from wengert.show.values import Brief, brief
from wengert.sweep.forward import forward
from wengert.sweep.reverse import reverse


@dataclass(frozen=True, slots=True)
class Term:
    """What argument `k` of line `line` takes part in: `value` is ∂out/∂arg applied to its (co)tangent.

    In reverse `total` is the adjoint of the argument so far, this term included.
    """

    line: int
    k: int
    value: Brief | None
    total: Brief | None = None


@dataclass
class Swept:
    """All derivatives of one sweep.

    `of` has the tangent or adjoint of each variable at the end of the sweep (missing: zero); `at` that of
    line i where it is another: a write's is that of the value written, and forward, the result of a
    line may be written to later. `terms` are in the order in which they are computed. `stopped` says
    why the sweep could not be finished.
    """

    mode: str
    of: dict[Var, Any] = field(default_factory=dict[Var, Any])
    at: dict[int, Any] = field(default_factory=dict[int, Any])
    terms: list[Term] = field(default_factory=list[Term])
    stopped: str = ""

    def line(self, i: int, ran: Ran) -> Any:
        """The derivative beside line i; a tuple where the line has several results."""
        if i in self.at:
            return self.at[i]
        found = [self.of.get(out) for out in ran.line.outs]
        return None if not found else found[0] if len(found) == 1 else tuple(found)


def forward_sweep(run: Replay, direction: list[Any]) -> Swept:
    """ẋ of the inputs (None: zero) → v̇ of every variable."""
    swept = Swept("forward")
    swept.of.update({v: d for v, d in zip(run.trace.inputs, direction, strict=True) if d is not None})
    for i, ran in enumerate(run.lines):
        try:
            _push(swept, i, ran)
        except Exception as error:
            swept.stopped = f"line {i + 1} ({ran.line.row.name}): {error}"
            break
    return swept


def _push(swept: Swept, i: int, ran: Ran) -> None:
    given = [(k, swept.of[a]) for k, a in enumerate(ran.line.args) if isinstance(a, Var) and a in swept.of]
    if not given or ran.line.kind in ("guard", "constant") or not ran.line.row.pushes:
        return
    lines, writes, outs = ran.alone()
    total = forward(lines, writes, given, list(outs))
    if ran.line.row is WRITE:
        swept.of[ran.line.args[0]] = total[0]  # type: ignore[index]
        value = dict(given).get(1)
        swept.at[i] = value
        swept.terms.append(Term(i, 1, brief(value)))
        return
    swept.of.update({out: d for out, d in zip(ran.line.outs, total, strict=True) if d is not None})
    swept.at[i] = total[0] if len(total) == 1 else tuple(total)
    for pair in given:
        part = total if len(given) == 1 else forward(*ran.alone()[:2], [pair], list(outs))
        swept.terms.append(Term(i, pair[0], brief(part[0] if len(part) == 1 else _first(part))))


def reverse_sweep(run: Replay, cotangents: list[Any]) -> Swept:
    """ȳ of the outputs (None: zero) → v̄ of every variable."""
    swept = Swept("reverse")
    for atom, c in zip(run.trace.outputs, cotangents, strict=True):
        if isinstance(atom, Var) and c is not None:
            _add(swept, atom, _conj(c))
    for i in range(len(run.lines) - 1, -1, -1):
        try:
            _pull(swept, i, run.lines[i])
        except Exception as error:
            swept.stopped = f"line {i + 1} ({run.lines[i].line.row.name}): {error}"
            break
    swept.of = {var: _conj(c) for var, c in swept.of.items()}
    return swept


def _conj(x: Any) -> Any:
    """Adjoints are shown as gradients are, ∂y/∂Re v + i ∂y/∂Im v: the conjugate of the plain transpose."""
    return np.conj(x) if np.iscomplexobj(x) else x


def _pull(swept: Swept, i: int, ran: Ran) -> None:
    line = ran.line
    if line.row is WRITE:
        _unwrite(swept, i, ran)
        return
    if line.kind in ("guard", "constant") or not line.row.pulls or not any(out in swept.of for out in line.outs):
        return
    targets = [k for k, a in enumerate(line.args) if isinstance(a, Var) and a.type.dtype[0] in "fc"]
    lines, writes, outs = ran.alone()
    seeds = [(s, swept.of[out]) for s, out in zip(outs, line.outs, strict=True) if out in swept.of]
    for k, g in zip(targets, reverse(lines, writes, seeds, targets), strict=True):
        if g is not None:
            total = _add(swept, line.args[k], g)
            shown = seeds[0][1] if line.kind == "getitem" else g
            swept.terms.append(Term(i, k, brief(_conj(shown)), brief(_conj(total))))


def _unwrite(swept: Swept, i: int, ran: Ran) -> None:
    owner, value = ran.line.args
    if not isinstance(owner, Var) or owner not in swept.of:
        return
    lines, writes, _ = ran.alone()
    swept.of[owner], g = reverse(lines, writes, [(0, swept.of[owner])], [0, 1])
    swept.at[i] = _conj(g)
    if isinstance(value, Var) and g is not None:
        swept.terms.append(Term(i, 1, brief(_conj(g)), brief(_conj(_add(swept, value, g)))))


def _add(swept: Swept, var: Any, g: Any) -> Any:
    known = swept.of.get(var)
    swept.of[var] = g if known is None else known + g
    return swept.of[var]


def _first(parts: list[Any]) -> Any:
    return next((p for p in parts if p is not None), None)
