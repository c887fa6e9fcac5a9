"""c + a b as one call of BLAS, which adds to c in place where nobody reads c afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from wengert.native.node import Node, needed


def accumulated(wanted: list[Node], carried: int) -> dict[Node, Node]:
    """What to use in place of each node that the wanted ones need: sums with a product that nobody else uses are made
    one node with it, a matmul of three arguments. In a loop's body the first `carried` inputs may be written to."""
    live = needed(wanted)
    uses = Counter([a for node in live for a in node.args] + wanted)
    new: dict[Node, Node] = {}
    for node in live:
        args = tuple([new[a] for a in node.args])
        same = all(a is b for a, b in zip(args, node.args, strict=True))
        new[node] = _one_call(node, args, uses, carried) or (node if same else replace(node, args=args))
    return new


def _one_call(node: Node, args: tuple[Node, ...], uses: Counter[Node], carried: int) -> Node | None:
    """The sum as a product that is added to something; None if it is not one."""
    if node.kind != "map" or node.op != "add":
        return None
    for k in (1, 0):
        product, other = args[k], args[1 - k]
        alone = uses[node.args[k]] == 1 and product.kind == "matmul" and len(product.args) == 2
        # Anything else is better added in the loop that reads the sum.
        in_memory = other.kind in ("matmul", "item") or (other.kind == "input" and other.info < carried)
        if alone and in_memory and product.shape == other.shape == node.shape:
            return Node("matmul", None, (*product.args, other), node.shape, node.dtype, product.info, node.serial)
    return None
