"""What becomes of each public name: how it is covered, shown by an example call that passes `check`."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from importlib import import_module

import numpy as np
import numpy_examples
import scipy_examples
from check import check, leaves, same
from scipy import linalg, special

import wengert as wg
from wengert.errors import NoDerivative
from wengert.ir.row import HANDLERS, ROWS
from wengert.record.replaced import REPLACED

MODULES = ("numpy", "numpy.linalg", "numpy.fft", "scipy.special", "scipy.linalg")
COVERED = ("row", "handled", "composition", "constant")


def fill(a, x):
    a[...] = x
    return a


def copyto(a, x):
    np.copyto(a, x)
    return a


def fill_diagonal(a, x):
    np.fill_diagonal(a, x)
    return a


def place(a, x):
    np.place(a, [True, False, True, False], x)
    return a


def put(a, x):
    np.put(a, [0, 1, 2, 3], x)
    return a


def putmask(a, x):
    np.putmask(a, [True, False, True, False], x)
    return a


def put_along_axis(a, x):
    np.put_along_axis(a, np.array([[3, 2, 1, 0]]), x, 1)
    return a


def SPD(A):
    """A symmetric positive definite matrix with distinct eigenvalues."""
    return A @ A.T + np.diag([1.0, 2.0, 4.0])


def banded(x, y):
    """A diagonally dominant tridiagonal matrix, in banded storage."""
    return np.stack([y, x + 3.0, y])


rng = np.random.default_rng(7)
VARIABLES = {
    "x": np.array([0.31, 0.62, 0.45, 0.83]),
    "y": np.array([0.55, 0.21, 0.74, 0.36]),
    "A": rng.normal(size=(3, 3)) + 2 * np.eye(3),
    "B": rng.normal(size=(3, 3)),
    "M": rng.normal(size=(2, 4)),
    "T": rng.normal(size=(2, 3, 4)),
    "s": 0.7,
    "z": rng.normal(size=4) + 1j * rng.normal(size=4),
    "Z": rng.normal(size=(2, 4)) + 1j * rng.normal(size=(2, 4)),
}
NAMESPACE = {
    "np": np, "special": special, "linalg": linalg, "i": np.array([0, 2, 1, 2]), "fill": fill, "copyto": copyto,
    "fill_diagonal": fill_diagonal, "place": place, "put": put, "putmask": putmask,
    "put_along_axis": put_along_axis, "SPD": SPD, "banded": banded,
}  # fmt: skip
RETIRED = frozenset({"numpy.row_stack"})
"""Names that a version which is supported has, and a newer one has not."""
EXAMPLES = {
    name: text
    for name, text in (numpy_examples.examples() | scipy_examples.examples()).items()
    if name not in RETIRED or hasattr(np, name.removeprefix("numpy."))
}


@dataclass(frozen=True)
class Outcome:
    """`how` a name is covered ("" if it is not), by which example, and what went wrong if it did."""

    name: str
    how: str
    example: str = ""
    error: str = ""
    wrong: bool = False


def public_names(module: str) -> list[str]:
    """The public functions of a module that compute with floating-point arrays."""
    space = import_module(module)
    outside = set(numpy_examples.OUTSIDE.split()) if module == "numpy" else set()
    names = getattr(space, "__all__", None) or dir(space)
    return sorted(
        n for n in names
        if not n.startswith("_") and n not in outside and callable(getattr(space, n, None))
        and not isinstance(getattr(space, n), type)
    )  # fmt: skip


def outcome(name: str) -> Outcome:
    """Run the example of a name, and say how it is covered."""
    text = EXAMPLES.get(name)
    function = _resolve(name)
    if text is None:
        return Outcome(name, "")
    try:
        run(text)
    except Exception as error:
        known = isinstance(error, NotImplementedError | TypeError)
        return Outcome(name, "", text, _first_line(error), wrong=not known)
    return Outcome(name, _how(function, text), text.removeprefix("="))


def run(text: str) -> None:
    """Check the derivatives of an expression in all of its variables."""
    body = text.removeprefix("=")
    names = [n for n in VARIABLES if re.search(rf"\b{n}\b", body)]
    f = eval(f"lambda {', '.join(names)}: {body}", dict(NAMESPACE))
    args = [VARIABLES[n] for n in names]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if not text.startswith("="):
            check(f, *args)
            return
        y, y_dot = wg.jvp(f, tuple(args), tuple(np.ones_like(a) for a in args))
        same(y, f(*args))
        assert all(not np.any(dot) for dot in leaves(y_dot))


def _how(function, text: str) -> str:
    row = ROWS.get(function)
    if text.startswith("=") or (row is not None and row.kind == "constant"):
        return "constant"
    if row is not None:
        return "row"
    return "handled" if function in HANDLERS or function in REPLACED else "composition"


def _resolve(name: str):
    module, _, short = name.rpartition(".")
    return getattr(import_module(module), short)


def _first_line(error: Exception) -> str:
    if isinstance(error, NoDerivative):
        return "refused: " + str(error).splitlines()[0].split(" (called at")[0]
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"[:120]
