"""scipy.integrate.qmc_quad: means of the integrand at the points that SciPy drew, which move with the bounds."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.rules.axes import as_array
from wengert.rules.scipy_quad import SPLIT
from wengert.rules.solved import Observed, renewed, still

integrate: Any = _integrate


def _refused(what: str, remedy: str) -> NoDerivative:
    return NoDerivative(at_user_line(f"no derivative rule for scipy.integrate.qmc_quad {what}") + f"\n{remedy}")


def _estimates(func: Any, a: Any, b: Any, points: list[Any]) -> Any:
    """One integral for each set of points."""
    low, high = still(a), still(b)
    found = []
    for x in points:
        share = (x - low[:, None]) / (high - low)[:, None]
        found.append(np.mean(func(a[:, None] + share * (b - a)[:, None])))
    return np.prod(b - a) * np.stack(found)


@replace(integrate.qmc_quad)
def _qmc_quad(original: Any) -> Any:
    signature = inspect.signature(original)

    def qmc_quad(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        func, observed, called = given["func"], Observed(watched=True), []
        plain = {key: still(part) for key, part in given.items()}
        look = observed(func)

        def kept(x: Any) -> Any:
            called.append(x)
            return look(x)

        found = compute(original, (), plain | {"func": kept})
        observed.refuse_thresholds("the integrand of scipy.integrate.qmc_quad", SPLIT)
        if not (observed.recorded or any_recorded((given["a"], given["b"]))):
            return found
        a, b = np.broadcast_arrays(*[np.atleast_1d(as_array(part)) for part in (given["a"], given["b"])])
        if np.any(still(a) == still(b)):
            if not any_recorded((given["a"], given["b"])):
                return found
            raise _refused("over an interval of length 0", "Leave it out.")
        count = int(given["n_estimates"])
        points = [x for x in called[-count:] if np.shape(x) == (np.size(still(a)), int(given["n_points"]))]
        if given["log"]:
            raise _refused("with log=True", "Integrate the exponential, and take the logarithm of that.")
        if len(points) != count:
            raise _refused("of a function of one point", "Let it work on an array of points, one column each.")
        parts = _estimates(func, a, b, points)
        spread = np.std(parts, ddof=1) / np.sqrt(count)
        return type(found)(renewed(found.integral, np.mean(parts)), renewed(found.standard_error, spread))

    return qmc_quad
