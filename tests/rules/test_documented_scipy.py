"""SciPy as its documentation shows it: parts of results, splines as objects, whole numbers, keywords, distributions."""

import numpy as np
import pytest
import scipy.sparse.csgraph as graphs
from check import check
from scipy import constants, fftpack, integrate, interpolate, ndimage, optimize, signal, sparse, special, stats
from scipy.cluster import hierarchy
from scipy.sparse import linalg
from scipy.spatial import KDTree, distance

import wengert as wg
from wengert import errors

X = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
Y = np.sin(X)
A = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
POINTS = np.array([[0, 0], [0, 1.2], [1, 0.1], [0, 4], [0, 3.3], [1.3, 4], [4, 0.2], [3, 0], [4.1, 1]])
EDGES = np.array([[0, 1.0, 2, 0], [0, 0, 0, 1], [0, 0, 0, 3], [0, 0, 0, 0]])


def decay(p):
    return p[0] * np.exp(-p[1] * X) - 2.5 * np.exp(-1.3 * X) - 0.1 * np.cos(3 * X)


def bounded(t):
    B = np.array([[1.0, 2], [3, 4], [5, 6.5]])
    found = optimize.lsq_linear(B * t, [1, 2, 3.0], bounds=(0, 1))
    return found.x, found.cost, found.fun


def covariance(t):
    found = optimize.least_squares(lambda p: decay(p) * t, [1.0, 1], xtol=1e-13, ftol=1e-13, gtol=1e-13)
    return np.linalg.inv(found.jac.T @ found.jac)


def sparse_norms(t):
    found = linalg.lsqr(sparse.csr_array(A) * t, np.array([1, 0.01 * t, -1.0]), damp=0.3, atol=1e-14, btol=1e-14)
    other = linalg.lsmr(sparse.csr_array(A) * t, np.array([1, 0.01 * t, -1.0]), atol=1e-14, btol=1e-14)
    return found[3], found[4], found[8], other[3], other[7]


RESULTS = {
    "lsq_linear": bounded,
    "least_squares": covariance,
    "leastsq": lambda t: optimize.leastsq(lambda p: decay(p) * t, [1.0, 1], full_output=True)[1],
    "curve_fit": lambda t: optimize.curve_fit(
        lambda x, a, b: a * np.exp(-b * x), X, t * (Y + 2), full_output=True)[1],
    "linprog": lambda t: optimize.linprog([-t, 4], A_ub=[[-3, 1], [1, 2 * t], [1, 1]], b_ub=[6, 4.0, 9],
                                          bounds=[(None, None), (-3, None)]).slack,
    "root": lambda t: optimize.root(lambda x: [x[0] ** 2 - t], [1.0]).fun * 0.0,
    "lsqr": sparse_norms,
}  # fmt: skip


@pytest.mark.parametrize("name", RESULTS)
def test_parts_of_results(name):
    check(RESULTS[name], 1.1, rtol=2e-4, value=False, h=1e-2)


def test_parts_without_a_derivative_say_so():
    def f(t):
        found = optimize.minimize(lambda x: (x[0] - t) ** 2, [0.0])
        assert hasattr(found, "jac")
        with pytest.raises(AttributeError, match="foo"):
            _ = found.foo
        return found.x[0]

    assert wg.grad(f)(1.2) == pytest.approx(1.0)
    for part in (lambda found: found.hess_inv, lambda found: found["hess_inv"]):
        with pytest.raises(errors.NoDerivative, match="hess_inv"):
            wg.grad(lambda t, part=part: part(optimize.minimize(lambda x: (x[0] - t) ** 2, [0.0]))[0, 0])(1.2)


SPLINES = {
    "CubicSpline": lambda t: interpolate.CubicSpline(X * t, Y * t),
    "PchipInterpolator": lambda t: interpolate.PchipInterpolator(X * t, Y * t),
    "make_interp_spline": lambda t: interpolate.make_interp_spline(X * t, Y * t),
    "BSpline": lambda t: interpolate.BSpline(np.arange(8.0) * t, np.array([1, 2, 0.5, 3]) * t, 3),
}


@pytest.mark.parametrize("name", SPLINES)
def test_arrays_of_splines(name):
    def f(t):
        spline = SPLINES[name](t)
        knots = spline.t if isinstance(spline, interpolate.BSpline) else spline.x
        return spline.c, knots

    check(f, 1.1, order=1)


def test_splines_made_otherwise():
    check(lambda t: interpolate.BSpline.basis_element([0, 1, 2, 3, 4.0 * t])(2.2), 1.1)
    check(lambda t: interpolate.BSpline.construct_fast(np.arange(8.0) * t, np.array([1, 2, 0.5, 3]) * t, 3)(3.7), 1.1)

    def changed(t):
        spline = interpolate.CubicSpline(X, Y)
        spline.c = spline.c * t
        return spline(1.3)

    check(changed, 1.1)


@pytest.mark.parametrize("m", [1, 2])
def test_inserted_knots(m):
    def f(t):
        spline = SPLINES["BSpline"](t).insert_knot(3.6 * t, m)
        return spline.t, spline.c, spline(3.9)

    check(f, 1.1, value=False)
    y = SPLINES["make_interp_spline"](1.0)
    assert wg.jvp(lambda t: SPLINES["make_interp_spline"](t).insert_knot(1.7)(1.3), (1.0,), (1.0,))[0] == y(1.3)


def test_sparse_matrices_of_a_type():
    def f(t):
        return (sparse.csr_array([[t, 2], [3, 4]], dtype="int32") * 1.0).toarray() * t

    check(f, 1.1)
    check(lambda t: sparse.coo_array(([t, 2.6], ([0, 1], [1, 0])), dtype=int).toarray() * t, 1.1)


def test_patterns():
    def f(t):
        triangle = sparse.csc_array(np.array([[t, 2], [0, 4]]))
        return t * np.array([*linalg.spbandwidth(triangle), *linalg.is_sptriangular(triangle)])

    check(f, 1.1)


def test_spectra_that_are_no_function():
    check(lambda t: special.elliprg(0, 0, t), 1.1)
    with pytest.raises(errors.NoDerivative, match="complex"):
        wg.grad(lambda t: np.real(special.zeta(t + 2j)))(1.5)


WHOLE = {
    "label": lambda t: ndimage.label(np.array([[0, 0, 1.0], [0, 1, 0], [1, 1, 0]]) * t)[0],
    "binary_dilation": lambda t: ndimage.binary_dilation(np.array([[0, 0, 1.0], [0, 0, 0], [1, 0, 0]]) * t),
    "correlate": lambda t: ndimage.correlate(np.arange(12).reshape(3, 4), np.array([[1, 0.5], [0.3, 2]]) * t),
    "convolve1d": lambda t: ndimage.convolve1d(np.arange(12), np.array([1, 0.5, 0.3]) * t),
    "check_NOLA": lambda t: signal.check_NOLA(signal.windows.hann(8) * t, 8, 4),
    "num_obs_y": lambda t: distance.num_obs_y(distance.pdist(POINTS * t)),
    "cut_tree": lambda t: hierarchy.cut_tree(hierarchy.linkage(POINTS * t), 3),
    "query_pairs": lambda t: len(KDTree(POINTS).query_pairs(1.5 * t)),
    "query_ball_tree": lambda t: len(KDTree(POINTS).query_ball_tree(KDTree(POINTS), r=1.5 * t)),
    "connected_components": lambda t: graphs.connected_components(csgraph=sparse.csr_array(EDGES * t))[1],
    "structural_rank": lambda t: graphs.structural_rank(sparse.csr_array(EDGES * t)),
    "ranksums": lambda t: stats.ranksums([t, 2, 3.5], [2.0, 3 * t, 5]).statistic,
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers(name):
    check(lambda t: WHOLE[name](t) * t, 1.1)


GRAPHS = {
    "shortest_path": lambda t: graphs.shortest_path(csgraph=sparse.csr_array(EDGES * t), directed=False),
    "minimum_spanning_tree": lambda t: graphs.minimum_spanning_tree(csgraph=sparse.csr_array(EDGES * t)).toarray(),
    "ward": lambda t: hierarchy.ward(distance.pdist(POINTS + 0.1 * t * np.sin(POINTS)))[:, 2],
    "cophenet": lambda t: hierarchy.cophenet(hierarchy.average(POINTS * t + 0.1 * t**2), distance.pdist(POINTS * t)),
    "jaccard": lambda t: distance.dice([1.0 * t, 0.5, 0.0], [0.3, 1.0 * t, 0.0]),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_and_trees(name):
    check(GRAPHS[name], 1.1, order=1)


COMPOSED = {
    "convert_temperature": lambda t: constants.convert_temperature(np.array([-40, 40.0]) * t, "Celsius", "F"),
    "lambda2nu": lambda t: constants.lambda2nu([t, 2.0]),
    "rfftfreq": lambda t: fftpack.rfftfreq(8, d=0.1 * t),
    "polygamma": lambda t: special.polygamma([1, 2], [2.0 * t, 3.0]),
    "softplus": lambda t: special.softplus([-t, 0.0, t]),
    "CZT": lambda t: np.real(signal.CZT(7, m=5, a=0.9 * t)(np.arange(7.0) * t)),
    "ZoomFFT": lambda t: np.real(signal.ZoomFFT(7, [0.1, 0.4], m=5)(np.arange(7.0) * t)),
    "qmc.scale": lambda t: stats.qmc.scale(np.array([[0.1 * t, 0.2], [0.3, 0.8]]), [-t, 0], [2, 3 * t]),
    "inv_cov": lambda t: stats.gaussian_kde(np.array([t, 2, 3.5 * t, 4, 7])).inv_cov,
    "gennorm": lambda t: stats.gennorm.stats(1.3 * t, moments="mvsk"),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_functions_in_python(name):
    check(COMPOSED[name], 1.1)


class Weibull:
    """A distribution by its density."""

    __make_distribution_version__ = "1.16.0"
    parameters = {"a": {"endpoints": (0, np.inf)}}  # noqa: RUF012
    support = {"endpoints": (0, np.inf)}  # noqa: RUF012

    def pdf(self, x, a):
        return a * x ** (a - 1) * np.exp(-(x**a))


LAWS = {
    "icdf": lambda t: stats.make_distribution(Weibull())(a=1.5 * t).icdf(0.3 * t),
    "median": lambda t: stats.make_distribution(Weibull())(a=1.5 * t).median(),
    "ilogcdf": lambda t: stats.Normal(mu=t, sigma=2 * t).ilogcdf(-0.3 * t),
    "inversion": lambda t: stats.Normal(mu=t, sigma=2 * t).icdf(np.array([0.3, 0.6]) * t, method="inversion"),
    "mixture": lambda t: stats.Mixture(
        [stats.Normal(mu=t, sigma=1.0), stats.Normal(mu=-t, sigma=0.5)], weights=[0.3, 0.7]).icdf(0.4),
    "sample": lambda t: stats.Normal(mu=t, sigma=2 * t).sample(5, rng=np.random.default_rng(3)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_distributions_as_classes(name):
    check(LAWS[name], 1.1, rtol=1e-5, order=1)


def test_modes_that_are_searched_for():
    gamma = stats.make_distribution(stats.gamma)
    assert wg.grad(lambda t: gamma(a=2 * t).mode())(1.1) == pytest.approx(2.0, rel=1e-6)  # a − 1


@pytest.mark.filterwarnings("ignore")
def test_values_where_a_rule_has_none():
    """QUADPACK's rule gives 0·∞ far out, tanhsinh does not: the value stays SciPy's."""

    def f(t):
        with np.errstate(over="ignore", invalid="ignore"):
            return integrate.tanhsinh(lambda x: x * np.exp(x * t) * np.exp(-np.exp(x * t)), -np.inf, np.inf).integral

    y, slope = wg.value_and_grad(f)(1.1)
    assert y == f(1.1)
    assert slope == pytest.approx((f(1.101) - f(1.099)) / 0.002, rel=1e-5)
