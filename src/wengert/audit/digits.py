"""A trace run in many digits, and derivatives of it by differences that lose half of them: the strongest reference.

With 60 digits and a step of 1e-20 the central difference is right to about 35 digits, so that what it
says about a derivative in double precision is exact. No rule of ours takes part in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.audit.functions import WHOLE, elementwise, mpmath
from wengert.diagnosis.replay import Program, Step
from wengert.ir.line import Line, Var
from wengert.record.value import follow

DIGITS, STEP = 60, "1e-20"


class NotReplayed(Exception):
    """A line for which there is no function in many digits."""


def exact(x: Any) -> Any:
    """Floating numbers as the mpmath numbers that they are; everything else as it is."""
    mp = mpmath()
    if isinstance(x, (complex, np.complexfloating)) or (isinstance(x, np.ndarray) and x.dtype.kind == "c"):
        raise NotReplayed("complex numbers")
    if isinstance(x, (float, np.floating)):
        return mp.mpf(float(x))
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        out = np.empty_like(x, object)
        for at in np.ndindex(x.shape):
            out[at] = mp.mpf(float(x[at]))
        return out
    return tuple(exact(part) for part in x) if type(x) is tuple else x


def apply(line: Line, args: list[Any]) -> Any:
    """op(*args) of one line in many digits; raises NotReplayed where that is not possible."""
    name = line.row.name
    function: Callable[..., Any] | None = WHOLE.get(name)
    if function is None and not line.params:
        function = elementwise().get(name)
    try:
        y = (function or line.op)(*args, **line.params)
    except Exception as error:
        raise NotReplayed(f"{name}: {type(error).__name__}: {error}") from None
    parts = tuple(y) if line.many else (y,)
    for part, out in zip(parts, line.outs, strict=True):
        if out.type.dtype[0] == "f" and not _is_exact(part):
            raise NotReplayed(f"{name} has no function in many digits")
    return parts if line.many else _truth(y) if line.outs[0].type.dtype == "bool" else y


def _truth(y: Any) -> Any:
    """Truth values as NumPy's."""
    return np.asarray(y, bool)[()]


def _is_exact(x: Any) -> bool:
    """Whether x holds real numbers of mpmath (or whole ones)."""
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "iub" or (x.dtype == object and all(_is_exact(v) for v in x.flat))
    return not isinstance(x, (float, np.floating, complex, mpmath().mpc))


def run(p: Program, inputs: list[Any], keep: bool = False) -> tuple[list[Any], list[Any]]:
    """(the outputs for these inputs, and if `keep` the results of each line) in many digits."""
    env: dict[Var, Any] = dict(zip(p.trace.inputs, inputs, strict=True))
    kept: list[Any] = []
    for line in p.trace.lines:
        args = [env[a] if isinstance(a, Var) else exact(a.value) for a in line.args]
        outs: tuple[Any, ...] = ()
        if line.kind == "write":
            owner: Any = line.args[0]
            env[owner] = np.array(args[0])
            follow(env[owner], line.params["path"])[line.params["key"]] = args[1]
        elif line.kind == "constant":
            outs = (np.array(args[0], copy=True),)
        elif line.kind != "guard":
            y = apply(line, args)
            outs = tuple(y) if line.many else (y,)
        env.update(zip(line.outs, outs, strict=True))
        if keep:
            kept.append(outs)
    return [env[a] if isinstance(a, Var) else exact(a.value) for a in p.trace.outputs], kept


def flat(outputs: list[Any]) -> list[Any]:
    """All exact numbers of the outputs in one row."""
    return [x for y in outputs for x in (np.ravel(y) if isinstance(y, np.ndarray) else [y])]


def column(p: Program, i: int, at: tuple[int, ...], rows: list[int]) -> list[Any]:
    """∂(outputs)/∂(element `at` of input i), for these outputs."""
    mp = mpmath()
    h = mp.mpf(STEP)
    sides: list[list[Any]] = []
    for s in (1, -1):
        inputs = [exact(x) for x in p.values]
        inputs[i] = _moved(inputs[i], at, s * h)
        sides.append(flat(run(p, inputs)[0]))
    return [(sides[0][r] - sides[1][r]) / (2 * h) for r in rows]


def _moved(x: Any, at: tuple[int, ...], h: Any) -> Any:
    if not isinstance(x, np.ndarray):
        return x + h
    moved = x.copy()
    moved[at] = moved[at] + h
    return moved


def along(step: Step, k: int, direction: Any) -> Any:
    """The derivative of one line's result along a direction of its argument k, in many digits."""
    mp = mpmath()
    h = mp.mpf(STEP)
    sides: list[Any] = []
    for s in (1, -1):
        args = [exact(a) for a in step.args]
        args[k] = args[k] + exact(direction) * (s * h)
        sides.append(apply(step.line, args))
    if step.line.many:
        return tuple((a - b) / (2 * h) for a, b in zip(*sides, strict=True))
    return (sides[0] - sides[1]) / (2 * h)


def double(x: Any) -> Any:
    """Rounded to double precision."""
    if isinstance(x, np.ndarray):
        return x.astype(float)
    return float(x)
