"""Every example call of the coverage tables, compiled: value and pullback are what they are without jit.

At the arguments that were recorded, and at others that go the same way or another one.
"""

import re
import warnings
from itertools import groupby

import numpy as np
import pytest
from outcomes import EXAMPLES, NAMESPACE, VARIABLES

import wengert as wg
from wengert import tree

SMOOTH = [v for v, x in VARIABLES.items() if np.asarray(x).dtype.kind == "f"]


def example(text):
    """(f, args): the example as a function of the floating variables that it names."""
    text = text.removeprefix("=")
    names = [v for v in SMOOTH if re.search(rf"\b{v}\b", text)]
    return lambda *args: eval(text, {**NAMESPACE, **VARIABLES, **dict(zip(names, args))}), [VARIABLES[v] for v in names]  # noqa: B905


def pullback_of(f):
    """The value and the cotangents of fixed cotangents."""

    def g(*args):
        y, pull = wg.vjp(f, *args)
        return y, pull(tree.tree_map(lambda x: np.cos(np.arange(np.size(x))).reshape(np.shape(x)) * 0.7, y))

    return g


def outcome(f, args):
    """The result, or None where the call is refused."""
    try:
        return f(*args)
    except Exception:
        return None


def assert_same(got, want):
    got, want = tree.flatten(got)[0], tree.flatten(want)[0]
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11 * (1 + np.max(np.abs(b), initial=0)))


CASES = {name: text for name, text in EXAMPLES.items() if example(text)[1]}


@pytest.mark.parametrize("transform", [lambda f: f, pullback_of], ids=["value", "pullback"])
@pytest.mark.parametrize("name", CASES)
def test_jit_is_eager(name, transform):
    f, args = example(CASES[name])
    f = transform(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        elsewhere = [a * 1.01 + 0.001 if np.ndim(a) else a * 1.01 for a in args]
        want, other = outcome(f, args), outcome(f, elsewhere)
        if want is None:
            pytest.skip("the call is refused without jit")
        compiled = wg.jit(f)
        compiled(*args)
        assert_same(compiled(*args), want)
        if other is not None:
            assert_same(compiled(*elsewhere), other)
        assert_same(compiled(*args), want)


def test_cases_cover_the_modules():
    modules = [name.rpartition(".")[0] for name in CASES]
    counts = {key: len(list(group)) for key, group in groupby(sorted(modules))}
    assert counts["numpy"] >= 200
    assert counts["numpy.linalg"] >= 20
    assert counts["scipy.special"] >= 100
    assert counts["scipy.linalg"] >= 25
