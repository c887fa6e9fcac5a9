"""The signature of a function; its annotations may name what is not defined: Python 3.14 evaluates them late."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

_OPTIONS: dict[str, Any] = {}
if sys.version_info >= (3, 14):
    from annotationlib import Format

    _OPTIONS["annotation_format"] = Format.FORWARDREF


def signature(f: Callable[..., Any]) -> inspect.Signature:
    """inspect.signature(f)."""
    return inspect.signature(f, **_OPTIONS)
