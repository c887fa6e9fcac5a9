"""A trace run on symbols: every value is an array of SymPy expressions, and NumPy moves them about.

Values mean real (or complex) numbers here: rounding, overflow and the width of a float are left out. Floats that are
whole or have a short binary fraction become exact numbers, the nearest float to π becomes π, others stay floats.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from wengert.errors import NoExpression
from wengert.ir.line import Atom, Line, Lit, Var
from wengert.ir.trace import Trace
from wengert.symbolic.arrays import ARRAYS, PLAIN, objects
from wengert.symbolic.conditions import condition
from wengert.symbolic.table import ELEMENTWISE, SEVERAL


def interpret(trace: Trace, inputs: list[Any]) -> tuple[list[Any], list[Any]]:
    """The outputs of a trace for arrays of expressions as inputs, and the conditions of its guards."""
    run = _Run(trace, inputs)
    for line in trace.lines:
        run.line(line)
    return [run.value(atom) for atom in trace.outputs], run.conditions


class _Run:
    """What each variable is so far."""

    def __init__(self, trace: Trace, inputs: list[Any]) -> None:
        self.env: dict[Var, Any] = dict(zip(trace.inputs, inputs, strict=True))
        self.conditions: list[Any] = []

    def value(self, atom: Atom) -> Any:
        """An array of expressions; other literals (None, a dtype) as they are."""
        return self.env[atom] if isinstance(atom, Var) else exact(atom.value)

    def line(self, line: Line) -> None:
        """Run one line."""
        args = [self.value(a) for a in line.args]
        if line.kind == "guard":
            found = condition(args[0], line.params["read"], line.params["value"])
            self.conditions += [c for c in found if c != sp.true and c not in self.conditions]
        elif line.kind == "write":
            _write(line, args)
        else:
            self.env.update(zip(line.outs, _results(line, args), strict=True))


def _write(line: Line, args: list[Any]) -> None:
    place, value = args
    for function, params in line.params["path"]:
        place = function(place, **params)
    place[line.params["key"]] = value


def _results(line: Line, args: list[Any]) -> list[Any]:
    try:
        ys = _computed(line, args)
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

    >>> number(4.0), number(0.75), number(np.pi), number(0.1)
    (4, 3/4, pi, 0.1)
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
