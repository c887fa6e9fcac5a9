"""Run the ```python blocks of a page in order, and compare what they print with the ```text block that follows."""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")


@dataclass
class Block:
    """A block of code, the line where it stands, and what it is said to print (None: not said)."""

    code: str
    line: int
    output: str | None = None


def blocks(text: str) -> list[Block]:
    """The Python blocks of a page."""
    found: list[Block] = []
    end_of_last = -1
    for match in FENCE.finditer(text):
        kind, body = match.groups()
        if kind == "python":
            found.append(Block(body, text[: match.start()].count("\n") + 2))
            end_of_last = match.end()
        elif kind == "text" and found and not text[end_of_last : match.start()].strip():
            found[-1].output = body
    return found


def run(path: Path) -> list[tuple[Block, str]]:
    """Execute the blocks of a page in one namespace; what each printed."""
    namespace: dict = {"__name__": f"docs_{path.stem}"}
    printed = []
    text, name = path.read_text(), f"{path}"
    linecache.cache[name] = (len(text), None, _only_code(text), name)
    for block in blocks(text):
        source = "\n" * (block.line - 1) + block.code
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            exec(compile(source, name, "exec"), namespace)
        printed.append((block, shown.getvalue()))
    return printed


def _only_code(text: str) -> list[str]:
    """The lines of a page with everything but its code left empty, so that the source of a function can be found."""
    lines = ["\n"] * text.count("\n")
    for block in blocks(text):
        found = block.code.splitlines(keepends=True)
        lines[block.line - 1 : block.line - 1 + len(found)] = found
    return lines


def agree(printed: str, said: str) -> bool:
    """Equal as text, the last digits of numbers aside."""
    a, b = printed.split(), said.split()
    return len(a) == len(b) and all(x == y or _close(x, y) for x, y in zip(a, b, strict=True))


def _close(x: str, y: str) -> bool:
    if NUMBER.sub("#", x) != NUMBER.sub("#", y):
        return False
    pairs = zip(NUMBER.findall(x), NUMBER.findall(y), strict=True)
    return all(abs(float(p) - float(q)) <= 1e-9 + 1e-6 * abs(float(q)) for p, q in pairs)
