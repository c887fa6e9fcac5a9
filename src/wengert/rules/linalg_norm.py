"""np.linalg.norm: Euclidean and p-norms by rows, the others by NumPy's own source.

At zero a norm has a kink: the derivative there is the element of least norm, zero. The order ±inf
(and the matrix orders made of it) shares ties equally, as max and min do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record import swap
from wengert.record.apply import apply
from wengert.record.locate import at_user_line
from wengert.record.observe import look
from wengert.record.protocols import any_recorded, lower
from wengert.record.value import concrete
from wengert.rules.linalg_triangular import conj
from wengert.rules.reduce import kept
from wengert.rules.solved import renewed
from wengert.rules.table import handles, rule

_body: Any = np.linalg.norm._implementation  # type: ignore[attr-defined]
"""NumPy's own source of norm."""


def unit(x: Any, y: Any) -> Any:
    """x / y, zero where y is."""
    if type(y) is np.float64 and y != 0:
        return x / y
    zero = np.equal(y, 0)
    if not np.any(zero):
        return x / y
    return np.where(zero, 0.0, x / np.where(zero, 1.0, y))


def spread(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """A reduced result in the shape that broadcasts against what was reduced."""
    return y if keepdims or np.ndim(y) == 0 else np.reshape(y, kept(np.shape(x), axis))


def reduced(t: Any, axis: Any, keepdims: bool) -> Any:
    """The real part of the sum over the reduced axes."""
    return np.sum(np.real(t) if np.iscomplexobj(t) else t, axis=axis, keepdims=keepdims)


# ── |x|₂:  ẏ = Re Σ x̄ᵢẋᵢ / y ──


def euclidean(x: Any, axis: Any, keepdims: bool, options: Any) -> Any:
    """np.linalg.norm of order 2 (vectors) or Frobenius (matrices)."""
    return np.linalg.norm(x, axis=axis, keepdims=keepdims, **options)


def push_euclidean(d: Any, y: Any, x: Any, axis: Any, keepdims: bool, options: Any = None) -> Any:
    """The tangent of a Euclidean norm y of x."""
    return reduced(unit(conj(x), spread(y, x, axis, keepdims)) * d, axis, keepdims)


def pull_euclidean(c: Any, y: Any, x: Any, axis: Any, keepdims: bool, options: Any = None) -> Any:
    """The cotangent of x from that of its Euclidean norm y."""
    return spread(c, x, axis, keepdims) * unit(conj(x), spread(y, x, axis, keepdims))


NORM = rule(euclidean, push_euclidean, pull=(pull_euclidean,), name="numpy.linalg.norm")


# ── (Σ|x|ᵖ)^(1/p):  ∂y/∂xᵢ = sign(xᵢ) (|xᵢ|/y)ᵖ⁻¹ ──


def p_norm(x: Any, axis: Any, keepdims: bool, ord: float) -> Any:
    """np.linalg.norm of a general order p."""
    return np.linalg.norm(x, ord, axis, keepdims)


def slopes(y: Any, x: Any, axis: Any, keepdims: bool, ord: float) -> Any:
    """∂y/∂x of the p-norm."""
    size = np.abs(x)
    dead = np.equal(size, 0) | np.equal(spread(y, x, axis, keepdims), 0)
    safe = np.where(dead, 1.0, size)
    ratio = np.power(safe / np.where(dead, 1.0, spread(y, x, axis, keepdims)), ord - 1)
    return np.where(dead, 0.0, ratio * (conj(x) / safe))


P_NORM = rule(
    p_norm,
    lambda d, y, x, axis, keepdims, ord: reduced(slopes(y, x, axis, keepdims, ord) * d, axis, keepdims),
    pull=(lambda c, y, x, axis, keepdims, ord: spread(c, x, axis, keepdims) * slopes(y, x, axis, keepdims, ord),),
    name="numpy.linalg.norm",
)


@handles(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    x = np.array(x) if isinstance(x, (list, tuple)) else x
    if any_recorded(ord):
        return _of_recorded_order(x, ord, axis, keepdims)
    if not any_recorded(x):
        return swap.wrap_plain(np.linalg.norm(lower(x), lower(ord), axis, keepdims))
    axis = tuple(int(k) for k in axis) if isinstance(axis, (tuple, list)) else axis
    params = {"axis": axis, "keepdims": bool(keepdims)}
    vector = _is_vector(x, axis)
    if ord is None or (ord == 2 and vector) or (ord in ("fro", "f") and not vector):
        return apply(NORM, (x,), params | {"options": {} if ord is None else {"ord": ord}})
    if vector and not isinstance(ord, str) and ord not in (0, 1, np.inf, -np.inf):
        return apply(P_NORM, (x,), params | {"ord": ord})
    return swap.run_body(_body, (x, ord, axis, keepdims), {})


def _of_recorded_order(x: Any, p: Any, axis: Any, keepdims: bool) -> Any:
    """The norm of vectors as a function of its order too: m (Σ(|x|/m)ᵖ)^(1/p) with m the largest |x|."""
    if not _is_vector(x, axis) or look(p) in (0, np.inf, -np.inf) or (look(p) < 0 and np.any(look(x) == 0)):
        raise NoDerivative(
            at_user_line(f"numpy.linalg.norm has no derivative with respect to ord={look(p)} of this x")
            + "\nPass stop_gradient(ord), or vectors, without zeros if ord is negative, and a finite ord other than 0."
        )
    size = np.abs(x)
    largest = look(np.max(size, axis=axis, keepdims=True, initial=0.0))
    scale = np.where(largest == 0, 1.0, largest)
    dead = size == 0
    total = np.sum(np.where(dead, 0.0, np.where(dead, 1.0, size / scale) ** p), axis=axis, keepdims=keepdims)
    powers = total ** (1 / p) * np.reshape(scale, np.shape(total))
    return renewed(np.linalg.norm(look(x), look(p), axis, keepdims), powers)


def _is_vector(x: Any, axis: Any) -> bool:
    """Whether the norm is one of vectors: along one axis."""
    if axis is None:
        return np.ndim(concrete(x)) == 1
    return not isinstance(axis, tuple) or len(axis) == 1
