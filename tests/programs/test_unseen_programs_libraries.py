"""Functions of SciPy, and questions that programs ask of their arguments, that were wrong or refused until written down here."""

import collections.abc
import math

import numpy as np
import pytest
from scipy import interpolate, sparse, spatial, stats
from scipy.sparse import csgraph
from ways import both_tests

import wengert as wg

rng = np.random.default_rng(5)
EIGHT = rng.normal(size=8)
WEIGHTS = rng.random((4, 4)) + 0.2
GROUPS = [0, 1, 0, 1, 1, 0, 0, 1]
RAMP = np.arange(8.0)


# ── samples ──


def modes(x):
    return stats.mode(x).mode, stats.mode(x.reshape(4, 2), axis=0).mode


def grand_median(x):
    return stats.median_test(x[:4], x[4:]).median


def characteristic_functions(x):
    return stats.epps_singleton_2samp(np.r_[x, np.sin(x)], np.r_[x**2, np.cos(x)]).statistic


def correlations_with_intervals(x):
    found = stats.pearsonr(x, RAMP).confidence_interval(0.9)
    return stats.pointbiserialr(GROUPS, x).statistic, found.low, found.high


def robust_lines(x):
    repeated = stats.siegelslopes(x)
    return repeated.slope, repeated.intercept, *stats.siegelslopes(x, RAMP**2, method="separate")


def fits_that_are_minima_and_means(x):
    return stats.expon.fit(np.exp(x)), stats.uniform.fit(x), stats.expectile(x, 0.3), stats.bayes_mvs(x)[0].statistic


# ── graphs, shapes, series ──


def shortest_paths(w):
    lengths, before = csgraph.shortest_path(w, return_predecessors=True)
    return lengths, before[0, 1] * w[0, 0], csgraph.dijkstra(sparse.csr_matrix(w), indices=1), csgraph.floyd_warshall(w)


def paths_both_ways(w):
    return csgraph.bellman_ford(w, directed=False, indices=[0, 2]), csgraph.johnson(np.triu(w), indices=0)


def spanning_tree(w):
    tree = csgraph.minimum_spanning_tree(w)
    return tree.toarray(), tree.sum(), csgraph.minimum_spanning_tree(sparse.csr_matrix(w)).sum()


def laplacians(w):
    symmetric = w + w.T
    normed = csgraph.laplacian(symmetric, normed=True)
    count, labels = csgraph.connected_components(w)
    return (
        np.linalg.eigvalsh(normed)[1:],
        csgraph.laplacian(sparse.csr_matrix(symmetric)).toarray(),
        count * w[labels[0]],
    )


def superimposed_shapes(w):
    return spatial.procrustes(w, np.eye(4))


def rational_approximant(x):
    p, q = interpolate.pade(x[:5] + 1, 2)
    return p(0.3) / q(0.3)


# ── questions ──


def scalars_or_sequences(x):
    def listed(p):
        return list(p) if hasattr(p, "__iter__") else [p]

    def summed(p):
        return sum(p) if isinstance(p, collections.abc.Iterable) else 3 * p

    return [math.sqrt(sum(t * t for t in listed(p))) + summed(p) for p in (x, x[0], [x[1], x[2]])]


def an_attribute_that_numpy_dropped(x):
    return x.ptp() if hasattr(x, "ptp") else x @ x


CASES = {
    modes: EIGHT,
    grand_median: EIGHT,
    characteristic_functions: rng.normal(size=12),
    correlations_with_intervals: EIGHT,
    robust_lines: EIGHT,
    fits_that_are_minima_and_means: EIGHT,
    shortest_paths: WEIGHTS,
    paths_both_ways: WEIGHTS,
    spanning_tree: WEIGHTS,
    laplacians: WEIGHTS,
    superimposed_shapes: WEIGHTS,
    rational_approximant: EIGHT,
    scalars_or_sequences: EIGHT,
    an_attribute_that_numpy_dropped: EIGHT,
}

test_program, test_compiled = both_tests(CASES)


def by_shape(t):
    return 3 * t if hasattr(t, "shape") else 5 * t


def by_dimensions(t):
    return 3 * t if getattr(t, "ndim", None) == 0 else 5 * t


def by_trying(t):
    try:
        return 3 * t + len(t.shape)
    except AttributeError:
        return 5 * t


@pytest.mark.parametrize("f", [by_shape, by_dimensions, by_trying])
def test_numbers_of_python_have_no_shape(f):
    assert (wg.grad(f)(0.7), wg.jit(wg.grad(f))(0.7), wg.grad(wg.grad(lambda t: f(t) ** 2))(0.7)) == (5.0, 5.0, 50.0)
    assert (wg.grad(f)(np.float64(0.7)), wg.grad(lambda x: f(x[0]))(np.ones(2))[0]) == (3.0, 3.0)


def reflectances(p):
    found = []
    for length in (0.5, 0.6, 0.7):
        index, m = [1, p[0], p[1] - 0.05j, 1.52], np.eye(2, dtype=complex)
        for n, thickness in zip(index[1:3], [0.1, p[2]], strict=True):
            phase = 2 * np.pi * n * thickness / length
            layer = [[np.cos(phase), 1j * np.sin(phase) / n], [1j * n * np.sin(phase), np.cos(phase)]]
            m = m @ np.array(layer)
        b, c = m @ np.array([1, index[3]])
        found.append(abs((1 - c / b) / (1 + c / b)) ** 2)
    return np.array(found) @ [1.0, 0.3, 0.5]


def test_a_loop_that_keeps_complex_numbers_of_python_is_recorded_once():
    compiled, x = wg.jit(wg.grad(reflectances)), np.array([1.4, 2.1, 0.25])
    for _ in range(2):
        np.testing.assert_allclose(compiled(x), wg.grad(reflectances)(x), rtol=1e-12)
    assert "path 1 of 1" in compiled.explain(x)
