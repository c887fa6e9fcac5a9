"""How a primitive is written: by its public name, or by the one expression that its function returns.

Rows often hold a small function of ours, `def reshape(x, shape, order): return np.reshape(x, shape,
order=order)`. Its text is that expression with the arguments put in, so that no table of spellings
can drift from what is computed.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

_MODULES = ("numpy", "numpy.linalg", "numpy.fft", "scipy.special", "scipy.linalg", "scipy.fft")
_ROOTS = {"numpy", "scipy", "math", "cmath"}
_BUILTINS = {"tuple", "list", "len", "slice", "int", "bool", "complex", "abs", "min", "max"}


def public_name(f: Any) -> str | None:
    """`np.sin`, `scipy.special.erf`, `np.add.reduce`: a name under which everybody can find f."""
    owner = getattr(f, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{public_name(owner)}.{f.__name__}"
    if getattr(f, "__globals__", {}).get("__name__", "").startswith("wengert."):
        f = getattr(f, "__wrapped__", None)
    name = getattr(f, "__name__", None)
    if name is None:
        return None
    parts = (getattr(f, "__module__", None) or "").split(".")
    own = ".".join(parts[: next((k for k, p in enumerate(parts) if p.startswith("_")), len(parts))])
    for module in dict.fromkeys((*_MODULES, own)):
        if module.partition(".")[0] in _ROOTS and _is(getattr(sys.modules.get(module), name, None), f):
            return f"{module}.{name}".replace("numpy.", "np.", 1)
    return None


def _is(found: Any, f: Any) -> bool:
    return found is f or (found is not None and getattr(found, "__wrapped__", None) is f)


def found(name: str) -> Any:
    """The object of that public name."""
    root, *rest = name.split(".")
    x: Any = np if root == "np" else sys.modules.get(root)
    for part in rest:
        x = getattr(x, part, None)
    return x


class Template(NamedTuple):
    """A function of one expression: its signature, and the expression."""

    signature: inspect.Signature
    body: ast.expr


@cache
def template(f: Any) -> Template | None:
    """What f returns, if that is one simple expression of its arguments and of public names."""
    if not isinstance(f, FunctionType) or f.__name__ == "<lambda>" or hasattr(f, "__wrapped__"):
        return None
    try:
        parsed = ast.parse(textwrap.dedent(inspect.getsource(f))).body[0]
    except (OSError, SyntaxError, TypeError):
        return None
    if not isinstance(parsed, ast.FunctionDef) or parsed.decorator_list:
        return None
    statement = parsed.body[-1]
    if len(parsed.body) > 2 or not isinstance(statement, ast.Return) or statement.value is None:
        return None
    body = _Public(f, set(inspect.signature(f).parameters)).resolved(statement.value)
    return None if body is None else Template(inspect.signature(f), body)


_SIMPLE = (
    ast.Call, ast.Attribute, ast.Name, ast.Constant, ast.Subscript, ast.Tuple, ast.List, ast.keyword,
    ast.Starred, ast.UnaryOp, ast.BinOp, ast.Slice, ast.expr_context, ast.operator, ast.unaryop,
    ast.IfExp, ast.Compare, ast.cmpop, ast.BoolOp, ast.boolop,
)  # fmt: skip


class _Public(ast.NodeTransformer):
    """Global names of a function's expression as public ones."""

    def __init__(self, f: FunctionType, parameters: set[str]) -> None:
        cells = inspect.getclosurevars(f).nonlocals
        self.scope: dict[str, Any] = {**f.__globals__, **cells}
        self.cells = cells
        self.parameters = parameters
        self.failed = False

    def resolved(self, body: ast.expr) -> ast.expr | None:
        if not all(isinstance(node, _SIMPLE) for node in ast.walk(body)):
            return None
        body = self.visit(body)
        return None if self.failed else body

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.parameters:
            return node
        x = self.scope.get(node.id)
        if isinstance(x, ModuleType) and x.__name__.partition(".")[0] in ("numpy", "scipy"):
            return _expression(x.__name__.replace("numpy", "np", 1))
        if node.id in self.cells and isinstance(x, (bool, int, str, type(None))):
            return ast.Constant(x)
        name = public_name(x) if x is not None else None
        if name is None and not (x is None and node.id in _BUILTINS):
            self.failed = True
        return node if name is None else _expression(name)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Filled(ast.NodeTransformer):
    """Parameters replaced by the texts of the arguments."""

    def __init__(self, texts: dict[str, Any], options: dict[str, str]) -> None:
        self.texts = texts
        self.options = options

    def visit_Name(self, node: ast.Name) -> ast.expr:
        text = self.texts.get(node.id)
        if isinstance(text, tuple):
            return ast.Tuple([_expression(t) for t in text], ast.Load())
        return node if text is None else _expression(text)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        args: list[ast.expr] = []
        for a in node.args:
            args.extend(a.value.elts if isinstance(a, ast.Starred) and isinstance(a.value, ast.Tuple) else [a])
        node.args = args
        keywords = [k for k in node.keywords if k.arg is not None]
        if len(keywords) < len(node.keywords):
            keywords += [ast.keyword(name, _expression(text)) for name, text in self.options.items()]
        node.keywords = keywords
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """What the constants decide."""
        self.generic_visit(node)
        names = [n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)]
        if names:
            raise _Undecided
        return node.body if eval(ast.unparse(node.test), {}) else node.orelse


class _Undecided(Exception):
    """A conditional expression depends on more than constants."""


def expanded(f: Callable[..., Any], args: list[str], params: dict[str, str]) -> str | None:
    """The text of f(*args, **params) as the expression that f returns; None if that is not one."""
    found = template(f)
    if found is None:
        return None
    given = found.signature.bind(*args, **params).arguments
    options: dict[str, str] = {}
    texts: dict[str, Any] = {}
    for name, p in found.signature.parameters.items():
        if p.kind is p.VAR_KEYWORD:
            options = given.get(name, {})
        elif p.kind is p.VAR_POSITIONAL:
            texts[name] = given.get(name, ())
        elif name in given:
            texts[name] = given[name]
        elif isinstance(p.default, (str, int, float, bool, type(None))):
            texts[name] = repr(p.default)
        else:
            return None
    try:
        body = _Filled(texts, options).visit(ast.parse(ast.unparse(found.body), mode="eval").body)
    except _Undecided:
        return None
    return ast.unparse(without_defaults(body))


def usual(text: str) -> str:
    """A call without the keywords that say what the function does anyway."""
    return ast.unparse(without_defaults(_expression(text)))


_REDUCTIONS = {
    "np.add.reduce": "np.sum", "np.multiply.reduce": "np.prod",
    "np.maximum.reduce": "np.max", "np.minimum.reduce": "np.min",
}  # fmt: skip


def without_defaults(call: ast.expr) -> ast.expr:
    """A call without the keywords that say what the function does anyway."""
    if not isinstance(call, ast.Call):
        return call
    name = ast.unparse(call.func)
    if name in _REDUCTIONS and any(k.arg == "axis" for k in call.keywords):
        call.func = _expression(_REDUCTIONS[name])
        name = _REDUCTIONS[name]
    try:
        defaults = inspect.signature(found(name)).parameters
    except (TypeError, ValueError):
        return call
    call.keywords = [k for k in call.keywords if not _is_default(k.value, defaults.get(k.arg or ""))]
    positional = list(defaults.values())
    while not call.keywords and call.args and len(call.args) <= len(positional):
        if not _is_default(call.args[-1], positional[len(call.args) - 1]):
            break
        call.args.pop()
    return call


def _is_default(value: ast.expr, parameter: inspect.Parameter | None) -> bool:
    if parameter is None or parameter.default is parameter.empty or parameter.kind is parameter.VAR_POSITIONAL:
        return False
    default = parameter.default
    if parameter.name == "keepdims" and repr(default) == "<no value>":
        default = False
    text = ast.unparse(value)
    if text == "np._NoValue":
        return repr(parameter.default) == "<no value>"
    return text == repr(default) and type(default) in (bool, int, str, float, type(None))
