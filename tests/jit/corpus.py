"""The programs that the core is tested with, as one table: name → (f, argument)."""

import importlib

import numpy as np
from inplace.programs import PROGRAMS as INPLACE
from inplace.test_programs import X

import wengert as wg
from wengert import tree

MODULES = (
    "algorithm_programs", "algorithm_programs_finance", "algorithm_programs_numpy", "algorithm_programs_python",
    "algorithm_programs_structures", "compiled_programs", "inplace_programs", "inplace_programs_buffers",
    "inplace_programs_views", "learning_programs", "numerics", "physics_programs", "physics_programs_bodies",
    "scipy_programs", "signal_programs", "signal_programs_fields", "statistics_programs",
)  # fmt: skip


def _cases(module):
    known = getattr(module, "CASES", {})
    for f in [*known, *[f for f in getattr(module, "PROGRAMS", ()) if f not in known]]:
        if f in known:
            yield f, known[f]
        elif hasattr(module, "THETA"):
            yield f, module.THETA[: module.LENGTH.get(f, 48)]
        else:
            yield f, getattr(module, "SMALL", 0.7)


def corpus():
    """Every program with its argument."""
    found = {f"inplace.{name}": (f, X) for name, f in INPLACE.items()}
    for name in MODULES:
        module = importlib.import_module(f"programs.test_{name}")
        found.update({f"{name}.{f.__name__}": (f, x) for f, x in _cases(module)})
    return found


def derivative(f, y):
    """The derivative of f, whose value is y, as a function of x."""
    if not isinstance(y, (tuple, list, dict, np.ndarray)) and not np.iscomplexobj(y):
        return wg.grad(f)
    y_bar = tree.tree_map(lambda leaf: np.ones_like(leaf) if isinstance(leaf, np.ndarray) else type(leaf)(1), y)
    return lambda x: wg.vjp(f, x)[1](y_bar)
