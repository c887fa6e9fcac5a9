"""What a solver of SciPy's says: parts that are computed when they are asked for, and parts that have no derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scipy.optimize as _optimize

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line

optimize: Any = _optimize
_KEPT = (
    "success",
    "status",
    "message",
    "nfev",
    "njev",
    "nhev",
    "nit",
    "active_mask",
    "blocks",
    "mip_gap",
    "mip_node_count",
)


class NoPart(NoDerivative, AttributeError):
    """A part of a result that is there, but has no derivative: for `hasattr` it is not there."""


class Found(optimize.OptimizeResult):  # type: ignore[misc]
    """An OptimizeResult with the parts that SciPy's had: `later` says how to compute some; the rest is refused."""

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        return self.__missing__(name, AttributeError)

    def __missing__(self, name: str, otherwise: type[Exception] = KeyError) -> Any:
        later: dict[str, Callable[[], Any] | None] = object.__getattribute__(self, "__dict__").get("later", {})
        if name not in later:
            raise otherwise(name)
        compute = later[name]
        if compute is None:
            raise NoPart(
                at_user_line(f"no derivative of the part {name} of what a solver found")
                + "\nCompute it of x, or do without a derivative: call the solver with stop_gradient(x)."
            )
        self[name] = compute()
        return self[name]

    def __reduce__(self) -> Any:
        return optimize.OptimizeResult, (dict(self),)


def result(found: Any, later: dict[str, Callable[[], Any]] | None = None, **recorded: Any) -> Any:
    """What a solver says, without the parts that would have lost their derivative."""
    made = Found(**recorded, **{k: found[k] for k in _KEPT if k in found})
    rest = {k: (later or {}).get(k) for k in found if k not in made}
    object.__getattribute__(made, "__dict__")["later"] = rest
    return made
