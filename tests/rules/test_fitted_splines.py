"""scipy.interpolate: splines that are fitted, what FITPACK does with them, roots, grids and surfaces."""

import numpy as np
import pytest
import scipy.interpolate as si
from check import check
from scipy.optimize import brentq, minimize_scalar
from scipy.sparse.linalg import spsolve

import wengert as wg
from wengert.errors import NoDerivative

rng = np.random.default_rng(3)
N = 9
X = np.linspace(0, 1, N) ** 1.2
Y = np.sin(5 * X) + 0.1 * rng.normal(size=N)
AT = np.array([0.13, 0.37, 0.77])
T = np.r_[[0.0] * 4, 0.3, 0.6, [1.0] * 4]
WIDE = np.r_[[-1.0] * 4, 0.3, 0.6, [2.0] * 4]
W = np.linspace(1, 2, N)
GX, GY = np.linspace(0, 1, 6), np.linspace(0, 2, 7)
Z = np.sin(3 * GX[:, None]) * np.cos(GY) + 0.1 * rng.normal(size=(6, 7))
INSIDE = np.array([[0.43, 0.53], [0.47, 0.57]])
P = rng.uniform(size=(10, 2))
V = rng.normal(size=10)


def smooth(y):
    return si.UnivariateSpline(X, y, s=0.0)


CASES = {
    "make_lsq_spline": (lambda y, w, t: si.make_lsq_spline(X, y, np.concatenate([T[:4], t, T[-4:]]), 3, w=w)(AT),
                        Y, W, np.array([0.3, 0.6])),
    "LSQUnivariateSpline": (lambda y, q: si.LSQUnivariateSpline(X, y, [0.3, 0.6], w=W)(q), Y, AT),
    "its residual": (lambda y: si.LSQUnivariateSpline(X, y, [0.3, 0.6]).get_residual(), Y),
    "a polynomial of least squares": (lambda y: si.UnivariateSpline(X, y, s=100.0)(AT), Y),
    "get_coeffs": (lambda y: smooth(y).get_coeffs(), Y),
    "derivative": (lambda y, q: smooth(y).derivative()(q), Y, AT),
    "antiderivative": (lambda y, q: smooth(y).antiderivative()(q), Y, AT),
    "integral": (lambda y, a: smooth(y).integral(a, 0.8), Y, 0.2),
    "derivatives": (lambda y: smooth(y).derivatives(0.3), Y),
    "roots": (lambda y: smooth(y).roots(), Y),
    "where the points are": (lambda x, y: si.InterpolatedUnivariateSpline(x, y)(AT), X, Y),
    "splrep where the points are": (lambda x, q: si.splev(q, si.splrep(x, Y)), X, AT),
    "splrep with knots": (lambda y: si.splev(AT, si.splrep(X, y, w=W, t=[0.3, 0.6])), Y),
    "splprep": (lambda y, q: si.splev(q, si.splprep([X, y], s=0)[0]), Y, AT),
    "its parameters": (lambda x, y: si.splprep([x, y], s=0)[1], X, Y),
    "splint": (lambda y, a, b: si.splint(a, b, si.splrep(X, y)), Y, 0.2, 0.8),
    "spalde": (lambda y, a: si.spalde(a, si.splrep(X, y)), Y, 0.3),
    "sproot": (lambda y: si.sproot(si.splrep(X, y)), Y),
    "splder": (lambda y: si.splev(AT, si.splder(si.splrep(X, y))), Y),
    "natural": (lambda x, y: si.make_interp_spline(x, y, bc_type="natural")(AT), X, Y),
    "quadratic": (lambda x, y: si.make_interp_spline(x, y, k=2)(AT), X, Y),
    "slopes at the ends": (lambda y, d: si.make_interp_spline(X, y, bc_type=([(1, d)], [(1, 0.0)]))(AT), Y, 0.4),
    "make_splrep": (lambda y: si.make_splrep(X, y, s=0)(AT), Y),
    "make_splprep": (lambda y: si.make_splprep([X, y], s=0)[0](AT), Y),
    "smoothing where the points are": (lambda x, w: si.make_smoothing_spline(x, Y, w=w, lam=1e-3)(AT), X, W),
    "PPoly.roots": (lambda y: si.CubicSpline(X, y).roots(extrapolate=False), Y),
    "PPoly.solve": (lambda y, v: si.CubicSpline(X, y).solve(v, extrapolate=False), Y, 0.2),
    "PPoly.from_spline": (lambda y: si.PPoly.from_spline(si.splrep(X, y))(AT), Y),
    "BPoly": (lambda c, q: si.BPoly(c, [0, 0.5, 1.0])(q), rng.normal(size=(4, 2)), AT),
    "BPoly.derivative": (lambda c, q: si.BPoly(c, [0, 0.5, 1.0])(q, 1), rng.normal(size=(4, 2)), AT),
    "BPoly.from_derivatives": (lambda y: si.BPoly.from_derivatives([0, 0.5, 1.0], y)(AT), rng.normal(size=(3, 2))),
    "pade": (lambda c: [p(0.3) for p in si.pade(c, 2)], np.array([1.0, 1, 0.5, 1 / 6, 1 / 24])),
    "RectBivariateSpline.integral": (lambda z, a: si.RectBivariateSpline(GX, GY, z).integral(a, 0.8, 0.1, 1.0), Z, 0.2),
    **{f"a grid, {m}": (lambda z, q, m=m: si.RegularGridInterpolator((GX, GY), z, method=m, solver=spsolve)(q),
                        Z, INSIDE) for m in ("slinear", "cubic", "quintic")},
    "a grid's slope": (lambda z, q: si.RegularGridInterpolator((GX, GY), z, method="cubic", solver=spsolve)(q, nu=(1, 0)),
                       Z, INSIDE),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_derivatives(case):
    check(*case, h=1e-4, rtol=1e-6)


def test_surfaces_over_triangles():
    check(lambda v: si.CloughTocher2DInterpolator(P, v, tol=1e-13, maxiter=4000)(INSIDE), V, order=1)
    slope = wg.grad(lambda v: np.sum(si.griddata(P, v, INSIDE, method="cubic")))(V)
    np.testing.assert_allclose(np.sum(slope), len(INSIDE), rtol=1e-9)  # a constant is itself


def test_where_the_points_of_least_squares_are():
    """In x: to what the condition of the equations leaves."""
    wanted = (si.make_lsq_spline(X + 1e-6, Y, WIDE)(AT) - si.make_lsq_spline(X - 1e-6, Y, WIDE)(AT)) / 2e-6
    got = wg.jvp(lambda x: si.make_lsq_spline(x, Y, WIDE)(AT), (X,), (np.ones(N),))[1]
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


def penalized(y, t, s):
    """The smoothing spline on the knots t with exactly the sum of squares s, of plain numbers."""
    B = si.BSpline.design_matrix(X, t, 3).toarray()
    inner = t[3:-3]
    third = si.BSpline(t, np.eye(len(t) - 4), 3)((inner[1:] + inner[:-1]) / 2, 3)
    D = np.diff(third, axis=0) * 1e-2

    def c(v):
        return np.linalg.solve(B.T @ B + np.exp(v) * D.T @ D, B.T @ y)

    v = brentq(lambda v: np.sum((y - B @ c(v)) ** 2) - s, -30, 20, xtol=1e-15)
    return si.BSpline(t, c(v), 3)(AT)


@pytest.mark.parametrize(
    "fit",
    [lambda y, s: si.UnivariateSpline(X, y, s=s)(AT), lambda y, s: si.splev(AT, si.splrep(X, y, s=s)),
     lambda y, s: si.make_splrep(X, y, s=s)(AT)],
    ids=["UnivariateSpline", "splrep", "make_splrep"],
)  # fmt: skip
def test_smoothing(fit):
    """FITPACK meets s to 1e-3 only: so the derivative is that of the exact solution at the sum that it found."""
    made, s = si.UnivariateSpline(X, Y, s=0.05), 0.05
    t, d, h = made._eval_args[0], rng.normal(size=N), 1e-5
    found = made.get_residual()
    in_y = (penalized(Y + h * d, t, found) - penalized(Y - h * d, t, found)) / (2 * h)
    in_s = (penalized(Y, t, found + h * s) - penalized(Y, t, found - h * s)) / (2 * h * s)
    np.testing.assert_array_equal(wg.vjp(fit, Y, s)[0], fit(Y, s))
    np.testing.assert_allclose(wg.jvp(fit, (Y, s), (d, 0.0))[1], in_y, rtol=1e-6)
    np.testing.assert_allclose(wg.jvp(fit, (Y, s), (0 * d, 1.0))[1], in_s, rtol=1e-6)
    np.testing.assert_allclose(wg.jacobian(fit, mode="reverse")(Y, s) @ d, in_y, rtol=1e-6)


def test_smoothing_by_cross_validation():
    """λ is the least of a score that SciPy finds to 1e-5: an exact search says how it moves."""

    def at(lam, y):
        return si.make_smoothing_spline(X, y, lam=lam)(X)

    def score(v, y):
        hat = np.stack([at(np.exp(v), e) for e in np.eye(N)], axis=1)
        return np.sum((y - hat @ y) ** 2) / (1 - np.trace(hat) / N) ** 2

    def best(y):
        v = minimize_scalar(score, bounds=(-12, 0), args=(y,), method="bounded", options={"xatol": 1e-9}).x
        return si.make_smoothing_spline(X, y, lam=np.exp(v))(AT)

    d, h = rng.normal(size=N), 1e-3
    wanted = (best(Y + h * d) - best(Y - h * d)) / (2 * h)
    got = wg.jvp(lambda y: si.make_smoothing_spline(X, y)(AT), (Y,), (d,))[1]
    np.testing.assert_allclose(got, wanted, rtol=1e-3)


@pytest.mark.parametrize(
    "f",
    [lambda y: si.splrep(X, y, s=0.05, per=1), lambda y: si.CloughTocher2DInterpolator(P, V)(np.stack([y, y], 1)),
     lambda y: si.make_splprep([X, y], s=0.1)],
)  # fmt: skip
def test_refused(f):
    with pytest.raises(NoDerivative, match=r"scipy\.interpolate\.\w+"):
        wg.vjp(f, Y)
