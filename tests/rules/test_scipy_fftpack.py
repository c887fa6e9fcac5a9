"""scipy.fftpack: the older names of transforms, and operators of periodic sequences."""

import numpy as np
import pytest
from check import check
from scipy import fftpack
from ways import every_way

rng = np.random.default_rng(0)
EVEN, ODD, MATRIX = rng.normal(size=8), rng.normal(size=7), rng.normal(size=(3, 4))
TRANSFORMS = ["fft", "ifft", "rfft", "irfft", "dct", "idct", "dst", "idst"]
OPERATORS = {
    "diff": (2,), "hilbert": (), "ihilbert": (), "tilbert": (1.5,), "itilbert": (1.5,), "shift": (0.3,),
    "sc_diff": (0.4, 0.3), "cs_diff": (0.4, 0.3), "cc_diff": (0.4, 0.3), "ss_diff": (0.4, 0.3),
}  # fmt: skip


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(name):
    f = getattr(fftpack, name)
    for x in (EVEN, ODD):
        check(lambda x: f(x), x, order=1)
        for n in (5, 9):
            check(lambda x, n=n: f(x, n=n), x, order=1)
    check(lambda x: f(x, axis=0), MATRIX, order=1)
    if name.endswith("fft"):
        check(lambda x: f(x, None, 0), MATRIX, order=1)


@pytest.mark.parametrize("name", ["fft2", "ifft2", "fftn", "ifftn", "dctn", "idctn", "dstn", "idstn"])
def test_transforms_along_several_axes(name):
    f = getattr(fftpack, name)
    check(lambda x: f(x), MATRIX, order=1)
    check(lambda x: f(x, shape=(4, 3)), MATRIX, order=1)


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
@pytest.mark.parametrize("norm", [None, "ortho"])
def test_types_of_cosine_and_sine_transforms(kind, norm):
    for name in ("dct", "idct", "dst", "idst"):
        f = getattr(fftpack, name)
        check(lambda x, f=f: f(x, kind, norm=norm), ODD, order=1)


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_of_periodic_sequences(name):
    for x in (EVEN, ODD):
        check(lambda x: getattr(fftpack, name)(x, *OPERATORS[name]), x, order=1)


def test_programs():
    every_way(lambda x: np.abs(fftpack.fft(x)) ** 2, [ODD, ODD + 1])
    every_way(lambda x: fftpack.hilbert(x) ** 2, [ODD, ODD + 1])
    every_way(lambda x: fftpack.idct(fftpack.dct(x, norm="ortho") ** 2, norm="ortho"), [ODD, ODD + 1])
