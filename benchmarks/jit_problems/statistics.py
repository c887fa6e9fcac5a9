"""Likelihoods: regression, mixtures, Gaussian processes, filters."""

from __future__ import annotations

import by_hand
import numpy as np
import scipy.linalg
from scipy.special import gammaln

from jit_problems.problem import Goal, Problem


def regression(w, X, y):
    """The logistic loss of labels y = ±1, with a ridge."""
    return np.mean(np.logaddexp(0, -y * (X @ w))) + 0.5e-3 * np.sum(w**2)


def regression_by_hand(w, X, y):
    m = y * (X @ w)
    return (-(y / (1 + np.exp(m))) @ X / len(y) + 1e-3 * w,)


def logsumexp(x, axis=None):
    top = np.max(x, axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(x - top), axis=axis)) + np.squeeze(top, axis=axis)


def gmm(alphas, means, icf, x, gamma, m):
    """ADBench's Gaussian mixture: log likelihood of x plus Wishart's prior (Šrajer, Kukelova, Fitzgibbon 2018)."""
    (n, d), k = x.shape, len(alphas)
    q, low = np.exp(icf[:, :d]), np.zeros((k, d, d))
    columns, rows = np.triu_indices(d, 1)
    low[:, rows, columns] = icf[:, d:]
    centred = x - means[:, None, :]
    z = q[:, None, :] * centred + centred @ np.swapaxes(low, 1, 2)
    logs = np.sum(icf[:, :d], axis=1)
    inner = alphas[:, None] + logs[:, None] - 0.5 * np.sum(z**2, axis=2)
    likelihood = np.sum(logsumexp(inner, axis=0)) - n * logsumexp(alphas) - n * d * 0.5 * np.log(2 * np.pi)
    prior = 0.5 * gamma**2 * (np.sum(q**2) + np.sum(icf[:, d:] ** 2)) - m * np.sum(logs)
    return likelihood + prior - k * wishart_constant(d, gamma, m)


def wishart_constant(p, gamma, m):
    n = p + m + 1
    log_gamma = 0.25 * p * (p - 1) * np.log(np.pi) + sum(gammaln(0.5 * n + 0.5 * (1 - j)) for j in range(1, p + 1))
    return n * p * (np.log(gamma) - 0.5 * np.log(2)) - log_gamma


def gmm_by_hand(alphas, means, icf, x, gamma, m):
    (n, d), k = x.shape, len(alphas)
    q, low = np.exp(icf[:, :d]), np.zeros((k, d, d))
    columns, rows = np.triu_indices(d, 1)
    low[:, rows, columns] = icf[:, d:]
    centred = x - means[:, None, :]
    z = q[:, None, :] * centred + centred @ np.swapaxes(low, 1, 2)
    inner = alphas[:, None] + np.sum(icf[:, :d], axis=1)[:, None] - 0.5 * np.sum(z**2, axis=2)
    r = np.exp(inner - inner.max(axis=0))
    r /= r.sum(axis=0)
    weights = np.exp(alphas - alphas.max())
    z_bar = -r[:, :, None] * z
    q_bar = np.sum(z_bar * centred, axis=1)
    low_bar = np.swapaxes(z_bar, 1, 2) @ centred
    count = r.sum(axis=1)
    icf_bar = np.empty_like(icf)
    icf_bar[:, :d] = q_bar * q + count[:, None] + gamma**2 * q**2 - m
    icf_bar[:, d:] = low_bar[:, rows, columns] + gamma**2 * icf[:, d:]
    means_bar = -(q[:, None, :] * z_bar + z_bar @ low).sum(axis=1)
    return count - n * weights / weights.sum(), means_bar, icf_bar


def gaussian_process(theta, squares, y):
    """−log p(y) with a squared exponential kernel; `squares` holds the squared distances."""
    n = len(y)
    K = np.exp(theta[1] - 0.5 * squares * np.exp(-2 * theta[0])) + (np.exp(theta[2]) + 1e-8) * np.eye(n)
    L = np.linalg.cholesky(K)
    z = scipy.linalg.solve_triangular(L, y, lower=True)
    return 0.5 * np.sum(z**2) + np.sum(np.log(np.diag(L))) + 0.5 * n * np.log(2 * np.pi)


def gaussian_process_by_hand(theta, squares, y):
    return by_hand.gaussian_process(squares, y)(theta)


def kalman(theta, y):
    """A local linear trend: −2 log likelihood over 2, of three log variances."""
    F = np.array([[1.0, 1.0], [0.0, 1.0]])
    variances = np.exp(theta)
    Q, r = np.diag(variances[:2]), variances[2]
    m, P, total = np.zeros(2), 10.0 * np.eye(2), 0.0
    for v in y:
        m, P = F @ m, F @ P @ F.T + Q
        S, error = P[0, 0] + r, v - m[0]
        gain = P[:, 0] / S
        m, P = m + gain * error, P - np.outer(gain, P[0])
        total = total + np.log(S) + error**2 / S
    return 0.5 * total


def kalman_by_hand(theta, y):
    return by_hand.kalman(y)(theta)


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def hmm(start, move, emit, observed):
    """−log p(observed): the forward algorithm, each step scaled; probabilities are softmaxes of the arguments."""
    A, B, total = softmax(move), softmax(emit), 0.0
    a = softmax(start) * B[:, observed[0]]
    for o in observed[1:]:
        c = np.sum(a)
        total = total + np.log(c)
        a = (a / c) @ A * B[:, o]
    return -total - np.log(np.sum(a))


def hmm_by_hand(start, move, emit, observed):
    """The forward-backward algorithm (Rabiner 1989): expected counts, less what they would be for any data."""
    p, A, B = softmax(start), softmax(move), softmax(emit)
    scaled = np.empty((len(observed), len(start)))
    scales = np.empty(len(observed))
    a = p * B[:, observed[0]]
    for t, o in enumerate(observed):
        if t:
            a = scaled[t - 1] @ A * B[:, o]
        scales[t] = a.sum()
        scaled[t] = a / scales[t]
    moves, emits, beta = np.zeros_like(A), np.zeros_like(B), np.ones(len(start))
    for t in range(len(observed) - 1, 0, -1):
        o = observed[t]
        emits[:, o] += scaled[t] * beta
        b = B[:, o] * beta / scales[t]
        moves += np.outer(scaled[t - 1], b)
        beta = A @ b
    moves *= A
    first = scaled[0] * beta
    emits[:, observed[0]] += first
    return p - first, A * moves.sum(axis=1, keepdims=True) - moves, B * emits.sum(axis=1, keepdims=True) - emits


def _regression_inputs(n=100_000, d=50):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    return rng.normal(size=d) / 10, X, np.where(X @ rng.normal(size=d) + rng.normal(size=n) > 0, 1.0, -1.0)


def _gmm_inputs(n=1000, d=10, k=25):
    rng = np.random.default_rng(0)
    return (
        rng.normal(size=k), rng.uniform(size=(k, d)), rng.normal(size=(k, d * (d + 1) // 2)) / 2,
        rng.normal(size=(n, d)), 1.0, 0,
    )  # fmt: skip


def _gp_inputs(n=500):
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 10, size=n))
    return np.array([0.1, 0.2, -2.0]), (t[:, None] - t) ** 2, np.sin(t) + 0.1 * rng.normal(size=n)


def _kalman_inputs(n=200):
    rng = np.random.default_rng(0)
    trend = np.cumsum(np.cumsum(0.1 * rng.normal(size=n)) + 0.3 * rng.normal(size=n))
    return np.array([-2.0, -4.0, 0.0]), trend + rng.normal(size=n)


def _hmm_inputs(states=32, symbols=20, steps=300):
    rng = np.random.default_rng(0)
    return (
        rng.normal(size=states), rng.normal(size=(states, states)), rng.normal(size=(states, symbols)),
        rng.integers(symbols, size=steps),
    )  # fmt: skip


PROBLEMS = [
    Problem(
        "logistic regression, 100,000 x 50", "regression", regression, _regression_inputs, regression_by_hand,
        Goal("peer", 0.7),
    ),
    Problem(
        "GMM, d = 10, k = 25, n = 1000", "gmm", gmm, _gmm_inputs, gmm_by_hand,
        Goal("peer", 0.7, compile_over_jax=0.3), argnums=(0, 1, 2),
    ),
    Problem(
        "Gaussian process, n = 500", "gaussian_process", gaussian_process, _gp_inputs, gaussian_process_by_hand,
        Goal("peer", 1.0),
    ),
    Problem(
        "Kalman filter, 200 steps", "kalman", kalman, _kalman_inputs, kalman_by_hand,
        Goal("peer", 0.7, compile_over_jax=0.03),
    ),
    Problem(
        "HMM forward, 32 states, 300 steps", "hmm", hmm, _hmm_inputs, hmm_by_hand,
        Goal("peer", 0.7, compile_over_jax=0.03), argnums=(0, 1, 2),
    ),
]  # fmt: skip
