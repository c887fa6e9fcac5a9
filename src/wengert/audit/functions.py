"""What primitives are in many digits: names of rows → mpmath, elementwise; linear algebra on matrices of mpmath.

Everything that is not in these tables runs as NumPy runs it, on arrays of mpmath numbers: arithmetic,
comparisons, shapes, indices, sums and products are exact in any precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from wengert.errors import BadInput


@cache
def mpmath() -> Any:
    """The module mpmath, or how to get it."""
    try:
        import mpmath as mp
    except ImportError:
        raise BadInput("the reference in 50 digits needs mpmath.\nRun pip install 'wengert[audit]'.") from None
    return mp


# fmt: off
SAME_NAME = (
    "exp", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "cbrt", "log10", "log1p", "hypot", "floor",
    "ceil", "sinc",
)
"""Functions that NumPy and mpmath call alike."""
RENAMED = {
    "log": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "absolute": "fabs", "fabs": "fabs", "conjugate": "conj",
}
"""numpy.x → mpmath.y."""
SPECIAL = {
    "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "gamma": "gamma", "gammaln": "loggamma", "loggamma": "loggamma",
    "digamma": "digamma", "psi": "digamma", "expi": "ei", "expit": "sigmoid_", "beta": "beta", "zeta": "zeta",
    "ellipk": "ellipk", "ellipe": "ellipe", "jv": "besselj", "yv": "bessely", "iv": "besseli", "kv": "besselk",
    "rgamma": "rgamma", "polygamma": "psi", "ndtr": "ncdf", "lambertw": "lambertw", "expn": "expint",
}
"""scipy.special.x → mpmath.y."""
# fmt: on


def _written(mp: Any) -> dict[str, Callable[..., Any]]:
    """Functions that mpmath does not have, by their definitions."""
    zero = mp.mpf(0)
    return {
        "numpy.exp2": lambda x: mp.mpf(2) ** x,
        "numpy.log2": lambda x: mp.log(x, 2),
        "numpy.logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
        "numpy.logaddexp2": lambda a, b: mp.log(mp.mpf(2) ** a + mp.mpf(2) ** b, 2),
        "numpy.power": _power(mp),
        "numpy.square": lambda x: x * x,
        "numpy.reciprocal": lambda x: 1 / x,
        "numpy.deg2rad": lambda x: x * mp.pi / 180,
        "numpy.radians": lambda x: x * mp.pi / 180,
        "numpy.rad2deg": lambda x: x * 180 / mp.pi,
        "numpy.degrees": lambda x: x * 180 / mp.pi,
        "numpy.trunc": lambda x: mp.sign(x) * mp.floor(abs(x)),
        "numpy.rint": mp.nint,
        "numpy.sign": lambda x: mp.sign(x),
        "numpy.floor_divide": lambda a, b: mp.floor(a / b),
        "numpy.remainder": lambda a, b: a - b * mp.floor(a / b),
        "numpy.isfinite": mp.isfinite,
        "numpy.isnan": mp.isnan,
        "numpy.isinf": mp.isinf,
        "numpy.signbit": lambda x: x < 0,
        "logistic": lambda x: 1 / (1 + mp.exp(-x)),
        "scipy.special.expit": lambda x: 1 / (1 + mp.exp(-x)),
        "scipy.special.logit": lambda p: mp.log(p / (1 - p)),
        "scipy.special.log_expit": lambda x: -mp.log1p(mp.exp(-x)),
        "scipy.special.log_ndtr": lambda x: mp.log(mp.ncdf(x)),
        "scipy.special.ndtri": lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1),
        "scipy.special.xlogy": lambda x, y: zero if x == 0 else x * mp.log(y),
        "scipy.special.xlog1py": lambda x, y: zero if x == 0 else x * mp.log1p(y),
        "scipy.special.entr": lambda x: zero if x == 0 else -x * mp.log(x),
        "scipy.special.rel_entr": lambda x, y: zero if x == 0 else x * mp.log(x / y),
        "scipy.special.kl_div": lambda x, y: x * mp.log(x / y) - x + y,
        "scipy.special.betaln": lambda a, b: mp.log(mp.beta(a, b)),
        "scipy.special.gammainc": lambda a, x: mp.gammainc(a, 0, x, regularized=True),
        "scipy.special.gammaincc": lambda a, x: mp.gammainc(a, x, mp.inf, regularized=True),
        "scipy.special.erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
        "scipy.special.exp1": lambda x: mp.e1(x),
        "scipy.special.dawsn": lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x),
        **{f"scipy.special.{b}{k}": _bessel(mp, f"bessel{b}", k) for b in "jyik" for k in (0, 1)},
    }


def _bessel(mp: Any, name: str, order: int) -> Callable[[Any], Any]:
    return lambda x: getattr(mp, name)(order, x)


def _power(mp: Any) -> Callable[[Any, Any], Any]:
    def power(a: Any, b: Any) -> Any:
        if isinstance(b, (int, np.integer)) or b == mp.floor(b):
            return a ** int(b)
        return mp.power(a, b)

    return power


@cache
def elementwise() -> dict[str, Any]:
    """Row name → the function on arrays of mpmath numbers, as a NumPy ufunc of objects."""
    mp = mpmath()
    found: dict[str, Callable[..., Any]] = {f"numpy.{n}": getattr(mp, n) for n in SAME_NAME}
    found |= {f"numpy.{n}": getattr(mp, m) for n, m in RENAMED.items()}
    found |= {f"scipy.special.{n}": getattr(mp, m) for n, m in SPECIAL.items() if hasattr(mp, m)}
    found |= _written(mp)
    found["numpy.sinc"] = mp.sincpi
    return {name: np.frompyfunc(f, _arity(name), 1) for name, f in found.items()}


_TWO = {
    "hypot", "arctan2", "power", "logaddexp", "logaddexp2", "xlogy", "xlog1py", "rel_entr", "kl_div", "beta", "betaln",
    "gammainc", "gammaincc", "jv", "yv", "iv", "kv", "polygamma", "expn", "floor_divide", "remainder",
}  # fmt: skip


def _arity(name: str) -> int:
    return 2 if name.rpartition(".")[2] in _TWO else 1


# ── linear algebra and statistics ──


def _matrix(a: Any) -> Any:
    return mpmath().matrix(np.asarray(a).tolist())


def _array(m: Any) -> Any:
    out = np.empty((m.rows, m.cols), object)
    for i, j in np.ndindex(m.rows, m.cols):
        out[i, j] = m[i, j]
    return out


def solve(a: Any, b: Any, **_: Any) -> Any:
    """numpy.linalg.solve of one system."""
    if np.ndim(a) != 2:
        raise TypeError("a stack of systems")
    inverse = _array(mpmath().inverse(_matrix(a)))
    return inverse @ b


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False, **_: Any) -> Any:
    """numpy.linalg.norm, Euclidean or Frobenius."""
    if ord not in (None, 2, "fro") or (ord == 2 and np.ndim(x) == 2 and axis is None):
        raise TypeError("another norm")
    return elementwise()["numpy.sqrt"](np.sum(np.asarray(x) ** 2, axis=axis, keepdims=bool(keepdims)))


def std(x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False, **_: Any) -> Any:
    """numpy.std."""
    return elementwise()["numpy.sqrt"](var(x, axis, ddof, keepdims))


def var(x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False, **_: Any) -> Any:
    """numpy.var."""
    n = np.size(x) if axis is None else math.prod(np.shape(x)[k] for k in np.atleast_1d(axis))
    centred = x - np.sum(x, axis=axis, keepdims=True) / n
    return np.sum(centred**2, axis=axis, keepdims=bool(keepdims)) / (n - ddof)


def mean(x: Any, axis: Any = None, keepdims: Any = False, **_: Any) -> Any:
    """numpy.mean."""
    n = np.size(x) if axis is None else math.prod(np.shape(x)[k] for k in np.atleast_1d(axis))
    return np.sum(x, axis=axis, keepdims=bool(keepdims)) / n


WHOLE: dict[str, Callable[..., Any]] = {
    "numpy.linalg.solve": solve,
    "numpy.linalg.inv": lambda a, **_: _array(mpmath().inverse(_matrix(a))),
    "numpy.linalg.det": lambda a, **_: mpmath().det(_matrix(a)),
    "numpy.linalg.cholesky": lambda a, **_: _array(mpmath().cholesky(_matrix(a))),
    "numpy.linalg.norm": norm,
    "numpy.std": std,
    "numpy.var": var,
    "numpy.mean": mean,
}
"""Row name → the function of whole arrays."""
