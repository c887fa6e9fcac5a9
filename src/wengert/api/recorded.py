"""Run a function once on recorded arguments: the beginning of every operator."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CellType, FunctionType
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.caught import KEYS, hidden_behind, insist
from wengert.api.inputs import bad_leaf, chosen, describe
from wengert.api.operator import innermost
from wengert.api.rolling import ROLL, Around, Short, TooLong
from wengert.errors import BadInput, LostDerivative
from wengert.record import hold, swap
from wengert.record.apply import INPUT, freeze, refresh, share, youngest
from wengert.record.compiled import is_of_compiled, refused_by_compiled
from wengert.record.locate import user_line
from wengert.record.reach import KINDS, REPLACED, default_cells
from wengert.record.refusals import clock, forget_since, last_refusal, noted_since
from wengert.record.state import released, state
from wengert.record.value import LOOPED, ROLLED, Array, Line, Recorder, Scalar, concrete, is_value
from wengert.sweep.arithmetic import has_nan
from wengert.sweep.batched import forward_batched
from wengert.sweep.forward import forward
from wengert.sweep.reverse import reverse

_ndarray, _float64 = np.ndarray, np.float64
_FLOATS = {float, np.float64, np.float32, complex, np.complex128, np.complex64, np.float16, np.longdouble}
_recording = swap.Recording()


class Recorded:
    """One finished recording of f at some arguments: its lines, inputs and result."""

    __slots__ = (
        "call", "frozen", "leaves", "lines", "nested", "out_leaves", "out_slots", "out_structure", "result",
        "slots", "structure", "writes",
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
        rec = Recorder((name, f), traces, apart, lines)
        self.call = (f, args, kwargs, argnums)
        self.slots: list[int] = []
        self.leaves: list[Any] = []
        self.structure: list[Any] = []
        self.nested = False
        recorded = list(args)
        picked = chosen(f, args, kwargs, argnums, name)
        if len(picked) < len(args):
            _guard_constants(recorded, picked, keep)
        for k in picked:
            x = args[k]
            if type(x) is float or type(x) is _float64:
                slot = len(rec.lines)
                recorded[k] = Scalar(x, rec, slot)
                rec.lines.append(_INPUT_LINE)
                self.structure.append(None)
                self.leaves.append(x)
                self.slots.append(slot)
            else:
                recorded[k] = self._record(rec, x, k, f, keep)
        rolling, again, time = state.rolling, False, clock.now
        around = self._short(rec) if rolling and lines is None else None
        if traces:
            state.rolling = traces is ROLLED or traces is LOOPED
        with _recording:
            try:
                result = _called(f, recorded, kwargs)
                if around is not None and _given_up(rec):
                    result = rec
            except BaseException as error:
                given_up = _given_up(rec)
                rec.close()
                again = not given_up and self._may_go_better(error, time)
                if not given_up and not again:
                    self._raise_clearly(error)
                    raise
                result = rec if given_up else None
            finally:
                state.rolling = rolling
            if type(result) is Array and result.root is not None and result.stamp != result.root.version:
                refresh(result)
        if result is rec and around is not None:
            rec.close()
            around.restore()
            f = ROLL[0](Recorded, f, args, kwargs, picked) or f
            return self.__init__(f, args, kwargs, argnums, name, keep, [], traces, apart)
        if again or (clock.now != time and noted_since(time) and self._caught(result, time)):
            forget_since(time)
            if lines is not None:
                lines.clear()
            return self.__init__(f, args, kwargs, argnums, name, keep, lines, traces, apart)
        self.result, self.writes, self.frozen = result, rec.writes, rec.frozen
        if type(result) is Scalar and result.rec is rec:
            self.out_slots, self.out_leaves, self.out_structure = [result.slot], [result.primal], None
        else:
            self._take_apart(result, rec)
        self.lines: list[Line] = rec.close()

    def _may_go_better(self, error: BaseException, time: int) -> bool:
        """Whether f, which raised this error, is to be called once more with more within reach."""
        lost = _lost(error)
        hidden = None if lost else hidden_behind(error, time)
        try:
            if _reaches_more(self.call[0], lost or hidden):
                return True
            if lost is not None and lost is not error:
                raise lost from None
            if hidden is not None:
                error.add_note(f"Before, f caught this error of wengert's: {hidden}")
            if None in noted_since(time) and isinstance(error, Exception):
                error.add_note(f"With wengert, {KEYS}.")
        finally:
            del lost, error  # an error that its own traceback refers to would be a cycle
        return False

    def _caught(self, result: Any, time: int) -> bool:
        """Whether f, which caught a refusal, is to be called once more. An error if that would not help, and f did not
        do what it does with plain numbers."""
        refusal = last_refusal(time)
        try:
            if _reaches_more(self.call[0], refusal):
                return True
            insist(refusal, self.call[:3], tree.flatten(result)[0])
        finally:
            del refusal
        return False

    def _raise_clearly(self, error: BaseException) -> None:
        """Show who watches; raise an error that says more where compiled code was given a recorded value."""
        if isinstance(error, LostDerivative):
            return
        if WATCHERS and not isinstance(error, TooLong):
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

    def _record(self, rec: Recorder, x: Any, k: int, f: Any, keep: bool) -> Any:
        """Argument k as recorded values."""
        value = self._leaf(rec, x, keep)
        if value is not None:
            self.structure.append(None)
            return value
        leaves, structure = tree.flatten(x)
        where = tree.paths(x) if len(leaves) != 1 or leaves[0] is not x else [""]
        self.structure.append(structure)
        self.nested = True
        values: list[Any] = []
        for leaf, path in zip(leaves, where, strict=True):
            value = self._leaf(rec, leaf, keep)
            if value is None:
                raise bad_leaf(leaf, k, path, f)
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
        self.slots.append(rec.append(_INPUT_LINE))
        return value

    # ── the two sweeps ──

    def pull(self, seeds: list[Any]) -> list[Any]:
        """Cotangents of the input leaves, from those of the result's leaves (None: zero)."""
        return self.sweep([(s, c) for s, c in zip(self.out_slots, seeds, strict=True) if s >= 0 and c is not None])

    def sweep(self, pairs: list[tuple[int, Any]]) -> list[Any]:
        """Cotangents of the input leaves, from pairs (slot, cotangent)."""
        try:
            bars = reverse(self.lines, self.writes, pairs, self.slots)
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
        return None if any(has_nan(d) for d in dots) else dots

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


def _called(f: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """f's result, with more within reach where f is known to need it."""
    if (
        type(f) is FunctionType
        and (f.__closure__ is None or _holds_data(f.__closure__))
        and (f.__defaults__ is None or not default_cells(f))
        and not (hold.HELD or (hold.FAR_REACHING and f.__code__ in hold.FAR_REACHING))
        and not (hold.SHADOWED and f.__code__ in hold.SHADOWED)
        and f not in REPLACED
    ):
        return f(*args, **kwargs)
    if swap.is_replaced(f):
        f = swap.REPLACED[f]
    code = _code(f)
    if hold.needs_everything(code):
        swap.install_everything()
        swap.install_ufuncs_of_lists()
    if not hold.any_held() and getattr(f, "__closure__", None) is None and not default_cells(f):
        return f(*args, **kwargs)
    with hold.Holding(code), swap.Cells(innermost(f)):
        return f(*args, **kwargs)


def _holds_data(closure: tuple[CellType, ...]) -> bool:
    """Whether no cell holds a function, which could be one to be swapped or lead to one."""
    try:
        for cell in closure:
            if type(cell.cell_contents) in KINDS:
                return False
    except ValueError:  # an empty cell
        return False
    return True


def _reaches_more(f: Any, refusal: Exception | None) -> bool:
    """Prepare for a second call of f, which keeps more within reach. False if there has been one, or no refusal."""
    if refusal is None:
        return False
    swap.prepare(f)
    return any([hold.remember(_code(f), refusal), swap.look_again()])


def _lost(error: BaseException | None) -> LostDerivative | None:
    """The LostDerivative that this error is, that NumPy's "setting an array element" or C code hides, or that
    `type(x)(0.0)` is."""
    if type(error) is TypeError and str(error).startswith("Scalar.__init__()"):
        return hold.called_type(error)
    if isinstance(error, SystemError) or (isinstance(error, ValueError) and "setting an array element" in str(error)):
        error = error.__cause__ or error.__context__
    return error if isinstance(error, LostDerivative) else None


def _code(f: Any) -> Any:
    return getattr(innermost(f), "__code__", None)


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


def _guard_constants(args: list[Any], picked: tuple[int, ...], keep: bool) -> None:
    """Arrays that are not differentiated: as Arrays that are copied when somebody writes to them."""
    for k, x in enumerate(args):
        if type(x) is _ndarray and x.dtype.kind in "fc" and k not in picked:
            args[k] = guarded = Array(x.copy(order="K") if keep else x)
            guarded.shared = True


def _settle(leaf: Any, rec: Recorder) -> tuple[int, Any]:
    """A leaf of the result: its slot (-1 if it is not recorded by rec) and what it holds."""
    if type(leaf) is Array:
        own = youngest((leaf,)) is rec
        if own or leaf.rec is None:
            share(leaf)
            return (leaf.slot if own else -1), released(leaf.primal)
        return -1, leaf
    if type(leaf) is Scalar and leaf.rec is rec:
        return leaf.slot, leaf.primal
    return -1, leaf


def finish_all(bars: list[Any], leaves: list[Any], conjugate: bool = True) -> list[Any]:
    """`finish` for each leaf, as a gradient if `conjugate`; empties bars, so that what nobody else holds
    need not be copied."""
    out: list[Any] = []
    for k, x in enumerate(leaves):
        g, bars[k] = bars[k], None
        if type(x) is float and (type(g) is np.float64 or type(g) is float):
            out.append(float(g))
            continue
        if conjugate and _is_complex(x):
            g = conj(g)
        out.append(finish(g, x))
    return out


def _is_complex(x: Any) -> bool:
    t = type(x)
    return x.dtype.kind == "c" if t is _ndarray else t is not _float64 and np.iscomplexobj(concrete(x))


def finish(g: Any, x: Any) -> Any:
    """A derivative as the user gets it: fresh, writable, of x's shape and dtype."""
    t = type(x)
    if g is None:
        return 0.0 if t is float else np.zeros_like(x) if np.ndim(concrete(x)) else concrete(x).__class__(0)
    if type(g) is Array and not np.ndim(concrete(g)) and not isinstance(concrete(x), _ndarray):
        g = g[()]  # type: ignore[index]
    if t is float:
        return _as_float(g) if type(g) is Scalar else float(g.real if type(g) is np.complex128 else g)
    if is_value(g):
        return _finish_value(g, x)
    if t is _ndarray:
        if g.__class__ is not _ndarray or (g.dtype is not x.dtype and g.dtype != x.dtype) or g.shape != x.shape:
            if g.dtype.kind == "c" and x.dtype.kind != "c":
                g = g.real
            return np.array(np.broadcast_to(g, x.shape), dtype=x.dtype)
        if g.base is None and g.flags.c_contiguous and g.flags.writeable and sys.getrefcount(g) <= _UNSHARED:
            return g
        return np.array(g, order="C")
    x = concrete(x)
    if isinstance(x, _ndarray):
        return np.array(np.broadcast_to(_real_like(g, x), x.shape), dtype=x.dtype)
    return type(x)(_real_like(g, x))


def _references(g: Any, x: Any) -> int:
    return sys.getrefcount(g)


def _references_of_unshared(bars: list[Any]) -> int:
    g, bars[0] = bars[0], None
    return _references(g, None)


_UNSHARED = _references_of_unshared([np.empty(0)])
"""The references to an array that nobody else holds, seen from `finish` when finish_all calls it."""


def _real_like(g: Any, x: Any) -> Any:
    return np.real(g) if np.iscomplexobj(g) and not np.iscomplexobj(x) else g


def _finish_value(g: Any, x: Any) -> Any:
    dtype = np.asarray(concrete(x)).dtype
    if concrete(g).dtype != dtype if hasattr(concrete(g), "dtype") else False:
        g = np.real(g) if dtype.kind != "c" and np.iscomplexobj(concrete(g)) else g
        g = g.astype(dtype)
    if type(g) is Array:
        return released(g.copy())  # type: ignore[attr-defined]
    kind: Any = type(concrete(x))
    return _as_float(g, kind) if kind is float or kind is complex else g


def _as_float(g: Any, kind: type[float] | type[complex] = float) -> Any:
    """The number g as a Python float (or complex number), recorded as g is."""
    return Scalar(_as_float(g.primal, kind), g.rec, g.slot) if type(g) is Scalar else kind(g)


def conj(g: Any) -> Any:
    """The gradient convention ∂f/∂Re z + i ∂f/∂Im z is the conjugate of the plain transpose."""
    return np.conj(g) if g is not None and np.iscomplexobj(concrete(g)) else g


__all__ = ["BadInput", "Recorded", "conj", "describe", "finish"]
