"""Python expressions as the mathematics of a lecture: `np.log(v1) * 2` as `2·log v₁`, numbers, names."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SINGLE = re.compile(r"([A-Za-zͰ-Ͽ])([₀-₉]*)((?:\[.*\])?)")
_FUNCTIONS = frozenset({
    "log", "log2", "log10", "log1p", "exp", "exp2", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh",
    "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh",
})  # fmt: skip
"""Written without brackets before a single name."""
_UNCHANGING = frozenset({"float64", "float32", "complex128", "int64", "conj"})
"""What leaves a real number as it is."""
_NAMES = {"pi": "π", "inf": "∞", "nan": "NaN", "e": "e", "newaxis": "None"}


def name(text: str) -> str:
    """x1 → x₁; anything else as it is spelled."""
    match = re.fullmatch(r"([A-Za-z])(\d+)", text)
    return match[1] + match[2].translate(_SUBSCRIPTS) if match else text


def numbered(letter: str, k: int) -> str:
    """v₁, v₂, …"""
    return letter + str(k).translate(_SUBSCRIPTS)


def _accented(text: str, accent: str) -> str | None:
    match = _SINGLE.fullmatch(text)
    return None if match is None else unicodedata.normalize("NFC", match[1] + accent) + match[2] + match[3]


def dot(text: str) -> str:
    """The tangent of a variable: ẋ₁."""
    return _accented(text, "\u0307") or f"d({text})"


def bar(text: str, of: str = "y") -> str:
    """The adjoint of a variable: x̄₁."""
    return _accented(text, "\u0304") or partial(text, of)


def partial(text: str, of: str = "y") -> str:
    """∂y/∂x₁."""
    return f"∂{of}/∂{text}"


def number(x: Any) -> str:
    """Six digits of a number, as it is of a truth value."""
    if isinstance(x, (bool, np.bool_)):
        return str(bool(x))
    if isinstance(x, (complex, np.complexfloating)):
        imaginary = number(x.imag)
        return number(x.real) + ("" if imaginary.startswith("−") else "+") + imaginary + "i"
    if isinstance(x, (int, np.integer)):
        return str(int(x)).replace("-", "−")
    try:
        return f"{float(x) + 0.0:.6g}".replace("-", "−").replace("inf", "∞").replace("nan", "NaN")
    except (TypeError, ValueError):
        return str(x)


# ── columns ──


def width(s: str) -> int:
    """Columns that a text takes in a terminal: accents take none."""
    return len(s) if s.isascii() else len(s) - sum(unicodedata.combining(c) > 0 for c in s)


def pad(s: str, n: int) -> str:
    """s, filled up with spaces to n columns."""
    return s + " " * (n - width(s))


# ── expressions ──

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = 1, 2, 3, 4, 5
_BINARY: dict[type, tuple[str, int]] = {
    ast.Add: (" + ", _SUM), ast.Sub: (" − ", _SUM), ast.Mult: ("·", _PRODUCT), ast.Div: ("/", _PRODUCT),
    ast.MatMult: (" @ ", _PRODUCT), ast.FloorDiv: (" // ", _PRODUCT), ast.Mod: (" mod ", _PRODUCT),
    ast.BitAnd: (" ∧ ", _SUM), ast.BitOr: (" ∨ ", _SUM), ast.BitXor: (" ⊻ ", _SUM),
}  # fmt: skip
_COMPARE: dict[type, str] = {
    ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠",
}  # fmt: skip


class Mathematics:
    """Renders Python syntax; `names` says how each variable is written."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def text(self, node: ast.AST) -> str:
        """The whole expression."""
        return self._of(node)[0]

    def _of(self, node: ast.AST) -> tuple[str, int]:
        """(text, how tightly it binds)."""
        rule = getattr(self, f"_{type(node).__name__}", None)
        return (ast.unparse(node), _ATOM) if rule is None else rule(node)

    def _inside(self, node: ast.AST, binding: int) -> str:
        text, own = self._of(node)
        return text if own >= binding else f"({text})"

    def _Name(self, node: ast.Name) -> tuple[str, int]:
        text = self.names.get(node.id, node.id)
        return text, _SIGN if text.startswith("−") else _ATOM if " " not in text else _SUM

    def _Constant(self, node: ast.Constant) -> tuple[str, int]:
        x = node.value
        if isinstance(x, (int, float, complex)):
            text = number(x)
            return text, _SIGN if text.startswith("−") else _ATOM
        return repr(x), _ATOM

    def _Attribute(self, node: ast.Attribute) -> tuple[str, int]:
        whole = ast.unparse(node)
        if whole.startswith(("np.", "scipy.")):
            return _NAMES.get(node.attr, node.attr), _ATOM
        if node.attr in ("T", "mT"):
            return self._transposed(node.value)
        return f"{self._inside(node.value, _ATOM)}.{node.attr}", _ATOM

    def _BinOp(self, node: ast.BinOp) -> tuple[str, int]:
        if isinstance(node.op, ast.Pow):
            return self._power(node)
        sign, binding = _BINARY.get(type(node.op), (f" {type(node.op).__name__} ", _SUM))
        if isinstance(node.op, ast.Mult):
            left, right = _is_number(node.left), _is_number(node.right)
            if left == 1 or right == 1:
                return self._of(node.right if left == 1 else node.left)
            if left == -1 or right == -1:
                return self._negative(node.right if left == -1 else node.left)
        left = self._inside(node.left, binding)
        tight = binding + 1 if isinstance(node.op, (ast.Sub, ast.Div, ast.MatMult, ast.FloorDiv, ast.Mod)) else binding
        right = self._inside(node.right, tight)
        if right.startswith("−"):
            right = f"({right})"
        if isinstance(node.op, ast.Div):
            left, right = _whole(left, node.left), _whole(right, node.right)
        elif isinstance(node.op, ast.Mult):
            left, right = _unfractioned(left, node.left), _unfractioned(right, node.right)
        return f"{left}{sign}{right}", binding

    def _power(self, node: ast.BinOp) -> tuple[str, int]:
        return self._raised(node.left, node.right)

    def _raised(self, x: ast.AST, p: ast.AST) -> tuple[str, int]:
        base = _whole(self._inside(x, _ATOM), x)
        exponent = _is_number(p)
        if exponent is not None and exponent == int(exponent) and abs(exponent) < 1000:
            digits = "" if exponent == 1 else str(int(exponent)).translate(_SUPERSCRIPTS)
            return base + digits, _POWER
        return f"{base}^{self._inside(p, _ATOM)}", _POWER

    def _UnaryOp(self, node: ast.UnaryOp) -> tuple[str, int]:
        if isinstance(node.op, ast.USub):
            return self._negative(node.operand)
        if isinstance(node.op, (ast.Invert, ast.Not)):
            return "¬" + self._inside(node.operand, _ATOM), _SIGN
        return self._of(node.operand)

    def _negative(self, node: ast.AST) -> tuple[str, int]:
        text = self._inside(node, _PRODUCT)
        return f"−({text})" if text.startswith("−") else f"−{text}", _SIGN

    def _Compare(self, node: ast.Compare) -> tuple[str, int]:
        parts = [self._inside(node.left, _SUM)]
        for op, right in zip(node.ops, node.comparators, strict=True):
            parts += [_COMPARE.get(type(op), ast.unparse(op)), self._inside(right, _SUM)]
        return " ".join(parts), 0

    def _Call(self, node: ast.Call) -> tuple[str, int]:
        f = self._of(node.func)[0] if not isinstance(node.func, ast.Attribute) else self._called(node.func)
        if f.endswith(".copy") or (f == "copy" and not node.args):
            return self._of(node.func.value) if isinstance(node.func, ast.Attribute) else (ast.unparse(node), _ATOM)
        special = self._special_call(f, node)
        if special is not None:
            return special
        parts = [self._of(a)[0] for a in node.args]
        parts += [f"{k.arg}={self._of(k.value)[0]}" if k.arg else f"**{self._of(k.value)[0]}" for k in node.keywords]
        return f"{f}({', '.join(parts)})", _ATOM

    def _special_call(self, f: str, node: ast.Call) -> tuple[str, int] | None:
        """Functions for which mathematics has a sign."""
        first = node.args[0] if node.args else None
        node.keywords = [k for k in node.keywords if not (k.arg == "where" and ast.unparse(k.value) == "True")]
        if first is None:
            return None
        if f == "array" and isinstance(first, ast.List):
            return self._List(first)
        if f == "broadcast_to":
            return f"broadcast({self._of(_unreshaped(first))[0]})", _ATOM
        if f in ("transpose", "swapaxes") and _is_transposition(node, f):
            return self._transposed(first)
        if f == "power" and len(node.args) == 2 and not node.keywords:
            return self._raised(first, node.args[1])
        return None if len(node.args) > 1 or node.keywords else self._of_one(f, first)

    def _of_one(self, f: str, x: ast.AST) -> tuple[str, int] | None:
        """Functions of one argument."""
        text = self._of(x)[0]
        if f in _FUNCTIONS and isinstance(x, (ast.Name, ast.Constant)) and not text.startswith("−"):
            return f"{f} {text}", _PRODUCT
        if f == "sqrt":
            return "√" + self._inside(x, _ATOM), _ATOM
        if f in ("abs", "absolute"):
            return f"|{text}|", _ATOM
        return self._of(x) if f in _UNCHANGING and _is_number(x) is not None else None

    def _transposed(self, x: ast.AST) -> tuple[str, int]:
        return _whole(self._inside(x, _ATOM), x) + "ᵀ", _ATOM

    def _called(self, node: ast.Attribute) -> str:
        if ast.unparse(node).startswith(("np.", "scipy.")):
            return node.attr if node.attr != "reduce" else ast.unparse(node).removeprefix("np.")
        return f"{self._inside(node.value, _ATOM)}.{node.attr}"

    def _Subscript(self, node: ast.Subscript) -> tuple[str, int]:
        return f"{_whole(self._inside(node.value, _ATOM), node.value)}[{self._key(node.slice)}]", _ATOM

    def _key(self, node: ast.AST) -> str:
        if isinstance(node, ast.Tuple):
            return ", ".join(self._key(part) for part in node.elts)
        return ast.unparse(node) if isinstance(node, (ast.Slice, ast.Constant)) else self._of(node)[0]

    def _Tuple(self, node: ast.Tuple) -> tuple[str, int]:
        parts = [self._of(part)[0] for part in node.elts]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})", _ATOM

    def _List(self, node: ast.List) -> tuple[str, int]:
        return f"[{', '.join(self._of(part)[0] for part in node.elts)}]", _ATOM


def _whole(text: str, node: ast.AST) -> str:
    """∂y/∂v₁ in brackets, where a fraction or an index would be read into it."""
    return f"({text})" if isinstance(node, ast.Name) and "/∂" in text else text


def _unfractioned(text: str, node: ast.AST) -> str:
    """A quotient as a factor: (1/v₁)·v̄₂."""
    return f"({text})" if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and text[0] != "(" else text


def _unreshaped(node: ast.AST) -> ast.AST:
    """x of reshape(x, (1, 1)): axes of length one are what broadcasting adds."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".reshape") and len(node.args) == 2):
        return node
    shape = set(re.findall(r"\d+", ast.unparse(node.args[1])))
    return _unreshaped(node.args[0]) if shape <= {"1"} else node


def _is_transposition(node: ast.Call, f: str) -> bool:
    if f == "transpose":
        return len(node.args) == 1 and not node.keywords
    axes = [_is_number(a) for a in node.args[1:]] + [_is_number(k.value) for k in node.keywords]
    return axes == [-1, -2]


def _is_number(node: ast.AST) -> Any:
    """The value of a numeric constant, a sign before it included."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _is_number(node.operand)
        return None if inner is None else -inner
    x = node.value if isinstance(node, ast.Constant) else None
    return x if isinstance(x, (int, float)) and not isinstance(x, bool) and np.isfinite(x) else None


def mathematics(text: str, names: Mapping[str, str]) -> str:
    """A Python expression as mathematics; the text itself where it cannot be parsed."""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return text
    return Mathematics(names).text(node)


class Template:
    """An expression with placeholders, rendered for many sets of names: what they have in common is done once."""

    def __init__(self, node: ast.AST) -> None:
        self.node = node
        self.used = sorted({n.id for n in ast.walk(node) if isinstance(n, ast.Name)})
        self._known: dict[Any, str] = {}

    def text(self, names: Mapping[str, str]) -> str:
        """The expression with these names."""
        given = [(key, names[key]) for key in self.used if key in names]
        key = tuple([_manner(name) for _, name in given])
        out = self._known.get(key)
        if out is None:
            marks = {k: _marked(i, manner) for i, ((k, _), manner) in enumerate(zip(given, key, strict=True))}
            out = self._known[key] = Mathematics(marks).text(self.node)
        for i, ((_, name), manner) in enumerate(zip(given, key, strict=True)):
            out = out.replace(_marked(i, manner), name)
        return out


_MANNERS = ("{}", "−{}", "{} ", "{}/∂")
"""Names that Mathematics treats alike: any, with a sign, with a space in it, a derivative."""


def _manner(name: str) -> int:
    return 1 if name.startswith("−") else 2 if " " in name else 3 if "/∂" in name else 0


def _marked(i: int, manner: int) -> str:
    return _MANNERS[manner].format(chr(0xE000 + i))
