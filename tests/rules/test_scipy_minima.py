"""Minima at bounds and under constraints, older spellings and linear programs, against their closed forms."""

import numpy as np
import pytest
from scipy import optimize

import wengert as wg
from wengert.errors import NoDerivative

A = np.array([[2.0, 0.3], [0.3, 1.0]])
P = np.array([0.7, 1.2])
Z = np.zeros(2)
T = np.linspace(0, 1, 6)
BOX = [(-2, 2)] * 2


def bowl(p):
    """(x − p)² + xᵀ A x."""
    return lambda x: np.sum((x - p) ** 2) + x @ A @ x


def free(p):
    return np.linalg.solve(np.eye(2) + A, p)


def first_fixed(p, at):
    """The minimum of the bowl with x₀ held at a number."""
    return np.array([at + 0 * p[0], (p[1] - 0.3 * at) / 2.0])


def on_line(p, total):
    """The minimum of the bowl with Σ x = total."""
    K = np.block([[2 * (np.eye(2) + A), np.ones((2, 1))], [np.ones((1, 2)), np.zeros((1, 1))]])
    return np.linalg.solve(K, np.concatenate([2 * p, np.array([total])]))[:2]


def line(p):
    return {"type": "eq", "fun": lambda x, t: x.sum() - t, "args": (p[0],)}


# fmt: off
MINIMA = {
    "fmin": (lambda p: optimize.fmin(bowl(p), Z, disp=0, xtol=1e-9), free),
    "fmin, args": (lambda p: optimize.fmin(lambda x, q: bowl(q)(x), Z, args=(p,), disp=False, full_output=True)[0], free),
    "fmin_bfgs": (lambda p: optimize.fmin_bfgs(bowl(p), Z, disp=0), free),
    "fmin_cg": (lambda p: optimize.fmin_cg(bowl(p), Z, disp=0), free),
    "fmin_powell": (lambda p: optimize.fmin_powell(bowl(p), Z, disp=0), free),
    "fmin_l_bfgs_b": (lambda p: optimize.fmin_l_bfgs_b(bowl(p), Z, approx_grad=True)[0], free),
    "fmin_l_bfgs_b, with gradient": (lambda p: optimize.fmin_l_bfgs_b(
        lambda x: (bowl(p)(x), 2 * (x - p) + 2 * A @ x), Z)[0], free),
    "fmin_slsqp": (lambda p: optimize.fmin_slsqp(bowl(p), Z, iprint=0), free),
    "brute": (lambda p: optimize.brute(bowl(p), BOX, Ns=5), free),
    "differential_evolution": (lambda p: optimize.differential_evolution(bowl(p), BOX, seed=1, maxiter=30).x, free),
    "dual_annealing": (lambda p: optimize.dual_annealing(bowl(p), BOX, seed=1, maxiter=20).x, free),
    "shgo": (lambda p: optimize.shgo(bowl(p), BOX).x, free),
    "basinhopping": (lambda p: optimize.basinhopping(bowl(p), Z, niter=2, rng=1).x, free),
    "inside bounds": (lambda p: optimize.minimize(bowl(p), Z, bounds=BOX).x, free),
    "at a lower bound": (lambda p: optimize.minimize(bowl(p), Z, bounds=[(0.5, None), (None, 3)]).x,
                         lambda p: first_fixed(p, 0.5)),
    "at an upper bound": (lambda p: optimize.minimize(bowl(p), Z, bounds=optimize.Bounds([-1, -1], [0.1, 9])).x,
                          lambda p: first_fixed(p, 0.1)),
    "at a bound that moves": (lambda p: optimize.minimize(bowl(p), Z, bounds=[(-1, p[1] / 20), (-9, 9)]).x,
                              lambda p: first_fixed(p, p[1] / 20)),
    "Bounds that move": (lambda p: optimize.minimize(bowl(p), Z, bounds=optimize.Bounds(-1, [p[1] / 20, 9])).x,
                         lambda p: first_fixed(p, p[1] / 20)),
    "an equation": (lambda p: optimize.minimize(bowl(p), Z, constraints=line(p), tol=1e-12).x,
                    lambda p: on_line(p, p[0])),
    "LinearConstraint": (lambda p: optimize.minimize(bowl(p), Z, constraints=optimize.LinearConstraint(
        [[1, 1]], p[0], p[0]), method="SLSQP", tol=1e-12).x, lambda p: on_line(p, p[0])),
    "NonlinearConstraint": (lambda p: optimize.minimize(bowl(p), Z, constraints=[optimize.NonlinearConstraint(
        lambda x: x[0] - p[1] ** 2, 0.0, np.inf)], method="SLSQP", tol=1e-12).x, lambda p: first_fixed(p, p[1] ** 2)),
    "inequalities, one of them active": (lambda p: optimize.minimize(bowl(p), Z, tol=1e-12, constraints=(
        {"type": "ineq", "fun": lambda x: x[0] - p[1]}, {"type": "ineq", "fun": lambda x: 5 - x})).x,
        lambda p: first_fixed(p, p[1])),
    "minimize_scalar at a bound": (lambda p: optimize.minimize_scalar(
        lambda t: (t - p[0]) ** 2 * p[1], bounds=(1, 2), method="bounded", options={"xatol": 1e-9}).fun,
        lambda p: (1 - p[0]) ** 2 * p[1]),
    "brent": (lambda p: optimize.brent(lambda t: (t - p[0]) ** 2 + p[1] * t), lambda p: p[0] - p[1] / 2),
    "golden": (lambda p: optimize.golden(lambda t: (t - p[0]) ** 2 + p[1] * t), lambda p: p[0] - p[1] / 2),
    "fminbound": (lambda p: optimize.fminbound(lambda t: (t - p[0]) ** 2 + p[1] * t, -5, 5), lambda p: p[0] - p[1] / 2),
    "least_squares at a bound": (lambda p: optimize.least_squares(
        lambda x: np.array([x[0] - 9 * p[0], x[1] - p[1] * x[0]]), Z, bounds=([-1, -1], [0.2, 9]), gtol=1e-14).x,
        lambda p: np.array([0.2 + 0 * p[0], 0.2 * p[1]])),
    "leastsq": (lambda p: optimize.leastsq(lambda b, q: np.concatenate([b - q, A @ b]), Z, args=(p,))[0],
                lambda p: np.linalg.solve(np.eye(2) + A @ A, p)),
    "fixed_point": (lambda p: optimize.fixed_point(lambda t: 0.5 * p - 0.1 * A @ t, Z),
                    lambda p: np.linalg.solve(np.eye(2) + 0.1 * A, 0.5 * p)),
    "newton of an array": (lambda p: optimize.newton(lambda t, q: t**2 - q, np.ones(2), args=(p,)), np.sqrt),
    "broyden1": (lambda p: optimize.broyden1(lambda x: x + A @ x - p, Z, f_tol=1e-9), free),
    "newton_krylov": (lambda p: optimize.newton_krylov(lambda x: x + A @ x - p, Z, f_tol=1e-9), free),
    "root_scalar": (lambda p: optimize.root_scalar(lambda t: t**2 - p[1], bracket=[0, 3]).root, lambda p: np.sqrt(p[1])),
    "root_scalar, with slope": (lambda p: optimize.root_scalar(
        lambda t: (t**2 - p[1], 2 * t), x0=1.0, fprime=True).root, lambda p: np.sqrt(p[1])),
    "find_root": (lambda p: optimize.elementwise.find_root(lambda x, a: x**2 - a, (0.0, 3.0), args=(p,)).x, np.sqrt),
    "lsq_linear": (lambda p: optimize.lsq_linear(A, p).x, lambda p: np.linalg.solve(A, p)),
    "lsq_linear at a bound": (lambda p: optimize.lsq_linear(np.outer(p, [1, 0]) + A, p, bounds=([-9, -9], [9, 0.2])).x[1],
                              lambda p: 0.2 + 0 * p[0]),
    "nnls": (lambda p: optimize.nnls(np.c_[np.ones(2), -p], p)[0], lambda p: np.array([np.mean(p), 0.0])),
    "nnls, residual": (lambda p: optimize.nnls(np.c_[np.ones(2), -p], p)[1], lambda p: (p[1] - p[0]) / np.sqrt(2)),
    "linprog, costs": (lambda p: optimize.linprog(-p, A_ub=[[1, 1], [1, 3]], b_ub=[4, 6]).fun,
                       lambda p: -p @ np.array([3.0, 1.0])),
    "linprog, sides": (lambda p: optimize.linprog([-1, -2], A_ub=[[1, 1], [1, 3]], b_ub=[4 * p[0], 6 * p[1]]).x,
                       lambda p: np.array([6 * p[0] - 3 * p[1], 3 * p[1] - 2 * p[0]])),
    "linprog, an equation": (lambda p: optimize.linprog(p, A_eq=[[1.0, 2.0]], b_eq=[p[1]], bounds=[(0, 1), (0, None)]).fun,
                             lambda p: p[1] * p[1] / 2),
    "linear_sum_assignment": (lambda p: np.outer(p, p + 1)[optimize.linear_sum_assignment(np.outer(p, p + 1))],
                              lambda p: np.array([p[0] * (p[1] + 1), p[1] * (p[0] + 1)])),
}
# fmt: on


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", MINIMA)
def test_against_the_closed_form(name):
    f, exact = MINIMA[name]
    direction = np.array([0.3, -1.1])
    for g, e in ((f, exact), (lambda p: wg.jvp(f, (p,), (P[::-1],))[1], lambda p: wg.jvp(exact, (p,), (P[::-1],))[1])):
        y, y_dot = wg.jvp(g, (P,), (direction,))
        np.testing.assert_allclose(y, e(P), atol=2e-4)
        np.testing.assert_allclose(y_dot, wg.jvp(e, (P,), (direction,))[1], rtol=1e-4, atol=1e-5)
    y, pullback = wg.vjp(f, P)
    np.testing.assert_allclose(
        np.sum(pullback(y)[0] * direction), np.sum(wg.jvp(f, (P,), (direction,))[1] * y), rtol=1e-9
    )


def test_refused():
    both = [{"type": "ineq", "fun": lambda x: x[0] - 1}, {"type": "ineq", "fun": lambda x: 2 * x[0] - 2}]
    with pytest.raises(NoDerivative, match="minimize whose active constraints depend on each other"):
        wg.grad(lambda a: optimize.minimize(lambda x: (x[0] - a) ** 2, [1.5], constraints=both).x[0])(0.2)
