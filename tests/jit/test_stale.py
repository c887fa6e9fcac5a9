"""What a function reads beside its arguments: a change of it is always noticed."""

import types

import numpy as np
import pytest
from same import agree, same

import wengert as wg
from wengert.errors import NotCompiledWarning

RATE = 2.0
WEIGHTS = np.array([1.0, 2.0, 3.0])
TABLE = {"a": 1.0, "nested": {"b": [1.0, 2.0]}}
SETTINGS = types.SimpleNamespace(gain=1.0, inner=types.SimpleNamespace(shift=0.5))


def helper(x):
    return x * RATE


class Config:
    scale = 2.0

    def __init__(self):
        self.offset = 1.0

    @property
    def both(self):
        return self.scale + self.offset

    @classmethod
    def doubled(cls):
        return 2 * cls.scale


CONFIG = Config()


class Slotted:
    __slots__ = ("k",)


def twice(f, change, *args):
    """jit(f) agrees with f before and after the change, and a compiled path was used in between."""
    jitted = wg.jit(f)
    for _ in range(3):
        agree(jitted, f, *args)
    change()
    for _ in range(3):
        agree(jitted, f, *args)


@pytest.mark.parametrize(
    ("f", "change"),
    [
        (lambda x: x * RATE, lambda: globals().update(RATE=RATE + 1)),
        (helper, lambda: globals().update(RATE=RATE + 1)),
        (lambda x: helper(x) + 1, lambda: globals().update(RATE=RATE + 1)),
        (lambda x: helper(x) + 1, lambda: globals().update(helper=lambda x: x - RATE)),
        (lambda x: np.sum(WEIGHTS) * x, lambda: WEIGHTS.__setitem__(1, WEIGHTS[1] + 1)),
        (lambda x: np.sum(WEIGHTS) * x, lambda: globals().update(WEIGHTS=np.ones(4))),
        (lambda x: TABLE["a"] * x, lambda: TABLE.update(a=TABLE["a"] + 1)),
        (lambda x: TABLE["nested"]["b"][1] * x, lambda: TABLE["nested"]["b"].append(1.0)),
        (lambda x: sum(TABLE["nested"]["b"]) * x, lambda: TABLE["nested"]["b"].__setitem__(0, 9.0)),
        (lambda x: SETTINGS.gain * x, lambda: setattr(SETTINGS, "gain", SETTINGS.gain + 1)),
        (lambda x: SETTINGS.inner.shift * x, lambda: setattr(SETTINGS.inner, "shift", 7.0)),
        (lambda x: CONFIG.both * x, lambda: setattr(CONFIG, "offset", CONFIG.offset + 1)),
        (lambda x: CONFIG.both * x, lambda: setattr(Config, "scale", Config.scale + 1)),
        (lambda x: Config.doubled() * x, lambda: setattr(Config, "scale", Config.scale + 1)),
    ],
)
def test_globals(f, change):
    twice(f, change, 1.5)
    twice(wg.grad(f), change, 1.5)


def test_closures():
    k, items, array = 2.0, [1.0], np.zeros(3)

    def more():
        nonlocal k
        k += 1
        items.append(k)
        array[1] -= 1

    twice(lambda x: k * x + sum(items) + array.sum(), more, 2.0)
    view = np.ones((3, 2))[:, 0]
    twice(lambda x: view @ view * x, lambda: view.base.fill(3.0), 2.0)


def test_defaults_partials_slots_attributes():
    weights = np.ones(2)
    twice(lambda x, w=weights: np.sum(w) * x, lambda: weights.fill(4.0), 2.0)
    thing = Slotted()
    thing.k = np.ones(2)
    twice(lambda x: thing.k.sum() * x, lambda: thing.k.fill(4.0), 2.0)
    argument = Config()
    twice(lambda c, x: c.offset * x, lambda: setattr(argument, "offset", 5.0), argument, 2.0)


def test_a_frozen_array_is_not_copied_and_compared():
    constant = np.arange(3.0)
    constant.flags.writeable = False
    jitted = wg.jit(lambda x: constant @ x)
    assert jitted(np.ones(3)) == 3.0
    assert not jitted._reads.arrays


def test_a_derivative_outside_is_not_lost():
    def outer(x):
        inner = wg.jit(lambda y: x * y * y)
        return inner(2.0) + inner(3.0)

    assert wg.grad(outer)(5.0) == 13.0
    assert wg.jvp(outer, (5.0,), (1.0,))[1] == 13.0
    assert wg.jit(wg.grad(outer))(5.0) == 13.0
    box = [1.0]
    shared = wg.jit(lambda y: box[0] * y)

    def through_a_box(x):
        box[0] = x
        return shared(2.0)

    for x in (3.0, 4.0):
        assert shared(2.0) == 2.0 * box[0]
        assert wg.grad(through_a_box)(x) == 2.0
        assert through_a_box(x) == 2.0 * x


def test_what_a_function_does_besides_is_done_once_per_call():
    log, count = [], {"n": 0}

    def f(x):
        log.append(3.0)
        count["n"] += 1
        return x * len(log)

    jitted = wg.jit(f)
    assert [jitted(1.0) for _ in range(4)] == [1.0, 2.0, 3.0, 4.0]
    assert (len(log), count["n"]) == (4, 4)


def test_recorded_values_do_not_stay_in_a_users_list():
    history = []
    f = wg.jit(lambda x: (history.append(x * 2), x * 3)[1])
    assert (f(1.0), f(2.0)) == (3.0, 6.0)
    assert [type(h) for h in history] == [float, float]
    assert history == [2.0, 4.0]


def test_memo():
    cache = {}

    def f(x):
        if "y" not in cache:
            cache["y"] = x * 2
        return cache["y"] + x

    jitted = wg.jit(f)
    assert [jitted(1.0), jitted(2.0), jitted(5.0)] == [3.0, 4.0, 7.0]


def test_a_function_that_writes_into_its_argument():
    def f(x):
        x[0] += 5.0
        return x.sum()

    jitted, x, y = wg.jit(f), np.ones(3), np.ones(3)
    for _ in range(3):
        assert jitted(x) == f(y)
        np.testing.assert_array_equal(x, y)
    through = lambda x: (x[1:].fill(3.0), x.sum())[1]
    jitted, x, y = wg.jit(through), np.ones(3), np.ones(3)
    same(jitted(x), through(y))
    np.testing.assert_array_equal(x, y)


def test_what_changes_again_and_again():
    box = [0.0]
    f = lambda x: box[0] + x
    jitted = wg.jit(f)

    def count(n):
        for _ in range(n):
            box[0] += 1.0
            assert jitted(1.0) == f(1.0)

    with pytest.warns(NotCompiledWarning, match="reads a list, which changed again and again"):
        count(70)
    count(3)


def test_fixed_results():
    jitted = wg.jit(lambda x: {"k": 3, "name": "f", "w": np.ones(2), "x": x})
    for k in range(3):
        same(jitted(1.0 * k), {"k": 3, "name": "f", "w": np.ones(2), "x": 1.0 * k})


def test_defaults_that_are_others():
    def inner(x, a=1.0):
        return x * a

    def f(x, k=1.0, *, m=2.0):
        return inner(x) * k + m

    jitted = wg.jit(f)
    assert jitted(2.0) == jitted(2.0) == 4.0
    f.__defaults__ = (8.0,)
    assert jitted(2.0) == jitted(2.0) == 18.0
    f.__kwdefaults__ = {"m": 5.0}
    assert jitted(2.0) == jitted(2.0) == 21.0
    f.__kwdefaults__["m"] = 6.0
    assert jitted(2.0) == jitted(2.0) == 22.0
    inner.__defaults__ = (0.5,)
    assert jitted(2.0) == jitted(2.0) == 14.0
