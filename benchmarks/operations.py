"""What one operation costs in an eager gradient, recorded and pulled back: by us and by PyTorch, side by side.

    PYTHONPATH=src python benchmarks/operations.py [--write FILE]

Microseconds of processor time per operation on a few numbers, where the arithmetic itself is next to nothing; medians
of interleaved repeats, on one thread. `plain` is NumPy's operation alone.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch

import wengert as wg
from wengert.api.recorded import Recorded
from wengert.native import recorder

RUNS, REPEATS = 200, 15
rng = np.random.default_rng(0)
V, W, M, S, K = (rng.normal(size=s) + 2 for s in ((10,), (10,), (4, 10), (4, 4), (4, 1)))
ROWS, COLUMNS = np.array([0, 2]), np.array([3, 1])
T_ROWS, T_COLUMNS = torch.tensor(ROWS), torch.tensor(COLUMNS)

OPERATIONS = [
    ("x * y", lambda x, y: x * y, None, (V, W)),
    ("x + row", lambda x, y: x + y, None, (M, V)),
    ("x - column", lambda x, y: x - y, None, (M, K)),
    ("x ** 2", lambda x: x**2, None, (V,)),
    ("exp", np.exp, torch.exp, (V,)),
    ("log", np.log, torch.log, (V,)),
    ("abs", np.abs, torch.abs, (V,)),
    ("maximum(x, 0)", lambda x: np.maximum(x, 0), torch.relu, (V,)),
    ("clip", lambda x: np.clip(x, 0, 1), lambda x: torch.clip(x, 0, 1), (V,)),
    ("where", lambda x, y: np.where(x > 0, x, y), lambda x, y: torch.where(x > 0, x, y), (V, W)),
    ("x[1:]", lambda x: x[1:], None, (V,)),
    ("x[rows, columns]", lambda x: x[ROWS, COLUMNS], lambda x: x[T_ROWS, T_COLUMNS], (M,)),
    ("x.T", lambda x: x.T, None, (M,)),
    ("reshape", lambda x: x.reshape(5, 2), None, (V,)),
    ("sum", lambda x: x.sum(), None, (M,)),
    ("sum(axis)", lambda x: np.sum(x, axis=1), lambda x: torch.sum(x, 1), (M,)),
    ("mean", np.mean, torch.mean, (V,)),
    ("max(axis)", lambda x: np.max(x, axis=1), lambda x: torch.amax(x, 1), (M,)),
    ("cumsum", np.cumsum, lambda x: torch.cumsum(x, 0), (V,)),
    ("diff", np.diff, torch.diff, (V,)),
    ("A @ x", lambda a, x: a @ x, None, (M, V)),
    ("A @ B", lambda a, b: a @ b, None, (S, M)),
    ("dot", np.dot, torch.dot, (V, W)),
    ("outer", np.outer, torch.outer, (V, W)),
    ("einsum", lambda a, x: np.einsum("ij,j->i", a, x), lambda a, x: torch.einsum("ij,j->i", a, x), (M, V)),
    ("trace", np.trace, torch.trace, (S,)),
    ("norm", np.linalg.norm, torch.linalg.norm, (V,)),
    ("solve", np.linalg.solve, torch.linalg.solve, (S, S[0])),
    ("concatenate", lambda x, y: np.concatenate([x, y]), lambda x, y: torch.cat([x, y]), (V, W)),
    ("stack", lambda x, y: np.stack([x, y]), lambda x, y: torch.stack([x, y]), (V, W)),
    ("array of numbers", lambda x: np.array([x[0], x[1]]), lambda x: torch.stack([x[0], x[1]]), (V,)),
]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, help="also write the table to this file")
    target = parser.parse_args().write
    torch.set_num_threads(1)
    wg.grad(np.sum)(V)
    recorder.install()
    lines = ["| | plain | wengert: record | pull back | torch: record | pull back | ratio |", "|---|" + "---:|" * 6]
    ratios = []
    for name, ours, theirs, inputs in OPERATIONS:
        times = compared(ours, theirs or ours, inputs)
        ratios.append((times[1] + times[2]) / (times[3] + times[4]))
        lines.append(f"| {name} | " + " | ".join([f"{t:.2f}" for t in times]) + f" | {ratios[-1]:.2f} |")
        print(lines[-1], flush=True)
    lines += ["", f"Median of the ratios (ours to PyTorch's, record and pull back together): {median(ratios):.2f}."]
    print(lines[-1])
    if target:
        target.write_text("\n".join(lines) + "\n")


def compared(ours, theirs, inputs) -> list[float]:
    """Microseconds: plain, ours to record and to pull back, PyTorch's."""
    ways = {"plain": lambda: (many(ours, inputs), None), "ours": by_us(ours, inputs), "torch": by_torch(theirs, inputs)}
    found: dict[str, list[float]] = {}
    for repeat in range(REPEATS):
        for way, call in ways.items():
            start = time.process_time()
            outs, back = call()
            middle = time.process_time()
            if back is not None:
                back()
            end = time.process_time()
            if repeat:
                found.setdefault(way, []).append(middle - start)
                found.setdefault(f"{way} back", []).append(end - middle)
            del outs, back
    names = ("plain", "ours", "ours back", "torch", "torch back")
    return [median(found[name]) / RUNS * 1e6 for name in names]


def many(operation, inputs):
    return [operation(*inputs) for _ in range(RUNS)]


def by_us(operation, inputs):
    def call():
        run = Recorded(lambda *xs: many(operation, xs), inputs, {}, tuple(range(len(inputs))), "vjp")
        cotangents = [np.ones_like(y) if np.ndim(y) else 1.0 for y in run.out_leaves]
        return run, lambda: run.pull(cotangents)

    return call


def by_torch(operation, inputs):
    xs = [torch.tensor(x, requires_grad=True) for x in inputs]
    cotangents = [torch.ones_like(y) for y in many(operation, xs)]

    def call():
        outs = many(operation, xs)
        return outs, lambda: torch.autograd.grad(outs, xs, cotangents)

    return call


if __name__ == "__main__":
    main()
