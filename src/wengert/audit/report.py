"""What an audit says: as data, table, plot, and as a verdict that a test can assert."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.audit.compare import digits_of, worst
from wengert.audit.lines import Loss, Primitive
from wengert.diagnosis.report import Finding
from wengert.errors import BadInput

EXACT = ("forward", "reverse")
"""The methods that are on trial; the others are witnesses."""
_ENOUGH_PER_LINE = 7.0
_DUAL = 9.0


@dataclass(frozen=True, eq=False)
class Audit:
    """The derivatives of one function at one point, by every method, and how well they agree.

    `jacobians` maps a method (`forward`, `reverse`, `complex step`, `differences`, `50 digits`) to a
    matrix, `rows` by `columns` (`x[2]`); `refused` says why others could not be had. `digits` and
    `pairs` count the decimal digits that agree: per method and argument with the `reference`, and
    between any two methods. `condition` is max |x ∂f/∂x / f| per argument.
    """

    name: str
    arguments: tuple[str, ...]
    columns: tuple[str, ...]
    owners: tuple[int, ...]
    rows: tuple[str, ...]
    jacobians: dict[str, Any]
    refused: dict[str, str]
    doubt: Any
    reference: str
    digits: dict[tuple[str, str], float]
    pairs: dict[tuple[str, str], float]
    condition: dict[str, float]
    single: dict[str, float]
    primitives: tuple[Primitive, ...]
    losses: tuple[Loss, ...]
    findings: tuple[Finding, ...]
    kinks: tuple[Finding, ...]
    lines: int

    # ── the verdict ──

    @property
    def ok(self) -> bool:
        """Whether `verify()` would pass."""
        return self._complaint(1e-6) is None

    @property
    def agreed(self) -> float:
        """The digits to which forward and reverse agree with the reference, at worst."""
        return min((d for (method, _), d in self.digits.items() if method in EXACT), default=0.0)

    def verify(self, rtol: float = 1e-6) -> Audit:
        """The audit itself; raises AssertionError, with the offending element, if forward or reverse mode is farther
        than rtol (relative to the largest element of that argument's derivative) from the reference, or if a
        primitive disagrees with its reference or with its own transpose."""
        complaint = self._complaint(rtol)
        if complaint is not None:
            raise AssertionError(f"audit of {self.name}: {complaint}\n{self}")
        return self

    def _complaint(self, rtol: float) -> str | None:
        reference = self.jacobians[self.reference]
        for method in EXACT:
            for k, argument in enumerate(self.arguments):
                own = [c for c, owner in enumerate(self.owners) if owner == k]
                text = self._disagreement(method, own, reference, rtol)
                if text is not None:
                    return f"{text} (argument {argument})." + self._excuse()
        for p in self.primitives:
            if p.dual < _DUAL:
                return f"forward and reverse of {p.name} agree to {p.dual:.1f} digits only, at {p.where}: {p.line}."
            if p.digits is not None and p.digits < _ENOUGH_PER_LINE:
                return f"the derivative of {p.name} has {p.digits:.1f} digits right, at {p.where}: {p.line}."
        return None

    def _excuse(self) -> str:
        """Where the program itself, not its derivative, has lost the digits."""
        if not self.losses:
            return ""
        loss = self.losses[0]
        return f" The program itself loses digits: {loss.lost:.0f} in {loss.line}, at {loss.where}."

    def _disagreement(self, method: str, own: list[int], reference: Any, rtol: float) -> str | None:
        if not own or not self.rows:
            return None
        a, b = self.jacobians[method][:, own], reference[:, own]
        r, c = worst(a, b)
        scale = max(float(abs(v)) if np.isfinite(float(v)) else 0.0 for v in np.ravel(b))
        allowed = rtol * max(scale, 1e-12)
        if self.reference == "differences":
            allowed += 10 * float(self.doubt[:, own][r, c])
        gap = abs(float(a[r, c]) - float(b[r, c]))
        if gap <= allowed or (not np.isfinite(gap) and float(a[r, c]) == float(b[r, c])):
            return None
        what = f"∂{self.rows[r]}/∂{self.columns[own[c]]}"
        return f"{method} mode says {what} = {float(a[r, c])!r}, {self.reference} say {float(b[r, c])!r}"

    # ── the table ──

    def __str__(self) -> str:
        rows = [self._headline(), *self._table()]
        rows += [f"  {method}: not possible, {reason}" for method, reason in self.refused.items()]
        rows += self._elements()
        rows += ["", *self._by_primitive()]
        rows += self._cancellation()
        rows += [str(f) for f in self.findings] + [str(k) for k in self.kinks]
        return "\n".join(rows)

    def _headline(self) -> str:
        against = f"{self.agreed:.1f} digits agree with {self.reference}"
        against += "" if self.ok else f", {self.pairs['forward', 'reverse']:.1f} between forward and reverse"
        return f"audit of {self.name}: {'ok' if self.ok else 'NOT ok'}, {against} ({self.lines} lines)"

    def _table(self) -> list[str]:
        """Digits that agree with the reference, per method and argument."""
        shown = self.arguments[:8]
        width = max([8, *map(len, shown)]) + 2
        rows = [f"{'digits':14}" + "".join(f"{a:>{width}}" for a in shown)]
        for method in self.jacobians:
            cells = ["reference" if method == self.reference else f"{self.digits[method, a]:.1f}" for a in shown]
            rows.append(f"{method:14}" + "".join(f"{c:>{max(width, 9)}}" for c in cells))
        if self.single:
            rows.append(f"{'float32':14}" + "".join(f"{self.single[a]:>{max(width, 9)}.1f}" for a in shown))
        rows.append(f"{'condition':14}" + "".join(f"{number3(self.condition[a]):>{max(width, 9)}}" for a in shown))
        return rows

    def _elements(self) -> list[str]:
        """Each derivative, with a bar after the digits that agree with the reference."""
        if len(self.rows) * len(self.columns) > 8:
            return []
        rows = [""]
        for r, row in enumerate(self.rows):
            for c, column in enumerate(self.columns):
                rows.append(f"∂{row}/∂{column}")
                for method, jacobian in self.jacobians.items():
                    text = marked(jacobian[r, c], self.jacobians[self.reference][r, c])
                    rows.append(f"  {method:13} {text}")
        return rows

    def _by_primitive(self) -> list[str]:
        if not self.primitives:
            return []
        rows = [f"{'primitive':28}{'lines':>6}{'digits':>8}{'transpose':>11}   worst line"]
        for p in self.primitives:
            count = "–" if p.digits is None else f"{p.digits:.1f}"
            rows.append(f"{p.name:28}{p.lines:>6}{count:>8}{p.dual:>11.1f}   {p.line}   {p.where}")
        return rows

    def _cancellation(self) -> list[str]:
        return [
            f"{loss.lost:.0f} digits lost (of the value {loss.left:.0f} are left) in {loss.line}   {loss.where}"
            for loss in self.losses[:5]
        ]

    def __rich__(self) -> Any:
        """For `rich.print`: the same in colour."""
        from rich.text import Text

        return Text(str(self), style="green" if self.ok else "red")

    def _repr_html_(self) -> str:
        color = "#2a7" if self.ok else "#b33"
        return f'<pre style="border-left: 3px solid {color}; padding-left: 1em">{html.escape(str(self))}</pre>'

    def plot(self, path: str | None = None) -> Any:
        """The digits that agree, per method and argument and per primitive: a matplotlib figure, saved at `path`."""
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise BadInput("plot needs matplotlib.\nRun pip install 'wengert[audit]'.") from None
        figure = Figure(figsize=(9, 3.5), layout="constrained")
        left, right = figure.subplots(1, 2)
        methods = [m for m in self.jacobians if m != self.reference]
        table = np.array([[self.digits[m, a] for a in self.arguments] for m in methods])
        image = left.imshow(table, vmin=0, vmax=16, cmap="RdYlGn", aspect="auto")
        left.set_xticks(range(len(self.arguments)), self.arguments, rotation=45, ha="right")
        left.set_yticks(range(len(methods)), methods)
        left.set_title(f"digits that agree with {self.reference}")
        figure.colorbar(image, ax=left)
        known = [p for p in self.primitives if p.digits is not None]
        right.barh([p.name for p in known], [float(p.digits or 0.0) for p in known], color="#4a7")
        right.set_xlim(0, 16)
        right.set_title("digits per primitive")
        right.invert_yaxis()
        if path is not None:
            figure.savefig(path)
        return figure


def number3(x: float) -> str:
    """A number in three digits."""
    return f"{x:.3g}"


def marked(x: Any, reference: Any) -> str:
    """x in 17 digits, with a bar after those that agree with the reference.

    >>> marked(0.3333333333, 1 / 3)
    '3.333333333|0000000e-01'
    """
    text = f"{float(x):.16e}"
    if not np.isfinite(float(x)) or x is reference:
        return text
    agree = int(digits_of(x, reference))
    first = 1 + text.startswith("-")
    end = first + agree + 1 if agree else first - 1
    mantissa, _, exponent = text.partition("e")
    return text if end >= len(mantissa) else f"{mantissa[:end]}|{mantissa[end:]}e{exponent}"
