"""Programs that differentiate by an argument beside the data: an edge value, an order, a default, a correction."""

import numpy as np
import pytest
from check import check
from scipy import integrate, interpolate, linalg, ndimage, signal, spatial, stats
from scipy.spatial.transform import Rotation
from ways import compiled_at_two_points

import wengert as wg
from wengert.errors import LostDerivative, NoDerivative

DATA = np.linspace(0.0, 10.0, 7)
IMAGE = np.random.default_rng(4).random((4, 5))
BOX = np.random.default_rng(5).random((2, 2))
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
POINT = np.array([1.3, 0.7, 2.1])


# ── NumPy asks these arguments for no protocol ──


def broken_line(p):
    return np.piecewise(
        DATA, [p[0] * 4 > DATA], [lambda t: p[1] * t + p[2] - p[1] * p[0], lambda t: p[2] * t - p[1] * p[0]]
    )


def steps(p):
    return np.piecewise(DATA, [DATA < 3, DATA > 8], [p[0], lambda t, a, b: a * t + b, 0.5], p[1], b=p[2])


def padding(p):
    def around(row, width, axis, options):
        row[: width[0]], row[len(row) - width[1] :] = p[0], p[1] * row[-width[1] - 1]

    ends = np.pad(DATA, (1, 2), "linear_ramp", end_values=(p[0], p[1]))
    return [np.pad(DATA, 1, constant_values=p[0]), ends, np.pad(DATA, 1, around), np.pad(DATA, 1, mode=around)]


def outside(p):
    ends = np.interp([-1.0, 3.0, 12.0], DATA, DATA**2, left=p[0], right=p[1])
    return [ends, np.interp(DATA, [0.0, 1.0, 2.0], [1.0, 3.0, 2.0], period=2.2 * p[0] + p[1])]


def replaced(p):
    broken = np.array([np.nan, 1.0, np.inf, -np.inf])
    halves = np.nan_to_num(np.array([np.nan + 2j, 1.0]), nan=p[2])
    return [
        np.nan_to_num(broken, nan=p[0], posinf=p[1], neginf=p[2]),
        np.nan_to_num(p * np.array([1.0, np.nan, 2.0]), nan=p[1]),
        [np.real(halves), np.imag(halves)],
    ]


def started(p):
    return [f(DATA + 1, initial=p[0]) for f in (np.sum, np.prod, np.min, np.nansum)] + [np.max(DATA, initial=8 * p[1])]


def corrected(p):
    gap = np.append(DATA, np.nan)
    return [
        np.var(DATA, ddof=p[0]), np.std(p, ddof=p[1]), np.nanvar(gap, ddof=p[0]), np.nanstd(gap, correction=p[0]),
        np.var(np.outer(p, DATA), axis=1, ddof=p[1]), np.var(DATA, ddof=p[0], where=DATA > 2),
    ]  # fmt: skip


def orders(p):
    rows = np.outer(p, [1.0, -2.0, 0.5])
    return [
        np.linalg.norm(DATA, p[0]), np.linalg.norm(rows, ord=p[2], axis=1), np.linalg.vector_norm(p, ord=p[0]),
        np.linalg.norm(rows, ord=p[1] + 1, axis=0, keepdims=True),
    ]  # fmt: skip


def polynomials(p):
    weights = np.exp(-p[0] * DATA) + p[1]
    companion = np.polynomial.laguerre.lagcompanion(p), np.polynomial.chebyshev.chebcompanion(p)
    return [
        np.polyfit(DATA, DATA**2, 1, w=weights), np.polydiv(DATA, p[:2])[0], np.polyint([1.0, 2.0], 2, k=p[:2]),
        *companion, np.polynomial.polyutils.mapdomain(DATA, [0, p[0]], [1, 2.0]),
        np.polynomial.polynomial.polyline(p[0], p[1]),
    ]  # fmt: skip


def others(p):
    density, edges = np.histogram(DATA, bins=3, range=(0, 8.5 * p[0]), density=True)
    turns = np.unwrap(np.arange(6) * 2.0, period=p[0] + 2)
    return [density, edges, turns, np.kaiser(5, p[0]), np.select([DATA < 3, DATA > 8], [DATA, -DATA], default=p[1])]


@pytest.mark.parametrize(
    "f", [broken_line, steps, padding, outside, replaced, started, corrected, orders, polynomials, others]
)
def test_beside_plain_data(f):
    check(f, POINT)
    compiled_at_two_points(f, POINT)


def test_a_correction_beside_recorded_data():
    slope = wg.grad(lambda p: np.var(p * DATA, ddof=p))(1.5)
    assert slope == pytest.approx(np.var(DATA) * 7 * (2 * 1.5 / 5.5 + 1.5**2 / 5.5**2), rel=1e-14)


def test_whole_numbers_stay_whole():
    with pytest.raises(LostDerivative, match=r"np\.piecewise of x of dtype int64.*\n.*astype"):
        wg.grad(lambda p: np.sum(np.piecewise(np.arange(4), [np.arange(4) < 2], [lambda t: p * t, 1])))(1.5)


# ── values beyond the edges, rates, tables ──


def filters(p):
    v = {"mode": "constant", "cval": p[0]}
    return [
        ndimage.gaussian_filter(IMAGE, 0.7, **v), ndimage.uniform_filter(IMAGE, 3, **v), ndimage.convolve(IMAGE, BOX, **v),
        ndimage.correlate1d(IMAGE, [1.0, 2.0, p[1]], **v), ndimage.median_filter(IMAGE * p[1], 3, mode="constant", cval=p[2] / 4),
        ndimage.maximum_filter(IMAGE, 3, mode="constant", cval=p[1]), ndimage.rank_filter(IMAGE, 1, 3, mode="constant", cval=p[1] / 7),
    ]  # fmt: skip


def moved(p):
    return [
        ndimage.shift(IMAGE, (0.3, 0.4), order=1, cval=p[0]), ndimage.rotate(IMAGE, 20.0 * p[1], cval=p[0]),
        ndimage.map_coordinates(IMAGE, [[0.3, 7.0], [0.4, 1.0]], cval=p[0]),
        ndimage.affine_transform(IMAGE * p[2], np.eye(2) * 1.3, cval=p[1]),
    ]  # fmt: skip


def signals(p):
    s = np.sin(DATA * p[1])
    return [
        signal.convolve2d(IMAGE, BOX * p[1], fillvalue=p[0]), signal.correlate2d(IMAGE, BOX, "same", fillvalue=p[0]),
        signal.savgol_filter(s, 5, 2, mode="constant", cval=p[0]), signal.savgol_coeffs(5, 2, deriv=1, delta=p[0]),
        signal.resample_poly(s, 3, 2, padtype="constant", cval=p[0]), signal.butter(2, p[1], fs=9 * p[0])[0],
        signal.upfirdn(p, DATA, 2, 1, mode="symmetric"), signal.bilinear([1.0, 2.0], [1.0, 3.0], fs=p[0])[0],
    ]  # fmt: skip


def tables(p):
    made = interpolate.LinearNDInterpolator(CORNERS, np.arange(4.0), fill_value=p[0])
    return [
        made([[0.3, 0.4], [3.0, 3.0]]), interpolate.griddata(CORNERS[:3], p, [[0.2, 0.3], [2, 2]], fill_value=p[1]),
    ]  # fmt: skip


@pytest.mark.parametrize("f", [filters, moved, signals, tables])
def test_beyond_the_edges(f):
    check(f, POINT)


def test_what_no_rule_differentiates_by_is_refused():
    with pytest.raises(NoDerivative, match=r"cspline1d has no derivative with respect to its argument lamb"):
        wg.grad(lambda p: np.sum(signal.cspline1d(DATA * p, p)))(0.3)
    with pytest.raises(NoDerivative, match=r"find_peaks_cwt has no derivative with respect to its argument widths"):
        wg.grad(lambda p: p * len(signal.find_peaks_cwt(DATA, [p, 2.0])))(1.0)


# ── distributions without formulas ──


def test_entropies_by_integrals():
    assert wg.grad(lambda a: stats.skewnorm.entropy(a))(1.5) == pytest.approx(-0.17809408112744, rel=1e-12)
    check(lambda a: stats.exponweib.entropy(a, 1.4), 1.5, order=1, rtol=1e-5)


def test_integrands_that_are_constant_at_some_nodes():
    def f(a):
        return integrate.quad(lambda t: a * (t - 0.5) ** 6 if t > 0.5 else 0.0, 0.0, 2.0)[0]

    assert wg.grad(f)(1.5) == pytest.approx(1.5**7 / 7, rel=1e-11)


# ── equal singular values ──

TURN = Rotation.from_rotvec([0.3, 0.4, 0.5]).as_matrix()
MIRROR = np.diag([1.0, 1.0, -0.5])


def alignments(x):
    turned, far = Rotation.align_vectors(x, 1.1 * TURN)
    _, _, sensitivity = Rotation.align_vectors(x, 1.1 * TURN, weights=[1.0, 2.0, 1.5], return_sensitivity=True)
    return [turned.as_rotvec(), far, sensitivity, *linalg.orthogonal_procrustes(x, TURN)]


def test_frames_that_are_aligned():
    check(alignments, np.eye(3))
    compiled_at_two_points(alignments, np.eye(3))
    check(lambda x: Rotation.align_vectors(x, MIRROR)[0].as_rotvec(), np.eye(3))


@pytest.mark.parametrize("matrix", [np.eye(3), TURN, np.eye(3) + 0.1 * TURN, np.stack([TURN, np.eye(3) + 0.1 * TURN])])
def test_a_matrix_beside_a_rotation(matrix):
    check(lambda m: Rotation.from_matrix(m).as_rotvec(), matrix)


def test_a_matrix_that_is_said_to_be_a_rotation():
    if "assume_valid" in Rotation.from_matrix.__doc__:
        check(lambda m: Rotation.from_matrix(m, assume_valid=True).as_rotvec(), TURN)


def test_singular_vectors_of_equal_singular_values():
    """A √(AᵀA) is smooth at the identity; the first singular vector is not."""
    weights = np.arange(9.0).reshape(3, 3)

    def f(x):
        u, s, vh = np.linalg.svd(x)
        return np.sum((u * s**2) @ vh * weights)

    for mode in ("forward", "reverse"):
        of = wg.jacobian(f, mode=mode)(np.eye(3))
        np.testing.assert_allclose(of, 1.5 * weights + 0.5 * weights.T, rtol=1e-12, atol=1e-13)
        first = wg.jacobian(lambda x: np.sum(np.linalg.svd(x)[0][:, 0] * [1.0, 2.0, 3.0]), mode=mode)
        assert np.isnan(first(np.eye(3))).any()


def test_second_order_where_a_singular_value_is_zero():
    """Centred shapes of as many points as dimensions: CᵀA has one zero eigenvalue, which no derivative depends on."""
    rng = np.random.default_rng(4)
    weights, w, v = rng.normal(size=(3, 4, 4))
    f = lambda w: np.sum(spatial.procrustes(w, np.eye(4))[1] * weights)
    h = 2e-3
    at = lambda k: wg.grad(f)(w + k * h * v)
    reference = sum(c * (at(k) - at(-k)) for k, c in ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))) / h
    np.testing.assert_allclose(wg.hvp(f, (w,), v), reference, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(wg.grad(lambda w: np.sum(wg.grad(f)(w) * v))(w), reference, rtol=1e-8, atol=1e-9)


def test_a_negative_order_of_a_vector_with_zeros_is_refused():
    """The norm is 0 for all orders below 0; the sum over the other elements would have another slope."""
    x = np.array([0.0, 1.0, 2.0])
    with pytest.raises(NoDerivative, match="without zeros if ord is negative"):
        wg.grad(lambda p: np.linalg.norm(x, ord=p))(-1.0)
    assert wg.grad(lambda p: np.linalg.norm(x[1:], ord=p))(-1.0) != 0
