"""Arrays made of recorded values, and plain ones that recorded values are written into."""

from typing import NamedTuple

import numpy as np
import pytest
from check import check

import wengert as wg

rng = np.random.default_rng(11)
V = rng.normal(size=3)
M = rng.normal(size=(2, 3))
Z = rng.normal(size=3) + 1j * rng.normal(size=3)


def square(y):
    return y * y


def filled(n, x):
    y = np.zeros(n)
    for k in range(n):
        y[k] = x * k
    return y


def written(y, a, v):
    y[0] = a
    y[-1] = v[0] * a
    return y


CREATED = {
    "scalars": lambda a, v: np.array([a, v[0] * a]),
    "tuple": lambda a, v: np.array((a, 2.0, v[0])),
    "matrix": lambda a, v: np.array([[a, 1], [v[0], a * v[1]]]),
    "three_levels": lambda a, v: np.array([[[a], [v[0]]], [[1], [2.0]]]),
    "vectors": lambda a, v: np.array([v, v * a, np.arange(3)]),
    "vectors_and_lists": lambda a, v: np.array([v, [1, 2, 3], [a, 0, v[1]]]),
    "lists_of_vectors": lambda a, v: np.array([[v, v], [v * a, np.ones(3)]]),
    "zero_d": lambda a, v: np.array([np.array(a), np.array(2.0), np.sum(v)]),
    "one": lambda a, v: np.array([a]) * v,
    "dtype": lambda a, v: np.array([a, v[0]], dtype=complex),
    "float64": lambda a, v: np.array([a, v[0], 1], dtype=np.float64),
    "dtype_name": lambda a, v: np.array([a, v[0]], "f8"),
    "ndmin": lambda a, v: np.array([a, v[0]], ndmin=3),
    "ndmin_value": lambda a, v: np.array(v, ndmin=2) * a,
    "copy_value": lambda a, v: np.array(v) * a,
    "scalar_value": lambda a, v: np.array(a) * v,
    "asarray": lambda a, v: np.asarray([a, v[1]]),
    "asarray_scalar": lambda a, v: np.asarray(a) * v,
    "asarray_float": lambda a, v: np.asarray(v, dtype=float) * a,
    "asanyarray": lambda a, v: np.asanyarray([v, v]) * a,
    "asarray_chkfinite": lambda a, v: np.asarray_chkfinite([a, v[0]]),
    "asfarray": lambda a, v: np.asarray(v, np.complex128) * a,
    "ascontiguousarray": lambda a, v: np.ascontiguousarray([a, v[0]]),
    "ascontiguousarray_scalar": lambda a, v: np.ascontiguousarray(a) * v,
    "of_generator": lambda a, v: np.array([x * a for x in v]),
    "of_list": lambda a, v: np.array(list(v)) * a,
    "of_sorted": lambda a, v: np.array(sorted([a, *v])),
    "of_zip": lambda a, v: np.array(list(zip(v, v * a, strict=True))),
    "starts_plain": lambda a, v: np.array([0.0, 1, a]),
    "float32": lambda a, v: np.array([a, v[0]], dtype=np.float64) * np.float32(2),
    "fromiter": lambda a, v: np.fromiter((x * a for x in v), float),
    "fromiter_count": lambda a, v: np.fromiter((x * a for x in v), np.float64, count=2),
    "fromfunction": lambda a, v: np.fromfunction(lambda i, j: i * a + j * v[0], (2, 3)),
    "full": lambda a, v: np.full(3, a) * v,
    "full_shape": lambda a, v: np.full((2, 3), a),
    "full_row": lambda a, v: np.full((2, 3), v) * a,
    "full_list": lambda a, v: np.full((2, 3), [a, 1.0, v[0]]),
    "full_dtype": lambda a, v: np.full(3, a, dtype=complex) * v,
    "full_written": lambda a, v: written(np.full(3, 0.5), a, v),
    "full_like": lambda a, v: np.full_like(v, a),
    "full_like_shape": lambda a, v: np.full_like(v, v[0], shape=(2, 2)) * a,
    "ones_times": lambda a, v: np.ones(3) * a,
    "zeros_written": lambda a, v: written(np.zeros(3), a, v),
    "zeros_filled": lambda a, v: filled(4, a) * v[0],
    "empty_written": lambda a, v: written(np.empty(2), a, v),
    "zeros_like": lambda a, v: written(np.zeros_like(v), a, v),
    "ones_like": lambda a, v: written(np.ones_like(v), a, v),
    "empty_like": lambda a, v: written(np.empty_like(v[:2]), a, v),
    "zeros_like_list": lambda a, v: written(np.zeros_like([a, v[0], 1.0]), a, v),
    "eye": lambda a, v: np.eye(3) * a,
    "eye_written": lambda a, v: written(np.eye(3), a, v),
    "identity": lambda a, v: np.identity(3) @ v * a,
    "diag_plain": lambda a, v: written(np.diag([1.0, 2.0, 3.0]), a, v),
    "arange_times": lambda a, v: np.arange(3) * a,
    "arange_written": lambda a, v: written(np.arange(3.0), a, v),
    "arange_start": lambda a, v: np.arange(a, 5.0),
    "arange_step": lambda a, v: np.arange(0.0, 5.3, a),
    "arange_all": lambda a, v: np.arange(a, 2.0 + a, a / 2.1),
    "arange_stop": lambda a, v: np.arange(a + 2.5) * a,
    "arange_keyword": lambda a, v: np.arange(0.0, stop=3.0, step=a),
    "linspace": lambda a, v: np.linspace(a, 3.0, 5),
    "linspace_both": lambda a, v: np.linspace(a, v[0], 5),
    "linspace_stop": lambda a, v: np.linspace(0, a),
    "linspace_open": lambda a, v: np.linspace(a, v[0], 5, endpoint=False),
    "linspace_vectors": lambda a, v: np.linspace(v, a, 4),
    "linspace_axis": lambda a, v: np.linspace(a, v, 4, axis=-1),
    "linspace_lists": lambda a, v: np.linspace([a, 1.0], [v[0], v[1]], 3),
    "linspace_one": lambda a, v: np.linspace(a, v[0], 1),
    "linspace_none": lambda a, v: np.append(np.linspace(a, v[0], 0), a),
    "linspace_retstep": lambda a, v: np.linspace(a, v[0], 5, retstep=True)[1] * np.linspace(a, 1.0, 5, retstep=True)[0],
    "linspace_written": lambda a, v: written(np.linspace(0, 1, 4), a, v),
    "logspace": lambda a, v: np.logspace(a, 1.0, 4),
    "logspace_base": lambda a, v: np.logspace(0.0, 1.0, 4, base=a),
    "geomspace": lambda a, v: np.geomspace(a, 4.0, 4),
    "geomspace_both": lambda a, v: np.geomspace(a, np.exp(v[0]), 4, endpoint=False),
    "indices": lambda a, v: np.indices((2, 3))[1] * a,
    "mgrid": lambda a, v: np.mgrid[0:2, 0:3][0] * a,
    "mgrid_recorded": lambda a, v: np.mgrid[a:3:4j],
    "mgrid_two": lambda a, v: np.mgrid[a:3:4j, 0 : v[0] : 3j],
    "mgrid_step": lambda a, v: np.mgrid[a:3:0.5],
    "ogrid": lambda a, v: np.ogrid[a:3:4j] * a,
    "tri": lambda a, v: np.tri(3) * v * a,
    "meshgrid": lambda a, v: np.meshgrid(v, [a, 1.0])[1],
    "r_slice": lambda a, v: np.r_[0:a:3j, v],
    "r_step": lambda a, v: np.r_[a:4:1.0],
    "block": lambda a, v: np.block([[a, v[:2]], [v[1:, None], np.eye(2)]]),
    "copyto": lambda a, v: copied(a, v),
    "fill": lambda a, v: with_fill(a) * v,
    "complex_parts": lambda a, v: np.array([a + 1j * v[0], v[1], 2j]),
    "asarray_nested": lambda a, v: np.asarray([[x, x * a] for x in v]),
    "stack_of_arrays": lambda a, v: np.stack([v * x for x in (a, 2.0)]),
    "object_rows": lambda a, v: np.array([v[0], a], dtype=object).sum(),
}


def copied(a, v):
    y = np.zeros(3)
    np.copyto(y, v * a)
    return y


def with_fill(a):
    y = np.empty(3)
    y.fill(a)
    return y


@pytest.mark.parametrize("name", CREATED)
def test_created(name):
    f = CREATED[name]
    h = 1e-3 if name != "arange_stop" else 1e-4
    check(lambda a, v: square(f(a, v)), 1.25, V, h=h)


def test_complex_leaves():
    check(lambda x, z: square(np.array([x, z[0], 1.0])), 1.5, Z)
    check(lambda x, z: np.full(3, x) * z, 1.5, Z)
    check(lambda x, z: np.linspace(x, z, 4), V, Z)


def test_many_leaves():
    x = rng.normal(size=(2, 3, 4))
    check(lambda x: square(np.array([[[e for e in row] for row in block] for block in x])), x)  # noqa: C416


def test_integers_end_the_derivative():
    assert wg.grad(lambda a: np.sum(np.array([a, 2.7], dtype=int)) * a)(3.5) == 5.0
    assert wg.grad(lambda a: np.sum(np.full(2, a, dtype=int)) * a)(3.5) == 6.0
    assert wg.grad(lambda a: np.sum(np.linspace(0, a, 3, dtype=int)) * a)(4.0) == 6.0


def test_ragged_lists_are_refused_as_numpy_refuses_them():
    with pytest.raises(ValueError, match="inhomogeneous"):
        wg.jvp(lambda a: np.array([[a, a], [a]]), (1.0,), (1.0,))
    with pytest.raises(ValueError, match="iterator too short"):
        wg.jvp(lambda a: np.fromiter((a for _ in range(2)), float, count=3), (1.0,), (1.0,))


def test_float32():
    x = np.float32(1.5)
    for f in (
        lambda a: np.array([a, a]),
        lambda a: np.full(3, a),
        lambda a: np.array([a, 1.0], dtype=np.float32),
        lambda a: np.linspace(a, np.float32(2), 3),
        lambda a: np.r_[np.ones(2, np.float32), a],
        lambda a: np.full_like(np.ones(2, np.float32), a),
    ):
        value, slope = wg.jvp(f, (x,), (x,))
        assert value.dtype == f(x).dtype
        assert slope.dtype == f(x).dtype


def test_nothing_remains_after_a_derivative():
    before = (np.zeros, np.array, np.r_, np.linspace, np.arange, np.full)
    wg.grad(lambda a: np.sum(np.r_[np.arange(3) * a]))(2.0)
    assert (np.zeros, np.array, np.r_, np.linspace, np.arange, np.full) == before
    assert type(np.r_[0.0, 1.0]) is np.ndarray


LISTS = {
    "dot": lambda a, b: np.dot([a, b], [b, 1.0]),
    "einsum": lambda a, b: np.einsum("i,i", [a, b], [b, b]),
    "outer": lambda a, b: np.outer([a, b], [1, 2]),
    "diag": lambda a, b: np.diag([a, b]),
    "tile": lambda a, b: np.tile([a, b], 2),
    "vander": lambda a, b: np.vander([a, b]),
    "repeat": lambda a, b: np.repeat([a, b], 2),
    "reshape": lambda a, b: np.reshape([a, b, 1.0, 2.0], (2, 2)),
    "transpose": lambda a, b: np.transpose([[a, b]]),
    "atleast_2d": lambda a, b: np.atleast_2d([a, b]),
    "append": lambda a, b: np.append(np.eye(2), [a, b]),
    "concatenate": lambda a, b: np.concatenate([[a, b], [1.0]]),
    "vstack": lambda a, b: np.vstack([[a, b], [1.0, 2.0]]),
    "column_stack": lambda a, b: np.column_stack([[a, b], [1.0, 2.0]]),
    "matmul": lambda a, b: np.eye(2) @ [a, b],
    "kron": lambda a, b: np.kron([a, b], [1.0, 2.0]),
    "cross": lambda a, b: np.cross([a, b, 1.0], [1.0, 2.0, 3.0]),
    "pad": lambda a, b: np.pad([a, b], 1),
    "multi_dot": lambda a, b: np.linalg.multi_dot([np.array([a, b]), np.eye(2), np.array([b, 1.0])]),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_recorded_numbers(name):
    check(lambda a, b: square(LISTS[name](a, b)), 1.5, 0.7)


def test_iterators():
    check(lambda x: sum(v * v * (i + 2 * j) for (i, j), v in np.ndenumerate(x)), M)
    check(lambda x: sum(a * b for a, b in np.broadcast(x, x[0])) * np.broadcast(x, x[0]).size, M)
    check(lambda x: sum(np.sin(v).sum() for v in np.nditer(x, flags=["external_loop"])), M)


class Pair(NamedTuple):
    a: object
    b: object


class Row(list):
    """A list of a class of one's own."""


@pytest.mark.parametrize("make", [Pair, lambda a, b: Row([a, b])])
def test_named_tuples_and_lists_of_ones_own(make):
    """NumPy makes arrays of them as of any other."""

    def f(x):
        z = np.zeros(2)
        z[:] = make(x, 3 * x)
        joined = np.concatenate([make(x, x), np.ones(2)])
        table = np.array([make(x, 1.0), make(2.0, x**2)])
        return z, joined, table, np.sum(make(x, x)), np.exp(make(x, 1.0)), np.asarray(make(1.0, x), dtype=float)

    check(f, 1.3)
    assert np.array(make(1, 2)).dtype == int
