"""scipy.ndimage and the two-dimensional functions of scipy.signal, in every way to go on beyond an edge."""

import numpy as np
import pytest
from check import check
from scipy import ndimage, signal

rng = np.random.default_rng(0)
IMAGE, LINE = rng.normal(size=(5, 6)), rng.normal(size=7)
WINDOW, WEIGHTS = rng.normal(size=(3, 2)), rng.normal(size=4)
MODES = ["reflect", "mirror", "nearest", "wrap", "constant", "grid-wrap", "grid-mirror", "grid-constant"]
WITH_WEIGHTS = {
    "correlate1d": lambda m: (lambda x, w: ndimage.correlate1d(x, w, axis=0, mode=m, cval=0.7, origin=1), WEIGHTS),
    "convolve1d even": lambda m: (lambda x, w: ndimage.convolve1d(x, w, mode=m, cval=0.7), WEIGHTS),
    "convolve1d odd": lambda m: (lambda x, w: ndimage.convolve1d(x, w, mode=m, cval=0.7), WEIGHTS[:3]),
    "correlate": lambda m: (lambda x, w: ndimage.correlate(x, w, mode=m, cval=0.7), WINDOW),
    "convolve": lambda m: (lambda x, w: ndimage.convolve(x, w, mode=m, cval=0.7, origin=(1, 0)), WINDOW),
}
OF_IMAGES = {
    "uniform_filter": lambda x, m: ndimage.uniform_filter(x, 3, mode=m, cval=0.4),
    "maximum_filter": lambda x, m: ndimage.maximum_filter(x, size=3, mode=m, cval=0.4),
    "minimum_filter1d": lambda x, m: ndimage.minimum_filter1d(x, 3, mode=m, cval=0.4, origin=1),
    "median_filter": lambda x, m: ndimage.median_filter(x, size=(3, 2), mode=m, cval=0.4),
    "gaussian_filter": lambda x, m: ndimage.gaussian_filter(x, [1.2, 0.5], order=[0, 1], mode=m),
    "sobel": lambda x, m: ndimage.sobel(x, axis=0, mode=m) ** 2 + ndimage.prewitt(x, mode=m),
    "laplace": lambda x, m: ndimage.laplace(x, mode=m) + ndimage.gaussian_laplace(x, 1.0, mode=m),
    "gaussian_gradient_magnitude": lambda x, m: ndimage.gaussian_gradient_magnitude(x, 1.0, mode=m),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_weights(name, mode):
    f, w = WITH_WEIGHTS[name](mode)
    check(f, IMAGE, w)


@pytest.mark.filterwarnings("ignore::wengert.errors.DoubtfulZeroWarning")  # gradients that are 0 by symmetry
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OF_IMAGES)
def test_filters(name, mode):
    check(lambda x: OF_IMAGES[name](x, mode), IMAGE, rtol=1e-6)


@pytest.mark.parametrize("boundary", ["fill", "wrap", "symm"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("call", [signal.convolve2d, signal.correlate2d])
def test_two_dimensions(call, mode, boundary):
    check(lambda x, w: getattr(signal, call.__name__)(x, w, mode, boundary, 0.3), IMAGE, WINDOW)
    check(lambda x, w: getattr(signal, call.__name__)(w, x, mode, boundary, 0.3), IMAGE, WINDOW)


@pytest.mark.parametrize("name", ["convolve2d", "correlate2d"])
def test_complex(name):
    z, w = IMAGE + 1j * IMAGE[::-1], WINDOW - 0.4j * WINDOW[::-1]
    check(lambda x, w: getattr(signal, name)(x, w, mode="same", boundary="symm"), z, w)


def test_written_into():
    def f(x):
        y = np.zeros((5, 6))
        ndimage.correlate1d(x, [1.0, 2.0, 1.0], output=y)
        return y * x

    check(f, IMAGE)


B, A = signal.butter(2, 0.3)
SECTIONS = signal.butter(4, 0.3, output="sos")
LONG, STATE = rng.normal(size=30), rng.normal(size=2)
FILTERS = {
    "state": (lambda b, a, x, z: signal.lfilter(b, a, x, zi=z), B, A, LINE, STATE),
    "state, not normalised": (lambda b, a, x, z: signal.lfilter(b, a, x, zi=z), 2 * B, 2 * A, LINE, STATE),
    "state, short numerator": (lambda b, a, x, z: signal.lfilter(b, a, x, zi=z), B[:1], A, LINE, STATE),
    "state, no denominator": (lambda b, x, z: signal.lfilter(b, [1.0], x, zi=z), B, LINE, STATE),
    "state, first axis": (lambda x, z: signal.lfilter(B, A, x, axis=0, zi=z), IMAGE, rng.normal(size=(2, 6))),
    "filtfilt": (lambda x: signal.filtfilt(B, A, x), LONG),
    "sosfilt": (lambda x: signal.sosfilt(SECTIONS, x, axis=0), IMAGE),
    "sosfilt, state": (lambda x, z: signal.sosfilt(SECTIONS, x, zi=z), LINE, rng.normal(size=(2, 2))),
    "sosfiltfilt": (lambda x: signal.sosfiltfilt(SECTIONS, x), LONG),
    "savgol_filter": (lambda x: signal.savgol_filter(x, 5, 2) + signal.savgol_filter(x, 5, 2, 1, mode="nearest"), LINE),
    "medfilt": (lambda x: signal.medfilt(x, (3, 3)), IMAGE),
}


@pytest.mark.parametrize("name", FILTERS)
def test_recursive_filters(name):
    check(*FILTERS[name])


def test_recorded_sections():
    mask = np.arange(6) != 3  # the first coefficient of a denominator is 1
    check(lambda s: signal.sosfilt(SECTIONS + 0.1 * mask * s, LINE), np.ones(np.shape(SECTIONS)))
    check(lambda x: signal.sosfilt(SECTIONS + 0.1 * mask * x[0], x), np.array(LINE))


def test_filter_inside_another_function():
    check(lambda x: signal.decimate(x, 2, n=2, ftype="iir", zero_phase=False), LONG)
