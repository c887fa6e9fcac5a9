"""while_loop, fori_loop, scan, cond, switch: Python's loops, every derivative of them, and what they refuse."""

import dataclasses

import numpy as np
import pytest
from check import check

import wengert as wg
from wengert.errors import BadInput

X = np.array([0.3, 0.7, 1.1])


def newton(a):
    """The square root, in as many steps as it takes."""

    def going(state):
        x, last = state
        return abs(x - last) > 1e-12

    return wg.while_loop(going, lambda s: (0.5 * (s[0] + a / s[0]), s[0]), (a, a + 1.0))[0]


def pendulum(q):
    def step(state, t):
        q, p = state["q"], state["p"]
        p = p - 0.1 * np.sin(q) * t
        q = q + 0.1 * p
        return {"q": q, "p": p}, (q, None)

    state, (path, none) = wg.scan(step, {"q": q, "p": np.zeros(3)}, np.linspace(1.0, 2.0, 5))
    assert none is None
    assert path.shape == (5, 3)
    return path, state["p"]


def powers(x):
    return wg.fori_loop(1, 5, lambda k, y: y * x + k, x)


def backwards(x):
    return wg.scan(lambda c, v: (c * v["a"] + v["b"], c), 1.0, {"a": x, "b": x**2}, reverse=True)


def chosen(x):
    y = wg.cond(x[0] > 0.5, np.sin, lambda v: v * v[1], x)
    return wg.switch(int(3 * x[2]), [np.cos, np.exp, np.tanh], y)


PROGRAMS = [(newton, 2.7), (pendulum, X), (powers, X), (backwards, X), (chosen, X)]


@pytest.mark.parametrize(("f", "x"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_derivatives(f, x):
    """Forward, reverse and both nested, against differences."""
    check(f, x)


def test_third_order_through_a_while():
    third = wg.grad(wg.grad(wg.grad(newton)))
    assert third(2.0) == pytest.approx(3 / 8 * 2.0**-2.5)


@pytest.mark.parametrize(("f", "x"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_under_vmap(f, x):
    """Examples that go round differently often are put together again."""
    batch = np.stack([x * s for s in (1.0, 0.5, 0.9, 2.0, 1.4, 0.1)])
    with np.errstate(over="ignore"):
        for a, b in zip(wg.tree.flatten(wg.vmap(f)(batch))[0], loop(f, batch), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
        g = wg.grad(lambda v: sum(np.sum(y) for y in wg.tree.flatten(f(v))[0]))
        np.testing.assert_allclose(wg.vmap(g)(batch), [g(v) for v in batch], rtol=1e-11)


def loop(f, batch):
    columns = zip(*[wg.tree.flatten(f(x))[0] for x in batch], strict=True)
    return [np.stack(column) for column in columns]


def test_values_are_pythons():
    assert wg.while_loop(lambda n: n < 10, lambda n: n + 3, 0) == 12
    assert wg.fori_loop(3, 3, lambda k, x: 1 / 0, 2.0) == 2.0
    assert wg.fori_loop(np.int64(0), np.array(4), lambda k, x: x + k, 0) == 6
    carry, ys = wg.scan(lambda c, _: (c + 1, c * 1.5), 0, length=4)
    assert carry == 4
    np.testing.assert_array_equal(ys, [0.0, 1.5, 3.0, 4.5])
    assert wg.cond(True, lambda: "yes", lambda: "no") == "yes"
    assert wg.switch(9, [lambda: 1, lambda: 2]) == 2
    assert wg.switch(-9, [lambda: 1, lambda: 2]) == 1


def test_scan_keeps_the_order_of_xs():
    _, forward = wg.scan(lambda c, x: (c + x, c), 0.0, X)
    _, reverse = wg.scan(lambda c, x: (c + x, c), 0.0, X, reverse=True)
    np.testing.assert_allclose(forward, [0.0, 0.3, 1.0])
    np.testing.assert_allclose(reverse, [1.8, 1.1, 0.0])


def test_carries_of_any_kind():
    @dataclasses.dataclass
    class State:
        x: np.ndarray
        names: list
        count: int

    def body(s):
        return State(s.x * 0.5, s.names, s.count + 1)

    def f(x):
        end = wg.while_loop(lambda s: np.sum(s.x) > 0.1, body, State(x, ["a", None], 0))
        assert end.count == 5
        return end.x

    np.testing.assert_allclose(wg.jacobian(f)(X), np.eye(3) / 32)


def test_a_number_may_become_numpys():
    assert wg.fori_loop(0, 2, lambda k, s: s + np.float64(1), 0.0) == 2.0
    assert wg.fori_loop(0, 2, lambda k, s: s + np.float32(1), np.float32(0)) == 2.0


def test_traces_note_the_way():
    t = wg.trace(newton)(2.7)
    assert t(2.71) == pytest.approx(2.71**0.5)
    with pytest.raises(wg.errors.OffTrace):
        t(2.7e6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wg.while_loop(lambda s: True, lambda s: {"a": [np.ones(2)]}, {"a": [1.0]}),
         r"while_loop: carry\['a'\]\[0\] is float, and <lambda> returned float64\[2\] for it"),
        (lambda: wg.fori_loop(0, 2, lambda k, s: s / 2, 1), "carry is int, and <lambda> returned float"),
        (lambda: wg.fori_loop(0, 2, lambda k, s: s * 1.0, np.ones(2, np.float32).astype(int)), r"carry is int64\[2\], .* float64\[2\]"),
        (lambda: wg.fori_loop(0, 2, lambda k, s: s[:1], X), r"carry is float64\[3\], .* float64\[1\]"),
        (lambda: wg.fori_loop(0, 2, lambda k, s: (s, s), (X,)), "given a carry of .* and returned"),
        (lambda: wg.fori_loop(0, 2.5, lambda k, s: s, 1.0), "upper is float, not a whole number"),
        (lambda: wg.while_loop(lambda s: s > 0, lambda s: s, X), r"returned bool\[3\], not one truth value"),
        (lambda: wg.while_loop(lambda s: "x", lambda s: s, X), "returned str, not one truth value"),
        (lambda: wg.cond(X, np.sin, np.cos, 1.0), r"pred is float64\[3\], not one truth value"),
        (lambda: wg.cond(True, 3, np.cos), "cond expects a function"),
        (lambda: wg.scan(lambda c, x: c, 0.0, X), r"returned float, not \(carry, y\)"),
        (lambda: wg.scan(lambda c, x: (c, x), 0.0, {"a": X, "b": X[:2]}), r"xs\['a'\] is float64\[3\]; xs\['b'\] is float64\[2\]"),
        (lambda: wg.scan(lambda c, x: (c, x), 0.0, X, length=4), r"xs is float64\[3\]; length is 4"),
        (lambda: wg.scan(lambda c, x: (c, x), 0.0), "neither xs nor length"),
        (lambda: wg.scan(lambda c, x: (c, x), 0.0, 3.0), "xs is float, which has no first axis"),
        (lambda: wg.scan(lambda c, x: (c + 1, x if c else (x, x)), 0, X), "in round 1"),
        (lambda: wg.switch(1.5, [np.sin], 1.0), "index is float, not a whole number"),
        (lambda: wg.switch(1, [], 1.0), "branches is empty"),
    ],
)  # fmt: skip
def test_errors(call, message):
    with pytest.raises(BadInput, match=message):
        call()


def test_errors_name_the_leaf_under_a_derivative():
    with pytest.raises(BadInput, match=r"carry\['w'\] is float64\[3\], and .* float64\[1\]"):
        wg.grad(lambda x: wg.fori_loop(0, 2, lambda k, s: {"w": s["w"][:1]}, {"w": x})["w"][0])(X)
