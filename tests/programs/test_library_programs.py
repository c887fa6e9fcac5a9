"""Programs that lean on SciPy and the rarer functions of NumPy."""

import numpy as np
import pytest
from check import check
from scipy import fft, integrate, interpolate, linalg, ndimage, optimize, signal, sparse, special, stats
from scipy.spatial.distance import cdist, pdist, squareform
from scipy.spatial.transform import Rotation

rng = np.random.default_rng(41)
DATA = rng.normal(size=(8, 3))
GRID = np.linspace(0.1, 2.0, 9)


def quadrature_of_samples(p):
    y = np.exp(-p[0] * GRID) * np.cos(p[1] * GRID)
    return (
        integrate.simpson(y, x=GRID),
        integrate.trapezoid(y, GRID),
        integrate.cumulative_trapezoid(y, GRID, initial=0),
    )


def gauss_nodes_of_scipy(p):
    x, w = special.roots_legendre(6)
    nodes, weights = special.roots_hermite(5)
    return w @ np.exp(p[0] * x) + weights @ np.cos(p[1] * nodes) / np.sqrt(np.pi)


def spline_at_points(p):
    s = interpolate.CubicSpline(GRID, np.sin(GRID))
    return s.c[0, 0] * p[0] + float(s(0.5)) * p[1]


def interpolation_matrix(y):
    basis = np.array([interpolate.BSpline.basis_element([0, 1, 2, 3, 4], extrapolate=False)(1.5 + k) for k in range(2)])
    weights = np.nan_to_num(basis)
    return weights @ y[:2] + interpolate.lagrange([0, 1, 2], [1.0, 2.0, 0.0])(0.5) * y


def matrix_functions(p):
    A = np.array([[p[0], 1.0], [-0.3, p[1]]])
    return linalg.expm(A), linalg.sqrtm(A @ A.T + np.eye(2)), linalg.logm(A @ A.T + np.eye(2)), linalg.sinm(A)


def structured_matrices(p):
    Tm = linalg.toeplitz(p, np.r_[p[0], 0.5, 0.2])
    H, C = linalg.hankel(p), linalg.circulant(p)
    return (
        linalg.solve_toeplitz((p + [3, 0, 0], p + [3, 0, 0]), np.ones(3)),
        Tm @ H,
        linalg.block_diag(C, p[0]).sum(),
        linalg.companion(np.r_[2.0, p]),
    )


def decompositions(p):
    A = np.outer(p, p[::-1]) + 2 * np.eye(3)
    P, L, U = linalg.lu(A)
    _, R = linalg.qr(A)
    s = linalg.svdvals(A)
    return (
        P @ L,
        U,
        np.abs(R),
        s,
        linalg.det(A),
        linalg.norm(A),
        linalg.lstsq(A, p)[0],
        linalg.solve(A + A.T, p, assume_a="sym"),
        linalg.null_space(np.ones((1, 2))).sum() * p,
    )


def banded_and_triangular(p):
    ab = np.array([[0, 0.5, 0.2], [3, 3, 3]]) + 0.1 * p
    L = np.tril(np.outer(p, p)) + np.eye(3) * 2
    return (
        linalg.solveh_banded(ab, p),
        linalg.solve_triangular(L, p, lower=True),
        linalg.cho_solve((L, True), p),
    )


def sylvester_and_riccati(p):
    A, B = np.array([[2.0, p[0]], [0.1, 3.0]]), np.array([[1.0, p[1]], [0.0, 0.5]])
    X = linalg.solve_sylvester(A, B, np.eye(2) * p[2])
    Y = linalg.solve_discrete_lyapunov(0.2 * A, np.eye(2))
    return X, Y


def multivariate(p):
    cov = np.array([[1 + p[0] ** 2, 0.3], [0.3, 1.5]])
    x = DATA[:, :2]
    return (
        stats.multivariate_normal(mean=p[:2], cov=cov).logpdf(x),
        stats.multivariate_t.logpdf(x, loc=p[:2], shape=cov, df=5).sum(),
        stats.dirichlet.logpdf([0.2, 0.3, 0.5], np.exp(p)),
    )


def frozen(p):
    d = stats.norm(loc=p[0], scale=np.exp(p[1]))
    e = stats.expon(scale=np.exp(p[2]))
    return (
        d.pdf(0.3)
        + d.cdf(0.1)
        + d.logsf(0.2)
        + d.ppf(0.7)
        + d.mean()
        + d.std()
        + d.var()
        + d.entropy()
        + e.sf(1.0)
        + e.median()
        + d.interval(0.9)[1]
        + stats.truncnorm.logpdf(0.2, -1, 2, loc=p[0])
    )


def quantile_functions(p):
    q = special.expit(p)
    return (
        stats.norm.ppf(q)
        + stats.logistic.ppf(q)
        + stats.cauchy.ppf(q)
        + stats.gumbel_r.ppf(q)
        + stats.laplace.isf(q)
        + stats.beta.ppf(q, 2, 3)
        + stats.gamma.ppf(q, 2.5)
        + stats.t.ppf(q, 4)
        + stats.chi2.isf(q, 3)
        + stats.lognorm.ppf(q, 0.5)
    )


def more_families(p):
    x, a, b = np.array([0.6, 1.4]), np.exp(p[0]), np.exp(p[1])
    names = {
        "genextreme": (0.2,), "genpareto": (0.3,), "burr12": (a, b), "invgauss": (a,), "vonmises": (a,), "skewnorm": (p[2],),
        "exponnorm": (b,), "maxwell": (), "levy": (), "hypsecant": (), "moyal": (), "gompertz": (a,), "fisk": (b,),
        "triang": (0.4,), "powerlaw": (b,), "loggamma": (a,), "nakagami": (a,), "f": (4.0, 6.0), "exponweib": (a, b),
    }  # fmt: skip
    return sum(getattr(stats, n).logpdf(x, *args, loc=-0.1, scale=1.8).sum() for n, args in names.items())


def summaries_and_statistics(x):
    y = x[::-1] ** 2
    r, _ = stats.pearsonr(x, y)
    slope, intercept, *_ = stats.linregress(x, y)
    return (
        r,
        slope,
        intercept,
        stats.ttest_ind(x, y).statistic,
        stats.ttest_1samp(x, 0.1).statistic,
        stats.trim_mean(y, 0.2),
        stats.hmean(np.exp(x)),
        stats.variation(y),
        stats.iqr(x),
        stats.describe(x).variance,
        stats.moment(x, 3),
    )


def distances(x):
    A = x.reshape(4, 2)
    D = squareform(pdist(A))
    return (
        D.sum(axis=0),
        cdist(A, A[:2], "sqeuclidean"),
        cdist(A, A[::-1], "cosine").sum(),
        cdist(A, A, "cityblock")[0],
        pdist(A, "chebyshev"),
    )


def kernel_methods(p):
    D = cdist(DATA, DATA, "sqeuclidean")
    K = np.exp(-D / (2 * np.exp(p[0]))) + np.exp(p[1]) * np.eye(8)
    alpha = linalg.cho_solve(linalg.cho_factor(K), DATA[:, 0])
    _, logdet = np.linalg.slogdet(K)
    return alpha, logdet, special.logsumexp(-D / np.exp(p[0]), axis=1)


def rotations(p):
    c, s = np.cos(p[0]), np.sin(p[0])
    constant = Rotation.from_euler("z", 30, degrees=True).as_matrix()
    return constant @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ p


def transforms(x):
    return (
        fft.dct(x),
        fft.idst(x, type=2, norm="ortho"),
        np.abs(fft.rfft(x, n=12)),
        fft.fftn(x.reshape(2, 4)).real,
        fft.irfft2(fft.rfft2(x.reshape(2, 4))),
        fft.fftshift(x),
        np.fft.hfft(x).sum(),
        fft.next_fast_len(7) * x,
    )


def spectrogram_by_scipy(x):
    f, P = signal.periodogram(x, fs=2.0)
    _, W = signal.welch(x, nperseg=8)
    return (f * P).sum() / P.sum(), np.log(W + 1), np.abs(signal.hilbert(x)), signal.get_window("hann", 16) @ x


def peaks_and_filters(x):
    peaks, _ = signal.find_peaks(np.sin(np.arange(16.0)))
    b, a = signal.cheby1(2, 1, 0.4)
    return (
        x[peaks].sum(),
        signal.filtfilt(b, a, x),
        signal.sosfilt(signal.butter(2, 0.2, output="sos"), x),
        signal.savgol_filter(x, 5, 2),
        signal.medfilt(x, 3),
        signal.decimate(x, 2, n=2, ftype="iir", zero_phase=False),
    )


def image_processing(x):
    I = x.reshape(4, 4)
    edges = np.hypot(ndimage.sobel(I, 0), ndimage.sobel(I, 1))
    return (
        ndimage.gaussian_filter(I, 0.7),
        edges,
        ndimage.convolve(I, np.ones((3, 3)) / 9, mode="nearest"),
        ndimage.maximum_filter(I, 2),
        ndimage.median_filter(I, 3),
        ndimage.laplace(I),
        ndimage.uniform_filter(I, 2),
        signal.convolve2d(I, [[0, 1, 0], [1, -4, 1], [0, 1, 0]], mode="same", boundary="wrap"),
    )


def sparse_by_hand(p):
    rows, cols = np.array([0, 1, 2, 2]), np.array([0, 2, 1, 2])
    values = p[rows] * np.exp(p[cols])
    y = np.zeros(3)
    np.add.at(y, rows, values * np.array([1.0, 2.0, 3.0])[cols])
    pointer, index = sparse.csr_array(np.eye(3)).indptr, sparse.csr_array(np.eye(3)).indices
    for i in range(3):
        for k in range(pointer[i], pointer[i + 1]):
            y[i] += p[index[k]] ** 2
    return y


def special_tour(p):
    a, b = np.exp(p[0]), special.expit(p[1])
    return (
        special.erf(b) + special.erfcx(a) + special.dawsn(a) + special.gammaln(a) + special.digamma(a)
        + special.jv(1, a) + special.iv(0.5, a) + special.kv(1.5, a) + special.expi(a) + special.exp1(a) + special.ellipk(b)
        + special.ellipe(b) + special.lambertw(a).real + special.xlogy(a, b) + special.log_ndtr(-a) + special.sici(a)[0]
        + special.hyp2f1(1.0, 2.0, 3.0, b) + special.eval_legendre(3, b) + special.huber(1.0, a)
        + special.entr(b) + special.kl_div(a, b) + special.softplus(a) + special.gammainc(2.0, a) + special.betainc(2.0, 3.0, b)
    )  # fmt: skip


def shape_parameters(p):
    a, b = np.exp(p[0]), np.exp(p[1])
    x = np.array([0.3, 0.6, 0.9])
    gamma = stats.gamma.logsf(2 * x, a, scale=b).sum() + stats.gamma.logcdf(x, b).sum()
    return gamma + stats.chi2.logsf(3 * x, a + 1).sum() + stats.gamma.ppf(0.3, b)


def least_squares_by_gauss_newton(p):
    t = GRID
    y = p[0] * np.exp(-p[1] * t)
    theta = np.array([1.0, 1.0])
    for _ in range(2):
        model = theta[0] * np.exp(-theta[1] * t)
        J = np.column_stack([np.exp(-theta[1] * t), -t * model])
        theta = theta + np.linalg.lstsq(J, y - model, rcond=None)[0]
    return theta


def levenberg_marquardt(p):
    theta, lam = np.array([0.5, 0.5]), 1e-1
    residual = lambda q: np.array([q[0] ** 2 + q[1] - p[0], q[0] - q[1] ** 2 - p[1]])
    for _ in range(7):
        r, J = residual(theta), np.array([[2 * theta[0], 1.0], [1.0, -2 * theta[1]]])
        trial = theta + linalg.solve(J.T @ J + lam * np.diag(np.diag(J.T @ J)), -J.T @ r, assume_a="pos")
        if np.sum(residual(trial) ** 2) < np.sum(r**2):
            theta, lam = trial, lam / 3
        else:
            lam *= 2
    return theta


def fixed_point_of_newton(p):
    x = optimize.newton(lambda x: x**3 - p[0] * x - p[1], 2.0, fprime=lambda x: 3 * x**2 - p[0])
    return x + optimize.rosen(p)


def line_fit_by_polyfit(y):
    c, residuals, *_ = np.polyfit(np.arange(8.0), y, 1, full=True)
    fitted = np.polyval(c, np.arange(8.0))
    return (
        c,
        residuals,
        np.polynomial.polynomial.polyfit(np.arange(8.0), y, 2),
        np.polynomial.Polynomial.fit(np.arange(8.0), y, 2)(3.5),
        ((y - fitted) ** 2).sum() / (8 - 2),
    )


def orthogonal_procrustes(x):
    A, B = x.reshape(4, 2), DATA[:4, :2]
    U, _, Vt = linalg.svd(B.T @ A)
    return A @ (U @ Vt).T - B


def principal_angles(x):
    Q1, _ = np.linalg.qr(x.reshape(4, 2))
    Q2, _ = np.linalg.qr(DATA[:4, :2])
    return np.arccos(np.clip(np.linalg.svd(Q1.T @ Q2, compute_uv=False), -1, 1))


def canonical_correlation(x):
    A, B = x.reshape(8, 2), DATA
    A, B = A - A.mean(0), B - B.mean(0)
    Sxx, Syy, Sxy = A.T @ A, B.T @ B, A.T @ B
    M = np.linalg.inv(linalg.cholesky(Sxx, lower=True)) @ Sxy @ np.linalg.inv(np.linalg.cholesky(Syy)).T
    return np.linalg.svd(M, full_matrices=False)[1]


def masked_statistics(x):
    with np.errstate(invalid="ignore"):
        y = np.where(x > 0, np.sqrt(x), np.nan)
    return (
        np.nansum(y),
        np.nanmean(y),
        np.nanstd(y),
        np.nanmax(y),
        np.nanmedian(y),
        np.nan_to_num(y, nan=0.0),
        np.nanvar(x),
        np.nanpercentile(x, 40),
    )


def complex_analysis(p):
    z = p[0] + 1j * p[1]
    w = np.array([z, z.conjugate(), z * 1j])
    roots = np.exp(2j * np.pi * np.arange(4) / 4)
    poly = np.prod(z - roots)
    return (
        np.abs(w) ** 2,
        np.angle(w),
        np.real(np.sqrt(w)),
        np.imag(np.log(z)),
        poly.real,
        (w @ w.conj()).real,
        np.linalg.norm(w),
        np.isreal(w).sum() * p,
    )


def mixed_precision(x):
    y = x.astype(np.float32).astype(np.float64) * 0 + x
    z = (x * np.float32(2)).astype(np.float64)
    return y * z + np.asarray([1, 2, 3, 4], dtype=np.int16) * x + np.ones(4, dtype=np.float32) * x


P2, P3 = np.array([0.4, 0.7]), np.array([0.4, 0.7, -0.3])
X8, X16 = rng.normal(size=8), rng.normal(size=16)
CASES = {
    quadrature_of_samples: P2, gauss_nodes_of_scipy: P2, spline_at_points: P2, interpolation_matrix: P3, matrix_functions: P2,
    structured_matrices: P3, decompositions: P3, banded_and_triangular: P3, sylvester_and_riccati: P3, multivariate: P3, frozen: P3,
    quantile_functions: P3, more_families: P3, summaries_and_statistics: X8, distances: X8, kernel_methods: P2, rotations: P3,
    transforms: X8, spectrogram_by_scipy: X16, peaks_and_filters: X16, image_processing: X16, sparse_by_hand: P3, special_tour: P2,
    shape_parameters: P2, least_squares_by_gauss_newton: np.array([1.5, 0.8]), levenberg_marquardt: np.array([1.0, 0.2]),
    fixed_point_of_newton: P2, line_fit_by_polyfit: X8, orthogonal_procrustes: X8, principal_angles: X8, canonical_correlation: X16,
    masked_statistics: X8, complex_analysis: P2, mixed_precision: X8[:4],
}  # fmt: skip
OPTS = {}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], **{"rtol": 3e-6, "h": 3e-4} | OPTS.get(f, {}))
