"""The Wengert list of a function at some arguments, as runnable Python: trace."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.inputs import describe
from wengert.api.operator import Operator, innermost
from wengert.api.recorded import Recorded
from wengert.errors import BadInput, OffTrace
from wengert.ir.line import Type
from wengert.record import swap
from wengert.record.listing import Listing, Located
from wengert.record.observe import plain_copy
from wengert.record.value import concrete
from wengert.show.shown import ShownTrace
from wengert.signatures import signature as signature_of

_RESERVED = re.compile(r"[vc]\d+|np|scipy")


class Call:
    """The arguments of one call of f: named, and taken apart into leaves."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.f = self.__wrapped__ = f
        self.signature = _signature(f, args, kwargs)
        bound = self.signature.bind(*args, **kwargs).arguments
        self.names = tuple(bound)
        leaves, self.structure = tree.flatten(list(bound.values()))
        self.leaves = [concrete(leaf) for leaf in leaves]
        self.paths = [_safe(name) + path for name, value in bound.items() for path in (tree.paths(value) or ())]
        self.picked = [k for k, leaf in enumerate(self.leaves) if _is_floating(leaf)]

    def __call__(self, *floating: Any) -> Any:
        """f with these in place of its floating leaves."""
        leaves = list(self.leaves)
        for k, x in zip(self.picked, floating, strict=True):
            leaves[k] = x
        given: Any = dict(zip(self.names, tree.unflatten(self.structure, leaves), strict=True))
        bound = inspect.BoundArguments(self.signature, given)
        f = swap.REPLACED[self.f] if swap.is_replaced(self.f) else self.f
        return f(*bound.args, **bound.kwargs)

    def parameters(self) -> tuple[str, ...]:
        """The parameters that were given, as the text of a signature."""
        parts: list[str] = []
        keyword_only = False
        for name in self.names:
            kind = self.signature.parameters[name].kind
            if kind is kind.KEYWORD_ONLY and not keyword_only:
                keyword_only = True
                if not any(part.startswith("*") for part in parts):
                    parts.append("*")
            keyword_only = keyword_only or kind is kind.VAR_POSITIONAL
            parts.append({kind.VAR_POSITIONAL: "*", kind.VAR_KEYWORD: "**"}.get(kind, "") + _safe(name))
        return tuple(parts)

    def flatten(self, *args: Any, **kwargs: Any) -> list[Any]:
        """The floating leaves of another call, which must be of the same types."""
        other = Call(self.f, args, kwargs)
        if other.names != self.names or other.structure != self.structure:
            raise BadInput("the arguments have another structure than those of the trace.\nTrace the function at them.")
        for k, (old, new) in enumerate(zip(self.leaves, other.leaves, strict=True)):
            if k not in self.picked:
                if not _equal(old, new):
                    raise OffTrace(f"{self.paths[k]} was {old!r} when the trace was made.\nTrace the function again.")
            elif type(old) is float and type(new) is int:
                other.leaves[k] = float(new)
            elif Type.of(old) != Type.of(new):
                raise BadInput(
                    f"{self.paths[k]} is {describe(new)}; the trace was made for {describe(old)}.\n"
                    "Trace the function at these arguments."
                )
        return [other.leaves[k] for k in self.picked]


def _signature(f: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.Signature:
    """f's own, if it takes this call; else names made up for it."""
    try:
        signature = signature_of(f)
        signature.bind(*args, **kwargs)
    except ValueError:
        names = [f"x{k}" for k in range(len(args))]
        kind = inspect.Parameter.POSITIONAL_ONLY
        kinds = [inspect.Parameter(name, kind) for name in names]
        return inspect.Signature([*kinds, *(inspect.Parameter(k, inspect.Parameter.KEYWORD_ONLY) for k in kwargs)])
    return signature


def _safe(name: str) -> str:
    """The name of a parameter, if the text does not use it for something else."""
    return name + "_" if _RESERVED.fullmatch(name) else name


def _is_floating(x: Any) -> bool:
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return type(x) is float or type(x) is complex


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return Type.of(a) == Type.of(b) and np.array_equal(a, b)
    return a is b or bool(a == b)


class TraceOf(Operator):
    """See `trace`."""

    name = "trace"

    def __call__(self, *args: Any, **kwargs: Any) -> ShownTrace:
        return recorded(Call(self.f, args, kwargs), Located())[0]


def recorded(call: Call, lines: Located, name: str = "trace") -> tuple[ShownTrace, Listing]:
    """The trace of one call, and how its lines came from those of the recording."""
    floating = tuple(call.leaves[k] for k in call.picked)
    point = tuple(plain_copy(x) for x in floating)
    run = Recorded(call, floating, {}, tuple(range(len(floating))), name, lines=lines, traces=True)
    listing = Listing(lines, [Type.of(x) for x in floating])
    outputs = tuple(listing.atom(s, leaf) for s, leaf in zip(run.out_slots, run.out_leaves, strict=True))
    return traced(call, listing, outputs, run.like_result, point), listing


def traced(
    call: Call,
    listing: Listing,
    outputs: tuple[Any, ...],
    unflatten: Callable[[list[Any]], Any],
    point: tuple[Any, ...] | None = None,
) -> ShownTrace:
    """The lines of a listing as a trace with these outputs, recorded at `point` (the arguments of the call)."""
    return ShownTrace(
        name=_identifier(call.f),
        parameters=call.parameters(),
        inputs=tuple(listing.inputs),
        spelled=tuple(call.paths[k] for k in call.picked),
        fixed=tuple((call.paths[k], x) for k, x in enumerate(call.leaves) if k not in call.picked),
        lines=tuple(listing.lines),
        outputs=outputs,
        flatten=call.flatten,
        unflatten=unflatten,
        captured=_captured(innermost(call.f), set(call.names)),
        point=tuple(plain_copy(call.leaves[k]) for k in call.picked) if point is None else point,
        files=listing.files,
    )


def _identifier(f: Any) -> str:
    name = getattr(f, "__name__", "f")
    return name if name.isidentifier() else "f"


def _captured(f: Any, taken: set[str]) -> dict[str, Any]:
    """The arrays that a function refers to by name, of its closure and of its module."""
    code = getattr(f, "__code__", None)
    if code is None:
        return {}
    known = {name: f.__globals__[name] for name in code.co_names if name in f.__globals__}
    for name, cell in zip(code.co_freevars, f.__closure__ or (), strict=True):
        try:
            known[name] = cell.cell_contents
        except ValueError:  # the cell is empty yet
            continue
    return {
        name: x.copy(order="K")
        for name, x in known.items()
        if type(x) is np.ndarray and x.size > 1 and name not in taken and not _RESERVED.fullmatch(name)
    }


def trace(f: Callable[..., Any]) -> TraceOf:
    """x ↦ the Wengert list of f at x: what f computed there, one operation per line.

    The result prints as a Python function on NumPy that takes f's parameters; running that text
    runs the program (`exec(str(t), t.namespace)`). Branches, loops and calls are gone: what Python
    decided by looking at a value stands there as `assert`. Floating numbers and arrays among the
    arguments are inputs; everything else (integers, strings, arrays that f captured) is fixed.

    Traces of derivatives show how these are computed: `trace(grad(f))(x)`. Calling the trace runs
    its lines through NumPy, and raises OffTrace where f would have gone another way.

    >>> import numpy as np, wengert as wg
    >>> def f(a, b):
    ...     c = a * b
    ...     return np.log(c) if c > 0 else np.sin(c)
    >>> print(wg.trace(f)(2.0, -1.0))
    def f(a, b):         # a: float, b: float
        v0 = a * b       # float
        v1 = v0 > 0      # bool
        assert not v1    # guard
        v2 = np.sin(v0)  # f64[]
        return v2
    """
    return TraceOf(f)
