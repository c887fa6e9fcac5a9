"""Ordinary programs of signal and image processing."""

import numpy as np
import pytest
from check import check
from numpy.fft import irfft, rfft
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.default_rng(11)
NOISE = rng.normal(size=16)


def fft_by_recursion(x):
    def transform(v):
        n = len(v)
        if n == 1:
            return v
        even, odd = transform(v[::2]), transform(v[1::2])
        w = np.exp(-2j * np.pi * np.arange(n // 2) / n)
        return np.concatenate([even + w * odd, even - w * odd])

    X = transform(x.astype(complex))
    return np.abs(X[1:4]) ** 2, X.real


def fft_iterative_in_place(x):
    n = len(x)
    a = np.zeros(n, dtype=np.complex128)
    bits = n.bit_length() - 1
    for i in range(n):
        a[int(f"{i:0{bits}b}"[::-1], 2)] = x[i]
    m = 2
    while m <= n:
        w_m = np.exp(-2j * np.pi / m)
        for k in range(0, n, m):
            w = 1
            for j in range(m // 2):
                t = w * a[k + j + m // 2]
                u = a[k + j]
                a[k + j] = u + t
                a[k + j + m // 2] = u - t
                w *= w_m
        m *= 2
    return np.angle(a[1]), np.abs(a)


def dft_matrix(x):
    n = x.size
    k = np.arange(n)
    W = np.exp(-2j * np.pi * k[:, np.newaxis] * k / n)
    return (np.abs(W @ x) ** 2).sum() - n * (x**2).sum() + np.vdot(W[1], x).imag


def fir_by_fft(h):
    n = len(NOISE) + len(h) - 1
    y = irfft(rfft(NOISE, n) * rfft(h, n), n)
    return y - np.convolve(NOISE, h) + y**2


def iir_biquad(p):
    f0, q = p
    w = 2 * np.pi * f0
    alpha = np.sin(w) / (2 * q)
    b = np.array([(1 - np.cos(w)) / 2, 1 - np.cos(w), (1 - np.cos(w)) / 2])
    a = np.array([1 + alpha, -2 * np.cos(w), 1 - alpha])
    b, a = b / a[0], a / a[0]
    y = np.zeros_like(NOISE)
    z1 = z2 = 0.0
    for n, x in enumerate(NOISE):
        y[n] = b[0] * x + z1
        z1 = b[1] * x - a[1] * y[n] + z2
        z2 = b[2] * x - a[2] * y[n]
    return y


def butterworth(fc):
    order = 3
    w = np.tan(np.pi * fc)
    poles = [w * np.exp(1j * np.pi * (2 * k + order + 1) / (2 * order)) for k in range(order)]
    z = np.array([(1 + p) / (1 - p) for p in poles])
    a = np.poly(z).real
    gain = np.sum(a) / 2**order
    b = gain * np.poly(-np.ones(order))
    s = np.exp(1j * np.linspace(0.1, 2.0, 5))
    return np.abs(np.polyval(b, s) / np.polyval(a, s))


def kalman_like_alpha_beta(g):
    alpha, beta = g
    state, rate, out = 0.0, 0.0, []
    for z in NOISE:
        state += rate
        r = z - state
        state, rate = state + alpha * r, rate + beta * r
        out.append(r)
    return np.mean(np.square(out))


def haar_wavelet(x):
    y = x.copy()
    n = y.size
    while n > 1:
        a, d = (y[0:n:2] + y[1:n:2]) / np.sqrt(2), (y[0:n:2] - y[1:n:2]) / np.sqrt(2)
        n //= 2
        y[:n], y[n : 2 * n] = a, d
    soft = np.sign(y) * np.maximum(np.abs(y) - 0.1, 0)
    return soft


def goertzel(x):
    coefficient = 2 * np.cos(2 * np.pi * 3 / len(x))
    s1 = s2 = 0.0
    for v in x:
        s1, s2 = v + coefficient * s1 - s2, s1
    return s1**2 + s2**2 - coefficient * s1 * s2


def autocorrelation_lpc(x):
    r = np.correlate(x, x, mode="full")[len(x) - 1 :]
    a, e = np.zeros(4), r[0]
    a[0] = 1
    for i in range(1, 4):
        k = -sum(a[j] * r[i - j] for j in range(i)) / e
        a[1 : i + 1] = a[1 : i + 1] + k * a[i - 1 :: -1][:i]
        e *= 1 - k * k
    return a, e


def rolling_statistics(x):
    w = sliding_window_view(x, 4)
    z = (x[3:] - w.mean(axis=-1)) / w.std(axis=-1, ddof=1)
    return z, np.median(w, axis=1), w.max(axis=1) - w.min(axis=1)


def welch_spectrum(x):
    window = np.hanning(8)
    segments = np.array([x[k : k + 8] * window for k in range(0, len(x) - 7, 4)])
    return 10 * np.log10(np.mean(np.abs(np.fft.rfft(segments, axis=1)) ** 2, axis=0) + 1e-3)


def phase_unwrap(x):
    signal = np.exp(1j * np.cumsum(x))
    phase = np.unwrap(np.angle(signal))
    return np.diff(phase) ** 2


def sobel_edges(image):
    padded = np.pad(image, 1, mode="edge")
    gx = (
        padded[:-2, 2:]
        + 2 * padded[1:-1, 2:]
        + padded[2:, 2:]
        - padded[:-2, :-2]
        - 2 * padded[1:-1, :-2]
        - padded[2:, :-2]
    )
    gy = np.zeros_like(image)
    for di, row in zip((-1, 1), ((-1, -2, -1), (1, 2, 1))):
        for dj, weight in enumerate(row):
            gy += weight * padded[1 + di : 1 + di + image.shape[0], dj : dj + image.shape[1]]
    magnitude = np.sqrt(gx**2 + gy**2)
    return magnitude / magnitude.max()


def bilinear_warp(p):
    image = np.cos(np.arange(30.0).reshape(5, 6))
    shift, angle = p[:2], p[2]
    out = np.zeros((2, 3))
    for i in range(2):
        for j in range(3):
            y = 1.3 + i * np.cos(angle) - j * np.sin(angle) + shift[0]
            x = 1.2 + i * np.sin(angle) + j * np.cos(angle) + shift[1]
            i0, j0 = int(np.floor(y)), int(np.floor(x))
            u, v = y - i0, x - j0
            out[i, j] = (1 - u) * (1 - v) * image[i0, j0] + (1 - u) * v * image[i0, j0 + 1]
            out[i, j] += u * (1 - v) * image[i0 + 1, j0] + u * v * image[i0 + 1, j0 + 1]
    return out


def histogram_equalisation(x):
    ranks = np.searchsorted(np.sort(x), x, side="right")
    return (ranks / len(x)) * (x.max() - x.min()) + x.min()


def gaussian_blur_separable(image):
    t = np.arange(-2, 3)
    k = np.exp(-(t**2) / 2.0)
    k /= k.sum()
    blurred = np.apply_along_axis(lambda r: np.convolve(r, k, mode="same"), 0, image)
    blurred = np.apply_along_axis(np.convolve, 1, blurred, k, mode="same")
    return image + 0.7 * (image - blurred)


def median_filter(image):
    out = image.copy()
    for i in range(1, image.shape[0] - 1):
        for j in range(1, image.shape[1] - 1):
            out[i, j] = np.median(image[i - 1 : i + 2, j - 1 : j + 2])
    return out


def total_variation(image):
    dx, dy = np.diff(image, axis=0, append=image[-1:]), np.diff(image, axis=1, prepend=0.0)
    return np.sqrt(dx**2 + dy**2 + 1e-3).sum()


X8, X16 = rng.normal(size=8), rng.normal(size=16)
IMAGE = rng.normal(size=(5, 6))
CASES = {
    fft_by_recursion: X8, fft_iterative_in_place: X8, dft_matrix: X8, fir_by_fft: X8[:4],
    iir_biquad: np.array([0.1, 0.8]), butterworth: 0.2, kalman_like_alpha_beta: np.array([0.4, 0.1]),
    haar_wavelet: X8, goertzel: X8, autocorrelation_lpc: X8, rolling_statistics: X8, welch_spectrum: X16,
    phase_unwrap: X8, sobel_edges: IMAGE, bilinear_warp: np.array([0.1, 0.2, 0.3]), histogram_equalisation: X8,
    gaussian_blur_separable: IMAGE, median_filter: IMAGE, total_variation: IMAGE,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=2e-6, h=3e-4)
