"""Repeated stretches of a trace (an unrolled loop) folded: one body, and how many times it ran.

Lines are alike if they come from the same place in the source and do the same to the same types.
Folding is repeated on what it gives, so that loops in loops become bodies in bodies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.ir.line import Line, Var

FEWEST, SMALLEST = 3, 9
"""A stretch is folded from so many repetitions and so many lines (or folded bodies) in all."""
LONGEST_BODY = 400
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Repeat:
    """`bodies` are alike: one tuple of nodes per iteration."""

    bodies: tuple[tuple[Node, ...], ...]


Node = int | Repeat
"""A line by its number, or a repeated stretch."""


def fold(lines: tuple[Line, ...]) -> tuple[Node, ...]:
    """The lines with repeated stretches put together, the shortest bodies first."""
    shapes: dict[Any, int] = {}
    nodes: list[Node] = list(range(len(lines)))
    keys = np.array([shapes.setdefault(_shape(line), len(shapes)) for line in lines], int)
    for _ in range(ROUNDS):
        before, p = len(nodes), 1
        while p <= min(len(nodes) // FEWEST, LONGEST_BODY):
            nodes, keys = _folded(nodes, keys, p, shapes)
            p += 1
        if len(nodes) == before:
            break
    return tuple(nodes)


def _shape(line: Line) -> Any:
    args = tuple(a.type if isinstance(a, Var) else "literal" for a in line.args)
    return line.row, line.origin, args, tuple(out.type for out in line.outs)


def _folded(nodes: list[Node], keys: Any, p: int, shapes: dict[Any, int]) -> tuple[list[Node], Any]:
    """The nodes with every stretch of period p folded."""
    stretches = _stretches(keys, p)
    if not stretches:
        return nodes, keys
    out: list[Node] = []
    out_keys: list[int] = []
    done = 0
    for start, count in stretches:
        out += nodes[done:start]
        out_keys += keys[done:start].tolist()
        done = start + p * count
        out.append(Repeat(tuple(tuple(nodes[i : i + p]) for i in range(start, done, p))))
        out_keys.append(shapes.setdefault(("repeat", *keys[start : start + p].tolist()), len(shapes)))
    return [*out, *nodes[done:]], np.array(out_keys + keys[done:].tolist(), int)


def _stretches(keys: Any, p: int) -> list[tuple[int, int]]:
    """(start, repetitions) of the places where keys repeat with period p, from left to right."""
    equal = np.concatenate([[False], keys[:-p] == keys[p:], [False]])
    edges = np.flatnonzero(equal[1:] != equal[:-1])
    found: list[tuple[int, int]] = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        count = (stop - start) // p + 1
        if count >= FEWEST and count * p >= SMALLEST:
            found.append((start, count))
    return found


# ── cells: what is drawn once ──


@dataclass(slots=True)
class Cell:
    """The lines that are drawn in one place: one, or the same line of every iteration."""

    lines: list[int]
    groups: tuple[int, ...] = ()


@dataclass(slots=True)
class Group:
    """A body: its cells, the group around it (−1: none), and where each of its iterations starts and ends."""

    parent: int
    cells: list[int] = field(default_factory=list[int])
    starts: list[int] = field(default_factory=list[int])
    ends: list[int] = field(default_factory=list[int])


@dataclass(slots=True)
class Folded:
    """The cells of a trace in order, and the groups that they are in."""

    cells: list[Cell] = field(default_factory=list[Cell])
    groups: list[Group] = field(default_factory=list[Group])


def cells(nodes: tuple[Node, ...]) -> Folded:
    """Every node of a folded trace as cells and groups."""
    folded = Folded()
    _place(folded, [nodes], ())
    return folded


def _place(folded: Folded, instances: list[tuple[Node, ...]], path: tuple[int, ...]) -> None:
    for alike in zip(*instances, strict=True):
        if isinstance(alike[0], int):
            lines = [node for node in alike if isinstance(node, int)]
            for g in path:
                folded.groups[g].cells.append(len(folded.cells))
            folded.cells.append(Cell(lines, path))
            continue
        bodies = [body for node in alike if isinstance(node, Repeat) for body in node.bodies]
        group = Group(path[-1] if path else -1)
        group.starts = [first_line(body[0]) for body in bodies]
        group.ends = [last_line(body[-1]) for body in bodies]
        folded.groups.append(group)
        _place(folded, bodies, (*path, len(folded.groups) - 1))


def first_line(node: Node) -> int:
    """The first line of a node."""
    return node if isinstance(node, int) else first_line(node.bodies[0][0])


def last_line(node: Node) -> int:
    """The last line of a node."""
    return node if isinstance(node, int) else last_line(node.bodies[-1][-1])
