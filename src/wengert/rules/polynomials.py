"""Convolution, correlation, polynomials and their roots."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import decide
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.table import bilinear, handles, rule

# ── convolution:  yₖ = Σᵢ aᵢ vₖ₋ᵢ ──


def convolve(a: Any, v: Any, mode: Any) -> Any:
    """np.convolve."""
    return np.convolve(a, v, mode)


def _full(c: Any, n: int, m: int, mode: str) -> Any:
    """A cotangent of the result as one of the full convolution: zeros where nothing was kept."""
    before = {"full": 0, "same": (min(n, m) - 1) // 2, "valid": min(n, m) - 1}[mode]
    return np.pad(c, (before, n + m - 1 - before - np.shape(c)[0]))


def _pull_factor(c: Any, a: Any, v: Any, mode: str, wanted: Any) -> Any:
    """āᵢ = Σₖ cₖ vₖ₋ᵢ."""
    n, m = np.shape(a)[0], np.shape(v)[0]
    bar = np.correlate(_full(c, n, m, mode), np.conjugate(v), "valid")
    return np.real(bar) if np.iscomplexobj(concrete(bar)) and not np.iscomplexobj(concrete(wanted)) else bar


CONVOLVE = bilinear(
    convolve,
    lambda c, a, v, mode: _pull_factor(c, a, v, mode, a),
    lambda c, a, v, mode: _pull_factor(c, v, a, mode, v),
    name="numpy.convolve",
)


@handles(np.convolve)
def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = np.atleast_1d(as_array(a)), np.atleast_1d(as_array(v))
    return apply(CONVOLVE, (a, v), {"mode": _mode(mode)})


def _mode(mode: Any) -> Any:
    return {"v": "valid", "s": "same", "f": "full", 0: "valid", 1: "same", 2: "full"}.get(mode, mode)


# ── correlation:  yₖ = Σₙ aₙ₊ₖ conj(vₙ), the convolution of a with conj(v) reversed ──


def correlate(a: Any, v: Any, mode: Any) -> Any:
    """np.correlate, of a no shorter than v."""
    return np.correlate(a, v, mode)


def _reversed(v: Any) -> Any:
    return np.conjugate(v[::-1])


CORRELATE = bilinear(
    correlate,
    lambda c, a, v, mode: _pull_factor(c, a, _reversed(v), mode, a),
    lambda c, a, v, mode: _reversed(_pull_factor(c, _reversed(v), a, mode, v)),
    name="numpy.correlate",
)


@handles(np.correlate)
def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    a, v, mode = np.atleast_1d(as_array(a)), np.atleast_1d(as_array(v)), _mode(mode)
    if len(concrete(a)) < len(concrete(v)):
        return _reversed(apply(CORRELATE, (v, a), {"mode": mode}))
    return apply(CORRELATE, (a, v), {"mode": mode})


# ── polynomials, highest power first ──


@handles(np.polyder)
def _polyder(p: Any, m: int = 1) -> Any:
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    y = as_array(p)
    for _ in range(m):
        y = y[:-1] * np.arange(len(concrete(y)) - 1, 0, -1)
    return y


@handles(np.polyint)
def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    y = as_array(p)
    constants = np.zeros(m) if k is None else np.atleast_1d(as_array(k))
    if len(concrete(constants)) == 1 and m > 1:
        constants = constants[0] * np.ones(m)
    if len(concrete(constants)) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    for j in range(m):
        y = np.concatenate((y / np.arange(len(concrete(y)), 0, -1), np.atleast_1d(constants[j])))
    return y


@handles(np.polymul)
def _polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(_trimmed(a1), _trimmed(a2))


def _trimmed(p: Any) -> Any:
    """The coefficients without leading zeros, as np.poly1d holds them."""
    c = np.atleast_1d(getattr(p, "coeffs", as_array(p)))
    found = decide(np.flatnonzero, c)
    return c[found[0] :] if len(found) else c[-1:] * 0


# ── roots:  p(r) = 0  gives  ṗ(r) + p′(r) ṙ = 0 ──


def _push_roots(d: Any, r: Any, p: Any) -> Any:
    return -np.polyval(d, r) / np.polyval(np.polyder(p), r)


ROOTS = rule(np.roots, _push_roots)


@handles(np.roots)
def _roots(p: Any) -> Any:
    return apply(ROOTS, (np.atleast_1d(as_array(p)),))
