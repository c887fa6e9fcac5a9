"""The hash of a recorded number: its identity, except where a value is looked up among plain ones.

Two recorded numbers of equal value have different derivatives, so a memo (a dict, lru_cache) must
not take one for the other. But `x in {0.0, 1.0}` asks for the value: where Python executes `in`
with a set or dict that can be named and holds nothing recorded, the hash is that of the value.
A dict that the same code stores into by name (`if x not in known: known[x] = f(x)`) is a memo: what
it holds from calls with plain numbers has no derivative.

What a trace records without derivative (truth values, whole numbers, signs) is a plain value to a
derivative, and hashes as one; the trace notes what it was. So is every value of a trace in which no
derivative is taken.
"""

from __future__ import annotations

import dis
import sys
from types import FrameType
from typing import Any

import numpy as np

from wengert.record.apply import INPUT
from wengert.record.observe import look
from wengert.record.refusals import note
from wengert.record.value import BATCH, concrete, is_value


def scalar_hash(self: Any) -> int:
    """hash(x)."""
    if self.rec is not None and self.rec.traces and (_is_plain_there(self) or _has_no_derivative(self)):
        return hash(look(self))
    container = _searched(sys._getframe(1))
    if container is None or any(is_value(key) for key in container):
        computes_only = self.rec is not None and self.rec.traces and not is_value(self.primal)
        return hash(look(self)) if computes_only else _identity(self)
    return hash(look(self))


def _identity(x: Any) -> int:
    """The hash of a key of its own, of which a recording that ends takes note: a set may have more elements than it has
    with plain numbers."""
    note(None)
    return object.__hash__(x)


def _is_plain_there(x: Any) -> bool:
    """Whether x, recorded for a trace, is none of a derivative's numbers: whole, true or false, or of a batch."""
    return np.result_type(concrete(x)).kind in "biu" or (x.rec.traces is BATCH and not is_value(x.primal))


def _has_no_derivative(x: Any) -> bool:
    """Whether every line that leads to x ends at one that is constant."""
    lines, todo, seen = x.rec.lines, [x.slot], set[int]()
    while todo:
        slot = todo.pop()
        row, slots = lines[slot][:2]
        if row is INPUT:
            return False
        if slot not in seen and row.kind != "constant":
            todo.extend(s for s in slots if s >= 0)
        seen.add(slot)
    return True


def _searched(frame: FrameType) -> Any:
    """The set or dict of the `x in container` that the frame is executing; None where it is none."""
    code = frame.f_code
    if dis.opname[code.co_code[frame.f_lasti]] != "CONTAINS_OP":
        return None
    steps = [i for i in dis.get_instructions(code) if i.opname != "CACHE"]
    before = [i for i in steps if i.offset < frame.f_lasti][-1]
    name = before.argval
    if before.opname == "LOAD_CONST":
        found = name
    elif before.opname.startswith(_LOADS):
        name = name[-1] if isinstance(name, tuple) else name
        found = frame.f_locals.get(name, frame.f_globals.get(name))
    else:
        return None
    if isinstance(found, dict):
        return None if _is_stored_into(name, steps) else found  # type: ignore[return-value]
    return found if isinstance(found, (set, frozenset)) else None


_LOADS = ("LOAD_FAST", "LOAD_DEREF", "LOAD_GLOBAL", "LOAD_NAME")


def _is_stored_into(name: Any, steps: list[dis.Instruction]) -> bool:
    """Whether the code says `name[key] = value`, with a key that has a name."""
    for k, step in enumerate(steps):
        if step.opname != "STORE_SUBSCR":
            continue
        loaded = [i.argval for i in steps[max(k - 2, 0) : k] if i.opname.startswith(_LOADS)]
        if name in loaded or any([isinstance(pair, tuple) and name in pair for pair in loaded]):
            return True
    return False
