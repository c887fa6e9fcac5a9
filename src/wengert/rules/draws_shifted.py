"""numpy.random: draws whose parameters are recorded, as functions of those parameters.

A draw is y = g(z, θ), where z is what the generator would have drawn for fixed parameters and g the formula by which
NumPy makes y of it: z does not depend on θ, and dy/dθ = ∂g/∂θ. (Kingma and Welling, Auto-encoding variational Bayes,
2014, call this the reparametrised draw.) Draws that are accepted or rejected, or are integers, jump as θ moves; they
are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.apply import apply
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded, lower
from wengert.record.reach import MADE_BY
from wengert.record.state import state
from wengert.record.swap import METHODS, replace
from wengert.record.value import concrete, is_value
from wengert.rules.axes import as_array
from wengert.rules.draws import Methods
from wengert.rules.linalg_eigen import coincide
from wengert.rules.solved import renewed, still
from wengert.rules.table import rule

Fn = Callable[..., Any]
Formula = tuple[tuple[tuple[str, Any], ...], str, tuple[Any, ...], Fn, tuple[str, ...]]
"""(parameters with their defaults, the draw that gives z and its arguments, g(z, *parameters), refused parameters);
the argument `...` of the draw is the parameter of the same place."""

_SHIFTED = (("loc", 0.0), ("scale", 1.0))


def _moved(z: Any, loc: Any, scale: Any) -> Any:
    return loc + scale * z


def _triangular(u: Any, left: Any, mode: Any, right: Any) -> Any:
    """The inverse of its distribution function."""
    below, above, width = mode - left, right - mode, right - left
    return np.where(u * width <= below, left + np.sqrt(u * below * width), right - np.sqrt((1.0 - u) * above * width))


# fmt: off
FORMULAS: dict[str, Formula] = {
    "normal":      (_SHIFTED, "normal", (0.0, 1.0), _moved, ()),
    "laplace":     (_SHIFTED, "laplace", (0.0, 1.0), _moved, ()),
    "gumbel":      (_SHIFTED, "gumbel", (0.0, 1.0), _moved, ()),
    "logistic":    (_SHIFTED, "logistic", (0.0, 1.0), _moved, ()),
    "uniform":     ((("low", 0.0), ("high", 1.0)), "uniform", (0.0, 1.0), lambda u, a, b: a + (b - a) * u, ()),
    "exponential": ((("scale", 1.0),), "exponential", (1.0,), lambda z, scale: scale * z, ()),
    "rayleigh":    ((("scale", 1.0),), "rayleigh", (1.0,), lambda z, scale: scale * z, ()),
    "lognormal":   ((("mean", 0.0), ("sigma", 1.0)), "normal", (0.0, 1.0), lambda z, m, s: np.exp(m + s * z), ()),
    "weibull":     ((("a", None),), "weibull", (1.0,), lambda e, a: e ** (1.0 / a), ()),
    "pareto":      ((("a", None),), "exponential", (1.0,), lambda e, a: np.expm1(e / a), ()),
    "power":       ((("a", None),), "power", (1.0,), lambda u, a: u ** (1.0 / a), ()),
    "gamma":       ((("shape", None), ("scale", 1.0)), "gamma", (..., 1.0), lambda z, k, scale: scale * z, ("shape",)),
    "triangular":  ((("left", None), ("mode", None), ("right", None)), "uniform", (0.0, 1.0), _triangular, ()),
    "vonmises":    ((("mu", None), ("kappa", None)), "vonmises", (..., ...), lambda y, mu, k: y + (mu - still(mu)),
                    ("kappa",)),
}
JUMPING = (
    "beta", "binomial", "chisquare", "dirichlet", "f", "geometric", "hypergeometric", "logseries", "multinomial",
    "multivariate_hypergeometric", "negative_binomial", "noncentral_chisquare", "noncentral_f", "poisson",
    "standard_gamma", "standard_t", "wald", "zipf", "integers", "randint",
)
# fmt: on


def refuse(name: str, what: str) -> NoDerivative:
    """The error for a parameter in which draws jump."""
    law = _BY_PPF.get(name.rpartition(" ")[2])
    instead = (
        f"Write scipy.stats.{law} with u = rng.uniform(size=...) in its place: a draw of the same law, which moves "
        "with its parameters"
        if law
        else "Put draws of numpy.random's uniform through scipy.stats' ppf where it has one"
    )
    return NoDerivative(
        at_user_line(f"no derivative of a draw of {name} with respect to {what}: draws jump as it moves")
        + f"\n{instead}; or use stop_gradient."
    )


_BY_PPF = {
    "gamma": "gamma.ppf(u, shape)", "standard_gamma": "gamma.ppf(u, shape)", "beta": "beta.ppf(u, a, b)",
    "chisquare": "chi2.ppf(u, df)", "standard_t": "t.ppf(u, df)", "f": "f.ppf(u, dfnum, dfden)",
    "vonmises": "vonmises.ppf(u, kappa, loc=mu)", "wald": "invgauss.ppf(u, mean / scale, scale=scale)",
}  # fmt: skip
"""draws that jump → what gives draws of the same law: x = F⁻¹(u; θ), whose derivative is −(∂F/∂θ) / (∂F/∂x)."""


class Rewound:
    """Context manager: the generator draws again what it drew since `mark`."""

    def __init__(self, generator: Any) -> None:
        self.generator = generator
        self.mark = self._state

    @property
    def _state(self) -> Any:
        g = self.generator
        return g.bit_generator.state if isinstance(g, np.random.Generator) else g.get_state(legacy=False)

    def __enter__(self) -> None:
        g = self.generator
        if isinstance(g, np.random.Generator):
            g.bit_generator.state = self.mark
        else:
            g.set_state(self.mark)

    def __exit__(self, *_: object) -> None: ...


def _given(name: str, formula: Formula, args: Any, kwargs: Any) -> tuple[list[Any], Any]:
    """The parameters in order, and the size."""
    names = [key for key, _ in formula[0]] + ["size"]
    given = dict(formula[0]) | dict(zip(names, args, strict=False)) | kwargs
    return [given[key] for key in names[:-1]], given.get("size")


def _pathwise(name: str, original: Fn, standard: Fn) -> Fn:
    formula = FORMULAS[name]

    def draw(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not state.depth or not any_recorded((args, kwargs)):
            return original(self, *lower(args), **lower(kwargs))
        parameters, size = _given(name, formula, args, kwargs)
        for (key, _), value in zip(formula[0], parameters, strict=True):
            if key in formula[4] and any_recorded(value):
                raise refuse(f"numpy.random's {name}", f"its {key}")
        plain = [still(p) for p in parameters]
        again = Rewound(self)
        y = original(self, *plain, size)
        with again:
            fixed = [plain[k] if a is ... else a for k, a in enumerate(formula[2])]
            z = standard(self, *fixed, np.shape(y) or None)
        return agreeing(y, formula[3](z, *[as_array(p) if isinstance(p, list) else p for p in parameters]))

    return draw


def agreeing(y: Any, r: Any) -> Any:
    """r with the value y, of which it may differ by roundings."""
    return r if np.array_equal(concrete(still(r)), y) else renewed(y, r)


def _refusing(name: str, original: Fn) -> Fn:
    def draw(self: Any, *args: Any, **kwargs: Any) -> Any:
        if state.depth and any_recorded((args, kwargs)):
            raise refuse(f"numpy.random's {name}", "a parameter")
        return original(self, *lower(args), **lower(kwargs))

    return draw


def _choosing(original: Fn) -> Fn:
    """Rows of a recorded array, at places that the generator draws."""

    def choice(
        self: Any, a: Any, size: Any = None, replace: Any = True, p: Any = None, axis: int = 0, **kw: Any
    ) -> Any:
        if not state.depth or not any_recorded((a, p)):
            kw |= {"axis": axis} if axis else {}
            return original(self, lower(a), size, replace, lower(p), **kw)
        if any_recorded(p):
            raise refuse("numpy.random's choice", "its probabilities")
        x = as_array(a)
        return np.take(x, original(self, np.shape(concrete(x))[axis], size, replace, p, **kw), axis)

    return choice


def _permuting(original: Fn) -> Fn:
    def permuted(self: Any, x: Any, *, axis: Any = None, out: Any = None) -> Any:
        if not state.depth or not any_recorded((x, out)):
            return original(self, lower(x), axis=axis, out=out)
        places = original(self, np.arange(np.size(concrete(x))).reshape(np.shape(concrete(x))), axis=axis)
        y = np.take(x, places)
        if out is None:
            return y
        out[...] = y
        return out

    return permuted


def _correlated(original: Fn, normal: Fn) -> Fn:
    """mean + z Fᵀ with F Fᵀ = cov, by the factor that NumPy takes."""

    def draw(self: Any, mean: Any, cov: Any, size: Any = None, *args: Any, **kwargs: Any) -> Any:
        if not state.depth or not any_recorded((mean, cov)):
            return original(self, lower(mean), lower(cov), size, *args, **kwargs)
        mean, cov = as_array(mean), as_array(cov)
        again = Rewound(self)
        y = original(self, still(mean), still(cov), size, *args, **kwargs)
        n = np.shape(concrete(mean))[0]
        with again:
            z = normal(self, 0.0, 1.0, (np.size(y) // n, n))
        method = kwargs.get("method", args[2] if len(args) > 2 else "svd")
        drawn = np.reshape(mean + np.matmul(z, np.transpose(_factor(cov, method))), np.shape(y))
        return agreeing(y, drawn)

    return draw


def _factor(cov: Any, method: str) -> Any:
    if method == "cholesky":
        return np.linalg.cholesky(cov)
    w, u = _spectrum(cov, method)
    equal = np.sum(coincide(still(w))) > np.shape(w)[0]
    return apply(FACTOR, (cov,), {"method": method}) if equal else u * np.sqrt(w)


def _spectrum(cov: Any, method: str) -> tuple[Any, Any]:
    if method == "eigh":
        w, u = np.linalg.eigh(cov)
    else:
        u, w, _ = np.linalg.svd(cov)
    return w, u


def factor(cov: Any, method: str) -> Any:
    """F with F Fᵀ = cov: the vectors that NumPy takes, times the roots of the eigenvalues."""
    if is_value(cov):
        return apply(FACTOR, (cov,), {"method": method})
    w, u = _spectrum(cov, method)
    return u * np.sqrt(w)


def _push_factor(d: Any, y: Any, cov: Any, method: str) -> Any:
    """F = U D with orthogonal U. With M = Uᵀ Ċ U, Ḟ = U K, K_ij = M_ij Dⱼ/(Dⱼ² − Dᵢ²). The vectors of equal eigenvalues
    are no function of cov: there K_ij = M_ij/(2Dⱼ), as of the symmetric root, so that F Fᵀ moves as cov does."""
    scale = np.sqrt(np.sum(y * y, axis=0))
    u = y / scale
    m = np.matmul(np.transpose(u), np.matmul(d, u))
    w = scale**2
    equal = coincide(still(w))
    gaps = np.where(equal, 1.0, w - w[:, None])
    return np.matmul(u, m * np.where(equal, 0.5 / scale, scale / gaps))


FACTOR = rule(factor, _push_factor, name="numpy.random.multivariate_normal")


def _replaced(kind: type) -> dict[str, Fn]:
    """The methods of one of the two kinds of generators that know recorded parameters."""
    theirs = kind.__dict__
    made = {name: _pathwise(name, theirs[name], theirs[formula[1]]) for name, formula in FORMULAS.items()}
    made |= {name: _refusing(name, theirs[name]) for name in JUMPING if name in theirs}
    made["choice"] = _choosing(theirs["choice"])
    made["multivariate_normal"] = _correlated(theirs["multivariate_normal"], theirs["normal"])
    if "permuted" in theirs:
        made["permuted"] = _permuting(theirs["permuted"])
    return made


_OF = {kind: _replaced(kind) for kind in (np.random.Generator, np.random.RandomState)}
for _kind, _made in _OF.items():
    for _name, _method in _made.items():
        _place = Methods(_kind, _name)
        MADE_BY[_place] = frozenset({"sample"})  # Normal(mu=x).sample(5, rng=generator)
        METHODS.append((_place, _name, _kind.__dict__[_name], _method))


@replace(*[getattr(np.random, name) for name in _OF[np.random.RandomState] if hasattr(np.random, name)])
def _global(original: Any) -> Any:
    """The functions of the module are methods of the one global generator, bound long ago."""
    generator, method = original.__self__, _OF[np.random.RandomState][original.__name__]
    return lambda *args, **kwargs: method(generator, *args, **kwargs)
