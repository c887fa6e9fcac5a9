"""Nested containers of arrays ↔ flat lists of leaves, by optree; dataclasses included."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wengert.later import Later

if TYPE_CHECKING:
    import optree
else:
    optree = Later("optree")  # only containers need it, and it takes as long to import as a third of wengert

NAMESPACE = "wengert"
_PLAIN_LEAVES = {float, int, complex, str, bytes, bool, type(None)}


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The leaves of a tree, and its structure."""
    _register_dataclasses(tree)
    leaves, structure = optree.tree_flatten(tree, none_is_leaf=True, namespace=NAMESPACE)
    return leaves, structure


def unflatten(structure: Any, leaves: Any) -> Any:
    """The tree of that structure with these leaves."""
    return optree.tree_unflatten(structure, leaves)


def tree_map(function: Callable[..., Any], tree: Any) -> Any:
    """The tree with function applied to each leaf."""
    leaves, structure = flatten(tree)
    return unflatten(structure, [function(leaf) for leaf in leaves])


def broadcast_prefix(prefix: Any, tree: Any) -> list[Any]:
    """For each leaf of the tree, the leaf of `prefix` that stands for it; ValueError where they do not fit."""
    return optree.broadcast_prefix(prefix, tree, none_is_leaf=True, namespace=NAMESPACE)


def paths(tree: Any) -> list[str]:
    """For each leaf, how to reach it: `['w'][0]`."""
    _register_dataclasses(tree)
    accessors = optree.tree_accessors(tree, none_is_leaf=True, namespace=NAMESPACE)
    return [a.codify("") for a in accessors]


def _register_dataclasses(tree: Any) -> None:
    """Let optree see into the dataclass instances in the tree."""
    kind = type(tree)
    if kind in _PLAIN_LEAVES:
        return
    if kind in NODES and kind not in _registered:
        _registered.add(kind)
        optree.register_pytree_node(kind, *NODES[kind], namespace=NAMESPACE)
    elif dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        if kind not in _registered:
            _registered.add(kind)
            _register(kind)
        for field in dataclasses.fields(tree):
            _register_dataclasses(getattr(tree, field.name))
    elif isinstance(tree, dict):
        for part in tree.values():  # type: ignore[reportUnknownVariableType]
            _register_dataclasses(part)
    elif kind is list or isinstance(tree, tuple):
        for part in tree:  # type: ignore[reportUnknownVariableType]
            _register_dataclasses(part)


_registered: set[type] = set()
NODES: dict[Any, tuple[Callable[..., Any], Callable[..., Any]]] = {}
"""class of containers → (instance → children and the rest, rest and children → instance)"""


def _register(kind: type) -> None:
    names = [field.name for field in dataclasses.fields(kind)]

    def split(x: Any) -> Any:
        return tuple(getattr(x, name) for name in names), kind, tuple(names)

    def join(_: Any, children: Any) -> Any:
        x = object.__new__(kind)
        for name, child in zip(names, children, strict=True):
            object.__setattr__(x, name, child)
        return x

    optree.register_pytree_node(kind, split, join, namespace=NAMESPACE)
