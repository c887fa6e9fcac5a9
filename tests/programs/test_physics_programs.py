"""Ordinary programs of mechanics and of ordinary differential equations."""

from collections import namedtuple
from dataclasses import dataclass, field

import numpy as np
import pytest
from check import check
from numpy import array, cos, dot, pi, sin, sqrt, zeros

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
    out = rk4(lambda t, u: np.array([a * u[0] - b * u[0] * u[1], d * u[0] * u[1] - c * u[1]]), np.array([2.0, 1.0]), 0.1, 10)
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


def rigid_body(w):
    inertia = np.diag([1.0, 2.0, 3.0])
    inverse = np.linalg.inv(inertia)
    R = np.identity(3)
    for _ in range(6):
        w = w + 0.05 * inverse @ (-np.cross(w, inertia @ w))
        W = np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])
        R = R @ (np.eye(3) + 0.05 * W)
    return R @ w


class Quaternion:
    __slots__ = ("w", "x", "y", "z")

    def __init__(self, w, x, y, z):
        self.w, self.x, self.y, self.z = w, x, y, z

    @classmethod
    def about(cls, axis, angle):
        axis = axis / np.sqrt(np.sum(axis**2))
        return cls(np.cos(angle / 2), *(axis * np.sin(angle / 2)))

    def __mul__(self, o):
        return Quaternion(
            self.w * o.w - self.x * o.x - self.y * o.y - self.z * o.z,
            self.w * o.x + self.x * o.w + self.y * o.z - self.z * o.y,
            self.w * o.y - self.x * o.z + self.y * o.w + self.z * o.x,
            self.w * o.z + self.x * o.y - self.y * o.x + self.z * o.w,
        )

    def conjugate(self):
        return Quaternion(self.w, -self.x, -self.y, -self.z)

    def rotate(self, v):
        q = self * Quaternion(0.0, *v) * self.conjugate()
        return np.array([q.x, q.y, q.z])


def quaternion_rotation(p):
    q = Quaternion.about(p[:3], p[3])
    for k in range(3):
        q = q * Quaternion.about(np.array([0.0, 1.0, float(k)]), 0.3)
    return q.rotate([1.0, 2.0, 3.0])


def denavit_hartenberg(q):
    T = np.eye(4)
    lengths, twists = [0.5, 0.4, 0.2], [pi / 2, 0.0, -pi / 2]
    for theta, a, alpha in zip(q, lengths, twists):
        c, s = np.cos(theta), np.sin(theta)
        A = zeros((4, 4))
        A[0, :] = c, -s * cos(alpha), s * sin(alpha), a * c
        A[1, :] = [s, c * cos(alpha), -c * sin(alpha), a * s]
        A[2, 1:3] = sin(alpha), cos(alpha)
        A[3, 3] = 1
        T = dot(T, A)
    return T[:3, 3]


def inverse_kinematics(target):
    q = np.array([0.3, 0.5])
    for _ in range(12):
        x = np.array([np.cos(q[0]) + np.cos(q.sum()), np.sin(q[0]) + np.sin(q.sum())])
        J = np.array([[-x[1], -np.sin(q.sum())], [x[0], np.cos(q.sum())]])
        q = q + np.linalg.solve(J, target - x)
    return q


def sphere_tracing(light):
    light = light / np.linalg.norm(light)
    centre, radius = np.array([0.0, 0.0, 3.0]), 1.0
    image = np.zeros((5, 5))
    for i, j in np.ndindex(image.shape):
        direction = np.array([(i - 2) / 5, (j - 2) / 5, 1.0])
        direction /= np.linalg.norm(direction)
        b = -direction @ centre
        disc = b * b - (centre @ centre - radius**2)
        if disc < 0:
            continue
        normal = (-b - np.sqrt(disc)) * direction - centre
        image[i, j] = max(0.0, normal @ light)
    return image


def ray_through_spheres(c):
    centres = c.reshape(2, 3)
    colour = 0.0
    origin, direction = np.zeros(3), np.array([0.0, 0.1, 1.0])
    for _ in range(3):
        best, hit = np.inf, None
        for k, centre in enumerate(centres):
            oc = origin - centre
            b, q = oc @ direction, oc @ oc - 0.5
            disc = b**2 - (direction @ direction) * q
            if disc > 0:
                t = (-b - np.sqrt(disc)) / (direction @ direction)
                if 1e-6 < t < best:
                    best, hit = t, k
        if hit is None:
            break
        origin = origin + best * direction
        n = (origin - centres[hit]) / np.sqrt(0.5)
        direction = direction - 2 * (direction @ n) * n
        colour += best * 0.5**hit
    return colour + direction[1]


def springs_from_dict(x):
    world = {"a": np.array([x[0], x[1]]), "b": np.array([x[2], x[3]])}
    rest = {("a", "b"): 1.0}
    speed = {name: np.zeros(2) for name in world}
    for _ in range(5):
        for (p, q), length in rest.items():
            d = world[q] - world[p]
            r = np.hypot(*d)
            f = (r - length) * d / r
            speed[p] += 0.1 * f
            speed[q] -= 0.1 * f
        world = {name: x + 0.1 * speed[name] for name, x in world.items()}
    return world


def pendulum_period_by_agm(theta):
    a, g = 1.0, np.cos(theta / 2)
    while abs(a - g) > 1e-14:
        a, g = (a + g) / 2, np.sqrt(a * g)
    return 2 * np.pi / a


def kepler_equation(p):
    M, e = p
    E = M
    for it in range(100):
        dE = (E - e * np.sin(E) - M) / (1 - e * np.cos(E))
        E -= dE
        if np.abs(dE) < 1e-15:
            break
    else:
        raise RuntimeError(f"no convergence: {E:.3f}")
    return np.arctan2(np.sqrt(1 - e**2) * np.sin(E), np.cos(E) - e)


def gravity_field(masses):
    x = np.linspace(-1, 1, 4)
    X, Y = np.meshgrid(x, x, indexing="ij")
    sources = [(0.3, 0.1), (-0.5, 0.7)]
    phi = sum(-m / np.sqrt((X - a) ** 2 + (Y - b) ** 2 + 0.01) for m, (a, b) in zip(masses, sources))
    gx, gy = np.gradient(phi, x, x)
    return np.hypot(gx, gy)


def wigner_by_matrix_exponential(J):
    spin = np.array([[0, 1], [1, 0]], dtype=complex) / 2
    up = np.array([1.0 + 0j, 0.0])
    H = J * spin + np.diag([0.3, -0.3])
    U, term = np.eye(2, dtype=complex), np.eye(2, dtype=complex)
    for k in range(1, 25):
        term = term @ (-1j * H) / k
        U = U + term
    return np.abs(U @ up) ** 2


CASES = {
    euler_projectile: np.array([8.0, 0.7, 0.05]), leapfrog_oscillator: np.array([1.0, 0.2]),
    backward_euler_newton: np.array([1.0, 2.0]), adaptive_heun: np.array([1.2, 0.3]),
    lorenz_with_class: np.array([10.0, 28.0, 2.6]), lotka_volterra: np.array([1.1, 0.4, 0.4, 0.1]),
    sir_epidemic: np.array([0.7, -1.2]), nbody_objects: np.random.default_rng(3).normal(size=(6, 2)),
    nbody_broadcast: np.array([0.0, 0.1, 1.0, 0.2, -0.4, 1.5]),
    lennard_jones_cutoff: np.array([[0.1, 0.0, 0.2], [1.3, 0.1, 0.0], [0.2, 3.0, 0.1], [1.2, 1.4, 0.4]]),
    velocity_verlet_chain: np.array([0.1, 0.5, -0.3, 0.2]), rigid_body: np.array([0.3, 1.0, -0.4]),
    quaternion_rotation: np.array([1.0, 0.2, -0.5, 0.9]), denavit_hartenberg: np.array([0.3, -0.6, 1.1]),
    inverse_kinematics: np.array([1.1, 0.8]), sphere_tracing: np.array([0.3, 0.2, -1.0]),
    ray_through_spheres: np.array([0.1, 0.2, 3.0, -0.2, 1.0, 0.8]),
    springs_from_dict: np.array([0.0, 0.1, 1.4, 0.3]), pendulum_period_by_agm: 0.8,
    kepler_equation: np.array([1.0, 0.3]), gravity_field: np.array([1.0, 0.4]), wigner_by_matrix_exponential: 1.3,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=2e-6)


def test_robertson_implicit():
    check(robertson_implicit, np.array([0.04, 1.0, 3.0]), rtol=1e-4, h=1e-5, order=1)
