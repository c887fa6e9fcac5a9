"""What a diagnosis says, as data and as text."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.diagnosis.source import Where


@dataclass(frozen=True)
class Link:
    """One line on the way from the output to the trouble: ∂(result)/∂(argument) there is `partial`."""

    text: str
    where: Where
    partial: Any
    index: tuple[int, ...]

    def __str__(self) -> str:
        at = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        return f"{self.text}{'   element ' + at if at else ''}   ∂ = {number(self.partial)}   {self.where}"


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Arguments:
        kind: `raised`, `nan`, `infinity`, `zero`, `vanishing`, `huge`, `strong zero`, `kink`, `jump`, `guard`.
        sweep: where it entered: `primal`, `tangent` or `adjoint`; empty where that means nothing.
        about: the argument, or its element, whose derivative it concerns (`x[3]`), or `value`.
        what: what happened, in a sentence.
        where: the user's file, line, function, and run of that line.
        line: the line of the trace, as text.
        primitive: the NumPy function.
        index: the element of the line's result.
        operands: (name, value) of what the line read there.
        chain: the lines from the output to it, each with its local partial derivative.
        advice: what to do.
        sides: for a kink or jump, the two one-sided derivatives of f along the argument.
    """

    kind: str
    what: str
    about: str = ""
    sweep: str = ""
    where: Where | None = None
    line: str = ""
    primitive: str = ""
    index: tuple[int, ...] = ()
    operands: tuple[tuple[str, Any], ...] = ()
    chain: tuple[Link, ...] = ()
    advice: str = ""
    sides: tuple[float, float] | None = None

    def __str__(self) -> str:
        link = "" if self.kind in ("kink", "jump") else "in "
        head = f"{self.kind} {link}{self.about}: {self.what}" if self.about else f"{self.kind}: {self.what}"
        rows = [head]
        if self.line:
            code = f"   {self.where.code}" if self.where is not None and self.where.code else ""
            rows.append(f"  at {self.where}{code}")
            rows.append(f"  line {self.line}" + (f", element {list(self.index)}" if self.index else ""))
        if self.operands:
            rows.append("  with " + ", ".join(f"{name} = {number(x)}" for name, x in self.operands))
        if self.sides is not None:
            below, above = ("none" if np.isnan(s) else number(s) for s in self.sides)
            rows.append(f"  one-sided derivatives: {below} below, {above} above")
        if self.advice:
            rows.append(f"  what to do: {self.advice}")
        if self.chain:
            rows.append("  from the output to it:")
            rows += [f"    {row}" for row in _shortened(self.chain)]
        return "\n".join(rows)


_MOST_LINKS = 8


def _shortened(chain: tuple[Link, ...]) -> list[str]:
    if len(chain) <= _MOST_LINKS:
        return [str(link) for link in chain]
    half = _MOST_LINKS // 2
    hidden = len(chain) - 2 * half
    return [*map(str, chain[:half]), f"… {hidden} more lines …", *map(str, chain[-half:])]


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` found: `findings`, the gravest first. `ok` if there is no trouble in the derivative.

    `value` is f's result, `gradients` maps each argument (`x`, `params['w']`) to its derivative.
    `kinks` and `guards` are what the derivative depends on besides: points where it jumps, hit or
    nearly hit, and values that Python looked at (`if x > 0`).
    """

    name: str
    value: Any
    gradients: dict[str, Any]
    findings: tuple[Finding, ...]
    kinks: tuple[Finding, ...] = ()
    guards: tuple[Finding, ...] = ()
    lines: int = 0
    options: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @property
    def ok(self) -> bool:
        """Whether the derivative is finite, and neither zero, vanishing nor huge."""
        return not self.findings

    @property
    def first(self) -> Finding | None:
        """The gravest finding."""
        return self.findings[0] if self.findings else None

    def of(self, kind: str) -> tuple[Finding, ...]:
        """The findings (kinks and guards too) of one kind."""
        return tuple(f for f in (*self.findings, *self.kinks, *self.guards) if f.kind == kind)

    def __str__(self) -> str:
        inputs = ", ".join(self.gradients)
        rows = [f"diagnosis of {self.name} with respect to {inputs or 'nothing'}: {self._summary()}"]
        rows += [str(f) for f in self.findings]
        rows += [str(f) for f in self.kinks]
        if self.guards and not self.ok:
            rows.append("the program decided by looking at values:")
            rows += [f"  {g.what}   {g.where}" for g in self.guards[:_MOST_LINKS]]
            if len(self.guards) > _MOST_LINKS:
                rows.append(f"  … {len(self.guards) - _MOST_LINKS} more")
        return "\n".join(rows)

    def _summary(self) -> str:
        if self.ok:
            near = f", {len(self.kinks)} kink{'s' * (len(self.kinks) != 1)} hit or near" if self.kinks else ""
            return f"nothing wrong in {self.lines} lines{near}"
        kinds = list(dict.fromkeys(f.kind for f in self.findings))
        return ", ".join(kinds)

    def _repr_html_(self) -> str:
        color = "#2a7" if self.ok else "#b33"
        return f'<pre style="border-left: 3px solid {color}; padding-left: 1em">{html.escape(str(self))}</pre>'


def number(x: Any) -> str:
    """A number in few digits; an array as its type, or as itself if it is short."""
    if isinstance(x, np.ndarray):
        if x.size > 6:
            return f"{x.dtype}[{','.join(map(str, x.shape))}]"
        return np.array2string(x, precision=6)
    if isinstance(x, (float, np.floating)):
        return f"{float(x):.9g}"
    if isinstance(x, (complex, np.complexfloating)):
        return f"{complex(x):.9g}"
    return str(x)
