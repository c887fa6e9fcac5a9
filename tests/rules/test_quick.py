"""The lean path for elementwise operations records what the general one does: same values, same derivatives."""

import operator

import numpy as np
import pytest

import wengert as wg
from wengert.record import protocols, quick

rng = np.random.default_rng(3)
BASE = rng.uniform(0.5, 2.0, (4, 6))

OPERANDS = {
    "matrix": lambda: BASE[:3, :3].copy(),
    "row": lambda: BASE[0, :3].copy(),
    "column": lambda: BASE[:3, :1].copy(),
    "strided": lambda: BASE[::2, ::-2][:2, :3],
    "fortran": lambda: np.asfortranarray(BASE[:3, :3]),
    "0-d": lambda: np.array(1.5),
    "empty": lambda: np.zeros((0, 3)),
    "float32": lambda: BASE[:3, :3].astype(np.float32),
    "complex": lambda: BASE[:3, :3] * (1 + 0.5j),
    "integers": lambda: np.arange(1, 4),
    "number": lambda: 1.25,
    "np.float64": lambda: np.float64(1.25),
    "int": lambda: 2,
    "float32 number": lambda: np.float32(0.5),
}
BINARY = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv, "pow": operator.pow,
    "np.multiply": np.multiply, "np.maximum": np.maximum, "np.arctan2": np.arctan2, "np.power": np.power,
}  # fmt: skip
UNARY = {"neg": operator.neg, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "square": np.square, "tanh": np.tanh}


def _general(*_):
    return None


@pytest.fixture
def general(monkeypatch):
    """Switch the lean path off."""

    def switch():
        monkeypatch.setattr(quick, "_FLOAT", object())
        monkeypatch.setattr(protocols, "_lean", dict.fromkeys(protocols._lean, _general))

    return switch


def outcome(f, args, argnums):
    """Value, pullback of a ramp, and the second-order product; or the kind of error."""
    with np.errstate(all="ignore"):
        y, pullback = wg.vjp(lambda *xs: f(*_placed(args, argnums, xs)), *[args[k] for k in argnums])
        c = np.cos(np.arange(np.size(y), dtype=float)).reshape(np.shape(y))
        c = c.astype(np.result_type(y)) if np.ndim(y) else np.result_type(y).type(c)
        first = pullback(c)

        def twice(*xs):
            inner = wg.grad(lambda *zs: np.sum(np.real(f(*_placed(args, argnums, zs)) * c)), tuple(range(len(xs))))
            return sum([np.sum(np.real(g)) for g in inner(*xs)])

        second = wg.grad(twice, tuple(range(len(argnums))))(*[args[k] for k in argnums])
    return [y, *first, *second]


def _placed(args, argnums, xs):
    full = list(args)
    for k, x in zip(argnums, xs, strict=True):
        full[k] = x
    return full


def same(a, b):
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        assert type(x) is type(y)
        assert np.result_type(x) == np.result_type(y)
        assert np.shape(x) == np.shape(y)
    np.testing.assert_array_equal(a[0], b[0])
    for x, y in zip(a[1:], b[1:], strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-13 if np.result_type(x) != np.float32 else 1e-5, atol=1e-13)


def _differentiable(x):
    return np.result_type(x).kind in "fc" and not isinstance(x, int)


PAIRS = [
    (a, b)
    for a in OPERANDS
    for b in OPERANDS
    if ("matrix" in (a, b) or (a, b) in {("row", "column"), ("column", "row"), ("row", "row"), ("0-d", "row")})
]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_binary(name, pair, general):
    args = [OPERANDS[k]() for k in pair]
    f = BINARY[name]
    floats = tuple(k for k in range(2) if _differentiable(args[k]))
    choices = {floats, floats[:1], floats[1:]} - {()}
    try:
        lean = [outcome(f, args, argnums) for argnums in sorted(choices)]
    except (TypeError, ValueError) as error:
        general()
        with pytest.raises(type(error)):
            [outcome(f, args, argnums) for argnums in sorted(choices)]
        return
    general()
    for before, argnums in zip(lean, sorted(choices), strict=True):
        same(before, outcome(f, args, argnums))


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("kind", [k for k in OPERANDS if _differentiable(OPERANDS[k]())])
def test_unary(name, kind, general):
    args = [OPERANDS[kind]()]
    lean = outcome(UNARY[name], args, (0,))
    general()
    same(lean, outcome(UNARY[name], args, (0,)))


PROGRAMS = {
    "with itself": lambda x: x * x,
    "square of a root": lambda x: np.sqrt(x) ** 2 + np.sqrt(x) * np.sqrt(x),
    "element": lambda x: x * x[0, 1] + x[1, 0] / x,
    "element on the left": lambda x: x[0, 1] * x - x[1, 1] / x + (x[0, 0] + x),
    "views": lambda x: x[1:] - x[:-1] ** 2,
    "transposed": lambda x: x.T * x - x,
    "captured": lambda x: BASE[:3, :3] * x + x / BASE[1, :3],
    "written to": lambda x: _written(x),
    "stale view": lambda x: _stale(x),
    "read-only": lambda x: np.broadcast_to(BASE[0, :3], (3, 3)) * x,
    "in a nest": lambda x: wg.grad(lambda z: np.sum(z**3 * x + np.exp(x) * z))(x) * x,
}


def _written(x):
    y = x * 2.0
    z = y * x
    y[0] = 3.0
    return y * z + np.exp(y)


def _stale(x):
    y = x.copy()
    top = y[:1]
    y[0] = y[0] * 3.0
    return top * y + np.exp(top)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name, general):
    args = [OPERANDS["matrix"]()]
    lean = outcome(PROGRAMS[name], args, (0,))
    assert type(lean[0]) is np.ndarray
    np.testing.assert_array_equal(lean[0], PROGRAMS[name](args[0]))
    general()
    same(lean, outcome(PROGRAMS[name], args, (0,)))


def test_captured_array_is_safe_from_later_writes():
    c = np.array([1.0, 2.0])
    for f in (lambda x: x * c, lambda x: c * x, lambda x: x / c, lambda x: np.arctan2(x, c), lambda x: c**x):
        c[:] = [1.0, 2.0]
        x = np.array([2.0, 3.0])
        expected = wg.vjp(f, x)[1](np.ones(2))[0]
        _, pullback = wg.vjp(f, x)
        c[:] = 50.0
        np.testing.assert_array_equal(pullback(np.ones(2))[0], expected)


# ── large arrays: products in place, cotangents that are one number ──

LARGE = {
    "sum of a product": lambda x, s: np.sum(3.0 * x * s),
    "column": lambda x, s: np.sum(x * x[:, :1]) + np.sum(x[:1] / x),
    "sine": lambda x, s: np.sum(np.sin(x) - np.exp(-x) * s),
    "mean of squares": lambda x, s: np.mean((x - s) ** 2),
    "negative": lambda x, s: np.sum(-x) + np.sum(x + s),
    "shared": lambda x, s: (lambda y: np.sum(y * y) + np.sum(y) + np.max(y))(np.cos(x) * s),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_arrays(name):
    f = LARGE[name]
    x, s = rng.uniform(0.5, 1.5, (300, 200)), 0.75
    before = x.copy()
    gx, gs = wg.grad(f, (0, 1))(x, s)
    np.testing.assert_array_equal(x, before)
    dx = rng.normal(size=x.shape)
    y_dot = wg.jvp(f, (x, s), (dx, 0.5))[1]
    np.testing.assert_allclose(np.sum(gx * dx) + 0.5 * gs, y_dot, rtol=1e-12)
    assert wg.value_and_grad(f)(x, s)[0] == f(x, s)
