"""Python control flow, builtins and containers just run: each program against its derivative by hand."""

import collections
import contextlib
import dataclasses
import enum
import functools
import heapq
import itertools
import math
import numbers
import operator
import statistics
from typing import NamedTuple

import numpy as np
import pytest

import wengert as wg

PROGRAMS = {}


def case(x, slope):
    """Register a scalar program with a point and its derivative there."""

    def register(f):
        PROGRAMS[f"{f.__name__}({x})"] = (f, x, slope)
        return f

    return register


# ── branches and loops ──


@case(3.0, 6.0)
@case(-3.0, -1.0)
def branch(x):
    if x > 0:
        return x * x
    return -x


@case(2.0, 1.0)
@case(5.0, 2.0)
def conditional_expression(x):
    return 2 * x if 3 < x <= 6 else x


@case(1.5, 8.0)
def while_loop(x):
    while x < 10:
        x = 2 * x
    return x


@case(2.0, 5 * 2.0**4)
def for_loop(x):
    y = 1.0
    for _ in range(5):
        y *= x
    return y


@case(2.0, 12.0)
def break_and_continue(x):
    total = 0.0
    for k in itertools.count(1):
        if k % 2:
            continue
        if k * x > 12:
            break
        total += k * x
    else:
        total = -1.0
    return total


@case(0.5, 1.0)
def early_return(x):
    for k in range(10):
        if k > 3:
            return x
    return x * x


@case(2.0, 80.0)
def recursion(x):
    def power(n):
        return 1.0 if n == 0 else x * power(n - 1)

    return power(5)


@case(2.0, 1.0)
@case(1.0, 1.0)
def branch_of_equality(x):
    """The derivative of the branch taken, not the limit."""
    return x if x in (1, 2) else x**3


@case(3.0, 1.0)
def match_statement(x):
    match x:
        case 3.0:
            return x
        case _:
            return x * x


@case(2.0, 4.0)
def assertion(x):
    assert x == 2
    assert x != 3
    assert not x < 2
    assert x
    assert x is not None
    return x * x


# ── functions, closures, generators ──


@case(2.0, 4.0)
def closure(x):
    def inner():
        return x * x

    return inner()


@case(2.0, 7.0)
def nonlocal_variable(x):
    total = 0.0

    def add(v):
        nonlocal total
        total += v

    add(x * x)
    add(3 * x)
    return total


@case(3.0, 14.0 / 1)
def generator(x):
    def powers():
        y = x
        while True:
            yield y
            y = y * 2

    return sum(itertools.islice(powers(), 2)) + sum(itertools.islice(powers(), 1, 3)) + next(powers()) * 5


@case(3.0, 6.0)
def generator_expression(x):
    return sum(k * x for k in range(4))


@case(3.0, 1 + 6.0 + 27.0)
def comprehension(x):
    powers = {k: x**k for k in range(1, 4)}
    return sum([powers[k] for k in powers])


@case(2.0, 12.0)
def partial_function(x):
    return functools.partial(operator.mul, x)(x * x)


@case(2.0, 32.0)
def reduce_function(x):
    return functools.reduce(operator.mul, [x, x, x, x])


@case(2.0, 4.0)
def star_arguments(x):
    def f(*args, **kwargs):
        return args[0] * kwargs["y"]

    return f(*[x], y=x)


@case(2.0, 3.0)
def cached(x):
    @functools.lru_cache
    def f(k):
        return k * x

    return f(1) + f(1) + f(1)


@case(2.0, 5.0)
def cached_on_the_value(x):
    @functools.cache
    def f(v):
        return v * 5

    return f(x)


@case(2.0, 2.0)
def walrus_and_context_manager(x):
    @contextlib.contextmanager
    def doubled(v):
        yield v * 2

    with doubled(x) as y:
        if (z := y) > 0:
            return z
    return x


@case(2.0, 6.0)
def try_and_finally(x):
    try:
        y = x / 0.0 if x < 0 else x * x
        raise KeyError(y)
    except KeyError as error:
        y = error.args[0]
    finally:
        x = 2 * x
    return x + y


@case(0.0, 7.0)
def zero_division_is_pythons(x):
    try:
        return 1.0 / x
    except ZeroDivisionError:
        return 7.0 * x


# ── classes ──


@dataclasses.dataclass
class Point:
    x: float
    y: float = 1.0

    def norm2(self):
        return self.x**2 + self.y**2

    @property
    def double(self):
        return Point(2 * self.x, 2 * self.y)


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    v: float


class Pair(NamedTuple):
    a: float
    b: float


class Colour(enum.Enum):
    RED = 2.0


class Vector:
    def __init__(self, *parts):
        self.parts = parts

    def __add__(self, other):
        return Vector(*map(operator.add, self.parts, other.parts))

    def __getitem__(self, k):
        return self.parts[k]

    def __len__(self):
        return len(self.parts)


@case(3.0, 24.0)
def dataclass_inside(x):
    return Point(x).double.norm2()


@case(3.0, 6.0)
def frozen_dataclass(x):
    return dataclasses.replace(Frozen(1.0), v=x * x).v


@case(3.0, 7.0)
def namedtuple_inside(x):
    p = Pair(x, x * x)._replace(a=1.0 * x)
    return p.a + p.b


@case(3.0, 6.0)
def user_vector(x):
    v = Vector(x, x * x) + Vector(1.0, x)
    return v[1] - v[0]


@case(3.0, 2.0)
def enum_constant(x):
    return Colour.RED.value * x


@case(3.0, 6.0)
def attributes(x):
    class Box:
        pass

    box = Box()
    box.value = x
    setattr(box, "other", box.value * 5)  # noqa: B010
    return box.value + getattr(box, "other")  # noqa: B009


# ── containers ──


@case(3.0, 10.0)
def list_methods(x):
    items = [x]
    items.append(2 * x)
    items.extend([3 * x])
    items.insert(0, 4 * x)
    items.reverse()
    assert items.index(x) == 2
    assert items.count(x) == 1
    return sum(items) + 0 * items.pop()


@case(3.0, 6.0)
def dictionary_values(x):
    d = collections.defaultdict(float)
    d["a"] += x
    d["b"] += x * x
    d.update(a=d["a"] * 0.0)
    return sum(d.values())


@case(3.0, 5.0)
def dictionary_keys(x):
    d = {x: "first", 2 * x: "second"}
    assert d[x] == "first"
    assert x in d
    return sum(d, 0.0) - x + 3 * x


@case(3.0, 3.0)
def sets(x):
    assert len({x, x, x + 1}) == 2
    return sum({x, 2 * x})


@case(3.0, 3.0)
def deque_and_heap(x):
    queue = collections.deque([x, 2 * x], maxlen=2)
    heap = [5 * x, x * 1.0, 3 * x]
    heapq.heapify(heap)
    return heapq.heappop(heap) + queue.pop()


@case(3.0, -1.0)
def unpacking(x):
    first, *_, last = [x, 5.0, 2 * x]
    first, last = last, first
    return last - first


GRID = frozenset({1.0, 2.0})
TABLE = {2: "two"}


@case(2.0, 2.0 + 4.0)
def memo_of_equal_values(x):
    """x·x and x + x are equal at 2, but not the same variable: a memo must keep them apart."""
    memo = {}

    def f(v):
        if v not in memo:
            memo[v] = 1.0 * v
        return memo[v]

    return f(x + x) + f(x * x)


@case(2.0, 4.0)
def membership(x):
    assert x in [1.0, 2.0]
    assert x in (2,)
    assert x in {2.0, 3.0}
    assert x not in {3.0, 4}
    assert x not in [3.0]
    assert x in GRID
    assert x in TABLE
    known = {2.0}
    assert x in known
    return x * x


# ── builtins ──


@case(2.0, 4.0)
def minimum(x):
    return min(x * x, 10.0, 7)


@case(2.0, 1.0)
def maximum(x):
    return max([x, 1.0, x - 3])


@case(2.0, -3.0)
def extremes_by_key(x):
    return min([x, -3 * x, 2 * x], key=lambda v: v) + 0 * max([x, -x], key=abs)


@case(2.0, 2.0)
def sorting(x):
    values = sorted([3 * x, x, 2 * x])
    other = [x, -x, 5 * x]
    other.sort(key=lambda v: -v)
    return values[1] + 0 * other[0]


@case(2.5, 3.0 * 2.0 + 2.0)
def integers_are_control_flow(x):
    return int(x) * x + math.floor(x) * x + round(x) * x + math.trunc(x) * x


@case(2.5, 3.0)
def ceil(x):
    return math.ceil(x) * x


@case(2.4, 0.0)
def rounding_is_piecewise_constant(x):
    return round(x, 1) + round(x, 0)


@case(7.5, 2.0)
def divmod_and_modulo(x):
    q, r = divmod(x, 2)
    return q + r + x % 2 + 0 * (x // 2)


@case(-2.0, -1.0)
def absolute(x):
    return abs(x)


@case(2.0, 1.0 / 4)
def integer_loop_bounds(x):
    return sum(x / 4 for _ in range(int(x))) - x / 4


@case(2.0, 12.0)
def pow_builtin(x):
    return pow(x, 3)


@case(2.0, math.log(3.0) * 9.0)
def reflected_power(x):
    return 3**x


@case(2.0, 3.0)
def map_filter_zip(x):
    doubled = list(map(lambda v: 2 * v, [x, -x]))  # noqa: C417
    kept = [v for v in filter(lambda v: v > 0, doubled)]  # noqa: C416
    return sum(a * b for a, b in zip(kept, [1.0], strict=True)) + all([x > 0]) * x


@case(2.0, 6.0)
def enumerate_and_reversed(x):
    return sum(k * v for k, v in enumerate(reversed([2 * x, x, x]), 0)) + x * any([x < 3, 0])


@case(2.0, 1.0)
def formatting(x):
    assert f"{x:.3f}" == "2.000"
    assert f"{x!r}" == repr(wg.stop_gradient(x))
    assert f"{x}" == str(x) == "2.0"
    assert f"{x:>8.2e}|{x:g}" == "2.00e+00|2"
    assert "{:.1f}".format(x) == "2.0"  # noqa: UP032
    assert format(x, "06.2f") == "002.00"
    return x


@case(2.0, 1.0)
def type_checks(x):
    assert isinstance(x, float)
    assert isinstance(x, numbers.Number)
    assert isinstance(x, numbers.Real)
    assert not isinstance(x, np.ndarray)
    assert not isinstance(x, (int, str, list))
    assert np.isscalar(x)
    assert np.ndim(x) == 0
    assert hasattr(x, "real")
    assert callable(x.conjugate)
    assert not hasattr(x, "nonsense")
    assert not isinstance(x, collections.abc.Iterable)
    assert x.is_integer()
    assert bool(x)
    assert hash(x) == hash(x)
    return x.real + x.imag


@case(2.0, 3.0)
def comparisons(x):
    assert 1 < x < 3
    assert 2.0 == x  # noqa: SIM300
    assert not x != 2  # noqa: SIM202
    assert x <= 2 <= x
    assert x > np.float64(1.0)
    assert np.all(np.array([1.0, 1.5]) < x)
    assert (x < np.array([1.0, 3.0])).tolist() == [False, True]
    assert x == pytest.approx(2.0)
    assert x is not None
    assert x != "a"
    assert x != None  # noqa: E711
    return 3 * x


@case(2.0, 1.0)
def predicates(x):
    assert math.isfinite(wg.stop_gradient(x))
    assert np.isfinite(x)
    assert not np.isnan(x)
    assert np.isclose(x, 2.0)
    assert np.allclose(x, [2.0, 2.0])
    assert np.signbit(-x)
    assert np.sign(x) == 1
    return x


@case(2.0, 2.0)
def statistics_module_of_numbers(x):
    return statistics.fmean([wg.stop_gradient(x)]) * x


@case(2.0, 3.0)
def accumulate(x):
    return list(itertools.accumulate([x, x, x]))[-1]


@case(2.0, 3.0)
def numpy_of_python_lists(x):
    return np.sum([x, x, 1.0]) + np.max([x, 1.0])


@case(0.5, 2.0)
def newton_by_hand(x):
    """√ of 16x² by Newton to convergence: the derivative of 4x."""
    a, y = 16 * x * x, 1.0
    for _ in range(50):
        new = 0.5 * (y + a / y)
        if abs(new - y) < 1e-15:
            break
        y = new
    return y / 2


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    f, x, slope = PROGRAMS[name]
    assert wg.grad(f)(x) == pytest.approx(slope, rel=1e-12, abs=1e-14)
    assert wg.derivative(f)(x) == pytest.approx(slope, rel=1e-12, abs=1e-14)
    value, _ = wg.value_and_grad(f)(x)
    plain = f(x)
    assert value == plain
    assert type(value) is type(plain)
    nested = wg.grad(lambda t: wg.jvp(f, (t,), (t,))[1])(x)  # (t f'(t))'
    assert np.isfinite(nested)


@pytest.mark.parametrize("name", [n for n in PROGRAMS if "type_checks" not in n and "zero_division" not in n])
def test_program_on_an_element(name):
    """The same programs on x[0], a NumPy number."""
    f, x, slope = PROGRAMS[name]
    np.testing.assert_allclose(wg.grad(lambda v: f(v[0]))(np.array([x])), [slope], rtol=1e-12, atol=1e-14)
    assert wg.jvp(lambda v: f(v[0]), (np.array([x]),), (np.ones(1),))[1] == pytest.approx(slope, rel=1e-12, abs=1e-14)


# ── arrays ──


def test_array_type_checks():
    def f(x):
        assert isinstance(x, np.ndarray)
        assert isinstance(x[0], (float, np.floating))
        assert isinstance(x[0], numbers.Number)
        assert isinstance(x, collections.abc.Iterable)
        assert not np.isscalar(x)
        assert len(x) == 3
        assert x.shape == (3,)
        assert x.dtype == float
        assert x.ndim == 1
        assert x.size == 3
        assert hasattr(x, "__array__")
        assert hasattr(x, "T")
        assert not hasattr(x, "nonsense")
        assert np.issubdtype(x.dtype, np.floating)
        assert 2.0 in x
        assert 7.0 not in x
        assert np.any(x > 2)
        assert (x > 2).any()
        assert not (x > 2).all()
        assert np.array_equal(x, [1.0, 2.0, 3.0])
        assert np.allclose(x, wg.stop_gradient(x))
        assert str(x) == "[1. 2. 3.]"
        assert repr(x) == "array([1., 2., 3.])"
        assert x.argmax() == np.argmax(x) == 2
        assert list(np.argsort(-x)) == [2, 1, 0]
        assert np.count_nonzero(x) == 3
        assert np.flatnonzero(x > 1.5).tolist() == [1, 2]
        assert {int(v): k for k, v in enumerate(x)} == {1: 0, 2: 1, 3: 2}
        assert x.tolist is not None
        with pytest.raises(TypeError):
            hash(x)
        with pytest.raises(ValueError, match="ambiguous"):
            bool(x > 1)
        a, b, c = x
        return a * b * c

    np.testing.assert_allclose(wg.grad(f)(np.array([1.0, 2.0, 3.0])), [6.0, 3.0, 2.0])


def test_sorting_and_searching_elements():
    def f(x):
        ordered = sorted(x)
        smallest, largest = min(x), max(x)
        best = max(range(len(x)), key=lambda k: x[k])
        ranks = np.argsort(x)
        return ordered[1] * 10 + smallest + 2 * largest + x[best] + sum(x) + x[ranks][0]

    np.testing.assert_allclose(wg.grad(f)(np.array([3.0, 1.0, 2.0])), [4.0, 3.0, 11.0])


def test_index_by_a_value():
    def f(x):
        return x[int(x[0])] * x[np.argmax(x)] + x[round(x[0])] + x[1:][x[1:] > 2][0]

    np.testing.assert_allclose(wg.grad(f)(np.array([1.2, 2.5, 3.0])), [0.0, 3.0 + 1 + 1, 2.5])


def test_containers_as_arguments_and_results():
    @dataclasses.dataclass
    class Params:
        w: np.ndarray
        b: float

    def loss(p, pair, rest):
        return np.sum(p.w * pair.a) + p.b * pair.b + rest["k"][0] ** 2 * rest["t"][1]

    p = Params(np.array([1.0, 2.0]), 3.0)
    gp, gpair, grest = wg.grad(loss, argnums=(0, 1, 2))(p, Pair(4.0, 5.0), {"k": [6.0], "t": (0.5, 2.0)})
    assert type(gp) is Params
    np.testing.assert_array_equal(gp.w, [4.0, 4.0])
    assert gp.b == 5.0
    assert gpair == Pair(3.0, 3.0)
    assert type(gpair) is Pair
    assert grest == {"k": [24.0], "t": (0.0, 36.0)}
    y, pullback = wg.vjp(lambda x: Pair(x * x, {"r": [x, np.ones(2) * x]}), 3.0)
    assert type(y) is Pair
    assert pullback(Pair(1.0, {"r": [2.0, np.ones(2)]})) == (10.0,)
    assert wg.jvp(lambda x: Params(np.ones(2) * x, x * x), (3.0,), (1.0,))[1].b == 6.0


def test_order_of_dictionary_keys_does_not_matter():
    f = lambda p: p["b"] * 2 + p["a"] * 3
    assert wg.grad(f)({"b": 1.0, "a": 1.0}) == {"b": 2.0, "a": 3.0}
    assert list(wg.grad(f)({"b": 1.0, "a": 1.0})) == ["b", "a"]


def test_methods_of_classes():
    class Model:
        def __init__(self, scale):
            self.scale = scale
            self.calls = 0

        def __call__(self, x):
            self.calls += 1
            return self.scale * x**2

        def loss(self, x):
            return self(x) + x

        @classmethod
        def unit(cls, x):
            return cls(1.0).loss(x)

        @staticmethod
        def static(x):
            return x**3

    model = Model(3.0)
    assert wg.grad(model)(2.0) == 12.0
    assert wg.grad(model.loss)(2.0) == 13.0
    assert wg.grad(Model.unit)(2.0) == 5.0
    assert wg.grad(Model.static)(2.0) == 12.0
    assert model.calls == 2

    def by_parameter(scale):
        return Model(scale).loss(2.0)

    assert wg.grad(by_parameter)(3.0) == 4.0


def test_functions_without_python_code():
    assert wg.grad(np.sin)(0.0) == 1.0
    assert wg.grad(np.multiply, argnums=(0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert wg.grad(operator.mul, argnums=1)(2.0, 3.0) == 2.0
    assert wg.grad(functools.partial(np.power, 2.0))(3.0) == pytest.approx(8 * math.log(2))
    assert wg.grad(functools.partial(lambda x, *, k: k * x, k=4.0))(1.0) == 4.0
    np.testing.assert_array_equal(wg.grad(np.sum)(np.ones(3)), np.ones(3))
    np.testing.assert_array_equal(wg.grad(np.linalg.norm)(np.array([3.0, 4.0])), [0.6, 0.8])


def test_logistic_map_is_the_derivative_of_the_program():
    def f(x):
        for _ in range(40):
            x = 4 * x * (1 - x)
        return x

    x, slope = 0.2, 1.0
    for _ in range(40):
        x, slope = 4 * x * (1 - x), slope * 4 * (1 - 2 * x)
    assert wg.grad(f)(0.2) == pytest.approx(slope, rel=1e-5)
    assert wg.derivative(f)(0.2) == pytest.approx(slope, rel=1e-5)
