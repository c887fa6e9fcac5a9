"""A native test of names: what has changed is seen, and nothing is lost or left behind."""

from __future__ import annotations

import gc
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
    test, call = same(names(d)), guarded(lambda *args: args, names(d))
    assert test() is True
    assert call(1, "two") == (1, "two")
    CHANGES[change](d)
    assert test() is False
    assert call(1) is NotImplemented
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
        guarded(lambda x: 1 / x, names(d))(0)


def test_no_names():
    nothing = Names([], [], [])
    assert same(nothing)() is True
    assert guarded(len, nothing)("abc") == 3


def test_nothing_is_lost_or_left_behind():
    d = space()
    test, call = same(names(d)), guarded(len, names(d))
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
