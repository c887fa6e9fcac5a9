"""Names without an example: called in every plausible way, they are refused by an error of ours, or right.

No name of NumPy or SciPy may take a recorded value and return a plain one that has lost its derivative.
"""

import re
import warnings
from importlib import import_module

import numpy as np
import pytest
from check import check, leaves
from outcomes import EXAMPLES, MODULES, VARIABLES, public_names

import wengert as wg

CALLS = (
    "x", "A", "s", "x, y", "A, B", "A, x[:3]", "2, x", "x, 2", "1.5, x", "2, 3, x", "2.0, 3.0, x", "x, 0.4, 2.0",
    "1, 2, 0.5, x", "2.0, x, 3.0", "0.5, 1.0, 0.2, x", "2, s", "1, 2, s", "2, x, 0.5", "1.0, 2, s, 0.5", "[x, y]",
    "1, 2, 1.5, s", "x, y, 3",
)  # fmt: skip
UNSUITABLE = {"numpy.bmat", "scipy.special.seterr", "scipy.special.geterr"}
NAMES = sorted({f"{m}.{name}" for m in MODULES for name in public_names(m)} - set(EXAMPLES) - UNSUITABLE)
LOOSE = {"h": 1e-3, "rtol": 1e-4}


@pytest.mark.parametrize("name", NAMES)
def test_refused_or_right(name):
    module, _, short = name.rpartition(".")
    function = getattr(import_module(module), short)
    for call in CALLS:
        if isinstance(function, np.ufunc) and call.count(",") + 1 != function.nin:
            continue  # a further argument would be out=
        names = [n for n in VARIABLES if re.search(rf"\b{n}\b", call)]
        f = eval(f"lambda {', '.join(names)}: function({call})", {"function": function})
        args = [VARIABLES[n] for n in names]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            attempt(f, args, f"{name}({call})")


def attempt(f, args, what):
    """Where NumPy accepts the call: an error of ours, or the derivative that differences show."""
    try:
        plain = leaves(f(*args))
    except Exception:
        return
    if not all(isinstance(y, (float, complex, np.generic, np.ndarray)) for y in plain):
        return
    if not all(np.asarray(y).dtype.kind in "fc" and np.all(np.isfinite(y)) for y in plain):
        return
    try:
        wg.jvp(f, tuple(args), tuple(np.ones_like(a) for a in args))
    except (TypeError, NotImplementedError):
        return
    try:
        check(f, *args, order=1, **LOOSE)
    except AssertionError as error:
        raise AssertionError(f"{what}: silently wrong") from error
