"""Ordinary programs in many dialects of Python and NumPy."""

import bisect
import contextlib
import copy
import dataclasses
import enum
import functools
import math
import operator

import numpy as np
import pytest
from check import check

X = np.array([0.4, -0.2, 0.9, 1.3])
M = np.random.default_rng(0).normal(size=(4, 4))


def matrix_class(x):
    class Mat:
        def __init__(s, d):
            s.d = d

        def __matmul__(s, o):
            return Mat(s.d @ o.d)

        def __getitem__(s, k):
            return s.d[k]

        def __setitem__(s, k, v):
            s.d[k] = v

        def __neg__(s):
            return Mat(-s.d)

        def __array__(s, dtype=None, copy=None):
            return np.asarray(s.d)

    A = Mat(np.zeros((2, 2)))
    A[0, 0] = x[0]
    A[1] = x[1:3]
    B = -(A @ A)
    return B.d + A[0]


def math_floor_ceil(x):
    k = math.floor(x * 3)
    j = round(float(int(x)))
    n = int(np.ceil(x))
    return x**k + j * x + n


def deep_copy(x):
    s = {"a": x * 2, "b": [x[0]]}
    t = copy.deepcopy(s)
    t["a"][0] = x[1] ** 2
    t["b"].append(copy.copy(x))
    return s["a"] * t["a"]


def unpack_star(x):
    a, *b, c = x
    (p, q), (r, s) = x.reshape(2, 2)
    return a * c + sum(b) + p * s - q * r


def isclose_loop(x):
    y = x
    n = 0
    while not np.allclose(y, 0, atol=0.1):
        y = y * 0.5
        n += 1
    return y * n


def zip_sorted_key(x):
    pairs = sorted(zip(x, range(4)))
    order = [k for _, k in pairs]
    return x[order] * np.arange(4), x[np.argsort(-x)][:2]


def try_index_error(x):
    t = 0.0
    try:
        for i in range(10):
            t += x[i] ** 2
    except IndexError:
        t *= 2
    try:
        np.linalg.solve(np.zeros((2, 2)), x[:2])
    except np.linalg.LinAlgError:
        t += x[0]
    try:
        x.reshape(3)
    except ValueError:
        t += x[1]
    return t


def sum_start(x):
    return sum(x, start=x[0]) + functools.reduce(operator.mul, x) + math.prod(x)


def setdefault_groups(x):
    g = {}
    for v in x:
        g.setdefault(v > 0.5, []).append(v)
    return {str(k): np.mean(v) for k, v in g.items()}


def coroutine_send(x):
    def avg():
        t = 0.0
        n = 0
        a = None
        while True:
            v = yield a
            t = t + v
            n += 1
            a = t / n

    g = avg()
    next(g)
    return np.array([g.send(v) for v in x])


def with_suppress(x):
    t = x.sum()
    with contextlib.suppress(ZeroDivisionError, ValueError):
        t = t * 2
        np.linalg.cholesky(np.ones((2, 3)))
    return t


def int_array_times(x):
    n = np.arange(4)
    n *= 2
    f = np.array([1, 2, 3, 4])
    return (x * n).sum() + (f @ x) + (f / x.sum()).sum() + f[x.argmax()] * x[0]


def bisect_insert(x):
    s = []
    for v in x:
        bisect.insort(s, v)
    i = bisect.bisect_left(s, 0.5)
    return np.array(s) * i


def enum_and_match(x):
    class K(enum.Enum):
        A = 1
        B = 2

    def f(k, v):
        match k:
            case K.A:
                return v**2
            case K.B:
                return np.sin(v)

    match (x[0] > 0, len(x)):
        case (True, 4):
            z = f(K.A, x)
        case _:
            z = f(K.B, x)
    return z + f(K.B, x)


def frozen_dc(x):
    @dataclasses.dataclass(frozen=True)
    class S:
        p: object
        q: float = 1.0

        def __add__(s, o):
            return dataclasses.replace(s, p=s.p + o.p)

    s = S(x) + S(x**2)
    return dataclasses.astuple(s)[0] * s.q, dataclasses.asdict(s)["p"]


def string_table(x):
    rows = ["%8.3f|%e" % (a, b) for a, b in zip(x, x**2)]  # noqa: UP031
    s = str(x) + repr(x[0]) + np.array2string(x) + f"{x[0]:.2e}" + format(x[1], ".3f")
    print(x[0])
    return x * (len(rows) + bool(s))


def round_fn(x):
    return (
        round(x[0], 2) * x,
        np.round(x[1], 1) + x[1],
        abs(x[1]),
        divmod(x[0], 0.3)[1],
        pow(x[0], 2),
        x[0] // 0.3 * x,
        -x,
        +x,
        x[0].__float__ and x[0],
    )


CASES = {
    matrix_class: X, math_floor_ceil: 1.3, deep_copy: X, unpack_star: X, isclose_loop: X, zip_sorted_key: X,
    try_index_error: X, sum_start: X, setdefault_groups: X, coroutine_send: X, with_suppress: X, int_array_times: X,
    bisect_insert: X, enum_and_match: X, frozen_dc: X, string_table: X, round_fn: X,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=3e-6, h=3e-4)
