"""Integrals of arrays, and boundary value problems."""

import numpy as np
import pytest
from check import check
from scipy import integrate

import wengert as wg
from wengert.errors import NoDerivative

P = np.array([0.7, 1.2])
MESH = np.linspace(0, 1, 9)

INTEGRALS = {
    "finite": lambda p: integrate.quad_vec(lambda t: np.array([np.exp(-p[0] * t), np.sin(p[1] * t)]), 0, 2)[0],
    "ends": lambda p: integrate.quad_vec(lambda t: np.outer(p, p) * np.cos(t), p[1], p[0])[0],
    "to infinity": lambda p: integrate.quad_vec(lambda t, q: q * np.exp(-t * q[0]), 0, np.inf, args=(p,))[0],
    "from minus infinity": lambda p: integrate.quad_vec(lambda t: p * np.exp(t * p[1]), -np.inf, p[0])[0],
    "everywhere": lambda p: integrate.quad_vec(lambda t: p * np.exp(-t * t * p[0]), -np.inf, np.inf)[0],
    "a number": lambda p: integrate.quad_vec(lambda t: np.exp(-t * t * p[0]), 0, p[1])[0],
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals(name):
    check(INTEGRALS[name], P, rtol=1e-6)


def test_a_kink_is_halved_away_and_a_jump_refused():
    f = lambda a: integrate.quad_vec(lambda t: np.array([abs(t - a), 1.0]), 0, 1)[0][0]
    assert abs(wg.grad(f)(0.3) - (2 * 0.3 - 1)) < 1e-11
    with pytest.raises(NoDerivative, match=r"has a jump at 0\.3"):
        wg.grad(lambda a: integrate.quad_vec(lambda t: np.array([np.where(t > a, 1.0, 0.0) * a, 0]), 0, 1)[0][0])(0.3)


def bratu(p):
    """y″ = −p₀ eʸ, y(0) = 0, y(1) = p₁/10."""
    s = integrate.solve_bvp(
        lambda x, y: np.vstack([y[1], -p[0] * np.exp(y[0])]),
        lambda a, b: np.array([a[0], b[0] - 0.1 * p[1]]),
        MESH, np.zeros((2, 9)), tol=1e-6,
    )  # fmt: skip
    return s.sol(0.5), s.sol(np.array([0.2, 0.3]), 1)[0], s.y[0, 3]


def eigenvalue(q):
    """y″ = −λ² y, y(0) = y(1) = 0, y′(0) = λ q₀: λ = π, whatever q is."""
    s = integrate.solve_bvp(
        lambda x, y, p: np.vstack([y[1], -(p[0] ** 2) * y[0]]),
        lambda a, b, p: np.array([a[0], b[0], a[1] - p[0] * q[0]]),
        MESH, np.vstack([np.sin(np.pi * MESH), np.ones(9)]), p=[3.0], tol=1e-4,
    )  # fmt: skip
    return s.p, s.sol(q[1] / 2)


@pytest.mark.parametrize("problem", [bratu, eigenvalue])
def test_boundary_value_problems(problem):
    check(problem, P, rtol=1e-5)


def test_the_solution_of_a_linear_problem_is_known():
    def f(k):
        s = integrate.solve_bvp(
            lambda x, y: np.vstack([y[1], k**2 * y[0]]), lambda a, b: np.array([a[0], b[0] - 1]), MESH,
            np.zeros((2, 9)), tol=1e-8,
        )  # fmt: skip
        return s.sol(0.5)[0]

    assert abs(wg.grad(f)(1.5) - wg.grad(lambda k: np.sinh(k / 2) / np.sinh(k))(1.5)) < 1e-7
