"""scipy.integrate.quad_vec: integrals of arrays, by the rules of `rules.scipy_quad` on SciPy's intervals."""

from __future__ import annotations

import inspect
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.quad_intervals import NODES, WEIGHTS, refuse_kinks, resolved
from wengert.rules.scipy_quad import FINE, SPLIT, at_nodes
from wengert.rules.solved import Observed, renewed, still, with_slopes

integrate: Any = _integrate
Parts = list[tuple[float, float]]


def _sum(f: Any, low: Any, high: Any) -> Any:
    half = 0.5 * (high - low)
    return half * np.tensordot(WEIGHTS, at_nodes(f, (), 0.5 * (low + high) + half * NODES), 1)


def _total(f: Any, parts: Parts) -> Any:
    return sum([_sum(f, u, v) for u, v in parts[1:]], start=_sum(f, *parts[0]))


def _from(f: Any, end: Any, sign: float, parts: Parts) -> Any:
    """From the end on to infinity: x = end ± (1 − t)/t."""
    return _total(lambda t: f(end + sign * (1.0 - t) / t) / t**2, parts)


def _everywhere(f: Any, parts: Parts) -> Any:
    """Over (−∞, ∞), from intervals of (−1, 1): x = (1 − |t|)/t."""
    split = [p for u, v in parts for p in ([(u, 0.0), (0.0, v)] if u < 0.0 < v else [(u, v)])]
    left = [(-v, -u) for u, v in split if v <= 0.0]
    return _from(f, 0.0, 1.0, [p for p in split if p[0] >= 0.0]) + _from(f, 0.0, -1.0, left)


def _recorded(f: Any, a: Any, b: Any, parts: Parts) -> Any:
    low, high = float(still(a)), float(still(b))
    if low > high:
        return -_recorded(f, b, a, parts)
    if np.isinf(low) and np.isinf(high):
        return _everywhere(f, parts)
    if np.isinf(high):
        return _from(f, a, 1.0, parts)
    if np.isinf(low):
        return _from(f, b, -1.0, parts)
    parts = sorted(parts)
    ends = [a, *[v for _, v in parts[:-1]], b]
    return _total(f, list(pairwise(ends)))


@replace(integrate.quad_vec)
def _quad_vec(original: Any) -> Any:
    signature = inspect.signature(original)

    def quad_vec(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        f, a, b, extra = given["f"], given["a"], given["b"], given.pop("args")
        extra = extra if isinstance(extra, tuple) else (extra,)
        observed = Observed(watched=True)
        plain: dict[str, Any] = {key: still(part) for key, part in given.items()} | {"f": observed(f, extra)}
        found = compute(original, (), plain)
        if not observed.recorded and not any_recorded((a, b, extra)):
            observed.refuse_thresholds("the integrand of scipy.integrate.quad_vec", SPLIT)
            return found
        if given["full_output"]:
            raise NoDerivative(at_user_line("no derivative rule for scipy.integrate.quad_vec with full_output"))
        finer = {"full_output": True, "epsabs": 0.0, "epsrel": FINE, "limit": max(10000, int(plain["limit"]))}
        parts = [(float(u), float(v)) for u, v in compute(original, (), plain | finer)[2].intervals]
        if np.isfinite(plain["a"]) and np.isfinite(plain["b"]):
            parts = _fine(plain, lambda t: np.asarray(f(t, *extra)), observed, parts)
        value = _recorded(lambda t: np.asarray(f(t, *extra)), a, b, parts)
        return (renewed(found[0], value), *found[1:])

    return quad_vec


def _fine(plain: dict[str, Any], read: Any, observed: Observed, parts: Parts) -> Parts:
    """The intervals, halved as those of quad are: a kink or jump of any component is one of their weighted sum."""

    def total(y: Any) -> Any:
        return np.sum(np.reshape(y, (-1,)) * np.cos(np.arange(np.size(concrete(y)))))

    def weighted(t: float) -> float:
        return float(total(plain["f"](t)))

    ends = sorted([float(plain["a"]), float(plain["b"])])
    finer, places = resolved(with_slopes(lambda t: total(read(t)), ()), [(min(p), max(p)) for p in parts])
    fixed = [float(x) for x in np.ravel(plain["points"])] if plain["points"] is not None else []
    refuse_kinks(weighted, [x for x in places if all([abs(x - y) > 1e-9 for y in fixed])], ends, observed.order)
    return finer
