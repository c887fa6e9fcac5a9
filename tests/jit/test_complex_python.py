"""Python's complex operators at zeros of either sign, infinities and NaN: compiled and recorded they are those of the Python that runs."""

import operator
from itertools import product

import numpy as np
import pytest

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

inf, nan = float("inf"), float("nan")
REALS = [0.0, -0.0, 1.0, -2.0, inf, -inf, nan]
COMPLEX = [complex(x, y) for x, y in product(REALS, REALS)]
KINDS = {
    "complex": COMPLEX,
    "float": REALS,
    "int": [1, -2, 0],
    "np.float64": [np.float64(x) for x in REALS],
    "np.complex128": [np.complex128(z) for z in COMPLEX],
}
PAIRS = [(a, b) for a, b in product(KINDS, KINDS) if "complex" in (a, b)]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv]


def spelled(f, *args):
    """The type, and each part with its sign; or the error."""
    try:
        with np.errstate(all="ignore"):
            y = f(*args)
    except ArithmeticError as error:
        return type(error)
    return type(y), *["nan" if x != x else repr(float(x)) for x in (y.real, y.imag)]


def recorded(f):
    """The value that f has while its arguments are differentiated."""

    def g(*args):
        seen = []

        def h(*args):
            seen.append(wg.stop_gradient(f(*args)))
            return seen[0].real

        wg.vjp(h, *args)
        return seen[0]

    return g


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("kinds", PAIRS, ids=["-".join(p) for p in PAIRS])
def test_operators(op, kinds):
    f = wg.jit(lambda a, b: op(a, b))
    for a, b in product(*[KINDS[k] for k in kinds]):
        assert spelled(f, a, b) == spelled(op, a, b), (a, b)


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("kinds", [p for p in PAIRS if "int" not in p], ids="-".join)
def test_recorded(op, kinds):
    f = recorded(op)
    for a, b in list(product(*[KINDS[k] for k in kinds]))[::7]:
        assert spelled(f, a, b) == spelled(op, a, b), (a, b)


@pytest.mark.parametrize("n", [-3, -2, -1, 0, 1, 2, 3, 5, 2.0, 0.5])
def test_powers(n):
    f = wg.jit(lambda z: z**n)
    for z in COMPLEX:
        if n != 0.5:
            assert spelled(f, z) == spelled(lambda z: z**n, z), z


@pytest.mark.parametrize("b", [-inf, inf, nan, -1.0, 0.0, 2.0])
def test_powers_with_exponents_that_vary(b):
    f = wg.jit(lambda a, b: a**b)
    for a in (2j, 1 + 1j, complex(inf, 0), complex(0, -inf), 0j):
        got, want = spelled(f, a, b), spelled(operator.pow, a, b)
        assert got[:1] == want[:1] if isinstance(want, tuple) else got == want, (a, b)


def test_a_loop_that_overflows():
    def f(z, c):
        for _ in range(100):
            z = z * z + c
        return z

    compiled = wg.jit(f)
    for z in (0.1 + 0.2j, 3.0 + 4j, 1e200 + 1e200j, complex(inf, 1), 0.1 + 0.2j):
        assert spelled(compiled, z, 0.1j) == spelled(f, z, 0.1j), z


def test_derivatives():
    def f(z, x):
        w = x * z + (x - z) / (2.0 - x)
        return (w * (1j + x) / z).real

    def g(z, x):
        return wg.grad(f, argnums=(0, 1))(z, x)

    compiled = wg.jit(g)
    for z, x in product([1 + 2j, complex(inf, 1), complex(nan, inf), complex(1, -0.0)], [1.0, -0.0, inf]):
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(compiled(z, x), g(z, x), str((z, x)))
