"""Find where numbers repeat: what the lines of a loop look like, if each kind of line has a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

WINDOW = 4
"""This many lines in a row must come again before a stretch is looked at."""
FEWEST_LINES = 96
"""A shorter stretch stays as it is: straight code is quicker where it is short."""

MULTIPLES = (1, 2, 3, 4, 6, 8, 12)
"""What is swapped from run to run repeats after several."""


@dataclass(frozen=True)
class Repeat:
    """Lines start … start + count·period − 1 are `count` times the same `period` kinds of lines."""

    start: int
    period: int
    count: int


def repeats(numbers: np.ndarray[Any, Any], start: int = 0) -> Repeat | None:
    """The first long repeat from line `start` on, with its shortest period."""
    tail = numbers[start:]
    runs = [run for p in _periods(tail) for run in _runs(tail, p)]
    if not runs:
        return None
    longest = max(runs, key=lambda r: r[1] * r[2])
    earlier = [r for r in runs if r[0] + r[1] * r[2] <= longest[0] + longest[1]]
    first = max(earlier, key=lambda r: r[1] * r[2], default=longest)
    same = [r for r in runs if r[0] <= first[0] + first[1] and r[1] * r[2] >= 0.8 * first[1] * first[2]]
    s, p, c = min(same, key=lambda r: (r[1], r[0]), default=first)
    return Repeat(start + s, p, c)


def _periods(numbers: np.ndarray[Any, Any]) -> list[int]:
    """How far apart equal windows of lines are, most often first."""
    n = len(numbers) - WINDOW + 1
    if n < 2:
        return []
    found: dict[int, int] = {}
    for width in (WINDOW, 4 * WINDOW, 32 * WINDOW):
        if width < len(numbers):
            for gap, times in _gaps(numbers, width):
                found[gap] = max(found.get(gap, 0), times)
    return [gap for gap, _ in sorted(found.items(), key=lambda item: -item[1])[:24]]


def _gaps(numbers: np.ndarray[Any, Any], width: int) -> Iterator[tuple[int, int]]:
    """(distance, how often) of equal windows that follow each other."""
    n = len(numbers) - width + 1
    hashes = np.zeros(n, dtype=np.uint64)
    for k in range(width):
        hashes = hashes * np.uint64(1_000_003) + numbers[k : k + n].astype(np.uint64) + np.uint64(7)
    order = np.argsort(hashes, kind="stable")
    same = hashes[order[1:]] == hashes[order[:-1]]
    values, counts = np.unique((order[1:] - order[:-1])[same], return_counts=True)
    best = np.argsort(-counts, kind="stable")[:12]
    yield from zip(values[best].tolist(), counts[best].tolist(), strict=True)


def _runs(numbers: np.ndarray[Any, Any], p: int) -> list[tuple[int, int, int]]:
    """(start, p, count) of the stretches that repeat with period p."""
    if p >= len(numbers):
        return []
    equal = np.concatenate([[False], numbers[p:] == numbers[:-p], [False]])
    edges = np.flatnonzero(equal[1:] != equal[:-1])
    out: list[tuple[int, int, int]] = []
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        count = (end - begin + p) // p
        if count >= 3 and count * p >= FEWEST_LINES:
            out.append((begin, p, count))
    return out


def ongoing(numbers: np.ndarray[Any, Any], runs: int) -> tuple[int, int] | None:
    """(start, period) of what repeats at the end, if that is at least so many runs, and half of all."""
    n = len(numbers)
    found: list[tuple[int, int]] = []
    for p in _periods(numbers):
        if runs * p > n:
            continue
        different = np.flatnonzero(numbers[p:] != numbers[:-p])
        start = int(different[-1]) + 1 if len(different) else 0
        if n - start >= max(runs * p, n // 2):
            found.append((start, p))
    if not found:
        return None
    longest = n - min(found)[0]
    return min([f for f in found if n - f[0] >= 0.8 * longest], key=lambda f: (f[1], f[0]))
