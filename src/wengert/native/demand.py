"""What it takes to compute a stored node: what is read, what is computed at which place, and how often."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from wengert.native.node import Form, Node, Shape, compose, identity
from wengert.native.piecewise import NOTHING, Box, Cut, cuts_between, inner, inverse, volume, whole

LOOPED = {"reduce", "insert", "scatter"}
CALLED = {"matmul", "library", "call", "loop"}
At = tuple[Form, ...]


@dataclass(eq=False, slots=True)
class Demand:
    """What the loop nest over `domain` that computes a node needs.

    reads   stored nodes and numbers, and whether at the place that is computed only
    times   for what is computed on the way, at each place relative to that one: how often
    cuts    where its loops are cut, so that every part knows which piece it is in
    vague   pieces that are read at places of which no cut tells which side they are on
    far     where it was given up, since there is too much to compute on the way: what would be next
    """

    domain: Shape
    reads: set[tuple[Node, bool]] = field(default_factory=set[tuple[Node, bool]])
    times: dict[tuple[Node, At], int] = field(default_factory=dict[tuple[Node, At], int])
    cuts: set[Cut] = field(default_factory=set[Cut])
    vague: set[Node] = field(default_factory=set[Node])
    far: set[Node] = field(default_factory=set[Node])


MOST_TIMES = 400
"""So many nodes are computed on the way at the most, each place counted."""


def demand(root: Node, stored: set[Node]) -> Demand:
    """What computing the root needs, if these nodes are stored."""
    found = Demand(domain_of(root))
    here = identity(len(found.domain))
    seen: set[tuple[Node, At, Box]] = set()
    ahead = deque([(root, here, whole(found.domain))])
    while ahead:
        for item in _steps(*ahead.popleft(), found, stored):
            node, at, box = item
            if node in stored or not node.shape:
                found.reads.add((node, at == here and node.kind not in LOOPED))
            elif item not in seen:
                seen.add(item)
                if len(found.times) >= MOST_TIMES:
                    found.far.add(node)
                    continue
                found.times[node, at] = max(found.times.get((node, at), 0), volume(box))
                ahead.append(item)
    return found


def _steps(node: Node, at: At, box: Box, found: Demand, stored: set[Node]) -> Iterable[tuple[Node, At, Box]]:
    """What is computed, where, when the node is computed at a place; what is read from memory is noted."""
    if node.kind == "map":
        return [(a, at if a.shape else (), box) for a in node.args]
    return _steps_elsewhere(node, at, box, found, stored)


def _steps_elsewhere(node: Node, at: At, box: Box, found: Demand, stored: set[Node]) -> Iterator[tuple[Node, At, Box]]:
    """`_steps` of what reads at other places than it is computed at."""
    if node.kind in ("insert", "scatter", "gather", "reshape"):
        base = node.args[0]  # one number, repeated, need not be stored to be written into
        found.reads.add((base if base in stored else base.args[0], False))
    if node.kind != "piece":
        for a, place in places_read(node, at):
            yield a, place, box
        return
    base, part = node.args
    mine = inner(node.info, part.shape, at, box)
    if mine is None:
        found.vague.add(node)
        mine = box
    if mine != NOTHING:
        found.cuts.update(cuts_between(mine, box))
        yield part, inverse(node.info, len(part.shape), at), mine
    if mine != box:
        yield base, at, box


def is_uniform(node: Node) -> bool:
    """Whether the node repeats one number."""
    return node.kind == "view" and not node.args[0].shape


def domain_of(node: Node) -> Shape:
    """What the loop nest that computes a stored node runs over."""
    if node.kind == "reduce":
        return node.args[0].shape
    if node.kind == "insert":
        return node.args[1].shape
    return node.args[1].shape if node.kind == "scatter" else node.shape


def places_read(node: Node, at: At) -> list[tuple[Node, At]]:
    """The arguments that are computed in place, and where, when the node is computed at a place."""
    if node.kind == "map":
        return [(a, at if a.shape else ()) for a in node.args]
    if node.kind == "view":
        return [(node.args[0], compose(node.info, at))]
    if node.kind == "reduce":
        return [(node.args[0], at)]
    if node.kind == "insert":
        return [(node.args[1], at if node.args[1].shape else ())]
    if node.kind == "piece":
        base, part = node.args
        return [(base, at), (part, inverse(node.info, len(part.shape), at))]
    if node.kind == "gather":
        return [(node.args[1], at if node.args[1].shape else ())]
    return [(node.args[1], at), (node.args[2], at if node.args[2].shape else ())] if node.kind == "scatter" else []
