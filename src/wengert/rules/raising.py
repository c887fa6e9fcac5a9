"""`np.errstate(...="raise")` inside a function: whether NumPy raises is no line of a trace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from wengert.record.locate import is_users
from wengert.record.state import state
from wengert.record.swap import METHODS, replace

Fn = Callable[..., Any]


def _noted(result: Any) -> Any:
    """Note what a user's code tells NumPy, or a library's that runs on recorded values; not what a solver tells
    it for the numbers it finds."""
    if "raise" in np.geterr().values() and (state.bodies or is_users(sys._getframe(2).f_code.co_filename)):
        state.raising = True
    return result


_enter = np.errstate.__enter__


@wraps(_enter)
def _entered(self: np.errstate) -> None:
    return _noted(_enter(self))


METHODS.append((np.errstate, "__enter__", _enter, _entered))


@replace(np.seterr)
def _seterr(original: Fn) -> Fn:
    def seterr(*args: Any, **kwargs: Any) -> Any:
        return _noted(original(*args, **kwargs))

    return seterr
