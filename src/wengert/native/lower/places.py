"""Primitives that move elements: views as affine places, copies by constant places, gathers by places that vary."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.table import LOWER, lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import NARROW, Form, Node, Shape
from wengert.native.views import flat_places, forms_of_places, view_forms
from wengert.record.varying import ADD, HOLE, SET, TAKE, Hole, Span


def moved(m: Maker, x: Node, op: Any) -> Node:
    """op(x), where op only selects and arranges elements: as a view, or as a gather at constant places."""
    seen = view_forms(x.shape, op)
    if seen is not None:
        return m.view(x, *seen)
    places = flat_places(x.shape, op)
    if not places.size:
        return m.broadcast(m.number(0, x.dtype), places.shape) if places.shape else m.number(0, x.dtype)
    forms = forms_of_places(x.shape, places) if x.shape else None
    if forms is not None:
        return m.view(x, forms, places.shape)
    return gather(m, x, m.constant(places))


def gather(m: Maker, x: Node, places: Node) -> Node:
    """The elements of x at flat places, which are known to lie inside."""
    if not x.shape:
        return m.broadcast(x, places.shape)
    if places.kind == "const" and not places.shape:
        forms = tuple((int(k), ()) for k in np.unravel_index(places.info, x.shape))
        return m.view(x, forms, ())
    return m.make("gather", None, (x, places), places.shape, x.dtype)


def _moving(line: Line) -> Any:
    return lambda x: line.op(x, **line.params)


@lowers(
    np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d, np.transpose, np.swapaxes, np.moveaxis,
    np.roll, np.repeat, np.tile, "wengert.rules.diagonal._diagonal",
)  # fmt: skip
def _movement(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    if len(args) != 1:
        raise Unsupported(f"{line.row.name} of several")
    return moved(m, args[0], _moving(line))


@lowers("wengert.rules.structure.broadcast_to")
def _broadcast_to(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    return m.broadcast(args[0], line.outs[0].type.shape)


@lowers("wengert.rules.structure.reshape")
def _reshape(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    shape, order = line.outs[0].type.shape, line.params.get("order", "C")
    if order == "C":
        return m.reshape(args[0], shape)
    if order != "F":
        raise Unsupported(f"reshape in order {order}")
    turned = moved(m, args[0], np.transpose)
    return moved(m, m.reshape(turned, shape[::-1]), np.transpose)


@lowers("getitem")
def _getitem(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    key, x = line.params["key"], args[0]
    return moved(m, x, lambda a: taken(a, key))


def taken(a: Any, key: Any) -> Any:
    """a[key], as a view even of one element, where it is one."""
    parts = key if type(key) is tuple else (key,)
    if any(p is Ellipsis or type(p) is np.ndarray for p in parts):
        return a[key]
    return a[(*parts, Ellipsis)]


@lowers(TAKE.op)
def _take(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    x, *parts = args
    return gather(m, x, dynamic_places(m, x.shape, line.params["key"], tuple(parts)))


def _placing(op: str) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        x, v, *parts = args
        places = dynamic_places(m, x.shape, line.params["key"], tuple(parts))
        v = m.broadcast(m.cast(v, x.dtype), places.shape)
        return m.make("scatter", op, (x, places, v), x.shape, x.dtype)

    return lowering


lowers(SET.op)(_placing("set"))
lowers(ADD.op)(_placing("add"))


_FIXED = (int, np.integer, np.ndarray)


def dynamic_places(m: Maker, shape: Shape, key: Any, given: tuple[Node, ...]) -> Node:
    """The flat places that x[key] reads, where the parts of the key that are numbered `Hole`s vary."""
    parts = [np.asarray(part) if type(part) is list else part for part in (key if type(key) is tuple else (key,))]
    holes = [part for part in parts if isinstance(part, Hole)]
    given = tuple([m.cast(g, "i64") if g.dtype in NARROW else g for g in given])
    if any(isinstance(part, Span) for part in holes):
        given = tuple([_places_from(m, part, g) for part, g in zip(holes, given, strict=True)])
    if any(g.dtype != "i64" for g in given) or len(holes) != len(given):
        raise Unsupported("an index that is not of whole numbers")
    if any(part is None or part is Ellipsis or isinstance(part, _FIXED) for part in parts):
        parts, given = _plain_parts(m, shape, parts, given)
    axis_places: list[Node] = []
    shapes = [g.shape for g in given]
    together = np.broadcast_shapes(*shapes)
    where = [k for k, part in enumerate(parts) if isinstance(part, Hole)]
    scattered = where != list(range(where[0], where[-1] + 1))
    rest = [k for k in range(len(shape)) if k >= len(parts) or not isinstance(parts[k], Hole)]
    lead = 0 if scattered else len([k for k in rest if k < where[0]])
    slices: list[Any] = [range(shape[k])[parts[k]] if k < len(parts) else range(shape[k]) for k in rest]
    out = (*[len(s) for s in slices[:lead]], *together, *[len(s) for s in slices[lead:]])
    total: Node | None = None
    number = 0
    for k, n in enumerate(shape):
        step = int(np.prod(shape[k + 1 :], dtype=int))
        if k in where:
            place = within(m, m.broadcast(given[number], together), n)
            number += 1
            forms = tuple((0, ((1, lead + j),)) for j in range(len(together)))
            axis = m.view(place, forms, out) if out != together else place
        else:
            s = slices[rest.index(k)]
            at = rest.index(k) if rest.index(k) < lead else rest.index(k) + len(together)
            numbers = m.constant(np.arange(s.start, s.start + len(s) * s.step, s.step) if len(s) else np.zeros(0, int))
            axis = m.view(numbers, ((0, ((1, at),)),), out) if numbers.shape else m.broadcast(numbers, out)
        axis_places.append(axis)
        part = m.map("mul", axis, m.number(step, "i64")) if step != 1 else axis
        total = part if total is None else m.map("add", total, part)
    assert total is not None
    return m.broadcast(total, out)


def _places_from(m: Maker, part: Hole, place: Node) -> Node:
    """The places of a slice that begins at a place."""
    if not isinstance(part, Span):
        return place
    places = m.constant(np.array(part.places, dtype=np.int64))
    return m.map("add", m.broadcast(place, places.shape), places)


def within(m: Maker, place: Node, n: int) -> Node:
    """A place counted from the front, checked to lie in an axis of n elements."""
    zero, size = m.number(0, "i64"), m.number(n, "i64")
    if place.kind != "const":
        low = m.map("ge", place, m.number(-n, "i64"), dtype="bool")
        m.check(m.map("and", low, m.map("lt", place, size, dtype="bool"), dtype="bool"))
    negative = m.map("lt", place, zero, dtype="bool")
    front = m.map("where", negative, m.map("add", place, size), place, dtype="i64")
    return m.map("min_i", m.map("max_i", front, zero), m.number(n - 1, "i64"), dtype="i64")


def _plain_parts(m: Maker, shape: Shape, parts: list[Any], given: tuple[Node, ...]) -> Any:
    """Ellipsis written out; fixed numbers and arrays among the ones that vary, as NumPy has them."""
    if any(part is None for part in parts):
        raise Unsupported("a new axis beside an index that varies")
    if any(part is Ellipsis for part in parts):
        at = next(k for k, part in enumerate(parts) if part is Ellipsis)
        parts[at : at + 1] = [slice(None)] * (len(shape) - len(parts) + 1)
    nodes = iter(given)
    out: list[Node] = []
    for k, part in enumerate(parts):
        if isinstance(part, Hole):
            out.append(next(nodes))
        elif type(part) is np.ndarray:
            if part.dtype.kind not in "iu":
                raise Unsupported("a mask beside an index that varies")
            out.append(m.constant(part.astype(np.int64)))
            parts[k] = HOLE
        elif isinstance(part, (bool, np.bool_)):
            raise Unsupported("a mask beside an index that varies")
        elif isinstance(part, (int, np.integer)):
            out.append(m.number(int(part), "i64"))
            parts[k] = HOLE
    return parts, tuple(out)


@lowers("assemble")
def _assemble(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """np.array of equal parts: a stack."""
    shape, dtype = line.outs[0].type.shape, result_dtype(line)
    return joined(m, tuple([m.reshape(a, (1, *a.shape)) for a in args]), shape, dtype, 0)


for _name in ("copy", "zero_d", "copy_C", "copy_F", "copy_A", "copy_K", "numpy.real", "numpy.conjugate"):
    LOWER[_name] = lambda m, line, args: m.cast(args[0], result_dtype(line))


@lowers("numpy.concatenate")
def _concatenate(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    shape, dtype = line.outs[0].type.shape, result_dtype(line)
    axis = line.params.get("axis", 0)
    if axis is None:
        args = tuple([m.reshape(a, (a.size,)) for a in args])
        axis = 0
    return joined(m, args, shape, dtype, axis % len(shape))


def joined(m: Maker, parts: tuple[Node, ...], shape: Shape, dtype: str, axis: int) -> Node:
    """The parts one after the other along an axis."""
    whole = m.broadcast(m.number(0, dtype), shape)
    start = 0
    for part in _merged(m, [p for p in parts if p.size], axis):
        forms = tuple((start if k == axis else 0, ((1, k),)) for k in range(len(shape)))
        whole = m.insert(whole, m.cast(part, dtype), forms)
        start += part.shape[axis]
    return whole


def _merged(m: Maker, parts: list[Node], axis: int) -> list[Node]:
    """The parts, neighbours that show neighbouring places of one array made one."""
    out: list[Node] = []
    run: list[Node] = []
    for part in [*parts, None]:
        if run and (part is None or not _goes_on(run, part, axis)):
            out.append(_one(m, run, axis))
            run = []
        if part is not None:
            run.append(part)
    return out


def _goes_on(run: list[Node], part: Node, axis: int) -> bool:
    """Whether the part shows what comes after the run, as far from its last member as those are from each other."""
    last = run[-1]
    if part.kind != "view" or last.kind != "view" or part.args[0] is not last.args[0] or part.shape != last.shape:
        return False
    if any(a[1] != b[1] for a, b in zip(last.info, part.info, strict=True)):
        return False
    step = _step(last, part)
    return step == _step(run[-2], last) if len(run) > 1 else last.shape[axis] == 1 or step == _length(last, axis)


def _step(a: Node, b: Node) -> tuple[int, ...]:
    return tuple(y[0] - x[0] for x, y in zip(a.info, b.info, strict=True))


def _length(part: Node, axis: int) -> tuple[int, ...]:
    """How far its end is from its beginning, along the axis."""
    return tuple(sum(a for a, k in terms if k == axis) * part.shape[axis] for _, terms in part.info)


def _one(m: Maker, run: list[Node], axis: int) -> Node:
    """The members of a run as one view."""
    first = run[0]
    if len(run) == 1:
        return first
    n = first.shape[axis]
    shape = tuple(len(run) * k if d == axis else k for d, k in enumerate(first.shape))
    if n > 1:
        return m.view(first.args[0], first.info, shape)
    step = _step(first, run[1])
    forms: list[Form] = []
    for (c, terms), s in zip(first.info, step, strict=True):
        kept = tuple((a, k) for a, k in terms if k != axis)
        forms.append((c, (*kept, (s, axis)) if s else kept))
    return m.view(first.args[0], tuple(forms), shape)


@lowers("numpy.stack")
def _stack(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    shape, dtype = line.outs[0].type.shape, result_dtype(line)
    axis = line.params.get("axis", 0) % len(shape)
    one = (*shape[:axis], 1, *shape[axis + 1 :])
    return joined(m, tuple([m.reshape(a, one) for a in args]), shape, dtype, axis)
