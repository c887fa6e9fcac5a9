"""Arrays made from a few recorded numbers: full, arange, linspace, logspace, geomspace, vander."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.build import contains_value
from wengert.record.objects import elements
from wengert.record.observe import look
from wengert.record.swap import replace, run_body, wrap_plain
from wengert.record.value import concrete, is_value
from wengert.rules.products import operand
from wengert.rules.structure import real_if
from wengert.rules.table import handles, linear, rule
from wengert.sweep.arithmetic import sum_to

_full: Any = np.full
_plain_arange: Any = np.arange
_ones: Any = np.ones

# ── full: y = x everywhere ──


def full(x: Any, shape: Any, dtype: Any, order: Any) -> Any:
    """np.full(shape, x, dtype, order)."""
    return np.array(np.broadcast_to(x, shape), dtype, order=order) if is_value(x) else _full(shape, x, dtype, order)


FULL = linear(full, lambda c, x, shape, dtype, order: real_if(sum_to(c, np.shape(x)), x), name="numpy.full")


@replace(np.full)
def _np_full(original: Any) -> Any:
    def np_full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **kwargs: Any) -> Any:
        if not contains_value(fill_value):
            return wrap_plain(original(look(shape), fill_value, dtype, order, **kwargs))
        if dtype is not None and np.dtype(dtype).kind == "O":
            return _full(shape, elements(fill_value), dtype, order)
        x = operand(fill_value)
        if not is_value(x) or (dtype is not None and np.dtype(dtype).kind not in "fc"):
            return original(shape, concrete(x), dtype, order, **kwargs)
        shape = look(shape)
        shape = tuple(int(n) for n in shape) if np.ndim(shape) else (int(shape),)
        return apply(FULL, (x,), {"shape": shape, "dtype": dtype, "order": order})

    return np_full


@replace(np.full_like)
def _np_full_like(original: Any) -> Any:
    def np_full_like(
        a: Any,
        fill_value: Any,
        dtype: Any = None,
        order: Any = "K",
        subok: bool = True,
        shape: Any = None,
        **kwargs: Any,
    ) -> Any:
        a = concrete(a)
        if not contains_value(fill_value):
            return wrap_plain(original(a, fill_value, dtype, order, subok, shape, **kwargs))
        y = np.array(np.empty_like(a, dtype, order, subok, shape, **kwargs), copy=True, order="K")
        if y.dtype.kind == "O":
            return original(a, elements(fill_value), dtype, order, subok, shape, **kwargs)
        if y.dtype.kind not in "fc":
            return original(a, concrete(operand(fill_value)), dtype, order, subok, shape, **kwargs)
        y[...] = fill_value
        return y

    return np_full_like


# ── arange: yₖ = start + k step; linspace: yₖ = (1 − tₖ) start + tₖ stop ──


def arange(start: Any, stop: Any, step: Any, dtype: Any = None) -> Any:
    """np.arange(start, stop, step)."""
    if is_value(start) or is_value(stop) or is_value(step):
        return apply(ARANGE, (start, stop, step), {"dtype": dtype})
    return _plain_arange(start, stop, step, dtype)


ARANGE = linear(
    arange,
    lambda c, start, stop, step, dtype: np.sum(c),
    lambda c, start, stop, step, dtype: 0.0 * np.sum(c),
    lambda c, start, stop, step, dtype: np.dot(c, _plain_arange(np.size(c))),
    push=(
        lambda d, start, stop, step, dtype: d * _ones(_steps(start, stop, step)),
        lambda d, start, stop, step, dtype: 0.0 * d * _ones(_steps(start, stop, step)),
        lambda d, start, stop, step, dtype: d * _plain_arange(_steps(start, stop, step)),
    ),
    name="numpy.arange",
)


def _steps(start: Any, stop: Any, step: Any) -> int:
    return _plain_arange(concrete(start), concrete(stop), concrete(step)).size


@replace(np.arange)
def _arange(original: Any) -> Any:
    def np_arange(*args: Any, dtype: Any = None, **kwargs: Any) -> Any:
        if not contains_value((args, tuple(kwargs.values()))):
            return wrap_plain(original(*args, dtype=dtype, **kwargs))
        given = dict(zip(("start", "stop", "step"), args, strict=False)) | kwargs
        if given.get("stop") is None:  # what is given first is the end then
            given["start"], given["stop"] = 0, given["start"]
        start, stop, step = given.get("start", 0), given["stop"], given.get("step", 1)
        if dtype is not None and np.dtype(dtype).kind not in "fc":
            return original(look(start), look(stop), look(step), dtype)
        return arange(start, stop, 1 if step is None else step, dtype)

    return np_arange


def _weights(num: int, endpoint: bool) -> Any:
    div = num - 1 if endpoint else num
    return _plain_arange(num) / max(div, 1)


def linspace(start: Any, stop: Any, num: int, endpoint: bool, axis: int, dtype: Any) -> Any:
    """np.linspace with its parameters by name."""
    return np.linspace(start, stop, num=num, endpoint=endpoint, axis=axis, dtype=dtype)


def _push_end(d: Any, y: Any, w: Any, axis: int) -> Any:
    across = list(np.shape(y))
    del across[axis]
    return np.moveaxis(np.expand_dims(np.broadcast_to(d, across), -1) * w, -1, axis)


def _pull_end(c: Any, x: Any, w: Any, axis: int) -> Any:
    return real_if(sum_to(np.dot(np.moveaxis(c, axis, -1), w), np.shape(x)), x)


# fmt: off
LINSPACE = rule(
    linspace,
    lambda d, y, a, b, num, endpoint, axis, dtype: _push_end(d, y, 1.0 - _weights(num, endpoint), axis),
    lambda d, y, a, b, num, endpoint, axis, dtype: _push_end(d, y, _weights(num, endpoint), axis),
    pull=(
        lambda c, y, a, b, num, endpoint, axis, dtype: _pull_end(c, a, 1.0 - _weights(num, endpoint), axis),
        lambda c, y, a, b, num, endpoint, axis, dtype: _pull_end(c, b, _weights(num, endpoint), axis),
    ),
    reads=((), ()),
    name="numpy.linspace",
)
# fmt: on


@handles(np.linspace)
def _linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
    axis: int = 0, *, device: Any = None,
) -> Any:  # fmt: skip
    start, stop, num = operand(start), operand(stop), int(num)
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        y = np.linspace(concrete(start), concrete(stop), num, endpoint, dtype=dtype, axis=axis)
    else:
        y = apply(LINSPACE, (start, stop), {"num": num, "endpoint": bool(endpoint), "axis": axis, "dtype": dtype})
    if not retstep:
        return y
    div = num - 1 if endpoint else num
    return y, (stop - start) / div if div > 0 else np.nan


@replace(np.linspace, np.logspace, np.geomspace)
def _spaced(original: Any) -> Any:
    own = _linspace if original is np.linspace else None

    def spaced(start: Any, stop: Any, *args: Any, **kwargs: Any) -> Any:
        if not contains_value((start, stop, kwargs.get("base"))):
            return wrap_plain(original(start, stop, *args, **kwargs))
        if own is not None:
            return own(start, stop, *args, **kwargs)
        return run_body(original._implementation, (operand(start), operand(stop), *args), kwargs)

    return spaced


# ── vander: yₖ = xᵖ, p = N−1, …, 0 ──


def vander(x: Any, N: Any, increasing: bool) -> Any:
    """np.vander with its parameters by position."""
    return np.vander(x, N, increasing)


def _slopes(y: Any, increasing: bool) -> Any:
    """∂(xᵖ)/∂x = p xᵖ⁻¹: the neighbouring column."""
    n = np.shape(y)[1]
    powers = _plain_arange(n) if increasing else _plain_arange(n)[::-1]
    columns = np.clip(_plain_arange(n) + (-1 if increasing else 1), 0, max(n - 1, 0))
    return powers * y[:, columns]


VANDER = rule(
    vander,
    lambda d, y, x, N, increasing: np.expand_dims(d, -1) * _slopes(y, increasing),
    pull=(lambda c, y, x, N, increasing: np.sum(c * _slopes(y, increasing), axis=1),),
    reads=((),),
    name="numpy.vander",
)


@handles(np.vander)
def _vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    return apply(VANDER, (x,), {"N": N, "increasing": increasing})
