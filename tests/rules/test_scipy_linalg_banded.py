"""Matrices kept as bands or two diagonals, and functions that SciPy composes of others."""

import numpy as np
import pytest
from check import check
from scipy import linalg

A = np.random.default_rng(2).normal(size=(4, 4))
B = A @ A.T + 4 * np.eye(4)
D, E = np.array([4.0, 5.5, 3.2, 6.1]), np.array([1.0, 0.5, -0.7])


def banded(d, lower):
    e = np.append(0.3 * d[:3], 0.0)
    return np.stack([d, e] if lower else [np.roll(e, 1), d])


FUNCTIONS = {
    "cholesky_banded": lambda d: [linalg.cholesky_banded(banded(d, lower), lower=lower) for lower in (True, False)],
    "cho_solve_banded": lambda d: [
        linalg.cho_solve_banded((linalg.cholesky_banded(banded(d, lower), lower=lower), lower), d)
        for lower in (True, False)
    ],
    "eigh_tridiagonal": lambda d: (
        linalg.eigh_tridiagonal(d, E * d[:3])[0],
        linalg.eigh_tridiagonal(d, E)[1],
        linalg.eigvalsh_tridiagonal(d, E),
        linalg.eigh_tridiagonal(d, E, eigvals_only=True, select="i", select_range=(1, 2)),
    ),
    "eig_banded": lambda d: (
        linalg.eig_banded(banded(d, True), lower=True),
        linalg.eigvals_banded(banded(d, False)),
        linalg.eig_banded(banded(d, True), lower=True, eigvals_only=True),
    ),
    "expm_frechet": lambda d: (
        linalg.expm_frechet(0.1 * A * d, A.T),
        linalg.expm_frechet(0.1 * A, np.outer(d, d), compute_expm=False),
    ),
    "orthogonal_procrustes": lambda d: linalg.orthogonal_procrustes(A * d, B),
    "subspace_angles": lambda d: (
        linalg.subspace_angles(A[:, :2] * d[:, None], B[:, 1:3]),
        linalg.subspace_angles(A[:, :2] + 0.01 * B[:, :2] * d[:, None], A[:, :2]),
        linalg.subspace_angles(A[:, :1] * d[:, None], B[:, 1:3]),
        linalg.subspace_angles(B[:, :2], (B[:, :1] + 0.1 * A[:, :1]) * d[:, None]),
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    check(FUNCTIONS[name], D, h=1e-3, rtol=1e-5, order=1 if name == "subspace_angles" else 2)
