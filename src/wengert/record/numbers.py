"""Python's own operators on recorded numbers: two Python floats meet as Python has them meet.

`x // y`, `x % y`, `x ** y`, `abs(x)` of Python floats are Python floats, and `x % 0.0` raises; with a
NumPy number or array among the operands they are NumPy's. The derivative is the same: a row of the
NumPy function with Python's operator in its place.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import ROWS, Row
from wengert.record import quick
from wengert.record.apply import apply
from wengert.record.observe import observed, whole
from wengert.record.squares import square_of_root
from wengert.record.value import Scalar, concrete, is_value

Binary = Callable[[Any, Any], Any]

_np_power, _np_round = np.power, np.round
"""NumPy's own: the names in numpy may be swapped while recording."""

_rows: dict[tuple[Row, Any], Row] = {}
_REALS, _NUMBERS = {float, np.float64}, {float, int, np.float64}
_PYTHONS = {float, int, complex, bool}
complex128 = np.complex128
_COMPLEX = {complex, complex128}


def python_row(row: Row, function: Callable[..., Any]) -> Row:
    """The row with Python's function in place of NumPy's."""
    key = (row, function)
    if key not in _rows:
        fields = {name: getattr(row, name) for name in Row.__slots__ if name not in ("op", "memo")}
        _rows[key] = Row(op=function, **fields)
    return _rows[key]


def pythonic(a: Any) -> bool:
    """Whether a is a number of Python's own, recorded or not."""
    return type(concrete(a)) in _PYTHONS


def python_number(x: Any) -> Any:
    """x.item(): a recorded number of NumPy's as one of Python's."""
    if is_value(x):
        return x if pythonic(x) else apply(NUMBER, (x,))
    return x.item() if isinstance(x, (np.generic, np.ndarray)) else x


NUMBER = Row(
    python_number, "python_number", "linear", (lambda d, y, x: d,), (lambda c, y, x: c,), (frozenset(),), (False,),
    broadcast=True,
)  # fmt: skip


def as_float(x: Any) -> Any:
    """float(x), recorded."""
    float(concrete(x))  # raises what it raises
    x = np.reshape(x, ())[()] if isinstance(x, np.ndarray) else x
    return python_number(x * 1.0 if np.result_type(concrete(x)).kind in "biu" else x)


def as_complex(real: Any = 0.0, imag: Any = None) -> Any:
    """complex(real, imag), recorded."""
    complex(*[concrete(x) for x in (real, imag) if x is not None])  # raises what it raises, or warns
    return python_number(apply(COMPLEX, (real, 0.0 if imag is None else imag)))


def _complex(re: Any, im: Any) -> Any:
    if is_value(re) or is_value(im):
        return apply(COMPLEX, (re, im))
    if np.iscomplexobj(re) or np.iscomplexobj(im):  # two of them Python 3.14 warns of
        re, im = complex(re), complex(im)
        re, im = re.real - im.imag, re.imag + im.real
    return complex(re, im)


COMPLEX = Row(
    _complex, "complex", "linear", (lambda d, y, re, im: d + 0j, lambda d, y, re, im: 1j * d),
    (lambda c, y, re, im: c, lambda c, y, re, im: 1j * c), (frozenset(),) * 2, (False,) * 2, broadcast=True,
)  # fmt: skip


def by_operator(a: Any, b: Any) -> Any:
    """Whether an operator of these two is not the ufunc: of Python's numbers, and of NumPy's where one is complex.

    The product of 1j and a NumPy number is Python's, as NumPy's float64 is a float.
    The product of two complex scalars is rounded otherwise than that of arrays, where NumPy has fused instructions.
    """
    x, y = concrete(a), concrete(b)
    if type(x) in _COMPLEX or type(y) in _COMPLEX:
        return not (isinstance(x, np.ndarray) or isinstance(y, np.ndarray))
    return type(x) in _PYTHONS and type(y) in _PYTHONS


def power(a: Any, b: Any) -> Any:
    """a ** b as the operator has it: Python's for two Python numbers, NumPy's shortcuts (x**2 = x·x) for arrays."""
    if type(b) is int and b == 2 and is_value(a):
        y = square_of_root(a, _squared)
        if y is not None:
            return y
    row = python_row(ROWS[_np_power], operator.pow)
    if type(a) is Scalar and type(a.primal) in _REALS and type(b) in _NUMBERS and not a.rec.traces:
        x, rec = a.primal, a.rec
        y = x**b
        if type(y) in _REALS:  # (-8.0) ** 0.5 is complex
            return Scalar(y, rec, rec.append((row, (a.slot, -1), y, (x, b), None, None)))
    return apply(row, (a, b))


def array_power(otherwise: Binary) -> Binary:
    """a ** b of an Array a."""
    lean = quick.binary(python_row(ROWS[_np_power], operator.pow), operator.pow)

    def operate(a: Any, b: Any) -> Any:
        t = type(b)
        if t is int or t is float:
            y = square_of_root(a, _squared) if t is int and b == 2 else None
            if y is None:
                y = lean(a, b)
            if y is not None:
                return y
        return otherwise(a, b)

    return operate


def _squared(x: Any) -> Any:
    return x**2


def _operator(ufunc: Any, function: Binary) -> Binary:
    """Python's operator for two Python numbers, else NumPy's."""

    def operate(a: Any, b: Any) -> Any:
        if pythonic(a) and pythonic(b):
            return apply(python_row(ROWS[ufunc], function), (a, b))
        return ufunc(a, b)

    return operate


_floordiv, _mod = _operator(np.floor_divide, operator.floordiv), _operator(np.remainder, operator.mod)


def _divmod(a: Any, b: Any) -> Any:
    if pythonic(a) and pythonic(b):
        divmod(concrete(a), concrete(b))
        return _floordiv(a, b), _mod(a, b)
    return np.divmod(a, b)


def _same(function: Any) -> Callable[[Any], Any]:
    """An operator that is the ufunc, save that a Python number stays one."""
    ufunc = {operator.neg: np.negative, operator.pos: np.positive, operator.abs: np.absolute}[function]

    def operate(a: Any) -> Any:
        row = python_row(ROWS[ufunc], function)
        x, rec = a.primal, a.rec
        if type(x) not in _REALS or rec.traces:
            return apply(row, (a,))
        y = function(x)
        return Scalar(y, rec, rec.append((row, (a.slot,), y, (x,), None, None)))

    return operate


_nearest = whole(np.rint)


def _round(x: Any, digits: Any = None) -> Any:
    """round(x) is a whole number; round(x, n) is constant wherever it has a derivative."""
    if digits is None:
        return _nearest(x)
    return apply(python_row(ROWS[_np_round], _round_to), (x,), {"digits": digits})


def _round_to(x: Any, digits: Any) -> Any:
    return round(x, digits)


def conjugate(x: Any) -> Any:
    """x.conjugate() as a Python number has it; np.conjugate of anything else."""
    if type(concrete(x)) is complex:
        return apply(python_row(ROWS[np.conjugate], conjugated), (x,))
    return x if pythonic(x) else np.conjugate(x)


def conjugated(z: Any) -> Any:
    """The conjugate of a complex number of Python's."""
    return z.conjugate()


BINARY: dict[str, Binary] = {"pow": power, "floordiv": _floordiv, "mod": _mod, "divmod": _divmod}
UNARY: dict[str, Callable[..., Any]] = {
    "__neg__": _same(operator.neg),
    "__pos__": _same(operator.pos),
    "__abs__": _same(operator.abs),
    "__round__": _round,
    "__trunc__": lambda x: observed(x, int),
    "__floor__": whole(np.floor),
    "__ceil__": whole(np.ceil),
    "conjugate": conjugate,
}
"""The methods of Scalar that are Python's."""
