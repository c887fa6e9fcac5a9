"""scipy.integrate: cubature, tanhsinh and finite sums of nsum, as sums of rules on what SciPy settled on.

A region of cubature's is a part of the box between recorded ends, and moves with them. Its rule is that of Gauss and
Legendre with 21 points along each axis, whatever SciPy's own was.
"""

from __future__ import annotations

import inspect
from itertools import product
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.scipy_quad import SPLIT
from wengert.rules.solved import Observed, by_place, renewed, still

integrate: Any = _integrate
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(21)


def _refuse(name: str, why: str, remedy: str) -> NoDerivative:
    return NoDerivative(at_user_line(f"no derivative rule for scipy.integrate.{name} {why}") + f"\n{remedy}")


def _with(found: Any, **values: Any) -> Any:
    """A result with other values."""
    for key, value in values.items():
        setattr(found, key, value)
    return found


def _region(f: Any, low: Any, high: Any) -> Any:
    """The integral over a box."""
    n = np.shape(concrete(low))[0]
    nodes = np.array(list(product(_POINTS, repeat=n)))
    weights = np.prod(np.array(list(product(_WEIGHTS, repeat=n))), axis=1)
    half = 0.5 * (high - low)
    return np.prod(half) * np.tensordot(weights, f(0.5 * (low + high) + half * nodes), 1)


@replace(integrate.cubature)
def _cubature(original: Any) -> Any:
    signature = inspect.signature(original)

    def cubature(*args: Any, **kwargs: Any) -> Any:
        given = dict(signature.bind(*args, **kwargs).arguments)
        f, extra, observed = given["f"], given.pop("args", ()), Observed(watched=True)
        plain = {key: still(as_array(v)) if key in "ab" else still(v) for key, v in given.items()}
        found = compute(original, (), plain | {"f": observed(f, tuple(extra))})
        if not observed.recorded and not any_recorded((given["a"], given["b"], tuple(extra))):
            observed.refuse_thresholds("the integrand of scipy.integrate.cubature", SPLIT)
            return found
        a, b = as_array(given["a"]), as_array(given["b"])
        low, high = np.asarray(still(a), float), np.asarray(still(b), float)
        if not np.all(np.isfinite([low, high])) or "points" in given:
            remedy = "Map the range to a finite one, or split it at the points."
            raise _refuse("cubature", "over an infinite range, or with points", remedy)
        total: Any = 0.0
        for region in found.regions:
            u, v = (region.a - low) / (high - low), (region.b - low) / (high - low)
            total = total + _region(lambda x: f(x, *extra), a + (b - a) * u, a + (b - a) * v)
        return _with(found, estimate=renewed(found.estimate, total))

    return cubature


@replace(integrate.tanhsinh)
def _tanhsinh(original: Any) -> Any:
    def tanhsinh(f: Any, a: Any, b: Any, *, args: Any = (), **options: Any) -> Any:
        f, extra = by_place(f, args, options.pop("kwargs", None))
        observed = Observed(watched=True)
        found = compute(original, (observed(f), still(a), still(b)), {"args": tuple(map(still, extra)), **options})
        if not observed.recorded and not any_recorded((a, b, extra)):
            observed.refuse_thresholds("the integrand of scipy.integrate.tanhsinh", SPLIT)
            return found
        if options.get("log") or options.get("preserve_shape"):
            remedy = (
                "Integrate np.exp of it, and take np.log of what comes out."
                if options.get("log")
                else "Leave preserve_shape out: integrate each function by itself."
            )
            raise _refuse("tanhsinh", "with log or preserve_shape", remedy)
        shape = np.shape(found.integral)
        parts = [np.reshape(np.broadcast_to(as_array(p), shape), (-1,)) for p in (a, b, *extra)]
        values = [
            integrate.quad(f, parts[0][k], parts[1][k], args=tuple([p[k] for p in parts[2:]]))[0]
            for k in range(int(np.prod(shape)))
        ]
        return _with(found, integral=renewed(found.integral, np.reshape(np.stack(values), shape)))

    return tanhsinh


@replace(integrate.nsum)
def _nsum(original: Any) -> Any:
    def nsum(f: Any, a: Any, b: Any, *, step: Any = 1, args: Any = (), **options: Any) -> Any:
        f, extra = by_place(f, args, options.pop("kwargs", None))
        observed = Observed()
        plain = {"step": still(step), "args": tuple(map(still, extra))}
        found = compute(original, (observed(f), still(a), still(b)), plain | options)
        if not observed.recorded and not any_recorded((a, b, step, extra)):
            return found
        if np.ndim(found.sum) or options.get("log") or not np.all(np.isfinite([still(a), still(b)])):
            remedy = (
                "Add up so many terms that the rest is small, each sum by itself, and take np.log of what comes out."
            )
            raise _refuse("nsum", "of several sums, of infinitely many terms, or with log", remedy)
        terms = as_array(a) + as_array(step) * np.arange(np.floor((still(b) - still(a)) / still(step)) + 1)
        return _with(found, sum=renewed(found.sum, np.sum(f(terms, *extra))))

    return nsum
