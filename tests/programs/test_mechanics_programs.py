"""Programs of mechanics, fields and orbits."""

import math

import numpy as np
import numpy.linalg as la
import pytest
from numpy.fft import fft, fftfreq, ifft
from numpy.linalg import norm
from ways import every_way


def yoshida_kepler(e):
    """Fourth-order symplectic integration of an ellipse."""
    w1 = 1 / (2 - 2 ** (1 / 3))
    w0 = 1 - 2 * w1
    q, p = np.array([1 - e, 0.0]), np.array([0, np.sqrt((1 + e) / (1 - e))])
    dt = 0.1
    for _ in range(10):
        for w in (w1, w0, w1):
            q = q + 0.5 * w * dt * p
            p = p - w * dt * q / np.hypot(*q) ** 3
            q = q + 0.5 * w * dt * p
    h = 0.5 * p @ p - 1 / norm(q)
    return h, q, q[0] * p[1] - q[1] * p[0]


def restricted_three_body(p):
    mu = 0.0121505856

    def f(s):
        x, y, vx, vy = s
        r1 = np.sqrt((x + mu) ** 2 + y**2)
        r2 = np.sqrt((x - 1 + mu) ** 2 + y**2)
        ax = 2 * vy + x - (1 - mu) * (x + mu) / r1**3 - mu * (x - 1 + mu) / r2**3
        ay = -2 * vx + y - (1 - mu) * y / r1**3 - mu * y / r2**3
        return np.array([vx, vy, ax, ay])

    s = np.array([p[0], 0, 0, p[1]])
    h, t, tol = 0.05, 0, 1e-6
    count = 0
    while t < 0.6:
        h = min(h, 0.6 - t)
        k1 = f(s)
        k2 = f(s + h * k1 / 4)
        k3 = f(s + h * (3 * k1 + 9 * k2) / 32)
        k4 = f(s + h * (1932 * k1 - 7200 * k2 + 7296 * k3) / 2197)
        k5 = f(s + h * (439 / 216 * k1 - 8 * k2 + 3680 / 513 * k3 - 845 / 4104 * k4))
        s4 = s + h * (25 / 216 * k1 + 1408 / 2565 * k3 + 2197 / 4104 * k4 - k5 / 5)
        k6 = f(s + h * (-8 / 27 * k1 + 2 * k2 - 3544 / 2565 * k3 + 1859 / 4104 * k4 - 11 / 40 * k5))
        s5 = s + h * (16 / 135 * k1 + 6656 / 12825 * k3 + 28561 / 56430 * k4 - 9 / 50 * k5 + 2 / 55 * k6)
        err = float(np.max(np.abs(s5 - s4))) if False else np.max(np.abs(s5 - s4))
        if err <= tol:
            t = t + h
            s = s5
        if err < tol / 10:
            h = 1.5 * h
        elif err > tol:
            h = 0.5 * h
        count += 1
        if count > 200:
            raise RuntimeError("too many steps")
    return s


def wave_2d_with_source(c):
    n = 12
    u_prev = np.zeros((n, n))
    u = np.zeros((n, n))
    for k in range(12):
        lap = np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1) - 4 * u
        u_next = 2 * u - u_prev + (0.4 * c) ** 2 * lap
        u_next[n // 2, n // 2] += 0.1 * np.sin(0.5 * k)
        u_next[[0, -1], :] = 0
        u_next[:, [0, -1]] = 0
        u_prev, u = u, u_next
    return u[3:6, 4]


def kdv_pseudospectral(a):
    n = 32
    L = 20.0
    x = np.linspace(-L / 2, L / 2, n, endpoint=False)
    k = 2 * np.pi * fftfreq(n, L / n)
    u = 0.5 * a * np.cosh(0.5 * np.sqrt(a) * x) ** -2
    dt = 2e-3
    g = -3j * k * dt
    E = np.exp(dt * 1j * k**3)
    U = fft(u)
    for _ in range(10):
        N = lambda V: g * fft(np.real(ifft(V)) ** 2)
        a1 = N(U)
        a2 = N(np.sqrt(E) * (U + a1 / 2))
        U = E * U + np.sqrt(E) * a2
    u = ifft(U).real
    return u, np.trapezoid(u**2, x)


def relativistic_boris(p):
    """Boris pusher in crossed fields."""
    x, u = np.zeros(3), np.array([p[0], 0.0, 0.0])
    E, B = np.array([0, p[1], 0]), np.array([0, 0, p[2]])
    dt = 0.1
    traj = np.empty((20, 3))
    for k in range(20):
        um = u + 0.5 * dt * E
        gamma = np.sqrt(1 + np.dot(um, um))
        t = 0.5 * dt * B / gamma
        s = 2 * t / (1 + t @ t)
        up = um + np.cross(um, t)
        um = um + np.cross(up, s)
        u = um + 0.5 * dt * E
        x = x + dt * u / np.sqrt(1 + u @ u)
        traj[k] = x
    return traj[[4, -1]]


def schwarzschild_orbit(b):
    """Light bending: d²u/dφ² = 3Mu² − u with M small, RK4."""
    M = 0.1
    u, du = 1e-3, 1 / b
    h = 0.05
    f = lambda u, du: (du, 3 * M * u**2 - u)
    phi = 0.0
    while u > 0 and phi < 4:
        k1 = f(u, du)
        k2 = f(u + h / 2 * k1[0], du + h / 2 * k1[1])
        k3 = f(u + h / 2 * k2[0], du + h / 2 * k2[1])
        k4 = f(u + h * k3[0], du + h * k3[1])
        u_new = u + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
        du = du + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
        if u_new < 0:
            phi += h * u / (u - u_new)
            u = u_new
            break
        u = u_new
        phi += h
    return phi - math.pi


def two_link_dynamics(p):
    q, qd = np.array([0.3, 0.5]), np.array([0.1, -0.2])
    m1, m2, l = p
    for _ in range(10):
        c2, s2 = np.cos(q[1]), np.sin(q[1])
        M = np.array(
            [
                [(m1 + m2) * l**2 + m2 * l**2 + 2 * m2 * l**2 * c2, m2 * l**2 * (1 + c2)],
                [m2 * l**2 * (1 + c2), m2 * l**2],
            ]
        )
        h = -m2 * l**2 * s2
        C = np.array([[h * qd[1], h * (qd[0] + qd[1])], [-h * qd[0], 0]])
        g = 9.81 * np.array([(m1 + m2) * l * np.cos(q[0]) + m2 * l * np.cos(q[0] + q[1]), m2 * l * np.cos(q.sum())])
        tau = 5 * (np.array([0.5, 0.2]) - q) - 1 * qd + g
        qdd = np.linalg.solve(M, tau - C @ qd - g)
        qd = qd + 0.05 * qdd
        q = q + 0.05 * qd
    return q


def finite_volume_euler_roe(p):
    n = 12
    gamma = 1.4
    U = np.empty((3, n))
    rho = np.where(np.arange(n) < n // 2, p[0], 0.125)
    pr = np.where(np.arange(n) < n // 2, p[1], 0.1)
    U[0], U[1], U[2] = rho, 0.0, pr / (gamma - 1)

    def flux(U):
        r, m, E = U
        u = m / r
        pp = (gamma - 1) * (E - 0.5 * r * u**2)
        return np.array([m, m * u + pp, (E + pp) * u]), np.abs(u) + np.sqrt(gamma * pp / r)

    for _ in range(4):
        F, a = flux(U)
        dt = 0.4 / n / a.max()
        amax = np.maximum(a[1:], a[:-1])
        H = 0.5 * (F[:, 1:] + F[:, :-1]) - 0.5 * amax * (U[:, 1:] - U[:, :-1])
        U[:, 1:-1] -= dt * n * (H[:, 1:] - H[:, :-1])
    return U[0, ::3], U[2].sum()


def level_set_reinit(p):
    n = 7
    x = np.linspace(-1, 1, n)
    X, Y = np.meshgrid(x, x)
    phi = (X**2 + p[0] * Y**2 - 0.5 * p[1]) * 2
    h = x[1] - x[0]
    S = phi / np.sqrt(phi**2 + h**2)
    for _ in range(3):
        P = np.pad(phi, 1, mode="edge")
        dxm, dxp = (P[1:-1, 1:-1] - P[1:-1, :-2]) / h, (P[1:-1, 2:] - P[1:-1, 1:-1]) / h
        dym, dyp = (P[1:-1, 1:-1] - P[:-2, 1:-1]) / h, (P[2:, 1:-1] - P[1:-1, 1:-1]) / h
        pos = np.sqrt(
            np.maximum(np.maximum(dxm, 0) ** 2, np.minimum(dxp, 0) ** 2)
            + np.maximum(np.maximum(dym, 0) ** 2, np.minimum(dyp, 0) ** 2)
            + 1e-12
        )
        neg = np.sqrt(
            np.maximum(np.minimum(dxm, 0) ** 2, np.maximum(dxp, 0) ** 2)
            + np.maximum(np.minimum(dym, 0) ** 2, np.maximum(dyp, 0) ** 2)
            + 1e-12
        )
        grad = np.where(S > 0, pos, neg)
        phi = phi - 0.3 * h * S * (grad - 1)
    return phi[3], np.sum(phi[phi < 0])


def kepler_propagation_universal(p):
    r0, v0 = np.array([1.0, 0, 0]), np.array([0, p[0], p[1]])
    dt = 1.5

    def stumpff(z):
        if z > 1e-6:
            s = math.sqrt(z)
            return (1 - math.cos(s)) / z, (s - math.sin(s)) / s**3
        if z < -1e-6:
            s = math.sqrt(-z)
            return (1 - math.cosh(s)) / z, (math.sinh(s) - s) / s**3
        return 0.5 - z / 24, 1 / 6 - z / 120

    rn = la.norm(r0)
    vr = r0 @ v0 / rn
    alpha = 2 / rn - v0 @ v0
    chi = abs(alpha) * dt if abs(alpha) > 1e-8 else dt
    for _ in range(60):
        C, S = stumpff(alpha * chi**2)
        F = rn * vr * chi**2 * C + (1 - alpha * rn) * chi**3 * S + rn * chi - dt
        dF = rn * vr * chi * (1 - alpha * chi**2 * S) + (1 - alpha * rn) * chi**2 * C + rn
        step = F / dF
        chi -= step
        if abs(step) < 1e-13:
            break
    C, S = stumpff(alpha * chi**2)
    f, g = 1 - chi**2 / rn * C, dt - chi**3 * S
    return f * r0 + g * v0


def hohmann_and_plane_change(p):
    mu = 398600.4418
    r1, r2, di = p[0] * 1e3, p[1] * 1e3, np.deg2rad(p[2])
    vt1 = math.sqrt(2 * mu * r2 / (r1 * (r1 + r2)))
    vt2 = math.sqrt(2 * mu * r1 / (r2 * (r1 + r2)))
    v1, v2 = math.sqrt(mu / r1), math.sqrt(mu / r2)
    dv2 = math.sqrt(vt2**2 + v2**2 - 2 * vt2 * v2 * math.cos(di))
    return abs(vt1 - v1) + dv2, math.pi * math.sqrt(((r1 + r2) / 2) ** 3 / mu) / 3600


# fmt: off
CASES = {
    yoshida_kepler: [0.3, 0.6],
    restricted_three_body: [np.array([0.5, 1.0]), np.array([0.7, 0.6])],
    wave_2d_with_source: [1.0, 0.7],
    kdv_pseudospectral: [1.0, 2.0],
    relativistic_boris: [np.array([0.5, 0.3, 1.0]), np.array([2.0, 0.1, -1.0])],
    schwarzschild_orbit: [3.0, 5.0],
    kepler_propagation_universal: [np.array([1.0, 0.2]), np.array([1.6, 0.1])],
    hohmann_and_plane_change: [np.array([7.0, 42.0, 28.5]), np.array([6.7, 20.0, 10.0])],
    finite_volume_euler_roe: [np.array([1.0, 1.0]), np.array([1.2, 0.7])],
    level_set_reinit: [np.array([1.1, 0.9]), np.array([0.7, 1.2])],
    two_link_dynamics: [np.array([1.0, 0.8, 0.7]), np.array([2.0, 0.5, 0.5])],
}
OPTIONS = {
    restricted_three_body: {"order": 1},
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f], **OPTIONS.get(f, {}))
