"""Matrix products: one BLAS call per transpose."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from wengert.record import quick
from wengert.record.apply import apply
from wengert.record.observe import decide
from wengert.record.value import Array, concrete
from wengert.rules.structure import real_if
from wengert.rules.table import bilinear, handles
from wengert.sweep import finite
from wengert.sweep.arithmetic import sum_to

# ── y = a @ b:  ā = c bᵀ,  b̄ = aᵀ c ──


def rows_of(x: Any) -> Any:
    """x as a matrix: all axes but the last made one."""
    return x if x.ndim == 2 else np.reshape(x, (prod(x.shape[:-1]), x.shape[-1]))


def _product(a: Any, b: Any) -> Any:
    return finite.product(a, b) if type(a) is type(b) is np.ndarray else a @ b


def _of_rows(a: Any, c: Any) -> Any:
    """aᵀ c of two rows. np.matmul is slow where it has nothing to sum, np.dot where the result is large as well."""
    if a.size * c.size < _LARGE or not type(a) is type(c) is np.ndarray or not a.dtype == c.dtype == float:
        return np.dot(a.T, c)
    return finite.product(_over_zeros(a).T, _over_zeros(c))


_LARGE = 1 << 15
"""Elements of a product from which on making room for zeros costs less than np.dot's second pass over memory."""


def _over_zeros(row: Any) -> Any:
    two = np.zeros((2, row.size), row.dtype)
    two[0] = row[0]
    return two


def _left(c: Any, a: Any, b: Any) -> Any:
    n, m = a.ndim, b.ndim
    if m == 1:
        g = c * b if n == 1 else np.expand_dims(c, -1) * b
    elif m == 2:
        g = b @ c if n == 1 else c @ b.T if n == 2 else np.reshape(rows_of(c) @ b.T, np.shape(a))
    elif n == 1:
        g = rows_of(np.swapaxes(b, -1, -2)).T @ np.ravel(c)
    elif n == 2:
        g = rows_of(np.swapaxes(c, -1, -2)).T @ rows_of(np.swapaxes(b, -1, -2))
    else:
        g = sum_to(c @ np.swapaxes(b, -1, -2), np.shape(a))
    return real_if(g, a)


def _right(c: Any, a: Any, b: Any) -> Any:
    n, m = a.ndim, b.ndim
    if m == 1:
        g = c * a if n == 1 else np.ravel(c) @ rows_of(a)
    elif n == 1:
        g = np.expand_dims(a, -1) * np.expand_dims(c, -2)
    elif m == 2:
        a, c = rows_of(a), rows_of(c)
        g = _product(a.T, c) if len(a) != 1 else _of_rows(a, c)
    elif n == 2:
        g = a.T @ c
    else:
        g = sum_to(np.swapaxes(a, -1, -2) @ c, np.shape(b))
    return real_if(g, b)


# ── y[i…, j…] = Σₖ a[i…, k] b[j…, k, l] ──


def _dot_left(c: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) <= 2:
        return _left(c, a, b)
    return tensor_left(c, a, b, ((np.ndim(a) - 1,), (np.ndim(b) - 2,)))


def _dot_right(c: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) <= 2:
        return _right(c, a, b)
    return tensor_right(c, a, b, ((np.ndim(a) - 1,), (np.ndim(b) - 2,)))


# ── y = Σ a b over pairs of axes ──


def tensor_left(c: Any, a: Any, b: Any, axes: Any) -> Any:
    """ā of y = np.tensordot(a, b, axes)."""
    over_a, over_b = axes
    free_a, free_b = _free(a, over_a), _free(b, over_b)
    g = np.tensordot(c, b, (tuple(range(len(free_a), len(free_a) + len(free_b))), free_b))
    order = [*free_a, *[over_a[over_b.index(k)] for k in sorted(over_b)]]
    return real_if(np.transpose(g, np.argsort(order)) if order else g, a)


def tensor_right(c: Any, a: Any, b: Any, axes: Any) -> Any:
    """b̄ of y = np.tensordot(a, b, axes)."""
    over_a, over_b = axes
    free_a, free_b = _free(a, over_a), _free(b, over_b)
    g = np.tensordot(a, c, (free_a, tuple(range(len(free_a)))))
    order = [*[over_b[over_a.index(k)] for k in sorted(over_a)], *free_b]
    return real_if(np.transpose(g, np.argsort(order)) if order else g, b)


def _free(x: Any, over: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(k for k in range(np.ndim(x)) if k not in over)


def _last(a: Any, b: Any) -> Any:
    return (np.ndim(a) - 1,), (np.ndim(b) - 1,)


# ── a zero factor makes zero of infinity and NaN ──


def strong_product(product: Any, *xs: Any) -> Any:
    """product(*xs), multilinear, where terms with a zero factor are zero whatever the other factors are."""
    wild = [~decide(np.isfinite, x) for x in xs]
    if not any(np.any(w) for w in wild):
        return product(*xs)
    live = [decide(np.not_equal, x, 0) * 1.0 for x in xs]
    alive = sum([product(*live[:k], w * 1.0, *live[k + 1 :]) for k, w in enumerate(wild)])
    tame = product(*[np.where(w, 0.0, x) for w, x in zip(wild, xs, strict=True)])
    return np.where(alive > 0, product(*xs), tame)


def _strict(left: Any, right: Any) -> Any:
    """The two transposes with strong zeros. Masks are real: they pass a projection unchanged."""

    def strict_left(c: Any, a: Any, b: Any, **params: Any) -> Any:
        return strong_product(lambda c, b: left(c, a, b, **params), c, b)

    def strict_right(c: Any, a: Any, b: Any, **params: Any) -> Any:
        return strong_product(lambda c, a: right(c, a, b, **params), c, a)

    return strict_left, strict_right


def product(op: Any, left: Any, right: Any, name: str = "") -> Any:
    return bilinear(op, left, right, strict=_strict(left, right), name=name)


def tensordot(a: Any, b: Any, axes: Any) -> Any:
    """np.tensordot over explicit axes."""
    return np.tensordot(a, b, axes)


# ── vectors: the first factor conjugated where NumPy conjugates it ──


def _outer_left(c: Any, a: Any, b: Any) -> Any:
    return np.reshape(real_if(c @ np.ravel(b), a), np.shape(a))


def _outer_right(c: Any, a: Any, b: Any) -> Any:
    return np.reshape(real_if(np.ravel(a) @ c, b), np.shape(b))


def _vdot_left(c: Any, a: Any, b: Any) -> Any:
    return np.reshape(real_if(np.conj(c * b), a), np.shape(a))


def _vdot_right(c: Any, a: Any, b: Any) -> Any:
    return np.reshape(real_if(c * np.conj(a), b), np.shape(b))


def _vecdot_left(c: Any, a: Any, b: Any) -> Any:
    return sum_to(real_if(np.conj(np.expand_dims(c, -1) * b), a), np.shape(a))


def _vecdot_right(c: Any, a: Any, b: Any) -> Any:
    return sum_to(real_if(np.expand_dims(c, -1) * np.conj(a), b), np.shape(b))


def _matvec_left(c: Any, a: Any, b: Any) -> Any:
    return sum_to(real_if(np.expand_dims(c, -1) * np.expand_dims(b, -2), a), np.shape(a))


def _matvec_right(c: Any, a: Any, b: Any) -> Any:
    return sum_to(real_if(np.expand_dims(c, -2) @ a, b)[..., 0, :], np.shape(b))


def _vecmat_left(c: Any, a: Any, b: Any) -> Any:
    return sum_to(real_if(np.conj(b @ np.expand_dims(c, -1)), a)[..., 0], np.shape(a))


def _vecmat_right(c: Any, a: Any, b: Any) -> Any:
    return sum_to(real_if(np.expand_dims(np.conj(a), -1) * np.expand_dims(c, -2), b), np.shape(b))


# fmt: off
MATMUL = product(np.matmul,     _left,        _right)
DOT = product(np.dot,           _dot_left,    _dot_right)
INNER = product(np.inner,       lambda c, a, b: tensor_left(c, a, b, _last(a, b)),
                                 lambda c, a, b: tensor_right(c, a, b, _last(a, b)))
TENSORDOT = product(tensordot,  tensor_left,  tensor_right, name="numpy.tensordot")
OUTER = product(np.outer,       _outer_left,  _outer_right)
VDOT = product(np.vdot,         _vdot_left,   _vdot_right)
VECDOT = product(np.vecdot,     _vecdot_left, _vecdot_right)
MATVEC = product(np.matvec,     _matvec_left, _matvec_right)
VECMAT = product(np.vecmat,     _vecmat_left, _vecmat_right)
# fmt: on


def operand(x: Any) -> Any:
    """A list as the array it stands for."""
    return np.array(x) if isinstance(x, (list, tuple)) else x


def stored(y: Any, out: Any) -> Any:
    """y, or the array `out` with y written into it."""
    if out is None:
        return y
    out[...] = y
    return out


_dot_at_once = quick.product(DOT, np.dot)


@handles(np.dot)
def _dot(a: Any, b: Any, out: Any = None) -> Any:
    y = _dot_at_once(a, b) if out is None and (type(a) is Array or type(b) is Array) else None
    if y is not None:
        return y
    a, b = operand(a), operand(b)
    y = np.multiply(a, b) if np.ndim(concrete(a)) == 0 or np.ndim(concrete(b)) == 0 else apply(DOT, (a, b))
    return y if out is None else stored(y, out)


@handles(np.inner)
def _inner(a: Any, b: Any, /) -> Any:
    a, b = operand(a), operand(b)
    if np.ndim(concrete(a)) == 0 or np.ndim(concrete(b)) == 0:
        return np.multiply(a, b)
    return apply(INNER, (a, b))


@handles(np.vdot)
def _vdot(a: Any, b: Any, /) -> Any:
    a, b = [x if np.ndim(concrete(x)) == 1 else np.ravel(x) for x in (operand(a), operand(b))]
    return apply(VDOT, (a, b))


@handles(np.outer)
def _outer(a: Any, b: Any, out: Any = None) -> Any:
    return stored(apply(OUTER, (operand(a), operand(b))), out)


@handles(np.linalg.outer)
def _linalg_outer(x1: Any, x2: Any, /) -> Any:
    a, b = operand(x1), operand(x2)
    if np.ndim(concrete(a)) != 1 or np.ndim(concrete(b)) != 1:
        shapes = f"x1.ndim={np.ndim(concrete(a))} and x2.ndim={np.ndim(concrete(b))}"
        raise ValueError(f"Input arrays must be one-dimensional, but they are {shapes}.")
    return apply(OUTER, (a, b))


@handles(np.linalg.matmul)
def _linalg_matmul(x1: Any, x2: Any, /) -> Any:
    return np.matmul(operand(x1), operand(x2))


@handles(np.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = operand(a), operand(b)
    n, m = np.ndim(concrete(a)), np.ndim(concrete(b))
    if np.ndim(axes) == 0:
        over = tuple(range(n - int(axes), n)), tuple(range(int(axes)))
    else:
        over = tuple(tuple(int(k) for k in np.atleast_1d(part)) for part in axes)
    if any(not -limit <= k < limit for part, limit in zip(over, (n, m), strict=True) for k in part):
        return np.tensordot(concrete(a), concrete(b), axes)
    over_a, over_b = tuple(k % n for k in over[0]), tuple(k % m for k in over[1])
    return apply(TENSORDOT, (a, b), {"axes": (over_a, over_b)})


@handles(np.linalg.tensordot)
def _linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    return _tensordot(x1, x2, axes)


@handles(np.vecdot)
def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    a, b = operand(x1), operand(x2)
    if axis != -1:
        a, b = np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1)
    return apply(VECDOT, (a, b))


@handles(np.linalg.vecdot)
def _linalg_vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return _vecdot(x1, x2, axis=axis)


@handles(np.matmul)
def _matmul(x1: Any, x2: Any, /, *, axes: Any = None) -> Any:
    a, b = operand(x1), operand(x2)
    if axes is None:
        return apply(MATMUL, (a, b))
    before = [np.moveaxis(x, where, (-2, -1)) for x, where in zip((a, b), axes[:2], strict=True)]
    return np.moveaxis(apply(MATMUL, tuple(before)), (-2, -1), axes[2])
