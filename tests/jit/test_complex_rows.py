"""Every example call of the coverage tables at complex arguments, where NumPy takes them: jit gives what eager gives."""

import re
import warnings

import numpy as np
import pytest
from outcomes import EXAMPLES, NAMESPACE, VARIABLES
from same import outcome

import wengert as wg
from wengert import tree

_RNG = np.random.default_rng(5)


def turned(x):
    """x with an imaginary part."""
    if np.asarray(x).dtype.kind == "c":
        return x
    y = x + 0.3j * _RNG.normal(size=np.shape(x))
    return y if np.ndim(x) else complex(y)


SMOOTH = {v: turned(x) for v, x in VARIABLES.items() if np.asarray(x).dtype.kind in "fc"}
UNORDERED = {"numpy.unique_values", "numpy.unique_counts", "numpy.unique_all", "numpy.unique_inverse"}
"""Their order is that of a hash."""


def example(text):
    """(f, args): the example as a function of the smooth variables that it names."""
    text = text.removeprefix("=")
    names = [v for v in SMOOTH if re.search(rf"\b{v}\b", text)]
    return lambda *args: eval(text, {**NAMESPACE, **VARIABLES, **dict(zip(names, args))}), [SMOOTH[v] for v in names]  # noqa: B905


def pullback_of(f):
    """The value and the cotangents of fixed cotangents."""

    def g(*args):
        y, pull = wg.vjp(f, *args)
        return y, pull(tree.tree_map(_cotangent, y))

    return g


def _cotangent(y):
    c = np.cos(np.arange(np.size(y))).reshape(np.shape(y)) * 0.7
    return c * (1 + 0.4j) if np.iscomplexobj(y) else c


def assert_same(got, want):
    got, want = tree.flatten(got)[0], tree.flatten(want)[0]
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11 * (1 + np.max(np.abs(b), initial=0)))


CASES = {name: text for name, text in EXAMPLES.items() if example(text)[1] and name not in UNORDERED}


@pytest.mark.parametrize("transform", [lambda f: f, pullback_of], ids=["value", "pullback"])
@pytest.mark.parametrize("name", CASES)
def test_jit_is_eager(name, transform):
    f, args = example(CASES[name])
    f = transform(f)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        elsewhere = [a * 1.01 for a in args]
        (want, error), (other, _) = outcome(f, *args), outcome(f, *elsewhere)
        if error is not None:
            pytest.skip("the call is refused without jit")
        compiled = wg.jit(f)
        compiled(*args)
        assert_same(compiled(*args), want)
        if other is not None:
            assert_same(compiled(*elsewhere), other)
