"""Names and modules that are imported when they are first asked for, so that `import wengert` is quick."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """A module that is imported at the first use of one of its names."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


class _Package(ModuleType):
    """A package some names of which come later (PEP 562).

    `wengert.audit` is a function, and also the package that the function is in. An import of the package would
    bind the name to it: that one is left out, so that the name means the function whatever was imported before.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        later: Mapping[str, str] = self.__dict__["_LATER"]
        if not isinstance(value, ModuleType) or later.get(name, value.__name__) == value.__name__:
            super().__setattr__(name, value)


def names(package: str, table: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package, from its `_LATER`: name → the module that it is in, or that it is."""
    own = sys.modules[package]

    def find(name: str) -> Any:
        if name not in table:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=own)
        module = import_module(table[name])
        value = module if module.__name__ == f"{package}.{name}" else getattr(module, name)
        own.__dict__[name] = value
        return value

    own.__class__ = _Package
    return find, lambda: sorted({*own.__dict__, *table})
