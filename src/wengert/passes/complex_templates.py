"""Functions of pairs as lines, recorded once for types of parts.

An elementwise function is recorded for short arrays, whatever their length: of an axis it matters only whether it is
stretched. `Template.at` gives the lines their lengths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Type, Var
from wengert.passes.complex_maths import Pair
from wengert.passes.complex_values import NotParted
from wengert.passes.cse import key_of
from wengert.passes.pattern import recorded_several, stand_in

Shape = tuple[int, ...]
Types = tuple[tuple[Type, Type | None], ...]
"""Of each argument the types of its parts."""


@dataclass(frozen=True, eq=False)
class Template:
    """The lines of a function of pairs, for parts of certain types."""

    inputs: tuple[Var, ...]
    lines: tuple[Line, ...]
    results: tuple[Atom, ...]

    def at(self, atoms: list[Atom], full: Shape | None, origin: tuple[str, int]) -> tuple[list[Line], list[Atom]]:
        """New lines for these arguments, and their results. `full`: the lengths of short axes."""
        now: dict[Atom, Atom] = dict(zip(self.inputs, atoms, strict=True))
        lines: list[Line] = []
        for line in self.lines:
            outs = tuple([Var(_long(out.type, full)) for out in line.outs])
            given = tuple([now.get(a, a) for a in line.args])
            lines.append(Line(line.row, line.op, given, line.params, outs, origin, line.many))
            now.update(zip(line.outs, outs, strict=True))
        return lines, [now.get(a, a) for a in self.results]


def _short(t: Type | None) -> Type | None:
    return t and Type(t.dtype, tuple([1 if n == 1 else 2 for n in t.shape]), t.python)


def _long(t: Type, full: Shape | None) -> Type:
    """A type with the lengths of `full`, counted from the last axis."""
    if full is None or not t.shape:
        return t
    lengths = full[len(full) - len(t.shape) :]
    return Type(t.dtype, tuple([1 if n == 1 else m for n, m in zip(t.shape, lengths, strict=True)]), t.python)


def elementwise(
    f: Callable[..., Any], types: Types, params: dict[str, Any], bare: bool = False
) -> tuple[Template, Shape]:
    """The lines of an elementwise function (`bare`: of the first parts), and the shape of what it computes."""
    full = np.broadcast_shapes(*[t.shape for pair in types for t in pair if t is not None])
    short: Any = tuple([(_short(x), _short(y)) for x, y in types])
    return whole(f, short, params, bare), full


def whole(f: Callable[..., Any], types: Types, params: dict[str, Any], bare: bool = False) -> Template:
    """The lines of a function of pairs."""
    key = (f, types, key_of(params), bare)
    known = _templates.get(key)
    if known is None:
        if len(_templates) > _MOST_TEMPLATES:
            _templates.clear()
        known = _templates[key] = _recorded(f, types, params, bare)
    return known


_templates: dict[Any, Template] = {}
_MOST_TEMPLATES = 4096


def _recorded(f: Callable[..., Any], types: Types, params: dict[str, Any], bare: bool) -> Template:
    flat = [t for pair in types for t in pair if t is not None]

    def of_parts(*xs: Any) -> tuple[Any, ...]:
        rest = iter(xs)
        pairs: list[Pair] = [(next(rest), None if t[1] is None else next(rest)) for t in types]
        y = f(*[x if bare else (x, y) for x, y in pairs], **params)
        return y if isinstance(y, tuple) else (y,)

    try:
        with np.errstate(all="ignore"):
            listing, results = recorded_several(of_parts, tuple([stand_in(t) for t in flat]), list(range(len(flat))))
    except Exception as error:  # types for which the function cannot be recorded
        raise NotParted from error
    if any([line.kind in ("guard", "write", "constant") for line in listing.lines]):
        raise NotParted
    return Template(tuple(listing.inputs), tuple(listing.lines), results)
