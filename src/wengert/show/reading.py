"""One reading of a trace: its values, one sweep over it, and every line of both as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import Any

from wengert.ir.line import Var
from wengert.ir.trace import Trace
from wengert.show import choice, notation
from wengert.show.formula import Formulas
from wengert.show.naming import Naming
from wengert.show.replay import Replay, replay
from wengert.show.sweeps import Swept, Term, forward_sweep, reverse_sweep
from wengert.show.values import is_floating, text

MOST_TERMS = 4
"""So many summands of a derivative are written out."""


class Reading:
    """A trace at the point where it was made, with one sweep."""

    def __init__(
        self, trace: Trace, point: tuple[Any, ...], mode: str = "reverse", direction: Any = None, output: Any = None
    ) -> None:
        self.trace = trace
        self.mode = choice.checked_mode(mode)
        self.run: Replay = replay(trace, point)
        self.naming = Naming(trace)
        self.formulas = Formulas(self.naming)
        if mode == "forward":
            self.seeds = choice.tangents(trace, point, direction)
            self.swept: Swept = forward_sweep(self.run, self.seeds)
        else:
            self.seeds = [] if self.run.stopped else choice.cotangents(self.run, output)
            self.swept = Swept("reverse") if self.run.stopped else reverse_sweep(self.run, self.seeds)

    @property
    def target(self) -> str:
        """The output that adjoints are derivatives of."""
        names = self.naming.outputs
        return next((name for name, c in zip(names, self.seeds, strict=False) if c is not None), names[0])

    @cached_property
    def terms_of_line(self) -> dict[int, list[Term]]:
        """Forward: what the tangent of a line is the sum of."""
        found: dict[int, list[Term]] = defaultdict(list)
        for term in self.swept.terms:
            found[term.line].append(term)
        return found

    @cached_property
    def terms_of_var(self) -> dict[Any, list[Term]]:
        """Reverse: what the adjoint of a variable is the sum of."""
        found: dict[Any, list[Term]] = defaultdict(list)
        for term in self.swept.terms:
            found[self.run.lines[term.line].line.args[term.k]].append(term)
        return found

    # ── text ──

    def accent(self, name: str) -> str:
        """v̇₁ or v̄₁."""
        return notation.dot(name) if self.mode == "forward" else notation.bar(name, self.target)

    def fraction(self, name: str) -> str:
        """v̇₁ or ∂y/∂v₁."""
        return notation.dot(name) if self.mode == "forward" else notation.partial(name, self.target)

    def term(self, term: Term, write: Callable[[str], str]) -> str:
        """One summand: x₂·v̄₁."""
        return self.formulas.symbolic(self.run.lines[term.line], term.k, self.mode, write)

    def sum(self, terms: list[Term]) -> str:
        """x₂·ẋ₁ + x₁·ẋ₂."""
        shown = " + ".join(self.term(t, self.accent) for t in terms[:MOST_TERMS]).replace("+ −", "− ")
        return shown if len(terms) <= MOST_TERMS else f"{shown} + … ({len(terms)} terms)"

    def numbers(self, terms: list[Term]) -> str:
        """3·1 + 2·0; '' where an array takes part."""
        parts = [self._number(t) for t in terms[:MOST_TERMS]]
        return "" if not all(parts) or len(terms) > MOST_TERMS else " + ".join(parts).replace("+ −", "− ")

    def _number(self, term: Term) -> str:
        ran = self.run.lines[term.line]
        known = ran.line.args[term.k] if self.mode == "forward" else ran.line.outs[0] if ran.line.outs else None
        return self.formulas.numeric(ran, term.k, self.mode, self.derivative(known))

    def seed_text(self) -> str:
        """ẋ₁ = 1, ẋ₂ = 0."""
        forward = self.mode == "forward"
        names = [self.naming.shown[v] for v in self.trace.inputs] if forward else self.naming.outputs
        values = self.run.point if forward else self.run.outputs
        given = [pair for *pair, x in zip(names, self.seeds, values, strict=False) if is_floating(x)]
        return ", ".join(f"{self.accent(n)} = {text(s)}" for n, s in given)

    def legend(self) -> str:
        """What the columns mean."""
        notes = ["v₁, v₂, … are v0, v1, … of the printed program."] if self.trace.lines else []
        if self.mode == "forward":
            notes.append(
                f"v̇ᵢ is the derivative of vᵢ along {self.seed_text() or 'no input'}, computed from the top down."
            )
        else:
            notes.append(
                f"v̄ᵢ = ∂{self.target}/∂vᵢ, from {self.seed_text() or 'no output'}, computed from the bottom up."
            )
        notes += [f"{name} = {value!r} is fixed." for name, value in self.trace.fixed if _is_short(value)]
        if self.run.stopped:
            notes.append(f"The lines could not be run again to the end: {self.run.stopped}.")
        if self.swept.stopped:
            notes.append(f"The sweep stopped at {self.swept.stopped}")
        return " ".join(notes)

    def derivative(self, var: Any) -> Any:
        """The tangent or adjoint of an input or a result; None is zero."""
        return self.swept.of.get(var) if isinstance(var, Var) else None


def _is_short(x: Any) -> bool:
    return len(repr(x)) < 40
