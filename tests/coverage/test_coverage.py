"""The coverage page is what the tables and the example calls say, and it covers enough."""

import ast
from functools import cache

import numpy as np
import page
import pytest
import scipy_examples
from check import check
from outcomes import COVERED, EXAMPLES, MODULES, NAMESPACE, VARIABLES, outcome, public_names
from scipy import special

from wengert.errors import NoDerivative


@cache
def found():
    return {m: [outcome(f"{m}.{name}") for name in public_names(m)] for m in MODULES}


def covered(*modules):
    return [o.name for m in modules for o in found()[m] if o.how in COVERED]


def test_nothing_is_wrong():
    """An example either passes or is refused by an error of ours."""
    wrong = [f"{o.name}: {o.example}: {o.error}" for rows in found().values() for o in rows if o.wrong]
    assert not wrong, "\n".join(wrong)


def test_numpy_names():
    assert len(covered("numpy", "numpy.linalg", "numpy.fft")) >= 250


def test_special_ufuncs():
    names = [n.rpartition(".")[2] for n in covered("scipy.special")]
    assert sum(isinstance(getattr(special, n), np.ufunc) for n in names) >= 80


def test_scipy_linalg_names():
    assert len(covered("scipy.linalg")) >= 25


def test_page_is_current():
    text = page.PAGE.read_text()
    if page.VERSIONS not in text:
        pytest.skip(f"the page was generated with other versions than {page.VERSIONS}")
    assert text == page.write(found()), "run `make docs`"


def test_examples_name_public_functions():
    """A typing error in the tables cannot hide a name."""
    public = {f"{m}.{name}" for m in MODULES for name in public_names(m)}
    assert not set(EXAMPLES) - public


def held_constant():
    """(ufunc, position, text) of each number in the examples of scipy.special."""
    for name, text in scipy_examples.special_ufuncs().items():
        call = ast.parse(text.removeprefix("="), mode="eval").body
        for k, argument in enumerate(call.args):
            if isinstance(argument, ast.Constant):
                yield name.rpartition(".")[2], k, tuple(ast.unparse(a) for a in call.args)


@pytest.mark.filterwarnings("ignore:.*truncated:DeprecationWarning", "ignore:non-integer arg:DeprecationWarning")
@pytest.mark.parametrize(("name", "k", "texts"), list(held_constant()), ids=lambda v: v if isinstance(v, str) else "")
def test_every_argument_is_exact_or_refused(name, k, texts):
    """Orders and parameters too: an error of ours, or the right derivative (or SciPy takes integers only)."""
    args = [eval(text, {**NAMESPACE, **VARIABLES}) for text in texts]
    ufunc = getattr(special, name)

    def f(a):
        return ufunc(*args[:k], a, *args[k + 1 :])

    try:
        check(f, float(args[k]), order=1, h=1e-3, rtol=1e-5)
        refusal = ufunc.__name__
    except (NoDerivative, TypeError) as error:
        refusal = str(error)
    assert ufunc.__name__ in refusal
