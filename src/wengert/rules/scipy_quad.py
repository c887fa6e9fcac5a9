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
from contextlib import suppress
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
from wengert.rules.quad_line import integral
from wengert.rules.scipy_quad_weights import weighted
from wengert.rules.solved import Observed, renewed, still, with_slopes
from wengert.rules.solver_line import Traced
from wengert.rules.solver_ways import NoWay

integrate: Any = _integrate
# fmt: off
_HALF_21 = np.array([
    0.995657163025808080735527280689003, 0.973906528517171720077964012084452, 0.930157491355708226001207180059508,
    0.865063366688984510732096688423493, 0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
    0.562757134668604683339000099272694, 0.433395394129247190799265943165784, 0.294392862701460198131126603103866,
    0.148874338981631210884826001129720, 0.0,
])
_WEIGHTS_21 = np.array([
    0.011694638867371874278064396062192, 0.032558162307964727478818972459390, 0.054755896574351996031381300244580,
    0.075039674810919952767043140916190, 0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
    0.123491976262065851077958109585166, 0.134709217311473325928054001771707, 0.142775938577060080797094273138717,
    0.147739104901338491374841515972068, 0.149445554002916905664936468389821,
])
# fmt: on
FINE = 1e-13
"""The tolerance for the intervals: the derivative may be less smooth than the integrand."""
NODES = np.concatenate([-_HALF_21[:-1], _HALF_21[::-1]])
WEIGHTS = np.concatenate([_WEIGHTS_21[:-1], _WEIGHTS_21[::-1]])


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


_MOST = 2000
"""More intervals than this are for functions that no halving resolves."""


def resolved(
    f: Any, parts: list[tuple[float, float]], unit: float = 1e-16, most: int = _MOST
) -> tuple[list[tuple[float, float]], list[float]]:
    """The intervals, halved where the rule on the halves says something else; the places where that does not end.

    f may return its slopes in what it reads after its value: tᵃ may be a polynomial whose slope tᵃ log t is not smooth.
    What is left of a kink, of a jump, or of a singularity at an end, is too short to matter. `unit` is what rounding
    makes of the values.
    """
    low, high = min(u for u, _ in parts), max(v for _, v in parts)
    shortest = 1e-13 * (high - low)
    done: list[tuple[float, float]] = []
    places: list[float] = []
    stack = [_Interval(f, u, v, low, high, _plain_sum(f, u, v), unit) for u, v in reversed(parts)]
    totals = unit * sum([part.size for part in stack])
    while stack:
        part = stack.pop()
        u, v = part.ends
        if np.all(part.settled(totals)) or len(done) + len(stack) > most:
            done.append((u, v))
        elif v - u <= shortest and not (part.at_end and 0.0 in (u, v)):
            done.append((u, v))
            places.append(part.middle)
        else:
            left, right = part.halves()
            noisy = (part.off <= 1e7 * totals) & part.is_rounding(left.off, right.off)
            if np.all(noisy | (left.settled(totals) & right.settled(totals))):
                done += [left.ends, right.ends]
            else:
                stack += [right, left]
    inner = {u for u, _ in done} - {low}
    margin = 1e-6 * (high - low)  # what is nearer to an end is a root or a logarithm there
    return done, [x for x in (*places, *inner) if low + margin < x < high - margin]


class _Interval:
    """The rule on an interval and on its halves, for every result of f."""

    def __init__(
        self, f: Any, u: float, v: float, low: float, high: float, rule: tuple[Any, Any, Any], unit: float
    ) -> None:
        self.f, self.ends, self.range, self.unit = f, (u, v), (low, high), unit
        self.whole, self.size, self.largest = rule
        self.at_end = u == low or v == high
        self.middle = u + (0.25 if u == low else 0.75 if v == high else 0.5) * (v - u)
        self.rules = _plain_sum(f, u, self.middle), _plain_sum(f, self.middle, v)
        self.off = np.abs(self.whole - self.rules[0][0] - self.rules[1][0])

    def settled(self, totals: Any) -> Any:
        """Which results the rule on the whole knows well enough."""
        (u, v), (low, high) = self.ends, self.range
        least = 100.0 * self.unit
        noise = least if self.at_end else max(least, 4.0 * np.spacing(max(-u, v)) / min(u - low, high - v))
        small = self.off <= totals
        small[0] = small[0] and self.at_end  # elsewhere a kink must be met closely
        return (self.off <= noise * self.largest * (v - u)) | small

    def is_rounding(self, left: Any, right: Any) -> Any:
        """Whether neither half is resolved better than the whole; or the one at the end, where a singularity fades, is
        resolved worse."""
        neither = np.minimum(left, right) >= 0.1 * self.off
        return neither | (np.maximum(left, right) >= self.off) if self.at_end else neither

    def halves(self) -> tuple[_Interval, _Interval]:
        """Its parts, left and right."""
        (u, v), m = self.ends, self.middle
        return (
            _Interval(self.f, u, m, *self.range, self.rules[0], self.unit),
            _Interval(self.f, m, v, *self.range, self.rules[1], self.unit),
        )


def halves_beyond(slopes: Any, end: float, sign: float, parts: list[tuple[float, float]]) -> tuple[Any, Any]:
    """The intervals of t < 1/2, and of x near the end, for `_infinite`.

    QUADPACK extrapolates to infinity, so that the rules on its intervals are not yet the integral. They are all there
    is where the integrand must not be called further out.
    """

    def beyond(t: Any) -> Any:
        ys = slopes(end + sign * (1.0 - t) / t)
        return [y / t**2 for y in (ys if type(ys) is list else [ys])]

    def shifted(u: Any) -> Any:
        return slopes(end + sign * u)

    far = [(low, min(high, 0.5)) for low, high in parts if low < 0.5]
    with suppress(ArithmeticError):
        far = far_enough(beyond, far, lambda t: end + sign * (1.0 - t) / t)
    near, places = resolved(shifted, [(0.0, 1.0)])
    refuse_kinks(_first_of(shifted), places, [0.0, 1.0], 1, lambda u: end + sign * u)
    return far, near


def _first_of(slopes: Any) -> Any:
    def first(t: Any) -> Any:
        y = slopes(t)
        return y[0] if type(y) is list else y

    return first


def far_enough(f: Any, parts: list[tuple[float, float]], seen: Any) -> list[tuple[float, float]]:
    """The intervals, halved until the rules are the integral of f and of its slopes. NoDerivative if that does not end.

    `seen` says where the user sees a place.
    """
    most = len(parts) + _MOST_BEYOND
    finer, places = resolved(f, parts, most=most)
    if len(finer) <= most:
        refuse_kinks(_first_of(f), places, [min(u for u, _ in parts), max(v for _, v in parts)], 1, seen)
        return finer
    (rough, _), (fine, size) = [_sums(f, intervals) for intervals in (parts, finer)]
    if not np.all(np.abs(fine - rough)[1:] <= _ALIKE * size[1:]):
        raise NoDerivative(
            at_user_line(
                "the derivative of an integral to infinity that oscillates, or falls off too slowly, for rules"
            )
            + "\nCut the range off, give scipy.integrate.quad weight='cos' or 'sin', or substitute a new variable."
        )
    return parts


def _sums(f: Any, parts: list[tuple[float, float]]) -> tuple[Any, Any]:
    """The rules on all intervals, and those of the absolute values."""
    found = [_plain_sum(f, low, high)[:2] for low, high in parts]
    return sum([y for y, _ in found]), sum([size for _, size in found])


_ALIKE = 1e-6
"""What rules on rough and on fine intervals may differ by, where no halving resolves the integrand."""
_MOST_BEYOND = 150
"""As many halvings reach the end of what falls off like a power."""
_array = np.array
"""NumPy's own, whatever is swapped in while recording."""


def _plain_sum(f: Any, low: float, high: float) -> tuple[Any, Any, Any]:
    """The rule with plain numbers for every result of f, for their absolute values, and the largest of these."""
    half = 0.5 * (high - low)
    with np.errstate(all="ignore"):  # of a node that rounds to a singular end
        found = [f(t) for t in 0.5 * (low + high) + half * NODES]
        found = [y if type(y) is list else [y] for y in found]
        count = max(len(y) for y in found)  # a constant has no slopes
        values = _array([y + [0.0] * (count - len(y)) for y in found])
    if not np.isfinite(values).all():
        values = np.where(np.isfinite(values[:, :1]), np.nan_to_num(values), values)
    sizes = np.abs(values)
    return half * np.sum(WEIGHTS[:, None] * values, axis=0), half * (WEIGHTS @ sizes), np.max(sizes, axis=0)


def _does_not_fade(f: Any, t: float, room: float, scale: float, order: int) -> bool:
    """Whether a difference around t, ten times as near, is more than that of a smooth function would be."""
    steps = [(1e-9, 1e-8), (1e-5, 1e-4)][order]
    near, far = [
        abs(f(t + h * room) - f(t - h * room)) if order == 0 else abs(f(t + h * room) - 2 * f(t) + f(t - h * room))
        for h in steps
    ]
    return near > (0.5, 0.04)[order] * far and near > (1e-5, 1e-10)[order] * scale


def refuse_kinks(f: Any, places: list[float], ends: list[float], order: int, seen: Any = float) -> None:
    """A jump that moves contributes to the derivative what no node sees; a kink, to the second derivative."""
    low, high = ends
    for t in places:
        room = min(high - low, t - low, high - t)
        scale = max([abs(f(t + sign * 1e-3 * room)) for sign in (-1.0, 1.0)])
        jumps, bends = _does_not_fade(f, t, room, scale, 0), order > 1 and _does_not_fade(f, t, room, scale, 1)
        if jumps or bends:
            at = seen(t)
            what = f"the integrand of scipy.integrate.quad has a {'jump' if jumps else 'kink'} at {at:.6g}"
            raise NoDerivative(
                at_user_line(f"{what}, and nothing says whether it moves")
                + "\nSplit the integral there (an integral up to the place and one from it), or, "
                f"if the place is fixed, pass points=[{at:.6g}]."
            )


_SINGLE = np.dtype(np.float32)


def _rounding(f: Any, a: float, b: float) -> float:
    """What rounding makes of the values of f, relatively: single precision within f shows in the fourth differences of
    close points, which are nothing for what is smooth."""
    if not (np.isfinite(a) and np.isfinite(b)):
        at = 0.5 if np.isinf(a) and np.isinf(b) else a + 1.0 if np.isinf(b) else b - 1.0
        return 6e-8 if getattr(f(at), "dtype", None) == _SINGLE else 1e-16
    with np.errstate(all="ignore"):
        y = _array([[float(f(a + (b - a) * (t + k * 1e-7))) for k in range(5)] for t in _BETWEEN])
    noise = 0.12 * np.median(np.abs(y @ _array([1.0, -4.0, 6.0, -4.0, 1.0]))) / (np.max(np.abs(y)) + 1e-300)
    return float(noise) if noise > 1e-13 else 1e-16


_BETWEEN = (0.137, 0.291, 0.443, 0.618, 0.863)


def _rule_of(found: Any, f: Any, extra: Any, given: dict[str, Any], plain: dict[str, Any], observed: Observed) -> Any:
    """The integral as a sum of rules on QUADPACK's intervals."""
    a, b = given["a"], given["b"]
    if plain["a"] == plain["b"]:  # nothing yet, but it grows with either end
        return _sum(f, extra, a, b)
    slopes = with_slopes(f, extra)
    return _recorded(f, extra, a, b, _fine_parts(plain, slopes, observed.order), slopes)


def _fine_parts(plain: dict[str, Any], slopes: Any, order: int) -> list[tuple[float, float]]:
    """The intervals, as fine as the slopes need them."""
    unit = _rounding(plain["func"], float(plain["a"]), float(plain["b"]))
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
        observed = Observed()
        plain: dict[str, Any] = {key: still(part) for key, part in given.items()}
        plain["func"] = observed(f, extra)
        found = compute(original, (), plain)
        if not observed.recorded and not any_recorded((extra, list(given.values()))):
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
