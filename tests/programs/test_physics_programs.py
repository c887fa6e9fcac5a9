"""Ordinary programs of ordinary differential equations and of many bodies."""

from collections import namedtuple
from dataclasses import dataclass, field

import numpy as np
import pytest
from check import check
from numpy import array, cos, sin, sqrt

G = 9.81
MASSES = np.array([1.0, 0.5, 0.25])


def euler_projectile(p):
    v0, angle, drag = p
    x, y = 0.0, 0.0
    vx, vy = v0 * cos(angle), v0 * sin(angle)
    dt = 0.02
    path = [(x, y)]
    while y >= 0.0 and len(path) < 100:
        speed = sqrt(vx**2 + vy**2)
        vx -= dt * drag * speed * vx
        vy -= dt * (G + drag * speed * vy)
        x += dt * vx
        y += dt * vy
        path.append((x, y))
    return array(path)[-1]


def leapfrog_oscillator(p):
    x, v = p
    n = 12
    history = np.empty((n, 2))
    for k in range(n):
        v += -0.5 * 0.1 * x**3
        x += 0.1 * v
        v += -0.5 * 0.1 * x**3
        history[k] = x, v
    return history


def backward_euler_newton(p):
    y = p[0]
    rate = p[1]
    h = 0.1
    for n in range(6):
        t = (n + 1) * h
        z = y
        for _ in range(50):
            residual = z - y - h * (-rate * z**3 + np.cos(t))
            step = residual / (1 + 3 * h * rate * z**2)
            z = z - step
            if abs(step) < 1e-13:
                break
        y = z
    return y


def adaptive_heun(y0):
    f = lambda t, y: np.array([y[1], (1 - y[0] ** 2) * y[1] - y[0]])
    t, y, h, steps = 0.0, y0.copy(), 0.1, 0
    while t < 0.8 and steps < 50:
        k1 = f(t, y)
        k2 = f(t + h, y + h * k1)
        err = float(0.5 * h) * np.max(np.abs(k2 - k1))
        if err < 1e-2:
            y += 0.5 * h * (k1 + k2)
            t += h
            h = 0.12
        else:
            h *= 0.5
        steps += 1
    return y


def robertson_implicit(k):
    y = np.array([1.0, 0.0, 0.0])
    h = 1e-2

    def rhs(y):
        r1, r2, r3 = k[0] * y[0], k[1] * 1e4 * y[1] * y[2], k[2] * 1e7 * y[1] ** 2
        return np.array([-r1 + r2, r1 - r2 - r3, r3])

    def jac(y):
        J = np.zeros((3, 3))
        J[0] = -k[0], k[1] * 1e4 * y[2], k[1] * 1e4 * y[1]
        J[2, 1] = 2 * k[2] * 1e7 * y[1]
        J[1] = -J[0] - J[2]
        return J

    for _ in range(4):
        z = y.copy()
        for _ in range(12):
            z -= np.linalg.solve(np.eye(3) - h * jac(z), z - y - h * rhs(z))
        y = z
    return y


class Lorenz:
    def __init__(self, sigma=10.0, rho=28.0, beta=8 / 3):
        self.sigma, self.rho, self.beta = sigma, rho, beta
        self.calls = 0

    def __call__(self, t, s):
        self.calls += 1
        x, y, z = s
        return np.stack([self.sigma * (y - x), x * (self.rho - z) - y, x * y - self.beta * z])


def rk4(f, y, h, n):
    ys = np.zeros((n + 1,) + y.shape)
    ys[0] = y
    for i in range(n):
        t = i * h
        k1 = f(t, ys[i])
        k2 = f(t + h / 2, ys[i] + h / 2 * k1)
        k3 = f(t + h / 2, ys[i] + h / 2 * k2)
        k4 = f(t + h, ys[i] + h * k3)
        ys[i + 1] = ys[i] + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6.0
    return ys


def lorenz_with_class(p):
    system = Lorenz(*p)
    ys = rk4(system, np.ones(3), 0.01, 8)
    assert system.calls == 32
    return ys[-1], ys[:, 0].max()


def lotka_volterra(p):
    a, b, c, d = p
    out = rk4(
        lambda t, u: np.array([a * u[0] - b * u[0] * u[1], d * u[0] * u[1] - c * u[1]]), np.array([2.0, 1.0]), 0.1, 10
    )
    return np.trapezoid(out, dx=0.1, axis=0)


SIRState = namedtuple("SIRState", "s i r")


def sir_epidemic(theta):
    beta, gamma = np.exp(theta)
    state = SIRState(0.99, 0.01, 0.0)
    peak = state.i
    for _ in range(25):
        new, out = 0.5 * beta * state.s * state.i, 0.5 * gamma * state.i
        state = state._replace(s=state.s - new, i=state.i + new - out, r=state.r + out)
        peak = max(peak, state.i)
    return state, peak


@dataclass
class Body:
    mass: float
    position: np.ndarray
    velocity: np.ndarray
    force: np.ndarray = field(default_factory=lambda: np.zeros(2))

    @property
    def kinetic(self):
        return 0.5 * self.mass * np.dot(self.velocity, self.velocity)


def nbody_objects(x):
    bodies = [Body(m, p.copy(), v.copy()) for m, p, v in zip(MASSES, x[:3], x[3:])]
    for _ in range(4):
        for body in bodies:
            body.force[:] = 0
        for i, a in enumerate(bodies):
            for b in bodies[:i]:
                r = b.position - a.position
                pull = a.mass * b.mass * r / (r @ r + 0.05) ** 1.5
                a.force += pull
                b.force -= pull
        for body in bodies:
            body.velocity += 0.05 * body.force / body.mass
            body.position += 0.05 * body.velocity
    return sum(body.kinetic for body in bodies), np.array([body.position for body in bodies])


def nbody_broadcast(q):
    q = q.reshape(-1, 2)
    d = q[:, None, :] - q[None, :, :]
    r2 = (d**2).sum(axis=-1)
    np.fill_diagonal(r2, 1.0)
    inv = 1.0 / np.sqrt(r2)
    np.fill_diagonal(inv, 0.0)
    return -0.5 * np.sum(inv)


def lennard_jones_cutoff(x):
    n = len(x)
    box = 4.0
    i, j = np.triu_indices(n, 1)
    d = x[i] - x[j]
    d -= box * np.round(d / box)
    r2 = np.sum(d * d, axis=1)
    near = r2 < 1.9**2
    s6 = 1.0 / r2[near] ** 3
    energy = 4 * np.sum(s6**2 - s6)
    forces = np.zeros_like(x)
    f = (24 * (2 * s6**2 - s6) / r2[near])[:, None] * d[near]
    np.add.at(forces, i[near], f)
    np.subtract.at(forces, j[near], f)
    return energy, forces


def velocity_verlet_chain(x):
    x = x.copy()
    v = np.zeros_like(x)

    def force(x):
        f = np.zeros_like(x)
        stretch = np.diff(x)
        f[:-1] += stretch + 0.3 * stretch**2
        f[1:] -= stretch + 0.3 * stretch**2
        f[0] -= x[0]
        f[-1] -= x[-1]
        return f

    a = force(x)
    energies = []
    for _ in range(8):
        x += v * 0.1 + 0.5 * a * 0.01
        new = force(x)
        v += 0.5 * (a + new) * 0.1
        a = new
        energies.append(0.5 * v.dot(v))
    return np.asarray(energies)


CASES = {
    euler_projectile: np.array([8.0, 0.7, 0.05]), leapfrog_oscillator: np.array([1.0, 0.2]),
    backward_euler_newton: np.array([1.0, 2.0]), adaptive_heun: np.array([1.2, 0.3]),
    lorenz_with_class: np.array([10.0, 28.0, 2.6]), lotka_volterra: np.array([1.1, 0.4, 0.4, 0.1]),
    sir_epidemic: np.array([0.7, -1.2]), nbody_objects: np.random.default_rng(3).normal(size=(6, 2)),
    nbody_broadcast: np.array([0.0, 0.1, 1.0, 0.2, -0.4, 1.5]),
    lennard_jones_cutoff: np.array([[0.1, 0.0, 0.2], [1.3, 0.1, 0.0], [0.2, 3.0, 0.1], [1.2, 1.4, 0.4]]),
    velocity_verlet_chain: np.array([0.1, 0.5, -0.3, 0.2]),
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=2e-6)


def test_robertson_implicit():
    check(robertson_implicit, np.array([0.04, 1.0, 3.0]), rtol=1e-4, h=1e-5, order=1)
