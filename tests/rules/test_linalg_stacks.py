"""scipy.linalg on stacks of matrices: as SciPy goes from matrix to matrix."""

import numpy as np
import pytest
import scipy.linalg as sl
from ways import every_way

RNG = np.random.default_rng(1)
BASE = RNG.normal(size=(2, 3, 3)) * 0.3 + np.stack([2 * np.eye(3), 3 * np.eye(3)])
POINTS = [np.random.default_rng(k).normal(size=18) * 0.1 for k in (5, 6)]
COLUMNS, OTHER = RNG.normal(size=(2, 3, 2)), RNG.normal(size=3)
ROWS = np.array([2.0, 0.0, 0.0])


def stack(x):
    return BASE + x.reshape(2, 3, 3)


def symmetric(x):
    b = stack(x)
    return b + np.swapaxes(b, -1, -2) + np.diag([0.0, 0.7, 1.9])


def bands(x):
    """Two bands, the lower one the larger: positive definite."""
    return symmetric(x)[:, :2] * np.array([[0.1], [1.0]]) + np.array([[0.0], [3.0]])


def onto(n):
    return n @ np.swapaxes(n, -1, -2)


# fmt: off
STACKS = {
    "trigonometric":  lambda x: (sl.sinm(stack(x)), sl.cosm(stack(x)), sl.tanm(0.1 * stack(x))),
    "hyperbolic":     lambda x: (sl.sinhm(stack(x)), sl.coshm(stack(x)), sl.tanhm(stack(x))),
    "funm":           lambda x: sl.funm(stack(x), lambda z: z**2),
    "schur":          lambda x: sl.schur(symmetric(x))[0],
    "hessenberg":     lambda x: sl.hessenberg(stack(x)),
    "ldl":            lambda x: sl.ldl(symmetric(x))[:2],
    "null_space":     lambda x: onto(sl.null_space(stack(x)[:, :2])),
    "cholesky bands": lambda x: sl.cholesky_banded(bands(x))[..., 1:],
    "cho_solve":      lambda x: sl.cho_solve_banded((sl.cholesky_banded(bands(x)), False), COLUMNS),
    "eig_banded":     lambda x: (sl.eig_banded(bands(x))[0], sl.eigvals_banded(bands(x))),
    "tridiagonal":    lambda x: (sl.eigvalsh_tridiagonal(x[:6].reshape(2, 3) + np.arange(3.0), COLUMNS[:, :2, 0]), sl.eigh_tridiagonal(x[:3] + np.arange(3.0), COLUMNS[:, :2, 0])[0]),
    "angles":         lambda x: sl.subspace_angles(stack(x)[..., :1], BASE[..., 1:]),
    "procrustes":     lambda x: sl.orthogonal_procrustes(stack(x), BASE[0])[0],
    "expm_frechet":   lambda x: sl.expm_frechet(stack(x), BASE[0]),
    "some values":    lambda x: sl.eigh(symmetric(x), subset_by_index=[0, 1], eigvals_only=True),
    "pencils":        lambda x: sl.eigvalsh(symmetric(x), b=symmetric(0 * x)),
    "solve_banded":   lambda x: (sl.solve_banded((1, 1), stack(x), COLUMNS), sl.solve_banded((1, 1), stack(x), b=OTHER)),
    "solveh_banded":  lambda x: sl.solveh_banded(bands(x), COLUMNS, lower=False),
    "solve_toeplitz": lambda x: (sl.solve_toeplitz(x[:6].reshape(2, 3) + ROWS, COLUMNS), sl.solve_toeplitz((x[:6].reshape(2, 3) + ROWS, x[6:9]), OTHER)),
    "toeplitz":       lambda x: sl.matmul_toeplitz((x[:6].reshape(2, 3) + ROWS, x[6:9]), COLUMNS),
    "leslie":         lambda x: sl.leslie(x[:6].reshape(2, 3), x[6:8]),
}
# fmt: on


@pytest.mark.parametrize("name", STACKS)
def test_stack(name):
    every_way(STACKS[name], POINTS, rtol=1e-5, h=3e-4)
