"""scipy.integrate: integrals of functions that read recorded values, and between recorded ends.

QUADPACK chooses the intervals with plain numbers. The sum of their Gauss-Kronrod rules is then recorded: the
derivative of an integral is the integral of the derivative, plus what the ends contribute. Intervals are halved
until what is left of a kink is too short to matter. A jump that moves contributes what no node sees, and so does a
kink to the second derivative: such an integral is to be split there.
Source: Piessens et al., QUADPACK (1983), whose 21 and 15 points (for infinite ranges) these are.
"""

from __future__ import annotations

import inspect
import warnings
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from wengert.errors import DoubtfulZeroWarning, NoDerivative, OffTrace
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.state import compute, state
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete
from wengert.rules.quad_intervals import NODES, WEIGHTS, halves_beyond, refuse_kinks, resolved, rounding
from wengert.rules.quad_line import integral
from wengert.rules.scipy_quad_weights import weighted
from wengert.rules.solved import Observed, renewed, still, with_slopes
from wengert.rules.solver_line import Traced
from wengert.rules.solver_ways import NoWay

integrate: Any = _integrate
SPLIT = "Split the integral there: an integral up to that value and one from it."
FINE = 1e-13
"""The tolerance for the intervals: the derivative may be less smooth than the integrand."""


def at_nodes(f: Any, args: tuple[Any, ...], t: Any) -> Any:
    """f at each of the points: f may be for numbers only."""
    slopes = with_slopes(f, args)
    return np.stack([_faded(f(t[k], *args), slopes, t[k]) for k in range(np.shape(concrete(t))[0])])


def _faded(y: Any, slopes: Any, t: Any) -> Any:
    """y, held constant where it has faded to nothing with a slope that is not finite, as p log p does where p is below
    the least number that there is."""
    if any_recorded(y) and not np.ndim(concrete(y)) and still(y) == 0.0:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", DoubtfulZeroWarning)
            try:
                return y if np.isfinite(slopes(still(t))).all() else still(y)
            except DoubtfulZeroWarning:
                return still(y)
    return y


def _sum(f: Any, args: tuple[Any, ...], low: Any, high: Any) -> Any:
    """The rule on one interval."""
    half = 0.5 * (high - low)
    return half * np.sum(WEIGHTS * at_nodes(f, args, 0.5 * (low + high) + half * NODES))


def _finite(f: Any, args: tuple[Any, ...], a: Any, b: Any, parts: list[tuple[float, float]]) -> Any:
    """Between finite ends; only the ends move with what they depend on."""
    low, high = min(u for u, _ in parts), max(v for _, v in parts)
    total: Any = 0.0
    for u, v in parts:
        total = total + _sum(f, args, a if u == low else u, b if v == high else v)
    return total


def _infinite(f: Any, args: tuple[Any, ...], end: Any, sign: float, far: Any, near: Any) -> Any:
    """From the end on, to infinity in the direction of the sign: by x = end ± (1 − t)/t for t < 1/2, before that by x.

    1 − t has few digits where x is near the end, and there an integrand may be singular.
    """

    def g(t: Any) -> Any:
        return f(end + sign * (1.0 - t) / t, *args) / t**2

    def shifted(u: Any) -> Any:
        return f(end + sign * u, *args)

    total: Any = 0.0
    for low, high in far:
        total = total + _sum(g, (), low, high)
    for low, high in near:
        total = total + _sum(shifted, (), low, high)
    return total


def _parts(found: Any) -> list[tuple[float, float]]:
    info = found[2]
    n = info["last"]
    return list(zip(info["alist"][:n], info["blist"][:n], strict=True))


def _rule_of(found: Any, f: Any, extra: Any, given: dict[str, Any], plain: dict[str, Any], observed: Observed) -> Any:
    """The integral as a sum of rules on QUADPACK's intervals."""
    a, b = given["a"], given["b"]
    if plain["a"] == plain["b"]:  # nothing yet, but it grows with either end
        return _sum(f, extra, a, b)
    slopes = with_slopes(f, extra)
    return _recorded(f, extra, a, b, _fine_parts(plain, slopes, observed.order), slopes)


def _fine_parts(plain: dict[str, Any], slopes: Any, order: int) -> list[tuple[float, float]]:
    """The intervals, as fine as the slopes need them."""
    unit = rounding(plain["func"], float(plain["a"]), float(plain["b"]))
    finer = {"full_output": 1, "epsabs": 0.0, "epsrel": max(FINE, 20.0 * unit), "limit": max(200, plain["limit"])}
    parts = _parts(compute(integrate_quad, (), plain | finer))
    if np.isfinite(plain["a"]) and np.isfinite(plain["b"]):
        parts, places = resolved(slopes, parts, unit)
        ends = sorted([float(plain["a"]), float(plain["b"])])
        fixed = [float(x) for x in np.ravel(plain["points"])] if plain["points"] is not None else []
        places = [x for x in places if all([abs(x - y) > 1e-9 * (ends[1] - ends[0]) for y in fixed])]
        refuse_kinks(plain["func"], places, ends, order)
    return parts


integrate_quad = integrate.quad


@replace(integrate.quad)
def _quad(original: Any) -> Any:
    signature = inspect.signature(original)

    def quad(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        f, extra = given["func"], given.pop("args")
        extra = extra if isinstance(extra, tuple) else (extra,)
        if not callable(f):
            return _compiled(original, given, f, extra)
        if given["complex_func"]:
            return _complex(given, f, extra)
        if state.rolling and given["weight"] is None and not any_recorded(given["points"]):
            traced = Traced()
            try:
                return integral(original, _nodes, given, f, extra, traced)
            except NoWay as reason:
                traced.freeze(given, str(reason))
        observed = Observed(watched=True)
        plain: dict[str, Any] = {key: still(part) for key, part in given.items()}
        plain["func"] = observed(f, extra)
        found = compute(original, (), plain)
        if not observed.recorded and not any_recorded((extra, list(given.values()))):
            observed.refuse_thresholds("the integrand of scipy.integrate.quad", SPLIT)
            return found
        if given["weight"] is not None:
            value = weighted(given, f, extra, quad)
        elif any_recorded(given["points"]):
            value = _between_points(given, f, extra, quad)
        else:
            value = _rule_of(found, f, extra, given, plain, observed)
        return (renewed(found[0], value), *found[1:])

    return quad


def _compiled(original: Any, given: dict[str, Any], f: Any, extra: Any) -> Any:
    """Of a LowLevelCallable, which only SciPy can call: a constant."""
    if any_recorded((extra, list(given.values()))):
        raise NoDerivative(
            at_user_line("the integrand of scipy.integrate.quad is compiled: no derivative in its ends or arguments")
            + "\nGive the integrand as a Python function."
        )
    return compute(original, (), given | {"func": f, "args": extra})


def _complex(given: dict[str, Any], f: Any, extra: Any) -> Any:
    """Of a complex function: its real and imaginary parts, each by itself."""
    rest = {key: part for key, part in given.items() if key not in ("func", "complex_func")}
    real = integrate.quad(lambda t: np.real(f(t, *extra)), **rest)
    imaginary = integrate.quad(lambda t: np.imag(f(t, *extra)), **rest)
    value = real[0] + 1j * imaginary[0], real[1] + 1j * imaginary[1]
    return (*value, {"real": real[2:], "imag": imaginary[2:]}) if given["full_output"] else value


def _between_points(given: dict[str, Any], f: Any, extra: Any, quad: Any) -> Any:
    """Points that move are ends."""
    at = np.asarray(given["points"])
    at = at[np.argsort(still(at))]
    ends = [given["a"], *[at[k] for k in range(np.size(still(at)))], given["b"]]
    total: Any = 0.0
    for low, high in pairwise(ends):
        total = total + quad(f, low, high, args=extra, limit=given["limit"])[0]
    return total


def _recorded(f: Any, args: tuple[Any, ...], a: Any, b: Any, parts: list[tuple[float, float]], slopes: Any) -> Any:
    low, high = float(still(a)), float(still(b))
    if low > high:
        return -_recorded(f, args, b, a, parts, slopes)

    def beyond(end: Any, sign: float) -> Any:
        far, near = halves_beyond(slopes, float(still(end)), sign, sorted(parts))
        return _infinite(f, args, end, sign, far, near)

    if np.isinf(low) and np.isinf(high):
        return beyond(0.0, 1.0) + beyond(0.0, -1.0)
    if np.isinf(high):
        return beyond(a, 1.0)
    return beyond(b, -1.0) if np.isinf(low) else _finite(f, args, a, b, parts)


class _Nodes:
    """Nodes and weights, and how they change with the ends (of each: nodes, weights)."""

    def __init__(self) -> None:
        self.parts: list[tuple[Any, ...]] = []

    def add(self, low: float, high: float, at_a: bool, at_b: bool) -> None:
        """The rule on an interval whose ends may be those of the range."""
        half = 0.5 * (high - low)
        x, none = 0.5 * (low + high) + half * NODES, 0.0 * NODES
        left = (0.5 * (1.0 - NODES), -0.5 * WEIGHTS) if at_a else (none, none)
        right = (0.5 * (1.0 + NODES), 0.5 * WEIGHTS) if at_b else (none, none)
        self.parts.append((x, half * WEIGHTS, *left, *right))

    def add_beyond(self, end: float, sign: float, moves: tuple[float, float], slopes: Any, parts: Any) -> None:
        """From the end on to infinity, as in `_infinite`; `moves` says whether the end is a, or b."""
        for far, intervals in zip((True, False), halves_beyond(slopes, end, sign, sorted(parts)), strict=True):
            for low, high in intervals:
                half = 0.5 * (high - low)
                t = 0.5 * (low + high) + half * NODES
                x, w = (end + sign * (1.0 - t) / t, WEIGHTS / t**2) if far else (end + sign * t, WEIGHTS)
                one, none = np.ones(NODES.size), 0.0 * NODES
                self.parts.append((x, half * w, moves[0] * one, none, moves[1] * one, none))

    def padded(self, slopes: Any) -> tuple[Any, ...]:
        """The arrays, a power of two of each. OffTrace where the integrand has faded, but not its slopes (`_faded`)."""
        arrays = [np.concatenate(part) for part in zip(*self.parts, strict=True)]
        for t in arrays[0]:
            y = slopes(t)
            if y[0] == 0.0 and not np.isfinite(y).all():
                raise OffTrace("an integrand fades to nothing, with a slope that is not finite")
        extra = max(64, 1 << (arrays[0].size - 1).bit_length()) - arrays[0].size
        return tuple([np.append(x, np.full(extra, 0.0 if k else x[0])) for k, x in enumerate(arrays)])


def _nodes(
    func: Any, slopes: Any, a: Any, b: Any, points: Any, limit: int, order: int
) -> tuple[np.ndarray[Any, Any], ...]:
    """Nodes, weights, and how these change with a, and with b."""
    a, b = float(a), float(b)
    if a > b:
        x, w, xb, wb, xa, wa = _nodes(func, slopes, b, a, points, limit, order)
        return x, -w, xa, -wa, xb, -wb
    found = _Nodes()
    if a == b:
        found.add(a, b, True, True)
        return found.padded(slopes)
    plain = {"func": lambda t: func(float(t)), "a": a, "b": b, "points": points, "limit": limit}
    parts = _fine_parts(plain, slopes, order)
    if np.isfinite(a) and np.isfinite(b):
        low, high = min(u for u, _ in parts), max(v for _, v in parts)
        for u, v in parts:
            found.add(u, v, u == low, v == high)
    elif np.isfinite(a) or np.isfinite(b):
        sign = 1.0 if np.isfinite(a) else -1.0
        found.add_beyond(a if sign > 0 else b, sign, (float(sign > 0), float(sign < 0)), slopes, parts)
    else:
        for sign in (1.0, -1.0):
            found.add_beyond(0.0, sign, (0.0, 0.0), slopes, parts)
    return found.padded(slopes)


@replace(integrate.dblquad, integrate.tplquad, integrate.nquad)
def _nested(original: Any) -> Any:
    return lambda *args, **kwargs: run_body(original, args, kwargs)
