"""The two recorded values, Scalar and Array, and the recorder they belong to.

A recorded value carries its concrete NumPy value, so Python control flow just runs. It is not an
ndarray (compiled code that would silently read its memory gets an error instead), but it says that
it is one to `isinstance`, as do NumPy's own protocols.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.errors import LeakedValue
from wengert.ir.row import Row
from wengert.record.locate import library_function, user_line

Line = tuple[Row, tuple[int, ...], Any, tuple[Any, ...], dict[str, Any] | None, Any]
"""(row, slots, result, args, params, shapes): one assignment of the Wengert list.

Line i defines slot i. `slots[k]` is the slot of argument k, -1 where it is not recorded here;
`args` and `result` are what the row's derivative reads (None where it reads nothing); `shapes` is
None unless a cotangent must be summed back over broadcast axes or projected to the reals.
"""

_serials = count(1)

ROLLED: Any = "rolled"
"""`traces` of a recording for a compiler: long repeats may be loops in it."""
LOOPED: Any = "looped"
"""`traces` of one run of a loop: what is true of it need not be true of the next."""
SWEPT: Any = "swept"
"""`traces` of one sweep of several that a compiler records once: that it meets no NaN is asked of each."""
BATCH: Any = "batch"
"""`traces` of a recording that is replayed on other examples: sweeps inside it note what they look at."""


class Recorder:
    """One recording. A call belongs to the youngest recorder among its arguments.

    A recording that is `apart` computes with plain numbers; values of older recordings are arguments of its
    lines, and nothing of it is noted in theirs.
    """

    __slots__ = ("apart", "frozen", "lines", "origin", "serial", "traces", "writes")

    def __init__(
        self,
        origin: tuple[str, Any] = ("a derivative", None),
        traces: Any = False,
        apart: bool = False,
        lines: Any = None,
    ) -> None:
        self.serial = next(_serials)
        self.lines: Any = [] if lines is None else lines
        self.writes: list[int] = []
        self.origin = origin
        self.traces = traces
        self.apart = apart
        self.frozen = ""

    def append(self, line: Line) -> int:
        """Add a line; return its slot."""
        lines = self.lines
        lines.append(line)
        return len(lines) - 1

    def mark(self) -> tuple[int, int]:
        """How far the recording has come, for `cut`."""
        return len(self.lines), len(self.writes)

    def cut(self, mark: tuple[int, int]) -> None:
        """Forget the lines since `mark`. What has been written to older memory stays written: no trace shows it."""
        lines, writes = mark
        if any([self.lines[i][1][0] < lines for i in self.writes[writes:]]):
            self.freeze("an attempt that was given up wrote into older memory")
        del self.lines[lines:]
        del self.writes[writes:]

    def freeze(self, what: str) -> None:
        """Note what no line says: the trace does not hold for other arguments."""
        if not self.frozen:
            self.frozen = f"{what} ({_place()})"

    @property
    def ended(self) -> bool:
        """Whether the recording has been closed."""
        return type(self.lines) is _Closed

    def close(self) -> list[Line]:
        """End the recording: its values can no longer be used. Return the lines."""
        lines, self.lines = self.lines, _Closed(self.origin)
        return lines


class NotApart(BaseException):
    """A recording that is apart would write into an array of an older one. No `except Exception` hides it."""


class _Closed:
    """What stands for the lines of a recording that has ended."""

    __slots__ = ("origin",)

    def __init__(self, origin: tuple[str, Any]) -> None:
        self.origin = origin

    def _refuse(self, *_: Any) -> Any:
        raise LeakedValue(
            f"this recorded value was created by {_whence(*self.origin)} and is no longer valid.\n"
            "Return it from the function (or as auxiliary data with has_aux=True), or store "
            "stop_gradient(value) where only its number is needed."
        )

    append = __len__ = __getitem__ = _refuse


def _whence(operator: str, f: Any) -> str:
    """`grad(loss) at model.py:12`."""
    code = getattr(f, "__code__", None)
    at = f" at {os.path.basename(code.co_filename)}:{code.co_firstlineno}" if code else ""
    return f"{operator}({getattr(f, '__name__', 'f')}){at}" if f is not None else operator


class Value:
    """What Scalar and Array have in common: being recorded."""

    __slots__ = ()
    primal: Any
    rec: Any
    slot: int

    if TYPE_CHECKING:  # what operators.py and methods.py give the two classes

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, key: Any) -> Any: ...
        def __setitem__(self, key: Any, value: Any) -> None: ...
        def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]: ...
        def __float__(self) -> float: ...


class Scalar(Value):
    """A recorded number. Immutable, as Python's and NumPy's numbers are."""

    __slots__ = ("primal", "rec", "slot")

    def __init__(self, primal: Any, rec: Recorder, slot: int) -> None:
        self.primal = primal
        self.rec = rec
        self.slot = slot

    __class__ = property(lambda self: type(concrete(self)))  # type: ignore[assignment]


class Array(Value):
    """A recorded array, or (rec is None) a plain one that may become recorded when written to.

    An owner has `root` None; `version` counts the writes to it, and `shared` says that somebody
    holds on to `primal` and `slot` as they are, so that a write must first make its own copy.
    A view has the owner as `root` and the operations that lead from it as `path`; `stamp` is the
    version of the owner that its `primal` and `slot` belong to.
    """

    __slots__ = ("__weakref__", "path", "primal", "rec", "root", "shared", "slot", "stamp", "version")

    def __init__(
        self,
        primal: Any,
        rec: Recorder | None = None,
        slot: int = -1,
        root: Array | None = None,
        path: tuple[Step, ...] = (),
    ) -> None:
        self.primal = primal
        self.rec = rec
        self.slot = slot
        self.root = root
        self.path = path
        self.shared = False
        self.version = 0
        self.stamp = 0 if root is None else root.version

    __class__ = property(lambda self: np.ndarray)  # type: ignore[assignment]


Step = tuple[Callable[..., Any], dict[str, Any]]
"""One operation on the way from an owner to its view: (function, parameters)."""


def concrete(x: Any) -> Any:
    """The plain NumPy (or Python) value of x, through every level of recording."""
    while type(x) is Scalar or type(x) is Array:
        if type(x) is Array and x.root is not None and x.stamp != x.root.version:
            x = follow(concrete(x.root), x.path)
        else:
            x = x.primal
    return x


def stopped(x: Any) -> Any:
    """x without derivative: its plain value, or what a trace knows it by.

    For decisions that a rule takes on the elements of x. Where only the shape or dtype counts,
    `concrete` is enough.
    """
    while type(x) is Scalar or type(x) is Array:
        if x.rec is not None and x.rec.traces:
            return x
        if type(x) is Array and x.root is not None and x.stamp != x.root.version:
            x = follow(stopped(x.root), x.path)
        else:
            x = x.primal
    return x


def _place() -> str:
    """Where the user's program is."""
    function = library_function()
    return f"{function}, {user_line()}" if function else user_line()


def frozen(x: Any) -> Any:
    """The plain value of x, for what no trace can show: a trace that records x does not hold for other arguments."""
    inner = x
    while type(inner) is Scalar or type(inner) is Array:
        if inner.rec is not None and inner.rec.traces:
            inner.rec.freeze("a rule decides by looking at values")
        inner = inner.primal
    return concrete(x)


def follow(x: Any, path: tuple[Step, ...]) -> Any:
    """The view of x that lies at the end of path."""
    for function, params in path:
        x = function(x, **params)
    return x


def is_value(x: Any) -> bool:
    """Whether x is a Scalar or an Array."""
    return type(x) is Scalar or type(x) is Array
