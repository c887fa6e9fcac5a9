"""What a user asks for: which direction of the inputs, which output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import BadInput
from wengert.ir.trace import Trace
from wengert.show.replay import Replay
from wengert.show.values import is_floating

MODES = ("forward", "reverse")


def checked_mode(mode: str) -> str:
    """The mode, if it is one."""
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}.\nPass 'forward' or 'reverse'.")
    return mode


def tangents(trace: Trace, point: tuple[Any, ...], direction: Any) -> list[Any]:
    """One tangent per input (None: zero).

    `direction` is the name or the number of an input (1 in all its elements), a mapping from names
    to tangents, or the tangents of all inputs in a tuple. None is the first input.
    """
    if not point:
        return []
    if direction is None:
        direction = 0
    if isinstance(direction, str) or (isinstance(direction, (int, np.integer)) and type(direction) is not bool):
        k = _input(trace, direction)
        return [_ones(x) if j == k else _zero(x) for j, x in enumerate(point)]
    if isinstance(direction, Mapping) and all(isinstance(key, str) and key in trace.spelled for key in direction):
        given = {_input(trace, key): d for key, d in direction.items()}
        return [_shaped(given[j], x, trace.spelled[j]) if j in given else None for j, x in enumerate(point)]
    leaves = tree.flatten(direction)[0]
    if len(leaves) != len(point):
        raise BadInput(
            f"direction has {len(leaves)} tangents; the trace has {len(point)} inputs ({', '.join(trace.spelled)}).\n"
            "Pass one tangent per input, the name of an input, or {name: tangent}."
        )
    return [_shaped(d, x, name) for d, x, name in zip(leaves, point, trace.spelled, strict=True)]


def _input(trace: Trace, which: Any) -> int:
    if isinstance(which, str):
        if which in trace.spelled:
            return trace.spelled.index(which)
    elif 0 <= which < len(trace.spelled):
        return int(which)
    raise BadInput(
        f"direction: the trace has no input {which!r}.\nIts inputs are {', '.join(trace.spelled) or 'none'}; "
        "pass one of these names, or its position from 0."
    )


def _zero(x: Any) -> Any:
    """0 of a number, so that its term is shown; None of an array."""
    return None if np.ndim(x) else type(x)(0)


def _shaped(d: Any, x: Any, name: str) -> Any:
    """A tangent of x, in x's dtype."""
    if d is None:
        return None
    given = np.asarray(d)
    if given.shape != np.shape(x) or given.dtype.kind not in "fciub":
        raise BadInput(
            f"direction: the tangent of {name} is {given.dtype}{list(given.shape)}, {name} has shape "
            f"{list(np.shape(x))}.\nPass numbers of the same shape."
        )
    return given.astype(np.result_type(x))[()] if isinstance(x, (np.ndarray, np.generic)) else type(x)(given)


def _ones(x: Any) -> Any:
    return np.ones_like(x)[()] if isinstance(x, (np.ndarray, np.generic)) else type(x)(1)


def cotangents(run: Replay, output: Any) -> list[Any]:
    """One cotangent per output (None: zero).

    `output` is the number of an output (1 in all its elements: the adjoints of their sum), a pair
    (number, index) for one element, or an array: the cotangent of the only output. None is the
    first output that is floating.
    """
    values = run.outputs
    if output is None:
        output = next((k for k, y in enumerate(values) if is_floating(y)), None)
        if output is None:
            return [None] * len(values)
    k, index = output if isinstance(output, tuple) and len(output) == 2 else (output, None)
    if isinstance(k, (list, np.ndarray)):
        if len(values) != 1:
            raise BadInput(f"output is an array; the trace has {len(values)} outputs.\nPass the number of one of them.")
        return [_shaped(k, values[0], "the output")]
    if not isinstance(k, (int, np.integer)) or not 0 <= k < len(values):
        raise BadInput(
            f"output is {output!r}; the trace has {len(values)} output{'s' * (len(values) != 1)}.\n"
            "Pass its number from 0, or (number, index) for one element."
        )
    if not is_floating(values[k]):
        raise BadInput(f"output {k} is not floating, so it has no derivative.\nChoose another output.")
    return [_seed(y, index) if j == k else None for j, y in enumerate(values)]


def _seed(y: Any, index: Any) -> Any:
    if index is None or index == ():
        return _ones(y)
    seed = np.zeros_like(y)
    try:
        seed[index] = 1
    except IndexError as error:
        raise BadInput(f"output: {error}.\nPass an index of an array of shape {list(np.shape(y))}.") from None
    return seed
