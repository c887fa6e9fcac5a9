"""vmap against the Python loop over the examples, and against JAX's eager vmap where JAX is installed.

    PYTHONPATH=src python benchmarks/vmap.py [--seconds S]

Repeats are interleaved; the times are medians.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import numpy as np

import wengert as wg

rng = np.random.default_rng(0)


def mlp(xp):
    """The loss of one example under a network of one hidden layer."""

    def loss(p, x, y):
        h = xp.tanh(x @ p["W1"] + p["b1"])
        z = h @ p["W2"] + p["b2"]
        top = xp.max(z)
        return xp.log(xp.sum(xp.exp(z - top))) + top - xp.sum(z * y)

    return loss


def network(inputs, hidden, classes):
    return {
        "W1": 0.1 * rng.normal(size=(inputs, hidden)), "b1": np.zeros(hidden),
        "W2": 0.1 * rng.normal(size=(hidden, classes)), "b2": np.zeros(classes),
    }  # fmt: skip


def density(xp):
    """The log-density of a normal distribution with the covariance A Aᵀ + 1, at x."""

    def log_density(a, x):
        low = xp.linalg.cholesky(a @ a.T + xp.eye(len(x)))
        z = xp.linalg.solve(low, x)
        return -0.5 * xp.sum(z * z) - xp.sum(xp.log(xp.diagonal(low)))

    return log_density


def branching(x):
    """A program that takes one of a few ways: NumPy only."""
    s = np.sum(x)
    if s > 1.0:
        return np.sin(s) * x[0]
    if x[1] > 0:
        return np.prod(x)
    while s < -2.0:
        s = s / 2.0 + 0.1
    return s * x[1]


def cases():
    """(name, batch, how the function is made, its arguments, their axes)."""
    n = 256
    labels = np.eye(10)[rng.integers(0, 10, n)]
    yield (
        "MLP 16-32-10, gradients of 256 examples",
        mlp,
        (network(16, 32, 10), rng.normal(size=(n, 16)), labels),
        (None, 0, 0),
    )
    yield (
        "MLP 64-128-10, gradients of 256 examples",
        mlp,
        (network(64, 128, 10), rng.normal(size=(n, 64)), labels),
        (None, 0, 0),
    )
    yield (
        "normal log-density, n = 8, 256 examples",
        density,
        (rng.normal(size=(n, 8, 8)), rng.normal(size=(n, 8))),
        (0, 0),
    )
    yield (
        "branches and a while, 256 examples",
        lambda xp: branching if xp is np else None,
        (rng.normal(size=(n, 4)),),
        (0,),
    )


def loop(g, args, axes):
    """What vmap means, leaf by leaf."""
    n = next(len(a) for a, axis in zip(args, axes, strict=True) if axis == 0)
    results = [g(*[a if axis is None else a[i] for a, axis in zip(args, axes, strict=True)]) for i in range(n)]
    columns = zip(*[wg.tree.flatten(r)[0] for r in results], strict=True)
    return [np.stack(column) for column in columns]


def runs(make, args, axes):
    """name → a function of no arguments."""
    g = wg.grad(make(np))
    mapped = wg.vmap(g, axes)
    found = {"loop": lambda: loop(g, args, axes), "vmap": lambda: mapped(*args)}
    try:
        import jax
    except ImportError:
        return found
    jax.config.update("jax_enable_x64", True)
    if make(jax.numpy) is not None:
        jaxed = jax.vmap(jax.grad(make(jax.numpy)), axes)
        given = jax.tree.map(jax.numpy.asarray, args)
        found["jax.vmap, eager"] = lambda: jax.block_until_ready(jaxed(*given))
    return found


def timed(found, seconds):
    """The median of each, repeats interleaved."""
    times = {name: [] for name in found}
    for run in found.values():
        run()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times["vmap"]) < 3:
        for name, run in found.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: median(t) for name, t in times.items()}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="per problem")
    seconds = parser.parse_args().seconds
    print("| | loop | vmap | loop / vmap | jax.vmap, eager |\n|---|---:|---:|---:|---:|")
    for name, make, args, axes in cases():
        found = runs(make, args, axes)
        for a, b in zip(found["loop"](), wg.tree.flatten(found["vmap"]())[0], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
        t = timed(found, seconds)
        other = f"{1e3 * t['jax.vmap, eager']:.3g} ms" if "jax.vmap, eager" in t else "–"
        print(
            f"| {name} | {1e3 * t['loop']:.3g} ms | {1e3 * t['vmap']:.3g} ms | {t['loop'] / t['vmap']:.1f} | {other} |"
        )


if __name__ == "__main__":
    main()
