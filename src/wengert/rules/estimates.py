"""Numbers that a library estimates on its way, which go by that way: of them there is no derivative, and whoever needs
one is told so. A program that does not use them has its derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.apply import apply
from wengert.record.locate import at_user_line
from wengert.rules.table import rule


class Unknown:
    """The tangent of an estimate: an error as soon as anything is made of it."""

    def __init__(self, message: str) -> None:
        self.message = message

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise NoDerivative(self.message)

    def __array_ufunc__(self, *_: Any, **__: Any) -> Any:
        self._refuse()

    def __array_function__(self, *_: Any, **__: Any) -> Any:
        self._refuse()

    __array__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __neg__ = _refuse
    __getitem__ = __float__ = _refuse


def _estimated(x: Any, value: Any, message: str) -> Any:
    return value


def _pull(c: Any, y: Any, x: Any, value: Any, message: str) -> Any:
    raise NoDerivative(message)


ESTIMATED = rule(
    _estimated,
    lambda d, y, x, value, message: Unknown(message),
    pull=(_pull,),
    name="an estimate",
)


def estimated(value: Any, x: Any, what: str, remedy: str) -> Any:
    """The value, which depends on x in a way that has no derivative here."""
    message = at_user_line(f"no derivative of {what}: it goes by the way to the solution") + f"\n{remedy}"
    return apply(ESTIMATED, (x,), {"value": np.float64(value), "message": message})
