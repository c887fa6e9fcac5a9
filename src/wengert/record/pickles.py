"""A recorded value pickled and read again by the code that is recorded, as a way to copy what holds it.

What is written is a number, by which the value is found again. It means nothing once the recording has ended, nor to
another process; so only where a user's code pickles is it written at all, and not on the way to a worker.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from typing import Any

from wengert.errors import LostDerivative
from wengert.record.apply import youngest
from wengert.record.locate import at_user_line, is_users
from wengert.record.value import concrete, is_value

_written: dict[int, Any] = {}
_numbers = count()
_REMEDY = "Return x from the function, or pickle wengert.stop_gradient(x) where only its number is needed."


def reduce(self: Any, *protocol: Any) -> Any:
    """How pickle writes x."""
    if youngest((self,)) is None:
        return concrete(self).__reduce__()
    file = sys._getframe(1).f_code.co_filename
    if not is_users(file) or "site-packages" in file:
        raise LostDerivative(at_user_line("a recorded value sent elsewhere would lose its derivative") + f"\n{_REMEDY}")
    for number in [n for n, x in _written.items() if _is_over(x)]:
        _written.pop(number, None)
    number = next(_numbers)
    _written[number] = self.__copy__()
    return read, (os.getpid(), number)


def read(process: int, number: int) -> Any:
    """The value that was written under that number."""
    x = _written.get(number) if process == os.getpid() else None
    if x is None or _is_over(x):
        raise LostDerivative(f"a recorded value is read from a pickle when its recording has ended\n{_REMEDY}")
    return x.__copy__()


def _is_over(x: Any) -> bool:
    while is_value(x):
        if x.rec is not None and x.rec.ended:
            return True
        x = x.primal
    return False
