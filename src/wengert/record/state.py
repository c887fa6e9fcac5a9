"""What each thread is doing: how many transforms it runs, and whose Python code it runs for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.memory import keep_freed_memory
from wengert.record.value import Array, Scalar, follow


class State(threading.local):
    """`depth` is twice the number of transforms that are running; one less while names are bound as ever, since the
    code that is recorded needs no other. `bodies` are the library functions run on recorded values; `open` are the
    libraries whose code is a user's; `rolling` says that
    what is recorded is for a compiler, which knows loops. While it `may_presume`, the results of a long loop that it
    records are presumed: of their type, but not computed. `presuming` says that this is
    being done, `presumed` that it has been; `looked` that somebody wanted to see a value then.
    `raising` says that NumPy was told to raise where it warns. `beside`: the codes in which
    a recorded number in a list beside a plain array is an object to NumPy."""

    depth = 0
    rolling = False
    may_presume = presuming = presumed = looked = False
    raising = False
    bodies: frozenset[Any] = frozenset()
    open: frozenset[str] = frozenset()
    beside: frozenset[Any] = frozenset()


state = State()
keep_freed_memory()


class Looked(BaseException):
    """Somebody wants to see a value that may have been presumed. No `except Exception` of a user's hides it; a bare
    `except` does, so `state.looked` says that it was raised."""


def settle() -> None:
    """Before a value is looked at: nothing may have been presumed."""
    if state.presumed:
        state.looked = True
        raise Looked


def compute(op: Callable[..., Any], data: Any, params: dict[str, Any] | None) -> Any:
    """op(*data, **params). NumPy's own Python code works on plain arrays as it always does."""
    if type(op) is np.ufunc:
        return op(*data)
    if not state.bodies or any([type(d) is Array or type(d) is Scalar for d in data]):
        y = op(*data) if params is None else op(*data, **params)
    else:
        bodies, state.bodies = state.bodies, frozenset()
        try:
            y = op(*data, **(params or {}))
        finally:
            state.bodies = bodies
    # what an op calls by its name in SciPy may be swapped just then
    return y.primal if type(y) is Array and y.rec is None and y.root is None else y


STATS = "scipy.stats."
"""SciPy's distributions are Python code on NumPy arrays: their modules are treated as a user's."""
PLAIN_LIBRARIES = {
    "numpy", "scipy", "pandas", "numba", "matplotlib", "pyarrow", "xarray", "torch", "jax", "PIL",
    "optree", "importlib", "inspect", "contourpy", "jaxlib", "autograd", "mygrad", "casadi", "llvmlite",
    "pytest", "_pytest", "pluggy", "xdist", "execnet", "hypothesis", "playwright", "pygments",
}  # fmt: skip
"""Libraries whose own arrays, or arrays for compiled code, must be NumPy's, and tools, which compute nothing that is
differentiated: nothing is swapped in them."""
MIXED_LIBRARIES = {"sklearn", "statsmodels"}
"""Libraries that compute in NumPy, and make arrays for compiled code: nothing is swapped in them, unless a function
was refused because of that. For this function they are *open*: a user's code."""
FOR_COMPILED = frozenset({f"{STATS}{name}" for name in ("_kde", "_qmvnt", "_ksstats", "_qmc")})
"""The modules of scipy.stats whose arrays are for compiled code."""
_is_recorded: dict[str, bool | str] = {}
"""module → whether it is a user's, or the library that it is while that is open"""


def recorded_code(frame: Any) -> bool:
    """Whether the code that calls is a user's (or wengert's, or Python code of scipy.stats)."""
    name = frame.f_globals.get("__name__") or ""
    known = _is_recorded.get(name)
    if known is None:
        top = name.partition(".")[0]
        known = top not in PLAIN_LIBRARIES or (name.startswith(STATS) and name not in FOR_COMPILED)
        _is_recorded[name] = known = top if top in MIXED_LIBRARIES else known
    return known in state.open if type(known) is str else bool(known)


def user_code(frame: Any) -> bool:
    """Whether the code that calls is a user's own."""
    return recorded_code(frame) and not (frame.f_globals.get("__name__") or "").startswith("wengert.")


WRAPS: dict[str, Callable[[Any], Any]] = {"f": Array, "c": Array}
"""kind of dtype → what makes of a plain array of it one that can hold recorded numbers"""


def wrap_plain(y: Any) -> Any:
    """A plain result as an Array that can be written to, while recording."""
    t = type(y)
    if t is np.ndarray or t is np.recarray:
        make = WRAPS.get(y.dtype.kind)
        return y if make is None or not state.depth else make(y)
    if t is tuple or t is list:
        return t([wrap_plain(part) for part in y])
    if isinstance(y, tuple) and hasattr(y, "_fields"):
        return type(y)(*[wrap_plain(part) for part in y])
    return y


def released(y: Any) -> Any:
    """What leaves the outermost transform: the plain array of an Array that nothing recorded has been written to."""
    if type(y) is Array and not state.depth:
        root = y if y.root is None else y.root
        if root.rec is None and type(root.primal) is np.ndarray:
            return follow(root.primal, y.path)
    return y
