"""What a program brings up after its first derivative is found then, and what brings nothing up costs no look."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg as sl
import scipy.optimize as so

import wengert as wg
from wengert.record import reach, swap

SOURCE = Path(wg.__file__).parents[1]
FIRST = """
import numpy as np, scipy.interpolate, scipy.special, scipy.stats, wengert as wg
from wengert.record import swap
f = p = t = a = expected = transform = math = stats = CubicSpline = running = exp = made = None
assert wg.grad(lambda x: x * x)(3.0) == 6.0
swap.look_again = None
"""
"""Everything is imported, and no name is new after this: only what code mentions and which objects there are is.
Nobody may look again because a function was refused."""
LATER = {
    "a function of NumPy's": "f = lambda x: np.trapezoid(np.array([x, x * x]))\nexpected = 2.5",
    "a function by another name": "from numpy import cumsum as running\nf = lambda x: running([x, x])[-1]\nexpected = 2",
    "a number of Python's": "import math\nf = lambda x: math.sin(x)\nexpected = math.cos(2)",
    "a name of Python's": "from math import exp\nf = lambda x: exp(x)\nexpected = exp(2)",
    "a class": "f = lambda x: np.poly1d([x, 1.0])(3.0)\nexpected = 3",
    "an object": "p = np.poly1d([3.0, 1.0])\nf = lambda x: (p * x)(1.0)\nexpected = 4",
    "np.vectorize": "f = lambda x: np.vectorize(lambda t: t * t)(np.array([x]))[0]\nexpected = 4",
    "a method of arrays": "a = np.ones(2)\ndef f(x):\n    b = a.copy()\n    b[0] = x * x\n    return b.sum()\nexpected = 4",
    "a module of SciPy's": "f = lambda x: scipy.special.gamma(x)\nexpected = 0.42278433509846714",
    "a distribution": "from scipy import stats\nf = lambda x: stats.norm.logpdf(x)\nexpected = -2",
    "a class of SciPy's": "from scipy.interpolate import CubicSpline\nt = np.arange(4.0)\n"
    "f = lambda x: CubicSpline(t, t**2 * x)(1.0)\nexpected = 1",
    "the type of a number": "f = lambda x: x * x if type(x) is float else 0.0\nexpected = 4",
    "the type, in known names": "def f(x):\n    t = type(x)\n    return x * x if t is float else 0.0\nexpected = 4",
    "a default argument": "def f(x, made=np.array):\n    return made([x, x]).sum()\nexpected = 2",
}


@pytest.mark.parametrize("code", LATER.values(), ids=LATER)
def test_found(code):
    here = os.environ | {"PYTHONPATH": str(SOURCE)}
    test = (
        f"{FIRST}{code}\nfor transform in wg.grad, wg.derivative:\n    assert abs(transform(f)(2.0) - expected) < 1e-12"
    )
    done = subprocess.run([sys.executable, "-c", test], capture_output=True, text=True, env=here, check=False)
    assert done.returncode == 0, done.stderr


def test_names_that_distributions_share_with_arrays_swap_no_distribution():
    code = """
import numpy as np, scipy.stats, wengert as wg
from wengert.record import swap
assert wg.grad(lambda x: np.mean(x) + x.std())(np.ones(2)).shape == (2,)
assert not swap.SWAPPED.methods, swap.SWAPPED.methods
assert abs(wg.grad(lambda x: scipy.stats.gamma(x).mean())(2.0) - 1) < 1e-12
assert swap.SWAPPED.methods
"""
    here = os.environ | {"PYTHONPATH": str(SOURCE)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=here, check=False)
    assert done.returncode == 0, done.stderr


def test_a_part_of_scipy_that_is_another_leaves_the_rest_as_it_is():
    """Rules that do not fit a new version of SciPy: a warning, refusals for that part, derivatives for the others."""
    code = """
import sys, warnings, numpy as np, wengert as wg
from wengert.record import swap
assert wg.grad(lambda x: x * x)(3.0) == 6.0
sys.modules["wengert.rules.scipy_ndimage"] = None  # its import fails
import scipy.ndimage, scipy.special
from wengert.errors import IncompatibleWarning
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    assert abs(wg.grad(scipy.special.gamma)(2.0) - 0.42278433509846714) < 1e-12
(warning,) = seen
assert warning.category is IncompatibleWarning and "scipy.ndimage" in str(warning.message)
try:
    wg.grad(lambda x: scipy.ndimage.gaussian_filter(x, 1.0).sum())(np.ones(5))
except TypeError:
    print("refused")
"""
    here = os.environ | {"PYTHONPATH": str(SOURCE)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=here, check=False)
    assert done.stdout == "refused\n", done.stderr


def test_new_names_and_instances_that_bring_nothing_cost_no_look(monkeypatch):
    scope = {"np": np}
    source = "def f(x):\n    quite_new_{k} = x * x\n    x.attribute_{k} if False else 0\n    return quite_new_{k} * {k}"
    exec(source.format(k=0), scope)
    assert wg.grad(scope["f"])(1.0) == 0.0
    looks = []
    monkeypatch.setattr(swap, "_look", lambda: looks.append(1))
    for k in range(1, 20):
        exec(source.format(k=k), scope)
        assert wg.grad(scope["f"])(1.0) == 2.0 * k
    assert looks == []


def test_what_a_transform_binds_does_not_make_a_namespace_new():
    scope = {"__name__": "somebody", "np": np, "wg": wg}
    exec("def f(x):\n    return x * x if type(x) is float else 0.0", scope)
    assert wg.grad(scope["f"])(1.0) == 2.0
    with swap.Recording():
        assert "type" in scope
        assert reach._from_namespace(scope) == []
        scope["more"] = 1.0
        assert scope["f"] in reach._from_namespace(scope)
    assert "type" not in scope
    assert reach._from_namespace(scope) == []


def test_a_library_whose_names_are_bound_anew_is_read_again():
    name, namespace = "numpy.somewhere", {"zeros": np.zeros, "other": 1}
    assert reach._found_in_module(name, namespace) == {"zeros": np.zeros}
    namespace["zeros"] = len
    assert reach._found_in_module(name, namespace) == {}
    namespace |= {"ones": np.ones}
    assert reach._found_in_module(name, namespace) == {"ones": np.ones}
    del reach.FOUND[id(namespace)]


def test_functions_that_are_arguments():
    """`f(x, solve=scipy.linalg.solve)`: no name of the program's is bound to it."""
    f = lambda x, solve: np.sum(solve(np.outer(x, x) + np.eye(2), x))
    root = lambda x, find: find(lambda t: t**2 - x, 0.0, 3.0)
    buffer = lambda x, make: (lambda b: (b.__setitem__(0, x), np.sum(b**2))[1])(make(2))
    x = np.array([0.3, 0.4])
    expected = wg.grad(f)(x, np.linalg.solve)
    of = (wg.grad(f), wg.jit(wg.grad(f)), wg.vmap(wg.grad(f), in_axes=(0, None)))
    for g in (of[0](x, sl.solve), of[0](x, solve=sl.solve), of[1](x, sl.solve), of[2](np.stack([x] * 4), sl.solve)[2]):
        np.testing.assert_allclose(g, expected, rtol=1e-12)
    np.testing.assert_allclose(wg.grad(root)(2.0, so.brentq), 1 / np.sqrt(8.0))
    assert wg.grad(buffer)(2.0, np.zeros) == wg.grad(buffer)(2.0, make=np.zeros) == 4.0


LONG_TABLES = {
    "a name bound anew": "for name in ('1', '2', 'last', 'last'):\n    f = table[name]\n    found = call(lambda x: f(x))",
    "the table itself": "found = call(lambda x: table['1'](x)), call(lambda x: table['last'](x))\nfound = found[1]",
    "a list": "many = list(table.values())\nfound = call(lambda x: many[1](x)), call(lambda x: many[-1](x))\nfound = found[1]",
}


@pytest.mark.parametrize("code", LONG_TABLES.values(), ids=LONG_TABLES)
def test_a_function_behind_many_others_in_a_table(code):
    start = """
import numpy as np, scipy.interpolate as si, wengert as wg
f = found = name = many = None
call = lambda f: wg.grad(lambda x: np.sum(f(x)))(np.array([0.5, 1.5, 0.2]))
table = {str(k): (lambda x: x) for k in range(70)}
table["last"] = lambda x: si.interp1d(np.arange(3.0), x)(1.2)
"""
    here = os.environ | {"PYTHONPATH": str(SOURCE)}
    test = f"{start}{code}\nnp.testing.assert_allclose(found, [0.0, 0.8, 0.2])"
    done = subprocess.run([sys.executable, "-c", test], capture_output=True, text=True, env=here, check=False)
    assert done.returncode == 0, done.stderr
