"""PyTorch without its compiler."""

from __future__ import annotations

from jit_tools import torch_tool
from jit_tools.torch_tool import TRANSFORMS, VERSION, torch

__all__ = ["LEFT_OUT", "VERSION", "prepare", "warm"]
LEFT_OUT: dict[str, str] = {}


def prepare(problem):
    """The call to time."""
    return TRANSFORMS[problem.transform](getattr(torch_tool, problem.key), problem)


def warm() -> None:
    """Load what the first call loads."""
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    torch.autograd.grad(torch.sum(x * x), x)
