"""Functions that NumPy's protocols do not reach, swapped in while a derivative is being recorded.

`np.zeros`, `np.array` and SciPy's Python functions never ask their arguments. While a transform
runs, the names in the modules that hold them (NumPy's and SciPy's own, and every user module that
bound one by `from numpy import zeros`) refer to replacements. A replacement looks whether its own
thread is recording and otherwise calls the original at once, so other threads see no difference;
when the last transform ends, every name refers to the original again.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable
from importlib import import_module
from operator import itemgetter
from typing import Any

from wengert.errors import IncompatibleWarning, NoDerivative
from wengert.record import listed, raw_methods
from wengert.record.cells import replaced_cells
from wengert.record.compiled import OF_PYTHON, shield
from wengert.record.holders import holders
from wengert.record.locate import at_user_line, full_name
from wengert.record.reach import (
    ASKED_FOR_TYPES,
    FOUND,
    Entry,
    await_class,
    entries,
    explore,
    explore_anew,
    is_met,
    look_anew,
    user_namespaces,
)
from wengert.record.replaced import KINDS, ORIGINAL, REPLACED, original_of
from wengert.record.replaced import is_replaced as is_replaced
from wengert.record.shadow import Shadowing, shadowed_by
from wengert.record.state import recorded_code, state
from wengert.record.state import wrap_plain as wrap_plain

LAZY: dict[str, str] = {}
"""module of NumPy or SciPy → module of wengert with its rules, imported by the first transform after the former."""


def replace(*originals: Any) -> Callable[[Any], Any]:
    """Decorator: the function to call instead of each original while its thread is recording."""

    def register(make: Callable[[Any], Any]) -> Any:
        for original in originals:
            register_replacement(original, guarded(original, make(original)))
        return make

    return register


def register_replacement(original: Any, replacement: Any) -> None:
    """Let `replacement` stand for `original` in every namespace while recording."""
    REPLACED[original] = replacement
    ORIGINAL[replacement] = original
    KINDS.update((type(original), type(replacement)))
    FOUND.clear()
    SWAPPED.modules = -1


def forget_replacement(original: Any) -> None:
    """Undo `register_replacement`."""
    ORIGINAL.pop(REPLACED.pop(original))
    FOUND.clear()
    SWAPPED.modules = -1


def guarded(original: Any, replacement: Any) -> Any:
    """The replacement, for threads that record; the original for all others."""

    def swapped(*args: Any, **kwargs: Any) -> Any:
        if state.depth and (state.bodies or recorded_code(sys._getframe(1))):
            if len(sys.modules) != SWAPPED.modules and _from_new_compiled_code(original, sys._getframe(1)):
                return original(*args, **kwargs)
            return replacement(*args, **kwargs)
        return original(*args, **kwargs)

    swapped.__dict__.update(getattr(original, "__dict__", {}))  # scipy.linalg.lstsq.default_lapack_driver
    swapped.__name__ = getattr(original, "__name__", "swapped")
    swapped.__doc__ = original.__doc__
    swapped.__wrapped__ = original  # type: ignore[attr-defined]
    for name in ("nin", "nout", "pyfunc", "_implementation", "reduce", "accumulate", "outer"):
        if hasattr(original, name):
            setattr(swapped, name, getattr(original, name))
    return swapped


def _from_new_compiled_code(original: Any, frame: Any) -> bool:
    """Whether a compiled module, imported just now, seems to call: the Python code does not name the function."""
    return shield(original_of) and original.__name__ not in frame.f_code.co_names


# ── swapping in and out ──

METHODS: list[tuple[Any, str, Any, Any]] = []
"""(class, name, NumPy's method, the one that a class has while a transform runs). In place of a class that is compiled
stands its dictionary: something with its `kind`, and an `update`."""


class _Swapped:
    """What is swapped in now, and what the last look found (`found`: and is yet to be swapped in)."""

    __slots__ = (
        "bound", "few", "found", "looks", "methods", "modules", "more", "needed", "of_lists", "rest", "rest_installed",
        "running", "users",
    )  # fmt: skip

    def __init__(self) -> None:
        self.running = 0
        self.needed: tuple[Entry, ...] = ()
        self.users: tuple[Entry, ...] = ()
        self.rest: tuple[Entry, ...] = ()
        self.methods: tuple[tuple[type, str, Any, Any], ...] = ()
        self.more = False
        self.rest_installed = False
        self.bound: tuple[tuple[dict[str, Any], Callable[[Any], Any], Any], ...] = ()
        self.of_lists: tuple[Entry, ...] = ()
        self.modules = -1
        self.looks = 0
        self.found = False
        self.few: tuple[tuple[Entry, ...], tuple[Entry, ...]] | None = None


SWAPPED = _Swapped()
_asked = Shadowing([])
"""The modules that ask for the types of values."""

_lock = threading.RLock()


class Recording:
    """Context manager: functions are swapped in while it is open. All that may be needed; or, where nothing else runs,
    these entries only (of libraries, of users)."""

    __slots__ = ("few",)

    def __init__(self, few: tuple[tuple[Entry, ...], tuple[Entry, ...]] | None = None) -> None:
        self.few = few

    def __enter__(self) -> None:
        counted = False
        try:
            with _lock:
                if len(sys.modules) != SWAPPED.modules:
                    _look()
                    SWAPPED.found = True
                if not SWAPPED.running and not SWAPPED.found and self.few is not None:
                    SWAPPED.few = self.few
                    _install(*self.few)
                elif SWAPPED.found or not SWAPPED.running or SWAPPED.few is not None:
                    _install_all()
                SWAPPED.running += 1
                counted = True
        except BaseException:  # an interruption, or what a look at the modules ran into
            with _lock:
                SWAPPED.running -= counted
                if not SWAPPED.running:
                    _remove_all()
            raise
        state.depth += 2

    def __exit__(self, *_: object) -> None:
        state.depth -= 2
        with _lock:
            SWAPPED.running -= 1
            if not SWAPPED.running:
                try:
                    _remove_all()
                except BaseException:  # an interruption
                    _remove_all()
                    raise


class Bare(Recording):
    """For code that needs nothing swapped in, called from outside all transforms. Should it come to run code that does,
    that is swapped in then (`_count`)."""

    __slots__ = ()

    def __enter__(self) -> None:
        state.depth = 1

    def __exit__(self, *_: object) -> None:
        if state.depth & 1:
            state.depth = 0
        else:
            super().__exit__()


def only(few: tuple[tuple[Entry, ...], tuple[Entry, ...]]) -> Recording:
    """A Recording for which these entries suffice."""
    return Recording(few) if any(few) else Bare()


def _count() -> None:
    """Swap in all that may be needed, now that more is, if only a few names or none were."""
    if state.depth & 1:
        state.depth += 1
        SWAPPED.running += 1
        if SWAPPED.running == 1:
            _install_all()
    if SWAPPED.few is not None:
        _install_all()


def _install_all() -> None:
    if not SWAPPED.running and _is_patched():
        look_anew()
        _look()
    SWAPPED.found, SWAPPED.few = False, None
    _install(SWAPPED.needed, SWAPPED.users)
    if SWAPPED.more:
        _install_more()
    if ASKED_FOR_TYPES:
        _asked.open(ASKED_FOR_TYPES)


def _is_patched() -> bool:
    """Whether a library's name, of those that are swapped, is bound to something else than when we looked: a user's
    patch, which stays what it is."""
    try:
        return any([get(namespace) != values for namespace, get, values in SWAPPED.bound])
    except KeyError:
        return True


def _remove_all() -> None:
    few, SWAPPED.few = SWAPPED.few, None
    if few is not None:
        _remove(*few)
        return
    _remove(SWAPPED.needed, SWAPPED.users)
    if SWAPPED.more:
        _remove_more()
    if SWAPPED.rest_installed:
        _remove_rest()
    if SWAPPED.of_lists:
        _remove_of_lists()
    _asked.close()


def _install(libraries: tuple[Entry, ...], users: tuple[Entry, ...]) -> None:
    for entry in libraries:
        entry[0].update(entry[1])
    for namespace, replacements, originals in users:
        for name, value in originals.items():
            if namespace.get(name) is value:  # the user may have bound it anew
                namespace[name] = replacements[name]


def _remove(libraries: tuple[Entry, ...], users: tuple[Entry, ...]) -> None:
    for entry in libraries:
        entry[0].update(entry[2])
    for namespace, replacements, originals in users:
        for name, value in replacements.items():
            if namespace.get(name) is value:
                namespace[name] = originals[name]


def looked() -> int:
    """How often the namespaces have been looked at; −1 if names are bound anew in any thread, or the last look does not
    hold."""
    now = SWAPPED
    return -1 if now.running or now.found or len(sys.modules) != now.modules else now.looks


def needed_entries() -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """What is swapped for every function: in libraries, in users' namespaces."""
    return SWAPPED.needed, SWAPPED.users


def _install_more() -> None:
    for kind, name, _, method in SWAPPED.methods:
        setattr(kind, name, method)
    if raw_methods.is_wanted():
        raw_methods.install()


def _remove_more() -> None:
    raw_methods.uninstall()
    for kind, name, method, _ in SWAPPED.methods:
        setattr(kind, name, method)


def _remove_of_lists() -> None:
    for namespace, replacements, originals in SWAPPED.of_lists:
        _refer(namespace, replacements, originals)
    SWAPPED.of_lists = ()
    listed.InUse.now = False


def load_rules() -> None:
    """Import the rules of NumPy, and of the SciPy modules that are loaded."""
    while met := [theirs for theirs in LAZY if theirs in sys.modules]:
        for theirs in met:
            _load(theirs, LAZY.pop(theirs))


def _load(theirs: str, ours: str) -> None:
    """Import the rules of a module. If they do not fit, that module has none: refusals say so, and the rest works."""
    try:
        import_module(ours)
    except (ImportError, AttributeError) as error:
        if not theirs.startswith("scipy."):
            raise
        warnings.warn(
            f"the rules for {theirs} do not fit SciPy {sys.modules['scipy'].__version__}: {error}.\n"
            "Its functions have no derivatives now: install a newer wengert, or an older SciPy.",
            IncompatibleWarning,
            stacklevel=2,
        )


def _look() -> None:
    """See which namespaces hold a function to be swapped."""
    load_rules()
    SWAPPED.looks += 1
    if SWAPPED.rest_installed:
        _remove_rest()
    places = {m[0] for m in METHODS}
    met_places = {place for place in places if is_met(place)}
    met = [m for m in METHODS if m[0] in met_places]
    SWAPPED.methods = tuple(m for m in met if isinstance(m[0], type))
    needed, rest = entries()
    for place in places - met_places:
        await_class(place)
    libraries = (*[entry for entry in needed if _is_library(entry[0])], *_of_compiled(met))
    SWAPPED.users = tuple(entry for entry in needed if not _is_library(entry[0]))
    SWAPPED.needed, SWAPPED.rest, SWAPPED.modules = libraries, tuple(rest), len(sys.modules)
    of_modules = [(space, originals) for space, _, originals in libraries if type(space) is dict]
    SWAPPED.bound = tuple([(space, get := itemgetter(*names), get(names)) for space, names in of_modules])
    SWAPPED.more = bool(SWAPPED.methods or raw_methods.is_wanted())


def _of_compiled(methods: list[tuple[Any, str, Any, Any]]) -> list[Entry]:
    """What is swapped in the compiled classes, all methods of a class at once."""
    found: dict[type, Any] = {}
    for place, name, original, method in methods:
        if not isinstance(place, type):
            _, replacements, originals = found.setdefault(place.kind, (place, {}, {}))
            replacements[name], originals[name] = method, original
    return list(found.values())


def look_again() -> bool:
    """Look at every namespace anew: since the last look a name may have been bound to a function to be swapped.
    True if there is one that had been missed."""
    with _lock:
        before = _bound()
        look_anew()
        _look()
        SWAPPED.found = True  # the next transform, be it within another, swaps it in
        return not _bound() <= before


def _bound() -> set[tuple[int, str, int]]:
    """What is swapped under which name of which user's namespace."""
    functions = {(id(entry[0]), name, id(original)) for entry in SWAPPED.users for name, original in entry[2].items()}
    return functions | {(id(kind), name, id(original)) for kind, name, original, _ in SWAPPED.methods}


def _is_library(namespace: dict[str, Any]) -> bool:
    return str(namespace.get("__name__")).partition(".")[0] in ("numpy", "scipy", *OF_PYTHON)


def _refer(namespace: dict[str, Any], now: dict[str, Any], then: dict[str, Any]) -> None:
    """Let the names of a user's module that refer to what is in `now` refer to what is in `then`.

    The user may have bound a name anew since we looked: that one is left as it is.
    """
    for name, value in now.items():
        if namespace.get(name) is value:
            namespace[name] = then[name]


def _remove_rest() -> None:
    SWAPPED.rest_installed = False
    for namespace, _, originals in SWAPPED.rest:
        namespace.update(originals)
    if not raw_methods.is_wanted():
        raw_methods.uninstall()


def install_everything() -> None:
    """Swap under every name there is, until the transforms that are running have ended."""
    with _lock:
        _count()
        if not SWAPPED.rest_installed:
            SWAPPED.rest_installed = True
            for namespace, replacements, _ in SWAPPED.rest:
                namespace.update(replacements)
            raw_methods.install()


def install_ufuncs_of_lists(f: Any) -> None:
    """Let ufuncs look into lists in the user's modules, and in what f reaches, until the transforms that are running
    have ended."""
    with _lock:
        _count()
        if not SWAPPED.of_lists:
            SWAPPED.of_lists = tuple(listed.entries([*user_namespaces(), *holders(f)]))
            for namespace, replacements, _ in SWAPPED.of_lists:
                namespace.update(replacements)
            listed.InUse.now = True


def prepare(*roots: Any) -> None:
    """Make the functions that can be reached from these by name reachable for a recording."""
    with _lock:
        load_rules()
        if any([explore(root) for root in roots]):
            SWAPPED.modules = -1


def prepare_anew(f: Any) -> bool:
    """`prepare`, when f was refused something. True if more is within reach now."""
    with _lock:
        load_rules()
        more = explore_anew(f)
        if more:
            SWAPPED.modules = -1
        return more


class Cells:
    """Context manager: closure cells below f that hold a function to be swapped hold its replacement."""

    __slots__ = ("cells",)

    def __init__(self, f: Any) -> None:
        self.cells = replaced_cells(f)

    def __enter__(self) -> None:
        for cell, replacement, _ in self.cells:
            cell.cell_contents = replacement

    def __exit__(self, *_: object) -> None:
        for cell, replacement, original in self.cells:
            if cell.cell_contents is replacement:
                cell.cell_contents = original


class Paused:
    """Context manager: this thread calls NumPy's own functions, whatever is being recorded."""

    __slots__ = ("depth",)

    def __enter__(self) -> None:
        self.depth, state.depth = state.depth, 0

    def __exit__(self, *_: object) -> None:
        state.depth = self.depth


_DEEPEST = 6
"""How often a library's function may call itself: one without a rule would do so for ever."""


def run_body(body: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Run a Python function of NumPy's or SciPy's own on recorded values, as the user's code it could be."""
    install_everything()
    running = state.bodies
    level = next((k for k in range(_DEEPEST) if (body, k) not in running), None)
    if level is None:
        raise NoDerivative(
            at_user_line(f"no derivative rule for {full_name(body)}")
            + "\nAdd one with wengert.rule, or pass it stop_gradient(x) if its derivative is not wanted."
        )
    state.bodies = running | {(body, level)}
    try:
        with Shadowing(shadowed_by(body)):
            return body(*args, **kwargs)
    finally:
        state.bodies = running
