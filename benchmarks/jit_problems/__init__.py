"""The problems of `benchmarks/jit.py`: plain NumPy functions, their inputs, and their derivatives by hand in NumPy.

for p in PROBLEMS:
    p.f, p.args, p.argnums, p.transform   # transform: "grad", "hessian", or "seeds" (last argument: the tangents)
    p.by_hand(*p.args)                    # a tuple: one derivative for each of argnums
"""

from jit_problems import elementary, networks, simulation, statistics, vectors
from jit_problems.problem import Goal, Problem

PROBLEMS: list[Problem] = [
    *elementary.PROBLEMS,
    *vectors.PROBLEMS,
    *networks.PROBLEMS,
    *statistics.PROBLEMS,
    *simulation.PROBLEMS,
]

__all__ = ["PROBLEMS", "Goal", "Problem"]
