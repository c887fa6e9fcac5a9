"""Record a function for jit: its trace, how its result is put together, and what it read by name."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from wengert import tree
from wengert.api import looping as looping
from wengert.api import rolled as rolled
from wengert.api.operator import innermost
from wengert.api.quickened import quicken
from wengert.api.recorded import Recorded
from wengert.errors import LeakedValue, LostDerivative, NoDerivative, NotCompiled
from wengert.ir.line import Atom, Lit, Type, Var
from wengert.ir.trace import Trace
from wengert.jit.call import kind_of, put_together
from wengert.jit.names import GlobalRandomness, Reachable, draws
from wengert.passes.stretches import listed
from wengert.record.repeating import Repeating
from wengert.record.state import Looked, state
from wengert.record.value import ROLLED, Array, concrete, is_value
from wengert.rules.solver_ways import NOTICE, Untold


class Unseen(Exception):
    """The recording would not hold for other arguments: the function is run without compilation."""


class _Presumed(Exception):
    """The recording needs values that have been presumed."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A trace and its frame: `outputs[k]` of the trace is leaf `places[k]` of the result; the other
    leaves are `fixed`. `value` is what the function returned while it was recorded, of which only the types are right
    if it was `presumed`; `plain` says that all arguments were inputs, given by position."""

    trace: Trace
    kinds: tuple[str, ...]
    out_kinds: tuple[str, ...]
    places: tuple[int, ...]
    fixed: list[Any]
    unflatten: Callable[[list[Any]], Any]
    value: Any
    plain: bool = False
    presumed: bool = False

    def result(self, outputs: list[Any]) -> Any:
        """The function's result, from the outputs of the trace."""
        leaves = [x.copy() if type(x) is np.ndarray else x for x in self.fixed]
        for place, x in zip(self.places, outputs, strict=True):
            leaves[place] = x
        return self.unflatten(leaves)


def record(
    f: Callable[..., Any], leaves: list[Any], structure: Any, reads: Reachable, presume: bool = True
) -> Recording:
    """Call f once, on recorded values. Where that changes what f reads, it is put back, and Unseen raised.

    If they may be presumed, the results of long loops are not computed. Should f look at values after that, or fail,
    it is called once more, and they are.
    """
    try:
        return _recorded(f, leaves, structure, reads, presume)
    except _Presumed:
        return _recorded(f, leaves, structure, reads, False)


def _recorded(f: Callable[..., Any], leaves: list[Any], structure: Any, reads: Reachable, presume: bool) -> Recording:
    picked = [k for k, x in enumerate(leaves) if kind_of(x)]
    handed: list[Any] = []

    def call(*given: Any) -> Any:
        handed[:] = given
        now = list(leaves)
        for k, x in zip(picked, given, strict=True):
            now[k] = x
        args, kwargs = put_together(now, structure)
        return f(*args, **kwargs)

    call.__wrapped__ = f  # type: ignore[attr-defined]
    quicken()
    inputs = tuple(leaves[k] for k in picked)
    chance = GlobalRandomness()
    lines = Repeating()
    with _Recording(presume, reads, chance) as recording:
        run = Recorded(call, inputs, {}, tuple(range(len(inputs))), "jit", lines=lines, traces=ROLLED)
        recording.frozen = bool(run.frozen)
    _refuse_draws(f, chance, reads)
    _refuse_what_is_not_seen(f, run, handed, reads)
    results = [*zip(run.out_slots, run.out_leaves, strict=True)]
    trace, _ = listed(lines, [Type.of(x) for x in inputs], results)
    outputs = trace.outputs
    varying = [k for k, atom in enumerate(outputs) if not isinstance(atom, Lit)]
    trace = replace(trace, name=_name(f), outputs=tuple([outputs[k] for k in varying]))
    out_leaves = [_as_declared(_plain_copy(x), a) for x, a in zip(run.out_leaves, outputs, strict=True)]
    unflatten = partial(_whole, run.out_structure)  # not a method of run, which holds the first arguments
    return Recording(
        trace.dce(raising=True),
        tuple(kind_of(x) for x in inputs),
        tuple(out_kind(out_leaves[k]) for k in varying),
        tuple(varying),
        out_leaves,
        unflatten,
        unflatten([_plain_copy(x) for x in out_leaves]),
        type(structure) is int,
        recording.presumed,
    )


class _Recording:
    """Around the call of f: what it has changed is put back where it fails. Raises _Presumed if that, or `frozen`, may
    be due to values that were presumed."""

    def __init__(self, presume: bool, reads: Reachable, chance: GlobalRandomness) -> None:
        self.presume, self.reads, self.chance = presume, reads, chance
        self.frozen = self.presumed = False

    def __enter__(self) -> _Recording:
        state.may_presume = self.presume
        self._collecting = gc.isenabled()
        gc.disable()  # a recording is hundreds of thousands of objects, none of them garbage
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        self.presumed, state.may_presume, state.presumed = state.presumed, False, False
        looked, state.looked = state.looked, False
        if self._collecting:
            gc.enable()
        failed = kind is not None and issubclass(kind, (Exception, Looked))
        again = self.presumed and (self.frozen or looked or failed)
        if again or (kind is not None and issubclass(kind, (NoDerivative, LostDerivative, LeakedValue))):
            self.reads.restore()
            self.chance.restore()
        if again:
            raise _Presumed


def out_kind(x: Any) -> str:
    """How a result leaves a compiled function."""
    if isinstance(x, np.ndarray):
        return "array"
    if isinstance(x, np.generic):
        return "scalar"
    return type(x).__name__


def _as_declared(x: Any, atom: Atom) -> Any:
    """x; a Python bool where the line that gives it is Python's comparison of two Python numbers."""
    return bool(x) if isinstance(atom, Var) and atom.type.python and type(x) is np.bool_ else x


def _plain_copy(x: Any) -> Any:
    x = concrete(x)
    return x.copy() if type(x) is np.ndarray else x


def _whole(structure: Any, leaves: list[Any]) -> Any:
    return leaves[0] if structure is None else tree.unflatten(structure, leaves)


def _name(f: Any) -> str:
    name = getattr(f, "__name__", "f")
    return name if name.isidentifier() else "f"


def _refuse_draws(f: Any, chance: GlobalRandomness, reads: Reachable) -> None:
    """Random numbers that f drew would be the same at every call."""
    whose = chance.drew() or ("a captured" if reads.drew() else "")
    if not whose:
        return
    reads.restore()
    chance.restore()
    if whose != "a captured" and not draws(innermost(f)):
        raise Unseen("a library that it calls draws random numbers")
    state = "global random state" if whose != "a captured" else "random generator"
    raise NotCompiled(
        f"{getattr(f, '__name__', 'f')} drew from {whose} {state} while it was recorded.\n"
        "A compiled function would return the same draw every time: pass the random numbers as an argument."
    )


def _refuse_what_is_not_seen(f: Any, run: Recorded, handed: list[Any], reads: Reachable) -> None:
    """What f did besides computing its result, a compiled function would not do."""
    reason = ""
    if run.frozen:
        reason = f"{run.frozen}, which no trace of {_name(f)} shows"
    elif any(type(x) is Array and x.version for x in handed):
        reason = f"{_name(f)} writes into its argument"
    elif any(is_value(x) and _is_recorded(x) for x in run.out_leaves):
        reason = "the result belongs to a derivative outside"
    elif any(type(x) is Untold for x in run.out_leaves):
        reason = "an object of SciPy's is returned"
    elif what := reads.changed():
        reason = f"{_name(f)} changes {what}"
    if reason:
        reads.restore()
        raise Unseen(reason)


def _is_recorded(x: Any) -> bool:
    """Whether some recording knows x, at any level; an array of a recording that has ended holds its own memory."""
    while is_value(x):
        if x.rec is not None:
            return True
        x = x.primal
    return False


NOTICE.append(Reachable)

__all__ = ["Recording", "record"]
