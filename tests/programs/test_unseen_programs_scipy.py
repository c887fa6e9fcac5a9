"""Programs over parts of SciPy seldom met: operators, steppers, bins, boxes, tests of samples, orders of Bessel functions."""

import numpy as np
import pytest
import scipy.sparse.linalg as sla
from check import check
from scipy import integrate, interpolate, linalg, ndimage, optimize, sparse, special, stats
from ways import both_tests

import wengert as wg

rng = np.random.default_rng(61)
GRID = np.linspace(0.0, 1.0, 12) ** 2


class Stiffness(sla.LinearOperator):
    """A chain of springs that is never written down as a matrix."""

    def __init__(self, k):
        self.k = k
        super().__init__(dtype=float, shape=(len(k) - 1,) * 2)

    def _matvec(self, u):
        return -np.diff(self.k * np.diff(np.concatenate([[0.0], np.ravel(u), [0.0]])))

    def _adjoint(self):
        return self


def springs_without_a_matrix(k):
    A, load = Stiffness(k), np.linspace(1.0, 2.0, len(k) - 1)
    u, failed = sla.cg(A, load, rtol=1e-13)
    least = sla.lsqr(A, load, atol=1e-14, btol=1e-14)[0]
    return u, A @ u, (2 * A)(load), sla.eigsh(A, k=2, v0=load, return_eigenvectors=False), least, failed + 0.0 * k[0]


def operators_of_functions(k):
    n = len(k)
    A = sla.LinearOperator(
        (n, n), matvec=lambda v: k * np.ravel(v) + k[0] * np.sum(v), rmatvec=lambda v: k * v + k @ v * 0
    )
    outer = sla.aslinearoperator(np.outer(k, k))
    return A.matvec(np.ones(n)), (A + outer) @ np.arange(float(n)), sla.gmres(A, np.ones(n), rtol=1e-13)[0]


def means_of_a_sparse_matrix(x):
    A = sparse.csr_array(np.outer(x, x))
    return A.mean(axis=1), A.mean(), A.sum(axis=(0, 1)), A.mean(axis=0)


def stepped_by_hand(p):
    solver = integrate.RK45(lambda t, y: [y[1], -p[0] * y[0]], 0.0, [p[1], p[2]], 2.0, max_step=0.1, first_step=0.1)
    times, heights = [], []
    while solver.status == "running":
        solver.step()
        times.append(solver.t)
        heights.append(solver.y[0])
        between = solver.dense_output()(solver.t_old + 0.05)
    return heights[-1], np.interp(0.33, times, heights), between


def asked_between_the_steps(p):
    flow = integrate.solve_ivp(lambda t, y: [y[1], -p[0] * y[0]], (0, 2), p[1:], dense_output=True, rtol=1e-8).sol
    return flow(p[0]), flow(np.linspace(0, 2, 4)), flow(0.3)


def integrators_of_old(p):
    r = integrate.ode(lambda t, y, k: [y[1], -k * y[0] - p[1] * y[1]]).set_integrator("dopri5", rtol=1e-11, atol=1e-11)
    r.set_initial_value([p[2], 0.0], 0.0).set_f_params(p[0])
    times, heights = [], []
    while r.successful() and r.t < 1.0:
        r.integrate(r.t + 0.5)
        times.append(r.t)
        heights.append(r.y[0])
    return np.array(heights), np.trapezoid(heights, times)


def profile_in_bins(v):
    spread = stats.binned_statistic(GRID, v, statistic="std", bins=[0, 0.2, 0.5, 1]).statistic
    middle = stats.binned_statistic(GRID, v, "median", bins=3)[0]
    ranges = stats.binned_statistic(GRID, v, lambda part: np.ptp(part), bins=3)[0]
    plane = stats.binned_statistic_2d(v, GRID, v**2, "mean", bins=[2, 2]).statistic
    return spread, middle, ranges, plane[np.isfinite(plane)]


def bivariate_probit(p):
    r = np.random.default_rng(4)
    x, signs = r.normal(size=(4, 2)), np.sign(r.normal(size=(4, 2)))
    total = 0.0
    for row, sign in zip(x, signs, strict=True):
        rho = np.prod(sign) * np.tanh(p[4])
        limits = sign * np.array([row @ p[:2], row @ p[2:4]])
        total += np.log(stats.multivariate_normal.cdf(limits, mean=[0, 0], cov=[[1, rho], [rho, 1]]))
    return total


def box_of_a_normal_vector(p):
    cov = np.array([[p[1], p[2]], [p[2], p[3]]])
    inside = stats.multivariate_normal.cdf([p[0], 1.0], cov=cov, lower_limit=[-1.0, -np.inf])
    return inside, stats.multivariate_normal([0.0, p[0]], cov).cdf([[p[0], 0.3], [0.1, p[3]]])


def is_it_normal(x):
    first, second = stats.shapiro(x), stats.shapiro(x[:7])
    rows = stats.shapiro(x.reshape(3, 4), axis=1)
    return first.statistic, first.pvalue, second.pvalue, rows.statistic, rows.pvalue


def resampled(x):
    a, b = x[:6], x[6:]
    difference = lambda a, b: np.mean(a) - np.mean(b)
    return stats.permutation_test((a, b), difference, n_resamples=9, rng=np.random.default_rng(1)).statistic


def power_of_a_t_test(p):
    df, effect = 9.0, p[0] * 3.0
    reach = stats.t.ppf(1 - p[1] / 10, df)
    power = stats.nct.sf(reach, df, effect) + stats.nct.cdf(-reach, df, effect)
    f = stats.ncf.sf(stats.f.ppf(0.95, 2, 12), 2, 12, effect**2)
    return power, f, stats.nct.logpdf(p[0], 4, p[1]), stats.ncf.pdf(p[0], 3, 7, p[1]), stats.nct.ppf(0.3, 5, p[1])


def moments_of_counts(p):
    r, q = 2.0 + p[0], p[1] / 2
    return (
        stats.nbinom.stats(r, q, moments="mvsk"), stats.nct.stats(9, p[0], moments="mvsk"), stats.poisson.entropy(p[0]),
        stats.ncf.stats(3, 12, p[1], moments="mvsk"), stats.binom.ppf(0.3, 7, q) * p[0], stats.zipfian.pmf([1, 3], p[0], 5),
        stats.vonmises.cdf([0.3, -2.0], p[0] * 3), stats.nbinom.entropy(3, q),
    )  # fmt: skip


def matern_of_unknown_smoothness(p):
    nu, length, size = p
    x = np.linspace(0, 1, 6)
    d = np.abs(x[:, None] - x)
    K = np.full((6, 6), size**2)
    u = np.sqrt(2 * nu) * d[d > 0] / length
    K[d > 0] = size**2 * 2 ** (1 - nu) / special.gamma(nu) * u**nu * special.kv(nu, u)
    L = np.linalg.cholesky(K + 0.01 * np.eye(6))
    a = linalg.solve_triangular(L, np.sin(6 * x), lower=True)
    return -0.5 * a @ a - np.log(np.diag(L)).sum()


def heavy_tails(p):
    bessel = special.iv(p[0], [0.1, 30.0]) / special.iv(p[0] + 1, [0.1, 30.0])
    return bessel, stats.genhyperbolic.logpdf([0.3, -1], p[0], 2.0, p[1]), stats.geninvgauss.pdf([0.8, 2.0], p[0], p[1])


def monotone_fit(y):
    up, down = optimize.isotonic_regression(y), optimize.isotonic_regression(y, weights=y**2, increasing=False)
    return up.x, down.x, down.weights


def mixed_integer(p):
    A = np.array([[p[0], 2.0], [2.0, p[0]]])
    r = optimize.milp(
        [-1.0, -1.0], constraints=optimize.LinearConstraint(A, -np.inf, [p[1] + 3, 7.2]), integrality=[1, 0]
    )
    return r.x, r.fun, optimize.milp(-p[:2], bounds=optimize.Bounds(1, 2)).fun


def rational_interpolants(y):
    f = interpolate.FloaterHormannInterpolator(np.linspace(0, 1, len(y)), y, d=2)
    return f(np.array([0.1, 0.33])), f(y[0] ** 2)


def descriptor_system(a):
    w = linalg.eigvals(a, np.diag([1.0, 2.0, 1.0, 0.0]))
    w = w[np.isfinite(w)]
    return np.sum(w**2).real, np.sum(np.abs(w))


CASES = {
    springs_without_a_matrix: rng.uniform(0.5, 1.5, 6), operators_of_functions: rng.uniform(1.0, 2.0, 5),
    means_of_a_sparse_matrix: rng.normal(size=5), stepped_by_hand: [0.6, 1.3, 0.8],
    asked_between_the_steps: [0.6, 1.3, 0.8], profile_in_bins: rng.normal(size=12),
    bivariate_probit: [0.2, 0.5, -0.3, 0.4, 0.1], box_of_a_normal_vector: [0.6, 1.3, 0.3, 0.8],
    is_it_normal: rng.normal(size=12), resampled: rng.normal(size=12), power_of_a_t_test: [0.7, 0.4],
    moments_of_counts: [0.6, 1.3], matern_of_unknown_smoothness: [0.8, 0.5, 1.2], heavy_tails: [1.3, 0.7],
    monotone_fit: [3.2, 1.1, 2.5, 2.4, 4.0], mixed_integer: [1.1, 1.2], rational_interpolants: rng.normal(size=8),
    descriptor_system: np.random.default_rng(3).normal(size=(4, 4)),
}  # fmt: skip
test_program, test_compiled = both_tests(CASES)


def test_an_integrator_of_old_and_what_it_overwrites():
    check(integrators_of_old, np.array([0.6, 1.3, 0.8]), order=1, rtol=1e-5)

    def lsoda(p):
        r = (
            integrate.ode(lambda t, y: -p[0] * y)
            .set_integrator("lsoda", rtol=1e-10, atol=1e-10)
            .set_initial_value(p[1])
        )
        return r.integrate(1), r.integrate(2)  # one array: LSODA writes the second over the first

    p = np.array([0.6, 1.3])
    slope = wg.jacobian(lsoda)(p)
    np.testing.assert_array_equal(slope[0], slope[1])
    np.testing.assert_allclose(slope[0][0], np.exp(-1.2) * np.array([-2.6, 1.0]), rtol=1e-7)


def test_a_box_of_three_dimensions():
    def inside(p):
        cov = np.array([[p[0], p[1], 0.1], [p[1], p[2], 0.2], [0.1, 0.2, 1.0]])
        return stats.multivariate_normal.cdf(p, cov=cov, rng=np.random.default_rng(0))

    p, h = np.array([1.3, 0.3, 0.8]), 1e-2
    exact = lambda p: stats.multivariate_normal.cdf(
        p,
        cov=[[p[0], p[1], 0.1], [p[1], p[2], 0.2], [0.1, 0.2, 1.0]],
        abseps=1e-8,
        maxpts=10**7,
        rng=np.random.default_rng(0),
    )
    slopes = [
        (8 * (exact(p + h * e) - exact(p - h * e)) - exact(p + 2 * h * e) + exact(p - 2 * h * e)) / (12 * h)
        for e in np.eye(3)
    ]
    np.testing.assert_allclose(wg.grad(inside)(p), slopes, atol=2e-6)


def test_powers_of_masked_arrays_are_numpys():
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=12)
        square = lambda x: (np.ma.masked_array(x, mask=np.abs(x) > 1.2) ** 2).filled(0.0)
        np.testing.assert_array_equal(wg.vjp(square, x)[0], square(x))


@pytest.mark.parametrize("v", [0.3, 2.5, 40.0, -0.7])
@pytest.mark.parametrize("x", [1e-6, 0.1, 5.0, 200.0])
def test_orders_of_bessel_functions(v, x):
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(40):
        for ours, theirs in ((special.kve, mpmath.besselk), (special.ive, mpmath.besseli)):
            sign = 1 if ours is special.kve else -1
            exact = lambda a, f=theirs, s=sign: mpmath.exp(s * x) * f(a, x)
            for k in (1, 2):
                expected = float(mpmath.diff(exact, v, k, h=mpmath.mpf(10) ** -10))
                assert wg.derivative(lambda v, f=ours: f(v, x), order=k)(v) == pytest.approx(expected, rel=1e-10)


DECIDED = {
    "counts between edges that move": lambda x: np.histogram([1, 2.0, 3], bins=[0, x, 5])[0] * x,
    "counts within ends that move": lambda x: np.histogram([1, 2.0, 3], bins=2, range=(0, x))[0] * x,
    "sums between edges that move": lambda x: np.histogram([1, 2.0, 3], bins=[0, x, 5], weights=[x, 1, x**2])[0],
    "a count in a plane": lambda x: np.histogram2d([1, 2.0, 3], [1, 2.0, 3], bins=[[0, x, 9], [0, 9]])[0].ravel() * x,
    "a rank": lambda x: np.linalg.matrix_rank(np.diag([np.maximum(x - 2, 0.0), 1.0])) * x,
    "a count of isolated numbers": lambda x: ndimage.histogram(np.array([1.0, 2.0, x]), 0, 4, 2) * x,
}


@pytest.mark.parametrize("name", DECIDED)
def test_what_is_decided_by_values_is_decided_anew(name):
    f = DECIDED[name]
    total = lambda x: np.sum(f(x) * np.arange(1.0, np.size(f(x)) + 1))
    points = [3.2, 2.5, 1.5, 3.5]
    for g in (total, wg.grad(total)):
        compiled, expected = wg.jit(g), [g(x) for x in points]
        np.testing.assert_allclose([compiled(x) for x in points], expected, rtol=1e-12)
        np.testing.assert_allclose(wg.vmap(g)(np.array(points)), expected, rtol=1e-12)
