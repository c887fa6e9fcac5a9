"""The gradients of the benchmark problems, written by hand in NumPy."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_solve, cholesky


def logistic(v):
    values = []
    for _ in range(1000):
        values.append(v)
        v = 4 * v * (1 - v)
    bar = 1.0
    for v in reversed(values):
        bar *= 4 * (1 - 2 * v)
    return (bar,)


def rosenbrock(x):
    gradient = np.zeros_like(x)
    d = x[1:] - x[:-1] ** 2
    gradient[:-1] = -400 * d * x[:-1] - 2 * (1 - x[:-1])
    gradient[1:] += 200 * d
    return (gradient,)


def rosenbrock_hessian(x):
    H = np.zeros((x.size, x.size))
    k = np.arange(x.size - 1)
    H[k, k] = 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    H[k + 1, k + 1] += 200
    H[k, k + 1] = H[k + 1, k] = -400 * x[:-1]
    return (H,)


def mlp(images, labels):
    n = len(labels)
    rows = np.arange(n)

    def gradient(W1, b1, W2, b2):
        a = images @ W1 + b1
        h = np.maximum(a, 0)
        z = h @ W2 + b2
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[rows, labels] -= 1
        p /= n
        a_bar = (p @ W2.T) * (a > 0)
        return images.T @ a_bar, a_bar.sum(axis=0), h.T @ p, p.sum(axis=0)

    return gradient


def gaussian_process(squares, y):
    eye = np.eye(len(y))

    def gradient(theta):
        # ∂/∂θ ½(yᵀK⁻¹y + log det K) = ½ tr((K⁻¹ − αα ᵀ) ∂K/∂θ),  α = K⁻¹y
        scaled = squares * np.exp(-2 * theta[0])
        E = np.exp(theta[1] - 0.5 * scaled)
        factor = cholesky(E + (np.exp(theta[2]) + 1e-8) * eye, lower=True), True
        alpha = cho_solve(factor, y)
        W = 0.5 * (cho_solve(factor, eye) - np.outer(alpha, alpha))
        return (np.array([np.sum(W * E * scaled), np.sum(W * E), np.exp(theta[2]) * np.trace(W)]),)

    return gradient


def kalman(y):
    F = np.array([[1.0, 1.0], [0.0, 1.0]])

    def gradient(theta):
        # Forward sensitivities of m (2, 3) and P (3, 2, 2) with respect to the three log variances.
        q0, q1, r = np.exp(theta)
        Q, dQ = np.diag([q0, q1]), np.zeros((3, 2, 2))
        dQ[0, 0, 0], dQ[1, 1, 1], dr = q0, q1, np.array([0.0, 0.0, r])
        m, P, dm, dP, total = np.zeros(2), 10.0 * np.eye(2), np.zeros((3, 2)), np.zeros((3, 2, 2)), np.zeros(3)
        for v in y:
            m, P = F @ m, F @ P @ F.T + Q
            dm, dP = dm @ F.T, F @ dP @ F.T + dQ
            S, error = P[0, 0] + r, v - m[0]
            dS, derror = dP[:, 0, 0] + dr, -dm[:, 0]
            gain, dgain = P[:, 0] / S, dP[:, :, 0] / S - np.outer(dS, P[:, 0]) / S**2
            dm = dm + dgain * error + np.outer(derror, gain)
            dP = dP - dgain[:, :, None] * P[0] - gain[:, None] * dP[:, None, 0, :]
            m, P = m + gain * error, P - np.outer(gain, P[0])
            total += dS / S + 2 * error * derror / S - error**2 / S**2 * dS
        return (0.5 * total,)

    return gradient


def writes(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, x.size):
        y[i] = 0.5 * y[i - 1] + x[i]
    bar = 2 * y
    for i in range(x.size - 1, 0, -1):
        bar[i - 1] += 0.5 * bar[i]
    return (bar,)
