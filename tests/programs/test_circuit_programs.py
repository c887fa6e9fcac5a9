"""Programs of electrical, civil and thermal engineers."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import constants
from scipy.integrate import odeint
from scipy.optimize import newton
from ways import every_way


class Component(ABC):
    @abstractmethod
    def impedance(self, w): ...

    def __or__(self, other):
        return Parallel(self, other)

    def __add__(self, other):
        return Series(self, other)


@dataclass
class Resistor(Component):
    value: float

    def impedance(self, w):
        return self.value + 0j


@dataclass
class Capacitor(Component):
    value: float

    def impedance(self, w):
        return 1 / (1j * w * self.value)


@dataclass
class Inductor(Component):
    value: float

    def impedance(self, w):
        return 1j * w * self.value


class Series(Component):
    def __init__(self, *parts):
        self.parts = parts

    def impedance(self, w):
        return sum(p.impedance(w) for p in self.parts)


class Parallel(Series):
    def impedance(self, w):
        return 1 / sum(1 / p.impedance(w) for p in self.parts)


def impedance_objects(p):
    net = Resistor(p[0]) + (Capacitor(p[1]) | (Resistor(p[2]) + Inductor(0.3)))
    Z = np.array([net.impedance(w) for w in (0.5, 1.0, 3.0)])
    return np.abs(Z), np.degrees(np.angle(Z)), 20 * np.log10(abs(1 / (1 + Z)))


def transmission_line_smith(p):
    Z0, ZL = 50.0, complex(p[0], p[1])
    gamma = (ZL - Z0) / (ZL + Z0)
    vswr = (1 + abs(gamma)) / (1 - abs(gamma))
    beta_l = 2 * math.pi * p[2]
    Zin = Z0 * (ZL + 1j * Z0 * math.tan(beta_l)) / (Z0 + 1j * ZL * math.tan(beta_l))
    return vswr, Zin.real, Zin.imag, -20 * math.log10(abs(gamma))


def three_phase_power(p):
    a = np.exp(2j * np.pi / 3)
    V = p[0] * np.array([1, a**2, a])
    Z = np.array([p[1] + 1j, p[1] + 2j, 3 + p[2] * 1j])
    Vn = np.sum(V / Z) / np.sum(1 / Z)
    I = (V - Vn) / Z
    S = (V - Vn) * I.conj()
    Fm = np.array([[1, 1, 1], [1, a, a**2], [1, a**2, a]]) / 3
    seq = Fm @ I
    return S.sum().real, S.sum().imag, np.abs(seq)


def power_flow_newton(p):
    Y = np.array([[3 - 9j, -1 + 3j, -2 + 6j], [-1 + 3j, 2 - 6j, -1 + 3j], [-2 + 6j, -1 + 3j, 3 - 9j]])
    P, Q = np.array([-p[0], -p[1]]), np.array([-0.2, -p[2]])
    th, Vm = np.zeros(3), np.ones(3)
    for _ in range(12):
        V = Vm * np.exp(1j * th)
        S = V * np.conj(Y @ V)
        mis = np.concatenate([P - S.real[1:], Q - S.imag[1:]])
        if np.max(np.abs(mis)) < 1e-12:
            break
        dSth = 1j * np.diag(V) @ np.conj(np.diag(Y @ V) - Y @ np.diag(V))
        dSV = np.diag(V) @ np.conj(Y @ np.diag(V / Vm)) + np.diag(np.conj(Y @ V)) @ np.diag(V / Vm)
        J = np.block([[dSth[1:, 1:].real, dSV[1:, 1:].real], [dSth[1:, 1:].imag, dSV[1:, 1:].imag]])
        dx = np.linalg.solve(J, mis)
        th[1:] += dx[:2]
        Vm[1:] += dx[2:]
    return th, Vm


def manning_normal_depth(p):
    Q, slope, b = p
    area = lambda y: b * y + 1.5 * y**2
    perim = lambda y: b + 2 * y * math.sqrt(1 + 1.5**2)
    g = lambda y: area(y) ** (5 / 3) / perim(y) ** (2 / 3) * math.sqrt(slope) / 0.03 - Q
    y = newton(g, 1.0)
    return y, Q / area(y) / math.sqrt(9.81 * y)


def slope_stability_bishop(p):
    c, phi, gamma = p[0], math.radians(p[1] * 20), p[2] * 18
    alphas = np.radians(np.linspace(-20, 50, 8))
    heights = np.interp(np.linspace(0, 1, 8), [0, 0.5, 1], [1, 6, 1])
    W = gamma * heights * 1.5
    FS = 1.0
    for i in range(100):
        m = np.cos(alphas) + np.sin(alphas) * math.tan(phi) / FS
        new = np.sum((c * 1.5 + W * math.tan(phi)) / m) / np.sum(W * np.sin(alphas))
        if abs(new - FS) < 1e-13:
            break
        FS = new
    return FS


def consolidation_terzaghi(p):
    cv, H = p
    Tv = cv * 1.0 / H**2
    U = 1.0
    m = 0
    while True:
        M = math.pi / 2 * (2 * m + 1)
        term = 2 / M**2 * math.exp(-(M**2) * Tv)
        U -= term
        m += 1
        if term < 1e-15 or m > 50:
            return U


def odeint_pendulum(p):
    def deriv(y, t, b, c):
        theta, omega = y
        return [omega, -b * omega - c * np.sin(theta)]

    t = np.linspace(0, 2, 5)
    sol = odeint(deriv, [np.pi - 0.5, 0.0], t, args=(p[0], p[1]), rtol=1e-10, atol=1e-10)
    return sol[:, 0]


def heat_exchanger_ntu(p):
    U, A, Ch, Cc = p
    Cmin, Cmax = min(Ch, Cc), max(Ch, Cc)
    Cr = Cmin / Cmax
    NTU = U * A / Cmin
    eff = (1 - np.exp(-NTU * (1 - Cr))) / (1 - Cr * np.exp(-NTU * (1 - Cr))) if Cr != 1 else NTU / (1 + NTU)
    q = eff * Cmin * (90 - 20)
    Th, Tc = 90 - q / Ch, 20 + q / Cc
    dt1, dt2 = 90 - Tc, Th - 20
    lmtd = (dt1 - dt2) / math.log(dt1 / dt2) if not math.isclose(dt1, dt2) else dt1
    return q, lmtd, q / (U * A * lmtd)


def radiation_network(p):
    sigma = constants.sigma
    T = np.array([p[0] * 500, 400.0, 300.0])
    eps = np.array([p[1], 0.6, 0.9])
    F = np.array([[0, 0.4, 0.6], [0.4, 0, 0.6], [0.3, 0.3, 0.4]])
    Eb = sigma * T**4
    A = np.eye(3) - np.diag(1 - eps) @ F
    J = np.linalg.solve(A, eps * Eb)
    return J - F @ J


# fmt: off
CASES = {
    impedance_objects: [np.array([1.0, 0.5, 2.0]), np.array([0.3, 1.5, 0.7])],
    transmission_line_smith: [np.array([75.0, 20.0, 0.1]), np.array([30.0, -40.0, 0.31])],
    three_phase_power: [np.array([230.0, 10.0, 4.0]), np.array([120.0, 5.0, 8.0])],
    power_flow_newton: [np.array([0.5, 0.4, 0.1]), np.array([0.2, 0.7, 0.3])],
    manning_normal_depth: [np.array([10.0, 0.1, 3.0]), np.array([20.0, 0.2, 4.0])],
    slope_stability_bishop: [np.array([10.0, 1.0, 1.0]), np.array([5.0, 1.3, 1.1])],
    consolidation_terzaghi: [np.array([0.3, 1.0]), np.array([0.1, 1.3])],
    heat_exchanger_ntu: [np.array([0.5, 4.0, 2.0, 3.0]), np.array([0.8, 5.0, 3.0, 2.0])],
    radiation_network: [np.array([1.0, 0.8]), np.array([1.2, 0.5])],
    odeint_pendulum: [np.array([0.25, 5.0]), np.array([0.5, 3.0])],
}
OPTIONS = {
    odeint_pendulum: {"order": 1, "compiled": False},
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f], **OPTIONS.get(f, {}))
