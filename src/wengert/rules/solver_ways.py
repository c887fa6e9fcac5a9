"""A user's function, given to a solver, as traces: one for each kind of argument and each way through its branches.

It is recorded apart (`Recorder.apart`): with plain numbers, values of older recordings being further inputs. What such
a trace computes is what the function did, so that a solver can be run again, on other numbers, without Python's code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import NoDerivative, OffTrace
from wengert.ir.line import Type, Var
from wengert.ir.runner import runner
from wengert.ir.trace import Trace, nameless
from wengert.record.apply import INPUT, youngest
from wengert.record.listing import Listing, Unplaced
from wengert.record.refusals import Forgiven
from wengert.record.swap import Paused, Recording
from wengert.record.value import LOOPED, Array, NotApart, Recorder, Scalar, concrete, is_value
from wengert.signatures import signature as signature_of

Fn = Callable[..., Any]
ORIGIN = ("a solver", None)
"""Of recordings that nobody differentiates: solvers are lines in them, too."""
MOST_WAYS = 16
"""A function with more ways is run by Python."""
NOTICE: list[Callable[..., Any]] = []
"""What tells whether a function changes what it reads (`jit.names.Reachable`), once there is a compiler."""


class Untold:
    """Stands in a result for an object of SciPy's, of which no line knows what it would be for other arguments."""

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def __eq__(self, other: object) -> bool:
        return type(other) is Untold and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash(self.__dict__["name"])

    def _refuse(self, *_: Any) -> Any:
        raise NoDerivative(f"what a {self.__dict__['name']} in the result of a solver holds is not recorded")

    __getattr__ = __call__ = __getitem__ = __matmul__ = __mul__ = _refuse


class NoWay(Exception):
    """The function is run by Python, because of this."""


@dataclass(frozen=True, eq=False)
class Way:
    """One way through a function. `kinds` are those of its arguments; the inputs of the trace are these and then the
    arguments `places` of the solver's line; leaf `outs[k]` of the result is output k, the others are `fixed`."""

    kinds: tuple[Any, ...]
    trace: Trace
    places: tuple[int, ...]
    passed: tuple[str, ...]
    out_kinds: tuple[str, ...]
    outs: tuple[int, ...]
    fixed: tuple[Any, ...]
    structure: Any
    native: list[Any] = field(default_factory=list[Any])

    @cached_property
    def key(self) -> Any:
        """What does the same has the same."""
        names = {var: k for k, var in enumerate(self.trace.inputs)}
        lines: list[Any] = []
        atom = lambda a: names[a] if isinstance(a, Var) else key_of(a.value)
        for line in self.trace.lines:
            lines.append((line.op, line.row, tuple([atom(a) for a in line.args]), key_of(line.params)))
            names.update({out: len(names) + k for k, out in enumerate(line.outs)})
        outputs = tuple([atom(a) for a in self.trace.outputs])
        frame = self.kinds, self.places, self.passed, self.out_kinds, self.outs, key_of(self.fixed), self.structure
        return tuple(lines), outputs, tuple([var.type for var in self.trace.inputs]), frame

    def result(self, outputs: Any) -> Any:
        """What the function returns, of the outputs of the trace."""
        leaves = [x.copy() if type(x) is np.ndarray else x for x in self.fixed]
        for k, y in zip(self.outs, outputs, strict=True):
            leaves[k] = y
        if self.structure is None or self.structure is list:
            return leaves if self.structure is list else leaves[0]
        return tree.unflatten(self.structure, leaves)

    def bound(self, values: tuple[Any, ...]) -> Fn:
        """Arguments ↦ result, or OffTrace, where the solver's line has these arguments."""
        inner = self.passed[len(self.kinds) :]
        given = [_passed(values[k], kind) for k, kind in zip(self.places, inner, strict=True)]
        slow = self._by_numpy(given)
        if not self.native:
            return slow
        call, bare = self.native[0].call, self.structure is None and len(self.outs) == 1
        many = len(self.outs) != 1

        def quick(*xs: Any) -> Any:
            y = call(*xs, *given)
            if y is None or y is NotImplemented:
                return slow(*xs)
            return y if bare else self.result(y if many else (y,))

        return quick

    def _by_numpy(self, given: list[Any]) -> Fn:
        run, numbers = runner(self.trace), [_NUMBERS.get(kind) for kind in self.out_kinds]

        def slow(*xs: Any) -> Any:
            if tuple([kind_of(x) for x in xs]) != self.kinds:
                raise OffTrace("a solver gave its function another kind of argument.")
            with Paused():
                ys = run(*[x.copy() if type(x) is np.ndarray else x for x in xs], *given)
            return self.result([y if make is None else make(y) for y, make in zip(ys, numbers, strict=True)])

        return slow


_NUMBERS = {"float": float, "int": int, "bool": bool, "complex": complex, "float64": np.float64}
"""kind → what makes a number of that kind"""


_NUMBERS_PASSED = {float, complex, np.float64, np.float32, np.complex128, np.complex64}


def _passed(x: Any, kind: str) -> Any:
    make = _NUMBERS.get(kind)
    return make(x) if make is not None else np.array(x, order="C") if kind == "array" else x


def key_of(x: Any) -> Any:
    """A constant, or the parameters of a line, as something to compare."""
    if type(x) in (dict, tuple, list) or isinstance(x, Mapping):
        parts = x.items() if isinstance(x, Mapping) else x
        return type(x), tuple([key_of(part) for part in parts])
    if type(x) is slice:
        return slice, key_of((x.start, x.stop, x.step))
    if type(x) is np.ndarray:
        return id(x) if x.dtype.hasobject else (x.dtype.str, x.shape, x.strides, blake2b(x.tobytes("A")).digest())
    if isinstance(x, (float, complex, np.generic)):
        return type(x), repr(x)
    try:
        hash(x)
    except TypeError:
        return id(x)
    return type(x), x


def kind_of(x: Any) -> Any:
    """What a trace assumes about a plain argument."""
    return (x.dtype, x.shape) if type(x) is np.ndarray else type(x)


class Ways:
    """A function as its ways."""

    def __init__(self, f: Fn) -> None:
        self.ways: list[Way] = []
        self.signature = _signature(f)

    def bound(self, values: tuple[Any, ...]) -> Fn:
        """The function as the solver calls it, where the solver's line has these arguments."""
        calls: Any = [way.bound(values) for way in self.ways]
        call = calls[0] if len(calls) == 1 else _first_of(calls)
        if self.signature is not None:  # SciPy counts parameters
            call.__signature__ = self.signature
        return call


def _signature(f: Fn) -> Any:
    try:
        return signature_of(f)
    except (TypeError, ValueError):
        return None


def _first_of(calls: list[Fn]) -> Any:
    def call(*xs: Any) -> Any:
        for one in calls:
            try:
                return one(*xs)
            except OffTrace:
                continue
        raise OffTrace("a function goes a way that it did not go when it was recorded.")

    return call


def recorded(
    f: Fn, xs: tuple[Any, ...], args: tuple[Any, ...], place: Callable[[Any], int], origin: Any = ORIGIN
) -> Way:
    """The way that f goes at plain xs. `place` says which argument of the line a value of an older recording is.

    A trace of another origin is going to be differentiated: there can be no line of a solver in it.
    """
    noticed = [notice(f, *args) for notice in NOTICE]
    rec = Recorder(origin, LOOPED, True, Unplaced())
    try:
        with Recording(), Forgiven():
            y = f(*[started(x, rec) for x in xs], *args)
        leaves, structure = ([y], None) if is_value(y) else tree.flatten(y)
        listing = Listing(rec.lines, [Type.of(x) for x in xs], True)
        found = [_leaf(x, rec) for x in leaves]
        atoms = [listing.atom(slot, x) for slot, x in found]
    except NoWay:
        raise
    except (NotApart, Exception) as error:  # Python, which runs it next, raises what is the function's own
        raise NoWay(f"the function given to a solver cannot be recorded by itself ({type(error).__name__})") from None
    finally:
        changed = _changed(noticed)
        frozen = rec.frozen
        if type(rec.lines) is Unplaced:
            rec.close()
    if changed or frozen:
        raise NoWay(f"in the function given to a solver, {frozen}" if frozen else changed)
    older = listing.older.values()
    values = [concrete(x) for _, x in older]
    plain = [_fixed(x) for _, x in found]
    outs = tuple([k for k, atom in enumerate(atoms) if isinstance(atom, Var)])
    inputs = (*listing.inputs, *[var for var, _ in older])
    return Way(
        tuple([kind_of(x) for x in xs]),
        nameless("solved", inputs, listing.lines, [atoms[k] for k in outs]).dce(raising=True),
        tuple([place(x) for _, x in older]),
        tuple([_kind(x) if type(x) in _NUMBERS_PASSED else "array" for x in (*xs, *values)]),
        tuple([_out_kind(plain[k]) for k in outs]),
        outs,
        tuple([None if k in outs else x for k, x in enumerate(plain)]),
        structure,
    )


def _changed(noticed: list[Any]) -> str:
    """What the function changed of what it reads; that is put back."""
    for seen in noticed:
        what = "more than can be looked at" if seen.too_many else seen.changed()
        what = what or ("a random generator" if seen.drew() else "")
        if what:
            seen.restore()
            return f"the function given to a solver changes {what}"
    return ""


def started(x: Any, rec: Recorder) -> Any:
    """A plain argument as an input of the recording."""
    slot = rec.append((INPUT, (), None, (), None, None))
    if type(x) is not np.ndarray:
        return Scalar(x, rec, slot)
    value = Array(x.copy(), rec, slot)
    value.shared = True
    return value


def _leaf(x: Any, rec: Recorder) -> tuple[int, Any]:
    """A leaf of the result: its slot in the recording (-1 if it is not of it), and its value."""
    youngest((x,))
    if is_value(x) and x.rec is rec:
        return x.slot, x.primal
    if not (is_value(x) or isinstance(x, (bool, int, float, complex, np.generic, np.ndarray))):
        raise NoWay(f"the function given to a solver returns a {type(x).__name__}")
    return -1, x


def _fixed(x: Any) -> Any:
    x = concrete(x)
    return x.copy() if type(x) is np.ndarray else x


def _kind(x: Any) -> str:
    return "array" if type(x) is np.ndarray else type(x).__name__


def _out_kind(x: Any) -> str:
    return "scalar" if isinstance(x, np.generic) else _kind(x)
