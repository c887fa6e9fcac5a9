"""Programs of optics and fields."""

from collections import namedtuple

import numpy as np
import pytest
from scipy import special
from ways import every_way


def gaussian_beam_abcd(p):
    lam = 1e-3
    q = 1j * np.pi * p[0] ** 2 / lam

    def lens(q, f):
        return q / (1 - q / f)

    for d, f in [(50.0, p[1]), (100.0, 80.0)]:
        q = lens(q + d, f)
    q = q + 30
    inv_q = 1 / q
    return np.sqrt(-lam / (np.pi * inv_q.imag)), 1 / inv_q.real


def jones_and_stokes(theta):
    def rot(a):
        return np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])

    qwp = np.array([[1, 0], [0, 1j]])
    E = np.array([1.0, 0.5 + 0.2j])
    E = rot(-theta) @ qwp @ rot(theta) @ E
    s = np.empty(4)
    s[0] = np.abs(E[0]) ** 2 + np.abs(E[1]) ** 2
    s[1] = np.abs(E[0]) ** 2 - np.abs(E[1]) ** 2
    s[2] = 2 * np.real(E[0] * np.conj(E[1]))
    s[3] = -2 * np.imag(E[0] * np.conj(E[1]))
    return s


def fresnel_propagation(p):
    n = 16
    x = (np.arange(n) - n // 2) * 0.1
    X, Y = np.meshgrid(x, x, indexing="ij")
    aperture = np.exp(-((X**2 + Y**2) / p[0] ** 2))
    aperture = aperture * np.exp(1j * p[1] * X)
    f = np.fft.fftshift(np.fft.fftfreq(n, 0.1))
    FX, FY = np.meshgrid(f, f)
    H = np.exp(-1j * np.pi * 0.05 * (FX**2 + FY**2))
    U = np.fft.ifftshift(np.fft.ifft2(np.fft.fft2(np.fft.fftshift(aperture)) * np.fft.fftshift(H)))
    return np.abs(U[n // 2, ::3]) ** 2, np.angle(U[8, 8])


def mie_small(x):
    """Efficiencies of a sphere from spherical Bessel functions."""
    m = 1.5
    nmax = 6
    n = np.arange(1, nmax + 1)
    jn, jp = special.spherical_jn(n, x), special.spherical_jn(n, x, derivative=True)
    yn, yp = special.spherical_yn(n, x), special.spherical_yn(n, x, derivative=True)
    jm, jmp = special.spherical_jn(n, m * x), special.spherical_jn(n, m * x, derivative=True)
    h = jn + 1j * yn
    dpsi, dxi = jn + x * jp, h + x * (jp + 1j * yp)
    dpsim = jm + m * x * jmp
    a = (m**2 * jm * dpsi - jn * dpsim) / (m**2 * jm * dxi - h * dpsim)
    b = (jm * dpsi - jn * dpsim) / (jm * dxi - h * dpsim)
    qext = 2 / x**2 * np.sum((2 * n + 1) * (a + b).real)
    qsca = 2 / x**2 * np.sum((2 * n + 1) * (np.abs(a) ** 2 + np.abs(b) ** 2))
    return qext, qsca


def snell_ray_trace(p):
    """Two spherical surfaces traced with vectors; distance of the ray at the screen."""
    Surface = namedtuple("Surface", "center radius n1 n2")
    surfaces = [Surface(np.array([p[0], 0.0]), p[0], 1.0, p[1]), Surface(np.array([-4.0, 0.0]), -4.6, p[1], 1.0)]
    hits = []
    for y in np.linspace(-0.4, 0.4, 4):
        o, d = np.array([-2.0, y]), np.array([1.0, 0.0])
        for s in surfaces:
            oc = o - s.center
            b, c = oc @ d, oc @ oc - s.radius**2
            disc = b * b - c
            if disc < 0:
                break
            t = -b - np.sign(s.radius) * np.sqrt(disc)
            o = o + t * d
            nrm = (o - s.center) / s.radius
            mu = s.n1 / s.n2
            cosi = -nrm @ d
            k = 1 - mu**2 * (1 - cosi**2)
            d = d + 2 * cosi * nrm if k < 0 else mu * d + (mu * cosi - np.sqrt(k)) * nrm
        hits.append(o[1] + d[1] / d[0] * (8.0 - o[0]))
    return np.std(hits), np.array(hits)


def spherical_harmonic_field(p):
    theta, phi = p
    total = 0
    for l in range(3):
        for m in range(-l, l + 1):
            total = total + (l + 1) * special.sph_harm_y(l, m, theta, phi)
    return total.real, total.imag


def multipole_by_legendre(p):
    r, ct = p[0], np.cos(p[1])
    P = [1.0, ct]
    for l in range(1, 6):
        P.append(((2 * l + 1) * ct * P[l] - l * P[l - 1]) / (l + 1))
    exact = 1 / np.sqrt(r**2 + 1 - 2 * r * ct)
    series = sum(Pl / r ** (l + 1) for l, Pl in enumerate(P))
    return series, exact, special.eval_legendre(4, ct), special.legendre(3)(ct)


# fmt: off
CASES = {
    gaussian_beam_abcd: [np.array([0.5, 100.0]), np.array([0.2, 60.0])],
    jones_and_stokes: [0.4, 1.1],
    fresnel_propagation: [np.array([0.5, 1.0]), np.array([0.3, -2.0])],
    mie_small: [1.3, 2.0],
    spherical_harmonic_field: [np.array([0.7, 0.4]), np.array([2.0, -1.0])],
    multipole_by_legendre: [np.array([2.0, 0.4]), np.array([3.0, 2.0])],
    snell_ray_trace: [np.array([3.0, 1.5]), np.array([2.5, 1.7])],
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f])
