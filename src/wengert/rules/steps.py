"""Functions that are constant wherever they are smooth: places, counts, comparisons. Their results are plain."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from wengert.ir.row import HANDLERS, Row
from wengert.record.apply import apply
from wengert.record.build import contains_value
from wengert.record.observe import look
from wengert.record.protocols import lower
from wengert.record.value import is_value
from wengert.rules.axes import deliver
from wengert.rules.table import enter, short_name

STEPS = (
    np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.argwhere, np.nonzero,
    np.flatnonzero, np.count_nonzero, np.any, np.all, np.isclose, np.allclose, np.array_equal, np.array_equiv,
    np.isin, np.lexsort, np.searchsorted, np.digitize, np.iscomplex, np.isreal, np.isneginf, np.isposinf,
)  # fmt: skip

PLACES = (np.argwhere, np.nonzero, np.flatnonzero)
"""The shape of their results depends on values: a trace notes how many places there were."""


def _step(function: Any) -> Any:
    """What a constant function does to recorded values: compute, with every argument by position."""
    row = enter(Row(function, short_name(function), "constant", special=True))
    names = tuple(inspect.signature(function).parameters)
    last = names.index("out") if "out" in names else len(names)

    def handler(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        if len(args) > last:
            args, out, kwargs = (
                args[:last],
                args[last],
                dict(zip(names[last + 1 :], args[last + 1 :], strict=False)) | kwargs,
            )
        if any([is_value(v) for v in kwargs.values()]):
            args, kwargs = _by_position(function, args, kwargs)
        operands = tuple([_operand(a) for a in args])
        if function in PLACES:
            look(np.count_nonzero(operands[0]))
        options = {name: look(v) if is_value(v) else lower(v) for name, v in kwargs.items()}
        return deliver(apply(row, operands, options), out)

    return handler


def _operand(a: Any) -> Any:
    return np.array(a) if isinstance(a, (list, tuple)) and contains_value(a) else a


def _by_position(function: Any, args: Any, kwargs: Any) -> Any:
    """Recorded keyword arguments, and those before them, moved to their positions."""
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.args, bound.kwargs


for _function in STEPS:
    HANDLERS[_function] = _step(_function)
