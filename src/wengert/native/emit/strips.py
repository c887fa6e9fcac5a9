"""Several neighbouring elements at a time: how a loop is divided, how they are read, written and summed up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wengert.native import assembly as ir
from wengert.native.emit.scalars import I32, I64
from wengert.native.maths.lanes import constant, lanes, spread, vector
from wengert.native.processor import register_bytes

_MUCH = 50_000
"""Simple operations from which on what a loop takes counts more than its compilation."""


def most_lanes(size: int, work: int = _MUCH) -> int:
    """How many elements of so many bytes to work on at a time: where there is much work two registers full, which wait
    less for each other's results than one."""
    return (2 if work >= _MUCH else 1) * register_bytes() // size


def room_for(n: int) -> int:
    """The least power of two that is not below n; 0 for 0. A sum of so many lanes is halved until one is left."""
    return 1 << (n - 1).bit_length() if n else 0


def strips(n: int, most: int) -> list[tuple[int, int, int]]:
    """(lanes, first, count): runs over n elements, `most` lanes at a time, and the rest at once; 0 lanes for one."""
    whole = n // most
    runs = [(most, 0, whole)] if whole else []
    rest = n - whole * most
    return [*runs, (rest if rest > 1 else 0, whole * most, 1)] if rest else runs


def load_lanes(b: Any, base: Any, place: Any, stride: int, count: int, size: int) -> Any:
    """The elements at place, place + stride, …, or at the places in a vector."""
    if isinstance(place, Steps):
        place, stride = place.first, place.step
    if not lanes(place.type) and abs(stride) == 1:
        first = place if stride == 1 else b.sub(place, I64(count - 1))
        pointer = b.gep(base, [first], inbounds=True)
        kind = vector(pointer.type.pointee, count)
        x = b.load(pointer, align=size, typ=kind)
        return x if stride == 1 else b.shuffle_vector(x, x, _mask(range(count - 1, -1, -1)))
    x: Any = ir.Constant(vector(base.type.pointee, count), ir.Undefined)
    for k, at in enumerate(_places(b, place, stride, count)):
        x = b.insert_element(x, b.load(b.gep(base, [at], inbounds=True)), I32(k))
    return x


def store_lanes(b: Any, x: Any, base: Any, place: Any, stride: int, size: int) -> None:
    """Write the lanes of x to place, place + stride, …."""
    count = lanes(x.type)
    if stride == 1:
        b.store(x, b.bitcast(b.gep(base, [place], inbounds=True), x.type.as_pointer()), align=size)
        return
    for k, at in enumerate(_places(b, place, stride, count)):
        b.store(b.extract_element(x, I32(k)), b.gep(base, [at], inbounds=True))


def parted(b: Any, base: Any, place: Any, stride: int, count: int, size: int) -> list[Any]:
    """The elements at place, place + stride, …; at place + 1, place + 1 + stride, …; all up to place + count·stride."""
    x = b.load(b.gep(base, [place], inbounds=True), align=size, typ=vector(base.type.pointee, count * stride))
    return [b.shuffle_vector(x, x, _mask(range(first, count * stride, stride))) for first in range(stride)]


def merged(b: Any, xs: list[Any]) -> Any:
    """Vectors as one: the first lane of each, then the second lanes, and so on."""
    many, count = len(xs), lanes(xs[0].type)
    while len(xs) > 1:
        xs = [*xs, xs[-1]] if len(xs) % 2 else xs
        both = _mask(range(2 * lanes(xs[0].type)))
        xs = [b.shuffle_vector(x, y, both) for x, y in zip(xs[::2], xs[1::2], strict=True)]
    (x,) = xs
    return b.shuffle_vector(x, x, _mask([k + count * j for k in range(count) for j in range(many)]))


def _places(b: Any, place: Any, stride: int, count: int) -> list[Any]:
    if lanes(place.type):
        return [b.extract_element(place, I32(k)) for k in range(count)]
    return [b.add(place, I64(k * stride), flags=("nsw",)) if k else place for k in range(count)]


def _mask(places: Any) -> Any:
    return ir.Constant(vector(I32, len(places)), [I32(k) for k in places])


@dataclass(frozen=True, eq=False)
class Steps:
    """first, first + step, …: whole numbers in lanes that are not written out while they only say where to read."""

    first: Any
    step: int
    count: int

    @property
    def type(self) -> Any:
        """That of the vector."""
        return vector(I64, self.count)

    def written_out(self, b: Any) -> Any:
        """The vector."""
        from_zero = ir.Constant(self.type, [I64(k * self.step) for k in range(self.count)])
        return b.add(spread(b, self.first, self.count), from_zero)


def stepped(b: Any, op: str, xs: list[Any]) -> Steps | None:
    """op of numbers and progressions, if it is a progression."""
    if op not in ("add", "sub") or any(lanes(x.type) and not isinstance(x, Steps) for x in xs):
        return None
    x, y = xs
    count = x.count if isinstance(x, Steps) else y.count
    (p, a), (q, c) = [(x.first, x.step) if isinstance(x, Steps) else (x, 0) for x in (x, y)]
    return Steps(b.add(p, q), a + c, count) if op == "add" else Steps(b.sub(p, q), a - c, count)


def padded(b: Any, x: Any, count: int, neutral: Any) -> Any:
    """x in the first of so many lanes, and a number in the others."""
    have = lanes(x.type)
    if have == count:
        return x
    if not have:
        return b.insert_element(constant(vector(x.type, count), neutral), x, I32(0))
    others = constant(x.type, neutral)
    return b.shuffle_vector(x, others, _mask([k if k < have else have for k in range(count)]))


def shortened(b: Any, x: Any, count: int) -> Any:
    """The first lanes of x."""
    return b.shuffle_vector(x, x, _mask(range(count))) if lanes(x.type) > count else x


def total(b: Any, x: Any, combine: Callable[[Any, Any], Any]) -> Any:
    """All lanes, a power of two, as one: halves, and halves of halves."""
    count = lanes(x.type)
    while count > 1:
        count //= 2
        x = combine(b.shuffle_vector(x, x, _mask(range(count))), b.shuffle_vector(x, x, _mask(range(count, 2 * count))))
    return b.extract_element(x, I32(0)) if count else x


def folded(b: Any, low: Any, high: Any, count: int, start: Any, step: Callable[[Any, int, Any], Any]) -> Any:
    """y = step(i, count, y) from `start` on, for i from `low` to before `high`, `count` lanes at a time (0: one)."""
    function, before = b.function, b.block
    loop, after = function.append_basic_block("strips"), function.append_basic_block("after")
    b.cbranch(b.icmp_signed("<", low, high), loop, after)
    b.position_at_end(loop)
    i, y = b.phi(I64), b.phi(start.type)
    result = step(i, count, y)
    following = b.add(i, I64(count or 1), flags=("nsw", "nuw"))
    b.cbranch(b.icmp_signed("<", following, high), loop, after)
    for phi, first, then in ((i, low, following), (y, start, result)):
        phi.add_incoming(first, before)
        phi.add_incoming(then, loop)
    b.position_at_end(after)
    last = b.phi(start.type)
    last.add_incoming(start, before)
    last.add_incoming(result, loop)
    return last
