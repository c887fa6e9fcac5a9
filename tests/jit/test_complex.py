"""Complex numbers in native functions: types, arithmetic, writes, loops, derivatives. All of it native, and as without jit."""

import operator

import numpy as np
import pytest
import scipy.fft as sf
from same import agree, same

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=12), RNG.normal(size=(3, 8))
Z = Y + 1j * RNG.normal(size=(3, 8))
A = RNG.normal(size=(4, 4)) + 1j * RNG.normal(size=(4, 4)) + 3 * np.eye(4)
GRID = np.linspace(-5, 5, 32)
WAVE = np.exp(-(GRID**2) + 1j * GRID)


def native(f, *args, calls=(), rtol=1e-11):
    """f compiled is f, here and elsewhere; but for `calls` no line is given to NumPy."""
    jitted = wg.jit(f)
    for given in (args, args, tuple(a * 1.01 for a in args)):
        same(jitted(*given), f(*given), rtol)
    path = jitted._path_of(args, {})[1]
    assert path.native is not None, path.reason
    assert {line.row.name for line, _ in path.native.graph.calls} == set(calls)
    return jitted


# ── arguments and results ──


@pytest.mark.parametrize(
    "z",
    [
        1.5 - 2j,
        np.complex128(0.3 + 1j),
        Z,
        Z.astype(np.complex64),
        np.array(2 - 1j),
        Z[:, ::2],
        np.zeros((0, 3), complex),
    ],
)
def test_types_of_arguments_and_results(z):
    agree(wg.jit(lambda z: (z * 2, z + 1j, z.real, z.imag, np.conj(z), abs(z), -z)), lambda z: (z * 2, z + 1j, z.real, z.imag, np.conj(z), abs(z), -z), z)  # fmt: skip
    native(lambda z: z * (1 + z), z, rtol=1e-6 if z.dtype == np.complex64 else 1e-11) if np.size(z) > 1 else None


def test_noncontiguous_and_other_types_are_not_mistaken():
    f = wg.jit(lambda z: z * z)
    for z in (Z, Z.T, Z[::-1], Z.real, Z.astype(np.complex64), Z[:2], Z):
        same(f(z), z * z, 1e-5 if z.dtype == np.complex64 else 1e-12)


# fmt: off
FUNCTIONS = {
    "arithmetic": lambda z: (z + Y, Y - z, z * Y, Y / (1 + z), z / Y, 1j * Y, z - 2, 3 / z, -z, +z, z * z / (z - 1)),
    "elementary": lambda z: (np.exp(z), np.log(z), np.sqrt(z), np.sin(z), np.cos(z), np.tan(z), np.sinh(z), np.cosh(z), np.tanh(z)),
    "logarithms": lambda z: (np.log2(z), np.log10(z), np.log1p(z), np.expm1(z), np.exp2(z)),
    "by loops": lambda z: (np.arcsin(z), np.arccos(z), np.arctan(z), np.arcsinh(z), np.arccosh(z), np.arctanh(z)),
    "powers": lambda z: (z**2, z**3, z**-1, z**-3, z**7, z**0, z**0.5, z**1.5, z**Y, 2.0**z, z**z, np.power(z, 2j), np.square(z), np.reciprocal(z)),
    "parts": lambda z: (z.real, np.imag(z), np.conj(z), np.abs(z), np.angle(z), np.sign(z), z.conj().T),
    "tests": lambda z: (z == Z, z != Y, np.isnan(z), np.isfinite(z / 0.5), np.isinf(z), np.iscomplex(z), np.isreal(z), np.isclose(z, z + 1e-9), np.any(z), np.all(z), np.count_nonzero(z), np.logical_not(z)),
    "moves": lambda z: (z.T, z[::-1, 1:3], np.roll(z, 2), np.flip(z), z[[0, 2]], z.reshape(8, 3), np.concatenate([z, Y]), np.stack([z, Y]), np.hstack([z, z]), np.pad(z, 1), np.repeat(z, 2, 1), np.tile(z, 2), np.broadcast_to(z[0], (2, 8)), np.squeeze(z[:1]), np.diag(z[:, :3]), np.diag(z[0]), np.where(Y > 0, z, Y), z[Y > 0], np.take(z, [1, 0], 1), np.tril(z)),
    "sums": lambda z: (z.sum(), z.sum(0), z.mean(1), np.cumsum(z, 1), np.trace(z), np.var(z), np.std(z, 0), np.linalg.norm(z), np.linalg.norm(z, axis=1), np.nansum(z.real), np.diff(z), z.sum(axis=1, keepdims=True), np.prod(z, axis=0), np.prod(z[0])),
    "products": lambda z: (z @ z.T, Y @ z.T, z @ Y.T, np.dot(z[0], z[1]), np.vdot(z, Y), np.vdot(Y, z), np.inner(z, z), np.outer(z[0], Y[0]), np.kron(z, z[:1]), np.einsum("ij,kj->ik", z, z), np.einsum("ij,ij,ij->i", z, z, Y), np.tensordot(z, Y, ((1,), (1,))), np.convolve(z[0], z[1]), np.correlate(z[0], z[1]), np.correlate(Y[0], z[1]), np.cross(z[:, :3], Y[:, :3]), np.matmul(z[None], z.T[None])),
    "casts": lambda z: (z.astype(np.complex64), Y.astype(complex) * 2, z.real.astype(complex), np.array([z[0, 0], 1.0, Y[0, 0]]), np.full(3, z[0, 0]), np.zeros_like(z), np.ones_like(z) * z, z.copy(), np.round(z, 2), np.nan_to_num(z)),
    "transforms": lambda z: (np.fft.fft(z), np.fft.ifft(z, axis=0), np.fft.fft(z, 5, norm="ortho"), np.fft.ifft(z, 11, norm="forward"), np.fft.fft(Y), np.fft.rfft(Y), np.fft.rfft(Y, 7), np.fft.irfft(z), np.fft.irfft(z, 9), np.fft.fft2(z), np.fft.ifftn(z), np.fft.rfft2(Y), np.fft.irfft2(z), np.fft.fftshift(z), np.fft.hfft(z)),
}
# fmt: on


SCIPY = {
    "values": lambda z: (
        sf.fft(z),
        sf.ifft(z, 5, axis=0),
        sf.fft(Y, norm="ortho"),
        sf.fft2(z),
        sf.ifftn(z, norm="forward"),
    ),
    "real": lambda z: (sf.rfft(Y), sf.rfft2(Y), sf.irfft(z), sf.irfft(z, 9), sf.irfft2(z), sf.rfftn(Y, (4, 7))),
}


@pytest.mark.parametrize("name", SCIPY)
def test_transforms_of_scipy(name):
    native(SCIPY[name], Z)
    native(wg.grad(lambda z: sum(np.sum(np.abs(y)) for y in SCIPY[name](z))), Z)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    native(FUNCTIONS[name], Z)


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n != "transforms"])
def test_single_precision(name):
    f = FUNCTIONS[name]
    with np.errstate(all="ignore"):
        same(wg.jit(f)(Z.astype(np.complex64)), f(Z.astype(np.complex64)), 3e-5)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_pullbacks(name):
    def pulled(z):
        ys, pull = wg.vjp(FUNCTIONS[name], z)
        return pull(tuple([np.ones_like(y) * (0.5 - 1j if np.iscomplexobj(y) else 0.5) for y in ys]))

    with np.errstate(all="ignore"):
        agree(wg.jit(pulled), pulled, Z)
        agree(wg.jit(pulled), pulled, Z * 1.1)


def test_what_has_no_form_is_called_with_joined_values():
    f = native(lambda z: np.linalg.svd(np.exp(1j * z) @ A[:, :2])[1] * z[0, 0], A, calls=["numpy.linalg.svd"])
    assert "NumPy: " in f.explain(A)


# ── Python's complex numbers ──


@pytest.mark.parametrize(
    "f",
    [
        lambda a: (a + 1) * (2 - a) / a,
        lambda a: (abs(a), -a, +a, a == 1.5 - 2j, a != a * 1),
        lambda a: (a**2, a**-2, a**0, a**0.5, a**a, 2**a, a**1.7),
        lambda a: a if a else 1.0,
        lambda a: a * 2 if a.real > 0 else a / 3,
        lambda a: {"z": a * a, "r": [a.imag, a.conjugate()]},
    ],
)
def test_python_numbers(f):
    jitted = wg.jit(f)
    for a in (1.5 - 2j, -0.3 + 1j, 1j, 1.5 - 2j, 0j, 1e200 + 1e200j, 5e-324j):
        agree(jitted, f, a)


@pytest.mark.parametrize("op", [operator.truediv, operator.pow])
def test_python_raises_where_python_raises(op):
    f = wg.jit(lambda a, b: op(a, b))
    for a, b in ((1 + 1j, 2j), (1 + 1j, 0j), (0j, -1 + 0j), (0j, 2 + 0j), (1e200j, 3 + 0j)):
        agree(f, op, a, b)


# ── writes ──


def parts_of_an_owner(x):
    z = np.zeros((3, 4), complex)
    z.real[1] = x[:4]
    z[:, 2].imag[:] = x[4]
    z[0] += 1j * x[:4]
    z.T[1] *= 2
    z[2, :2] = x[1] * z[1, :2]
    row = z[1]
    row *= 1j
    z.imag += 1
    z.flat[3] = 5j * x[2]
    copied = z.copy()
    copied[copied.real > 0.5] = 0
    return z, copied, z.ravel(), row


def constant_that_becomes_an_owner(x):
    z = np.array([1 + 2j, 3.0, -1j])
    w = z * 1.0
    z[1] = x[0]
    z[2] *= x[1]
    return z, w


def real_and_its_complex_form(x):
    z = x.astype(complex)
    z[0] = 1j
    z[1:3] -= 2j * z[0]
    return z, x, x * z


@pytest.mark.parametrize("f", [parts_of_an_owner, constant_that_becomes_an_owner, real_and_its_complex_form])
def test_writes(f):
    native(f, X)
    native(wg.grad(lambda x: np.sum(np.abs(f(x)[0]) ** 2)), X)


# ── loops ──


def schroedinger(psi, v):
    """Split steps of iψ' = −ψ''/2 + vψ."""
    k = 2 * np.pi * np.fft.fftfreq(psi.size, 10 / psi.size)
    for _ in range(40):
        psi = np.exp(-0.01j * v) * psi
        psi = np.fft.ifft(np.exp(-0.01j * k**2) * np.fft.fft(psi))
    return psi


def recursion(x):
    y, out = 0j, []
    for v in x:
        y = 0.9 * np.exp(0.3j) * y + v
        out.append(y)
    return np.array(out)


def filled(x):
    y = np.zeros(len(x), complex)
    for k in range(1, len(x)):
        y[k] = 0.9j * y[k - 1] + x[k]
    return y


def mandelbrot(c):
    z, n = 0j, 0
    while abs(z) < 10 and n < 50:
        z = z * z + c
        n += 1
    return n, z


def test_loops_of_python():
    native(schroedinger, WAVE, GRID**2)
    native(recursion, np.tile(X, 20))
    native(filled, np.tile(X, 20))
    jitted = wg.jit(mandelbrot)
    for c in (0.4 + 0.5j, 0.1j, 1 + 1j, 0.4 + 0.51j, -1.0 + 0j):
        agree(jitted, mandelbrot, c)


def test_derivatives_of_loops():
    native(wg.grad(lambda v: np.sum(np.abs(schroedinger(WAVE, v)) ** 2 * GRID)), GRID**2, rtol=1e-9)
    native(wg.grad(lambda x: np.sum(np.abs(recursion(x)) ** 2)), np.tile(X, 20), rtol=1e-10)
    native(wg.grad(lambda x: np.sum(np.abs(filled(x)) ** 2)), np.tile(X, 20), rtol=1e-10)
    native(wg.hessian(lambda x: np.sum(np.abs(recursion(x)) ** 4)), X, rtol=1e-10)


def test_loops_as_functions():
    native(lambda c: wg.fori_loop(0, 50, lambda k, z: z * z * 0.5 + c, c * 0), 0.3 + 0.2j * X)
    native(
        lambda c: wg.while_loop(lambda s: np.abs(s[0]) < 4, lambda s: (s[0] * s[0] + c, s[1] + 1), (c * 0, 0)),
        0.4 + 0.5j,
    )
    native(lambda x: wg.scan(lambda s, v: (s * np.exp(1j * v), s * v), 1 + 0j, x), X)

    def length(x):
        s, ys = wg.scan(lambda s, v: (s * np.exp(1j * v) + v, s * v), 1 + 0j, x)
        return np.abs(s) + np.sum(np.abs(ys))

    native(wg.grad(length), X)

    def escape(c):
        start = (c * 0, 0)
        z, n = wg.while_loop(lambda s: np.abs(s[0]) < 4, lambda s: (s[0] * s[0] + c, s[1] + 1), start)
        return np.log(np.abs(z)) - n

    native(lambda x: escape(x[0] + 1j * x[1]), np.array([0.4, 0.5]))
    native(wg.grad(lambda x: escape(x[0] + 1j * x[1])), np.array([0.4, 0.5]), rtol=1e-9)
    native(wg.hessian(length), X[:6], rtol=1e-10)


# ── programs ──


def transfer(p):
    r, inductance, c = p
    s = 1j * np.logspace(0, 5, 50)
    below = 1 / (s * c + 1 / (2 * r))
    h = below / (r + s * inductance + below)
    return 20 * np.log10(np.abs(h)), np.angle(h)


def circuit(p):
    r, inductance, c = p
    w = 2j * np.pi * 50
    y = np.array([[1 / r + w * c, -w * c], [-w * c, w * c + 1 / (w * inductance)]])
    v = np.linalg.solve(y, np.array([1.0, 0]))
    return np.abs(v), np.angle(np.linalg.inv(y)[0])


def gates(t):
    h = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    psi = np.zeros((2, 2, 2), complex)
    psi[0, 0, 0] = 1
    for k in range(3):
        c, s = np.cos(t[k] / 2), -1j * np.sin(t[k] / 2)
        psi = np.moveaxis(np.tensordot(np.array([[c, s], [s, c]]), psi, axes=((1,), (k,))), 0, k)
        psi = np.einsum("ij,jkl->ikl", h, psi)
    p = np.kron(np.kron(h, np.diag([1, 1j])), np.eye(2)) @ psi.ravel()
    return np.abs(p) ** 2, (p.conj() @ np.diag(np.arange(8)) @ p).real


NETWORK = np.array([10.0, 1e-2, 1e-5])


@pytest.mark.parametrize(("f", "x"), [(transfer, NETWORK), (circuit, NETWORK), (gates, X[:3])])
def test_programs(f, x):
    native(f, x)
    native(wg.jacobian(lambda x: f(x)[0]), x, rtol=1e-9)
    native(wg.hessian(lambda x: np.sum(np.sin(f(x)[0]))), x, rtol=1e-9)


def test_derivatives_in_complex_arguments():
    native(wg.grad(lambda z: np.sum(np.abs(np.sin(z) * z) ** 2)), Z)
    native(wg.grad(lambda z: z**3 * np.exp(z) / (1 + z), holomorphic=True), 1 + 0.5j)
    native(lambda z, d: wg.jvp(lambda z: np.exp(z) * z.conj(), (z,), (d,)), Z, 1j * Z)


def test_batches():
    batched = wg.vmap(lambda z: np.exp(z) @ z.conj() / (1 + z[0]))
    native(batched, Z)
    native(wg.vmap(wg.grad(lambda z: np.abs(np.prod(z[:2]) * z[2]) ** 2)), Z)


def test_singular_systems_raise_as_numpy_does():
    f = wg.jit(lambda a: np.linalg.solve(a, a[0]) + np.linalg.inv(a)[0])
    for a in (A, A * 0, A):
        agree(f, lambda a: np.linalg.solve(a, a[0]) + np.linalg.inv(a)[0], a)


# ── what is shown ──


def test_source_stays_complex():
    f = wg.jit(lambda z: np.exp(1j * z) * z)
    text = f.source(Z)
    assert "1j" in text
    assert "exp" in text
    exec(text, text.namespace)
    name = text.split("(")[0].removeprefix("def ")
    same(text.namespace[name](Z), np.exp(1j * Z) * Z)


def test_explain_shows_the_kernels_of_complex_lines():
    text = wg.jit(lambda z: np.sum(np.abs(np.exp(1j * z) * z))).explain(Z)
    (line,) = [row for row in text.splitlines() if "np.exp(" in row]
    assert line.endswith("kernel 1")
    assert "c128[3,8]" in line
    assert f"{Z.nbytes} bytes of arguments" in text
    looped = wg.jit(recursion).explain(np.tile(X, 20))
    assert "loop: 239 times" in looped
