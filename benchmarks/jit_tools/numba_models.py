"""Derivatives by hand in Numba: likelihoods and initial value problems."""

from __future__ import annotations

import ctypes

import numpy as np
from jit_problems.simulation import DT, RK_STEPS, SOFT, STEPS, H
from numba import njit
from numba.extending import get_cython_function_address

compiled = njit(error_model="numpy")

_ints, _doubles, _chars = (ctypes.POINTER(t) for t in (ctypes.c_int32, ctypes.c_double, ctypes.c_uint8))


def _lapack(name):
    address = get_cython_function_address("scipy.linalg.cython_lapack", name)
    return ctypes.CFUNCTYPE(None, ctypes.c_void_p, *[ctypes.c_void_p] * 4)(address)


_potrf, _potri = _lapack("dpotrf"), _lapack("dpotri")


@compiled
def regression(w, X, y):
    # Blocks of rows that stay in the second cache between the two products.
    n, block = y.size, 512
    g, part, c = 1e-3 * w, np.empty_like(w), np.empty(block)
    for start in range(0, n, block):
        stop = min(start + block, n)
        rows, m = X[start:stop], c[: stop - start]
        np.dot(rows, w, m)
        for i in range(stop - start):
            m[i] = -y[start + i] / ((1 + np.exp(y[start + i] * m[i])) * n)
        np.dot(m, rows, part)
        g += part
    return g


@compiled
def gmm(alphas, means, icf, x, gamma, m):
    (n, d), k = x.shape, alphas.size
    xt, ones = x.T.copy(), np.ones(n)
    Q, z, inner = np.zeros((k, d, d)), np.empty((k, d, n)), np.empty((k, n))
    c = np.empty((d, n))
    for a in range(k):
        at, total = d, alphas[a]
        for j in range(d):
            Q[a, j, j] = np.exp(icf[a, j])
            total += icf[a, j]
            for i in range(j + 1, d):
                Q[a, i, j] = icf[a, at]
                at += 1
        _centre(xt, means[a], c)
        np.dot(Q[a], c, z[a])
        inner[a] = total
        for i in range(d):
            for s in range(n):
                inner[a, s] -= 0.5 * z[a, i, s] * z[a, i, s]
    _normalise(inner)
    weights = np.exp(alphas - alphas.max())
    alphas_bar, means_bar, icf_bar = -n * weights / weights.sum(), np.empty_like(means), np.empty_like(icf)
    Q_bar = np.empty((d, d))
    for a in range(k):
        _centre(xt, means[a], c)
        for i in range(d):
            for s in range(n):
                z[a, i, s] *= -inner[a, s]
        count = np.dot(inner[a], ones)
        np.dot(z[a], c.T, Q_bar)
        alphas_bar[a] += count
        means_bar[a] = -np.dot(Q[a].T, np.dot(z[a], ones))
        at = d
        for j in range(d):
            q = Q[a, j, j]
            icf_bar[a, j] = Q_bar[j, j] * q + count + gamma * gamma * q * q - m
            for i in range(j + 1, d):
                icf_bar[a, at] = Q_bar[i, j] + gamma * gamma * icf[a, at]
                at += 1
    return alphas_bar, means_bar, icf_bar


@compiled
def _centre(xt, mean, c):
    for i in range(xt.shape[0]):
        for s in range(xt.shape[1]):
            c[i, s] = xt[i, s] - mean[i]


@compiled
def _normalise(inner):
    """Columns become softmaxes."""
    k, n = inner.shape
    top, total = inner[0].copy(), np.zeros(n)
    for a in range(1, k):
        for s in range(n):
            top[s] = max(top[s], inner[a, s])
    for a in range(k):
        for s in range(n):
            inner[a, s] = np.exp(inner[a, s] - top[s])
            total[s] += inner[a, s]
    for a in range(k):
        for s in range(n):
            inner[a, s] /= total[s]


@compiled
def gaussian_process(theta, squares, y):
    n = y.size
    scale, level, noise = np.exp(-2 * theta[0]), theta[1], np.exp(theta[2])
    K = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            K[i, j] = np.exp(level - 0.5 * scale * squares[i, j])
        K[i, i] += noise + 1e-8
    inverse = K.copy()
    # The lower triangle by rows is the upper one by columns.
    upper, size, info = np.array([ord("U")], dtype=np.uint8), np.array([n], dtype=np.int32), np.zeros(1, dtype=np.int32)
    _potrf(upper.ctypes, size.ctypes, inverse.ctypes, size.ctypes, info.ctypes)
    _potri(upper.ctypes, size.ctypes, inverse.ctypes, size.ctypes, info.ctypes)
    for i in range(n):
        for j in range(i):
            inverse[j, i] = inverse[i, j]
    alpha = np.dot(inverse, y)
    first = second = trace = 0.0
    for i in range(n):
        for j in range(i):
            both = (inverse[i, j] - alpha[i] * alpha[j]) * K[i, j]
            first += both * squares[i, j]
            second += both
        w = 0.5 * (inverse[i, i] - alpha[i] * alpha[i])
        second += w * (K[i, i] - noise - 1e-8)
        trace += w
    return np.array([first * scale, second, noise * trace])


@compiled
def kalman(theta, y):
    # Forward sensitivities: three directions, and P symmetric.
    q0, q1, r = np.exp(theta[0]), np.exp(theta[1]), np.exp(theta[2])
    m0 = m1 = p01 = 0.0
    p00 = p11 = 10.0
    dm0, dm1, d00, d01, d11 = np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3)
    dq0, dq1, dr = np.array([q0, 0.0, 0.0]), np.array([0.0, q1, 0.0]), np.array([0.0, 0.0, r])
    g = np.zeros(3)
    for t in range(y.size):
        m0 += m1
        p00, p01, p11 = p00 + 2 * p01 + p11 + q0, p01 + p11, p11 + q1
        S, error = p00 + r, y[t] - m0
        inverse = 1 / S
        gain0, gain1, scaled = p00 * inverse, p01 * inverse, error * inverse
        for k in range(3):
            a0 = dm0[k] + dm1[k]
            b00, b01, b11 = d00[k] + 2 * d01[k] + d11[k] + dq0[k], d01[k] + d11[k], d11[k] + dq1[k]
            dS = b00 + dr[k]
            dg0, dg1 = (b00 - dS * gain0) * inverse, (b01 - dS * gain1) * inverse
            g[k] += dS * inverse - 2 * scaled * a0 - scaled * scaled * dS
            dm1[k] += dg1 * error - gain1 * a0
            dm0[k] = a0 + dg0 * error - gain0 * a0
            d00[k] = b00 - dg0 * p00 - gain0 * b00
            d01[k] = b01 - dg0 * p01 - gain0 * b01
            d11[k] = b11 - dg1 * p01 - gain1 * b01
        m0, m1 = m0 + gain0 * error, m1 + gain1 * error
        p00, p01, p11 = p00 - gain0 * p00, p01 - gain0 * p01, p11 - gain1 * p01
    return 0.5 * g


@compiled
def _softmax(x):
    e = np.empty_like(x)
    for i in range(x.shape[0]):
        top = x[i].max()
        e[i] = np.exp(x[i] - top)
        e[i] /= e[i].sum()
    return e


@compiled
def hmm(start, move, emit, observed):
    n, steps = start.size, observed.size
    p, A, B = _softmax(start.reshape(1, n))[0], _softmax(move), _softmax(emit).T.copy()
    scaled, scales, a = np.empty((steps, n)), np.empty(steps), p * B[observed[0]]
    for t in range(steps):
        if t:
            a[:] = 0.0
            for i in range(n):
                s = scaled[t - 1, i]
                for j in range(n):
                    a[j] += s * A[i, j]
            a *= B[observed[t]]
        scales[t] = a.sum()
        scaled[t] = a / scales[t]
    moves, emits, beta, back, b = np.zeros_like(A), np.zeros_like(B), np.ones(n), A.T.copy(), np.empty(n)
    for t in range(steps - 1, 0, -1):
        o = observed[t]
        for j in range(n):
            emits[o, j] += scaled[t, j] * beta[j]
            b[j] = B[o, j] * beta[j] / scales[t]
        beta[:] = 0.0
        for i in range(n):
            s, c = scaled[t - 1, i], b[i]
            for j in range(n):
                moves[i, j] += s * b[j]
                beta[j] += c * back[i, j]
    first = scaled[0] * beta
    emits[observed[0]] += first
    for i in range(n):
        moves[i] *= A[i]
        moves[i] = A[i] * moves[i].sum() - moves[i]
    totals = emits.sum(axis=0)
    return p - first, moves, (B * totals - emits).T.copy()


@compiled
def _accelerate(x, m, a):
    n = m.size
    a[:] = 0.0
    for i in range(n):
        for j in range(i):
            d0, d1, d2 = x[j, 0] - x[i, 0], x[j, 1] - x[i, 1], x[j, 2] - x[i, 2]
            r2 = d0 * d0 + d1 * d1 + d2 * d2 + SOFT
            w = 1 / (r2 * np.sqrt(r2))
            wi, wj = w * m[j], w * m[i]
            a[i, 0] += d0 * wi
            a[i, 1] += d1 * wi
            a[i, 2] += d2 * wi
            a[j, 0] -= d0 * wj
            a[j, 1] -= d1 * wj
            a[j, 2] -= d2 * wj


@compiled
def _accelerate_back(x, m, a_bar, x_bar):
    n = m.size
    for i in range(n):
        for j in range(i):
            d0, d1, d2 = x[j, 0] - x[i, 0], x[j, 1] - x[i, 1], x[j, 2] - x[i, 2]
            r2 = d0 * d0 + d1 * d1 + d2 * d2 + SOFT
            w = 1 / (r2 * np.sqrt(r2))
            e0 = m[j] * a_bar[i, 0] - m[i] * a_bar[j, 0]
            e1 = m[j] * a_bar[i, 1] - m[i] * a_bar[j, 1]
            e2 = m[j] * a_bar[i, 2] - m[i] * a_bar[j, 2]
            s = 3 * (e0 * d0 + e1 * d1 + e2 * d2) / r2
            f0, f1, f2 = w * (e0 - s * d0), w * (e1 - s * d1), w * (e2 - s * d2)
            x_bar[j, 0] += f0
            x_bar[j, 1] += f1
            x_bar[j, 2] += f2
            x_bar[i, 0] -= f0
            x_bar[i, 1] -= f1
            x_bar[i, 2] -= f2


@compiled
def nbody(x, v, m):
    xs, v, a = np.empty((STEPS + 1, *x.shape)), v.copy(), np.empty_like(x)
    xs[0] = x
    _accelerate(x, m, a)
    for t in range(STEPS):
        v += 0.5 * DT * a
        xs[t + 1] = xs[t] + DT * v
        _accelerate(xs[t + 1], m, a)
        v += 0.5 * DT * a
    x_bar, v_bar, a_bar = 2 * xs[STEPS], 2 * v, DT * v
    for t in range(STEPS, 0, -1):
        _accelerate_back(xs[t], m, a_bar, x_bar)
        v_bar += DT * x_bar
        a_bar = (DT if t > 1 else 0.5 * DT) * v_bar
    _accelerate_back(xs[0], m, a_bar, x_bar)
    return x_bar, v_bar


@compiled
def _rate(a, b, c, d, u, w):
    return a * u - b * u * w, d * u * w - c * w


@compiled
def rk4(theta, y):
    a, b, c, d = theta
    u, w = y
    stages = np.empty((RK_STEPS, 8))
    for t in range(RK_STEPS):
        k1, l1 = _rate(a, b, c, d, u, w)
        u2, w2 = u + H / 2 * k1, w + H / 2 * l1
        k2, l2 = _rate(a, b, c, d, u2, w2)
        u3, w3 = u + H / 2 * k2, w + H / 2 * l2
        k3, l3 = _rate(a, b, c, d, u3, w3)
        u4, w4 = u + H * k3, w + H * l3
        k4, l4 = _rate(a, b, c, d, u4, w4)
        s = stages[t]
        s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7] = u, w, u2, w2, u3, w3, u4, w4
        u, w = u + H / 6 * (k1 + 2 * k2 + 2 * k3 + k4), w + H / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
    u_bar = w_bar = 1.0
    ga = gb = gc = gd = 0.0
    for t in range(RK_STEPS - 1, -1, -1):
        eu = ew = 0.0
        su, sw = u_bar, w_bar
        for stage in range(3, -1, -1):
            # k̄ᵢ = weightᵢ ȳ + stepᵢ₊₁ ȳᵢ₊₁
            weight = H / 6 if stage == 0 or stage == 3 else H / 3
            step = 0.0 if stage == 3 else H if stage == 2 else H / 2
            ku, kw = weight * u_bar + step * eu, weight * w_bar + step * ew
            u, w = stages[t, 2 * stage], stages[t, 2 * stage + 1]
            ga += u * ku
            gb -= u * w * ku
            gc -= w * kw
            gd += u * w * kw
            eu = (a - b * w) * ku + d * w * kw
            ew = -b * u * ku + (d * u - c) * kw
            su += eu
            sw += ew
        u_bar, w_bar = su, sw
    return np.array([ga, gb, gc, gd]), np.array([u_bar, w_bar])
