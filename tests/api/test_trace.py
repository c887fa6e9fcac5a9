"""wengert.trace: the printed program runs and gives what the function gives, for functions and derivatives."""

import dataclasses
from collections import Counter, namedtuple

import numpy as np
import pytest
import scipy.linalg
import scipy.special
from tracing import holds_elsewhere, retrace

import wengert as wg
from wengert.errors import BadInput, OffTrace
from wengert.ir.check import check
from wengert.ir.line import Lit, Type, Var
from wengert.ir.trace import Trace

DATA = np.linspace(0.5, 2.0, 12).reshape(4, 3) + np.eye(4, 3)
SMALL = np.array([1.0, 2.0])


def branching(a, b):
    c = a * b
    return np.log(c) if c > 0 else np.sin(c)


def test_text_of_each_branch():
    assert str(wg.trace(branching)(2.0, 3.0)) == (
        "def branching(a, b):  # a: float, b: float\n"
        "    v0 = a * b        # float\n"
        "    v1 = v0 > 0       # bool\n"
        "    assert v1         # guard\n"
        "    v2 = np.log(v0)   # f64[]\n"
        "    return v2"
    )
    assert "    assert not v1" in str(wg.trace(branching)(2.0, -1.0))
    assert "np.sin(v0)" in str(wg.trace(branching)(2.0, -1.0))


def test_text_of_a_gradient():
    assert str(wg.trace(wg.grad(lambda x: np.sum(np.sin(x) * DATA)))(DATA).dce()) == (
        "def f(x):              # x: f64[4,3]\n"
        "    v0 = np.cos(x)     # f64[4,3]\n"
        "    v1 = DATA * v0     # f64[4,3]\n"
        "    v2 = np.isnan(v1)  # bool[4,3]\n"
        "    v3 = np.any(v2)    # bool[]\n"
        "    assert not v3      # guard\n"
        "    v4 = v1.copy()     # f64[4,3]\n"
        "    return v4"
    )


FUNCTIONS = {
    "branch": (branching, (2.0, 3.0)),
    "captured": (lambda w, b: np.sum((DATA @ w + b) ** 2), (np.ones(3), 0.5)),
    "loop": (lambda x: [x := 4 * x * (1 - x) for _ in range(5)][-1], (0.3,)),
    "reductions": (lambda x: x.mean(axis=0) * x.std() + np.prod(x, keepdims=True), (DATA,)),
    "linalg": (lambda a, b: np.linalg.solve(a.T @ a, a.T @ b), (DATA, np.ones(4))),
    "several results": (lambda a: np.linalg.eigh(a.T @ a), (DATA,)),
    "slogdet": (lambda a: np.linalg.slogdet(a.T @ a)[1], (DATA,)),
    "scipy": (lambda x: scipy.special.logsumexp(scipy.special.gammaln(x)), (DATA,)),
    "cholesky": (lambda a: scipy.linalg.cho_solve(scipy.linalg.cho_factor(a.T @ a), np.ones(3)), (DATA,)),
    "fft": (lambda x: np.abs(np.fft.rfft(x)) ** 2, (DATA[0],)),
    "complex": (lambda z: z * np.conj(z) + 1j, (np.array([1 + 2j, 3j]),)),
    "float32": (lambda x: x * np.float32(2) + 0.5, (SMALL.astype(np.float32),)),
    "keys": (lambda x: x[1:, None] + x[np.array([0, 2])] * x[..., ::-1][0, 1], (DATA[:3],)),
    "mask": (lambda x: x[x > 1.0].sum() + np.where(x > 1.0, x, -x), (DATA,)),
    "join": (lambda x, y: np.concatenate([x, np.stack([x, y])[1]]), (SMALL, SMALL + 1)),
    "einsum": (lambda x: np.einsum("ij,ik->jk", x, DATA), (DATA,)),
    "constants": (lambda x: x * np.inf + np.nan * x - np.array([np.inf, -0.0]), (SMALL,)),
    "unused": (lambda x, y: x, (1.0, 2.0)),
    "nothing recorded": (lambda x: 3.0, (1.0,)),
    "numbers": (lambda x: (-x, abs(x), x**2, 2**x, x // 0.3, x % 0.3, -(2.0**x)), (1.5,)),
    "numpy numbers": (lambda x: (-x, abs(x), x**2, 2**x, x // 0.3, x % 0.3), (np.float64(1.5),)),
    "truth": (lambda x: (x > 1) & (x < 2) | ~(x == 1.5), (DATA,)),
    "counting": (lambda x: x * np.count_nonzero(x > 1) + int(np.argmax(x)), (DATA,)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name):
    f, args = FUNCTIONS[name]
    retrace(f, *args)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"truth", "unused", "nothing recorded"}))
def test_derivatives(name):
    f, args = FUNCTIONS[name]
    tangents = tuple(np.ones_like(a)[()] for a in args)
    retrace(lambda *xs: wg.jvp(f, xs, tangents)[1], *args)
    retrace(lambda *xs: wg.vjp(f, *xs)[1](wg.vjp(f, *xs)[0]), *args)


def test_second_derivatives():
    f = lambda x: np.sum(np.exp(x) * x[::-1])
    for operator in (wg.hessian, lambda f: wg.grad(lambda x: np.sum(wg.grad(f)(x) ** 2))):
        retrace(operator(f), SMALL)
    retrace(lambda x: wg.hvp(f, (x,), (SMALL,)), SMALL)
    retrace(wg.derivative(wg.derivative(np.tanh)), 0.5)


# ── in place ──


def fill(x):
    z = np.zeros(3)
    for i in range(3):
        z[i] = x[i] * i
    row = z[1:]
    row *= 2.0
    return z, row


def aliased(x):
    A = np.empty((2, 2))
    A[...] = 1.0
    A.T[0] = x
    B = A
    B[1] += A[0]
    return A * B


def own_argument(x):
    x = x.copy()
    x[0] = 5.0
    x[x > 1.5] *= 2.0
    return x


@pytest.mark.parametrize("f", [fill, aliased, own_argument])
def test_in_place(f):
    x = np.array([1.0, 2.0, 3.0])[: 2 if f is aliased else 3]
    retrace(f, x)
    retrace(lambda x: wg.vjp(f, x)[1](f(x))[0], x)


def test_text_of_writes():
    assert str(wg.trace(fill)(np.ones(3))) == (
        "def fill(x):          # x: f64[3]\n"
        "    v0 = x[0]         # f64[]\n"
        "    v1 = v0 * 0       # f64[]\n"
        "    v2 = np.zeros(3)  # f64[3]\n"
        "    v2[0] = v1\n"
        "    v3 = x[1]         # f64[]\n"
        "    v4 = v3 * 1       # f64[]\n"
        "    v2[1] = v4\n"
        "    v5 = x[2]         # f64[]\n"
        "    v6 = v5 * 2       # f64[]\n"
        "    v2[2] = v6\n"
        "    v7 = v2[1:]       # f64[2]\n"
        "    v8 = v7 * 2.0     # f64[2]\n"
        "    v2[1:] = v8\n"
        "    v9 = v2[1:]       # f64[2]\n"
        "    return (v2, v9)"
    )


# ── arguments and results ──

Point = namedtuple("Point", "x y")


@dataclasses.dataclass
class Model:
    w: np.ndarray
    b: float


def test_containers():
    t = retrace(lambda p, q: {"w": p["w"] * p["b"][0], "q": [q.x, (q.y,)]}, {"w": SMALL, "b": [2.0]}, Point(1.0, 2.0))
    assert "v0 = p['w'] * p['b'][0]" in str(t)
    assert "return {'w': v0, 'q': [q.x, (q.y,)]}" in str(t)
    t = retrace(lambda m: Point(m.w * m.b, 1.0), Model(SMALL, 3.0))
    assert "Point(v0, 1.0)" in str(t)


def test_dataclass_result():
    t = wg.trace(lambda x: Model(x * SMALL, x))(2.0)
    scope = t.namespace
    exec(str(t), scope)
    result = scope["f"](2.0)
    assert type(result) is Model
    np.testing.assert_array_equal(result.w, 2 * SMALL)


def test_parameters():
    def f(x, /, y, *rest, scale=1.0, **options):
        return x * y + rest[0] * scale + options["shift"]

    t = retrace(f, 1.0, 2.0, 3.0, scale=4.0, shift=5.0)
    assert str(t).startswith("def f(x, y, *rest, scale, **options):")
    assert isinstance(t, Trace)


def test_names_that_the_text_uses_itself():
    t = wg.trace(lambda v0, v1: v0 * v1 + v0)(2.0, 3.0)
    assert str(t).startswith("def f(v0_, v1_):")
    assert t(2.0, 3.0) == 8.0


def test_fixed_arguments():
    def f(x, n, name, labels):
        return x[labels] * n if name == "a" else x

    labels = np.array([1, 0, 1])
    t = retrace(f, SMALL, 3, "a", labels)
    assert "assert n == 3" in str(t)
    assert "assert name == 'a'" in str(t)
    with pytest.raises(OffTrace, match=r"n was 3 when the trace was made"):
        t(SMALL, 4, "a", labels)


def test_constants():
    big = np.linspace(0.0, 1.0, 50)
    assert set(retrace(lambda x: x * big, 2.0).constants) == {"big"}
    assert list(retrace(lambda x: x * np.linspace(0.0, 1.0, 50), 2.0).constants) == ["c0"]
    assert retrace(lambda x: x * np.array([0.5, 0.25]), 2.0).constants == {}


def test_module_text(tmp_path):
    t = wg.trace(lambda x: scipy.special.erf(x) + np.sin(x))(0.5)
    scope = {}
    exec(t.source(), scope)
    assert scope["f"](0.5) == t(0.5)
    assert t.source().startswith("import numpy as np\nimport scipy.special\n\n\ndef f(x):")


def test_function_without_signature():
    t = retrace(np.sin, 0.5)
    assert str(t).startswith("def sin(x")


def test_decorator_and_partial():
    @wg.trace
    def f(x):
        return x * 2.0

    assert f(1.0)(3.0) == 6.0
    assert repr(f) == "wengert.trace(f)"


# ── guards ──


def test_guards_hold_the_trace_to_its_path():
    t = wg.trace(branching)(2.0, 3.0)
    assert t(1.0, 4.0) == np.log(4.0)
    with pytest.raises(OffTrace, match=r"bool of a value is True \(test_trace\.py:\d+\); .* it is False"):
        t(2.0, -1.0)
    scope = t.namespace
    exec(str(t), scope)
    with pytest.raises(AssertionError):
        scope["branching"](2.0, -1.0)


def test_while_and_int():
    def halve(x):
        n = 0
        while x > 1:
            x, n = x / 2, n + 1
        return x * n + int(x * 10)

    t = retrace(halve, 5.0)
    assert t(4.8) == halve(4.8)
    with pytest.raises(OffTrace):
        t(9.0)


def test_a_guard_is_stated_once():
    def often(x):
        positive = x > 0
        return sum(x if positive else -x for _ in range(3))

    assert sum(line.kind == "guard" for line in wg.trace(often)(1.0).lines) == 1


def test_stop_gradient_is_no_constant_of_a_trace():
    t = wg.trace(lambda x: x * wg.stop_gradient(x))(3.0)
    assert t(2.0) == 4.0
    t = wg.trace(wg.grad(lambda x: x * wg.stop_gradient(x)))(3.0)
    assert t(2.0) == 2.0


def test_other_types_are_refused():
    t = wg.trace(np.sin)(SMALL)
    with pytest.raises(BadInput, match=r"is float64\[3\]; the trace was made for float64\[2\]"):
        t(np.ones(3))
    with pytest.raises(BadInput, match="another structure"):
        t([SMALL])
    assert wg.trace(lambda x: x * 2)(1.0)(3) == 6.0


def test_snapshots():
    captured = np.ones(2)
    t = wg.trace(lambda x: x * captured)(2.0)
    captured[:] = 7.0
    np.testing.assert_array_equal(t(2.0), [2.0, 2.0])
    x = np.ones(2)
    wg.trace(own_argument)(x)
    np.testing.assert_array_equal(x, 1.0)


DECIDING = {
    "max": lambda x: np.max(x, axis=0) * x.min(),
    "maximum": lambda x: np.maximum(x, x[::-1]) + np.abs(x - 1.0),
    "sort": lambda x: np.sort(x, axis=0)[0] * np.sort(x, axis=None)[3],
    "argsort": lambda x: x[np.argsort(x[:, 0])] * np.argmax(x),
    "median": lambda x: np.median(x) + np.quantile(x, 0.3, axis=1),
    "mask": lambda x: x[x > 1.0].sum() * np.where(x > 1.0, x, 2.0),
    "select": lambda x: np.select([x > 1.6, x > 1.0], [x**2, x], 0.5),
    "interp": lambda x: np.interp(1.2, np.cumsum(x[:, 0]), x[:, 1]),
    "accumulate": lambda x: np.maximum.accumulate(x, axis=0),
    "unique": lambda x: np.unique(x),
    "where": lambda x: np.log(x, where=x > 1.0, out=np.zeros_like(x)),
    "eigh": lambda x: np.linalg.eigvalsh(x.T @ x),
    "std": lambda x: np.std(x, axis=1) * np.linalg.norm(x),
}


@pytest.mark.parametrize("name", DECIDING)
def test_decisions_are_guarded(name):
    f = DECIDING[name]
    holds_elsewhere(f, DATA)
    holds_elsewhere(lambda x: wg.vjp(f, x)[1](f(x))[0], DATA)


# ── the language ──


def test_every_line_has_the_place_in_the_file():
    t = wg.trace(fill)(np.ones(3))
    assert {t.files[line] for line in t.lines} == {__file__}
    assert t.lines[-1].origin[1] == fill.__code__.co_firstlineno + 5  # a view that is read again when f has returned


def test_lines():
    t = wg.trace(branching)(2.0, 3.0)
    product, _, guard, _ = t.lines
    assert product.outs[0].type == Type("float", (), True)
    assert product.inputs == t.inputs
    assert guard.kind == "guard"
    assert product.origin[0] == "test_trace.py"
    assert len(t) == 4
    assert repr(t) == "<trace of branching(float, float): 4 lines>"
    assert str(Type.of(DATA)) == "f64[4,3]"
    assert str(Type.of(np.bool_(True))) == "bool[]"


def test_dead_code():
    t = wg.trace(lambda x: (np.sin(x), x * 2.0)[1])(1.0)
    assert len(t) == 2
    assert len(t.dce()) == 1
    assert t.dce()(3.0) == 6.0


def test_check_finds_malformed_traces():
    t = wg.trace(lambda x: np.sin(x) * x)(1.0)
    with pytest.raises(ValueError, match="is not defined yet"):
        check(dataclasses.replace(t, lines=t.lines[::-1]))
    with pytest.raises(ValueError, match="a second time"):
        check(dataclasses.replace(t, lines=t.lines[:1] * 2))
    with pytest.raises(ValueError, match="output 0 is not defined"):
        check(dataclasses.replace(t, outputs=(Var(Type("f64")),)))
    assert check(dataclasses.replace(t, outputs=(Lit(1.0),)))


def test_nothing_is_left_behind():
    def fails(x):
        x = np.sin(x)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        wg.trace(fails)(1.0)
    assert type(np.zeros(2)) is np.ndarray


def test_inside_another_derivative():
    def f(x):
        t = wg.trace(lambda y: y * y)(2.0)
        return x * t(3.0)

    assert wg.grad(f)(1.0) == 9.0


def test_values_without_derivative_are_keys_as_they_are():
    """What is a plain number to a derivative is one in a dict of a trace, and a guard."""

    def groups(x):
        found = {}
        for v in x:
            found.setdefault(v > 0.5, []).append(v)
        return [np.mean(v) for v in found.values()]

    def count(x):
        return x[0] / Counter(np.sign(x))[1.0]

    x = np.array([0.6, 0.2, 0.8])
    retrace(groups, x)
    retrace(count, x)
    with pytest.raises(OffTrace):
        wg.trace(groups)(x)(np.array([0.2, 0.6, 0.8]))


def test_ends_of_the_derivative_are_lines():
    """stop_gradient and astype(int) stand in the trace, so that a derivative of the trace ends there too."""
    x = np.array([1.5, 2.5])
    assert "+x" in str(retrace(lambda x: wg.stop_gradient(x) * x, x))
    assert "astype" in str(retrace(lambda x: np.sum(x.astype(int) * 2.0), x))
    trace = wg.trace(lambda x: np.array([1.0, 4.0, 9.0])[x.astype(int)])(x)
    try:
        looked_up = trace(x - 1.0)
    except OffTrace:  # a guard would do as well
        return
    np.testing.assert_array_equal(looked_up, [1.0, 4.0])
