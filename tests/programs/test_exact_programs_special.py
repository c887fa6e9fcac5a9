"""Programs with special functions, in their tails and at awkward points, against high precision."""

import mpmath as mp
import pytest
import scipy.special as sp
from exact import at, exactly

import wengert as wg

mpf = mp.mpf
LOSSY = {"loss": 20}  # SciPy's own value has a few digits less


def faddeeva(z):
    return mp.exp(-z * z) * mp.erfc(-1j * z)


def voigt(x, s, g):
    return faddeeva((x + 1j * g) / (s * mp.sqrt(2))).real / (s * mp.sqrt(2 * mp.pi))


def log_beta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def dawson(x):
    return mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x)


def far_dawson(x):
    return sum(mp.fac2(2 * k - 1) / (2 ** (k + 1) * x ** (2 * k + 1)) for k in range(4))


# fmt: off
# name: (program, the same in mpmath, points, options)
ERRORS = {
    "erf":          (sp.erf, mp.erf, [0.0, 1e-9, 3.0, -6.0, 20.0], {"digits": 300}),
    "erfc":         (sp.erfc, mp.erfc, [0.0, 1e-9, 3.0, -6.0, 20.0], {}),
    "erfcx":        (sp.erfcx, lambda x: mp.exp(x * x) * mp.erfc(x), [0.0, 1.5, 2.1, -6.0, 20.0, 1e3, 1e6], {"digits": 200, "loss": 2}),
    "erfinv":       (sp.erfinv, mp.erfinv, [0.0, 1e-9, 0.3, -0.999], {}),
    "normal cdf":   (sp.ndtr, mp.ncdf, [0.0, -10.0, 10.0, -37.0], {}),
    "its logarithm": (sp.log_ndtr, lambda x: mp.log(mp.ncdf(x)), [0.0, -1.0, -37.0, -1e3, 1.0, 30.0, 37.0], {"digits": 500}),
    "probit":       (sp.ndtri, lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1), [0.5, 1e-10, 0.999], {"loss": 5}),
    "of a logarithm": (sp.ndtri_exp, lambda p: mp.sqrt(2) * mp.erfinv(2 * mp.exp(p) - 1), [-1e-3, -1.0, -10.0], {"digits": 150, "loss": 4}),
    "dawson":       (sp.dawsn, dawson, [0.0, 0.5, 0.924138873, 7.1, 10.0, -20.0], {"digits": 250, "loss": 4}),
    "far dawson":   (sp.dawsn, far_dawson, [1e5, -1e7], {}),
    "voigt":        (lambda v: sp.voigt_profile(*v), voigt, [at(0.5, 0.3, 0.2), at(5, 0.2, 0.01), at(3, 1, 1e-12), at(0, 1, 0.3)], {"digits": 250, "loss": 10}),
    "faddeeva":     (lambda x: sp.wofz(x + 0.5j).real, lambda x: faddeeva(x + 0.5j).real, [0.5, 10.0], {"digits": 200, "loss": 2}),
    "owen's t":     (lambda v: sp.owens_t(*v), lambda h, a: mp.quad(lambda t: mp.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a]) / (2 * mp.pi), [at(0.5, 0.3)], {"loss": 8}),
}
GAMMAS = {
    "gammaln":      (sp.gammaln, lambda x: mp.log(abs(mp.gamma(x))), [1e-10, 1.0, 1.5, 2.0, 1e10, -0.5, -3.7], {}),
    "gamma":        (sp.gamma, mp.gamma, [1e-5, 1.0, 1.5, -3.7, 160.0], {}),
    "digamma":      (sp.digamma, mp.digamma, [1e-5, 1.4616321449683623, 30.0, -2.3, 1e8], {}),
    "polygamma":    (lambda x: sp.polygamma(2, x), lambda x: mp.polygamma(2, x), [1e-3, 1.5, 30.0, 1e5], {}),
    "log beta":     (lambda v: sp.betaln(*v), log_beta, [at(2, 3), at(1e-8, 30), at(100, 300), at(1e8, 2), at(1e-5, 1e-5)], {"loss": 4}),
    "beta":         (lambda v: sp.beta(*v), mp.beta, [at(2, 3), at(100, 300)], {"loss": 50}),
    "binom":        (lambda v: sp.binom(*v), mp.binomial, [at(5, 2), at(30.5, 3.2), at(1, 2), at(2, -1), at(0.5, -1)], {"loss": 50}),
    "comb":         (lambda v: sp.comb(*v), mp.binomial, [at(5, 2), at(30.5, 3.2)], {"loss": 50}),
    "poch":         (lambda v: sp.poch(*v), mp.rf, [at(5, 2), at(30.5, 3.2)], {"loss": 50}),
    "gammainc":     (lambda v: sp.gammainc(*v), lambda a, x: mp.gammainc(a, 0, x, regularized=True), [at(2.5, 0.1), at(2.5, 30), at(0.01, 1e-5), at(30, 31)], {"loss": 30}),
    "gammaincc":    (lambda v: sp.gammaincc(*v), lambda a, x: mp.gammainc(a, x, mp.inf, regularized=True), [at(2.5, 30), at(2.5, 300), at(0.01, 1e-5)], {"loss": 30}),
    "betainc":      (lambda v: sp.betainc(*v), lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True), [at(2, 3, 0.3), at(0.1, 30, 1e-5)], {"loss": 100, "digits": 150}),
    "zeta":         (sp.zeta, mp.zeta, [1 + 1e-9, 1.5, 5.0], {"loss": 30, "digits": 90}),
}
BESSEL = {
    "j0":           (sp.j0, lambda x: mp.besselj(0, x), [0.0, 1e-3, 2.404825557695773, 50.0], LOSSY),
    "j3/2":         (lambda x: sp.jv(1.5, x), lambda x: mp.besselj(1.5, x), [1e-3, 1.0, 50.0], LOSSY),
    "y3/2":         (lambda x: sp.yv(1.5, x), lambda x: mp.bessely(1.5, x), [1e-3, 1.0, 50.0], LOSSY),
    "airy disc":    (lambda x: (2 * sp.j1(x) / x) ** 2, lambda x: (2 * mp.besselj(1, x) / x) ** 2, [0.3, 1.0, 30.0], LOSSY),
    "i5/2":         (lambda x: sp.iv(2.5, x), lambda x: mp.besseli(2.5, x), [1e-3, 1.0, 50.0, 500.0], LOSSY),
    "scaled i0":    (sp.i0e, lambda x: mp.besseli(0, x) * mp.exp(-x), [1e-3, 1.0, 50.0, 500.0, 1e4], {"loss": 5}),
    "scaled k3/2":  (lambda x: sp.kve(1.5, x), lambda x: mp.besselk(1.5, x) * mp.exp(x), [1e-3, 1.0, 50.0, 500.0], LOSSY),
    "spherical":    (lambda x: sp.spherical_jn(2, x), lambda x: mp.sqrt(mp.pi / 2 / x) * mp.besselj(2.5, x), [0.1, 1.0, 30.0], LOSSY),
    "airy":         (lambda x: sp.airy(x)[0], mp.airyai, [-20.0, -2.0, 0.0, 3.0, 20.0], LOSSY),
    "struve":       (lambda x: sp.struve(1, x), lambda x: mp.struveh(1, x), [1e-3, 0.3, 20.0], {"loss": 30}),
    "kelvin":       (lambda x: sp.ber(x) + sp.bei(x), lambda x: mp.ber(0, x) + mp.bei(0, x), [1e-3, 0.3, 20.0], {"loss": 30}),
}
INTEGRALS = {
    "expi":         (sp.expi, mp.ei, [-30.0, -1e-9, 1e-9, 0.3725, 5.0, 100.0], {"loss": 4}),
    "expn":         (lambda x: sp.expn(3, x), lambda x: mp.expint(3, x), [1e-9, 0.3725, 5.0, 100.0], {"loss": 4}),
    "si":           (lambda x: sp.sici(x)[0], mp.si, [0.0, 1e-9, 0.3725, 5.0, 100.0], {"loss": 4}),
    "shi":          (lambda x: sp.shichi(x)[0], mp.shi, [0.0, 1e-9, 0.99, 1.01, 5.0, 100.0], {"loss": 4}),
    "chi":          (lambda x: sp.shichi(x)[1], mp.chi, [1e-9, 0.3725, 5.0, 100.0], {"loss": 4}),
    "fresnel":      (lambda x: sp.fresnel(x)[0], mp.fresnels, [0.0, 1e-9, 0.3725, 5.0], {"loss": 4}),
    "spence":       (sp.spence, lambda z: mp.polylog(2, 1 - z), [1e-20, 0.5, 1.0, 1 + 1e-6, 100.0], {"loss": 4}),
    "lambert":      (lambda x: sp.lambertw(x).real, lambda x: mp.lambertw(x).real, [-0.36, 0.0, 1e-9, 3.0, 1e100], {"loss": 4}),
    "lambert -1":   (lambda x: sp.lambertw(x, -1).real, lambda x: mp.lambertw(x, -1).real, [-0.36, -1e-9, -1e-100], {"loss": 4}),
    "wright omega": (sp.wrightomega, lambda x: mp.lambertw(mp.exp(x)), [-50.0, 0.0, 3.0, 1e4], {"loss": 4}),
    "ellipk":       (sp.ellipk, mp.ellipk, [-1e6, -1.0, 0.0, 1e-9, 0.5, 1 - 1e-12], {"loss": 8}),
    "ellipe":       (sp.ellipe, mp.ellipe, [-1e6, -1.0, 0.0, 1e-9, 0.5, 1 - 1e-12], {"loss": 8}),
    "elliptic f":   (lambda v: sp.ellipkinc(*v), mp.ellipf, [at(0.5, 0.3), at(1, 0)], {"loss": 8}),
    "hyp2f1":       (lambda x: sp.hyp2f1(0.5, 1.2, 2.5, x), lambda x: mp.hyp2f1(0.5, mpf(1.2), 2.5, x), [0.0, -30.0, 0.5, 0.99], {"loss": 30}),
    "hyp1f1":       (lambda x: sp.hyp1f1(0.5, 1.2, x), lambda x: mp.hyp1f1(0.5, mpf(1.2), x), [0.0, -30.0, 0.5, 30.0], {"loss": 30}),
    "legendre":     (lambda x: sp.eval_legendre(5, x), lambda x: mp.legendre(5, x), [-1.0, 0.0, 0.3, 1.0, 1 - 1e-9], {"loss": 8}),
    "chebyshev":    (lambda x: sp.eval_chebyt(7, x), lambda x: mp.chebyt(7, x), [-1.0, 0.0, 0.3, 1.0, 1 - 1e-9], {"loss": 8}),
    "laguerre":     (lambda x: sp.eval_genlaguerre(4, 0.5, x), lambda x: mp.laguerre(4, 0.5, x), [0.0, 0.3, 1e3], {"loss": 8}),
}
# fmt: on


@pytest.mark.parametrize("name", ERRORS)
def test_error_functions(name):
    exactly(*ERRORS[name])


@pytest.mark.parametrize("name", GAMMAS)
def test_gamma_and_beta(name):
    exactly(*GAMMAS[name])


@pytest.mark.parametrize("name", BESSEL)
def test_bessel(name):
    exactly(*BESSEL[name])


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals(name):
    exactly(*INTEGRALS[name])


def test_error_functions_to_the_fourth_order():
    f, g = sp.erfcx, sp.dawsn
    with mp.workdps(300):
        pairs = [(x, recurred(x, 1)) for x in (2.5, 8.0, 300.0)], [(9.0, recurred(9.0, -1))]
    for k in range(5):
        for x, exact in pairs[0]:
            assert f(x) == pytest.approx(float(exact[k]), rel=1e-13)
        for x, exact in pairs[1]:
            assert g(x) == pytest.approx(float(exact[k]), rel=1e-12)
        f, g = wg.derivative(f), wg.derivative(g)


def recurred(x, sign):
    """erfcx (sign 1) or Dawson's integral (−1) and its derivatives, which solve y⁽ᵏ⁺¹⁾ = ±2 (x y⁽ᵏ⁾ + k y⁽ᵏ⁻¹⁾)."""
    x = mp.mpf(x)
    y = [mp.exp(x * x) * mp.erfc(x), 0] if sign > 0 else [dawson(x), 0]
    y[1] = 2 * x * y[0] - 2 / mp.sqrt(mp.pi) if sign > 0 else 1 - 2 * x * y[0]
    for k in range(1, 4):
        y.append(2 * sign * (x * y[k] + k * y[k - 1]))
    return y
