"""What our plots have in common: axes that need no screen, colours that everybody can tell apart, quiet grids."""

from __future__ import annotations

from importlib import import_module
from typing import Any

BLUE, ORANGE, GREEN, PINK, SKY, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#666666"
"""Okabe & Ito 2008: distinct for every kind of colour vision."""
COLOURS = (BLUE, RED, GREEN, ORANGE, PINK, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P")


def new_axes(ax: Any = None, size: tuple[float, float] = (7.0, 4.4)) -> Any:
    """`ax`, or the axes of a new figure that belongs to no window; `ax.figure.savefig(path)` writes it."""
    if ax is None:
        figure = _matplotlib("figure").Figure(figsize=size, dpi=120, layout="constrained", facecolor="white")
        ax = figure.add_subplot()
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.grid(True, which="major", color="#dddddd", linewidth=0.7)
    ax.set_axisbelow(True)
    return ax


def new_figure(rows: int, columns: int, size: tuple[float, float]) -> tuple[Any, Any]:
    """A figure that belongs to no window, and its axes."""
    figure = _matplotlib("figure").Figure(figsize=size, dpi=120, layout="constrained", facecolor="white")
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        new_axes(ax)
    return figure, axes


def _matplotlib(module: str) -> Any:
    try:
        return import_module(f"matplotlib.{module}")
    except ImportError as error:  # pragma: no cover
        raise ImportError("plots need matplotlib.\nInstall it with: pip install 'wengert[plot]'") from error
