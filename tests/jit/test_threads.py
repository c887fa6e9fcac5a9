"""Large loops in parts: what comes out is NumPy's, and the same to the last bit for every number of threads."""

import os
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from corpus import corpus, derivative
from same import agree

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native import threads
from wengert.native.emit import loops, parallel

rng = np.random.default_rng(3)
A = rng.normal(size=(50, 6))
B = rng.normal(size=(7, 5, 40))
V = rng.normal(size=8203)

PROGRAMS = {
    "elements": (lambda x: np.tanh(np.exp(np.sin(x))), V),
    "sum of all": (lambda x: np.sum(np.tanh(x) * x), V),
    "sums and extremes": (lambda x: (np.sum(x * x), np.max(np.sin(x)), np.min(x), np.any(x > 2), np.all(x < 9)), V),
    "over the first axis": (lambda x: np.sum(np.exp(x), axis=0), A),
    "over the last axis": (lambda x: np.sum(np.exp(x), axis=1), A),
    "over the middle axis": (lambda x: np.prod(np.cos(x), axis=1), B),
    "over the outer axes": (lambda x: np.sum(np.sin(x) * x, axis=(0, 1)), B),
    "truths by column": (lambda x: np.any(x > 1.5, axis=0) & ~np.all(x > -1, axis=0), A),
    "normalised rows": (lambda x: np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True), A),
    "numbers of other loops": (lambda x: np.exp(x - np.max(x)) / np.sum(np.exp(x - np.max(x))), A),
    "truth of a number": (lambda x: np.where(x.sum() > 0, np.sin(x), np.cos(x)), A),
    "pieces": (lambda x: np.concatenate([x[3:], np.sin(x[:3]), x * 2]), A),
    "pieces of a long one": (lambda x: np.sum(np.concatenate([x[3000:], np.sin(x[:3000]), x * 2]) * np.exp(x[0])), V),
    "stencil": (lambda x: x[:, 2:] * np.sin(x[:, 1:-1]) + x[:, :-2], A),
    "written rows": (lambda x: written(x), A),
    "gathered": (lambda x: np.sin(x)[np.arange(49, -1, -1)], A),
    "scattered": (lambda x: np.bincount(np.arange(50) % 7, x[:, 0] ** 2), A),
    "outer": (lambda x: np.sqrt(np.abs(x[:, None] - x[None, :]) + 1), V[:60]),
    "one row": (lambda x: np.exp(x[None, :100] * np.ones((1, 100))), V),
    "float32": (lambda x: np.sum(np.exp(x) * x, axis=0), A.astype(np.float32)),
    "complex": (lambda x: np.abs(np.sum(np.exp(1j * x), axis=0)), A),
    "integers": (lambda x: np.arange(50)[:, None] * x, A),
}


def written(x):
    y = np.zeros((50, 6))
    y[::2] = np.sin(x[::2])
    y[1:40, 2] += x[1:40, 0]
    return y


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch):
    monkeypatch.setattr(loops, "LARGE", 0)
    monkeypatch.setattr(parallel, "UNIT", 512)


def bits(y):
    return [np.asarray(leaf).tobytes() for leaf in wg.tree.flatten(y)[0]]


@pytest.mark.parametrize("name", PROGRAMS)
def test_value(name):
    f, x = PROGRAMS[name]
    found = []
    for count in (1, 2, 3):
        compiled = wg.jit(f, threads=count)
        agree(compiled, f, x)
        found.append(bits(compiled(x)))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivative(name):
    f, x = PROGRAMS[name]
    slope = derivative(f, f(x))
    found = []
    for count in (1, 4):
        compiled = wg.jit(slope, threads=count)
        agree(compiled, slope, x)
        found.append(bits(compiled(x)))
    assert found[0] == found[1]


CORPUS = corpus()


@pytest.mark.parametrize("name", [n for n in CORPUS if zlib.crc32(n.encode()) % 31 == 5])
def test_corpus(name):
    f, x = CORPUS[name]
    agree(wg.jit(f, threads=2), f, x)
    slope = derivative(f, f(x))
    compiled = wg.jit(slope, threads=2)
    for point in (x, np.multiply(x, 1.01) if isinstance(x, np.ndarray) else x * 1.01):
        agree(compiled, slope, point)


def test_it_is_split():
    """The text of a large sum has a part; that of a small one has not."""
    made = []
    run = threads.define_run
    try:
        parallel.define_run = lambda: made.append(1) or run()
        wg.jit(lambda x: np.sum(np.exp(x)))(V)
        assert made
        made.clear()
        loops.LARGE = 1e9
        wg.jit(lambda x: np.sum(np.exp(x)))(V)
        assert not made
    finally:
        parallel.define_run = run


def test_outside_the_range_of_a_formula():
    """One element of one part asks for the C library's functions."""
    x = V.copy()
    x[-7] = 1e300
    f = lambda x: np.sum(np.sin(x))
    compiled = wg.jit(f, threads=2)
    compiled(V)
    assert compiled(x) == pytest.approx(f(x), rel=1e-13)


def test_a_loop_whose_body_is_large():
    f = lambda x: wg.fori_loop(0, 5, lambda i, x: np.sin(x) + 0.1 * np.mean(x) / (1 + i), x)
    slope = wg.grad(lambda x: np.sum(f(x)))
    agree(wg.jit(f, threads=2), f, V[:3000])
    agree(wg.jit(slope, threads=2), slope, V[:3000])


def test_calls_from_several_threads_at_once():
    f = wg.jit(wg.value_and_grad(lambda x: np.sum(np.tanh(np.exp(np.sin(x))))), threads=3)
    inputs = [V * (k + 1) / 3 for k in range(4)]
    f(V)
    expected = [f(x) for x in inputs]
    wrong = []

    def work(k):
        for _ in range(50):
            if bits(f(inputs[k])) != bits(expected[k]):
                wrong.append(k)

    workers = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert not wrong


FORKED = """
import os
import numpy as np, wengert as wg
from wengert.native.emit import loops, parallel
loops.LARGE = 0
f = wg.jit(lambda x: np.sum(np.exp(x)), threads=4)
x = np.linspace(0, 1, 100_000)
f(x)
expected = f(x)
child = os.fork()
if child == 0:
    os._exit(0 if f(x) == expected else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert f(x) == expected
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process():
    here = {**os.environ, "PYTHONPATH": str(Path(wg.__file__).parents[1]), "WENGERT_CACHE": "0"}
    done = subprocess.run([sys.executable, "-c", FORKED], check=False, env=here, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_how_many(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    monkeypatch.delenv("WENGERT_THREADS", raising=False)
    assert threads.threads_by_default() == 3
    monkeypatch.setenv("WENGERT_THREADS", "5")
    assert threads.threads_by_default() == 5
    monkeypatch.setenv("WENGERT_THREADS", "many")
    with pytest.raises(wg.errors.BadInput, match="WENGERT_THREADS is 'many'"):
        threads.threads_by_default()
    monkeypatch.delenv("WENGERT_THREADS")
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert threads.threads_by_default() >= 1


@pytest.mark.parametrize("wrong", [0, -1, 2.0, "all", True])
def test_bad_count(wrong):
    with pytest.raises(TypeError, match="jit: threads is"):
        wg.jit(np.sin, threads=wrong)
