"""Differential quadrature: exact on polynomials, and fast to converge."""

import numpy as np
import pytest
from numpy.polynomial import Polynomial

from wengert.errors import BadInput
from wengert.numerical import chebyshev, differential_quadrature, on_grid, uniform, weights

GRIDS = {
    "chebyshev": chebyshev(9),
    "chebyshev, shifted": chebyshev(8, (2.0, 5.0)),
    "uniform": uniform(7),
    "any": np.array([0.3, -0.9, 0.8, 0.05, -0.35]),
}


@pytest.mark.parametrize("name", GRIDS)
def test_exact_on_polynomials(name):
    x = GRIDS[name]
    rng = np.random.default_rng(0)
    for degree in range(x.size):
        p = Polynomial(rng.normal(size=degree + 1))
        for order in range(1, x.size):
            A = differential_quadrature(x, order)
            scale = np.max(np.abs(A)) * np.max(np.abs(p(x)))
            np.testing.assert_allclose(A @ p(x), p.deriv(order)(x), atol=4e-12 * scale)


@pytest.mark.parametrize("name", GRIDS)
def test_rows_are_fornbergs_weights(name):
    x = GRIDS[name]
    for order in (1, 2, 3):
        A = differential_quadrature(x, order)
        expected = np.array([weights(x, order, at=p) for p in x])
        np.testing.assert_allclose(A, expected, atol=1e-12 * np.max(np.abs(expected)))
        np.testing.assert_allclose(A.sum(1), 0.0, atol=1e-13 * np.max(np.abs(A)))


def test_converges_faster_than_any_power():
    errors = [np.max(np.abs(on_grid(np.sin, chebyshev(n), vectorized=True) - np.cos(chebyshev(n)))) for n in (5, 9, 13)]
    assert errors[0] > 1e2 * errors[1] > 1e5 * errors[2]
    assert errors[2] < 1e-11


def test_many_points():
    """M′ of 400 points on a long interval would overflow."""
    x = chebyshev(400, (0.0, 1000.0))
    A = differential_quadrature(x)
    assert np.all(np.isfinite(A))
    np.testing.assert_allclose(A @ np.sin(x / 50), np.cos(x / 50) / 50, atol=1e-9)


def test_on_grid_of_arrays_one_by_one():
    x = chebyshev(12)
    found = on_grid(lambda t: np.array([t**2, np.exp(t)]), x, order=2)
    np.testing.assert_allclose(found, np.stack([np.full(12, 2.0), np.exp(x)], axis=1), atol=1e-7)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: differential_quadrature([1.0, 1.0]), ValueError, "repeated"),
        (lambda: differential_quadrature([[1.0], [2.0]]), ValueError, r"shape \(2, 1\)"),
        (lambda: differential_quadrature([1.0, 2.0], order=2), ValueError, "order is 2 for 2 points"),
        (lambda: chebyshev(1), ValueError, "n is 1"),
        (lambda: on_grid(np.sum, uniform(3), vectorized=True), BadInput, "was given 3 points"),
    ],
)
def test_bad_input(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
