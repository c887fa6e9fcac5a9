"""A loop as Python text: a `for` statement over ranges and sequences, what is carried under one name.

v2 = x                          what is carried, as it is first
v3 = []                         what is collected
for v4 in v1[::-1]:
    v5 = np.sin(v2) * v4
    v3.append(v5)
    v2 = v5                     what a run hands on
v3 = np.array(v3)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wengert.ir.line import Atom, Line, Var
from wengert.ir.literal import Row
from wengert.ir.loop import Loop

if TYPE_CHECKING:
    from wengert.ir.text import Text

INDENT = "    "


def name_loop(text: Text, line: Line) -> None:
    """Give names to the variables of a loop's line and of its body."""
    loop: Loop = line.params["loop"]
    n, s = loop.carried, len(loop.sequences)
    inputs = loop.body.inputs
    outer = line.args[n + s : len(line.args) - 2 * loop.ranged]
    for inner, atom in zip(inputs[n + s + len(loop.counters) :], outer, strict=True):
        text.names[inner] = text.atom(atom)
    for inner in inputs[: n + s + len(loop.counters)]:
        text.name(inner)
    text.name_lines(loop.body.lines)
    for k, out in enumerate(line.outs):
        if k < n:
            text.names[out] = text.names[inputs[k]]
        else:
            text.name(out)


def loop_rows(text: Text, line: Line) -> list[Row]:
    """The statements, and what is to be noted beside each."""
    loop: Loop = line.params["loop"]
    body, n = loop.body, loop.carried
    carried = body.inputs[:n]
    collected = line.outs[n : len(line.outs) - loop.until]
    runs = [text.names[line.outs[-1]]] if loop.until else []
    rows = [Row(f"{text.names[v]} = {_first(text, line, k)}", str(v.type)) for k, v in enumerate(carried)]
    rows += [Row(f"{text.names[out]} = []", str(out.type)) for out in collected]
    rows += [Row(f"{name} = np.int64(0)") for name in runs]
    rows.append(Row(_head(text, line, loop), "", line))
    inside = [row for own in body.lines for row in text.line_rows(own)]
    writes = any([own.kind == "write" for own in body.lines])
    for out, atom in zip(collected, body.outputs[n:], strict=False):
        x = text.atom(atom)
        inside.append(Row(f"{text.names[out]}.append({f'np.copy({x})' if writes and atom.type.shape else x})"))
    inside += _handed_on(text, carried, body.outputs[:n])
    inside += [row for name in runs for row in (Row(f"{name} += 1"), Row(f"if not {text.atom(body.outputs[-1])}:"))]
    inside += [Row(f"{INDENT}break") for _ in runs]
    rows += [row._replace(code=INDENT + row.code) for row in inside or [Row("pass")]]
    rows += [Row(f"{text.names[out]} = {_stacked(text, line, out)}") for out in collected]
    return rows


def _stacked(text: Text, line: Line, out: Var) -> str:
    """What was collected as an array; zeros for what has not been run."""
    name, loop = text.names[out], line.params["loop"]
    if not (loop.until or loop.ranged):
        return f"np.array({name})"
    begin = text.atom(line.args[-2]) if loop.ranged else "0"
    rest = f"({loop.count} - {begin} - len({name}))"
    zero = f"np.zeros({out.type.shape[1:]})"
    return f"np.array([{zero}] * {begin} + {name} + [{zero}] * {rest}, dtype={_dtype(out.type.dtype)})"


def _dtype(short: str) -> str:
    """f64 → np.float64."""
    stem = {"f": "float", "i": "int", "u": "uint", "c": "complex"}.get(short[0])
    return short if short == "bool" else f"np.{stem}{short[1:]}"


def _first(text: Text, line: Line, k: int) -> str:
    first = text.atom(line.args[k])
    return f"np.copy({first}, order='K')" if line.params["loop"].written[k] and line.args[k].type.shape else first


def _head(text: Text, line: Line, loop: Loop) -> str:
    """`for x, k in zip(xs[::-1], range(5)):`."""
    n = loop.carried
    moving = loop.body.inputs[n : n + len(loop.sequences) + len(loop.counters)]
    over = [
        _slice(text.atom(atom), start, step, loop.count, atom.type.shape[0])
        for atom, (start, step) in zip(line.args[n:], loop.sequences, strict=False)
    ]
    over += [_range(start, step, loop.count) for start, step in loop.counters]
    names = ", ".join([text.names[v] for v in moving])
    if loop.ranged:
        begin, end = [text.atom(a) for a in line.args[-2:]]
        if not over:
            return f"for _ in range({begin}, {end}):"
        over = [f"{each}[{begin}:{end}]" for each in over]
    if not over:
        return f"for _ in range({loop.count}):"
    together = over[0] if len(over) == 1 else f"zip({', '.join(over)})"
    return f"for {names} in {together}:"


def _slice(name: str, start: int, step: int, count: int, length: int) -> str:
    """name[start], name[start + step], … as a slice."""
    stop = start + count * step
    if step == 0:
        return f"[{name}[{start}]] * {count}"
    ends = f"{start or ''}:{'' if stop >= length else stop}" if step > 0 else ""
    if step < 0:
        ends = f"{'' if start == length - 1 else start}:{'' if stop < 0 else stop}"
    ends += "" if step == 1 else f":{step}"
    return name if ends == ":" else f"{name}[{ends}]"


def _range(start: int, step: int, count: int) -> str:
    if step == 0:
        return f"[{start}] * {count}"
    stop = start + count * step
    return f"range({stop})" if (start, step) == (0, 1) else f"range({start}, {stop}{'' if step == 1 else f', {step}'})"


def _handed_on(text: Text, carried: tuple[Var, ...], outputs: tuple[Atom, ...]) -> list[Row]:
    changed = [(text.names[v], text.atom(a)) for v, a in zip(carried, outputs, strict=True) if a is not v]
    if not changed:
        return []
    return [Row(f"{', '.join(name for name, _ in changed)} = {', '.join(value for _, value in changed)}")]
