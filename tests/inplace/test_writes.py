"""Writes against plain NumPy: arguments, casting errors, aliasing, nesting, what stays untouched."""

import numpy as np
import pytest
from check import check

import wengert as wg

X = np.array([[0.9, -0.4, 0.35], [-0.7, 0.25, 1.1]])


def test_write_into_the_argument_leaves_the_callers_array():
    def f(x, y):
        x[0] = x[1] * 2.0
        x[1, 1] = 5.0
        y += x
        return np.sum(x * x) + np.sum(y)

    x, y = X.copy(), np.ones((2, 3))
    got = wg.grad(f, argnums=(0, 1))(x, y)
    np.testing.assert_allclose(got[0], [[0, 0, 0], [10 * X[1, 0] + 3, 8 * X[1, 1] + 2, 10 * X[1, 2] + 3]])
    np.testing.assert_array_equal(got[1], np.ones((2, 3)))
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, np.ones((2, 3)))


def test_write_into_an_argument_that_is_not_differentiated():
    def f(x, work):
        work[:] = x
        work *= x
        return np.sum(work)

    work = np.zeros((2, 3))
    np.testing.assert_allclose(wg.grad(f)(X, work), 2 * X)


CASTING = {
    "complex into real, +=": lambda x: x.__iadd__(1j * x),
    "complex into real, constant": lambda x: x.__imul__(1j),
    "complex into real, **=": lambda x: x.__ipow__(1j),
    "complex into real, /=": lambda x: x.__itruediv__(1j * x),
    "shape grows": lambda x: x.__iadd__(np.ones((3, 2, 3))),
    "shape grows, recorded": lambda x: x[0].__imul__(x),
    "shape does not broadcast": lambda x: x.__iadd__(np.ones(2)),
    "out= of a wrong shape": lambda x: np.sin(x, out=np.zeros(2)),
    "out= of a wrong dtype": lambda x: np.multiply(x, 1j, out=np.zeros((2, 3))),
    "out= for integers": lambda x: np.add(x, 1.0, out=np.zeros((2, 3), int)),
    "complex number into real": lambda x: x.__setitem__((0, 0), 1j),
    "assign a wrong shape": lambda x: x.__setitem__(slice(None), np.ones((2, 2))),
    "assign too many": lambda x: x.__setitem__((0, 0), x),
    "mask of a wrong shape": lambda x: x.__setitem__(np.array([True, False, True]), 0.0),
    "mask with too few values": lambda x: x.__setitem__(x > 0, np.ones(2)),
    "index out of bounds": lambda x: x.__setitem__(5, 1.0),
    "float index": lambda x: x.__setitem__(1.5, 1.0),
    "read-only broadcast": lambda x: np.broadcast_to(x, (4, 2, 3)).__setitem__(0, 1.0),
    "read-only diagonal": lambda x: np.diagonal(x).__setitem__(0, 1.0),
    "imaginary part of reals": lambda x: setattr(x, "imag", 1.0),
    "bitwise": lambda x: x.__iand__(1),
    "string": lambda x: x.__setitem__(0, "a"),
    "add.at out of bounds": lambda x: np.add.at(x, [7], 1.0),
}


@pytest.mark.parametrize("name", CASTING)
def test_the_error_is_numpys(name):
    with pytest.raises(Exception) as plain:  # noqa: PT011
        CASTING[name](X.copy())
    with pytest.raises(Exception) as ours:  # noqa: PT011
        wg.grad(lambda x: CASTING[name](x * 1.0))(X)
    assert type(ours.value) is type(plain.value)
    assert str(plain.value).startswith(str(ours.value))


def test_a_failed_write_changes_nothing():
    def f(x):
        y = x * 1.0
        with pytest.raises(ValueError, match="broadcast"):
            y[0] = np.ones(2)
        with pytest.raises(ValueError, match="broadcast"):
            y += np.ones(4)
        return np.sum(y * y)

    np.testing.assert_allclose(wg.grad(f)(X), 2 * X)


def test_kept_dtype():
    x32 = X.astype(np.float32)
    seen = []

    def f(x):
        y = x * 1
        y += np.ones(3)
        y *= 2.0
        y[0] = np.float64(3.0) * y[1]
        seen.append(y.dtype)
        z = np.zeros(3, np.float32)
        z[:] = x[0].astype(np.float64)
        seen.append(z.dtype)
        return np.sum(y) + np.sum(z)

    got = wg.grad(f)(x32)
    assert seen == [np.float32, np.float32]
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, [[1, 1, 1], [8, 8, 8]])


# ── nesting ──


def test_nested_derivatives_of_an_in_place_program():
    def inner(t, x):
        y = np.zeros(3)
        for k in range(3):
            y[k] = x[k] * t
        y[1:] *= y[:-1]
        return np.sum(y * y)

    def outer(x):
        z = x * 1.0
        z[0] = wg.grad(inner)(x[1], x)
        z[2] *= wg.derivative(inner)(z[0], z)
        return np.sum(z)

    x = np.array([0.5, 0.7, 0.9])

    def closed_inner_slope(t, x):
        # y = (x0 t, x0 x1 t², x1 x2 t²): the second product reads y[1] as it was before.
        return 2 * x[0] ** 2 * t + 4 * t**3 * ((x[0] * x[1]) ** 2 + (x[1] * x[2]) ** 2)

    def closed(x):
        z0 = closed_inner_slope(x[1], x)
        z = np.array([z0, x[1], x[2]])
        return z0 + x[1] + x[2] * closed_inner_slope(z0, z)

    h = 1e-6
    expected = [(closed(x + h * e) - closed(x - h * e)) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(wg.grad(outer)(x), expected, rtol=1e-6)
    np.testing.assert_allclose(wg.jacobian(outer, mode="forward")(x), expected, rtol=1e-6)


def test_a_buffer_shared_between_levels():
    """An outer buffer is written to inside an inner derivative; both levels see NumPy's meaning."""

    def outer(x):
        buffer = np.zeros(2)
        buffer[0] = x * x

        def inner(t):
            buffer[1] = wg.stop_gradient(t) * x
            local = buffer * t
            local[0] *= t
            return np.sum(local)  # x² t² + t·(t x), the second t held

        slope = wg.grad(inner)(3.0)  # 2 x² t + t x = 6x² + 3x
        return slope + buffer[1]  # + 3x

    assert wg.grad(outer)(2.0) == pytest.approx(24.0 + 6.0)
    assert wg.jvp(outer, (2.0,), (1.0,)) == pytest.approx((36.0, 30.0))


def test_an_outer_array_is_written_by_the_inner_function():
    def outer(x):
        a = x * 1.0

        def inner(t):
            b = a * t
            b[0] = a[1] * t * t
            return np.sum(b * b)

        g = wg.grad(inner)(2.0)
        a[0] = 10.0
        return g + a[0] * a[1]

    x = np.array([1.0, 3.0])
    # inner = x1² t⁴ + x1² t²: slope 4 x1² t³ + 2 x1² t = 36 x1² at t = 2; then + 10 x1
    np.testing.assert_allclose(wg.grad(outer)(x), [0.0, 72.0 * 3.0 + 10.0])


def test_an_inner_value_left_in_an_outer_buffer_is_refused():
    def outer(x):
        buffer = np.zeros(2)

        def inner(t):
            buffer[0] = t * x
            return t * t

        wg.grad(inner)(3.0)
        return np.sum(buffer)

    with pytest.raises(TypeError, match="no longer valid"):
        wg.grad(outer)(2.0)


def test_hessian_of_in_place_program():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0] * x[1]
        y[1:] = y[0] * x[1:]
        y[[0, 0]] += x[:2]
        y *= y
        return np.sum(y)

    def functional(x):
        p = x[0] * x[1]
        return (p + x[1]) ** 2 + (p * x[1]) ** 2 + (p * x[2]) ** 2

    x = np.array([0.4, -1.2, 0.8])
    np.testing.assert_allclose(wg.hessian(f)(x), wg.hessian(functional)(x), rtol=1e-12)
    np.testing.assert_allclose(
        wg.jacobian(wg.grad(f), mode="reverse")(x), wg.hessian(functional)(x), rtol=1e-12, atol=1e-13
    )


# ── what a write costs, and what it may not touch ──


def test_views_of_a_captured_constant():
    c = np.arange(4.0)

    def f(x):
        v = c[1:3]
        c[2] = 7.0
        return np.sum(v * x)

    before = c.copy()
    try:
        np.testing.assert_array_equal(wg.grad(f)(np.ones(2)), [1.0, 7.0])
        np.testing.assert_array_equal(c, [0.0, 1.0, 7.0, 3.0])
    finally:
        c[:] = before


def test_many_writes_are_linear():
    n = 20_000

    def f(x):
        y = np.zeros(n)
        y[0] = x
        for k in range(1, n):
            y[k] = y[k - 1] * 1.0001
        return y[-1]

    expected = 1.0
    for _ in range(1, n):
        expected *= 1.0001
    assert wg.grad(f)(1.0) == pytest.approx(expected)
    assert wg.jvp(f, (1.0,), (1.0,))[1] == pytest.approx(expected)


@pytest.mark.parametrize("ufunc", [np.multiply, np.divide, np.maximum, np.subtract])
def test_at_with_repeated_places(ufunc):
    places, b = np.array([1, 0, 1, 1]), np.array([0.3, 2.0, 1.7, 0.9])

    def f(x, b):
        y = x * 1.0
        ufunc.at(y, places, b)
        return np.sum(y * y)

    def spelled(x, b):
        y = [x[0], x[1], x[2]]
        for k, p in enumerate(places):
            y[p] = ufunc(y[p], b[k])
        return y[0] ** 2 + y[1] ** 2 + y[2] ** 2

    x = np.array([0.5, 1.2, -0.7])
    got, expected = (wg.grad(g, argnums=(0, 1))(x, b) for g in (f, spelled))
    np.testing.assert_allclose(got[0], expected[0])
    np.testing.assert_allclose(got[1], expected[1])
    plain = x.copy()
    ufunc.at(plain, places, b)
    assert wg.vjp(f, x, b)[0] == np.sum(plain * plain)


def test_negative_at_unary():
    def f(x):
        y = x * 1.0
        np.negative.at(y, [0, 0, 1])
        return np.sum(y * x)

    np.testing.assert_array_equal(wg.grad(f)(np.array([2.0, 3.0])), [4.0, -6.0])


# ── out=, where=, dtype= ──


def test_divide_where_it_is_defined():
    """The idiom np.divide(a, b, out=zeros, where=b != 0) neither warns nor makes NaN."""

    def f(a, b):
        ratio = np.divide(a, b, out=np.zeros_like(a), where=b != 0)
        return np.sum(ratio * a)

    a, b = np.array([3.0, 4.0, 5.0]), np.array([2.0, 0.0, -1.0])
    value, got = wg.value_and_grad(f, argnums=(0, 1))(a, b)
    assert value == f(a, b)
    np.testing.assert_allclose(got[0], [3.0, 0.0, -10.0])
    np.testing.assert_allclose(got[1], [-9.0 / 4.0, 0.0, -25.0])
    dots = (np.ones(3), np.ones(3))
    assert wg.jvp(f, (a, b), dots)[1] == pytest.approx(np.sum(got[0]) + np.sum(got[1]))
    assert np.isfinite(wg.hessian(f)(a, b)).all()


def test_where_broadcasts_and_numbers():
    def f(x):
        y = np.ones((2, 3))
        np.log(x, out=y, where=np.array([True, False, True]))
        np.add(y, 2.0, out=y, where=np.array([[True], [False]]))
        return np.sum(y * y)

    x = np.array([1.5, -1.0, 2.5])
    y = np.log(np.array([1.5, 1.0, 2.5]))
    expected = [2 * (y[0] + 2 + y[0]) / 1.5, 0.0, 2 * (y[2] + 2 + y[2]) / 2.5]
    np.testing.assert_allclose(wg.grad(f)(x), expected)


def test_dtype_computes_in_that_dtype():
    x = np.linspace(0.1, 1.0, 5, dtype=np.float32)

    def f(x):
        return np.multiply(x, x, dtype=float)

    y, pullback = wg.vjp(f, x)
    np.testing.assert_array_equal(y, f(x))
    assert y.dtype == np.float64
    (got,) = pullback(np.ones(5))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, 2 * x)


def test_out_of_two_results():
    def f(x):
        whole, part = np.zeros(3), np.zeros(3)
        np.divmod(x, 2.0, out=(whole, part))
        return np.sum(part * x) + np.sum(whole)

    x = np.array([0.5, 3.5, 5.0])
    np.testing.assert_allclose(wg.grad(f)(x), x % 2.0 + x)


def test_out_of_a_piecewise_constant_function_may_be_plain():
    plain = np.zeros(3)
    assert not wg.grad(lambda x: np.sum(np.floor(x, out=plain)))(np.array([1.5, 2.5, -0.5])).any()
    np.testing.assert_array_equal(plain, [1.0, 2.0, -1.0])


def test_the_conjugate_of_a_real_array_is_the_array():
    """As in NumPy: the method hands on the same memory, the function a copy."""

    def f(x):
        y = x * 2.0
        for method in (y.conj, y.conjugate):
            z = method()
            z[0] *= 3.0
        np.conj(y)[1] = 0.0
        return y

    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(f(x), [18.0, 4.0])
    np.testing.assert_array_equal(wg.jacobian(f)(x), [[18.0, 0.0], [0.0, 2.0]])
    np.testing.assert_array_equal(wg.jit(f)(x), f(x))


VIEWS = {
    "a row": lambda a: a[0],
    "a part of a row": lambda a: a[1, 1:],
    "a view of a view": lambda a: a[1:][0][::2],
    "a column, by a new axis": lambda a: a[:, 1, None],
    "an element": lambda a: a[0, 1, ...],
    "the transpose": lambda a: a.T[1:],
    "another shape": lambda a: a.reshape(-1)[2:5],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("key", [Ellipsis, (Ellipsis, slice(None, None, -1))], ids=["all", "backwards"])
def test_writes_through_views_for_many_tangents_at_once(view, key):
    """All columns of the Jacobian in one sweep, as each alone; a write of what has no derivative clears it."""

    def f(x):
        a = np.outer(x, x[:2])[:2].repeat(2, axis=1)
        part = view(a)
        key_of = key if np.ndim(part) else Ellipsis
        part[key_of] = np.sin(part * x[0])
        a[0, 0] = 1.0
        part[key_of] *= x[1]
        return a

    x = np.array([0.3, 0.7, 1.1])
    alone = [wg.jvp(f, (x,), (unit,))[1] for unit in np.eye(3)]
    np.testing.assert_allclose(wg.jacobian(f, mode="forward")(x), np.stack(alone, -1), rtol=1e-14)


LAYOUTS = {
    "by columns": lambda x: np.asfortranarray(np.outer(x, x[:2])).ravel("F"),
    "as in memory": lambda x: np.outer(x, x[:2]).copy(order="F").ravel("K"),
    "of a transposed array": lambda x: np.multiply.outer(x, np.outer(x, x[:2])).transpose(2, 0, 1).ravel("K"),
}


@pytest.mark.parametrize("flat", LAYOUTS.values(), ids=LAYOUTS)
def test_writes_through_flat_views_of_other_layouts(flat):
    """A copy of the tangents in C order would have no such view: what was written would be lost."""

    def f(x):
        a = flat(x)
        owner = a if a.base is None else a.base
        a[1:4] = np.sin(x)
        a[::-2] *= x[1]
        return owner * 1.0

    x = np.array([0.3, 0.7, 1.1])
    assert flat(x).base is not None
    alone = [wg.jvp(f, (x,), (unit,))[1] for unit in np.eye(3)]
    np.testing.assert_allclose(wg.jacobian(f, mode="forward")(x), np.stack(alone, -1), rtol=1e-14)
    check(f, x)


def test_the_layout_of_an_argument_is_no_part_of_a_compiled_function():
    def f(x):
        return x.ravel(order="K") @ np.arange(6.0) ** 2 + x.reshape(-1, order="A") @ np.arange(6.0)

    x = np.arange(6.0).reshape(2, 3) * 0.3
    value, slope = wg.jit(f), wg.jit(wg.grad(f))
    for point in (x, np.asfortranarray(x), x[:, ::-1], x):
        assert value(point) == f(point)
        np.testing.assert_array_equal(slope(point), wg.grad(f)(point))
