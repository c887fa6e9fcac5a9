"""Programs of objects: numbers of one's own, trees, registries, metaclasses, properties, enumerations."""

import abc
import collections
import copy
import enum
import functools
import math
import operator

import numpy as np
from ways import both_tests

rng = np.random.default_rng(23)

v6 = rng.normal(size=6)


class Vec(collections.abc.Sequence):
    def __init__(s, *c):
        s._c = tuple(c)

    def __len__(s):
        return len(s._c)

    def __getitem__(s, i):
        return s._c[i]

    def __add__(s, o):
        return Vec(*map(operator.add, s, o))

    def __matmul__(s, o):
        return sum((a * b for a, b in zip(s, o)))

    def __rmul__(s, k):
        return Vec(*(k * c for c in s))

    def __abs__(s):
        return math.sqrt(s @ s)

    def __repr__(s):
        return f"Vec({', '.join(f'{c:.3f}' for c in s)})"

    def __bool__(s):
        return any(s)


def vec_class(x):
    a, b = (Vec(*x[:3]), Vec(*x[3:]))
    c = a + 2 * b
    assert repr(c).startswith("Vec(")
    return (abs(c), c @ a, sum(reversed(c)), max(c), c.index(c[1]) * c[0] if c else 0)


class Mat:
    __array_priority__ = 100

    def __init__(s, rows):
        s.r = [list(q) for q in rows]

    def __matmul__(s, o):
        return Mat([[sum((a * b for a, b in zip(r, c))) for c in zip(*o.r)] for r in s.r])

    @property
    def T(s):
        return Mat(zip(*s.r))

    def __getitem__(s, k):
        i, j = k
        return s.r[i][j]

    def __setitem__(s, k, v):
        s.r[k[0]][k[1]] = v

    def __array__(s, dtype=None, copy=None):
        return np.array(s.r, dtype=dtype)

    def __imul__(s, k):
        s.r = [[k * q for q in r] for r in s.r]
        return s


def mat_class(x):
    A = Mat(x.reshape(2, 3))
    B = A @ A.T
    B[0, 1] += x[0]
    B *= x[1]
    return (np.linalg.det(np.array(B.r)), B[1, 1], np.sum(np.asarray(B.r) ** 2))


def deepcopy_and_alias(x):
    m = {"w": x, "h": [x * 2]}
    c = copy.deepcopy(m)
    c["w"] = c["w"] + 1
    c["h"][0][0] = 5.0
    d = copy.copy(m)
    d["h"].append(x)
    return (c["w"] @ m["w"], c["h"][0].sum(), len(m["h"]) * m["h"][0][0])


class Temp:
    __slots__ = ("_c",)

    def __init__(s, c):
        s._c = c

    @property
    def f(s):
        return s._c * 1.8 + 32

    @f.setter
    def f(s, v):
        s._c = (v - 32) / 1.8

    def __format__(s, spec):
        return format(s._c, spec)

    def __iadd__(s, o):
        s._c += o
        return s

    def __lt__(s, o):
        return s._c < o._c

    def __float__(s):
        return float(s._c)


def property_setter(x):
    t = Temp(x)
    t.f = t.f**1.1
    t += x
    f"{t:.2f}"
    return min(t, Temp(100.0)).f


class Node:
    def __init__(s, v, l=None, r=None):
        s.v, s.l, s.r = (v, l, r)

    def __iter__(s):
        if s.l:
            yield from s.l
        yield s.v
        if s.r:
            yield from s.r

    def insert(s, v):
        side = "l" if v < s.v else "r"
        c = getattr(s, side)
        if c is None:
            setattr(s, side, Node(v))
        else:
            c.insert(v)
        return s


def bst_inorder(x):
    t = Node(x[0])
    [t.insert(v) for v in x[1:]]
    return [v * k for k, v in enumerate(t)]


class Op(enum.Enum):
    ADD = "+"
    MUL = "*"

    def __call__(s, a, b):
        return a + b if s is Op.ADD else a * b


def enum_ops(x):
    return (Op.ADD(x[0], Op("*")(x[0], x[1])), {o.name: o(x[0], x[1]) for o in Op})


class Shape(abc.ABC):
    reg = {}  # noqa: RUF012

    def __init_subclass__(c, **k):
        Shape.reg[c.__name__] = c
        super().__init_subclass__(**k)

    @abc.abstractmethod
    def area(s): ...


class Circle(Shape):
    def __init__(s, r):
        s.r = r

    def area(s):
        return math.pi * s.r**2

    @classmethod
    def unit(c, k):
        return c(k)

    @functools.cached_property
    def per(s):
        return 2 * math.pi * s.r


def registry_abc(x):
    c = Shape.reg["Circle"].unit(x)
    return c.area() + c.per + c.per * c.r


def running_stats_class(x):

    class Welford:
        n = 0
        mean = 0.0
        M2 = 0.0

        def push(s, v):
            s.n += 1
            d = v - s.mean
            s.mean += d / s.n
            s.M2 += d * (v - s.mean)
            return s

    w = functools.reduce(lambda w, v: w.push(v), x, Welford())
    return (w.mean, w.M2 / (w.n - 1))


CASES = {
    vec_class: v6,
    mat_class: v6,
    property_setter: 20.0,
    bst_inorder: v6,
    enum_ops: [0.3, 0.7],
    registry_abc: 0.7,
    running_stats_class: v6,
    deepcopy_and_alias: v6,
}

test_program, test_compiled = both_tests(CASES)
