"""A native test of names: what has changed is seen, and nothing is lost or left behind."""

from __future__ import annotations

import gc
import random
import sys

import pytest

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native.guard import Names, guarded, same


def f():
    return 1


def g():
    return 2


def space():
    return {"a": object(), "b": object(), "c": 3}


def names(d):
    return Names([(d, "a", d["a"]), (d, "b", d["b"])], [(d, "x")], [(f, f.__code__)])


CHANGES = {
    "bound anew": lambda d: d.update(b=object()),
    "gone": lambda d: d.pop("a"),
    "there": lambda d: d.update(x=None),
    "cleared": lambda d: d.clear(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(change):
    d = space()
    then = dict(d)
    test, call = same(names(d)), guarded(lambda *args: args, names(d), [])
    assert test() is True
    assert call(1, "two") == (1, "two")
    CHANGES[change](d)
    assert test() is False
    assert call(1) is None
    d.clear()
    d.update(then)
    assert test() is True
    assert call() == ()


def test_other_names_do_not_matter():
    d = space()
    test = same(names(d))
    d.update({str(k): k for k in range(1000)}, c=4)
    assert test() is True


def test_code_that_is_replaced_is_seen():
    d = space()
    test, code = same(names(d)), f.__code__
    try:
        f.__code__ = g.__code__
        assert test() is False
    finally:
        f.__code__ = code
    assert test() is True


def test_errors_pass():
    d = space()
    with pytest.raises(ZeroDivisionError):
        guarded(lambda x: 1 / x, names(d), [])(0)


def test_what_is_refused_and_who_watches():
    d, watchers = space(), []
    answers = [NotImplemented, None, 0]
    call = guarded(lambda k: answers[k], names(d), watchers)
    before = sys.getrefcount(NotImplemented)
    assert [call(k) for _ in range(100) for k in range(3)] == [None, None, 0] * 100
    assert abs(sys.getrefcount(NotImplemented) - before) < 10
    watchers.append(1)
    assert call(2) is None
    watchers.clear()
    assert call(2) == 0


def test_no_names():
    nothing = Names([], [], [])
    assert same(nothing)() is True
    assert guarded(len, nothing, [])("abc") == 3


KEYS = [f"key {k}" for k in range(12)]


@pytest.mark.parametrize("seed", range(40))
def test_dictionaries_that_grow_and_shrink(seed):
    """Names are found wherever they have come to lie, and nowhere else."""
    rng = random.Random(seed)
    d = dict.fromkeys(KEYS[:6], 0) | ({1: 2, (3,): 4} if seed % 3 == 0 else {})
    for name in rng.sample(KEYS[:6], 2):
        del d[name]
    values = [object() for _ in range(3)]
    d.update({name: rng.choice(values) for name in KEYS[4:9]})
    bound = [(d, name, x) for name, x in d.items() if isinstance(name, str)]
    absent = [(d, name) for name in KEYS if name not in d]
    test = same(Names(bound, absent, []))
    then = dict(d)
    for _ in range(300):
        name = rng.choice(KEYS)
        what = rng.random()
        if what < 0.4:
            d[name] = rng.choice(values)
        elif what < 0.7:
            d.pop(name, None)
        elif what < 0.8:
            d.update({f"more {rng.random()}": None for _ in range(rng.choice([1, 30]))})
        elif what < 0.9:
            for more in [x for x in d if str(x).startswith("more")]:
                del d[more]
        else:
            d.clear()
            d.update(rng.sample(list(then.items()), len(then)))
        assert test() is all([d.get(name, test) is then.get(name, test) for name in KEYS])


def test_a_name_that_is_another_string():
    d = space()
    test = same(names(d))
    del d["a"]
    d["".join(["a"])] = x = object()
    assert test() is False
    again = same(Names([(d, "a", x)], [], []))
    assert again() is True


def test_namespaces_of_objects_and_classes():
    class Held:
        pass

    held, other = Held(), Held()
    held.a, other.a = 1.5, 2.5
    test = same(Names([(vars(held), "a", held.a)], [(vars(held), "b")], []))
    assert test() is True
    held.b = 2
    assert test() is False
    del held.b
    assert test() is True
    held.a = 2.5
    assert test() is False


def test_nothing_is_lost_or_left_behind():
    d = space()
    test, call = same(names(d)), guarded(len, names(d), [])
    kept = (None, True, False, NotImplemented, d, d["a"], f.__code__, len)
    for change in (False, True):
        if change:
            d["b"] = None
        before = list(map(sys.getrefcount, kept))
        for _ in range(1000):
            test()
            call("abc")
        assert all(abs(a - b) < 50 for a, b in zip(map(sys.getrefcount, kept), before, strict=True))


def test_it_holds_on_to_what_it_reads_and_is_collected():
    class Marked(dict):
        pass

    d = Marked(space())
    d["test"] = same(Names([(d, "a", d["a"])], [], []))
    assert d["test"]() is True
    gc.collect()
    test = d["test"]
    del d
    gc.collect()
    assert test() is True
