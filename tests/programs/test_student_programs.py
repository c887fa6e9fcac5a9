"""Students' programs: every way of Python and NumPy to say it, from loops over indices to ufunc methods."""

import bisect
import cmath
import copy
import heapq
import io
import json
import logging
import math
import operator
import statistics
from abc import ABC, abstractmethod
from collections import Counter, OrderedDict, deque
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial, reduce, singledispatchmethod, wraps
from itertools import chain, count, cycle, groupby, islice, starmap, takewhile, zip_longest
from typing import ClassVar

import numpy as np
import pytest
from check import check

rng = np.random.default_rng(31)
log = logging.getLogger(__name__)


class Layer(ABC):
    registry: ClassVar[dict] = OrderedDict()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Layer.registry[cls.__name__] = cls

    @abstractmethod
    def __call__(self, x): ...


class Affine(Layer):
    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        return self.w @ x + 1

    @cached_property
    def penalty(self):
        return np.linalg.norm(self.w, "fro") ** 2


class Swish(Layer):
    beta = 1.5

    def __call__(self, x):
        return x / (1 + np.exp(-self.beta * x))


def layers_with_registry(x):
    W = x.reshape(2, 2)
    net = [Layer.registry["Affine"](W), Layer.registry["Swish"](), Affine(W.T)]
    y = np.array([0.3, -0.4])
    for layer in net:
        y = layer(y)
    return y.sum() + sum(layer.penalty for layer in net if isinstance(layer, Affine))


@dataclass(frozen=True)
class State:
    position: np.ndarray
    velocity: np.ndarray
    time: float = 0.0

    def __add__(self, other):
        return State(self.position + other.position, self.velocity + other.velocity, self.time + other.time)

    def __rmul__(self, h):
        return State(h * self.position, h * self.velocity, h * self.time)


def states_with_operators(x):
    slope = lambda s: State(s.velocity, -s.position - 0.1 * s.velocity * abs(s.velocity), 1.0)
    s = State(x[:2], x[2:])
    for _ in range(5):
        middle = s + 0.05 * slope(s)
        s = s + 0.1 * slope(middle)
    s = replace(s, velocity=2 * s.velocity)
    return np.hstack([s.position, s.velocity, s.time])


def generator_of_residuals(x):
    def terms():
        yield x[0] ** 2
        yield from (x[i] * x[i + 1] for i in range(len(x) - 1))
        try:
            yield np.sin(x[-1])
        finally:
            log.debug("done with %s", x)

    total = 0
    for k, term in enumerate(terms(), start=1):
        total += term / k
    return total


def sliding_pairs(x):
    def windows(seq, n):
        it = iter(seq)
        window = deque(islice(it, n), maxlen=n)
        while True:
            yield tuple(window)
            try:
                window.append(next(it))
            except StopIteration:
                return

    return np.array([max(w) - min(w) for w in windows(x, 3)])


def power_series_by_takewhile(x):
    terms = (x**n / math.factorial(n) for n in count())
    return sum(takewhile(lambda t: abs(t) > 1e-17, terms))


def grouped_and_chained(x):
    pairs = sorted(zip(x, "abcab", strict=False), key=operator.itemgetter(1))
    groups = {k: [v for v, _ in g] for k, g in groupby(pairs, key=lambda p: p[1])}
    flat = list(chain.from_iterable(groups.values()))
    products = starmap(operator.mul, zip_longest(flat, [1.0, 2.0], fillvalue=0.5))
    return sum(products) * reduce(operator.add, [len(g) * g[0] for g in groups.values()])


def priority_queue_merge(x):
    heap = [(v, i) for i, v in enumerate(x)]
    heapq.heapify(heap)
    cost = 0.0
    while len(heap) > 1:
        (a, _), (b, j) = heapq.heappop(heap), heapq.heappop(heap)
        cost = cost + a + b
        heapq.heappush(heap, (a + b, j))
    return cost


def standard_statistics(x):
    values = list(x)
    return (
        statistics.fmean([0.0, 1.0])
        + sum(values) / len(values)
        + max(values, key=abs)
        - sorted(values)[2]
        + values.index(values[1])
    )


def mathematics_of_scalars(x):
    try:
        y = math.sqrt(2) * x + math.pi
    except TypeError:
        y = x
    q, r = divmod(y, 2.0)
    return q * 0.1 + r**2 + pow(y, 1.5) + abs(-y) + (-y) % 3 + y // 1.0 + (+y) + 2**x + round(2.7) * x


def complex_by_parts(x):
    z = complex(0.3, 0.4) * x[0] + 1j * x[1]
    w = z**2 + z.conjugate() / (1 + abs(z))
    return w.real + w.imag * cmath.phase(1 + 1j)


def retries(times):
    def decorate(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    return f(*args, attempt=attempt, **kwargs)
                except (ValueError, FloatingPointError, np.linalg.LinAlgError) as e:
                    last = e
            raise last

        return wrapper

    return decorate


@retries(5)
def jittered_cholesky(x, attempt=0):
    A = np.outer(x, x) + 10.0 ** (attempt - 1) * np.eye(3) - np.eye(3) * 0.5
    L = np.linalg.cholesky(A)
    if attempt < 1:
        raise ValueError("too small")
    return np.diag(L)


@contextmanager
def raising_errors():
    with np.errstate(all="raise"):
        yield


def safe_division(x):
    with raising_errors():
        try:
            y = x / (x[0] - x[0])
        except FloatingPointError:
            y = x / x[0]
    return y


class Field:
    def __init__(self, data):
        self.data = np.asarray(data, dtype=float)

    def __getitem__(self, key):
        return Field(self.data[key])

    def __setitem__(self, key, value):
        self.data[key] = value.data if isinstance(value, Field) else value

    def __matmul__(self, other):
        return self.data @ other.data

    def __len__(self):
        return len(self.data)

    def __iter__(self):
        return (Field(row) for row in self.data)

    @singledispatchmethod
    def scaled(self, by):
        return Field(self.data * by)

    @scaled.register
    def _(self, by: str):
        return Field(self.data * len(by))


def container_of_a_field(x):
    F = Field(x.copy())
    F[1:3] = F[:2].scaled(2.0)
    F[0] = F[3].scaled("abc")
    return F @ F + sum(f.data for f in F) * len(F)


def reports_and_prints(x):
    stream = io.StringIO()
    norm = np.linalg.norm(x)
    print(f"norm {norm:.3e} of {x!r:>10}", x, file=stream)
    stream.write("%g %s\n" % (norm, x[0]))  # noqa: UP031
    log.info("x = %s", np.array2string(np.round(np.array([1.0]), 2)))
    assert "norm" in stream.getvalue()
    summary = {"size": len(x), "shape": x.shape, "kind": x.dtype.name}
    return norm * json.loads(json.dumps(summary))["size"]


def checked_inputs(x):
    x = np.atleast_1d(np.asarray(x, dtype=np.float64))
    if not np.all(np.isfinite(x)) or x.ndim != 1:
        raise ValueError("x must be a finite vector")
    if np.any(x <= -10) or not isinstance(x, np.ndarray) or not np.issubdtype(x.dtype, np.floating):
        raise TypeError(x.dtype)
    np.testing.assert_array_less(-10.0, 5.0)
    assert np.allclose(x, x), f"{x}"
    assert x.size == len(x)
    return np.ascontiguousarray(x).ravel(order="K") @ np.arange(x.size)


def ufunc_methods(x):
    a = np.add.reduce(np.multiply.outer(x, x), axis=0)
    b = np.multiply.accumulate(x)
    c = np.maximum.reduce(x) + np.minimum.accumulate(x)[-1] + np.logaddexp.reduce(x)
    d = x.copy()
    np.multiply.at(d, [0, 0, 2], 1.5)
    np.add.at(d, np.array([1, 1]), x[:2])
    np.negative.at(d, [3])
    e = np.subtract.outer(x, x)[1] + np.hypot.outer(x, [1.0, 2.0]).sum(1)
    return a + b * c + d + e + np.true_divide.reduce(x[:2]) + np.add.reduceat(x, [0, 2])[[0, 1, 0, 1]]


def vectorized_functions(x):
    def f(a, b):
        if a > b:
            return a - b
        return a + b

    g = np.vectorize(f, excluded=[1])
    h = np.vectorize(lambda v: v * v, otypes=[float])
    return g(x, 0.1) * h(x) + np.vectorize(pow)(np.abs(x), 3)


def vectorized_with_signature(x):
    inner = np.vectorize(lambda u, v: np.dot(u, v), signature="(n),(n)->()")
    A = x.reshape(2, 2)
    return inner(A, A[::-1]) + np.apply_over_axes(np.sum, A, [0])[0]


def along_axes(x):
    A = x.reshape(2, 2)
    order = np.argsort(A, axis=1)
    B = np.take_along_axis(A, order, axis=1)
    np.put_along_axis(B, np.array([[0], [1]]), 9.0 * A[:, :1], axis=1)
    return B, np.apply_along_axis(np.sort, 0, A), np.apply_along_axis(lambda r: r.max() * r, 1, A)


def choices(x):
    a = np.select([x < -0.5, x < 0.5], [x**2, np.sin(x)], default=-x)
    b = np.piecewise(x, [x < 0, x >= 0], [lambda v: -v * 2, lambda v: v**3])
    c = np.choose([0, 1, 1, 0], [x, x**2])
    d = np.where(x > 0)[0]
    return a + b + c + np.bincount(d, minlength=4) * x + np.extract(x < 0, x).sum() + np.compress([1, 0, 1], x)[1]


def masks_and_puts(x):
    y = x.copy()
    y[y < 0] *= -0.5
    y[(y > 0.5) & (y < 2)] = np.sqrt(y[(y > 0.5) & (y < 2)])
    np.putmask(y, [True, False, False, False], x**2)
    np.place(y, [False, True, False, False], x[2:3])
    np.copyto(y, x * 3, where=[False, False, False, True])
    z = np.zeros((2, 3))
    z[[0, 1], [2, 0]] = y[:2]
    z[..., 1] += y[2:]
    z.flat[5] = y[3]
    return z


def building_matrices(x):
    a = np.r_[x, 0, x[::-1]]
    b = np.c_[x, x**2]
    c = np.block([[np.diag(x), np.ones((4, 1))], [x[None], np.full((1, 1), 2.0)]])
    d = np.vander(x, 3) + np.tri(4, 3) * x[:, None]
    e = np.array([[x[0], 1], [2, x[1] * x[2]]]) @ np.array([x[3], 1.0])
    f = np.fromiter((v * 2 for v in range(4)), dtype=float) * x
    g = np.fromfunction(lambda i, j: i + 2 * j, (4, 2)) * x[:, np.newaxis]
    return a, b, np.linalg.det(c), d, e, f, g, np.stack([x, x], axis=-1), np.dstack((x, x))


def grids(x):
    X, Y = np.meshgrid(x, [0.0, 1.0], indexing="xy", sparse=False)
    gx, gy = np.mgrid[0:2, 0:3]
    ox, oy = np.ogrid[0:1:2j, 0:1:3j]
    i, j = np.indices((2, 3))
    return (
        (X * Y).sum()
        + ((gx + gy * x[0]) * (i - j)).sum()
        + ((ox + oy) ** 2 * x[1]).mean()
        + np.linspace(x[0], x[1], 3)[1]
        + np.geomspace(1, 2, 3).sum() * x[2]
    )


def looping_over_elements(x):
    A = x.reshape(2, 2).copy()
    total = 0.0
    for (i, j), v in np.ndenumerate(A):
        total += v * (i + 1) ** j
    for index in np.ndindex(2, 2):
        total += A[index] ** 2
    for row in A:
        for v in row:
            total *= 1 + 0.01 * v
    for v in A.flat:
        total -= 0.1 * v
    for i in range(A.shape[0]):
        A[i, :] = A[i, :] * total
    return A


def nditer_loop(x):
    y = np.zeros(4)
    for i, v in enumerate(np.nditer(np.arange(4.0))):
        y[i] = x[i] * v
    return y


def shapes_and_axes(x):
    A = x.reshape(2, 2)
    B = np.moveaxis(A[None].repeat(3, axis=0), 0, -1)
    C = np.rollaxis(B, 2).swapaxes(1, 2)
    D = np.tile(A, (1, 2))[:, ::-1]
    E = np.rot90(A, k=3) + np.flipud(A) * np.fliplr(A) + np.triu(A) - np.tril(A, -1)
    F = np.expand_dims(A, (0, 3)).squeeze() + np.broadcast_to(x[:2], (2, 2))
    G = np.insert(x, 2, x[0] ** 2)
    H = np.delete(G, [0]) * np.append(x[1:], 1.0)
    a, b = np.broadcast_arrays(x[:, None], x[None, :2])
    return (
        C.sum(),
        D,
        E,
        F,
        H,
        (a * b).T,
        np.split(x, 2)[1],
        np.array_split(x, 3)[0],
        np.hsplit(A, 2)[0],
        A.T.copy(order="F").reshape(-1, order="A"),
    )


def contractions(x):
    A, B = x.reshape(2, 2), np.outer(x, x).reshape(2, 2, 2, 2)
    a = np.einsum("ij,jkil,lm,k->m", A, B, A, [1.0, 2.0], optimize=True)
    b = np.tensordot(A, B, axes=([1], [2])) + np.tensordot(A, A, 0)
    c = np.inner(A, A) + np.vdot(A, A) + A.dot(A).trace() + np.einsum("ii", A) + np.einsum("...i,...i", A, A)
    d = np.linalg.multi_dot([A, A, A]) + np.kron(A, [[1.0, 2.0]])[:, :2] + np.cross([x[0], x[1], 1.0], x[1:])[0]
    return a, b.sum(), c, d, A @ A @ x[:2], x[:2] @ A


def linear_algebra_tour(x):
    A = x.reshape(2, 2) + 2 * np.eye(2)
    _, R = np.linalg.qr(A)
    w, _ = np.linalg.eig(A + A.T)
    return (
        np.abs(R),
        np.linalg.pinv(A),
        np.linalg.cond(A),
        np.linalg.norm(A, 2),
        np.sort(w),
        np.linalg.norm(A, "nuc"),
        np.linalg.matrix_rank(A) * A[0],
    )


def in_place_householder(x):
    A = np.array([[2.0, 1, 0], [1, 3, 1], [0.5, 1, 4], [1, 1, 1]])
    A[:, 0] += x
    _, n = A.shape
    b = x.copy()
    for k in range(n):
        v = A[k:, k].copy()
        v[0] += np.copysign(np.linalg.norm(v), v[0])
        v /= np.linalg.norm(v)
        A[k:, k:] -= 2 * np.outer(v, v @ A[k:, k:])
        b[k:] -= 2 * v * (v @ b[k:])
    y = np.zeros(n)
    for k in range(n)[::-1]:
        y[k] = (b[k] - A[k, k + 1 :] @ y[k + 1 :]) / A[k, k]
    return y


def lu_with_pivoting(x):
    A = np.add(np.multiply.outer(x, [1.0, -2, 0.5, 3]), np.diag([1.0, 5, 2, 0.2]))
    perm = list(range(4))
    for k in range(3):
        p = max(range(k, 4), key=lambda i: abs(A[i, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            perm[k], perm[p] = perm[p], perm[k]
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= A[k + 1 :, k, None] * A[None, k, k + 1 :]
    return np.prod(np.diag(A)) ** 2, A[perm.index(0)]


def exponential_by_scaling(x):
    A = x.reshape(2, 2)
    s = max(0, int(np.ceil(np.log2(np.linalg.norm(A, 1)))) + 3)
    B = A / 2**s
    E, term = np.eye(2), np.eye(2)
    for k in range(1, 12):
        term = term @ B / k
        E += term
    for _ in range(s):
        E = E @ E
    return E


def augmented_everything(x):
    y = x * 1.0
    y += x
    y -= 0.5
    y *= x[::-1]
    y /= 2 + x**2
    y **= 2
    y //= 1e-9 * 0 + 0.5
    z = x.reshape(2, 2).copy()
    z @= np.array([[1.0, 2.0], [0.0, x[0]]])
    z += z.T
    return y * 0.1 + z.ravel()


def out_arguments(x):
    buffer = np.empty(4)
    np.sin(x, out=buffer)
    np.multiply(buffer, x, out=buffer)
    np.add(buffer, 1, buffer)
    total = np.zeros(())
    np.sum(buffer, out=total)
    np.cumsum(buffer, out=buffer)
    running = np.empty((2, 4))
    np.exp(x, out=running[1])
    np.clip(x, -0.3, 0.6, out=running[0])
    np.matmul(running, running.T, out=running[:, :2])
    return total * buffer, running, np.dot(running, x, out=np.empty(2))


def zero_dimensional(x):
    a = np.array(x[0])
    b = np.array(3.0)
    b += a
    c = a[()] * b[...] + a.item(0) if False else a[()] * b
    d = np.zeros((1,))
    d[0] = c
    return (
        d.squeeze()
        + np.float64(x[1]) * np.asarray(2)
        + b.reshape(1)[0]
        + x[2].real
        + x[3].ndim
        + np.squeeze(x[None, 3:])
    )


def number_types(x):
    n = np.int64(3)
    half = np.float32(0.5)
    mixed = x * n + half * x + np.arange(4) * x + True * x + np.array([1, 2, 3, 4], dtype=np.int32) ** 2 * x
    return (
        mixed / np.uint8(2)
        + np.bool_(True) * x
        + x.astype(complex).real
        + (x > 0) * x
        + (x > 0).sum() * x.astype(np.float64, copy=False)
    )


def histograms_and_bins(x):
    edges = np.array([-2.0, -0.5, 0.5, 2.0])
    heights, _ = np.histogram([-1.0, 0.0, 1.0, 1.0], bins=edges, weights=x)
    which = np.digitize(x, edges)
    values, inverse, counts = np.unique(which, return_inverse=True, return_counts=True)
    means = np.zeros(len(values))
    for k in range(len(values)):
        means[k] = x[inverse == k].mean()
    return heights, means * counts, x[np.lexsort((x, which))]


def selection(x):
    k = np.argpartition(x, 2)[:2]
    best = x[np.argmax(x)] + x[x.argmin()] + np.partition(x, 1)[1]
    return (
        x[k].sum()
        + best
        + np.median(x)
        + np.nanmax(np.append(x, np.nan))
        + np.nanmean([x[0], np.nan, x[1]])
        + x[np.flatnonzero(x > 0)].prod()
        + np.searchsorted([0.0, 1.0], x) @ x
    )


def polynomials_of_numpy(x):
    p = np.poly1d([1.0, -2.0, 0.5])
    c = np.polyfit([0.0, 1.0, 2.0, 3.0], x, 2)
    return (
        p(x)
        + np.polyval(c, 0.4)
        + np.polyval(np.polyder([1.0, 2.0, 3.0]), x)
        + np.polymul(x[:2], x[2:])[0]
        + np.convolve(x, [1, -1])[:-1]
        + np.polynomial.polynomial.polyval(x, c)
    )


def counted_words(x):
    words = ["to", "be", "or", "not", "to", "be", "that", "is", "the", "question"]
    weights = dict(zip(sorted(set(words)), cycle(x), strict=False))
    counts = Counter(words)
    return sum(weights[w] ** n for w, n in counts.most_common())


def deep_structures(x):
    params = {"a": {"w": x[:2], "b": [x[2], (x[3], 2.0)]}, "scale": 1.5}

    def walk(node):
        match node:
            case dict():
                return sum(walk(v) for v in node.values())
            case list() | tuple():
                return sum(map(walk, node))
            case np.ndarray() if node.ndim:
                return (node**2).sum()
            case _:
                return node**3

    other = copy.deepcopy(params)
    other["a"]["w"] *= 2
    shallow = copy.copy(x)
    shallow[0] = 0.0
    return walk(params) + walk(other) + shallow.sum()


def recursion_with_memory(x):
    memory = {}

    def ways(n):
        if n < 0:
            return 0.0
        if n == 0:
            return 1.0
        if n not in memory:
            memory[n] = sum(v * ways(n - k) for k, v in enumerate(x, 1))
        return memory[n]

    return ways(9)


def simulated_annealing_fixed(x):
    state, best = x.copy(), np.inf
    noise = np.random.default_rng(2).normal(size=(12, 4))
    energy = lambda s: ((s**2 - 1) ** 2).sum() + 0.1 * s @ np.roll(s, 1)
    for temperature, step in zip(np.geomspace(1.0, 0.1, 12), noise, strict=True):
        proposal = state + 0.3 * step
        delta = energy(proposal) - energy(state)
        if delta < 0 or np.exp(-delta / temperature) > 0.5:
            state = proposal
        best = min(best, energy(state))
    return best


def gradient_descent_with_line_search(x):
    f = lambda w: (w[0] - x[0]) ** 2 + 3 * (w[1] - x[1] * w[0]) ** 2
    g = lambda w: np.array([2 * (w[0] - x[0]) - 6 * x[1] * (w[1] - x[1] * w[0]), 6 * (w[1] - x[1] * w[0])])
    w = np.zeros(2)
    for _ in range(8):
        d, t = g(w), 1.0
        while f(w - t * d) > f(w) - 0.3 * t * d.dot(d):
            t *= 0.5
            if t < 1e-6:
                break
        else:
            w = w - t * d
    return w


def bfgs_by_hand(x):
    f_grad = lambda w: np.array([4 * w[0] ** 3 - x[0] + w[1], w[0] + 2 * w[1] - x[1]])
    w, H = np.array([0.5, 0.5]), np.identity(2)
    g = f_grad(w)
    for _ in range(4):
        s = -0.3 * H @ g
        w = w + s
        new = f_grad(w)
        y = new - g
        rho = 1 / (y @ s)
        I = np.eye(2)
        H = (I - rho * np.outer(s, y)) @ H @ (I - rho * np.outer(y, s)) + rho * np.outer(s, s)
        g = new
    return w, H


def interval_lookup(x):
    table = [-1.0, 0.0, 1.0, 2.0]
    out = []
    for v in x:
        i = bisect.bisect_right(table, v)
        lo = table[i - 1] if i else -2.0
        out += [(v - lo) ** 2]
    return np.array(out).cumsum()


def closures_and_partials(x):
    def make(i):
        def f(t, power=2):
            return x[i] * t**power

        return f

    functions = [make(i) for i in range(4)] + [partial(make(0), power=3)]
    compose = lambda *fs: reduce(lambda f, g: lambda t: g(f(t)), fs)
    return compose(*functions)(0.9) + sum(f(0.5) for f in functions)


def masked_arrays(x):
    m = np.ma.masked_array(np.arange(4.0), mask=[0, 1, 0, 0])
    return m.filled(0.5) * x + m.mean() * x.sum()


def object_of_arrays(x):
    bag = np.empty(2, dtype=object)
    bag[0], bag[1] = x[:1], x[1:]
    return sum(b.sum() ** 2 for b in bag)


def text_table(x):
    rows = [f"{v:8.3f}|{v:+.1e}|{v:>10}" for v in x]
    header = "=".join(["-" * len(r) for r in rows])
    return x.sum() * len(header) / len(header) if all(isinstance(r, str) for r in rows) else x


def truncated_fourier(x):
    t = np.linspace(0, 1, 16, endpoint=False)
    y = sum(a * np.cos(2 * np.pi * k * t) for k, a in enumerate(x))
    Y = np.fft.fftshift(np.fft.fft(y))
    Y[np.abs(np.fft.fftshift(np.fft.fftfreq(16, 1 / 16))) > 2] = 0
    return np.real(np.fft.ifft(np.fft.ifftshift(Y)))


def angles_and_logs(x):
    y = np.unwrap(3 * np.cumsum(np.abs(x)))
    return (
        np.rad2deg(y)
        + np.deg2rad(x)
        + np.log1p(np.abs(x))
        + np.sign(x) * np.cbrt(np.abs(x))
        + np.arctan2(x, 1 + x**2)
        + np.nan_to_num(np.log(np.abs(x)))
        + np.fmod(x, 0.57)
        + np.remainder(x, 0.57)
        + np.heaviside(x, 0.5) * x
        + np.ldexp(x, 2)
        + np.float_power(np.abs(x), 1.3)
        + np.reciprocal(x)
        + np.i0(x)
        + np.sinc(x)
    )


def differences_and_integrals(x):
    t = np.array([0.0, 0.4, 1.0, 1.5])
    return (
        np.gradient(x, t),
        np.diff(x, n=2),
        np.trapezoid(x, t),
        np.ediff1d(x, to_begin=0.0),
        np.interp(0.7, t, x),
        np.interp(np.array([0.2, 1.2]), t, x, left=0),
        np.cumprod(x),
        np.nancumsum(x),
    )


def averages(x):
    A = x.reshape(2, 2)
    return (
        np.average(A, axis=0, weights=[1, 3]),
        np.var(A, axis=1, ddof=1),
        A.std(),
        np.cov(A),
        np.mean(A, dtype=float),
        np.amax(A, axis=1, initial=-9.0),
        A.sum(axis=0, where=[[True], [False]]),
        np.linalg.norm(A, axis=1),
        np.prod(A, axis=0),
        np.corrcoef(x, x**2)[0, 1],
        np.quantile(x, 0.3, method="lower"),
    )


def aliases_and_views(x):
    y = x.copy()
    v = y[1:]
    w = v[::-1][:2]
    w[:] = w * 2
    v += y[:-1]
    y.reshape(2, 2)[0] *= 3
    y.T[0] -= 1
    u = y.view()
    u[2], u[3] = u[3], u[2]
    return y


def while_true_with_flags(x):
    i, total, seen = 0, 0.0, set()
    while True:
        i += 1
        if i in seen:
            continue
        seen.add(i)
        total = total * 0.5 + x[i % 4] * i
        if abs(total) > 5 or i >= 9:
            break
    else:
        total = 0
    return total if total else x[0]


X4 = np.array([0.7, -0.4, 1.2, 0.3])
CASES = {
    layers_with_registry: X4, states_with_operators: X4, generator_of_residuals: X4, sliding_pairs: rng.normal(size=6),
    power_series_by_takewhile: 0.8, grouped_and_chained: rng.normal(size=5), priority_queue_merge: rng.uniform(0.5, 2, 5),
    standard_statistics: X4, mathematics_of_scalars: 0.83, complex_by_parts: X4[:2], jittered_cholesky: X4[:3], safe_division: X4,
    container_of_a_field: X4, reports_and_prints: X4, checked_inputs: X4, ufunc_methods: X4, vectorized_functions: X4,
    vectorized_with_signature: X4, along_axes: X4, choices: X4, masks_and_puts: X4, building_matrices: X4, grids: X4,
    looping_over_elements: X4, nditer_loop: X4, shapes_and_axes: X4, contractions: X4, linear_algebra_tour: X4,
    in_place_householder: X4, lu_with_pivoting: X4, exponential_by_scaling: X4, augmented_everything: X4, out_arguments: X4,
    zero_dimensional: X4, number_types: X4, histograms_and_bins: X4, selection: X4, polynomials_of_numpy: X4, counted_words: X4,
    deep_structures: X4, recursion_with_memory: X4, simulated_annealing_fixed: X4, gradient_descent_with_line_search: X4[:2],
    bfgs_by_hand: X4[:2], interval_lookup: X4, closures_and_partials: X4, masked_arrays: X4, object_of_arrays: X4, text_table: X4,
    truncated_fourier: X4, angles_and_logs: X4, differences_and_integrals: X4, averages: X4, aliases_and_views: X4,
    while_true_with_flags: X4,
}  # fmt: skip
OPTS = {}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], **{"rtol": 3e-6, "h": 3e-4} | OPTS.get(f, {}))
