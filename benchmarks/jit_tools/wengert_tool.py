"""Us: the NumPy functions as they are, compiled by `wengert.jit` where this checkout has it."""

from __future__ import annotations

from functools import partial
from importlib.metadata import PackageNotFoundError, version

import numpy as np

import wengert as wg

try:
    VERSION = f"wengert {version('wengert')}"
except PackageNotFoundError:
    VERSION = "wengert (this checkout)"
compiled = getattr(wg, "jit", None)
if compiled is None:
    VERSION += ", eager: this checkout has no wengert.jit"
    compiled = lambda f: f
LEFT_OUT: dict[str, str] = {}


def seeds(problem):
    """The rows J s of the Jacobian's compression."""
    f = problem.f  # what a compiled function can reach is compared before every call: not the problem's inputs

    def rows(x, tangents):
        return np.stack([wg.jvp(f, (x,), (s,))[1] for s in tangents])

    return rows


TRANSFORMS = {
    "grad": lambda problem: wg.grad(problem.f, argnums=problem.argnums if len(problem.argnums) > 1 else 0),
    "hessian": lambda problem: wg.hessian(problem.f),
    "seeds": seeds,
}


def prepare(problem):
    """The call to time."""
    return partial(compiled(TRANSFORMS[problem.transform](problem)), *problem.args)


def primal(problem):
    """The function itself."""
    return partial(compiled(problem.f), *(problem.args[:1] if problem.transform == "seeds" else problem.args))


def warm() -> None:
    """Load what the first compilation loads."""
    x = np.ones(3)
    compiled(wg.grad(lambda x: np.sum(x * x)))(x)
