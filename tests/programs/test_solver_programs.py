"""Programs that interpolate, solve, integrate, and use the normal density and null vectors."""

import numpy as np
import pytest
from check import check
from scipy import integrate, optimize, stats
from scipy import interpolate as I
from scipy import linalg as sl

r = rng = np.random.default_rng(0)
X = np.random.default_rng(3).random(6) + 0.2
CS = I.CubicSpline(np.arange(5.0), np.sin(np.arange(5.0)))
TCK = I.splrep(np.arange(6.0), np.cos(np.arange(6.0)))
LIN = I.interp1d(np.arange(5.0), np.sin(np.arange(5.0)), fill_value="extrapolate")
GRID = I.RegularGridInterpolator((np.arange(4.0), np.arange(4.0)), r.normal(size=(4, 4)))


def knots_and_data(x, y):
    xs = np.array([0.5, 1.6, 3.1])
    return (
        I.CubicSpline(x, y)(xs),
        I.CubicSpline(x, y, bc_type="natural")(xs, 1),
        I.CubicSpline(x, y, bc_type="clamped").integrate(0.5, 2.2),
        I.PchipInterpolator(x, y)(xs),
        I.make_interp_spline(x, y, k=3)(xs),
        I.interp1d(x, y)(xs),
        I.Akima1DInterpolator(x, y)(xs),
    )


def vector_valued(y):
    x = np.arange(5.0)
    cs = I.CubicSpline(x, y)
    return (
        cs(1.5),
        cs([0.5, 3.2]).T,
        I.interp1d(x, y, axis=0)(2.2),
        I.make_interp_spline(x, y)(2.3),
        I.PchipInterpolator(x, y)(1.1),
        I.CubicSpline(x, y.T, axis=1)(0.7),
    )


def globals_tables(x):
    y = x
    for _ in range(3):
        y = y + 0.1 * CS(y) + 0.05 * I.splev(y, TCK)
    return (y, LIN(x), GRID((x, x[::-1])), GRID(np.stack([x, x], axis=-1)))


def scalar_points(t):
    return float(CS(1.0)) * CS(t) + LIN(t) * CS(t, 1)


def ode_with_table(p):
    table = I.interp1d(np.linspace(0, 2, 6), np.linspace(0, 2, 6) ** 2 * p[0], kind="cubic")
    y = p[1]
    for k in range(10):
        y = y + 0.1 * (table(0.1 * k) - y)
    return y


def roots_args(p):

    def f(x, a, b):
        return np.cos(x) - a * x - b

    r = optimize.brentq(f, 0, 2, args=(p[0], p[1]))
    q = optimize.fsolve(f, 0.5, args=(p[0], p[1]))
    s = optimize.root_scalar(f, bracket=(0, 2), args=(p[0], p[1])).root

    def sys_(z):
        x, y = z
        return [x**2 + y**2 - p[2] ** 2 - 4, x - y * p[0]]

    return (r, q, s, optimize.fsolve(sys_, [1, 1]), optimize.root(sys_, [1.0, 1.0]).x)


def period(th0):
    return 4 * integrate.quad(lambda u: 1 / np.sqrt(1 - np.sin(th0 / 2) ** 2 * np.sin(u) ** 2), 0, np.pi / 2)[0]


def mvn_frozen(x):
    return (
        stats.multivariate_normal(x[:2], np.eye(2) * x[2]).pdf(x[3:5]),
        stats.multivariate_normal(x[:2], x[2]).logpdf(x[3:5]),
        stats.multivariate_normal.logpdf(
            np.array([[1.0, 2], [2, 3]]), x[:2], np.outer(x[:2], x[:2]) + np.eye(2) * x[3]
        ),
    )


def mvt(x):
    return stats.multivariate_t.logpdf(x[:2], x[2:4], np.eye(2) * x[4], df=4)


def mvn_cov(C):
    return (stats.multivariate_normal.logpdf([0.3, 0.4], [0, 0], C), stats.multivariate_normal([0, 0], C).entropy())


def s3(M):
    v = np.linalg.svd(M)[2][-1]
    return (v / v[-1], sl.svd(M)[2][-1] ** 2, np.linalg.svd(M.T)[0][:, -1] ** 2)


def dare(q):
    A = np.array([[1.0, 0.1], [0.0, 1.0]])
    B = np.array([[0.005], [0.1]]) * q[3]
    P = sl.solve_discrete_are(A, B, np.diag(q[:2]), q[2])
    A2 = np.array([[1.0, 0.1], [-q[2], 0.9]])
    P2 = sl.solve_discrete_are(A2, B, np.diag(q[:2]), np.array([[1.0]]), s=np.array([[0.1], [q[0] * 0.1]]))
    return (P, P2)


def care(q):
    A = np.array([[0.0, 1.0], [q[2], -0.3]])
    B = np.array([[0.0], [1.0]]) * q[1]
    P = sl.solve_continuous_are(A, B, np.diag([q[0], 1.0]), q[1])
    P2 = sl.solve_continuous_are(A, B, np.diag([q[0], 1.0]), np.array([[1.0]]), s=np.array([[0.1], [q[0] * 0.1]]))
    return (P, P2)


CASES = {
    knots_and_data: (
        np.array([0.0, 0.9, 2.1, 3.2, 4.0]),
        np.array([1.0, 0.5, 2.0, 1.5, 1.7]),
    ),
    vector_valued: (r.normal(size=(5, 2)),),
    globals_tables: (np.array([0.5, 1.5, 2.7]),),
    scalar_points: (0.7,),
    ode_with_table: (np.array([0.3, 0.6]),),
    roots_args: (np.array([0.5, 0.2, 1.3]),),
    period: (0.7,),
    mvn_frozen: (X,),
    mvt: (X,),
    mvn_cov: (np.array([[2.0, 0.3], [0.3, 1.0]]),),
    s3: (r.normal(size=(4, 5)),),
    dare: (np.array([1.0, 0.5, 0.2, 2.0]),),
    care: (np.array([1.0, 0.5, 0.2]),),
}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, *CASES[f], rtol=1e-6)
