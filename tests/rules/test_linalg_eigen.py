"""Eigenvalues, singular values and QR of np.linalg: gauge-free functions against differences."""

import numpy as np
import pytest
import scipy.linalg
from check import check

import wengert as wg

rng = np.random.default_rng(7)
A3 = 0.3 * rng.normal(size=(3, 3)) + np.diag([1.0, 2.0, 3.0])
A23 = 0.3 * rng.normal(size=(2, 3, 3)) + np.diag([1.0, 2.0, 3.0])
C3 = A3 + 0.3j * rng.normal(size=(3, 3))
TALL = rng.normal(size=(4, 3))
WIDE = rng.normal(size=(2, 3))
H3 = A3 + A3.T
HC = C3 + C3.conj().T
TALL_C = TALL + 1j * rng.normal(size=TALL.shape)


def rebuilt(w, v):
    return (v * np.exp(0.1 * w)[..., None, :]) @ np.conj(np.swapaxes(v, -1, -2))


CASES = {
    "eigh": (lambda a: tuple(np.linalg.eigh(a)), H3),
    "eigh upper": (lambda a: tuple(np.linalg.eigh(a, UPLO="U")), H3),
    "eigh stack": (lambda a: tuple(np.linalg.eigh(a)), A23 + np.swapaxes(A23, -1, -2)),
    "eigh complex": (lambda a: rebuilt(*np.linalg.eigh(a)), HC),
    "eigh vectors": (lambda a: np.linalg.eigh(a).eigenvectors ** 2, H3),
    "eigh values": (lambda a: np.linalg.eigh(a)[0], HC),
    "eigvalsh": (np.linalg.eigvalsh, H3),
    "eigvalsh complex": (np.linalg.eigvalsh, HC),
    "eigvalsh upper stack": (lambda a: np.linalg.eigvalsh(a, "U"), A23),
    "eig": (lambda a: tuple(np.linalg.eig(a)), A3),
    "eig stack": (lambda a: tuple(np.linalg.eig(a)), A23),
    "eig complex": (lambda a: tuple(np.linalg.eig(a)), C3),
    "eig real with complex values": (lambda a: tuple(np.linalg.eig(a)), np.array([[1.0, 2, 0.1], [-2, 1.5, 0.3], [0.2, 0.1, 3]])),
    "eigvals": (np.linalg.eigvals, A3),
    "eigvals complex": (np.linalg.eigvals, np.array([[1.0, 2, 0.1], [-2, 1.5, 0.3], [0.2, 0.1, 3]])),
    "svd": (lambda a: tuple(np.linalg.svd(a)), A3),
    "svd tall": (lambda a: tuple(np.linalg.svd(a, full_matrices=False)), TALL),
    "svd wide stack": (lambda a: tuple(np.linalg.svd(a, full_matrices=False)), rng.normal(size=(2, 2, 3))),
    "svd complex": (lambda a: (lambda u, s, vh: ((u * s**2) @ vh, np.abs(u) ** 2 * s))(*np.linalg.svd(a, full_matrices=False)), TALL_C),
    "svd values": (lambda a: np.linalg.svd(a, compute_uv=False), TALL_C),
    "svd values only": (lambda a: np.linalg.svd(a, full_matrices=False).S, WIDE),
    "svdvals": (np.linalg.svdvals, A23),
    "svd hermitian": (lambda a: tuple(np.linalg.svd(a, hermitian=True)), H3 - 3 * np.eye(3)),
    "qr": (lambda a: tuple(np.linalg.qr(a)), A3),
    "qr tall stack": (lambda a: tuple(np.linalg.qr(a)), rng.normal(size=(2, 4, 3))),
    "qr wide": (lambda a: tuple(np.linalg.qr(a)), WIDE),
    "qr complex": (lambda a: tuple(np.linalg.qr(a)), TALL_C),
    "qr complete": (lambda a: tuple(np.linalg.qr(a, mode="complete")), WIDE),
    "qr r": (lambda a: np.linalg.qr(a, mode="r"), TALL),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_against_differences(case):
    f, *args = CASES[case]
    check(f, *args, rtol=1e-6 if "svd" in case or "eig" in case else 1e-7)


FULL = {
    "svd, values": (lambda a: np.linalg.svd(a)[1], rng.normal(size=(2, 4, 3))),
    "svd, thin part": (lambda a: (lambda u, s, vh: (u[:, :3] * s) @ vh**2)(*np.linalg.svd(a)), TALL),
    "svd, null vector": (lambda a: np.linalg.svd(a)[2][-1], rng.normal(size=(3, 4))),
    "svd, left null vector": (lambda a: np.linalg.svd(a)[0], rng.normal(size=(4, 3))),
    "qr, the column that is left": (lambda a: tuple(np.linalg.qr(a, mode="complete")), rng.normal(size=(4, 3))),
    "qr, triangle": (lambda a: np.linalg.qr(a, mode="complete")[1], TALL),
}


@pytest.mark.parametrize("case", FULL)
def test_completed_bases(case):
    f, *args = FULL[case]
    check(f, *args, rtol=1e-6)


def projector(a):
    rest = np.linalg.svd(a)[0][:, 2:]
    return rest @ rest.T


def test_functions_of_the_space_that_is_left():
    a = rng.normal(size=(5, 2))
    by_inverse = wg.jacobian(lambda a: -a @ np.linalg.inv(a.T @ a) @ a.T)(a)
    np.testing.assert_allclose(wg.jacobian(projector, mode="reverse")(a), by_inverse, atol=1e-12)
    by_qr = wg.jacobian(
        lambda a: (lambda q: q[:, 2:] @ q[:, 2:].T)(np.linalg.qr(a, mode="complete")[0]), mode="reverse"
    )
    np.testing.assert_allclose(by_qr(a), by_inverse, atol=1e-12)


@pytest.mark.parametrize("f", [lambda a: np.linalg.svd(a)[0], lambda a: np.linalg.qr(a, mode="complete")[0]])
def test_arbitrary_vectors_have_no_number(f):
    a = rng.normal(size=(5, 2))
    assert np.all(np.isnan(wg.grad(lambda a: f(a)[0, 4])(a)))
    assert np.all(np.isnan(wg.jvp(f, (a,), (a**2,))[1][:, 2:]))
    assert not np.any(np.isnan(wg.jvp(f, (a,), (a**2,))[1][:, :2]))


@pytest.mark.parametrize("n", [1, 3])
def test_sums_over_equal_eigenvalues(n):
    a = 2.0 * np.eye(n)
    np.testing.assert_allclose(wg.grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 3))(a), 12 * np.eye(n))
    np.testing.assert_allclose(wg.grad(lambda a: np.sum(np.linalg.svdvals(a) ** 3))(a), 12 * np.eye(n))
    np.testing.assert_allclose(wg.grad(lambda a: np.sum(np.linalg.eigh(a)[0] ** 3))(a), 12 * np.eye(n))


def test_equal_extreme_eigenvalues_share():
    np.testing.assert_allclose(wg.grad(lambda a: np.max(np.linalg.eigvalsh(a)))(np.eye(4)), np.eye(4) / 4)


def test_singular_value_zero_is_a_kink():
    np.testing.assert_array_equal(wg.grad(lambda a: np.sum(np.linalg.svdvals(a)))(np.zeros((2, 3))), np.zeros((2, 3)))
    g = wg.grad(lambda a: np.sum(np.linalg.svdvals(a) ** 2))(np.diag([3.0, 0.0]))
    np.testing.assert_allclose(g, np.diag([6.0, 0.0]), atol=1e-14)


SPECTRAL = {
    "power sum": (lambda w: np.sum(w**3), lambda a: np.trace(a @ a @ a)),
    "log det": (lambda w: np.sum(np.log(w)), lambda a: np.linalg.slogdet(a)[1]),
    "square of the trace": (lambda w: np.sum(w) ** 2 * np.sum(w**2), lambda a: np.trace(a) ** 2 * np.trace(a @ a)),
    "product": (np.prod, np.linalg.det),
}


@pytest.mark.parametrize("case", SPECTRAL)
@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [1.0, 2.0, 2.0], [1.0, 1.0, 3.0]])
@pytest.mark.parametrize("eigenvalues", [np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[0]])
def test_second_order_at_equal_eigenvalues(case, values, eigenvalues):
    of_values, smooth = SPECTRAL[case]
    q = np.linalg.qr(A3)[0]
    a = (q * values) @ q.T

    def f(a):
        return of_values(eigenvalues(a))

    d = H3
    np.testing.assert_allclose(wg.jvp(f, (a,), (d,))[1], wg.jvp(smooth, (a,), (d,))[1], rtol=1e-10)
    symmetric = lambda g: (g + g.T) / 2
    np.testing.assert_allclose(symmetric(wg.grad(f)(a)), symmetric(wg.grad(smooth)(a)), rtol=1e-9, atol=1e-9)
    over_forward = wg.jvp(wg.grad(f), (a,), (d,))[1]
    over_reverse = wg.grad(lambda a: np.sum(d * wg.grad(f)(a)))(a)
    expected = wg.jvp(wg.grad(smooth), (a,), (d,))[1]
    np.testing.assert_allclose(symmetric(over_forward), symmetric(expected), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(np.sum(over_reverse * d), np.sum(over_forward * d), rtol=1e-8)


def test_second_order_at_equal_eigenvalues_in_a_stack():
    a = np.stack([np.eye(3), H3, 2 * np.eye(3)])
    d = np.stack([H3, H3, A3 + A3.T])
    g = wg.jvp(wg.grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 3)), (a,), (d,))[1]
    full = (g + np.swapaxes(g, -1, -2)) / 2
    np.testing.assert_allclose(full, 3 * (a @ d + d @ a), rtol=1e-10, atol=1e-10)


def test_slopes_that_do_not_mix_are_finite():
    d = np.diag([1.0, 2.0, 3.0])
    v = wg.jvp(lambda a: np.linalg.eigh(a)[1], (np.eye(3),), (d,))[1]
    np.testing.assert_array_equal(v, np.zeros((3, 3)))


SINGULAR = {
    "squares": (lambda s: np.sum(s**2), lambda a: np.sum(np.abs(a) ** 2)),
    "fourth powers": (lambda s: np.sum(s**4), lambda a: np.sum(np.abs(a @ np.conj(a.T)) ** 2)),
    "mixed": (
        lambda s: np.sum(s**2) * np.sum(s**4),
        lambda a: np.sum(np.abs(a) ** 2) * np.sum(np.abs(a @ np.conj(a.T)) ** 2),
    ),
}


@pytest.mark.parametrize("case", SINGULAR)
@pytest.mark.parametrize(
    "values", [[2.0, 2.0, 2.0], [2.0, 2.0, 1.0], [2.0, 0.0, 0.0], [3.0, 2.0, 0.0], [0.0, 0.0, 0.0]]
)
@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3, 4)])
@pytest.mark.parametrize("dtype", [float, complex])
def test_second_order_at_equal_and_vanishing_singular_values(case, values, shape, dtype):
    of_values, smooth = SINGULAR[case]
    local = np.random.default_rng(5)
    draw = lambda *n: local.normal(size=n) + (1j * local.normal(size=n) if dtype is complex else 0)
    u, v, d = np.linalg.qr(draw(shape[0], 3))[0], np.linalg.qr(draw(shape[1], 3))[0], draw(*shape)
    a = (u * values) @ np.conj(v.T)

    def f(a):
        return of_values(np.linalg.svdvals(a))

    close = lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-8, atol=1e-8)
    close(wg.grad(f)(a), wg.grad(smooth)(a))
    expected = wg.jvp(wg.grad(smooth), (a,), (d,))[1]
    close(wg.jvp(wg.grad(f), (a,), (d,))[1], expected)
    close(wg.grad(lambda a: np.sum(np.real(np.conj(d) * wg.grad(f)(a))))(a), expected)


def of_null_space(a):
    n = scipy.linalg.null_space(a)
    return np.linalg.solve(n.T @ np.diag(np.arange(1.0, 6.0)) @ n, n.T @ np.arange(5.0)) @ n.T


def span(a, make):
    n = make(a)
    return n @ np.conj(n.T)


SPANS = {
    "null space": lambda a: span(a, scipy.linalg.null_space),
    "reduced problem": of_null_space,
    "full svd": lambda a: span(a, lambda a: np.conj(np.linalg.svd(a)[2][2:].T)),
    "scipy qr": lambda a: span(a, lambda a: scipy.linalg.qr(a.T, pivoting=True)[0][:, 2:]),
    "full qr": lambda a: span(a, lambda a: np.linalg.qr(a.T, mode="complete")[0][:, 2:]),
}


@pytest.mark.parametrize("case", SPANS)
@pytest.mark.parametrize("kind", [float, complex])
def test_what_does_not_depend_on_the_basis_has_tangents_and_second_derivatives(case, kind):
    draw = np.random.default_rng(0)
    a = draw.normal(size=(2, 5)) + (1j * draw.normal(size=(2, 5)) if kind is complex else 0.0)
    if kind is complex and case == "reduced problem":
        return
    check(SPANS[case], a, rtol=1e-6, value=case != "reduced problem")  # products of BLAS, in another layout
    if kind is float:
        f = lambda a: np.sum(SPANS[case](a)[0] * np.arange(5.0)) if case != "reduced problem" else SPANS[case](a)[1]
        h = wg.hessian(f)
        assert np.all(np.isfinite(h(a)))
        np.testing.assert_allclose(wg.jit(h)(a), h(a), rtol=1e-9, atol=1e-12)
