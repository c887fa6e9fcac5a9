"""A trace run on symbols: every value is an array of SymPy expressions, and NumPy moves them about.

Values mean real (or complex) numbers here: rounding, overflow and the width of a float are left out. Floats that are
whole or have a short binary fraction become exact numbers, the nearest float to π becomes π, others stay floats.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from wengert.errors import NoExpression
from wengert.ir.line import Atom, Line, Lit, Var
from wengert.ir.trace import Trace
from wengert.symbolic.arrays import ARRAYS, PLAIN, objects
from wengert.symbolic.conditions import condition
from wengert.symbolic.order import Known, at_places, median, ordered, places
from wengert.symbolic.table import ELEMENTWISE, SEVERAL


class Interpreted(NamedTuple):
    """The outputs of a trace, the conditions of its guards, and those of the orders that were taken."""

    outputs: list[Any]
    conditions: list[Any]
    orders: list[Any]


def interpret(trace: Trace, inputs: list[Any], known: Known) -> Interpreted:
    """A trace run on arrays of expressions; `known` are the numbers of their symbols, if there are any."""
    run = _Run(trace, inputs, known)
    for line in trace.lines:
        run.line(line)
    return Interpreted([run.value(atom) for atom in trace.outputs], run.conditions, run.orders)


class _Run:
    """What each variable is so far."""

    def __init__(self, trace: Trace, inputs: list[Any], known: Known) -> None:
        self.env: dict[Var, Any] = dict(zip(trace.inputs, inputs, strict=True))
        self.known = known
        self.conditions: list[Any] = []
        self.orders: list[Any] = []

    def value(self, atom: Atom) -> Any:
        """An array of expressions; other literals (None, a dtype) as they are."""
        return self.env[atom] if isinstance(atom, Var) else exact(atom.value)

    def line(self, line: Line) -> None:
        """Run one line."""
        args = [self.value(a) for a in line.args]
        if line.kind == "guard":
            found = condition(args[0], line.params["read"], line.params["value"])
            _note(self.conditions, found)
        elif line.kind == "write":
            _write(line, args)
        else:
            self.env.update(zip(line.outs, _results(line, args, self), strict=True))

    def ordered(self, line: Line, args: list[Any]) -> Any:
        """The result of a line that needs the numbers of the traced arguments; None for others."""
        name, params = line.row.name, line.params
        x: Any = args[0] if args else None
        if name == "numpy.sort":
            result, conditions = ordered(x, params["axis"], self.known)
        elif name == "numpy.median":
            result, conditions = median(x, params["axis"], params["keepdims"], self.known)
        elif (
            name in _PLACES
            and self.known
            and len(args) == 1
            and not params
            and (x.ndim == 1 or name != "numpy.argsort")
        ):
            result, conditions = places(name, x, self.known)
        elif name in _AT and "key" in params:
            result, conditions = at_places(line.op, _AT[name], args, params["key"], self.known)
        else:
            return None
        _note(self.orders, conditions)
        return result


_PLACES = ("numpy.argmax", "numpy.argmin", "numpy.argsort")
_AT = {"take": 1, "set": 2, "add": 2}
"""Rows of `record.varying` → how many arrays they take before the parts of the key."""


def _note(conditions: list[Any], found: list[Any]) -> None:
    conditions += [c for c in dict.fromkeys(found) if c != sp.true and c not in conditions]


def _write(line: Line, args: list[Any]) -> None:
    place, value = args
    for function, params in line.params["path"]:
        place = function(place, **params)
    place[line.params["key"]] = value


def _results(line: Line, args: list[Any], run: _Run) -> list[Any]:
    try:
        ys = run.ordered(line, args)
        ys = _computed(line, args) if ys is None else ys
    except (TypeError, ValueError, AttributeError, NotImplementedError, sp.SympifyError) as error:
        raise _refused(line, str(error).partition("\n")[0]) from error
    results = [objects(y) for y in (ys if line.many else (ys,))]
    for result, out in zip(results, line.outs, strict=True):
        if result.shape != out.type.shape:
            raise _refused(line, f"its result has shape {result.shape}, not {out.type.shape}")
    return results


def _computed(line: Line, args: list[Any]) -> Any:
    name = line.row.name
    if line.kind == "constant":
        return args[0].copy()
    if all(isinstance(a, Lit) for a in line.args):
        return _known(line)
    if name in ELEMENTWISE:
        return np.frompyfunc(_real_abs(name, line), len(args), 1)(*args)
    if name in SEVERAL:
        return [np.frompyfunc(function, len(args), 1)(*args) for function in SEVERAL[name]]
    if name in ARRAYS:
        if name.endswith("linalg.norm") and line.op.__name__ != "euclidean":
            raise NotImplementedError("this norm")
        return ARRAYS[name](*args, **line.params)
    if name in _PARTS:
        return _part(line, args[0], _PARTS[name])
    if name in PLAIN or line.row.kind in ("linear", "bilinear"):
        return _plain(line, args)
    if line.row.kind == "constant":
        return _opaque(line, args)
    raise NotImplementedError("no counterpart")


def _plain(line: Line, args: list[Any]) -> Any:
    """NumPy's own function on objects; a linear one that will not take them, as its matrix."""
    try:
        return line.op(*args, **line.params)
    except TypeError:
        if line.row.kind != "linear" or len(args) != 1:
            raise
    x = args[0]
    columns = [
        objects(exact(np.asarray(line.op(unit, **line.params)))) for unit in np.eye(x.size).reshape(-1, *x.shape)
    ]
    return sum((column * element for column, element in zip(columns, np.ravel(x), strict=True)), sp.Integer(0))


def _known(line: Line) -> Any:
    """A line of constants alone."""
    y = line.op(*[a.value for a in line.args if isinstance(a, Lit)], **line.params)
    return [exact(part) for part in y] if line.many else exact(y)


_PARTS = {"numpy.real": sp.re, "numpy.imag": sp.im, "numpy.conjugate": sp.conjugate}


def _part(line: Line, x: Any, function: Any) -> Any:
    """Real and imaginary part; what is real by its type needs no proof."""
    if "c" in _dtype(line)[:1]:
        return np.frompyfunc(function, 1, 1)(x)
    return x * 0 if function is sp.im else x


def _real_abs(name: str, line: Line) -> Any:
    function = ELEMENTWISE[name]
    return sp.Abs if function is sp.Abs and "c" in _dtype(line)[:1] else function


def _dtype(line: Line) -> str:
    return line.args[0].type.dtype


def _opaque(line: Line, args: list[Any]) -> Any:
    """A function of which only a guard can make sense: name(x…), or name(k, x…) for element k of its result."""
    function: Any = sp.Function(line.row.name.rpartition(".")[2], real=True)
    elements = [x for a in args for x in np.ravel(objects(a))]
    out = line.outs[0].type
    if not out.shape:
        return function(*elements)
    result = np.empty(out.shape, object)
    result.reshape(-1)[:] = [function(k, *elements) for k in range(result.size)]
    return result


def _refused(line: Line, why: str) -> NoExpression:
    file, number = line.origin
    where = f" ({file}:{number})" if file else ""
    return NoExpression(
        f"{line.row.name} has no expression in SymPy here: {why or 'it failed'}{where}.\n"
        "Write the function with others, or leave this part out and differentiate it by wengert.grad."
    )


# ── constants ──


def exact(x: Any) -> Any:
    """Numbers and arrays of numbers as arrays of SymPy numbers; anything else as it is."""
    if isinstance(x, (bool, int, float, complex, np.generic, np.ndarray)) and np.asarray(x).dtype.kind in "biufc":
        return objects(np.frompyfunc(number, 1, 1)(np.asarray(x)))
    return x


def number(x: Any) -> Any:
    """One number: short binary fractions exactly, π by its name, other floats as floats.

    >>> number(4.0), number(0.75), number(np.pi)
    (4, 3/4, pi)
    """
    if isinstance(x, (bool, np.bool_)):
        return sp.true if x else sp.false
    if isinstance(x, (int, np.integer)):
        return sp.Integer(int(x))
    if isinstance(x, (complex, np.complexfloating)):
        return number(x.real) + sp.I * number(x.imag)
    value = float(x)
    if not math.isfinite(value):
        return sp.nan if math.isnan(value) else sp.oo if value > 0 else -sp.oo
    if abs(value) == math.pi:
        return sp.pi if value > 0 else -sp.pi
    above, below = value.as_integer_ratio()
    return sp.Rational(above, below) if below <= _SHORT and abs(above) < 2**53 else sp.Float(value)


_SHORT = 1024
"""The largest denominator of a float that is written as a fraction."""
