"""Engineers' programs: finite elements, structures, circuits, control, optics, heat and flow."""

from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import pytest
from check import check
from scipy import linalg


def truss(areas):
    nodes = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.8], [1.5, 0.8]])
    bars = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    K = np.zeros((8, 8))
    for area, (i, j) in zip(areas, bars, strict=True):
        d = nodes[j] - nodes[i]
        length = np.hypot(*d)
        c, s = d / length
        T = np.array([[c, s, 0, 0], [0, 0, c, s]])
        k = area / length * np.array([[1, -1], [-1, 1]])
        dofs = [2 * i, 2 * i + 1, 2 * j, 2 * j + 1]
        K[np.ix_(dofs, dofs)] += T.T @ k @ T
    free = np.setdiff1d(np.arange(8), [0, 1, 3])
    load = np.zeros(8)
    load[7] = -1.0
    u = np.zeros(8)
    u[free] = np.linalg.solve(K[np.ix_(free, free)], load[free])
    return load @ u


@dataclass
class Beam:
    stiffness: float
    length: float = 1.0
    nodes: list = field(default_factory=list)

    def element(self):
        L = self.length
        return self.stiffness / L**3 * np.array(
            [[12, 6 * L, -12, 6 * L], [6 * L, 4 * L**2, -6 * L, 2 * L**2], [-12, -6 * L, 12, -6 * L], [6 * L, 2 * L**2, -6 * L, 4 * L**2]]
        )  # fmt: skip


def cantilever(p):
    beams = [Beam(EI, L) for EI, L in zip(p[:3], p[3:], strict=True)]
    K = np.zeros((8, 8))
    for e, beam in enumerate(beams):
        s = slice(2 * e, 2 * e + 4)
        K[s, s] += beam.element()
    rhs = np.r_[np.zeros(6), 1.0, 0.0]
    return np.linalg.solve(K[2:, 2:], rhs[2:])[-2:]


def triangle_mesh_poisson(k):
    x, y = np.meshgrid(np.linspace(0, 1, 4), np.linspace(0, 1, 4), indexing="ij")
    points = np.c_[x.ravel(), y.ravel()]
    index = np.arange(16).reshape(4, 4)
    a, b, c, d = index[:-1, :-1].ravel(), index[1:, :-1].ravel(), index[1:, 1:].ravel(), index[:-1, 1:].ravel()
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    P = points[triangles]
    B = np.stack([P[:, 1] - P[:, 0], P[:, 2] - P[:, 0]], axis=-1)
    area = np.abs(np.linalg.det(B)) / 2
    G = np.linalg.inv(B).transpose(0, 2, 1) @ np.array([[-1.0, 1, 0], [-1, 0, 1]])
    local = np.einsum("e,eai,eaj->eij", area * np.exp(k[0] * P.mean(1)[:, 0] + k[1]), G, G)
    K, rhs = np.zeros((16, 16)), np.zeros(16)
    np.add.at(K, (triangles[:, :, None], triangles[:, None, :]), local)
    np.add.at(rhs, triangles, np.repeat(area[:, None] / 3, 3, axis=1))
    inner = (points > 1e-9).all(1) & (points < 1 - 1e-9).all(1)
    u = np.zeros(16)
    u[inner] = np.linalg.solve(K[inner][:, inner], rhs[inner])
    return u.sum()


def natural_frequencies(p):
    m, k = p[:3], p[3:]
    K = np.diag(k[:3] + np.append(k[1:3], 0.0)) - np.diag(k[1:3], 1) - np.diag(k[1:3], -1)
    w2 = linalg.eigh(K, np.diag(m), eigvals_only=True)
    return np.sqrt(w2) / (2 * np.pi)


def ladder_network(p):
    R, L, C = p
    omega = 2 * np.pi * np.logspace(-2, 0, 5)
    series, shunt = R + 1j * omega * L, 1 / (1j * omega * C)
    z = np.full(5, 1.0 + 0j)
    for _ in range(4):
        z += series
        z = z * shunt / (z + shunt)
    return 20 * np.log10(np.abs(z)) + np.angle(z, deg=True) / 10


def nodal_analysis(g):
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (1, 3), (0, 4), (4, 2)]
    A = np.zeros((7, 5))
    for row, (i, j) in enumerate(edges):
        A[row, i], A[row, j] = 1, -1
    Y = A.T @ np.diag(g) @ A
    v = np.linalg.solve(Y[1:, 1:], np.array([0.0, 1.0, 0.0, -0.5]))
    power = g * (A[:, 1:] @ v) ** 2
    return power.max() + 0.1 * power.sum()


def diode_clipper(p):
    Is, R = 1e-3 * p[0], p[1]
    out = []
    v = 0.0
    for vin in 2 * np.sin(np.linspace(0, 6, 12)):
        for _ in range(30):
            residual = (vin - v) / R - 2 * Is * np.sinh(v / 0.3)
            slope = -1 / R - 2 * Is * np.cosh(v / 0.3) / 0.3
            step = residual / slope
            v -= step
            if abs(step) < 1e-14:
                break
        else:
            raise RuntimeError("no convergence")
        out.append(v)
    return np.array(out)


def multilayer_mirror(n):
    layers = [
        np.array([[np.cos(d), 1j * np.sin(d) / k], [1j * k * np.sin(d), np.cos(d)]])
        for k, d in zip(n, 1.3 * n, strict=True)
    ]
    M = reduce(np.matmul, layers)
    B, C = M @ np.array([1.0, 1.52])
    r = (B - C) / (B + C)
    return np.abs(r) ** 2


def fabry_perot(p):
    wavelengths = np.linspace(0.5, 0.6, 7)
    delta = 4 * np.pi * p[0] * np.cos(p[1]) / wavelengths
    F = 4 * p[2] / (1 - p[2]) ** 2
    return 1 / (1 + F * np.sin(delta / 2) ** 2)


def abcd_laser_cavity(p):
    space = lambda d: np.array([[1, d], [0, 1]])
    lens = lambda f: np.array([[1, 0], [-1 / f, 1]])
    M = np.linalg.multi_dot([space(p[0]), lens(p[1]), space(p[2]), lens(p[3])])
    A, B, _, D = M.ravel()
    stability = (A + D) / 2
    if abs(stability) > 1:
        return stability**2
    q_inverse = (D - A) / (2 * B) - 1j * np.sqrt(1 - stability**2) / np.abs(B)
    return np.sqrt(-1 / np.imag(q_inverse))


def pid_loop(gains):
    kp, ki, kd = gains
    x = v = integral = 0.0
    previous, cost = None, 0.0
    for k in range(60):
        error = 1.0 - x
        integral = np.clip(integral + 0.05 * error, -0.4, 0.4)
        slope = 0.0 if previous is None else (error - previous) / 0.05
        u = min(max(kp * error + ki * integral + kd * slope, -3.0), 3.0)
        previous = error
        v += 0.05 * (u - 0.4 * v - x)
        x += 0.05 * v
        cost += error**2 + 1e-3 * u * u + k * 0.0
    return cost


def lqr_by_iteration(p):
    A, B = np.array([[1.0, 0.1], [-p[0], 1 - p[1]]]), np.array([[0.0], [0.1]])
    Q, R = np.eye(2), np.atleast_2d(p[2])
    P = Q.copy()
    for _ in range(40):
        K = np.linalg.inv(R + B.T @ P @ B) @ (B.T @ P @ A)
        P = Q + A.T @ P @ (A - B @ K)
    return np.trace(P), K.squeeze()


def lyapunov_gramian(p):
    A = np.array([[-1.0, p[0]], [-p[0], -p[1]]])
    W = linalg.solve_continuous_lyapunov(A, -np.eye(2))
    return np.linalg.slogdet(W)[1] + np.trace(W @ W)


def frequency_response(p):
    A, b, c = np.array([[0.0, 1.0], [-p[0], -p[1]]]), np.array([0.0, 1.0]), np.array([1.0, p[2]])
    H = [c @ np.linalg.solve(1j * w * np.eye(2) - A, b) for w in (0.5, 1.0, 2.0)]
    return np.abs(np.array(H)).max()


def fin_heat_transfer(p):
    h, k, n = p[0], p[1], 12
    dx = 1 / (n - 1)
    ab = np.zeros((3, n))
    ab[0, 2:] = 1.0
    ab[1, :] = -2 - h / k * dx**2
    ab[1, 0] = 1.0
    ab[2, :-2] = 1.0
    ab[2, -2], ab[1, -1] = -1.0, 1.0 + h / k * dx
    rhs = np.zeros(n)
    rhs[0] = 100.0
    T = linalg.solve_banded((1, 1), ab, rhs)
    return k * (T[0] - T[1]) / dx


def thomas_in_place(a, b, c, d):
    n = len(d)
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    d[-1] /= b[-1]
    for i in reversed(range(n - 1)):
        d[i] = (d[i] - c[i] * d[i + 1]) / b[i]
    return d


def crank_nicolson_variable_coefficients(kappa):
    n = len(kappa)
    u = np.sin(np.pi * np.linspace(0, 1, n))
    face = 0.5 * (kappa[1:] + kappa[:-1])
    for _ in range(5):
        a, b, c = np.zeros(n), np.ones(n), np.zeros(n)
        flux = face * np.diff(u)
        rhs = u.copy()
        rhs[1:-1] += 0.5 * np.diff(flux)
        a[1:-1], c[1:-1] = -0.5 * face[:-1], -0.5 * face[1:]
        b[1:-1] += 0.5 * (face[:-1] + face[1:])
        u = thomas_in_place(a, b, c, rhs)
    return u


def pipe_network(p):
    q = np.full(2, 0.4)
    r = p[:3]
    for _ in range(12):
        residual = np.array([r[0] * q[0] * abs(q[0]) - r[1] * q[1] * abs(q[1]), q.sum() - p[3]])
        J = np.array([[2 * r[0] * abs(q[0]), -2 * r[1] * abs(q[1])], [1.0, 1.0]])
        q = q - np.linalg.solve(J, residual)
    return q[0] + r[2] * q[1] ** 2


def colebrook(p):
    reynolds, roughness = 1e4 * p[0], 1e-3 * p[1]
    f = 0.02
    while True:
        new = (-2 * np.log10(roughness / 3.7 + 2.51 / (reynolds * np.sqrt(f)))) ** -2
        if np.isclose(new, f, rtol=1e-15, atol=0):
            return new
        f = new


def dam_break(h0):
    h, q, dt, dx = h0.copy(), np.zeros_like(h0), 0.02, 0.1
    for _ in range(8):
        u = np.divide(q, h, out=np.zeros_like(q), where=h > 1e-8)
        F = np.stack([q, q * u + 4.9 * h**2])
        U = np.vstack((h, q))
        a = np.maximum(np.abs(u[1:]) + np.sqrt(9.8 * h[1:]), np.abs(u[:-1]) + np.sqrt(9.8 * h[:-1]))
        face = 0.5 * (F[:, 1:] + F[:, :-1]) - 0.5 * a * np.diff(U, axis=1)
        U[:, 1:-1] -= dt / dx * np.diff(face, axis=1)
        h, q = U
    return h


def shape_functions(nodes):
    gauss = np.array([-1, 1]) / np.sqrt(3)
    X = nodes.reshape(4, 2)
    area = inertia = 0.0
    for xi in gauss:
        for eta in gauss:
            N = 0.25 * np.array(
                [(1 - xi) * (1 - eta), (1 + xi) * (1 - eta), (1 + xi) * (1 + eta), (1 - xi) * (1 + eta)]
            )
            dN = 0.25 * np.array([[-(1 - eta), 1 - eta, 1 + eta, -(1 + eta)], [-(1 - xi), -(1 + xi), 1 + xi, 1 - xi]])
            J = dN @ X
            w = np.linalg.det(J)
            assert w > 0, f"inverted element, determinant {w:.3f}"
            area += w
            inertia += w * np.sum((N @ X) ** 2)
    return np.array([area, inertia])


def plastic_return_mapping(strain):
    E, H, sigma_y = 200.0, 10.0, 0.25
    plastic, alpha, stress = 0.0, 0.0, []
    for e in strain:
        trial = E * (e - plastic)
        f = abs(trial) - (sigma_y + H * alpha)
        if f > 0:
            dg = f / (E + H)
            plastic += dg * np.sign(trial)
            alpha += dg
            trial -= E * dg * np.sign(trial)
        stress.append(trial)
    return np.asarray(stress)


def newton_raphson_arch(load):
    u = np.array([0.05])
    for _ in range(15):
        internal = u - 1.5 * u**2 + 0.6 * u**3
        tangent = np.diag(1 - 3.0 * u + 1.8 * u**2)
        du = np.linalg.solve(tangent, load - internal)
        u += du
        if np.linalg.norm(du) < 1e-13:
            break
    return u


def antenna_array(phases):
    theta = np.linspace(-1.2, 1.2, 9)
    steering = np.exp(1j * np.pi * np.outer(np.sin(theta), np.arange(phases.size)))
    pattern = steering @ np.exp(1j * phases)
    return 10 * np.log10((pattern * pattern.conj()).real / phases.size + 1e-6)


def topology_filter(rho):
    field_ = rho.reshape(4, 5)
    padded = np.pad(field_, 1, mode="edge")
    weights = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1.0]])
    filtered = sum(weights[i, j] * padded[i : i + 4, j : j + 5] for i in range(3) for j in range(3)) / weights.sum()
    sharp = (np.tanh(2.0) + np.tanh(4 * (filtered - 0.5))) / (2 * np.tanh(2.0))
    return 1e-3 + sharp**3 * (1 - 1e-3)


rng = np.random.default_rng(0)
CASES = {
    truss: np.array([1.0, 1.2, 0.8, 0.9, 1.1]), cantilever: np.array([2.0, 1.5, 1.0, 1.0, 0.8, 0.6]),
    triangle_mesh_poisson: np.array([0.5, 0.1]), natural_frequencies: np.array([1.0, 1.2, 0.7, 3.0, 2.0, 1.5]),
    ladder_network: np.array([0.5, 0.3, 0.7]), nodal_analysis: rng.uniform(0.5, 2, 7), diode_clipper: np.array([1.0, 2.0]),
    multilayer_mirror: np.array([1.38, 2.3, 1.46, 2.1]), fabry_perot: np.array([3.0, 0.2, 0.6]),
    abcd_laser_cavity: np.array([1.0, 2.0, 1.5, 3.0]), pid_loop: np.array([3.0, 0.8, 0.9]),
    lqr_by_iteration: np.array([0.1, 0.05, 0.3]), lyapunov_gramian: np.array([0.7, 0.4]),
    frequency_response: np.array([1.2, 0.4, 0.3]), fin_heat_transfer: np.array([2.0, 0.8]),
    crank_nicolson_variable_coefficients: rng.uniform(0.3, 1, 9), pipe_network: np.array([1.0, 2.0, 0.5, 0.9]),
    colebrook: np.array([5.0, 2.0]), dam_break: np.array([2.0, 1.9, 2.1, 2.0, 1.0, 1.1, 0.9, 1.0]),
    shape_functions: np.array([0.0, 0, 1, 0.1, 1.1, 0.9, -0.1, 1]),
    plastic_return_mapping: np.array([0.0005, 0.001, 0.0018, 0.0025, 0.001, -0.0005, -0.002]),
    newton_raphson_arch: np.array([0.15]), antenna_array: rng.normal(size=6), topology_filter: rng.uniform(size=20),
}  # fmt: skip
OPTS = {plastic_return_mapping: {"h": 1e-6}, nodal_analysis: {"h": 1e-4}}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], **{"rtol": 3e-6, "h": 3e-4} | OPTS.get(f, {}))
