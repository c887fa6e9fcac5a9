"""Ordinary programs of rigid bodies, robots, light and fields."""

import numpy as np
import pytest
from check import check
from numpy import cos, dot, pi, sin, zeros


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
    rigid_body: np.array([0.3, 1.0, -0.4]), quaternion_rotation: np.array([1.0, 0.2, -0.5, 0.9]),
    denavit_hartenberg: np.array([0.3, -0.6, 1.1]), inverse_kinematics: np.array([1.1, 0.8]),
    sphere_tracing: np.array([0.3, 0.2, -1.0]), ray_through_spheres: np.array([0.1, 0.2, 3.0, -0.2, 1.0, 0.8]),
    springs_from_dict: np.array([0.0, 0.1, 1.4, 0.3]), pendulum_period_by_agm: 0.8,
    kepler_equation: np.array([1.0, 0.3]), gravity_field: np.array([1.0, 0.4]), wigner_by_matrix_exponential: 1.3,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=2e-6)
