"""The transpose of a linear function, by recording it once and sweeping in reverse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import Pull, Push
from wengert.record.apply import INPUT
from wengert.record.swap import Recording
from wengert.record.value import Array, Recorder, Scalar, concrete, is_value
from wengert.sweep.reverse import reverse


def transpose(push: Push, k: int) -> Pull:
    """The pullback of argument k: c ↦ Aᵀ c for the linear map A: ẋ ↦ push(ẋ, y, *args)."""

    def pull(c: Any, y: Any, *args: Any, **params: Any) -> Any:
        rec = Recorder(("a derivative rule", None))
        x = concrete(args[k])
        given = list(c.values()) if type(c) is dict else c if type(c) in (list, tuple) else [c]
        dtype = np.result_type(x, *[concrete(ci) for ci in given if ci is not None])
        zero = np.zeros(np.shape(x), dtype if dtype.kind in "fc" else float)
        slot = rec.append((INPUT, (), None, (), None, None))
        with Recording():
            one = np.ones_like(zero)  # a zero would be strong: what is multiplied by infinity or NaN would be lost
            start = Array(one, rec, slot) if np.ndim(x) else Scalar(one[()], rec, slot)
            out = push(start, y, *args, **params)
        outs = out if isinstance(out, tuple) else (out,)
        cs = [c.get(i) for i in range(len(outs))] if type(c) is dict else given
        seeds = [
            (o.slot, ci) for o, ci in zip(outs, cs, strict=True) if ci is not None and getattr(o, "rec", None) is rec
        ]
        writes = rec.writes
        return _zero_if_none(reverse(rec.close(), writes, seeds, [slot])[0], zero)

    return pull


def _zero_if_none(bar: Any, zero: Any) -> Any:
    return zero if bar is None else bar


def transposed(linear: Callable[..., Any], likes: list[Any], c: Any) -> list[Any]:
    """Aᵀ c, one cotangent per argument of the linear map A, which are like `likes`.

    c is a cotangent of A's result; of several results it is a dict (missing ones are zero).
    """
    rec = Recorder(("a derivative rule", None))
    starts: list[Any] = []
    for like in likes:
        one = np.ones_like(concrete(like))
        slot = rec.append((INPUT, (), None, (), None, None))
        starts.append(Array(one, rec, slot) if np.ndim(one) else Scalar(one[()], rec, slot))
    with Recording():
        out = linear(*starts)
    pairs = [(out, c)] if type(c) is not dict else [(out[k], part) for k, part in c.items()]
    seeds = [(o.slot, part) for o, part in pairs if is_value(o) and o.rec is rec]
    bars = reverse(rec.close(), rec.writes, seeds, list(range(len(likes))))
    return [np.zeros_like(concrete(like)) if bar is None else bar for bar, like in zip(bars, likes, strict=True)]
