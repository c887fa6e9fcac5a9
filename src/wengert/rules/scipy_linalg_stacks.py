"""scipy.linalg on stacks of matrices: SciPy goes from matrix to matrix, and so do rules that are not for stacks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.value import concrete
from wengert.rules.axes import as_array

Rank = Any
"""How many axes an argument has without a stack; "1|2" of vectors or columns; None if it is no array. A tuple of ranks
for an argument that is, or may be, a tuple of arrays."""

# fmt: off
RANKS: dict[str, tuple[Rank, ...]] = dict.fromkeys(
    ("sinm", "cosm", "tanm", "sinhm", "coshm", "tanhm", "funm", "schur", "hessenberg", "ldl", "null_space",
     "cholesky_banded", "eig_banded", "eigvals_banded"), (2,),
) | {
    "diagsvd": (1,), "leslie": (1, 1), "eigh_tridiagonal": (1, 1), "eigvalsh_tridiagonal": (1, 1),
    "eigh": (2, 2), "eigvalsh": (2, 2), "expm_frechet": (2, 2), "subspace_angles": (2, 2),
    "orthogonal_procrustes": (2, 2),
    "solve_banded": (None, 2, "1|2"), "solveh_banded": (2, "1|2"), "cho_solve_banded": ((2, None), "1|2"),
    "solve_toeplitz": ((1, 1), "1|2"), "matmul_toeplitz": ((1, 1), "1|2"),
}
# fmt: on
_ALONE = {"eigh", "eigvalsh"}
"""Those with a rule for stacks of one matrix each; of pencils and of some eigenvalues it has none."""


def stacked(original: Any, handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler, matrix by matrix where it is given stacks."""
    ranks = RANKS.get(original.__name__)
    if ranks is None:
        return handler
    known = dict(zip(list(inspect.signature(original).parameters), ranks, strict=False))

    def call(*args: Any, **kwargs: Any) -> Any:
        given = dict(zip(known, args, strict=False)) | {key: kwargs[key] for key in known if key in kwargs}
        batch = np.broadcast_shapes(*[b for name, x in given.items() for b in _batches(x, known[name])])
        if not batch or (original.__name__ in _ALONE and not _is_special(given, kwargs)):
            return handler(*args, **kwargs)
        rest = {key: value for key, value in kwargs.items() if key not in known}
        results: list[Any] = []
        for index in np.ndindex(batch):
            xs = {name: _at(x, known[name], batch, index) for name, x in given.items()}
            more = args[len(known) :]
            y = handler(*xs.values(), *more, **rest) if more else handler(**xs, **rest)
            results.append(y if isinstance(y, tuple) else (y,))
        found = [_together(parts, batch) for parts in zip(*results, strict=True)]
        return found[0] if len(found) == 1 else found

    return call


def _is_special(given: dict[str, Any], kwargs: dict[str, Any]) -> bool:
    return any([x is not None for x in (given.get("b"), kwargs.get("subset_by_index"), kwargs.get("subset_by_value"))])


def _batches(x: Any, rank: Rank) -> list[tuple[int, ...]]:
    """The shapes of an argument's stacks."""
    if rank is None or x is None:
        return []
    if isinstance(rank, tuple):
        parts = x if isinstance(x, tuple) else (x,)
        return [b for part, r in zip(parts, rank, strict=False) for b in _batches(part, r)]
    shape = np.shape(concrete(as_array(x)))
    return [shape[: -_core(shape, rank)]]


def _core(shape: tuple[int, ...], rank: Rank) -> int:
    return (2 if len(shape) >= 2 else 1) if rank == "1|2" else rank


def _at(x: Any, rank: Rank, batch: tuple[int, ...], index: tuple[int, ...]) -> Any:
    """The argument for one place of the stack."""
    if rank is None or x is None:
        return x
    if isinstance(rank, tuple):
        if isinstance(x, tuple):
            return tuple([_at(part, r, batch, index) for part, r in zip(x, rank, strict=False)])
        return _at(x, rank[0], batch, index)
    a = as_array(x)
    shape = np.shape(concrete(a))
    return np.broadcast_to(a, batch + shape[-_core(shape, rank) :])[index]


def _together(parts: Any, batch: tuple[int, ...]) -> Any:
    whole = np.stack([as_array(part) for part in parts])
    return np.reshape(whole, batch + np.shape(concrete(whole))[1:])
