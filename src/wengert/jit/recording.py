"""Record a function for jit: its trace, how its result is put together, and what it read by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.api.recorded import Recorded
from wengert.errors import NotCompiled
from wengert.ir.line import Lit, Type
from wengert.ir.trace import Trace
from wengert.jit.call import kind_of, put_together
from wengert.record.listing import Listing, Located
from wengert.record.value import concrete

RAISING = frozenset(
    {
        *("numpy.linalg.cholesky", "numpy.linalg.solve", "numpy.linalg.inv", "triangular solve"),
        *("scipy.linalg.cholesky", "scipy.linalg.cho_factor", "scipy.linalg.inv", "scipy.linalg.solve_triangular"),
    }
)
"""Rows that raise for some values: whether one does may be all that a function wants to know."""


class Unseen(Exception):
    """The recording would not hold for other arguments: the function is run without compilation."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A trace and its frame: `outputs[k]` of the trace is leaf `places[k]` of the result; the other
    leaves are `fixed`. `value` is what the function returned while it was recorded."""

    trace: Trace
    kinds: tuple[str, ...]
    out_kinds: tuple[str, ...]
    places: tuple[int, ...]
    fixed: list[Any]
    unflatten: Callable[[list[Any]], Any]
    value: Any
    origins: dict[int, Any]

    def result(self, outputs: list[Any]) -> Any:
        """The function's result, from the outputs of the trace."""
        leaves = [x.copy() if type(x) is np.ndarray else x for x in self.fixed]
        for place, x in zip(self.places, outputs, strict=True):
            leaves[place] = x
        return self.unflatten(leaves)


def record(f: Callable[..., Any], leaves: list[Any], structure: Any, draws: bool) -> Recording:
    """Call f once, on recorded values; `draws` says that its code mentions random numbers."""
    picked = [k for k, x in enumerate(leaves) if kind_of(x)]

    def call(*given: Any) -> Any:
        now = list(leaves)
        for k, x in zip(picked, given, strict=True):
            now[k] = x
        args, kwargs = put_together(now, structure)
        return f(*args, **kwargs)

    call.__wrapped__ = f  # type: ignore[attr-defined]
    inputs = tuple(leaves[k] for k in picked)
    before = _random_state()
    lines = Located()
    run = Recorded(call, inputs, {}, tuple(range(len(inputs))), "jit", lines=lines, traces=True)
    if run.frozen:
        raise Unseen(
            f"{_name(f)} caught an error, or a rule that it uses decides by looking at values "
            "in a way that no trace shows"
        )
    if _random_state() != before and not draws:
        raise Unseen("a library that it calls draws random numbers")
    if _random_state() != before:
        raise NotCompiled(
            f"{getattr(f, '__name__', 'f')} drew from NumPy's global random state while it was recorded.\n"
            "A compiled function would return the same draw every time: pass the random numbers as an argument."
        )
    listing = Listing(lines, [Type.of(x) for x in inputs])
    outputs = [listing.atom(s, leaf) for s, leaf in zip(run.out_slots, run.out_leaves, strict=True)]
    varying = [k for k, atom in enumerate(outputs) if not isinstance(atom, Lit)]
    trace = Trace(
        name=_name(f),
        parameters=tuple(f"x{k}" for k in range(len(inputs))),
        inputs=tuple(listing.inputs),
        spelled=tuple(f"x{k}" for k in range(len(inputs))),
        fixed=(),
        lines=tuple(listing.lines),
        outputs=tuple(outputs[k] for k in varying),
        flatten=lambda *args: list(args),
        unflatten=lambda values: tuple(values),
    )
    out_leaves = [_plain_copy(x) for x in run.out_leaves]
    return Recording(
        trace.dce(RAISING),
        tuple(kind_of(x) for x in inputs),
        tuple(out_kind(out_leaves[k]) for k in varying),
        tuple(varying),
        out_leaves,
        run.like_result,
        run.like_result([_plain_copy(x) for x in out_leaves]),
        {},
    )


def out_kind(x: Any) -> str:
    """How a result leaves a compiled function."""
    if isinstance(x, np.ndarray):
        return "array"
    if isinstance(x, np.generic):
        return "scalar"
    return type(x).__name__


def _plain_copy(x: Any) -> Any:
    x = concrete(x)
    return x.copy() if type(x) is np.ndarray else x


def _name(f: Any) -> str:
    name = getattr(f, "__name__", "f")
    return name if name.isidentifier() else "f"


def _random_state() -> Any:
    state: Any = np.random.get_state(legacy=True)  # noqa: NPY002  the state that must not be drawn from
    return state[1].tobytes(), state[2:]


__all__ = ["Recording", "record"]
