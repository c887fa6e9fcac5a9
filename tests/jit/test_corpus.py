"""Every program that the core is tested with, compiled: value and derivative are those of NumPy."""

import warnings
import zlib

import numpy as np
import pytest
from jit.corpus import corpus, derivative
from jit.same import agree

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

CORPUS = corpus()
IN_PLACE = {
    "inplace.add_at_rows", "inplace.gaussian_elimination", "algorithm_programs.givens_least_squares",
    "algorithm_programs_finance.black_scholes", "algorithm_programs_numpy.gs_residual_history",
    "inplace_programs.prefix_sums", "inplace_programs_buffers.circular_buffer",
    "inplace_programs_buffers.quicksort_by_views", "inplace_programs_views.buffer_as_attribute",
    "numerics.gaussian_elimination", "scipy_programs.frozen_distributions", "statistics_programs.random_intercepts",
    "statistics_programs.eight_schools", "statistics_programs.multinomial_logit",
    "statistics_programs.gaussian_mixture_in_two_dimensions",
}  # fmt: skip
"""Known to be wrong, or refused by the compiler: arrays that are written to in place and read in between."""


def known(names):
    mark = pytest.mark.xfail(reason="compiled writes in place", strict=False)
    return [pytest.param(name, marks=mark) if name in IN_PLACE else name for name in names]


def run(f, x):
    jitted = wg.jit(f)
    for point in (x, x, np.multiply(x, 1.01) if isinstance(x, np.ndarray) else x * 1.01, x):
        agree(jitted, f, point)


@pytest.mark.parametrize("name", known(CORPUS))
def test_value(name):
    run(*CORPUS[name])


@pytest.mark.parametrize("name", known(n for n in CORPUS if zlib.crc32(n.encode()) % 4 == 0))
def test_derivative(name):
    f, x = CORPUS[name]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        y = f(x)
    run(derivative(f, y), x)
