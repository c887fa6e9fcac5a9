"""Sparse matrices whose data is recorded: where each number goes is found by sending labels the same way.

A SciPy matrix here holds a recorded array as its `data`. What only moves its elements (a transpose, a slice, another
format) is done by SciPy to a matrix of the same structure that holds 1, 2, …; the labels that come out say which
number is where, and 0 that none is.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as _sparse

from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.value import concrete, is_value
from wengert.rules.solved import still

sparse: Any = _sparse
Fn = Callable[..., Any]


def has_recorded(x: Any) -> bool:
    """Whether x is a sparse matrix of recorded numbers."""
    return sparse.issparse(x) and is_value(getattr(x, "data", None))


def is_recorded(x: Any) -> bool:
    """Whether x is recorded, as an array or as a sparse matrix."""
    return any_recorded(x) or has_recorded(x)


def with_data(pattern: Any, data: Any) -> Any:
    """The matrix of the same structure with other data, flat or of the same shape."""
    made = copy.copy(pattern)
    made.data = np.reshape(data, np.shape(pattern.data))
    return made


def labelled(matrix: Any) -> Any:
    """The matrix with 1, 2, … for its data."""
    n = np.size(concrete(matrix.data))
    made = copy.copy(matrix)
    made.data = np.arange(1, n + 1).reshape(np.shape(concrete(matrix.data)))
    return made


def stilled(x: Any) -> Any:
    """A plain sparse matrix or array of the same numbers."""
    return with_data(x, still(x.data)) if has_recorded(x) else still(x)


def taken(data: Any, labels: Any) -> Any:
    """The numbers that the labels name, 0 for 0."""
    flat = np.ravel(data)
    if np.min(labels, initial=1) > 0:
        return np.take(flat, labels - 1)
    return np.take(np.concatenate([np.zeros(1, flat.dtype), flat]), labels)


def uncount(x: Any) -> Any:
    """Mark a matrix in which SciPy would store no zeros: those that it has are kept since they may have derivatives."""
    if sparse.issparse(x) and x.format not in ("bsr", "dia"):
        vars(x)["_uncounted"] = True
    return x


def is_uncounted(matrix: Any) -> bool:
    """Whether SciPy would store none of the zeros."""
    return sparse.issparse(matrix) and "_uncounted" in vars(matrix)


_ONE_BY_ONE = {"transpose", "copy", "tocoo", "reshape"}
"""What leaves elements of one place apart."""


def moved(f: Fn, matrix: Any, *args: Any, **kwargs: Any) -> Any:
    """f(matrix) for an f that only moves elements, with recorded data."""
    if not (matrix.format == "coo" and f.__name__ in _ONE_BY_ONE):
        matrix = merged(matrix)
    out = compute(f, (labelled(matrix), *args), kwargs)
    if sparse.issparse(out):
        out.data = taken(matrix.data, out.data)
        if is_uncounted(matrix):
            uncount(out)
        return out
    return taken(matrix.data, out)


def places(pattern: Any) -> tuple[Any, Any, Any]:
    """(row, column, place in the data) of every element, for a pattern that holds labels."""
    coo = compute(pattern.tocoo, (), None)
    return coo.coords[0], coo.coords[1], coo.data - 1


def merged(matrix: Any) -> Any:
    """The matrix with the elements of one place added up, as a COO matrix where there were several."""
    if matrix.format not in ("coo", "csr", "csc") or matrix.ndim != 2:
        return matrix
    i, j, _ = _ordered(matrix)
    flat = i.astype(np.int64) * matrix.shape[1] + j
    if np.unique(flat).size == flat.size:
        return matrix
    return summed(type(matrix), i, j, matrix.data, matrix.shape)


def _ordered(matrix: Any) -> tuple[Any, Any, None]:
    """The indices in the order of the data."""
    if matrix.format == "coo":
        return matrix.coords[0], matrix.coords[1], None
    major = np.repeat(np.arange(len(matrix.indptr) - 1), np.diff(matrix.indptr))
    return (major, matrix.indices, None) if matrix.format == "csr" else (matrix.indices, major, None)


def summed(kind: type, i: Any, j: Any, data: Any, shape: Any) -> Any:
    """A matrix of the kind with data[k] added at (i[k], j[k]), in order."""
    unique, where = np.unique(i.astype(np.int64) * shape[1] + j, return_inverse=True)
    total = np.zeros(unique.size, np.result_type(data))
    np.add.at(total, where.ravel(), np.ravel(data))
    plain = sparse.coo_array if issubclass(kind, sparse.sparray) else sparse.coo_matrix
    made = kind(plain((np.arange(1, unique.size + 1), (unique // shape[1], unique % shape[1])), shape=shape))
    return with_data(made, taken(total, made.data))
