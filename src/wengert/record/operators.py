"""The operators of Scalar and Array: `a * b`, `a < b`, `a += b`, each a row or a call of the NumPy function."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from numbers import Number
from typing import Any

import numpy as np

from wengert.ir.row import ROWS, Row
from wengert.record import index, numbers, quick
from wengert.record.apply import apply
from wengert.record.build import opened
from wengert.record.hashing import scalar_hash
from wengert.record.looks import WATCHED, note
from wengert.record.numbers import by_operator, python_row
from wengert.record.objects import holds_objects, of_elements
from wengert.record.own_ways import has_own_way, left_to
from wengert.record.squares import square_of_root
from wengert.record.value import Array, Scalar, concrete, frozen, is_value

_REALS = {float, np.float64, np.float32}
_NUMBERS = {float, int, np.float64}
_FAMILIAR = {Array, Scalar, np.ndarray, float, int, complex, bool, np.float64, list, tuple}

BINARY: dict[str, tuple[Any, Any]] = {
    "add": (np.add, operator.add),
    "sub": (np.subtract, operator.sub),
    "mul": (np.multiply, operator.mul),
    "truediv": (np.divide, operator.truediv),
}
OTHER_BINARY: dict[str, Any] = {
    "pow": np.power,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "divmod": np.divmod,
    "matmul": np.matmul,
}
COMPARISONS: dict[str, Any] = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}
BITWISE: dict[str, Any] = {
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
}


def install() -> None:
    """Give Scalar and Array their operators, once all rows are known."""
    for name, (ufunc, function) in BINARY.items():
        row = ROWS[ufunc]
        give(Scalar, f"__{name}__", _scalar_binary(row, function))
        give(Scalar, f"__r{name}__", _scalar_reflected(row, function))
        give(Array, f"__{name}__", _binary(row, function))
        give(Array, f"__r{name}__", quick.binary(row, function, _reflected(row), reflected=True))
        give(Array, f"__i{name}__", _in_place(row))
    for name, ufunc in (OTHER_BINARY | BITWISE).items():
        _install_other(name, ufunc)
    for name, ufunc in COMPARISONS.items():
        give(Scalar, f"__{name}__", _scalar_comparison(getattr(operator, name), ufunc))
        give(Array, f"__{name}__", _array_comparison(getattr(operator, name), ufunc))
    for kind in (Scalar, Array):
        give(kind, "__pos__", _unary(ROWS[np.positive]))
        give(kind, "__abs__", lambda self: np.abs(self))
        give(kind, "__invert__", lambda self: np.invert(self))
        give(kind, "__hash__", scalar_hash if kind is Scalar else None)
    give(Array, "__neg__", quick.unary(ROWS[np.negative], operator.neg, _unary(ROWS[np.negative])))
    product, matmul = ROWS[np.matmul], operator.matmul
    give(Array, "__matmul__", quick.product(product, matmul, _through(np.matmul, "matmul")))
    reflected = _through_reflected(np.matmul)
    give(Array, "__rmatmul__", _swapped(quick.product(product, matmul, lambda a, b: reflected(b, a))))
    for name, method in numbers.UNARY.items():
        give(Scalar, name, method)


def _install_other(name: str, ufunc: Any) -> None:
    function = ufunc if name != "pow" else numbers.power
    of_numbers = numbers.BINARY.get(name, ufunc)
    through = _through(function, name, ufunc)
    give(Scalar, f"__{name}__", _through(of_numbers, name, ufunc))
    give(Scalar, f"__r{name}__", _through_reflected(of_numbers))
    give(Array, f"__{name}__", through if name != "pow" else numbers.array_power(through))
    give(Array, f"__r{name}__", _through_reflected(function))
    if name != "divmod":
        give(Array, f"__i{name}__", _in_place_through(function, ufunc))


def give(kind: type, name: str, value: Any) -> None:
    """Let value be an attribute of the class; a lambda gets the name it is known by."""
    if callable(value) and not isinstance(value, property) and getattr(value, "__name__", "") == "<lambda>":
        value.__name__ = name
    setattr(kind, name, value)


def _times_itself(x: Any) -> Any:
    return x * x


def _scalar_binary(row: Row, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    product, lean, name = ROWS[np.multiply], quick.binary(row, function), function.__name__

    def operate(self: Any, other: Any) -> Any:
        x, rec, t = self.primal, self.rec, type(other)
        if other is self and row is product:
            y = square_of_root(self, _times_itself)
            if y is not None:
                return y
        if type(x) in _REALS:
            if t is Scalar:
                z = other.primal
                if other.rec is rec and type(z) in _REALS:
                    try:
                        y = function(x, z)
                    except ArithmeticError:
                        rec.freeze("an error was raised")
                        raise
                    lines = rec.lines
                    slot = len(lines)
                    lines.append((row, (self.slot, other.slot), y, (x, z), None, None))
                    return Scalar(y, rec, slot)
            elif t in _NUMBERS:
                try:
                    y = function(x, other)
                except ArithmeticError:
                    rec.freeze("an error was raised")
                    raise
                lines = rec.lines
                slot = len(lines)
                lines.append((row, (self.slot, -1), y, (x, other), None, None))
                return Scalar(y, rec, slot)
            elif t is Array:
                y = lean(self, other)
                if y is not None:
                    return y
        if t not in _FAMILIAR and answers(other, name, x):
            return NotImplemented
        return _python_binary(row, function, self, other)

    return operate


def _scalar_reflected(row: Row, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        x, rec = self.primal, self.rec
        if type(x) in _REALS and type(other) in _NUMBERS:
            try:
                y = function(other, x)
            except ArithmeticError:
                rec.freeze("an error was raised")
                raise
            lines = rec.lines
            slot = len(lines)
            lines.append((row, (-1, self.slot), y, (other, x), None, None))
            return Scalar(y, rec, slot)
        return _python_binary(row, function, other, self)

    return operate


_REPEATED = (list, tuple, str, bytes)
"""What a whole number repeats."""


def _python_binary(row: Row, function: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Two numbers meet as Python or NumPy's scalars have them meet (1.0 / 0.0 raises); arrays as NumPy has."""
    if defers(b):
        return left_to(b, row.op, function.__name__, a)
    if holds_objects(b):
        return of_elements(row.op, (a, b), {})
    if row is ROWS[np.multiply] and (type(a) in _REPEATED or type(b) in _REPEATED):
        sequence, times = (a, b) if type(a) in _REPEATED else (b, a)
        if type(times) is Scalar and np.result_type(concrete(times)).kind in "iub":
            return sequence * operator.index(times)  # type: ignore[arg-type]
    if type(a) in (list, tuple) or type(b) in (list, tuple) or not (_numeric(a) and _numeric(b)):
        return apply(row, (_operand(a), _operand(b)))
    return apply(python_row(row, function) if by_operator(a, b) else row, (a, b))


def defers(other: Any) -> bool:
    """Whether NumPy leaves an operator to this right operand (a Polynomial, a sparse matrix), by its rules."""
    if type(other) in _FAMILIAR or isinstance(other, type):
        return False
    ufunc = getattr(other, "__array_ufunc__", False)
    priority = getattr(other, "__array_priority__", -1.0)
    if priority > 0 and (ufunc is False or isinstance(other, np.ma.MaskedArray)):
        return True
    return ufunc is None or (ufunc is not False and not _is_array(other))


def answers(other: Any, name: str, x: Any) -> bool:
    """Whether an operator of x and this right operand is the operand's own: an object of a user's class that is no
    number, and, for NumPy, no array and no sequence either."""
    kind, python = type(other), type(concrete(x)) in (float, int, complex)
    if isinstance(other, (Number, np.ndarray, np.generic)) or is_value(other) or not hasattr(kind, f"__r{name}__"):
        return False
    return python or not (hasattr(kind, "__array__") or (hasattr(kind, "__len__") and hasattr(kind, "__getitem__")))


def _of_objects(self: Any, other: Any, name: str) -> Any:
    """The operator of each element and the object, as NumPy has it; of a number, the object's own."""
    if not self.ndim:
        return getattr(other, f"__r{name}__")(self[()])
    results = np.empty(self.shape, object)
    for k in np.ndindex(*self.shape):
        results[k] = getattr(other, f"__r{name}__")(self[k])
    return results


def _is_array(x: Any) -> bool:
    """Whether NumPy's functions take x for an array; a unit, or a quantity that has one, is none."""
    known = _arrays.get(type(x))
    if known is None:
        try:
            np.iscomplexobj(x)
            known = isinstance(x, np.ndarray) or hasattr(type(x), "__array_function__")
        except TypeError:
            known = False
        _arrays[type(x)] = known
    return known


_arrays: dict[type, bool] = {}


def _numeric(a: Any) -> bool:
    return isinstance(a, (int, float, complex, np.generic, np.ndarray)) or is_value(a)


def _operand(a: Any) -> Any:
    return np.array(a) if type(a) in (list, tuple) else opened(np.array([*a]) if _is_sequence(a) else a)


def _is_sequence(a: Any) -> bool:
    """Whether a is an object of a user's class that NumPy takes for its elements, with recorded ones among them."""
    kind = type(a)
    if kind in _FAMILIAR or is_value(a) or isinstance(a, (Number, np.ndarray, np.generic, Mapping, str, bytes)):
        return False
    has = hasattr(kind, "__len__") and hasattr(kind, "__getitem__") and not hasattr(kind, "__array__")
    return has and any([is_value(a[k]) for k in range(len(a))])


def _binary(row: Row, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    name = function.__name__

    def otherwise(self: Any, other: Any) -> Any:
        if type(other) not in _FAMILIAR:
            if defers(other):
                return left_to(other, row.op, name, self)
            if answers(other, name, self):
                return _of_objects(self, other, name)
        elif holds_objects(other):
            return of_elements(row.op, (self, other), {})
        return apply(row, (self, _operand(other)))

    return quick.binary(row, function, otherwise, squares=_times_itself if row is ROWS[np.multiply] else None)


def _reflected(row: Row) -> Callable[[Any, Any], Any]:
    def otherwise(self: Any, other: Any) -> Any:
        return apply(row, (_operand(other), self))

    return otherwise


def _in_place(row: Row) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        if type(other) not in _FAMILIAR and has_own_way(other):
            return row.op(self, other, out=(self,))
        return index.update(row, self, _operand(other))

    return operate


def _swapped(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: function(other, self)


def _unary(row: Row) -> Callable[[Any], Any]:
    def operate(self: Any) -> Any:
        return apply(row, (self,))

    return operate


def _through(function: Any, name: str = "", ufunc: Any = None) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        if other is None or type(other) is str:
            return function is np.not_equal if function in (np.equal, np.not_equal) else NotImplemented
        if type(other) not in _FAMILIAR:
            if defers(other):
                return left_to(other, ufunc or function, name, self)
            if name and name != "matmul" and answers(other, name, self):
                return NotImplemented if type(self) is Scalar else _of_objects(self, other, name)
        return function(self, _operand(other))

    return operate


def _through_reflected(function: Any) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        return function(_operand(other), self)

    return operate


def _in_place_through(function: Any, ufunc: Any) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        if type(other) not in _FAMILIAR and has_own_way(other):
            return ufunc(self, other, out=(self,))
        other = _operand(other)
        return index.become(self, function(self, other), ufunc, other)

    return operate


def _is_object(other: Any) -> bool:
    """Whether other is a number or an object that NumPy knows nothing of: it compares itself."""
    known = isinstance(other, (int, float, complex, np.generic, np.ndarray, type)) or is_value(other)
    return not (known or hasattr(type(other), "__array__") or hasattr(type(other), "__array_ufunc__"))


def _is_of_derivative(x: Array) -> bool:
    """Whether x, of plain numbers, is recorded for a derivative, which needs no guards."""
    if type(x.primal) is not np.ndarray or (x.root is not None and x.stamp != x.root.version) or not x.primal.ndim:
        return False
    return x.rec is not None and not x.rec.traces and not x.rec.apart


def _array_comparison(function: Callable[[Any, Any], Any], ufunc: Any) -> Callable[[Any, Any], Any]:
    through = _through(ufunc)

    def compare(self: Any, other: Any) -> Any:
        if _is_of_derivative(self) and not WATCHED:
            if type(other) in _NUMBERS:
                return ufunc(self.primal, other)
            if type(other) is Array and other.rec is self.rec and _is_of_derivative(other):
                return ufunc(self.primal, other.primal)
        if type(other) in _FAMILIAR or other is None or not _is_object(other) or hasattr(type(other), "__len__"):
            return through(self, other)
        if not self.ndim:
            return function(self[()], other)
        return np.array([function(self[k], other) for k in np.ndindex(*self.shape)]).reshape(self.shape)

    return compare


def _scalar_comparison(function: Callable[[Any, Any], Any], ufunc: Any) -> Callable[[Any, Any], Any]:
    def compare(self: Any, other: Any) -> Any:
        if type(other) in _NUMBERS and type(self.primal) in _REALS and not self.rec.traces and not WATCHED:
            return function(self.primal, other)
        y = answer(self, other)
        if WATCHED:
            note((self, other), y)
        return y

    def answer(self: Any, other: Any) -> Any:
        if other is None or type(other) is str:
            return function(concrete(self), other)
        if type(other) not in _FAMILIAR and _is_object(other):
            return function(frozen(self), other) if isinstance(other, Number) else NotImplemented
        if self.rec.traces or (is_value(other) and (other.rec is None or other.rec.traces)):  # type: ignore[union-attr]
            return ufunc(self, other)
        if is_value(self.primal) or is_value(other):
            a = self.primal
            b = other.primal if type(other) is Scalar and other.rec is self.rec else other
            return function(a, b)
        return function(self.primal, other)

    return compare
