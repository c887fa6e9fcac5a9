"""PyTorch: the value by `torch.compile`, the gradient by its compiled backward pass."""

from __future__ import annotations

import numpy as np
import torch
import torch._dynamo
from jit_problems import simulation
from jit_problems.statistics import wishart_constant

VERSION = f"torch {torch.__version__}, {torch.get_num_threads()} threads"
LEFT_OUT = {"broyden": "forward mode is not compiled; see torch-eager"}


def product_log(a, b):
    return torch.log(a * b)


def logistic(v):
    for _ in range(1000):
        v = 4 * v * (1 - v)
    return v


def normal(x, mu, sigma):
    z = (x - mu) / sigma
    return torch.sum(torch.exp(-0.5 * z**2) / (sigma * np.sqrt(2 * np.pi)))


def trap(x):
    for _ in range(500):
        x = torch.sin(x) * 1.01 + x.flip(0) * 0.1
    return torch.sum(x)


def rosenbrock(x):
    return torch.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def broyden(x):
    zero = x.new_zeros(1)
    return (3 - 2 * x) * x + 1 - torch.cat([zero, x[:-1]]) - 2 * torch.cat([x[1:], zero])


def tanh_exp_sin(x):
    return torch.sum(torch.tanh(torch.exp(torch.sin(x))))


def llsq(x, t):
    p = torch.zeros_like(t)
    for j in range(x.shape[0] - 1, -1, -1):
        p = p * t + x[j]
    return 0.5 * torch.sum((torch.sign(t) - p) ** 2)


def mlp(W1, b1, W2, b2, images, labels):
    return torch.nn.functional.cross_entropy(torch.relu(images @ W1 + b1) @ W2 + b2, labels)


def lstm(W, U, b, V, xs, y):
    h = c = xs.new_zeros(xs.shape[1], U.shape[0])
    for x in xs:
        i, f, g, o = torch.chunk(x @ W + h @ U + b, 4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return torch.mean((h @ V - y) ** 2)


def regression(w, X, y):
    return torch.mean(torch.nn.functional.softplus(-y * (X @ w), threshold=1e3)) + 0.5e-3 * torch.sum(w**2)


def gmm(alphas, means, icf, x, gamma, m):
    (n, d), k = x.shape, alphas.shape[0]
    q, low = torch.exp(icf[:, :d]), icf.new_zeros(k, d, d)
    columns, rows = np.triu_indices(d, 1)
    low[:, rows, columns] = icf[:, d:]
    centred = x - means[:, None, :]
    z = q[:, None, :] * centred + centred @ low.transpose(1, 2)
    logs = torch.sum(icf[:, :d], dim=1)
    inner = alphas[:, None] + logs[:, None] - 0.5 * torch.sum(z**2, dim=2)
    likelihood = torch.logsumexp(inner, 0).sum() - n * torch.logsumexp(alphas, 0) - n * d * 0.5 * np.log(2 * np.pi)
    prior = 0.5 * gamma**2 * (torch.sum(q**2) + torch.sum(icf[:, d:] ** 2)) - m * torch.sum(logs)
    return likelihood + prior - k * wishart_constant(d, 1.0, 0)  # of numbers: gamma and m are not differentiated


def gaussian_process(theta, squares, y):
    n = y.shape[0]
    K = torch.exp(theta[1] - 0.5 * squares * torch.exp(-2 * theta[0]))
    K = K + (torch.exp(theta[2]) + 1e-8) * torch.eye(n, dtype=torch.float64)
    L = torch.linalg.cholesky(K)
    z = torch.linalg.solve_triangular(L, y[:, None], upper=False)
    return 0.5 * torch.sum(z**2) + torch.sum(torch.log(torch.diagonal(L))) + 0.5 * n * np.log(2 * np.pi)


def kalman(theta, y):
    F = torch.tensor([[1.0, 1.0], [0.0, 1.0]], dtype=torch.float64)
    variances = torch.exp(theta)
    Q, r = torch.diag(variances[:2]), variances[2]
    m, P, total = y.new_zeros(2), 10.0 * torch.eye(2, dtype=torch.float64), 0.0
    for v in y:
        m, P = F @ m, F @ P @ F.T + Q
        S, error = P[0, 0] + r, v - m[0]
        gain = P[:, 0] / S
        m, P = m + gain * error, P - torch.outer(gain, P[0])
        total = total + torch.log(S) + error**2 / S
    return 0.5 * total


def hmm(start, move, emit, observed):
    A, B, total = torch.softmax(move, -1), torch.softmax(emit, -1), 0.0
    a = torch.softmax(start, -1) * B[:, observed[0]]
    for o in observed[1:]:
        c = torch.sum(a)
        total = total + torch.log(c)
        a = (a / c) @ A * B[:, o]
    return -total - torch.log(torch.sum(a))


def acceleration(x, m):
    d = x[None, :, :] - x[:, None, :]
    r2 = torch.sum(d * d, dim=2) + simulation.SOFT
    return torch.sum(d * (m * r2**-1.5)[:, :, None], dim=1)


def nbody(x, v, m):
    a, dt = acceleration(x, m), simulation.DT
    for _ in range(simulation.STEPS):
        v = v + 0.5 * dt * a
        x = x + dt * v
        a = acceleration(x, m)
        v = v + 0.5 * dt * a
    return torch.sum(x * x) + torch.sum(v * v)


def rhs(theta, y):
    both = y[0] * y[1]
    return torch.stack([theta[0] * y[0] - theta[1] * both, theta[3] * both - theta[2] * y[1]])


def rk4(theta, y):
    h = simulation.H
    for _ in range(simulation.RK_STEPS):
        k1 = rhs(theta, y)
        k2 = rhs(theta, y + h / 2 * k1)
        k3 = rhs(theta, y + h / 2 * k2)
        k4 = rhs(theta, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return torch.sum(y)


def tensor(x):
    """NumPy's memory as a tensor."""
    return torch.from_numpy(x) if isinstance(x, np.ndarray) else torch.tensor(float(x), dtype=torch.float64)


def gradient(f, problem):
    """The call to time: NumPy in and NumPy out."""

    def call():
        xs = [tensor(x) for x in problem.args]
        of = [xs[k].requires_grad_() for k in problem.argnums]
        return tuple(g.numpy() for g in torch.autograd.grad(f(*xs), of))

    return call


def hessian(f, problem):
    g = torch.func.hessian(f)
    return lambda: g(torch.from_numpy(problem.args[0])).numpy()


def seeds(f, problem):
    def rows(x, tangents):
        return torch.func.vmap(lambda s: torch.func.jvp(f, (x,), (s,))[1])(tangents)

    return lambda: rows(*map(torch.from_numpy, problem.args)).numpy()


TRANSFORMS = {"grad": gradient, "hessian": hessian, "seeds": seeds}


def prepare(problem):
    """The call to time."""
    torch._dynamo.reset()
    f = globals()[problem.key]
    if problem.transform == "hessian":
        g = torch.compile(torch.func.hessian(f), dynamic=False)
        return lambda: g(torch.from_numpy(problem.args[0])).numpy()
    torch._dynamo.config.recompile_limit = 64
    return TRANSFORMS[problem.transform](torch.compile(f, dynamic=False), problem)


def warm() -> None:
    """Load what the first compilation loads."""
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    torch.autograd.grad(torch.compile(lambda x: torch.sum(x * x))(x), x)
