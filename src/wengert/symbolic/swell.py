"""Expression swell: how a derivative grows as an expression, and as a list of lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.parameters import distribute
from sympy.printing.str import sstr

from wengert.api.jacobian import derivative as derivative_of
from wengert.api.trace import trace
from wengert.plots import BLUE, GREEN, ORANGE, RED, new_axes
from wengert.symbolic.expression import Count, count, expression
from wengert.symbolic.sharing import distinct_lines


def logistic(n: int, x: Any) -> Any:
    """lₙ(x), iterates of the logistic map: l₁ = x, lₙ₊₁ = 4 lₙ (1 − lₙ).

    >>> logistic(2, 0.25)
    0.75
    """
    for _ in range(n - 1):
        x = 4 * x * (1 - x)
    return x


def logistic_formula(n: int, x: Any) -> Any:
    """The same as its definition reads, each lₙ written out twice: a program without common subexpressions shared.

    >>> logistic_formula(2, 0.25)
    0.75
    """
    return x if n == 1 else 4 * logistic_formula(n - 1, x) * (1 - logistic_formula(n - 1, x))


@dataclass(frozen=True)
class Growth:
    """One n: the expressions and their sizes, and the lines of our traces.

    `value` is lₙ with its repeated factors gathered, `produced` is its derivative as the rules of calculus give it,
    `simplified` that multiplied out. `lines` are those of the trace of lₙ, `derivative_lines` those of the trace of its
    derivative in forward mode; `distinct` counts the lines that are left after common subexpressions are shared.
    """

    n: int
    value: Any
    produced: Any
    simplified: Any
    value_size: Count
    produced_size: Count
    simplified_size: Count
    lines: int
    distinct: int
    derivative_lines: int
    derivative_distinct: int


COLUMNS: tuple[tuple[str, Callable[[Growth], Any]], ...] = (
    ("n", lambda g: g.n),
    ("terms as produced", lambda g: g.produced_size.terms),
    ("operations as produced", lambda g: g.produced_size.operations),
    ("terms simplified", lambda g: g.simplified_size.terms),
    ("operations simplified", lambda g: g.simplified_size.operations),
    ("lines of f", lambda g: g.lines),
    ("after CSE", lambda g: g.distinct),
    ("lines of f′", lambda g: g.derivative_lines),
    ("after CSE", lambda g: g.derivative_distinct),
)


@dataclass(frozen=True)
class Swell:
    """A table, row by row; `str` prints the sizes, `formulas()` the expressions, `plot()` draws them against n."""

    name: str
    rows: tuple[Growth, ...]

    def __str__(self) -> str:
        return _markdown([title for title, _ in COLUMNS], [[str(get(g)) for _, get in COLUMNS] for g in self.rows])

    def formulas(self, longest: int = 200) -> str:
        """The expressions themselves, cut where they are longer than `longest` characters."""
        cells = [[str(g.n), *(cut(text(e), longest) for e in (g.value, g.produced, g.simplified))] for g in self.rows]
        return _markdown(["n", "lₙ", "dlₙ/dx as produced", "dlₙ/dx simplified"], cells)

    def plot(self, ax: Any = None) -> Any:
        """Sizes against n on a logarithmic axis; returns the axes."""
        ax = new_axes(ax)
        n = [g.n for g in self.rows]
        curves = (
            ("operations in the derivative as produced", RED, "s", [g.produced_size.operations for g in self.rows]),
            ("terms of the simplified derivative", ORANGE, "D", [g.simplified_size.terms for g in self.rows]),
            ("lines of our trace of the derivative", BLUE, "o", [g.derivative_lines for g in self.rows]),
            ("… after common subexpressions are shared", GREEN, "^", [g.derivative_distinct for g in self.rows]),
        )
        for label, colour, marker, sizes in curves:
            shown = [(k, size) for k, size in zip(n, sizes, strict=True) if size > 0]
            # The two traces often have one length: the second is drawn open and dashed over the first.
            style = (
                {"linestyle": "--", "markerfacecolor": "none", "markersize": 8} if marker == "^" else {"markersize": 5}
            )
            ax.semilogy(*zip(*shown, strict=True), marker=marker, color=colour, label=label, linewidth=1.8, **style)
        ax.set_xlabel("n")
        ax.set_ylabel("size")
        ax.set_xticks(n)
        ax.set_title(f"Expression swell: {self.name}")
        ax.legend(frameon=False, fontsize=9)
        return ax


def swell(f: Callable[[int, Any], Any] = logistic, ns: Iterable[int] = range(1, 11), x: float = 0.2) -> Swell:
    """The growth of the derivative of x ↦ f(n, x) with n, as an expression and as a trace.

    Arguments:
        f: a function of a whole number and a float.
        ns: which n; expressions of functions that swell take time.
        x: where the traces are made, which decides branches.

    >>> print(swell(ns=[2]).formulas())
    | n | lₙ | dlₙ/dx as produced | dlₙ/dx simplified |
    |---|---|---|---|
    | 2 | 4*x*(1 - x) | 4*(1 - x) - 4*x | 4 - 8*x |
    """
    return Swell(getattr(f, "__name__", "f"), tuple(_growth(f, n, x) for n in ns))


def _growth(f: Callable[[int, Any], Any], n: int, x: float) -> Growth:
    def own(x: Any) -> Any:
        return f(n, x)

    e = expression(own, x)
    symbol = e.symbols[0]
    value = gathered(e.value)
    with distribute(False):
        produced = sp.diff(value, symbol)
    simplified = multiplied_out(produced)
    ours, derivative_trace = trace(own)(x), trace(derivative_of(own))(x)
    return Growth(
        n, value, produced, simplified, count(value), count(produced), count(simplified),
        len(ours), distinct_lines(ours), len(derivative_trace), distinct_lines(derivative_trace),
    )  # fmt: skip


def gathered(e: Any) -> Any:
    """A product with the powers in each of its factors gathered: 4x(1 − x)(1 − 4x + 4x²) = 4x(1 − x)(1 − 2x)²."""
    sign, factors = sp.Integer(1), []
    with distribute(False):
        for factor in sp.Mul.make_args(e):
            turned, powers = _powers(factor)
            sign *= turned
            factors += powers
        return sp.Mul(sign, *factors)


def _powers(factor: Any) -> tuple[Any, list[Any]]:
    """A factor as a constant times square-free polynomials with positive constant terms, to their powers."""
    p = _polynomial(factor)
    if p is None or not factor.is_Add:
        return sp.Integer(1), [factor]
    content, parts = p.sqf_list()
    constant, powers = p.ring.domain.to_sympy(content), []
    for part, power in parts:
        if part.coeff(1) < 0:
            part, constant = -part, constant * (-1) ** power
        powers.append(part.as_expr() ** power)
    return constant, powers


def multiplied_out(e: Any) -> Any:
    """The sum of monomials that e is, or `sympy.expand` of what is no polynomial."""
    p = _polynomial(e)
    return sp.expand(e) if p is None else p.as_expr()


def _polynomial(e: Any) -> Any:
    """e in a ring of polynomials with rational coefficients; much quicker than expressions there."""
    symbols = sorted(e.free_symbols, key=str)
    if not symbols or e.atoms(sp.Float) or not e.is_polynomial(*symbols):
        return None
    domain = sp.ZZ if all(number.is_Integer for number in e.atoms(sp.Number)) else sp.QQ
    return sp.ring(symbols, domain)[0].from_expr(e)


def text(e: Any) -> str:
    """Polynomials with their lowest terms first, as one writes them by hand.

    >>> x = sp.Symbol("x")
    >>> text(8 * x**2 - 8 * x + 1)
    '1 - 8*x + 8*x**2'
    """
    return sstr(e, order="rev-lex")


def cut(s: str, longest: int) -> str:
    """The beginning of a long text, and how much there is of it."""
    return s if len(s) <= longest else f"{s[: longest - 20]} … ({len(s)} characters)"


def _markdown(titles: list[str], rows: list[list[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"|{'|'.join(row)}|" if row[0] == "---" else f"| {' | '.join(row)} |" for row in lines)


__all__ = ["Growth", "Swell", "gathered", "logistic", "logistic_formula", "swell"]
