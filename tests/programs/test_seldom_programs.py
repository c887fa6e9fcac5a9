"""Programs with arguments seldom given: times of a solver, limits of a filter, expectations of counts, keys of records."""

import numpy as np
from scipy import integrate, signal, stats
from ways import both_tests

THREE = [0.5, 1.5, 0.7]
SAMPLE = np.sin(np.arange(12.0) ** 1.3)
KINDS = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0])


def expectations_of_counts(x):
    """The function is called with arrays, as SciPy does."""
    poisson = stats.poisson.expect(lambda k: (k >= 2).astype(float) * k, (x[1],))
    binomial = stats.binom(6, 0.6 * x[0]).expect(lambda k: KINDS[k.astype(int)])
    zipf = stats.zipf.expect(np.log, (8 * x[0],))
    inside = stats.poisson(x[1]).expect(lambda k: np.where(k > 3, k - 3, 0), lb=2, ub=9, conditional=True)
    return poisson, binomial, zipf, inside


def values_between_whole_numbers(x):
    chances = np.array([0.4 * x[0], 0.3, 0.7 - 0.4 * x[0]])
    return stats.rv_discrete(values=(np.array([0.5, 1.5, 4.25]), chances)).expect(lambda k: k**2)


def ranges_by_keyword(x):
    steps = np.arange(x[0], stop=4.6), np.arange(x[0], stop=4.6, step=x[2]), np.arange(1.0, stop=6 * x[2])
    return [*steps, np.arange(stop=5 * x[0]), np.arange(start=x[1], stop=4.1), np.arange(5 * x[0], None) * x[1]]


def savitzky_golay(x):
    return signal.savgol_coeffs(5, 2, pos=2 + 0.4 * x[0]), signal.savgol_coeffs(7, 3, deriv=1, delta=x[1])


def orders_of_filters(x):
    band = signal.butter(2, [0.2, 0.4 * x[1]], "bandstop", output="sos")
    orders = signal.buttord(0.2, 0.3, 2 * x[1], 40.0)[1], signal.cheb1ord(0.4 * x[0], 0.3, 3.0, 40.0)[1]
    return [band, *orders, signal.iirdesign(0.4 * x[0], 0.4, 1.0, 40.0)[0]]


def times_of_lsoda(x):
    options = {"method": "LSODA", "rtol": 1e-10, "atol": 1e-12}
    ends = integrate.solve_ivp(lambda t, y: [t - y[0] * x[0]], (0.1 * x[0], x[1]), [1.0], **options)
    asked = integrate.solve_ivp(lambda t, y: [t - y[0]], (0, 2), [1.0], t_eval=[0.1, x[2], x[1]], **options)
    return ends.y[0, -1], ends.t[-1], asked.y, asked.t


def polynomials_of_polynomials(x):
    p, q = np.poly1d(x), np.poly1d([1, x[1]])
    return p(q)(0.2), np.polyval(x, q)(0.3), np.polyval(p, np.poly1d([1.0, 2.0]))(x[0])


def catalogue(x):
    stars = np.zeros(4, dtype=[("name", "U4"), ("magnitude", "f8"), ("place", "f8", (2,))])
    stars["magnitude"] = np.r_[x, x[0] * x[1]]
    stars["place"] = np.outer([1, 2, 3, 4], x[:2])
    stars.sort(order="magnitude")
    return stars["magnitude"] * np.arange(4), stars["place"], np.sort(stars, order=["magnitude"])["place"][0]


CASES = dict.fromkeys(
    [
        expectations_of_counts, values_between_whole_numbers, ranges_by_keyword, savitzky_golay, orders_of_filters,
        times_of_lsoda, polynomials_of_polynomials, catalogue,
    ],
    THREE,
)  # fmt: skip
test_program, test_compiled_at_two_points = both_tests(CASES)
