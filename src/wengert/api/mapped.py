"""Axes of a batch: which axis of each argument runs over the examples, and where results get theirs."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert import tree
from wengert.api.inputs import argument, describe
from wengert.errors import BadInput
from wengert.record.apply import plain
from wengert.record.value import Array, Scalar, concrete, is_value, stopped


class Mapped:
    """The arguments of one call of a mapped function, taken apart.

    `batches` are the mapped leaves, the axis of the examples first; `picked` are their places among
    all leaves.
    """

    def __init__(self, f: Any, args: tuple[Any, ...], kwargs: dict[str, Any], in_axes: Any) -> None:
        self.f = self.__wrapped__ = f
        self.leaves, self.structure = tree.flatten((args, kwargs))
        axes = _axes_of(args, kwargs, in_axes)
        names = _names(f, args, kwargs)
        self.picked = [k for k, axis in enumerate(axes) if axis is not None]
        self.batches = [_first(self.leaves[k], axes[k], names[k]) for k in self.picked]
        self.count = _count(self.batches, [names[k] for k in self.picked], [self.leaves[k] for k in self.picked])

    def __call__(self, *mapped: Any) -> Any:
        """f with these in place of its mapped leaves. Other arrays are kept from being written to."""
        leaves = [_kept(x) for x in self.leaves]
        for k, x in zip(self.picked, mapped, strict=True):
            leaves[k] = x
        args, kwargs = tree.unflatten(self.structure, leaves)
        return self.f(*args, **kwargs)

    def example(self, b: int) -> tuple[Any, ...]:
        """The mapped leaves of example b, without derivatives."""
        return tuple([_own(stopped(x)[b]) for x in self.batches])

    def recorded_example(self, b: int) -> tuple[Any, ...]:
        """The mapped leaves of example b, recorded if the batch is."""
        return tuple([_own(x[b]) for x in self.batches])


def _own(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def _kept(x: Any) -> Any:
    """An array that every example reads: as one that is copied before it is written to."""
    if type(x) is np.ndarray and x.dtype.kind in "fc":
        x = Array(x)
        x.shared = True
    return x


def _axes_of(args: tuple[Any, ...], kwargs: dict[str, Any], in_axes: Any) -> list[Any]:
    """The axis of each leaf, None where it is not mapped."""
    if isinstance(in_axes, list):
        in_axes = tuple(in_axes)
    if isinstance(in_axes, tuple) and len(in_axes) != len(args):
        raise BadInput(
            f"vmap: in_axes has {len(in_axes)} entries, but the function was called with {len(args)} positional "
            f"argument{'s' * (len(args) != 1)}.\nGive one entry per positional argument, or one number for all."
        )
    axes = _spread(in_axes, args, "in_axes", "the arguments")
    return axes + [0] * len(tree.flatten(kwargs)[0])


def _spread(axes: Any, whole: Any, option: str, what: str) -> list[Any]:
    """One entry of `axes`, a number or a container shaped as (the outer part of) `whole`, per leaf of `whole`."""
    try:
        spread = tree.broadcast_prefix(axes, whole)
    except ValueError as error:
        raise BadInput(
            f"vmap: {option} is {axes!r}, which is not shaped as {what}: {error}.\n"
            "Give a number, None, or containers of them in the shape of the containers."
        ) from None
    for axis in spread:
        if axis is not None and (isinstance(axis, bool) or not isinstance(axis, (int, np.integer))):
            raise BadInput(f"vmap: {option} holds {axis!r}.\nAn entry is the number of an axis, or None.")
    return spread


def _names(f: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    """For each leaf, what to call it in an error."""
    names = [argument(f, k, path) for k, x in enumerate(args) for path in tree.paths(x)]
    return names + [f"argument '{key}{path}'" for key in sorted(kwargs) for path in tree.paths(kwargs[key])]


def _first(x: Any, axis: int, name: str) -> Any:
    """x with its axis number `axis` first."""
    if not is_value(x) and not isinstance(x, (np.ndarray, np.generic)):
        raise BadInput(
            f"vmap: {name} is {describe(x)}, which has no axis to map over.\n"
            "Pass an array, or put None for it in in_axes: every example then gets it whole."
        )
    rank = np.ndim(concrete(x))
    if not -rank <= axis < rank:
        raise BadInput(
            f"vmap: {name} is {describe(x)}, which has no axis {axis} to map over.\n"
            "Put None for it in in_axes if every example gets it whole."
        )
    batch: Any = x
    return np.moveaxis(batch, axis, 0)


def _count(batches: list[Any], names: list[str], leaves: list[Any]) -> int:
    """The number of examples, which all mapped axes must agree on."""
    sizes = [np.shape(concrete(x))[0] for x in batches]
    if not sizes:
        raise BadInput("vmap: no argument is mapped, so there is no batch.\nGive in_axes a number for at least one.")
    if len(set(sizes)) > 1:
        lines = [f"  {name}: {describe(x)}, {n}" for name, x, n in zip(names, leaves, sizes, strict=True)]
        raise BadInput(
            "vmap: the mapped axes differ in size.\n" + "\n".join(lines) + "\n"
            "Every mapped axis must be as long as the batch; see in_axes."
        )
    if not sizes[0]:
        raise BadInput(f"vmap: {names[0]} has no examples: it is {describe(leaves[0])}.\nPass at least one.")
    return sizes[0]


def placed(result: Any, out_axes: Any, inputs: list[Any]) -> Any:
    """The result with the axis of the examples where out_axes says, in memory of its own."""
    leaves, structure = tree.flatten(result)
    axes = _spread(out_axes, result, "out_axes", "the result")
    seen = {id(x) for x in inputs}
    return tree.unflatten(structure, [_placed(x, axis, seen) for x, axis in zip(leaves, axes, strict=True)])


def _placed(x: Any, axis: Any, seen: set[int]) -> Any:
    if x is None:
        return None
    if axis is None:
        return _the_same(x)
    rank = np.ndim(concrete(x))
    if not -rank <= axis < rank:
        raise BadInput(
            f"vmap: out_axes is {axis}, but a result with its examples is {describe(x)}.\n"
            f"Give an axis between {-rank} and {rank - 1}."
        )
    y = np.moveaxis(x, 0, axis) if axis % rank else x
    if y.base is None and id(y) not in seen and type(y) is not Scalar:
        seen.add(id(y))
        return plain(y)
    return plain(y.copy())


def _the_same(x: Any) -> Any:
    """What all examples agree on."""
    values = concrete(x)
    first = values[:1]
    if not np.array_equal(values, np.broadcast_to(first, values.shape), equal_nan=values.dtype.kind in "fc"):
        raise BadInput(
            "vmap: out_axes is None for a result that differs between the examples.\n"
            "Give the axis along which the examples' results are to be stacked."
        )
    y = x[0]
    return plain(y.copy()) if isinstance(y, np.ndarray) else y
