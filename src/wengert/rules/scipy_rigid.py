"""scipy.spatial.transform.RigidTransform is compiled: of recorded numbers it is refused, with what to use instead."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from scipy.spatial.transform import RigidTransform, Rotation

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.swap import METHODS
from wengert.rules.described import holds_recorded


def _recorded(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(map(_recorded, x))
    return any_recorded((x,)) or (isinstance(x, Rotation) and holds_recorded(x))


def _refusing(original: Any, name: str) -> Any:
    def method(*args: Any, **kwargs: Any) -> Any:
        if any(map(_recorded, (*args, *kwargs.values()))):
            raise NoDerivative(
                at_user_line(f"no derivative rule for scipy.spatial.transform.RigidTransform{name}")
                + "\nUse Rotation, and add the translation: rotation.apply(x) + translation."
            )
        return original(*args, **kwargs)

    method.__name__, method.__doc__ = original.__name__, original.__doc__
    return method


MADE_BY[RigidTransform] = frozenset({"RigidTransform"})
for _name, _value in list(vars(RigidTransform).items()):
    _shown = "" if _name == "__init__" else f".{_name}"
    if isinstance(_value, staticmethod) and not _name.startswith("_"):
        METHODS.append((RigidTransform, _name, _value, staticmethod(_refusing(_value.__func__, _shown))))
    elif isinstance(_value, FunctionType) and (_name in ("__init__", "__pow__") or not _name.startswith("_")):
        METHODS.append((RigidTransform, _name, _value, _refusing(_value, _shown)))
