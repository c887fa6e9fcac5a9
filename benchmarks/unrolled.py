"""Programs that no loop of a compiler can hold: steps of other sizes each, recursion, loops in loops. By us and by JAX.

    PYTHONPATH=src python benchmarks/unrolled.py [--without-jax]

For the gradient of each: processor time of the first call, compilation included, and the time of a later one (median).
Both run the same Python loops.
"""

from __future__ import annotations

import argparse
import os
import time
from statistics import median

import numpy as np

os.environ["WENGERT_CACHE"] = "0"

import wengert as wg

rng = np.random.default_rng(0)


def binomial_tree(xp, p):
    """An American put by 200 steps of a binomial tree, each one value shorter."""
    price, strike, rate, volatility = p
    n, dt = 200, 1 / 200
    up = xp.exp(volatility * np.sqrt(dt))
    q = (xp.exp(rate * dt) - 1 / up) / (up - 1 / up)
    value = xp.maximum(strike - price * up ** np.arange(n, -n - 1, -2.0), 0)
    for i in range(n - 1, -1, -1):
        value = xp.exp(-rate * dt) * (q * value[:-1] + (1 - q) * value[1:])
        value = xp.maximum(value, strike - price * up ** np.arange(i, -i - 1, -2.0))
    return value[0]


def transform(xp, x):
    """The fast Fourier transform of 64 numbers, by recursion."""

    def of(v):
        n = len(v)
        if n == 1:
            return v.astype(complex)
        even, odd = of(v[::2]), of(v[1::2])
        turned = np.exp(-2j * np.pi * np.arange(n // 2) / n) * odd
        return xp.concatenate([even + turned, even - turned])

    return xp.sum(xp.abs(of(x)) ** 1.5)


def jacobi(xp, a):
    """The largest eigenvalue of a matrix by six rounds of Jacobi's rotations."""
    a = (a + a.T) / 2
    for _ in range(6):
        for p in range(4):
            for q in range(p + 1, 5):
                angle = 0.5 * xp.arctan2(2 * a[p, q], a[q, q] - a[p, p])
                places, turned = np.zeros((5, 5)), np.zeros((5, 5))
                places[p, p] = places[q, q] = 1.0
                turned[p, q], turned[q, p] = 1.0, -1.0
                rotation = np.eye(5) - places + places * xp.cos(angle) + turned * xp.sin(angle)
                a = rotation.T @ a @ rotation
    return xp.max(xp.diag(a))


def lennard_jones(xp, x):
    """The energy of eight particles, pair by pair and coordinate by coordinate."""
    energy = 0.0
    for i in range(8):
        for j in range(i + 1, 8):
            square = 0.0
            for k in range(3):
                square = square + (x[i, k] - x[j, k]) ** 2
            energy = energy + 1 / square**6 - 1 / square**3
    return energy


PROGRAMS = {
    "binomial tree, 200 steps": (binomial_tree, np.array([100.0, 105.0, 0.05, 0.2])),
    "recursive FFT, n = 64": (transform, rng.normal(size=64)),
    "Jacobi rotations, 5 x 5, 6 rounds": (jacobi, rng.normal(size=(5, 5))),
    "Lennard-Jones, 8 particles by loops": (lennard_jones, rng.normal(size=(8, 3))),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--without-jax", action="store_true", help="only our own times")
    jax = None if parser.parse_args().without_jax else _jax()
    wg.jit(wg.grad(lambda x: np.sin(x) * x))(1.0)
    print("| gradient of | first call: wengert | JAX | call: wengert | JAX | difference |\n|---|" + "---:|" * 5)
    for name, (f, x) in PROGRAMS.items():
        found = timed(wg.jit(wg.grad(lambda x, f=f: f(np, x))), x, np.asarray)
        cells, gap = [found[:2], ("–", "–")], 0.0
        if jax is not None:
            theirs = timed(jax.jit(jax.grad(lambda x, f=f: f(jax.numpy, x))), x, np.asarray)
            cells[1] = theirs[:2]
            gap = np.max(np.abs(found[2] - theirs[2])) / np.max(np.abs(found[2]))
        print(f"| {name} | {cells[0][0]} | {cells[1][0]} | {cells[0][1]} | {cells[1][1]} | {gap:.0e} |", flush=True)


def _jax():
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.block_until_ready(jax.jit(jax.grad(lambda x: jax.numpy.sin(x) * x))(1.0))
    return jax


def timed(gradient, x, plain):
    """(first call, call) as text, and the gradient."""
    start = time.process_time()
    y = plain(gradient(x))
    first = time.process_time() - start
    times = []
    for _ in range(50):
        start = time.perf_counter()
        plain(gradient(x))
        times.append(time.perf_counter() - start)
    return f"{first:.2f} s", f"{median(times) * 1e6:.1f} µs", y


if __name__ == "__main__":
    main()
