"""Every program that the core is tested with, compiled: value and derivative are those of NumPy."""

import warnings
import zlib

import numpy as np
import pytest
from corpus import corpus, derivative
from same import agree

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

CORPUS = corpus()


def run(f, x, **options):
    jitted = wg.jit(f, **options)
    for point in (x, x, np.multiply(x, 1.01) if isinstance(x, np.ndarray) else x * 1.01, x):
        agree(jitted, f, point)


@pytest.mark.parametrize("name", CORPUS)
def test_value(name):
    run(*CORPUS[name])


@pytest.mark.parametrize("name", [n for n in CORPUS if zlib.crc32(n.encode()) % 4 == 0])
def test_derivative(name):
    f, x = CORPUS[name]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        y = f(x)
    run(derivative(f, y), x)
