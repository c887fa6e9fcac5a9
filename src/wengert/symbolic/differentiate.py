"""∂/∂x of one SymPy expression, with wengert's rules at steps and kinks."""

from __future__ import annotations

from typing import Any

import sympy as sp

from wengert.errors import NoExpression


class _Step(sp.Function):
    """A function that is constant wherever it is smooth."""

    def fdiff(self, argindex: int = 1) -> Any:
        return sp.Integer(0)


class _Floor(_Step):
    pass


class _Ceiling(_Step):
    pass


class _Sign(_Step):
    pass


class _Heaviside(_Step):
    pass


class _Abs(sp.Function):
    """|x| of a real x, also where SymPy cannot prove that it is real."""

    def fdiff(self, argindex: int = 1) -> Any:
        return _Sign(self.args[0])


_STANDINS: tuple[tuple[Any, Any], ...] = (
    (sp.floor, _Floor),
    (sp.ceiling, _Ceiling),
    (sp.sign, _Sign),
    (sp.Heaviside, _Heaviside),
    (sp.Abs, _Abs),
)


def slope(e: Any, x: Any) -> Any:
    """∂e/∂x, by the rules of calculus and no further.

    SymPy's own derivatives of steps are delta functions, and that of Abs asks for real and imaginary parts. Raises
    NoExpression where SymPy leaves a derivative as it is.
    """
    found = _real_slope(e, x) if x.is_real else sp.diff(e, x)
    left = found.atoms(sp.Derivative, sp.Subs)
    if left:
        raise NoExpression(
            f"SymPy has no derivative of {next(iter(left)).args[0]} by {x}.\nDifferentiate this part by wengert.grad."
        )
    return found


def _real_slope(e: Any, x: Any) -> Any:
    for theirs, ours in _STANDINS:
        e = e.replace(theirs, ours)
    e = sp.diff(e, x)
    # The derivatives of Max and Min are Heavisides, born here, which no more derivative is taken of.
    for theirs, ours in _STANDINS:
        e = e.replace(ours, theirs)
    return e
