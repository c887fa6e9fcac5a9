"""A perceptron on images and a recurrent cell."""

from __future__ import annotations

import by_hand
import numpy as np

from jit_problems.problem import Goal, Problem


def mlp(W1, b1, W2, b2, images, labels):
    h = np.maximum(images @ W1 + b1, 0)
    z = h @ W2 + b2
    z = z - np.max(z, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[np.arange(len(labels)), labels])


def mlp_by_hand(W1, b1, W2, b2, images, labels):
    return by_hand.mlp(images, labels)(W1, b1, W2, b2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(W, U, b, V, xs, y):
    h = c = np.zeros((xs.shape[1], U.shape[0]))
    for x in xs:
        i, f, g, o = np.split(x @ W + h @ U + b, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return np.mean((h @ V - y) ** 2)


def lstm_by_hand(W, U, b, V, xs, y):
    h = c = np.zeros((xs.shape[1], U.shape[0]))
    kept = []
    for x in xs:
        i, f, g, o = np.split(x @ W + h @ U + b, 4, axis=1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        before, c_before = h, c
        c = f * c + i * g
        t = np.tanh(c)
        h = o * t
        kept.append((x, before, c_before, i, f, g, o, t))
    r = 2 / y.size * (h @ V - y)
    V_bar, h_bar, c_bar = h.T @ r, r @ V.T, np.zeros_like(c)
    W_bar, U_bar, b_bar = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    for x, before, c_before, i, f, g, o, t in reversed(kept):
        c_bar = c_bar + h_bar * o * (1 - t**2)
        z_bar = np.concatenate(
            [c_bar * g * i * (1 - i), c_bar * c_before * f * (1 - f), c_bar * i * (1 - g**2), h_bar * t * o * (1 - o)],
            axis=1,
        )
        W_bar += x.T @ z_bar
        U_bar += before.T @ z_bar
        b_bar += z_bar.sum(axis=0)
        h_bar, c_bar = z_bar @ U.T, c_bar * f
    return W_bar, U_bar, b_bar, V_bar


def _mlp_inputs(batch):
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(784, 128)) / 28, rng.normal(size=128) / 10, rng.normal(size=(128, 10)) / 11, np.zeros(10)
    return *weights, rng.uniform(size=(batch, 784)), rng.integers(10, size=batch)


def _lstm_inputs(steps=50, batch=16, width=16, hidden=64):
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(width, 4 * hidden)) / 4, rng.normal(size=(hidden, 4 * hidden)) / 8
    return (
        *weights, rng.normal(size=4 * hidden) / 10, rng.normal(size=(hidden, 1)) / 8,
        rng.normal(size=(steps, batch, width)), rng.normal(size=(batch, 1)),
    )  # fmt: skip


PROBLEMS = [
    *[
        Problem(
            f"MLP 784-128-10, batch {batch}", "mlp", mlp, lambda batch=batch: _mlp_inputs(batch), mlp_by_hand,
            Goal("peer", ratio, compile_over_jax=0.3), argnums=(0, 1, 2, 3),
        )
        for batch, ratio in ((1, 1.0), (32, 0.9), (256, 0.8))
    ],
    Problem(
        "LSTM cell, 50 steps", "lstm", lstm, _lstm_inputs, lstm_by_hand,
        Goal("peer", 0.7, compile_over_jax=0.03), argnums=(0, 1, 2, 3),
    ),
]  # fmt: skip
