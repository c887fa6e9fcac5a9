"""What a function reads that is no argument: names, containers, attributes, arrays, which may change between calls.

Everything that can be reached from a function is noted: its closure, the globals and the attributes of
modules that its code mentions, defaults, the object that a method belongs to, and, from these, the items
of containers, the attributes of instances, the contents of arrays, and other functions.
"""

from __future__ import annotations

import dis
import operator
import random
import sys
from collections import deque
from collections.abc import Callable, ItemsView, Iterable, KeysView, ValuesView
from enum import Enum
from functools import partial
from types import CodeType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

import numpy as np

from wengert.api.operator import Operator
from wengert.jit.peeks import GONE, Peek, is_opaque, peek, slots
from wengert.record.cells import content
from wengert.record.replaced import original_of
from wengert.record.shadow import is_shadow
from wengert.record.value import is_value

_LIBRARIES = {"numpy", "scipy", "wengert", "optree", "llvmlite", "builtins", "matplotlib", "_pytest", "pytest"}
_OPEN = {"types", "argparse", "collections", "functools"}
"""Modules of Python's own library whose objects carry a user's values."""
_ATOMS = (int, float, complex, str, bytes, type(None), np.generic, range, slice)
_GENERATORS = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random)
_MOST = 5000
"""More than so many things are not looked at before every call."""


class Reachable:
    """What was there when it was made: `changed()` looks again, `restore()` puts it back."""

    def __init__(self, *roots: Any) -> None:
        self.cells: list[tuple[Any, Any]] = []
        self.items: list[tuple[dict[str, Any], str, Any]] = []
        self.lists: list[tuple[Any, list[Any]]] = []
        self.dicts: list[tuple[dict[Any, Any], list[Any], list[Any], str]] = []
        self.arrays: list[tuple[Any, Any]] = []
        self.generators: list[tuple[Any, Any]] = []
        self.classes: list[tuple[type, str, Any]] = []
        self.defaults: list[tuple[FunctionType, tuple[Any, ...] | None, dict[str, Any] | None]] = []
        self.codes: list[tuple[FunctionType, CodeType]] = []
        self.absent: list[tuple[Any, str]] = []
        self.sizes: list[tuple[Any, int, str]] = []
        self.kinds: list[tuple[Any, type]] = []
        self.peeks: list[Peek] = []
        self.library: list[tuple[dict[str, Any], str, Any]] = []
        self.opaque = ""
        self._named: set[tuple[int, str]] = set()
        self._classes: set[type] = set()
        self._seen: dict[int, Any] = {}
        self._modules: set[tuple[int, frozenset[str]]] = set()
        self._waiting: deque[tuple[Any, frozenset[str] | None]] = deque([(x, None) for x in roots])
        while self._waiting:  # a graph of objects may be deeper than Python's stack
            self._note(*self._waiting.popleft())
        kinds = (self.cells, self.items, self.classes, self.lists, self.dicts, self.arrays, self.defaults, self.peeks)
        self.count = sum(len(kind) for kind in (*kinds, self.sizes, self.kinds))
        names = (self.codes, self.absent, self.library)
        self.names_only, self.count = not self.count, self.count + sum(len(kind) for kind in names)

    def __bool__(self) -> bool:
        return bool(self.count)

    @property
    def matters(self) -> bool:
        """Whether anything must be looked at before a call: values that may change, or be recorded ones."""
        return bool(self.count or self.generators)

    @property
    def too_many(self) -> bool:
        """Whether there is more than can be looked at before every call."""
        return len(self._seen) > _MOST

    # ── looking again ──

    def changed(self) -> str:
        """What means something else now; '' if nothing does."""
        for cell, x in self.cells:
            try:
                now = cell.cell_contents
            except ValueError:
                return "a name of an enclosing function"
            if now is not x and not _is_equal(now, x) and not _is_swapped(now, x):
                return _spelled(x, "a value of an enclosing function")
        for namespace, name, x in (*self.items, *self.library):
            now = namespace.get(name, GONE)
            if now is not x and not _is_equal(now, x) and not _is_swapped(now, x):
                return f"the name {name}"
        if what := self._defined_anew():
            return what
        for cls, name, x in self.classes:
            if vars(cls).get(name, GONE) is not x:
                return f"the attribute {name} of {cls.__name__}"
        for f, defaults, others in self.defaults:
            if f.__kwdefaults__ is not others or not _same_defaults(f.__defaults__, defaults):
                return f"a default of {f.__name__}"
        for container, then in self.lists:
            if len(container) != len(then) or not all(map(operator.is_, container, then)):
                return f"a {type(container).__name__}"
        for container, keys, values, what in self.dicts:
            if len(container) != len(keys) or not _same_items(container, keys, values):
                return what
        for array, then in self.arrays:
            if not _same_bytes(array, then):
                return f"the contents of an array of shape {then.shape}"
        return ""

    def _defined_anew(self) -> str:
        """Code, names and classes that are others now."""
        for f, code in self.codes:
            if f.__code__ is not code:
                return f"the code of {f.__name__}"
        for namespace, name in self.absent:
            now = namespace.get(name, GONE)
            if now is not GONE and not is_shadow(now):
                return f"the name {name}"
        for namespace, size, what in self.sizes:
            if len(namespace) != size:
                return what
        for x, kind in self.kinds:
            if type(x) is not kind:
                return f"the class of an object of type {kind.__name__}"
        return next((seen.what for seen in self.peeks if seen.changed), "")

    def drew(self) -> bool:
        """Whether a random generator has been used since."""
        return any([not _same_state(_state(g), then) for g, then in self.generators])

    def restore(self) -> None:
        """Put back what has changed."""
        for cell, x in self.cells:
            if x is not GONE and not _is_swapped(content(cell), x):
                cell.cell_contents = x
        for namespace, name, x in (*self.items, *self.library):
            now = namespace.get(name, GONE)
            if now is not x and not _is_swapped(now, x):
                namespace[name] = x
        for namespace, name in self.absent:
            if (now := namespace.get(name, GONE)) is not GONE and not is_shadow(now):
                del namespace[name]
        for f, code in self.codes:
            f.__code__ = code
        for x, kind in self.kinds:
            x.__class__ = kind
        for seen in self.peeks:
            if seen.changed:
                seen.restore()
        for cls, name, x in self.classes:
            if vars(cls).get(name, GONE) is not x:
                setattr(cls, name, x)
        for f, defaults, others in self.defaults:
            if f.__kwdefaults__ is not others or not _same_defaults(f.__defaults__, defaults):
                f.__defaults__, f.__kwdefaults__ = defaults, others
        for container, then in self.lists:
            if type(container) in (list, deque) and not (
                len(container) == len(then) and all(map(operator.is_, container, then))
            ):
                container.clear()
                container.extend(then)
        for container, keys, values, _ in self.dicts:
            if type(container) is dict and not (len(container) == len(keys) and _same_items(container, keys, values)):
                container.clear()
                container.update(zip(keys, values, strict=True))
        for array, then in self.arrays:
            if not _same_bytes(array, then):
                array[...] = then
        for generator, then in self.generators:
            _set_state(generator, then)

    # ── noting ──

    def _visit(self, x: Any, names: frozenset[str] | None) -> None:
        """Note later what x holds. `names` are the attributes that the code which found it mentions."""
        if not _is_atom(x) and id(x) not in self._seen:
            self._waiting.append((x, names))

    def _note(self, x: Any, names: frozenset[str] | None) -> None:
        if _is_atom(x) or id(x) in self._seen or len(self._seen) > _MOST or is_value(x):
            return
        if isinstance(x, FunctionType):
            self._seen[id(x)] = x
            if not _is_library(x):
                self._function(x)
            return
        if isinstance(x, ModuleType):
            self._module(x, names or frozenset())
            return
        self._seen[id(x)] = x
        self._object(x, names)

    def _object(self, x: Any, names: frozenset[str] | None) -> None:
        if isinstance(x, np.ndarray):
            self._array(x)
        elif isinstance(x, memoryview):
            self._array(np.asarray(x))
        elif isinstance(x, np.flatiter):
            self._visit(x.base, names)
        elif (seen := peek(x)) is not None:
            self.peeks.append(seen)
            self._visit(seen.then, names)
        elif isinstance(x, _GENERATORS):
            self.generators.append((x, _state(x)))
        elif isinstance(x, Operator):
            self._visit(x.f, names)
        elif isinstance(x, MethodType):
            self._visit(x.__func__, names)
            self._visit(x.__self__, _names(x.__func__.__code__) if isinstance(x.__func__, FunctionType) else names)
        elif isinstance(x, partial):
            self._all((x.func, *x.args, x.keywords), names)
        elif isinstance(x, (dict, MappingProxyType)):
            self._dict(x, "a dict", names)
        elif isinstance(x, (list, deque, set, KeysView, ValuesView, ItemsView)):
            self.lists.append((x, list(x)))
            self._all(list(x), names)
        elif isinstance(x, (tuple, frozenset)):
            self._all(list(x), names)
        elif isinstance(x, type):
            if not _is_library_module(x.__module__):
                self._class(x)
        else:
            self._instance(x, names)
            return
        if type(x) not in _CONTAINERS and vars_of(x) and not isinstance(x, (type, np.ma.MaskedArray)):
            self._instance(x, names)

    def _all(self, parts: Iterable[Any], names: frozenset[str] | None) -> None:
        for part in parts:
            self._visit(part, names)

    def _array(self, x: Any) -> None:
        if isinstance(x, np.ma.MaskedArray):
            mask: Any = getattr(x, "_mask")  # noqa: B009  it is read without the copy that `x.mask` makes
            self.peeks.append(Peek(x, "slot", "_mask", mask))
            self._all((np.asarray(x), mask), None)
        elif x.flags.writeable or x.base is not None:
            self.arrays.append((x, x.copy()))

    def _dict(self, x: Any, what: str, names: frozenset[str] | None) -> None:
        self.dicts.append((x, list(x), list(x.values()), what))
        self._all(list(x.values()), names)

    def _instance(self, x: Any, names: frozenset[str] | None) -> None:
        kind = type(x)
        if kind is np.vectorize:
            self._visit(x.pyfunc, names)
        if _is_library_module(kind.__module__) and not _is_opened(kind):
            if is_opaque(x):
                self.opaque = kind.__name__
            return
        held = vars_of(x)
        if held is not None:
            self._dict(held, f"an attribute of an object of type {kind.__name__}", names)
        for seen in slots(x):
            self.peeks.append(seen)
            self._visit(seen.then, names)
        if not _is_library_module(kind.__module__):
            self.kinds.append((x, kind))
        for cls in kind.__mro__:
            if not _is_library_module(cls.__module__):
                self._class(cls)

    def _class(self, x: type) -> None:
        """The attributes of a class, methods among them."""
        if x in self._classes:
            return
        self._classes.add(x)
        self.sizes.append((vars(x), len(vars(x)), f"an attribute of {x.__name__}"))
        if type(x) is not type:
            self._visit(type(x), None)
        for name, value in list(vars(x).items()):
            if name in _TOLD or (name.startswith("__") and not isinstance(value, FunctionType)):
                continue
            self.classes.append((x, name, value))
            inner = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
            self._visit(inner, None)

    def _module(self, x: ModuleType, names: frozenset[str]) -> None:
        if (id(x), names) not in self._modules:  # modules refer to each other
            self._modules.add((id(x), names))
            self._attributes(vars(x), names)

    def _attributes(self, namespace: dict[str, Any], names: frozenset[str]) -> None:
        of_library = _is_library_module(namespace.get("__name__"))
        for name in names:
            if name in namespace and (id(namespace), name) not in self._named:
                self._named.add((id(namespace), name))
                x = namespace[name]
                x = original_of(x) or x
                if of_library or (isinstance(x, ModuleType) and _is_library_module(x.__name__)):
                    self.library.append((namespace, name, x))
                else:
                    self.items.append((namespace, name, x))
            if name in namespace:
                x = namespace[name]
                if not of_library or isinstance(x, (FunctionType, ModuleType)):
                    self._visit(original_of(x) or x, names)

    def _function(self, f: FunctionType) -> None:
        names = _names(f.__code__)
        self.codes.append((f, f.__code__))
        for cell in f.__closure__ or ():
            try:
                x = cell.cell_contents
            except ValueError:
                continue
            x = original_of(x) or x
            self.cells.append((cell, x))
            self._visit(x, names)
        if f.__defaults__ or f.__kwdefaults__:
            self.defaults.append((f, f.__defaults__, f.__kwdefaults__))
        self._all(f.__defaults__ or (), names)
        if f.__kwdefaults__:
            self._dict(f.__kwdefaults__, "a default", names)
        if vars(f):
            self._dict(vars(f), f"an attribute of {f.__name__}", names)
        space = f.__globals__
        if _looks_by_string(f.__code__):
            self.sizes.append((space, len(space), "the names of a module"))
            names = frozenset(space)
        self._attributes(space, names)
        for name in _looked_up(f.__code__):
            if name not in space and (id(space), name) not in self._named:
                self._named.add((id(space), name))
                self.absent.append((space, name))


_TOLD = frozenset({"__repr__", "__str__", "__del__", "__init_subclass__", "__set_name__", "__class_getitem__"})
"""Methods whose results are text, or that are called when a class is made."""
_CONTAINERS = frozenset({np.ndarray, dict, list, tuple, set, frozenset, deque, partial, MethodType, memoryview})


def vars_of(x: Any) -> dict[str, Any] | None:
    """The attributes that x holds, if it can hold any."""
    held = getattr(x, "__dict__", None)
    return held if isinstance(held, dict) else None


def _is_atom(x: Any) -> bool:
    """Whether x is a number, a string or the like, without attributes of its own."""
    return isinstance(x, _ATOMS) and (isinstance(x, Enum) or not vars_of(x))


def _is_opened(kind: type) -> bool:
    """Whether objects of a library's class are looked into."""
    return kind is np.poly1d or kind.__module__.startswith(("scipy.", "numpy.polynomial."))


def _looked_up(code: CodeType) -> frozenset[str]:
    """The names that code looks up in its module."""
    own = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    return frozenset(own).union(*[_looked_up(c) for c in code.co_consts if isinstance(c, CodeType)])


def _names(code: CodeType) -> frozenset[str]:
    """The names that a function's code, and the code of functions defined in it, mentions."""
    return frozenset(code.co_names).union(*[_names(c) for c in code.co_consts if isinstance(c, CodeType)])


def _looks_by_string(code: CodeType) -> bool:
    """Whether code calls `globals`, `eval` or `exec`, which find names that it does not mention."""
    steps = dis.get_instructions(code) if not _BY_STRING.isdisjoint(code.co_names) else ()
    return any([step.opname == "LOAD_GLOBAL" and step.argval in _BY_STRING for step in steps]) or any(
        [_looks_by_string(const) for const in code.co_consts if isinstance(const, CodeType)]
    )


_BY_STRING = frozenset({"globals", "eval", "exec"})


def _is_library_module(name: Any) -> bool:
    root = str(name or "").partition(".")[0]
    return root in _LIBRARIES or (root in sys.stdlib_module_names and root not in _OPEN and root != "__main__")


def _is_library(f: Any) -> bool:
    return _is_library_module(getattr(f, "__module__", ""))


def _is_swapped(now: Any, x: Any) -> bool:
    """Whether a transform that runs just now, in another thread, has put `now` in the place of x."""
    return now is not x and original_of(now) is x


def _is_equal(a: Any, b: Any) -> bool:
    """Whether two values that are not one object are equal numbers or strings of one type."""
    if is_value(a) or is_value(b):
        return False
    return type(a) is type(b) and isinstance(a, (int, float, str)) and a == b and repr(a) == repr(b)


def _spelled(x: Any, otherwise: str) -> str:
    name = getattr(x, "__name__", None)
    return f"the name {name}" if isinstance(name, str) else otherwise


def _same_defaults(now: tuple[Any, ...] | None, then: tuple[Any, ...] | None) -> bool:
    """Whether the values are: a transform that runs may have put others there for a while."""
    now, then = now or (), then or ()
    return now is then or (len(now) == len(then) and all(map(operator.is_, now, then)))


def _same_items(container: dict[Any, Any], keys: list[Any], values: list[Any]) -> bool:
    return all(map(operator.is_, container, keys)) and all(map(operator.is_, container.values(), values))


def _same_bytes(a: Any, b: Any) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.hasobject:
        return all(map(operator.is_, a.flat, b.flat))
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))


# ── random generators ──


def _state(generator: Any) -> Any:
    if isinstance(generator, random.Random):
        return generator.getstate()
    if isinstance(generator, np.random.RandomState):
        return generator.get_state(legacy=False)
    return (generator.bit_generator if isinstance(generator, np.random.Generator) else generator).state


def _set_state(generator: Any, state: Any) -> None:
    if isinstance(generator, random.Random):
        generator.setstate(state)
    elif isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    else:
        (generator.bit_generator if isinstance(generator, np.random.Generator) else generator).state = state


def _same_state(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return all(_same_state(a[k], b[k]) for k in a)
    return bool(np.array_equal(a, b)) if isinstance(a, np.ndarray) else a == b


class GlobalRandomness:
    """The state of NumPy's and Python's global generators."""

    def __init__(self) -> None:
        state: Any = np.random.get_state(legacy=True)  # noqa: NPY002  the state that must not be drawn from
        self.numpy, self.key = state, (state[1].tobytes(), state[2:])
        self.python = random.getstate()

    def drew(self) -> str:
        """Whose global state has been drawn from since."""
        now = GlobalRandomness()
        if now.key != self.key:
            return "NumPy's"
        return "Python's" if now.python != self.python else ""

    def restore(self) -> None:
        """Put them back."""
        np.random.set_state(self.numpy)  # noqa: NPY002
        random.setstate(self.python)


def draws(f: Callable[..., Any]) -> bool:
    """Whether the code of f, or of functions that it names, mentions random numbers."""
    seen: set[int] = set()
    stack: list[Any] = [f]
    while stack:
        g = stack.pop()
        g = getattr(g, "__func__", g.f if isinstance(g, Operator) else g)
        if not isinstance(g, FunctionType) or id(g) in seen or _is_library(g):
            continue
        seen.add(id(g))
        names = _names(g.__code__)
        if "random" in names or any("random" in str(getattr(g.__globals__.get(n), "__module__", "")) for n in names):
            return True
        stack += [g.__globals__[n] for n in names if n in g.__globals__]
        stack += [c.cell_contents for c in g.__closure__ or () if _is_filled(c)]
    return False


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
