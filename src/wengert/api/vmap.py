"""A function of one example, applied to a batch: vmap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.mapped import Mapped, placed
from wengert.api.operator import Operator
from wengert.api.recorded import Recorded
from wengert.batch.line import Unbatchable
from wengert.batch.replay import Replay
from wengert.batch.witness import require_same
from wengert.errors import BadInput
from wengert.record import swap
from wengert.record.apply import INPUT, plain
from wengert.record.refusals import Forgiven
from wengert.record.value import BATCH, Array, Line, Recorder, Scalar, concrete, is_value

_FEW = 3
"""So many examples are called one by one: a recording costs as much."""
_WAYS = 64
"""After so many different ways through the function, the other examples are called one by one."""


class Part:
    """The results of some examples: leaves with a leading axis, or (`many` False) the same for all of them."""

    __slots__ = ("leaves", "many", "members", "structure")

    def __init__(self, members: Any, structure: Any, leaves: list[Any], many: list[bool]) -> None:
        self.members, self.structure, self.leaves, self.many = members, structure, leaves, many

    def whole(self, k: int) -> Any:
        """Leaf k with a leading axis."""
        x = self.leaves[k]
        if self.many[k]:
            return x
        if not is_value(x):
            x = np.asarray(x)
        return np.broadcast_to(x, (len(self.members), *np.shape(concrete(x))))


class Vmap(Operator):
    """See `vmap`."""

    name = "vmap"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        f = swap.REPLACED[self.f] if swap.is_replaced(self.f) else self.f
        mapped = Mapped(f, args, kwargs, self.options["in_axes"])
        result = joined(parts_of(mapped), mapped.count)
        return placed(result, self.options["out_axes"], mapped.batches + mapped.leaves)


def parts_of(mapped: Mapped) -> list[Part]:
    """The results of all examples, those that go the same way together."""
    parts: list[Part] = []
    waiting: Any = np.arange(mapped.count)
    while len(waiting):
        if len(waiting) <= _FEW or len(parts) > _WAYS:
            return parts + one_by_one(mapped, waiting)
        try:
            with Forgiven():
                part = together(mapped, waiting)
        except Exception:  # whatever goes wrong, calling f for each example shows it better
            return parts + one_by_one(mapped, waiting)
        parts.append(part)
        waiting = np.setdiff1d(waiting, part.members)
    return parts


def one_by_one(mapped: Mapped, members: Any) -> list[Part]:
    """Calls of f: what vmap means."""
    return [_called(mapped, int(b)) for b in members]


def _called(mapped: Mapped, b: int) -> Part:
    leaves, structure = tree.flatten(mapped(*mapped.recorded_example(b)))
    return Part(np.array([b]), structure, [plain(x) for x in leaves], [False] * len(leaves))


class _Example(Recorded):
    """The recording of f at one example: of whole numbers and truth values too."""

    __slots__ = ()

    def _leaf(self, rec: Recorder, x: Any, keep: bool) -> Any:
        value = super()._leaf(rec, x, keep)
        if value is not None:
            return value
        if isinstance(x, np.ndarray):
            value = Array(x, rec, len(rec.lines))
            value.shared = True
        else:
            value = Scalar(x, rec, len(rec.lines))
        self.leaves.append(x)
        rec.append(_INPUT_LINE)
        return value


_INPUT_LINE: Line = (INPUT, (), None, (), None, None)


def _recorded(mapped: Mapped, b: int) -> Recorded:
    example = mapped.example(b)
    run = _Example(mapped, example, {}, tuple(range(len(example))), "vmap", traces=BATCH)
    if run.frozen:
        raise Unbatchable("a value of this example was taken as a constant")
    return run


def together(mapped: Mapped, members: Any) -> Part:
    """The results of as many of the members as go the way of the first one."""
    run = _recorded(mapped, int(members[0]))
    replay = Replay(run.lines, run.writes, run.out_slots, len(members))
    require_same(run.lines, _recorded(mapped, int(members[-1])).lines, replay.live)
    found = replay.run([x if len(members) == mapped.count else x[members] for x in mapped.batches])
    pairs = [(y, False) if s < 0 else pair for s, y, pair in zip(run.out_slots, run.out_leaves, found, strict=True)]
    structure = tree.flatten(0)[1] if run.out_structure is None else run.out_structure
    return Part(members[replay.members], structure, [plain(x) for x, _ in pairs], [many for _, many in pairs])


# ── the parts put together ──


def joined(parts: list[Part], count: int) -> Any:
    """The results of all examples, the axis of the examples first."""
    structure = parts[0].structure
    for part in parts:
        if part.structure != structure:
            raise BadInput(
                f"vmap: example {parts[0].members[0]} returns {structure}, example {part.members[0]} {part.structure}."
                "\nEvery example must return the same containers."
            )
    order = np.argsort(np.concatenate([part.members for part in parts]))
    return tree.unflatten(structure, [_joined_leaf(parts, k, order) for k in range(structure.num_leaves)])


def _joined_leaf(parts: list[Part], k: int, order: Any) -> Any:
    if all(not part.many[k] and part.leaves[k] is None for part in parts):
        return None
    pieces = [part.whole(k) for part in parts]
    if len(pieces) == 1:
        return pieces[0]
    shapes = [np.shape(concrete(x))[1:] for x in pieces]
    for part, shape in zip(parts, shapes, strict=True):
        if shape != shapes[0]:
            raise BadInput(
                f"vmap: the result of example {parts[0].members[0]} has shape {shapes[0]}, that of example "
                f"{part.members[0]} {shape}.\nResults can be stacked only where all have one shape."
            )
    return np.concatenate(pieces)[order]


def vmap(f: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Vmap:
    """f applied to a batch: the results of f for each example, stacked.

    Arguments:
        f: a function of one example; any NumPy or SciPy code, with Python's control flow.
        in_axes: which axis of each positional argument runs over the examples: a number, or None where
            every example gets the argument whole; one for all arguments, or a tuple with an entry per
            argument, in which a container stands for the leaves of a container. Arguments passed by
            keyword are mapped over axis 0.
        out_axes: where the results get the axis of the examples, likewise; None for a result on which
            all examples agree.

    vmap(f)(x) is np.stack([f(x[i]) for i in range(n)]) to rounding, leaf by leaf. f is recorded at one
    example, and its Wengert list is run on all of them at once, each line by NumPy on whole arrays.
    Where Python looked at a value (`if x > 0`), the examples that go another way are run as a batch of
    their own. What cannot be batched is called example by example: the result is the same.

    f must not count its calls: it is called a few times, not n times, or more than n times. The arguments
    are not changed, though f may write into its own. Every transform composes with vmap, inside and
    outside: vmap(grad(loss), in_axes=(None, 0)) are the gradients of each example.

    Raises BadInput where the mapped axes differ in size, or the examples' results in shape.

    >>> import numpy as np, wengert as wg
    >>> wg.vmap(lambda x: x**2 if x > 0 else 0.0)(np.array([-1.0, 2.0, 3.0]))
    array([0., 4., 9.])
    >>> wg.vmap(wg.grad(lambda w, x: np.sum(w * x) ** 2), in_axes=(None, 0))(np.ones(2), np.eye(2))
    array([[2., 0.],
           [0., 2.]])
    """
    return Vmap(f, in_axes=in_axes, out_axes=out_axes)
