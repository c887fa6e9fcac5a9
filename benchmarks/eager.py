"""Gradients by us and by other tools, side by side, in one run.

    PYTHONPATH=src python benchmarks/eager.py [--only WORD] [--seconds S] [--write FILE]

Repeats are interleaved (every tool once, then every tool again), so that a busy machine slows all
of them alike; the times are medians, the ratios are ratios of medians.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from problems import PROBLEMS, Problem
from tools import TOOLS, Skip, load

LIMIT = 60.0
"""A single gradient that would take longer is not run (seconds)."""

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
COLUMNS = (
    "`ratio` is the time over ours (above 1: we are faster); `error` is the largest difference from the gradient "
    "written by hand, over the largest element of that."
)
WARM = 0.05
"""So long a gradient is called before it is timed, and at least once more than once (seconds)."""
STRETCH = 0.01
"""So long is a stretch of calls of one tool (seconds); the first of them finds the others' memory in the cache."""
LONG = 5.0
"""A gradient that takes longer is timed once (seconds)."""


def main() -> None:
    """Run, print, and write if asked."""
    options = arguments()
    lines = Report()
    missing = load()
    lines.add("# Eager speed", "", *header(), COLUMNS, "")
    for name, reason in missing.items():
        lines.add(f"{name}: skipped, {reason}", "")
    medians = {p.name: compare(p, options.seconds, lines) for p in PROBLEMS if options.only in p.name}
    lines.add("## All of them", "", *summary(medians))
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text("\n".join(lines.lines) + "\n")
    if options.readme:
        insert(options.readme, [*header(), "", *summary(medians)])


def summary(medians: dict[str, dict[str, float]]) -> list[str]:
    """One table: a line per problem, a column per tool."""
    rows = [f"| | {' | '.join(TOOLS)} |", "|---|" + "---:|" * len(TOOLS)]
    for name, times in medians.items():
        cells = [duration(times[tool]) if tool in times else "–" for tool in TOOLS]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return rows


def insert(page: Path, lines: list[str]) -> None:
    """Put the lines between the two markers of a page."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text("\n".join([before + BEGIN, *lines, END + after]))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="run the problems whose name contains this")
    parser.add_argument("--seconds", type=float, default=3.0, help="time given to each tool on each problem")
    parser.add_argument("--readme", type=Path, help="also put the last table between the markers of this file")
    parser.add_argument("--write", type=Path, help="also write the tables to this file")
    return parser.parse_args()


def header() -> list[str]:
    """What was measured, and where."""
    versions = "; ".join(f"{name} {tool.version()}" for name, tool in TOOLS.items() if "thread" not in name)
    return [
        f"Measured by `benchmarks/eager.py` on {time.strftime('%Y-%m-%d')}: {cpu()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}, NumPy {np.__version__}; "
        f"NumPy's BLAS on {os.environ.get('OPENBLAS_NUM_THREADS', 'all')} threads; "
        f"load average {os.getloadavg()[0]:.1f}.",
        f"Tools: {versions}.",
        "Times are medians of interleaved repeats of one whole gradient, value included.",
    ]


def cpu() -> str:
    """The name of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


class Report:
    """Lines that are printed as they come and kept."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, *lines: str) -> None:
        self.lines.extend(lines)
        print(*lines, sep="\n", flush=True)


def compare(problem: Problem, seconds: float, lines: Report) -> dict[str, float]:
    """One table: every tool on one problem. The medians."""
    reference = TOOLS["by hand"].result(problem.by_hand(*problem.inputs))
    running, errors, skipped = {}, {}, {}
    for name, tool in TOOLS.items():
        try:
            running[name], errors[name] = begin(tool, problem, reference)
        except Skip as reason:
            skipped[name] = str(reason)
        except Exception as error:
            skipped[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:90]}"
    times = interleaved(running, seconds)
    lines.add(f"## {problem.name}", "", "| | time | ratio | error |", "|---|---:|---:|---:|")
    ours = median(times["wengert"]) if "wengert" in times else float("nan")
    for name in TOOLS:
        if name in skipped:
            lines.add(f"| {name} | – | – | {skipped[name]} |")
        else:
            t = median(times[name])
            lines.add(f"| {name} | {duration(t)} | {t / ours:.2f} | {errors[name]:.0e} |")
    lines.add("")
    return {name: median(values) for name, values in times.items()}


def begin(tool, problem: Problem, reference) -> tuple:
    """The call to time, how often to repeat it at a stretch, how long it took; and the error of its result."""
    tool.before()
    try:
        call = tool.prepare(problem)
        if problem.slow is not None:
            refuse_quadratic(tool, problem)
        started = time.perf_counter()
        got = tool.result(call())
        first = time.perf_counter() - started
        spent = 0.0
        while spent < WARM and first < LIMIT / 20:  # a tool's first calls may prepare its later ones
            started = time.perf_counter()
            call()
            again = time.perf_counter() - started
            first, spent = min(first, again), spent + again
    finally:
        tool.after()
    number = max(1, min(10_000, int(STRETCH / max(first, 1e-7))))
    return (tool, call, number, first), max(difference(g, r) for g, r in zip(got, reference, strict=True))


def refuse_quadratic(tool, problem: Problem) -> None:
    """Skip a tool whose time for a tenth of the problem says that the whole could exceed the limit."""
    small = tool.prepare(problem.slow)
    started = time.perf_counter()
    small()
    t = time.perf_counter() - started
    if t * 100 > LIMIT and t > 2.0:
        raise Skip(f"not run: a tenth of it took {duration(t)}")


def interleaved(running: dict, seconds: float, most: int = 25) -> dict[str, list[float]]:
    """Times of every tool, one stretch of calls after the other, round and round; in another order each time, so that
    none always comes after the same other one, whose threads may still be awake."""
    times = {name: [first] if first > LONG else [] for name, (_, _, _, first) in running.items()}
    spent = {name: sum(values) for name, values in times.items()}
    order, shuffle = list(running), random.Random(0).shuffle
    for _ in range(most):
        shuffle(order)
        for name in order:
            tool, call, number, _ = running[name]
            if times[name] and spent[name] > seconds:
                continue
            tool.before()
            started = time.perf_counter()
            for _ in range(number):
                call()
            t = time.perf_counter() - started
            tool.after()
            times[name].append(t / number)
            spent[name] += t
    return times


def difference(got, reference) -> float:
    """The largest difference, over the largest element of the reference."""
    if got.shape != reference.shape:
        return float("inf")
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(got - reference)) / max(float(np.max(np.abs(reference))), 1e-300))


def duration(t: float) -> str:
    """Seconds as text with a fitting unit, three digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if t >= 0.9995 * size:  # which is written 1
            return f"{t / size:.3g} {unit}"
    return f"{t * 1e9:.3g} ns"


if __name__ == "__main__":
    main()
