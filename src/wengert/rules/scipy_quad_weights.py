"""scipy.integrate.quad with a weight: the same integral without one, what is singular transformed away."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.rules.solved import still


def weighted(given: dict[str, Any], f: Any, extra: Any, quad: Any) -> Any:
    """∫ f w, by integrals without weights of quad's."""
    a, b, name, wvar = given["a"], given["b"], given["weight"], given["wvar"]
    if not (np.isfinite(still(a)) and np.isfinite(still(b))):
        raise NoDerivative(
            at_user_line("no derivative rule for scipy.integrate.quad with weight over an infinite range")
            + "\nLeave weight= out and multiply the integrand by it, or end the range where nothing is left."
        )
    if name in ("cos", "sin"):
        wave = np.cos if name == "cos" else np.sin
        return quad(lambda t: f(t, *extra) * wave(wvar * t), a, b, limit=200)[0]
    if name == "cauchy":
        return _principal(lambda t: f(t, *extra), a, b, wvar, quad)
    return _algebraic(lambda t: f(t, *extra), a, b, name, wvar, quad)


def _principal(f: Any, a: Any, b: Any, c: Any, quad: Any) -> Any:
    """The principal value of ∫ f(t)/(t − c): around c, where it is even, ∫ (f(c + u) − f(c − u))/u."""
    low, high = c - a, b - c
    half = low if still(low) < still(high) else high
    total = quad(lambda u: (f(c + u) - f(c - u)) / u, 0.0, half)[0]
    if still(low) < still(high):
        return total + quad(lambda t: f(t) / (t - c), c + half, b)[0]
    return total + quad(lambda t: f(t) / (t - c), a, c - half)[0]


def _algebraic(f: Any, a: Any, b: Any, name: str, powers: Any, quad: Any) -> Any:
    """∫ f(t) (t − a)ᵖ (b − t)ʳ, with s = (t − a)ᵖ⁺¹ for the half at a, and likewise at b."""
    middle = 0.5 * (a + b)

    def rest(t: Any, left: Any, right: Any) -> Any:
        logs = 1.0
        if name in ("alg-loga", "alg-log"):
            logs = logs * np.log(left)
        if name in ("alg-logb", "alg-log"):
            logs = logs * np.log(right)
        return f(t) * logs

    p, r = powers[0], powers[1]

    def near_a(s: Any) -> Any:
        u = s ** (1.0 / (p + 1.0))
        return rest(a + u, u, b - a - u) * (b - a - u) ** r / (p + 1.0)

    def near_b(s: Any) -> Any:
        u = s ** (1.0 / (r + 1.0))
        return rest(b - u, b - a - u, u) * (b - a - u) ** p / (r + 1.0)

    ends = (middle - a) ** (p + 1.0), (b - middle) ** (r + 1.0)
    return quad(near_a, 0.0, ends[0])[0] + quad(near_b, 0.0, ends[1])[0]
