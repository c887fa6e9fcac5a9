"""Scientists' programs: bodies, chemistry, lattices, fields, waves, images, robots, money and nets."""

import math
from collections import deque, namedtuple
from functools import cache

import numpy as np
import pytest
from check import check
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from scipy import fft, ndimage, signal, special
from scipy.linalg import expm

rng = np.random.default_rng(21)


def brusselator_rk4(p):
    def rhs(_, y):
        x, z = y
        return np.array([p[0] - (p[1] + 1) * x + x**2 * z, p[1] * x - x**2 * z])

    y, h = np.array([1.2, 2.9]), 0.1
    for n in range(8):
        t = n * h
        k1 = rhs(t, y)
        k2 = rhs(t + h / 2, y + h / 2 * k1)
        k3 = rhs(t + h / 2, y + h / 2 * k2)
        k4 = rhs(t + h, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


def dormand_prince_step(p):
    c = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1]
    a = [
        [],
        [1 / 5],
        [3 / 40, 9 / 40],
        [44 / 45, -56 / 15, 32 / 9],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    ]
    b = np.array([35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84])
    y, t, h = p[:2], 0.0, 0.2
    while t < 0.6 - 1e-12:
        k = []
        for ci, row in zip(c, a, strict=True):
            stage = y + h * sum((aij * kj for aij, kj in zip(row, k, strict=True)), np.zeros(2))
            k.append(np.array([stage[1], -np.sin(stage[0]) * p[2] - 0.1 * (t + ci * h)]))
        y = y + h * b @ np.array(k)
        t += h
    return y


Reaction = namedtuple("Reaction", "rate reactants products")


def mass_action_network(k):
    species = ["A", "B", "C"]
    reactions = [Reaction(k[0], ("A",), ("B",)), Reaction(k[1], ("B", "B"), ("C",)), Reaction(k[2], ("C", "A"), ("B",))]
    y = dict.fromkeys(species, 0.1) | {"A": 1.0}
    for _ in range(10):
        dy = dict.fromkeys(species, 0.0)
        for r in reactions:
            speed = r.rate * math.prod(y[s] for s in r.reactants)
            for s in r.reactants:
                dy[s] -= speed
            for s in r.products:
                dy[s] += speed
        y = {s: y[s] + 0.05 * dy[s] for s in species}
    return np.array([y[s] for s in species])


def oregonator_rosenbrock(p):
    y, h, g = np.array([0.5, 0.3, 0.2]), 0.05, 1 + 1 / np.sqrt(2)
    f = lambda y: np.array(
        [
            p[0] * (y[1] - y[0] * y[1] + y[0] - p[1] * y[0] ** 2),
            (-y[1] - y[0] * y[1] + y[2]) / p[0],
            p[2] * (y[0] - y[2]),
        ]
    )
    for _ in range(4):
        J = np.empty((3, 3))
        J[0] = p[0] * (1 - y[1] - 2 * p[1] * y[0]), p[0] * (1 - y[0]), 0.0
        J[1] = -y[1] / p[0], (-1 - y[0]) / p[0], 1 / p[0]
        J[2] = p[2], 0.0, -p[2]
        W = np.eye(3) - g * h * J
        k1 = np.linalg.solve(W, f(y))
        k2 = np.linalg.solve(W, f(y + h * k1) - 2 * k1)
        y = y + 1.5 * h * k1 + 0.5 * h * k2
    return y


def equilibrium_ph(p):
    Ka, c = 1e-2 * p[0], p[1]
    roots = np.roots(np.array([1.0, 0.3, -0.2]))
    h = 0.05
    for _ in range(25):
        f = h**2 + Ka * h - Ka * c
        h = h - f / (2 * h + Ka)
    return -np.log10(h) + roots.real.max()


def solar_system(masses):
    r = np.array([[0.0, 0, 0], [1, 0, 0.1], [0, 1.5, -0.1]])
    v = np.array([[0.0, 0, 0], [0, 1, 0], [-0.8, 0, 0.1]])
    i, j = np.triu_indices(3, k=1)

    def acceleration(r):
        a = np.zeros_like(r)
        d = r[j] - r[i]
        w = d / np.linalg.norm(d, axis=1, keepdims=True) ** 3
        np.add.at(a, i, masses[j, None] * w)
        np.subtract.at(a, j, masses[i, None] * w)
        return a

    a = acceleration(r)
    for _ in range(6):
        v = v + 0.025 * a
        r = r + 0.05 * v
        a = acceleration(r)
        v += 0.025 * a
    kinetic = 0.5 * np.sum(masses * np.sum(v**2, axis=-1))
    return np.append(r.flatten(), kinetic)


def orbital_elements(state):
    r, v = np.split(state, 2)
    h = np.cross(r, v)
    e = np.cross(v, h) - r / np.linalg.norm(r)
    energy = v.dot(v) / 2 - 1 / np.sqrt(r.dot(r))
    inclination = np.arccos(h[2] / np.linalg.norm(h))
    node = np.cross([0, 0, 1.0], h)
    return np.array([-1 / (2 * energy), np.linalg.norm(e), inclination, np.arctan2(node[1], node[0])])


def lambert_transfer(p):
    mean = p[0]
    E = mean if p[1] < 0.8 else np.pi
    for _ in range(50):
        delta = (E - p[1] * np.sin(E) - mean) / (1 - p[1] * np.cos(E))
        E -= delta
        if abs(delta) < 1e-14:
            break
    nu = 2 * np.arctan2(np.sqrt(1 + p[1]) * np.sin(E / 2), np.sqrt(1 - p[1]) * np.cos(E / 2))
    return np.array([np.cos(nu), np.sin(nu)]) * (1 - p[1] * np.cos(E))


def ising_transfer_matrix(p):
    beta, h = p
    s = np.array([-1.0, 1.0])
    Tm = np.exp(beta * np.outer(s, s) + 0.5 * beta * h * np.add.outer(s, s))
    lam = np.linalg.eigvalsh(Tm)
    return np.log(np.trace(np.linalg.matrix_power(Tm, 10))) / 10 - np.log(lam[-1]) * 0.5


def xy_model_energy(angles):
    theta = angles.reshape(3, 4)
    energy = -np.sum(np.cos(theta - np.roll(theta, 1, axis=0)) + np.cos(theta - np.roll(theta, -1, axis=1)))
    vortices = 0.0
    for i in range(3):
        for j in range(4):
            loop = [theta[i, j], theta[(i + 1) % 3, j], theta[(i + 1) % 3, (j + 1) % 4], theta[i, (j + 1) % 4]]
            vortices += sum(
                (b - a + np.pi) % (2 * np.pi) - np.pi for a, b in zip(loop, loop[1:] + loop[:1], strict=True)
            )
    return energy + vortices


def tight_binding(t):
    n = 6
    H = np.zeros((n, n), dtype=complex)
    for k in range(n):
        H[k, (k + 1) % n] = t[k] * np.exp(0.3j)
        H[(k + 1) % n, k] = np.conj(H[k, (k + 1) % n])
    E, V = np.linalg.eigh(H)
    return E[:3].sum() + np.sum(np.abs(V[:, 0]) ** 4)


def split_step_schroedinger(p):
    x = np.linspace(-4, 4, 16, endpoint=False)
    k = 2 * np.pi * np.fft.fftfreq(16, d=0.5)
    psi = np.exp(-((x - p[0]) ** 2) + 1j * p[1] * x)
    psi /= np.sqrt(np.sum(np.abs(psi) ** 2) * 0.5)
    half = np.exp(-0.5j * 0.05 * p[2] * x**2)
    for _ in range(6):
        psi = half * np.fft.ifft(np.exp(-0.5j * 0.05 * k**2) * np.fft.fft(half * psi))
    density = (psi.conj() * psi).real
    return np.sum(density * x), np.sum(density * x**2)


def rabi_oscillation(p):
    H = np.array([[p[0], p[1] - 0.2j], [p[1] + 0.2j, -p[0]]])
    U = expm(-1j * H * p[2])
    psi = U @ np.array([1, 0])
    return np.abs(psi[1]) ** 2, np.vdot(psi, np.array([[0, 1], [1, 0]]) @ psi).real


def upwind_with_sources(u0):
    u = np.array(u0, copy=True)
    c = np.where(np.arange(u.size) < 4, 0.6, -0.4)
    for step in range(6):
        forward, backward = np.roll(u, -1) - u, u - np.roll(u, 1)
        u -= 0.5 * np.where(c > 0, c * backward, c * forward)
        u[::3] += 0.01 * np.cos(step) * u[::3] ** 2
    return u


def lax_wendroff_limited(u0):
    u, nu = u0.copy(), 0.5
    for _ in range(3):
        g = np.pad(u, 2, mode="wrap")
        d = np.diff(g)
        with np.errstate(divide="ignore", invalid="ignore"):
            r = d[:-1] / d[1:]
        phi = np.where(np.isfinite(r), (r + np.abs(r)) / (1 + np.abs(r)), 0.0)
        flux = g[1:-1] + 0.5 * (1 - nu) * phi * d[1:]
        u -= nu * (flux[1 : -0 or None][: u.size] - flux[: u.size])
    return u


def alternating_directions(u0):
    u = u0.reshape(4, 4)
    A = np.eye(4) * 1.4 - 0.2 * np.eye(4, k=1) - 0.2 * np.eye(4, k=-1)
    B = np.eye(4) * 0.6 + 0.2 * (np.eye(4, k=1) + np.eye(4, k=-1))
    for _ in range(3):
        u = np.linalg.solve(A, u @ B.T)
        u = np.linalg.solve(A, (B @ u).T).T
    return u


def multigrid_v_cycle(rhs):
    def smooth(u, f, sweeps=2):
        for _ in range(sweeps):
            u[1:-1] += 0.6 * 0.5 * (u[2:] + u[:-2] - 2 * u[1:-1] + f[1:-1])
        return u

    def cycle(f):
        u = np.zeros_like(f)
        if len(f) <= 3:
            u[1:-1] = f[1:-1] / 2
            return u
        u = smooth(u, f)
        r = f.copy()
        r[1:-1] -= 2 * u[1:-1] - u[2:] - u[:-2]
        coarse = np.zeros(len(f) // 2 + 1)
        coarse[1:-1] = r[1:-3:2] + 2 * r[2:-2:2] + r[3:-1:2]
        e = cycle(coarse)
        u[::2] += e
        u[1::2] += 0.5 * (e[:-1] + e[1:])
        return smooth(u, f)

    return cycle(rhs)


def allen_cahn_2d(u0):
    u = u0.reshape(4, 4)
    for _ in range(4):
        lap = -4 * u
        for axis in (0, 1):
            for shift in (-1, 1):
                lap = lap + np.roll(u, shift, axis=axis)
        u = u + 0.1 * (lap + u - u**3)
    return float_free_energy(u)


def float_free_energy(u):
    gy, gx = np.gradient(u)
    return 0.5 * (gx**2 + gy**2).sum() + 0.25 * ((u**2 - 1) ** 2).mean()


def bilateral_filter(image):
    I = image.reshape(5, 5)
    P = np.pad(I, 1, mode="reflect")
    numerator, weights = np.zeros_like(I), np.zeros_like(I)
    for dy in range(3):
        for dx in range(3):
            window = P[dy : dy + 5, dx : dx + 5]
            w = np.exp(-((window - I) ** 2) / 0.5 - ((dy - 1) ** 2 + (dx - 1) ** 2) / 2)
            numerator += w * window
            weights += w
    return numerator / weights


def harris_corners(image):
    I = image.reshape(5, 5)
    Ix, Iy = np.zeros((5, 5)), np.zeros((5, 5))
    Ix[:, 1:-1] = (I[:, 2:] - I[:, :-2]) / 2
    Iy[1:-1] = (I[2:] - I[:-2]) / 2
    box = lambda a: sliding_window_view(a, (3, 3)).sum(axis=(-2, -1))
    A, B, C = box(Ix * Ix), box(Iy * Iy), box(Ix * Iy)
    return A * B - C**2 - 0.05 * (A + B) ** 2


def pooling(image):
    I = image[:24].reshape(4, 6)
    blocks = I.reshape(2, 2, 3, 2).swapaxes(1, 2)
    return blocks.max(axis=(2, 3)), blocks.mean(axis=(-1, -2)), np.kron(I[::2, ::3], np.ones((2, 2)))


def histogram_of_gradients(image):
    I = image.reshape(5, 5)
    gy, gx = np.gradient(I)
    magnitude = np.hypot(gx, gy)
    angle = np.mod(np.arctan2(gy, gx), np.pi)
    position = angle / np.pi * 4
    low = np.floor(position).astype(int)
    bins = np.zeros(5)
    np.add.at(bins, low, magnitude * (1 - (position - low)))
    np.add.at(bins, low + 1, magnitude * (position - low))
    bins[0] += bins[4]
    return bins[:4] / np.sqrt(np.sum(bins[:4] ** 2) + 1e-3)


def gaussian_pyramid(image):
    I = image.reshape(5, 5)
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    smooth = signal.convolve2d(I, kernel, mode="same", boundary="symm")
    return I[::2, ::2] - smooth[::2, ::2], np.convolve(I[2], [0.25, 0.5, 0.25], mode="valid")


def phase_correlation(x):
    a, b = x[:8], x[8:]
    A, B = np.fft.rfft(a), np.fft.rfft(b)
    cross = A * np.conj(B)
    return np.fft.irfft(cross / (np.abs(cross) + 0.1), n=8)


def cepstrum_and_window(x):
    windowed = x * np.hanning(len(x) + 2)[1:-1]
    spectrum = np.abs(np.fft.rfft(windowed, n=32)) ** 2
    mel = np.array([spectrum[i : i + 5].dot(signal.windows.triang(5)) for i in range(0, 12, 3)])
    return fft.dct(np.log(mel + 1e-2), type=2, norm="ortho")


def short_time_fourier(x):
    frames = as_strided(x, shape=(4, 6), strides=(3 * x.strides[0], x.strides[0])) if x.size >= 15 else x[None]
    S = np.fft.rfft(frames * np.hamming(6), axis=-1)
    power = S.real**2 + S.imag**2
    return power.sum(0) / (1 + power.max())


def adaptive_lms(p):
    desired, w, buffer = np.sin(np.arange(20) * 0.4), np.zeros(3), deque(maxlen=3)
    error = 0
    for n in range(20):
        buffer.appendleft(p[1] * np.cos(0.4 * n) + 0.1)
        if len(buffer) < 3:
            continue
        x = np.array(buffer)
        e = desired[n] - w @ x
        w += p[0] * e * x
        error = 0.9 * error + 0.1 * e**2
    return np.r_[w, error]


def filters_of_scipy(x):
    b, a = signal.butter(2, 0.3)
    y = signal.lfilter(b, a, x)
    z = signal.fftconvolve(x, np.array([1.0, -2.0, 0.5]), mode="same")
    return y, z, signal.detrend(x), signal.correlate(x, x[:4], mode="valid")


def image_filters_of_scipy(x):
    return ndimage.gaussian_filter1d(x, 1.0), ndimage.uniform_filter1d(x, 3)


def resample_by_sinc(x):
    t = np.linspace(0, len(x) - 1, 9)
    return np.sinc(t[:, None] - np.arange(len(x))) @ x


def robot_arm(q):
    T = np.eye(4)
    for angle, (a, alpha, d) in zip(q, [(0.0, np.pi / 2, 0.4), (0.5, 0.0, 0.0), (0.3, -np.pi / 2, 0.1)], strict=True):
        ct, st, ca, sa = np.cos(angle), np.sin(angle), np.cos(alpha), np.sin(alpha)
        T = T @ np.array(
            [[ct, -st * ca, st * sa, a * ct], [st, ct * ca, -ct * sa, a * st], [0, sa, ca, d], [0, 0, 0, 1]]
        )
    return T[:3, 3], np.arccos(np.clip((np.trace(T[:3, :3]) - 1) / 2, -1, 1))


def newton_euler_pendulum(q):
    angle, rate = q
    M = np.array([[2 + np.cos(angle), 0.5], [0.5, 1.0]])
    bias = np.array([-np.sin(angle) * rate**2, 9.8 * np.sin(angle)])
    qdd = np.linalg.solve(M, -bias)
    return qdd


def rodrigues(w):
    theta = np.linalg.norm(w)
    if theta < 1e-8:
        return np.eye(3)
    k = w / theta
    K = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    return np.eye(3) + np.sin(theta) * K + (1 - np.cos(theta)) * K @ K


def bundle_adjustment(p):
    points = np.array([[0.1, 0.2, 3.0], [-0.3, 0.4, 4.0], [0.5, -0.2, 3.5], [0.0, 0.1, 2.5]])
    camera = points @ rodrigues(p[:3]).T + p[3:6]
    uv = camera[:, :2] / camera[:, 2:]
    r2 = np.sum(uv**2, axis=1, keepdims=True)
    pixels = p[6] * uv * (1 + p[7] * r2 + p[8] * r2**2)
    residual = pixels - np.round(points[:, :2] * 0.3, 1)
    return np.sum(np.sqrt(1 + residual**2) - 1)


def slerp(q):
    a, b = q[:4] / np.linalg.norm(q[:4]), q[4:] / np.linalg.norm(q[4:])
    dot = np.dot(a, b)
    if dot < 0:
        b, dot = -b, -dot
    omega = np.arccos(min(dot, 1.0))
    return (np.sin(0.7 * omega) * a + np.sin(0.3 * omega) * b) / np.sin(omega)


def polygon(p):
    xy = p.reshape(-1, 2)
    nxt = np.roll(xy, -1, axis=0)
    cross = xy[:, 0] * nxt[:, 1] - nxt[:, 0] * xy[:, 1]
    area = 0.5 * cross.sum()
    centroid = np.sum((xy + nxt) * cross[:, None], axis=0) / (6 * area)
    return area, centroid, np.sum(np.linalg.norm(nxt - xy, axis=-1))


def icp_by_svd(p):
    source = p.reshape(4, 3)
    target = np.array([[0.0, 0, 0], [1, 0, 0.2], [0, 1.1, 0], [0.1, 0.2, 1]])
    a, b = source - source.mean(0), target - target.mean(0)
    U, _, Vt = np.linalg.svd(a.T @ b)
    D = np.diag([1, 1, np.sign(np.linalg.det(Vt.T @ U.T))])
    R = Vt.T @ D @ U.T
    return np.linalg.norm(a @ R.T - b) ** 2


def bezier_and_arclength(control):
    P = control.reshape(4, 2)

    @cache
    def binomial(n, k):
        return 1 if k in (0, n) else binomial(n - 1, k - 1) + binomial(n - 1, k)

    t = np.linspace(0, 1, 9)[:, None]
    curve = sum(binomial(3, k) * t**k * (1 - t) ** (3 - k) * P[k] for k in range(4))
    return np.sqrt((np.diff(curve, axis=0) ** 2).sum(1)).sum(), np.trapezoid(curve[:, 1], curve[:, 0])


def hermite_interpolation(y):
    x = np.array([0.0, 0.7, 1.5, 2.0, 3.0])
    delta = np.diff(y) / np.diff(x)
    m = np.concatenate([delta[:1], (delta[:-1] + delta[1:]) / 2, delta[-1:]])
    q = np.array([0.2, 1.0, 1.7, 2.9])
    i = np.searchsorted(x, q) - 1
    h = np.diff(x)[i]
    t = (q - x[i]) / h
    basis = [(1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2, t * t * (3 - 2 * t), t * t * (t - 1)]
    return sum(b * v for b, v in zip(basis, [y[i], h * m[i], y[i + 1], h * m[i + 1]], strict=True))


def bilinear_table(p):
    table = np.arange(12.0).reshape(3, 4) ** 1.5
    u, v = p
    i, j = int(u), int(v)
    a, b = u - i, v - j
    return np.array([1 - a, a]) @ table[i : i + 2, j : j + 2] @ np.array([1 - b, b])


def chebyshev_fit(y):
    from numpy.polynomial import Chebyshev, Polynomial

    c = Chebyshev(y)
    p = Polynomial(y)
    return c(0.3) + p(0.4) + p.deriv()(0.2) + p.integ()(0.5) + (p * p)(0.1)


def greeks(p):
    S, K, r, sigma, T = p
    d1 = (np.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * np.sqrt(T))
    d2 = d1 - sigma * np.sqrt(T)
    call = S * special.ndtr(d1) - K * np.exp(-r * T) * special.ndtr(d2)
    put = K * math.e ** (-r * T) * (0.5 * special.erfc(d2 / math.sqrt(2))) - S * (0.5 * special.erfc(d1 / math.sqrt(2)))
    return call, put


def implied_volatility(price):
    vol = 0.3
    for _ in range(20):
        d = vol / 2
        value, vega = 2 * special.ndtr(d) - 1, np.exp(-(d**2) / 2) / np.sqrt(2 * np.pi)
        vol = vol - (value - price) / vega
    return vol


def binomial_barrier(p):
    S, sigma, n = p[0], p[1], 8
    u = np.exp(sigma * np.sqrt(1 / n))
    q = (np.exp(0.03 / n) - 1 / u) / (u - 1 / u)
    prices = S * u ** np.arange(n, -n - 1, -2)
    values = np.maximum(prices - 1.0, 0)
    values[prices < 0.8] = 0
    for step in range(n - 1, -1, -1):
        prices = S * u ** np.arange(step, -step - 1, -2)
        values = np.exp(-0.03 / n) * (q * values[:-1] + (1 - q) * values[1:])
        values[prices < 0.8] = 0.0
    return values.item() if False else values[0]


def explicit_option_grid(p):
    n = 12
    S = np.linspace(0, 3, n + 1)
    V = np.maximum(1.0 - S, 0)
    i = np.arange(1, n)
    a, b, c = (
        0.5 * 0.01 * (p[0] ** 2 * i**2 - p[1] * i),
        1 - 0.01 * (p[0] ** 2 * i**2 + p[1]),
        0.5 * 0.01 * (p[0] ** 2 * i**2 + p[1] * i),
    )
    for _ in range(10):
        new = np.empty_like(V)
        new[1:-1] = a * V[:-2] + b * V[1:-1] + c * V[2:]
        new[0], new[-1] = V[0] * (1 - p[1] * 0.01), 0
        V = np.fmax(new, 1 - S)
    return V[3:6]


def heston_path(p):
    z = rng_noise()
    v, logS = p[0], 0.0
    for a, b in z.T:
        vol = np.sqrt(max(v, 0))
        logS += -0.5 * v * 0.1 + vol * np.sqrt(0.1) * a
        v += p[1] * (p[2] - v) * 0.1 + p[3] * vol * np.sqrt(0.1) * (0.5 * a + math.sqrt(0.75) * b)
    return np.exp(logS), v


def rng_noise():
    return np.random.RandomState(7).standard_normal((2, 6))


def markowitz(mu):
    n = len(mu)
    Sigma = 0.1 * np.eye(n) + 0.02 * np.ones((n, n))
    kkt = np.block(
        [[Sigma, np.ones((n, 1)), mu[:, None]], [np.ones((1, n)), np.zeros((1, 2))], [mu[None, :], np.zeros((1, 2))]]
    )
    x = np.linalg.solve(kkt, np.hstack([np.zeros(n), 1.0, 0.08]))
    w = x[:n]
    return w, np.sqrt(w @ Sigma @ w)


def risk_parity(s):
    C = np.array([[1, 0.3, 0.1], [0.3, 1, 0.2], [0.1, 0.2, 1]]) * np.outer(s, s)
    w = np.ones(3)
    for _ in range(10):
        w = w - np.linalg.solve(C + np.diag(1 / w**2), C @ w - 1 / w)
    return w / w.sum()


def max_drawdown(returns):
    wealth = np.cumprod(1 + returns)
    peak = np.maximum.accumulate(wealth)
    return np.max(1 - wealth / peak), wealth[-1] ** (1 / len(wealth)) - 1


CASES = {
    brusselator_rk4: np.array([1.0, 2.5]), dormand_prince_step: np.array([0.4, 0.1, 1.2]), mass_action_network: np.array([0.7, 0.4, 0.2]),
    oregonator_rosenbrock: np.array([2.0, 0.3, 0.5]), equilibrium_ph: np.array([1.2, 0.4]), solar_system: np.array([1.0, 0.1, 0.2]),
    orbital_elements: np.array([1.0, 0.1, 0.2, -0.1, 0.9, 0.3]), lambert_transfer: np.array([0.8, 0.4]),
    ising_transfer_matrix: np.array([0.4, 0.2]), xy_model_energy: rng.normal(size=12), tight_binding: rng.uniform(0.5, 1.5, 6),
    split_step_schroedinger: np.array([0.3, 0.5, 1.0]), rabi_oscillation: np.array([0.4, 0.7, 0.9]), upwind_with_sources: rng.normal(size=8),
    lax_wendroff_limited: np.array([0.1, 0.35, 0.9, 1.7, 1.2, 0.8, 0.3]), alternating_directions: rng.normal(size=16),
    multigrid_v_cycle: rng.normal(size=9), allen_cahn_2d: rng.normal(size=16), bilateral_filter: rng.random(25),
    harris_corners: rng.random(25), pooling: rng.random(25), histogram_of_gradients: rng.random(25), gaussian_pyramid: rng.random(25),
    phase_correlation: rng.normal(size=16), cepstrum_and_window: rng.normal(size=16), short_time_fourier: rng.normal(size=16),
    adaptive_lms: np.array([0.2, 0.9]), filters_of_scipy: rng.normal(size=10), image_filters_of_scipy: rng.normal(size=8),
    resample_by_sinc: rng.normal(size=6), robot_arm: np.array([0.3, -0.5, 0.8]), newton_euler_pendulum: np.array([0.4, 0.9]),
    bundle_adjustment: np.array([0.1, -0.2, 0.05, 0.1, 0.2, 0.3, 1.1, 0.02, -0.01]), slerp: rng.normal(size=8),
    polygon: np.array([0.0, 0, 2, 0.1, 2.2, 1.5, 0.5, 1.8]), icp_by_svd: rng.normal(size=12), bezier_and_arclength: rng.normal(size=8),
    hermite_interpolation: rng.normal(size=5), bilinear_table: np.array([0.6, 1.7]), chebyshev_fit: rng.normal(size=4),
    greeks: np.array([1.0, 1.1, 0.03, 0.2, 0.8]), implied_volatility: 0.15, binomial_barrier: np.array([1.02, 0.25]),
    explicit_option_grid: np.array([0.4, 0.05]), heston_path: np.array([0.09, 1.5, 0.1, 0.3]), markowitz: np.array([0.05, 0.08, 0.12, 0.1]),
    risk_parity: np.array([0.2, 0.3, 0.15]), max_drawdown: np.array([0.1, -0.2, 0.05, 0.12, -0.07]),
}  # fmt: skip
OPTS = {}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], **{"rtol": 3e-6, "h": 3e-4} | OPTS.get(f, {}))
