"""Loops that stay loops: while a compiler records, a round is recorded once, apart, and becomes the body of a loop.

A round that Python decides on (an `if`, a `range`) is not the same every time. Such a loop is run as Python runs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from wengert import tree
from wengert.api import loops
from wengert.api.apart import Apart
from wengert.api.loops import NoLoop, in_round
from wengert.api.recorded import Recorded
from wengert.errors import LeakedValue, LostDerivative, NoDerivative
from wengert.ir.loop import Loop
from wengert.passes.hoist import hoist
from wengert.record.refusals import Forgiven
from wengert.record.state import settle
from wengert.record.value import LOOPED, SWEPT, NotApart, concrete
from wengert.rules.loop import run_loop

FEWEST_ROUNDS = 3
"""Fewer rounds are run as Python runs them."""


class Round:
    """One round, recorded apart: of carried values, elements of sequences and counters. It may be `guarded` where it
    looks for NaN only: that is found in every round."""

    def __init__(
        self, f: Callable[..., Any], carry: Any, elements: Any, counters: tuple[int, ...], guarded: bool = False
    ) -> None:
        self.carry, self.carry_structure = tree.flatten(carry)
        self.elements, self.elements_structure = tree.flatten(elements)
        self.counters = counters
        self.f = f
        given = tuple([_example(x) for x in (*self.carry, *self.elements, *counters)])
        try:
            with Forgiven():
                self.run = Apart(Recorded, self._call, given, SWEPT if guarded else LOOPED)
        except (NotApart, LostDerivative, LeakedValue, NoDerivative):
            raise NoLoop from None
        if self.run.frozen or (not guarded and any([line.kind == "guard" for line in self.run.trace.lines])):
            raise NoLoop
        self.body = hoist(self.run.trace.dce(raising=True))

    def _call(self, *given: Any) -> Any:
        n, m = len(self.carry), len(self.carry) + len(self.elements)
        carry = tree.unflatten(self.carry_structure, given[:n])
        elements = tree.unflatten(self.elements_structure, given[n:m])
        return self.f(carry, elements, *given[m:])

    def result(self) -> Any:
        """What the round returned, plain."""
        return self.shaped([concrete(x) for x in self.run.leaves])

    def shaped(self, leaves: list[Any]) -> Any:
        """The leaves as what the round returned."""
        return leaves[0] if self.run.structure is None else tree.unflatten(self.run.structure, leaves)

    def looped(self, loop: Loop, sequences: list[Any] | tuple[()] = ()) -> tuple[Any, ...]:
        """The results of the loop. NoLoop where a round raises: Python runs it, and raises what is to be raised."""
        try:
            with Forgiven():
                return run_loop(*self.carry, *sequences, *self.run.older, loop=loop)
        except Exception:
            raise NoLoop from None


def _example(x: Any) -> Any:
    x = concrete(x)
    if type(x) in (bool, int):
        return np.asarray(x)[()]
    if type(x) in (float, np.float64, np.float32, np.int64, np.bool_) or type(x) is np.ndarray:
        return x
    raise NoLoop


def fori(lower: int, upper: int, body_fun: Any, init: Any, checked: Callable[[Any, Any], Any]) -> Any:
    """The carried values after a loop over range(lower, upper). Raises NoLoop."""
    count = upper - lower
    if count < FEWEST_ROUNDS:
        raise NoLoop
    one = Round(lambda carry, _, i: body_fun(i, carry), init, (), (lower,))
    checked(one.result(), init)
    n = len(one.carry)
    loop = Loop(one.body, count, n, (), ((lower, 1),), (False,) * n)
    return tree.unflatten(one.carry_structure, one.looped(loop))


def scan(f: Any, init: Any, xs: Any, length: int, reverse: bool, checked: Callable[[Any, Any], Any]) -> Any:
    """(carry, ys) after a scan. Raises NoLoop."""
    if length < FEWEST_ROUNDS:
        raise NoLoop
    start, step = (length - 1, -1) if reverse else (0, 1)
    sequences, structure = tree.flatten(() if xs is None else xs)
    first = tree.unflatten(structure, [concrete(x)[start] for x in sequences])
    one = Round(lambda carry, x: f(carry, None if xs is None else x), init, first, ())
    new, _ = checked(one.result(), init)
    n = len(one.carry)
    places = ((start, step),) * len(sequences)
    outs = one.looped(Loop(one.body, length, n, places, (), (False,) * n), sequences)
    carry, columns = one.shaped([*outs[:n], *[y[::-1] if reverse else y for y in outs[n:]]])
    return tree.unflatten(tree.flatten(new)[1], tree.flatten(carry)[0]), columns


def each(f: Callable[..., Any], xs: Any) -> Any:
    """f of each x along the first axis of xs, a tuple, stacked. f is a sweep: it looks for NaN. Raises NoLoop."""
    count = len(xs)
    if count < FEWEST_ROUNDS:
        raise NoLoop
    one = Round(lambda _, x: f(x), (), concrete(xs)[0], (), guarded=True)
    return one.shaped(list(one.looped(Loop(one.body, count, 0, ((0, 1),), (), ()), [xs])))


def while_(
    cond_fun: Any, body_fun: Any, init: Any, truth: Callable[[Any], bool], checked: Callable[[Any, Any], Any]
) -> Any:
    """The carried values when cond_fun has said no. Raises NoLoop.

    The loop runs until the condition fails, at most as often as the next power of two after what was seen; that the
    condition has failed by then is a guard, so that a longer loop is another recording.
    """

    def once(carry: Any, _: Any) -> Any:
        new = body_fun(carry)
        return new, np.not_equal(cond_fun(new), 0)

    settle()
    if not truth(cond_fun(init)):
        return init
    one = Round(once, init, (), ())
    new, goes_on = one.result()
    checked(new, init)
    if np.ndim(goes_on):
        raise NoLoop
    n = len(one.carry)
    loop = Loop(one.body, 1 << 62, n, (), (), (False,) * n, until=True)
    try:
        with Forgiven():
            rounds = int(run_loop(*[concrete(x) for x in (*one.carry, *one.run.older)], loop=loop)[-1])
    except Exception:  # as in `looped`
        raise NoLoop from None
    outs = one.looped(replace(loop, count=max(16, 1 << (rounds - 1).bit_length()), memo={}))
    result = tree.unflatten(one.carry_structure, outs[:n])
    if truth(cond_fun(result)):
        raise NoLoop
    return result


def select(choice: Any, branches: list[Any], operands: tuple[Any, ...], truth: Callable[[Any], Any]) -> Any:
    """In a round: the result of the chosen branch, where all branches are computed. Raises NoLoop.

    `choice` is the number of the branch; `truth(k)` whether branch k is chosen, an element of the round.
    """
    if not in_round(choice):
        raise NoLoop
    try:
        with np.errstate(all="ignore"), Forgiven():  # a branch that is not taken may be given what it is not made for
            results = [tree.flatten(branch(*operands)) for branch in branches]
    except Exception:
        raise NoLoop from None
    leaves, structure = results[0]
    for others, other in results[1:]:
        if other != structure or any([not _alike(a, b) for a, b in zip(leaves, others, strict=True)]):
            raise NoLoop
    chosen = list(leaves)
    for k, (others, _) in enumerate(results[1:], 1):
        chosen = [b if a is b else np.where(truth(k), b, a)[()] for a, b in zip(chosen, others, strict=True)]
    return tree.unflatten(structure, chosen)


def _alike(a: Any, b: Any) -> bool:
    a, b = concrete(a), concrete(b)
    numbers = (bool, int, float, np.generic, np.ndarray)
    return isinstance(a, numbers) and isinstance(b, numbers) and np.shape(a) == np.shape(b)


loops.KEPT.update(while_loop=while_, fori_loop=fori, scan=scan, select=select, each=each)
