"""Elementwise work on long vectors, dense and sparse second and first derivatives."""

from __future__ import annotations

import numpy as np
from by_hand import rosenbrock as rosenbrock_by_hand
from by_hand import rosenbrock_hessian

from jit_problems.problem import Goal, Problem


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def broyden(x):
    """Broyden's tridiagonal residual (Moré, Garbow, Hillstrom 1981, problem 30)."""
    y = (3 - 2 * x) * x + 1
    y[1:] -= x[:-1]
    y[:-1] -= 2 * x[1:]
    return y


def broyden_by_hand(x, seeds):
    rows = (3 - 4 * x) * seeds
    rows[:, 1:] -= seeds[:, :-1]
    rows[:, :-1] -= 2 * seeds[:, 1:]
    return (rows,)


def tanh_exp_sin(x):
    return np.sum(np.tanh(np.exp(np.sin(x))))


def tanh_exp_sin_by_hand(x):
    e = np.exp(np.sin(x))
    return ((1 - np.tanh(e) ** 2) * e * np.cos(x),)


def llsq(x, t):
    """½ Σᵢ (sign tᵢ − Σⱼ xⱼ tᵢʲ)² (GradBench's llsq), the polynomial by Horner's rule."""
    p = np.zeros_like(t)
    for c in x[::-1]:
        p = p * t + c
    return 0.5 * np.sum((np.sign(t) - p) ** 2)


def llsq_by_hand(x, t):
    p = np.zeros_like(t)
    for c in x[::-1]:
        p = p * t + c
    bar, gradient = p - np.sign(t), np.empty_like(x)
    for j in range(x.size):
        gradient[j] = np.sum(bar)
        bar = bar * t
    return (gradient,)


def _uniform(n):
    return np.random.default_rng(0).uniform(-1, 1, size=n)


def _seeds(n):
    seeds = np.zeros((3, n))
    for k in range(3):
        seeds[k, k::3] = 1
    return seeds


PROBLEMS = [
    *[
        Problem(
            f"Rosenbrock, n = {n:,}", "rosenbrock", rosenbrock, lambda n=n: (_uniform(n),), rosenbrock_by_hand,
            Goal("hand", 1.25),
        )
        for n in (10, 1000, 100_000)
    ],
    Problem(
        "Hessian of Rosenbrock, n = 100", "rosenbrock", rosenbrock, lambda: (_uniform(100),), rosenbrock_hessian,
        Goal("peer", 0.5), transform="hessian",
    ),
    Problem(
        "tridiagonal Jacobian by seeds, n = 100,000", "broyden", broyden,
        lambda: (_uniform(100_000), _seeds(100_000)), broyden_by_hand, Goal("peer", 0.2), transform="seeds",
    ),
    Problem(
        "sum(tanh(exp(sin x))), n = 1,000,000", "tanh_exp_sin", tanh_exp_sin, lambda: (3 * _uniform(10**6),),
        tanh_exp_sin_by_hand, Goal("peer", 0.5),
    ),
    Problem(
        "polynomial least squares, 16,392 x 128", "llsq", llsq,
        lambda: (np.random.default_rng(0).normal(size=128), np.linspace(-1, 1, 16_392)), llsq_by_hand,
        Goal("hand", 1.25),
    ),
]  # fmt: skip
