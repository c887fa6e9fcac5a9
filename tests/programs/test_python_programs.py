"""Programs in Python's own functions: math, cmath, float, statistics, classes, generators."""

import bisect
import cmath
import copy
import functools
import math
import operator
import statistics
from collections import defaultdict, namedtuple
from dataclasses import dataclass
from math import exp as e_x
from math import pi, sqrt

import numpy as np
import numpy.linalg as la
import pytest
from ways import every_way

P3 = np.array([0.7, -0.4, 1.2])
Q3 = np.array([1.3, 0.6, -0.2])
P5 = np.array([0.7, -0.4, 1.2, 0.3, 2.1])
Q5 = np.array([1.1, 0.9, -0.5, 1.7, 0.2])
A2 = np.array([0.8, 0.5])
B2 = np.array([1.4, 0.3])


def statistics_module(p):
    data = [float(v) for v in p]
    return statistics.fmean(data) + np.var(data)


def printing_and_logging(p):
    lines = []
    loss = 0
    for i, v in enumerate(p):
        loss += v**2
        lines.append(f"{i:3d} {v:8.3f} {loss:.2e}")
        lines.append("%s %d" % (v, i))  # noqa: UP031
        lines.append(f"{loss:>10.2f}")
    assert len("\n".join(lines)) > 10
    return loss


def counters_and_defaults(p):
    groups = defaultdict(list)
    for k, v in zip("abcab", p):
        groups[k].append(v)
    means = {k: sum(v) / len(v) for k, v in groups.items()}
    best = max(means, key=means.get)
    ranked = sorted(means.items(), key=lambda kv: -kv[1])
    return means[best] * 2 + ranked[-1][1], np.array([means[k] for k in sorted(means)])


def generators_and_sends(p):
    def ema(alpha):
        avg = None
        while True:
            x = yield avg
            avg = x if avg is None else alpha * x + (1 - alpha) * avg

    g = ema(0.3)
    next(g)
    return [g.send(v) for v in p]


def slots_and_properties(p):
    class Vec:
        __slots__ = ("x", "y")

        def __init__(self, x, y):
            self.x, self.y = x, y

        def __add__(self, o):
            return Vec(self.x + o.x, self.y + o.y)

        def __rmul__(self, k):
            return Vec(k * self.x, k * self.y)

        @property
        def norm(self):
            return math.hypot(self.x, self.y)

        def __iter__(self):
            return iter((self.x, self.y))

        def __lt__(self, o):
            return self.norm < o.norm

    vs = [Vec(p[i], p[i + 1]) for i in range(3)]
    big = max(vs)
    s = functools.reduce(operator.add, vs)
    return big.norm, (2.0 * s).norm, np.array(list(s))


def running_statistics_welford(p):
    mean, m2, n = 0.0, 0.0, 0
    lo, hi = math.inf, -math.inf
    for x in p:
        n += 1
        d = x - mean
        mean += d / n
        m2 += d * (x - mean)
        lo, hi = min(lo, x), max(hi, x)
    return mean, m2 / (n - 1), hi - lo


def lookup_bisect_table(p):
    xs = [0.0, 0.5, 1.0, 2.0, 4.0]
    ys = [p[0], 1.0, p[1], 0.2, p[2]]

    def table(x):
        i = bisect.bisect_right(xs, x) - 1
        i = max(0, min(i, len(xs) - 2))
        t = (x - xs[i]) / (xs[i + 1] - xs[i])
        return ys[i] + t * (ys[i + 1] - ys[i])

    return [table(x) for x in (0.1, abs(p[0]), 3.9)]


def structured_and_enum(p):
    Point = namedtuple("Point", "pos w")
    pts = [Point(np.array([v, v**2]), i + 1.0) for i, v in enumerate(p)]
    com = sum(q.w * q.pos for q in pts) / sum(q.w for q in pts)
    pts = [q._replace(pos=q.pos - com) for q in pts]
    return sum(q.w * np.outer(q.pos, q.pos) for q in pts)


def deep_copied_state(p):
    state = {"x": p[:2].copy(), "hist": []}
    for k in range(3):
        snap = copy.deepcopy(state)
        state["x"] *= 0.5
        state["x"] += snap["x"] ** 2 * p[2]
        state["hist"].append(snap["x"].sum())
    return state["x"], state["hist"]


def try_cholesky_jitter(p):
    A = np.array([[1.0, p[0]], [p[0], 1.0]])
    jitter = 0.0
    while True:
        try:
            Lc = la.cholesky(A + jitter * np.eye(2))
            break
        except la.LinAlgError:
            jitter = max(1e-3, 10 * jitter)
    return np.log(np.diag(Lc)).sum()


def vectorize_and_frompyfunc(p):
    @np.vectorize
    def soft(x):
        if x > 1:
            return x - 0.5
        return 0.5 * x * x

    huber = np.vectorize(lambda r, d: r * r if abs(r) < d else 2 * d * abs(r) - d * d)
    return soft(p), huber(p, 0.7)


def string_dispatch(p):
    methods = {"euler": lambda f, y, h: y + h * f(y), "heun": lambda f, y, h: y + h / 2 * (f(y) + f(y + h * f(y)))}
    f = lambda y: -p[0] * y + p[1] * y**2
    out = {}
    for name in methods:
        y = 0.5
        for _ in range(5):
            y = methods[name](f, y, 0.1)
        out[name] = y
    return out["heun"] - out["euler"], out["heun"]


def returns_float(p):
    return float(np.sum(p**2)) + float(p[0]) * float(np.dot(p, p))


def of_list(p):
    xs = [float(v) for v in p]
    ys = list(map(float, p * 2))
    best = float("inf")
    for x in xs:
        best = min(best, float(x * x))
    assert isinstance(xs[0], float)
    return best * sum(ys) + np.array(xs, dtype=float).astype(float) @ np.array(ys)


def item_and_tolist(p):
    a = p.reshape(1, -1)[:, :1].item() * 2
    rows = np.outer(p, p).tolist()
    return a * sum(sum(r) for r in rows) + p.item(1) + np.outer(p, p).item(0, 1) + np.outer(p, p).item(2)


def complex_number(p):
    z = complex(p[0], p[1])
    return (z**2 + complex(float(p[0])) / z), abs(complex(p[1]))


@dataclass
class Particle:
    x: float
    v: float = 0.0

    def step(self, dt: float) -> None:
        self.v -= float(math.sin(self.x)) * dt
        self.x += float(self.v * dt)


def particles(p):
    a = Particle(float(p[0]), float(p[1]))
    for _ in range(5):
        a.step(0.1)
    return a.x, np.asarray([a.x, a.v])


def all_of_math(x):
    return (
        math.sqrt(x),
        e_x(x),
        math.expm1(x),
        math.exp2(x),
        math.cbrt(x),
        math.log(x),
        math.log(x, 3),
        math.log(2, x),
        math.log2(x),
        math.log10(x),
        math.log1p(x),
        math.sin(x),
        math.cos(x),
        math.tan(x),
        math.asin(x / 2),
        math.acos(x / 2),
        math.atan(x),
        math.sinh(x),
        math.cosh(x),
        math.tanh(x),
        math.asinh(x),
        math.acosh(1 + x),
        math.atanh(x / 2),
        math.degrees(x),
        math.radians(x),
        math.fabs(-x),
        math.atan2(x, 2.0),
        math.atan2(1.0, x),
        math.copysign(x, -1.0),
        math.fmod(7.3, x),
        math.fmod(x, 0.4),
        math.pow(x, 2.5),
        math.pow(2.5, x),
        math.pow(-x, 3),
        math.erf(x),
        math.erfc(x),
        math.lgamma(x),
        math.gamma(x),
        math.hypot(x, 2.0),
        math.hypot(x, 1.0, 2 * x),
        math.hypot(x),
        math.dist((x, 1.0), (0.0, x * x)),
        math.dist([x, 1.0, 2], [0.0, x * x, 1]),
        math.fsum([x, x * x, 1.0]),
        math.prod([x, 2, x]),
        math.modf(3 * x)[0],
        math.ldexp(x, 3),
        math.remainder(5.3, x),
        math.remainder(x, 0.3),
        math.floor(3 * x) * x,
        sqrt(x) * pi,
    )


def all_of_cmath(x):
    z = complex(0.3, 0.4) + 1j * x
    w = (
        cmath.exp(z)
        + cmath.sqrt(z) * cmath.log(z)
        - cmath.sin(z) / cmath.cosh(z)
        + cmath.atan(z)
        + cmath.sqrt(-x)
        + cmath.log(x)
    )
    r, phi = cmath.polar(w)
    return (
        w,
        r,
        phi,
        cmath.rect(x, 0.3 * x),
        cmath.phase(z),
        abs(w),
        cmath.isfinite(w) * x,
        cmath.acos(z),
        cmath.log10(z),
        cmath.asinh(z),
    )


def newton_heron(a):
    x = a
    while True:
        y = 0.5 * (x + a / x)
        if math.fabs(y - x) < 1e-14 * math.fabs(y):
            return y
        x = y


def of_elements(p):
    return (
        sum(math.exp(-v) * math.cos(k * v) for k, v in enumerate(p)),
        [math.sqrt(v * v + 1) for v in p],
        max(math.sin(v) for v in p),
        list(map(math.atan, p)),
    )


# fmt: off
CASES = {
    all_of_math: [0.7, 1.3],
    all_of_cmath: [0.7, 1.3],
    newton_heron: [2.0, 5.0],
    of_elements: [np.array([0.3, 0.5, 1.0])],
    returns_float: [P3, Q3],
    of_list: [P3, Q3],
    item_and_tolist: [P3, Q3],
    complex_number: [P3, Q3],
    particles: [P3, Q3],
    statistics_module: [P5, Q5],
    printing_and_logging: [P5, Q5],
    counters_and_defaults: [P5, Q5],
    generators_and_sends: [P5, Q5],
    slots_and_properties: [P5, Q5],
    running_statistics_welford: [P5, Q5],
    lookup_bisect_table: [P3, Q3],
    structured_and_enum: [P3, Q3],
    deep_copied_state: [P3, Q3],
    try_cholesky_jitter: [np.array([0.5]), np.array([0.9]), np.array([1.0005])],
    string_dispatch: [A2, B2],
    vectorize_and_frompyfunc: [np.array([0.6, -0.4, 1.2]), Q3],
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f])
