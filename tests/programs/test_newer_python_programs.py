"""Programs in what Python has from 3.12 on: their text is compiled where it can be."""

import asyncio
import contextlib
import copy
import dataclasses
import functools
import heapq
import itertools
import linecache
import math
import sys

import numpy as np
import pytest
from ways import every_way

import wengert as wg

POINTS = [np.array([0.7, -0.4, 1.2, 0.3]), np.array([0.9, 0.6, 0.2, 0.4])]

GENERICS = """
def first[T](xs: list[T]) -> T:
    return xs[0]

type Pair[T] = tuple[T, T]

class Box[T]:
    def __init__(self, v: T):
        self.v = v

    def get(self) -> T:
        return self.v

@dataclasses.dataclass
class Both[T: (float, np.ndarray)]:
    a: T
    b: T

    def product(self):
        return self.a * self.b + np.sum(self.a)

@dataclasses.dataclass(slots=True, kw_only=True, frozen=True)
class Frozen:
    a: float
    b: float = 2.0

def f[T: float](x: np.ndarray) -> Pair[T]:
    both, fixed = Both(x[0], x[1]), Frozen(a=x[2])
    other = dataclasses.replace(fixed, b=x[3])
    return Box(first([both.product(), 1])).get() * other.b + other.a
"""
COMPREHENSIONS = """
class Scaled:
    k = 2.0
    def __call__(self, x):
        return [self.k * v for v in x]

def f(x):
    rows = [[a * b for a in x if a > 0] for b in x]
    made = [np.zeros(2) for _ in x]
    for row, v in zip(made, x):
        row[0], row[1] = v, v * v
    last = [w := v * 2 for v in x]
    names = {round(float(v), 3): math.sin(float(v)) for v in x}
    later = [(lambda: v * x[0])() for v in x]
    return sum(sum(r) for r in rows) + w + sum(sum(r) for r in made) + sum(names.values()) + sum(later) + sum(Scaled()(last))
"""
STRINGS = """
def f(x):
    text = f'{x[0]:.3f} {x[1]!r} {f"{x[2]:>10.2e}"} {x[3]=} {", ".join(f"{v:.1f}" for v in x)}'
    assert "Scalar" not in text and "wengert" not in text
    return np.sum(x * x) if "=" in text else x[0]
"""
TEMPLATES = """
def f(x):
    t = t'{x[0]:.3f} and {x[1]!r}'
    text = "".join(p if isinstance(p, str) else format(p.value, p.format_spec) for p in t)
    assert "Scalar" not in text
    return t.interpolations[0].value * t.interpolations[1].value * len(t.strings)
"""
LATE = """
def f(x: not_defined) -> nowhere:
    return x[0] * x[1]
"""
EXCEPTIONS = """
def f(x):
    try:
        raise ValueError(x[0])
    except TypeError, ValueError:
        y = x[0] * x[1]
    return y
"""
MONITORED = """
def g(x):
    return np.sum(x * x) * x[0]

def f(x):
    m, calls = sys.monitoring, []
    m.use_tool_id(3, "test")
    m.register_callback(3, m.events.PY_START, lambda *a: calls.append(a))
    m.set_events(3, m.events.PY_START)
    try:
        y = g(x)
    finally:
        m.set_events(3, 0)
        m.free_tool_id(3)
    assert calls
    return y
"""
ITERATORS = """
def f(x):
    half = [sum(b) for b in itertools.batched(x, 2, strict=True)]
    return half[0] * half[1]
"""
REPLACED = """
@dataclasses.dataclass
class D:
    a: float
    b: float

def f(x):
    return copy.replace(D(x[0], x[1]), b=x[2]).b * x[3]
"""
FOURTEEN = """
def power(a, b):
    return a ** b

def f(x):
    y = functools.partial(power, functools.Placeholder, 2.0)(x[0])
    z = sum(map(lambda a, b: a * b, x, x, strict=True))
    heap = sorted(x, reverse=True)
    return y * z + heapq.heappop_max(heap) + float.from_number(x[1]) * complex.from_number(x[2]).real
"""
ALREADY = """
@contextlib.contextmanager
def doubled(v):
    yield v * 2

async def product(x):
    return x[0] * x[1]

def f(x):
    match x.tolist():
        case [a, b, *rest] if a > b:
            r = a * b + sum(rest)
        case _:
            r = x[0]
    try:
        raise ExceptionGroup("group", [ValueError(x[0])])
    except* ValueError as group:
        y = group.exceptions[0].args[0]
    with doubled(x[0]) as u, doubled(x[1]) as v:
        return r + y * u * v + asyncio.run(product(x))
"""
PROGRAMS = {
    "generics": (12, GENERICS),
    "comprehensions": (11, COMPREHENSIONS),
    "strings": (12, STRINGS),
    "templates": (14, TEMPLATES),
    "late annotations": (14, LATE),
    "exceptions": (14, EXCEPTIONS),
    "monitored": (12, MONITORED),
    "iterators": (13, ITERATORS),
    "replaced": (13, REPLACED),
    "builtins": (14, FOURTEEN),
    "already": (11, ALREADY),
}
MODULES = (asyncio, contextlib, copy, dataclasses, functools, heapq, itertools, math, sys)


def program(text, name):
    """The function f of a program, whose lines can be looked up."""
    path = f"<{name}>"
    linecache.cache[path] = (len(text), None, text.splitlines(True), path)
    namespace = {"__name__": "program", "np": np} | {m.__name__: m for m in MODULES}
    exec(compile(text, path, "exec"), namespace)
    return namespace["f"]


def since(name):
    minor = PROGRAMS[name][0]
    return pytest.param(
        name, marks=pytest.mark.skipif(sys.version_info < (3, minor), reason=f"needs Python 3.{minor}"), id=name
    )


@pytest.mark.parametrize("name", [since(name) for name in PROGRAMS])
def test_program(name):
    every_way(program(PROGRAMS[name][1], name), POINTS, rtol=1e-6)


@pytest.mark.skipif(sys.version_info < (3, 14), reason="needs Python 3.14")
def test_annotations_that_name_nothing_are_no_matter():
    f = program(LATE, "late annotations")
    assert "def f(x)" in str(wg.trace(f)(POINTS[0]))
    assert wg.jit(f).explain(POINTS[0])
    with pytest.raises(TypeError, match="argument"):
        wg.grad(f)("text")
