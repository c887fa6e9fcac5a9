"""scipy.linalg: what has no derivative here. Asking for one is an error that names the function."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.observe import decide, look
from wengert.record.protocols import lower as lowered
from wengert.rules import scipy_linalg_banded as scipy_linalg_banded
from wengert.rules import scipy_linalg_eigen as scipy_linalg_eigen
from wengert.rules import scipy_linalg_functions as scipy_linalg_functions
from wengert.rules import scipy_linalg_lu as scipy_linalg_lu
from wengert.rules import scipy_linalg_riccati as scipy_linalg_riccati
from wengert.rules import scipy_linalg_structured as scipy_linalg_structured
from wengert.rules import scipy_linalg_triangular as scipy_linalg_triangular
from wengert.rules import scipy_linalg_tridiagonal as scipy_linalg_tridiagonal
from wengert.rules.scipy_linalg import RECORDED, refuse_function, replaces

REASONS = {
    "null_space": "the basis of a null space is arbitrary.",
    "orth": "the basis of a range is arbitrary.\nUse qr or svd with full_matrices=False.",
    "schur": "the order and blocks of a Schur form jump.\nUse eig or eigh.",
    "rsf2csf": "the order and blocks of a Schur form jump.",
    "hessenberg": "it is not implemented.\nUse qr or eig.",
    "ldl": "its pivoting jumps.\nUse cholesky or lu.",
    "signm": "it is not implemented.",
    "funm": "it calls a function of your own.\nUse expm, logm, sqrtm or eig.",
}
_CONSTANT = {"bandwidth", "issymmetric", "ishermitian"}
"""Looking at the structure of a matrix is control flow."""
_NO_ARRAYS = {
    "get_blas_funcs", "get_lapack_funcs", "find_best_blas_type", "dft", "hadamard", "helmert", "hilbert", "invhilbert",
    "pascal", "invpascal",
}  # fmt: skip


def functions() -> dict[str, object]:
    """The public functions of scipy.linalg that take arrays."""
    public = {name: getattr(sl, name) for name in sl.__all__ if name not in _NO_ARRAYS}
    return {name: f for name, f in public.items() if inspect.isroutine(f)}


for _name, _function in functions().items():
    if _function not in RECORDED and _name not in _CONSTANT:
        refuse_function(_name, REASONS.get(_name, ""))


def _observe(name: str) -> None:
    original = getattr(sl, name)

    @replaces(original)
    def structure(a: Any, *args: Any, **kwargs: Any) -> Any:
        found = look(decide(_structure, a, original=original, args=lowered(args), kwargs=lowered(kwargs)))
        return tuple(found.tolist()) if name == "bandwidth" else bool(found) if np.ndim(found) == 0 else found


def _structure(a: Any, original: Any, args: Any, kwargs: Any) -> Any:
    return np.array(original(a, *args, **kwargs))


for _name in sorted(_CONSTANT):
    _observe(_name)
