"""Sums of Python's that lose no digits on their way, over recorded numbers: its own value, the derivative of a sum.

`math.fsum` rounds once; from 3.12 on `sum` of floats keeps what each addition loses, and `math.sumprod` the same of
products; from 3.14 on so does `sum` of complex numbers.
"""

from __future__ import annotations

import builtins
import math
import sys
from typing import Any

import numpy as np

from wengert.record.swap import replace
from wengert.record.value import Scalar, concrete, is_value
from wengert.rules.described import described

COMPENSATED = [{kind} for kind, since in ((float, (3, 12)), (complex, (3, 14))) if sys.version_info >= since]
"""The types of numbers whose `sum` is more than additions one after the other."""

_sum, _fsum = builtins.sum, math.fsum
_sumprod: Any = getattr(math, "sumprod", None)


def _as_given(x: Any, kinds: Any) -> list[Any]:
    """The numbers of an array, of the types that they had."""
    return x.tolist() if kinds is None else [kind(v) for kind, v in zip(kinds, x.tolist(), strict=True)]


FSUM = described(lambda x: _fsum(x.tolist()), lambda x: np.sum(x), 1, "math.fsum")
SUM = described(lambda x, kinds: _sum(_as_given(x, kinds)), lambda x, kinds: np.sum(x), 1, "sum")
SUMPROD = described(lambda p, q: _sumprod(p.tolist(), q.tolist()), lambda p, q: np.dot(p, q), 2, "math.sumprod")


@replace(math.fsum)
def _fsums(original: Any) -> Any:
    def fsum(seq: Any) -> Any:
        parts = list(seq)
        if not any([is_value(x) for x in parts]):
            return original(parts)
        return FSUM(np.array([x[()] if isinstance(x, np.ndarray) else x for x in parts])) if parts else 0.0

    return fsum


def _is_traced(x: Any) -> bool:
    """Whether a trace or a batch is being made of the number: there additions are lines."""
    while is_value(x):
        if x.rec is not None and x.rec.traces:
            return True
        x = x.primal
    return False


def _kinds(parts: list[Any]) -> Any:
    """The types of numbers of Python's, recorded ones among them, if their sum is more than additions; else None."""
    if not any([type(x) is Scalar for x in parts]):
        return None
    kinds = [type(concrete(x)) for x in parts]
    found = {*kinds} - {int, bool, np.float64}
    return None if found not in COMPENSATED or any(map(_is_traced, parts)) else kinds


def _sums(original: Any) -> Any:
    def sum(iterable: Any, /, start: Any = 0) -> Any:
        parts = list(iterable)
        every = parts if type(start) is int and not start else [start, *parts]
        kinds = _kinds(every) if len(every) > 2 else None
        if kinds is None:
            return original(parts, start)
        return SUM(np.array(every), kinds=None if len({*kinds}) == 1 else tuple(kinds))

    return sum


def _products(original: Any) -> Any:
    def sumprod(p: Any, q: Any, /) -> Any:
        p, q = list(p), list(q)
        pairs = [{*map(_kind, pair)} for pair in zip(p, q, strict=False)]
        known = len(p) == len(q) and all([float in kinds and kinds <= {float, int} for kinds in pairs])
        return SUMPROD(np.array(p), np.array(q)) if known and _kinds([*p, *q]) else original(p, q)

    return sumprod


def _kind(x: Any) -> type:
    return type(concrete(x))


if COMPENSATED:
    replace(builtins.sum)(_sums)
    replace(_sumprod)(_products)
