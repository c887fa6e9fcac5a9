"""Where the values of a loop nest are computed: before the loops that they do not depend on.

The block before the loop at a level is the home of what depends on the variables of the outer loops alone. It is
written to while the loop itself is: that a value belongs there shows when it is needed.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from wengert.native import assembly as ir
from wengert.native.emit.strips import Steps
from wengert.native.maths.lanes import lanes, spread
from wengert.native.node import Form, Node, substitute

if TYPE_CHECKING:
    from wengert.native.emit.function import Function

At = tuple[Form, ...]


class Homes:
    """The homes of a nest of `levels` loops, of which that at `axis` is done in vectors and those inside it are written
    out; and the values that have been computed: `(node, at) -> value`. `inside` is where in the latter we are."""

    def __init__(self, function: Function, levels: int, axis: int) -> None:
        self.function, self.axis = function, axis
        self.inside: dict[int, int] = {}
        self._inside: dict[At, list[int]] = {}
        self.builders: list[Any] = []
        self.known: list[dict[Any, Any]] = [{} for _ in range(axis + 2)]
        self.spread_out: dict[Any, Any] = {}
        self.written_out = levels > axis + 1
        self._depths: dict[At, int] = {}
        self._needed: dict[tuple[Node, At], int] = {}

    def depth(self, at: At) -> int:
        """How many of the loops the place depends on: all up to that."""
        known = self._depths.get(at)
        if known is None:
            along = {k for _, terms in at for _, k in terms}
            self._inside[at] = [k for k in along if k > self.axis] if self.written_out else []
            looped = [k for k in along if k <= self.axis or not self.written_out]
            known = self._depths[at] = min(max(looped, default=-1), self.axis) + 1
        return known

    def builder(self, node: Node, at: At, is_read: bool) -> Any:
        """What writes where the value at the place belongs; None if that is in the loop done in vectors."""
        depth = self._needed[node, at] = self._depth_of(node, at, is_read)
        return self.builders[depth] if depth <= self.axis else None

    def _depth_of(self, node: Node, at: At, is_read: bool) -> int:
        if is_read or node.kind not in ("map", "index"):
            return self.depth(at)
        if node.kind == "index":
            return self.depth((substitute(node.info, at),))
        return max([self._needed.get((a, at), self.axis + 1) if a.shape else 0 for a in node.args])

    @contextmanager
    def before(self, level: int) -> Generator[None]:
        """A home before the loop at a level."""
        function, b = self.function.function, self.function.b
        home, onward = function.append_basic_block("home"), function.append_basic_block("onward")
        b.branch(home)
        b.position_at_end(onward)
        builder: Any = ir.IRBuilder(home)
        self.builders.append(builder)
        self.forget(level)
        yield
        self.builders.pop()
        builder.branch(onward)

    def forget(self, level: int) -> None:
        """What was computed in the loops from a level on is not known where they are run again."""
        for known in self.known[level:]:
            known.clear()
        self.spread_out.clear()

    def even(self, xs: list[Any]) -> list[Any]:
        """Numbers beside vectors are made vectors."""
        count = max([lanes(x.type) for x in xs])
        return [self.in_lanes(x, count) for x in xs] if count else xs

    def in_lanes(self, x: Any, count: int) -> Any:
        """A vector: of progressions too, and of numbers that were computed at home."""
        if isinstance(x, Steps):
            return x.written_out(self.function.b)
        if lanes(x.type):
            return x
        if isinstance(x, ir.Constant):
            return spread(None, x, count)
        if getattr(x, "parent", None) is self.function.b.block:
            return spread(self.function.b, x, count)
        found = self.spread_out.get((id(x), count))
        if found is None:
            found = self.spread_out[id(x), count] = x, spread(self.builders[-1], x, count)
        return found[1]

    # ── the values, by node and place ──

    def __contains__(self, key: tuple[Node, At]) -> bool:
        known, full = self._where(key)
        return full in known

    def __getitem__(self, key: tuple[Node, At]) -> Any:
        known, full = self._where(key)
        return known[full]

    def __setitem__(self, key: tuple[Node, At], value: Any) -> None:
        known, full = self._where(key)
        known[full] = value

    def _where(self, key: tuple[Node, At]) -> tuple[dict[Any, Any], Any]:
        known = self.known[self.depth(key[1])]
        inside = self._inside[key[1]]
        return known, (key, *[self.inside[k] for k in inside]) if inside else key
