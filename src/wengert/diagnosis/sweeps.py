"""The two sweeps, line by line, with every tangent and cotangent kept; plain, or with strong zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.diagnosis.replay import Program, Step
from wengert.errors import NoDerivative
from wengert.ir.line import Var
from wengert.record.value import follow
from wengert.sweep.arithmetic import fit, strong
from wengert.sweep.reverse import is_paired


@dataclass(frozen=True, eq=False, repr=False, match_args=False)
class Tangents:
    """Per line the tangents of its arguments and of its results (None: zero by structure)."""

    args: list[tuple[Any, ...]]
    outs: list[tuple[Any, ...]]
    results: list[Any]


@dataclass(frozen=True, eq=False, repr=False, match_args=False)
class Cotangents:
    """Per line the cotangents of its results (of a write: of the value written); those of the inputs."""

    outs: list[tuple[Any, ...]]
    inputs: list[Any]
    strict: bool


# ── one line ──


def push(step: Step, dots: tuple[Any, ...], strict: bool) -> tuple[Any, ...]:
    """The tangents of a line's results, from those of its arguments."""
    row, y = step.line.row, step.y
    none = (None,) * len(step.outs)
    if all(d is None for d in dots) or not row.pushes:
        return none
    if row.variadic:
        total: Any = row.pushes[0](list(dots), y, *step.args, **step.params)  # type: ignore[misc]
    else:
        total = None
        for k, d in enumerate(dots):
            if d is not None:
                t = _push_one(step, k, d, strict)
                total = t if total is None else _add(total, t)
    if not step.line.many:
        return (np.broadcast_to(total, np.shape(y)) if np.shape(total) != np.shape(y) else total,)
    return tuple(total)  # type: ignore[arg-type]


def _push_one(step: Step, k: int, d: Any, strict: bool) -> Any:
    row, y = step.line.row, step.y
    if k >= len(row.pushes) or row.pushes[k] is None:
        raise NoDerivative(f"{row.name} has no derivative with respect to its argument {k}\n{row.reason}")
    if strict and row.partials:
        t = strong(d, row.partials[k](y, *step.args))  # type: ignore[misc]
        return np.real(t) if np.iscomplexobj(t) and not np.iscomplexobj(y) else t
    return row.pushes[k](d, y, *step.args, **step.params)  # type: ignore[misc]


def _add(a: Any, b: Any) -> Any:
    return tuple(x + y for x, y in zip(a, b, strict=True)) if isinstance(a, (tuple, list)) else a + b


def pull(step: Step, cs: tuple[Any, ...], strict: bool, only: int | None = None) -> list[Any]:
    """The cotangents that a line hands to its arguments, from those of its results."""
    row, y = step.line.row, step.y
    out: list[Any] = [None] * len(step.args)
    if all(c is None for c in cs) or not row.pulls:
        return out
    c = {k: part for k, part in enumerate(cs) if part is not None} if step.line.many else cs[0]
    if row.variadic:
        pulls = row.strict_pulls if strict and row.strict_pulls else row.pulls
        found = list(pulls[0](c, y, *step.args, **step.params))  # type: ignore[misc]
        return [g if isinstance(a, Var) else None for g, a in zip(found, step.line.args, strict=True)]
    for k, atom in enumerate(step.line.args):
        if isinstance(atom, Var) and only in (None, k) and _is_floating(step.args[k]):
            out[k] = _pull_one(step, k, c, strict)
    return out


def _is_floating(x: Any) -> bool:
    return np.result_type(x).kind in "fc"


def _pull_one(step: Step, k: int, c: Any, strict: bool) -> Any:
    row, y, x = step.line.row, step.y, step.args[k]
    if k >= len(row.pulls) or row.pulls[k] is None:
        return None
    if strict and row.partials:
        g = strong(c, row.partials[k](y, *step.args))  # type: ignore[misc]
    else:
        pulls = row.strict_pulls if strict and row.strict_pulls else row.pulls
        g = pulls[k](c, y, *step.args, **step.params)  # type: ignore[misc]
    return fit(g, (np.shape(x), not np.iscomplexobj(x))) if row.broadcast else g


def partial(step: Step, k: int, out: int, at: tuple[int, ...], index: tuple[int, ...]) -> Any:
    """∂y[at] / ∂xₖ[index] of one line, plainly."""
    cs = [None] * len(step.outs)
    unit = np.zeros(np.shape(step.outs[out]), np.result_type(step.outs[out], float))
    unit[at] = 1
    cs[out] = unit[()]  # type: ignore[call-overload]
    with np.errstate(all="ignore"):
        if step.line.kind == "getitem":
            return 1.0
        row = step.line.row
        if row.partials and row.partials[k] is not None and row.broadcast:
            p = row.partials[k](step.y, *step.args)  # type: ignore[misc]
            return np.broadcast_to(p, step.shape)[at]
        g = pull(step, tuple(cs), True, only=k)[k]
    return 0.0 if g is None else np.broadcast_to(g, np.shape(step.args[k]))[index]


# ── all lines ──


def forward(p: Program, seeds: dict[Var, Any], strict: bool) -> Tangents:
    """Tangents of all lines for these tangents of inputs."""
    env: dict[Var, Any] = dict(seeds)
    shared: set[Var] = set(seeds)
    args: list[tuple[Any, ...]] = []
    outs: list[tuple[Any, ...]] = []
    with np.errstate(all="ignore"):
        for step in p.steps:
            dots = tuple(env.get(a) if isinstance(a, Var) else None for a in step.line.args)
            args.append(dots)
            if step.line.kind == "write":
                outs.append(())
                _write_tangent(step, dots, env, shared)
                continue
            if step.line.kind == "getitem":
                d = dots[0]
                ys = (None if d is None else np.array(d[step.line.params["key"]])[()],)
            else:
                ys = push(step, dots, strict)
                shared.update(a for a in (*step.line.args, *step.line.outs) if isinstance(a, Var))
            outs.append(ys)
            env.update({v: d for v, d in zip(step.line.outs, ys, strict=True) if d is not None})
    return Tangents(args, outs, [env.get(a) if isinstance(a, Var) else None for a in p.trace.outputs])


def _write_tangent(step: Step, dots: tuple[Any, ...], env: dict[Var, Any], shared: set[Var]) -> None:
    """The tangent of the owner is written to as the owner was; copied before, if a step holds on to it."""
    owner: Any = step.line.args[0]
    dot, v = dots
    if dot is None and v is None:
        return
    like = np.asarray(step.args[0])
    path = step.line.params["path"]
    paired = is_paired(path)  # the owner's kind is not the value's
    dtype = np.result_type(like, *[d for d in (dot, None if paired else v) if d is not None])
    if dot is None:
        env[owner] = np.zeros_like(like, dtype=dtype)
    elif owner in shared or not dot.flags.writeable or dot.dtype != dtype:
        env[owner] = np.empty_like(like, dtype=dtype)
        env[owner][...] = dot
    shared.discard(owner)
    follow(env[owner], path)[step.line.params["key"]] = 0 if v is None else v


def reverse(p: Program, seeds: list[Any], strict: bool) -> Cotangents:
    """Cotangents of all lines for these cotangents of the outputs."""
    return sweep_back(p, list(zip(p.trace.outputs, seeds, strict=True)), len(p.steps), strict)


def sweep_back(p: Program, seeds: list[tuple[Any, Any]], before: int, strict: bool) -> Cotangents:
    """Cotangents of the lines before `before`, for cotangents of variables as they were there."""
    bars: dict[Var, Any] = {}
    for atom, c in seeds:
        if isinstance(atom, Var) and c is not None:
            _accumulate(bars, atom, c)
    outs: list[tuple[Any, ...]] = [()] * len(p.steps)
    owned: set[Var] = set()
    with np.errstate(all="ignore"):
        for step in reversed(p.steps[:before]):
            if step.line.kind == "write":
                outs[step.number] = _unwrite(step, bars, owned)
                continue
            cs = outs[step.number] = tuple(bars.get(v) for v in step.line.outs)
            if all(c is None for c in cs):
                continue
            if step.line.kind == "getitem":
                _scatter(step, cs[0], bars, owned)
                continue
            for atom, g in zip(step.line.args, pull(step, cs, strict), strict=True):
                if g is not None and isinstance(atom, Var):
                    _accumulate(bars, atom, g)
                    owned.discard(atom)
    return Cotangents(outs, [bars.get(v) for v in p.trace.inputs], strict)


def _accumulate(bars: dict[Var, Any], var: Var, g: Any) -> None:
    b = bars.get(var)
    bars[var] = g if b is None else b + g


def _own(bars: dict[Var, Any], owned: set[Var], var: Var, like: Any, c: Any) -> Any:
    """The cotangent of var as an array that may be written to."""
    b = bars.get(var)
    dtype = np.result_type(like, c, 0.0 if b is None else b)
    if b is None or var not in owned or b.dtype != dtype:
        bars[var] = b = np.zeros(np.shape(like), dtype) if b is None else np.array(b, dtype, order="K")
        owned.add(var)
    return b


def _scatter(step: Step, c: Any, bars: dict[Var, Any], owned: set[Var]) -> None:
    var: Any = step.line.args[0]
    np.add.at(_own(bars, owned, var, step.args[0], c), step.line.params["key"], c)


def _unwrite(step: Step, bars: dict[Var, Any], owned: set[Var]) -> tuple[Any, ...]:
    """Take the cotangent of the region that was written out, and give it to the value."""
    owner: Any
    owner, value = step.line.args
    if bars.get(owner) is None:
        return (None,)
    # Laid out as the owner is, so that the same path leads to a view.
    like = np.asarray(step.args[0])
    bar = np.empty_like(like, dtype=np.result_type(like, bars[owner]))
    bar[...] = bars[owner]
    bars[owner] = bar
    owned.add(owner)
    region = follow(bar, step.line.params["path"])
    key = step.line.params["key"]
    g = np.where(_last(np.shape(region), key, np.shape(region[key])), region[key], 0)
    if any(function.__name__ == "imag" for function, _ in step.line.params["path"]):
        g = -g
    region[key] = 0
    g = fit(g[()], (np.shape(step.args[1]), not np.iscomplexobj(step.args[1])))
    if isinstance(value, Var):
        _accumulate(bars, value, g)
        owned.discard(value)
    return (g,)


def _last(shape: tuple[int, ...], key: Any, written: tuple[int, ...]) -> Any:
    """1 for the elements of x[key] = v that stay: of places written twice NumPy keeps the last."""
    order = np.arange(int(np.prod(written))).reshape(written)
    places = np.full(shape, -1)
    places[key] = order
    return places[key] == order
