"""Derivatives written by hand in NumPy."""

from __future__ import annotations

from functools import partial

import numpy as np

VERSION = f"numpy {np.__version__}"
LEFT_OUT: dict[str, str] = {}


def prepare(problem):
    """The call to time."""
    return partial(problem.by_hand, *problem.args)


def primal(problem):
    """The function itself."""
    return partial(problem.f, *(problem.args[:1] if problem.transform == "seeds" else problem.args))


def warm() -> None:
    """Nothing to load."""
