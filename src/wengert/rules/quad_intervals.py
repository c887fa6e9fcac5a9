"""Intervals for Gauss-Kronrod rules: halved until the rules are the integral of a function and of its slopes.

Source: Piessens et al., QUADPACK (1983), whose 21 points these are.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

import numpy as np

from wengert.errors import DoubtfulZeroWarning, NoDerivative
from wengert.record.locate import at_user_line

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
NODES = np.concatenate([-_HALF_21[:-1], _HALF_21[::-1]])
WEIGHTS = np.concatenate([_WEIGHTS_21[:-1], _WEIGHTS_21[::-1]])


_MOST = 2000
"""More intervals than this are for functions that no halving resolves."""


def _quietly(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, without warnings of slopes that only say where intervals are to end."""

    @wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", DoubtfulZeroWarning)
            return f(*args, **kwargs)

    return call


@_quietly
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


@_quietly
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


def rounding(f: Any, a: float, b: float) -> float:
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
