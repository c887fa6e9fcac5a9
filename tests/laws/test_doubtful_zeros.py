"""0·∞ = 0 is warned of where both factors are so at one point only, and nowhere else."""

import warnings

import numpy as np
import pytest

import wengert as wg
from wengert.errors import DoubtfulZeroWarning

DOUBTFUL = {
    "cbrt(x**3)": lambda x: np.cbrt(x**3),
    "cbrt(x)**3": lambda x: np.cbrt(x) ** 3,
    "√x·√x": lambda x: np.sqrt(x) * np.sqrt(x),
    "exp(log x)": lambda x: np.exp(np.log(x)),
    "through a sum": lambda x: np.sum(np.exp(np.log(np.stack([x, x + 1])))),
    "through a matrix": lambda x: np.sqrt(np.array([[2.0, 1.0], [1.0, 3.0]]) @ np.stack([x, x]) ** 2).sum(),
    "written in place": lambda x: in_place(x),
    "x√x": lambda x: x * np.sqrt(x),
    "a length by hand": lambda x: np.sqrt(x**2 + (2 * x) ** 2),
}
SURE = {
    "where": lambda x: np.where(x > 0, np.sqrt(x), 0.0),
    "sinc": lambda x: np.where(x != 0, np.sin(x) / np.where(x != 0, x, 0.0), 1.0),
    "mask": lambda x: (x > 0) * np.sqrt(x),
    "zero times": lambda x: 0.0 * np.sqrt(x) + x,
    "dead ReLU": lambda x: np.sqrt(np.maximum(x - 1, 0)),
    "clipped": lambda x: np.cbrt(np.clip(x, 1.0, 2.0) - 1.0),
    "saturated, and a dead branch": lambda x: np.where(x > 0, np.sqrt(x), np.tanh(x - 50) + np.exp(x - 800)),
    "square of a root": lambda x: np.sqrt(x) ** 2,
    "length": lambda x: np.linalg.norm(np.stack([x, 2 * x])) ** 2,
    "entropy": lambda x: np.where(x > 0, x * np.log(x), 0.0),
    "not read": lambda x: np.sqrt(np.stack([x, x + 1]))[1],
}


def in_place(x):
    y = np.zeros(3)
    y[1:] = x
    y **= 3
    return np.cbrt(y).sum()


def both(f):
    yield wg.grad(f)
    yield lambda x: wg.jvp(f, (x,), (1.0,))[1]
    yield wg.jacobian(f, mode="forward")
    yield lambda x: wg.grad(lambda x: np.sum(f(x[0])))(np.full(1, x))[0]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", DOUBTFUL)
def test_doubtful(name):
    for derivative in both(DOUBTFUL[name]):
        with pytest.warns(DoubtfulZeroWarning, match="zero here met one that is infinite") as given:
            assert derivative(0.0) == (1.0 if name == "through a sum" else 0.0)
        assert [w.filename for w in given if w.category is DoubtfulZeroWarning] == [__file__]
        derivative(0.5)  # a warning is an error in these tests


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", SURE)
def test_sure(name):
    for derivative in both(SURE[name]):
        assert np.isfinite(derivative(0.0))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nested_and_compiled():
    f = DOUBTFUL["exp(log x)"]
    for derivative in (wg.hessian(f), wg.jit(wg.grad(f)), wg.grad(wg.grad(f))):
        with pytest.warns(DoubtfulZeroWarning):
            derivative(0.0)
    g = SURE["where"]
    for derivative in (wg.hessian(g), wg.jit(wg.grad(g)), wg.grad(wg.grad(g))):
        derivative(0.0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_single_precision():
    with pytest.warns(DoubtfulZeroWarning):
        assert wg.grad(lambda x: np.sum(np.cbrt(x**3)))(np.zeros(2, np.float32)).dtype == np.float32


def test_one_warning_a_line():
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("default")
        for _ in range(3):
            wg.grad(lambda x: np.cbrt(x**3))(0.0)
    assert len(given) == 1
