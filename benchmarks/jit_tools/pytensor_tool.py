"""PyTensor with its Numba backend; loops are `pytensor.scan`."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytensor
import pytensor.tensor as pt
from jit_problems import simulation
from jit_problems.statistics import wishart_constant
from pytensor.tensor.linalg import cholesky, solve_triangular

from jit_tools.rebind import rebound

VERSION = f"pytensor {pytensor.__version__}, mode NUMBA"
LEFT_OUT: dict[str, str] = {}


def last(step, start, steps=None, sequences=(), constants=()):
    """The state after the last step of a loop."""
    out = pytensor.scan(
        step, sequences=list(sequences), outputs_info=start, non_sequences=list(constants), n_steps=steps,
        return_updates=False,
    )  # fmt: skip
    return [o[-1] for o in out] if isinstance(out, list) else out[-1]


def logistic(v):
    return last(lambda v: 4 * v * (1 - v), v, 1000)


def trap(x):
    return pt.sum(last(lambda x: pt.sin(x) * 1.01 + x[::-1] * 0.1, x, 500))


def broyden(x):
    y = (3 - 2 * x) * x + 1
    y = pt.inc_subtensor(y[1:], -x[:-1])
    return pt.inc_subtensor(y[:-1], -2 * x[1:])


def llsq(x, t):
    p = last(lambda c, p, t: p * t + c, pt.zeros_like(t), sequences=[x[::-1]], constants=[t])
    return 0.5 * pt.sum((pt.sign(t) - p) ** 2)


def mlp(W1, b1, W2, b2, images, labels):
    z = pt.maximum(images @ W1 + b1, 0) @ W2 + b2
    return -pt.mean(pt.special.log_softmax(z, axis=1)[pt.arange(labels.shape[0]), labels])


def lstm(W, U, b, V, xs, y):
    n = V.shape[0]

    def step(x, h, c, W, U, b):
        z = x @ W + h @ U + b
        i, f, g, o = z[:, :n], z[:, n : 2 * n], z[:, 2 * n : 3 * n], z[:, 3 * n :]
        c = pt.sigmoid(f) * c + pt.sigmoid(i) * pt.tanh(g)
        return pt.sigmoid(o) * pt.tanh(c), c

    zero = pt.zeros((xs.shape[1], n))
    h, _ = last(step, [zero, zero], sequences=[xs], constants=[W, U, b])
    return pt.mean((h @ V - y) ** 2)


def regression(w, X, y):
    return pt.mean(pt.softplus(-y * (X @ w))) + 0.5e-3 * pt.sum(w**2)


def gmm(alphas, means, icf, x, gamma, m, k=25, d=10):
    n = x.shape[0]
    q = pt.exp(icf[:, :d])
    columns, rows = np.triu_indices(d, 1)
    low = pt.set_subtensor(pt.zeros((k, d, d))[:, rows, columns], icf[:, d:])
    centred = x - means[:, None, :]
    z = q[:, None, :] * centred + centred @ low.transpose(0, 2, 1)
    logs = pt.sum(icf[:, :d], axis=1)
    inner = alphas[:, None] + logs[:, None] - 0.5 * pt.sum(z**2, axis=2)
    lse = pt.logsumexp
    likelihood = pt.sum(lse(inner, axis=0)) - n * lse(alphas) - n * d * 0.5 * np.log(2 * np.pi)
    prior = 0.5 * gamma**2 * (pt.sum(q**2) + pt.sum(icf[:, d:] ** 2)) - m * pt.sum(logs)
    return likelihood + prior - k * wishart_constant(d, 1.0, 0)  # of numbers: gamma and m are not differentiated


def gaussian_process(theta, squares, y):
    n = y.shape[0]
    K = pt.exp(theta[1] - 0.5 * squares * pt.exp(-2 * theta[0])) + (pt.exp(theta[2]) + 1e-8) * pt.eye(n)
    L = cholesky(K)
    z = solve_triangular(L, y, lower=True)
    return 0.5 * pt.sum(z**2) + pt.sum(pt.log(pt.diagonal(L))) + 0.5 * n * np.log(2 * np.pi)


def kalman(theta, y):
    F = pt.constant(np.array([[1.0, 1.0], [0.0, 1.0]]))
    variances = pt.exp(theta)

    def step(v, m, P, total, Q, r):
        m, P = F @ m, F @ P @ F.T + Q
        S, error = P[0, 0] + r, v - m[0]
        gain = P[:, 0] / S
        return m + gain * error, P - pt.outer(gain, P[0]), total + pt.log(S) + error**2 / S

    start = [pt.zeros(2), 10.0 * pt.eye(2), pt.constant(0.0, dtype="float64")]
    return 0.5 * last(step, start, sequences=[y], constants=[pt.diag(variances[:2]), variances[2]])[2]


def hmm(start, move, emit, observed):
    A, B = pt.special.softmax(move, axis=1), pt.special.softmax(emit, axis=1)

    def step(o, a, total, A, B):
        c = pt.sum(a)
        return ((a / c) @ A) * B[:, o], total + pt.log(c)

    first = [pt.special.softmax(start) * B[:, observed[0]], pt.constant(0.0, dtype="float64")]
    a, total = last(step, first, sequences=[observed[1:]], constants=[A, B])
    return -total - pt.log(pt.sum(a))


def nbody(x, v, m):
    acceleration, dt = rebound(simulation.acceleration, np=pt), simulation.DT

    def step(x, v, a, m):
        v = v + 0.5 * dt * a
        x = x + dt * v
        a = acceleration(x, m)
        return x, v + 0.5 * dt * a, a

    x, v, _ = last(step, [x, v, acceleration(x, m)], simulation.STEPS, constants=[m])
    return pt.sum(x * x) + pt.sum(v * v)


def rhs(theta, y):
    both = y[0] * y[1]
    return pt.stack([theta[0] * y[0] - theta[1] * both, theta[3] * both - theta[2] * y[1]])


def rk4(theta, y):
    h = simulation.H

    def step(y, theta):
        k1 = rhs(theta, y)
        k2 = rhs(theta, y + h / 2 * k1)
        k3 = rhs(theta, y + h / 2 * k2)
        k4 = rhs(theta, y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    return pt.sum(last(step, y, simulation.RK_STEPS, constants=[theta]))


FUNCTIONS = {
    f.__name__: f
    for f in (logistic, trap, broyden, llsq, mlp, lstm, regression, gmm, gaussian_process, kalman, hmm, nbody, rk4)
}
"""What has to be rewritten; everything else is the NumPy function with `pytensor.tensor` behind `np`."""


def gradient(f, xs, problem):
    return pytensor.grad(f(*xs), [xs[k] for k in problem.argnums])


def seeds(f, xs, problem):
    x, tangents = xs
    y = f(x)
    return [pt.stack([pytensor.gradient.pushforward(y, x, tangents[k]) for k in range(3)])]


TRANSFORMS = {
    "grad": gradient,
    "hessian": lambda f, xs, problem: [pytensor.gradient.hessian(f(*xs), xs[0])],
    "seeds": seeds,
}


def prepare(problem):
    """The call to time."""
    args = [np.asarray(x) for x in problem.args]
    xs = [pt.tensor(dtype=x.dtype, shape=x.shape) for x in args]
    f = FUNCTIONS.get(problem.key) or rebound(problem.f, np=pt)
    g = pytensor.function(xs, TRANSFORMS[problem.transform](f, xs, problem), mode="NUMBA", on_unused_input="ignore")
    g.trust_input = True
    return partial(g, *args)


def warm() -> None:
    """Load what the first compilation loads."""
    x = pt.dvector()
    pytensor.function([x], pytensor.grad(pt.sum(x * x), x), mode="NUMBA")(np.ones(3))
