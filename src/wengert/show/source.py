"""The source code that the lines of a trace come from: whole functions, with the file and line of each."""

from __future__ import annotations

import ast
import linecache
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

CONTEXT = 3
"""Lines shown around one whose function cannot be found."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive lines of one file, from number `start` on."""

    file: str
    start: int
    lines: tuple[str, ...]


def blocks(places: Iterable[tuple[str, int]]) -> list[Block]:
    """The functions (or statements) that contain these lines, in the order in which they are met."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for file, number in places:
        if file and number not in wanted[file]:
            wanted[file].append(number)
    return [block for file, numbers in wanted.items() for block in _of_file(file, numbers)]


def _of_file(file: str, numbers: list[int]) -> list[Block]:
    source = linecache.getlines(file)
    if not source:
        return []
    ranges = _definitions("".join(source))
    found: list[tuple[int, int]] = []
    for number in numbers:
        if number > len(source) or any(a <= number <= b for a, b in found):
            continue
        around = [r for r in ranges if r[0] <= number <= r[1]]
        found.append(min(around) if around else (max(1, number - CONTEXT), min(len(source), number + CONTEXT)))
    return [Block(file, a, tuple(line.rstrip("\n") for line in source[a - 1 : b])) for a, b in _merged(found)]


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for a, b in sorted(ranges):
        if merged and a <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return merged


def _definitions(source: str) -> list[tuple[int, int]]:
    """First and last lines of the functions of a file, and of what else stands at its top level."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return []
    found: list[tuple[int, int]] = []
    for node in body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        for part in inner:
            decorated = [d.lineno for d in getattr(part, "decorator_list", [])]
            found.append((min([part.lineno, *decorated]), part.end_lineno or part.lineno))
    return found
