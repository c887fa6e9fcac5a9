"""JAX, compiled by XLA; loops are `lax.scan`, without which its users cannot compile them."""

from __future__ import annotations

import types

import jax
import jax.numpy as jnp
import jax.scipy
import numpy as np
from jax import lax
from jit_problems import simulation, statistics

from jit_tools.rebind import rebound

jax.config.update("jax_enable_x64", True)
VERSION = f"jax {jax.__version__}"
LEFT_OUT: dict[str, str] = {}
STRUCTURE = types.SimpleNamespace(linalg=jax.scipy.linalg)


def logistic(v):
    return lax.scan(lambda v, _: (4 * v * (1 - v), None), v, length=1000)[0]


def trap(x):
    return jnp.sum(lax.scan(lambda x, _: (jnp.sin(x) * 1.01 + x[::-1] * 0.1, None), x, length=500)[0])


def broyden(x):
    y = (3 - 2 * x) * x + 1
    return y.at[1:].add(-x[:-1]).at[:-1].add(-2 * x[1:])


def llsq(x, t):
    p = lax.scan(lambda p, c: (p * t + c, None), jnp.zeros_like(t), x[::-1])[0]
    return 0.5 * jnp.sum((jnp.sign(t) - p) ** 2)


def lstm(W, U, b, V, xs, y):
    def step(state, x):
        h, c = state
        i, f, g, o = jnp.split(x @ W + h @ U + b, 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zero = jnp.zeros((xs.shape[1], U.shape[0]))
    (h, _), _ = lax.scan(step, (zero, zero), xs)
    return jnp.mean((h @ V - y) ** 2)


def gmm(alphas, means, icf, x, gamma, m):
    (n, d), k = x.shape, len(alphas)
    q = jnp.exp(icf[:, :d])
    columns, rows = np.triu_indices(d, 1)
    low = jnp.zeros((k, d, d)).at[:, rows, columns].set(icf[:, d:])
    centred = x - means[:, None, :]
    z = q[:, None, :] * centred + centred @ jnp.swapaxes(low, 1, 2)
    logs = jnp.sum(icf[:, :d], axis=1)
    inner = alphas[:, None] + logs[:, None] - 0.5 * jnp.sum(z**2, axis=2)
    lse = jax.scipy.special.logsumexp
    likelihood = jnp.sum(lse(inner, axis=0)) - n * lse(alphas) - n * d * 0.5 * np.log(2 * np.pi)
    prior = 0.5 * gamma**2 * (jnp.sum(q**2) + jnp.sum(icf[:, d:] ** 2)) - m * jnp.sum(logs)
    return (
        likelihood
        + prior
        - k * rebound(statistics.wishart_constant, np=jnp, gammaln=jax.scipy.special.gammaln)(d, gamma, m)
    )


def kalman(theta, y):
    F = jnp.array([[1.0, 1.0], [0.0, 1.0]])
    variances = jnp.exp(theta)
    Q, r = jnp.diag(variances[:2]), variances[2]

    def step(state, v):
        m, P, total = state
        m, P = F @ m, F @ P @ F.T + Q
        S, error = P[0, 0] + r, v - m[0]
        gain = P[:, 0] / S
        return (m + gain * error, P - jnp.outer(gain, P[0]), total + jnp.log(S) + error**2 / S), None

    return 0.5 * lax.scan(step, (jnp.zeros(2), 10.0 * jnp.eye(2), 0.0), y)[0][2]


def hmm(start, move, emit, observed):
    A, B = jax.nn.softmax(move), jax.nn.softmax(emit)

    def step(state, o):
        a, total = state
        c = jnp.sum(a)
        return ((a / c) @ A * B[:, o], total + jnp.log(c)), None

    (a, total), _ = lax.scan(step, (jax.nn.softmax(start) * B[:, observed[0]], 0.0), observed[1:])
    return -total - jnp.log(jnp.sum(a))


def nbody(x, v, m):
    acceleration, dt = rebound(simulation.acceleration, np=jnp), simulation.DT

    def step(state, _):
        x, v, a = state
        v = v + 0.5 * dt * a
        x = x + dt * v
        a = acceleration(x, m)
        return (x, v + 0.5 * dt * a, a), None

    (x, v, _), _ = lax.scan(step, (x, v, acceleration(x, m)), length=simulation.STEPS)
    return jnp.sum(x * x) + jnp.sum(v * v)


def rk4(theta, y):
    rhs, h = rebound(simulation.rhs, np=jnp), simulation.H

    def step(y, _):
        k1 = rhs(theta, y)
        k2 = rhs(theta, y + h / 2 * k1)
        k3 = rhs(theta, y + h / 2 * k2)
        k4 = rhs(theta, y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    return jnp.sum(lax.scan(step, y, length=simulation.RK_STEPS)[0])


FUNCTIONS = {f.__name__: f for f in (logistic, trap, broyden, llsq, lstm, gmm, kalman, hmm, nbody, rk4)}
"""What has to be rewritten; everything else is the NumPy function with `jax.numpy` behind `np`."""


def function(problem):
    """The problem's function in JAX."""
    return FUNCTIONS.get(problem.key) or rebound(problem.f, np=jnp, scipy=STRUCTURE)


def seeds(f, problem):
    """The rows J s, all tangents at once."""
    return lambda x, tangents: jax.vmap(jax.linearize(f, x)[1])(tangents)


TRANSFORMS = {
    "grad": lambda f, problem: jax.grad(f, argnums=problem.argnums),
    "hessian": lambda f, problem: jax.hessian(f),
    "seeds": seeds,
}


def compiled(g, args):
    """NumPy in and NumPy out."""
    g = jax.jit(g)
    return lambda: jax.tree.map(np.asarray, g(*args))


def prepare(problem):
    """The call to time."""
    return compiled(TRANSFORMS[problem.transform](function(problem), problem), problem.args)


def primal(problem):
    """The function itself."""
    return compiled(function(problem), problem.args[:1] if problem.transform == "seeds" else problem.args)


def warm() -> None:
    """Load what the first compilation loads."""
    jax.jit(jax.grad(lambda x: jnp.sum(x * x)))(np.ones(3)).block_until_ready()
