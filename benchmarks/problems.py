"""The benchmark problems: written once, for any namespace `xp` that looks like NumPy.

Each problem has inputs, a function f(*inputs) of them, and its gradient written by hand in NumPy,
which is the reference that every tool is compared with and the floor that it is timed against.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import by_hand
import numpy as np

rng = np.random.default_rng(0)


@dataclass(frozen=True)
class Problem:
    """One gradient (or Hessian) to compute; `make(xp)` is the function in the namespace xp."""

    name: str
    inputs: tuple
    make: Callable
    by_hand: Callable
    second: bool = False
    needs: frozenset = field(default_factory=frozenset)
    slow: Callable | None = None  # the same problem, a tenth of the size: run first where time may be quadratic


def product_log(xp):
    return lambda a, b: xp.log(a * b)


def logistic(xp):
    def f(v):
        for _ in range(1000):
            v = 4 * v * (1 - v)
        return v

    return f


def rosenbrock(xp):
    return lambda x: xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def mlp(images, labels):
    def make(xp):
        if xp.name == "torch":
            return torch_mlp(xp, images, labels)
        rows = np.arange(len(labels))
        x = xp.constant(images)

        def f(W1, b1, W2, b2):
            h = xp.maximum(x @ W1 + b1, 0)
            z = h @ W2 + b2
            z = z - xp.max(z, axis=1, keepdims=True)
            return xp.mean(xp.log(xp.sum(xp.exp(z), axis=1)) - z[rows, labels])

        return f

    return make


def torch_mlp(xp, images, labels):
    """PyTorch with its own fused loss."""
    x, target = xp.constant(images), xp.constant(labels)

    def f(W1, b1, W2, b2):
        return xp.cross_entropy(xp.relu(x @ W1 + b1) @ W2 + b2, target)

    return f


def gaussian_process(squares, y):
    def make(xp):
        d2, target, eye = xp.constant(squares), xp.constant(y[:, None]), xp.constant(np.eye(len(y)))

        def f(theta):
            K = xp.exp(theta[1] - 0.5 * d2 * xp.exp(-2 * theta[0])) + (xp.exp(theta[2]) + 1e-8) * eye
            L = xp.cholesky(K)
            z = xp.solve_triangular(L, target)
            return 0.5 * xp.sum(z**2) + xp.sum(xp.log(xp.diagonal(L))) + 0.5 * len(y) * np.log(2 * np.pi)

        return f

    return make


def kalman(y):
    def make(xp):
        F, eye = xp.constant(np.array([[1.0, 1.0], [0.0, 1.0]])), xp.constant(np.eye(2))
        start = xp.constant(np.zeros(2))
        series = [float(v) for v in y]

        def f(theta):
            variances = xp.exp(theta)
            Q, r = eye * variances[:2], variances[2]
            m, P, total = start, 10.0 * eye, 0.0
            for v in series:
                m, P = F @ m, F @ P @ F.T + Q
                S, error = P[0, 0] + r, v - m[0]
                gain = P[:, 0] / S
                m, P = m + gain * error, P - gain[:, None] * P[0][None, :]
                total = total + xp.log(S) + error**2 / S
            return 0.5 * total

        return f

    return make


def writes(n):
    def make(xp):
        def f(x):
            y = xp.zeros(n)
            y[0] = x[0]
            for i in range(1, n):
                y[i] = 0.5 * y[i - 1] + x[i]
            return xp.sum(y * y)

        return f

    return make


def _mlp_problem(batch):
    images, labels = rng.uniform(size=(batch, 784)), rng.integers(10, size=batch)
    inputs = (
        rng.normal(size=(784, 128)) / 28,
        rng.normal(size=128) / 10,
        rng.normal(size=(128, 10)) / 11,
        np.zeros(10),
    )
    return Problem(f"MLP 784-128-10, batch {batch}", inputs, mlp(images, labels), by_hand.mlp(images, labels))


def _gp_problem(n):
    t = np.sort(rng.uniform(0, 10, size=n))
    squares, y = (t[:, None] - t) ** 2, np.sin(t) + 0.1 * rng.normal(size=n)
    theta = np.array([0.1, 0.2, -2.0])
    return Problem(
        f"Gaussian process, n = {n}", (theta,), gaussian_process(squares, y), by_hand.gaussian_process(squares, y),
        needs=frozenset({"cholesky"}),
    )  # fmt: skip


def _kalman_problem(n):
    y = np.cumsum(np.cumsum(0.1 * rng.normal(size=n)) + 0.3 * rng.normal(size=n)) + rng.normal(size=n)
    return Problem(f"Kalman filter, {n} steps", (np.array([-2.0, -4.0, 0.0]),), kalman(y), by_hand.kalman(y))


def _writes_problem(n):
    return Problem(
        f"{n:,} in-place writes", (rng.normal(size=n),), writes(n), by_hand.writes,
        needs=frozenset({"writes"}), slow=_writes_problem(n // 10) if n > 10_000 else None,
    )  # fmt: skip


PROBLEMS = [
    Problem("log(x0·x1)", (2.0, 3.0), product_log, lambda a, b: (1 / a, 1 / b)),
    Problem("logistic map, 1000 steps", (0.3,), logistic, by_hand.logistic),
    *[
        Problem(f"Rosenbrock, n = {n:,}", (rng.uniform(-1, 1, size=n),), rosenbrock, by_hand.rosenbrock)
        for n in (10, 1000, 100_000)
    ],
    *[_mlp_problem(batch) for batch in (1, 32, 256)],
    _gp_problem(200),
    _kalman_problem(200),
    Problem(
        "Hessian of Rosenbrock, n = 100", (rng.uniform(-1, 1, size=100),), rosenbrock, by_hand.rosenbrock_hessian, True
    ),
    _writes_problem(100_000),
]
