"""Dead-code elimination that looks into loops: results that nobody reads, and what only they need."""

from __future__ import annotations

from dataclasses import replace

from wengert.ir.dce import live_lines, may_raise
from wengert.ir.line import Line, Var
from wengert.ir.loop import Loop
from wengert.ir.trace import Trace


def prune(trace: Trace) -> Trace:
    """The trace without lines, and without results of loops, that no output and no guard needs."""
    if not any([line.row.name == "loop" for line in trace.lines]):
        return trace
    live: set[Var] = {a for a in trace.outputs if isinstance(a, Var)}
    kept: list[Line] = []
    for line in reversed(trace.lines):
        if line.row.name == "loop":
            lighter = _pruned(line, live)
            if lighter is not None:
                live.update(lighter.inputs)
                kept.append(lighter)
        elif _needed(line, live):
            live.update(line.inputs)
            kept.append(line)
    return replace(trace, lines=tuple(reversed(kept)))


def _needed(line: Line, live: set[Var]) -> bool:
    defined = line.inputs[:1] if line.kind == "write" else line.outs
    return line.kind == "guard" or may_raise(line) or any([var in live for var in defined])


def _pruned(line: Line, live: set[Var]) -> Line | None:
    """The loop with those results that are live, or that its own runs need."""
    loop: Loop = line.params["loop"]
    wanted = [out in live for out in line.outs]
    if not any(wanted) and not loop.looks:
        return None
    n, body = loop.carried, loop.body
    if loop.until:
        wanted[-1] = True
    while True:
        results = [a for a, is_wanted in zip(body.outputs, wanted, strict=True) if is_wanted]
        lines = live_lines(body.lines, results, raising=True)
        read = {v for inner in lines for v in inner.inputs} | {a for a in results if isinstance(a, Var)}
        more = [k for k in range(n) if body.inputs[k] in read and not wanted[k]]
        if not more:
            break
        for k in more:
            wanted[k] = True
    counters = n + len(loop.sequences)
    first = counters + len(loop.counters)
    kept = [k for k, var in enumerate(body.inputs) if (wanted[k] if k < n else var in read)]
    if all(wanted) and len(kept) == len(body.inputs):
        return (
            line
            if len(lines) == len(body.lines)
            else _lighter(line, replace(loop, body=replace(body, lines=lines), memo={}))
        )
    names = tuple([f"x{k}" for k in range(len(kept))])
    lighter = replace(
        loop, carried=sum(wanted[:n]), memo={}, extends=None,
        sequences=tuple([loop.sequences[k - n] for k in kept if n <= k < counters]),
        counters=tuple([loop.counters[k - counters] for k in kept if counters <= k < first]),
        written=tuple([w for w, is_wanted in zip(loop.written, wanted, strict=False) if is_wanted]),
        body=replace(
            body, parameters=names, spelled=names, lines=lines, outputs=tuple(results),
            inputs=tuple([body.inputs[k] for k in kept]),
        ),
    )  # fmt: skip
    args = tuple([line.args[k if k < counters else k - len(loop.counters)] for k in kept if not counters <= k < first])
    args += line.args[len(line.args) - 2 * loop.ranged :]
    outs = tuple([out for out, is_wanted in zip(line.outs, wanted, strict=True) if is_wanted])
    return replace(_lighter(line, lighter), args=args, outs=outs)


def _lighter(line: Line, loop: Loop) -> Line:
    return replace(line, params={**line.params, "loop": loop})
