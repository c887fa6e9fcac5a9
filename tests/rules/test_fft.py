"""numpy.fft and scipy.fft: every name, odd and even lengths, cut and padded, every norm, real and complex."""

import numpy as np
import pytest
from check import check

import wengert as wg

RNG = np.random.default_rng(0)
NORMS = (None, "backward", "ortho", "forward")
COMPLEX = ("fft", "ifft", "hfft", "irfft")
REAL = ("rfft", "ihfft", "fft", "ifft")


def real(*shape):
    return RNG.normal(size=shape)


def cplx(*shape):
    return real(*shape) + 1j * real(*shape)


def power(y):
    return np.sum((y * np.conj(y)).real)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("n", [None, 3, 6, 9])
@pytest.mark.parametrize("length", [5, 6])
@pytest.mark.parametrize("name", sorted({*COMPLEX, *REAL}))
def test_one_dimension(name, length, n, norm):
    f = getattr(np.fft, name)
    for x in [real(length)] * (name in REAL) + [cplx(length)] * (name in COMPLEX):
        check(lambda x: f(x, n, norm=norm), x, order=1 if n else 2)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("name", sorted({*COMPLEX, *REAL}))
def test_axes(name, axis):
    f = getattr(np.fft, name)
    check(lambda x: f(x, axis=axis), cplx(3, 4) if name in COMPLEX else real(3, 4), order=1)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4)])
@pytest.mark.parametrize("name", ["fft2", "ifft2", "fftn", "ifftn", "rfft2", "irfft2", "rfftn", "irfftn"])
def test_several_dimensions(name, shape, norm):
    f = getattr(np.fft, name)
    x = real(*shape) if name.startswith("r") else cplx(*shape)
    check(lambda x: f(x, norm=norm), x, order=1)
    check(lambda x: f(x, s=(5, 2), axes=(0, 1), norm=norm), x, order=1)


def test_shifts_and_frequencies():
    check(np.fft.fftshift, real(4, 3))
    check(lambda x: np.fft.ifftshift(x, axes=0), real(5, 2))
    check(lambda d: np.fft.fftfreq(5, d), 0.3)
    check(lambda x: np.fft.irfft(np.fft.rfft(x) * np.exp(-np.fft.rfftfreq(7)), 7), real(7))


def test_smallest_length():
    for name in REAL:
        check(getattr(np.fft, name), real(1))
    check(lambda x: np.fft.irfft(x, 1), cplx(3))
    check(lambda x: np.fft.irfft(x, 2), real(3))


def test_real_argument_has_real_cotangent():
    for f in (np.fft.fft, np.fft.rfft, np.fft.ifft, np.fft.ihfft):
        g = wg.grad(lambda x, f=f: power(f(x)))(real(6))
        assert g.dtype == np.float64


def test_parseval():
    # Σ |F x|² = n Σ |x|², whose gradient is 2 n x.
    x = cplx(6)
    np.testing.assert_allclose(wg.grad(lambda x: power(np.fft.fft(x)))(x), 12 * x, rtol=1e-13)


def test_single_precision():
    x = real(6).astype(np.float32)
    y, pullback = wg.vjp(np.fft.rfft, x)
    assert y.dtype == np.complex64
    assert pullback(np.ones_like(y))[0].dtype == np.float32


def test_convolution_theorem():
    a, b = real(5), real(5)
    check(lambda a, b: np.fft.ifft(np.fft.fft(a) * np.fft.fft(b)).real, a, b)


def test_out():
    def f(x):
        y = np.empty(4, complex)
        np.fft.fft(x, out=y)
        return y

    check(f, real(4))


def test_errors_are_numpys():
    with pytest.raises(ValueError, match="Invalid number of FFT data points"):
        wg.jvp(lambda x: np.fft.fft(x, 0), (real(3),), (real(3),))
    with pytest.raises(ValueError, match="Invalid norm value"):
        wg.jvp(lambda x: np.fft.fft(x, norm="no"), (real(3),), (real(3),))
    with pytest.raises(np.exceptions.AxisError):
        wg.jvp(lambda x: np.fft.fft(x, 3, axis=2), (real(3),), (real(3),))
