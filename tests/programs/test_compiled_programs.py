"""Programs that call compiled code: modules that make arrays with np.empty, ufuncs of lists, NumPy's types."""

import subprocess
import sys
from collections import deque

import numpy as np
import pytest
from check import check
from scipy import special

import wengert as wg

POINTS = np.random.default_rng(0).normal(size=(8, 2))


def random_numbers_inside(x):
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(5) + rng.uniform(-1, 1, size=5) + rng.exponential(size=5)
    order = rng.permutation(5)
    walk = np.zeros(5)
    walk[order] = np.cumsum(x * noise)
    return np.sort(walk), x ** np.random.RandomState(3).rand(2), rng.choice(noise, 2) * x


def nearest_neighbours(x):
    from scipy.spatial import cKDTree

    distance, index = cKDTree(POINTS).query(POINTS[:3], k=2)
    return np.sum(np.exp(-x * distance)) + x**2 * POINTS[index].sum()


def image_of_constants(x):
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(POINTS, 1.0)
    labels, count = ndimage.label(POINTS > 0)
    return count * x * np.sum(smooth[labels > 0]) ** 2


def sparse_constants(x):
    from scipy import sparse

    D = sparse.diags([1.0, -1.0], [0, 1], shape=(4, 4)).toarray()
    return np.sum((D @ np.full(4, 1.0) * x) ** 3)


def ufuncs_of_lists(x):
    window = deque([x, x * x], maxlen=2)
    total = np.exp([x, 2.0]) + np.maximum((x, 0.1), [x * x, x]) + special.expit([x, -x])
    total[0] += np.add.reduce([x, x**3]) + np.multiply.outer([x], [1.0, x]).sum() + np.sqrt(window).sum()
    return total, np.array(window), np.mean(window)


def types_of_numpy(x):
    work = np.zeros(3, dtype=np.float64)
    work[0] = np.float64(x) * np.float64(2)
    work[1:] = np.float64([x * x, 1.0])
    assert work.dtype == np.float64
    assert isinstance(np.float64(2), np.float64)
    return work.astype(np.float64) * np.complex128(x)


PROGRAMS = [
    random_numbers_inside, nearest_neighbours, image_of_constants, sparse_constants, ufuncs_of_lists, types_of_numpy,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_program(f):
    check(f, 0.7, rtol=2e-6)


LATE = """
import numpy as np, wengert as wg
def f(x):
    random = getattr(np, "ran" + "dom")
    return x * np.sum(np.ones(3) * {call})
print(wg.grad(f)(2.0))
"""


@pytest.mark.parametrize("call", ["random.default_rng(0).standard_normal(3)", "random.RandomState(0).rand(3)"])
def test_compiled_module_imported_while_recording(call):
    done = subprocess.run([sys.executable, "-c", LATE.format(call=call)], capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(np.sum(eval(call, {"random": np.random})), rel=1e-14)


def test_numpy_is_itself_again():
    before = dict(vars(np))
    module = dict(globals())

    def f(x):
        return np.sum(np.square([x, x * x]))

    assert wg.grad(f)(3.0) == 2 * 3.0 + 4 * 27.0
    assert all(vars(np)[name] is value for name, value in before.items())
    assert all(globals()[name] is value for name, value in module.items())


def test_old_formatting_prints_the_number():
    lines = []

    def f(x):
        y = np.sin(x) * x
        lines.append("%g %.3f %d" % (x, y, 10 * x))  # noqa: UP031
        return y

    assert wg.grad(f)(2.0) == np.sin(2.0) + 2 * np.cos(2.0)
    assert lines == ["2 1.819 20"]
