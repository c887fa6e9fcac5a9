"""Ordinary programs of dynamic programming, graphs, data structures and Python's own means of control."""

import heapq
from collections import Counter, OrderedDict, defaultdict, deque
from contextlib import contextmanager
from functools import lru_cache, partial, reduce, wraps
from itertools import accumulate, islice, product

import numpy as np
import pytest
from check import check

GRAPH = {"a": ["b", "c"], "b": ["c", "d"], "c": ["d"], "d": []}


def floyd_warshall(w):
    n = 4
    D = np.full((n, n), np.inf)
    np.fill_diagonal(D, 0)
    D[[0, 1, 2, 3, 0], [1, 2, 3, 0, 2]] = w**2
    for k in range(n):
        np.minimum(D, D[:, k, None] + D[None, k, :], out=D)
    return D


def dijkstra_with_heap(w):
    edges = dict(zip([("a", "b"), ("a", "c"), ("b", "c"), ("b", "d"), ("c", "d")], w))
    best, queue, done = {"a": 0.0}, [(0.0, "a")], set()
    while queue:
        d, node = heapq.heappop(queue)
        if node in done:
            continue
        done.add(node)
        for other in GRAPH[node]:
            new = d + abs(edges[node, other])
            if other not in best or new < best[other]:
                best[other] = new
                heapq.heappush(queue, (new, other))
    return best["d"] ** 2


def weighted_edit_distance(costs):
    s, t = "kitten", "sitting"
    insert, delete, replace = costs
    D = np.zeros((len(s) + 1, len(t) + 1))
    D[:, 0] = delete * np.arange(len(s) + 1)
    D[0] = insert * np.arange(len(t) + 1)
    for (i, a), (j, b) in product(enumerate(s, 1), enumerate(t, 1)):
        D[i, j] = min(D[i - 1, j] + delete, D[i, j - 1] + insert, D[i - 1, j - 1] + (0 if a == b else replace))
    return D


def smooth_viterbi(x):
    trellis = [{state: x[state] for state in range(3)}]
    for t in range(1, 4):
        previous = trellis[-1]
        row = {s: np.logaddexp.reduce([previous[r] - 0.3 * (r - s) ** 2 * x[0] for r in previous]) for s in range(3)}
        trellis.append({s: v + np.sin(t * x[s]) for s, v in row.items()})
    return max(trellis[-1].values()), list(trellis[-1].values())


def memoised_recursion(x):
    memo = {}

    def value(n):
        if n not in memo:
            memo[n] = x if n <= 1 else np.tanh(value(n - 1) * value(n - 2) + value(n // 2))
        return memo[n]

    @lru_cache
    def cached(n):
        return x**2 if n == 0 else np.sin(cached(n - 1)) + cached(n // 2) * 0.1

    return value(9) + cached(6)


class Node:
    __slots__ = ("left", "right", "value")

    def __init__(self, value):
        self.value, self.left, self.right = value, None, None

    def insert(self, value):
        side = "left" if value < self.value else "right"
        child = getattr(self, side)
        if child is None:
            setattr(self, side, Node(value))
        else:
            child.insert(value)

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right

    def depth_sum(self, depth=1):
        total = depth * self.value
        for child in (self.left, self.right):
            if child is not None:
                total = total + child.depth_sum(depth + 1)
        return total


def binary_search_tree(x):
    root = Node(x[0])
    for v in x[1:]:
        root.insert(v)
    return np.array(list(root)), root.depth_sum() ** 2


def sorting_network(x):
    y = list(x)
    for i, j in [(0, 1), (2, 3), (0, 2), (1, 3), (1, 2)]:
        y[i], y[j] = np.minimum(y[i], y[j]), np.maximum(y[i], y[j])
    return np.array(y) * np.arange(4)


def heaps(x):
    h = [v**2 for v in x]
    heapq.heapify(h)
    out = [heapq.heappop(h) for _ in range(3)]
    return sum(out) * heapq.nlargest(1, x)[0], sorted(x, reverse=True)[:2], min(x, key=lambda v: abs(v - 0.5))


def reservoirs(x):
    groups, order = defaultdict(float), OrderedDict()
    for k, v in enumerate(x):
        groups["even" if k % 2 == 0 else "odd"] += v**2
        order[f"k{k}"] = v
    order.move_to_end("k0")
    counts = Counter(np.sign(x))
    queue = deque(order.values())
    queue.rotate(2)
    return groups["even"] * groups["odd"] / counts[1.0], queue[0] * queue[-1]


def counted(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return f(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


@counted
def polynomial(x, *coefficients, scale=1.0):
    return scale * reduce(lambda total, c: total * x + c, coefficients, 0.0)


def iterators(x):
    def iterate(v):
        while True:
            yield v
            v = np.cos(v)

    *_, settled = islice(iterate(x), 8)
    running = list(accumulate(islice(iterate(x), 4), lambda a, b: a * b + 1))
    quadratic = partial(polynomial, x, scale=2.0)
    total = sum(a * b for a, b in zip(running, map(np.sin, running)) if a > -10)
    return settled + total + quadratic(1.0, x, 3.0)


class Exhausted(Exception):
    pass


def exceptions_and_contexts(x):
    trail = []

    @contextmanager
    def level(name):
        trail.append(name)
        try:
            yield len(trail)
        finally:
            trail.pop()

    y = x
    try:
        for k in range(10):
            with level(f"{k}:{y:.2f}") as depth:
                y = y * y / 2 + depth * 0.1
                if y > 3:
                    raise Exhausted(y)
    except Exhausted as stop:
        (y,) = stop.args
    try:
        {}["missing"]
    except KeyError:
        y = y + 1
    with np.errstate(divide="ignore"):
        return y * np.log(x) if not trail else 0.0


class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.a + other.a, self.b + other.b)

    __radd__ = __add__

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)

    __rmul__ = __mul__

    def sin(self):
        return Dual(np.sin(self.a), self.b * np.cos(self.a))


def users_own_dual_numbers(x):
    d = Dual(x, 1.0)
    y = (2 * d * d + 1) * d.sin() + 3.0
    return y.a, y.b


X4, X5 = np.array([0.4, -0.2, 0.9, 1.3]), np.array([0.4, 0.3, 0.9, 1.3, 0.7])
CASES = {
    floyd_warshall: X5, dijkstra_with_heap: X5, weighted_edit_distance: np.array([1.0, 1.2, 1.5]),
    smooth_viterbi: X4[:3], memoised_recursion: 0.6, binary_search_tree: X4, sorting_network: X4, heaps: X4,
    reservoirs: X4, iterators: 0.7, exceptions_and_contexts: 2.3, users_own_dual_numbers: 0.8,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=3e-6, h=3e-4)
