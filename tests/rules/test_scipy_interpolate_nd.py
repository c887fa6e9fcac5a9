"""Interpolants in several dimensions, in their data and at recorded points."""

import numpy as np
import pytest
from check import check
from scipy import interpolate
from ways import every_way

import wengert as wg
from wengert.errors import NoDerivative

rng = np.random.default_rng(5)
SITES = rng.random((7, 2))
D = rng.normal(size=7)
AT = np.array([[0.31, 0.42], [0.55, 0.61], [0.48, 0.23]])
GRID = np.arange(5.0)
Z = rng.normal(size=(5, 6))
KERNELS = ["linear", "cubic", "quintic", "thin_plate_spline", "gaussian", "multiquadric", "inverse_multiquadric",
           "inverse_quadratic"]  # fmt: skip


@pytest.mark.parametrize("kernel", KERNELS)
def test_radial_functions(kernel):
    def f(d, at, sites):
        options = {"kernel": kernel, "epsilon": 1.3, "degree": 2 if kernel == "quintic" else None, "smoothing": 0.01}
        s = interpolate.RBFInterpolator(sites, np.stack([d, d**2], axis=-1), **options)
        return s(at), interpolate.RBFInterpolator(SITES, d, **options)(AT)

    check(f, D, AT, SITES, h=1e-4, rtol=1e-5)


def test_radial_parameters_and_one_made_before():
    made = interpolate.RBFInterpolator(SITES, D)
    check(lambda at: made(at).sum(), AT)
    f = lambda p: interpolate.RBFInterpolator(SITES, D, kernel="gaussian", epsilon=p[0], smoothing=p[1])(AT)
    check(f, np.array([1.4, 0.3]))


def test_triangles():
    def f(d, at):
        s = interpolate.LinearNDInterpolator(SITES, d, fill_value=0.5)
        return (
            s(at),
            s(0.4, at[0, 1]),
            s([0.4, 9.0], [0.5, 9.0]),
            interpolate.LinearNDInterpolator(SITES * [1, 5], np.stack([d, d**2], -1), rescale=True)(AT * [1, 5]),
            interpolate.NearestNDInterpolator(SITES, d)(AT),
            interpolate.griddata(SITES, d, at),
            interpolate.griddata(SITES, d, (AT[:, 0], AT[:, 1]), method="nearest"),
            interpolate.griddata(GRID, d[:5], at[0] * 3, method="linear"),
        )

    check(f, D, AT)


@pytest.mark.parametrize("degrees", [(3, 3), (1, 2)])
def test_products_of_splines(degrees):
    def f(z, p):
        s = interpolate.RectBivariateSpline(GRID, np.arange(6.0), z, kx=degrees[0], ky=degrees[1])
        return s(p[:2], p[2:]), s.ev(p[0], p[3]), s(1.2, [0.5, 2.5], dy=1), s(p[:2], p[2:], grid=False), s.ev(-2.0, 9.0)

    check(f, Z, np.array([0.3, 2.7, 1.4, 4.2]))


def test_a_spline_of_constant_data_at_recorded_points():
    s = interpolate.RectBivariateSpline(GRID, np.arange(6.0), Z, s=2.0)
    check(lambda p: (s.ev(p, p[::-1]), s(p[0], p[1], dy=1)), np.array([1.3, 2.6]))


@pytest.mark.parametrize(
    "refused",
    [
        lambda d: interpolate.LinearNDInterpolator(SITES * d[0], D)(AT).sum(),
        lambda d: interpolate.griddata(SITES, d, AT * d[0], method="cubic").sum(),
        lambda d: interpolate.RectBivariateSpline(GRID, np.arange(6.0), Z * d[0], s=1.0)(1.0, 1.0).sum(),
    ],
)
def test_refused(refused):
    with pytest.raises(
        NoDerivative, match=r"no derivative rule for scipy\.interpolate\.\w+ .*called at test_scipy_interpolate_nd"
    ):
        wg.grad(refused)(D)


def test_a_surface_of_fitpack():
    x, y = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 2, 9))
    tck = interpolate.bisplrep(x.ravel(), y.ravel(), np.sin(3 * x + y).ravel(), s=0.001)
    few, two = np.array([0.1, 0.33, 0.8]), np.array([0.2, 1.9])
    every_way(lambda p: interpolate.bisplev(p[0], p[1], tck), [np.array([0.3, 0.7]), np.array([0.61, 1.7])])
    check(lambda x, y, c: interpolate.bisplev(x, y, [*tck[:2], c, 3, 3]), few, two, tck[2])
    check(lambda x, y: interpolate.bisplev(x, y, tck, 1, 0), few, 1.2, h=1e-4, rtol=1e-5)
    check(lambda x, y: interpolate.bisplev(x, y, tck, 1, 1), few[:1], two, h=1e-4, rtol=1e-4, order=1)
    check(lambda t: interpolate.bisplev(0.31, two, [t, *tck[1:]]), tck[0], h=1e-5, rtol=1e-4, order=1)


def test_radial_functions_of_neighbours():
    def f(d, at, sites):
        few = interpolate.RBFInterpolator(sites, np.stack([d, d**2], axis=-1), neighbors=5, smoothing=0.01)
        one = interpolate.RBFInterpolator(sites, d, neighbors=1, kernel="gaussian", epsilon=1.3, degree=-1)
        return few(at), one(at)

    check(f, D, AT, SITES, h=1e-4, rtol=1e-5)
    every_way(lambda d: interpolate.RBFInterpolator(SITES, d, neighbors=4)(AT), [D, D[::-1]])


KNOTS = np.array([0, 0, 0, 0, 0.4, 1, 1, 1, 1.0])


def test_products_of_many_splines():
    def f(c, at):
        s = interpolate.NdBSpline((KNOTS, KNOTS, KNOTS[1:-1]), c, (3, 3, 2))
        points = np.concatenate([at, at[:, :1]], axis=1)
        return s(points), s(points, nu=(1, 0, 1)), s(points + 1.0, extrapolate=True)

    c = rng.normal(size=(5, 5, 4, 2))
    check(f, c, AT, h=1e-3, rtol=1e-5)
    plain = interpolate.NdBSpline((KNOTS, KNOTS), c[:, :, 0], 3)
    exact = np.stack([plain(AT, nu=(1, 0)), plain(AT, nu=(0, 1))], axis=1)[..., 0]
    np.testing.assert_allclose(wg.grad(lambda x: plain(x)[:, 0].sum())(AT), exact, rtol=1e-12)
    derived = plain.derivative([1, 0])
    np.testing.assert_allclose(
        wg.grad(lambda x: derived(x)[:, 0].sum())(AT)[:, 1], plain(AT, nu=(1, 1))[:, 0], rtol=1e-11
    )
    assert np.isnan(wg.vjp(lambda x: plain(x, extrapolate=False), AT + 1.0)[0]).all()


@pytest.mark.parametrize("f", [
    lambda t: interpolate.NdBSpline((KNOTS * t, KNOTS), np.ones((5, 5)), 3)(AT).sum(),
    lambda t: interpolate.NdBSpline((KNOTS, KNOTS), np.ones((5, 5)) * t, 3).derivative([1, 0])(AT).sum(),
])  # fmt: skip
def test_products_of_many_splines_refused(f):
    with pytest.raises(NoDerivative, match="NdBSpline"):
        wg.grad(f)(1.0)
