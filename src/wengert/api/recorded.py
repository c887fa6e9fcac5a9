"""Run a function once on recorded arguments: the beginning of every operator."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.called import called, lost_in, reaches_more
from wengert.api.caught import hidden_behind, insist, unless_plain
from wengert.api.inputs import bad_leaf, chosen
from wengert.api.quickened import Busy, count
from wengert.api.rolling import ROLL, Around, Short, TooLong
from wengert.api.tied import by_rows_if_tied, unless_tied
from wengert.errors import LostDerivative, NoDerivative
from wengert.record import swap
from wengert.record.apply import INPUT, freeze, refresh, share, youngest
from wengert.record.compiled import is_of_compiled, refused_by_compiled
from wengert.record.few import forbid, recording_of
from wengert.record.locate import user_line
from wengert.record.reach import KINDS, REPLACED
from wengert.record.refusals import clock, forget_since, last_refusal, noted_since
from wengert.record.state import released, state
from wengert.record.value import LOOPED, ROLLED, SWEPT, Array, Line, Recorder, Scalar, concrete, is_value
from wengert.sweep.arithmetic import any_has_nan
from wengert.sweep.batched import forward_batched
from wengert.sweep.doubt import Settled
from wengert.sweep.forward import forward
from wengert.sweep.reverse import reverse

_ndarray, _float64, _FLOAT = np.ndarray, np.float64, np.dtype(float)
_FLOATS = {float, np.float64, np.float32, complex, np.complex128, np.complex64, np.float16, np.longdouble}
_everything, Bare = swap.Recording(), swap.Bare


_TOO_LONG, _AGAIN = object(), object()
_MOST_TURNS = 40
"""So often f is called: one that makes code anew at every call has something new to be reached for ever."""


class Recorded:
    """One finished recording of f at some arguments: its lines, inputs and result."""

    __slots__ = (
        "call", "frozen", "leaves", "lines", "nested", "once", "out_leaves", "out_slots", "out_structure", "result",
        "slots", "structure", "turned", "turns", "writes",
    )  # fmt: skip

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: Any,
        name: str,
        keep: bool = False,
        lines: Any = None,
        traces: Any = False,
        apart: bool = False,
    ) -> None:
        """Call f; `keep` copies the arguments, for derivatives that are asked for later."""
        self.once, self.turned, self.turns = bool(traces or apart), None, 0
        rolling = state.rolling
        while True:
            self.turns += 1
            self.call = f, args, kwargs, argnums
            rec = Recorder((name, f), traces, apart, lines)
            recorded, given, picked = self._arguments(rec, name, keep)
            around = self._short(rec) if rolling and lines is None else None
            time = clock.now
            result = (self._run_for_trace if traces else self._run)(rec, recorded, given, time)
            if around is not None and result is _TOO_LONG:
                around.restore()
                f, lines = ROLL[0](Recorded, f, args, kwargs, picked) or f, []
            elif result is _AGAIN or (clock.now != time and noted_since(time) and self._caught(result, time)):
                forget_since(time)
                if lines is not None:
                    lines.clear()
            else:
                break
        self.result, self.writes, self.frozen = result, rec.writes, rec.frozen
        if type(result) is Scalar and result.rec is rec:
            self.out_slots, self.out_leaves, self.out_structure = [result.slot], [result.primal], None
        else:
            self._take_apart(result, rec)
        self.lines: list[Line] = count(rec.close()) if Busy.left else rec.close()

    def _arguments(self, rec: Recorder, name: str, keep: bool) -> tuple[list[Any], dict[str, Any], tuple[int, ...]]:
        """What f is called with, and which of its arguments are recorded."""
        f, args, kwargs, argnums = self.call
        recorded = list(args)
        picked = chosen(f, args, kwargs, argnums, name)
        if len(picked) < len(args):
            _guard_constants(recorded, picked, keep)
        self.structure: list[Any] = [None] * len(picked)
        self.leaves: list[Any] = []
        self.nested = False
        lines, leaves = rec.lines, self.leaves
        first = len(lines)
        for at, k in enumerate(picked):
            x = args[k]
            if type(x) is float or type(x) is _float64:
                recorded[k] = Scalar(x, rec, len(lines))
                lines.append(_INPUT_LINE)
                leaves.append(x)
            elif type(x) is _ndarray and x.dtype is _FLOAT and not keep:
                recorded[k] = value = Array(x, rec, len(lines))
                value.shared = True
                lines.append(_INPUT_LINE)
                leaves.append(x)
            else:
                recorded[k] = self._record(rec, x, k, at, keep)
        self.slots = range(first, len(lines))
        return recorded, _swapped(kwargs) if kwargs else kwargs, picked

    def _run(self, rec: Recorder, args: list[Any], kwargs: dict[str, Any], time: int) -> Any:
        """f's result; _TOO_LONG where the recording was given up, _AGAIN where f is to be called once more."""
        f, given, _, _ = self.call
        few = None
        if type(f) is FunctionType and not (kwargs or rec.traces or rec.apart):
            few = recording_of(f, given, len(given) == len(self.structure) and not self.nested)
        if type(few) is not Bare:
            return self._run_swapped(rec, args, kwargs, few, time)
        try:
            state.depth = 1  # what `with few` does, in less time than it takes to call that
            return self._called(rec, args, kwargs, few, time)
        finally:
            if state.depth > 1:  # more was swapped in
                few.__exit__()
            state.depth = 0

    def _run_swapped(self, rec: Recorder, args: list[Any], kwargs: dict[str, Any], few: Any, time: int) -> Any:
        """`_run` where functions are swapped in: these few, or all."""
        depth = state.depth
        try:
            with few or _everything:
                result = self._called(rec, args, kwargs, few, time)
        finally:
            if state.depth - depth > 1:  # an interruption came before `__exit__` began
                (few or _everything).__exit__()
            state.depth = depth
        if type(rec.lines) is Short and _given_up(rec):
            rec.close()
            return _TOO_LONG
        return result

    def _called(self, rec: Recorder, args: list[Any], kwargs: dict[str, Any], few: Any, time: int) -> Any:
        f = self.call[0]
        try:
            result = called(f, args, kwargs) if few is None else f(*args)
            if type(result) is Array and result.root is not None and result.stamp != result.root.version:
                refresh(result)
        except BaseException as error:
            result = self._failed(rec, error, time)
            if result is None:
                raise
        return result

    def _failed(self, rec: Recorder, error: BaseException, time: int) -> Any:
        """What `_run` gives where f raised an error; None where that is to be raised."""
        given_up = _given_up(rec)
        rec.close()
        try:
            if not given_up and not self._may_go_better(error, time):
                self._raise_clearly(error)
                return None
            return _TOO_LONG if given_up else _AGAIN
        finally:
            del error  # an error that its own traceback refers to would be a cycle

    def _run_for_trace(self, rec: Recorder, args: list[Any], kwargs: dict[str, Any], time: int) -> Any:
        """`_run` where a compiler wants to see everything."""
        rolling, raising = state.rolling, state.raising
        state.rolling, state.raising = rec.traces in (ROLLED, LOOPED, SWEPT), False
        try:
            return self._run(rec, args, kwargs, time)
        finally:
            if state.raising:
                rec.freeze("NumPy was told to raise errors")
            state.rolling, state.raising = rolling, raising or state.raising

    def _may_go_better(self, error: BaseException, time: int) -> bool:
        """Whether f, which raised this error, is to be called once more with more within reach."""
        lost = lost_in(error)
        hidden = None if lost else hidden_behind(error, time)
        try:
            if self.turns < _MOST_TURNS:
                if reaches_more(self.call[0], lost or hidden):
                    return True
                if (isinstance(error, NoDerivative) or is_of_compiled(error)) and forbid(self.call[0]):
                    return True
            if lost is not None and lost is not error:
                raise lost from None
            if hidden is not None:
                error.add_note(f"Before, f caught this error of wengert's: {hidden}")
            if None in noted_since(time) and isinstance(error, Exception):
                unless_plain(error, self.call[:3])
        finally:
            del lost, error  # an error that its own traceback refers to would be a cycle
        return False

    def _caught(self, result: Any, time: int) -> bool:
        """Whether f, which caught a refusal, is to be called once more. An error if that would not help, and f did not
        do what it does with plain numbers."""
        refusal = last_refusal(time)
        try:
            if self.turns < _MOST_TURNS and reaches_more(self.call[0], refusal):
                return True
            insist(refusal, self.call[:3], tree.flatten(result)[0])
        finally:
            del refusal
        return False

    def _raise_clearly(self, error: BaseException) -> None:
        """Show who watches; raise an error that says more where compiled code was given a recorded value."""
        if isinstance(error, LostDerivative | TooLong):
            return
        if WATCHERS:
            show(self.call, error)
        if is_of_compiled(error):
            raise refused_by_compiled(error) from error

    def _short(self, rec: Recorder) -> Around:
        """The recordings around; inside a compiler's, this one is given up when it becomes long."""
        around = Around(self.leaves)
        if around.rolls:
            rec.lines = Short(rec.lines)
        return around

    def _take_apart(self, result: Any, rec: Recorder) -> None:
        """The result as plain leaves and their slots."""
        leaves, structure = tree.flatten(result)
        parts = [_settle(leaf, rec) for leaf in leaves]
        self.out_slots = [slot for slot, _ in parts]
        self.out_leaves = [leaf for _, leaf in parts]
        self.out_structure = structure

    def _record(self, rec: Recorder, x: Any, k: int, at: int, keep: bool) -> Any:
        """Argument k, the one in place `at` of those that are recorded, as recorded values."""
        value = self._leaf(rec, x, keep)
        if value is not None:
            return value
        leaves, structure = tree.flatten(x)
        where = tree.paths(x) if len(leaves) != 1 or leaves[0] is not x else [""]
        self.structure[at] = structure
        self.nested = True
        values: list[Any] = []
        for leaf, path in zip(leaves, where, strict=True):
            value = self._leaf(rec, leaf, keep)
            if value is None:
                raise bad_leaf(leaf, k, path, self.call[0])
            values.append(value)
        return tree.unflatten(structure, values)

    def _leaf(self, rec: Recorder, x: Any, keep: bool) -> Any:
        """A number or array as a recorded value; None if it is neither."""
        t = type(x)
        if t in _FLOATS or t is Scalar or (rec.traces and _is_whole(x)):
            value: Any = Scalar(x, rec, len(rec.lines))
        elif t is _ndarray and (x.dtype.kind in "fc" or (rec.traces and x.dtype.kind in "iub")):
            value = Array(x.copy(order="K") if keep else x, rec, len(rec.lines))
            value.shared = not keep
        elif t is Array and concrete(x).dtype.kind in "fc":
            youngest((x,))
            value = Array(freeze(x), rec, len(rec.lines))
            value.shared = True
        else:
            return None
        self.leaves.append(x)
        rec.append(_INPUT_LINE)
        return value

    # ── the two sweeps ──

    def pull(self, seeds: list[Any]) -> list[Any]:
        """Cotangents of the input leaves, from those of the result's leaves (None: zero)."""
        return self.sweep([(s, c) for s, c in zip(self.out_slots, seeds, strict=True) if s >= 0 and c is not None])

    def sweep(self, pairs: list[tuple[int, Any]]) -> list[Any]:
        """Cotangents of the input leaves, from pairs (slot, cotangent)."""
        try:
            bars = reverse(self.lines, self.writes, pairs, self.slots)
            if type(bars) is Settled and not self.once and any_has_nan(bars):
                bars = unless_tied(self, pairs, bars)
        except Exception as error:
            self.explain(error)
            raise
        if WATCHERS:
            show(self.call, bars)
        return bars

    def push(self, seeds: list[Any]) -> list[Any]:
        """Tangents of the result's leaves, from those of the input leaves."""
        pairs = [(s, d) for s, d in zip(self.slots, seeds, strict=True) if d is not None]
        dots = forward(self.lines, self.writes, pairs, self.out_slots)
        if type(dots) is Settled and not self.once and any_has_nan(dots):
            dots = by_rows_if_tied(self, seeds, dots)
        if WATCHERS:
            show(self.call, dots)
        return dots

    def push_batched(self, seeds: list[Any], count: int) -> list[Any] | None:
        """`push` for seeds with a leading axis of `count`; None if it cannot be done all at once."""
        if any(is_value(x) for x in self.leaves + self.out_leaves):
            return None
        pairs = [(s, d) for s, d in zip(self.slots, seeds, strict=True) if d is not None]
        dots = forward_batched(self.lines, self.writes, pairs, self.out_slots, count)
        if WATCHERS:
            show(self.call, dots)
        return None if any_has_nan(dots) else dots

    def explain(self, error: Exception) -> None:
        """Note on an error the user's line that the failing line of the list came from."""
        at = error.__dict__.pop("wengert_line", None)
        if at is not None and at < len(self.lines):
            error.add_note(f"while differentiating {self.lines[at][0].name} ({self._line_of(at)}) in reverse")

    def _line_of(self, at: int) -> str:
        """The user's line that appended line `at`: f is run again, as it was, to see it."""
        watch = _Watch(at)
        f, args, kwargs, argnums = self.call
        try:
            Recorded(f, args, kwargs, argnums, "grad", lines=watch)
        except Exception:
            return watch.where
        return watch.where

    # ── trees ──

    def like_inputs(self, leaves: list[Any]) -> list[Any]:
        """One tree per differentiated argument."""
        if not self.nested:
            return leaves
        trees: list[Any] = []
        at = 0
        for structure in self.structure:
            n = 1 if structure is None else structure.num_leaves
            part = leaves[at : at + n]
            trees.append(part[0] if structure is None else tree.unflatten(structure, part))
            at += n
        return trees

    def like_result(self, leaves: list[Any]) -> Any:
        """The leaves in the shape of f's result."""
        return leaves[0] if self.out_structure is None else tree.unflatten(self.out_structure, leaves)

    def value(self) -> Any:
        """f's result, plain."""
        return self.like_result(self.out_leaves)


def _is_whole(x: Any) -> bool:
    """Whether x is a whole number, or truth value, of NumPy's."""
    return isinstance(x, np.generic) and x.dtype.kind in "iub"


WATCHERS: list[Callable[[tuple[Any, ...], Any], None]] = []
"""Who wants to see every derivative, while somebody looks for trouble: (call, derivatives or exception)."""


def show(call: tuple[Any, ...], seen: Any) -> None:
    """Show the watchers the derivatives (or the exception) of one call (f, args, kwargs, argnums)."""
    for watcher in list(WATCHERS):
        watcher(call, seen)


def _given_up(rec: Recorder) -> bool:
    """Whether the recording became too long. What f did after that says nothing: it may have caught the exception."""
    return type(rec.lines) is Short and rec.lines.given_up


class _Watch(list[Any]):
    """Lines that note which of the user's lines appends line `at`."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self.where = "line unknown"

    def append(self, line: Any) -> None:
        if len(self) == self.at:
            self.where = user_line()
        super().append(line)


_INPUT_LINE: Line = (INPUT, (), None, (), None, None)


def _swapped(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Functions as what they are swapped for."""
    return {name: REPLACED.get(x, x) if type(x) in KINDS else x for name, x in kwargs.items()}


def _guard_constants(args: list[Any], picked: tuple[int, ...], keep: bool) -> None:
    """What is not differentiated: arrays as Arrays that are copied when somebody writes to them, functions as what they
    are swapped for."""
    for k, x in enumerate(args):
        if type(x) in KINDS and k not in picked:
            args[k] = REPLACED.get(x, x)
        if type(x) is _ndarray and x.dtype.kind in "fc" and k not in picked:
            args[k] = guarded = Array(x.copy(order="K") if keep else x)
            guarded.shared = True


def _settle(leaf: Any, rec: Recorder) -> tuple[int, Any]:
    """A leaf of the result: its slot (-1 if it is not recorded by rec) and what it holds."""
    if type(leaf) is Array:
        if leaf.rec is rec and leaf.root is None and type(leaf.primal) is _ndarray:
            leaf.shared = True
            return leaf.slot, leaf.primal
        own = youngest((leaf,)) is rec
        if own or leaf.rec is None:
            share(leaf)
            return (leaf.slot if own else -1), released(leaf.primal)
    elif type(leaf) is not Scalar:
        return -1, leaf
    elif leaf.rec is rec:
        return leaf.slot, leaf.primal
    len(leaf.rec.lines)  # raises where that recording has ended: a value that a memo held back
    return -1, leaf


__all__ = ["WATCHERS", "Recorded", "show"]
