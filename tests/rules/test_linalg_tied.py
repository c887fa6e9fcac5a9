"""Functions of eigenvectors and singular vectors where eigenvalues are equal: exact if they are smooth, else NaN."""

import numpy as np
import pytest
import scipy.linalg as sl

import wengert as wg

rng = np.random.default_rng(0)
W = rng.normal(size=(4, 4))
Q, P = (np.linalg.qr(rng.normal(size=(4, 4)))[0] for _ in range(2))
POINTS = {
    "identity": np.eye(4),
    "two pairs": np.diag([1.0, 1.0, 2.0, 2.0]),
    "turned pairs": (Q * [1.0, 1.0, 2.0, 2.0]) @ Q.T,
    "a triple": (Q * [1.0, 1.0, 1.0, 3.0]) @ Q.T,
    "all apart": np.diag([1.0, 2.0, 3.0, 4.0]),
}
EIGH = {
    "columns": lambda a: (lambda w, v: (v * np.exp(w)) @ v.T)(*np.linalg.eigh(a)),
    "diagonal": lambda a: (lambda w, v: v @ np.diag(np.exp(w)) @ v.T)(*np.linalg.eigh((a + a.T) / 2)),
    "einsum": lambda a: (lambda w, v: np.einsum("ik,k,jk->ij", v, np.exp(w), v))(*sl.eigh((a + a.T) / 2)),
}


def slope(a, f, df, c):
    """The gradient of Σ c∘f(a), by divided differences (Daleckii & Krein)."""
    w, v = np.linalg.eigh(a)
    near = np.abs(w[:, None] - w) < 1e-9
    d = np.where(near, df(w), (f(w)[:, None] - f(w)) / np.where(near, 1.0, w[:, None] - w))
    return v @ (d * (v.T @ ((c + c.T) / 2) @ v)) @ v.T


def symmetric(g):
    return (g + np.swapaxes(g, -1, -2)) / 2


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize("name", EIGH)
def test_functions_of_symmetric_matrices(name, at):
    a, f = POINTS[at], lambda a: np.sum(W * EIGH[name](a))
    expected = slope(a, np.exp, np.exp, W)
    compiled = wg.jit(wg.grad(f))
    found = [
        wg.grad(f)(a),
        wg.jacobian(f, mode="forward")(a),
        compiled(a),
        compiled(a),
        *wg.vmap(wg.grad(f))(a[None].repeat(4, 0)),
    ]
    for g in found:
        np.testing.assert_allclose(symmetric(g), expected, rtol=1e-12, atol=1e-12)
    d = symmetric(rng.normal(size=(4, 4)))
    np.testing.assert_allclose(wg.jvp(f, (a,), (d,))[1], np.sum(expected * d), rtol=1e-11)


def test_compiled_for_equal_eigenvalues_and_called_with_others():
    f = wg.jit(wg.grad(lambda a: np.sum(W * EIGH["columns"](a))))
    for a in (POINTS["identity"], POINTS["all apart"], POINTS["turned pairs"], POINTS["identity"] + 0.1 * symmetric(W)):
        np.testing.assert_allclose(symmetric(f(a)), slope(a, np.exp, np.exp, W), rtol=1e-11, atol=1e-11)


def odd_slope(a, f, df, c):
    """The gradient of Σ c∘(U f(s) Vᵀ), as that of an odd function of [[0, a], [aᵀ, 0]]."""
    m, n = a.shape
    whole, weight = np.block([[np.zeros((m, m)), a], [a.T, np.zeros((n, n))]]), np.zeros((m + n, m + n))
    weight[:m, m:] = c
    return 2 * slope(whole, lambda x: np.sign(x) * f(np.abs(x)), lambda x: df(np.abs(x)), weight)[:m, m:]


SVD = {
    "numpy": lambda a: np.linalg.svd(a, full_matrices=False),
    "square": lambda a: np.linalg.svd(a, full_matrices=a.shape[0] == a.shape[1]),
    "scipy": lambda a: sl.svd(a, full_matrices=False),
}
SHAPES = {
    "square": np.eye(4),
    "pairs": (Q * [2.0, 2.0, 1.0, 1.0]) @ P,
    "tall": (Q[:, :3] * [2.0, 2.0, 1.0]) @ P[:3, :3],
    "wide": 2 * Q[:2],
}


@pytest.mark.parametrize("at", SHAPES)
@pytest.mark.parametrize("name", SVD)
def test_functions_of_singular_values_and_vectors(name, at):
    a = SHAPES[at]
    c = W[: a.shape[0], : a.shape[1]]
    f = lambda a: (lambda u, s, vh: np.sum(c * ((u * (s**3 + s)) @ vh)))(*SVD[name](a))
    expected = odd_slope(a, lambda s: s**3 + s, lambda s: 3 * s**2 + 1, c)
    for g in (wg.grad(f)(a), wg.jacobian(f, mode="forward")(a), wg.jit(wg.grad(f))(a)):
        np.testing.assert_allclose(g, expected, rtol=1e-11, atol=1e-11)


def test_whitening_of_white_data():
    root = lambda c: (lambda u, s, vh: u @ np.diag(1 / np.sqrt(s)) @ u.T)(*np.linalg.svd(c))
    j = wg.jacobian(root)(np.eye(2))
    np.testing.assert_allclose(j[0, 1], [[0, -0.25], [-0.25, 0]], atol=1e-15)
    np.testing.assert_allclose(j[0, 0], [[-0.5, 0], [0, 0]], atol=1e-15)


def test_two_decompositions_one_after_the_other():
    root = lambda a: (lambda w, v: (v * np.sqrt(w)) @ v.T)(*np.linalg.eigh(a))
    g = wg.grad(lambda a: np.sum(W * root(root(a))))(np.eye(4))
    np.testing.assert_allclose(symmetric(g), symmetric(W) / 4, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("of", [lambda a: np.linalg.eigh(a)[1], lambda a: np.linalg.svd(a)[0]])
def test_what_turns_with_the_vectors_has_no_derivative(of):
    c = np.array([1.0, 0.3, 0.2, 0.1])
    for f in (lambda a: np.sum(of(a)[:, 2] * c), lambda a: np.sum(W * (of(a) * c) @ of(a).T)):
        assert np.all(np.isnan(np.diag(wg.grad(f)(POINTS["a triple"]))))
        assert np.isnan(wg.jvp(f, (POINTS["identity"],), (symmetric(W),))[1])


Z = W + 1j * rng.normal(size=(4, 4))
G = Z + np.conj(Z.T)
HERMITIAN = {
    "identity": np.eye(4),
    "pairs": np.kron(np.diag([1.0, -1.0]), np.eye(2)),
    "a triple": (lambda q: (q * [1.0, 1.0, 1.0, 2.0]) @ np.conj(q.T))(np.linalg.qr(Z)[0]),
}


@pytest.mark.parametrize("at", HERMITIAN)
@pytest.mark.parametrize("eigh", [np.linalg.eigh, sl.eigh])
def test_propagators_of_degenerate_levels(eigh, at):
    h = HERMITIAN[at]

    def f(x):
        w, v = eigh(h + x[0] * G + x[1] * np.conj(G))
        return np.sum(Z * ((v * np.exp(-1j * w)) @ v.conj().T)).real

    expected = wg.grad(lambda x: np.sum(Z * sl.expm(-1j * (h + x[0] * G + x[1] * np.conj(G)))).real)(np.zeros(2))
    for g in (wg.grad(f)(np.zeros(2)), wg.jacobian(f, mode="forward")(np.zeros(2)), wg.jit(wg.grad(f))(np.zeros(2))):
        np.testing.assert_allclose(g, expected, rtol=1e-11)


GENERAL = {
    "identity": np.eye(4),
    "a diagonal": np.diag([1.0, 1.0, 2.0, 3.0]),
    "pairs": (W * [1.0, 1.0, 2.0, 2.0]) @ np.linalg.inv(W),
    "pairs of rotations": W @ np.kron(np.eye(2), [[0.0, -1.0], [1.0, 0.0]]) @ np.linalg.inv(W),
}


@pytest.mark.parametrize("at", GENERAL)
@pytest.mark.parametrize("eig", [np.linalg.eig, sl.eig])
def test_functions_of_general_matrices(eig, at):
    """The cotangent of V vanishes at the identity, and the gradient of V e^w V⁻¹ was taken to be diagonal."""
    a = GENERAL[at]
    f = lambda a: (lambda w, v: np.sum(Q * ((v * np.exp(w)) @ np.linalg.inv(v)).real))(*eig(a))
    expected = wg.grad(lambda a: np.sum(Q * sl.expm(a)))(a)
    for g in (wg.grad(f)(a), wg.jacobian(f, mode="forward")(a), wg.jit(wg.grad(f))(a)):
        np.testing.assert_allclose(g, expected, rtol=1e-10, atol=1e-10 * np.max(np.abs(expected)))


@pytest.mark.parametrize("eig", [np.linalg.eig, np.linalg.eigh])
def test_an_inverse_in_place_of_the_transpose(eig):
    f = lambda a: (lambda w, v: np.sum(Q * (v @ np.diag(np.exp(w)) @ np.linalg.inv(v)).real))(*eig((a + a.T) / 2))
    np.testing.assert_allclose(wg.grad(f)(np.eye(4)), np.e * symmetric(Q), rtol=1e-12)


def test_one_vector_beside_equal_eigenvalues():
    """Of a Markov chain with four states that mix at one rate."""
    p = lambda t: np.full((4, 4), t / 4) + (1 - t) * np.eye(4) + t * np.outer([1, -1, 0, 0], [0.1, 0, 0, -0.1])

    def stationary(t, eig):
        w, v = eig(p(t).T)
        first = np.real(v[:, np.argmax(np.real(w))])
        return (first / np.sum(first))[0]

    by_hand = wg.grad(lambda t: np.linalg.solve(np.vstack([(np.eye(4) - p(t).T)[:3], np.ones(4)]), [0, 0, 0, 1])[0])
    for eig in (np.linalg.eig, sl.eig):
        np.testing.assert_allclose(wg.grad(stationary)(0.3, eig), by_hand(0.3), rtol=1e-10, atol=1e-13)


def test_eigenvalues_alone_beside_vectors_that_nobody_uses():
    for eig in (np.linalg.eig, sl.eig, np.linalg.eigh, sl.eigh, lambda a: sl.eigh(a, 2 * np.eye(3))):
        g = wg.grad(lambda a, eig=eig: (lambda w, v: np.sum(np.real(w) ** 2))(*eig(a)))(np.eye(3))
        np.testing.assert_allclose(g, g[0, 0] * np.eye(3))


def test_defective_matrices_stay_unknown():
    f = lambda a: (lambda w, v: np.sum(((v * np.exp(w)) @ np.linalg.inv(v)).real))(*np.linalg.eig(a))
    assert np.isnan(wg.grad(f)(np.array([[1.0, 1.0], [0.0, 1.0]]))).all()


def test_second_derivatives_are_not_silently_wrong():
    f = lambda a: np.sum(W * EIGH["columns"](a))
    assert np.isnan(wg.jvp(wg.grad(f), (np.eye(4),), (symmetric(W),))[1]).any()
    scaled = wg.derivative(lambda t: np.sum(wg.grad(lambda a: t**2 * f(a))(np.eye(4))))(3.0)
    np.testing.assert_allclose(scaled, 6.0 * np.sum(wg.grad(f)(np.eye(4))), rtol=1e-12)


def test_what_f_does_differently_when_called_again_stays_unknown():
    calls = []

    def f(a):
        calls.append(0)
        return len(calls) * np.sum(W * EIGH["columns"](a))

    assert np.isnan(wg.grad(f)(np.eye(4))).any()


# ── where nothing is turned ──

PAIRS = {  # functions of all eigenvalues, of one that is alone, and of vectors that are alone
    "cubes": lambda a: np.sum(np.linalg.eigvalsh(a) ** 3),
    "the largest": lambda a: np.linalg.eigvalsh(a)[-1],
    "the largest of eigvals": lambda a: np.max(np.linalg.eigvals(a).real),
    "the norm": lambda a: np.linalg.norm(a, 2),
    "two calls": lambda a: np.sum(np.arange(4.0) * np.linalg.eigh(a)[1][:, 2] ** 2) * np.linalg.eigh(a)[0][3],
    "values beside vectors": lambda a: np.sum(
        W * ((lambda v: (v * np.linalg.eigvalsh(a)) @ v.T)(np.linalg.eigh(a)[1]))
    ),
    "a pencil": lambda a: sl.eigh(a, B)[1][0, -1] ** 2,
    "values of a pencil": lambda a: sl.eigh(a, B, eigvals_only=True)[-1],
}
B = np.eye(4) + 0.1
Q = np.linalg.qr(np.random.default_rng(3).normal(size=(4, 4)))[0]
TWICE = Q @ np.diag([1.0, 1.0, 2.0, 5.0]) @ Q.T


@pytest.mark.parametrize("name", PAIRS)
def test_eigenvalues_of_one_matrix_in_several_lines(name):
    """Derivatives are right, or NaN: of what is read in several places nobody knows what turning does."""
    f = PAIRS[name]
    u = symmetric(W)
    step = lambda g: (g(TWICE + 1e-5 * u) - g(TWICE - 1e-5 * u)) / 2e-5
    gradient = lambda a: symmetric(wg.grad(f)(a))
    slopes = [np.sum(gradient(TWICE) * u), wg.jvp(f, (TWICE,), (u,))[1]]
    curvatures = [
        wg.jvp(gradient, (TWICE,), (u,))[1],
        symmetric(wg.grad(lambda a: wg.jvp(f, (a,), (u,))[1])(TWICE)),
        symmetric(wg.grad(lambda a: np.sum(gradient(a) * u))(TWICE)),
    ]
    for found, expected in [*[(x, step(f)) for x in slopes], *[(x, step(gradient)) for x in curvatures]]:
        if not np.any(np.isnan(found)):
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    if name in ("the largest", "the norm", "values of a pencil"):
        assert not any(np.any(np.isnan(x)) for x in (*slopes, *curvatures))
    if name in ("cubes", "two calls", "a pencil"):
        assert not np.any(np.isnan(slopes))
