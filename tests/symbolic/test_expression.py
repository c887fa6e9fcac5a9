"""A trace as SymPy expressions: its derivatives are those of wengert, and of the lecture's table."""

import numpy as np
import pytest
import scipy.linalg
import scipy.special as special

import wengert as wg
from wengert import tree

sp = pytest.importorskip("sympy", reason="SymPy is not installed")

from wengert.errors import BadInput, NoExpression, OffTrace  # noqa: E402
from wengert.symbolic import count, derivative, evaluate, expression, simplify  # noqa: E402

x3 = np.array([0.7, 1.9, 1.2])
A2 = np.array([[1.5, 0.4], [0.3, 2.0]])


def horner(x):
    y = 0.0
    for c in (1.0, -2.0, 0.5, 3.0):
        y = y * x + c
    return y


def newton(x):
    r = x
    while abs(r * r - x) > 1e-6:
        r = (r + x / r) / 2
    return r


def branches(x):
    if x > 1:
        return np.log(x) if x < 2 else x
    return np.sin(x)


def recursion(x, n=5):
    return x if n == 0 else np.sin(recursion(x, n - 1)) + x


def writes(x):
    y = np.zeros(4)
    y[:3] = x
    y[3] = y[0] * y[1]
    y[1:] *= 2.0
    view = y[::2]
    view += x[0]
    return np.sum(y**2)


def fill(x):
    A = np.zeros((2, 2))
    A[np.tril_indices(2)] = x
    A.ravel()[3] += A[0, 0]
    return A @ A.T


def gauss(A):
    """Elimination in place, with a loop."""
    U = A.copy()
    for k in range(len(U)):
        for i in range(k + 1, len(U)):
            U[i] -= U[i, k] / U[k, k] * U[k]
    return np.prod(np.diag(U))


def sorted_by_hand(x):
    a = [x[0], x[1], x[2]]
    for i in range(3):
        for j in range(2 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
    return a[0] * 1.0 + a[1] * 2.0 + a[2] * 3.0


def mask(x):
    return np.sum(x[x > 1] ** 2) + x[np.argmax(x)] * np.sum(x)


def steps(x):
    return x * np.floor(x) + x % 0.3 + np.sign(x - 1) * x**2 + int(3 * x) * x


def rk4(x):
    def slope(y):
        return np.array([y[1], -np.sin(y[0])])

    y = np.array([x, 0.1])
    for _ in range(2):
        a = slope(y)
        b = slope(y + 0.05 * a)
        y = y + 0.1 * b
    return y[0]


SCALARS = {
    "polynomial": (lambda x: 3 * x**4 - x / 2 + 1, 0.7),
    "horner": (horner, 0.7),
    "rational": (lambda x: (x + 1) / (x**2 + 1), 0.7),
    "newton, a while loop": (newton, 1.7),
    "branch 1": (branches, 1.5),
    "branch 2": (branches, 2.5),
    "branch 3": (branches, 0.5),
    "recursion": (recursion, 0.4),
    "steps": (steps, 1.75),
    "runge-kutta": (rk4, 0.6),
    "exponentials": (lambda x: np.exp(-x) * np.expm1(x) + np.exp2(x) + np.logaddexp(x, 1.0) + 2**x, 0.7),
    "logarithms": (lambda x: np.log(x) * np.log1p(x) + np.log2(x) + np.log10(x), 0.7),
    "powers": (lambda x: x**0.5 + x**-1.5 + np.sqrt(x) + np.cbrt(x) + x**x + np.square(x) + np.reciprocal(x), 0.7),
    "trigonometric": (lambda x: np.sin(x) * np.cos(2 * x) + np.tan(x) + np.sinc(x), 0.7),
    "inverse trigonometric": (lambda x: np.arcsin(x) + np.arccos(x / 2) * np.arctan(x) + np.arctan2(x, 2.0), 0.7),
    "hyperbolic": (lambda x: np.sinh(x) / np.cosh(x) + np.tanh(2 * x) + np.arcsinh(x) + np.arctanh(x), 0.7),
    "kinks": (lambda x: abs(x - 1) * np.maximum(x, 0.5) + np.minimum(x, 2.0) ** 2 + np.clip(x, 0, 1) + np.abs(np.log(x)), 0.7),
    "where": (lambda x: np.where(x > 1, x**2, np.sqrt(x)), 0.7),
    "copysign, hypot": (lambda x: np.copysign(x**2, -1.0) + np.hypot(x, 2 * x) + np.deg2rad(x), 0.7),
    "pi": (lambda x: np.sin(np.pi * x), 0.3),
    "error function": (lambda x: special.erf(x) * special.erfc(x) + special.ndtr(x) + special.erfi(x), 0.7),
    "gamma": (lambda x: special.gamma(x) + special.gammaln(x) + special.psi(x) + special.beta(x, 2.0), 1.7),
    "bessel": (lambda x: special.jv(1, x) + special.j0(x) + special.y1(x) + special.iv(2, x) + special.k0(x), 1.7),
    "logistic function": (lambda x: special.expit(x) + special.logit(x) + special.xlogy(x, x) + special.entr(x), 0.7),
    "integrals": (lambda x: special.expi(x) + special.exp1(x) + special.sici(x)[0] + special.fresnel(x)[1], 0.7),
    "elliptic": (lambda x: special.ellipk(x) + special.ellipe(x), 0.6),
    "polynomials": (lambda x: special.eval_legendre(3, x) + special.eval_chebyt(4, x) + special.eval_hermite(2, x), 0.6),
    "single precision cast": (lambda x: np.float64(x) * 2.0, 0.7),
}  # fmt: skip
ARRAYS = {
    "sum of squares": (lambda x: np.sum(x**2), x3),
    "reductions": (lambda x: np.prod(x) + np.mean(x) * np.var(x) + np.std(x, ddof=1) + np.max(x) * np.min(x), x3),
    "norms": (lambda x: np.linalg.norm(x) + np.linalg.norm(np.outer(x, x), axis=0) @ x, x3),
    "cumulative": (lambda x: np.cumsum(x) * np.cumprod(x) + np.diff(x, append=1.0), x3),
    "structure": (lambda x: np.concatenate([x, np.stack([x, x[::-1]]).ravel()]).reshape(3, 3).T[1:], x3),
    "tile, roll, repeat": (lambda x: np.roll(np.tile(x, 2), 2) * np.repeat(x, 2), x3),
    "products": (lambda x: np.outer(x, x) @ x + np.cross(x, x**2) + np.convolve(x, x)[1:4] + np.dot(x, x), x3),
    "einsum": (lambda x: np.einsum("i,j,j->i", x, x, x), x3),
    "softmax": (lambda x: special.softmax(x) + special.logsumexp(x), x3),
    "writes": (writes, x3),
    "fill": (fill, x3),
    "mask": (mask, x3),
    "bubble sort": (sorted_by_hand, x3),
    "gauss": (gauss, A2),
    "det, inv, solve": (lambda A: np.linalg.inv(A) @ A.T + np.linalg.det(A) * np.linalg.solve(A, A[0]), A2),
    "slogdet, trace": (lambda A: np.linalg.slogdet(A)[1] + np.trace(A @ A), A2),
    "cholesky": (lambda A: np.linalg.cholesky(A @ A.T), A2),
    "scipy.linalg": (lambda A: scipy.linalg.det(A) + scipy.linalg.inv(A).sum(), A2),
    "matrix power": (lambda A: np.linalg.matrix_power(A, 3), A2),
    "sort": (lambda x: np.sort(x) * np.arange(1.0, 4.0) + np.median(np.outer(x, x), axis=1), x3),
    "places": (lambda x: x[np.argsort(x)] * x[np.argmin(x)] + x[np.argmax(x[1:])] ** 2, x3),
    "median": (lambda A: np.median(A, axis=0, keepdims=True) + np.median(A) * np.sort(A, axis=None)[1], A2),
    "fourier": (lambda x: np.fft.rfft(x).real, x3),
}


def same(symbolic, ours, tolerance=1e-11):
    flat = lambda t: [
        np.asarray(leaf.tolist() if hasattr(leaf, "tolist") else leaf, dtype=float) for leaf in tree.flatten(t)[0]
    ]
    for a, b in zip(flat(symbolic), flat(ours), strict=True):
        np.testing.assert_allclose(a.reshape(b.shape), b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", SCALARS)
def test_derivative_of_a_scalar_function(name):
    f, x = SCALARS[name]
    e = expression(f, x)
    same(evaluate(e, x), f(x))
    same(evaluate(derivative(e), x), wg.derivative(f)(x))
    if name not in ("elliptic", "bessel", "gamma", "newton, a while loop"):
        same(evaluate(derivative(e, order=2), x), wg.derivative(f, order=2)(x), 1e-8)


@pytest.mark.parametrize("name", ARRAYS)
def test_jacobian_of_an_array_function(name):
    f, x = ARRAYS[name]
    e = expression(f, x)
    same(evaluate(e, x), f(x))
    same(evaluate(derivative(e), x), wg.jacobian(f)(x))


def test_hessian():
    f = lambda x: np.exp(x[0] * x[1]) + np.sin(x[2]) * x[0]
    same(evaluate(derivative(f, x3, order=2), x3), wg.hessian(f)(x3))


def test_several_inputs_and_containers():
    f = lambda p, t: {"y": p["a"] * np.exp(-p["b"] * t), "n": (p["a"], 2.0)}
    p, t = {"a": 2.0, "b": 0.5}, np.array([0.0, 1.0])
    e = expression(f, p, t)
    assert str(e.symbols[0]) == "p['a']"
    assert str(e.value["y"][1]) == "p['a']*exp(-p['b']*t_1)"
    d = derivative(e, argnum=1)
    same(evaluate(d, p, t)["y"], -t * 2.0 * np.exp(-0.5 * t))
    same(evaluate(d, p, t)["n"], (0.0, 0.0))
    with pytest.raises(BadInput, match="argnum is 3, but there are 3 inputs"):
        derivative(e, argnum=3)


def test_names_of_symbols_do_not_meet():
    e = expression(lambda x, x_0: x[0] - x_0, np.array([1.0]), 2.0)
    assert e.value != 0
    same(evaluate(e, np.array([1.0]), 2.0), -1.0)
    assert str(expression(lambda x: x[10], np.ones(12))) == "x_10"
    assert str(expression(lambda A: A[1, 10] + A[11, 0], np.ones((12, 12)))) == "A_11_0 + A_1_10"


# ── the lecture's table ──

x = sp.Symbol("x", real=True)
TABLE = {
    1: (x, 1, 1),
    2: (4 * x * (1 - x), 4 * (1 - x) - 4 * x, 4 - 8 * x),
    3: (
        16 * x * (1 - x) * (1 - 2 * x) ** 2,
        16 * (1 - x) * (1 - 2 * x) ** 2 - 16 * x * (1 - 2 * x) ** 2 - 64 * x * (1 - x) * (1 - 2 * x),
        16 * (1 - 10 * x + 24 * x**2 - 16 * x**3),
    ),
    4: (
        64 * x * (1 - x) * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x**2) ** 2,
        128 * x * (1 - x) * (-8 + 16 * x) * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x**2)
        + 64 * (1 - x) * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x**2) ** 2
        - 64 * x * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x**2) ** 2
        - 256 * x * (1 - x) * (1 - 2 * x) * (1 - 8 * x + 8 * x**2) ** 2,
        64 * (1 - 42 * x + 504 * x**2 - 2640 * x**3 + 7040 * x**4 - 9984 * x**5 + 7168 * x**6 - 2048 * x**7),
    ),
}


def logistic(n, x):
    for _ in range(n - 1):
        x = 4 * x * (1 - x)
    return x


@pytest.mark.parametrize("n", TABLE)
def test_expressions_of_the_logistic_map(n):
    value, slope, simplified = TABLE[n]
    e = expression(lambda x: logistic(n, x), 0.2)
    assert sp.expand(e.value - value) == 0
    d = derivative(e)
    assert sp.expand(d.value - slope) == 0
    assert simplify(d, by=sp.expand).value == sp.expand(simplified)
    assert sp.expand(simplify(d).value - simplified) == 0
    assert simplify(d, by=sp.expand).conditions == ()
    assert count(simplify(d, by=sp.expand)).terms == max(1, 2 ** (n - 1))


# ── conditions ──


def test_conditions():
    assert [str(c) for c in expression(branches, 1.5).conditions] == ["x > 1", "x < 2"]
    assert [str(c) for c in expression(branches, 0.5).conditions] == ["x <= 1"]
    a, b, c = (sp.Symbol(f"x_{k}", real=True) for k in range(3))
    e = expression(mask, x3)
    assert set(e.conditions) == {sp.Le(a, 1), sp.Gt(b, 1), sp.Gt(c, 1), sp.And(b > a, b >= c)}
    x = sp.Symbol("x", real=True)
    assert expression(lambda x: int(x) * x, 2.5).conditions == (sp.And(x >= 2, x < 3),)
    assert expression(lambda x: int(x) * x, -2.5).conditions == (sp.And(x > -3, x <= -2),)
    assert expression(lambda x: int(x) * x, 0.5).conditions == (sp.And(x > -1, x < 1),)
    assert expression(lambda x: round(x) * x, 1.6).conditions == (
        sp.And(x >= sp.Rational(3, 2), x <= sp.Rational(5, 2)),
    )


def test_off_the_path():
    e = expression(branches, 1.5)
    with pytest.raises(OffTrace):
        evaluate(e, 3.0)


def test_conditions_hold_exactly_where_the_trace_does():
    rng = np.random.default_rng(0)
    for f, at in [(mask, x3), (sorted_by_hand, x3), (lambda x: x * int(2 * x[0]) + round(x[1]), x3)]:
        e = expression(f, at)
        both = set()
        for _ in range(30):
            other = rng.uniform(0.0, 3.0, 3)
            holds = all(bool(c.subs(dict(zip(e.symbols[0], other.tolist(), strict=True)))) for c in e.conditions)
            try:
                evaluate(e, other)
                assert holds
            except OffTrace:
                assert not holds
            both.add(holds)
        assert both == {True, False} or f.__name__ == "<lambda>"


def test_sorting_has_its_inequalities():
    e = expression(np.sort, np.array([2.0, 1.0]))
    assert str(e) == "[a_1, a_0]  where a_1 <= a_0"
    with pytest.raises(OffTrace, match="the expression holds where a_1 <= a_0"):
        evaluate(e, np.array([1.0, 2.0]))
    e = expression(lambda x: x[np.argmax(x)], np.array([2.0, 1.0]))
    assert str(e) == "x_0  where x_0 >= x_1"
    with pytest.raises(OffTrace):
        evaluate(e, np.array([1.0, 2.0]))
    with pytest.raises(NoExpression, match="pass the function and its arguments"):
        expression(wg.trace(np.sort)(np.array([2.0, 1.0])))


# ── digits, words, refusals ──


def test_many_digits():
    x = 0.1
    with_digits = evaluate(derivative(np.exp, x), x, digits=40)
    assert str(with_digits) == str(sp.exp(sp.Rational(*x.as_integer_ratio())).evalf(40))


def test_sympy_takes_an_expression():
    e = expression(np.sin, 0.5)
    assert sp.diff(sp.sympify(e), e.symbols[0]) == sp.cos(e.symbols[0])
    assert e._repr_latex_() == r"$\displaystyle \sin{\left(x \right)}$"
    assert expression(wg.trace(np.sin)(0.5)).value == e.value


def test_steps_have_no_deltas():
    d = derivative(lambda x: np.sign(x) * np.floor(x) * np.heaviside(x, 0.5) * x, 1.5)
    assert not d.value.has(sp.DiracDelta, sp.Derivative, sp.Subs)
    same(evaluate(d, 1.5), 1.0)


def test_derivative_of_max_shares_ties():
    d = derivative(lambda x: np.maximum(x[0], x[1]), np.array([2.0, 2.0]))
    same(evaluate(d, np.array([2.0, 2.0])), np.array([0.5, 0.5]))


@pytest.mark.parametrize(
    ("f", "at", "name"),
    [
        (lambda x: np.linalg.eigvalsh(x @ x.T), A2, "numpy.linalg.eigvalsh"),
        (lambda x: np.interp(0.5, np.arange(3.0), x), x3, "numpy.interp"),
        (lambda x: special.struve(0, x), 1.0, "scipy.special.struve"),
        (lambda x: np.max(x, initial=1.5), x3, "numpy.max"),
        (lambda x: np.sum(x, where=np.array([True, False, True])) + np.linalg.norm(x, 1.5), x3, ""),
    ],
)
def test_refused_or_right(f, at, name):
    """What has no counterpart is named, with the line that it came from."""
    try:
        e = expression(f, at)
    except NoExpression as refused:
        text = str(refused)
        assert "\n" in text
        assert name in text
        assert "test_expression.py:" in text
    else:
        same(evaluate(e, at), f(at))
        same(evaluate(derivative(e), at), wg.jacobian(f)(at))


def test_without_an_expression():
    with pytest.raises(NoExpression, match="eigvalsh has no expression in SymPy"):
        expression(np.linalg.eigvalsh, A2)
