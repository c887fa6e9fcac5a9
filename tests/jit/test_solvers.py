"""Programs that call SciPy's solvers, compiled: the solver is a line of the trace, the rest is native."""

import importlib
import math
import pickle
import threading

import numpy as np
import pytest
from same import agree, same
from scipy import integrate, optimize
from scipy.special import ndtr

import wengert as wg

paths = importlib.import_module("wengert.jit.path")


def price(vol, strike, rate=0.02, time=1.0):
    d = (np.log(100.0 / strike) + (rate + vol**2 / 2) * time) / (vol * np.sqrt(time))
    return 100.0 * ndtr(d) - strike * np.exp(-rate * time) * ndtr(d - vol * np.sqrt(time))


def implied_volatility(p, k):
    return optimize.brentq(lambda v: price(v, k) - p, 1e-3, 3.0)


def with_args(p, k):
    return optimize.brenth(lambda v, k, p: price(v, k) - p, 0.01, p, args=(k, p)) * k


def bracket_that_moves(p, k):
    return optimize.ridder(lambda v: price(v, k) - p, 0.001 * p, k / 20, xtol=1e-13)


def full_output(p, k):
    root, info = optimize.toms748(lambda v: price(v, k) - p, 1e-3, 3.0, full_output=True)
    if not info.converged:
        raise RuntimeError
    return root * p, info.root, info.iterations


def root_scalar(p, k):
    found = optimize.root_scalar(lambda v: price(v, k) - p, bracket=[1e-3, 3.0], method="bisect")
    return found.root * found.iterations if found.converged else 0.0


def root_scalar_with_slope(p, k):
    f = lambda v: (price(v, k) - p, wg.grad(price)(v, k))
    return optimize.root_scalar(f, fprime=True, x0=0.4, method="newton").root


def in_a_loop(p, k):
    total = 0.0
    for step in range(3):
        total = total + optimize.bisect(lambda v, n=step: price(v, k + n) - p, 1e-3, 3.0, xtol=1e-12)
    return total / p


class Model:
    """A model whose method is solved."""

    def __init__(self, k):
        self.k = k
        self.weights = {"p": 1.0}

    def excess(self, v):
        return price(v, self.k) - self.weights["p"] * self.p

    def solve(self, p):
        self.p = p
        return optimize.brentq(self.excess, 1e-3, 3.0)


def in_a_class(p, k):
    return Model(k).solve(p) * p


def branches(p, k):
    def f(v):
        if v > 0.5:
            return price(v, k) - p
        if v * k < 1.0:
            return -1.0
        return price(v, k) - p

    return optimize.brentq(f, 1e-3, 3.0)


def nested(p, k):
    def inner(a):
        return optimize.brentq(lambda x: x**3 + a * x - k / 50, 0.0, 5.0)

    return optimize.brentq(lambda a: inner(a) - p / 20, 0.1, 30.0)


def nested_alone(p, k):
    """Only the inner solver reads what is differentiated."""

    def inner(c):
        return optimize.brentq(lambda x: x**3 + c * x - k / p, 0.0, 9.0)

    return optimize.brentq(lambda c: inner(c) - 1.2, 0.1, 60.0)


def nested_in_a_minimum(p, k):
    inner = lambda c: optimize.brentq(lambda x: x**3 + c * x - k / p, 0.0, 90.0)
    return optimize.minimize_scalar(
        lambda c: (inner(c) - 1.2) ** 2 + 0.01 * c**2, bounds=(0.1, 9.0), method="bounded"
    ).x


def inside_a_derivative(p, k):
    inner = lambda c: optimize.brentq(lambda x: x**3 + c * x - k / p, 0.0, 9.0)
    return optimize.brentq(lambda c: wg.grad(inner)(c) + 0.05, 0.1, 60.0)


def vector_newton(p, k):
    x0 = np.array([1.0, 1.5, 2.0])
    return optimize.newton(lambda x: x**3 - np.array([p, k, 2.0]), x0, fprime=lambda x: 3 * x**2)


def number_newton(p, k):
    return optimize.newton(lambda e: e - 0.3 * np.sin(e) - p / k, 1.0)


def circle(x, p, k):
    return [x[0] ** 2 + x[1] ** 2 - p, x[0] - x[1] * p / k]


def fsolve(p, k):
    return optimize.fsolve(circle, [1.0, 2.0], args=(p, k)) * p


def fsolve_full(p, k):
    x, info, ier, message = optimize.fsolve(lambda x: np.array(circle(x, p, k)), np.array([1.0, 2.0]), full_output=1)
    if ier != 1:
        raise RuntimeError(message)
    return np.sum(x), info["nfev"]


def any_root(p, k):
    found = optimize.root(circle, np.array([p / 10, 2.0]), args=(p, k), method="hybr")
    assert found.success, found.message
    return found.x[0] * found.x[1]


def root_with_jacobian(p, k):
    f = lambda x: np.array(circle(x, p, k))
    return optimize.root(f, [1.0, 2.0], jac=wg.jacobian(f), method="lm").x


def fixed_point(p, k):
    return optimize.fixed_point(lambda x: np.cos(x) * p / k, np.array([0.5, 0.6]))


def fixed_number(p, k):
    return optimize.fixed_point(lambda x: np.cos(x) * p / k, 0.5)


def broyden(p, k):
    return optimize.broyden1(lambda x: x + 0.1 * np.sin(x) - np.array([p, k]) / 10, np.array([1.0, 9.0]), f_tol=1e-9)


SINGLE = [implied_volatility, with_args, bracket_that_moves, root_scalar_with_slope, in_a_loop, in_a_class, nested]
SINGLE += [
    nested_alone,
    nested_in_a_minimum,
    inside_a_derivative,
    branches,
    number_newton,
    root_scalar,
    any_root,
    fixed_number,
]
MANY = [full_output, vector_newton, fsolve, fsolve_full, root_with_jacobian, fixed_point, broyden]
POINTS = [(10.0, 100.0), (11.5, 95.0), (9.0, 110.0), (14.0, 99.0)]


def is_compiled(jitted, *args):
    return "is run as it is" not in jitted.explain(*args)


@pytest.mark.parametrize("f", SINGLE + MANY, ids=lambda f: f.__name__)
def test_values(f):
    jitted = wg.jit(f)
    for point in POINTS + POINTS:
        same(jitted(*point), f(*point), rtol=1e-8 if f is nested_in_a_minimum else 1e-13)
    assert is_compiled(jitted, *POINTS[0])


@pytest.mark.parametrize("f", SINGLE, ids=lambda f: f.__name__)
def test_derivatives(f):
    both = lambda g: lambda p, k: g(g(f, argnums=0), argnums=1)(p, k)
    for operator in (lambda f: wg.grad(f, argnums=(0, 1)), lambda f: both(wg.grad), wg.value_and_grad):
        g = operator(f)
        jitted = wg.jit(g)
        for point in POINTS:
            same(jitted(*point), g(*point), rtol=1e-6 if f is nested_in_a_minimum else 1e-9)
        assert is_compiled(jitted, *POINTS[0])


@pytest.mark.parametrize("f", [*SINGLE[:4], vector_newton, fsolve, fixed_point], ids=lambda f: f.__name__)
def test_forward(f):
    g = lambda p, k: wg.jvp(f, (p, k), (1.0, -0.5))
    jitted = wg.jit(g)
    for point in POINTS:
        same(jitted(*point), g(*point), rtol=1e-9)
    assert is_compiled(jitted, *POINTS[0])


def hidden(p, k):
    """Functions with effects are run by Python."""
    calls = []

    def f(v):
        calls.append(1)
        return price(v, k) - p

    return optimize.brentq(f, 1e-3, 3.0) * len(calls)


def counted(p, k):
    calls = 0

    def f(v):
        nonlocal calls
        calls += 1
        return price(v, k) - p

    return optimize.brentq(f, 1e-3, 3.0) + calls


class Counter:
    """A model that counts."""

    def __init__(self):
        self.calls, self.last = 0, 0.0

    def f(self, v, k, p):
        self.calls += 1
        self.last = v
        return price(v, k) - p


def counted_by_an_object(p, k):
    counter = Counter()
    root = optimize.brentq(counter.f, 1e-3, 3.0, args=(k, p))
    return root + counter.calls + counter.last


def remembers(p, k):
    known = {}

    def f(v):
        if v not in known:
            known[v] = price(v, k) - p
        return known[v]

    return optimize.brentq(f, 1e-3, 3.0)


def with_a_loop_inside(p, k):
    f = lambda v: wg.fori_loop(0, 5, lambda i, s: 0.5 * np.cos(s) + 0.01 * v * k, v * p) - 1.5
    return optimize.brentq(f, 0.0, 9.0)


def complex_newton(p, k):
    x0 = np.array([1.0 + 1.0j, -1.0 + 1.0j])
    return np.abs(optimize.newton(lambda z: z**2 - p * np.exp(1j * k) + 0.1 * z, x0, fprime=lambda z: 2 * z + 0.1))


def with_buffer(p, k):
    buffer = np.zeros(2)

    def f(x):
        buffer[0] = x[0] ** 2 - p
        buffer[1] = x[0] + x[1] - k
        return buffer.copy()

    return optimize.fsolve(f, np.array([3.0, 50.0])) * 2.0


def looks_at_the_message(p, k):
    found = optimize.root(lambda x: np.array(circle(x, p, k)), [1.0, 2.0])
    return found.x[0] * len(found.message) * found.nfev


def has_kinks(p, k):
    def f(v):
        total = 0.0
        while total < v:
            total = total + 0.01
        return price(v, k) - p + 0.0 * total

    return optimize.brentq(f, 1e-3, 3.0)


EFFECTS = [hidden, counted, counted_by_an_object, with_buffer, looks_at_the_message, has_kinks, remembers]
EFFECTS += [with_a_loop_inside, complex_newton]


@pytest.mark.parametrize("f", EFFECTS, ids=lambda f: f.__name__)
def test_effects(f):
    for g in (f, lambda p, k: wg.jvp(f, (p, k), (1.0, -0.5))):
        jitted = wg.jit(g)
        for point in POINTS + POINTS:
            agree(jitted, g, *point)


def test_errors_are_the_solvers_own():
    def f(a, b):
        return optimize.brentq(lambda x: x * x - a, 0.0, b)

    def no_root(a, b):
        return optimize.newton(lambda x: x * x + a * np.ones(2), np.array([b, 1.0]), maxiter=20)[0]

    def by_zero(a, b):
        return optimize.brentq(lambda x: 1.0 / (x - a) - b, 0.5, 9.0)

    for g, points in ((f, ((2.0, 2.0), (3.0, 1.0), (3.0, 2.0), (-1.0, 2.0), (5.0, 3.0))),
                      (by_zero, ((0.2, 0.3), (0.5, 0.3), (0.2, 0.4)))):  # fmt: skip
        for operator in (lambda g: g, wg.grad):
            jitted = wg.jit(operator(g))
            for point in points:
                agree(jitted, operator(g), *point)
    jitted = wg.jit(no_root)
    for point in ((-2.0, 1.0), (-3.0, 1.5), (2.0, 1.0), (-2.0, 1.0)):
        agree(jitted, no_root, *point)


def test_errors_that_are_caught():
    def f(a, b):
        try:
            return optimize.brentq(lambda x: x * x - a, 0.0, b)
        except ValueError:
            return a * b

    for operator in (lambda f: f, wg.grad):
        jitted = wg.jit(operator(f))
        for point in ((2.0, 1.0), (2.0, 2.0), (3.0, 1.0), (3.0, 2.0)):
            same(jitted(*point), operator(f)(*point))


def test_a_root_at_the_end_of_its_bracket_has_no_derivative():
    def f(a):
        return optimize.brentq(lambda x: np.where(x < a, -1.0, 1.0) * (1.0 + x * a), 0.0, 3.0)

    jitted = wg.jit(wg.grad(f))
    for a in (1.0, 1.2):
        agree(jitted, wg.grad(f), a)


def test_what_is_captured_may_change():
    scale = [2.0]
    f = lambda a: optimize.brentq(lambda x: x**3 - a * scale[0], 0.0, 9.0)
    jitted = wg.jit(wg.grad(f))
    for scale[0] in (2.0, 3.0, 2.0):
        same(jitted(1.5), wg.grad(f)(1.5))
        same(jitted(2.5), wg.grad(f)(2.5))


def test_other_operators():
    points = np.array([9.0, 10.0, 12.0])
    f = lambda p: implied_volatility(p, 100.0)
    same(wg.vmap(wg.jit(f))(points), wg.vmap(f)(points))
    same(wg.jit(wg.vmap(f))(points), wg.vmap(f)(points))
    same(wg.jit(wg.vmap(wg.grad(f)))(points), wg.vmap(wg.grad(f))(points))
    same(wg.grad(wg.jit(f))(10.0), wg.grad(f)(10.0))
    same(wg.grad(lambda p: np.sum(wg.vmap(f)(p)))(points), wg.grad(lambda p: np.sum(wg.vmap(f)(p)))(points))
    both = lambda x: implied_volatility(x[0], x[1])
    for operator in (wg.hessian, wg.jacobian, lambda f: wg.jacobian(f, mode="forward")):
        jitted = wg.jit(operator(both))
        for point in POINTS:
            same(jitted(np.array(point)), operator(both)(np.array(point)), rtol=1e-9)
    third = lambda p: wg.derivative(f, order=3)(p)
    same(wg.jit(third)(10.0), third(10.0), rtol=1e-9)


def test_solvers_in_a_loop_are_a_loop():
    def f(p, strikes):
        total = 0.0
        for k in strikes:
            total = total + implied_volatility(p + 100.0 * (1.0 - k), k * 100.0)
        return total

    def apart(p):
        return sum([optimize.brentq(lambda x, k=k: k * x**3 - p, 0.0, 99.0) for k in range(1, 40)])

    strikes = np.linspace(0.97, 1.03, 20)
    jitted = wg.jit(wg.grad(f))
    for p in (9.0, 10.0):
        same(jitted(p, strikes), wg.grad(f)(p, strikes))
    assert jitted.source(9.0, strikes).count("solver(") == 1
    jitted = wg.jit(wg.grad(apart))
    same(jitted(2.0), wg.grad(apart)(2.0))
    assert "more than 32 solvers" in jitted.explain(2.0)


def test_loops_of_the_compiler():
    def f(p):
        return wg.fori_loop(0, 4, lambda _, s: optimize.brentq(lambda v: price(v, 100.0) - p - s, 1e-3, 3.0), 0.0)

    for g in (f, wg.grad(f)):
        jitted = wg.jit(g)
        for p in (9.0, 10.0, 12.0):
            same(jitted(p), g(p), rtol=1e-10)


def test_threads_and_copies():
    jitted = wg.jit(wg.grad(implied_volatility))
    expected = [wg.grad(implied_volatility)(*point) for point in POINTS]
    jitted(*POINTS[0])
    found = [[] for _ in range(4)]

    def work(mine):
        mine += [jitted(*point) for _ in range(20) for point in POINTS]

    threads = [threading.Thread(target=work, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mine in found:
        same(mine, expected * 20)
    same(pickle.loads(pickle.dumps(wg.jit(implied_volatility)))(*POINTS[0]), implied_volatility(*POINTS[0]))


def test_explained():
    text = wg.jit(wg.grad(implied_volatility)).explain(*POINTS[0])
    assert "SciPy: scipy.optimize.brentq" in text
    source = wg.jit(implied_volatility).source(*POINTS[0])
    exec(source, source.namespace)
    same(source.namespace["implied_volatility"](*POINTS[1]), implied_volatility(*POINTS[1]))


def test_without_llvm(monkeypatch):
    monkeypatch.setattr(paths, "backend", lambda: None)
    monkeypatch.setattr(paths, "_say_once", lambda reason: None)
    for f in (implied_volatility, fsolve, branches):
        jitted = wg.jit(f)
        for point in POINTS:
            same(jitted(*point), f(*point))
        assert "line by line" in jitted.explain(*POINTS[0])


# ── minima ──


def rosenbrock(x, a, b):
    return (a - x[0]) ** 2 + b * (x[1] - x[0] ** 2) ** 2 + 0.1 * np.cosh(x[0])


def minimum_of_two(a, b):
    found = optimize.minimize(rosenbrock, np.array([0.5, 0.7]), args=(a, b), method="BFGS", options={"gtol": 1e-9})
    return found.x[0] * found.x[1] + found.fun


def with_gradient(a, b):
    f = lambda x: rosenbrock(x, a, b)
    found = optimize.minimize(f, [0.5, 0.7], jac=wg.grad(f), hess=wg.hessian(f), method="Newton-CG", tol=1e-10)
    return found.fun * found.nit


def both_at_once(a, b):
    f = lambda x: (rosenbrock(x, a, b), wg.grad(rosenbrock)(x, a, b))
    return optimize.minimize(f, [0.5, 0.7], jac=True, method="L-BFGS-B", tol=1e-14).x @ np.array([1.0, 2.0])


def at_a_bound(a, b):
    f = lambda x: rosenbrock(x, a, b)
    bounds = optimize.Bounds([-1.0, -1.0], [0.3 * a, 2.0])
    return np.sum(optimize.minimize(f, [0.1, 0.2], jac=wg.grad(f), bounds=bounds, tol=1e-12).x)


def bounds_in_pairs(a, b):
    f = lambda x: rosenbrock(x, a, b)
    return optimize.minimize(f, [0.1, 0.2], method="L-BFGS-B", bounds=[(None, 0.3 * a), (0.0, None)], tol=1e-13).x[1]


def under_constraints(a, b):
    f = lambda x: rosenbrock(x, a, b)
    constraints = [{"type": "eq", "fun": lambda x: x[0] + 2.0 * x[1] - a}]
    return np.prod(optimize.minimize(f, [0.1, 0.2], jac=wg.grad(f), constraints=constraints, tol=1e-13).x)


def under_a_linear_constraint(a, b):
    f = lambda x: rosenbrock(x, a, b)
    line = optimize.LinearConstraint(np.array([[1.0, 2.0]]), -np.inf, 0.5 * a)
    return np.prod(optimize.minimize(f, [0.1, 0.2], jac=wg.grad(f), constraints=line, method="SLSQP", tol=1e-13).x)


def simplex(a, b):
    return np.sum(optimize.fmin(lambda x: rosenbrock(x, a, b), [0.5, 0.7], xtol=1e-10, ftol=1e-10, disp=0))


def older(a, b):
    x, f, info = optimize.fmin_l_bfgs_b(lambda x: rosenbrock(x, a, b), [0.5, 0.7], approx_grad=True, factr=10.0)
    return x[0] * f if info["warnflag"] == 0 else np.sum(x)


def along_a_line(a, b):
    found = optimize.minimize_scalar(lambda t: (t - a) ** 2 * b + np.exp(t), bracket=(0.0, 1.0))
    return found.x * found.fun if found.success else 0.0


def within_a_line(a, b):
    return optimize.minimize_scalar(lambda t: (t - a) ** 2 + b * np.exp(t), bounds=(-9.0, a), method="bounded").x


def on_a_line(a, b):
    return optimize.fminbound(lambda t: (t - a) ** 2 + b * np.exp(t), -9.0, 5.0, xtol=1e-9) * a


TIMES = np.linspace(0.0, 3.0, 12)


def decay(x, a, b):
    return x[0] * np.exp(-x[1] * TIMES) - a * np.exp(-0.3 * b * TIMES) - 0.01 * np.sin(9.0 * TIMES)


def least(a, b):
    found = optimize.least_squares(decay, [1.0, 1.0], args=(a, b), xtol=1e-14, ftol=1e-14, gtol=1e-14)
    return found.x[0] * found.x[1] + found.cost


def least_robust(a, b):
    f = lambda x: decay(x, a, b)
    bounds = ([0.0, 0.0], [9.0, 9.0])
    return np.sum(optimize.least_squares(f, [1.0, 1.0], wg.jacobian(f), bounds=bounds, loss="soft_l1", xtol=1e-14).x)


def older_least(a, b):
    return np.prod(optimize.leastsq(decay, [1.0, 1.0], args=(a, b))[0])


def fit(a, b):
    y = a * np.exp(-b * TIMES) + 0.01 * np.cos(7.0 * TIMES)
    p, covariance = optimize.curve_fit(lambda t, c, d: c * np.exp(-d * t), TIMES, y, p0=[1.0, 1.0], xtol=1e-13)
    return p[0] * p[1] + 1e3 * covariance[0, 1]


def fit_from_nowhere(a, b):
    def model(t, c, d):
        return c + d * t

    y = a + b * TIMES + 0.01 * np.cos(7.0 * TIMES)
    return optimize.curve_fit(model, TIMES * a, y, sigma=np.ones(12) * b)[0][1]


def likelihood(a, b):
    data = a + b * np.sin(5.0 * TIMES)

    def loss(theta):
        mean, log_scale = theta
        return np.sum(0.5 * ((data - mean) / np.exp(log_scale)) ** 2 + log_scale)

    return optimize.minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-8}).x[1]


MINIMA = [minimum_of_two, with_gradient, both_at_once, at_a_bound, bounds_in_pairs, under_constraints]
MINIMA += [under_a_linear_constraint, simplex, older, along_a_line, within_a_line, on_a_line, least, least_robust]
MINIMA += [older_least, fit, fit_from_nowhere, likelihood]
PLACES = [(1.0, 2.0), (1.1, 2.5), (0.9, 1.5), (1.3, 1.0)]


@pytest.mark.parametrize("f", MINIMA, ids=lambda f: f.__name__)
def test_minima(f):
    second = lambda a, b: wg.grad(wg.grad(f), argnums=1)(a, b)
    for g in (f, wg.value_and_grad(f, argnums=(0, 1)), second):
        jitted = wg.jit(g)
        for place in PLACES:
            same(jitted(*place), g(*place), rtol=1e-8)  # where a solver stops, the last bits of its function decide
        assert is_compiled(jitted, *PLACES[0])


def test_whole_results_are_returned():
    solve = lambda a, b: optimize.minimize(rosenbrock, np.array([0.5, 0.7]), args=(a, b), method="BFGS")
    root = lambda a, b: (optimize.root_scalar(lambda x: x**3 - a * b, bracket=(0.0, 9.0)), b)
    objects = lambda a, b: optimize.minimize(lambda x: rosenbrock(x, a, b), np.array([0.5, 0.7]), method="L-BFGS-B")
    for f in (solve, root):
        jitted = wg.jit(f)
        for place in PLACES:
            same(jitted(*place), f(*place), rtol=1e-8)
        assert is_compiled(jitted, *PLACES[0])
    jitted = wg.jit(objects)
    for place in PLACES:
        got, expected = jitted(*place), objects(*place)
        assert got.keys() == expected.keys()
        same(got.hess_inv.todense(), expected.hess_inv.todense())
    jitted = wg.jit(lambda a, b: objects(a, b).hess_inv.todense() * b)
    for place in PLACES:
        same(jitted(*place), objects(*place).hess_inv.todense() * place[1])


def test_last_digits_may_differ_if_they_are_allowed_to():
    jitted = wg.jit(wg.grad(minimum_of_two), real=True)
    for place in PLACES:
        same(jitted(*place), wg.grad(minimum_of_two)(*place), rtol=1e-6)


# ── integrals ──


def bell(a, b):
    return integrate.quad(lambda t: np.exp(-a * t * t) * np.cos(b * t), 0.0, 2.0)[0]


def between_ends(a, b):
    value, error = integrate.quad(lambda t, c: np.sqrt(c + t**3), a, b, args=(a * b,))
    return value * a + 0.0 * error


def backwards(a, b):
    return integrate.quad(lambda t: math.exp(-a * t), 3.0 * b, 0.5 * a)[0]


def to_infinity(a, b):
    return integrate.quad(lambda t: np.exp(-a * t) / (1.0 + b * t), 0.1 * a, np.inf)[0]


def from_infinity(a, b):
    return integrate.quad(lambda t: np.exp(a * t), -np.inf, -0.2 * b)[0]


def everywhere(a, b):
    return integrate.quad(lambda t: np.exp(-a * t * t + b * t), -np.inf, np.inf)[0]


def of_an_array(a, b):
    w = np.array([a, b, a * b])
    return integrate.quad(lambda t: np.sum(w * np.sin(w * t)), 0.0, 1.5, epsabs=1e-10)[0]


def with_a_point(a, b):
    return integrate.quad(lambda t: np.abs(t - 0.5) ** 1.5 * a * np.exp(-b * t), 0.0, 1.0, points=[0.5])[0]


def twice(a, b):
    inner = lambda s: integrate.quad(lambda t: np.exp(-a * s * t), 0.0, b)[0]
    return integrate.quad(lambda s: inner(s) * s, 0.0, 1.0)[0]


def dblquad(a, b):
    return integrate.dblquad(lambda y, x: np.exp(-a * x * y) * b, 0.0, 1.0, 0.0, lambda x: x)[0]


def root_of_an_integral(a, b):
    return optimize.brentq(lambda c: integrate.quad(lambda t: np.exp(-c * t) * (a + t), 0.0, b)[0] - 0.3, 0.0, 50.0)


def integral_of_roots(a, b):
    root = lambda t: optimize.brentq(lambda x: x**3 + a * x - t, -9.0, 9.0)
    return integrate.quad(lambda t: root(t) * b, 0.0, 1.0)[0]


def branching(a, b):
    return integrate.quad(lambda t: a * t if t < 0.5 else b * t**2 + a / 2 - b / 4, 0.0, 1.0, points=[0.5])[0]


def weighted(a, b):
    return integrate.quad(lambda t: np.exp(-a * t), 0.0, 1.0, weight="cos", wvar=b)[0]


def defined_in_the_range(a, b):
    return integrate.quad(lambda t: math.sqrt(0.01 * a * a - t * t) * b, 0.0, 0.05 * a)[0]


def fading(a, b):
    return integrate.quad(lambda t: t ** (a + 0.1) * np.exp(-b * t), 0.0, 1.0)[0]


def constant(a, b):
    return integrate.quad(lambda t: 2.0, a, b)[0]


def from_equal_ends(a, b):
    return integrate.quad(lambda t: np.cosh(a * t), 1.0, a)[0] * b


def complex_integral(a, b):
    return np.abs(integrate.quad(lambda t: np.exp(1j * a * t - b * t), 0.0, 1.0, complex_func=True)[0])


INTEGRALS = [bell, between_ends, backwards, to_infinity, from_infinity, everywhere, of_an_array, with_a_point, constant]
INTEGRALS += [
    twice,
    dblquad,
    root_of_an_integral,
    integral_of_roots,
    branching,
    weighted,
    defined_in_the_range,
    fading,
    from_equal_ends,
]
INTEGRALS += [complex_integral]


@pytest.mark.parametrize("f", INTEGRALS, ids=lambda f: f.__name__)
def test_integrals(f):
    second = lambda a, b: wg.grad(wg.grad(f), argnums=1)(a, b)
    slow = f in (twice, dblquad, integral_of_roots, with_a_point, fading)
    for g in (f, wg.value_and_grad(f, argnums=(0, 1)), *([] if slow else [second])):
        jitted = wg.jit(g)
        for place in PLACES[:2] if slow else PLACES:
            same(jitted(*place), g(*place), rtol=1e-9)
        if f in INTEGRALS[:8]:
            assert is_compiled(jitted, *PLACES[0])
