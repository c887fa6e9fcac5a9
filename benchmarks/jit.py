"""Compiled derivatives by us, by other tools, and by hand, in one run: call time, compile time, error, memory.

    PYTHONPATH=src python benchmarks/jit.py [--only WORD] [--tools a,b] [--cores N] [--quick] [--memory] [--write FILE]

Float64, NumPy arrays in, NumPy arrays out. Every tool runs in a process of its own; repeats are interleaved (every
tool once, then every tool again) and one process works at a time; the times are medians. Caches on disk start empty.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
from eager import Report
from jit_problems import PROBLEMS, Problem
from jit_tools.process import TOOLS, Measured, Process, Unavailable, Workers
from jit_tools.report import header, summary, table


def main() -> None:
    """Run, print, and write if asked."""
    options = arguments()
    lines = Report()
    lines.add("# Compiled derivatives", "", *header(options), "")
    with (
        tempfile.TemporaryDirectory() as folder,
        Workers(options.tools, folder, options.cores, options.clock) as workers,
    ):
        results = {p.name: compare(p, options, workers, lines) for p in PROBLEMS if chosen(p, options.only)}
    lines.add("## All of them", "", *summary(results, options.tools))
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text("\n".join(lines.lines) + "\n")


def chosen(problem: Problem, words: str) -> bool:
    """The name contains one of the words."""
    return any(word.strip().lower() in problem.name.lower() for word in words.split("|"))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="run the problems whose name contains this (or one of: a|b)")
    parser.add_argument("--tools", default=",".join(TOOLS), help=f"some of {','.join(TOOLS)}")
    parser.add_argument("--cores", type=int, help="let every tool use so many cores (all of them if left out)")
    parser.add_argument(
        "--clock", choices=("wall", "cpu"), default="wall", help="cpu: where others use the machine too"
    )
    parser.add_argument("--seconds", type=float, default=1.0, help="time given to each tool on each problem")
    parser.add_argument("--limit", type=float, default=60.0, help="the longest compilation that is waited for (s)")
    parser.add_argument("--quick", action="store_true", help="a fifth of the repeats, compilations of 15 s at most")
    parser.add_argument("--memory", action="store_true", help="also measure memory")
    parser.add_argument("--write", type=Path, help="also write the tables to this file")
    options = parser.parse_args()
    options.tools = options.tools.split(",")
    if unknown := set(options.tools) - set(TOOLS):
        parser.error(f"--tools: no tool {sorted(unknown)[0]!r}; there are {', '.join(TOOLS)}")
    if options.quick:
        options.seconds, options.limit = options.seconds / 5, min(options.limit, 15.0)
    return options


def compare(problem: Problem, options: argparse.Namespace, workers: Workers, lines: Report) -> dict[str, Measured]:
    """One table: every tool on one problem."""
    running, results = workers.alive(), {name: Measured() for name in options.tools}
    for name in list(running):
        try:
            first(running[name], results[name], problem.name, options)
        except Unavailable as reason:
            results[name].skipped = str(reason)
            running.pop(name)
    interleave(running, results, options.seconds)
    if options.memory:
        for name, process in running.items():
            results[name].memory = process.ask("memory", limit=300.0)
    lines.add(f"## {problem.name}", "", *table(problem, results), "")
    return results


def first(process: Process, result: Measured, problem: str, options: argparse.Namespace) -> None:
    """Compile, compare with the reference, and find out how long a call takes."""
    result.version = process.ask("open", problem, limit=300.0)
    try:
        result.compile = process.ask("first", limit=options.limit)
    except Unavailable:
        result.stopped = options.limit if process.dead else None
        raise
    result.error = process.ask("error", limit=300.0)
    process.number = stretch(process, "seconds", options.limit)
    try:
        process.primal = process.ask("first_primal", limit=options.limit) is not None
        process.number_primal = stretch(process, "seconds_primal", options.limit) if process.primal else 0
    except Unavailable as reason:
        if process.dead:
            raise
        result.notes = f"primal: {reason}"


def stretch(process: Process, request: str, limit: float) -> int:
    """How many calls take about 5 ms."""
    once = process.ask(request, 1, limit=limit)
    if once < 0.1:
        once = min(once, process.ask(request, 1, limit=limit))
    return max(1, min(20_000, int(0.005 / max(once, 1e-7))))


def interleave(running: dict[str, Process], results: dict[str, Measured], seconds: float, most: int = 40) -> None:
    """Fill in the medians: one stretch of calls of every tool, round and round."""
    times = {name: ([], []) for name in running}
    spent = dict.fromkeys(running, 0.0)
    for _ in range(most):
        for name, process in running.items():
            if times[name][0] and spent[name] > seconds:
                continue
            t = process.ask("seconds", process.number, limit=300.0)
            times[name][0].append(t / process.number)
            spent[name] += t
            if process.primal:
                t = process.ask("seconds_primal", process.number_primal, limit=300.0)
                times[name][1].append(t / process.number_primal)
    for name, (calls, primals) in times.items():
        results[name].call = median(calls)
        results[name].primal = median(primals) if primals else None


if __name__ == "__main__":
    main()
