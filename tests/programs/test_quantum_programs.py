"""Programs of quantum and statistical physics, and of optics."""

import math

import numpy as np
import pytest
from numpy.fft import fft, ifft
from scipy import constants, integrate, linalg, special
from scipy.linalg import expm
from ways import every_way


def ground_state_by_imaginary_time(p):
    n = 32
    x = np.linspace(-6, 6, n, endpoint=False)
    dx = x[1] - x[0]
    k = 2 * np.pi * np.fft.fftfreq(n, dx)
    V = 0.5 * p[0] * x**2
    psi = np.exp(-(x**2)).astype(complex)
    dt = 0.05
    for _ in range(20):
        psi *= np.exp(-0.5 * dt * (V + p[1] * np.abs(psi) ** 2))
        psi = ifft(np.exp(-0.5 * dt * k**2) * fft(psi))
        psi *= np.exp(-0.5 * dt * (V + p[1] * np.abs(psi) ** 2))
        psi /= np.sqrt(np.sum(np.abs(psi) ** 2) * dx)
    kin = np.vdot(psi, ifft(0.5 * k**2 * fft(psi))).real * dx
    return kin + np.sum((V + 0.5 * p[1] * abs(psi) ** 2) * abs(psi) ** 2) * dx


def numerov_shooting(p):
    """Wave function at the far end as a function of energy, by Numerov."""
    n = 80
    x = np.linspace(-4, 4, n)
    h = x[1] - x[0]
    psi = np.zeros(n)
    psi[1] = 1e-4
    k2 = 2 * (p[0] - 0.5 * x**2 - p[1] * x**4)
    for i in range(1, n - 1):
        psi[i + 1] = (2 * (1 - 5 * h**2 * k2[i] / 12) * psi[i] - (1 + h**2 * k2[i - 1] / 12) * psi[i - 1]) / (
            1 + h**2 * k2[i + 1] / 12
        )
    psi /= np.sqrt(np.trapezoid(psi**2, x))
    return psi[-1], np.abs(psi[n // 2])


def spin_chain_evolution(p):
    """Heisenberg chain of four spins, kron products, evolution by expm."""
    sx = np.array([[0, 1], [1, 0]], dtype=complex)
    sy = np.array([[0, -1j], [1j, 0]])
    sz = np.diag([1.0 + 0j, -1.0])
    n = 3

    def op(m, i):
        out = np.array([[1.0 + 0j]])
        for k in range(n):
            out = np.kron(out, m if k == i else np.eye(2))
        return out

    H = np.zeros((2**n, 2**n), dtype=complex)
    for i in range(n - 1):
        for m, J in zip((sx, sy, sz), (p[0], p[0], p[1])):
            H += J * op(m, i) @ op(m, i + 1)
    for i in range(n):
        H += p[2] * op(sx, i)
    psi = np.zeros(2**n, complex)
    psi[0] = 1
    U = expm(-1j * H * 0.3)
    mags = []
    for _ in range(3):
        psi = U @ psi
        mags.append(np.real(psi.conj() @ op(sz, 1) @ psi))
    return np.array(mags)


def density_matrix_lindblad(p):
    sm = np.array([[0, 1], [0, 0]], complex)
    H = 0.5 * np.array([[p[0], p[1]], [p[1], -p[0]]])
    gamma = p[2]
    rho = np.array([[0, 0], [0, 1]], complex)

    def lind(rho):
        d = sm.conj().T @ sm
        return -1j * (H @ rho - rho @ H) + gamma * (sm @ rho @ sm.conj().T - 0.5 * (d @ rho + rho @ d))

    dt = 0.1
    for _ in range(12):
        k1 = lind(rho)
        k2 = lind(rho + 0.5 * dt * k1)
        k3 = lind(rho + 0.5 * dt * k2)
        k4 = lind(rho + dt * k3)
        rho += dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    purity = np.trace(rho @ rho).real
    ev = np.linalg.eigvalsh(rho)
    return purity, -np.sum(ev * np.log(ev))


def hydrogen_radial(p):
    """Radial functions by recurrence of Laguerre polynomials; expectation of r."""
    n, l = 3, 1
    Z = p[0]
    r = np.linspace(1e-6, 30, 300)
    rho = 2 * Z * r / n
    R = np.sqrt((2 * Z / n) ** 3 * math.factorial(n - l - 1) / (2 * n * math.factorial(n + l)))
    R = R * np.exp(-rho / 2) * rho**l * special.eval_genlaguerre(n - l - 1, 2 * l + 1, rho)
    return integrate.simpson(R**2 * r**3, x=r), integrate.trapezoid(np.abs(R) * p[1], r)


def transfer_matrix_quantum(p):
    """Transmission through two barriers, complex 2×2 matrices."""
    E, V0 = p
    widths = [0.5, 1.0, 0.5]
    pots = [V0, 0.0, V0]
    M = np.eye(2, dtype=complex)
    k_prev = np.sqrt(2 * E + 0j)
    k0 = k_prev
    for w, V in zip(widths, pots):
        k = np.sqrt(2 * (E - V) + 0j)
        D = 0.5 * np.array([[1 + k / k_prev, 1 - k / k_prev], [1 - k / k_prev, 1 + k / k_prev]])
        P = np.diag([np.exp(-1j * k * w), np.exp(1j * k * w)])
        M = M @ D @ P
        k_prev = k
    D = 0.5 * np.array([[1 + k0 / k_prev, 1 - k0 / k_prev], [1 - k0 / k_prev, 1 + k0 / k_prev]])
    M = M @ D
    return 1 / abs(M[0, 0]) ** 2


def ising_metropolis_fixed_noise(beta):
    """Annealed weights along a Metropolis walk with a fixed sequence of random numbers."""
    rng = np.random.default_rng(0)
    s = rng.choice([-1, 1], size=(6, 6))
    logw = 0.0
    for _ in range(60):
        i, j = rng.integers(0, 6, 2)
        nb = s[(i + 1) % 6, j] + s[i - 1, j] + s[i, (j + 1) % 6] + s[i, j - 1]
        dE = 2 * s[i, j] * nb
        a = np.exp(-beta * dE)
        if rng.random() < a:
            s[i, j] *= -1
            logw += np.log(min(1.0, a))
        else:
            logw += np.log(1 - min(1, a))
    return logw, beta * s.sum()


def partition_function_harmonic(T):
    kB = constants.k / constants.e
    levels = np.array([constants.hbar * 1e14 * (n + 0.5) / constants.e for n in range(12)])
    w = np.exp(-levels / (kB * T))
    Z = w.sum()
    U = np.average(levels, weights=w)
    C = (np.average(levels**2, weights=w) - U**2) / (kB * T**2)
    S = kB * np.log(Z) + U / T
    return U, C * 1e4, S * 1e4


def planck_spectrum(T):
    lam = np.linspace(0.2e-6, 5e-6, 60)
    h, c, k = constants.h, constants.c, constants.k
    B = 2 * h * c**2 / lam**5 / np.expm1(h * c / (lam * k * T))
    peak = lam[B.argmax()]
    total = np.trapezoid(B, lam)
    return total * 1e-6, peak * T, B[10] * 1e-12


def crank_nicolson_schroedinger(p):
    n = 24
    x = np.linspace(0, 1, n)
    dx, dt = x[1] - x[0], 1e-3
    V = p[0] * (np.abs(x - 0.6) < 0.1)
    psi = np.exp(-((x - 0.3) ** 2) / 0.01 + 1j * p[1] * x)
    psi[0] = psi[-1] = 0
    r = 1j * dt / (4 * dx**2)
    ab = np.zeros((3, n), complex)
    ab[0, 1:] = -r
    ab[1] = 1 + 2 * r + 0.5j * dt * V
    ab[2, :-1] = -r
    for _ in range(6):
        rhs = (1 - 2 * r - 0.5j * dt * V) * psi
        rhs[1:] += r * psi[:-1]
        rhs[:-1] += r * psi[1:]
        psi = linalg.solve_banded((1, 1), ab, rhs)
    return np.sum(np.abs(psi[n // 2 :]) ** 2) * dx


# fmt: off
CASES = {
    ground_state_by_imaginary_time: [np.array([1.0, 0.5]), np.array([2.0, 0.0])],
    numerov_shooting: [np.array([0.55, 0.01]), np.array([1.3, 0.02])],
    spin_chain_evolution: [np.array([1.0, 0.5, 0.3]), np.array([0.4, 1.2, 0.0])],
    density_matrix_lindblad: [np.array([1.0, 0.5, 0.3]), np.array([0.4, 1.2, 0.1])],
    hydrogen_radial: [np.array([1.0, 2.0]), np.array([1.7, 1.0])],
    transfer_matrix_quantum: [np.array([1.0, 2.0]), np.array([3.0, 1.0])],
    ising_metropolis_fixed_noise: [0.3, 0.6],
    partition_function_harmonic: [300.0, 900.0],
    planck_spectrum: [3000.0, 5800.0],
    crank_nicolson_schroedinger: [np.array([50.0, 10.0]), np.array([200.0, 30.0])],
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f])
