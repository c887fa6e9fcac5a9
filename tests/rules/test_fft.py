"""numpy.fft and scipy.fft: every name, odd and even lengths, cut and padded, every norm, real and complex."""

import numpy as np
import pytest
import scipy.fft
from check import check
from scipy.fft import dct

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


# ── scipy.fft ──


def by_name(name):
    """The function looked up when it is called: a name bound before is out of reach."""
    return lambda *args, **kwargs: getattr(scipy.fft, name)(*args, **kwargs)


SCIPY_COMPLEX = ("fft", "ifft", "irfft", "hfft")
SCIPY_REAL = ("fft", "rfft", "ihfft")
TRIGONOMETRIC = ("dct", "idct", "dst", "idst")


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("n", [None, 4, 7])
@pytest.mark.parametrize("name", sorted({*SCIPY_COMPLEX, *SCIPY_REAL}))
def test_scipy_one_dimension(name, n, norm):
    f = by_name(name)
    for x in [real(6)] * (name in SCIPY_REAL) + [cplx(6)] * (name in SCIPY_COMPLEX):
        check(lambda x: f(x, n, norm=norm), x, order=1 if n else 2)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("suffix", ["2", "n"])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_scipy_several_dimensions(name, suffix, norm):
    f = by_name(name + suffix)
    x = real(2, 3, 4) if name in ("rfft", "ihfft") else cplx(2, 3, 4)
    check(lambda x: f(x, norm=norm), x, order=1)
    check(lambda x: f(x, s=(5, 2), axes=(0, 1), norm=norm), x, order=1)


@pytest.mark.parametrize("orthogonalize", [None, True, False])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("kind", [1, 2, 3, 4])
@pytest.mark.parametrize("name", TRIGONOMETRIC)
def test_cosine_and_sine(name, kind, norm, orthogonalize):
    f = by_name(name)
    check(lambda x: f(x, kind, norm=norm, orthogonalize=orthogonalize), real(5), order=1)
    check(lambda x: f(x, kind, n=4, axis=0, norm=norm, orthogonalize=orthogonalize), real(3, 2), order=1)


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
@pytest.mark.parametrize("name", TRIGONOMETRIC)
def test_cosine_and_sine_in_several_dimensions(name, kind):
    f = by_name(name + "n")
    check(lambda x: f(x, kind), real(3, 4))
    check(lambda x: f(x, kind, s=(5, 2), axes=(1, 0), norm="ortho"), real(3, 4), order=1)
    check(lambda x: f(x, kind), cplx(3, 4), order=1)


def test_scipy_shifts_and_lengths():
    def smooth(x):
        n = scipy.fft.next_fast_len(len(x), real=True)
        spectrum = scipy.fft.rfft(x, n) * np.exp(-scipy.fft.rfftfreq(n))
        return scipy.fft.irfft(spectrum, n)[: len(x)]

    check(smooth, real(7))
    check(scipy.fft.fftshift, real(4, 3))
    check(lambda x: scipy.fft.ifftshift(x, axes=0), real(5, 2))
    check(lambda d: scipy.fft.fftfreq(5, d), 0.3)


def test_name_bound_by_the_user():
    check(lambda x: dct(x), real(4))


def test_scipy_errors():
    for bad in ({"axes": (3,)}, {"axes": (0, 0)}, {"s": (0,)}, {"s": (2, 3)}):
        with pytest.raises(Exception) as ours:  # noqa: PT011
            wg.jvp(lambda x, bad=bad: scipy.fft.fftn(x, **bad), (real(3),), (real(3),))
        with pytest.raises(type(ours.value)) as theirs:
            scipy.fft.fftn(real(3), **bad)
        assert str(ours.value) == str(theirs.value)


def test_untouched_outside():
    original = scipy.fft.fft
    wg.grad(lambda x: power(scipy.fft.fft(x)))(real(4))
    assert scipy.fft.fft is original
    assert type(scipy.fft.fft(real(4))) is np.ndarray


def test_hankel_transforms():
    def f(x):
        y = scipy.fft.fht(np.exp(x), 0.1, 0.5, offset=0.2, bias=0.3)
        return y, scipy.fft.ifht(x, 0.1, mu=0.5), scipy.fft.ifht(y, 0.1, 0.5, offset=0.2, bias=0.3)

    check(f, np.cos(np.arange(7.0)))
