"""The functions of scipy.special that are Python code: logsumexp and its like, and spellings of ufuncs."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.batch.table import BATCHES, Given, compute
from wengert.record.apply import apply
from wengert.record.build import contains_value
from wengert.record.observe import decide
from wengert.record.protocols import missing
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete, is_value
from wengert.rules.axes import as_array
from wengert.rules.batching import behind
from wengert.rules.batching_axes import reducing
from wengert.rules.special_bessel import SPHERICAL
from wengert.rules.special_calls import lifted, slope_of
from wengert.rules.special_elementary import softplus
from wengert.rules.special_gamma import polygamma, sp
from wengert.rules.special_integrals import lambertw
from wengert.rules.special_zeta import riemann_zeta, zeta
from wengert.rules.table import rule
from wengert.sweep.arithmetic import sum_to

_logsumexp, _softmax, _log_softmax = sp.logsumexp, sp.softmax, sp.log_softmax


def logsumexp(a: Any, b: Any, axis: Any, keepdims: bool) -> Any:
    """scipy.special.logsumexp with its parameters by position, of recorded values too."""
    if is_value(a) or is_value(b):
        return apply(LOGSUMEXP, (a, b), {"axis": axis, "keepdims": keepdims})
    return _logsumexp(a, axis=axis, b=b, keepdims=keepdims)


def log_size(a: Any, b: Any, axis: Any, keepdims: bool) -> Any:
    """log |Σ b eᵃ|, the first result of logsumexp with return_sign."""
    if is_value(a) or is_value(b):
        return apply(LOG_SIZE, (a, b), {"axis": axis, "keepdims": keepdims})
    return _logsumexp(a, axis=axis, b=b, keepdims=keepdims, return_sign=True)[0]


def widen(y: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """A result of a reduction over `axis` in the number of dimensions of a."""
    if keepdims:
        return y
    shape = np.shape(concrete(a))
    if not shape:  # SciPy takes axis 0 of a number
        return y
    axes = range(len(shape)) if axis is None else [k % len(shape) for k in (axis if type(axis) is tuple else (axis,))]
    return np.reshape(y, tuple(1 if k in axes else n for k, n in enumerate(shape)))


def _weights(y: Any, a: Any, b: Any, axis: Any, keepdims: bool) -> Any:
    """eᵃ⁻ʸ; 0 where a = −∞, 1 where a = y = ∞."""
    top = widen(y, _wider(a, b), axis, keepdims)
    if b is None:
        return shares(a, top, axis) if is_value(a) else _shares(a, top)
    dead = np.isneginf(np.real(a)) | np.equal(b, 0) & np.isposinf(np.real(a))
    return _powers(a - top, dead | np.equal(a, top), dead)


def _powers(gap: Any, level: Any, dead: Any) -> Any:
    return np.where(dead, 0.0, np.exp(np.where(level, 0.0, gap)))


def _shares(a: Any, y: Any, axis: Any = None) -> Any:
    dead = np.isneginf(np.real(a))
    return _powers(a - y, dead | np.equal(a, y), dead)


def shares(a: Any, y: Any, axis: Any) -> Any:
    """eᵃ⁻ʸ for y = log Σ eᵃ along axis, its derivative that of a function of a alone: exp's would cancel."""
    return apply(SHARES, (a, y), {"axis": axis}) if is_value(a) or is_value(y) else _shares(a, y)


def _wider(a: Any, b: Any) -> Any:
    """Something of the shape that a and b broadcast to."""
    if b is None:
        return a
    return np.empty(np.broadcast_shapes(np.shape(concrete(a)), np.shape(concrete(b))), bool)


def _sign(y: Any, a: Any, b: Any, axis: Any) -> Any:
    """The sign of Σ b eᵃ, constant."""
    if b is None:
        return 1.0
    return np.asarray(decide(_sign_of, a, b, axis=axis, keepdims=True))


def _sign_of(a: Any, b: Any, axis: Any, keepdims: bool) -> Any:
    return _logsumexp(a, axis=axis, b=b, keepdims=keepdims, return_sign=True)[1]


def _push_a(d: Any, y: Any, a: Any, b: Any, axis: Any, keepdims: bool, sign: Any = 1.0) -> Any:
    w = _weights(y, a, b, axis, keepdims)
    return np.sum(d * w if b is None else d * (sign * b * w), axis=axis, keepdims=keepdims)


def _push_b(d: Any, y: Any, a: Any, b: Any, axis: Any, keepdims: bool, sign: Any = 1.0) -> Any:
    return np.sum(d * (sign * _weights(y, a, b, axis, keepdims)), axis=axis, keepdims=keepdims)


def _pull_a(c: Any, y: Any, a: Any, b: Any, axis: Any, keepdims: bool, sign: Any = 1.0) -> Any:
    w = _weights(y, a, b, axis, keepdims)
    bar = widen(c, _wider(a, b), axis, keepdims) * (w if b is None else sign * b * w)
    return _fit(bar, a)


def _pull_b(c: Any, y: Any, a: Any, b: Any, axis: Any, keepdims: bool, sign: Any = 1.0) -> Any:
    return _fit(widen(c, _wider(a, b), axis, keepdims) * (sign * _weights(y, a, b, axis, keepdims)), b)


def _fit(bar: Any, x: Any) -> Any:
    if np.iscomplexobj(concrete(bar)) and not np.iscomplexobj(concrete(x)):
        bar = np.real(bar)
    return sum_to(bar, np.shape(concrete(x)))


def _signed(f: Any) -> Any:
    def signed(c: Any, y: Any, a: Any, b: Any, axis: Any, keepdims: bool) -> Any:
        return f(c, y, a, b, axis, keepdims, _sign(y, a, b, axis))

    return signed


# d log|Σ b eᵃ| = ± Σ (b da + db) eᵃ⁻ʸ
LOGSUMEXP = rule(logsumexp, _push_a, _push_b, pull=(_pull_a, _pull_b), name="scipy.special.logsumexp")
LOG_SIZE = rule(
    log_size,
    _signed(_push_a),
    _signed(_push_b),
    pull=(_signed(_pull_a), _signed(_pull_b)),
    name="scipy.special.logsumexp",
)


@replace(sp.logsumexp)
def _replace_logsumexp(original: Any) -> Any:
    def logsumexp_of(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
        if not contains_value(a) and not contains_value(b):
            return original(a, axis=axis, b=b, keepdims=keepdims, return_sign=return_sign)
        a = np.array(a) if isinstance(a, (list, tuple)) else a
        b = np.array(b) if isinstance(b, (list, tuple)) else b
        axis = tuple(int(k) for k in axis) if type(axis) in (tuple, list) else axis
        if not return_sign:
            return logsumexp(a, b, axis, keepdims)
        if np.iscomplexobj(concrete(a)) or np.iscomplexobj(concrete(b)):
            raise missing(original)
        sign = decide(_sign_of, a, b, axis=axis, keepdims=keepdims)
        return log_size(a, b, axis, keepdims), sign

    return logsumexp_of


def softmax(x: Any, axis: Any) -> Any:
    """scipy.special.softmax, of recorded values too."""
    return apply(SOFTMAX, (x,), {"axis": axis}) if is_value(x) else _softmax(x, axis=axis)


def log_softmax(x: Any, axis: Any) -> Any:
    """scipy.special.log_softmax, of recorded values too."""
    return apply(LOG_SOFTMAX, (x,), {"axis": axis}) if is_value(x) else _log_softmax(x, axis=axis)


def _from_mean(d: Any, y: Any, axis: Any) -> Any:
    """d − yᵀd for weights y of sum 1. Where one is nearly 1 its difference cancels; that of the rest mends it."""
    for _ in range(2):
        d = d - np.sum(y * d, axis=axis, keepdims=True)
    return d


def _balanced(c: Any, y: Any, axis: Any) -> Any:
    """c − y Σc, the transpose, in the same two steps."""
    for _ in range(2):
        c = c - y * np.sum(c, axis=axis, keepdims=True)
    return c


def _project(d: Any, y: Any, x: Any, *rest: Any, axis: Any) -> Any:
    """(diag y − y yᵀ) d, a symmetric map."""
    return y * _from_mean(d, y, axis)


def _push_nothing(d: Any, y: Any, a: Any, top: Any, axis: Any) -> Any:
    return np.zeros_like(concrete(y))


def _pull_nothing(c: Any, y: Any, a: Any, top: Any, axis: Any) -> Any:
    return np.zeros_like(concrete(top))


def _push_log(d: Any, y: Any, x: Any, axis: Any) -> Any:
    return _from_mean(d, np.exp(y), axis)


def _pull_log(c: Any, y: Any, x: Any, axis: Any) -> Any:
    return _balanced(c, np.exp(y), axis)


def _examples_of_shares(given: Given, axis: Any) -> Any:
    n = np.ndim(given.examples[0])
    if not n or not all(given.many):
        return NotImplemented
    return compute(given.row, given.xs, {"axis": behind(axis, n)})


SOFTMAX = rule(softmax, _project, pull=(_project,), name="scipy.special.softmax", reads=((),))
LOG_SOFTMAX = rule(log_softmax, _push_log, pull=(_pull_log,), name="scipy.special.log_softmax", reads=((),))
SHARES = rule(
    shares,
    _project,
    _push_nothing,
    pull=(_project, _pull_nothing),
    name="scipy.special.logsumexp's weights",
)
BATCHES.update(dict.fromkeys((LOGSUMEXP, LOG_SIZE, SOFTMAX, LOG_SOFTMAX), reducing))
BATCHES[SHARES] = _examples_of_shares


@replace(sp.softmax, sp.log_softmax)
def _replace_softmax(original: Any) -> Any:
    ours = softmax if original is _softmax else log_softmax

    def of(x: Any, axis: Any = None) -> Any:
        if not contains_value(x):
            return original(x, axis=axis)
        return ours(np.array(x) if isinstance(x, (list, tuple)) else x, axis)

    of.__name__ = original.__name__
    return of


# ── spellings of ufuncs ──


def _spelled(original: Any, ours: Any) -> None:
    """Call `ours` (same signature) where an argument is recorded."""

    def make(original: Any) -> Any:
        def spelled(*args: Any, **kwargs: Any) -> Any:
            if not contains_value(list(args)) and not contains_value(list(kwargs.values())):
                return original(*args, **kwargs)
            return ours(*[_listed(a) for a in args], **kwargs)

        return spelled

    replace(original)(make)


def _listed(a: Any) -> Any:
    return as_array(a) if isinstance(a, (list, tuple)) else a


def _with_out(y: Any, out: Any) -> Any:
    if out is None:
        return y
    out[...] = y
    return out


def _factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    if exact or extend != "zero" or np.iscomplexobj(concrete(n)):
        raise missing(sp.factorial)
    return _factorial_of(n)


_factorial_of = lifted(
    sp.factorial,
    lambda y, n: np.where(np.less(n, 0), 0.0, y * sp.psi(np.where(np.less(n, 0), 1.0, n + 1.0))),
    name="scipy.special.factorial",
)


def _multigammaln(a: Any, d: Any) -> Any:
    """log Γ_d(a) = d(d − 1)/4 · log π + Σⱼ log Γ(a − j/2), summed in SciPy's order."""
    x = np.asarray(a)
    _multigammaln_of(concrete(x), d)
    constant = (d * (d - 1) * 0.25) * np.log(np.pi)
    return constant + np.sum(sp.loggamma(np.stack([x - j / 2 for j in range(d)])), axis=0)


def _dirichlet(x: Any, n: Any) -> Any:
    """sin(nx/2) / (n sin(x/2)), smooth at multiples of 2π, where SciPy's formula has pieces that are constant."""
    turns = np.round(x / (2.0 * np.pi))
    u = x / (2.0 * np.pi) - turns
    return (1.0 - 2.0 * np.mod(turns * (n - 1.0), 2.0)) * np.sinc(n * u) / np.sinc(u)


_diric = lifted(sp.diric, lambda y, x, n: slope_of(_dirichlet, 0, x, n), None, name="scipy.special.diric")
_multigammaln_of = sp.multigammaln
_spelled(sp.factorial, _factorial)
_spelled(sp.multigammaln, _multigammaln)
_spelled(sp.diric, lambda x, n: _diric(np.asarray(x), n))
_spelled(sp.polygamma, lambda n, x: polygamma(n, x))
_spelled(sp.zeta, lambda x, q=None, out=None: _with_out(riemann_zeta(x) if q is None else zeta(x, q), out))
_spelled(sp.softplus, lambda x, **options: softplus(x, **options))
_spelled(sp.lambertw, lambda z, k=0, tol=1e-8: lambertw(z, k, tol))
for _original, _ours in SPHERICAL.items():
    _spelled(_original, _ours)


# ── compositions of ufuncs in SciPy's own source ──

COMPOSED = [
    "comb", "perm", "sinc", "jvp", "yvp", "ivp", "kvp", "h1vp", "h2vp", "assoc_laguerre",
]  # fmt: skip


def _body(original: Any) -> Any:
    return lambda *args, **kwargs: run_body(original, args, kwargs)


for _name in COMPOSED:
    if getattr(sp, _name).__module__.startswith("scipy"):
        _spelled(getattr(sp, _name), _body(getattr(sp, _name)))

REFUSED = [
    "factorial2", "factorialk", "stirling2", "bernoulli", "euler", "lmbda", "lqn", "lqmn", "riccati_jn", "riccati_yn",
    "pbdn_seq", "pbdv_seq", "pbvv_seq", "ellip_harm", "ellip_harm_2", "ellip_normal",
]  # fmt: skip


def _refuse(original: Any) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise missing(original)

    return refuse


for _name in REFUSED:
    _spelled(getattr(sp, _name), _refuse(getattr(sp, _name)))
