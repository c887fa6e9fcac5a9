"""scipy.special: inverses of distribution functions in a shape, against implicit derivatives of mpmath's functions."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp

import wengert as wg

beta = lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True)
gamma = lambda a, x: mp.gammainc(a, 0, x, regularized=True)
binomial = lambda k, n, p: beta(n - k, k + 1, 1 - p)
negative = lambda k, n, p: beta(n, k + 1, p)


def student(v, t):
    tail = beta(v / 2, mp.mpf(1) / 2, v / (v + t * t)) / 2
    return 1 - tail if t > 0 else tail


INVERSES = {
    "gdtria": (lambda a, b, x: gamma(b, a * x), 0, 0, [(0.3, 1.2, 2.0), (1e-8, 2.5, 0.4), (0.999, 0.3, 5.0)]),
    "gdtrib": (lambda a, b, x: gamma(b, a * x), 1, 1, [(1.2, 0.3, 2.0), (0.4, 1e-6, 3.0), (2.0, 0.99, 1.5)]),
    "gdtrix": (lambda a, b, x: gamma(b, a * x), 2, 2, [(1.2, 1.3, 0.3), (0.4, 5.0, 1e-6), (2.0, 0.7, 0.999)]),
    "chdtriv": (lambda v, x: gamma(v / 2, x / 2), 0, 0, [(0.3, 2.0), (1e-6, 4.0), (0.99, 1.5)]),
    "btdtria": (beta, 0, 0, [(0.3, 2.0, 0.4), (1e-6, 1.5, 0.2), (0.98, 3.0, 0.7)]),
    "btdtrib": (beta, 1, 1, [(2.0, 0.3, 0.4), (1.5, 1e-4, 0.02), (3.0, 0.98, 0.7)]),
    "fdtridfd": (lambda n, d, x: beta(n / 2, d / 2, n * x / (n * x + d)), 1, 1, [(3.0, 0.6, 1.2), (2.5, 0.85, 2.5)]),
    "stdtridf": (student, 0, 0, [(0.8, 1.0), (0.1, -1.5), (0.95, 2.2)]),
    "bdtrik": (binomial, 0, 0, [(0.3, 9.5, 0.4), (0.9, 20.0, 0.7)]),
    "bdtrin": (binomial, 1, 1, [(3.2, 0.3, 0.4), (1.0, 0.9, 0.05)]),
    "nbdtrik": (negative, 0, 0, [(0.3, 5.0, 0.4), (0.95, 2.5, 0.2)]),
    "nbdtrin": (negative, 1, 1, [(3.0, 0.3, 0.4), (0.5, 0.9, 0.2)]),
}
CASES = [(name, point) for name, (*_, points) in INVERSES.items() for point in points] + [
    (name, (x,) * getattr(sp, name).nin) for name in ("btdtria", "chdtriv", "gdtrib", "bdtrin") for x in (0.15, 0.8)
]


def solved(name, given):
    f, of, place, _ = INVERSES[name]
    start = getattr(sp, name)(*[float(z) for z in given])

    def equation(y):
        z = list(given)
        p = z.pop(place)
        z.insert(of, y)
        return f(*z) - p

    return mp.findroot(equation, (mp.mpf(start), mp.mpf(start) * (1 + mp.mpf(10) ** -6)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_against_solutions_in_forty_digits(case):
    name, point = case
    op, n, h = getattr(sp, name), len(point), mp.mpf(10) ** -12
    unit = lambda j: tuple([1.0 * (k == j) for k in range(n)])
    with mp.workdps(45):
        moved = lambda *ks: solved(name, [mp.mpf(z) + h * ks.count(j) - h * ks.count(~j) for j, z in enumerate(point)])
        first = [float((moved(j) - moved(~j)) / (2 * h)) for j in range(n)]
        mixed = [float((moved(j, 0) - moved(j, ~0) - moved(~j, 0) + moved(~j, ~0)) / (4 * h * h)) for j in range(n)]
    np.testing.assert_allclose(wg.grad(op, argnums=tuple(range(n)))(*point), first, rtol=1e-8)
    np.testing.assert_allclose([wg.jvp(op, point, unit(j))[1] for j in range(n)], first, rtol=1e-8)
    np.testing.assert_allclose([wg.jit(wg.grad(op, j))(*point) for j in range(n)], first, rtol=1e-8)
    for j in range(n):
        along = lambda f, j: lambda *z: wg.jvp(f, z, unit(j))[1]
        for inner in (wg.grad(op, j), along(op, j)):
            for twice in (wg.grad(inner, 0), along(inner, 0)):
                np.testing.assert_allclose(twice(*point), mixed[j], rtol=1e-6, atol=1e-9)


def test_a_bound_of_the_search_does_not_move():
    """P(K ≤ 0) is more than p already."""
    assert sp.nbdtrik(0.8, 0.8, 0.8) == 0.0
    assert wg.grad(sp.nbdtrik, argnums=(0, 1, 2))(0.8, 0.8, 0.8) == (0.0, 0.0, 0.0)
