"""Ordinary programs of partial differential equations and lattices."""

import numpy as np
import pytest
from check import check
from numpy.fft import fft, ifft

rng = np.random.default_rng(11)


def poisson_sor(source):
    u = np.zeros((5, 5))
    for sweep in range(4):
        for i in range(1, 4):
            for j in range(1, 4):
                new = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - source[i - 1, j - 1])
                u[i, j] += 1.3 * (new - u[i, j])
    return u


def red_black_gauss_seidel(u):
    u = u.copy()
    i, j = np.indices(u.shape)
    inner = (i > 0) & (j > 0) & (i < u.shape[0] - 1) & (j < u.shape[1] - 1)
    for _ in range(2):
        for colour in (0, 1):
            m = inner & ((i + j) % 2 == colour)
            mean = (np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1)) / 4
            u[m] = mean[m]
    return u


def burgers_lax_friedrichs(u):
    u = u.copy()
    dt, dx = 0.02, 0.2
    for _ in range(5):
        f = u**2 / 2
        left, right = np.roll(u, 1), np.roll(u, -1)
        u[:] = (left + right) / 2 - dt / (2 * dx) * (np.roll(f, -1) - np.roll(f, 1))
    return u


def minmod_advection(u):
    def minmod(a, b):
        return np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)

    for _ in range(3):
        slope = minmod(u - np.roll(u, 1), np.roll(u, -1) - u)
        flux = u + 0.5 * (1 - 0.4) * slope
        u = u - 0.4 * (flux - np.roll(flux, 1))
    return u


def wave_equation_spectral(u):
    k = np.fft.fftfreq(u.size, d=1 / u.size)
    U, V = fft(u), np.zeros(u.size, complex)
    for _ in range(5):
        V = V - 0.05 * k**2 * U
        U = U + 0.05 * V
    return ifft(U).real, (np.abs(U) ** 2).sum()


def crank_nicolson(u):
    n = u.size
    L = -2 * np.eye(n) + np.eye(n, k=1) + np.eye(n, k=-1)
    A, B = np.eye(n) - 0.2 * L, np.eye(n) + 0.2 * L
    for _ in range(4):
        u = np.linalg.solve(A, B @ u + 0.01 * u**2)
    return u


def lattice_boltzmann(rho):
    c = np.array([0, 1, -1])
    w = np.array([2 / 3, 1 / 6, 1 / 6])
    f = w[:, None] * rho
    for _ in range(4):
        density = f.sum(axis=0)
        velocity = (c[:, None] * f).sum(axis=0) / density
        for i in range(3):
            eq = w[i] * density * (1 + 3 * c[i] * velocity + 3 * velocity**2 * (c[i] ** 2 - 0.5))
            f[i] += (eq - f[i]) / 0.8
            f[i] = np.roll(f[i], c[i])
    return f.sum(axis=0)


def ising_partition(p):
    J, h = p
    states = np.array([[2 * ((s >> b) & 1) - 1 for b in range(4)] for s in range(16)])
    E = -J * np.sum(states * np.roll(states, 1, axis=1), axis=1) - h * states.sum(1)
    weights = np.exp(-E)
    Z = weights.sum()
    return np.log(Z), weights @ np.abs(states.sum(axis=1)) / Z


def reaction_diffusion(p):
    feed, kill = p
    U, V = np.ones((4, 4)), np.zeros((4, 4))
    U[1:3, 1:3], V[1:3, 1:3] = 0.5, 0.25
    V[1, 2] += 0.1
    laplacian = lambda Z: sum(np.roll(Z, s, a) for s in (1, -1) for a in (0, 1)) - 4 * Z
    for _ in range(6):
        uvv = U * V * V
        U += 0.16 * laplacian(U) - uvv + feed * (1 - U)
        V += 0.08 * laplacian(V) + uvv - (feed + kill) * V
    return U, V


X8, X16 = rng.normal(size=8), rng.normal(size=16)
IMAGE = rng.normal(size=(5, 6))
CASES = {
    poisson_sor: IMAGE[:3, :3], red_black_gauss_seidel: IMAGE, burgers_lax_friedrichs: X8, minmod_advection: X8,
    wave_equation_spectral: X8, crank_nicolson: X8, lattice_boltzmann: 1 + 0.1 * X8,
    ising_partition: np.array([0.3, 0.1]), reaction_diffusion: np.array([0.055, 0.062]),
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=2e-6, h=3e-4)
