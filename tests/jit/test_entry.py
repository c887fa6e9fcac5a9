"""The native entry: references, memory, threads."""

import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from same import same

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

A, B, M = np.linspace(0, 1, 50), np.ones(50), np.ones((20, 20))
CALLS = {
    "floats": (lambda a, b: a * b + a, [(1.5, 2.5)]),
    "number": (lambda a: np.sin(a), [(1.5,), (np.float64(2.0),)]),
    "array": (lambda x: x * 2 + 1, [(A,)]),
    "several": (lambda x: (x * 2, x.sum(), 3.0 * x[0], x[0] > 0.0), [(A,), (B,)]),
    "branches": (lambda x: x * 2 if x[1] > 0.5 else (x, x * 3), [(A,), (B,)]),
    "work": (lambda x: (x @ x) @ x + np.cumsum(x, axis=0), [(M,), (M[::-1],)]),
    "kinds": (lambda x: x * 2, [(A,), (2.5,), (M,), (np.float64(1.0),)]),
    "tree": (lambda p: {"y": p["a"] * p["b"]}, [({"a": A, "b": 2.0},)]),
    "careless": (lambda x: np.sin(x), [(1e300,)]),
}


def resident():
    """Pages of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1])


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize("name", CALLS)
def test_nothing_leaks(name):
    f, calls = CALLS[name]
    jitted = wg.jit(f)
    for args in calls * 300:
        jitted(*args)
    held = [a for args in calls for a in args if isinstance(a, np.ndarray)]
    gc.collect()
    before, pages = [sys.getrefcount(a) for a in held], resident()
    nothing = (sys.getrefcount(None), sys.getrefcount(NotImplemented), sys.getrefcount(A.dtype))
    for _ in range(3000):
        for args in calls:
            jitted(*args)
    gc.collect()
    assert [sys.getrefcount(a) for a in held] == before
    after = (sys.getrefcount(None), sys.getrefcount(NotImplemented), sys.getrefcount(A.dtype))
    assert max(abs(a - b) for a, b in zip(nothing, after, strict=True)) < 500
    assert resident() - pages < 200  # 3000 arrays of 400 bytes are 300 pages


def test_results_have_the_references_that_numpys_have():
    f = lambda x: (x * 2, x.sum(), x[0] > 0.0)
    jitted = wg.jit(f)
    jitted(A)
    assert [sys.getrefcount(part) for part in jitted(A)][:2] == [sys.getrefcount(part) for part in f(A)][:2]
    y = jitted(A)
    assert y[0].flags.owndata
    assert gc.is_tracked(y)


def test_the_first_arguments_are_let_go():
    jitted = wg.jit(lambda x: {"y": x * 2})
    x = np.ones(10)
    before = sys.getrefcount(x)
    jitted(x)
    gc.collect()
    assert sys.getrefcount(x) == before


def test_compiled_code_outlives_the_function():
    jitted = wg.jit(lambda x: x * 2)
    jitted(A)
    call = jitted._fast[0]
    del jitted
    gc.collect()
    same(call(A), A * 2)


def in_threads(work, count=8):
    """work(k) in `count` threads that start together."""
    start = threading.Barrier(count)

    def run(k):
        start.wait()
        return work(k)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_the_first_call_in_many_threads():
    f = lambda x: np.sum(np.sin(x) * x) if x[0] > 0 else np.sum(x)
    jitted = wg.jit(f)
    points = [A + (k % 3) - 1 for k in range(8)]
    for y, x in zip(in_threads(lambda k: jitted(points[k])), points, strict=True):
        same(y, f(x))
    assert len(next(iter(jitted._signatures.values())).paths) == 2


def test_many_calls_in_many_threads():
    f = lambda x, a: np.cumsum(np.sin(x) * a) if a > 0.3 else x * a
    jitted = wg.jit(f)
    big = np.linspace(0, 1, 30000)

    def work(k):
        for i in range(20):
            x, a = (big, A, M)[(i + k) % 3], ((i * 7 + k) % 10) / 10
            same(jitted(x, a), f(x, a))

    in_threads(work)


def test_other_threads_run_while_native_code_does():
    jitted = wg.jit(lambda x: np.sum(np.sin(np.exp(np.cos(x) * 0.1)) + np.tanh(x)))
    x = np.linspace(0, 1, 2_000_000)
    jitted(x)
    ticks, done = 0, threading.Event()

    def call():
        for _ in range(3):
            jitted(x)
        done.set()

    thread = threading.Thread(target=call)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(100.0)  # so that only a release of the lock lets this thread go on
    try:
        thread.start()
        while not done.is_set():
            ticks += 1
            done.wait(1e-4)
    finally:
        sys.setswitchinterval(interval)
        thread.join()
    assert ticks > 3


def test_change_while_others_call():
    box = [1.0]
    jitted = wg.jit(lambda x: x * box[0])

    def work(k):
        for i in range(6):
            if k == 0:
                box[0] = float(i)
            assert np.all(jitted(A) >= 0.0)

    in_threads(work, 4)
    same(jitted(A), A * box[0])
