"""scipy.integrate.quad as lines of a compiler's recording.

The value is QUADPACK's. For its derivatives another line chooses nodes xₖ and weights wₖ as `rules.scipy_quad` does,
with plain numbers. The integrand's trace is the body of a loop over them:

    ∫ f = Σₖ (wₖ + ωₖ·δ) f(xₖ + ξₖ·δ),   δ = (a − ā, b − b̄),

where ā, b̄ are the plain ends, so that δ is zero, but for its derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.errors import OffTrace
from wengert.ir.line import Var
from wengert.ir.loop import Loop
from wengert.ir.trace import nameless
from wengert.record.listing import Listing, Unplaced
from wengert.record.replay import replay
from wengert.record.value import LOOPED, Recorder, concrete, is_value, stopped
from wengert.rules.loop import run_loop
from wengert.rules.loop_body import atom_of, started
from wengert.rules.solved import renewed
from wengert.rules.solver_line import Traced
from wengert.rules.solver_ways import NoWay, Way, Ways, kind_of, recorded
from wengert.sweep.reverse import reverse

Fn = Callable[..., Any]
_ORIGIN = ("an integral", None)


def integral(
    original: Fn, nodes: Fn, given: dict[str, Any], f: Fn, extra: tuple[Any, ...], traced: Traced
) -> tuple[Any, ...]:
    """What quad returns, as lines. Raises NoWay."""
    func = traced(f, extra)
    found = traced.solve(original, given | {"func": func})
    if traced.why:
        raise NoWay(traced.why)
    ends = given["a"], given["b"]
    if not traced.recorded and not any([traced.order_of(end) for end in ends]):
        return found
    return (renewed(found[0], _by_nodes(nodes, given, f, extra, traced, func.ways)), *found[1:])


def _by_nodes(nodes: Fn, given: dict[str, Any], f: Fn, extra: tuple[Any, ...], traced: Traced, ways: Ways) -> Any:
    values: list[Any] = []

    def place(x: Any) -> int:
        values.append(x)
        return len(values) - 1

    ends = given["a"], given["b"]
    inside = np.float64(_within(*map(concrete, ends)))
    way = recorded(f, (inside,), extra, place, _ORIGIN)
    if way.structure is not None or way.outs != (0,) or any([line.kind == "guard" for line in way.trace.lines]):
        raise NoWay("an integrand that branches, or does not return a number")
    if way.trace.outputs[0].type.shape or way.trace.outputs[0].type.dtype not in ("f64", "float"):
        raise NoWay("an integrand that does not return a number")
    slopes = Ways(f)
    slopes.ways.append(_with_slopes(way, inside, values, traced))
    chosen = {name: given[name] for name in ("a", "b", "points", "limit")}
    try:
        chosen |= {"func": ways, "slopes": slopes, "order": traced.order}
        x, w, *moving = traced.line(nodes, chosen, "nodes for scipy.integrate.quad")
    except OffTrace as reason:
        raise NoWay(str(reason)) from None
    for end, (dx, dw) in zip(ends, (moving[:2], moving[2:]), strict=True):
        if traced.order_of(end):
            x, w = x + dx * (end - stopped(end)), w + dw * (end - stopped(end))
    loop = Loop(way.trace, np.shape(concrete(x))[0], 0, ((0, 1),), (), ())
    return np.sum(w * run_loop(x, *values, loop=loop)[0])


def _within(a: Any, b: Any) -> Any:
    """A place in the range."""
    if np.isfinite(a) and np.isfinite(b):
        return 0.5 * (a + b)
    return a + 1.0 if np.isfinite(a) else b - 1.0 if np.isfinite(b) else 0.5


def _with_slopes(way: Way, x: Any, values: list[Any], traced: Traced) -> Way:
    """At x, some place in the range: the value and its derivatives in the values that are differentiated, arrays of
    them as one number."""
    outer, inner = Recorder(_ORIGIN, LOOPED, False, Unplaced()), Recorder(_ORIGIN)
    plain = [concrete(x) for x in values]
    given = [started(v, outer)[0] for v in (x, *plain)]
    starts: list[int] = []
    for k, x in enumerate(values, 1):
        if traced.order_of(x):
            given[k], slot = started(given[k], inner)
            starts.append(slot)
    (y,) = replay(way.trace, given)
    results: list[Any] = [y]
    if is_value(y) and y.rec is inner:
        writes = inner.writes
        results = [y.primal, *reverse(inner.close(), writes, [(y.slot, 1.0)], starts)]
    results = [0.0 if y is None else _one_of(y) for y in results]
    listing = Listing(outer.lines, [var.type for var in way.trace.inputs])
    if outer.frozen or any([line.kind == "guard" for line in listing.lines]):
        raise NoWay("an integrand whose derivative branches")
    outer.close()
    atoms = [atom_of(listing, outer, y) for y in results]
    outs = tuple([k for k, atom in enumerate(atoms) if isinstance(atom, Var)])
    trace = nameless("slopes", listing.inputs, listing.lines, [atoms[k] for k in outs]).dce()
    fixed = tuple([None if k in outs else float(concrete(y)) for k, y in enumerate(results)])
    return replace(
        way, trace=trace, places=tuple([traced.place(x) for x in values]), out_kinds=("float",) * len(outs), outs=outs,
        fixed=fixed, structure=list, native=[], kinds=(kind_of(np.float64(0.5)),),
    )  # fmt: skip


def _one_of(y: Any) -> Any:
    """A number that is as smooth as all of the slopes: their weighted sum."""
    if np.iscomplexobj(concrete(y)):
        raise NoWay("a complex integrand")
    size = np.size(concrete(y))
    return np.sum(np.reshape(y, (-1,)) * np.cos(np.arange(size))) if np.ndim(concrete(y)) else y
