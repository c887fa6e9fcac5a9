"""scipy.stats: moments that Boost computes, described; quantiles of counts, which are steps; harmonic numbers.

A moment follows from those of what the variable is made of: E[Tᵏ] = (ν/2)^(k/2) Γ((ν − k)/2)/Γ(ν/2) E[(Z + μ)ᵏ] of a
noncentral t, E[Fᵏ] = (n/2m)ᵏ Γ(n/2 − k)/Γ(n/2) E[Xᵏ] of a noncentral F, X being noncentral χ² with the cumulants
κⱼ = 2ʲ⁻¹ (j − 1)! (m + jλ).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import HANDLERS
from wengert.record.value import concrete
from wengert.rules.described import described
from wengert.rules.special_calls import ORDER
from wengert.rules.special_distributions import scu
from wengert.rules.special_gamma import sp
from wengert.rules.table import constant, elementwise

for _name in ("_binom_ppf", "_binom_isf", "_nbinom_ppf", "_nbinom_isf"):
    constant(getattr(scu, _name))


def _of_t(k: int, df: Any, nc: Any) -> Any:
    normal = (nc, nc**2 + 1.0, nc**3 + 3.0 * nc, nc**4 + 6.0 * nc**2 + 3.0)[k - 1]
    return (0.5 * df) ** (0.5 * k) * np.exp(sp.gammaln(0.5 * (df - k)) - sp.gammaln(0.5 * df)) * normal


def _of_f(k: int, m: Any, n: Any, nc: Any) -> Any:
    c1, c2, c3, c4 = m + nc, 2.0 * (m + 2.0 * nc), 8.0 * (m + 3.0 * nc), 48.0 * (m + 4.0 * nc)
    raw = (
        c1,
        c2 + c1**2,
        c3 + 3.0 * c2 * c1 + c1**3,
        c4 + 4.0 * c3 * c1 + 3.0 * c2**2 + 6.0 * c2 * c1**2 + c1**4,
    )[k - 1]
    return (0.5 * n / m) ** k * np.exp(sp.gammaln(0.5 * n - k) - sp.gammaln(0.5 * n)) * raw


def _variance(raw: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *p: raw(2, *p) - raw(1, *p) ** 2


def _skewness(raw: Callable[..., Any]) -> Callable[..., Any]:
    def of(*p: Any) -> Any:
        m1, m2, m3 = (raw(k, *p) for k in (1, 2, 3))
        return (m3 - 3.0 * m1 * m2 + 2.0 * m1**3) / (m2 - m1**2) ** 1.5

    return of


def _excess(raw: Callable[..., Any]) -> Callable[..., Any]:
    def of(*p: Any) -> Any:
        m1, m2, m3, m4 = (raw(k, *p) for k in (1, 2, 3, 4))
        return (m4 - 4.0 * m1 * m3 + 6.0 * m1**2 * m2 - 3.0 * m1**4) / (m2 - m1**2) ** 2 - 3.0

    return of


DESCRIBED: dict[str, Callable[..., Any]] = {
    "_nbinom_mean": lambda n, p: n * (1.0 - p) / p,
    "_nbinom_variance": lambda n, p: n * (1.0 - p) / p**2,
    "_nbinom_skewness": lambda n, p: (2.0 - p) / np.sqrt(n * (1.0 - p)),
    "_nbinom_kurtosis_excess": lambda n, p: 6.0 / n + p**2 / (n * (1.0 - p)),
    "_nct_mean": lambda *p: _of_t(1, *p),
    "_nct_variance": _variance(_of_t),
    "_nct_skewness": _skewness(_of_t),
    "_nct_kurtosis_excess": _excess(_of_t),
    "_ncf_mean": lambda *p: _of_f(1, *p),
    "_ncf_variance": _variance(_of_f),
    "_ncf_skewness": _skewness(_of_f),
    "_ncf_kurtosis_excess": _excess(_of_f),
}
for _name, _body in DESCRIBED.items():
    if hasattr(scu, _name):
        _ufunc = getattr(scu, _name)
        HANDLERS[_ufunc] = described(_ufunc, _body, _ufunc.nin, f"scipy.stats.{_name.strip('_').replace('_', '.', 1)}")


# ── Σ i⁻ᵃ from i = j to k ──


def _logs(j: Any, k: Any, a: Any) -> Any:
    """Its derivative in a."""
    i = np.arange(1.0, np.max(concrete(k), initial=0.0) + 1.0)
    j, k, a = [part[..., None] if np.ndim(part) else part for part in (j, k, a)]
    live = (i >= concrete(j)) & (i <= concrete(k))
    return -np.sum(np.where(live, np.log(i) * i ** (-a), 0.0), axis=-1)


# fmt: off
if hasattr(scu, "_gen_harmonic"):
    elementwise(scu._gen_harmonic, None, lambda y, n, a: _logs(1.0, n, a), reason=ORDER)
    elementwise(scu._normalized_gen_harmonic, None, None, None,
                lambda y, j, k, n, a: (_logs(j, k, a) - y * _logs(1.0, n, a)) / scu._gen_harmonic(n, a), reason=ORDER)
# fmt: on
