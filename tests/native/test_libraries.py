"""Calls of LAPACK, BLAS and ufunc loops from native code: right, shared, and left where Python raises."""

import numpy as np
import pytest
import scipy.linalg as sl
import scipy.special as sp

import wengert as wg

RNG = np.random.default_rng(11)


def regular(n):
    return RNG.normal(size=(n, n)) + n * np.eye(n)


def positive(n):
    a = regular(n)
    return a @ a.T + np.eye(n)


def paths(compiled):
    return [p for known in compiled._signatures.values() for p in known.paths]


def native(f, *args):
    """f compiled, without a line that is given back to Python."""
    compiled = wg.jit(f)
    compiled(*args)
    (path,) = paths(compiled)
    assert path.native is not None, path.reason
    assert not path.native.graph.calls
    return compiled


def agrees(f, *args):
    compiled = native(f, *args)
    got, want = compiled(*args), f(*args)
    for a, b in zip(*[x if isinstance(x, tuple) else (x,) for x in (got, want)], strict=True):
        assert np.asarray(a).dtype == np.asarray(b).dtype
        rtol = 1e-10 if np.asarray(b).dtype == np.float64 else 2e-4
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)
    return compiled


A, S, b, B = regular(5), positive(5), RNG.normal(size=5), RNG.normal(size=(5, 3))
x = np.abs(RNG.normal(size=7)) + 0.1

SYSTEMS = {
    "solve vector": (np.linalg.solve, A, b),
    "solve matrix": (np.linalg.solve, A, B),
    "solve transposed": (lambda a, b: np.linalg.solve(a.T, b), A, b),
    "both ways": (lambda a, b: np.linalg.solve(a, np.linalg.solve(a.T, b)), A, B),
    "one equation": (np.linalg.solve, np.array([[2.0]]), np.array([3.0])),
    "inverse": (np.linalg.inv, A),
    "det": (np.linalg.det, A),
    "det negative": (np.linalg.det, A[::-1].copy()),
    "slogdet": (lambda a: tuple(np.linalg.slogdet(a)), A[::-1].copy()),
    "cholesky": (np.linalg.cholesky, S),
    "cholesky upper": (lambda a: np.linalg.cholesky(a, upper=True), S),
    "scipy cholesky": (lambda a: sl.cholesky(a), S),
    "scipy cholesky lower": (lambda a: sl.cholesky(a, lower=True), S),
    "cho_solve": (lambda a, b: sl.cho_solve(sl.cho_factor(a), b), S, B),
    "cho_solve lower": (lambda a, b: sl.cho_solve(sl.cho_factor(a, lower=True), b), S, b),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_systems(name):
    f, *args = SYSTEMS[name]
    agrees(f, *args)
    agrees(f, *[a.astype(np.float32) for a in args])


@pytest.mark.parametrize("name", SYSTEMS)
def test_gradients_of_systems(name):
    f, *args = SYSTEMS[name]
    slope = wg.grad(lambda *a: sum(np.sum(np.cos(y)) for y in (f(*a) if "slog" in name else (f(*a),))))
    if "det" in name:  # the adjugate looks at the matrix: that is Python's
        compiled = wg.jit(slope)
        compiled(*args)
        np.testing.assert_allclose(compiled(*args), slope(*args), rtol=1e-9, atol=1e-11)
    else:
        agrees(slope, *args)


@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("trans", [0, 1])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("right", [b, B], ids=["vector", "matrix"])
def test_triangles(lower, trans, unit, right):
    agrees(lambda a, b: sl.solve_triangular(a, b, trans=trans, lower=lower, unit_diagonal=unit), A, right)


def test_one_factor_serves_both_ways():
    """The pullback of a system is solved with the factors that the system was solved with."""
    compiled = native(wg.grad(lambda a, b: np.sum(np.linalg.solve(a, b) ** 2)), A, b)
    (path,) = paths(compiled)
    live = path.native.compiled.plan.live
    assert [n.op for n in live if n.kind == "library"].count("lu") == 1


FAILING = {
    "solve": (lambda a: np.linalg.solve(a, np.ones(3)), np.eye(3), np.ones((3, 3))),
    "inv": (np.linalg.inv, np.eye(3), np.zeros((3, 3))),
    "cholesky": (np.linalg.cholesky, np.eye(3), -np.eye(3)),
    "triangular": (
        lambda a: sl.solve_triangular(a, np.ones(3)), np.eye(3), np.diag([1.0, 0.0, 1.0]),
    ),
    "cho_factor": (lambda a: sl.cho_factor(a)[0], np.eye(3), -np.eye(3)),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILING)
def test_python_raises(name):
    f, good, bad = FAILING[name]
    compiled = native(f, good)
    for _ in range(2):
        with pytest.raises(np.linalg.LinAlgError):
            compiled(bad)
        np.testing.assert_allclose(compiled(good), f(good), rtol=1e-12)


def test_scipy_looks_for_infinities():
    compiled = native(lambda a: sl.cho_factor(a)[0], np.eye(3))
    with pytest.raises(ValueError, match="infs or NaNs"):
        compiled(np.full((3, 3), np.nan))


def test_a_failure_counts_though_nobody_uses_the_result():
    def positive_definite(a):
        try:
            np.linalg.cholesky(a)
        except np.linalg.LinAlgError:
            return np.sum(a) - 100.0
        return np.sum(a) + 100.0

    compiled = wg.jit(positive_definite)
    for a in (np.eye(3), -np.eye(3), np.eye(3), -np.eye(3)):
        assert compiled(a) == positive_definite(a)


def test_singular_determinants():
    compiled = native(lambda a: (np.linalg.det(a), *np.linalg.slogdet(a)), np.eye(3))
    assert compiled(np.zeros((3, 3))) == (0.0, 0.0, -np.inf)


# ── products ──

M = RNG.normal(size=(40, 30))
v, u = RNG.normal(size=30), RNG.normal(size=40)
T = RNG.normal(size=(3, 4, 4))
PRODUCTS = {
    "matrix vector": (lambda m, v: m @ v, M, v),
    "transposed vector": (lambda m, v: m.T @ v, M.T.copy(), v),
    "vector matrix": (lambda m, v: v @ m, M, u),
    "vector transposed": (lambda m, v: v @ m.T, M, v),
    "gradient": (wg.grad(lambda m, v: np.sum((m @ v) ** 2)), M, v),
    "ij,kj->ki": (lambda m: np.einsum("ij,kj->ki", m, m), M),
    "ij,jk,kl->li": (lambda a: np.einsum("ij,jk,kl->li", a, a, a), A),
    "bij,bjk->bik": (lambda t: np.einsum("bij,bjk->bik", t, t), T),
    "ii->i": (lambda a: np.einsum("ii->i", a), A),
    "ii": (lambda a: np.einsum("ii", a), A),
    "i...,i->...": (lambda t, v: np.einsum("i...,i->...", t, v), T, v[:3].copy()),
    "gradient of einsum": (wg.grad(lambda a: np.sum(np.einsum("ii->i", a) ** 3)), A),
    "tensordot": (lambda t: np.tensordot(t, t, ((1, 2), (2, 1))), T),
    "tensordot long": (lambda m: np.tensordot(m, m, ((0,), (0,))), M),
    "stack times stack": (np.matmul, RNG.normal(size=(2, 3, 10, 12)), RNG.normal(size=(3, 12, 11))),
    "matrix times stack": (np.matmul, RNG.normal(size=(10, 12)), RNG.normal(size=(3, 12, 11))),
    "stack times matrix": (np.matmul, RNG.normal(size=(3, 10, 12)), RNG.normal(size=(12, 11))),
    "stack times vector": (np.matmul, RNG.normal(size=(3, 10, 12)), RNG.normal(size=12)),
    "vector times stack": (np.matmul, RNG.normal(size=12), RNG.normal(size=(3, 12, 11))),
    "gradient of stacks": (
        wg.grad(lambda a, b: np.sum((a @ b) ** 2)),
        RNG.normal(size=(3, 10, 12)),
        RNG.normal(size=(3, 12, 11)),
    ),
    "small stacks": (np.matmul, T, T[:1].copy()),
    "kron": (np.kron, A, B),
    "cross": (lambda a, b: np.cross(a, b), B, B[::-1].copy()),
    "inner": (np.inner, A, A),
    "vdot": (np.vdot, A, A),
    "vecdot": (np.vecdot, T, T),
    "matvec": (np.matvec, T, T[0, :3].copy()),
    "vecmat": (np.vecmat, T[0, :3].copy(), T),
}


C, D = RNG.normal(size=(2, 3, 11, 12))
TENSORS = {
    "abc": C, "dbc": D, "aec": D, "acd": RNG.normal(size=(3, 12, 10)), "cdae": RNG.normal(size=(12, 5, 3, 11)),
    "nij": RNG.normal(size=(3000, 3, 3)), "nj": RNG.normal(size=(3000, 3)),
    "ab": C[:, :, 0].copy(), "ac": C[:, 0].copy(), "c": C[0, 0].copy(),
}  # fmt: skip
SUMS = (
    "abc,acd->abd", "abc,acd->dab", "abc,aec->abe", "abc,cdae->aebd", "abc,dbc->abd", "nij,nj->ni", "nij,nj->in",
    "nij,nij->n", "abc,ac->ab", "abc,c->ab", "abc,ab->ac", "abc,dbc,ab->cd", "abc,aec,acd->bed", "ab,abc,c->",
    "nij,nj,nj->i", "nij,nj,nj->",
)  # fmt: skip


@pytest.mark.parametrize("optimize", [False, "optimal"], ids=["in the order given", "in the best order"])
@pytest.mark.parametrize("subscripts", SUMS)
def test_sums_of_products(subscripts, optimize):
    """Values and gradients, and none of them is left to NumPy."""
    xs = [TENSORS[term] for term in subscripts.partition("->")[0].split(",")]

    def f(*xs):
        return np.einsum(subscripts, *xs, optimize=optimize)

    for g in (f, wg.grad(lambda *xs: np.sum(np.sin(f(*xs))), tuple(range(len(xs))))):
        agrees(g, *xs)


@pytest.mark.parametrize("name", PRODUCTS)
def test_products(name):
    f, *args = PRODUCTS[name]
    agrees(f, *args)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("sizes", [(7, 1), (7, 2), (7, 3), (7, 4), (7, 7), (3, 7), (4, 7)])
@pytest.mark.parametrize("f", [np.convolve, np.correlate])
def test_correlations(f, sizes, mode):
    p, q = (RNG.normal(size=n) for n in sizes)
    agrees(lambda p, q: f(p, q, mode), p, q)
    p[0] = np.inf
    compiled = native(lambda p, q: f(p, q, mode), p, q)
    np.testing.assert_allclose(compiled(p, q), f(p, q, mode), rtol=1e-12)


# ── running sums ──


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("f", [np.cumsum, np.cumprod, np.maximum.accumulate, np.minimum.accumulate])
def test_scans(f, axis):
    t = RNG.normal(size=(2, 3, 4))
    compiled = native(lambda t: f(t, axis=axis), t)
    np.testing.assert_array_equal(compiled(t), f(t, axis=axis))


def test_gradient_of_a_running_sum():
    agrees(wg.grad(lambda x: np.sum(np.cumsum(x) ** 2)), x)


# ── ufuncs without a formula of ours ──

UFUNCS = {
    "jv": lambda x: sp.jv(1.5, x),
    "kv of a whole order": lambda x: sp.kv(2, x),
    "betainc": lambda x: sp.betainc(x, 2.0, 0.3),
    "gamma": lambda x: sp.gamma(x),
    "nextafter": lambda x: np.nextafter(x, 1.0),
    "one of several results": lambda x: sp.airy(x)[1],
    "several results": lambda x: tuple(sp.sici(x)),
    "slope": wg.grad(lambda x: np.sum(sp.jv(1.5, x))),
}


@pytest.mark.parametrize("name", UFUNCS)
def test_loops_of_ufuncs(name):
    f = UFUNCS[name]
    compiled = native(f, x)
    for got, want in zip(np.atleast_2d(compiled(x)), np.atleast_2d(f(x)), strict=True):
        if name == "slope":
            np.testing.assert_allclose(got, want, rtol=1e-14)
        else:
            np.testing.assert_array_equal(got, want)


def test_loops_of_numbers_and_single_precision():
    agrees(lambda a, b: sp.betainc(a, 2.0, b), 1.5, 0.3)
    agrees(lambda x: sp.gamma(x), x.astype(np.float32))
    agrees(lambda a, b: sp.jv(a, b), x[:, None], x)


def test_loops_on_objects_stay_with_python():
    compiled = wg.jit(lambda k, x: np.sum(np.bitwise_count(k) * x))
    k = np.arange(4)
    compiled(k, x[:4])
    assert compiled(k, x[:4]) == np.sum(np.bitwise_count(k) * x[:4])


# ── the largest element taken out ──

EXTREME = [
    np.array([[0.1, 0.2, 0.2], [-1000.0, 3.0, 1000.0]]),
    np.array([[-np.inf, 0.0, 1.0], [-np.inf, -np.inf, -np.inf]]),
    np.array([[np.inf, 0.0, 1.0], [np.nan, 0.0, 1.0]]),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("axis", [0, 1, None])
@pytest.mark.parametrize("f", [sp.logsumexp, sp.softmax, sp.log_softmax])
def test_exponentials(f, axis):
    compiled = native(lambda a: f(a, axis=axis), EXTREME[0])
    for a in EXTREME:
        np.testing.assert_allclose(compiled(a), f(a, axis=axis), rtol=1e-14)
        np.testing.assert_allclose(compiled(a), f(a, axis=axis), rtol=1e-14)


@pytest.mark.parametrize("f", [np.var, np.std, np.nanvar, np.nanstd, np.nanmean, np.nansum, np.nanmax, np.argmax])
@pytest.mark.filterwarnings("ignore")
def test_statistics_with_nan(f):
    compiled = native(lambda a: f(a, axis=1), np.ones((2, 4)))
    for a in (np.array([[1.0, np.nan, 3.0, 3.0], [2.0, 5.0, 5.0, -1.0]]), np.full((2, 4), np.nan)):
        np.testing.assert_allclose(compiled(a), f(a, axis=1), rtol=1e-14)


def test_repeated_places():
    x = np.arange(1.0, 5.0)
    agrees(wg.grad(lambda x: np.sum(np.repeat(x, [1, 3, 0, 2]) ** 2)), x)
    agrees(wg.grad(lambda x: np.sum(np.bincount([0, 2, 2, 1], x) ** 2)), x)
    agrees(wg.grad(lambda x: np.sum(np.pad(x, 2, mode="reflect") ** 2)), x)
    agrees(lambda x: np.diag(x) + np.diag(x[1:], 1), x)


def test_bits_of_whole_numbers():
    compiled = native(lambda x: np.sum(np.where((np.floor(x).astype(int) & 1) == 1, x, -x)), x)
    assert compiled(x) == np.sum(np.where((np.floor(x).astype(int) & 1) == 1, x, -x))
    agrees(lambda x: np.invert(x.astype(int)) | np.bitwise_xor(x.astype(int), 5), 10 * x)


@pytest.mark.filterwarnings("ignore")
def test_whole_numbers_of_floating_ones():
    compiled = native(lambda x: (x.astype(int) + 0, x.astype(bool) & True), x)
    wild = np.array([1.9, -1.9, np.nan, np.inf, -np.inf, 1e300, -0.0])
    for got, want in zip(compiled(wild), (wild.astype(int), wild.astype(bool)), strict=True):
        np.testing.assert_array_equal(got, want)
