"""Every row of scipy.special, at points of its domain: a row without a domain fails."""

import numpy as np
import pytest
import scipy.special as sp
from check import check

import wengert as wg
import wengert.rules.special
from wengert.errors import NoDerivative
from wengert.ir.row import ROWS

UFUNCS = {name: getattr(sp, name) for name in sp.__all__ if isinstance(getattr(sp, name), np.ufunc)}

ANY = (-1.3, 0.4, 2.7)
POSITIVE = (0.3, 1.6, 4.2)
UNIT = (0.15, 0.5, 0.8)

# fmt: off
# name → the values of each argument, taken together: f(a[0], b[0]), f(a[1], b[1]), …
DOMAIN = {
    "gamma": [(-1.3, 0.4, 4.7)], "gammaln": [(-1.3, 0.4, 4.7)], "loggamma": [POSITIVE], "psi": [(-1.3, 0.4, 4.7)],
    "digamma": [(-1.3, 0.4, 4.7)], "rgamma": [(-1.3, 0.4, 4.7)], "poch": [POSITIVE, (1.2, 0.5, 2.5)],
    "beta": [POSITIVE, (1.2, 0.5, 2.5)], "betaln": [POSITIVE, (1.2, 0.5, 2.5)], "binom": [(3.3, 5.1, 8.2), (1.2, 0.5, 2.5)],
    "betainc": [POSITIVE, (1.2, 0.5, 2.5), UNIT], "betaincc": [POSITIVE, (1.2, 0.5, 2.5), UNIT],
    "betaincinv": [(1.1, 1.6, 4.2), (1.2, 0.9, 2.5), (0.3, 0.5, 0.6)], "betainccinv": [(1.1, 1.6, 4.2), (1.2, 0.9, 2.5), (0.3, 0.5, 0.6)],
    "gammainc": [POSITIVE, (1.2, 0.5, 2.5)], "gammaincc": [POSITIVE, (1.2, 0.5, 2.5)],
    "gammaincinv": [(1.3, 1.6, 4.2), (0.4, 0.5, 0.7)], "gammainccinv": [(1.3, 1.6, 4.2), (0.4, 0.5, 0.7)], "gammasgn": [ANY], "round": [ANY],
    "erf": [ANY], "erfc": [ANY], "erfcx": [(-1.3, 0.4, 2.7, 40.0)], "erfi": [ANY], "dawsn": [ANY], "erfinv": [(-0.6, 0.1, 0.8)],
    "erfcinv": [(0.4, 0.7, 1.4)], "ndtr": [ANY], "log_ndtr": [ANY], "ndtri": [UNIT], "ndtri_exp": [(-3.0, -0.7, -0.1)],
    "wofz": [(0.3 + 0.2j, 1.0 - 0.5j)], "owens_t": [ANY, (0.5, 1.2, -0.7)], "voigt_profile": [ANY, POSITIVE, (0.4, 0.9, 1.1)],
    "nrdtrimn": [(0.3, 0.6), (1.5, 0.8), (0.2, 1.1)], "nrdtrisd": [(0.3, 2.0), (0.7, 0.2), (0.9, 1.1)],
    "expm1": [ANY], "log1p": [(-0.5, 0.1, 3.0)], "exp2": [ANY], "exp10": [ANY], "exprel": [(-1.3, 0.1, 2.7)], "cbrt": [ANY],
    "cosm1": [ANY], "powm1": [POSITIVE, ANY], "expit": [ANY], "log_expit": [ANY], "logit": [UNIT], "xlogy": [ANY, POSITIVE],
    "xlog1py": [ANY, POSITIVE], "entr": [POSITIVE], "rel_entr": [POSITIVE, (1.2, 0.5, 2.5)], "kl_div": [POSITIVE, (1.2, 0.5, 2.5)],
    "huber": [POSITIVE, (-1.2, 0.5, 2.5)], "pseudo_huber": [POSITIVE, (-1.2, 0.5, 2.5)],
    "boxcox": [POSITIVE, (-1.2, 0.01, 0.5)], "boxcox1p": [POSITIVE, (-1.2, 0.01, 0.5)],
    "inv_boxcox": [POSITIVE, (0.3, 0.01, 0.5)], "inv_boxcox1p": [POSITIVE, (0.3, 0.01, 0.5)],
    "sindg": [(20.0, 130.0)], "cosdg": [(20.0, 130.0)], "tandg": [(20.0, 130.0)], "cotdg": [(20.0, 130.0)],
    "radian": [(20.0, 13.0), (5.0, 8.0), (30.0, 2.0)],
    **{name: [POSITIVE] for name in ("j0", "j1", "y0", "y1", "k0", "k1", "k0e", "k1e", "expi", "exp1", "sici", "shichi",
                                     "itj0y0", "iti0k0", "it2i0k0", "it2j0y0", "itstruve0", "itmodstruve0", "it2struve0",
                                     "ber", "bei", "ker", "kei", "berp", "beip", "kerp", "keip", "kelvin", "airye", "modfresnelp", "modfresnelm")},
    **{name: [ANY] for name in ("i0", "i1", "i0e", "i1e", "airy", "fresnel", "wrightomega")},
    **{name: [(0.0, 1.0, 2.5), POSITIVE] for name in ("jv", "jn", "yv", "iv", "kv", "jve", "yve", "ive", "kve", "hankel1",
                                                       "hankel2", "hankel1e", "hankel2e", "struve", "modstruve")},
    "itairy": [(0.3, 1.1)], "yn": [(0, 1, 3), POSITIVE], "kn": [(0, 1, 3), POSITIVE], "expn": [(0, 1, 3), POSITIVE], "spence": [(0.4, 1.05, 3.0)],
    "zetac": [(1.5, 2.0)], "wright_bessel": [(0.5, 1.0), (1.2, 0.7), (0.4, 2.0)], "log_wright_bessel": [(0.5, 1.0), (1.2, 0.7), (0.4, 2.0)],
    "besselpoly": [(0.5, 1.0), (1.2, 0.7), (0.0, 1.0)], "hyp0f1": [POSITIVE, ANY], "hyp1f1": [POSITIVE, (1.2, 0.7, 2.2), ANY],
    "hyperu": [POSITIVE, (1.2, 0.7, 2.2), POSITIVE], "hyp2f1": [POSITIVE, (1.2, 0.7, 2.2), (2.5, 1.7, 3.1), (-0.8, 0.2, 0.6)],
    **{f"eval_{name}": [(0, 1, 4), (-0.6, 0.1, 0.7)] for name in ("legendre", "chebyt", "chebyu", "chebyc", "chebys", "laguerre",
       "hermite", "hermitenorm", "sh_legendre", "sh_chebyt", "sh_chebyu")},
    "eval_genlaguerre": [(0, 1, 4), POSITIVE, ANY], "eval_gegenbauer": [(0, 1, 4), POSITIVE, (-0.6, 0.1, 0.7)],
    "eval_jacobi": [(0, 1, 4), POSITIVE, (1.2, 0.7, 2.2), (-0.6, 0.1, 0.7)],
    "eval_sh_jacobi": [(0, 1, 4), (2.3, 3.6, 4.2), (1.2, 0.7, 2.2), UNIT], "lpmv": [(0, 1, 2), (2, 1, 3), (-0.6, 0.1, 0.7)],
    "ellipk": [(-2.0, 0.0, 0.7)], "ellipkm1": [(0.2, 0.4, 1.3)], "ellipe": [(-2.0, 0.0, 0.7)],
    "ellipkinc": [(0.7, -1.2, 4.0), (-2.0, 0.3, 0.7)], "ellipeinc": [(0.7, -1.2, 4.0), (-2.0, 0.3, 0.7)],
    "ellipj": [(0.7, -1.2, 4.0), (0.2, 0.3, 0.7)], "elliprf": [POSITIVE, (1.2, 0.7, 2.2), (0.4, 2.0, 1.0)],
    "elliprc": [POSITIVE, (1.2, 0.7, 2.2)], "elliprd": [POSITIVE, (1.2, 0.7, 2.2), (0.4, 2.0, 1.0)],
    "elliprg": [POSITIVE, (1.2, 0.7, 2.2), (0.4, 2.0, 1.0)], "elliprj": [POSITIVE, (1.2, 0.7, 2.2), (0.4, 2.0, 1.0), (0.5, 0.6, 0.7)],
    "agm": [POSITIVE, (1.2, 0.7, 2.2)],
    "pbdv": [(0.3, 1.2), (0.5, 1.7)], "pbvv": [(0.3, 1.2), (0.5, 1.7)], "pbwa": [(0.3, 1.2), (0.5, 1.7)],
    "mathieu_a": [(1, 2), (0.4, 1.1)], "mathieu_b": [(1, 2), (0.4, 1.1)],
    **{f"mathieu_{name}": [(1, 2), (0.4, 1.1), x] for name, x in (("cem", (20.0, 50.0)), ("sem", (20.0, 50.0)),
       ("modcem1", (0.4, 0.9)), ("modcem2", (0.4, 0.9)), ("modsem1", (0.4, 0.9)), ("modsem2", (0.4, 0.9)))},
    "pro_cv": [(1.0,), (2.0,), (1.7,)], "obl_cv": [(1.0,), (2.0,), (1.7,)],
    **{name: [(1.0,), (3.0,), (1.7,), (x,)] for name, x in (("pro_ang1", 0.4), ("pro_rad1", 1.6), ("pro_rad2", 1.6),
       ("obl_ang1", 0.4), ("obl_rad1", 0.6), ("obl_rad2", 0.6))},
    **{f"{name}_cv": [(1.0,), (3.0,), (1.7,), (cv(1.0, 3.0, 1.7),), (x,)] for name, cv, x in (
       ("pro_ang1", sp.pro_cv, 0.4), ("pro_rad1", sp.pro_cv, 1.6), ("pro_rad2", sp.pro_cv, 1.6),
       ("obl_ang1", sp.obl_cv, 0.4), ("obl_rad1", sp.obl_cv, 0.6), ("obl_rad2", sp.obl_cv, 0.6))},
    "bdtr": [(2.0, 4.0), (5, 9), (0.3, 0.6)], "bdtrc": [(2.0, 4.0), (5, 9), (0.3, 0.6)], "bdtri": [(2.0, 4.0), (5, 9), (0.3, 0.6)],
    "nbdtr": [(2, 4), (5, 9), (0.3, 0.6)], "nbdtrc": [(2, 4), (5, 9), (0.3, 0.6)], "nbdtri": [(2, 4), (5, 9), (0.3, 0.6)],
    "pdtr": [(2.0, 4.3), (1.3, 4.4)], "pdtrc": [(2.0, 4.3), (1.3, 4.4)], "pdtri": [(2, 4), (0.3, 0.6)],
    "chdtr": [POSITIVE, POSITIVE], "chdtrc": [POSITIVE, POSITIVE], "chdtri": [(2.0, 3.6, 5.2), (0.4, 0.5, 0.7)],
    "gdtr": [POSITIVE, (1.2, 0.7, 2.2), (0.4, 2.0, 1.0)], "gdtrc": [POSITIVE, (1.2, 0.7, 2.2), (0.4, 2.0, 1.0)],
    "gdtria": [(0.4, 0.5, 0.7), (1.2, 0.7, 2.2), (1.4, 2.0, 1.0)], "gdtrix": [(1.3, 1.6, 4.2), (1.2, 1.7, 2.2), (0.4, 0.5, 0.7)],
    "fdtr": [(2.0, 3.0, 7.0), (4.0, 5.0, 8.0), POSITIVE], "fdtrc": [(2.0, 3.0, 7.0), (4.0, 5.0, 8.0), POSITIVE],
    "fdtri": [(2.0, 3.0, 7.0), (4.0, 5.0, 8.0), UNIT], "stdtr": [POSITIVE, ANY], "stdtrit": [(5.0, 6.6, 8.2), (0.45, 0.5, 0.6)],
    "chndtr": [POSITIVE, (3.0, 4.0, 5.5), (0.4, 1.3, 2.0)], "chndtrix": [(0.3, 0.5, 0.8), (3.0, 4.0, 5.5), (0.4, 1.3, 2.0)],
    "chndtrinc": [(5.0, 10.0), (3.0, 4.0), (0.5, 0.6)],
    "ncfdtr": [(3.0, 4.0), (4.0, 5.0), (0.4, 1.3), (0.8, 2.0)], "ncfdtri": [(3.0, 4.0), (4.0, 5.0), (0.4, 1.3), (0.3, 0.6)],
    "nctdtr": [(3.0, 4.0), (0.4, 1.3), (0.8, 2.0)], "nctdtrit": [(3.0, 4.0), (0.4, 1.3), (0.3, 0.6)],
    "kolmogorov": [(0.6, 1.2)], "kolmogi": [(0.3, 0.7)], "smirnov": [(4, 7), (0.3, 0.45)], "smirnovi": [(4, 7), (0.3, 0.6)],
    "tklmbda": [(-0.4, 0.3), (0.3, 0.7)],
    "bdtrik": [(0.3, 0.5, 0.8), (9.5, 20.0, 7.0), (0.4, 0.5, 0.6)], "bdtrin": [(3.2, 5.0, 8.0), (0.3, 0.5, 0.8), (0.4, 0.5, 0.6)],
    "nbdtrik": [(0.3, 0.5, 0.8), (5.0, 6.0, 4.0), (0.4, 0.5, 0.6)], "nbdtrin": [(3.2, 5.0, 8.0), (0.3, 0.5, 0.8), (0.4, 0.5, 0.6)],
    "btdtria": [(0.3, 0.5, 0.8), (2.0, 1.5, 3.0), (0.4, 0.5, 0.6)], "btdtrib": [(2.0, 1.5, 3.0), (0.3, 0.5, 0.8), (0.4, 0.5, 0.6)],
    "gdtrib": [(1.2, 1.0, 0.8), (0.3, 0.5, 0.8), (2.0, 3.0, 4.0)], "fdtridfd": [(3.0, 2.5), (0.6, 0.85), (1.2, 2.5)],
    "chdtriv": [(0.3, 0.5, 0.8), (2.0, 3.0, 4.0)], "stdtridf": [(0.8, 0.1, 0.9), (1.0, -1.5, 1.6)],
    **{name: [UNIT] * 3 for name in ("chndtridf", "nctdtridf", "nctdtrinc")}, "pdtrik": [UNIT] * 2,
    **{name: [UNIT] * 4 for name in ("ncfdtridfd", "ncfdtridfn", "ncfdtrinc")},
}
INVERSES = {"bdtrik", "bdtrin", "nbdtrik", "nbdtrin", "btdtria", "btdtrib", "gdtria", "gdtrib", "gdtrix", "fdtridfd", "chdtriv",
            "stdtridf"}
"""Curved: their second derivatives are in test_inverse_shapes."""
FIRST_ORDER = INVERSES | {"kolmogorov", "kolmogi", "smirnov", "smirnovi", "ncfdtr", "ncfdtri", "nctdtr", "nctdtrit"}
ROUGH = {"chndtr", "chndtrix", "chndtrinc", "ncfdtr", "ncfdtri", "nctdtr", "nctdtrit", "kolmogi", "smirnovi", "gdtria", "it2struve0", "itstruve0",
         "itmodstruve0", "itj0y0", "iti0k0", "it2i0k0", "it2j0y0", "itairy", "modfresnelp", "modfresnelm", "betaincinv", "betainccinv", "gammaincinv",
         "gammainccinv", "bdtri", "nbdtri", "pdtri", "chdtri", "fdtri", "stdtrit", "kelvin", "ber", "bei", "ker", "kei", "berp",
         "beip", "kerp", "keip"} | {name for name in UFUNCS if name.startswith(("mathieu_", "pro_", "obl_", "pb"))}
"""SciPy itself is right to fewer digits, which differences show."""
COMPLEX = ["gamma", "loggamma", "rgamma", "erf", "erfc", "erfcx", "erfi", "dawsn", "ndtr", "log_ndtr", "expm1", "log1p", "exp1", "expi",
           "spence", "wrightomega", "sici", "shichi", "fresnel", "airy"]
# fmt: on


def exact(row, n):
    """Which arguments the row has a derivative for."""
    return [k for k in range(n) if row.kind == "constant" or (k < len(row.pushes) and row.pushes[k] is not None)]


def test_every_ufunc_has_a_row_and_every_row_a_domain():
    assert [name for name in UFUNCS if UFUNCS[name] not in ROWS] == []
    assert set(UFUNCS) - set(DOMAIN) == set()


@pytest.mark.filterwarnings("ignore:non-integer:DeprecationWarning")
@pytest.mark.parametrize("name", sorted(DOMAIN))
def test_row(name):
    op = UFUNCS[name]
    row, points = ROWS[op], [np.array(p) for p in DOMAIN[name]]
    assert len(points) == op.nin
    live = exact(row, op.nin)
    for k in sorted(set(range(op.nin)) - set(live)):
        if any(kind[k] == "d" for kind in op.types):
            with pytest.raises(NoDerivative, match=f"{op.__name__}.*argument {k}"):
                wg.vjp(lambda x, k=k: op(*points[:k], x, *points[k + 1 :]), points[k].astype(float))
    if not live or row.kind == "constant":
        return
    check(
        restricted(op, points, live),
        *[points[k].astype(complex if points[k].dtype.kind == "c" else float) for k in live],
        order=1 if name in FIRST_ORDER else 2,
        h=2e-3 if name in INVERSES else 3e-2 if name in ROUGH else 1e-2 if name != "spence" else 5e-3,
        rtol=2e-4 if name in ROUGH | INVERSES else 3e-6,
    )


def restricted(op, points, live):
    """op as a function of the arguments that have a derivative."""

    def f(*xs):
        args = list(points)
        for k, x in zip(live, xs, strict=True):
            args[k] = x
        return op(*args)

    return f


@pytest.mark.parametrize("name", COMPLEX)
def test_holomorphic(name):
    op = UFUNCS[name]
    z = np.array([0.7 + 0.4j, 1.3 - 0.6j])
    h = 1e-3
    differences = [(np.asarray(op(z + h)) - np.asarray(op(z - h))) / (2 * h)]
    differences.append((np.asarray(op(z + 1j * h)) - np.asarray(op(z - 1j * h))) / (2j * h))
    _, slope = wg.jvp(op, (z,), (np.ones_like(z),))
    for d in differences:
        np.testing.assert_allclose(np.asarray(slope), d, rtol=2e-5)
    check(op, z, order=1, rtol=1e-6)


@pytest.mark.parametrize("name", ["jve", "yve", "ive", "airye"])
def test_scaled_functions_are_refused_at_complex_arguments(name):
    op = UFUNCS[name]
    f = op if op.nin == 1 else lambda z: op(1.0, z)
    with pytest.raises(NoDerivative, match="holomorphic"):
        wg.jvp(f, (np.array([1.0 + 1.0j]),), (np.array([1.0 + 0.0j]),))


@pytest.mark.parametrize(
    "name", ["gammaln", "erf", "log_ndtr", "expit", "i0e", "ellipk", "ndtri", "erfcx", "rgamma", "exprel"]
)
def test_float32_is_kept(name):
    x = np.array([0.2, 0.6], np.float32)
    y, pullback = wg.vjp(UFUNCS[name], x)
    (bar,) = pullback(np.ones_like(y))
    assert y.dtype == np.float32
    assert bar.dtype == np.float32
    _, dot = wg.jvp(UFUNCS[name], (x,), (np.ones_like(x),))
    assert dot.dtype == np.float32
