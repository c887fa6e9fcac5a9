"""Tables in Markdown: one for each problem, one over all."""

from __future__ import annotations

import argparse
import os
import platform
import time

import numpy as np
from eager import cpu, duration
from jit_problems import PROBLEMS, Goal, Problem

from jit_tools.process import PEERS, Measured

LEGEND = (
    "`compile` is the first call, compilation included; `/best` is the call over that of the fastest peer that "
    "differentiates; `/hand` over that of the derivative written by hand in Numba; `/primal` over the tool's own "
    "compiled function; `error` is the largest difference from the derivative by hand in NumPy, over its largest "
    "element."
)
CLOCKS = {"wall": "wall-clock time", "cpu": "processor time"}


def header(options: argparse.Namespace) -> list[str]:
    """What was measured, and where."""
    return [
        f"Measured by `benchmarks/jit.py` on {time.strftime('%Y-%m-%d')}: {cpu()}, "
        f"{options.cores or os.cpu_count()} of {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}; load average {os.getloadavg()[0]:.1f}. "
        f"Medians of {CLOCKS[options.clock]}; float64, NumPy in and NumPy out.",
        LEGEND,
    ]


def table(problem: Problem, results: dict[str, Measured]) -> list[str]:
    """The tools on one problem."""
    best, hand = best_peer(results), results.get("numba", Measured()).call
    sized = any(r.memory for r in results.values())
    heads = [
        "",
        "call",
        "/best",
        "/hand",
        "/primal",
        "compile",
        "error",
        *(["memory of a call", "kept"] if sized else []),
    ]
    rows = [f"| {' | '.join(heads)} |", "|---" * 1 + "|---:" * (len(heads) - 1) + "|"]
    notes = []
    for name, r in results.items():
        if r.call is None:
            rows.append(f"| {name} |" + " – |" * (len(heads) - 1))
            notes.append(f"{name}: {r.skipped}.")
            continue
        cells = [
            duration(r.call), ratio(r.call, best), ratio(r.call, hand), ratio(r.call, r.primal), duration(r.compile),
            f"{r.error:.0e}", *([megabytes(r.memory, 0), megabytes(r.memory, 1)] if sized else []),
        ]  # fmt: skip
        rows.append(f"| {name} | {' | '.join(cells)} |")
        if r.notes:
            notes.append(f"{name}: {r.notes}.")
    return [*rows, "", *notes, verdict(problem.goal, results)]


def best_peer(results: dict[str, Measured]) -> float | None:
    """The call time of the fastest peer that is right."""
    return min((r.call for n, r in results.items() if n in PEERS and r.call and r.error < 1e-6), default=None)


def verdict(goal: Goal, results: dict[str, Measured]) -> str:
    """What was aimed at and what was reached."""
    ours, jax, hand = (results.get(name, Measured()) for name in ("wengert", "jax", "numba"))
    against = hand.call if goal.against == "hand" else best_peer(results)
    parts = [judged(ours.call, against, goal.ratio, "of by hand" if goal.against == "hand" else "of the best peer")]
    if ours.primal:
        parts.append(judged(ours.call, ours.primal, 3.0, "of the primal"))
    if goal.compile_seconds:
        parts.append(judged(ours.compile, 1.0, goal.compile_seconds, "s to compile"))
    if goal.compile_over_jax:
        unrolled = results.get("jax-loops", Measured())
        reference, what = jax.compile, "of JAX's compilation"
        if goal.compile_over_jax < 0.1 and (unrolled.compile or unrolled.stopped):
            reference, what = unrolled.compile or unrolled.stopped, f"{what} of the same loop"
            what += f", given up after {unrolled.stopped:g} s" if unrolled.stopped else ""
        parts.append(judged(ours.compile, reference, goal.compile_over_jax, what))
    return "Goal: " + "; ".join(parts) + "."


def judged(ours: float | None, other: float | None, most: float, what: str) -> str:
    """'at most 0.3 of the best peer: 0.25, reached'."""
    if not ours or not other:
        return f"at most {most:g} {what}: not measured"
    got = ours / other
    return f"at most {most:g} {what}: {got:.3g}, {'reached' if got <= most else 'MISSED'}"


def ratio(a: float | None, b: float | None) -> str:
    return f"{a / b:.2f}" if a and b else "–"


def megabytes(memory: tuple[int, int] | None, which: int) -> str:
    return f"{max(memory[which], 0) / 1e6:.1f} MB" if memory else "–"


def summary(results: dict[str, dict[str, Measured]], tools: list[str]) -> list[str]:
    """One line per problem: the call of every tool, and what was aimed at."""
    rows = [f"| | {' | '.join(tools)} | goal | reached |", "|---|" + "---:|" * (len(tools) + 2)]
    for problem, measured in results.items():
        cells = [duration(measured[tool].call) if measured[tool].call else "–" for tool in tools]
        rows.append(f"| {problem} | {' | '.join(cells)} | {' | '.join(aim(problem, measured))} |")
    return rows


def aim(name: str, measured: dict[str, Measured]) -> tuple[str, str]:
    """The goal as a call time, and our ratio."""
    goal = next(p.goal for p in PROBLEMS if p.name == name)
    against = measured.get("numba", Measured()).call if goal.against == "hand" else best_peer(measured)
    short = f"{goal.ratio:g} {goal.against}"
    if not against:
        return short, "–"
    return f"{short}: {duration(goal.ratio * against)}", ratio(measured.get("wengert", Measured()).call, against)
