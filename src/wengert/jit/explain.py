"""What became of a jitted function: its traces as text, and which line runs where."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

from wengert.ir.line import Line
from wengert.ir.text import Text
from wengert.ir.trace import Trace
from wengert.native.bands import Band
from wengert.native.node import Node
from wengert.native.schedule import Group
from wengert.signatures import signature as signature_of


class Source(str):
    """The text of a function. `namespace`: what it needs to run."""

    namespace: dict[str, Any]

    def __new__(cls, text: str, namespace: dict[str, Any]) -> Source:
        made = super().__new__(cls, text)
        made.namespace = namespace
        return made


def shown(path: Any, f: Any) -> Trace:
    """The trace with f's own names for its arguments, where they are plain ones, and with f's result."""
    recording, trace = path.recording, path.trace
    try:
        names = tuple(signature_of(f).parameters)[: len(trace.parameters)]
    except (TypeError, ValueError):
        names = ()
    if recording.plain and len(names) == len(trace.parameters):
        trace = replace(trace, parameters=names, spelled=names)
    return replace(trace, unflatten=recording.result)


def explanation(f: Any, signature: str, known: Any, path: Any) -> str:
    """The text of `explain`: everything about one signature, above all about the path of this call."""
    name = getattr(f, "__name__", "f")
    if path is None:
        return f"{name}({signature}) is run as it is, by Python: {known.given_up}."
    trace = shown(path, f)
    parts = [_heading(name, signature, known, path), _listing(trace, path)]
    native = path.native
    if native is not None:
        parts += [_kernels(native), _costs(native)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _heading(name: str, signature: str, known: Any, path: Any) -> str:
    trace, native = path.trace, path.native
    guards = sum(line.kind == "guard" for line in trace.lines)
    k = known.paths.index(path) + 1 if path in known.paths else 1
    recorded = len(path.recording.trace.lines)
    before = f" (of {recorded} recorded)" if recorded != len(trace.lines) else ""
    lines = [
        f"{name}({signature})",
        f"path {k} of {len(known.paths)}, {len(trace.lines)} lines{before}, {guards} {_plural(guards, 'guard')}",
    ]
    if native is None:
        return "\n".join([*lines, f"replayed by NumPy, line by line: {path.reason}"])
    return "\n".join(
        [
            *lines,
            f"native, {'loaded from disk' if native.from_disk else 'compiled'} in {native.seconds * 1e3:.0f} ms, "
            f"after {path.pass_seconds * 1e3:.0f} ms of passes",
        ]
    )


def _listing(trace: Trace, path: Any) -> str:
    """The trace, with a column that says where each line runs."""
    text = Text(trace)
    where = _places(path.native) if path.native is not None else {}
    rows = text.rows
    width = min(max(len(row.code) for row in rows), 72)
    kinds = max(len(row.note) for row in rows[1:])
    shown: list[str] = []
    for k, (code, kind, own) in enumerate(rows):
        note = where.get(own, "")
        line = f"{code:{width}}  # {kind:{kinds if k else 0}}  {note}" if kind or note else code
        shown.append(line.rstrip())
    return "\n".join(shown)


def _places(native: Any) -> dict[Line, str]:
    """Where each line of the trace is computed; complex ones are several lines on real numbers."""
    kernels, calls = _users(native), dict(native.graph.calls)
    tests = {line: k for k, line in enumerate(native.graph.guard_lines, 1)}
    found: dict[Line, dict[str, None]] = {}
    for line in native.real.trace.lines:
        here = found.setdefault(native.real.origin.get(line, line), {})
        if line in calls:
            here[f"{_whose(line)}: {calls[line]}"] = None
        elif line.row.name == "loop":
            here["loop"] = None
        elif line in tests:
            here[f"test {tests[line]}"] = None
        else:
            env: dict[Any, Node] = native.graph.values
            here.update({_place(env[out], kernels): None for out in line.outs if out in env})
    return {line: _together(list(places)) for line, places in found.items()}


def _together(places: list[str]) -> str:
    """Several places of one line; a call of NumPy is what matters of it."""
    calls = [place for place in places if place.startswith(("NumPy: ", "SciPy: "))]
    kernels = [place for place in places if place.startswith("kernel")]
    return ", ".join(calls or (kernels if len(places) > 2 else places))


def _whose(line: Line) -> str:
    """Which library computes a line that has no native form."""
    return "SciPy" if line.row.name == "solver" else "NumPy"


def _place(node: Node, kernels: dict[Node, list[int]]) -> str:
    if node.kind in ("matmul", "solve"):
        return "BLAS" if node.kind == "matmul" else "LAPACK"
    if node.kind in ("input", "const"):
        return "given"
    if node in kernels:
        numbers = kernels[node]
        return f"{_plural(len(numbers), 'kernel')} {', '.join(map(str, numbers))}"
    return "a number" if not node.shape else "where it is read"


def _things(native: Any) -> list[Group | Node | Band]:
    return [thing for step in native.compiled.plan.steps for thing in step]


def _groups(native: Any) -> list[Group]:
    parts = [part for thing in _things(native) for part in (thing.things if isinstance(thing, Band) else [thing])]
    return [part for part in parts if isinstance(part, Group)]


def _band(band: Band, groups: list[Group]) -> str:
    """What is computed some rows at a time."""
    numbers = [str(groups.index(part) + 1) for part in band.groups]
    products = len(band.things) - len(numbers)
    parts = [f"{_plural(len(numbers), 'kernel')} {', '.join(numbers)}"] if numbers else []
    parts += [f"{products} {_plural(products, 'product')} of matrices"] if products else []
    return f"{' and '.join(parts)}: {band.rows} of {band.extent:,} rows at a time"


def _users(native: Any) -> dict[Node, list[int]]:
    """The kernels that compute each node: those whose stored values need it."""
    stored, found = native.compiled.plan.stored, {}
    for number, group in enumerate(_groups(native), 1):
        seen: set[Node] = set()
        stack = list(group.roots)
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            found.setdefault(node, []).append(number)
            stack += [a for a in node.args if a.shape and (a not in stored or a in group.roots)]
    return found


def _kernels(native: Any) -> str:
    rows: list[str] = []
    for number, group in enumerate(_groups(native), 1):
        made = ", ".join(f"{root.kind} {root.dtype}[{','.join(map(str, root.shape))}]" for root in group.roots[:6])
        more = f" and {len(group.roots) - 6} more" if len(group.roots) > 6 else ""
        over = "×".join(map(str, group.domain)) or "no axes"
        rows.append(f"kernel {number}: a loop over {over}: {made}{more}")
    rows += [_band(thing, _groups(native)) for thing in _things(native) if isinstance(thing, Band)]
    written = {
        line.params["loop"]: before.params["loop"]
        for line, before in native.real.origin.items()
        if line.row.name == "loop"
    }
    for node, body in native.compiled.loops.items():
        loop = written.get(node.op.loop, node.op.loop)
        rows.append(f"loop: {loop.count:,} times {len(loop.body.lines)} lines, {_total(body):,} operations each")
    calls = native.graph.calls
    rows += [f"{_whose(line)}: {line.row.name} ({line.origin[0]}:{line.origin[1]}): {why}" for line, why in calls]
    return "\n".join(rows)


def _costs(native: Any) -> str:
    operations = _total(native.compiled)
    inputs = sum(node.bytes for node in native.graph.inputs)
    outputs = sum(node.bytes for node in native.graph.outputs)
    return (
        f"{operations:,} floating-point operations\n"
        f"{inputs:,} bytes of arguments, {outputs:,} bytes of results, "
        f"{native.compiled.layout.work:,} bytes of memory between"
    )


def _total(compiled: Any) -> int:
    """Operations in all, those of loops as often as they are run."""
    own = sum(_operations(node) for node in compiled.plan.live)
    return own + sum(node.op.loop.count * _total(body) for node, body in compiled.loops.items())


def _operations(node: Node) -> int:
    """Operations, an elementary function counted as one."""
    if node.kind == "map":
        return node.size
    if node.kind in ("reduce", "scatter"):
        return node.args[-1].size
    if node.kind == "matmul":
        inner = node.args[0].shape[0 if node.info[0] else -1]
        return 2 * prod(node.shape) * inner
    return 0


def _plural(n: int, word: str) -> str:
    return word if n == 1 else word + "s"
