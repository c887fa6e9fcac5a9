"""Python's modules of numbers on recorded ones: sums that lose no digits, statistics, random draws; what newer Pythons have."""

import itertools
import math
import os
import random
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ways import every_way

import wengert as wg

POINTS = [np.array([0.7, 0.4, 1.2, 0.3]), np.array([1.1, 0.6, 0.2, 0.9])]
FOUR = [1.0, 3.0, 2.0, 5.0]
KERNELS = ("normal", "logistic", "sigmoid", "rectangular", "triangular", "parabolic", "quartic", "triweight", "cosine")


def since(minor):
    """For functions that this version of Python is the first to have."""
    return pytest.mark.skipif(sys.version_info < (3, minor), reason=f"needs Python 3.{minor}")


def normal(x):
    d = statistics.NormalDist(x[0], 1 + x[1]) + 0.5 * statistics.NormalDist(0.1, x[2])
    return (
        d.pdf(x[3]),
        d.cdf(0.3),
        d.inv_cdf(0.2 + 0.1 * x[3]),
        d.mean * d.stdev * d.variance,
        d.zscore(0.4),
        d.quantiles(3),
        d.overlap(statistics.NormalDist(0.2, 0.9)),
    )


def drawn(x):
    r = random.Random(3)
    return (
        r.gauss(x[0], x[1]) + r.normalvariate(x[0], 1.0) + r.lognormvariate(x[0], 0.3),
        r.uniform(x[0], x[1]) * r.triangular(x[2], 2.0) + r.random() * x[3],
        r.expovariate(1 + x[0])
        + r.weibullvariate(1 + x[0], 1.5)
        + r.paretovariate(2 + x[1])
        + r.gammavariate(2.0, x[1]),
        r.choice(list(x)) * r.sample(list(x), 2)[0] * r.choices(list(x), weights=[x[0], 1.0, 1.0, 2.0], k=2)[1],
    )


# fmt: off
PROGRAMS = {
    "mean":        lambda x: (statistics.mean(x), statistics.mean(x.tolist()), statistics.fmean(x)),
    "weights":     lambda x: (statistics.fmean(x, weights=FOUR), statistics.fmean(FOUR, x), statistics.harmonic_mean(x.tolist(), weights=FOUR), statistics.harmonic_mean(FOUR, weights=x)),
    "known mean":  lambda x: (statistics.variance(x, x[0]), statistics.pvariance(x.tolist(), 0.3), statistics.stdev(x, xbar=statistics.mean(x)), statistics.pstdev(FOUR, mu=x[1])),
    "spread":      lambda x: (statistics.stdev(x), statistics.pstdev(x.tolist()), statistics.geometric_mean(x), statistics.harmonic_mean(x)),
    "order":       lambda x: (statistics.median(x), statistics.median_grouped(list(x)), statistics.quantiles(x), statistics.quantiles(x.tolist(), n=10, method="inclusive")),
    "two":         lambda x: (statistics.correlation(x, FOUR), statistics.covariance(list(x), [v * v for v in x]), tuple(statistics.linear_regression(list(x), FOUR)), statistics.linear_regression(FOUR, x.tolist(), proportional=True).slope),
    "normal":      normal,
    "samples":     lambda x: statistics.NormalDist.from_samples(x.tolist()).stdev + statistics.NormalDist.from_samples(x).pdf(0.4),
    "drawn":       drawn,
    "neighbours":  lambda x: math.nextafter(x[0], 2.0) * x[1] + math.ulp(x[2]) * x[3],
    "fsum":        lambda x: math.fsum(x) * math.fsum([1.0, *x.tolist()]) + math.fsum([]),
    "sum":         lambda x: sum(x.tolist()) * sum([1, *x.tolist()], 2.0) + sum(x) + sum([x, x])[0] + sum(v * v for v in x.tolist()),
    "mixed sum":   lambda x: sum([x.tolist()[0], 2, True, x.tolist()[1], x[2], np.float64(3.0), 0.1]) * sum([], x[3]),
    "complex sum": lambda x: abs(sum([complex(v, 1.0) for v in x.tolist()])),
}
NEWER = {
    "sumprod":     (12, lambda x: math.sumprod(x.tolist(), FOUR) * math.sumprod(x.tolist(), x.tolist()) + math.sumprod(x, [1, 2, 3, 4])),
    "steps":       (12, lambda x: math.nextafter(x[0], 2.0, steps=3) * x[1]),
    "batched":     (12, lambda x: sum(a * b for a, b in itertools.batched(x, 2))),
    "ranked":      (12, lambda x: statistics.correlation(list(x), FOUR, method="ranked") * x[0]),
    "fma":         (13, lambda x: math.fma(x[0], x[1], x[2]) * math.fma(2.0, x[3], 1.0) + math.fma(x[0], 2, 3)),
    "kde":         (13, lambda x: [statistics.kde(x.tolist(), 0.9, kernel)(0.35) for kernel in KERNELS]),
    "kde of all":  (13, lambda x: statistics.kde(x.tolist(), x[1])(x[2]) + statistics.kde(list(x), 0.9, cumulative=True)(x[0])),
}
# fmt: on


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    every_way(PROGRAMS[name], POINTS, rtol=1e-6)


@pytest.mark.parametrize("name", [pytest.param(name, marks=since(minor)) for name, (minor, _) in NEWER.items()])
def test_newer_program(name):
    every_way(NEWER[name][1], POINTS, rtol=1e-6)


@since(12)
def test_sums_of_floats_keep_what_additions_lose():
    f = lambda x: sum([x, 1e16, -1e16])
    assert wg.value_and_grad(f)(0.1) == (f(0.1), 1.0) == (0.1, 1.0)
    assert wg.hessian(lambda x: sum([x * x, 1e16, -1e16]))(0.1) == 2.0
    g = lambda x: math.sumprod([x, 1e8, 1.0], [x, 1e8, -1e16])
    assert wg.value_and_grad(g)(0.1) == (g(0.1), 0.2)
    assert sum.__self__.__name__ == "builtins"


def test_sums_by_other_names():
    xs = POINTS[0].tolist()
    table, total = {"sum": sum}, sum

    def f(a, agg=sum):
        values = [a, *xs[1:]]
        return agg(values) + table["sum"](values) + total(values) + list(map(sum, [values, values]))[1]

    assert wg.value_and_grad(f)(xs[0]) == (f(xs[0]), 4.0)


@since(14)
def test_sums_of_complex_numbers_keep_what_additions_lose():
    f = lambda x: sum([complex(x, x), 1e16 + 0j, -1e16 + 0j]).real
    assert wg.value_and_grad(f)(0.1) == (f(0.1), 1.0) == (0.1, 1.0)


@since(13)
def test_fused_products_are_rounded_once():
    def error(x):
        p = x * 0.3
        return math.fma(x, 0.3, -p)

    assert wg.vjp(error, 0.1)[0] == error(0.1) != 0.0
    pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")
    compiled = wg.jit(error)
    assert compiled(0.1) == error(0.1)
    path = compiled._path_of((0.1,), {})[1]
    assert path.native is not None
    assert not path.native.graph.calls
    for f in (math.fma, wg.jit(lambda a, b, c: math.fma(a, b, c))):
        with pytest.raises(ValueError, match="invalid operation in fma"):
            f(math.inf, 0.0, 1.0)
        with pytest.raises(OverflowError):
            f(1e300, 1e300, 1.0)


def test_sums_of_many_numbers_cost_what_they_are_long():
    xs = tuple(0.1 * k for k in range(20_000))
    assert wg.grad(lambda xs: math.fsum(xs))(xs) == (1.0,) * len(xs)
    assert wg.grad(lambda xs: sum(xs))(xs) == (1.0,) * len(xs)


ALONE = {
    "NormalDist": "from statistics import NormalDist\nf = lambda x: NormalDist(x, 2.0).cdf(0.3)",
    "Random": "from random import Random\nf = lambda x: Random(3).lognormvariate(x, 0.3)",
    "gauss": "import random\nf = lambda x: random.Random(3).choices([1.0, 2.0], [x, 1.0])[0] * x",
}


@pytest.mark.parametrize("name", ALONE)
def test_modules_are_reached_by_programs_that_name_nothing_else(name):
    program = (
        f"import wengert as wg\n{ALONE[name]}\nprint(wg.derivative(f)(0.5), (f(0.5 + 1e-6) - f(0.5 - 1e-6)) / 2e-6)"
    )
    here = {**os.environ, "PYTHONPATH": str(Path(wg.__file__).parents[1])}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=here)
    got, near = map(float, run.stdout.split())
    assert got == pytest.approx(near, rel=1e-6)
