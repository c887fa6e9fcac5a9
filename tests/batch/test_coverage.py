"""vmap is the loop over the examples for an example call of every public name, and for its gradient."""

import re

import numpy as np
import pytest
from mapping import assert_maps, total
from outcomes import EXAMPLES, NAMESPACE, VARIABLES

import wengert as wg

pytestmark = pytest.mark.filterwarnings("ignore:`row_stack` alias:DeprecationWarning")
COUNT = 5
LOOPED = {
    "scipy.linalg.eigh_tridiagonal", "scipy.linalg.eigvalsh_tridiagonal", "scipy.linalg.cho_solve_banded", "scipy.linalg.cholesky_banded",
    "scipy.linalg.eig_banded", "scipy.linalg.eigvals_banded", "scipy.linalg.expm_frechet", "scipy.linalg.matrix_balance",
    "scipy.linalg.orth", "scipy.linalg.orthogonal_procrustes", "scipy.linalg.rq", "scipy.linalg.signm",
    "scipy.linalg.subspace_angles", "scipy.special.legendre_p",
    "scipy.special.assoc_legendre_p", "scipy.special.sph_legendre_p", "scipy.linalg.funm",
    "scipy.special.legendre_p_all", "scipy.special.assoc_legendre_p_all", "scipy.special.sph_legendre_p_all",
    "scipy.special.kolmogi", "scipy.special.kolmogorov", "scipy.special.smirnov", "scipy.special.smirnovi",
}  # fmt: skip
"""These cannot be recorded for a batch (no second derivative, or SciPy's own value), and are called example by example."""


def batch(v, rng):
    v = np.asarray(v)
    return np.stack([v + 0.05 * rng.normal(size=v.shape) for _ in range(COUNT)])


RNG = np.random.default_rng(3)
BATCH = {name: batch(v, RNG) for name, v in VARIABLES.items()}


def call(text):
    """The expression as a function, and its arguments as batches."""
    body = text.removeprefix("=")
    names = [n for n in VARIABLES if re.search(rf"\b{n}\b", body)]
    f = eval(f"lambda {', '.join(names)}: {body}", dict(NAMESPACE))
    return f, [BATCH[n] for n in names]


CASES = [(name, text) for name, text in EXAMPLES.items() if text is not None and call(text)[1]]


@pytest.mark.parametrize(("name", "text"), CASES, ids=[name for name, _ in CASES])
def test_values(name, text):
    f, args = call(text)
    watch = assert_maps(f, *args)
    assert not watch.why or name in LOOPED, watch.why


@pytest.mark.parametrize(("name", "text"), CASES, ids=[name for name, _ in CASES])
def test_gradients(name, text):
    f, args = call(text)
    try:
        gradient = wg.grad(total(f), argnums=tuple(range(len(args))))
        gradient(*[a[0] for a in args])
    except (TypeError, NotImplementedError) as error:
        pytest.skip(f"no gradient: {str(error).splitlines()[0]}")
    watch = assert_maps(gradient, *args, rtol=1e-9)
    assert not watch.why or name in LOOPED, watch.why
