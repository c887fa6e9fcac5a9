"""What a compiled function relies on that is neither data nor a name of its module: names of libraries and of builtins
that are bound anew, code and classes that are replaced, state that objects of libraries hold."""

import array
import collections
import contextvars
import ctypes
import itertools
import math
import sys
import threading
import types

import numpy as np
import pytest
import scipy.special
from numpy.polynomial import Polynomial
from same import agree

import wengert as wg

HERE = sys.modules[__name__]


def cube(x, *_):
    return x**3


def twice(f, change, undo):
    """jit(f) and jit(grad(f)) agree with f and grad(f) before and after the change, and after it was undone."""
    for g in (f, wg.grad(f)):
        jitted = wg.jit(g)
        for _ in range(3):
            agree(jitted, g, 1.5)
        change()
        try:
            for _ in range(3):
                agree(jitted, g, 1.5)
        finally:
            undo()
        for _ in range(2):
            agree(jitted, g, 1.5)


def with_exp(x):
    return np.exp(x) * x


def with_norm(x):
    return np.linalg.norm(np.array([x, 2.0]))


def with_gammaln(x):
    return scipy.special.gammaln(x)


def with_sine(x):
    return math.sin(x)


def through_a_helper(x):
    return with_exp(x) + 1


PATCHES = {
    "np.exp": (with_exp, np, "exp", cube),
    "np.exp of a helper": (through_a_helper, np, "exp", cube),
    "np.linalg.norm": (with_norm, np.linalg, "norm", lambda x: x[0] ** 3),
    "scipy.special.gammaln": (with_gammaln, scipy.special, "gammaln", cube),
    "math.sin": (with_sine, math, "sin", cube),
    "np itself": (with_exp, HERE, "np", types.SimpleNamespace(exp=cube, linalg=np.linalg)),
}


@pytest.mark.parametrize("name", PATCHES)
def test_a_patch_of_a_librarys_name(name):
    f, module, attribute, other = PATCHES[name]
    before = getattr(module, attribute)
    twice(f, lambda: setattr(module, attribute, other), lambda: setattr(module, attribute, before))


def with_maximum(x):
    return max(x, 2.0) * x


def with_a_name_to_come(x):
    try:
        return to_come * x
    except NameError:
        return x * 2


def with_any_name(x):
    return globals()["any_name"] * x if "any_name" in globals() else x


@pytest.mark.parametrize(
    ("f", "name", "value"),
    [(with_maximum, "max", cube), (with_a_name_to_come, "to_come", 7.0), (with_any_name, "any_name", 7.0)],
)
def test_a_name_that_comes_into_the_module(f, name, value):
    twice(f, lambda: globals().__setitem__(name, value), lambda: globals().pop(name))


def helper(x, k=2.0):
    return k * x


def with_helper(x):
    return helper(x) * x


def own(x):
    return x * 2


class Thing:
    def __init__(self):
        self.k = 2.0

    def method(self, x):
        return self.k * x

    def __mul__(self, x):
        return self.k * x


class Inherits(Thing):
    pass


class Other:
    def method(self, x):
        return cube(x)


def test_code_that_is_replaced():
    for f, g in ((with_helper, helper), (own, own), (lambda x: Thing().method(x), Thing.method)):
        code = g.__code__
        other = (lambda s, x: x**3).__code__ if g is Thing.method else (lambda x, k=2.0: x**3).__code__
        twice(f, lambda g=g, other=other: setattr(g, "__code__", other), lambda g=g, c=code: setattr(g, "__code__", c))


def test_attributes_of_functions():
    helper.gain = 2.0
    twice(lambda x: helper.gain * x, lambda: setattr(helper, "gain", 3.0), lambda: setattr(helper, "gain", 2.0))
    del helper.gain


def test_classes_that_are_changed():
    thing, heir = Thing(), Inherits()
    multiply = Thing.__mul__
    twice(
        lambda x: thing * x,
        lambda: setattr(Thing, "__mul__", lambda s, x: x**3),
        lambda: setattr(Thing, "__mul__", multiply),
    )
    twice(
        lambda x: heir.method(x),
        lambda: setattr(Inherits, "method", lambda s, x: x**3),
        lambda: delattr(Inherits, "method"),
    )
    twice(
        lambda x: heir.method(x),
        lambda: setattr(heir, "__class__", Other),
        lambda: setattr(heir, "__class__", Inherits),
    )


class Slotted:
    __slots__ = ("__hidden", "k")

    def __init__(self):
        self.k, self.__hidden = 2.0, 3.0

    def hide(self, value):
        self.__hidden = value

    def both(self, x):
        return self.k * self.__hidden * x


class Listed(list):
    pass


class View(np.ndarray):
    pass


class Number(float):
    pass


def with_attribute(x, value):
    x.gain = value
    return x


def test_attributes_that_no_dict_holds():
    thing = Slotted()
    twice(lambda x: thing.k * x, lambda: setattr(thing, "k", 5.0), lambda: setattr(thing, "k", 2.0))
    twice(thing.both, lambda: thing.hide(5.0), lambda: thing.hide(2.0))
    for x in (Listed([1.0]), np.ones(2).view(View), Number(2.0)):
        x.gain = 2.0
        twice(lambda y, x=x: x.gain * y, lambda x=x: with_attribute(x, 5.0), lambda x=x: with_attribute(x, 2.0))


ENTRIES = {
    "array.array": array.array("d", [1.0, 2.0]),
    "bytearray": bytearray(b"ab"),
    "ctypes": (ctypes.c_double * 2)(1.0, 2.0),
    "np.flatiter": np.arange(1.0, 3.0).flat,
    "masked": np.ma.array([1.0, 2.0], mask=[False, True]),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_memory_of_other_objects(name):
    x, first = ENTRIES[name], ENTRIES[name][0]
    twice(lambda y: x[0] * y, lambda: x.__setitem__(0, 7), lambda: x.__setitem__(0, first))


def test_a_mask():
    x = np.ma.array([1.0, 2.0], mask=[False, True])
    twice(lambda y: x.sum() * y, lambda: x.mask.__setitem__(1, False), lambda: x.mask.__setitem__(1, True))
    twice(lambda y: x.sum() * y, lambda: setattr(x, "mask", [True, False]), lambda: setattr(x, "mask", [False, True]))


def test_views_and_order_of_dicts():
    d = {"a": 2.0, "b": 3.0}
    values, proxy, ordered = d.values(), types.MappingProxyType(d), collections.OrderedDict(d)
    for f in (lambda x: sum(values) * x, lambda x: proxy["a"] * x):
        twice(f, lambda: d.update(a=5.0), lambda: d.update(a=2.0))
    twice(
        lambda x: next(iter(ordered.values())) * x,
        lambda: ordered.move_to_end("a"),
        lambda: ordered.move_to_end("a", last=False),
    )


def test_polynomials_partials_and_vectorized_functions():
    p, q = np.poly1d([1.0, 2.0]), Polynomial([1.0, 2.0])
    twice(lambda x: p(x), lambda: p.coeffs.__setitem__(0, 5.0), lambda: p.coeffs.__setitem__(0, 1.0))
    twice(lambda x: q(x), lambda: setattr(q, "coef", np.ones(2)), lambda: setattr(q, "coef", np.array([1.0, 2.0])))
    box = [2.0]
    v = np.vectorize(lambda x: box[0] * x)
    twice(lambda x: v(np.array([x, 1.0]))[0], lambda: box.__setitem__(0, 5.0), lambda: box.__setitem__(0, 2.0))


def test_context_variables_threads_and_iterators():
    variable = contextvars.ContextVar("variable", default=2.0)
    twice(lambda x: variable.get() * x, lambda: variable.set(5.0), lambda: variable.set(2.0))
    own = threading.local()
    own.k = 2.0
    twice(lambda x: own.k * x, lambda: setattr(own, "k", 5.0), lambda: setattr(own, "k", 2.0))
    for count in (itertools.count(), iter(range(100)), (k for k in range(100))):
        jitted = wg.jit(lambda x, count=count: next(count) * x)
        first = jitted(1.0)
        assert [jitted(1.0), jitted(1.0)] == [first + 1, first + 2]


def test_what_f_does_to_such_objects_is_done_once_per_call():
    thing, memory = Slotted(), bytearray(1)

    def count(x):
        thing.k += 1
        memory[0] += 1
        own.calls += 1
        return thing.k * x + memory[0]

    own.calls = 0
    jitted = wg.jit(count)
    assert [jitted(1.0) for _ in range(3)] == [4.0, 6.0, 8.0]
    assert (thing.k, memory[0], own.calls) == (5.0, 3, 3)
    del own.calls
