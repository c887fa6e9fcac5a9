"""Elements that lie a few places apart: those between them are read, and written, with them.

Columns of a matrix with few columns, real and imaginary parts, every second element. Of several that lie beside each
other, such as x[:, 0] and x[:, 1], all are read at once; what is written waits until all of a row are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wengert.native.emit.strips import merged, parted, store_lanes
from wengert.native.node import SIZES, Form, Node
from wengert.native.piecewise import reach

if TYPE_CHECKING:
    from wengert.native.emit.loops import Loops

MOST = 8
"""How many places apart."""


class Between:
    """What has been read, and what is still to be written, in a run of the loop in vectors."""

    def __init__(self, loops: Loops) -> None:
        self.loops, self.k = loops, loops.k
        self.read: dict[Any, list[Any]] = {}
        self.waiting: dict[Any, dict[int, tuple[Node, Any]]] = {}

    def begin(self) -> None:
        """The next elements are others."""
        self.read.clear()

    def fits(self, stride: int) -> bool:
        """Whether elements so far apart are read and written with those between them."""
        return bool(self.loops.lanes) and 1 < stride <= MOST

    def taken(self, node: Node, form: Form, stride: int) -> Any:
        """The elements at the places of a form; None where what lies between is not all of the array."""
        loops, (const, terms) = self.loops, self._settled(form)
        first = const - const % stride, terms
        lowest, highest = reach(first, tuple(loops.box))
        if lowest < 0 or highest + stride > node.size:
            return None
        key = node, first
        if key not in self.read:
            place, base = self.k.evaluated(first, loops), self.k.base(node)
            self.read[key] = parted(loops.b, base, place, stride, loops.lanes, SIZES[node.dtype])
        return self.read[key][const % stride]

    def put(self, node: Node, y: Any, form: Form, stride: int) -> None:
        """Write y to the places of a form, when all that lie between are there, or at the end of the run."""
        const, terms = self._settled(form)
        key = id(self.k.layout.of[node]), const - const % stride, terms, stride
        self.waiting.setdefault(key, {})[const % stride] = node, y

    def end(self) -> None:
        """Write what waits."""
        loops, b = self.loops, self.loops.b
        for (_, const, terms, stride), found in self.waiting.items():
            place = self.k.evaluated((const, terms), loops)
            if len(found) == stride:
                ys = [found[k][1] for k in range(stride)]
                node = found[0][0]
                store_lanes(b, merged(b, ys), self.k.base(node), place, 1, SIZES[node.dtype])
                continue
            for k, (node, y) in found.items():
                at = self.k.evaluated((const + k, terms), loops)
                store_lanes(b, y, self.k.base(node), at, stride, SIZES[node.dtype])
        self.waiting.clear()

    def _settled(self, form: Form) -> Form:
        """The form with the place in the loops that are written out."""
        const, terms = form
        inside = self.loops.homes.inside if self.loops.homes is not None else {}
        axis = self.loops.axis
        return const + sum(a * inside[k] for a, k in terms if k > axis), tuple((a, k) for a, k in terms if k <= axis)
