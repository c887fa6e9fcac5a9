"""Products of sparse matrices: y = A(data) x, bilinear in the data and in x, and A(a) B(b)."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.protocols import lower
from wengert.record.state import compute
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import plainly
from wengert.rules.pairs import recordable
from wengert.rules.sparse_labels import labelled, places, sparse, stilled, summed, taken, with_data
from wengert.rules.structure import real_if
from wengert.rules.table import bilinear


def _product(data: Any, x: Any, pattern: Any) -> Any:
    return with_data(pattern, data) @ x


def _to_data(c: Any, data: Any, x: Any, pattern: Any) -> Any:
    """data̅[(i, j)] = Σ c_i x_j, over the columns of x."""
    i, j, where = places(pattern)
    terms = np.take(c, i, 0) * np.take(x, j, 0)
    terms = np.sum(terms, -1) if np.ndim(concrete(terms)) == 2 else terms
    labels = np.zeros(np.size(concrete(data)), int)
    labels[where] = np.arange(1, where.size + 1)
    return real_if(np.reshape(taken(terms, labels), np.shape(concrete(data))), data)


def _to_x(c: Any, data: Any, x: Any, pattern: Any) -> Any:
    """x̄ = Aᵀ c."""
    turned = compute(pattern.transpose, (), None)
    return real_if(product(taken(data, turned.data), c, pattern=labelled(turned)), x)


product = recordable(plainly(_product))
bilinear(product, _to_data, _to_x, name="scipy.sparse product")


def times_dense(matrix: Any, x: Any) -> Any:
    """A x for an array x of one or two axes."""
    x = as_array(x)
    if matrix.ndim == 1:
        return np.matmul(matrix.toarray(), x)
    return product(matrix.data, x, pattern=labelled(matrix))


def _like(plain: Any, y: Any) -> Any:
    """y in the class that SciPy's result has."""
    return type(plain)(y) if sparse.issparse(plain) else y


def times_sparse(a: Any, b: Any) -> Any:
    """A B: Σₖ a_ik b_kj for every pair of elements that meet. Sparse vectors are made dense, here and below."""
    if 1 in (a.ndim, b.ndim):
        y = np.matmul(a.toarray(), b.toarray())
        return _like(compute(stilled(a)._matmul_dispatch, (stilled(b),), None), y)
    kind = type(compute(stilled(a)._matmul_dispatch, (stilled(b),), None))
    a, b = a.asformat("csr"), b.asformat("csr")
    i, k, p = places(labelled(a))
    _, j, q = places(labelled(b))
    starts, counts = b.indptr[:-1][k], np.diff(b.indptr)[k]
    left = np.repeat(np.arange(i.size), counts)
    right = np.arange(left.size) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
    terms = np.take(np.ravel(a.data), p[left]) * np.take(np.ravel(b.data), q[right])
    return summed(kind, i[left], j[right], terms, (a.shape[0], b.shape[1]))


def added(a: Any, b: Any, sign: int, kind: type) -> Any:
    """A ± B: an element of either matrix is one of the sum, also where it is zero."""
    if a.ndim == 1:
        return kind(a.toarray() + sign * b.toarray())
    i, j, p = places(labelled(a))
    k, m, q = places(labelled(b))
    right = np.take(np.ravel(b.data), q)
    data = np.concatenate([np.take(np.ravel(a.data), p), right if sign > 0 else -right])
    return summed(kind, np.concatenate([i, k]), np.concatenate([j, m]), data, a.shape)


def chosen(a: Any, b: Any, choose: Any, kind: type) -> Any:
    """np.maximum or np.minimum of the elements, of those that either matrix has."""
    if a.ndim == 1:
        return kind(choose(a.toarray(), b.toarray()))
    i, j = sparse.coo_matrix(sign_pattern(a) + sign_pattern(b)).coords
    return summed(kind, i, j, choose(at(a, i, j), at(b, i, j)), a.shape)


def by_elements(a: Any, other: Any) -> Any:
    """A ∘ B for an array, or for a sparse matrix of the same shape."""
    plain = compute(stilled(a).multiply, (stilled(other) if sparse.issparse(other) else lower(other),), None)
    if a.ndim == 1:
        return _like(plain, a.toarray() * (other.toarray() if sparse.issparse(other) else as_array(other)))
    if sparse.issparse(other):
        common = sparse.coo_matrix(abs(sign_pattern(a)).multiply(abs(sign_pattern(other))))
        i, j = common.coords
        data = at(a, i, j) * at(other, i, j)
        return summed(type(plain), i, j, data, a.shape)
    shape = np.broadcast_shapes(a.shape, np.shape(concrete(other)))
    if shape != a.shape:
        a = a.toarray()
        return type(plain)(a * other)
    i, j, p = places(labelled(a))
    factors = np.broadcast_to(as_array(other), shape)[i, j]
    return summed(type(plain), i, j, np.take(np.ravel(a.data), p) * factors, a.shape)


def sign_pattern(a: Any) -> Any:
    """1 at every element that the structure of A has."""
    made = labelled(a)
    made.data = np.minimum(made.data, 1)
    return made


def at(a: Any, i: Any, j: Any) -> Any:
    """The elements a_ij of a sparse matrix."""
    labels = np.asarray(compute(labelled(a).asformat("csr").__getitem__, ((i, j),), None)).ravel()
    return taken(a.data, labels)
