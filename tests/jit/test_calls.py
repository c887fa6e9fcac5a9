"""What may be passed to a jitted function, in which form, and what comes out of it."""

import functools
from dataclasses import dataclass

import numpy as np
import pytest
from same import agree, same

import wengert as wg
from wengert.errors import BadInput, NotCompiled


def mixed(x):
    return np.sum(np.sin(x) * x, axis=-1), x * 2


CUBE = np.arange(24.0).reshape(2, 3, 4) / 10
ARRAYS = {
    "1-d": np.array([0.5, -1.0, 2.0]),
    "0-d": np.array(0.7),
    "empty": np.zeros(0),
    "empty 2-d": np.zeros((0, 3)),
    "empty 2-d the other way": np.zeros((3, 0)),
    "one": np.ones((1, 1)),
    "3-d": CUBE,
    "Fortran": np.asfortranarray(CUBE),
    "transposed": CUBE.T,
    "strided": CUBE[:, ::2, 1:],
    "negative strides": CUBE[::-1, :, ::-1],
    "broadcast": np.broadcast_to(np.array([1.0, 2.0]), (3, 2)),
    "read-only": np.frombuffer(np.arange(4.0).tobytes()),
    "unaligned": np.frombuffer(b"\0" + np.arange(4.0).tobytes(), dtype="u1")[1:].view("f8"),
    "other byte order": np.arange(4.0).astype(">f8"),
    "float32": np.arange(5, dtype=np.float32),
    "float16": np.arange(5, dtype=np.float16),
    "longdouble": np.arange(5, dtype=np.longdouble),
    "complex": np.arange(4) * (1 + 2j),
    "complex64": (np.arange(4) * (1 + 2j)).astype(np.complex64),
    "int64": np.arange(6),
    "int32": np.arange(6, dtype=np.int32),
    "uint8": np.arange(6, dtype=np.uint8),
    "longlong": np.arange(6, dtype=np.longlong),
    "bool": np.array([True, False]),
    "huge and small": np.array([1e300, 1e-310, -0.0, np.inf, np.nan]),
    "matrix": np.ma.masked_array([1.0, 2.0, 3.0], [0, 1, 0]),
}
NUMBERS = (1.5, -0.0, 1e308, float("nan"), 3, True, 2**70, 1 + 2j, np.float64(2.5), np.float32(2.5), np.float16(2.5),
           np.longdouble(2.5), np.complex64(1j), np.int64(3), np.int8(3), np.bool_(True))  # fmt: skip


def test_arrays_of_every_kind_in_any_order():
    jitted = wg.jit(mixed)
    for _ in range(2):
        for x in ARRAYS.values():
            if x.ndim == 0 or x.size == 0:
                continue
            before = x.copy()
            agree(jitted, mixed, x)
            np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("name", [name for name, x in ARRAYS.items() if x.ndim == 0 or x.size == 0])
def test_arrays_without_axes_or_elements(name):
    jitted = wg.jit(mixed)
    for _ in range(3):
        agree(jitted, mixed, ARRAYS[name])


@pytest.mark.parametrize("f", [lambda v: v * v + 1, lambda v: -abs(v), lambda v: np.sin(v), lambda v: (v, v == v)])
def test_numbers_of_every_kind(f):
    jitted = wg.jit(f)
    for _ in range(2):
        for x in NUMBERS:
            agree(jitted, f, x)


def test_object_and_text_arrays():
    f = lambda x: x[0] + x[1]
    jitted = wg.jit(f)
    for x in (np.array([1, 2.5], dtype=object), np.array([1, 3.5], dtype=object)):
        assert jitted(x) == f(x)
    texts = np.array(["a", "b"])
    count = wg.jit(lambda t, x: x * np.count_nonzero(t == "a"))
    assert count(texts, 2.0) == 2.0
    texts[1] = "a"
    assert count(texts, 2.0) == 4.0


@dataclass
class Point:
    x: float
    y: float


def test_containers():
    def f(p, q, *, scale=1.0):
        return {"a": p["w"] * scale, "b": [q.x * q.y, (p["b"], None)]}

    jitted = wg.jit(f)
    for k in range(3):
        p = {"w": np.arange(3.0) + k, "b": 1.0 * k}
        agree(jitted, f, p, Point(1.0 + k, 2.0), scale=3.0)
        agree(jitted, f, p, Point(1.0 + k, 2.0))
        agree(jitted, f, q=Point(0.5, 2.0), p=p)


def test_keywords_defaults_and_places():
    f = lambda x, n=3, *rest, k=2.0: x * n + k + sum(rest)
    jitted = wg.jit(f)
    for _ in range(2):
        agree(jitted, f, 2.0)
        agree(jitted, f, 2.0, 5)
        agree(jitted, f, 2.0, 5.0)
        agree(jitted, f, 2.0, 5.0, 1.0, 2.0)
        agree(jitted, f, n=4, x=1.5)
        agree(jitted, f, 2.0, k=7.0)
        agree(jitted, f)
        agree(jitted, f, 1.0, bogus=2.0)


def test_a_tuple_is_not_two_arguments():
    f = lambda p: p[0] * p[1]
    jitted = wg.jit(f)
    agree(jitted, f, (2.0, 3.0))
    agree(jitted, f, 2.0, 3.0)


def test_results_are_fresh():
    f = lambda x: (x, x, x[:2], np.ones(3), x.T)
    jitted = wg.jit(f)
    x = np.arange(3.0)
    for _ in range(3):
        parts = [x, *jitted(x)]
        for i, a in enumerate(parts):
            for b in parts[i + 1 :]:
                assert not np.shares_memory(a, b)
        for a in parts[1:]:
            assert a.flags.writeable
            a += 100.0  # must not be seen by the next call
        same(jitted(x), f(x.copy()))


class Model:
    rate = 2.0

    def __init__(self):
        self.k = 3.0

    @wg.jit
    def value(self, x):
        return self.k * x * self.rate

    def __call__(self, x):
        return self.k + x


def test_methods_and_callables():
    m, other = Model(), Model()
    other.k = 5.0
    for _ in range(2):
        assert (m.value(2.0), other.value(2.0)) == (12.0, 20.0)
    jitted = wg.jit(m)
    assert jitted(1.0) == 4.0
    m.k = 7.0
    assert jitted(1.0) == 8.0
    assert wg.jit(functools.partial(lambda a, b: a - b, 5.0))(2.0) == 3.0


@pytest.mark.parametrize(
    ("f", "points"),
    [
        (lambda x: 1.0 / x, (2.0, 0.0, 4.0)),
        (lambda x: x % 0.0 if x > 1 else x, (0.5, 2.0)),
        (lambda x: x**2000, (1.0, 1e300, 0.5)),
        (lambda x: 0.0**x, (1.0, -1.0)),
        (lambda x: x**0.5, (2.0, -2.0)),
        (lambda x: int(x), (2.5, float("nan"), float("inf"))),
        (lambda x: np.array([1.0, 2.0, 3.0])[int(x)] * x, (0.0, 2.0, 7.0, -1.0, -9.0)),
        (lambda x: np.linalg.inv(np.array([[x, 1.0], [1.0, 1.0]])), (2.0, 1.0, 3.0)),
        (lambda x: np.linalg.cholesky(np.array([[x, 0.0], [0.0, 1.0]])), (2.0, -1.0, 3.0)),
        (lambda x: [][0] if x > 3 else x, (1.0, 5.0, 2.0)),
        (lambda x: {"a": x}["b"], (1.0, 2.0)),
        (lambda x: x.nothing, (1.0, 2.0)),
        (lambda x: x if x < 2 else _raise(ValueError("large")), (1.0, 3.0, 1.5)),
        (lambda x: (x + 1.0) // (x - 1.0), (2.0, 1.0, 3.0)),
        (lambda x: np.zeros(3) @ np.ones(int(x)), (3.0, 4.0)),
        (lambda x: np.log(x) + np.sqrt(-x), (1.0, 0.0, -1.0)),
        (lambda x: next(v for v in (1.0, 2.0) if v > x), (0.5, 1.5, 2.5)),
    ],
)
def test_errors_are_those_of_python(f, points):
    jitted = wg.jit(f)
    for x in (*points, *points):
        agree(jitted, f, x)


def _raise(error):
    raise error


def test_shapes_that_do_not_fit():
    f = lambda A, b: np.linalg.solve(A, b) + A @ b
    jitted = wg.jit(f)
    agree(jitted, f, np.eye(2) * 3, np.ones(2))
    agree(jitted, f, np.eye(2), np.ones(3))
    agree(jitted, f, np.zeros((2, 2)), np.ones(2))
    agree(jitted, f, np.eye(3) * 2, np.ones(3))


def test_static_arguments():
    seen = []

    @wg.jit(static_argnums=1, static_argnames="mode")
    def f(x, power, mode="plain"):
        assert type(power) is float
        seen.append(power)
        return x**power if mode == "plain" else x * power

    for _ in range(2):
        assert f(3.0, 2.0) == 9.0
        assert f(3.0, 3.0) == 27.0
        assert f(3.0, power=3.0, mode="times") == 9.0
        assert f(3.0, -0.0) == 1.0
    jitted = wg.jit(lambda x, keys: sum(x[k] for k in keys), static_argnums=-1)
    assert jitted(np.arange(3.0), (0, 2)) == 2.0
    with pytest.raises(BadInput, match=r"static argument 1 is of type list"):
        jitted(np.arange(3.0), [0, 2])
    with pytest.raises(ValueError, match="static_argnames names 'nothing'"):
        wg.jit(lambda x: x, static_argnames="nothing")
    with pytest.raises(TypeError, match="static_argnames"):
        wg.jit(lambda x: x, static_argnames=3)
    with pytest.raises(TypeError, match="argnums"):
        wg.jit(lambda x: x, static_argnums="x")


def test_random_numbers_are_refused():
    with pytest.raises(NotCompiled, match="global random state"):
        wg.jit(lambda x: x + np.random.normal())(1.0)  # noqa: NPY002
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    with pytest.raises(NotCompiled, match="random generator"):
        wg.jit(lambda x: x + rng.normal())(1.0)
    assert rng.bit_generator.state == before
    draw = lambda x, g: x + g.normal()
    jitted = wg.jit(draw)
    for _ in range(3):  # an argument that changes when it is used: run as it is
        assert jitted(1.0, np.random.default_rng(4)) == draw(1.0, np.random.default_rng(4))
    a, b = np.random.default_rng(4), np.random.default_rng(4)
    assert [jitted(1.0, a) for _ in range(3)] == [draw(1.0, b) for _ in range(3)]
    f = lambda x: x + np.random.default_rng(3).normal()
    agree(wg.jit(f), f, 2.0)
