"""Derivatives by hand in Numba: functions of few numbers, long vectors, networks."""

from __future__ import annotations

import numpy as np
from numba import njit

compiled = njit(error_model="numpy")


@compiled
def product_log(a, b):
    return 1 / a, 1 / b


@compiled
def logistic(v):
    values = np.empty(1000)
    for t in range(1000):
        values[t] = v
        v = 4 * v * (1 - v)
    bar = 1.0
    for t in range(999, -1, -1):
        bar *= 4 * (1 - 2 * values[t])
    return bar


@compiled
def normal_number(x, mu, sigma):
    z = (x - mu) / sigma
    p = np.exp(-0.5 * z * z) / (sigma * sigma * np.sqrt(2 * np.pi))
    return -z * p, z * p, p * (z * z - 1)


@compiled
def normal(x, mu, sigma):
    x_bar, mu_bar, sigma_bar = np.empty_like(x), 0.0, 0.0
    scale, c = 1 / sigma, 1 / (sigma * sigma * np.sqrt(2 * np.pi))
    for i in range(x.size):
        z = (x[i] - mu) * scale
        p = np.exp(-0.5 * z * z) * c
        x_bar[i] = -z * p
        mu_bar += z * p
        sigma_bar += p * (z * z - 1)
    return x_bar, mu_bar, sigma_bar


@compiled
def trap(x):
    xs = np.empty((501, x.size))
    xs[0] = x
    n = x.size
    for t in range(500):
        for i in range(n):
            xs[t + 1, i] = np.sin(xs[t, i]) * 1.01 + xs[t, n - 1 - i] * 0.1
    bar, new = np.ones_like(x), np.empty_like(x)
    for t in range(499, -1, -1):
        for i in range(n):
            new[i] = bar[i] * np.cos(xs[t, i]) * 1.01 + bar[n - 1 - i] * 0.1
        bar, new = new, bar
    return bar


@compiled
def rosenbrock(x):
    n = x.size
    g = np.empty_like(x)
    d = x[1] - x[0] * x[0]
    g[0] = -400 * d * x[0] - 2 * (1 - x[0])
    for i in range(1, n - 1):
        ahead, behind = x[i + 1] - x[i] * x[i], x[i] - x[i - 1] * x[i - 1]
        g[i] = 200 * behind - 400 * ahead * x[i] - 2 * (1 - x[i])
    g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2])
    return g


@compiled
def rosenbrock_hessian(x):
    n = x.size
    H = np.zeros((n, n))
    for k in range(n - 1):
        H[k, k] += 1200 * x[k] * x[k] - 400 * x[k + 1] + 2
        H[k + 1, k + 1] = 200
        H[k, k + 1] = H[k + 1, k] = -400 * x[k]
    return H


@compiled
def broyden(x, seeds):
    n = x.size
    rows = np.empty_like(seeds)
    for k in range(seeds.shape[0]):
        rows[k, 0] = (3 - 4 * x[0]) * seeds[k, 0] - 2 * seeds[k, 1]
        for i in range(1, n - 1):
            rows[k, i] = (3 - 4 * x[i]) * seeds[k, i] - seeds[k, i - 1] - 2 * seeds[k, i + 1]
        rows[k, n - 1] = (3 - 4 * x[n - 1]) * seeds[k, n - 1] - seeds[k, n - 2]
    return rows


@compiled
def tanh_exp_sin(x):
    g = np.empty_like(x)
    for i in range(x.size):
        e = np.exp(np.sin(x[i]))
        t = np.tanh(e)
        g[i] = (1 - t * t) * e * np.cos(x[i])
    return g


@compiled
def llsq(x, t):
    # Blocks of t that stay in the first cache; sums by lanes, which vectorise without reassociation.
    lanes, block, m = 8, 512, x.size
    sums = np.zeros((m, lanes))
    p = np.empty(block)
    for start in range(0, t.size, block):
        size = min(block, t.size - start)
        part = t[start : start + size]
        p[:size] = 0.0
        for j in range(m - 1, -1, -1):
            c = x[j]
            for i in range(size):
                p[i] = p[i] * part[i] + c
        for i in range(size):
            p[i] -= np.sign(part[i])
        whole = size - size % lanes
        for j in range(m):
            _add_lanes(p, whole, sums[j])
            for i in range(whole, size):
                sums[j, 0] += p[i]
            for i in range(size):
                p[i] *= part[i]
    return sums.sum(axis=1)


@compiled
def _add_lanes(p, whole, sums):
    s0, s1, s2, s3, s4, s5, s6, s7 = sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7]
    for i in range(0, whole, 8):
        s0 += p[i]
        s1 += p[i + 1]
        s2 += p[i + 2]
        s3 += p[i + 3]
        s4 += p[i + 4]
        s5 += p[i + 5]
        s6 += p[i + 6]
        s7 += p[i + 7]
    sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7] = s0, s1, s2, s3, s4, s5, s6, s7


@compiled
def mlp(W1, b1, W2, b2, images, labels):
    n = labels.size
    h = np.dot(images, W1)
    for r in range(n):
        for j in range(h.shape[1]):
            h[r, j] = max(h[r, j] + b1[j], 0.0)
    p = np.dot(h, W2)
    b2_bar = np.zeros_like(b2)
    for r in range(n):
        top, total = -np.inf, 0.0
        for j in range(b2.size):
            p[r, j] += b2[j]
            top = max(top, p[r, j])
        for j in range(b2.size):
            p[r, j] = np.exp(p[r, j] - top)
            total += p[r, j]
        for j in range(b2.size):
            p[r, j] = (p[r, j] / total - (j == labels[r])) / n
            b2_bar[j] += p[r, j]
    a_bar = np.dot(p, W2.T)
    b1_bar = np.zeros_like(b1)
    for r in range(n):
        for j in range(b1.size):
            a_bar[r, j] = a_bar[r, j] if h[r, j] > 0 else 0.0
            b1_bar[j] += a_bar[r, j]
    return np.dot(images.T, a_bar), b1_bar, np.dot(h.T, p), b2_bar


@compiled
def lstm(W, U, b, V, xs, y):
    steps, batch, width = xs.shape
    n = U.shape[0]
    pre = np.dot(xs.reshape(steps * batch, width), W).reshape(steps, batch, 4 * n)
    hs, cs, ts = np.zeros((steps + 1, batch, n)), np.zeros((steps + 1, batch, n)), np.empty((steps, batch, n))
    product = np.empty((batch, 4 * n))
    for t in range(steps):
        z = pre[t]
        np.dot(hs[t], U, product)
        for r in range(batch):
            for j in range(4 * n):
                v = z[r, j] + product[r, j] + b[j]
                z[r, j] = np.tanh(v) if 2 * n <= j < 3 * n else 1 / (1 + np.exp(-v))
            for j in range(n):
                cs[t + 1, r, j] = z[r, n + j] * cs[t, r, j] + z[r, j] * z[r, 2 * n + j]
                ts[t, r, j] = np.tanh(cs[t + 1, r, j])
                hs[t + 1, r, j] = z[r, 3 * n + j] * ts[t, r, j]
    residual = (np.dot(hs[steps], V) - y) * (2 / y.size)
    V_bar, h_bar, c_bar = np.dot(hs[steps].T, residual), np.dot(residual, V.T), np.zeros((batch, n))
    b_bar, back = np.zeros(4 * n), U.T.copy()
    for t in range(steps - 1, -1, -1):
        z = pre[t]  # from here on its cotangent
        for r in range(batch):
            for j in range(n):
                i, f, g, o = z[r, j], z[r, n + j], z[r, 2 * n + j], z[r, 3 * n + j]
                u = ts[t, r, j]
                c = c_bar[r, j] + h_bar[r, j] * o * (1 - u * u)
                z[r, j] = c * g * i * (1 - i)
                z[r, n + j] = c * cs[t, r, j] * f * (1 - f)
                z[r, 2 * n + j] = c * i * (1 - g * g)
                z[r, 3 * n + j] = h_bar[r, j] * u * o * (1 - o)
                c_bar[r, j] = c * f
            for j in range(4 * n):
                b_bar[j] += z[r, j]
        np.dot(z, back, h_bar)
    bars = pre.reshape(steps * batch, 4 * n)
    W_bar = np.dot(xs.reshape(steps * batch, width).T, bars)
    U_bar = np.dot(hs[:steps].copy().reshape(steps * batch, n).T, bars)
    return W_bar, U_bar, b_bar, V_bar
