"""Running sums, products and extremes: a loop in which each element follows from the one before."""

from __future__ import annotations

from typing import Any

from wengert.ir.line import Line
from wengert.native.lower.table import lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import Node

RUNNING = {
    "numpy.cumsum": "add", "numpy.cumprod": "mul",
    "numpy.maximum.accumulate": "maximum", "numpy.minimum.accumulate": "minimum",
}  # fmt: skip


def _running(op: str) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        dtype = result_dtype(line)
        if dtype == "bool":
            raise Unsupported(f"{line.row.name} of truth values")
        x = m.cast(args[0], dtype)
        axis = line.params["axis"] % len(x.shape)
        return x if x.size == 0 else m.make("library", "scan", (x,), x.shape, dtype, (op, axis))

    return lowering


for _name, _op in RUNNING.items():
    lowers(_name)(_running(_op))
