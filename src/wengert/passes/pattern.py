"""A rewrite as two NumPy functions, `before` and `after`: the first, recorded, is a pattern, the second replaces it.

    Rewrite(lambda x: -(-x), lambda x: x)

Arguments that are numbers or arrays stand for any value; other arguments (shapes, axes) stand for
any parameter of a line. Constants in `before` are matched by value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from inspect import signature
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var, short_dtype
from wengert.ir.row import Row
from wengert.passes.cse import key_of
from wengert.record.apply import INPUT
from wengert.record.listing import Listing, Located
from wengert.record.value import Array, Recorder, Scalar, concrete, is_value


@dataclass(frozen=True, eq=False)
class Rewrite:
    """before(*args) = after(*args). `at` are arguments for which both are recorded; without it, arrays.

    `where` sees what the arguments stand for (variables and constants with a `type`, parameters as they are)
    and says whether the rewrite applies. `kinds` are the kinds of dtypes for which it does. `once`: it does not
    pay if an inner result of `before` is used elsewhere too. `copies`: `before` is memory of its own.
    """

    before: Callable[..., Any]
    after: Callable[..., Any]
    at: tuple[Any, ...] = ()
    where: Callable[..., bool] | None = None
    kinds: str = "fiub"
    once: bool = False
    copies: bool = False

    @cached_property
    def arguments(self) -> tuple[Any, ...]:
        """Arguments for which both sides can be called."""
        return self.at or (_SAMPLE,) * len(signature(self.before).parameters)


_SAMPLE = np.array([0.3, 1.2, 2.5])


@dataclass(frozen=True, eq=False)
class Leaf:
    """Argument number k, whatever it is."""

    k: int


@dataclass(frozen=True, eq=False)
class Call:
    """Result number `out` of a line of this row. A parameter that is a Leaf may be anything."""

    row: Row
    args: tuple[Leaf | Call | Lit, ...]
    params: dict[str, Any]
    out: int


@cache
def pattern(rewrite: Rewrite) -> Call:
    """What `before` computes, as a tree of rows."""
    args = rewrite.arguments
    variables = [k for k, x in enumerate(args) if isinstance(x, (float, np.ndarray, np.generic))]
    listing, result = recorded(rewrite.before, args, variables)
    numbered = {var: Leaf(k) for k, var in zip(variables, listing.inputs, strict=True)}
    free = {key_of(x): Leaf(k) for k, x in enumerate(args) if k not in variables}
    defined = {out: (line, n) for line in listing.lines for n, out in enumerate(line.outs)}

    def tree(atom: Atom) -> Leaf | Call | Lit:
        if isinstance(atom, Lit):
            return atom
        if atom in numbered:
            return numbered[atom]
        line, out = defined[atom]
        params = {name: free.get(key_of(x), x) for name, x in line.params.items()}
        return Call(line.row, tuple([tree(a) for a in line.args]), params, out)

    whole = tree(result)
    assert isinstance(whole, Call)
    return whole


def recorded(f: Callable[..., Any], args: tuple[Any, ...], variables: list[int]) -> tuple[Listing, Atom]:
    """The lines of f, recorded at some of its arguments, and its result. Reaches what NumPy's protocols reach."""
    listing, (result,) = recorded_several(lambda *given: (f(*given),), args, variables)
    return listing, result


def recorded_several(
    f: Callable[..., tuple[Any, ...]], args: tuple[Any, ...], variables: list[int]
) -> tuple[Listing, tuple[Atom, ...]]:
    """The same of a function with several results."""
    rec = Recorder(("a rewrite", f), traces=True)
    rec.lines = lines = Located()
    given = list(args)
    for k in variables:
        x = args[k]
        given[k] = (Array if isinstance(x, np.ndarray) else Scalar)(x, rec, len(lines))
        lines.append((INPUT, (), None, (), None, None))
    ys = f(*given)
    slots = [y.slot if is_value(y) and y.rec is rec else -1 for y in ys]
    listing = Listing(lines, [Type.of(args[k]) for k in variables])
    rec.close()
    return listing, tuple([listing.atom(slot, concrete(y)) for slot, y in zip(slots, ys, strict=True)])


@dataclass(frozen=True, eq=False)
class Template:
    """The lines of `after` for arguments of certain types."""

    inputs: tuple[Var, ...]
    lines: tuple[Line, ...]
    result: Atom


def template(rewrite: Rewrite, bound: tuple[Any, ...]) -> Template | None:
    """`after` for these arguments (atoms, and parameters as they are); None if it cannot be recorded for them."""
    args = tuple([stand_in(x.type) if isinstance(x, (Var, Lit)) else x for x in bound])
    atoms = [k for k, x in enumerate(bound) if isinstance(x, (Var, Lit))]
    try:
        with np.errstate(all="ignore"):
            listing, result = recorded(rewrite.after, args, atoms)
    except Exception:  # types for which the replacement does not exist
        return None
    if any([line.kind in ("guard", "write", "constant") for line in listing.lines]):
        return None
    return Template(tuple(listing.inputs), tuple(listing.lines), result)


_DTYPES = {short_dtype(np.dtype(c)): np.dtype(c) for c in "?bBhHiIlLqQefdgFDG"}
_PYTHONS: dict[str, Any] = {"float": 1.5, "int": 2, "bool": True, "complex": 1.5 + 0.5j}


def stand_in(t: Type) -> Any:
    """A value of that type; a square matrix is well conditioned."""
    if t.python:
        return _PYTHONS[t.dtype]
    dtype = _DTYPES[t.dtype]
    if len(t.shape) >= 2 and t.shape[-1] == t.shape[-2]:
        return (np.ones(t.shape) + t.shape[-1] * np.eye(t.shape[-1])).astype(dtype)
    return np.ones(t.shape, dtype) if t.shape else dtype.type(1)
