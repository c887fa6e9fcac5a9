"""Derivatives by SciPy's adaptive differences, which take steps until an error estimate is small enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import differentiate

from wengert.numerical.curves import real_point
from wengert.numerical.extrapolation import Extrapolated


def adaptive(
    f: Callable[..., Any], x: Any, *, rtol: float | None = None, accuracy: int = 8, maxiter: int = 10
) -> Extrapolated:
    """f′(x) by `scipy.differentiate.derivative`: (value, error estimate, last step), element by element.

    Arguments:
        f: a function that works element by element on arrays of any shape.
        rtol: the relative error that is enough; unless given, what rounding allows.
        accuracy: of its central differences, an even number.
        maxiter: the most halvings of the step, which begins at 1/2.

    Where SciPy says that it did not succeed the error is infinite.

    >>> d = adaptive(np.exp, np.array([0.0, 1.0]))
    >>> bool(np.all(abs(d.value - np.exp([0.0, 1.0])) < 1e-9))
    True
    """
    at = real_point(x, "adaptive")
    tolerances = {} if rtol is None else {"rtol": rtol}
    with np.errstate(all="ignore"):
        found = differentiate.derivative(f, at, order=accuracy, maxiter=maxiter, tolerances=tolerances)
    # Status −1: the error grew again, so the estimate before that is the best there is.
    usable = np.asarray(found.success) | (np.asarray(found.status) == -1)
    step = 0.5 / 2.0 ** np.maximum(np.asarray(found.nit) - 1, 0)
    return Extrapolated(found.df, np.where(usable, found.error, np.inf)[()], step[()])
