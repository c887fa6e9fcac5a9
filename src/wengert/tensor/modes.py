"""Whether operations on tensors are recorded, per thread, and the dtype that new tensors get."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np


class _Mode(threading.local):
    """`recording`: operations on tensors that require grad make nodes."""

    recording = True


mode = _Mode()


class _Setting:
    """Context manager and decorator: recording is `value` inside."""

    value = True

    def __init__(self) -> None:
        self.before: list[bool] = []

    def __enter__(self) -> None:
        self.before.append(mode.recording)
        mode.recording = self.value

    def __exit__(self, *_: object) -> None:
        mode.recording = self.before.pop()

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        kind = type(self)

        @functools.wraps(f)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with kind() if kind is not set_grad_enabled else set_grad_enabled(self.value):
                return f(*args, **kwargs)

        return wrapped


class no_grad(_Setting):
    """Context manager and decorator: results do not require grad.

    >>> from wengert import tensor as torch
    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> with torch.no_grad():
    ...     print(x * x)
    tensor(4.)
    """

    value = False

    def __new__(cls, f: Callable[..., Any] | None = None) -> Any:  # pyright: ignore[reportInconsistentConstructor]
        """`no_grad()`, or `@no_grad` without parentheses."""
        new: Any = super().__new__(cls)
        if f is None:
            return new
        new.__init__()
        return new(f)


class enable_grad(no_grad):
    """Context manager and decorator: operations are recorded, also inside `no_grad`."""

    value = True


class set_grad_enabled(_Setting):
    """Operations are recorded from here on or not; as a context manager, until its end."""

    def __init__(self, value: bool) -> None:
        super().__init__()
        self.value = bool(value)
        self.before.append(mode.recording)
        mode.recording = self.value

    def __enter__(self) -> None:
        mode.recording = self.value


def is_grad_enabled() -> bool:
    """Whether operations are recorded in this thread."""
    return mode.recording


# ── the default dtype ──


class _Default:
    dtype = np.dtype(np.float64)


def get_default_dtype() -> Any:
    """The dtype of tensors made of Python floats: float64 unless it was set."""
    return _Default.dtype


def set_default_dtype(dtype: Any) -> None:
    """Let tensors made of Python floats have this floating dtype; PyTorch begins with float32, wengert with float64."""
    new = np.dtype(dtype)
    if new.kind != "f":
        raise TypeError(
            f"only floating-point types are supported as the default type, got {new}.\nPass float32 or float64."
        )
    _Default.dtype = new
