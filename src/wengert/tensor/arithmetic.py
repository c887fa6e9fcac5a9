"""The operators of tensors and the elementwise functions: one row of the core each, recorded without ceremony."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import ROWS, Row
from wengert.record.apply import broadcasts, keeps, standin
from wengert.record.state import state
from wengert.record.value import is_value
from wengert.sweep.quiet import hush, loudness, restore
from wengert.tensor.graph import Node
from wengert.tensor.modes import get_default_dtype, mode
from wengert.tensor.value import HELD, Tensor, data_of, hold, parent_of, refresh

_ndarray = np.ndarray
_DOUBLE = np.dtype(np.float64)
_NUMBERS = {float, int, bool, complex, np.float64}

BINARY = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "pow": np.power}
OTHER = {"floordiv": np.floor_divide, "mod": np.remainder}
BITS = {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
        "lshift": np.left_shift, "rshift": np.right_shift}  # fmt: skip
COMPARISONS = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
               "eq": np.equal, "ne": np.not_equal}  # fmt: skip


def operand(x: Any) -> Any:
    """The second operand as a tensor or number; NotImplemented where it is neither."""
    if isinstance(x, Tensor) or type(x) in _NUMBERS or isinstance(x, np.generic):
        return x
    if is_value(x):
        raise mixed()
    kinds: tuple[Any, ...] = (int, float, complex)
    for kind in kinds:
        if isinstance(x, kind):
            return kind(x)
    return Tensor(x) if isinstance(x, _ndarray) else NotImplemented


def mixed() -> TypeError:
    """The error where a tensor meets a value that a transform of wengert is recording."""
    return TypeError(
        "a tensor meets a value that wengert is differentiating: its derivative would be lost.\n"
        "Inside wengert.grad and its like use NumPy (x.detach().numpy() for a tensor); with tensors use .backward()."
    )


def binary(ufunc: Any, function: Callable[[Any, Any], Any] | None = None) -> Callable[[Any, Any], Any]:
    """(a, b) ↦ ufunc(a, b), at least one of them a tensor; `function` does the same for numbers.

    This is what every `a * b` runs through, so the commonest cases (float64 arrays of one shape,
    float64 numbers) come first and are written out.
    """
    row = ROWS[ufunc]
    memo, broadcast = row.memo, row.broadcast
    of_numbers, nothing = function or ufunc, _NOTHING if broadcast else None

    def operate(a: Any, b: Any) -> Any:
        x, z = a, b
        p: Any = None
        q: Any = None
        if type(a) is Tensor or isinstance(a, Tensor):
            alias = a._alias
            if alias is not None and alias[3] != alias[0]._version:
                refresh(a)
            x, p = a._data, a._node or (a if a._requires else None)
        if type(b) is Tensor or isinstance(b, Tensor):
            alias = b._alias
            if alias is not None and alias[3] != alias[0]._version:
                refresh(b)
            z, q = b._data, b._node or (b if b._requires else None)
        tx, tz = type(x), type(z)
        numbers = (tx is _F64 and tz in _REALS) or (tz is _F64 and tx in _REALS)
        common = numbers or (
            (tx in _REALS or (tx is _ndarray and x.dtype is _DOUBLE))
            and (tz in _REALS or (tz is _ndarray and z.dtype is _DOUBLE))
        )
        if not common:
            if z is b and type(b) not in _NUMBERS and not isinstance(b, np.generic):
                b = operand(b)
                return b if b is NotImplemented else operate(a, b)
            x, z = promoted(ufunc, x, z, a, b)
        before = loudness()
        try:
            hush()
            y = of_numbers(x, z) if numbers else ufunc(x, z)
        except ValueError as error:
            raise _sizes(x, z, error) from None
        finally:
            restore(before)
        if (p is None and q is None) or not mode.recording:
            return Tensor(y)
        mask = 1 if q is None else 2 if p is None else 3
        kept, keep_result = memo.get(mask) or keeps(row, mask, 2)
        shapes = None
        if numbers:
            saved: Any = (x, z)
        else:
            saved = _saved(kept, broadcast, a, x, b, z) if kept else nothing or (standin(x), standin(z))
            if (
                y.dtype is not _DOUBLE
                or (p is not None and y.shape != x.shape)
                or (q is not None and y.shape != z.shape)
            ):
                if y.dtype.kind not in "fc":
                    return Tensor(y)
                shapes = broadcasts(y, (x, z), (-1 if p is None else 0, -1 if q is None else 0)) if broadcast else None
        new = Tensor(y, Node(row, (p, q), y if keep_result else None, saved, None, shapes))
        if keep_result:
            new._held = HELD
        return new

    return operate


_F64 = np.float64
_REALS = {float, int, np.float64}
_NOTHING = (None, None)


def _saved(kept: Any, broadcast: bool, a: Any, x: Any, b: Any, z: Any) -> tuple[Any, Any]:
    """The operands: held where the derivative reads them; else nothing, or what has their shape."""
    return (
        (x if x is a else hold(a, x)) if 0 in kept else None if broadcast else standin(x),
        (z if z is b else hold(b, z)) if 1 in kept else None if broadcast else standin(z),
    )


def _sizes(x: Any, z: Any, error: Exception) -> Exception:
    """PyTorch's words for shapes that do not go together."""
    a, b = np.shape(x), np.shape(z)
    for k in range(1, min(len(a), len(b)) + 1):
        if a[-k] != b[-k] and 1 not in (a[-k], b[-k]):
            return RuntimeError(
                f"The size of tensor a ({a[-k]}) must match the size of tensor b ({b[-k]}) at non-singleton dimension "
                f"{max(len(a), len(b)) - k}\nThe shapes are {list(a)} and {list(b)}: reshape or unsqueeze one of them."
            )
    return RuntimeError(str(error))


def promoted(ufunc: Any, x: Any, z: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """The operands as PyTorch promotes them: numbers, then tensors without dimensions, yield to the others."""
    if x is a or z is b:  # a Python number beside a tensor: as NumPy has it, but for integers beside floats
        t, n = (z, x) if x is a else (x, z)
        number = n.item() if isinstance(n, np.generic) else n
        if type(number) is float and t.dtype.kind in "biu":
            t = t.astype(get_default_dtype())
        elif type(number) is int and t.dtype.kind == "b":
            t = t.astype(np.int64)
        elif ufunc is np.divide and t.dtype.kind in "biu":
            t = t.astype(get_default_dtype())
        return (number, t) if x is a else (t, number)
    if x.dtype == z.dtype:
        return (x, z) if ufunc is not np.divide or x.dtype.kind not in "biu" else _floats(x, z)
    target = result_dtype(x, z)
    if ufunc is np.divide and target.kind in "biu":
        return _floats(x, z)
    return _as(x, target), _as(z, target)


def _as(x: Any, dtype: Any) -> Any:
    return x if x.dtype == dtype else x.astype(dtype)


def _floats(x: Any, z: Any) -> Any:
    return x.astype(get_default_dtype()), z.astype(get_default_dtype())


_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}


def result_dtype(x: Any, z: Any) -> Any:
    """The dtype of x and z together: the one with dimensions decides, unless the other is of a higher kind."""
    if (x.ndim == 0) != (z.ndim == 0):
        array, number = (z, x) if x.ndim == 0 else (x, z)
        if _RANK[number.dtype.kind] <= _RANK[array.dtype.kind]:
            return array.dtype
        if number.dtype.kind == "f" and array.dtype.kind in "biu":
            return get_default_dtype() if number.dtype == _DOUBLE else number.dtype
    kinds = x.dtype.kind + z.dtype.kind
    if (
        "f" in kinds and _RANK[min(kinds, key=_RANK.__getitem__)] < 2
    ):  # a floating tensor keeps its size beside integers
        return x.dtype if x.dtype.kind == "f" else z.dtype
    return np.promote_types(x.dtype, z.dtype)


def unary(ufunc: Any, name: str | None = None) -> Callable[[Any], Tensor]:
    """x ↦ ufunc(x)."""
    row = ROWS.get(ufunc, _ZERO)
    steps = row is _ZERO or row.kind == "constant"

    def operate(input: Any) -> Any:
        a = input
        if not isinstance(a, Tensor):
            raise not_tensor(name or ufunc.__name__, "input", a)
        x = data_of(a)
        if x.dtype.kind in "biu" and row.kind == "elementwise" and ufunc not in _OF_INTEGERS:
            x = x.astype(get_default_dtype())
        before = loudness()
        try:
            hush()
            y = ufunc(x)
        finally:
            restore(before)
        new = Tensor(y)
        if not mode.recording or y.dtype.kind not in "fc":
            return new
        p = a._node or (a if a._requires else None)
        if p is None:
            return new
        if steps:
            new._node = Node(_ZERO, (p,), None, (x,), None, None)
            new._node.name = name
            return new
        kept, keep_result = row.memo.get(1) or keeps(row, 1, 1)
        node = Node(row, (p,), None, (hold(a, x) if kept else None,), None, None)
        if x.dtype.kind == "c" and y.dtype.kind != "c":
            node.shapes = broadcasts(y, (x,), (0,))
        if keep_result:
            node.y = y
            new._held = HELD
        node.name = name
        new._node = node
        return new

    return operate


_OF_INTEGERS = {np.negative, np.positive, np.absolute, np.abs, np.square, np.sign}
_ZERO = Row(lambda x: x, "zero", "linear", (None,), (lambda c, y, x: c * 0.0,), (frozenset(),), (False,))
"""Functions that are constant between jumps: PyTorch gives them a gradient of zeros."""


def not_tensor(function: str, argument: str, x: Any) -> TypeError:
    """The error for an argument that must be a tensor."""
    if is_value(x):
        return mixed()
    return TypeError(
        f"{function}(): argument '{argument}' must be Tensor, not {type(x).__name__}\n"
        "Pass tensor(...), or as_tensor(x)."
    )


def comparison(ufunc: Any) -> Callable[[Any, Any], Tensor]:
    """(a, b) ↦ ufunc(a, b), without derivative."""

    def compare(a: Any, b: Any) -> Any:
        if not isinstance(b, Tensor):
            b = operand(b)
            if b is NotImplemented:
                return NotImplemented
        x = data_of(a) if isinstance(a, Tensor) else a
        z = data_of(b) if isinstance(b, Tensor) else b
        try:
            return Tensor(ufunc(x, z))
        except ValueError as error:
            raise _sizes(x, z, error) from None

    return compare


# ── Python's operators ──


FUNCTIONS: dict[Any, Any] = {}
"""ufunc → the function of tensors."""


def install() -> None:
    """Give Tensor its operators."""
    for name, ufunc in BINARY.items():
        FUNCTIONS[ufunc] = binary(ufunc, getattr(operator, name))
        _give(name, FUNCTIONS[ufunc], True)
    for name, ufunc in (OTHER | BITS).items():
        FUNCTIONS[ufunc] = binary(ufunc) if ufunc in ROWS and ROWS[ufunc].kind != "constant" else comparison(ufunc)
        _give(name, FUNCTIONS[ufunc], True)
    for name, ufunc in COMPARISONS.items():
        FUNCTIONS[ufunc] = comparison(ufunc)
        _give(name, FUNCTIONS[ufunc], False)
    for ufunc in (np.negative, np.positive, np.absolute):
        FUNCTIONS[ufunc] = unary(ufunc)
    setattr(Tensor, "__neg__", FUNCTIONS[np.negative])  # noqa: B010
    setattr(Tensor, "__pos__", lambda self: self)  # noqa: B010
    setattr(Tensor, "__abs__", FUNCTIONS[np.absolute])  # noqa: B010
    setattr(Tensor, "__invert__", lambda self: Tensor(np.invert(data_of(self))))  # noqa: B010
    setattr(Tensor, "__hash__", lambda self: id(self))  # noqa: B010


def _give(name: str, function: Any, reflects: bool) -> None:
    def reflected(self: Any, other: Any) -> Any:
        other = operand(other)
        return NotImplemented if other is NotImplemented else function(other, self)

    setattr(Tensor, f"__{name}__", function)
    if reflects:
        setattr(Tensor, f"__r{name}__", reflected)


def refuse_inside_transforms(*args: Any) -> None:
    """Raise where NumPy is called on a tensor while a transform of wengert records."""
    if state.depth or any([is_value(a) for a in args]):
        raise mixed()


__all__ = ["FUNCTIONS", "binary", "comparison", "install", "operand", "parent_of", "unary"]
