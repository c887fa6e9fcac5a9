"""Calling a function of NumPy, or one written in NumPy, on tensors: the core records it, its lines become nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import HANDLERS, ROWS, Row
from wengert.record import swap
from wengert.record.apply import broadcasts, keeps, standin
from wengert.record.value import Array, Recorder, Scalar
from wengert.sweep.quiet import hush, loudness, restore
from wengert.tensor.graph import Node, Threads
from wengert.tensor.modes import get_default_dtype, mode
from wengert.tensor.value import EXPORTED, FREE, HELD, Tensor, data_of, hold, owner_of, parent_of, view_of

_ndarray = np.ndarray
_DOUBLE = np.dtype(np.float64)
_recording = swap.Recording()
_ORIGIN = ("an operation on tensors", None)


def call(name: str, function: Callable[..., Any], *args: Any, **params: Any) -> Any:
    """function(*args, **params) with tensors for arrays, in lists too; `name` is what its grad_fn is called."""
    recording = _Call() if mode.recording and any([_tracked(a) for a in args]) else None
    lowered = [_lower(a, recording) for a in args]
    before = loudness()
    try:
        hush()
        if recording is None or _is_handled(function):
            y = function(*lowered, **params)
        else:  # a function of NumPy without a row: its body runs on recorded values
            with _recording:
                y = function(*lowered, **params)
    finally:
        restore(before)
    if recording is None:
        return _wrap_plain(y, _of_integers(args))
    return recording.finish(y, name)


def _is_handled(function: Any) -> bool:
    """Whether a function is recorded without anything of NumPy being swapped: a row, a handler, or code of ours."""
    if type(function) is np.ufunc or function in ROWS:
        return True
    home = getattr(function, "__module__", None) or ""
    return (home == "numpy" and function in HANDLERS) or home.partition(".")[0] not in ("numpy", "scipy")


def _tracked(a: Any) -> bool:
    t = type(a)
    if t is list or t is tuple:
        return any([_tracked(part) for part in a])
    return isinstance(a, Tensor) and parent_of(a) is not None


def _lower(a: Any, recording: _Call | None) -> Any:
    t = type(a)
    if t is list or t is tuple:
        return t([_lower(part, recording) for part in a])
    if isinstance(a, Tensor):
        return data_of(a) if recording is None else recording.value(a)
    return a


class _Call:
    """The recording of one call: which tensor each recorded value stands for."""

    __slots__ = ("rec", "tensors", "threads")

    def __init__(self) -> None:
        self.rec = Recorder(_ORIGIN)
        self.threads = Threads(self.rec)
        self.tensors: list[tuple[Any, Tensor]] = []

    def value(self, t: Tensor) -> Any:
        """t as a recorded value, or as an array that notices being kept."""
        x, parent = data_of(t), parent_of(t)
        if type(x) is _ndarray and owner_of(t)._held == EXPORTED:
            x = x.copy(order="K")
        if parent is not None:
            value = self.threads.wrap(x, parent)
        elif type(x) is _ndarray and x.dtype.kind in "fc":
            value = Array(x)
        else:
            return x
        if type(value) is Array:
            value.shared = False
        self.tensors.append((value, t))
        return value

    def finish(self, y: Any, name: str) -> Any:
        """The results as tensors."""
        for value, t in self.tensors:
            if type(value) is Array and value.shared and owner_of(t)._held == FREE:
                owner_of(t)._held = HELD
        return self._wrap(y, name)

    def _wrap(self, y: Any, name: str) -> Any:
        if type(y) is tuple or type(y) is list or isinstance(y, tuple):
            parts = [self._wrap(part, name) for part in y]
            return type(y)(*parts) if hasattr(y, "_fields") else type(y)(parts)
        if type(y) is not Array and type(y) is not Scalar:
            return _wrap_plain(y, False)
        for value, t in self.tensors:
            if value is y:
                return t
        node = self.threads.node_of(y)
        if type(node) is Node:
            node.name = name
        elif node is not None:
            node = Node(_SAME, (node,), None, (standin(y.primal),), None, None)
        if type(y) is Array and y.root is not None:
            for value, t in self.tensors:
                if value is y.root:
                    return view_of(t, y.primal, node, y.path, True)
        new = Tensor(y.primal, node)
        if type(y) is Array and (y.shared or (y.root is not None and y.root.shared)):
            new._held = HELD
        return new


_SAME = Row(lambda x: x, "alias", "linear", (lambda d, y, x: d,), (lambda c, y, x: c,), (frozenset(),), (False,))


def _wrap_plain(y: Any, of_integers: bool) -> Any:
    if isinstance(y, _ndarray):
        return Tensor(_as_default(y, of_integers)[()] if y.ndim == 0 else _as_default(y, of_integers))
    if isinstance(y, (np.generic, float, int, bool, complex)):
        return Tensor(_as_default(np.asarray(y), of_integers)[()])
    if type(y) is Array or type(y) is Scalar:
        return Tensor(y.primal)
    if isinstance(y, (tuple, list)):
        parts = [_wrap_plain(part, of_integers) for part in y]
        return type(y)(*parts) if hasattr(y, "_fields") else type(y)(parts)
    return y


def _as_default(y: Any, of_integers: bool) -> Any:
    """Floats that came of integers have the default dtype."""
    return (
        y.astype(get_default_dtype())
        if of_integers and y.dtype is _DOUBLE and get_default_dtype() is not _DOUBLE
        else y
    )


def _of_integers(args: Any) -> bool:
    """Whether no tensor among the arguments is floating."""
    if get_default_dtype() is _DOUBLE:
        return False
    return all([not isinstance(a, Tensor) or a._data.dtype.kind not in "fc" for a in args])


# ── one row ──


def line(
    row: Row, name: str, args: Any, params: dict[str, Any] | None = None, op: Callable[..., Any] | None = None
) -> Tensor:
    """row.op(*args, **params) with tensors for arrays: one node, without the ceremony of a recording.

    `op` computes the same value as row.op, where it does so faster.
    """
    data: list[Any] = []
    parents: list[Any] = []
    mask, bit = 0, 1
    for a in args:
        p = None
        if isinstance(a, Tensor):
            data.append(data_of(a))
            p = a._node or (a if a._requires else None)
            if p is not None:
                mask |= bit
        else:
            data.append(a)
        parents.append(p)
        bit += bit
    before = loudness()
    try:
        hush()
        y = (op or row.op)(*data, **params) if params else (op or row.op)(*data)
    finally:
        restore(before)
    if not mask or not mode.recording or y.dtype.kind not in "fc":
        return Tensor(y)
    reads, reads_result = row.memo.get(mask) or keeps(row, mask, len(args))
    saved: list[Any] = []
    for k, x in enumerate(data):
        if reads is None or k in reads:
            saved.append(hold(args[k], x) if isinstance(args[k], Tensor) else x)
        else:
            saved.append(standin(x))
    shapes = broadcasts(y, data, [-1 if p is None else 0 for p in parents]) if row.broadcast else None
    node = Node(row, tuple(parents), y if reads_result else standin(y), tuple(saved), params, shapes)
    node.name = name
    new = Tensor(y, node)
    if reads_result:
        new._held = HELD
    return new


# ── views ──


def view(t: Tensor, row: Row, params: dict[str, Any], name: str | None = None, op: Any = None) -> Tensor:
    """row.op(t, **params), which shares memory with t wherever NumPy's result does; `op` does the same faster."""
    x = data_of(t)
    y = (op or row.op)(x, **params)
    recording = mode.recording
    node = None
    if recording:
        parent = t._node or (t if t._requires else None)
        if parent is not None:
            node = Node(row, (parent,), None, (standin(x),), params, None)
            node.name = name
    if type(y) is _ndarray and type(x) is _ndarray:
        base = y.base
        if base is not x and (base is None or base is not x.base) and y.size:
            return Tensor(y, node)
    return view_of(t, y, node, ((row.op, params),), recording)
