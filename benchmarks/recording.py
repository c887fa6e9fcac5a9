"""What recording one operation takes: by Python, by native code, and the operation alone.

    PYTHONPATH=src python benchmarks/recording.py

Microseconds of processor time, medians of interleaved repeats; `eager` as for a derivative, `jit` as for a compiler,
which keeps once what repeats.
"""

from __future__ import annotations

import gc
import time
from statistics import median

import numpy as np

import wengert as wg
from wengert.api.recorded import Recorded
from wengert.native import recorder
from wengert.record.repeating import Repeating
from wengert.record.value import ROLLED

RUNS, REPEATS = 20_000, 7
X, M = np.array([1.0001, 0.5]), np.eye(2)

OPERATIONS = {
    "number + number": lambda x: x[0] + 0.5,
    "number * number": lambda x: 0.999 * x[0],
    "element": lambda x: x[0],
    "two indices": lambda x: (x * M)[0, 1],
    "array + array": lambda x: x + x,
    "array * number": lambda x: 0.99 * x,
    "exp of an array": np.exp,
    "exp of a number": lambda x: np.exp(x[0]),
    "slice": lambda x: x[1:],
    "matrix @ vector": lambda x: M @ x,
    "np.array": lambda x: np.array([x[0], x[1]]),
    "np.sum": np.sum,
}


def main() -> None:
    """Print the table."""
    wg.grad(np.sum)(X)
    print("| | plain | eager: Python | native | jit: Python | native |\n|---|---:|---:|---:|---:|---:|")
    for name, operation in OPERATIONS.items():
        times: dict[str, list[float]] = {}
        for _ in range(REPEATS):
            for way, t in ways(operation).items():
                times.setdefault(way, []).append(t)
        print(f"| {name} | " + " | ".join([f"{median(ts):.2f}" for ts in times.values()]) + " |", flush=True)


def ways(operation) -> dict[str, float]:
    """Each way once."""
    found = {"plain": timed(lambda: repeated(operation)(X))}
    for kind in ("eager", "jit"):
        for switch in (recorder.remove, recorder.install):
            switch()
            found[f"{kind} {switch.__name__}"] = timed(lambda kind=kind: recorded(operation, kind))
    return found


def repeated(operation):
    """The operation, many times."""

    def f(x):
        for _ in range(RUNS):
            y = operation(x)
        return y

    return f


def recorded(operation, kind: str) -> None:
    """Record it."""
    options = {"lines": Repeating(), "traces": ROLLED} if kind == "jit" else {}
    Recorded(repeated(operation), (X,), {}, 0, "grad", **options)


def timed(action) -> float:
    """Microseconds of one run."""
    gc.disable()
    try:
        start = time.process_time()
        action()
        return (time.process_time() - start) / RUNS * 1e6
    finally:
        gc.enable()


if __name__ == "__main__":
    main()
