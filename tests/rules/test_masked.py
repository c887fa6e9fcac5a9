"""numpy.ma of recorded numbers: NumPy's values, and derivatives in which what is masked has no part."""

import numpy as np
import pytest
from check import check

import wengert as wg
from wengert.errors import NoDerivative

X = np.array([0.5, -1.2, 0.8, 2.1, 0.3, -0.4])
A = np.random.default_rng(3).normal(size=(4, 3))
HOLES = np.ma.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], mask=[0, 1, 0, 0, 1, 0])


def plain(x):
    """The numbers of a masked array, and 9 where it is masked."""
    return np.ma.filled(x, 9.0)


def test_made_by_conditions():
    def f(x):
        return (
            [np.ma.masked_where(x < 0, x).mean(), np.ma.masked_less(x, 0.4).sum(), np.ma.masked_greater(x, 1.0).std()],
            plain(np.ma.masked_inside(x, 0.0, 1.0) * x),
            plain(np.ma.masked_outside(x, -1.0, 1.0)),
            plain(np.ma.masked_equal(np.round(x + 0.1), 1.0) + x),
            np.ma.masked_invalid(np.where(x < 0, np.nan, x)).mean(),
            np.ma.masked_array(x, mask=x > 1).var(ddof=1),
            np.ma.array(x, mask=[0, 1, 0, 0, 0, 1]).prod() * np.ma.array(x).mean(),
            np.ma.MaskedArray(x, HOLES.mask).compressed(),
            plain(np.ma.fix_invalid(np.where(x < 0, np.nan, x), fill_value=2.0)),
        )

    check(f, X)


def test_arithmetic_and_functions():
    def f(x):
        m = np.ma.masked_less(x, -1.0)
        n = np.ma.masked_greater(x, 2.0)
        return (
            plain((m * 2 + x) ** 2 / (n - 3)),
            plain(-m + 1.5 * n),
            plain(np.ma.sqrt(m) * np.ma.log(n)),
            plain(np.exp(m)),
            plain(np.ma.divide(x, np.array([1, 0, 2, 0, 3, 4.0]))),
            plain(HOLES * m),
            plain(m + HOLES),
            plain(x * n / HOLES),
            plain(np.ma.where(m > 0.4, m, 2 * n)),
            plain(np.ma.maximum(m, 0.1)),
            np.ma.dot(m, x),
            plain(abs(m) % 0.37),
        )

    check(f, X)


def test_reductions():
    def f(a):
        m = np.ma.masked_greater(a, 0.4)
        return (
            [plain(m.mean(axis=0)), plain(m.sum(axis=1)), plain(m.std(axis=0)), plain(m.var(axis=1, ddof=1))],
            [plain(np.ma.median(m, axis=1)), np.ma.median(m), plain(m.max(axis=0)), m.min(), m.ptp()],
            [np.ma.average(m, weights=np.abs(a)), plain(np.ma.average(m, axis=0, weights=[1.0, 2, 3, 4]))],
            [np.sum(m), np.mean(m), np.std(m), plain(np.sum(m, axis=0)), plain(np.cumsum(m, axis=1))],
            plain(np.ma.anom(m)),
            plain((m - m.mean(axis=1, keepdims=True)).T),
            m.count() * np.ma.count(m, axis=0) * a[0],
            plain(np.ma.concatenate([m, m[:1] ** 2])),
            m.reshape(3, 4).ravel().compressed(),
        )

    check(f, A)


def test_writes():
    def f(x):
        m = np.ma.array(x.copy())
        m[1] = np.ma.masked
        m[m > 2] = np.ma.masked
        m[0] = m[2] ** 2
        n = m[2:]
        return (
            m.sum(),
            plain(np.ma.anom(m)),
            (m**2).mean(),
            plain(n),
            m.filled(-1.0),
            [v for v in m if v is not np.ma.masked],
        )

    check(f, X)


def test_an_element_that_is_masked_has_no_part_even_where_it_is_nan():
    slope = wg.grad(lambda x: np.ma.masked_invalid(np.log(x)).sum())
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(slope(np.array([2.0, -1.0, 0.5])), [0.5, 0.0, 2.0])
    assert wg.grad(lambda x: np.ma.sqrt(x).sum())(np.array([-1.0, 4.0])).tolist() == [0.0, 0.25]


def test_compiled():
    f = lambda x: (np.ma.masked_less(x, 0) ** 2).mean()
    compiled = wg.jit(wg.grad(f))
    for x in (X, -X, 2 * X):
        np.testing.assert_allclose(compiled(x), wg.grad(f)(x), rtol=1e-14)


def test_covariances_differences_and_products():
    def f(x):
        m, n = np.ma.masked_greater(x, 2.0), np.ma.masked_less(x**2 - 0.4 * x, 0.0)
        M = np.ma.masked_greater(np.outer(x, [1.0, -2.0, 0.5]) + np.sin(np.arange(18.0)).reshape(6, 3), 1.5)
        t = np.ma.array(np.arange(6.0), mask=HOLES.mask)
        return (
            plain(np.ma.cov(m, n)),
            plain(np.ma.cov(M.T, bias=True)),
            plain(np.ma.corrcoef(m, t)),
            np.ma.polyfit(t, m, 1),
            np.ma.polyfit(np.arange(6.0), np.ma.array(M.data), 1, w=np.ma.array(np.ones(6), mask=HOLES.mask)),
            plain(np.ma.diff(M, axis=1)),
            plain(np.ma.diff(M, prepend=0.5, append=M[:, :1] ** 2)),
            plain(np.ma.diff(m, 2, append=x[0])),
            plain(np.ma.ediff1d(m, to_end=x[:1])),
            [np.ma.inner(m, n), HOLES.dot(x)],
            plain(np.ma.outer(m, n)),
        )

    check(f, X)


def test_seldom_methods():
    def f(x):
        M = np.ma.masked_greater(np.outer(x, [1.0, -2.0, 0.5]), 1.0)
        N = M.copy()
        N.fill(x[0])
        return (
            [v * 2.0 for row in M.tolist() for v in row if v is not None],
            plain(M.swapaxes(0, 1)),
            plain(M.take([0, 2], axis=1)),
            plain(np.repeat(M, 2, axis=0)),
            [M.diagonal().sum(), M.trace(), N.sum(), len(M.nonzero()[0]) * x[0]],
            plain(M.compress([True, False, True], axis=1)),
            np.where(M.mask, 0.0, M),
            [np.linalg.norm(M), np.interp(x[0], np.arange(3.0), M[0])],
        )

    check(f, X)


@pytest.mark.parametrize(
    "refused",
    [
        lambda m: np.ma.unique(m),
        lambda m: np.sort(m).sum(),
        lambda m: np.asarray(m).sum(),
        lambda m: np.add.reduce(m),
    ],
)
def test_refused(refused):
    with pytest.raises(
        NoDerivative, match=r"(?s)of a masked array of recorded numbers \(called at test_masked.*filled"
    ):
        wg.grad(lambda x: refused(np.ma.masked_less(x, 0)))(X)
