"""CasADi: scalar graphs as generated C, compiled by gcc; vectors of a million by its own interpreter."""

from __future__ import annotations

import casadi as ca
import numpy as np
from jit_problems import simulation

VERSION = f"casadi {ca.__version__}, gcc -O3 -march=native"
NO_VECTORS = "every element of the data would be a variable of the graph"
LEFT_OUT = {
    "mlp": NO_VECTORS,
    "regression": NO_VECTORS,
    "gmm": NO_VECTORS,
    "lstm": NO_VECTORS,
    "hmm": "indices that are data",
    "gaussian_process": "no Cholesky factorisation of dense matrices by LAPACK",
}
GCC = {"jit": True, "compiler": "shell", "jit_options": {"flags": ["-O3", "-march=native"], "verbose": False}}
LARGE = 5000
"""Above so many numbers a graph of vectors (MX) is interpreted: gcc does not finish with one of scalars (SX)."""


def product_log(a, b):
    return ca.log(a * b)


def logistic(v):
    for _ in range(1000):
        v = 4 * v * (1 - v)
    return v


def normal(x, mu, sigma):
    z = (x - mu) / sigma
    return ca.sum1(ca.exp(-0.5 * z**2) / (sigma * np.sqrt(2 * np.pi)))


def trap(x):
    for _ in range(500):
        x = ca.sin(x) * 1.01 + x[::-1] * 0.1
    return ca.sum1(x)


def rosenbrock(x):
    return ca.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def broyden(x):
    return (3 - 2 * x) * x + 1 - ca.vertcat(0, x[:-1]) - 2 * ca.vertcat(x[1:], 0)


def tanh_exp_sin(x):
    return ca.sum1(ca.tanh(ca.exp(ca.sin(x))))


def llsq(x, t):
    p = 0
    for j in range(x.shape[0] - 1, -1, -1):
        p = p * t + x[j]
    return 0.5 * ca.sumsqr(ca.sign(t) - p)


def folded(step, state, count, *constants):
    """The state after so many steps of a loop that stays a loop."""
    s, ps = ca.SX.sym("s", *state.shape), [ca.SX.sym("p", *p.shape) for p in constants]
    loop = ca.Function("step", [s, *ps], [step(s, *ps)]).mapaccum("loop", count)
    return loop(state, *[ca.repmat(p, 1, count) for p in constants])[:, -1]


def kalman(theta, y):
    F = np.array([[1.0, 1.0], [0.0, 1.0]])
    Q, r = ca.diag(ca.exp(theta[:2])), ca.exp(theta[2])
    m, P, total = np.zeros(2), 10.0 * np.eye(2), 0.0
    for k in range(y.shape[0]):
        m, P = ca.mtimes(F, m), ca.mtimes([F, P, F.T]) + Q
        S, error = P[0, 0] + r, y[k] - m[0]
        gain = P[:, 0] / S
        m, P = m + gain * error, P - ca.mtimes(gain, P[0, :])
        total = total + ca.log(S) + error**2 / S
    return 0.5 * total


def accelerate(x, m):
    n = m.shape[0]
    rows = []
    for i in range(n):
        d = [x[3 * j : 3 * j + 3] - x[3 * i : 3 * i + 3] for j in range(n)]
        rows.append(sum(d[j] * m[j] * (ca.sumsqr(d[j]) + simulation.SOFT) ** -1.5 for j in range(n) if j != i))
    return ca.vertcat(*rows)


def nbody(x, v, m):
    # The state: positions, velocities, accelerations, row by row.
    n, dt = 3 * m.shape[0], simulation.DT

    def step(s, m):
        v = s[n : 2 * n] + 0.5 * dt * s[2 * n :]
        x = s[:n] + dt * v
        a = accelerate(x, m)
        return ca.vertcat(x, v + 0.5 * dt * a, a)

    s, p = ca.SX.sym("x", n), ca.SX.sym("m", m.shape[0])
    start = ca.Function("a", [s, p], [accelerate(s, p)])(ca.vec(x.T), m)
    return ca.sumsqr(folded(step, ca.vertcat(ca.vec(x.T), ca.vec(v.T), start), simulation.STEPS, m)[: 2 * n])


def rk4(theta, y):
    h = simulation.H

    def rhs(y, p):
        both = y[0] * y[1]
        return ca.vertcat(p[0] * y[0] - p[1] * both, p[3] * both - p[2] * y[1])

    def step(y, p):
        k1 = rhs(y, p)
        k2 = rhs(y + h / 2 * k1, p)
        k3 = rhs(y + h / 2 * k2, p)
        k4 = rhs(y + h * k3, p)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    return ca.sum1(folded(step, y, simulation.RK_STEPS, theta))


LOOPS = frozenset({"nbody", "rk4"})
"""Problems whose loop stays a loop: a graph of vectors (MX) around one step in scalars (SX)."""


def gradient(f, xs, problem):
    y = f(*xs)
    return [ca.gradient(y, xs[k]) for k in problem.argnums]


def hessian(f, xs, problem):
    return [ca.densify(ca.hessian(f(*xs), *xs)[0])]


def seeds(f, xs, problem):
    x, tangents = xs
    return [ca.jtimes(f(x), x, tangents)]


TRANSFORMS = {"grad": gradient, "hessian": hessian, "seeds": seeds}


def compiled(problem):
    """The derivative as a CasADi function, and the arguments as its matrices, by columns."""
    args = [columns(x) for x in problem.args]
    if problem.transform == "seeds":
        args[1] = args[1].T  # a column for each seed
    large = sum(x.size for x in args) > LARGE
    symbol = ca.MX.sym if large or problem.key in LOOPS else ca.SX.sym
    xs = [symbol(f"x{k}", *x.shape) for k, x in enumerate(args)]
    outputs = TRANSFORMS[problem.transform](globals()[problem.key], xs, problem)
    return ca.Function("derivative", xs, outputs, {} if large else GCC), args


def columns(x):
    """A vector or a matrix of doubles, a column for each index of a last axis."""
    return np.asfortranarray(np.atleast_1d(np.asarray(x, dtype=float)))


def prepare(problem):
    """The call to time: NumPy arrays in, new NumPy arrays out, without CasADi's own matrices between."""
    function, _ = compiled(problem)
    buffer, run = function.buffer()
    given = problem.args if problem.transform != "seeds" else (problem.args[0], problem.args[1].T)
    convert = [np.array if isinstance(x, float) else np.asfortranarray for x in given]
    shaped = [shape(np.empty(function.size_out(k), order="F"), problem, k) for k in range(function.n_out())]
    set_arg, set_res = buffer.set_arg, buffer.set_res

    def call():
        kept = [to(x) for to, x in zip(convert, given)]  # noqa: B905
        for k, x in enumerate(kept):
            set_arg(k, memoryview(x.ravel("K")))
        results = [np.empty_like(y) for y in shaped]
        for k, y in enumerate(results):
            set_res(k, memoryview(y.ravel("K")))
        run()
        return results

    return call


def shape(y, problem, k):
    """A view of a result in the shape of the argument (of the Hessian, of the rows J s)."""
    if problem.transform == "hessian":
        return y
    if problem.transform == "seeds":
        return y.T
    return y.reshape(np.shape(problem.args[problem.argnums[k]]), order="A")


def warm() -> None:
    """Load what the first compilation loads."""
    x = ca.SX.sym("x", 3)
    ca.Function("f", [x], [ca.gradient(ca.sumsqr(x), x)], GCC)(np.ones(3))
