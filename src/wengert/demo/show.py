"""What the demonstration puts on the screen: progress, tables, the picture."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

MARKS = "o+x*#"


def heading(text: str) -> None:
    """A line of text, underlined."""
    print(f"\n{text}\n{'─' * len(text)}")


@contextmanager
def progress(route: str) -> Generator[Callable[[int, float], None]]:
    """A function (iteration, value) that shows how far a fit has come."""
    if not sys.stdout.isatty() or find_spec("rich") is None:
        yield partial(_plain_progress, route)
        return
    from rich.console import Console

    with Console().status(route) as status:

        def report(i: int, value: float) -> None:
            status.update(f"{route}: iteration {i}, −log likelihood {value:.6f}")

        yield report


def _plain_progress(route: str, i: int, value: float) -> None:
    if i == 1 or i % 10 == 0:
        print(f"  {route}: iteration {i:3d}, −log likelihood {value:.6f}", flush=True)


def table(header: list[str], rows: list[list[str]]) -> None:
    """Columns of text, the first to the left, the others to the right."""
    widths = [max(len(row[k]) for row in [header, *rows]) for k in range(len(header))]
    for row in [header, *rows]:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)]
        print("  " + "  ".join(cells))


def picture(path: Path, x: Any, names: list[str], labels: Any, means: Any, covariances: Any) -> str:
    """The flowers by component and the 2σ ellipse of each component, as a PNG file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as untyped

    pyplot: Any = untyped
    figure, axes = pyplot.subplots(figsize=(7, 5), layout="constrained")
    circle = np.stack([np.cos(np.linspace(0, 2 * np.pi, 200)), np.sin(np.linspace(0, 2 * np.pi, 200))])
    for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        colour = f"C{k}"
        axes.scatter(*x[labels == k].T, s=14, color=colour, label=f"component {k + 1}")
        axes.plot(*(mean[:, None] + 2 * np.linalg.cholesky(covariance) @ circle), color=colour)
    axes.set(xlabel=f"{names[0]} (cm)", ylabel=f"{names[1]} (cm)", title="Gaussian mixture, 2σ ellipses")
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
    return str(path)


def text_picture(x: Any, names: list[str], labels: Any, width: int = 70, height: int = 20) -> str:
    """The flowers by component, one mark each, as text."""
    low, high = x.min(axis=0), x.max(axis=0)
    places = np.rint((x - low) / (high - low) * [width - 1, height - 1]).astype(int)
    grid = [[" "] * width for _ in range(height)]
    for (column, row), label in zip(places, labels, strict=True):
        grid[height - 1 - row][column] = MARKS[label]
    lines = ["  │" + "".join(row).rstrip() for row in grid]
    return "\n".join([f"  {names[1]} ↑", *lines, "  └" + "─" * width + f"→ {names[0]}"])
