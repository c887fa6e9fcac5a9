"""vmap: axes, containers, control flow, writes, and every transform inside and outside of it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from mapping import Watch, assert_maps

import wengert as wg
from wengert.errors import BadInput, DoubtfulZeroWarning

rng = np.random.default_rng(11)
X = rng.normal(size=(6, 4))
W = rng.normal(size=(4, 4))
S = np.array([1.5, 2.0, 3.0, 50.0, 200.0, 7.0])


def together(f, *batch, in_axes=None):
    """`assert_maps`, and nothing was called one by one because it could not be batched."""
    watch = assert_maps(f, *batch, in_axes=in_axes)
    assert not watch.why, watch.why
    return watch


# ── axes and containers ──


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_axis_of_an_argument(axis):
    x = rng.normal(size=(5, 5, 5))
    y = wg.vmap(lambda v: np.sin(v) @ v, in_axes=axis)(x)
    np.testing.assert_allclose(y, [np.sin(v) @ v for v in np.moveaxis(x, axis, 0)])


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_axis_of_the_result(axis):
    x = rng.normal(size=(5, 3, 2))
    y = wg.vmap(np.exp, out_axes=axis)(x)
    np.testing.assert_array_equal(y, np.moveaxis(np.exp(x), 0, axis))
    assert y.flags.writeable
    assert not np.shares_memory(x, y)


def test_identity_gives_a_copy():
    x = rng.normal(size=(5, 3))
    y, z = wg.vmap(lambda v: (v, v))(x)
    assert not np.shares_memory(x, y)
    assert not np.shares_memory(y, z)
    np.testing.assert_array_equal(y, x)


def test_containers_and_none():
    params = {"w": rng.normal(size=(5, 3)), "b": 2.0, "more": [rng.normal(size=(3, 5))]}
    axes = ({"w": 0, "b": None, "more": [1]}, None)
    y = wg.vmap(lambda p, s: {"y": p["w"] * p["b"] + p["more"][0] * s, "n": None}, axes)(params, 3.0)
    np.testing.assert_allclose(y["y"], params["w"] * 2.0 + params["more"][0].T * 3.0)
    assert y["n"] is None


def test_axes_of_a_containers_leaves():
    a, b = rng.normal(size=(5, 3)), rng.normal(size=(4, 5))
    y = wg.vmap(lambda p: p[0].sum() * p[1], in_axes=((0, 1),), out_axes=1)((a, b))
    np.testing.assert_allclose(y, a.sum(1) * b)


def test_out_axes_in_a_container():
    y = wg.vmap(lambda x: {"a": x, "b": 1.5}, out_axes={"a": 1, "b": None})(X)
    np.testing.assert_array_equal(y["a"], X.T)
    assert y["b"] == 1.5


def test_keywords_are_mapped_over_their_first_axis():
    y = wg.vmap(lambda x, *, scale, shift: x * scale + shift["c"])(X, scale=S, shift={"c": X})
    np.testing.assert_allclose(y, X * S[:, None] + X)


def test_dataclasses():
    @dataclasses.dataclass
    class Body:
        place: np.ndarray
        mass: np.ndarray

    y = wg.vmap(lambda b: Body(b.place * b.mass, b.mass))(Body(X, S))
    np.testing.assert_allclose(y.place, X * S[:, None])


def test_methods_and_decorators():
    class Model:
        def __init__(self, w):
            self.w = w

        @wg.vmap
        def __call__(self, x):
            return self.w @ x

    @wg.vmap
    def norm(x):
        """The length."""
        return np.linalg.norm(x)

    np.testing.assert_allclose(norm(X), np.linalg.norm(X, axis=1))
    assert norm.__doc__ == "The length."
    with pytest.raises(BadInput, match="no axis to map over"):
        Model(W)(X)


def test_functions_of_numpy():
    np.testing.assert_allclose(wg.vmap(np.dot)(X, X), np.sum(X * X, axis=1))
    A = rng.normal(size=(6, 4, 4))
    np.testing.assert_allclose(
        wg.vmap(np.linalg.solve)(A, X), np.stack([np.linalg.solve(a, x) for a, x in zip(A, X, strict=True)])
    )
    np.testing.assert_allclose(wg.vmap(np.linalg.solve, (None, 0))(W, X), np.linalg.solve(W, X.T).T)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_few_examples(count):
    np.testing.assert_allclose(wg.vmap(lambda x: x * 2.0)(X[:count]), 2.0 * X[:count])


@pytest.mark.parametrize("dtype", [np.float32, np.complex64, np.int64, np.int8, np.uint8, np.bool_, np.float16])
def test_dtypes(dtype):
    x = (10 * rng.normal(size=(6, 3))).astype(dtype)
    together(lambda v: v, x)
    together(lambda v: v * 2, x)
    together(lambda v: v * 0.5, x)
    together(lambda v: np.sum(v), x)
    together(lambda v: v[0] * np.float32(2), x)


def test_integers_are_values():
    k = np.array([0, 2, 1, 3, 3, 0])
    together(lambda x, i: x * i, X, k)
    together(lambda x, i: x[i], X, k)
    together(lambda x, i: x[:i].sum(), X, k)
    together(lambda i: sum(range(i)), k)
    together(lambda i: np.arange(4)[i] * 2.0, k)
    together(lambda x, i: x if i == 2 else -x, X, k)
    together(lambda x, i: {0: x, 1: -x}.get(i, 2.0 * x), X, k)


# ── control flow ──


def test_branches():
    together(lambda x: np.sin(x[0]) if x[0] > 0 else x[1] ** 2, X)
    together(lambda x: x if np.all(x > -0.5) else -x, X)
    together(lambda x: [y**2 if y > 0 else -y for y in x], X)
    together(lambda x: max(x), X)
    together(lambda x: sorted(x)[1], X)
    together(lambda s: 1.0 if s > 10 else np.float32(2), S)


def test_loops_of_different_length():
    def halvings(s):
        n = 0
        while s > 1.0:
            s, n = s / 2.0, n + 1
        return s, n

    together(halvings, S)
    together(lambda x: x[x > 0].sum(), X)
    together(lambda x: len(np.nonzero(x > 0)[0]), X)


def test_many_ways():
    """More ways through the program than are batched."""
    s = np.linspace(0.1, 300.0, 200)
    assert_maps(lambda x: sum(np.sin(k * x) for k in range(int(x))), s)


def test_exceptions_are_those_of_the_loop():
    def f(x):
        if x[0] > 10:
            raise KeyError("far")
        return x

    assert_maps(f, X)
    with pytest.raises(KeyError, match="far"):
        wg.vmap(f)(X + 20.0)
    with pytest.raises(np.linalg.LinAlgError):
        wg.vmap(np.linalg.inv)(np.zeros((5, 2, 2)))


def test_conversions_fall_back_to_the_loop():
    watch = assert_maps(lambda x: float(x[0]) * x, X)
    assert watch.loops == len(X)
    assert_maps(lambda x: x.tolist()[0], X)


def test_random_numbers_are_drawn_for_each_example():
    generator = np.random.default_rng(0)
    y = wg.vmap(lambda x: x + generator.normal())(np.zeros(50))
    assert len(set(y)) == 50


def test_unseen_computation_is_not_taken_for_constant():
    """What leaves the recording without being seen differs between two examples."""

    def f(x):
        return x * len(str(wg.stop_gradient(x).round(3)))

    assert_maps(f, np.array([1.25, 1.5, 100.125, 3.0, 2.5]))


# ── writes ──


def test_writes():
    def filled(x):
        out = np.zeros(5)
        for k in range(4):
            out[k] = x[k] * (k + 1)
        out[-1] = 7.0
        out[1:3] *= 2.0
        return out

    def through_views(x):
        out = np.zeros((2, 3))
        row = out[1]
        row[:] = x[:3]
        out.T[0] += x[3]
        out.reshape(-1)[::2] -= 1.0
        return out, row.copy(), out.ravel()

    def duplicates(x):
        out = np.zeros(3)
        out[[0, 0, 2]] = x[:3]
        np.add.at(out, [1, 1, 2], x[1:])
        return out

    def imaginary(x):
        z = np.zeros(4, complex)
        z.imag[1:] = x[1:]
        z.real = x
        return z

    def buffer(x):
        work, kept = np.empty(4), []
        for k in range(3):
            work[:] = x**k
            kept.append(work.copy())
        return kept, work

    for f in (filled, through_views, duplicates, imaginary, buffer):
        together(f, X)
        together(wg.jacobian(f, mode="reverse") if f is filled else f, X)


def test_arguments_are_not_changed():
    def f(x, w):
        x[0] = 5.0
        w[1] = x[1]
        return x * w

    x, w = X.copy(), np.ones(4)
    y = wg.vmap(f, (0, None))(x, w)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(w, np.ones(4))
    assert y[0, 0] == 5.0
    assert y[2, 1] == X[2, 1] ** 2


# ── composition ──


def smooth(w, x):
    h = np.tanh(w @ x)
    return np.sum(h**2) + np.linalg.norm(h) + (np.sin(x[0]) if x[0] > 0 else x[1])


def test_gradients_of_each_example():
    together(wg.grad(smooth), W, X, in_axes=(None, 0))
    together(wg.grad(smooth, argnums=(0, 1)), W, X, in_axes=(None, 0))
    together(wg.value_and_grad(smooth), W, X, in_axes=(None, 0))


def test_gradient_of_the_batch():
    g = wg.grad(lambda w: np.sum(wg.vmap(smooth, (None, 0))(w, X)))(W)
    np.testing.assert_allclose(g, sum(wg.grad(smooth)(W, x) for x in X))
    h = wg.grad(lambda x: np.sum(wg.vmap(smooth, (None, 0))(W, x)))(X)
    np.testing.assert_allclose(h, [wg.grad(smooth, 1)(W, x) for x in X])
    wg.check_grad(lambda w: wg.vmap(smooth, (None, 0))(w, X), W, order=2)


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: wg.grad(f),
        lambda f: wg.jacobian(lambda x: f(x) * x),
        lambda f: wg.jacobian(lambda x: f(x) * x, mode="reverse"),
        lambda f: wg.hessian(f),
        lambda f: lambda x: wg.jvp(f, (x,), (np.ones_like(x),)),
        lambda f: lambda x: wg.vjp(f, x)[1](1.0),
        lambda f: lambda x: wg.hvp(f, (x,), (np.cos(x),)),
        lambda f: wg.grad(lambda x: np.sum(wg.grad(f)(x) ** 2)),
        lambda f: lambda x: wg.linearize(f, x)[1](x),
        lambda f: lambda x: wg.directional_derivative(f, x, np.ones_like(x)),
    ],
    ids=["grad", "forward", "reverse", "hessian", "jvp", "vjp", "hvp", "grad-grad", "linearize", "directional"],
)
def test_transforms_inside(transform):
    try:
        f = transform(lambda x: smooth(W, x))
        f(X[0])
    except TypeError as error:
        pytest.skip(str(error))
    assert_maps(f, X, rtol=1e-9)


def test_transforms_outside():
    f = wg.vmap(lambda x: np.sin(x[0]) * x if x[1] > 0 else x**2)

    def loop(x):
        return np.stack([np.sin(v[0]) * v if v[1] > 0 else v**2 for v in x])

    np.testing.assert_allclose(wg.jacobian(f)(X), wg.jacobian(loop)(X), atol=1e-14)
    np.testing.assert_allclose(wg.jacobian(f, mode="reverse")(X), wg.jacobian(loop)(X), atol=1e-14)
    d = rng.normal(size=X.shape)
    for a, b in zip(wg.jvp(f, (X,), (d,)), wg.jvp(loop, (X,), (d,)), strict=True):
        np.testing.assert_allclose(a, b)
    np.testing.assert_allclose(wg.vjp(f, X)[1](d), wg.vjp(loop, X)[1](d))
    np.testing.assert_allclose(
        wg.hessian(lambda x: np.sum(f(x) ** 2))(X), wg.hessian(lambda x: np.sum(loop(x) ** 2))(X), atol=1e-12
    )


def test_vmap_of_vmap():
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(6, 3))
    gram = wg.vmap(wg.vmap(np.dot, (None, 0)), (0, None))
    np.testing.assert_allclose(gram(x, y), x @ y.T)
    together(wg.vmap(lambda v: np.exp(v) * v), rng.normal(size=(6, 5)))
    assert_maps(wg.vmap(lambda v: np.sin(v) if v > 0 else v), X)
    assert_maps(lambda row: wg.vmap(lambda v: v * row[0] if v * row[1] > 0 else v + row[0])(row), X)
    thrice = wg.vmap(wg.vmap(wg.vmap(lambda v: v**2)))
    z = rng.normal(size=(4, 5, 6))
    np.testing.assert_allclose(thrice(z), z**2)


def test_grad_vmap_grad_vmap():
    def energy(s):
        inner = wg.vmap(wg.grad(lambda v: np.sin(v) * v**2 if v > 0 else v**3))
        return np.sum(inner(s) ** 2)

    def loop(s):
        return sum(wg.grad(lambda v: np.sin(v) * v**2 if v > 0 else v**3)(v) ** 2 for v in s)

    np.testing.assert_allclose(wg.vmap(wg.grad(energy))(X), [wg.grad(loop)(x) for x in X])
    np.testing.assert_allclose(wg.hessian(energy)(X[0]), wg.hessian(loop)(X[0]), atol=1e-12)


def test_closures_keep_their_derivatives():
    def f(w):
        return np.sum(wg.vmap(lambda x: np.tanh(w * x) @ x if x[0] * w[0] > 0 else w[1] * x[1])(X))

    def loop(w):
        return sum(np.tanh(w * x) @ x if x[0] * w[0] > 0 else w[1] * x[1] for x in X)

    w = rng.normal(size=4)
    np.testing.assert_allclose(wg.grad(f)(w), wg.grad(loop)(w))
    np.testing.assert_allclose(wg.hessian(f)(w), wg.hessian(loop)(w), atol=1e-13)


def test_trace_of_vmap_runs():
    t = wg.trace(wg.vmap(smooth, (None, 0)))(W, X)
    np.testing.assert_allclose(t(W, X), wg.vmap(smooth, (None, 0))(W, X))
    other = wg.trace(wg.vmap(lambda x: x * 2.0 if x > 0 else x))(S)
    np.testing.assert_allclose(other(S + 1.0), 2.0 * (S + 1.0))
    with pytest.raises(wg.errors.OffTrace):
        other(-S)


def test_kinks_and_dead_branches():
    """Each example has its own strong zeros and its own ties."""
    x = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [-1.0, 2.0], [0.0, 0.0], [2.0, 2.0]])
    assert_maps(wg.grad(lambda v: np.sum(np.where(v > 0, np.sqrt(v), 0.0))), x)
    assert_maps(wg.grad(lambda v: np.max(v)), x)
    assert_maps(wg.grad(lambda v: np.linalg.norm(v)), x)
    assert_maps(wg.grad(lambda v: np.prod(v)), x)
    assert_maps(wg.grad(lambda v: np.sum(np.sort(v) * np.array([1.0, 3.0]))), x)
    A = np.stack([np.diag(v) for v in x])
    assert_maps(wg.grad(lambda a: np.sum(np.linalg.svd(a)[1] ** 2)), A)
    assert_maps(wg.grad(lambda a: np.linalg.det(a)), A)
    assert_maps(wg.grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 3)), A)


def test_labels_by_index():
    """The cross-entropy as it is written for one example."""
    labels = np.array([0, 2, 1, 3, 3, 0])

    def loss(w, x, label):
        z = w @ x
        return np.log(np.sum(np.exp(z - np.max(z)))) + np.max(z) - z[label]

    together(wg.grad(loss), W, X, labels, in_axes=(None, 0, 0))


# ── errors ──


def test_sizes_differ():
    with pytest.raises(
        BadInput,
        match=r"differ in size\.\n  argument 0 \('x'\): float64\[6,4\], 6\n  argument 1 \('y'\): float64\[5\], 5",
    ):
        wg.vmap(lambda x, y: x)(X, np.ones(5))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wg.vmap(lambda x: x)(2.0), "argument 0 .'x'. is float, which has no axis"),
        (lambda: wg.vmap(lambda x: x, in_axes=1)(S), r"float64\[6\], which has no axis 1"),
        (lambda: wg.vmap(lambda x: x, in_axes=None)(S), "no argument is mapped"),
        (lambda: wg.vmap(lambda x, y: x, in_axes=(0,))(S, S), "in_axes has 1 entries, .* 2 positional"),
        (lambda: wg.vmap(lambda x: x, in_axes=("a",))(S), "in_axes holds 'a'"),
        (lambda: wg.vmap(lambda x: x, in_axes=({"a": 0},))({"b": S}), "not shaped as the arguments"),
        (lambda: wg.vmap(lambda x: x, out_axes=3)(X), "out_axes is 3, but .* float64.6,4."),
        (lambda: wg.vmap(lambda x: x, out_axes=None)(X), "out_axes is None for a result that differs"),
        (lambda: wg.vmap(lambda x: x)(np.ones((0, 2))), "has no examples"),
        (lambda: wg.vmap(lambda x: x[: int(x[0])])(S[:, None] * np.ones(99)), "has shape .* that of example"),
        (lambda: wg.vmap(lambda x: (x, x) if x[0] > 0 else x)(X), "must return the same containers"),
        (lambda: wg.vmap(3), "vmap expects a function"),
    ],
)
def test_errors(call, message):
    with pytest.raises(BadInput, match=message):
        call()


def test_values_do_not_leak():
    kept = []
    wg.vmap(lambda x: kept.append(x) or x * 2.0)(X)
    with pytest.raises(wg.errors.LeakedValue, match="vmap"):
        np.sin(kept[0])


# ── random programs ──


@settings(max_examples=60, deadline=None)
@given(
    x=arrays.arrays(np.float64, (7, 3), elements=st.floats(-2, 2)),
    cuts=st.lists(st.floats(-1, 1), min_size=1, max_size=3),
    kinds=st.lists(st.integers(0, 5), min_size=1, max_size=4),
)
def test_random_branching_programs(x, cuts, kinds):
    """Branches, loops and writes whose way depends on the example; values and gradients."""

    def f(v):
        out = np.zeros(3)
        total = v * 1.0
        for kind, cut in zip(kinds, cuts * 4, strict=False):
            if kind == 0:
                total = np.sin(total) if np.sum(total) > cut else total * 0.5
            elif kind == 1:
                for k in range(3):
                    if total[k] > cut:
                        out[k] += total[k] ** 2
            elif kind == 2:
                while np.max(np.abs(total)) > 1.0 + abs(cut):
                    total = total / 2.0
            elif kind == 3:
                total = total - np.max(total)
            elif kind == 4:
                out[int(np.argmax(total))] = np.sum(total)
            else:
                total = np.where(total > cut, total, total * cut) + out[::-1]
        return np.sum(out) + np.sum(np.tanh(total))

    assert_maps(f, x)
    assert_maps(wg.grad(f), x, rtol=1e-8)


def test_writes_into_what_was_computed():
    """An array that is copied before it is written to keeps the examples together."""

    def doubled(x):
        y = x
        y[1] = y[0] * 2
        y[2:] += y[1]
        return y

    def summed(x):
        z = np.cumsum(x)
        w = z
        w[0] = x[1]
        return np.sum(w * x)

    for f in (doubled, summed, wg.grad(summed), wg.hessian(summed)):
        with Watch() as watch:
            got = wg.vmap(f)(np.array(X))
        assert not watch.loops, watch.why
        np.testing.assert_allclose(got, np.stack([f(x.copy()) for x in X]), rtol=1e-13)


def test_few_calls():
    """f is recorded, not called for each example."""
    calls = []
    with Watch() as watch:
        wg.vmap(lambda x: calls.append(1) or np.sum(x * W))(np.ones((100, 4)))
    assert len(calls) <= 3
    assert not watch.loops


# ── what one example says must not be taken for all ──


def middle(*special):
    """A batch whose first and last examples are ordinary and alike, and others are special."""
    usual = np.array([[2.0, 0.3], [0.3, 1.0]])
    return np.stack([usual, *[np.array(m) for m in special], usual, usual])


@pytest.mark.parametrize(
    "f",
    [
        lambda a: np.sum(np.linalg.svd(a)[1] ** 2),
        lambda a: np.sum(np.linalg.svd(a @ a.T)[1] ** 3),
        lambda a: np.sum(np.linalg.eigvalsh(a + a.T) ** 3),
        lambda a: np.linalg.det(a),
        lambda a: np.linalg.norm(a) ** 2,
        lambda a: np.linalg.norm(a[0]),
        lambda a: np.max(a),
        lambda a: np.sum(np.cumprod(a)),
        lambda a: np.sum(np.where(a > 0, np.sqrt(a), 0.0)),
        lambda a: np.sum(np.maximum.accumulate(np.ravel(a)) ** 2),
        lambda a: np.sum(np.sort(np.ravel(a))[::2]),
        lambda a: np.median(a),
        lambda a: np.std(a),
        lambda a: np.sum(scipy_qr(a)),
        lambda a: np.nansum(np.where(a > 1, np.nan, a) ** 2),
    ],
)
def test_special_examples_in_the_middle(f):
    batch = middle(
        [[0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]], [[0.1, 0.0], [0.0, 2.0]],
        [[0.0, 1.0], [0.0, 0.0]],
    )  # fmt: skip
    assert_maps(f, batch)
    assert_maps(wg.grad(f), batch, rtol=1e-9)


def scipy_qr(a):
    from scipy import linalg

    _, r, p = linalg.qr(a + 0.1 * np.eye(2), pivoting=True)
    return np.abs(r) * (1 + p)


def test_text_is_that_of_each_example():
    watch = assert_maps(lambda x: x * len(f"{x[0]:.3g}"), middle([[1e-5, 1.0], [1.0, 1.0]])[:, 0])
    assert watch.loops == 4
    assert_maps(lambda x: {str(k): x[k] for k in range(2)}, X)


def test_keys_of_a_dict():
    def counted(x):
        seen = {}
        for v in np.sign(x):
            seen[v] = seen.get(v, 0) + 1
        return x * seen.get(1.0, 0)

    together(counted, X)
    together(wg.grad(lambda x: np.sum(counted(x))), X)


def test_rules_of_ones_own():
    @wg.rule
    def cube(x):
        return float(np.sum(x)) ** 3

    @cube.forward
    def _(y, x, x_dot):
        return 3 * np.sum(x) ** 2 * np.sum(x_dot)

    together(cube, X)
    together(wg.grad(lambda x: cube(x) * x[0]), X)


def test_no_warnings_from_where_nobody_looks(recwarn):
    x = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0], [1.0, 1.0], [2.0, 5.0]])
    wg.vmap(wg.grad(lambda v: np.sum(np.where(v > 0, v * 2.0, np.sqrt(v * v)))))(x)
    assert {w.category for w in recwarn.list} <= {DoubtfulZeroWarning}  # |0| has a kink


def test_errstate_is_respected():
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        wg.vmap(lambda x: 1.0 / x)(np.array([1.0, 2.0, 0.0, 3.0, 4.0]))


def test_jit_inside_and_outside():
    pytest.importorskip("llvmlite", reason="llvmlite is not installed")

    def f(x):
        return np.sin(x[0]) * x if x[1] > 0 else x**2

    expected = np.stack([f(x) for x in X])
    np.testing.assert_allclose(wg.vmap(wg.jit(f))(X), expected)
    compiled = wg.jit(wg.vmap(f))
    for batch in (X, X, -X, X):
        np.testing.assert_allclose(compiled(batch), np.stack([f(x) for x in batch]))
    gradient = wg.grad(lambda x: np.sum(f(x)))
    np.testing.assert_allclose(wg.jit(wg.vmap(gradient))(X), [gradient(x) for x in X])
    np.testing.assert_allclose(wg.vmap(wg.jit(gradient))(X), [gradient(x) for x in X])
