"""Primitive → SymPy, element by element: one row per name of a row of `wengert.rules`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

half = sp.Rational(1, 2)


def _trunc(x: Any) -> Any:
    return sp.sign(x) * sp.floor(sp.Abs(x))


def _where(c: Any, a: Any, b: Any) -> Any:
    return a if c == sp.true else b if c == sp.false else sp.Piecewise((a, c), (b, True))


def _heaviside(x: Any, at_zero: Any) -> Any:
    return sp.Heaviside(x, at_zero)


def _logaddexp(a: Any, b: Any) -> Any:
    return sp.log(sp.exp(a) + sp.exp(b))


def _ndtr(x: Any) -> Any:
    return (1 + sp.erf(x / sp.sqrt(2))) / 2


def _xlogy(x: Any, y: Any) -> Any:
    return sp.Integer(0) if x == 0 else x * sp.log(y)


# fmt: off
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    # ── arithmetic ──
    "numpy.add":        lambda a, b: a + b,
    "numpy.subtract":   lambda a, b: a - b,
    "numpy.multiply":   lambda a, b: a * b,
    "numpy.divide":     lambda a, b: a / b,
    "numpy.power":      lambda a, b: a**b,
    "numpy.float_power": lambda a, b: a**b,
    "numpy.negative":   lambda x: -x,
    "numpy.positive":   lambda x: x,
    "numpy.square":     lambda x: x**2,
    "numpy.reciprocal": lambda x: 1 / x,
    "numpy.sqrt":       sp.sqrt,
    "numpy.cbrt":       lambda x: sp.sign(x) * sp.Abs(x) ** sp.Rational(1, 3),
    "numpy.absolute":   sp.Abs,
    "numpy.fabs":       sp.Abs,
    "numpy.hypot":      lambda a, b: sp.sqrt(a**2 + b**2),
    # ── steps and pieces ──
    "numpy.sign":       sp.sign,
    "numpy.floor":      sp.floor,
    "numpy.ceil":       sp.ceiling,
    "numpy.trunc":      _trunc,
    "numpy.fix":        _trunc,
    "numpy.floor_divide": lambda a, b: sp.floor(a / b),
    "numpy.remainder":  lambda a, b: a - b * sp.floor(a / b),
    "numpy.fmod":       lambda a, b: a - b * _trunc(a / b),
    "wengert.rules.rounding.fraction": lambda x: x - _trunc(x),
    "wengert.rules.rounding.whole":    _trunc,
    "wengert.rules.rounding.quotient": lambda a, b: sp.floor(a / b),
    "wengert.rules.rounding.modulus":  lambda a, b: a - b * sp.floor(a / b),
    "numpy.heaviside":  _heaviside,
    "numpy.copysign":   lambda a, b: sp.Piecewise((sp.Abs(a), b >= 0), (-sp.Abs(a), True)),
    "numpy.maximum":    sp.Max,
    "numpy.minimum":    sp.Min,
    "numpy.fmax":       sp.Max,
    "numpy.fmin":       sp.Min,
    "clip":             lambda x, low, high: sp.Min(sp.Max(x, low), high),
    "wengert.rules.pieces.at_least": sp.Max,
    "wengert.rules.pieces.at_most":  sp.Min,
    "numpy.where":      _where,
    # ── comparisons and logic ──
    "numpy.less":          sp.Lt,
    "numpy.less_equal":    sp.Le,
    "numpy.greater":       sp.Gt,
    "numpy.greater_equal": sp.Ge,
    "numpy.equal":         sp.Eq,
    "numpy.not_equal":     sp.Ne,
    "numpy.logical_and":   sp.And,
    "numpy.logical_or":    sp.Or,
    "numpy.logical_xor":   sp.Xor,
    "numpy.logical_not":   sp.Not,
    "numpy.bitwise_and":   sp.And,
    "numpy.bitwise_or":    sp.Or,
    "numpy.bitwise_xor":   sp.Xor,
    "numpy.invert":        sp.Not,
    # A symbol stands for a finite number.
    "numpy.isnan":         lambda x: sp.false,
    "numpy.isinf":         lambda x: sp.false,
    "numpy.isfinite":      lambda x: sp.true,
    # ── exponential, trigonometric, hyperbolic ──
    "numpy.exp":        sp.exp,
    "numpy.exp2":       lambda x: 2**x,
    "numpy.expm1":      lambda x: sp.exp(x) - 1,
    "numpy.log":        sp.log,
    "numpy.log2":       lambda x: sp.log(x) / sp.log(2),
    "numpy.log10":      lambda x: sp.log(x) / sp.log(10),
    "numpy.log1p":      lambda x: sp.log(1 + x),
    "numpy.logaddexp":  _logaddexp,
    "numpy.logaddexp2": lambda a, b: sp.log(2**a + 2**b) / sp.log(2),
    "numpy.sin":        sp.sin,
    "numpy.cos":        sp.cos,
    "numpy.tan":        sp.tan,
    "numpy.arcsin":     sp.asin,
    "numpy.arccos":     sp.acos,
    "numpy.arctan":     sp.atan,
    "numpy.arctan2":    sp.atan2,
    "numpy.sinh":       sp.sinh,
    "numpy.cosh":       sp.cosh,
    "numpy.tanh":       sp.tanh,
    "numpy.arcsinh":    sp.asinh,
    "numpy.arccosh":    sp.acosh,
    "numpy.arctanh":    sp.atanh,
    "numpy.sinc":       lambda x: sp.sinc(sp.pi * x),
    "numpy.deg2rad":    lambda x: x * sp.pi / 180,
    "numpy.radians":    lambda x: x * sp.pi / 180,
    "numpy.rad2deg":    lambda x: x * 180 / sp.pi,
    "numpy.degrees":    lambda x: x * 180 / sp.pi,
    "numpy.i0":         lambda x: sp.besseli(0, x),
    # ── partial derivatives that rules have written as functions of their own ──
    "arcsin_slope":     lambda x: 1 / sp.sqrt(1 - x**2),
    "arctan_slope":     lambda x: 1 / (1 + x**2),
    "arcsinh_slope":    lambda x: 1 / sp.sqrt(1 + x**2),
    "arccosh_slope":    lambda x: 1 / sp.sqrt(x**2 - 1),
    "arctanh_slope":    lambda x: 1 / (1 - x**2),
    "tanh_slope":       lambda x: 1 - sp.tanh(x) ** 2,
    # ── scipy.special ──
    "scipy.special.expm1":   lambda x: sp.exp(x) - 1,
    "scipy.special.log1p":   lambda x: sp.log(1 + x),
    "scipy.special.exp2":    lambda x: 2**x,
    "scipy.special.exp10":   lambda x: 10**x,
    "scipy.special.cbrt":    lambda x: sp.sign(x) * sp.Abs(x) ** sp.Rational(1, 3),
    "scipy.special.expit":   lambda x: 1 / (1 + sp.exp(-x)),
    "scipy.special.log_expit": lambda x: -sp.log(1 + sp.exp(-x)),
    "scipy.special.logit":   lambda x: sp.log(x / (1 - x)),
    "scipy.special.softplus": lambda x: sp.log(1 + sp.exp(x)),
    "scipy.special.xlogy":   _xlogy,
    "scipy.special.xlog1py": lambda x, y: _xlogy(x, 1 + y),
    "scipy.special.entr":    lambda x: -_xlogy(x, x),
    "scipy.special.rel_entr": lambda x, y: x * sp.log(x / y),
    "scipy.special.kl_div":  lambda x, y: x * sp.log(x / y) - x + y,
    "scipy.special.erf":     sp.erf,
    "scipy.special.erfc":    sp.erfc,
    "scipy.special.erfi":    sp.erfi,
    "scipy.special.erfcx":   lambda x: sp.exp(x**2) * sp.erfc(x),
    "scipy.special.erfinv":  sp.erfinv,
    "scipy.special.erfcinv": lambda x: sp.erfinv(1 - x),
    "scipy.special.dawsn":   lambda x: sp.sqrt(sp.pi) / 2 * sp.exp(-(x**2)) * sp.erfi(x),
    "scipy.special.ndtr":    _ndtr,
    "scipy.special.log_ndtr": lambda x: sp.log(_ndtr(x)),
    "scipy.special.ndtri":   lambda p: sp.sqrt(2) * sp.erfinv(2 * p - 1),
    "scipy.special.gamma":   sp.gamma,
    "scipy.special.rgamma":  lambda x: 1 / sp.gamma(x),
    # log |Γ|; loggamma of a negative number is not real.
    "scipy.special.gammaln": lambda x: sp.loggamma(x) if x.is_positive else sp.log(sp.Abs(sp.gamma(x))),
    "scipy.special.loggamma": sp.loggamma,
    "scipy.special.psi":     sp.digamma,
    "scipy.special.polygamma": sp.polygamma,
    "scipy.special.factorial": lambda x: sp.gamma(x + 1),
    "scipy.special.binom":   lambda n, k: sp.gamma(n + 1) / (sp.gamma(k + 1) * sp.gamma(n - k + 1)),
    "scipy.special.poch":    lambda x, m: sp.gamma(x + m) / sp.gamma(x),
    "scipy.special.beta":    lambda a, b: sp.gamma(a) * sp.gamma(b) / sp.gamma(a + b),
    "scipy.special.betaln":  lambda a, b: sp.log(sp.Abs(sp.gamma(a) * sp.gamma(b) / sp.gamma(a + b))),
    "scipy.special.gammainc": lambda a, x: sp.lowergamma(a, x) / sp.gamma(a),
    "scipy.special.gammaincc": lambda a, x: sp.uppergamma(a, x) / sp.gamma(a),
    "scipy.special.zeta":    sp.zeta,
    "_zeta":                 sp.zeta,
    "scipy.special.zetac":   lambda s: sp.zeta(s) - 1,
    "_riemann_zeta":         sp.zeta,
    "scipy.special.jv":      sp.besselj,
    "scipy.special.yv":      sp.bessely,
    "scipy.special.iv":      sp.besseli,
    "scipy.special.kv":      sp.besselk,
    "scipy.special.kn":      sp.besselk,
    "scipy.special.yn":      sp.bessely,
    "scipy.special.j0":      lambda x: sp.besselj(0, x),
    "scipy.special.j1":      lambda x: sp.besselj(1, x),
    "scipy.special.y0":      lambda x: sp.bessely(0, x),
    "scipy.special.y1":      lambda x: sp.bessely(1, x),
    "scipy.special.i0":      lambda x: sp.besseli(0, x),
    "scipy.special.i1":      lambda x: sp.besseli(1, x),
    "scipy.special.k0":      lambda x: sp.besselk(0, x),
    "scipy.special.k1":      lambda x: sp.besselk(1, x),
    "scipy.special.i0e":     lambda x: sp.exp(-sp.Abs(x)) * sp.besseli(0, x),
    "scipy.special.i1e":     lambda x: sp.exp(-sp.Abs(x)) * sp.besseli(1, x),
    "scipy.special.k0e":     lambda x: sp.exp(x) * sp.besselk(0, x),
    "scipy.special.k1e":     lambda x: sp.exp(x) * sp.besselk(1, x),
    "scipy.special.hankel1": sp.hankel1,
    "scipy.special.hankel2": sp.hankel2,
    "scipy.special.ellipk":  sp.elliptic_k,
    "scipy.special.ellipe":  sp.elliptic_e,
    "scipy.special.ellipkm1": lambda p: sp.elliptic_k(1 - p),
    "scipy.special.ellipkinc": sp.elliptic_f,
    "scipy.special.ellipeinc": sp.elliptic_e,
    "scipy.special.expi":    sp.Ei,
    "scipy.special.exp1":    lambda x: sp.expint(1, x),
    "scipy.special.expn":    sp.expint,
    "scipy.special.exprel":  lambda x: (sp.exp(x) - 1) / x,
    "scipy.special.hyp0f1":  lambda b, x: sp.hyper((), (b,), x),
    "scipy.special.hyp1f1":  lambda a, b, x: sp.hyper((a,), (b,), x),
    "scipy.special.hyp2f1":  lambda a, b, c, x: sp.hyper((a, b), (c,), x),
    "scipy.special.eval_legendre": sp.legendre,
    "scipy.special.eval_chebyt":   sp.chebyshevt,
    "scipy.special.eval_chebyu":   sp.chebyshevu,
    "scipy.special.eval_hermite":  sp.hermite,
    "scipy.special.eval_laguerre": sp.laguerre,
    "scipy.special.eval_gegenbauer": sp.gegenbauer,
    "scipy.special.eval_genlaguerre": sp.assoc_laguerre,
    "scipy.special.eval_jacobi":   sp.jacobi,
    "scipy.special.sindg":   lambda x: sp.sin(x * sp.pi / 180),
    "scipy.special.cosdg":   lambda x: sp.cos(x * sp.pi / 180),
    "scipy.special.tandg":   lambda x: sp.tan(x * sp.pi / 180),
    "scipy.special.cosm1":   lambda x: sp.cos(x) - 1,
    "scipy.special.boxcox":  lambda x, k: sp.log(x) if k == 0 else (x**k - 1) / k,
    "scipy.special.powm1":   lambda x, y: x**y - 1,
    "scipy.special.huber":   lambda d, r: sp.Piecewise((r**2 / 2, sp.Abs(r) <= d), (d * (sp.Abs(r) - d / 2), True)),
    "scipy.special.pseudo_huber": lambda d, r: d**2 * (sp.sqrt(1 + (r / d) ** 2) - 1),
}
SEVERAL: dict[str, tuple[Callable[..., Any], ...]] = {
    "scipy.special.sici":    (sp.Si, sp.Ci),
    "scipy.special.shichi":  (sp.Shi, sp.Chi),
    "scipy.special.fresnel": (sp.fresnels, sp.fresnelc),
    "scipy.special.airy":    (sp.airyai, sp.airyaiprime, sp.airybi, sp.airybiprime),
}
"""Functions with several results: one SymPy function for each."""
# fmt: on
