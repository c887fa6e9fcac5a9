"""Programs of control engineers: systems, filters of states, predictive control."""

import math

import numpy as np
import pytest
from scipy import linalg, signal
from ways import every_way


class PID:
    def __init__(self, kp, ki, kd, limits=(None, None)):
        self.kp, self.ki, self.kd = kp, ki, kd
        self._integral, self._last = 0, None
        self.limits = limits

    def __call__(self, error, dt):
        self._integral += self.ki * error * dt
        lo, hi = self.limits
        if hi is not None and self._integral > hi:
            self._integral = hi
        elif lo is not None and self._integral < lo:
            self._integral = lo
        d = 0 if self._last is None else (error - self._last) / dt
        self._last = error
        return self.kp * error + self._integral + self.kd * d


def pid_tank(p):
    pid = PID(p[0], p[1], p[2], limits=(-0.5, 0.5))
    level, ise = 0.2, 0.0
    dt = 0.1
    for k in range(40):
        e = 1.0 - level
        u = min(max(pid(e, dt), 0.0), 2.0)
        level += dt * (u - 0.6 * math.sqrt(level))
        ise += e**2 * dt
    return ise


def lqr_riccati_ode(p):
    A = np.array([[0, 1], [-p[0], -p[1]]])
    B = np.array([[0], [1.0]])
    Q, R = np.eye(2), np.array([[p[2]]])

    def rhs(P):
        return A.T @ P + P @ A - P @ B @ np.linalg.inv(R) @ B.T @ P + Q

    P = np.zeros((2, 2))
    dt = 0.05
    for _ in range(40):
        k1 = rhs(P)
        k2 = rhs(P + dt / 2 * k1)
        k3 = rhs(P + dt / 2 * k2)
        k4 = rhs(P + dt * k3)
        P = P + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    K = np.linalg.inv(R) @ B.T @ P
    return K, np.linalg.eigvals(A - B @ K)


def pole_placement(p):
    A = np.array([[0.0, 1, 0], [0, 0, 1], [-p[0], -p[1], -p[2]]])
    B = np.array([0, 0, 1.0])
    C = np.column_stack([B, A @ B, A @ A @ B])
    coeffs = np.poly([-1, -2, -3])
    phi = sum(c * np.linalg.matrix_power(A, len(coeffs) - 1 - k) for k, c in enumerate(coeffs))
    K = np.array([0, 0, 1.0]) @ np.linalg.inv(C) @ phi
    Acl = A - np.outer(B, K)
    return K, np.sum(linalg.expm(Acl * 0.3))


def bode_margins(p):
    num, den = np.array([p[0]]), np.polymul([1, p[1]], np.polymul([1, 2], [1, 0]))
    w = np.logspace(-1, 1, 50)
    H = np.polyval(num, 1j * w) / np.polyval(den, 1j * w)
    mag = 20 * np.log10(np.abs(H))
    ph = np.unwrap(np.angle(H))
    k = np.argmax(mag < 0)
    t = mag[k - 1] / (mag[k - 1] - mag[k])
    wc = np.exp(np.log(w[k - 1]) + t * (np.log(w[k]) - np.log(w[k - 1])))
    pm = np.pi + np.interp(np.log(wc), np.log(w), ph)
    return wc, pm


def lsim_step(p):
    sys = signal.TransferFunction([p[0]], [1, p[1], p[2]])
    t = np.linspace(0, 4, 30)
    u = np.ones_like(t)
    _, y, _ = signal.lsim(sys, u, t)
    return y[-5:]


def lsim_tuple(p):
    t = np.linspace(0, 4, 30)
    _, y, _ = signal.lsim(([p[0]], [1, p[1], p[2]]), np.sin(t), t)
    return y[::5]


def lsim_statespace_input(u):
    A, B = np.array([[0.0, 1], [-2, -0.5]]), np.array([[0.0], [1]])
    t = np.arange(len(u)) * 0.2
    _, y, x = signal.lsim((A, B, np.eye(2)[:1], np.zeros((1, 1))), u, t)
    return y, x[-1]


def c2d_and_simulate(p):
    A = np.array([[0, 1], [-p[0], -p[1]]])
    B = np.array([[0], [p[2]]])
    Ad, Bd, *_ = signal.cont2discrete((A, B, np.eye(2), np.zeros((2, 1))), 0.1, method="zoh")
    x = np.zeros((2, 1))
    out = []
    for k in range(12):
        x = Ad @ x + Bd * (1 if k < 6 else -1)
        out.append(x.copy())
    return np.hstack(out)


def tf2ss_by_scipy(p):
    A, B, C, D = signal.tf2ss([1, p[0]], [1, p[1], p[2]])
    return C @ linalg.solve(-A, B) + D


def kalman_1d_with_gating(z):
    x, P = 0.0, 1.0
    q, r = 0.01, 0.3
    estimates = []
    for zi in z:
        P += q
        S = P + r
        nu = zi - x
        if nu**2 / S < 4:
            K = P / S
            x += K * nu
            P *= 1 - K
        estimates.append(x)
    return np.asarray(estimates)


def extended_kalman_bearing(p):
    x = np.array([p[0], p[1], 0.3, -0.1])
    P = np.diag([0.5, 0.5, 0.1, 0.1])
    F = np.eye(4)
    F[0, 2] = F[1, 3] = 0.5
    Q, R = 0.01 * np.eye(4), np.diag([0.01, 0.05])
    loglik = 0
    for k in range(5):
        x = F @ x
        P = F @ P @ F.T + Q
        r2 = x[0] ** 2 + x[1] ** 2
        r = np.sqrt(r2)
        h = np.array([np.arctan2(x[1], x[0]), r])
        H = np.array([[-x[1] / r2, x[0] / r2, 0, 0], [x[0] / r, x[1] / r, 0, 0]])
        z = np.array([0.7 + 0.05 * k, 1.5 + 0.1 * k])
        y = z - h
        y[0] = (y[0] + np.pi) % (2 * np.pi) - np.pi
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x = x + K @ y
        P = (np.eye(4) - K @ H) @ P
        loglik += -0.5 * (y @ np.linalg.solve(S, y) + np.log(np.linalg.det(2 * np.pi * S)))
    return loglik


def mpc_by_condensed_qp(x0):
    A, B = np.array([[1, 0.2], [0, 1]]), np.array([[0.02], [0.2]])
    N = 6
    Phi = np.vstack([np.linalg.matrix_power(A, i + 1) for i in range(N)])
    Gam = np.zeros((2 * N, N))
    for i in range(N):
        for j in range(i + 1):
            Gam[2 * i : 2 * i + 2, j : j + 1] = np.linalg.matrix_power(A, i - j) @ B
    Qb = np.kron(np.eye(N), np.diag([1.0, 0.1]))
    H = Gam.T @ Qb @ Gam + 0.01 * np.eye(N)
    g = Gam.T @ Qb @ Phi @ x0
    u = np.zeros(N)
    step = 1 / np.linalg.norm(H, 2)
    for _ in range(50):
        u = np.clip(u - step * (H @ u + g), -1, 1)
    return u


# fmt: off
CASES = {
    pid_tank: [np.array([1.5, 0.4, 0.1]), np.array([4.0, 2.0, 0.0]), np.array([0.5, 0.1, 0.3])],
    lqr_riccati_ode: [np.array([1.0, 0.3, 0.5]), np.array([2.0, 0.1, 2.0])],
    pole_placement: [np.array([1.0, 0.3, 0.5]), np.array([2.0, 0.1, 2.0])],
    bode_margins: [np.array([5.0, 1.0]), np.array([9.0, 0.4])],
    lsim_step: [np.array([2.0, 0.8, 3.0]), np.array([1.0, 2.5, 1.0])],
    lsim_tuple: [np.array([2.0, 0.8, 3.0]), np.array([1.0, 2.5, 1.0])],
    lsim_statespace_input: [np.sin(np.arange(9.0)), np.cos(np.arange(9.0))],
    c2d_and_simulate: [np.array([2.0, 0.8, 3.0]), np.array([1.0, 2.5, 1.0])],
    tf2ss_by_scipy: [np.array([2.0, 0.8, 3.0]), np.array([1.0, 2.5, 1.0])],
    kalman_1d_with_gating: [np.array([0.1, 0.3, 5.0, 0.2, -0.1]), np.array([0.1, 9.0, 0.3, 0.2, -0.1])],
    extended_kalman_bearing: [np.array([1.0, 0.9]), np.array([-1.2, -0.4])],
    mpc_by_condensed_qp: [np.array([1.0, 0.2]), np.array([-3.0, 1.0])],
}
OPTIONS = {
    mpc_by_condensed_qp: {"order": 1},
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f], **OPTIONS.get(f, {}))
