"""The text of a number that is differentiated: printed as any other, but refused where it is read as a number again.

`float(str(x))` is a way out of a recording that no protocol sees. As a key, all digits of x are what x is, whenever
they are asked for: one of its own (`record.hashing`). Text that is put together, or written to a file, is Python's own
again, and what is read from it is a plain number.
"""

from __future__ import annotations

from typing import Any

from wengert.errors import LostDerivative
from wengert.record.locate import at_user_line
from wengert.record.refusals import note
from wengert.record.value import Scalar, concrete, is_value


class Text(str):
    """A string that knows the number which it shows."""

    __slots__ = ("is_key", "of")
    of: Scalar
    is_key: bool
    """Whether it has been a key of its own: then it stays one."""

    def __float__(self) -> float:
        if not _is_differentiated(self.of):
            return float(str.__str__(self))
        raise LostDerivative(
            at_user_line("reading a recorded value from its text would cut its derivative")
            + "\nUse x itself (or np.round(x, digits), which is a step function), or wengert.stop_gradient(x) if "
            "losing the derivative is what you want."
        )

    def __hash__(self) -> int:
        x = concrete(self.of)
        if not self.is_key and str.__str__(self) in (str(x), repr(x)) and _is_differentiated(self.of):
            self.is_key = True
            note(None)
        return object.__hash__(self.of) if self.is_key else str.__hash__(self)

    def __format__(self, spec: str) -> str:
        return self if not spec else str.__str__(self).__format__(spec)

    def strip(self, *characters: Any) -> str:
        """The text without what is around it."""
        return shown(str.strip(self, *characters), self.of)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return str, (str.__str__(self),)


def shown(text: str, x: Any) -> str:
    """The text of x, which knows x if that is a number that is differentiated."""
    if type(x) is not Scalar or not _is_differentiated(x):
        return text
    found = Text(text)
    found.of, found.is_key = x, False
    return found


def _is_differentiated(x: Any) -> bool:
    """Whether a derivative is being recorded of x now."""
    while is_value(x):
        if x.rec is not None and not x.rec.traces and not x.rec.ended:
            return True
        x = x.primal
    return False
