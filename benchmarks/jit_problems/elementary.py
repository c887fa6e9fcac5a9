"""Functions of a few numbers, and long chains of one line."""

from __future__ import annotations

import numpy as np
from by_hand import logistic as logistic_by_hand

from jit_problems.problem import Goal, Problem


def product_log(a, b):
    return np.log(a * b)


def product_log_by_hand(a, b):
    return 1 / a, 1 / b


def logistic(v):
    for _ in range(1000):
        v = 4 * v * (1 - v)
    return v


def normal(x, mu, sigma):
    z = (x - mu) / sigma
    return np.sum(np.exp(-0.5 * z**2) / (sigma * np.sqrt(2 * np.pi)))


def normal_by_hand(x, mu, sigma):
    z = (x - mu) / sigma
    p = np.exp(-0.5 * z**2) / (sigma * np.sqrt(2 * np.pi)) / sigma
    return -z * p, np.sum(z * p), np.sum(p * (z**2 - 1))


def trap(x):
    for _ in range(500):
        x = np.sin(x) * 1.01 + x[::-1] * 0.1
    return np.sum(x)


def trap_by_hand(x):
    xs = []
    for _ in range(500):
        xs.append(x)
        x = np.sin(x) * 1.01 + x[::-1] * 0.1
    bar = np.ones_like(x)
    for x in reversed(xs):
        bar = bar * np.cos(x) * 1.01 + bar[::-1] * 0.1
    return (bar,)


def _normal_inputs(n):
    x = 0.3 if n == 1 else np.random.default_rng(0).normal(size=n)
    return x, 0.1, 1.2


PROBLEMS = [
    Problem(
        "log(x0·x1)", "product_log", product_log, lambda: (2.0, 3.0), product_log_by_hand,
        Goal("peer", 0.3), argnums=(0, 1),
    ),
    Problem(
        "logistic map, 1000 steps", "logistic", logistic, lambda: (0.3,), logistic_by_hand,
        Goal("hand", 1.5, compile_seconds=0.1),
    ),
    *[
        Problem(
            f"normal density, n = {n:,}", "normal", normal, lambda n=n: _normal_inputs(n), normal_by_hand,
            Goal("peer", ratio), argnums=(0, 1, 2),
        )
        for n, ratio in ((1, 0.2), (10_000, 0.8))
    ],
    Problem(
        "XLA's trap, 500 steps", "trap", trap, lambda: (np.linspace(0.1, 1.0, 10),), trap_by_hand,
        Goal("hand", 1.25, compile_seconds=0.5),
    ),
]  # fmt: skip
