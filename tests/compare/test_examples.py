"""The examples in the docstrings of numerical, symbolic and compare run."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

import wengert


def modules():
    for package in ("numerical", "symbolic", "compare"):
        path = f"{wengert.__path__[0]}/{package}"
        yield from (f"wengert.{package}.{module.name}" for module in iter_modules([path]))


@pytest.mark.parametrize("name", list(modules()))
def test_examples(name):
    if ".numerical." not in name:
        pytest.importorskip("sympy", reason="SymPy is not installed")
    result = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


@pytest.mark.parametrize("package", ["numerical", "symbolic", "compare"])
def test_public_functions_have_examples(package):
    if package == "symbolic":
        pytest.importorskip("sympy", reason="SymPy is not installed")
    module = import_module(f"wengert.{package}")
    functions = [getattr(module, name) for name in module.__all__]
    assert not [f.__name__ for f in functions if type(f).__name__ == "function" and ">>>" not in (f.__doc__ or "")]
