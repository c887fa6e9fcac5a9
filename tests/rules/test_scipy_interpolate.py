"""scipy.interpolate: in the data, in the knots, at the points."""

import numpy as np
import pytest
from check import check
from scipy import interpolate as ip

import wengert as wg

rng = np.random.default_rng(4)
T = np.array([0.0, 0.9, 2.1, 3.2, 4.0, 5.3])
Y = np.array([1.0, 0.5, 2.0, 1.5, 1.7, 0.2])
X = np.array([0.3, 1.6, 3.1, 4.9])
M = rng.normal(size=(4, 5))

IN_THE_DATA = {
    "CubicSpline": lambda y: ip.CubicSpline(T, y)(X),
    "CubicSpline, natural, slope": lambda y: ip.CubicSpline(T, y, bc_type="natural")(X, 1),
    "CubicSpline, clamped, integral": lambda y: ip.CubicSpline(T, y, bc_type="clamped").integrate(0.4, 3.7),
    "CubicSpline, antiderivative": lambda y: ip.CubicSpline(T, y).antiderivative()(X),
    "CubicSpline, derivative": lambda y: ip.CubicSpline(T, y).derivative(2)(X),
    "PchipInterpolator": lambda y: ip.PchipInterpolator(T, y)(X),
    "pchip_interpolate": lambda y: ip.pchip_interpolate(T, y, X),
    "Akima1DInterpolator": lambda y: ip.Akima1DInterpolator(T, y)(X),
    "CubicHermiteSpline": lambda y: ip.CubicHermiteSpline(T, y, y**2)(X),
    "interp1d": lambda y: ip.interp1d(T, y)(X),
    "interp1d, nearest": lambda y: ip.interp1d(T, y, kind="nearest")(X),
    "interp1d, quadratic": lambda y: ip.interp1d(T, y, kind="quadratic")(X),
    "interp1d, cubic": lambda y: ip.interp1d(T, y, kind="cubic")(X),
    "make_interp_spline": lambda y: ip.make_interp_spline(T, y)(X),
    "make_interp_spline, natural": lambda y: ip.make_interp_spline(T, y, bc_type="natural")(X),
    "make_interp_spline, linear": lambda y: ip.make_interp_spline(T, y, k=1)(X),
    "make_smoothing_spline": lambda y: ip.make_smoothing_spline(T, y, lam=0.3)(X),
    "splrep": lambda y: ip.splev(X, ip.splrep(T, y)),
    "splrep, slope": lambda y: ip.splev(X, ip.splrep(T, y, k=2), der=1),
    "UnivariateSpline": lambda y: ip.UnivariateSpline(T, y, s=0)(X),
    "InterpolatedUnivariateSpline": lambda y: ip.InterpolatedUnivariateSpline(T, y, k=2)(X),
    "KroghInterpolator": lambda y: ip.KroghInterpolator(T, y)(X),
    "BarycentricInterpolator": lambda y: ip.BarycentricInterpolator(T, y)(X),
    "BSpline": lambda y: ip.BSpline(np.arange(10.0), y, 3)(X / 2 + 3),
    "PPoly": lambda y: ip.PPoly(y.reshape(3, 2), [0.0, 1.0, 2.0])([0.4, 1.7]),
    "RegularGridInterpolator": lambda y: ip.RegularGridInterpolator((np.arange(2.0), np.arange(3.0)), y.reshape(2, 3))(
        np.array([[0.5, 1.2]])
    ),
    "interpn": lambda y: ip.interpn((np.arange(2.0), np.arange(3.0)), y.reshape(2, 3), np.array([[0.5, 1.2]])),
    "Rbf": lambda y: ip.Rbf(T, y)(X),
}
CUBIC = ip.CubicSpline(T, Y)
LINE = ip.interp1d(T, Y, fill_value="extrapolate")
TCK = ip.splrep(T, Y)
GRID = ip.RegularGridInterpolator((np.arange(4.0), np.arange(5.0)), M)
CUBE = ip.RegularGridInterpolator((np.arange(2.0), np.arange(2.0), np.arange(2.0)), rng.normal(size=(2, 2, 2)))
BASIS = ip.BSpline(np.arange(10.0), Y, 3)
AT_THE_POINTS = {
    "CubicSpline": CUBIC,
    "CubicSpline, slope": lambda x: CUBIC(x, 1),
    "CubicSpline, integral": lambda x: CUBIC.integrate(x[0], x[1]),
    "PchipInterpolator": ip.PchipInterpolator(T, Y),
    "interp1d": LINE,
    "interp1d, cubic": ip.interp1d(T, Y, kind="cubic"),
    "make_interp_spline": ip.make_interp_spline(T, Y),
    "BSpline, slope": lambda x: BASIS(x / 2 + 3, 1),
    "splev": lambda x: ip.splev(x, TCK),
    "splev, slope": lambda x: ip.splev(x, TCK, der=1),
    "splev, constant outside": lambda x: ip.splev(1.9 * x, TCK, ext=3),
    "UnivariateSpline": ip.UnivariateSpline(T, Y, s=0),
    "KroghInterpolator": ip.KroghInterpolator(T, Y),
    "RegularGridInterpolator": lambda x: GRID((x / 2, x[::-1] / 2)),
    "RegularGridInterpolator, three axes": lambda x: CUBE(np.stack([x, x[::-1], x**2 / 5], axis=-1) / 6),
}


@pytest.mark.parametrize("name", IN_THE_DATA)
def test_in_the_data(name):
    check(IN_THE_DATA[name], Y, value=name not in ("Rbf", "BarycentricInterpolator"))


@pytest.mark.parametrize("name", AT_THE_POINTS)
def test_at_the_points(name):
    check(AT_THE_POINTS[name], X)


def test_in_the_knots():
    check(lambda t, y: ip.CubicSpline(t, y)(X), T, Y, h=3e-4)
    check(lambda t, y: ip.PchipInterpolator(t, y)(X), T, Y, h=3e-4)
    check(lambda t, y: ip.make_interp_spline(t, y)(X), T, Y, h=3e-4, rtol=1e-6)
    check(lambda t, y: ip.interp1d(t, y)(X), T, Y, h=3e-4)


def test_two_columns_and_outside():
    y = rng.normal(size=(6, 2))
    check(lambda y: ip.CubicSpline(T, y)(X), y)
    check(lambda y: ip.make_interp_spline(T, y)(2.3), y)
    check(lambda y: ip.CubicSpline(T, y, axis=1)(X), y.T)
    assert np.isnan(wg.vjp(lambda x: ip.CubicSpline(T, Y, extrapolate=False)(x), np.array([9.0]))[0]).all()


def test_table_in_a_loop_compiled():
    def f(x):
        for _ in range(5):
            x = x + 0.1 * CUBIC(x)
        return np.sum(x)

    np.testing.assert_allclose(wg.jit(wg.grad(f))(X), wg.grad(f)(X), rtol=1e-12)
    np.testing.assert_allclose(wg.vmap(CUBIC)(np.stack([X, X / 2, X / 3, X / 4])), CUBIC([X, X / 2, X / 3, X / 4]))


@pytest.mark.parametrize("f", [lambda y: ip.splrep(T, y, s=1.0, per=1)[1], lambda y: ip.splprep([T, y], per=1)[1]])
def test_refused(f):
    with pytest.raises(wg.errors.NoDerivative, match=r"no derivative rule for scipy\.interpolate"):
        wg.jacobian(f)(np.array(T))
