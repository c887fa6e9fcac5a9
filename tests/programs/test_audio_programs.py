"""Programs of audio and signal people."""

import numpy as np
import pytest
from scipy import fft as sfft
from scipy import signal
from ways import every_way

X16 = np.random.default_rng(0).normal(size=16)
X24 = np.random.default_rng(1).normal(size=24)


def resample_poly_energy(x):
    y = signal.resample_poly(x, 3, 2)
    return y, np.sum(y**2)


def resample_poly_window(x):
    return signal.resample_poly(x, 1, 2, window=("kaiser", 5.0), padtype="line")


def resample_fourier(x):
    return signal.resample(x, 20), signal.resample(x, 9)


def stft_istft(x):
    _, _, Z = signal.stft(x, fs=8.0, nperseg=8)
    gate = np.abs(Z) > 0.05
    Z = Z * gate
    _, y = signal.istft(Z, fs=8.0, nperseg=8)
    return y, np.sum(np.abs(Z) ** 2)


def spectrogram_entropy(x):
    f, _, S = signal.spectrogram(x, fs=1.0, nperseg=8, noverlap=4, scaling="spectrum")
    P = S / S.sum()
    return -np.sum(P * np.log(P + 1e-12)), np.sum(f[:, None] * P)


def welch_bands(x):
    f, P = signal.welch(x, fs=100.0, nperseg=8, window="hamming", detrend="linear")
    band = (f > 10) & (f < 40)
    return np.trapezoid(P[band], f[band]), 10 * np.log10(P[2])


def csd_and_coherence(x):
    n = len(x) // 2
    _, Pxy = signal.csd(x[:n], x[n:], nperseg=4)
    _, C = signal.coherence(x[:n], x[n:], nperseg=4)
    return np.abs(Pxy), np.angle(Pxy[1]), C[1:-1]


def periodogram_peak(x):
    f, P = signal.periodogram(x, 10.0, window="hann", scaling="density")
    k = np.argmax(P)
    a, b, c = np.log(P[k - 1]), np.log(P[k]), np.log(P[(k + 1) % len(P)])
    return f[k] + 0.5 * (a - c) / (a - 2 * b + c) * (f[1] - f[0])


def instantaneous_frequency(x):
    z = signal.hilbert(x)
    phase = np.unwrap(np.angle(z))
    return np.diff(phase) / (2 * np.pi), np.abs(z)


def butter_sos_chain(x):
    sos = signal.butter(4, 0.3, output="sos")
    y = signal.sosfilt(sos, x)
    b, a = signal.butter(2, 0.4)
    return signal.filtfilt(b, a, y, padlen=3), signal.sosfiltfilt(sos, x, padlen=3)


def equaliser(p):
    """A peaking biquad whose coefficients come from gain, frequency, Q; run by sosfilt with recorded sections."""
    f0, gain, Q = p
    A = 10 ** (gain / 40)
    w0 = 2 * np.pi * f0
    alpha = np.sin(w0) / (2 * Q)
    b = np.array([1 + alpha * A, -2 * np.cos(w0), 1 - alpha * A])
    a = np.array([1 + alpha / A, -2 * np.cos(w0), 1 - alpha / A])
    sos = np.concatenate([b, a])[None] / a[0]
    x = np.sin(0.7 * np.arange(20))
    y = signal.sosfilt(sos, x)
    _, h = signal.freqz(b, a, worN=8)
    _, h2 = signal.freqz_sos(sos, worN=8)
    return y, np.abs(h), np.angle(h2)


def one_pole_smoother(p):
    x = np.r_[np.zeros(3), np.ones(7)]
    a = np.exp(-1 / p)
    return signal.lfilter([1 - a], [1, -a], x)


def lfilter_with_zi(p):
    b, a = [p[0], p[1]], [1.0, -p[2]]
    zi = signal.lfilter_zi(b, a)
    y, zf = signal.lfilter(b, a, np.cos(np.arange(8.0)), zi=zi * 1.0)
    return y, zf


def smoothing_derivative(x):
    d = signal.savgol_filter(x, 5, 2, deriv=1, delta=0.1)
    return d, signal.savgol_filter(x, 7, 3, mode="mirror")


def peak_picking(x):
    idx, props = signal.find_peaks(x, height=0.1)
    return np.sum(x[idx] ** 2), np.mean(props["peak_heights"])


def matched_filter(x):
    template = np.hanning(5)
    c = signal.correlate(x, template, mode="same")
    lags = signal.correlation_lags(len(x), 5, mode="same")
    k = int(np.argmax(np.abs(c)))
    return c[k] / np.linalg.norm(template), lags[k] * x.mean()


def fm_synthesis(p):
    t = np.arange(40) / 40
    env = np.interp(t, [0, 0.1, 0.6, 1], [0, 1, p[2], 0])
    s = env * np.sin(2 * np.pi * 3 * t + p[0] * np.sin(2 * np.pi * 5 * t * p[1]))
    spec = np.abs(np.fft.rfft(s * np.hanning(40)))
    return np.sum(np.arange(21) * spec) / np.sum(spec)


def karplus_strong(p):
    rng = np.random.default_rng(2)
    buf = list(rng.uniform(-1, 1, 8))
    out = []
    for n in range(40):
        avg = p[0] * 0.5 * (buf[0] + buf[1]) + p[1]
        out.append(buf.pop(0))
        buf.append(avg)
    return np.array(out)[-6:]


def mel_filterbank_cepstra(x):
    n = len(x)
    spec = np.abs(np.fft.rfft(x * np.hamming(n))) ** 2 / n
    mel = lambda f: 2595 * np.log10(1 + f / 700)
    inv = lambda m: 700 * (10 ** (m / 2595) - 1)
    pts = np.floor((n + 1) * inv(np.linspace(mel(0), mel(4000), 6)) / 8000).astype(int)
    fb = np.zeros((4, len(spec)))
    for m in range(1, 5):
        lo, c, hi = pts[m - 1], pts[m], pts[m + 1]
        for k in range(lo, c):
            fb[m - 1, k] = (k - lo) / max(c - lo, 1)
        for k in range(c, min(hi, len(spec))):
            fb[m - 1, k] = (hi - k) / max(hi - c, 1)
    e = np.log(fb @ spec + 1e-6)
    return sfft.dct(e, type=2, norm="ortho")


def overlap_add_convolution(x):
    h = np.array([0.5, 0.3, 0.2, -0.1])
    L, M = 4, len(h)
    N = L + M - 1
    y = np.zeros(len(x) + M - 1)
    H = np.fft.fft(h, N)
    for s in range(0, len(x), L):
        block = x[s : s + L]
        Y = np.fft.ifft(np.fft.fft(block, N) * H).real
        seg = y[s : s + N]
        seg += Y[: len(seg)]
    return y


# fmt: off
CASES = {
    resample_poly_energy: [X16, X24[:16]],
    resample_poly_window: [X16, X24[:16]],
    resample_fourier: [X16, X24[:16]],
    stft_istft: [X24, X24[::-1].copy()],
    spectrogram_entropy: [X24, X24[::-1].copy()],
    welch_bands: [X24, X24[::-1].copy()],
    csd_and_coherence: [X16, X24[:16]],
    periodogram_peak: [X16, X24[:16]],
    instantaneous_frequency: [X16, X24[:16]],
    butter_sos_chain: [X16, X24[:16]],
    equaliser: [np.array([0.1, 6.0, 1.0]), np.array([0.2, -3.0, 0.7])],
    one_pole_smoother: [3.0, 1.0],
    lfilter_with_zi: [np.array([0.5, 0.2, 0.3]), np.array([1.0, -0.3, 0.8])],
    smoothing_derivative: [X16, X24[:16]],
    peak_picking: [X16, X24[:16]],
    matched_filter: [X16, X24[:16]],
    fm_synthesis: [np.array([1.0, 1.0, 0.5]), np.array([2.0, 0.9, 0.3])],
    karplus_strong: [np.array([0.99, 0.01]), np.array([0.9, 0.0])],
    mel_filterbank_cepstra: [X24, X24[::-1].copy()],
    overlap_add_convolution: [X16[:14], X24[:14]],
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f])
