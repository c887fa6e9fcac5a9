"""Programs as public repositories have them: classes over buffers, functions held by objects, masks in which nothing is masked."""

import copy
import pickle

import numpy as np
import pytest
from check import check
from scipy import interpolate
from scipy.spatial import ConvexHull

import wengert as wg
from wengert.errors import NoDerivative

X = np.array([0.7, -1.3, 0.4, 1.9])
SPD = np.array([[2.0, 0.3, 0.1, 0.0], [0.3, 1.5, 0.2, 0.1], [0.1, 0.2, 1.2, 0.3], [0.0, 0.1, 0.3, 1.1]])
LOWER = np.linalg.cholesky(SPD)


# ── subclasses of np.ndarray made over a buffer, or filled ──


class Versor(np.ndarray):
    """NumPy's own way: __new__ of np.ndarray, over the memory of an array."""

    def __new__(cls, q, order="H", **kwargs):
        q = np.array(q, dtype=float)
        q /= np.linalg.norm(q)
        obj = super().__new__(cls, q.shape, float, q)
        obj.A = q
        obj.order = order
        return obj

    def __array_finalize__(self, obj):
        if obj is not None:
            self.A = getattr(obj, "A", np.array([1.0, 0.0, 0.0, 0.0]))
            self.order = getattr(obj, "order", "H")

    @property
    def w(self):
        return self.A[0]

    @property
    def conjugate(self):
        return self.A * np.array([1.0, -1.0, -1.0, -1.0])

    def product(self, q):
        w, x, y, z = self.A
        r = np.asarray(q)
        return np.array([w * r[0] - x * r[1], w * r[1] + x * r[0], y * r[2] - z * r[3], y * r[3] + z * r[2]])

    def __mul__(self, q):
        return Versor(self.product(q))


class Info(np.ndarray):
    """The example of NumPy's documentation."""

    def __new__(subtype, shape, dtype=float, buffer=None, offset=0, strides=None, order=None, info=None):
        obj = super().__new__(subtype, shape, dtype, buffer, offset, strides, order)
        obj.info = info
        return obj

    def __array_finalize__(self, obj):
        if obj is not None:
            self.info = getattr(obj, "info", None)


class Filled(np.ndarray):
    def __new__(cls, values, unit="m"):
        obj = np.ndarray.__new__(cls, np.shape(values))
        obj[:] = values
        obj.unit = unit
        return obj

    def __array_finalize__(self, obj):
        self.unit = getattr(obj, "unit", "?")

    def squared(self):
        return self @ self


def versors(x):
    p, q = Versor(x), Versor(x[::-1] + 2.0)
    return (p * q).w, p.conjugate, np.asarray(q.product(p)), np.asarray(p) ** 2


def versors_kept_in_a_table(x):
    table = np.zeros((3, 4))
    table[0] = Versor(x)
    for k in range(2):
        table[k + 1] = Versor(table[k] + 0.1 * x)
    return table


def a_buffer_seen_as_a_class(x):
    memory = x * x
    a = Info((2, 2), buffer=memory, info="a")
    b = Info((2, 2), buffer=memory, order="F", info="b")
    c = Info((2,), float, memory, 8)
    memory[1] = x[0]
    return np.asarray(a * 2.0), np.asarray(b @ a), np.asarray(c) * x[3]


def filled_in_place(x):
    return np.asarray(Filled(x * 3.0).squared()), np.asarray(Filled(x) * 2.0)


@pytest.mark.parametrize("f", [versors, versors_kept_in_a_table, a_buffer_seen_as_a_class, filled_in_place])
def test_subclasses_over_buffers(f):
    check(f, X)


def test_attributes_of_a_result_are_plain():
    """What a result's attributes hold does not outlive its recording."""
    y, _ = wg.jvp(Versor, (X,), (np.ones(4),))
    assert (type(y), type(y.A)) == (Versor, np.ndarray)
    np.testing.assert_array_equal(y.conjugate, Versor(X).conjugate)


def test_a_buffer_with_strides_is_refused():
    with pytest.raises(NoDerivative, match="over parts of the memory"):
        wg.jvp(lambda x: Info((2,), float, x, 0, (16,)), (X,), (X,))


# ── ufuncs that objects hold, called with lists; copies of such objects ──


class Filter:
    link = np.exp

    def __init__(self, residual=np.subtract, kind=np.float64):
        self.x, self.residual, self.kind, self.rows = np.array([1.0, 2.0]), residual, kind, np.r_

    def step(self, z):
        self.x = self.x + 0.5 * self.residual([z[0], z[1] * z[0]], self.x) * self.link([z[2], z[1]])
        return self.x


HELD = Filter()
TABLE = [np.tanh, np.exp]


def applied_by(u):
    return lambda x: u([x[0], x[1] * x[2]])


def held_by_a_copy(x):
    model = copy.deepcopy(HELD)
    model.step(x)
    model = copy.copy(model)
    return model.step(x), model.rows[model.x, model.kind(x[3])]


def held_by_a_pickle(x):
    model = Filter()
    del model.rows
    model = pickle.loads(pickle.dumps(model))
    return model.step(x) * model.kind(2)


def held_by_a_list(x):
    return [u([x[0], x[1]]) for u in TABLE]


@pytest.mark.parametrize("f", [held_by_a_copy, held_by_a_pickle, held_by_a_list, applied_by(np.arctan)])
def test_ufuncs_that_are_held(f):
    check(f, X)
    assert (HELD.residual, Filter.link, TABLE) == (np.subtract, np.exp, [np.tanh, np.exp])


def test_a_hull_of_recorded_points_has_no_secret_attributes():
    def area(x):
        hull = ConvexHull(np.reshape(np.append(x, [3.0, 2.5, -2.0, -3.0]), (-1, 2)))
        return hull.area if not hasattr(hull, "__setstate_cython__") else 0.0

    check(area, X)


# ── masked arrays in which nothing is masked ──


def innovations(x):
    z = np.ma.asarray([1.0, 2.0, 0.5, -0.3])
    gain, seen = SPD * x[0], np.ma.array([0.3, 0.1, -0.2, 1.0], mask=[False] * 4)
    if not np.any(np.ma.getmask(z)):
        x = x + gain.dot(z - x) + np.dot(SPD, seen * x) + (SPD * x) @ z + seen @ SPD
    return x, SPD.dot(z - x), (seen - x) @ SPD


def a_likelihood(x):
    observed = np.ma.atleast_2d(np.ma.array(np.arange(8.0).reshape(2, 4)))
    whitened = np.linalg.solve(LOWER, (observed - x).T).T
    return -0.5 * np.sum(whitened**2, axis=1), np.zeros_like(whitened) + x, np.cov(observed * x)


def as_plain_arrays(x):
    seen = np.ma.array([1.0, 2.0, 3.0, 4.0])
    table = np.zeros((2, 4))
    table[1] = seen * x
    return table, np.asarray(seen * x) ** 2, np.array(seen * x), np.atleast_2d(seen * x) @ SPD, np.outer(seen * x, seen)


def joined_and_moved(x):
    seen = np.ma.array([1.0, 2.0, 3.0, 4.0]) * x
    return np.concatenate([seen, x]), np.roll(seen, 1), np.gradient(seen), np.stack([seen, seen]), np.kron(seen, x[:2])


@pytest.mark.parametrize("f", [innovations, a_likelihood, as_plain_arrays, joined_and_moved])
def test_nothing_is_masked(f):
    check(lambda x: [np.ma.filled(y, 0.0) for y in f(x)], X)


def test_answers_about_what_is_masked_are_numpys():
    """np.isfinite computes under the mask too, and np.where sees what it computed."""

    def f(x):
        return np.where(np.isfinite(np.ma.array([1.0, 2.0, 3.0, 4.0], mask=[0, 1, 0, 0]) * x), x * x, 0.0)

    np.testing.assert_array_equal(f(X), X * X)
    check(f, X)


@pytest.mark.parametrize("f", [np.asarray, np.median, lambda y: np.dot(SPD, y), lambda y: np.linalg.solve(SPD, y)])
def test_what_is_masked_is_not_forgotten(f):
    with pytest.raises(NoDerivative, match="masked"):
        wg.jvp(lambda x: f(np.ma.array([1.0, 2.0, 3.0, 4.0], mask=[0, 1, 0, 0]) * x), (X,), (X,))


# ── polynomials in pieces, given values later or made of each other ──

KNOTS = np.linspace(0.0, 1.0, 4)


def values_given_later(y):
    later, more = [interpolate.BarycentricInterpolator(KNOTS, v, rng=0) for v in (None, y)]
    later.set_yi(y**2)
    more.add_xi([1.5], [y[0] * y[1]])
    return later(0.33), later.derivative(0.2), more(0.4)


def pieces_made_of_each_other(y):
    p = interpolate.PPoly(y.reshape(2, 2), [0.0, 0.5, 1.0])
    p.extend(y.reshape(2, 2) ** 2, [1.5, 2.0])
    b = interpolate.BPoly.from_power_basis(p)
    spline = interpolate.BSpline.from_power_basis(interpolate.CubicSpline(KNOTS, y))
    fast = interpolate.BSpline.construct_fast(np.r_[0.0, 0, 0, 0.5, 1, 1, 1], y, 2)
    return p(1.2), b(0.3), interpolate.PPoly.from_bernstein_basis(b)(1.7), spline(0.4), fast(0.3)


@pytest.mark.parametrize("f", [values_given_later, pieces_made_of_each_other])
def test_polynomials_in_pieces(f):
    check(f, X)


# ── shapes set in place, and iterators over object arrays ──


def shape_of_what_has_views(x):
    a = x * x
    first, tail, same = a[1:], a[1:][::2], a
    a.shape = (2, 2)
    first[0] = x[0] * 3.0
    a[1, 1] *= x[2]
    tail[0] += 1.0
    a.shape = (1, 4)
    return np.sin(a), first * tail[0], same[0, 1] ** 2


def shape_set_by_a_function(x):
    class System:
        pass

    def static(a):
        a.shape = (2, 2)

    system = System()
    system.b, buffer = x * 2.0, np.zeros(4)
    part = buffer[:2]
    static(system.b)
    static(buffer)
    part[1] = x[0]
    buffer[1] = x[2:] ** 2
    return system.b @ system.b, np.cos(part), buffer * x[3]


def iterated_objects(x):
    rows = np.empty((1, 2), dtype=object)
    rows[0, 0], rows[0, 1] = np.array([1.0, 2.0]) * x[0], np.array([x[1], 1.0, x[2]])
    total = sum(p.item().size * p.item().sum() for p in np.nditer(rows, flags=["refs_ok"]))
    return total, [place[1] * row.prod() for place, row in np.ndenumerate(rows)]


@pytest.mark.parametrize("f", [shape_of_what_has_views, shape_set_by_a_function, iterated_objects])
def test_shapes_in_place_and_objects(f):
    check(f, X)
