"""SciPy's functions of points on a line, of too few numbers, and of recorded counts."""

import numpy as np
import pytest
import scipy.spatial as spatial
import scipy.stats as st
from check import check

import wengert as wg

rng = np.random.default_rng(2)
CLOUD, OTHER, LINE = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=5)
ALONG, FLAT = np.array([0.3, -0.7, 0.5]), np.array([1.0, 1.0, 0.0])
SUPERPOSED = {
    "few points": lambda a: spatial.procrustes(CLOUD[:3], a.reshape(3, 3)),
    "on a line": lambda a: spatial.procrustes(CLOUD, np.outer(a[:5], ALONG)),
    "the cloud on a line": lambda a: spatial.procrustes(np.outer(a[:5], ALONG), CLOUD)[2],
    "both in a plane": lambda a: spatial.procrustes(a[:8].reshape(4, 2) @ np.eye(2, 3), CLOUD[:4] * FLAT)[2],
}


@pytest.mark.parametrize("f", SUPERPOSED.values(), ids=SUPERPOSED)
def test_what_is_left_where_no_one_rotation_is_best(f):
    check(f, rng.normal(size=9), h=1e-4, rtol=1e-6)


def test_the_kink_of_a_superposition_where_a_plane_is_left_has_the_least_slope():
    slope = wg.grad(lambda a: spatial.procrustes(a, OTHER)[2])(CLOUD * FLAT)
    mirrored = wg.grad(lambda a: spatial.procrustes(a, OTHER * [1.0, 1.0, -1.0])[2])(CLOUD * FLAT)
    np.testing.assert_allclose(slope, mirrored, atol=1e-12)


FEW = [(st.skew, 1), (st.sem, 1), (st.kstat, 1), (st.tvar, 1), (st.differential_entropy, 3)]


@pytest.mark.parametrize(("f", "n"), FEW, ids=[f.__name__ for f, _ in FEW])
@pytest.mark.filterwarnings("ignore")
def test_no_answer_has_no_slope(f, n):
    x = np.array([1.0, 2.0, 4.0])[:n]
    assert np.isnan(f(x))
    assert np.all(np.isnan(wg.grad(f)(x)))
    assert np.all(np.isnan(wg.jvp(f, (x,), (np.ones(n),))[1]))


@pytest.mark.filterwarnings("ignore")
def test_moments_of_higher_order_than_there_are_numbers():
    x = np.array([1.0, 2.0, 4.0])
    slopes = wg.jacobian(st.lmoment)(x)
    expected = wg.jacobian(lambda x: st.lmoment(x, order=[1, 2, 3]))(x)
    np.testing.assert_allclose(slopes[:3], expected, rtol=1e-12)
    assert np.all(np.isnan(slopes[3]))


COUNTS, EDGES = np.array([3.0, 5.0, 2.0, 4.0]), np.arange(5.0)


@pytest.mark.parametrize("density", [True, False])
def test_a_distribution_of_recorded_counts(density):
    def of(counts, edges):
        d = st.rv_histogram((counts, edges), density=density)
        methods = (d.pdf, d.logpdf, d.cdf, d.sf, d.ppf)
        return [m(0.3 + 0.1 * k) for k, m in enumerate(methods)] + [d.mean(), d.var(), d.entropy(), d.median()]

    check(of, COUNTS, EDGES, order=1, h=1e-4, rtol=1e-6)
    check(lambda counts: of(counts, EDGES), COUNTS, h=1e-3, rtol=1e-6)
