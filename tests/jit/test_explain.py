"""explain and source, and what is said where nothing is compiled."""

import numpy as np
import pytest
from same import agree

import wengert as wg
from wengert.errors import NotCompiled, NotCompiledWarning
from wengert.jit import path as paths

X = np.array([0.3, 0.7, 1.1])


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


def test_explain_says_why_not():
    assert "is run as it is, by Python: float() on a recorded value" in wg.jit(lambda x: float(x)).explain(2.0)
    assert "writes into its argument" in wg.jit(lambda x: x.fill(1.0)).explain(np.ones(2))
    assert "type complex" in wg.jit(lambda x: x * 1j).explain(2.0)


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
        wg.jit(lambda x: float(x)).source(2.0)


@pytest.fixture
def bare(monkeypatch):
    """As if llvmlite were not installed."""
    monkeypatch.setattr(paths, "backend", lambda: None)
    paths._say_once.cache_clear()
    yield
    paths._say_once.cache_clear()


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
