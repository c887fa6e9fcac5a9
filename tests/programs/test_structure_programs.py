"""Programs of structural and mechanical engineers."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from scipy import integrate, linalg
from ways import every_way


@dataclass
class Node:
    x: float
    y: float
    fixed: bool = False


@dataclass
class Bar:
    i: int
    j: int
    area: float = 1.0


def plane_truss(p):
    E, A, load = 210.0 * p[0], p[1], p[2]
    nodes = [Node(0, 0, True), Node(1, 0), Node(2, 0, True), Node(0.5, 0.9), Node(1.5, 0.9)]
    bars = [Bar(0, 1, A), Bar(1, 2, A), Bar(0, 3), Bar(3, 1), Bar(1, 4), Bar(4, 2), Bar(3, 4, A)]
    ndof = 2 * len(nodes)
    K = np.zeros((ndof, ndof))
    for b in bars:
        a, c = nodes[b.i], nodes[b.j]
        L = math.hypot(c.x - a.x, c.y - a.y)
        cs, sn = (c.x - a.x) / L, (c.y - a.y) / L
        T = np.array([[cs, sn, 0, 0], [0, 0, cs, sn]])
        ke = T.T @ (E * b.area / L * np.array([[1, -1], [-1, 1]])) @ T
        dofs = [2 * b.i, 2 * b.i + 1, 2 * b.j, 2 * b.j + 1]
        K[np.ix_(dofs, dofs)] += ke
    free = [d for n, nd in enumerate(nodes) if not nd.fixed for d in (2 * n, 2 * n + 1)]
    F = np.zeros(ndof)
    F[3] = -load
    u = np.zeros(ndof)
    u[free] = np.linalg.solve(K[np.ix_(free, free)], F[free])
    reactions = K @ u - F
    return u[3], reactions[[0, 1, 4, 5]]


def frame_buckling(p):
    """Lowest buckling load of a column of beam elements with a stepped stiffness."""
    n = 6
    h = 1.0 / n
    K = np.zeros((2 * n + 2, 2 * n + 2))
    G = np.zeros_like(K)
    for e in range(n):
        EI = p[0] if e < n // 2 else p[1]
        ke = (
            EI
            / h**3
            * np.array(
                [
                    [12, 6 * h, -12, 6 * h],
                    [6 * h, 4 * h**2, -6 * h, 2 * h**2],
                    [-12, -6 * h, 12, -6 * h],
                    [6 * h, 2 * h**2, -6 * h, 4 * h**2],
                ]
            )
        )
        ge = (
            1
            / (30 * h)
            * np.array(
                [
                    [36, 3 * h, -36, 3 * h],
                    [3 * h, 4 * h**2, -3 * h, -(h**2)],
                    [-36, -3 * h, 36, -3 * h],
                    [3 * h, -(h**2), -3 * h, 4 * h**2],
                ]
            )
        )
        s = slice(2 * e, 2 * e + 4)
        K[s, s] += ke
        G[s, s] += ge
    keep = np.setdiff1d(np.arange(2 * n + 2), [0, 2 * n])
    Kr, Gr = K[np.ix_(keep, keep)], G[np.ix_(keep, keep)]
    w = linalg.eigh(Kr, Gr, eigvals_only=True)
    return w[0], np.sqrt(w[:3])


def q4_plane_stress(p):
    """Four-node quadrilateral with 2×2 Gauss points, assembled on a 2×2 mesh that is distorted."""
    E, nu, dx = p
    D = E / (1 - nu**2) * np.array([[1, nu, 0], [nu, 1, 0], [0, 0, (1 - nu) / 2]])
    xs, ys = np.meshgrid(np.linspace(0, 2, 3), np.linspace(0, 1, 3))
    coords = np.column_stack([xs.ravel(), ys.ravel()])
    coords = coords.astype(float)
    coords[4] += [dx, 0.5 * dx]
    conn = [[0, 1, 4, 3], [1, 2, 5, 4], [3, 4, 7, 6], [4, 5, 8, 7]]
    g = 1 / np.sqrt(3)
    K = np.zeros((18, 18))
    for el in conn:
        X = coords[el]
        ke = np.zeros((8, 8))
        for xi, eta in product((-g, g), repeat=2):
            dN = 0.25 * np.array([[-(1 - eta), 1 - eta, 1 + eta, -(1 + eta)], [-(1 - xi), -(1 + xi), 1 + xi, 1 - xi]])
            J = dN @ X
            dNdx = np.linalg.inv(J) @ dN
            B = np.zeros((3, 8))
            B[0, 0::2] = dNdx[0]
            B[1, 1::2] = dNdx[1]
            B[2, 0::2], B[2, 1::2] = dNdx[1], dNdx[0]
            ke += B.T @ D @ B * np.linalg.det(J)
        dofs = np.ravel([[2 * n, 2 * n + 1] for n in el])
        for a, A in enumerate(dofs):
            for b, Bd in enumerate(dofs):
                K[A, Bd] += ke[a, b]
    fixed = np.r_[0, 1, 6, 7, 12, 13]
    free = np.delete(np.arange(18), fixed)
    f = np.zeros(18)
    f[[5, 17]] = 0.5
    f[11] = 1.0
    u = np.zeros(18)
    u[free] = linalg.solve(K[free][:, free], f[free], assume_a="pos")
    return f @ u


def heat_1d_newton(p):
    """Nonlinear conduction k(T) T' with a banded Jacobian assembled by hand, until converged."""
    n = 12
    k0, beta, q = p
    T = np.ones(n)
    dx = 1 / (n - 1)
    for it in range(30):
        k = k0 * (1 + beta * T)
        km = 0.5 * (k[1:] + k[:-1])
        R = np.zeros(n)
        R[1:-1] = (km[1:] * (T[2:] - T[1:-1]) - km[:-1] * (T[1:-1] - T[:-2])) / dx**2 + q
        R[0], R[-1] = T[0] - 1.0, T[-1] - 2.0
        J = np.zeros((n, n))
        i = np.arange(1, n - 1)
        J[i, i - 1] = km[:-1] / dx**2 - 0.5 * k0 * beta * (T[i] - T[i - 1]) / dx**2
        J[i, i + 1] = km[1:] / dx**2 + 0.5 * k0 * beta * (T[i + 1] - T[i]) / dx**2
        J[i, i] = -(km[1:] + km[:-1]) / dx**2 + 0.5 * k0 * beta * (T[i + 1] - 2 * T[i] + T[i - 1]) / dx**2
        J[0, 0] = J[-1, -1] = 1
        dT = np.linalg.solve(J, -R)
        T += dT
        if np.linalg.norm(dT) < 1e-12:
            break
    return T


def lu_crout(p):
    n = 5
    A = np.fromfunction(lambda i, j: 1.0 / (1 + abs(i - j)), (n, n)) + np.diag(p)
    L, U = np.zeros((n, n)), np.eye(n)
    for j in range(n):
        for i in range(j, n):
            L[i, j] = A[i, j] - sum(L[i, k] * U[k, j] for k in range(j))
        for i in range(j + 1, n):
            U[j, i] = (A[j, i] - np.dot(L[j, :j], U[:j, i])) / L[j, j]
    y = np.empty(n)
    b = np.arange(1.0, n + 1)
    for i in range(n):
        y[i] = (b[i] - L[i, :i] @ y[:i]) / L[i, i]
    x = np.empty(n)
    for i in reversed(range(n)):
        x[i] = y[i] - U[i, i + 1 :] @ x[i + 1 :]
    return x, np.prod(np.diag(L))


def newmark_beta(p):
    m = np.diag([p[0], p[1], 1.0])
    k = np.array([[2.0, -1, 0], [-1, 2, -1], [0, -1, 1]]) * p[2]
    c = 0.02 * k + 0.1 * m
    dt, beta, gamma, steps = 0.1, 0.25, 0.5, 15
    u, v = np.zeros((steps, 3)), np.zeros((steps, 3))
    a = np.zeros((steps, 3))
    force = lambda t: np.array([0, 0, np.sin(2 * t)])
    a[0] = np.linalg.solve(m, force(0) - c @ v[0] - k @ u[0])
    keff = k + gamma / (beta * dt) * c + m / (beta * dt**2)
    lu = linalg.lu_factor(keff)
    for i in range(1, steps):
        rhs = force(i * dt)
        rhs = rhs + m @ (u[i - 1] / (beta * dt**2) + v[i - 1] / (beta * dt) + (1 / (2 * beta) - 1) * a[i - 1])
        rhs += c @ (
            gamma / (beta * dt) * u[i - 1] + (gamma / beta - 1) * v[i - 1] + dt / 2 * (gamma / beta - 2) * a[i - 1]
        )
        u[i] = linalg.lu_solve(lu, rhs)
        a[i] = (u[i] - u[i - 1]) / (beta * dt**2) - v[i - 1] / (beta * dt) - (1 / (2 * beta) - 1) * a[i - 1]
        v[i] = v[i - 1] + dt * ((1 - gamma) * a[i - 1] + gamma * a[i])
    return u[-1], np.abs(u).max(axis=0)


def beam_deflection_integrated(p):
    """Shear, moment, slope and deflection by cumulative trapezoids; fixed-free beam with point loads."""
    x = np.linspace(0, 3, 61)
    w = p[0] * x + np.where(x > 1.5, p[1], 0.0)
    V = integrate.cumulative_trapezoid(w[::-1], x, initial=0)[::-1]
    M = -integrate.cumulative_trapezoid(V[::-1], x, initial=0)[::-1]
    EI = p[2] * (1 + 0.2 * x)
    theta = integrate.cumulative_trapezoid(M / EI, x, initial=0)
    y = integrate.cumulative_simpson(theta, x=x, initial=0)
    return y[-1], np.max(np.abs(M)), np.interp(1.234, x, y)


def mohr_circle(s):
    sx, sy, sz, txy, tyz, tzx = s
    S = np.array([[sx, txy, tzx], [txy, sy, tyz], [tzx, tyz, sz]])
    p3, p2, p1 = np.linalg.eigvalsh(S)
    dev = S - np.trace(S) / 3 * np.eye(3)
    J2 = 0.5 * np.sum(dev * dev)
    J3 = np.linalg.det(dev)
    lode = np.arccos(np.clip(3 * np.sqrt(3) / 2 * J3 / J2**1.5, -1, 1)) / 3
    tresca = max(abs(p1 - p2), abs(p2 - p3), abs(p1 - p3))
    return tresca, np.sqrt(3 * J2), lode


def composite_laminate(p):
    """ABD matrix of a laminate and its curvature."""
    E1, E2, nu12, G12 = 140.0, 10.0, 0.3, 5.0
    nu21 = nu12 * E2 / E1
    Q = np.array([[E1, nu12 * E2, 0], [nu12 * E2, E2, 0], [0, 0, G12 * (1 - nu12 * nu21)]]) / (1 - nu12 * nu21)
    R = np.diag([1.0, 1.0, 2.0])
    A = B = D = 0
    z = -0.5
    t = 1.0 / len(p)
    for theta in p:
        c, s = np.cos(theta), np.sin(theta)
        T = np.array([[c * c, s * s, 2 * s * c], [s * s, c * c, -2 * s * c], [-s * c, s * c, c * c - s * s]])
        Qb = np.linalg.inv(T) @ Q @ R @ T @ np.linalg.inv(R)
        A = A + Qb * t
        B = B + Qb * ((z + t) ** 2 - z**2) / 2
        D = D + Qb * ((z + t) ** 3 - z**3) / 3
        z += t
    ABD = np.block([[A, B], [B, D]])
    return np.linalg.solve(ABD, [1.0, 0, 0, 0, 0.1, 0])


# fmt: off
CASES = {
    plane_truss: [np.array([1.0, 2.0, 3.0]), np.array([0.7, 1.0, -2.0])],
    frame_buckling: [np.array([1.0, 0.5]), np.array([0.3, 2.0])],
    q4_plane_stress: [np.array([10.0, 0.3, 0.1]), np.array([7.0, 0.2, -0.15])],
    heat_1d_newton: [np.array([1.0, 0.5, 3.0]), np.array([1.0, 0.0, 1.0]), np.array([2.0, 1.5, 9.0])],
    lu_crout: [np.array([2.0, 3, 1.5, 2.5, 4]), np.array([5.0, 1, 3, 2, 1.2])],
    newmark_beta: [np.array([1.0, 2.0, 5.0]), np.array([0.5, 0.7, 9.0])],
    beam_deflection_integrated: [np.array([1.0, 2.0, 5.0]), np.array([-1.0, 1.0, 2.0])],
    mohr_circle: [np.array([3.0, 1, -2, 0.5, 0.7, -0.3]), np.array([-1.0, 4, 2, 1.5, 0.2, 0.3])],
    composite_laminate: [np.array([0.1, 0.8, -0.7, 1.5]), np.array([0.0, 0.5, 0.5, 0.0])],
}
OPTIONS = {
    q4_plane_stress: {"order": 1},
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f], **OPTIONS.get(f, {}))
