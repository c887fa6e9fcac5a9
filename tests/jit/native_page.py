"""Write docs/reference/native.md: how `jit` computes each primitive of the table."""

from __future__ import annotations

import sys
import textwrap
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import scipy

import wengert  # noqa: F401  enters the rows
from wengert.ir.row import ROWS, Row
from wengert.native.lower import trace  # noqa: F401
from wengert.native.lower.joined import JOINED
from wengert.native.lower.table import LOWER
from wengert.passes.complex import RULES
from wengert.record import swap
from wengert.rules.python_math import TWINS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "native.md"
VERSIONS = f"NumPy {np.__version__}, SciPy {scipy.__version__}"
INTRODUCTION = f"""\
# What is compiled

{VERSIONS}.
Generated from the tables by `make docs`; a test compares it with them.

`jit` turns each line of a recording into native code by the primitive's *lowering*. A ufunc without a lowering is computed by
its own inner loop, called from native code. A line with neither is given to NumPy: the result is the same, it costs a call of
Python (some 5 µs), and loops are not fused across it. So is a line whose types or options a lowering does not have. Complex
numbers are two real ones (below). Whole numbers of less than 64 bits are read and converted, but computed with by NumPy.
"""
COMPLEX = """\
These lines become lines on real and imaginary parts. Other lines on complex numbers are ufuncs computed by their own inner
loops, functions of SciPy's or ours that are compositions of these, or given to NumPy.
"""
ELSEWHERE = {"write", "guard", "constant", "getitem"}
"""What is not a function of its arguments: the trace's own lines."""


def how(row: Row) -> str:
    """`native`, `loop` or `numpy`."""
    if LOWER.get(row.op) or LOWER.get(row.name):
        return "native"
    return "loop" if isinstance(row.op, np.ufunc) and _has_real_loop(row.op) else "numpy"


def _has_real_loop(ufunc: Any) -> bool:
    """Whether the ufunc has a loop from real and whole numbers to floating ones."""
    pairs = [text.split("->") for text in ufunc.types]
    return any(set(ins) <= set("dflqi?") and set(outs) <= set("df") for ins, outs in pairs)


def names() -> dict[str, list[str]]:
    """How → the names of the rows, in order, those of SciPy's modules included."""
    for module in swap.LAZY.values():
        import_module(module)
    found: dict[str, set[str]] = {"native": set(), "loop": set(), "numpy": set()}
    for row in ROWS.values():
        if row.name not in ELSEWHERE and row.op not in TWINS:  # Python's functions go NumPy's way
            found[how(row)].add(row.name)
    return {key: sorted(rows) for key, rows in found.items()}


def write() -> str:
    """The page as text."""
    found = names()
    parts = [INTRODUCTION]
    for key, title in (("native", "Lowered"), ("loop", "By the ufunc's own inner loop"), ("numpy", "Given to NumPy")):
        listed = ", ".join(f"`{name}`" for name in found[key])
        text = textwrap.fill(f"{len(found[key])}: {listed}.", 120, break_long_words=False, break_on_hyphens=False)
        parts.append(f"## {title}\n\n{text}\n")
    listed = ", ".join(f"`{name}`" for name in of_parts())
    text = textwrap.fill(f"{len(of_parts())}: {listed}.", 120, break_long_words=False, break_on_hyphens=False)
    parts.append(f"## Of complex numbers\n\n{COMPLEX}\n{text}\n")
    return "\n".join(parts)


def of_parts() -> list[str]:
    """The rows with a form on the parts of complex numbers, transforms included."""
    known = [*RULES, *JOINED]
    return sorted({row.name for row in ROWS.values() if row.op in known or row.name in known})


if __name__ == "__main__":
    if "--print" in sys.argv:
        sys.stdout.write(write())
    else:
        PAGE.write_text(write())
