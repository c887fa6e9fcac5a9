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

from wengert.ir.line import Line, Var
from wengert.ir.literal import Row
from wengert.ir.loop import Loop

if TYPE_CHECKING:
    from wengert.ir.text import Text

INDENT = "    "


def loop_rows(text: Text, line: Line) -> list[Row]:
    """The statements, and what is to be noted beside each. Two bodies may have variables in common (that of a loop,
    and that of its reverse), which have other names in each: what has a name before has the same one afterwards."""
    before = dict(text.names)
    loop: Loop = line.params["loop"]
    n = loop.carried
    first = [_first(text, line, k) for k in range(n)]
    head = _name_inputs(text, line, loop)
    carried = [text.names[v] for v in loop.body.inputs[:n]]
    inside = [row for own in loop.body.lines for row in text.line_rows(own)]
    for out in line.outs[n:]:
        text.name(out)
    collected = line.outs[n : len(line.outs) - loop.until]
    runs = [text.names[line.outs[-1]]] if loop.until else []
    rows = [Row(f"{name} = {x}", str(out.type)) for name, x, out in zip(carried, first, line.outs, strict=False)]
    rows += [Row(f"{text.names[out]} = []", str(out.type)) for out in collected]
    rows += [Row(f"{name} = np.int64(0)") for name in runs]
    rows.append(Row(head, "", line))
    inside += _at_the_end(text, loop, [text.names[out] for out in collected], carried, runs)
    rows += [row._replace(code=INDENT + row.code) for row in inside or [Row("pass")]]
    own = {out: text.names[out] for out in line.outs[n:]} | dict(zip(line.outs, carried, strict=False))
    text.names.update(before | own)
    rows += [Row(f"{text.names[out]} = {_stacked(text, line, out)}") for out in collected]
    return rows


def _name_inputs(text: Text, line: Line, loop: Loop) -> str:
    """Give names to what the body is given. The first line of the statement."""
    n, s = loop.carried, len(loop.sequences)
    own = loop.body.inputs[: n + s + len(loop.counters)]
    over, ends = _over(text, line, loop), [text.atom(a) for a in line.args[-2:]] if loop.ranged else []
    outer = [text.atom(a) for a in line.args[n + s : len(line.args) - 2 * loop.ranged]]
    text.names.update(zip(loop.body.inputs[len(own) :], outer, strict=True))
    for inner in own:
        text.name(inner)
    return _head([text.names[v] for v in own[n:]], over, ends, loop)


def _at_the_end(text: Text, loop: Loop, collected: list[str], carried: list[str], runs: list[str]) -> list[Row]:
    """What a run collects, hands on, and asks."""
    body, n = loop.body, loop.carried
    writes = any([own.kind == "write" for own in body.lines])
    rows: list[Row] = []
    for out, atom in zip(collected, body.outputs[n:], strict=False):
        x = text.atom(atom)
        rows.append(Row(f"{out}.append({f'np.copy({x})' if writes and atom.type.shape else x})"))
    given = zip(carried, body.inputs, body.outputs, strict=False)
    changed = [(name, text.atom(a)) for name, v, a in given if a is not v]
    if changed:
        rows.append(Row(f"{', '.join(name for name, _ in changed)} = {', '.join(value for _, value in changed)}"))
    for name in runs:
        rows += [Row(f"{name} += 1"), Row(f"if not {text.atom(body.outputs[-1])}:"), Row(f"{INDENT}break")]
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


def _over(text: Text, line: Line, loop: Loop) -> list[str]:
    """What the loop runs over."""
    given = zip(line.args[loop.carried :], loop.sequences, strict=False)
    over = [_slice(text.atom(a), start, step, loop.count, a.type.shape[0]) for a, (start, step) in given]
    return over + [_range(start, step, loop.count) for start, step in loop.counters]


def _head(names: list[str], over: list[str], ends: list[str], loop: Loop) -> str:
    """`for x, k in zip(xs[::-1], range(5)):`."""
    if not over:
        return f"for _ in range({', '.join(ends) or loop.count}):"
    over = [f"{each}[{ends[0]}:{ends[1]}]" for each in over] if ends else over
    together = over[0] if len(over) == 1 else f"zip({', '.join(over)})"
    return f"for {', '.join(names)} in {together}:"


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
