"""scipy.stats: Pearson III at no skewness, von Mises, fits in closed form, and statistics of samples that were refused."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.stats as st
from check import check

import wengert as wg

rng = np.random.default_rng(3)
X, Y = rng.normal(size=12) + 0.3, 1.4 * rng.normal(size=12)
P = np.abs(X) + 0.1
Q = np.array([0.1, 0.5])
CASES = {
    "quantile": (lambda x: st.quantile(x, 0.3), X),
    "expectile": (lambda x: st.expectile(x, 0.3), X),
    "bayes_mvs": (lambda x: [r.statistic for r in st.bayes_mvs(x)], X),
    "its intervals": (lambda x: [r.minmax for r in st.bayes_mvs(x)], X),
    "pointbiserialr": (lambda y: st.pointbiserialr(np.arange(12) % 2, y)[0], Y),
    "siegelslopes": (lambda x, y: list(st.siegelslopes(y, x)), X, Y),
    "siegelslopes, separate": (lambda y: list(st.siegelslopes(y, method="separate")), Y),
    "chatterjeexi": (lambda x, y: st.chatterjeexi(x, y).statistic * np.sum(x), X, Y),
    "vonmises.cdf": (lambda q: st.vonmises.cdf(q, 1.2), Q),
    "expon.fit": (lambda x: st.expon.fit(x), P),
    "uniform.fit": (lambda x: st.uniform.fit(x), P),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_derivatives(case):
    check(*case, h=1e-4, rtol=1e-6)


@pytest.mark.parametrize("name", ["pdf", "logpdf", "cdf"])
def test_pearson3_without_skew(name):
    """SciPy takes the normal distribution there: differences that step over it say how it moves."""
    f = getattr(st.pearson3, name)
    check(lambda s, q: f(q, s), 0.0, Q, h=2e-2, rtol=1e-4)
    np.testing.assert_allclose(
        wg.jvp(lambda s: st.pearson3.pdf(Q, s), (np.array([0.0, 0.7]),), (np.ones(2),))[1],
        [st.norm.pdf(0.1) * (0.1**3 - 0.3) / 6, wg.grad(lambda s: st.pearson3.pdf(0.5, s))(0.7)],
        rtol=1e-12,
    )


def test_rice_without_signal():
    """The density is even in b: e^−|xb| in SciPy's formula is not."""
    slope = wg.grad(lambda b: st.rice.pdf(0.5, b))
    assert slope(0.0) == 0
    bend = 0.5 * np.exp(-0.125) * (0.125 - 1)  # of x e^−(x² + b²)/2 (1 + (xb)²/4 …)
    np.testing.assert_allclose(wg.grad(slope)(0.0), bend, rtol=1e-12)
    check(lambda b, q: st.rice.pdf(q, b), np.array([0.6, 3.0]), Q)


NAMED_BY_TEXT = """
import sys
import numpy as np, scipy.stats as st, wengert as wg
law, method = sys.argv[1:]
f = lambda v: getattr(getattr(st, law), method)(*v)
print(*wg.grad(f)(np.array([0.3, 0.8])))
"""


@pytest.mark.parametrize("law", ["foldnorm", "pearson3", "skewnorm", "exponnorm"])
@pytest.mark.parametrize("method", ["ppf", "logcdf"])
def test_methods_named_by_text(law, method):
    """In a process of its own: whatever mentions these names brings them within reach."""
    command = [sys.executable, "-c", NAMED_BY_TEXT, law, method]
    here = {**os.environ, "PYTHONPATH": str(Path(wg.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=here)
    q, s, h = 0.3, 0.8, 1e-5
    f = getattr(getattr(st, law), method)
    expected = [(f(q + h, s) - f(q - h, s)) / (2 * h), (f(q, s + h) - f(q, s - h)) / (2 * h)]
    np.testing.assert_allclose([float(x) for x in done.stdout.split()], expected, rtol=1e-6)


@pytest.mark.parametrize("method", ["ppf", "isf"])
def test_quantiles_of_the_inverse_gaussian(method):
    check(
        lambda q, m: getattr(st.invgauss, method)(q, m, 0.1, 1.3),
        np.array([0.2, 0.4, 0.95]),
        np.array([1.2, 0.5, 2.0]),
    )
