"""What a derivative needs is safe from later writes by anyone, and what it returns is nobody else's."""

import copy

import numpy as np
import pytest

import wengert as wg

# ── changes after the forward pass ──


def test_input_changed_before_the_pullback():
    x = np.array([1.0, 2.0])
    _, pullback = wg.vjp(lambda x: x * x, x)
    x[0] = 100.0
    np.testing.assert_array_equal(pullback(np.ones(2))[0], [2.0, 4.0])
    _, push = wg.linearize(lambda x: x * x, x)
    x[0] = -1.0
    np.testing.assert_array_equal(push(np.ones(2)), [200.0, 4.0])


def test_input_in_a_container_changed():
    p = {"w": np.array([1.0, 2.0]), "b": [np.array([3.0])]}
    _, pullback = wg.vjp(lambda p: np.sum(p["w"] ** 2 * p["b"][0]), p)
    p["w"][:] = 0.0
    p["b"][0][:] = 0.0
    (bar,) = pullback(1.0)
    np.testing.assert_array_equal(bar["w"], [6.0, 12.0])
    np.testing.assert_array_equal(bar["b"][0], [5.0])


def test_constant_argument_changed():
    c = np.array([1.0, 2.0])
    f = lambda c: lambda x: np.sum(x * c)
    _, pullback = wg.vjp(f(c), np.ones(2))
    c[:] = 50.0
    np.testing.assert_array_equal(pullback(1.0)[0], [1.0, 2.0])


CAPTURED = {
    "multiply": (lambda x, c: x * c, lambda c: c),
    "reflected": (lambda x, c: c * x, lambda c: c),
    "divide": (lambda x, c: x / c, lambda c: 1 / c),
    "power": (lambda x, c: x**c, lambda c: c * 2.0 ** (c - 1)),
    "where": (lambda x, c: np.where(c > 1.5, x, 3 * x), lambda c: np.where(c > 1.5, 1.0, 3.0)),
    "mask": (lambda x, c: x[c > 1.5] * 1.0, lambda c: (c > 1.5) * 1.0),
    "maximum": (lambda x, c: np.maximum(x, c), lambda c: np.where(c < 2, 1.0, 0.5)),
    "dot": (lambda x, c: np.dot(x, c), lambda c: c),
    "matmul": (lambda x, c: c @ x, lambda c: c),
    "einsum": (lambda x, c: np.einsum("i,i->", x, c), lambda c: c),
    "outer": (lambda x, c: np.outer(c, x), lambda c: np.full(2, np.sum(c))),
    "hypot": (lambda x, c: np.hypot(x, c), lambda c: 2 / np.hypot(2, c)),
    "list": (lambda x, c: x * [c[0], c[1]], lambda c: c),
    "broadcast view": (lambda x, c: x * np.broadcast_to(c, (3, 2)), lambda c: 3 * c),
    "slice": (lambda x, c: x[0] * c[1:], lambda c: np.array([c[1], 0])),
    "in place": (lambda x, c: np.multiply(x * 1.0, c, out=np.zeros(2)), lambda c: c),
    "out": (lambda x, c: x.copy().__imul__(c), lambda c: c),
    "assigned": (lambda x, c: _assigned(x, c), lambda c: c),
}


def _assigned(x, c):
    y = np.zeros(2)
    y[:] = c
    return y * x


@pytest.mark.parametrize("name", CAPTURED)
def test_captured_constant_changed(name):
    f, slope = CAPTURED[name]
    c = np.array([1.0, 2.0])
    expected = slope(c.copy())
    x = np.array([2.0, 2.0])
    _, pullback = wg.vjp(lambda x: np.sum(f(x, c)), x)
    _, push = wg.linearize(lambda x: np.sum(f(x, c)), x)
    c[:] = 50.0
    np.testing.assert_allclose(pullback(1.0)[0], expected)
    np.testing.assert_allclose([push(e) for e in np.eye(2)], expected)


def test_index_array_changed():
    places = np.array([0, 1, 1])

    def f(x):
        y = x[places] * 2.0
        z = np.zeros(3)
        z[places] = y
        places[:] = 2
        return np.sum(z * np.array([1.0, 10.0, 100.0]))

    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(wg.grad(f)(x), [2.0, 20.0, 0.0])
    places[:] = [0, 1, 1]
    _, push = wg.linearize(f, x)
    assert push(np.array([1.0, 1.0, 1.0])) == 22.0


def test_index_list_changed():
    places = [0, 1]

    def f(x):
        y = x[places]
        places.append(2)
        return np.sum(y)

    np.testing.assert_array_equal(wg.grad(f)(np.ones(3)), [1.0, 1.0, 0.0])


def test_mask_changed():
    mask = np.array([True, False])

    def f(x):
        y = x * 1.0
        y[mask] = x[mask] * 5.0
        z = np.where(mask, x, 0.0)
        mask[:] = ~mask
        return np.sum(y) + np.sum(z)

    np.testing.assert_array_equal(wg.grad(f)(np.ones(2)), [6.0, 1.0])


# ── changes during the forward pass ──


def test_captured_work_buffer_reused_in_a_loop():
    """Peers give 9 instead of 6: the buffer is a plain array, captured and refilled between uses."""
    work = np.zeros(1)

    def f(x):
        total = 0.0
        for k in range(1, 4):
            work[0] = k
            total = total + np.sum(x * work)
        return total

    np.testing.assert_array_equal(wg.grad(f)(np.ones(1)), [6.0])
    assert wg.jvp(f, (np.ones(1),), (np.ones(1),))[1] == 6.0


def test_captured_matrix_reused():
    a = np.eye(2)

    def f(x):
        y = a @ x
        a[0, 1] = 7.0
        z = a @ y
        a[:] = 0.0
        return np.sum(z)

    first = wg.grad(f)(np.ones(2))
    np.testing.assert_array_equal(first, [1.0, 8.0])


def test_inner_buffer_reused():
    def f(x):
        work = np.empty(2)
        total = 0.0
        for k in range(3):
            work[:] = x * k
            total = total + np.sum(work * x)
            work.fill(99.0)
        return total

    np.testing.assert_array_equal(wg.grad(f)(np.array([1.0, 2.0])), [6.0, 12.0])


def test_raw_array_changed_through_a_view():
    base = np.arange(6.0)
    view = base[::2]

    def f(x):
        y = np.sum(x * view)
        base[:] = -1.0
        return y

    np.testing.assert_array_equal(wg.grad(f)(np.ones(3)), [0.0, 2.0, 4.0])


def test_read_only_view_of_a_writable_array_changed():
    """A read-only view does not promise that its memory stays as it is."""
    base = np.arange(3.0)
    view = base[:]
    view.flags.writeable = False
    frozen = np.broadcast_to(base[:1], (3,))

    def f(x):
        y = np.sum(x * view) + np.sum(x * frozen)
        base[:] = -1.0
        return y

    np.testing.assert_array_equal(wg.grad(f)(np.ones(3)), [0.0, 1.0, 2.0])


def test_augmented_assignment_aliases():
    """y = x; y *= 2 is 10 in NumPy (peers: 20, or lost)."""

    def f(x):
        x = x.copy()
        y = x
        y *= 2
        return np.sum(x + y * 0.5)

    x = np.array([1.0, 2.0])
    assert wg.vjp(f, x)[0] == f(x) == 9.0
    np.testing.assert_array_equal(wg.grad(f)(x), [3.0, 3.0])


def test_argument_aliases():
    """The same array passed twice is one array for NumPy; each argument's derivative is its own."""

    def f(a, b):
        return np.sum(a * b)

    x = np.array([3.0, 4.0])
    ga, gb = wg.grad(f, argnums=(0, 1))(x, x)
    np.testing.assert_array_equal(ga, x)
    np.testing.assert_array_equal(gb, x)
    assert not np.shares_memory(ga, gb)


def test_numbers_are_immutable():
    def f(x):
        y = x
        y *= 2.0
        y += x
        return x * y

    assert wg.grad(f)(3.0) == 18.0
    assert wg.grad(lambda v: f(v[0]))(np.array([3.0]))[0] == 18.0


# ── copies keep the derivative ──

COPIES = {
    "copy": lambda x: x.copy(),
    "np.copy": lambda x: np.copy(x),
    "astype": lambda x: x.astype(float),
    "astype float32 and back": lambda x: x.astype(np.float32).astype(float),
    "astype complex": lambda x: x.astype(complex).real,
    "deepcopy": lambda x: copy.deepcopy(x),
    "deepcopy in a container": lambda x: copy.deepcopy({"x": [x]})["x"][0],
    "copy.copy": lambda x: copy.copy(x),
    "np.array": lambda x: np.array(x),
    "np.array of list": lambda x: np.array([x[0], x[1]]),
    "np.array of list(x)": lambda x: np.array(list(x)),
    "np.array nested": lambda x: np.array([[x[0]], [x[1]]])[:, 0],
    "np.array with dtype": lambda x: np.array([x[0], x[1]], dtype=np.float64),
    "np.array mixed": lambda x: np.array([x[0], 1, x[1]])[::2],
    "np.asarray": lambda x: np.asarray(x),
    "np.asanyarray": lambda x: np.asanyarray([*x]),
    "ascontiguousarray": lambda x: np.ascontiguousarray(x[::-1])[::-1],
    "atleast_2d": lambda x: np.atleast_2d(x)[0],
    "stack": lambda x: np.stack([v for v in x]),  # noqa: C416
    "concatenate": lambda x: np.concatenate([x[:1], x[1:]]),
    "hstack": lambda x: np.hstack([x[0], x[1]]),
    "flatten": lambda x: x.flatten(),
    "ravel": lambda x: x.ravel(),
    "view": lambda x: x.view(),
    "flat": lambda x: x.flat[:],
    "fromiter": lambda x: np.fromiter((v for v in x), float),
    "full": lambda x: np.concatenate([np.full(1, x[0]), np.full(1, x[1])]),
    "object array": lambda x: np.array(list(np.array([x[0], x[1]], dtype=object) * 1.0)),
    "zip": lambda x: np.array([a for a, _ in zip(x, x, strict=True)]),
    "block": lambda x: np.block([x[:1], x[1:]]),
    "tile": lambda x: np.tile(x, 2)[:2],
    "append": lambda x: np.append(x[:1], x[1]),
    "insert": lambda x: np.insert(x[1:], 0, x[0]),
    "roll": lambda x: np.roll(np.roll(x, 1), -1),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, np.ones((3, 2)))[0][1],
    "nditer-free loop": lambda x: np.array([x[k] for k in range(len(x))]),
    "ndenumerate": lambda x: np.array([v for _, v in np.ndenumerate(x)]),
    "vectorize": lambda x: np.vectorize(lambda v: v * 1.0)(x),
    "apply_along_axis": lambda x: np.apply_along_axis(lambda r: r * 1.0, 0, x),
    "piecewise": lambda x: np.piecewise(x, [x > 2.5], [lambda v: v, lambda v: v * 1.0]),
    "select": lambda x: np.select([x > 2.5], [x], x * 1.0),
    "choose": lambda x: np.choose([0, 1], [x, x]),
    "put_along_axis": lambda x: _put(x),
}


def _put(x):
    y = np.zeros(2)
    np.put_along_axis(y, np.array([0, 1]), x, 0)
    return y


@pytest.mark.parametrize("name", COPIES)
def test_copies_keep_the_derivative(name):
    x = np.array([2.0, 3.0])
    copied = COPIES[name]
    np.testing.assert_array_equal(wg.vjp(copied, x)[0], x)
    np.testing.assert_allclose(wg.grad(lambda x: np.sum(copied(x) * x))(x), 2 * x)
    y_dot = wg.jvp(copied, (x,), (np.array([1.0, -1.0]),))[1]
    np.testing.assert_array_equal(y_dot, [1.0, -1.0])


def test_copy_is_independent():
    def f(x):
        y = x.copy()
        z = copy.deepcopy(y)
        y *= 2.0
        z[0] = 0.0
        w = np.array(y)
        w += 1.0
        return np.sum(x * y * z)

    x = np.array([2.0, 3.0])
    assert wg.vjp(f, x)[0] == f(x)
    np.testing.assert_allclose(wg.grad(f)(x), [0.0, 2 * 3 * 9.0])


# ── returned derivatives are fresh ──

IDENTITIES = {
    "identity": lambda x: x,
    "sum": lambda x: np.sum(x),
    "reshape": lambda x: x.reshape(-1),
    "transpose": lambda x: x.T,
    "index": lambda x: x[...],
    "broadcast": lambda x: np.broadcast_to(x, (2, *x.shape)),
    "constant": lambda x: 1.0,
    "ravel": lambda x: x.ravel(),
    "add": lambda x: x + 1.0,
    "copy": lambda x: x.copy(),
    "twice": lambda x: (x, x),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_results_alias_nothing(name):
    f = IDENTITIES[name]
    x = np.arange(6.0).reshape(2, 3)
    y, pullback = wg.vjp(f, x)
    c = tuple(np.ones(np.shape(part)) for part in y) if isinstance(y, tuple) else np.ones(np.shape(y))
    first, second = pullback(c)[0], pullback(c)[0]
    tangent = np.ones((2, 3))
    value, y_dot = wg.jvp(f, (x,), (tangent,))
    others = [a for part in (x, y, c, value, tangent) for a in (part if isinstance(part, tuple) else (part,))]
    fresh = [first, second, *(y_dot if isinstance(y_dot, tuple) else (y_dot,))]
    for i, g in enumerate(fresh):
        for other in [*others, *fresh[i + 1 :]]:
            assert not np.shares_memory(g, other), name
    for part in y if isinstance(y, tuple) else (y,):
        assert not np.shares_memory(part, x)
    for g in (first, second):
        assert g.flags.c_contiguous
        assert g.flags.writeable
        assert g.flags.owndata
        assert type(g) is np.ndarray


def test_gradients_of_several_arguments_are_separate():
    x = np.ones(3)
    ga, gb = wg.grad(lambda a, b: np.sum(a + b), argnums=(0, 1))(x, x.copy())
    assert not np.shares_memory(ga, gb)
    ga[0] = 5.0
    assert gb[0] == 1.0
    tree = wg.grad(lambda p: np.sum(p["a"] + p["b"]))({"a": x, "b": x})
    assert not np.shares_memory(tree["a"], tree["b"])


def test_value_changed_before_the_pullback():
    for f in (np.exp, np.sqrt, np.tanh, lambda x: 1.0 / x, lambda x: np.exp(x)[...], lambda x: np.exp(x).reshape(2, 1)):
        x = np.array([0.5, 2.0])
        y, pullback = wg.vjp(f, x)
        z, push = wg.linearize(f, x)
        before = pullback(np.ones_like(y))[0], push(x)
        y[...] = 7.0
        z[...] = 7.0
        np.testing.assert_array_equal(pullback(np.ones_like(y))[0], before[0])
        np.testing.assert_array_equal(push(x), before[1])


def test_value_changed_before_the_pullback_nested():
    def outer(x):
        y, pullback = wg.vjp(np.exp, x)
        y *= 0.0
        return np.sum(pullback(x)[0])

    x = np.array([0.5, 2.0])
    np.testing.assert_allclose(wg.grad(outer)(x), np.exp(x) * (1 + x))


def test_jacobian_is_writable_and_c_ordered():
    x = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    for mode in ("forward", "reverse"):
        j = wg.jacobian(lambda x: x.T * 2.0, mode=mode)(x)
        assert j.shape == (3, 2, 2, 3)
        assert j.flags.writeable
        assert j.flags.c_contiguous
        j[:] = 0.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.complex64, np.complex128, np.longdouble])
def test_dtype_is_kept(dtype):
    x = np.array([1.0, 2.0], dtype)
    f = lambda x: np.sum(np.real(x * np.conj(x)) * np.ones(2))
    assert wg.grad(f)(x).dtype == dtype
    assert wg.vjp(lambda x: x * 2, x)[1](np.ones(2))[0].dtype == dtype
    assert wg.jvp(lambda x: x * 2, (x,), (np.ones(2),))[1].dtype == dtype
    number = dtype(2.0)
    assert type(wg.grad(f)(number)) is dtype
    assert type(wg.grad(lambda v: np.real(v * v))(number)) is dtype
