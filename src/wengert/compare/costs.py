"""What a Jacobian of f: ℝⁿ → ℝᵐ costs by forward and by reverse sweeps: about n and m times what f does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from wengert.api.jacobian import jacobian
from wengert.plots import BLUE, GREY, RED, new_figure

Family = Callable[[int, int], tuple[Callable[[Any], Any], Any]]
"""(n, m) ↦ a function ℝⁿ → ℝᵐ, and a point."""


def affine_sine(n: int, m: int, work: int = 10_000) -> tuple[Callable[[Any], Any], Any]:
    """f: ℝⁿ → ℝᵐ whose time hardly depends on n and m, so that what is seen is the number of sweeps.

    x is spread over an array of `work` elements, taken through 10 elementwise operations there, and summed
    up in m pieces.

    >>> f, x = affine_sine(3, 2)
    >>> x.shape, f(x).shape
    ((3,), (2,))
    """
    inside, outside = np.arange(work) % n, (np.arange(m) * work) // m
    scale = np.linspace(0.5, 1.5, work)

    def f(x: Any) -> Any:
        z = x[inside] * scale
        for _ in range(3):
            z = np.sin(z) * z + scale
        return np.add.reduceat(z, outside)

    return f, np.linspace(0.1, 1.0, n)


class Cell(NamedTuple):
    """One (n, m): seconds for f, and for its whole Jacobian by either mode; which mode "auto" takes."""

    n: int
    m: int
    f: float
    forward: float
    reverse: float
    auto: str

    @property
    def chose_the_faster(self) -> bool:
        """Whether "auto" took the mode that was measured to be faster."""
        return (self.forward <= self.reverse) == (self.auto == "forward")

    @property
    def loss(self) -> float:
        """The time of the mode that "auto" takes, over that of the faster one; 1 is best."""
        return (self.forward if self.auto == "forward" else self.reverse) / min(self.forward, self.reverse)


@dataclass(frozen=True)
class Cost:
    """The grid, cell by cell; `str` prints it in units of the time of f, `plot()` draws it."""

    name: str
    cells: tuple[Cell, ...]

    def __str__(self) -> str:
        rows = [
            "|  n |  m | time of f | forward / f | reverse / f | auto | its loss |",
            "|---:|---:|---:|---:|---:|---|---:|",
        ]
        for c in self.cells:
            rows.append(
                f"| {c.n} | {c.m} | {c.f * 1e6:.0f} µs | {c.forward / c.f:.1f} | {c.reverse / c.f:.1f} "
                f"| {c.auto} | {c.loss:.2f} |"
            )
        return "\n".join(rows)

    @property
    def worst_loss(self) -> float:
        """The largest loss over the grid."""
        return max(c.loss for c in self.cells)

    def plot(self) -> Any:
        """Forward time against n, reverse time against m, and the map of modes; returns the figure."""
        figure, axes = new_figure(1, 3, (13.0, 4.0))
        _against(axes[0, 0], self.cells, "n", "m", "forward", BLUE)
        _against(axes[0, 1], self.cells, "m", "n", "reverse", RED)
        _map(axes[0, 2], self.cells)
        figure.suptitle(f"The Jacobian of {self.name}: ℝⁿ → ℝᵐ, in evaluations of f")
        return figure


def _against(ax: Any, cells: tuple[Cell, ...], along: str, other: str, mode: str, colour: str) -> None:
    """One line per value of the other size, darker for larger ones, and the line of slope 1."""
    others = sorted({getattr(c, other) for c in cells})
    for k, size in enumerate(others):
        points = sorted((getattr(c, along), getattr(c, mode) / c.f) for c in cells if getattr(c, other) == size)
        strength = 0.35 + 0.65 * (k + 1) / len(others)
        ax.loglog(
            *zip(*points, strict=True),
            marker="o",
            markersize=4,
            color=colour,
            alpha=strength,
            label=f"{other} = {size}",
        )
    sizes = sorted({getattr(c, along) for c in cells})
    unit = np.median([getattr(c, mode) / c.f / getattr(c, along) for c in cells if getattr(c, along) == sizes[-1]])
    ax.loglog(sizes, [unit * s for s in sizes], color=GREY, linestyle="--", linewidth=1.2, label=f"∝ {along}")
    ax.set_xlabel(along)
    ax.set_ylabel(f"{mode} time / time of f")
    ax.set_title(f"{mode.capitalize()} mode")
    ax.legend(frameon=False, fontsize=8)


def _map(ax: Any, cells: tuple[Cell, ...]) -> None:
    """Which mode was faster (fill), which one "auto" chose (letter)."""
    for c in cells:
        faster = BLUE if c.forward <= c.reverse else RED
        ax.plot(c.n, c.m, marker="s", markersize=17, color=faster, alpha=0.75, markeredgewidth=0)
        ax.annotate(
            c.auto[0].upper(), (c.n, c.m), ha="center", va="center", color="white", fontweight="bold", fontsize=9
        )
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.margins(0.12)
    for label, colour in (("forward was faster", BLUE), ("reverse was faster", RED)):
        ax.plot([], [], marker="s", linestyle="none", color=colour, alpha=0.75, label=label)
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    ax.set_xlabel("n")
    ax.set_ylabel("m")
    ax.set_title('Letter: the mode of mode="auto"')


def cost(
    family: Family = affine_sine,
    ns: Sequence[int] = (1, 3, 10, 30, 100),
    ms: Sequence[int] = (1, 3, 10, 30, 100),
    *,
    seconds: float = 0.05,
) -> Cost:
    """Times of f and of its Jacobian in both modes, over a grid of sizes, with the mode that "auto" chooses.

    Arguments:
        family: (n, m) ↦ (f, x), f from ℝⁿ to ℝᵐ; unless given, one whose time hardly depends on n and m.
        ns, ms: the sizes.
        seconds: for how long each measurement is repeated (at least 3 times); the least time counts. It is the
            processor's time, so that other programs on the machine hardly disturb it.

    >>> grid = cost(ns=[1, 8], ms=[2], seconds=0.0)
    >>> [(c.n, c.m, c.auto) for c in grid.cells]
    [(1, 2, 'forward'), (8, 2, 'reverse')]
    """
    return Cost(getattr(family, "__name__", "f"), tuple(_cell(family, n, m, seconds) for n in ns for m in ms))


def _cell(family: Family, n: int, m: int, seconds: float) -> Cell:
    f, x = family(n, m)
    auto = jacobian(f).mode(x)
    forward, reverse = (jacobian(f, mode=mode) for mode in ("forward", "reverse"))
    times = _least([lambda: f(x), lambda: forward(x), lambda: reverse(x)], seconds)
    return Cell(n, m, times[0], times[1], times[2], auto)


_ROUNDS = 3


def _least(runs: list[Callable[[], Any]], seconds: float) -> list[float]:
    """The least time of each, as what disturbs a measurement only adds to it; in turns, so that it disturbs all."""
    best = [np.inf] * len(runs)
    for _ in range(_ROUNDS):
        for k, run in enumerate(runs):
            spent = 0.0
            while spent <= seconds / _ROUNDS:
                start = time.process_time()
                run()
                own = time.process_time() - start
                best[k], spent = min(best[k], own), spent + max(own, 1e-9)
    return best


__all__ = ["Cell", "Cost", "Family", "affine_sine", "cost"]
