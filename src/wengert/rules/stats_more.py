"""scipy.stats: what is compiled or takes a branch of its own: von Mises, Pearson III, Rice, medians of slopes, fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats as _stats
from scipy.stats import _stats as _compiled  # type: ignore[attr-defined]

from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import compute
from wengert.record.swap import METHODS
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import plainly, replaces_in
from wengert.rules.partials import with_partials
from wengert.rules.solved import renewed, still
from wengert.rules.special_gamma import sp
from wengert.rules.stats_extremes import CALLED_BY

st: Any = _stats
compiled: Any = _compiled

# ── von Mises: F' = e^(κ cos x) / 2π I₀(κ);  F = x/2π + Σ_j sin(jx)/(πj) I_j(κ)/I₀(κ), and in κ by ──
# (I_j/I₀)' = (I_{j−1} + I_{j+1})/2I₀ − I_j I₁/I₀²

_plain_cdf = plainly(compiled.von_mises_cdf)


def _concentrated(y: Any, k: Any, x: Any) -> Any:
    """∂F/∂κ. Terms beyond j² = 80 κ + 400 are less than rounding."""
    most = np.max(np.abs(concrete(still(as_array(k)))), initial=0.0)
    j = np.arange(1.0, 20.0 + np.sqrt(80.0 * most + 400.0))
    k, x = k[..., None] if np.ndim(k) else k, x[..., None] if np.ndim(x) else x
    zeroth = sp.ive(0.0, k)
    slopes = 0.5 * (sp.ive(j - 1.0, k) + sp.ive(j + 1.0, k)) / zeroth - sp.ive(j, k) * sp.ive(1.0, k) / zeroth**2
    return np.sum(np.sin(j * x) / (np.pi * j) * slopes, axis=-1)


@with_partials(
    _concentrated,
    lambda y, k, x: np.exp(k * (np.cos(x) - 1.0)) / (2.0 * np.pi * sp.i0e(k)),
    name="vonmises.cdf",
)
def _vonmises(k: Any, x: Any) -> Any:
    return _plain_cdf(k, x)


@replaces_in(compiled, "von_mises_cdf")
def _von_mises_cdf(k: Any, x: Any) -> Any:
    return _vonmises(k, x)


# ── generalised hyperbolic and inverse Gaussian: one number at a time, with Bessel functions of any order ──


def _hyperbolic(x: Any, p: Any, a: Any, b: Any) -> Any:
    rest, root = np.sqrt((a - b) * (a + b)), np.sqrt(1.0 + x * x)
    norm = p * np.log(rest) - (p - 0.5) * np.log(a) - np.log(sp.kve(p, rest)) + rest
    return (
        norm
        - 0.5 * np.log(2.0 * np.pi)
        + (p - 0.5) * np.log(root)
        + np.log(sp.kve(p - 0.5, a * root))
        - a * root
        + b * x
    )


def _inverse_gaussian(x: Any, p: Any, b: Any) -> Any:
    return (p - 1.0) * np.log(x) - 0.5 * b * (x + 1.0 / x) - np.log(2.0 * sp.kve(p, b)) + b


def _numbers(name: str, formula: Callable[..., Any]) -> None:
    original = plainly(getattr(compiled, name))

    @replaces_in(compiled, name)
    def _of(*args: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        plain = original(*[still(a) for a in args])
        return renewed(plain, formula(*args)) if any_recorded(args) and np.isfinite(plain) else plain


_numbers("genhyperbolic_logpdf", _hyperbolic)
_numbers("genhyperbolic_pdf", lambda *args: np.exp(_hyperbolic(*args)))
_numbers("geninvgauss_logpdf", _inverse_gaussian)

# ── Pearson III at skewness 0, where SciPy takes the normal distribution: Edgeworth's series in the skewness s, whose
# cumulants are κₙ = (n − 1)! (s/2)ⁿ⁻²:  f = φ (1 + s He₃/6 + s² (He₄/16 + He₆/72)) + O(s³) ──


def _hermite(x: Any) -> list[Any]:
    """He₀ … He₆ at x."""
    found: list[Any] = [1.0, x]
    for n in range(1, 6):
        found.append(x * found[n] - n * found[n - 1])
    return found


def _log_density(x: Any, s: Any) -> Any:
    h = _hermite(x)
    return -0.5 * x**2 + s * h[3] / 6 + s**2 * (h[4] / 16 + h[6] / 72 - h[3] ** 2 / 72)


def _distribution(x: Any, s: Any) -> Any:
    h = _hermite(x)
    density = np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)
    return sp.ndtr(x) - density * (s * h[2] / 6 + s**2 * (h[3] / 16 + h[5] / 72))


def _no_skew(x: Any, skew: Any) -> Any:
    """Where SciPy takes the normal distribution."""
    return np.abs(skew) < 1.6e-5


# ── Rice: SciPy's e^−|xb| I₀(xb) has a kink at b = 0, where the density x e^−(x² + b²)/2 I₀(xb) is flat ──


def _rice(x: Any, b: Any) -> Any:
    return x * np.exp(-0.5 * (x**2 + b**2)) * sp.i0(x * b)


def _little(x: Any, b: Any) -> Any:
    return x * b < 1.0


def _where(original: Any, holds: Callable[[Any, Any], Any], formula: Callable[[Any, Any], Any]) -> Any:
    """The method, differentiated as the formula where that holds."""

    def method(self: Any, x: Any, c: Any) -> Any:
        here = holds(still(as_array(x)), still(as_array(c)))
        if not any_recorded(c) or not np.any(here):
            return original(self, x, c)
        near = renewed(compute(original, (self, still(x), still(c)), None), formula(x, c))
        return near if np.all(here) else np.where(here, near, original(self, x, np.where(here, 1.0, c)))

    method.__name__, method.__doc__ = original.__name__, original.__doc__
    return method


BRANCHES: list[tuple[Any, str, Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = [
    (st.pearson3, "_logpdf", _no_skew, _log_density),
    (st.pearson3, "_cdf", _no_skew, _distribution),
    (st.rice, "_pdf", _little, _rice),
]
for _distribution_of, _name, _holds, _formula in BRANCHES:
    _kind = type(_distribution_of)
    MADE_BY[_kind] = CALLED_BY
    METHODS.append((_kind, _name, getattr(_kind, _name), _where(getattr(_kind, _name), _holds, _formula)))
