"""Programs with quantities of astropy, which are a subclass of np.ndarray with protocols of its own."""

import numpy as np
import pytest
from ways import every_way

u = pytest.importorskip("astropy.units", reason="astropy is not installed")
const = pytest.importorskip("astropy.constants", reason="astropy is not installed")

POINTS = [np.array([0.7, 1.3, 0.4]), np.array([0.9, 0.6, 1.1])]


def mul_of_quantities(x):
    q = x * u.m
    return np.sum((q * q).to_value(u.cm**2))


def ke_of_quantities(x):
    m = x[0] * u.kg
    v = x[1] * u.km / u.s
    return (0.5 * m * v**2).to(u.J).value


def arr_of_quantities(x):
    d = x * u.km
    t = np.array([1.0, 2, 3]) * u.s
    v = d / t
    return v.to(u.m / u.s).value.sum()


def sin_of_quantities(x):
    a = x * u.deg
    return np.sin(a).value.sum()


def add_of_quantities(x):
    return (x * u.m + 3 * u.cm).to(u.mm).value.sum()


def sqrt_of_quantities(x):
    return np.sqrt((x * u.m) ** 2).to_value(u.km).sum()


def quant_of_quantities(x):
    return u.Quantity(x, u.m).to(u.cm).value.sum()


def sum_of_quantities(x):
    return np.sum(x * u.m).to_value(u.cm)


def scalar_of_quantities(x):
    return (x[0] * u.m / (x[1] * u.s)).to_value(u.km / u.h)


def list_of_quantities(x):
    return np.sum(u.Quantity([x[0] * u.m, x[1] * u.cm]).to_value(u.m) ** 2)


def G_of_quantities(x):
    return (const.G * (x[0] * u.M_sun) * (x[1] * u.kg) / (x[2] * u.AU) ** 2).to(u.N).value


def temp_of_quantities(x):
    return (x[0] * 300 * u.K).to_value(u.deg_C, equivalencies=u.temperature())


def norm_of_quantities(x):
    return np.linalg.norm(x * u.m).to_value(u.cm)


def conc_of_quantities(x):
    return np.concatenate([x * u.m, [1.0] * u.cm]).to_value(u.m).sum()


def exp_of_quantities(x):
    return np.exp(-(x * u.m / (1 * u.km)).to_value(u.dimensionless_unscaled)).sum()


def exp2_of_quantities(x):
    return np.exp(-(x * u.m / (100 * u.cm))).sum().value


def si_of_quantities(x):
    return (x * u.km / u.h).si.value.sum() + (x * u.km / u.m).decompose().value.sum()


def item_of_quantities(x):
    q = x * u.km
    q[1] = 5 * u.m
    return q[0].to_value(u.m) * q[1].value


def cmp_of_quantities(x):
    q = x * u.km
    return np.sum(q[q > 600 * u.m]).to_value(u.m) + q.max().value + q.mean().to_value(u.m)


def inpl_of_quantities(x):
    q = x * u.km
    q += 3 * u.m
    q *= 2
    return q.value.sum()


def planck_of_quantities(x):
    lam = np.array([0.4, 0.6, 0.9]) * u.um
    T = x[0] * 5000 * u.K
    B = 2 * const.h * const.c**2 / lam**5 / (np.exp((const.h * const.c / (lam * const.k_B * T)).decompose()) - 1)
    return B.to_value(u.W / u.m**3).sum() * 1e-14


def mag_of_quantities(x):
    return (x * u.mag).to_value(u.mag).sum() + (-2.5 * np.log10((x * u.Jy / (3631 * u.Jy)).to_value("")))[0]


def dot_of_quantities(x):
    return np.dot(x * u.m, [1.0, 2, 3] * u.N).to_value(u.J) + (x * u.m @ (x * u.m)).value


def trig_of_quantities(x):
    return np.cos(x * u.deg).value.sum() + np.arctan2(x[0] * u.m, x[1] * u.cm).to_value(u.deg)


def cross_of_quantities(x):
    return np.cross(x * u.m, [1.0, 2, 3] * u.N).value.sum()


def where_of_quantities(x):
    return np.where(x > 0.5, x * u.m, 3 * u.m).value.sum()


def interp_of_quantities(x):
    return np.interp(x[0] * u.m, [0, 1, 2] * u.m, [1, 4.0, 9] * u.s).value


def cumsum_of_quantities(x):
    return np.cumsum(x * u.m)[1].value + np.diff(x * u.m).sum().value + np.trapezoid(x * u.m, dx=2 * u.s).value


def copy_of_quantities(x):
    q = (x * u.m).copy()
    q[0] = 1 * u.m
    return q.value.sum() + (x * u.m).reshape(3, 1).T[0, 1].value


def wave_of_quantities(x):
    return (x * 500 * u.nm).to(u.eV, equivalencies=u.spectral()).value.sum()


PROGRAMS = [
    mul_of_quantities,
    ke_of_quantities,
    arr_of_quantities,
    sin_of_quantities,
    add_of_quantities,
    sqrt_of_quantities,
    quant_of_quantities,
    sum_of_quantities,
    scalar_of_quantities,
    list_of_quantities,
    G_of_quantities,
    temp_of_quantities,
    norm_of_quantities,
    conc_of_quantities,
    exp_of_quantities,
    exp2_of_quantities,
    si_of_quantities,
    item_of_quantities,
    cmp_of_quantities,
    inpl_of_quantities,
    planck_of_quantities,
    mag_of_quantities,
    dot_of_quantities,
    trig_of_quantities,
    cross_of_quantities,
    where_of_quantities,
    interp_of_quantities,
    cumsum_of_quantities,
    copy_of_quantities,
    wave_of_quantities,
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, POINTS, rtol=1e-6)
