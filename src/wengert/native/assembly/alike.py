"""Functions that are the same but for numbers, as one function that is given the numbers.

The loop nests of a long program differ in sizes, in where things lie in memory, and in constants; of those that do not
differ in more, LLVM compiles one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from wengert.native.assembly.module import Call, Function, Module

_GAP = re.compile("\0(.*?)\0")
_NUMBER = r"-?\d+|0x[0-9A-F]{16}"
_WITH_TYPE = re.compile(rf"\b(?P<kind>i64|double|float) (?P<x>{_NUMBER})(?=[,)]|$)")
_SECOND = re.compile(rf"%v\d+ = [a-z ]+ (?P<kind>i64|double|float) [^,]+, (?P<x>{_NUMBER})$")
_FROM = re.compile(rf"(?<=\[)(?:{_NUMBER})(?=,)")
_PHI = re.compile(r"= phi (i64|double|float) ")
_SPLAT = re.compile(rf"splat \((?P<kind>i64|double|float) (?P<x>{_NUMBER})\)")
_VECTOR = re.compile(r"<\d+ x (?:i64|double|float)>")
_CONSTANT = ("inttoptr", "> <")
"""What only numbers that are written out can stand in: addresses, different numbers in the lanes of a vector."""

Numbers = tuple[tuple[str, str], ...]
"""(type, number) for each gap; a vector has the number in every lane."""


def share(module: Module, single: list[tuple[Function, Call]]) -> None:
    """Let those that are alike among some functions, each of which is called at one place, be one."""
    alike: dict[str, list[tuple[Function, Call, list[tuple[str, str]]]]] = {}
    for function, call in single:
        text, numbers = _with_gaps(function)
        alike.setdefault(text, []).append((function, call, numbers))
    for text, same in alike.items():
        if len(same) > 1:
            _merge(module, text, same)


def _with_gaps(function: Function) -> tuple[str, list[tuple[str, str]]]:
    """The blocks of a function with gaps for numbers, and the numbers."""
    numbers: list[tuple[str, str]] = []
    lines: list[str] = []
    for block in function.basic_blocks:
        for line in block.written().split("\n"):
            text, its = gaps_of(line)
            lines.append(text)
            numbers += its
    return "\n".join(lines), numbers


@lru_cache(10_000)
def gaps_of(line: str) -> tuple[str, Numbers]:
    """A line with gaps for the numbers that may as well be computed, and the numbers."""
    if not any([kind in line for kind in ("i64", "double", "float")]) or any([word in line for word in _CONSTANT]):
        return line, ()
    if vector := _VECTOR.search(line):
        return _cut(line, [(m.start(), m.end(), vector[0], m["x"]) for m in _SPLAT.finditer(line)])
    if phi := _PHI.search(line):
        return _cut(line, [(m.start(), m.end(), phi[1], m[0]) for m in _FROM.finditer(line)])
    found = [(m.start("x"), m.end("x"), m["kind"], m["x"]) for m in _WITH_TYPE.finditer(line)]
    if second := _SECOND.search(line):
        found.append((second.start("x"), second.end("x"), second["kind"], second["x"]))
    return _cut(line, found)


def _cut(line: str, found: list[tuple[int, int, str, str]]) -> tuple[str, Numbers]:
    text, at = "", 0
    for start, end, kind, _ in found:
        text += f"{line[at:start]}\0{kind}\0"
        at = end
    return text + line[at:], tuple([(kind, x) for _, _, kind, x in found])


def _merge(module: Module, text: str, same: list[tuple[Function, Call, list[tuple[str, str]]]]) -> None:
    """The first function for all of them: what differs is given to it."""
    first = same[0][0]
    given: dict[Any, str] = {}
    spread: dict[tuple[str, str], str] = {}
    fillings: list[str] = []
    for column in zip(*[numbers for _, _, numbers in same], strict=True):
        kind, xs = column[0][0], tuple([x for _, x in column])
        element = kind.rpartition(" ")[2].rstrip(">")
        if all([x == xs[0] for x in xs]):
            fillings.append(xs[0] if kind == element else f"splat ({element} {xs[0]})")
            continue
        name = given.setdefault((element, xs), f"%k{len(given)}")
        fillings.append(name if kind == element else spread.setdefault((kind, name), f"{name}.s{len(spread)}"))
    ahead = iter(fillings)
    filled = _GAP.sub(lambda _: next(ahead), text)
    label, rest = filled.split("\n", 1)
    before = [line for (kind, name), out in spread.items() for line in _in_every_lane(kind, name, out)]
    lines = "\n ".join([label, *before]) + "\n" + rest
    first.shared = lines, tuple([f"{element} {name}" for (element, _), name in given.items()])
    for k, (function, call, _) in enumerate(same):
        more = "".join([f", {element} {xs[k]}" for element, xs in given])
        call.text = f"{call.text.replace(function.ref, first.ref, 1)[:-1]}{more})"
        if function is not first:
            del module.globals[function.name]


def _in_every_lane(kind: str, name: str, out: str) -> tuple[str, str]:
    """The lines that make a vector of a number."""
    count, _, element = kind.strip("<>").partition(" x ")
    alone = f"{out}.0"
    return (
        f"{alone} = insertelement {kind} undef, {element} {name}, i32 0",
        f"{out} = shufflevector {kind} {alone}, {kind} undef, <{count} x i32> zeroinitializer",
    )
