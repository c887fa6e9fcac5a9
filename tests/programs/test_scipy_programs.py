"""Ordinary programs on SciPy: special functions, linear algebra, distances, signals, quadrature; and what is refused."""

import numpy as np
import pytest
import scipy.linalg as sla
import scipy.special as sp
from check import check
from scipy import integrate, interpolate, optimize, signal, sparse, spatial, stats
from scipy.linalg import block_diag, cho_factor, cho_solve, expm, solve_triangular, toeplitz
from scipy.spatial.distance import cdist, pdist, squareform

import wengert as wg

rng = np.random.default_rng(3)
GRID = np.linspace(0.1, 2.0, 7)
X = rng.normal(size=(6, 2))
Y = rng.normal(size=6)
A = rng.normal(size=(3, 3))


def gaussian_process_by_broadcasting(theta):
    d2 = np.sum(((X[:, None, :] - X[None, :, :]) / np.exp(theta[:2])) ** 2, axis=-1)
    K = np.exp(2 * theta[2]) * np.exp(-0.5 * d2)
    K[np.diag_indices_from(K)] += np.exp(2 * theta[3]) + 0.1
    L = np.linalg.cholesky(K)
    alpha = solve_triangular(L.T, solve_triangular(L, Y, lower=True))
    return 0.5 * Y @ alpha + np.log(np.diag(L)).sum() + 3 * np.log(2 * np.pi)


def gaussian_process_by_cdist(theta):
    Z = X * np.exp(-theta[:2])
    K = np.exp(-0.5 * cdist(Z, Z, "sqeuclidean")) + (0.1 + theta[2] ** 2) * np.eye(6)
    c = cho_factor(K, lower=True)
    return 0.5 * Y.dot(cho_solve(c, Y)) + np.sum(np.log(np.diagonal(c[0])))


def matern_prediction(theta):
    new = np.array([[0.1, 0.2], [0.5, -0.3]])

    def kernel(P, Q):
        r = np.sqrt(3) * cdist(P, Q) / np.exp(theta[0])
        return np.exp(theta[1]) * (1 + r) * np.exp(-r)

    K = kernel(X, X) + 0.2 * np.eye(6)
    k = kernel(X, new)
    mean = k.T @ np.linalg.solve(K, Y)
    cov = kernel(new, new) - k.T @ sla.solve(K, k, assume_a="pos")
    return mean, np.sqrt(np.diag(cov))


def matern_by_bessel(theta):
    nu, r = 1.7, cdist(X, X[:3] + 0.3) / np.exp(theta[0])
    s = np.sqrt(2 * nu) * r
    return (2 ** (1 - nu) / sp.gamma(nu) * s**nu * sp.kv(nu, s)).sum()


def stress_of_a_layout(y):
    d = pdist(y.reshape(6, 2))
    return np.sum((d - pdist(X)) ** 2) / np.sum(pdist(X) ** 2), squareform(d)[0]


def city_blocks(y):
    P = y.reshape(6, 2)
    return cdist(P, X, metric="cityblock").min(axis=1), cdist(P, X, "cosine").sum(), cdist(P, X, "chebyshev")[0]


def energy_of_points(y):
    D = squareform(pdist(y.reshape(6, 2), "sqeuclidean"))
    return np.sum(1 / (D + np.eye(6))) - spatial.distance.euclidean(y[:2], y[2:4])


def bessel_series(a):
    n = np.arange(4)
    return sp.jv(n, a[0] * GRID[:, None]).sum(0), sp.iv(0, a[1]) * sp.kn(1, a[1]), sp.spherical_jn(2, a[0])


def gamma_family(a):
    return sp.gammaln(a).sum() + sp.beta(a[0], a[1]) + sp.digamma(a[0]) + sp.polygamma(1, a[1]) + sp.poch(a[0], 2.5)


def incomplete(a):
    return sp.gammainc(2.5, a[0] * GRID).sum() + sp.betainc(1.5, 2.0, a[1]) + sp.expi(a[0]) + sp.erfinv(0.3 * a[1])


def error_functions(a):
    z = GRID * a[0] + a[1]
    return sp.erf(z).sum() + sp.erfcx(z).prod() + sp.dawsn(a[0]) + sp.wofz(a[1]).real + sp.log_ndtr(-5 * z).sum()


def ellipses(a):
    m = a[1] ** 2 / (1 + a[1] ** 2)
    return 4 * a[0] * sp.ellipe(m) + sp.ellipk(m) + sp.ellipkinc(0.7, m) + sp.ellipj(a[0], 0.4)[0]


def hypergeometric(a):
    return (
        sp.hyp2f1(0.5, 1.2, 2.3, 0.4 * a[0]) + sp.hyp1f1(0.7, 1.5, a[1]) + sp.hyp0f1(1.5, a[0]) + sp.zeta(2.0 + 0, 1.5)
    )


def lambert_and_friends(a):
    return sp.lambertw(a[0]).real + sp.spence(a[1]) + sp.exprel(a[0]) + sp.xlogy(a[0], a[1]) + sp.logit(0.3 * a[1])


def orthogonal_polynomials(a):
    return sum(c * sp.eval_legendre(n, np.tanh(a[0] * GRID)) for n, c in enumerate(a)).sum() + sp.eval_hermite(3, a[1])


def continuous_to_discrete(theta):
    F = np.array([[0.0, 1.0], [-theta[0], -theta[1]]])
    M = expm(np.block([[F, np.eye(2)], [np.zeros((2, 2)), -F.T]]) * 0.3)
    return M[:2, :2], sla.logm(M[:2, :2]).real, sla.solve_continuous_lyapunov(F, -np.eye(2))


def covariance_by_blocks(theta):
    C = block_diag(np.exp(theta[0]) * np.eye(2), toeplitz([2.0, theta[1], theta[1] ** 2]))
    _, _, U = sla.lu(C + 0.1)
    return np.sum(np.log(np.abs(np.diag(U)))), sla.det(C), sla.inv(C)[2:, 2:]


def solves(theta):
    M = A * theta[0] + 3 * np.eye(3)
    lu = sla.lu_factor(M)
    x = sla.lu_solve(lu, np.array([1.0, theta[1], 2.0]))
    R = sla.qr(M)[1]
    ab = np.array([[0.0, -1, -1, -1], [4 + theta[0], 4, 4, 4], [-1, -1, -1, 0]])
    return (
        x,
        np.abs(np.diag(R)),
        sla.solve_banded((1, 1), ab, np.ones(4)),
        sla.solve_toeplitz([3, theta[1], 0.1], np.ones(3)),
    )


def least_squares_fit(theta):
    design = np.vander(GRID * theta[0], 3)
    coefficients = sla.lstsq(design, np.sin(GRID * theta[1]))[0]
    return coefficients, sla.pinv(design) @ np.ones(7), np.linalg.norm(sla.svdvals(design))


def autoregression(theta):
    x = signal.lfilter([1.0, theta[0]], np.array([1.0, -theta[1], 0.2]), Y)
    return np.sum(x**2) + signal.lfilter(np.ones(2), [2.0, theta[0]], np.outer(theta, Y), axis=1).sum()


def filtered_spectrum(theta):
    x = np.sin(GRID * 3) * theta[0] + theta[1] * GRID**2
    power = signal.periodogram(x)[1]
    smooth = signal.fftconvolve(x, [0.25, 0.5, 0.25], mode="same")
    return power, smooth, np.abs(signal.hilbert(x)).mean(), signal.convolve(x, x), signal.detrend(x) ** 2


def integrals_of_samples(theta):
    y = np.exp(-theta[0] * GRID) * np.cos(theta[1] * GRID)
    return np.array([
        integrate.trapezoid(y, GRID), integrate.simpson(y, x=GRID), integrate.cumulative_trapezoid(y, GRID).sum(),
        integrate.fixed_quad(lambda t: np.exp(-theta[0] * t), 0, theta[1], n=6)[0],
    ])  # fmt: skip


def newton_root(theta):
    return optimize.newton(lambda x: x**3 - theta[0] * x - theta[1], 1.5, fprime=lambda x: 3 * x**2 - theta[0])


def rosenbrock(x):
    return optimize.rosen(x) + optimize.rosen_der(x) @ x


def frozen_distributions(theta):
    prior = stats.norm(loc=theta[0], scale=np.exp(theta[1]))
    other = stats.gamma(a=2.0, scale=np.exp(theta[0]))
    return prior.logpdf(Y).sum(), prior.cdf(0.3), prior.ppf(0.9), other.pdf(GRID), other.sf(GRID[0]), prior.std()


def draws_of_constants(theta):
    noise = np.random.default_rng(4).normal(size=6)
    order = np.random.default_rng(4).permutation(6)
    return np.sum((theta[0] * X[order, 0] + theta[1] * noise) ** 2) + stats.norm.rvs(size=2, random_state=0) @ theta[:2]


def solvers_of_constants(theta):
    root = optimize.brentq(lambda x: x**3 - 2, 0, 2)
    area, _ = integrate.quad(np.exp, 0, 1)
    y = integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0]).y[0, -1]
    spline = interpolate.CubicSpline(GRID, np.sin(GRID))
    M = sparse.diags([1.0, 2.0, 3.0])
    return (
        theta[0] * root
        + theta[1] ** 2 * area
        + y * theta[0] ** 2
        + (M @ np.ones(3)).sum() * theta[1]
        + spline(0.5) * theta[0]
    )


SMALL = np.array([0.4, 0.6])
CASES = {
    gaussian_process_by_broadcasting: np.array([0.1, -0.2, 0.3, -0.4]), gaussian_process_by_cdist: np.array([0.1, -0.2, 0.3]),
    stress_of_a_layout: rng.normal(size=12), city_blocks: rng.normal(size=12), energy_of_points: rng.normal(size=12),
    gamma_family: SMALL + 1, rosenbrock: np.array([0.5, 0.3, 1.1]), newton_root: SMALL + 0.5,
}  # fmt: skip
PROGRAMS = [f for f in list(globals().values()) if getattr(f, "__module__", "") == __name__ and callable(f)]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES.get(f, SMALL), rtol=1e-6)


def test_three_arguments_of_which_the_first_is_a_number():
    assert wg.grad(lambda b: sp.betainc(np.float64(2.0), 1.0, b))(0.3) == pytest.approx(0.6)


def test_distances_at_the_same_point():
    assert np.array_equal(wg.grad(lambda a: cdist(a, a).sum())(np.ones((2, 2))), np.zeros((2, 2)))


def stopped_early(solver):
    solver.set_integrator("dopri5").set_solout(lambda t, y: -1 if y[0] < 0.5 else 0)
    return solver.set_initial_value([1.0]).integrate(1)[0]


REFUSED = {
    "scipy.integrate.quad": lambda a: integrate.quad(lambda x: np.exp(-a * x), 0, np.inf, weight="cos", wvar=1.0)[0],
    "scipy.integrate.ode": lambda a: stopped_early(integrate.ode(lambda t, y: -a * y)),
    "cdist with metric": lambda a: cdist(X * a, X, "hamming").sum(),
    "scipy.optimize.milp": lambda a: optimize.milp([1.0, 1.0], constraints=([[1.0, 1.0]], a, a), bounds=(a / 2, a / 2)).x[0],
    "scipy.signal.place_poles": lambda a: signal.place_poles(a * np.eye(2), np.ones((2, 1)), [-1.0, -2.0]).gain_matrix.sum(),
    "converting ": lambda a: spatial.HalfspaceIntersection(np.array([[-1.0, 0, 0], [0, -1.0, 0], [1, 1, -a - 1]]), np.array([0.1, 0.1])).intersections.sum(),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # SciPy 1.18 goes on after an error
@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("derivative", [wg.grad, wg.derivative])
def test_refused(name, derivative):
    with pytest.raises((TypeError, NotImplementedError), match=r"called at test_scipy_programs") as caught:
        derivative(REFUSED[name])(0.7)
    assert name.strip() in str(caught.value)
    assert type(caught.value).__module__.startswith("wengert")
