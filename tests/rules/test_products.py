"""Matrix products: every combination of ranks, complex, masked, and their exceptional values."""

import numpy as np
import pytest
from check import check

import wengert as wg

rng = np.random.default_rng(9)


def array(*shape):
    return rng.normal(size=shape)


def complex_array(*shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def square(y):
    return y * y


MATMUL = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (3,)),
    ((3,), (5, 3, 2)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)), ((6, 1, 2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)), ((2, 0), (0, 3)), ((0, 3), (3, 2)), ((4, 0, 3), (3, 2)),
]  # fmt: skip


@pytest.mark.parametrize("shapes", MATMUL)
def test_matmul(shapes):
    a, b = array(*shapes[0]), array(*shapes[1])
    check(lambda a, b: square(a @ b), a, b)
    check(lambda a: square(np.matmul(a, b)), a, order=1)
    check(lambda b: square(np.matmul(a, b)), b, order=1)


@pytest.mark.parametrize("shapes", MATMUL)
def test_matmul_of_real_and_complex(shapes):
    check(lambda a, b: a @ b, complex_array(*shapes[0]), array(*shapes[1]), order=1)
    check(lambda a, b: a @ b, array(*shapes[0]), complex_array(*shapes[1]), order=1)


DOT = [
    ((), ()), ((), (3,)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 2)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (6, 3, 4)),
]  # fmt: skip


@pytest.mark.parametrize("shapes", DOT)
def test_dot(shapes):
    a, b = array(*shapes[0]), array(*shapes[1])
    check(lambda a, b: square(np.dot(a, b)), a, b)
    check(lambda a, b: np.dot(a, b), a, b + 1j, order=1)


PRODUCTS = {
    "inner": (lambda a, b: np.inner(a, b), array(2, 3), array(4, 3)),
    "inner_ranks": (lambda a, b: np.inner(a, b), array(2, 5, 3), array(4, 3)),
    "inner_vectors": (lambda a, b: np.inner(a, b), array(3), array(3)),
    "inner_scalar": (lambda a, b: np.inner(a, b), 2.0, array(3)),
    "outer": (lambda a, b: np.outer(a, b), array(3), array(4)),
    "outer_flattens": (lambda a, b: np.outer(a, b), array(3, 2), array(4)),
    "outer_complex": (lambda a, b: np.outer(a, b), array(3), complex_array(4)),
    "linalg_outer": (lambda a, b: np.linalg.outer(a, b), array(3), array(4)),
    "vdot": (lambda a, b: np.vdot(a, b), array(2, 3), array(2, 3)),
    "vdot_complex": (lambda a, b: np.vdot(a, b), complex_array(3), complex_array(3)),
    "vdot_mixed": (lambda a, b: np.vdot(a, b), complex_array(3), array(3)),
    "vecdot": (lambda a, b: np.vecdot(a, b), array(2, 3), array(3)),
    "vecdot_complex": (lambda a, b: np.vecdot(a, b), complex_array(2, 3), complex_array(4, 1, 3)),
    "linalg_vecdot": (lambda a, b: np.linalg.vecdot(a, b, axis=0), array(3, 2), array(3, 2)),
    "matvec": (lambda a, b: np.matvec(a, b), array(5, 2, 3), array(3)),
    "matvec_batch": (lambda a, b: np.matvec(a, b), array(2, 3), array(4, 3)),
    "vecmat": (lambda a, b: np.vecmat(a, b), array(4, 2), array(2, 3)),
    "vecmat_complex": (lambda a, b: np.vecmat(a, b), complex_array(2), complex_array(5, 2, 3)),
    "linalg_matmul": (lambda a, b: np.linalg.matmul(a, b), array(2, 3), array(3, 2)),
    "matmul_axes": (lambda a, b: np.matmul(a, b, axes=[(0, 1), (1, 0), (1, 0)]), array(2, 3), array(2, 3)),
    "tensordot": (lambda a, b: np.tensordot(a, b), array(2, 3, 4), array(3, 4, 5)),
    "tensordot_1": (lambda a, b: np.tensordot(a, b, 1), array(2, 3), array(3, 4)),
    "tensordot_0": (lambda a, b: np.tensordot(a, b, axes=0), array(2, 3), array(4)),
    "tensordot_axes": (lambda a, b: np.tensordot(a, b, ([0, 2], [2, 0])), array(2, 3, 4), array(4, 5, 2)),
    "tensordot_swapped": (lambda a, b: np.tensordot(a, b, ((2, 0), (0, 2))), array(2, 3, 4), array(4, 5, 2)),
    "tensordot_negative": (lambda a, b: np.tensordot(a, b, (-1, 0)), array(2, 3), array(3, 2)),
    "tensordot_complex": (lambda a, b: np.tensordot(a, b, 1), array(2, 3), complex_array(3, 2)),
    "linalg_tensordot": (lambda a, b: np.linalg.tensordot(a, b, axes=1), array(2, 3), array(3, 2)),
    "cross": (lambda a, b: np.cross(a, b), array(3), array(3)),
    "cross_broadcast": (lambda a, b: np.cross(a, b), array(4, 3), array(3)),
    "cross_axes": (lambda a, b: np.cross(a, b, axisa=0, axisc=0), array(3, 4), array(5, 1, 3)),
    "cross_axis": (lambda a, b: np.cross(a, b, axis=0), array(3, 4), array(3, 4)),
    "linalg_cross": (lambda a, b: np.linalg.cross(a, b), array(4, 3), array(4, 3)),
    "kron": (lambda a, b: np.kron(a, b), array(2, 3), array(4)),
    "kron_scalar": (lambda a, b: np.kron(a, b), 2.0, array(4)),
    "list": (lambda a, b: np.dot(a, [1, 2, 3]) * b, array(3), 2.0),
    "list_of_values": (lambda a, b: np.dot([a[0], b, a[1] * b], a), array(3), 2.0),
    "matmul_list": (lambda a, b: a @ [1.0, 2, 3] + [1.0, 2, 3] @ b, array(2, 3), array(3, 2)),
    "method": (lambda a, b: a.dot(b), array(2, 3), array(3, 2)),
    "in_place": (lambda a, b: in_place(a, b), array(2, 3), array(3, 3)),
    "integers": (lambda a, b: np.arange(6).reshape(2, 3) @ a * b, array(3, 2), 2.0),
    "multi_dot": (lambda a, b: np.linalg.multi_dot([a, b, a, b]), array(2, 3), array(3, 2)),
    "matrix_power": (lambda a, b: np.linalg.matrix_power(a, 3) @ b, array(3, 3), array(3)),
    "out": (lambda a, b: np.dot(a, b, out=np.zeros((2, 2))), array(2, 3), array(3, 2)),
    "matmul_out": (lambda a, b: np.matmul(a, b, out=np.zeros((2, 2))), array(2, 3), array(3, 2)),
}


def in_place(a, b):
    a = a.copy()
    a @= b
    return a


@pytest.mark.parametrize("name", PRODUCTS)
def test_product(name):
    f, a, b = PRODUCTS[name]
    check(lambda a, b: square(f(a, b)), a, b)


EINSUM = {
    "matmul": ("ij,jk->ik", (2, 3), (3, 4)),
    "implicit": ("ij,jk", (2, 3), (3, 4)),
    "implicit_order": ("ba,cb", (2, 3), (4, 2)),
    "trace": ("ii", (3, 3)),
    "diagonal": ("ii->i", (3, 3)),
    "diagonal_triple": ("iii->i", (3, 3, 3)),
    "sum": ("ij->", (2, 3)),
    "sum_one": ("ij->j", (2, 3)),
    "transpose": ("ijk->kij", (2, 3, 4)),
    "outer": ("i,j->ij", (2,), (3,)),
    "batch": ("bij,bjk->bik", (5, 2, 3), (5, 3, 4)),
    "ellipsis": ("...ij,...jk->...ik", (5, 2, 3), (5, 3, 4)),
    "ellipsis_broadcast": ("...ij,jk->...ik", (6, 5, 2, 3), (3, 4)),
    "ellipsis_ranks": ("...ij,...jk->...ik", (5, 2, 3), (6, 1, 3, 4)),
    "ellipsis_implicit": ("i...,i...", (2, 3), (2, 4, 3)),
    "ellipsis_middle": ("i...j->j...i", (2, 3, 4, 5)),
    "three": ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    "bilinear": ("i,ij,j", (2,), (2, 3), (3,)),
    "lonely": ("ij,k->i", (2, 3), (4,)),
    "repeated_two": ("ii,ij->j", (3, 3), (3, 2)),
    "repeated_lonely": ("ii,j->j", (3, 3), (2,)),
    "hadamard": ("ij,ij->ij", (2, 3), (2, 3)),
    "size_one": ("ij,ij->i", (2, 1), (2, 3)),
    "size_one_out": ("ij,ij->ij", (1, 3), (2, 1)),
    "spaces": ("i j , j k -> i k", (2, 3), (3, 4)),
    "scalar": (",ij->ij", (), (2, 3)),
    "large": ("bij,bjk->ik", (9, 11, 12), (9, 12, 10)),
}


@pytest.mark.parametrize("name", EINSUM)
@pytest.mark.parametrize("optimize", [False, True])
def test_einsum(name, optimize):
    subscripts, *shapes = EINSUM[name]
    arrays = [array(*shape) if shape else 1.5 for shape in shapes]
    order = 1 if name == "large" else 2
    check(lambda *xs: square(np.einsum(subscripts, *xs, optimize=optimize)), *arrays, order=order)


def test_einsum_of_lists_of_labels():
    a, b, c = array(2, 3), array(3, 4), array(5, 3)
    check(lambda a, b: square(np.einsum(a, [0, 1], b, [1, 2], [0, 2])), a, b)
    check(lambda a, b: square(np.einsum(a, [9, 1], b, [1, 2])), a, b)
    check(lambda a, b: square(np.einsum(a, [..., 1], b, [..., 1], [...])), a, array(2, 3))
    check(lambda c: square(np.einsum(c, [0, 1], [1, 0])), c)


def test_einsum_of_real_and_complex():
    check(lambda a, b: np.einsum("ij,jk->ik", a, b), array(2, 3), complex_array(3, 4), order=1)
    check(lambda a, b: np.einsum("ij,jk,k->i", a, b, b[0]), array(2, 3), complex_array(3, 4))


def test_einsum_options():
    a, b = array(2, 3), array(3, 2)
    check(lambda a, b: np.einsum("ij,jk->ik", a, b, optimize="optimal") * a[0, 0], a, b)
    check(lambda a, b: np.einsum("ij,jk->ik", a, b, out=np.zeros((2, 2))) * a[0, 0], a, b)
    check(lambda a: square(np.einsum("ij,j->i", a, [1, 2, 3])), a)
    check(lambda a: square(np.einsum("ij,jk->ik", a, np.arange(6).reshape(3, 2))), a)
    path = np.einsum_path("ij,jk", a, b)[0]
    check(lambda a: np.einsum("ij,jk", a, b, optimize=np.einsum_path("ij,jk", a, b)[0]) * len(path), a, order=1)


# ── a zero factor makes zero of infinity and NaN ──


def test_masked_rows_of_missing_data():
    X = array(4, 3)
    X[1] = np.nan
    X[2, 0] = np.inf
    good = np.isfinite(X).all(axis=1)
    w = array(3)

    def loss(w):
        return np.sum(np.where(good, X @ w, 0.0) ** 2)

    expected = 2 * X[good].T @ (X[good] @ w)
    np.testing.assert_allclose(wg.grad(loss)(w), expected, rtol=1e-14)
    np.testing.assert_allclose(wg.jvp(loss, (w,), (w,))[1], expected @ w, rtol=1e-14)
    hessian = 2 * X[good].T @ X[good]
    np.testing.assert_allclose(wg.jvp(wg.grad(loss), (w,), (w,))[1], hessian @ w, rtol=1e-13)
    np.testing.assert_allclose(wg.grad(lambda w: wg.jvp(loss, (w,), (np.ones(3),))[1])(w), hessian.sum(0), rtol=1e-13)


PRODUCT_FORMS = {
    "matmul": lambda a, b: a @ b,
    "dot": np.dot,
    "inner": lambda a, b: np.inner(a, b.T),
    "einsum": lambda a, b: np.einsum("ij,jk->ik", a, b),
    "tensordot": lambda a, b: np.tensordot(a, b, 1),
}


@pytest.mark.parametrize("name", PRODUCT_FORMS)
def test_masked_matrices(name):
    a, b = array(3, 2), array(2, 4)
    bad = a.copy()
    bad[1] = [np.nan, np.inf]
    mask = np.array([True, False, True])[:, None]

    def total(a, b):
        return np.sum(np.where(mask, PRODUCT_FORMS[name](a, b), 0.0) * np.arange(4))

    got = wg.grad(total, argnums=(0, 1))(bad, b)
    expected = wg.grad(total, argnums=(0, 1))(a, b)
    for g, e in zip(got, expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-14)


def test_live_infinity_stays():
    a, b = array(3, 2), array(2, 4)
    a[1, 0] = np.inf
    with np.errstate(invalid="ignore"):
        g = wg.grad(lambda b: np.sum((a @ b)[:, 0]))(b)
    assert np.isinf(g[0, 0])
    np.testing.assert_array_equal(g[:, 1:], 0)


def test_float32_stays():
    a, b = array(3, 2).astype(np.float32), array(2, 4).astype(np.float32)
    g = wg.grad(lambda a: np.sum(a @ b))(a)
    assert g.dtype == np.float32
    assert wg.jvp(lambda a: np.einsum("ij,jk", a, b), (a,), (a,))[1].dtype == np.float32


def test_the_lecture_identities():
    """d(XY) = dX Y + X dY and d(X⊗Y) = dX⊗Y + X⊗dY."""
    X, Y, dX, dY = array(3, 3), array(3, 3), array(3, 3), array(3, 3)
    _, d = wg.jvp(lambda X, Y: X @ Y, (X, Y), (dX, dY))
    np.testing.assert_allclose(d, dX @ Y + X @ dY, rtol=1e-14)
    _, d = wg.jvp(np.kron, (X, Y), (dX, dY))
    np.testing.assert_allclose(d, np.kron(dX, Y) + np.kron(X, dY), rtol=1e-14)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e160])
def test_a_product_much_larger_than_its_factors(rows, scale):
    """What is known of it without reading it is true: each element is there, in full, and finite or not."""
    x, w = rng.normal(size=(rows, 300)) * scale, rng.normal(size=(300, 200))
    v = rng.normal(size=(rows, 200)) * min(scale, 1e10)
    g = wg.grad(lambda w: np.sum(x @ w * v))(w)
    rounding = 1e-14 * np.einsum("ki,kj->ij", np.abs(x), np.abs(v))
    assert np.all(np.abs(g - np.einsum("ki,kj->ij", x, v)) <= rounding)
    assert rows > 1 or np.array_equal(g, np.outer(x, v))


@pytest.mark.parametrize("rows", [1, 3])
def test_zeros_beside_infinity_in_a_large_product(rows):
    x, w = rng.normal(size=(rows, 300)), rng.normal(size=(300, 200))
    x[0, 5], v = np.inf, rng.normal(size=(rows, 200))
    v[0, 7] = 0.0
    with np.errstate(invalid="ignore"):
        g = wg.grad(lambda w: np.sum(np.where(v == 0, 0.0, x @ w) * v))(w)
    np.testing.assert_allclose(g[5, 7], np.sum(x[1:, 5] * v[1:, 7]), rtol=1e-14)
    assert np.isinf(g[5, 6])
    assert not np.any(np.isnan(g))


def test_a_large_product_beside_other_uses():
    """It is known to be finite; the sum with another cotangent is another array."""
    x, w = rng.normal(size=(1, 300)), rng.normal(size=(300, 200))
    w[3, 4] = 0.0

    def f(w):
        return np.sum(x @ w) + np.sum(np.where(w == 0, 0.0, np.log(np.abs(w))))

    with np.errstate(all="ignore"):
        g = wg.grad(f)(w)
    live = w != 0
    np.testing.assert_allclose(g[live], (np.outer(x, np.ones(200)) + 1 / np.where(live, w, 1))[live], rtol=1e-13)
    assert g[3, 4] == x[0, 3]
