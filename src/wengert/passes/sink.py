"""Compute in each run of a loop what is the same in every run, where that is cheaper than reading it.

An array that no cache holds comes from memory in every run; x does so too, if the body reads it. Then 3 − 2x
costs less where it is used than as an array of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from math import prod

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var
from wengert.ir.loop import Loop
from wengert.ir.trace import Trace
from wengert.passes.effects import Memory, renamed

_LARGE = 1 << 17
"""Bytes: about half of what is near a processor core."""
_MOST = 3
"""Operations: so many take less time than a number takes from far memory."""
_CHEAP = frozenset({np.add, np.subtract, np.multiply, np.negative})


def sink(trace: Trace) -> Trace:
    """The trace whose loops read no large array that is a few operations on another one that they read."""
    if not any([line.row.name == "loop" for line in trace.lines]):
        return trace
    changing = Memory(trace).changing
    cheap = {line.outs[0]: line for line in trace.lines if _is_cheap(line, changing)}
    lines = tuple([_sunk(line, cheap) if line.row.name == "loop" else line for line in trace.lines])
    if all([new is old for new, old in zip(lines, trace.lines, strict=True)]):
        return trace
    return replace(trace, lines=lines).dce(raising=True)


def _is_cheap(line: Line, changing: set[Var]) -> bool:
    return (
        line.op in _CHEAP
        and not line.params
        and _is_large(line.outs[0].type)
        and all([isinstance(a, Lit) or not a.type.shape or a.type == line.outs[0].type for a in line.args])
        and not any([v in changing for v in line.inputs])
    )


def _is_large(kind: Type) -> bool:
    return kind.dtype in ("f64", "f32") and prod(kind.shape) * int(kind.dtype[1:]) // 8 >= _LARGE


def _sunk(line: Line, cheap: dict[Var, Line]) -> Line:
    loop: Loop = line.params["loop"]
    body = sink(loop.body)
    moving = loop.carried + len(loop.sequences)
    first, end = moving + len(loop.counters), len(line.args) - 2 * loop.ranged
    inside: dict[Atom, Var] = dict(zip(line.args[moving:end], body.inputs[first:], strict=True))
    again: list[Line] = []
    for arg in list(inside):
        chain = _chain(arg, inside.keys() - {arg}, cheap)
        if chain:
            again += _copied(chain, inside, inside.pop(arg))
    if again:
        inputs = (*body.inputs[:first], *inside.values())
        names = tuple([f"x{k}" for k in range(len(inputs))])
        body = replace(body, parameters=names, inputs=inputs, spelled=names, lines=(*again, *body.lines))
    if body is loop.body:
        return line
    args = (*line.args[:moving], *inside, *line.args[end:])
    return replace(line, args=args, params={**line.params, "loop": replace(loop, body=body, extends=None, memo={})})


def _chain(arg: Atom, known: Set[Atom], cheap: dict[Var, Line]) -> list[Line]:
    """The lines, few and cheap, that make the argument of what is known; none if there are no such."""
    chain: list[Line] = []
    missing = [arg]
    while missing:
        last = missing.pop()
        line = cheap.get(last) if isinstance(last, Var) else None
        if line is None or len(chain) == _MOST:
            return []
        chain.insert(0, line)
        missing += [a for a in line.inputs if a not in known]
    return chain


def _copied(chain: list[Line], inside: Mapping[Atom, Var], result: Var) -> list[Line]:
    """The lines as lines of the body; the last one makes `result`."""
    outs = [*[Var(line.outs[0].type) for line in chain[:-1]], result]
    now: dict[Var, Atom] = {a: var for a, var in inside.items() if isinstance(a, Var)}
    now |= {line.outs[0]: out for line, out in zip(chain, outs, strict=True)}
    return [replace(renamed(line, now), outs=(out,)) for line, out in zip(chain, outs, strict=True)]
