"""torch.linalg: NumPy's linear algebra on tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.tensor import reductions
from wengert.tensor.call import call
from wengert.tensor.functions import cross, matmul
from wengert.tensor.shapes import diagonal
from wengert.tensor.value import Tensor


def _of(function: Any, name: str) -> Any:
    def linear_algebra(A: Tensor, *args: Any, **kwargs: Any) -> Any:
        return call(f"Linalg{name.title().replace('_', '')}", function, A, *args, **kwargs)

    linear_algebra.__name__ = name
    linear_algebra.__doc__ = f"np.linalg.{function.__name__}, with its errors."
    return linear_algebra


inv = _of(np.linalg.inv, "inv")
det = _of(np.linalg.det, "det")
slogdet = _of(np.linalg.slogdet, "slogdet")
solve = _of(np.linalg.solve, "solve")


def _hermitian(A: Any) -> Any:
    """The matrix whose lower triangle is A's; its derivative is that of (A + Aᴴ)/2, as PyTorch has it."""
    half = (A + np.conjugate(np.swapaxes(A, -1, -2))) / 2
    plain = getattr(A, "primal", A)
    lower = np.tril(plain) + np.conjugate(np.swapaxes(np.tril(plain, -1), -1, -2))
    return half + (lower - getattr(half, "primal", half))


def cholesky(A: Tensor) -> Tensor:
    """The lower triangular L with A = L Lᴴ."""
    return call("LinalgCholeskyEx", lambda a: np.linalg.cholesky(_hermitian(a)), A)


def eigh(A: Tensor) -> Any:
    """Eigenvalues, in order, and eigenvectors of a Hermitian matrix, of which the lower triangle is read."""
    return call("LinalgEigh", lambda a: np.linalg.eigh(_hermitian(a)), A)


def eigvalsh(A: Tensor) -> Tensor:
    """The eigenvalues of a Hermitian matrix, in order."""
    return call("LinalgEigh", lambda a: np.linalg.eigvalsh(_hermitian(a)), A)


pinv = _of(np.linalg.pinv, "pinv")
matrix_power = _of(np.linalg.matrix_power, "matrix_power")
qr = _of(np.linalg.qr, "qr")
multi_dot = _of(np.linalg.multi_dot, "multi_dot")


def svd(A: Tensor, full_matrices: bool = True) -> Any:
    """U, S, Vᴴ with A = U diag(S) Vᴴ."""
    return call("LinalgSvd", np.linalg.svd, A, full_matrices=full_matrices)


def svdvals(A: Tensor) -> Tensor:
    """The singular values."""
    return call("LinalgSvdvals", np.linalg.svd, A, compute_uv=False)


def vector_norm(x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False) -> Tensor:
    """(Σ |x|ᵖ)^{1/p}."""
    return reductions.norm(x, ord, dim, keepdim)


def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The vector norm, or with `ord` the matrix norm, of the last dimensions."""
    if ord is None:
        return reductions.norm(A, 2, dim, keepdim)
    return call("LinalgNorm", np.linalg.norm, A, ord=ord, axis=dim, keepdims=keepdim)


def matrix_norm(A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False) -> Tensor:
    """The norm of the matrices along two dimensions."""
    return norm(A, ord, tuple(dim), keepdim)


__all__ = [
    "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power",
    "multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "vector_norm",
]  # fmt: skip
