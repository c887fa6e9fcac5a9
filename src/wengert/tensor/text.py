"""How a tensor prints: `tensor([0.5000, 0.3333], requires_grad=True)`.

Layout and precision follow PyTorch's printing: four decimals, all elements of one width, no decimals
where every element is a whole number, scientific where the magnitudes are too far apart, and the
middle left out beyond a thousand elements.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.tensor.graph import Node
from wengert.tensor.modes import get_default_dtype
from wengert.tensor.value import Tensor, data_of, parent_of

PRECISION, THRESHOLD, EDGE, WIDTH = 4, 1000, 3, 80


def text(t: Tensor) -> str:
    """What repr(t) gives."""
    x = np.asarray(data_of(t))
    prefix = "tensor(" if type(t) is Tensor else f"{type(t).__name__} containing:\ntensor("
    body = _body(x, len("tensor("))
    suffixes: list[str] = []
    if x.size == 0 and x.ndim != 1:
        suffixes.append(f"size={x.shape}")
    if not _is_usual(x.dtype) or (x.size == 0 and x.dtype != get_default_dtype()):
        suffixes.append(f"dtype={x.dtype}")
    parent = parent_of(t)
    if type(parent) is Node:
        suffixes.append(f"grad_fn=<{name_of(parent)}>")
    elif parent is not None:
        suffixes.append("requires_grad=True")
    return prefix + _with_suffixes(body, suffixes) + ")"


def _with_suffixes(body: str, suffixes: list[str]) -> str:
    """The suffixes behind the body, on a new line where the last one has no room for them."""
    length = len(body) - body.rfind("\n") + len("tensor(") * ("\n" not in body)
    for suffix in suffixes:
        if length + len(suffix) + 2 > WIDTH:
            body += ",\n       " + suffix
            length = len(suffix) + 7
        else:
            body += ", " + suffix
            length += len(suffix) + 2
    return body


def _is_usual(dtype: Any) -> bool:
    complex_default = np.result_type(get_default_dtype(), np.complex64)
    return dtype in (get_default_dtype(), np.dtype(np.int64), np.dtype(bool), complex_default)


def _body(x: Any, indent: int) -> str:
    if x.size == 0:
        return "[]"
    shown = _edges(x) if x.size > THRESHOLD else x
    if x.dtype.kind == "c":
        real, imag = formatter(shown.real.ravel()), formatter(shown.imag.ravel())
        return _nest(x, lambda z: real(z.real) + _signed(imag(z.imag)) + "j", indent)
    return _nest(x, formatter(shown.ravel()), indent)


def _signed(s: str) -> str:
    s = s.lstrip()
    return s if s.startswith("-") else "+" + s


def _edges(x: Any) -> Any:
    for axis, n in enumerate(x.shape):
        if n > 2 * EDGE:
            x = np.take(x, [*range(EDGE), *range(n - EDGE, n)], axis)
    return x


def _nest(x: Any, form: Any, indent: int) -> str:
    """Brackets in brackets; a row is broken into lines, matrices stand below each other."""
    if x.ndim == 0:
        return form(x[()])
    summarize, n = THRESHOLD, x.shape[0]
    short = x.size > summarize or getattr(form, "short", False)
    form_short = _Short(form) if short else form
    at = range(n) if not short or n <= 2 * EDGE else [*range(EDGE), None, *range(n - EDGE, n)]
    if x.ndim == 1:
        words = [" ..." if k is None else form(x[k]) for k in at]
        per_line = max(1, (WIDTH - indent) // (max(2, len(form(x[0]))) + 2))
        lines = [words[k : k + per_line] for k in range(0, len(words), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(", ".join(line) for line in lines) + "]"
    parts = ["..." if k is None else _nest(x[k], form_short, indent + 1) for k in at]
    return "[" + ("," + "\n" * (x.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


class _Short:
    """A formatter that leaves out the middle, whatever the size of the part."""

    short = True

    def __init__(self, form: Any) -> None:
        self.form = form

    def __call__(self, v: Any) -> str:
        return self.form(v)


def formatter(values: Any) -> Any:
    """How each of the values is written: all with one width."""
    if values.dtype.kind not in "f":
        width = max(len(str(v)) for v in values.tolist())
        return lambda v: str(v.item() if hasattr(v, "item") else v).rjust(width)
    finite = np.abs(values[np.isfinite(values) & (values != 0)]).astype(float)
    spec = _spec(finite)
    width = max([len(_write(v, spec)) for v in values if np.isfinite(v) and v], default=1)
    return lambda v: _write(v, spec).rjust(width)


def _spec(finite: Any) -> str:
    if not finite.size:
        return "whole"
    small, large = finite.min(), finite.max()
    if np.all(finite == np.ceil(finite)):
        return f".{PRECISION}e" if large / small > 1000.0 or large > 1e8 else "whole"
    wide = large / small > 1000.0 or large > 1e8 or small < 1e-4
    return f".{PRECISION}e" if wide else f".{PRECISION}f"


def _write(v: Any, spec: str) -> str:
    v = float(v)
    if spec == "whole":
        return f"{v:.0f}." if np.isfinite(v) else str(v)
    return format(v, spec)


# ── names of grad_fn ──

NAMES = {
    "multiply": "Mul", "subtract": "Sub", "add": "Add", "divide": "Div", "true_divide": "Div", "power": "Pow",
    "negative": "Neg", "absolute": "Abs", "getitem": "Select", "total": "Sum", "write": "CopySlices", "copy": "Clone",
    "matmul": "Mm", "broadcast_to": "Expand", "reshape": "View", "squeeze": "Squeeze", "expand_dims": "Unsqueeze",
    "transpose": "Permute", "swapaxes": "Transpose", "concatenate": "Cat", "arcsin": "Asin", "arccos": "Acos",
    "arctan": "Atan", "arctan2": "Atan2", "arcsinh": "Asinh", "arccosh": "Acosh", "arctanh": "Atanh",
}  # fmt: skip
"""NumPy's name of a primitive → PyTorch's name of its node."""


def name_of(node: Node) -> str:
    """`MulBackward`."""
    if node.name:
        return f"{node.name[0].upper()}{node.name[1:]}Backward"
    if node.row.name == "getitem":
        key = node.params["key"]
        whole = type(key) is int or (type(key) is tuple and all(type(k) is int for k in key))
        return "SelectBackward" if whole else "SliceBackward" if _is_basic(key) else "IndexBackward"
    name = node.row.name.rpartition(".")[2]
    return f"{NAMES.get(name, name.title().replace('_', ''))}{'' if name == 'write' else 'Backward'}"


def _is_basic(key: Any) -> bool:
    parts = key if type(key) is tuple else (key,)
    return all(k is None or k is Ellipsis or type(k) in (int, slice) for k in parts)
