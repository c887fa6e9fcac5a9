"""Elementary functions, sums and small models in tails and at awkward points, against 100 digits and more."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp
from exact import at, exactly

mpf = mp.mpf
HALF = mpf(1) / 2


def total_exp(*x):
    return mp.log(sum(mp.exp(t) for t in x))


def variance(a, b, c):
    return sum((t - (a + b + c) / 3) ** 2 for t in (a, b, c)) / 3


def correlation(*x):
    x, y = [t - sum(x) / 3 for t in x], [t - mpf(7) / 3 for t in (1, 2, 4)]
    return sum(p * q for p, q in zip(x, y, strict=True)) / mp.sqrt(sum(p * p for p in x) * sum(q * q for q in y))


def entropy(a, b):
    return -sum(mp.exp(t - total_exp(a, b)) * (t - total_exp(a, b)) for t in (a, b))


# fmt: off
# name: (program, the same in mpmath, points, options)
ELEMENTARY = {
    "tanh":         (np.tanh, mp.tanh, [0.3, 1e-9, 19.5, -40.0], {}),
    "log1mexp":     (lambda x: np.log(-np.expm1(-x)), lambda x: mp.log(1 - mp.exp(-x)), [1e-10, 1.0, 30.0], {}),
    "sigmoid":      (lambda x: 1 / (1 + np.exp(-x)), lambda x: 1 / (1 + mp.exp(-x)), [-300.0, 0.0, 36.0, 300.0], {"digits": 450}),
    "expit":        (sp.expit, lambda x: 1 / (1 + mp.exp(-x)), [-700.0, 0.0, 36.0, 300.0], {"digits": 450}),
    "log expit":    (sp.log_expit, lambda x: -mp.log(1 + mp.exp(-x)), [-700.0, 0.0, 36.0, 300.0], {"digits": 450}),
    "softplus":     (lambda x: np.logaddexp(0.0, x), lambda x: mp.log(1 + mp.exp(x)), [-700.0, 0.0, 36.0, 300.0], {"digits": 450}),
    "log1p exp":    (lambda x: np.log1p(np.exp(x)), lambda x: mp.log(1 + mp.exp(x)), [-600.0, -30.0, 0.0, 3.0], {"digits": 450}),
    "gauss":        (lambda x: np.exp(-(x**2) / 2), lambda x: mp.exp(-(x**2) / 2), [-38.0, 1e-8, 0.0, 30.0], {}),
    "sqrt(1+x)-1":  (lambda x: np.sqrt(1 + x) - 1, lambda x: mp.sqrt(1 + x) - 1, [1e-12, 3.0, 1e12, -1 + 1e-12], {}),
    "logit":        (lambda x: np.log(x / (1 - x)), lambda x: mp.log(x / (1 - x)), [1e-12, 0.3, 1 - 1e-12], {}),
    "sinc":         (np.sinc, mp.sincpi, [0.0, 1e-9, 0.4, 1.0, 2.0, 50.5], {}),
    "damped wave":  (lambda x: np.exp((-1 + 2j) * x).real, lambda x: mp.exp(-x) * mp.cos(2 * x), [0.0, 3.0, 300.0], {"loss": 4}),
    "hypot":        (lambda v: np.hypot(v[0], v[1]), lambda a, b: mp.sqrt(a * a + b * b), [at(3e200, 4e200), at(1e-200, 1e-210), at(1, 1e-9)], {}),
    "arctan2":      (lambda v: np.arctan2(v[0], v[1]), mp.atan2, [at(3e200, 4e200), at(1e-150, -2e-150), at(1, 1e-9)], {}),
    "exprel":       (sp.exprel, lambda x: mp.expm1(x) / x, [1e-9, -3.0, 50.0, -100.0], {}),
    "box-cox":      (lambda v: sp.boxcox(v[0], v[1]), lambda x, p: (x**p - 1) / p, [at(2, 0.5), at(2, 1e-9), at(1e-9, -0.3), at(1 + 1e-10, 2)], {}),
    "degrees":      (sp.sindg, lambda x: mp.sin(x * mp.pi / 180), [0.0, 30.0, 90.0, 180.0], {}),
}
POWERS = {
    "x**p":         (lambda v: v[0] ** v[1], lambda x, p: x**p, [at(2, 3.5), at(1e-200, 1.5), at(1e150, -0.5), at(1 + 1e-10, 1e10), at(2, 0), at(3, 1), at(2, -1)], {}),
    "varying exponents": (lambda v: np.sum(v[0] ** (v[1] * np.arange(3.0))), lambda x, p: 1 + x**p + x ** (2 * p), [at(2, 0), at(3, 1), at(2, -1)], {}),
    "x**3":         (lambda x: x**3, lambda x: x**3, [0.0, 1e-100, -2.0], {}),
    "x**-2":        (lambda x: x**-2, lambda x: x**-2, [1e-50, -2.0], {}),
    "x**0 + x**2":  (lambda x: x**0.0 + np.power(x, 1) + x**2.0, lambda x: x + x * x, [0.0, 3.0, -1.0], {}),
    "x**x":         (lambda x: x**x, lambda x: x**x, [1e-10, 1.0, 100.0], {}),
    "2**x":         (lambda x: 2**x + 0.1**x, lambda x: 2**x + mpf(0.1) ** x, [0.0, -100.0, 3.5, 300.0], {}),
    "0**p":         (lambda p: np.sum(np.array([0.0, 2.0]) ** p), lambda p: 2**p, [2.0, 0.5, 1e-9], {}),
    "whole powers": (lambda x: np.sum(np.arange(4) * x ** np.arange(4)), lambda x: x + 2 * x**2 + 3 * x**3, [2.0, 0.0], {}),
    "whole bases":  (lambda x: np.sum(np.array([1, 2, 3]) ** x), lambda x: 1 + 2**x + 3**x, [2.0, 0.0], {}),
    "geometric mean": (lambda v: np.exp(np.mean(np.log(v))), lambda *v: mp.cbrt(v[0] * v[1] * v[2]), [at(1e-100, 1, 1e100)], {"loss": 60}),
    "|x|**1.5":     (lambda x: np.abs(x) ** 1.5, lambda x: abs(x) ** 1.5, [-2.5, 1e-200], {}),
    "ldexp":        (lambda x: np.ldexp(x, 3) ** 2 + np.frexp(x)[0] + np.modf(x)[0] ** 2, lambda x: 64 * x * x + x / 4 + (x - 2) ** 2, [2.5], {}),
}
ENTROPIES = {
    "x log y":      (lambda v: sp.xlogy(v[0], v[1]), lambda a, b: a * mp.log(b), [at(0, 2), at(1e-300, 1e-300)], {}),
    "x log(1+y)":   (lambda v: sp.xlog1py(v[0], v[1]), lambda a, b: a * mp.log1p(b), [at(0, 2), at(0, 1e-9), at(2, -1 + 1e-10)], {}),
    "rel entr":     (lambda v: sp.rel_entr(v[0], v[1]), lambda a, b: a * mp.log(a / b), [at(1, 2), at(1e-300, 1e-9), at(2, 2)], {}),
    "kl":           (lambda v: sp.kl_div(v[0], v[1]), lambda a, b: a * mp.log(a / b) - a + b, [at(1, 2), at(1e-30, 1e-9), at(2, 2), at(1, 1 + 1e-9)], {}),
    "entr":         (sp.entr, lambda a: -a * mp.log(a), [1e-300, 0.3678, 1.0, 5e10], {}),
    "pseudo-huber": (lambda v: sp.pseudo_huber(v[0], v[1]), lambda d, r: d * d * (mp.sqrt(1 + (r / d) ** 2) - 1), [at(1, 1e-9), at(1e-8, -3), at(1e8, -3), at(1, 0)], {}),
    "cross entropy": (lambda v: -sp.log_softmax(v)[0], lambda *v: total_exp(*v) - v[0], [at(40, 1, 3), at(100, 0, 3), at(0, 200, 3)], {"digits": 300}),
    "entropy of softmax": (lambda v: np.sum(sp.entr(sp.softmax(v))), entropy, [at(1, 2), at(3, 3)], {"loss": 2, "norm": True}),
}
SUMS = {
    "softmax":      (lambda v: sp.softmax(v)[0], lambda *v: mp.exp(v[0] - total_exp(*v)), [at(600, 0, 3), at(1, 1, 30), at(0, 300, 200)], {"digits": 450}),
    "logsumexp":    (sp.logsumexp, total_exp, [at(600, 0, 3), at(1, 1, 30), at(1000, 700, 200)], {"digits": 900}),
    "by rows":      (lambda v: sp.logsumexp(v.reshape(2, 2), axis=1) @ np.array([1.0, 2.0]), lambda a, b, c, d: total_exp(a, b) + 2 * total_exp(c, d), [at(1, 40, 3, 3)], {}),
    "weighted":     (lambda v: sp.logsumexp(v, b=np.array([1.0, 2.0, 0.5])), lambda a, b, c: mp.log(mp.exp(a) + 2 * mp.exp(b) + mp.exp(c) / 2), [at(1, 4, 3)], {"loss": 4}),
    "log softmax":  (lambda v: sp.log_softmax(v)[1], lambda *v: v[1] - total_exp(*v), [at(100, 0, 3), at(1, 1, 30), at(1000, 700, 200)], {"digits": 900}),
    "accumulated":  (lambda v: np.logaddexp.accumulate(v)[2], total_exp, [at(1, 2, 3), at(700, 2, -3)], {"digits": 500, "loss": 4}),
    "variance":     (np.var, variance, [at(1e8, 1e8 + 1, 1e8 + 3), at(1e-200, 2e-200, 5e-200)], {}),
    "deviation":    (lambda v: np.std(v, ddof=1), lambda *v: mp.sqrt(1.5 * variance(*v)), [at(1e3, 1e3 + 1, 1e3 + 3), at(1e-150, 2e-150, 5e-150)], {}),
    "norm":         (np.linalg.norm, lambda *v: mp.sqrt(sum(t * t for t in v)), [at(1000, 1001, 1003), at(1e-140, 3e-140, 2e-140)], {"norm": True}),
    "cubic norm":   (lambda v: np.linalg.norm(v, 3), lambda *v: mp.cbrt(sum(abs(t) ** 3 for t in v)), [at(1e3, -999, 1003), at(1e-9, -2, 5)], {}),
    "half norm":    (lambda v: np.linalg.norm(v, 0.5), lambda a, b: (mp.sqrt(abs(a)) + mp.sqrt(abs(b))) ** 2, [at(1, -2), at(1e-300, 1e-300)], {"loss": 4}),
    "product":      (np.prod, lambda a, b, c: a * b * c, [at(1e3, -999, 1003), at(0, -2, 5), at(0, 0, 5), at(0, 0, 0)], {}),
    "products":     (lambda v: np.cumprod(v) @ np.array([1.0, 2.0, 3.0]), lambda a, b, c: a + 2 * a * b + 3 * a * b * c, [at(1e3, -999, 1003), at(0, -2, 5), at(0, 0, 0)], {"norm": True}),
    "correlation":  (lambda v: np.corrcoef(v, np.array([1.0, 2.0, 4.0]))[0, 1], correlation, [at(1, 2, 3), at(1, -2, 1e3)], {"loss": 20, "norm": True}),
    "ratios":       (lambda v: np.sum(np.diff(np.log(v)) ** 2), lambda a, b, c: mp.log(b / a) ** 2 + mp.log(c / b) ** 2, [at(1, 2, 4), at(1e-100, 1e-50, 1)], {"loss": 4}),
    "median":       (lambda v: np.median(v) ** 2 + np.quantile(v, 0.25) ** 3, lambda a, b, c: b * b + ((a + b) / 2) ** 3, [at(1, 2, 4)], {}),
    "branches":     (lambda v: np.sum(np.where(v > 0, np.log(np.where(v > 0, v, 1.0)), v**2)), lambda a, b, c: a * a + b * b + mp.log(c), [at(-1, 0, 3)], {}),
}
f32 = np.float32
SINGLE = {
    "wave":         (lambda x: np.exp(-x * x) * np.sin(x), lambda x: mp.exp(-x * x) * mp.sin(x), [f32(0.3), f32(3)], {"loss": 2}),
    "log1p(x)/x":   (lambda x: np.log1p(x) / x, lambda x: mp.log1p(x) / x, [f32(0.3), f32(3)], {"loss": 20}),
    "logsumexp":    (sp.logsumexp, total_exp, [at(0.3, 2).astype(f32), at(1, 30).astype(f32)], {"loss": 4}),
    "gammaln":      (sp.gammaln, mp.loggamma, [f32(0.3), f32(30)], {"loss": 4}),
    "tanh²":        (lambda x: np.tanh(x) ** 2, lambda x: mp.tanh(x) ** 2, [f32(0.3), f32(3), f32(10)], {"loss": 4}),
    "norm":         (np.linalg.norm, lambda a, b: mp.sqrt(a * a + b * b), [at(3, 4).astype(f32), at(1e-10, 1e-15).astype(f32)], {"loss": 2, "norm": True}),
}
# fmt: on


@pytest.mark.parametrize("name", ELEMENTARY)
def test_elementary(name):
    exactly(*ELEMENTARY[name])


@pytest.mark.parametrize("name", POWERS)
def test_powers(name):
    exactly(*POWERS[name])


@pytest.mark.parametrize("name", ENTROPIES)
def test_entropies(name):
    exactly(*ENTROPIES[name])


@pytest.mark.parametrize("name", SUMS)
def test_sums(name):
    exactly(*SUMS[name])


@pytest.mark.parametrize("name", SINGLE)
def test_single_precision(name):
    exactly(*SINGLE[name])
