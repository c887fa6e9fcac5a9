"""What a problem is: a NumPy function, its inputs, the derivative asked for, and what we aim at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Goal:
    """The most that our call may take, over that of `against`, and our compilation.

    `against` is "hand" (Numba) or "peer" (the fastest tool that differentiates).
    """

    against: str
    ratio: float
    compile_seconds: float | None = None
    compile_over_jax: float | None = None


@dataclass(frozen=True)
class Problem:
    """A derivative to compute. `key` names the problem's family: the tools' tables are keyed by it."""

    name: str
    key: str
    f: Callable
    inputs: Callable[[], tuple]
    by_hand: Callable
    goal: Goal
    argnums: tuple[int, ...] = (0,)
    transform: str = "grad"

    @cached_property
    def args(self) -> tuple:
        """The arguments of the derivative, made when they are first wanted."""
        return self.inputs()
