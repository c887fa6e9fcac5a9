"""explain and source, and what is said where nothing is compiled."""

import contextlib
import re

import numpy as np
import pytest
from same import agree
from scipy.linalg import pinv
from scipy.optimize import brentq

import wengert as wg
from wengert.errors import NotCompiled, NotCompiledWarning
from wengert.jit import path as paths

X = np.array([0.3, 0.7, 1.1])

NUMBER = float
"""Under this name float cuts a derivative: it is refused."""


def energy(x, a):
    y = np.sin(x) * a
    return np.sum(y * y) if np.sum(x) > 0 else np.sum(y)


def test_explain_says_what_runs_where():
    pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")
    f = wg.jit(lambda x: np.sum(np.sin(x)) * np.linalg.svd(np.outer(x, x))[1][0] if x[0] > 0 else x)
    text = f.explain(X)
    assert "path 1 of 1" in text
    assert "1 guard\n" in text
    assert "# guard" in text and "test 1" in text  # noqa: PT018
    assert "kernel 1: a loop over 3" in text
    assert "NumPy: " in text and "svd" in text  # noqa: PT018
    assert "24 bytes of arguments, 8 bytes of results" in text
    f(-X)
    assert "path 1 of 2" in f.explain(-X)
    assert "compiled in" in text
    assert text.splitlines()[0] == "<lambda>(f64[3])"


def test_counts():
    pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")
    text = wg.jit(lambda x: np.sum(x * x + 1.0)).explain(np.ones(100))
    assert "300 floating-point operations" in text
    assert "800 bytes of arguments, 8 bytes of results" in text


def caught(x):
    with contextlib.suppress(np.linalg.LinAlgError):
        np.linalg.inv(np.zeros((2, 2)) * x)
    return x * x


def noted(a):
    seen = []
    return brentq(lambda x: (seen.append(x), x**3 - a)[1], 0, 5) * len(seen)


def test_explain_says_why_not():
    assert "is run as it is, by Python: float() on a recorded value" in wg.jit(lambda x: NUMBER(x)).explain(2.0)
    assert "writes into its argument" in wg.jit(lambda x: x.fill(1.0)).explain(np.ones(2))
    assert "type object[2]" in wg.jit(lambda x: np.full(2, 2**70) * x).explain(2.0)
    why = "the function given to a solver changes a list (scipy.optimize.brentq, test_explain.py:"
    assert why in wg.jit(noted).explain(2.0)
    rank = wg.jit(lambda x: pinv(x, return_rank=True)[0])
    assert "a rule decides by looking at values (test_explain.py:" in rank.explain(np.eye(2))
    assert "an error was raised (test_explain.py:" in wg.jit(caught).explain(2.0)


def test_source_is_a_function_that_runs():
    gradient = wg.grad(energy, argnums=(0, 1))
    jitted = wg.jit(gradient)
    text = jitted.source(X, 2.0)
    assert text.startswith("def energy(x, a):")
    namespace = {"np": np}
    exec(text, namespace)
    for got, expected in zip(namespace["energy"](X * 2, 3.0), gradient(X * 2, 3.0), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-13)
    with pytest.raises(AssertionError):
        namespace["energy"](-X, 3.0)
    assert "'y': " in wg.jit(lambda x: {"y": x * 2, "n": 3}).source(X)
    with pytest.raises(NotCompiled, match=r"no trace of this call: float\(\)"):
        wg.jit(lambda x: NUMBER(x)).source(2.0)


@pytest.fixture
def bare(monkeypatch):
    """As if llvmlite were not installed."""
    monkeypatch.setattr(paths, "backend", lambda: None)
    paths._say_once.cache_clear()
    yield
    paths._say_once.cache_clear()


def test_where_objects_lie_differently_nothing_is_compiled(monkeypatch):
    """A Python without a global lock: native code would read its objects wrongly."""
    monkeypatch.setattr(paths, "_has_usual_layout", lambda: False)
    for cached in (paths.backend, paths._say_once):
        cached.cache_clear()
    try:
        f = wg.jit(wg.grad(energy))
        with pytest.warns(NotCompiledWarning, match=r"no global lock.*replayed.*\nUse a Python that has one"):
            f(X, 2.0)
        agree(f, wg.grad(energy), X, 3.0)
    finally:
        for cached in (paths.backend, paths._say_once):
            cached.cache_clear()


def test_without_llvmlite(bare):
    f = wg.jit(wg.grad(energy))
    with pytest.warns(NotCompiledWarning, match=r"llvmlite is not installed.*\npip install 'wengert\[jit\]'"):
        f(X, 2.0)
    for x in (X, -X, 2 * X):  # and no more is said: warnings are errors here
        agree(f, wg.grad(energy), x, 3.0)
    agree(wg.jit(lambda x: {"y": (x, x[::-1], x.sum())}), lambda x: {"y": (x, x[::-1], x.sum())}, X)
    y = wg.jit(lambda x: x)(X)
    assert not np.shares_memory(y, X)
    assert "replayed by NumPy, line by line: llvmlite is not installed" in f.explain(X, 2.0)


def test_an_error_in_the_compiler_is_said_and_not_fatal(monkeypatch):
    pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

    def broken(*args, **kwargs):
        raise KeyError("scatter")

    monkeypatch.setattr(paths.backend(), "compile_trace", broken)
    f = wg.jit(lambda x: x * 2)
    with pytest.warns(NotCompiledWarning, match="an error in wengert's compiler: KeyError"):
        f(X)
    np.testing.assert_array_equal(f(X), X * 2)


def logistic(x, r):
    y, seen = x, []
    for k in range(200):
        y = r * y * (1.0 - y) + k * 1e-9
        seen.append(y)
    return np.sum(np.array(seen) ** 2)


def filled(x):
    a = np.zeros(150)
    a[0] = x
    for k in range(1, 150):
        a[k] = np.sin(a[k - 1]) * x
    return a[1:].sum() + a[75]


def pairs(x):
    y = x
    for _ in range(120):
        y = np.cos(y @ np.outer(y, x)) + y
    return y


@pytest.mark.parametrize(
    ("f", "args", "lines"),
    [
        (logistic, (0.3, 3.7), 25),
        (wg.grad(logistic, argnums=(0, 1)), (0.3, 3.7), 300),
        (filled, (0.9,), 20),
        (wg.grad(filled), (0.9,), 60),
        (wg.value_and_grad(filled), (0.9,), 60),
        (pairs, (X,), 20),
    ],
)
def test_loops_are_for_statements_that_run(f, args, lines):
    jitted = wg.jit(f)
    text = jitted.source(*args)
    assert "    for " in text
    assert len(text.splitlines()) < lines
    namespace = text.namespace
    exec(text, namespace)
    run = namespace[text.split("(")[0].removeprefix("def ")]
    for point in (args, [0.9 * x for x in args]):
        expected = f(*point)
        for got, want in zip(*[x if isinstance(x, tuple) else (x,) for x in (run(*point), expected)], strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-11)


def test_explain_shows_loops_and_counts_what_they_do():
    pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")
    text = wg.jit(logistic).explain(0.3, 3.7)
    assert re.search(r"path 1 of 1, \d+ lines \(of \d+ recorded\), 0 guards", text)
    assert re.search(r"for v\d+.* in .*#.*loop\n", text)
    assert re.search(r"loop: \d+ times \d+ lines, \d operations each", text)
    operations = int(re.search(r"([\d,]+) floating-point operations", text)[1].replace(",", ""))
    assert 900 <= operations <= 1800


def test_loops_without_llvmlite(bare):
    for f, args in ((filled, (0.9,)), (wg.grad(filled), (0.9,)), (wg.grad(logistic), (0.3, 3.7))):
        paths._say_once.cache_clear()
        jitted = wg.jit(f)
        with pytest.warns(NotCompiledWarning):
            jitted(*args)
        for scale in (1.0, 0.8, 1.1):
            agree(jitted, f, *[scale * x for x in args])
        assert "    for " in jitted.explain(*args)
