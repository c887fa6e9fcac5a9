"""Loops and branches as functions: while_loop, fori_loop, scan, cond, switch.

They are Python's loops on (recorded) values, so every transform goes through them: in reverse too,
through a `while` whose number of rounds is known only when it has run. Their arguments are those of
JAX's functions of these names. What a round returns must be of the types that it was given.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.inputs import describe, require_callable
from wengert.errors import BadInput
from wengert.record.state import state
from wengert.record.value import LOOPED, concrete, is_value


class NoLoop(Exception):
    """No loop can be made of the rounds: Python runs them."""


KEPT: dict[str, Callable[..., Any]] = {}
"""What keeps loops loops (`api/looping.py`), once there is a compiler."""


def in_round(x: Any) -> bool:
    """Whether x is a value of a round that is being recorded."""
    while is_value(x):
        if x.rec is not None and x.rec.traces is LOOPED:
            return True
        x = x.primal
    return False


def _while(cond_fun: Any, body_fun: Any, init_val: Any) -> Any:
    if state.rolling:
        try:
            return KEPT["while_loop"](
                cond_fun, body_fun, init_val,
                lambda x: _truth(x, "while_loop", cond_fun),
                lambda new, old: _same_types(new, old, "while_loop", body_fun),
            )  # fmt: skip
        except NoLoop:
            pass
    value = init_val
    while _truth(cond_fun(value), "while_loop", cond_fun):
        value = _same_types(body_fun(value), value, "while_loop", body_fun)
    return value


def _fori(lower: int, upper: int, body_fun: Any, init_val: Any) -> Any:
    if state.rolling:
        try:
            return KEPT["fori_loop"](
                lower, upper, body_fun, init_val, lambda new, old: _same_types(new, old, "fori_loop", body_fun)
            )
        except NoLoop:
            pass
    value = init_val
    for i in range(lower, upper):
        value = _same_types(body_fun(i, value), value, "fori_loop", body_fun)
    return value


def _scan(f: Any, init: Any, xs: Any, length: int, reverse: bool) -> Any:
    def checked(result: Any, carry: Any) -> Any:
        new, y = _pair(result, f)
        return _same_types(new, carry, "scan", f), y

    if state.rolling:
        try:
            return KEPT["scan"](f, init, xs, length, reverse, checked)
        except NoLoop:
            pass
    leaves, structure = tree.flatten(xs)
    carry = init
    ys: list[Any] = [None] * length
    for i in range(length)[:: -1 if reverse else 1]:
        x = None if xs is None else tree.unflatten(structure, [leaf[i] for leaf in leaves])
        carry, ys[i] = checked(f(carry, x), carry)
    return carry, _stacked(ys, f)


def _cond(pred: bool, true_fun: Any, false_fun: Any, operands: tuple[Any, ...]) -> Any:
    return true_fun(*operands) if pred else false_fun(*operands)


def _switch(index: int, branches: Sequence[Any], operands: tuple[Any, ...]) -> Any:
    return branches[min(max(index, 0), len(branches) - 1)](*operands)


def while_loop(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any) -> Any:
    """x ← init_val; while cond_fun(x): x ← body_fun(x); x.

    init_val is a number, an array, or a container of them; body_fun must return the same structure, shapes
    and dtypes (else BadInput names the leaf that changed). Forward and reverse mode at any order.

    >>> import wengert as wg
    >>> wg.grad(lambda x: wg.while_loop(lambda y: y < 100.0, lambda y: y * y, x))(3.0)
    17496.0
    """
    require_callable(cond_fun, "while_loop")
    require_callable(body_fun, "while_loop")
    return _while(cond_fun, body_fun, init_val)


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[int, Any], Any], init_val: Any) -> Any:
    """x ← init_val; for i in range(lower, upper): x ← body_fun(i, x); x.

    The bounds are whole numbers; the rest is as for `while_loop`.

    >>> import wengert as wg
    >>> wg.grad(lambda x: wg.fori_loop(0, 3, lambda i, y: y * x, 1.0))(2.0)
    12.0
    """
    require_callable(body_fun, "fori_loop")
    return _fori(_whole(lower, "lower", "fori_loop"), _whole(upper, "upper", "fori_loop"), body_fun, init_val)


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """(carry, ys) after `carry, y = f(carry, x)` for each x along the first axis of xs, the ys stacked.

    Arguments:
        f: (carry, x) ↦ (new carry of the same types, y); y may be a container, or None.
        init: the first carry.
        xs: an array, or a container of arrays whose first axes are equally long; None: x is None, `length` times.
        length: the number of rounds, where xs does not say it.
        reverse: from the last x to the first; ys stay in the order of xs.

    >>> import numpy as np, wengert as wg
    >>> wg.scan(lambda total, x: (total + x, total), 0.0, np.array([1.0, 2.0, 3.0]))
    (np.float64(6.0), array([0., 1., 3.]))
    """
    require_callable(f, "scan")
    return _scan(f, init, xs, _rounds(xs, length), reverse)


def cond(pred: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any) -> Any:
    """true_fun(*operands) if pred else false_fun(*operands).

    >>> import wengert as wg
    >>> wg.grad(lambda x: wg.cond(x > 0, lambda y: y**2, lambda y: -y, x))(3.0)
    6.0
    """
    require_callable(true_fun, "cond")
    require_callable(false_fun, "cond")
    if in_round(pred):
        try:
            return KEPT["select"](pred, [false_fun, true_fun], operands, lambda k: np.not_equal(pred, 0))
        except NoLoop:
            pass
    return _cond(_truth(pred, "cond", None), true_fun, false_fun, operands)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """branches[index](*operands), the index clipped to the branches there are.

    >>> import wengert as wg
    >>> wg.switch(1, [lambda x: x, lambda x: -x], 3.0)
    -3.0
    """
    for branch in branches:
        require_callable(branch, "switch")
    if not branches:
        raise BadInput("switch: branches is empty.\nGive it at least one function.")
    if in_round(index):
        try:
            last = len(branches) - 1
            return KEPT["select"](index, list(branches), operands, lambda k: _is_chosen(index, k, last))
        except NoLoop:
            pass
    return _switch(_whole(index, "index", "switch"), branches, operands)


def _is_chosen(index: Any, k: int, last: int) -> Any:
    """Whether branch k is the one for this index; the last one is for all beyond it."""
    return np.greater_equal(index, k) if k == last else np.equal(index, k)


# ── what is checked ──


def _name(f: Any) -> str:
    return getattr(f, "__name__", "the function")


def _truth(x: Any, operator_name: str, f: Any) -> bool:
    """A condition as what Python decides by; every recording that notes decisions notes it."""
    plain = concrete(x)
    if not isinstance(plain, (bool, int, float, np.generic, np.ndarray)) or np.ndim(plain):
        what = "pred is" if f is None else f"{_name(f)} returned"
        raise BadInput(
            f"{operator_name}: {what} {describe(x)}, not one truth value.\nReduce it, as np.all(...) or np.any(...) do."
        )
    return bool(x)


def _whole(x: Any, name: str, operator_name: str) -> int:
    try:
        return operator.index(x)
    except TypeError:
        raise BadInput(
            f"{operator_name}: {name} is {describe(x)}, not a whole number.\nPass an int, as int({name}) makes one."
        ) from None


def _pair(result: Any, f: Any) -> Any:
    if not isinstance(result, tuple) or len(result) != 2:
        raise BadInput(f"scan: {_name(f)} returned {describe(result)}, not (carry, y).\nReturn a pair; y may be None.")
    return result


def _rounds(xs: Any, length: Any) -> int:
    """How many rounds a scan has."""
    leaves = [] if xs is None else tree.flatten(xs)[0]
    named = list(zip(tree.paths(xs), leaves, strict=True)) if leaves else []
    for path, leaf in named:
        if not isinstance(concrete(leaf), np.ndarray) or not np.ndim(concrete(leaf)):
            raise BadInput(f"scan: xs{path} is {describe(leaf)}, which has no first axis.\nPass arrays, or None.")
    sizes = {np.shape(concrete(leaf))[0] for leaf in leaves} | (
        {_whole(length, "length", "scan")} if length is not None else set()
    )
    if len(sizes) > 1:
        found = "; ".join(f"xs{path} is {describe(leaf)}" for path, leaf in named)
        given = "" if length is None else f"; length is {length}"
        raise BadInput(f"scan: {found}{given}.\nThe first axes (and length, if given) must agree.")
    if not sizes:
        raise BadInput("scan: neither xs nor length says how many rounds there are.\nPass one of them.")
    return sizes.pop()


def _stacked(ys: list[Any], f: Any) -> Any:
    """The results of all rounds, leaf by leaf."""
    if not ys:
        return None
    leaves, structure = tree.flatten(ys[0])
    columns: list[list[Any]] = [[] for _ in leaves]
    for i, y in enumerate(ys):
        parts, own = tree.flatten(y)
        if own != structure:
            raise BadInput(
                f"scan: {_name(f)} returned y of {structure}, and in round {i} of {own}.\nReturn one structure."
            )
        for column, part in zip(columns, parts, strict=True):
            column.append(part)
    return tree.unflatten(structure, [_column(column) for column in columns])


def _column(parts: list[Any]) -> Any:
    return None if all(part is None for part in parts) else np.stack(parts)


def _same_types(new: Any, old: Any, operator_name: str, f: Any) -> Any:
    """The new carry, whose structure, shapes and dtypes are those of the old one."""
    before, structure = tree.flatten(old)
    after, now = tree.flatten(new)
    if now != structure:
        raise BadInput(
            f"{operator_name}: {_name(f)} was given a carry of {structure}, and returned {now}.\n"
            "Return the same containers, with the same keys."
        )
    for k, (a, b) in enumerate(zip(before, after, strict=True)):
        if not _same_type(a, b):
            path = tree.paths(old)[k]
            raise BadInput(
                f"{operator_name}: carry{path} is {describe(a)}, and {_name(f)} returned {describe(b)} for it.\n"
                "A round must return the shape and dtype that it was given: begin with a value of that type."
            )
    return new


_PYTHON = {bool: "b", int: "iu", float: "f", complex: "c"}


def _same_type(a: Any, b: Any) -> bool:
    """Whether b can follow a: a number of Python's may become one of NumPy's of its kind."""
    if not is_value(a) and not is_value(b) and type(a) is type(b) and type(a) is not np.ndarray:
        return True
    a, b = concrete(a), concrete(b)
    if not all(isinstance(x, (np.ndarray, np.generic, bool, int, float, complex)) for x in (a, b)):
        return type(a) is type(b)
    if np.shape(a) != np.shape(b):
        return False
    if type(a) in _PYTHON:
        return np.result_type(b).kind in _PYTHON[type(a)]
    return np.result_type(b) == a.dtype
