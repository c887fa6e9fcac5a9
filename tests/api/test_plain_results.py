"""What an operator returns is NumPy's, not the library's: no array that could be recorded leaves a transform."""

import numpy as np
import pytest
from scipy import linalg, ndimage, signal, stats

import wengert as wg
from wengert import tree

X = np.array([0.3, 0.4, 1.0])
FUNCTIONS = {
    "vander": lambda x: np.vander(x, 3),
    "linspace": lambda x: np.linspace(x[0], x[1], 4),
    "polyfit": lambda y: np.polyfit(np.arange(3.0), y, 1),
    "lfilter": lambda x: signal.lfilter([1, 0.5], [1, -0.3], x),
    "ndimage": lambda x: ndimage.convolve(x, [1.0, 2.0]),
    "toeplitz": linalg.toeplitz,
    "constants beside": lambda x: [np.zeros(3), x],
    "density": lambda x: stats.multivariate_normal.logpdf(x[:2], x[1:], np.eye(2) * x[0]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_plain(name):
    f = FUNCTIONS[name]

    def total(x):
        return sum(np.sum(leaf**2) for leaf in tree.flatten(f(x))[0])

    y, pull = wg.vjp(f, X)
    results = [
        y, pull(y), wg.jvp(f, (X,), (X,)), wg.linearize(f, X)[0], wg.linearize(f, X)[1](X), wg.hvp(total, (X,), (X,)),
        wg.jacobian(f, mode="forward")(X), wg.jacobian(f, mode="reverse")(X), wg.value_and_grad(total)(X),
        wg.hessian(total)(X), wg.value_and_grad(lambda x: (total(x), f(x)), has_aux=True)(X), wg.jit(f)(X),
    ]  # fmt: skip
    for leaf in tree.flatten(results)[0]:
        assert type(leaf) in (np.ndarray, np.float64, float), type(leaf)


def test_an_array_without_axes_stays_one():
    """In every nesting, compiled, and where the result does not depend on it."""
    x = np.array(2.0)
    cube = wg.grad(lambda x: x**3)
    for f in (wg.grad(lambda x: 1.0), cube, wg.grad(cube), wg.jit(cube), wg.jit(wg.grad(cube))):
        for _ in range(2):
            got = f(x)
            assert type(got) is np.ndarray
            assert got.shape == ()
            assert got.dtype == float
    tree = wg.jit(wg.grad(lambda d: d["a"] ** 2 * d["b"]))({"a": x, "b": 3.0})
    assert type(tree["a"]) is np.ndarray
    assert type(tree["b"]) is float
    assert wg.jit(wg.grad(lambda x: x * 2))(np.array(2.0, np.float32)).dtype == np.float32
