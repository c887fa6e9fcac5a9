"""Plain arrays that a function makes for itself and later writes recorded values into.

`K = A @ A.T` of two captured arrays is computed by NumPy alone, so K is a plain ndarray; then
`K[i, i] += x` with a recorded x has nowhere to go. The write is refused, but the function that
made it is remembered and run again under a trace function, which gives the name `K` an Array in
place of the ndarray as soon as it is bound: only where the name is the one reference to the
array, and the array owns its memory, so that nobody can tell the difference.
"""

from __future__ import annotations

import dis
import opcode
import sys
from types import CodeType, FrameType
from typing import Any

import numpy as np

from wengert.errors import LostDerivative
from wengert.record.build import build, contains_value
from wengert.record.contained import LOCAL, Contents, is_own_memory
from wengert.record.flavoured import adopted
from wengert.record.reach import is_met_now, is_users_module, mention_distributions, mention_methods, open_library
from wengert.record.refusals import marked
from wengert.record.shadow import Shadowing, called_by_name
from wengert.record.shadows import is_users
from wengert.record.state import MIXED_LIBRARIES, STATS, state
from wengert.record.value import Array

HELD: dict[Any, set[CodeType]] = {}
"""the code of a differentiated function → the codes below it that write into arrays of their own."""


class RefusedConversion(LostDerivative):
    """A recorded value was to be converted by code that no protocol reaches."""


class RefusedName(LostDerivative):
    """A recorded value was to be converted by a builtin that this module's code calls by name."""

    namespace: dict[str, Any]


class RefusedWrite(LostDerivative):
    """A recorded value was to be written into a plain array by this frame's code."""

    code: CodeType


def refused(error: LostDerivative, frame: FrameType | None, storing: bool = True) -> LostDerivative:
    """The error, marked with the code that wrote (if `storing`: that is now storing into a subscript)."""
    if frame is None or (storing and not is_storing(frame)):
        return error
    return marked(RefusedWrite, error, code=frame.f_code, library=_library(frame))


def named(error: LostDerivative, frame: FrameType | None) -> LostDerivative:
    """The error, marked with the module whose code called `float` or `complex` by its name; else it may be some other
    function that our names have not reached."""
    if frame is None or not called_by_name(frame):
        return converted(error, frame)
    return marked(RefusedName, error, namespace=frame.f_globals, library=_library(frame))


def called_type(error: TypeError) -> LostDerivative:
    """What `type(x)(0.0)` is: a call of the type of a recorded number, which its module is to see as Python's."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = LostDerivative("the type of a recorded number was called\nUse float(x), or np.float64(x).")
    return where if step is None else marked(RefusedName, where, namespace=step.tb_frame.f_globals)


def converted(error: LostDerivative, frame: FrameType | None) -> LostDerivative:
    """The error, marked with the library whose code converts."""
    if frame is None:
        return RefusedConversion(*error.args)
    return marked(RefusedConversion, error, library=_library(frame), place=frame.f_globals, code=frame.f_code)


def beside(error: LostDerivative, frame: FrameType) -> LostDerivative:
    """The error, marked with the code that has a list of recorded numbers beside a plain array."""
    marks = {"library": _library(frame), "place": frame.f_globals, "beside": frame.f_code}
    return marked(RefusedConversion, error, **marks)


def _library(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]


OPEN: dict[Any, frozenset[str]] = {}
"""the code of a differentiated function → the mixed libraries that are open for it"""


BESIDE: dict[Any, tuple[Any, ...]] = {}
"""the code of a differentiated function that has a list of recorded numbers beside a plain array (`A @ [x, y]`) → what
its refusal said. For it, such a list is an array of objects to NumPy, whose operators are those of their elements."""


CONTAINED: set[Any] = set()
"""The codes of differentiated functions whose arrays are held by objects, dicts and lists."""


SHADOWED: dict[Any, list[dict[str, Any]]] = {}
"""the code of a differentiated function → the namespaces in which `float` and `complex` keep derivatives"""


def is_storing(frame: FrameType | None) -> bool:
    """Whether the frame is executing x[key] = v."""
    return frame is not None and dis.opname[frame.f_code.co_code[frame.f_lasti]] == "STORE_SUBSCR"


def is_operating(frame: FrameType | None) -> bool:
    """Whether the frame is executing a + b or the like, or a < b."""
    if frame is None:
        return False
    code, at = frame.f_code.co_code, frame.f_lasti
    name = dis.opname[code[at]]
    return name == "COMPARE_OP" or (name == "BINARY_OP" and code[at + 1] not in _SUBSCRIPTS)


def is_formatting(frame: FrameType) -> bool:
    """Whether the frame is executing "%g" % x: the remainder of numbers does not convert them."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return dis.opname[code[at]] == "BINARY_OP" and code[at + 1] in _REMAINDERS


_SUBSCRIPTS = [k for k, (_, sign) in enumerate(opcode._nb_ops) if sign == "[]"]  # type: ignore[attr-defined]
"""a[b] is such an operator from Python 3.14 on."""
_REMAINDERS = [k for k, (_, sign) in enumerate(opcode._nb_ops) if sign in ("%", "%=")]  # type: ignore[attr-defined]


def any_held() -> bool:
    """Whether any function has had a write, a builtin or a library refused."""
    return bool(HELD or SHADOWED or OPEN or BESIDE)


FAR_REACHING: set[Any] = set()
"""the codes of differentiated functions that call by names which their own code does not mention"""


def needs_everything(key: Any) -> bool:
    """Whether functions are to be swapped under every name for this function."""
    return bool(FAR_REACHING) and key in FAR_REACHING


def _reach_distributions(error: BaseException) -> bool:
    """What code of SciPy's distributions calls by names that the user's code does not mention (`getattr(law, "cdf")`):
    methods of plain arrays, instances of np.vectorize. False if it is not refused, or all has been done."""
    step, met = error.__traceback__, [str(getattr(error, "place", {}).get("__name__"))]
    while step is not None:
        met.append(str(step.tb_frame.f_globals.get("__name__")))
        step = step.tb_next
    return any(name.startswith(STATS) for name in met) and mention_distributions()


def remember(key: Any, error: Exception) -> bool:
    """Do more for this function from now on: open the library, or hold the arrays, of the code that was refused, or
    swap under every name there is. False if that has been done already."""
    library = getattr(error, "library", "")
    if library in MIXED_LIBRARIES and library not in OPEN.get(key, ()):
        OPEN[key] = OPEN.get(key, frozenset()) | {library}
        FAR_REACHING.add(key)
        open_library(library)
        return True
    if isinstance(error, RefusedName):
        namespaces = SHADOWED.setdefault(key, [])
        if not any(n is error.namespace for n in namespaces):
            namespaces.append(error.namespace)
            return True
    if (code := getattr(error, "beside", None)) is not None and code not in HELD.get(key, ()):
        BESIDE[key] = error.args
        HELD.setdefault(key, set()).add(code)
        FAR_REACHING.add(key)
        return True
    if isinstance(error, (RefusedConversion, RefusedName)):
        place = getattr(error, "place", None)
        is_new = place is not None and is_met_now(place) and _is_among_few(key)
        if any([key not in FAR_REACHING, is_new, _reach_distributions(error), mention_methods()]):
            FAR_REACHING.add(key)
            return True
    return _hold(key, getattr(error, "code", None))


def _is_among_few(key: Any) -> bool:
    """Whether the function has brought few new namespaces so far: `eval` with a dict of its own brings one at every
    call, and f would be called for ever."""
    _BROUGHT[key] = _BROUGHT.get(key, 0) + 1
    return _BROUGHT[key] <= _MOST_BROUGHT


_BROUGHT: dict[Any, int] = {}
_MOST_BROUGHT = 16


def _hold(key: Any, code: CodeType | None) -> bool:
    """Hold the arrays of this code, which wrote to one or whose call did (`K.fill(x)`); then those in containers."""
    if code is None:
        return False
    codes = HELD.setdefault(key, set())
    if code not in codes:
        codes.add(code)
        return True
    if key in CONTAINED:
        return False
    CONTAINED.add(key)
    return True


class Holding:
    """Context manager: names in the held codes are bound to Arrays, and builtins shadowed, where any are."""

    __slots__ = ("before", "beside", "codes", "contained", "open", "shadowing")

    def __init__(self, key: Any) -> None:
        self.codes, self.contained = HELD.get(key), key in CONTAINED
        self.open = OPEN.get(key, frozenset())
        self.shadowing = Shadowing(SHADOWED.get(key, []))
        self.beside = frozenset(self.codes or ()) if key in BESIDE else frozenset[Any]()

    def __enter__(self) -> None:
        self.open, state.open = state.open, state.open | self.open
        self.beside, state.beside = state.beside, state.beside | self.beside
        self.shadowing.__enter__()
        if self.codes:
            self.before = sys.gettrace()
            sys.settrace(self._called)

    def __exit__(self, *_: object) -> None:
        if self.codes:
            sys.settrace(self.before)
        self.shadowing.__exit__()
        state.open, state.beside = self.open, self.beside

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        assert self.codes is not None
        if self.contained and is_users_module(str(frame.f_globals.get("__name__"))):
            return _Watching(frame)
        return _stepped if frame.f_code in self.codes else None


class _Watching:
    """What is done before each line of a user's code: containers are looked into as well."""

    __slots__ = ("contents",)

    def __init__(self, frame: FrameType) -> None:
        self.contents = Contents()
        self.contents.take(frame.f_locals)

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        self.contents.take(frame.f_locals)
        _stepped(frame, event, arg)
        return self


def _stepped(frame: FrameType, event: str, arg: Any) -> Any:
    """Before each line: take over the arrays that only a local name refers to."""
    names = frame.f_locals
    for name in list(names):
        kind = type(names[name])
        if issubclass(kind, np.ndarray) and (kind is np.ndarray or is_users(kind)) and _is_own(frame, names, name):
            names[name] = adopted(names[name]) if kind is not np.ndarray else _taken(names[name])
    return _stepped


def _taken(x: Any) -> Any:
    if x.dtype.kind != "O":
        return Array(x)
    return build(x) if state.beside and contains_value(x) else x


def _is_own(frame: FrameType, names: dict[str, Any], name: str) -> bool:
    x = names[name]
    if sys.getrefcount(x) > LOCAL or not is_own_memory(x):
        return False
    return name not in frame.f_code.co_freevars or _is_running(frame.f_back, name)


def _is_running(frame: FrameType | None, name: str) -> bool:
    """Whether the function around, whose name it is, was called within the one that is differentiated."""
    while frame is not None and not str(frame.f_globals.get("__name__")).startswith("wengert."):
        if name in frame.f_code.co_cellvars:
            return True
        frame = frame.f_back
    return False
