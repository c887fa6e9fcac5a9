"""Programs that keep results: a memo that was filled with plain numbers before, or by a derivative that has ended."""

import numpy as np
import pytest

import wengert as wg
from wengert.errors import LeakedValue


def by_number():
    known = {}

    def f(x):
        if x not in known:
            known[x] = x * x
        return known[x]

    return f, 1.4


def by_numbers_on_the_way():
    known = {}

    def f(x):
        q = 2 * x
        if q not in known:
            known[q] = x * q
        return known[q] + known.get(x, 0.0)

    return f, 2.8


def by_tuples():
    known = {}

    def f(x):
        key = (3, x)
        if key not in known:
            known[key] = x**3
        return known[key]

    return f, 3 * 0.7**2


def by_failure():
    known = {}

    def f(x):
        try:
            return known[x]
        except KeyError:
            known[x] = np.sin(x)
            return known[x]

    return f, np.cos(0.7)


def by_text():
    known = {}

    def f(x):
        return known.setdefault(str(x), x * x)

    return f, 1.4


@pytest.mark.parametrize("make", [by_text, by_number, by_numbers_on_the_way, by_tuples, by_failure])
def test_memos(make):
    f, slope = make()
    before = f(0.7)
    assert wg.grad(f)(0.7) == pytest.approx(slope, rel=1e-14)
    assert wg.grad(f)(0.7) == pytest.approx(slope, rel=1e-14)
    assert wg.jvp(f, (0.7,), (1.0,)) == (before, pytest.approx(slope, rel=1e-14))
    assert f(0.7) == before


def test_a_table_is_asked_by_value():
    table = {0.5: 1, 0.7: 2}
    assert wg.grad(lambda x: x * 3 if x in table else x)(0.7) == 3.0


def test_a_table_is_asked_by_rounded_text():
    table = {"0.5": 1.0, "0.7": 2.0}
    assert wg.grad(lambda x: x * table[f"{x:.1f}"])(0.7001) == 2.0


def test_a_value_of_a_derivative_that_has_ended():
    known = {}

    def f(x):
        if f"x = {x}" not in known:
            known[f"x = {x}"] = x * x
        return known[f"x = {x}"]

    assert wg.grad(f)(0.7) == 1.4
    with pytest.raises(LeakedValue, match=r"created by grad\(f\)"):
        wg.grad(f)(0.7)
