"""Refusals that f itself caught: whether a second call of f may go better, or f did what it does with plain numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import LostDerivative, NoDerivative
from wengert.record.hold import RefusedWrite
from wengert.record.protocols import lower
from wengert.record.refusals import Forgiven, last_refusal
from wengert.record.value import concrete

Refusal = LostDerivative | NoDerivative
_REMEDY = "Use keys that are not recorded: wengert.stop_gradient(x), or int(x)."
KEYS = "recorded numbers in a set or dict are keys of their own, even if they are equal"


def hidden_behind(error: BaseException, time: int) -> Refusal | None:
    """The refusal that f caught, since that time, before it raised something else."""
    return last_refusal(time) if isinstance(error, Exception) and not isinstance(error, Refusal) else None


def insist(refusal: Refusal | None, call: tuple[Callable[..., Any], Any, Any], leaves: list[Any]) -> None:
    """Raise the refusal that f caught, unless the leaves of its result are those that it has with plain numbers. None:
    it put recorded numbers into a set or a dictionary. What was to be written may have been there already: f may have
    been called before."""
    if not isinstance(refusal, RefusedWrite) and _is_as_plain(*call, leaves):
        return
    if refusal is None:
        raise LostDerivative(f"{KEYS}, so that f has another value than with plain numbers\n{_REMEDY}")
    kind: Any = type(refusal)
    raise kind(f"{refusal}\nThe function caught this error, and went on another way than it does with plain numbers.")


def unless_plain(error: BaseException, call: tuple[Callable[..., Any], Any, Any]) -> None:
    """Raise in place of an error of f, which put recorded numbers into a set or a dictionary, one that says so, unless
    f raises with plain numbers too."""
    try:
        _plainly(*call)
    except Exception:
        error.add_note(f"With wengert, {KEYS}.")
        return
    raise LostDerivative(f"{KEYS}: with plain numbers, f does not raise {type(error).__name__}\n{_REMEDY}") from error


def _plainly(f: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """What f does with plain numbers."""
    with Forgiven():
        return f(*lower(tuple(args)), **lower(kwargs))


def _is_as_plain(f: Callable[..., Any], args: Any, kwargs: Any, leaves: list[Any]) -> bool:
    try:
        plain = tree.flatten(_plainly(f, args, kwargs))[0]
    except Exception:
        return False
    return len(plain) == len(leaves) and all(map(_is_same, plain, leaves))


def _is_same(a: Any, b: Any) -> bool:
    a, b = concrete(a), concrete(b)
    if isinstance(a, (np.ndarray, np.number, float, complex)) and np.result_type(a).kind in "fc":
        return np.array_equal(a, b, equal_nan=True)
    return bool(np.all(a == b))
