"""Programs of chemists and biologists."""

import functools
import math
import operator
import random
from collections import OrderedDict

import numpy as np
import numpy.linalg as la
import pytest
from scipy import constants
from scipy.optimize import brentq
from ways import every_way


def gillespie_fixed_draws(k):
    """Log likelihood of one path of a birth-death process."""
    rng = random.Random(3)
    n, t, logp = 5, 0.0, 0.0
    while t < 1.0:
        rates = [k[0], k[1] * n]
        total = sum(rates)
        dt = rng.expovariate(8.0)
        logp += -total * dt
        t += dt
        r = rng.random() * total
        if r < rates[0]:
            logp += math.log(rates[0])
            n += 1
        else:
            logp += math.log(rates[1])
            n -= 1
        if n == 0:
            break
    return logp


def michaelis_menten_fit_residual(p):
    S = np.array([0.1, 0.5, 1, 2, 5, 10])
    v = np.array([0.09, 0.33, 0.5, 0.67, 0.83, 0.91])
    Vmax, Km, n = p
    pred = Vmax * S**n / (Km**n + S**n)
    return np.sqrt(np.mean((v - pred) ** 2)), 1 - np.sum((v - pred) ** 2) / np.sum((v - v.mean()) ** 2)


def hodgkin_huxley(p):
    gna, gk, I = p
    V, m, h, n = -65.0, 0.05, 0.6, 0.32
    dt = 0.02
    trace = np.zeros(40)
    for i in range(40):
        am = 0.1 * (V + 40) / (1 - math.exp(-(V + 40) / 10)) if abs(V + 40) > 1e-7 else 1.0
        bm = 4 * math.exp(-(V + 65) / 18)
        ah = 0.07 * math.exp(-(V + 65) / 20)
        bh = 1 / (1 + math.exp(-(V + 35) / 10))
        an = 0.01 * (V + 55) / (1 - math.exp(-(V + 55) / 10))
        bn = 0.125 * math.exp(-(V + 65) / 80)
        m += dt * (am * (1 - m) - bm * m)
        h += dt * (ah * (1 - h) - bh * h)
        n += dt * (an * (1 - n) - bn * n)
        ion = gna * m**3 * h * (V - 50) + gk * n**4 * (V + 77) + 0.3 * (V + 54.4)
        V += dt * (I - ion)
        trace[i] = V
    return trace[[9, 39]], trace.max()


def integrate_and_fire(p):
    V, spikes = 0.0, []
    dt = 0.1
    for k in range(60):
        dV = (-V + p[0]) / p[1]
        Vn = V + dt * dV
        if Vn >= 1.0:
            frac = (1.0 - V) / (Vn - V)
            spikes.append((k + frac) * dt)
            V = 0.0
        else:
            V = Vn
    isi = np.diff(spikes)
    return np.mean(isi) + spikes[0] if len(isi) else V


def leslie_matrix_growth(p):
    L = np.zeros((4, 4))
    L[0] = [0, p[0], p[1], 0.5]
    for i, s in enumerate((0.6, 0.7, p[2])):
        L[i + 1, i] = s
    n = np.array([100.0, 50, 20, 5])
    for _ in range(15):
        n = L @ n
    lam = np.max(np.real(la.eigvals(L)))
    return np.log(n.sum()), lam, n / n.sum()


def needleman_wunsch_soft(p):
    a, b = "GATTACA", "GCATGCU"
    match, mismatch, gap = p
    F = np.zeros((len(a) + 1, len(b) + 1))
    for i in range(len(a) + 1):
        F[i][0] = gap * i
    for j in range(len(b) + 1):
        F[0][j] = gap * j
    for i, ca in enumerate(a, 1):
        for j, cb in enumerate(b, 1):
            s = match if ca == cb else mismatch
            F[i][j] = max(F[i - 1][j - 1] + s, F[i - 1][j] + gap, F[i][j - 1] + gap)
    return F[-1, -1]


def felsenstein_pruning(t):
    """Likelihood of a tree of four leaves under Jukes-Cantor."""
    tree = (("A", "C", 0), ("A", "G", 1))

    def P(d):
        e = np.exp(-4 * d / 3)
        return np.full((4, 4), 0.25 * (1 - e)) + np.eye(4) * e

    idx = {c: i for i, c in enumerate("ACGT")}

    def leaf(c):
        v = np.zeros(4)
        v[idx[c]] = 1.0
        return v

    parts = [(P(t[k]) @ leaf(l)) * (P(t[k + 2]) @ leaf(r)) for l, r, k in tree]
    root = functools.reduce(operator.mul, [P(t[4]) @ v for v in parts])
    return np.log(0.25 * root.sum())


def seir_with_interventions(p):
    beta0, sigma, gamma = p
    pop = {"S": 0.99, "E": 0.005, "I": 0.005, "R": 0.0}
    schedule = OrderedDict([(0, 1.0), (20, 0.4), (40, 0.8)])
    peak, log = 0, []
    for day in range(60):
        factor = [v for d, v in schedule.items() if d <= day][-1]
        new_e = beta0 * factor * pop["S"] * pop["I"]
        new_i, new_r = sigma * pop["E"], gamma * pop["I"]
        pop = {
            "S": pop["S"] - new_e,
            "E": pop["E"] + new_e - new_i,
            "I": pop["I"] + new_i - new_r,
            "R": pop["R"] + new_r,
        }
        log.append(pop["I"])
        peak = max(peak, pop["I"])
    return peak, sum(log), dict(pop)["R"]


def ph_titration(p):
    Ka, Ca, Vb = 10 ** -p[0], p[1], p[2]
    Kw = 1e-14

    def charge(pH):
        h = 10**-pH
        return h + 0.1 * Vb / (50 + Vb) - Kw / h - Ca * 50 / (50 + Vb) * Ka / (Ka + h)

    return brentq(charge, 0, 14)


def ideal_to_real_gas(p):
    """Peng-Robinson compressibility by the cubic's largest real root."""
    T, P = p[0] * 300, p[1] * 1e6
    Tc, Pc, w = 190.6, 4.6e6, 0.012
    R = constants.R
    k = 0.37464 + 1.54226 * w - 0.26992 * w**2
    alpha = (1 + k * (1 - np.sqrt(T / Tc))) ** 2
    A = 0.45724 * alpha * (R * Tc) ** 2 / Pc * P / (R * T) ** 2
    B = 0.0778 * R * Tc / Pc * P / (R * T)
    roots = np.roots([1, -(1 - B), A - 3 * B**2 - 2 * B, -(A * B - B**2 - B**3)])
    Z = max(r.real for r in roots if abs(r.imag) < 1e-8)
    return Z


def huckel_orbitals(p):
    n = 6
    H = np.zeros((n, n))
    for i in range(n):
        H[i, (i + 1) % n] = H[(i + 1) % n, i] = p[0] if i % 2 else p[1]
    H[0, 0] = p[2]
    e, C = la.eigh(H)
    occ = [2, 2, 2, 0, 0, 0]
    dens = sum(o * np.outer(C[:, i], C[:, i]) for i, o in enumerate(occ))
    return np.dot(occ, e), np.diag(dens), dens[0, 1]


def vibrational_partition(p):
    nus = np.array([3657.0, 1595, 3756]) * p[1]
    h, c, k = constants.h, constants.c * 100, constants.k
    x = h * c * nus / (k * p[0])
    q = np.prod(1 / (-np.expm1(-x)))
    cv = constants.R * np.sum(x**2 * np.exp(x) / np.expm1(x) ** 2)
    return np.log(q), cv


# fmt: off
CASES = {
    gillespie_fixed_draws: [np.array([4.0, 1.0]), np.array([2.0, 0.5])],
    michaelis_menten_fit_residual: [np.array([1.0, 1.0, 1.1]), np.array([0.8, 0.7, 1.5])],
    hodgkin_huxley: [np.array([120.0, 36.0, 10.0]), np.array([100.0, 30.0, 20.0])],
    leslie_matrix_growth: [np.array([1.2, 1.5, 0.4]), np.array([0.8, 2.0, 0.6])],
    needleman_wunsch_soft: [np.array([1.0, -1.1, -1.3]), np.array([2.0, -0.5, -0.7])],
    felsenstein_pruning: [np.array([0.1, 0.2, 0.15, 0.3, 0.1]), np.array([0.3, 0.1, 0.25, 0.2, 0.5])],
    seir_with_interventions: [np.array([0.6, 0.3, 0.15]), np.array([0.9, 0.25, 0.2])],
    ph_titration: [np.array([4.76, 0.1, 20.0]), np.array([6.0, 0.1, 40.0])],
    ideal_to_real_gas: [np.array([1.0, 3.0]), np.array([0.7, 1.0])],
    huckel_orbitals: [np.array([-1.0, -1.3, 0.2]), np.array([-0.8, -1.1, -0.4])],
    vibrational_partition: [np.array([800.0, 1.0]), np.array([1500.0, 0.9])],
    integrate_and_fire: [np.array([1.5, 1.0]), np.array([1.2, 0.8]), np.array([0.5, 1.0])],
}
OPTIONS = {
    seir_with_interventions: {"h": 1e-5, "rtol": 1e-6},
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f], **OPTIONS.get(f, {}))
