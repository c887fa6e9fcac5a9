"""Names and arguments of the newest NumPy and SciPy, and solvers that go element by element."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.differentiate as sd
import scipy.integrate as si
import scipy.linalg as sl
import scipy.optimize.elementwise as elementwise
import scipy.signal as sg
import scipy.sparse as ss
import scipy.stats as st
from check import check
from scipy import ndimage
from scipy.spatial.transform import RigidTransform, Rotation
from ways import every_way

import wengert as wg
from wengert.errors import NoDerivative

POINTS = [np.array([0.7, -0.4, 1.2, 0.3]), np.array([1.1, 0.6, -0.2, 0.9])]
TEN = [
    np.array([1.1, 0.6, -0.2, 0.9, 0.4, 0.3, 0.7, 0.2, 0.9, 1.4]),
    np.array([1.0, 0.7, -0.2, 0.8, 0.4, 0.2, 0.7, 0.2, 0.9, 1.5]),
]
SLOPES = np.array([1.0, -2.0, 0.5, 3.0])
A4 = np.array([[1.0, 2, 0.5, 0.1], [0, 1, 0.3, 2], [0.2, 0.1, 1, 1], [1, 1, 0, 3.0]])
cubic = lambda t, a=1.0: t**3 - a - 2
bowl = lambda t, a=1.0: (t - a) ** 2 + t**4


def takes(f, name):
    """Whether this version's function has the argument; NumPy's are asked."""
    return name in inspect.signature(f).parameters


DESCENDING = takes(np.sort, "descending")
NAMED = takes(elementwise.find_root, "kwargs")
needs_descending = pytest.mark.skipif(not DESCENDING, reason="NumPy sorts from the largest from 2.5 on")
needs_names = pytest.mark.skipif(not NAMED, reason="SciPy's elementwise functions take kwargs from 1.18 on")
needs_whittaker = pytest.mark.skipif(not hasattr(sg, "whittaker_henderson"), reason="from SciPy 1.18 on")


def sorted_in_place(x):
    y = x.copy()
    y.sort(descending=True)
    return y * SLOPES


# fmt: off
SORTED = {
    "array":    lambda x: np.sort(x, descending=True) * SLOPES,
    "axis":     lambda x: np.sort(x.reshape(2, 2), axis=0, descending=True) * SLOPES.reshape(2, 2),
    "flat":     lambda x: np.sort(x.reshape(2, 2), axis=None, descending=True, stable=True) * SLOPES,
    "list":     lambda x: np.sort([x[0], x[1], 2.0], descending=True) * SLOPES[:3],
    "places":   lambda x: x[np.argsort(x, descending=True)] * SLOPES,
    "in place": sorted_in_place,
    "not":      lambda x: np.sort(x, descending=False) * SLOPES,
}
# fmt: on


@needs_descending
@pytest.mark.parametrize("name", SORTED)
def test_sorting_from_the_largest(name):
    every_way(SORTED[name], POINTS)


@needs_descending
def test_ties_and_nan_stay_in_order_when_sorting_from_the_largest():
    x = np.array([1.0, 2, 2, np.nan, 0])
    y, pullback = wg.vjp(lambda x: np.sort(x, descending=True), x)
    np.testing.assert_array_equal(y, np.sort(x, descending=True))
    np.testing.assert_array_equal(pullback(np.arange(5.0))[0], [2, 0, 1, 4, 3])


@needs_descending
@pytest.mark.parametrize("f", [np.sort, np.argsort])
def test_records_are_not_sorted_from_the_largest_as_numpy_does_not(f):
    kind = [("a", float), ("b", float)]
    with pytest.raises(TypeError, match="no current"):
        f(np.array([(1.0, 1.0), (2.0, 3.0)], dtype=kind), descending=True)
    with pytest.raises(TypeError, match="no current"):
        wg.grad(lambda x: f(np.array([(x, 1.0), (2.0, 3.0)], dtype=kind), descending=True)["a"][0])(1.0)


# fmt: off
ELEMENTWISE = {
    "root":           lambda x: elementwise.find_root(cubic, (0.0, 3.0), args=(x[2],)).x,
    "roots":          lambda x: elementwise.find_root(cubic, (0.0, 3.0), args=(x,)).x,
    "value there":    lambda x: elementwise.find_root(cubic, (0.0, 3.0), args=(x[2],)).f_x * 1e-9 + x[0],
    "minimum":        lambda x: elementwise.find_minimum(bowl, (-2.0, 0.0, 2.0), args=(x[2],)).x,
    "least value":    lambda x: elementwise.find_minimum(bowl, (-2.0, 0.0, 2.0), args=(x,)).f_x,
    "bracketed":      lambda x: elementwise.find_root(cubic, elementwise.bracket_root(cubic, 0.0, args=(x[2],)).bracket, args=(x[2],)).x,
    "bracket":        lambda x: elementwise.bracket_minimum(bowl, 0.1, args=(x[2],)).f_bracket,
    "derivative":     lambda x: sd.derivative(lambda t, a: np.sin(a * t), 0.5, args=(x,)).df,
    "where":          lambda x: sd.derivative(lambda t: np.sin(t) * t, x).df,
    "jacobian":       lambda x: sd.jacobian(lambda t: np.sin(t) * t[0], x).df,
    "hessian":        lambda x: sd.hessian(lambda t: np.sin(t[0]) * t[1] ** 2, x).ddf,
}
BY_NAME = {
    "root":       lambda x: elementwise.find_root(cubic, (0.0, 3.0), kwargs={"a": x[2]}).x,
    "minimum":    lambda x: elementwise.find_minimum(bowl, (-2.0, 0.0, 2.0), kwargs={"a": x[2]}).x,
    "bracket":    lambda x: elementwise.bracket_root(cubic, 0.0, kwargs={"a": x[2]}).f_bracket,
    "derivative": lambda x: sd.derivative(lambda t, a=1.0: np.sin(a * t), 0.5, kwargs={"a": x[0]}).df,
    "integral":   lambda x: si.tanhsinh(lambda t, a=1.0: np.exp(-a * t), 0.0, 1.0, kwargs={"a": x[2]}).integral,
    "sum":        lambda x: si.nsum(lambda k, a=1.0: a**k / k**2, 1, 6, kwargs={"a": x[2]}).sum,
}
# fmt: on


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name):
    every_way(ELEMENTWISE[name], POINTS, rtol=1e-5, value=False)


@needs_names
@pytest.mark.parametrize("name", BY_NAME)
def test_arguments_by_name(name):
    """The derivative of a root in an argument that was given by name was zero."""
    every_way(BY_NAME[name], POINTS, rtol=1e-5, value=False)


def test_values_of_elementwise_solvers_are_scipys():
    def f(a):
        return elementwise.find_root(cubic, (0.0, 3.0), args=(a,)).x, sd.derivative(cubic, a).df

    np.testing.assert_array_equal(wg.vjp(f, 1.2)[0], f(1.2))


def test_where_a_bracket_starts_is_refused():
    with pytest.raises(NoDerivative, match=r"bracket_root in where it starts"):
        wg.grad(lambda x: elementwise.bracket_root(cubic, x).bracket[0])(0.3)


WIGGLE = np.sin(np.arange(10.0))
# fmt: off
SMOOTHED = {
    "signal":  lambda x: sg.whittaker_henderson(x, lamb=0.7).x,
    "penalty": lambda x: sg.whittaker_henderson(WIGGLE, lamb=x[0] ** 2, order=2).x,
    "weights": lambda x: sg.whittaker_henderson(WIGGLE, lamb=0.7, order=1, weights=x**2).x,
    "missing": lambda x: sg.whittaker_henderson(np.where(WIGGLE > 0.9, np.nan, x), lamb=0.7, weights=(WIGGLE <= 0.9) * 1.0).x,
    "none":    lambda x: sg.whittaker_henderson(x, lamb=0.0).x * x,
}
# fmt: on


@needs_whittaker
@pytest.mark.parametrize("name", SMOOTHED)
def test_whittaker_henderson(name):
    every_way(SMOOTHED[name], TEN, rtol=1e-6)


@needs_whittaker
def test_penalties_that_are_found():
    """SciPy finds λ to eight digits: so are differences of it."""

    def f(x):
        found = sg.whittaker_henderson(x)
        return found.x, found.lamb

    check(f, TEN[0], order=1, h=1e-2, rtol=1e-4)
    with pytest.raises(NoDerivative, match=r"so large that SciPy fits a polynomial"):
        wg.grad(lambda x: sg.whittaker_henderson(x, lamb=1e17).x[0])(TEN[0])


@pytest.mark.skipif(not hasattr(st, "estimated_cdf"), reason="from SciPy 1.18 on")
@pytest.mark.parametrize("method", ["linear", "hazen", "weibull", "median_unbiased", "interpolated_inverted_cdf"])
def test_estimated_cdf(method):
    every_way(lambda x: st.estimated_cdf(x, np.array([0.35, 0.5]), method=method), POINTS)
    every_way(lambda x: st.estimated_cdf([-1.0, 0.1, 2, 3], x, method=method), POINTS)


def test_tukey_hsd_of_a_program_that_asks_for_no_probability():
    slope = wg.grad(lambda x: st.tukey_hsd(x, [0.15, 0.5, 0.9]).statistic[0, 1])(POINTS[0])
    np.testing.assert_allclose(slope, 0.25, rtol=1e-12)


def test_transposes_and_products_from_the_right():
    square = lambda x: ss.csr_array((x, ([0, 1, 2, 3], [1, 0, 3, 2])), shape=(4, 4))
    if hasattr(ss.csr_array, "mT"):
        every_way(lambda x: (square(x).mT @ x, ss.matrix_transpose(square(x)) @ x), POINTS)
    operator = ss.linalg.aslinearoperator(A4)
    every_way(lambda x: operator.rdot(x) if hasattr(operator, "rdot") else x @ operator, POINTS)


def test_eigvals_that_may_overwrite():
    more = {"overwrite_b": True} if takes(sl.eigvals, "overwrite_b") else {"overwrite_a": True}
    every_way(lambda x: np.abs(sl.eigvals(A4 + np.diag(x), **more)), POINTS)


EIGHT = lambda x: np.concatenate([x, 1.3 * x[::-1]])
# fmt: off
FILTERED = {
    "edges":     lambda x: [ndimage.vectorized_filter(EIGHT(x), np.mean, size=3, mode=mode) for mode in ("reflect", "nearest", "mirror", "wrap", "valid")],
    "constant":  lambda x: ndimage.vectorized_filter(EIGHT(x), np.mean, size=3, mode="constant", cval=1.0),
    "squares":   lambda x: ndimage.vectorized_filter(EIGHT(x), lambda w, axis=-1: np.sum(w**2, axis=axis), size=3, origin=1, batch_memory=64),
    "image":     lambda x: ndimage.vectorized_filter(np.outer(x, x), np.max, size=(2, 3)),
    "footprint": lambda x: ndimage.vectorized_filter(np.outer(x, x), np.mean, footprint=np.array([[1, 0], [1, 1]], bool)),
    "captured":  lambda x: ndimage.vectorized_filter(np.arange(8.0), lambda w, axis=-1: np.sum(w * x[0], axis=axis), size=3),
}
# fmt: on


@pytest.mark.parametrize("name", FILTERED)
def test_vectorized_filter(name):
    every_way(FILTERED[name], POINTS)


VECTORS = {
    "csr": lambda x: ss.csr_array((x, [0, 2, 3, 5], [0, 4]), shape=(6,)),
    "coo": lambda x: ss.coo_array((x, ([0, 2, 3, 5],)), shape=(6,)),
}


@pytest.mark.parametrize("kind", VECTORS)
def test_sparse_vectors(kind):
    v = VECTORS[kind]

    def f(x):
        y = np.concatenate([x, x[:2]])
        return v(x) @ y, np.ones((2, 6)) @ v(x), y @ v(x), v(x) @ v(x), v(x).sum() * v(x).mean()

    def g(x):
        made = (
            v(x) + 2 * v(x),
            v(x).multiply(np.arange(6.0)),
            v(x).multiply(v(x)),
            v(x).power(2),
            v(x).reshape((2, 3)),
        )
        return tuple([m.toarray() for m in made])

    every_way(f, POINTS, value=False)  # SciPy adds up the elements that there are
    every_way(g, POINTS)


def test_rigid_transforms_are_refused_with_what_to_use():
    made = lambda x: RigidTransform.from_components(x[:3], Rotation.from_rotvec(x[1:])).apply([1.0, 2, 3])
    with pytest.raises(
        NoDerivative, match=r"RigidTransform\.from_components(.|\n)*Use Rotation, and add the translation"
    ):
        wg.jacobian(made)(POINTS[0])
    plain = RigidTransform.from_components([1.0, 2, 3], Rotation.from_rotvec([0.1, 0.2, 0.3]))
    every_way(lambda x: plain.as_matrix() @ x, POINTS)


def test_a_program_that_names_make_splrep_only():
    program = (
        "import numpy as np, wengert as wg\nfrom scipy.interpolate import make_splrep\n"
        "y = np.array([0.7, -0.4, 1.2, 0.3, 0.5, 1.1])\n"
        "print(wg.grad(lambda y: make_splrep(np.arange(6.0), y, s=0)(2.0))(y).round(9).tolist())"
    )
    here = {**os.environ, "PYTHONPATH": str(Path(wg.__file__).parents[1])}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=here)
    np.testing.assert_allclose(eval(run.stdout), [0, 0, 1, 0, 0, 0], atol=1e-8)
