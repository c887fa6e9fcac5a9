"""Derivatives written by hand, compiled by Numba: the limit that we measure ourselves against."""

from __future__ import annotations

from functools import partial

import numba
import numpy as np

from jit_tools import numba_models as models
from jit_tools import numba_vectors as vectors

VERSION = f"numba {numba.__version__}"
LEFT_OUT: dict[str, str] = {}


def prepare(problem):
    """The call to time."""
    return partial(derivative(problem), *problem.args)


def derivative(problem):
    """The compiled function."""
    name = problem.key if problem.transform != "hessian" else f"{problem.key}_hessian"
    if name == "normal" and np.ndim(problem.args[0]) == 0:
        name = "normal_number"
    return getattr(vectors, name, None) or getattr(models, name)


def warm() -> None:
    """Load what the first compilation loads."""
    numba.njit(lambda x: 2 * x)(np.ones(3))
