"""Which functions a program can reach by which names: the namespaces to swap them in.

A function is swapped under the names that the program's own code mentions (and NumPy's creation
functions always), so that entering a transform costs a microsecond and not a pass over SciPy.
"""

from __future__ import annotations

import dis
import sys
from abc import ABCMeta
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from importlib import import_module
from itertools import islice, pairwise
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from wengert.record import raw_methods
from wengert.record.cells import Attributes, content, default_cells, defaults, is_floating
from wengert.record.compiled import IN_PYTHON, OF_PYTHON, is_compiled, shield
from wengert.record.replaced import KINDS, ORIGINAL, REPLACED, original_of
from wengert.record.shadow import SHADOWS
from wengert.record.state import MIXED_LIBRARIES, PLAIN_LIBRARIES, STATS

LATE = {
    "solve_bvp": "scipy.interpolate",
    "shgo": "scipy.stats.qmc",
    "direct": "scipy.stats.qmc",
    "differential_evolution": "scipy.stats.qmc",
    "dual_annealing": "scipy.stats.qmc",
}
"""Function of SciPy's → the module that it imports when it is called: compiled code that is imported while NumPy is
swapped would find a function where it looks for a type (np.broadcast)."""
ALWAYS = frozenset(
    {
        "zeros", "ones", "empty", "full", "array", "asarray", "asanyarray", "ascontiguousarray", "eye", "identity",
        "arange", "copy", "zeros_like", "ones_like", "empty_like", "full_like",
    }
)  # fmt: skip
"""The names that the rules use themselves."""

_DENSITIES = frozenset({"pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "ppf", "isf", "pmf", "logpmf", "stats"})
_SUBMODULES = frozenset(
    {"linalg", "special", "stats", "fft", "fftpack", "integrate", "interpolate", "optimize", "signal"}
)

_SPECIAL_OF_MATH = frozenset({"erf", "erfc", "gamma", "lgamma"})
_SPECIAL_OF_STATISTICS = frozenset({"NormalDist", "kde"})
"""What has its derivative from scipy.special."""

MADE_BY: dict[Any, frozenset[str]] = {np.vectorize: _DENSITIES}
"""class → the names of functions that make instances of it, or of methods that only they have"""
_ANYBODYS = frozenset({
    "mean", "var", "std", "median", "moment", "entropy", "fit", "uniform", "support", "interval",
    "getattr", "attrgetter", "methodcaller",
})  # fmt: skip
"""The names of methods of distributions that others have too: they count where there are distributions."""

ASKED_FOR_TYPES: list[dict[str, Any]] = []
"""The namespaces whose code calls `type(x)`: there it is to be the type of the number that is recorded. Likewise
`hasattr(x, "__iter__")`."""

_FEW, _MANY = 64, 100_000

Entry = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
"""(namespace, replacements, originals)"""

_mentioned: set[str] = set()
_known_codes: set[CodeType] = set()
_met: set[type] = set()
"""The classes of which there are instances, and what they are derived from."""
_known_namespaces: dict[int, tuple[dict[str, Any], int]] = {}
_sizes: set[tuple[int, int]] = set()
"""(namespace, number of names) whenever one was looked at: in a notebook a namespace grows."""
_awaited: set[Any] = set()
"""The names and classes that would bring more within reach than the last look at the namespaces found."""


class _News:
    """How often something was met since which the namespaces must be looked at anew."""

    most = _FEW
    """So many elements of a container are looked at."""
    count = 0
    statistics = False
    """Whether scipy.stats, or something of a class of it, was met."""


def explore(f: Any) -> bool:
    """Learn the names that f, and the user's code that it can reach, mentions. True if some bring more within reach."""
    before = _News.count, len(_sizes), len(ASKED_FOR_TYPES)
    queue: list[Any] = [f]
    seen: set[int] = set()
    while queue:
        value = queue.pop()
        if id(value) not in seen:
            seen.add(id(value))
            queue += _reached(value)
    return (_News.count, len(_sizes), len(ASKED_FOR_TYPES)) != before


def explore_anew(f: Any) -> bool:
    """`explore`, when f was refused something: names that were known may be bound to other functions now, and a long
    table may hold the one that was called."""
    for key, (namespace, _) in list(_known_namespaces.items()):
        _known_namespaces[key] = namespace, -1
    _News.most = _MANY
    try:
        return explore(f)
    finally:
        _News.most = _FEW


def _note(names: Iterable[str]) -> None:
    """Code mentions these names."""
    new = set(names) - _mentioned
    _mentioned.update(new)
    _News.count += not new.isdisjoint(_awaited)
    if not new.isdisjoint(("stats", STATS.rstrip("."))):
        _meet_statistics()


def _meet_statistics() -> None:
    _News.count += not _News.statistics
    _News.statistics = True


def _meet(kind: type) -> None:
    """There are instances of this class."""
    if kind not in _met:
        _met.update(kind.__mro__)
        _note(_module_of(kind))
        _News.count += not _awaited.isdisjoint(kind.__mro__)
        if str(kind.__module__).startswith(STATS):
            _meet_statistics()


def _module_of(value: Any) -> list[str]:
    """The module of Python's own that a function or class is of: its functions call those of `math`."""
    return [name for name in (getattr(value, "__module__", None),) if name in IN_PYTHON]


def _reached(value: Any) -> list[Any]:
    """What can be reached from a function, class, instance, module or container in one step."""
    if type(value) is FunctionType:
        return _from_function(value)
    if isinstance(value, (MethodType, staticmethod, classmethod)):
        return [value.__func__, getattr(value, "__self__", None)]
    if isinstance(value, partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, property):
        return [g for g in (value.fget, value.fset) if g is not None]
    if isinstance(value, ModuleType):
        _note([value.__name__])
        return _from_namespace(value.__dict__) if is_users_module(value.__name__) else []
    if type(value) is dict and any(map(_may_be_replaced, islice(value.values(), _News.most))):
        return _from_namespace(value)  # a table of functions
    if type(value) in (list, tuple, dict):
        return [
            part for part in islice(value.values() if type(value) is dict else value, _News.most) if _has_code(part)
        ]
    kind = value if isinstance(value, type) else type(value)
    _meet(kind)
    module = getattr(kind, "__module__", None)  # a class may have a property of this name
    if not is_users_module(module if isinstance(module, str) else "builtins"):
        return []
    return _from_class(kind) + ([] if kind is value else _from_instance(value))


def _from_function(f: FunctionType) -> list[Any]:
    if not is_users_module(f.__globals__.get("__name__") or ""):
        _note([f.__name__, *_module_of(f)])  # a method of a library's, held or differentiated by itself
        return []
    _note_defaults(f)
    reached = [c for c in map(content, f.__closure__ or ()) if _has_code(c)]
    reached += [d for d in (*(f.__defaults__ or ()), getattr(f, "__wrapped__", None)) if _has_code(d)]
    if f.__code__ not in _known_codes:
        _known_codes.add(f.__code__)
        _mention(f.__code__)
        _News.count += _names_original(f.__code__, f.__globals__)
        if asks_for_types(f.__code__) and not any(n is f.__globals__ for n in ASKED_FOR_TYPES):
            ASKED_FOR_TYPES.append(f.__globals__)
    return reached + _from_namespace(f.__globals__)


def _names_original(code: CodeType, namespace: dict[str, Any]) -> bool:
    """Whether code calls a function to be swapped by a name of its own module, which may have been bound just now."""
    named = [namespace[name] for name in code.co_names if name in namespace]
    for value in named:
        if isinstance(value, ModuleType):
            _note([value.__name__])
        else:
            _meet(value if isinstance(value, type) else type(value))
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return any([original_of(value) is not None for value in named]) or any(
        [_names_original(const, namespace) for const in inner]
    )


def is_met(kind: type) -> bool:
    """Whether the explored code has instances of a class, its name, or that of a function that makes them."""
    makers = MADE_BY.get(kind, frozenset())
    if not _mentioned.isdisjoint(makers if _News.statistics else makers - _ANYBODYS):
        return True
    return kind in _met or not _mentioned.isdisjoint(_names_of(kind))


def await_class(kind: Any) -> None:
    """Let the next look be at once when code is met that has, makes or names instances of a class."""
    _awaited.update((kind, getattr(kind, "kind", kind)), MADE_BY.get(kind, ()))
    _awaited.update(_names_of(kind))


def _names_of(kind: Any) -> set[str]:
    """The names of a class and of the classes below it that the modules which are loaded have."""
    loaded, names = _names.get(kind, (-1, set[str]()))
    if loaded != len(sys.modules):
        children: list[type] = kind.__subclasses__() if isinstance(kind, type) else []  # pyright: ignore
        names = {kind.__name__}.union(*map(_names_of, children))
        _names[kind] = len(sys.modules), names
    return names


_names: dict[Any, tuple[int, set[str]]] = {}


_with_defaults: set[FunctionType] = set()


def _note_defaults(f: FunctionType, is_method: bool = False) -> None:
    """Of functions that stay: a module names them, or they are a class's."""
    if f.__defaults__ is None or f in _with_defaults or not (is_method or f.__globals__.get(f.__name__) is f):
        return
    cells = [c for c in default_cells(f) if _may_be_replaced(c.cell_contents) or is_floating(c.cell_contents)]
    if cells:
        _with_defaults.add(f)
        _from_namespace(defaults(cells))


def _from_namespace(namespace: dict[str, Any]) -> list[Any]:
    known = _known_namespaces.get(id(namespace))
    if known is not None and (known[1] == len(namespace) or known[1] == _size(namespace)):
        return []
    _known_namespaces[id(namespace)] = (namespace, _size(namespace))
    _sizes.add((id(namespace), _size(namespace)))
    return [value for value in list(namespace.values()) if _has_code(value)]


def _size(namespace: dict[str, Any]) -> int:
    """The number of names, without those that a transform binds while it runs."""
    return len(namespace) - sum([namespace.get(name) is shadow for name, shadow in SHADOWS.items()])


def _from_class(kind: type) -> list[Any]:
    if kind in _known_classes:
        return []
    _known_classes.add(kind)
    for base in kind.__mro__:
        if base not in _known_bases and type(base) in (type, ABCMeta) and is_users_module(str(base.__module__)):
            _known_bases.add(base)
            _note_attributes(base)
    return [part for base in kind.__mro__ for part in vars(base).values() if _has_code(part)]


def _note_attributes(kind: type) -> None:
    """The functions of libraries that a class has for attributes, and that its methods have for defaults."""
    attributes = Attributes(kind)
    for _, part in attributes.items():
        if type(part) is FunctionType:
            _note_defaults(part, is_method=True)
    if any([_may_be_replaced(part) for _, part in attributes.items()]):
        _from_namespace(attributes)


def _from_instance(value: Any) -> list[Any]:
    """A strategy, a callback: what an object holds that may be a user's code."""
    held: Any = getattr(value, "__dict__", None)
    if type(held) is not dict:
        return []
    parts = [part for part in islice(held.values(), _News.most) if _has_code(part)]
    if any(map(_may_be_replaced, parts)):
        _from_namespace(held)
    return parts


def _may_be_replaced(value: Any) -> bool:
    """Whether value is a library's function; the replacements of its module need not have been made yet."""
    root = str(getattr(value, "__module__", None)).partition(".")[0]
    return type(value) in KINDS and (root in ("numpy", "scipy") or root in OF_PYTHON)


_known_classes: set[type] = set()
_known_bases: set[type] = set()


def _has_code(value: Any) -> bool:
    """Whether there may be code of the user's behind value."""
    return type(value) not in _DATA


_DATA = {int, float, complex, str, bytes, bool, type(None), np.ndarray, np.float64, np.ufunc, set}


def is_users_module(module: str) -> bool:
    top = module.partition(".")[0]
    if top == "wengert":
        return module.startswith("wengert.demo")
    if top in MIXED_LIBRARIES:
        return top in OPENED
    return (top not in PLAIN_LIBRARIES and top not in sys.stdlib_module_names) or module == "__main__"


def asks_for_types(code: CodeType) -> bool:
    """Whether this code calls `type` with one argument that is not `self`: `type(x) is float`, `table[type(x)]`; or
    asks for an attribute that only arrays have, `hasattr(x, "__iter__")`."""
    if "hasattr" in code.co_names and "__iter__" in code.co_consts:
        return True
    if "type" in code.co_names:
        steps = list(dis.get_instructions(code))
        for step, then in pairwise(steps):
            if step.argval == "type" and step.opname == "LOAD_GLOBAL" and then.argval not in ("self", "cls"):
                return True
    return any(isinstance(const, CodeType) and asks_for_types(const) for const in code.co_consts)


def is_met_now(namespace: dict[str, Any]) -> bool:
    """Whether a user's namespace, whose code is running, had not been met by exploring."""
    if id(namespace) in _known_namespaces or not is_users_module(str(namespace.get("__name__"))):
        return False
    explore(next((m for m in list(sys.modules.values()) if getattr(m, "__dict__", None) is namespace), None))
    _known_namespaces.setdefault(id(namespace), (namespace, _size(namespace)))
    return True


OPENED: set[str] = set()
"""The mixed libraries that have been opened for some function."""


def open_library(name: str) -> None:
    """From now on the library is explored, and functions are swapped in it where everything is."""
    if name not in OPENED:
        OPENED.add(name)
        for module in [m for key, m in list(sys.modules.items()) if key.partition(".")[0] == name]:
            if type(module) is ModuleType:
                explore(module)


def mention_distributions() -> bool:
    """From now on the code of SciPy's distributions is within reach, as if a user's code called their methods. False if
    it was."""
    known = _mentioned >= _DENSITIES
    _note(_DENSITIES)
    return any([not known, raw_methods.want_all()])


def mention_methods() -> bool:
    """From now on the methods of compiled classes are within reach, as if a user's code named them: it may call them by
    `getattr`, or through a library. False if they were."""
    names = {place.__name__ for place in MADE_BY if hasattr(place, "kind")}
    known = _mentioned >= names
    _note(names)
    return not known


def _mention(code: CodeType) -> None:
    """Note the names; import now the modules of NumPy and SciPy that this code would import while it is recorded."""
    names = set(code.co_names)
    _note(names)
    _News.count += raw_methods.want(code)
    for name in names:
        if name.startswith("scipy."):
            _note(name.split("."))
            with suppress(ImportError):  # code for another version of SciPy, which does not get there
                import_module(name)
    if "scipy" in names:
        for name in names & _SUBMODULES:
            import_module(f"scipy.{name}")
    for name in names & LATE.keys():
        import_module(LATE[name])
    if ("math" in names and not names.isdisjoint(_SPECIAL_OF_MATH)) or not names.isdisjoint(_SPECIAL_OF_STATISTICS):
        import_module("scipy.special")
    for name in ("polynomial", "random", "testing"):
        if name in names:
            import_module(f"numpy.{name}")
    for const in code.co_consts:
        if isinstance(const, CodeType):
            _mention(const)


def entries() -> tuple[list[Entry], list[Entry]]:
    """The entries that the explored code needs, and all the rest."""
    shield(original_of)
    needed: list[Entry] = []
    rest: list[Entry] = []
    namespaces = {id(n): (name, n) for name, n in _namespaces()}
    namespaces |= {id(n): ("__main__", n) for n, _ in _known_namespaces.values() if id(n) not in namespaces}
    for name, namespace in namespaces.values():
        found = _found_in_module(name, namespace)
        first = found.keys() & _needed(name, found) if found else set[str]()
        for keys, into in ((first, needed), (found.keys() - first, rest)):
            if keys:
                part = {key: found[key] for key in keys}
                into.append((namespace, {key: REPLACED[value] for key, value in part.items()}, part))
    _awaited.clear()
    _awaited.update(_DENSITIES, OF_PYTHON, ("ma",), *[names for _, names, _ in rest])
    return needed, rest


def _found_in(namespace: dict[str, Any]) -> dict[str, Any]:
    """name → the function to be swapped that it stands for (`original_of`, written out: there are 100,000 names)."""
    return {
        key: value if value in REPLACED else ORIGINAL[value]
        for key, value in list(namespace.items())
        if type(value) in KINDS and (value in REPLACED or value in ORIGINAL)
    }


FOUND: dict[int, tuple[dict[str, Any], int, dict[str, Any]]] = {}
"""A namespace of an installed library's, its size, and what was found in it: seldom are its names bound anew."""


def _found_in_module(name: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """`_found_in`, at once where it is known."""
    _, size, found = FOUND.get(id(namespace), (None, -1, {}))
    if size == len(namespace) and all([original_of(namespace.get(key)) is f for key, f in found.items()]):
        return found
    found = _found_in(namespace)
    if name.startswith(("numpy", "scipy")) or "site-packages" in str(namespace.get("__file__")):
        FOUND[id(namespace)] = namespace, len(namespace), found
    return found


def user_namespaces() -> list[dict[str, Any]]:
    """The namespaces of the code that was explored."""
    return [namespace for namespace, _ in _known_namespaces.values()]


class _Modules:
    """The namespaces of the modules in which functions are swapped, while no more are loaded."""

    loaded: tuple[int, int] = (0, 0)
    namespaces: list[tuple[str, dict[str, Any]]] = []  # noqa: RUF012


def _namespaces() -> list[tuple[str, dict[str, Any]]]:
    loaded = len(sys.modules), len(OPENED)
    if loaded != _Modules.loaded:
        _Modules.loaded = loaded
        _Modules.namespaces = [
            (name, module.__dict__)
            for name, module in list(sys.modules.items())
            if type(getattr(module, "__dict__", None)) is dict
            and (name.startswith(("numpy", "scipy")) or name in OF_PYTHON or is_users_module(name))
            and not name.startswith(("wengert", "numpy.ma.", "numpy.testing."))
            and not is_compiled(module)
        ]
    return _Modules.namespaces


def look_anew() -> None:
    """Forget what earlier looks found."""
    FOUND.clear()
    _Modules.loaded = (0, 0)


def _needed(module: str, names: Iterable[str]) -> Iterable[str]:
    """The names (among these) under which functions are swapped in a module whenever a transform runs."""
    top = module.partition(".")[0]
    if module == "numpy.ma" and "ma" not in _mentioned:
        return ()
    if module.startswith(STATS):
        return () if _mentioned.isdisjoint(_DENSITIES) else names
    if module.startswith(("numpy.", "scipy.")) and "._" in module:
        return ()
    if module in IN_PYTHON:
        return names if module in _mentioned else ()
    if module in OF_PYTHON:
        return _mentioned if module in _mentioned or module == "builtins" else ()
    if top in MIXED_LIBRARIES:
        return ()
    if top in ("numpy", "scipy"):
        return _mentioned | ALWAYS if module == "numpy" else _mentioned
    return names
