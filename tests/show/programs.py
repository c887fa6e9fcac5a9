"""Functions to look at, each with arguments: every kind of line and of argument."""

import numpy as np
import scipy.linalg
import scipy.special

DATA = np.linspace(0.5, 2.0, 12).reshape(4, 3) + np.eye(4, 3)
SMALL = np.array([1.0, 2.0])


def lecture(x1, x2):
    return np.log(x1 * x2)


def branching(a, b):
    c = a * b
    return np.log(c) if c > 0 else np.sin(c)


def normal_density(x, mu, sigma):
    z = (x - mu) / sigma
    return np.exp(-(z**2) / 2) / (sigma * np.sqrt(2 * np.pi))


def layer(p, x):
    h = np.tanh(x @ p["w"] + p["b"])
    return np.mean(h**2)


def logistic(r, x, n=50):
    for _ in range(n):
        x = r * x * (1 - x)
    return x


def nested_loops(x, n=6, m=5):
    total = 0.0
    for _ in range(n):
        for _ in range(m):
            x = np.sin(x) * 0.9
        total = total + x * x
    return total


def fill(x):
    z = np.zeros(3)
    for i in range(3):
        z[i] = x[i] * i
    row = z[1:]
    row *= 2.0
    return z, row


def smoothed(x):
    y = np.zeros(40)
    for i in range(1, 40):
        y[i] = 0.9 * y[i - 1] + x[i % 3]
    return np.sum(y**2)


def aliased(x):
    A = np.empty((2, 2))
    A[...] = 1.0
    A.T[0] = x
    B = A
    B[1] += A[0]
    return A * B


def containers(p, q):
    return {"w": p["w"] * p["b"][0], "q": [q, (q * 2.0,)]}


PARAMETERS = {"w": np.linspace(-1, 1, 6).reshape(3, 2), "b": np.array([0.1, -0.2])}

PROGRAMS = {
    "lecture": (lecture, (2.0, 3.0)),
    "branch": (branching, (2.0, -1.0)),
    "density": (normal_density, (0.5, 0.2, 1.3)),
    "layer": (layer, (PARAMETERS, DATA)),
    "loop": (logistic, (3.7, 0.3)),
    "nested loops": (nested_loops, (0.4,)),
    "fill": (fill, (np.array([1.0, 2.0, 3.0]),)),
    "smoothed": (smoothed, (np.array([1.0, 2.0, 3.0]),)),
    "aliased": (aliased, (SMALL,)),
    "containers": (containers, ({"w": SMALL, "b": [2.0]}, 3.0)),
    "reductions": (lambda x: x.mean(axis=0) * x.std() + np.prod(x, keepdims=True), (DATA,)),
    "linalg": (lambda a, b: np.linalg.solve(a.T @ a, a.T @ b), (DATA, np.ones(4))),
    "several results": (lambda a: np.linalg.eigh(a.T @ a), (DATA,)),
    "slogdet": (lambda a: np.linalg.slogdet(a.T @ a)[1], (DATA,)),
    "scipy": (lambda x: scipy.special.logsumexp(scipy.special.gammaln(x)), (DATA,)),
    "cholesky": (lambda a: scipy.linalg.cho_solve(scipy.linalg.cho_factor(a.T @ a), np.ones(3)), (DATA,)),
    "fft": (lambda x: np.abs(np.fft.rfft(x)) ** 2, (DATA[0],)),
    "complex": (lambda z: z * np.conj(z) + 1j, (np.array([1 + 2j, 3j]),)),
    "real of complex": (lambda z: np.abs(z * (2 + 1j)) ** 2, (1.0 + 2.0j,)),
    "float32": (lambda x: x * np.float32(2) + 0.5, (SMALL.astype(np.float32),)),
    "keys": (lambda x: x[1:, None] + x[np.array([0, 2])] * x[..., ::-1][0, 1], (DATA[:3],)),
    "mask": (lambda x: x[x > 1.0].sum() + np.where(x > 1.0, x, -x), (DATA,)),
    "join": (lambda x, y: np.concatenate([x, np.stack([x, y])[1]]), (SMALL, SMALL + 1)),
    "einsum": (lambda x: np.einsum("ij,ik->jk", x, DATA), (DATA,)),
    "dead branch": (lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), (np.array([0.0, 1.0]),)),
    "infinite": (lambda x: x * np.inf + np.nan * x, (SMALL,)),
    "unused": (lambda x, y: x, (1.0, 2.0)),
    "nothing recorded": (lambda x: 3.0, (1.0,)),
    "numbers": (lambda x: (-x, abs(x), x**2, 2**x, x // 0.3, x % 0.3, -(2.0**x)), (1.5,)),
    "numpy numbers": (lambda x: (-x, abs(x), x**2, 2**x, x // 0.3, x % 0.3), (np.float64(1.5),)),
    "truth": (lambda x: (x > 1) & (x < 2) | ~(x == 1.5), (DATA,)),
    "counting": (lambda x: x * np.count_nonzero(x > 1) + int(np.argmax(x)), (DATA,)),
    "extremes": (lambda x: np.max(x, axis=0) * x.min() + np.sort(x, axis=0)[0] + np.median(x), (DATA,)),
    "empty": (lambda x: np.sum(x * 2.0), (np.zeros((0, 3)),)),
}  # fmt: skip
