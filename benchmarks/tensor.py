"""Eager mode, operation by operation: wengert.tensor beside PyTorch, in microseconds.

    PYTHONPATH=src .venv-bench/bin/python benchmarks/tensor.py

Float64, one thread each, time of the processor, the smallest of several rounds, the two tools in turn.
"""

from __future__ import annotations

import time
import timeit
from functools import partial

import torch

from wengert import tensor as ours

ROUNDS, SECONDS = 9, 0.02


def small(t):
    return t.tensor([0.3, 0.5, 0.7], requires_grad=True), t.tensor([1.0, 2.0, 3.0], requires_grad=True)


def number(t):
    return (t.tensor(0.3, requires_grad=True),)


def large(t):
    return t.ones(1000, requires_grad=True), t.ones(1000, requires_grad=True)


def matrix(t):
    return t.ones(8, 8, requires_grad=True), t.ones(8, 8, requires_grad=True)


def lecture(t, x, _):
    v = x[0] * x[1]
    y = t.log(v) if v > 0 else t.sin(v)
    y.backward()


def chain(t, x):
    v = x
    for _ in range(1000):
        v = 3.7 * v * (1 - v)
    v.backward()


def vectors(t, x, y):
    (t.exp(x * y) + x).sum().backward()


def layer(t, x, w):
    t.tanh(x @ w + 1.0).mean().backward()


def hessian_product(t, x, y):
    (g,) = t.autograd.grad((x**3 * y).sum(), x, create_graph=True)
    t.autograd.grad(g.sum(), x)


def softmax_loss(t, x, _):
    t.nn.functional.cross_entropy(x.view(1, 3), t.tensor([1])).backward()


PROBLEMS = {
    "x * y, numbers": (number, lambda t, x: x * x),
    "x * y, 3 elements": (small, lambda t, x, y: x * y),
    "x * y, 1000 elements": (large, lambda t, x, y: x * y),
    "x + 2.0": (small, lambda t, x, y: x + 2.0),
    "exp(x)": (small, lambda t, x, y: t.exp(x)),
    "x[0]": (small, lambda t, x, y: x[0]),
    "x[1:]": (small, lambda t, x, y: x[1:]),
    "x.sum()": (small, lambda t, x, y: x.sum()),
    "x.view(3, 1)": (small, lambda t, x, y: x.view(3, 1)),
    "x @ y, 8 by 8": (matrix, lambda t, x, y: x @ y),
    "stack": (small, lambda t, x, y: t.stack([x, y])),
    "where": (small, lambda t, x, y: t.where(x > 0, x, y)),
    "softmax": (small, lambda t, x, y: t.softmax(x, 0)),
    "the lecture's gradient": (small, lecture),
    "gradient of Σ exp(x y) + x": (small, vectors),
    "gradient of a layer, 8 by 8": (matrix, layer),
    "gradient of cross entropy": (small, softmax_loss),
    "Hessian times a vector": (small, hessian_product),
    "gradient of 1000 logistic steps": (number, chain),
}


def best(problem, round_count=ROUNDS):
    """Microseconds per call of each tool."""
    make, f = problem
    calls = [partial(f, t, *make(t)) for t in (ours, torch)]
    found = [float("inf")] * 2
    for _ in range(round_count):
        for k, call in enumerate(calls):
            timer = timeit.Timer(call, timer=time.process_time)
            once = max(timer.timeit(1), 1e-6)
            n = max(1, min(10_000, int(SECONDS / once)))
            found[k] = min(found[k], timer.timeit(n) / n * 1e6)
    return found


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    print(f"wengert.tensor and PyTorch {torch.__version__}, microseconds\n")
    print(f"{'':34}{'wengert':>12}{'PyTorch':>12}{'ratio':>8}")
    for name, problem in PROBLEMS.items():
        mine, theirs = best(problem)
        print(f"{name:34}{mine:12.2f}{theirs:12.2f}{theirs / mine:8.2f}")


if __name__ == "__main__":
    main()
