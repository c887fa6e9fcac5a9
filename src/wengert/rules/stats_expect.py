"""scipy.stats: expectations, as the integral or the sum that they are, and densities that need compiled code."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import scipy.integrate as _integrate
import scipy.special as _special
import scipy.stats as _stats
from scipy.stats import rv_continuous, rv_discrete

from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import compute
from wengert.record.swap import METHODS, Paused
from wengert.record.value import concrete
from wengert.rules.quad_intervals import NODES, WEIGHTS, far_enough, halves_beyond
from wengert.rules.solved import Observed, renewed, still

st: Any = _stats
special: Any = _special
integrate: Any = _integrate
Fn = Callable[..., Any]
_TAIL = 1e-18

# entropies and moments that have no formula are np.vectorize objects that a distribution holds
MADE_BY[np.vectorize] |= {"entropy", "moment", "stats", "mean", "var", "std"}


def _method(kind: Any, name: str, makers: set[str]) -> Callable[[Fn], Fn]:
    """Decorator: of(original) → the method that the class has while recording."""

    def register(of: Fn) -> Fn:
        original = getattr(kind, name)
        METHODS.append((kind, name, original, wraps(original)(of(original))))
        MADE_BY[kind] = frozenset(makers)
        return of

    return register


def _observed(func: Any, args: Any, given: Any, probe: Any = 1.0) -> tuple[bool, Any, Observed]:
    """Whether the expectation depends on what is recorded, the plain function, and what knows what that looked at."""
    observed = Observed(watched=True)
    if func is not None:
        observed(func)(probe)
    recorded = observed.recorded or any_recorded((args, list(given)))
    return recorded, (None if func is None else observed(func)), observed


@_method(rv_continuous, "expect", {"expect"})
def _expect(original: Fn) -> Fn:
    """∫ f(loc + scale z) p(z) dz over the standard support, by Gauss-Kronrod rules on the intervals of QUADPACK."""

    def expect(
        self: Any, func: Any = None, args: Any = (), loc: Any = 0, scale: Any = 1, lb: Any = None, ub: Any = None,
        conditional: bool = False, **kwargs: Any,
    ) -> Any:  # fmt: skip
        recorded, plain, observed = _observed(func, args, (loc, scale, lb, ub))
        if not recorded:
            found = original(self, plain, args, loc, scale, lb, ub, conditional, **kwargs)
            observed.refuse_thresholds("the function given to expect", "Give the range that ends there: lb=, or ub=.")
            return found
        given = (self, plain, still(args), still(loc), still(scale), still(lb), still(ub), conditional)
        found = compute(original, given, kwargs)
        ends: list[Any] = list(self._get_support(*args))
        for k, bound in enumerate((lb, ub)):
            ends[k] = ends[k] if bound is None else (bound - loc) / scale
        numbers = [still(loc), still(scale)]
        integrand = lambda z: (z if plain is None else plain(numbers[0] + numbers[1] * z)) * self.pdf(z, *still(args))
        z, weights = _nodes(integrand, ends[0], ends[1], [lb, ub])
        x = loc + scale * z
        values = x if func is None else np.stack([np.asarray(func(x[k])) for k in range(np.shape(concrete(x))[0])])
        total = np.sum(weights * values * self.pdf(z, *args))
        return renewed(found, total / np.sum(weights * self.pdf(z, *args)) if conditional else total)

    return expect


def _parts(g: Fn, a: float, b: float) -> Any:
    """The intervals of QUADPACK, of its own variable where the range is infinite."""
    with Paused(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        info = integrate.quad(g, a, b, full_output=1, epsabs=0.0, epsrel=1e-11, limit=200)[2]
    n = info["last"]
    return sorted(zip(info["alist"][:n], info["blist"][:n], strict=True))


def _nodes(g: Fn, a: Any, b: Any, bounds: list[Any]) -> tuple[Any, Any]:
    """Nodes and weights on (a, b), whose ends move as they do; those without a bound are the support's."""
    low, high = float(still(a)), float(still(b))
    parts = _parts(g, low, high)
    ends = [end for end, bound in zip((low, high), bounds, strict=True) if bound is None and np.isfinite(end)]
    both = _with_logarithms(g, ends)
    with Paused():
        if np.isfinite(low) and np.isfinite(high):
            fine = sorted(far_enough(both, parts, float))
            return _ruled([a, *[u for u, _ in fine[1:]]], [*[v for _, v in fine[:-1]], b])
        sides = [(a, 1.0)] if np.isfinite(low) else [(b, -1.0)] if np.isfinite(high) else [(0.0, 1.0), (0.0, -1.0)]
        halves = [halves_beyond(both, float(still(end)), sign, parts) for end, sign in sides]
    found = [_beyond(end, sign, far, near) for (end, sign), (far, near) in zip(sides, halves, strict=True)]
    return np.concatenate([z for z, _ in found]), np.concatenate([w for _, w in found])


def _with_logarithms(g: Fn, ends: list[float]) -> Fn:
    """g, and what is as singular at the ends as its slopes in shapes may be: a power of a distance brings its log."""

    def of(z: Any) -> list[float]:
        y = float(g(z))
        distances = [max(abs(z - end), 1e-300) for end in ends] or [1.0 + abs(z)]
        return [y, y * sum([abs(float(np.log(d))) for d in distances])]

    return of


def _beyond(end: Any, sign: float, far: Any, near: Any) -> tuple[Any, Any]:
    """From the end to infinity, by 1/t − 1 for t < 1/2 and before that by the distance itself."""
    (t, w), (u, v) = [_ruled(*zip(*intervals, strict=True)) for intervals in (far, near)]
    return end + sign * np.concatenate([(1.0 - t) / t, u]), np.concatenate([w / t**2, v])


def _ruled(lows: Any, highs: Any) -> tuple[Any, Any]:
    """Nodes and weights on all intervals."""
    start, stop = np.stack(lows), np.stack(highs)
    half = 0.5 * (stop - start)
    return np.ravel((0.5 * (start + stop))[:, None] + half[:, None] * NODES), np.ravel(half[:, None] * WEIGHTS)


@_method(rv_discrete, "expect", {"expect"})
def _expect_of_counts(original: Fn) -> Fn:
    """Σ f(k) p(k) over the counts that SciPy's sum cannot tell from all of them."""

    def expect(
        self: Any, func: Any = None, args: Any = (), loc: Any = 0, lb: Any = None, ub: Any = None,
        conditional: bool = False, **kwargs: Any,
    ) -> Any:  # fmt: skip
        recorded, plain, _ = _observed(func, args, (loc,), np.ones(1))
        seen: list[Any] = []
        if not recorded:
            return original(self, func, args, loc, lb, ub, conditional, **kwargs)
        found = compute(original, (self, _noting(plain, seen), still(args), still(loc), lb, ub, conditional), kwargs)
        k = _counts(self, args, loc, (lb, ub), seen, kwargs.get("maxcount", 1000))
        p = self.pmf(k, *args, loc=loc)
        total = np.sum((k if func is None else func(k)) * p)
        return renewed(found, total / np.sum(p) if conditional else total)

    return expect


def _noting(func: Any, seen: list[Any]) -> Fn:
    """func, or the identity, with the counts that it is called with noted."""

    def noted(k: Any) -> Any:
        seen.append(np.array(k))
        return k if func is None else func(k)

    return noted


def _counts(self: Any, args: Any, loc: Any, bounds: tuple[Any, Any], seen: list[Any], most: int) -> Any:
    """The counts that SciPy's sum took, and those near them whose probability can be told from 0."""
    points = np.concatenate(seen)
    if hasattr(self, "xk"):
        return points
    low, high = np.min(points), np.max(points)
    k = np.arange(low - most, high + most + 1).astype(points.dtype)
    p = compute(self.pmf, (k, *still(args)), {"loc": still(loc)})
    start, stop = (end if bound is None else bound for bound, end in zip(bounds, (-np.inf, np.inf), strict=True))
    return k[(low <= k) & (k <= high) | (start <= k) & (k <= stop) & (p > _TAIL * np.max(p))]


@_method(type(st.invwishart), "_logpdf", {"invwishart"})
def _inverse_wishart(original: Fn) -> Fn:
    """tr(Ψ X⁻¹) = |L⁻¹ C|² with L Lᵀ = X and C Cᵀ = Ψ; SciPy takes L⁻¹ C from BLAS."""

    def logpdf(self: Any, x: Any, dim: int, df: Any, log_det_scale: Any, C: Any) -> Any:
        if not any_recorded((x, df, log_det_scale, C)):
            return original(self, x, dim, df, log_det_scale, C)
        plain = compute(original, (self, still(x), dim, still(df), still(log_det_scale), still(C)), None)
        L = np.linalg.cholesky(np.moveaxis(x, -1, 0))
        log_det = 2.0 * np.sum(np.log(np.diagonal(L, axis1=-2, axis2=-1)), -1)
        trace = np.sum(np.linalg.solve(L, np.broadcast_to(C, np.shape(L))) ** 2, (-2, -1))
        gammas = sum([special.gammaln(0.5 * (df - j)) for j in range(dim)]) + 0.25 * dim * (dim - 1) * np.log(np.pi)
        norm = 0.5 * df * dim * np.log(2.0) + gammas
        return renewed(plain, 0.5 * df * log_det_scale - 0.5 * trace - norm - 0.5 * (df + dim + 1) * log_det)

    return logpdf


@_method(type(st.vonmises_fisher), "_process_parameters", {"vonmises_fisher"})
def _checked(original: Fn) -> Fn:
    """SciPy looks at the parameters as plain numbers."""

    def process(self: Any, mu: Any, kappa: Any) -> Any:
        dim, _, _ = compute(original, (self, still(mu), still(kappa)), None)
        return dim, np.asarray(mu), kappa

    return process
