"""Expressions of programs: expression, derivative, simplify, count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from sympy.core.parameters import distribute
from sympy.printing.str import sstr

from wengert import tree
from wengert.api.trace import trace as trace_of
from wengert.errors import BadInput, OffTrace
from wengert.ir.line import Var
from wengert.ir.trace import Trace
from wengert.symbolic.differentiate import slope
from wengert.symbolic.interpret import interpret, number


@dataclass(frozen=True, eq=False)
class Expression:
    """A program as mathematics, where its branches go as they went when it was traced.

    `value` is what it returns, in the same containers: a SymPy expression for a number, an `ImmutableMatrix` for an
    array with two axes, an `Array` for others. `symbols` has a symbol, or an array of them, for each input of
    the trace, in order. It holds where all of `conditions` hold; `orders` are those of them that a sort
    brought in, which the trace itself does not test.
    """

    value: Any
    symbols: tuple[Any, ...]
    conditions: tuple[Any, ...]
    trace: Trace = field(repr=False)
    orders: tuple[Any, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        text = sstr(self.value)
        return text + (f"  where {', '.join(sstr(c) for c in self.conditions)}" if self.conditions else "")

    __repr__ = __str__

    def _sympy_(self) -> Any:
        return self.value

    def _repr_latex_(self) -> str:
        where = r",\quad " + r",\; ".join(sp.latex(c) for c in self.conditions) if self.conditions else ""
        return f"$\\displaystyle {sp.latex(self.value)}{where}$"


def expression(f: Callable[..., Any] | Trace, *args: Any, **kwargs: Any) -> Expression:
    """What f computes at these arguments, as SymPy expressions in its floating inputs.

    Arguments:
        f: a function, or a trace of one (then no arguments are needed).
        args, kwargs: where to trace it; they decide branches, the number of rounds of loops, and shapes.

    Branches that were taken become `conditions`; loops, calls and in-place writes are gone. Raises NoExpression
    for a function that SymPy does not have.

    >>> import numpy as np
    >>> def f(a, b):
    ...     c = a * b
    ...     return np.log(c) if c > 0 else np.sin(c)
    >>> expression(f, 2.0, 3.0)
    log(a*b)  where a*b > 0
    >>> expression(lambda x: x @ x, np.ones(3))
    x_0**2 + x_1**2 + x_2**2
    """
    t = (f if isinstance(f, Trace) else trace_of(f)(*args, **kwargs)).dce()
    inputs = _symbols(t)
    known = {} if isinstance(f, Trace) else _numbers(inputs, t.flatten(*args, **kwargs))
    # A run may write into its inputs.
    with distribute(False):
        found = interpret(t, [x.copy() for x in inputs], known)
    result = t.unflatten([sympified(v) for v in found.outputs])
    conditions = tuple(dict.fromkeys([*found.conditions, *found.orders]))
    return Expression(result, tuple(sympified(x) for x in inputs), conditions, t, tuple(found.orders))


def _numbers(symbols: Any, values: list[Any]) -> dict[Any, Any]:
    """Each symbol with its number, as the binary fraction that a float is."""
    return {
        s: _binary(v)
        for symbol, x in zip(symbols, values, strict=True)
        for s, v in zip(np.ravel(arrayed(symbol)), np.ravel(np.asarray(x)), strict=True)
    }


def _symbols(t: Trace) -> list[Any]:
    """For each input an array of symbols: x, x_0, A_01."""
    taken: set[str] = set()
    return [_array_of_symbols(name, var, taken) for name, var in zip(t.spelled, t.inputs, strict=True)]


def _array_of_symbols(name: str, var: Var, taken: set[str]) -> Any:
    symbols = np.empty(var.type.shape, object)
    wide = any(n > 10 for n in var.type.shape)
    kind = {"complex": True} if var.type.dtype[0] == "c" else {"real": True}
    for place in np.ndindex(symbols.shape):
        own = name + ("_" + ("_" if wide else "").join(map(str, place)) if place else "")
        while own in taken:
            own += "'"
        taken.add(own)
        symbols[place] = sp.Symbol(own, **kind)
    return symbols


def sympified(x: Any) -> Any:
    """An array of expressions as SymPy has them: an expression, an ImmutableMatrix, an Array."""
    if not isinstance(x, np.ndarray):
        return x
    if x.ndim == 0:
        return sp.sympify(x[()])
    return sp.ImmutableMatrix(*x.shape, list(x.ravel())) if x.ndim == 2 else sp.Array(list(x.ravel()), x.shape)


def arrayed(x: Any) -> Any:
    """The other way round."""
    if isinstance(x, np.ndarray):
        return x
    if isinstance(x, sp.MatrixBase):
        return np.array(x.tolist(), object).reshape(x.shape)
    if isinstance(x, sp.NDimArray):
        return np.array(x.tolist() if x.shape else x[()], object).reshape(x.shape)
    whole = np.empty((), object)
    whole[()] = sp.sympify(x)
    return whole


def _each(e: Expression, function: Callable[[Any], Any]) -> Any:
    """The value with function applied to each SymPy expression in its arrays and containers."""
    leaves, structure = tree.flatten(e.value)
    return tree.unflatten(structure, [_mapped(leaf, function) for leaf in leaves])


def _mapped(leaf: Any, function: Callable[[Any], Any]) -> Any:
    if isinstance(leaf, sp.Expr) and not isinstance(leaf, sp.MatrixBase):
        return function(leaf)
    return sympified(np.frompyfunc(function, 1, 1)(arrayed(leaf))) if isinstance(leaf, sp.Basic) else leaf


def derivative(f: Expression | Callable[..., Any] | Trace, *args: Any, argnum: int = 0, order: int = 1) -> Expression:
    """∂f/∂x as SymPy's rules produce it, not simplified; of shape f.shape + x.shape, n times over for order n.

    Arguments:
        f: an Expression, or what `expression` takes, with its arguments.
        argnum: which of the inputs x is (a position in `Expression.symbols`).
        order: how often.

    Steps (floor, sign, comparisons) have derivative zero, as everywhere in wengert.

    >>> derivative(lambda x: 4 * x * (1 - x), 0.2)
    -4*x + 4*(1 - x)
    >>> import numpy as np
    >>> derivative(lambda x: np.sin(x) * x[0], np.ones(2))
    Matrix([
    [x_0*cos(x_0) + sin(x_0),            0],
    [               sin(x_1), x_0*cos(x_1)]])
    """
    e = f if isinstance(f, Expression) else expression(f, *args)
    if not -len(e.symbols) <= argnum < len(e.symbols):
        raise BadInput(
            f"derivative: argnum is {argnum}, but there are {len(e.symbols)} inputs.\nPass 0 … {len(e.symbols) - 1}."
        )
    x = arrayed(e.symbols[argnum])
    for _ in range(order):
        leaves, structure = tree.flatten(e.value)
        with distribute(False):
            slopes = [_jacobian(leaf, x) for leaf in leaves]
        e = replace(e, value=tree.unflatten(structure, slopes))
    return e


def _jacobian(y: Any, x: Any) -> Any:
    if not isinstance(y, sp.Basic):
        y = number(y)
    values = arrayed(y)
    result = np.empty(values.shape + x.shape, object)
    for i in np.ndindex(values.shape):
        for j in np.ndindex(x.shape):
            result[i + j] = slope(values[i], x[j])
    return sympified(result)


def simplify(e: Expression, by: Callable[[Any], Any] = sp.simplify) -> Expression:
    """The expression with each of its elements rewritten: by `sympy.simplify`, or `expand`, `factor`, `sqf`, ….

    >>> simplify(derivative(lambda x: 4 * x * (1 - x), 0.2), by=sp.expand)
    4 - 8*x
    """
    return replace(e, value=_each(e, by))


class Count(NamedTuple):
    """How long an expression is as it stands."""

    terms: int
    operations: int


def count(e: Any) -> Count:
    """The terms of the sum that an expression is (1 if it is none), and the operations in it; summed over elements.

    >>> x = sp.Symbol("x")
    >>> count(x * (1 - x) - 4 * x)
    Count(terms=2, operations=4)
    """
    leaves = tree.flatten(e.value if isinstance(e, Expression) else e)[0]
    elements = [element for leaf in leaves for element in np.ravel(arrayed(leaf))]
    return Count(
        sum(0 if element == 0 else len(sp.Add.make_args(element)) for element in elements),
        sum(int(sp.count_ops(element)) for element in elements),
    )


def evaluate(e: Expression, *args: Any, digits: int = 15, **kwargs: Any) -> Any:
    """The value of an expression for the arguments of its function, in arithmetic of so many digits.

    Floats are taken as the binary fractions that they are. Raises OffTrace where the conditions do not hold. The
    result has SymPy floats (numbers that `float` takes) in the containers of the value.

    >>> import numpy as np
    >>> evaluate(expression(np.sin, 0.5), 0.5, digits=30)
    0.479425538604203000273287935216
    """
    e.trace(*args, **kwargs)
    given = _numbers(e.symbols, e.trace.flatten(*args, **kwargs))
    for order in e.orders:
        if order.xreplace(given) == sp.false:
            raise OffTrace(
                f"the expression holds where {order}; at these arguments it does not.\nMake it anew at them."
            )
    return _each(e, lambda element: _evalf(element, given, digits))


def _evalf(element: Any, given: dict[Any, Any], digits: int) -> Any:
    return sp.sympify(element).xreplace(given).evalf(digits)


def _binary(v: Any) -> Any:
    if isinstance(v, (complex, np.complexfloating)):
        return _binary(v.real) + sp.I * _binary(v.imag)
    return sp.Rational(*float(v).as_integer_ratio())
