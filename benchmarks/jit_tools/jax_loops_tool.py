"""JAX with the loops left in Python, as in the NumPy functions: what happens without a rewrite."""

from __future__ import annotations

from jit_problems import PROBLEMS

from jit_tools.jax_tool import VERSION, compiled, jax, jnp, warm
from jit_tools.rebind import rebound

__all__ = ["LEFT_OUT", "VERSION", "prepare", "warm"]

LOOPS = frozenset({"logistic", "trap", "llsq", "lstm", "kalman", "hmm", "nbody", "rk4"})

LEFT_OUT = {p.key: "no loop: the same as jax" for p in PROBLEMS if p.key not in LOOPS}


def prepare(problem):
    """The call to time."""
    return compiled(jax.grad(rebound(problem.f, np=jnp), argnums=problem.argnums), problem.args)
