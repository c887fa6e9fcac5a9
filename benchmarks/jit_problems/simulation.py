"""Initial value problems: bodies under gravity, predators and prey."""

from __future__ import annotations

import numpy as np

from jit_problems.problem import Goal, Problem

DT, SOFT, STEPS = 1e-3, 0.05, 1000
"""Leapfrog's step, the softening length squared, and how many steps."""
H, RK_STEPS = 1e-3, 10_000
"""The step of Runge and Kutta's method, and how many."""


def acceleration(x, m):
    d = x[None, :, :] - x[:, None, :]
    r2 = np.sum(d * d, axis=2) + SOFT
    return np.sum(d * (m * r2**-1.5)[:, :, None], axis=1)


def nbody(x, v, m):
    a = acceleration(x, m)
    for _ in range(STEPS):
        v = v + 0.5 * DT * a
        x = x + DT * v
        a = acceleration(x, m)
        v = v + 0.5 * DT * a
    return np.sum(x * x) + np.sum(v * v)


def acceleration_pullback(x, m, a_bar):
    d = x[None, :, :] - x[:, None, :]
    r2 = np.sum(d * d, axis=2) + SOFT
    w = m * r2**-1.5
    w_bar = np.sum(a_bar[:, None, :] * d, axis=2)
    d_bar = a_bar[:, None, :] * w[:, :, None] - 3 * d * (w_bar * w / r2)[:, :, None]
    return d_bar.sum(axis=0) - d_bar.sum(axis=1)


def nbody_by_hand(x, v, m):
    a, xs = acceleration(x, m), [x]
    for _ in range(STEPS):
        v = v + 0.5 * DT * a
        x = x + DT * v
        a = acceleration(x, m)
        v = v + 0.5 * DT * a
        xs.append(x)
    x_bar, v_bar, a_bar = 2 * x, 2 * v, np.zeros_like(a)
    for x in xs[:0:-1]:
        a_bar = a_bar + 0.5 * DT * v_bar
        x_bar = x_bar + acceleration_pullback(x, m, a_bar)
        v_bar = v_bar + DT * x_bar
        a_bar = 0.5 * DT * v_bar
    return x_bar + acceleration_pullback(xs[0], m, a_bar), v_bar


def rhs(theta, y):
    """Lotka and Volterra's equations."""
    return np.array([theta[0] * y[0] - theta[1] * y[0] * y[1], theta[3] * y[0] * y[1] - theta[2] * y[1]])


def rk4(theta, y):
    for _ in range(RK_STEPS):
        k1 = rhs(theta, y)
        k2 = rhs(theta, y + H / 2 * k1)
        k3 = rhs(theta, y + H / 2 * k2)
        k4 = rhs(theta, y + H * k3)
        y = y + H / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y)


def rhs_pullback(theta, y, bar):
    both = y[0] * y[1]
    y_bar = np.array([
        (theta[0] - theta[1] * y[1]) * bar[0] + theta[3] * y[1] * bar[1],
        -theta[1] * y[0] * bar[0] + (theta[3] * y[0] - theta[2]) * bar[1],
    ])  # fmt: skip
    return np.array([y[0] * bar[0], -both * bar[0], -y[1] * bar[1], both * bar[1]]), y_bar


def rk4_by_hand(theta, y):
    ys = []
    for _ in range(RK_STEPS):
        k1 = rhs(theta, y)
        y2 = y + H / 2 * k1
        k2 = rhs(theta, y2)
        y3 = y + H / 2 * k2
        k3 = rhs(theta, y3)
        y4 = y + H * k3
        ys.append((y, y2, y3, y4))
        y = y + H / 6 * (k1 + 2 * k2 + 2 * k3 + rhs(theta, y4))
    theta_bar, bar = np.zeros(4), np.ones(2)
    for y, y2, y3, y4 in reversed(ys):
        t4, y4_bar = rhs_pullback(theta, y4, H / 6 * bar)
        t3, y3_bar = rhs_pullback(theta, y3, H / 3 * bar + H * y4_bar)
        t2, y2_bar = rhs_pullback(theta, y2, H / 3 * bar + H / 2 * y3_bar)
        t1, y1_bar = rhs_pullback(theta, y, H / 6 * bar + H / 2 * y2_bar)
        theta_bar += t1 + t2 + t3 + t4
        bar = bar + y1_bar + y2_bar + y3_bar + y4_bar
    return theta_bar, bar


def _bodies(n=10):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 3)), rng.normal(size=(n, 3)) / 2, rng.uniform(0.5, 1.5, size=n) / n


PROBLEMS = [
    Problem(
        "n-body, 10 bodies, 1000 steps", "nbody", nbody, _bodies, nbody_by_hand,
        Goal("peer", 0.7, compile_over_jax=0.03), argnums=(0, 1),
    ),
    Problem(
        "RK4, 10,000 steps", "rk4", rk4, lambda: (np.array([1.5, 1.0, 3.0, 1.0]), np.array([1.0, 1.0])), rk4_by_hand,
        Goal("peer", 0.7, compile_over_jax=0.03), argnums=(0, 1),
    ),
]  # fmt: skip
