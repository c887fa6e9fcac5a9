"""Traces on the parts of complex numbers: the same values as NumPy's, at special numbers too, for random programs too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from wengert.ir.check import check
from wengert.ir.trace import evaluate
from wengert.passes import complex_maths as maths
from wengert.passes.complex import in_parts
from wengert.passes.complex_values import is_complex
from wengert.passes.pipeline import optimise

SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, -3.0, np.pi / 2, 1e-300, 1e300, 710.2, -710.2, 5e-324]
GRID = np.array([complex(a, b) for a in SPECIAL for b in SPECIAL])
RNG = np.random.default_rng(0)
MANY = (RNG.normal(size=2000) + 1j * RNG.normal(size=2000)) * np.exp(2 * RNG.normal(size=2000))


def pair(z):
    return (z.real.copy(), z.imag.copy()) if np.iscomplexobj(z) else (z, None)


def close(got, want, ulps, least=0.0):
    """Both parts, to units in the last place of the modulus, or of `least`; infinities, NaN and zeros as they are."""
    for g, w in zip(got, (want.real, want.imag), strict=True):
        g = np.broadcast_to(g, w.shape)
        usual = np.isfinite(w) & np.isfinite(np.abs(want))
        np.testing.assert_array_equal(g[~usual], w[~usual])
        assert np.all(np.abs(g[usual] - w[usual]) <= ulps * np.spacing(np.maximum(np.abs(want[usual]), least)))
        zero = usual & (np.abs(want) == 0)
        np.testing.assert_array_equal(g[zero], w[zero])


UNARY = {
    "square": 2, "reciprocal": 2, "conjugate": 0, "sign": 2, "exp": 2, "exp2": 2, "expm1": 4, "sinh": 4, "cosh": 4,
    "tanh": 6, "sin": 4, "cos": 4, "tan": 6, "log": 4, "log2": 5, "log10": 5, "log1p": 2, "sqrt": 3,
}  # fmt: skip
# Where C leaves the sign of an infinity or a zero open beside a NaN, or a product is fused with a sum in NumPy.
OPEN = {
    "square": lambda z: (
        np.isinf(z.imag) & (np.abs(z.real) > 1e200) | (np.abs(z.real) > 1e200) & (np.abs(z.imag) > 1e200)
    ),
    "sinh": lambda z: np.isinf(z.real) & ~np.isfinite(z.imag),
    "cosh": lambda z: (z.real == 0) & ~np.isfinite(z.imag),
    "sin": lambda z: ~np.isfinite(z.real) & np.isinf(z.imag),
    "cos": lambda z: ~np.isfinite(z.real) & (z.imag == 0) | ~np.isfinite(z.real) & np.isinf(z.imag),
}


@pytest.mark.parametrize("name", UNARY)
def test_functions(name):
    special = GRID[~OPEN[name](GRID)] if name in OPEN else GRID
    with np.errstate(all="ignore"):
        for z in (MANY, special):
            close(getattr(maths, name)(pair(z)), getattr(np, name)(z), UNARY[name])


@pytest.mark.parametrize("name", UNARY)
def test_functions_natively(name):
    pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")
    special = GRID[~OPEN[name](GRID)] if name in OPEN else GRID
    f = getattr(np, name)
    jitted = wg.jit(lambda z: f(z))
    with np.errstate(all="ignore"):
        for z in (MANY, MANY[::-1].copy(), special, special):
            y = jitted(z)
            # NumPy's log1p is log |1 + z|, which is right to the last place of 1 only.
            close((y.real, y.imag), f(z), UNARY[name] + 2, 1.0 if name == "log1p" else 0.0)


@pytest.mark.parametrize("name", ["multiply", "divide"])
@pytest.mark.parametrize("real", [False, True])
def test_arithmetic(name, real):
    tame = np.array([z for z in GRID if 0 in (z.real, z.imag) or abs(z) > 1e-299])
    z, w = [x.ravel() for x in np.meshgrid(tame, tame[::3])]
    with np.errstate(all="ignore"):
        for a, b in ((MANY, MANY[::-1]), (z, w)):
            b = b.real.copy() if real else b
            want = getattr(np, name)(a, b)
            got = getattr(maths, name)(pair(a), pair(b))
            exact = np.isfinite(want) | np.isnan(want)
            close([np.broadcast_to(g, want.shape)[exact] for g in got], want[exact], 4)


@pytest.mark.parametrize("n", [-5, -2, -1, 0, 1, 2, 3, 4, 9])
def test_whole_powers(n):
    close(maths.whole_power(n)(pair(MANY)), MANY**n, 4 * max(abs(n), 1))
    zeros = np.array([0j, complex(-0.0, 0.0)])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(np.isnan(maths.whole_power(n)(pair(zeros))[0]), np.isnan((zeros**n).real))


def test_absolute_and_tests():
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(maths.absolute(pair(GRID)), np.abs(GRID), rtol=4e-16)
        for name in ("isnan", "isinf", "isfinite", "isreal", "iscomplex"):
            np.testing.assert_array_equal(getattr(maths, name)(pair(GRID)), getattr(np, name)(GRID))
        for name in ("equal", "not_equal"):
            np.testing.assert_array_equal(
                getattr(maths, name)(pair(GRID), pair(GRID[::-1])), getattr(np, name)(GRID, GRID[::-1])
            )
        np.testing.assert_array_equal(maths.isclose(pair(MANY), pair(MANY + 1e-7)), np.isclose(MANY, MANY + 1e-7))


# ── random programs ──

OPS = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "sub": lambda a, b: 1j - a * b,
    "div": lambda a, b: a / (b + 3.0),
    "conj": lambda a, b: np.conj(a),
    "real": lambda a, b: a.real + 0.5 * b,
    "abs": lambda a, b: np.abs(a) + 0.0 * b,
    "exp": lambda a, b: np.exp(1j * a.real) * b,
    "sqrt": lambda a, b: np.sqrt(a),
    "square": lambda a, b: a**2,
    "tanh": lambda a, b: np.tanh(a),
    "where": lambda a, b: np.where(a.real > b.imag, a, b),
    "T": lambda a, b: a.T,
    "flip": lambda a, b: a[::-1],
    "copy": lambda a, b: a.copy(),
    "sum": lambda a, b: a + np.sum(b, axis=0),
    "dot": lambda a, b: np.tanh(a @ b),
    "stack": lambda a, b: np.concatenate([a, b])[2:5],
    "fft": lambda a, b: np.fft.fft(a) / 3,
    "equal": lambda a, b: (a == b) * 1.0 + a,
    "vdot": lambda a, b: a - 0.1 * np.vdot(a, b),
}
WRITES = {
    "cell": lambda a, b: a.__setitem__((1, 2), b[0, 0]),
    "line": lambda a, b: a.__setitem__(0, b[2]),
    "part": lambda a, b: a[1:].__setitem__((slice(None), 0), b[:2, 1]),
    "plus": lambda a, b: a.__iadd__(b),
    "real": lambda a, b: a.real.__setitem__(1, b[0].imag),
    "imag": lambda a, b: a.T.imag.__setitem__((0, 2), 1.5),
}
steps = st.lists(
    st.tuples(st.sampled_from([*OPS, *WRITES, "branch", "loop"]), st.integers(0, 5), st.integers(0, 5)),
    min_size=3,
    max_size=12,
)


def program(recipe):
    def f(x, z):
        pool = [x + 0j, z, x * z, z + 0.5, np.zeros((3, 3), complex) + x, z.copy()]
        for name, i, j in recipe:
            a, b = pool[i], pool[j]
            if name in WRITES:
                if i > 1:
                    WRITES[name](a, b)
            elif name == "branch":
                pool[i] = a - 0.5 if np.abs(np.sum(a)) > 1 else a + 0.5j
            elif name == "loop":
                for _ in range(12):
                    a = np.exp(1j * a.real) * 0.5 + b * 0.25 - a * (0.1 + 0.2j)
                pool[i] = a
            else:
                pool[i] = OPS[name](a, b)
        return (*pool[1:], np.abs(pool[2]), np.sum(pool[3]))

    return f


A = np.array([[0.3, -0.0, 1.2], [np.pi, -1.0, 0.25], [2.0, 0.1, -0.6]])
B = A[::-1] + 1j * np.array([[1.0, 0.5, -0.5], [0.0, 2.0, 0.125], [-1.0, 0.75, 3.0]])


def agree(got, want):
    for a, b in zip(got, want, strict=True):
        assert np.asarray(a).dtype == np.asarray(b).dtype
        scale = np.max(np.abs(b), initial=0, where=np.isfinite(b))
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12 * min(1 + scale, 1e300))


@settings(max_examples=80, deadline=None)
@given(steps)
def test_parts_have_the_values_of_the_whole(recipe):
    with np.errstate(all="ignore"):
        trace = optimise(wg.trace(program(recipe))(A, B))
        real = in_parts(trace)
        check(real.trace)
        want, got = evaluate(trace, [A, B]), evaluate(real.trace, [A, B])
    agree(got, want)
    joined = {"complex join", "complex parts", "numpy.fft.fft"}
    for line in real.trace.lines:
        assert line.row.name in joined or not any(is_complex(v.type) for v in (*line.inputs, *line.outs))
    assert set(real.origin.values()) <= set(_lines(trace))


def _lines(trace):
    for line in trace.lines:
        yield line
        if line.row.name == "loop":
            yield from _lines(line.params["loop"].body)


@settings(max_examples=12, deadline=None)
@given(steps)
def test_compiled(recipe):
    pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")
    f = program(recipe)
    jitted = wg.jit(f)
    with np.errstate(all="ignore"):
        for z in (B, B, B * 1.1):
            agree(jitted(A, z), f(A, z))


def test_a_trace_without_complex_numbers_stays_as_it_is():
    trace = wg.trace(lambda x: np.sin(x) @ x)(A)
    assert in_parts(trace).trace is trace
