"""scipy.linalg: what has no derivative here. Asking for one is an error that names the function."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.observe import decide, look
from wengert.record.protocols import lower as lowered
from wengert.record.state import compute
from wengert.rules import scipy_linalg_banded as scipy_linalg_banded
from wengert.rules import scipy_linalg_drivers as scipy_linalg_drivers
from wengert.rules import scipy_linalg_eigen as scipy_linalg_eigen
from wengert.rules import scipy_linalg_forms as scipy_linalg_forms
from wengert.rules import scipy_linalg_functions as scipy_linalg_functions
from wengert.rules import scipy_linalg_lapack as scipy_linalg_lapack
from wengert.rules import scipy_linalg_lu as scipy_linalg_lu
from wengert.rules import scipy_linalg_pencils as scipy_linalg_pencils
from wengert.rules import scipy_linalg_riccati as scipy_linalg_riccati
from wengert.rules import scipy_linalg_structured as scipy_linalg_structured
from wengert.rules import scipy_linalg_triangular as scipy_linalg_triangular
from wengert.rules import scipy_linalg_tridiagonal as scipy_linalg_tridiagonal
from wengert.rules.linalg import as_array
from wengert.rules.scipy_linalg import RECORDED, refuse_function, replaces
from wengert.rules.solved import renewed, still

REASONS = {
    "rsf2csf": "the phases of a complex Schur form are arbitrary.\nUse eig.",
    "qz": "the phases and order of a generalized Schur form are arbitrary.\nUse eig(a, b).",
    "ordqz": "the phases and order of a generalized Schur form are arbitrary.\nUse eig(a, b).",
    "cossin": "its vectors are arbitrary.\nUse svdvals of a block for the angles.",
    "qr_multiply": "it is not implemented.\nMultiply by the Q of qr(a, mode='economic').",
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


@replaces(sl.matrix_balance)
def _matrix_balance(
    A: Any, permute: bool = True, scale: bool = True, separate: bool = False, overwrite_a: bool = False
) -> Any:
    """B = T⁻¹ A T, where T permutes, and scales by powers of 2: it stays as it is when A moves a little."""
    a = as_array(A)
    balanced, (scaling, places) = compute(sl.matrix_balance, (still(a), permute, scale, True), None)
    b = renewed(balanced, a[np.ix_(places, places)] * (scaling / scaling[:, None]))
    return b, ((scaling, places) if separate else np.diag(scaling)[np.argsort(places)])


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
