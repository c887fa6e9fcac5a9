"""Each function of wengert.native.maths: the largest error in ulp against mpmath, and the time against NumPy.

    python benchmarks/maths.py                  both, as a table in Markdown
    python benchmarks/maths.py exp tanh         these functions
    python benchmarks/maths.py --samples 5000   more arguments for the errors (a few hundred to a few thousand each)
    python benchmarks/maths.py --torch          also torch, on one thread, where it has the function

Times are the best of many calls on one thread, over arrays of 65,536 float64 (they fit in the second level of cache).
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from native.maths_cases import CASES, Case, arguments, errors  # noqa: E402

from wengert.native.maths import MATHS  # noqa: E402
from wengert.native.maths.loop import Loop, compiled  # noqa: E402

SIZE, CALLS = 65_536, 40


def name(key) -> str:
    return key if isinstance(key, str) else key.__name__


def short(key) -> str:
    return name(key).split(".")[-1]


def reference(key) -> Callable:
    """NumPy's or SciPy's function."""
    if not isinstance(key, str):
        return key
    module, attribute = key.rsplit(".", 1)
    return getattr(importlib.import_module(module), attribute)


def largest_error(loop: Loop, case: Case, samples: int) -> float:
    xs = arguments(case, np.random.default_rng(5), samples)
    with np.errstate(all="ignore"):
        y, ok = loop(*xs)
    return float(errors(case, y, ok, *xs).max())


def nanoseconds(call: Callable[[], object]) -> float:
    """Per element, the best of CALLS."""
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) / SIZE * 1e9


def speeds(key, loop: Loop, case: Case, torch) -> tuple[float, float, float]:
    """Ours, NumPy's, torch's."""
    rng = np.random.default_rng(1)
    xs = [rng.uniform(*case.near, SIZE) for _ in range(loop.arity)]
    y, ok = np.empty(SIZE), np.ones(SIZE, dtype=np.uint8)
    theirs = reference(key)
    kwargs = {"out": y} if isinstance(theirs, np.ufunc) else {}
    ours = nanoseconds(lambda: loop.into(y, ok, *xs))
    with np.errstate(all="ignore"):
        numpy = nanoseconds(lambda: theirs(*xs, **kwargs))
    return ours, numpy, nanoseconds_of_torch(short(key), xs, torch)


def nanoseconds_of_torch(function: str, xs: list[np.ndarray], torch) -> float:
    namespace = next((space for space in (torch, getattr(torch, "special", None)) if hasattr(space, function)), None)
    if namespace is None or (torch and function in ("power", "positive")):
        return float("nan")
    tensors = [torch.from_numpy(x) for x in xs]
    out = torch.empty_like(tensors[0])
    return nanoseconds(lambda: getattr(namespace, function)(*tensors, out=out))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("functions", nargs="*")
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--torch", action="store_true")
    options = parser.parse_args()
    torch = None
    if options.torch:
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)
    print("| function | largest error, ulp | stated | ns | NumPy or SciPy, ns | ratio |" + " torch, ns |" * bool(torch))
    print("|---|--:|--:|--:|--:|--:|" + "--:|" * bool(torch))
    for key, case in CASES.items():
        if options.functions and short(key) not in options.functions:
            continue
        loop = compiled(MATHS[key].emit, MATHS[key].arity)
        found = largest_error(loop, case, options.samples)
        ours, numpy, peer = speeds(key, loop, case, torch)
        row = f"| `{name(key)}` | {found:.2f} | {MATHS[key].ulp} | {ours:.2f} | {numpy:.2f} | {ours / numpy:.2f} |"
        print(row + (f" {peer:.2f} |" if torch else ""), flush=True)


if __name__ == "__main__":
    main()
