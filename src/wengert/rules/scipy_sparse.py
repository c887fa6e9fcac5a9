"""scipy.sparse: products with recorded arrays, and matrices made of recorded numbers.

The classes are SciPy's. While a derivative is recorded, those of their methods that call compiled code look first
whether the numbers of the matrix are recorded; the other methods are Python code over these.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.flavoured import flavoured
from wengert.record.locate import at_user_line
from wengert.record.observe import observed
from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import compute, user_code
from wengert.record.swap import METHODS, replace, run_body
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.solved import renewed
from wengert.rules.sparse_labels import (
    has_recorded,
    is_recorded,
    is_uncounted,
    labelled,
    merged,
    moved,
    sparse,
    stilled,
    taken,
    uncount,
    with_data,
)
from wengert.rules.sparse_products import added, by_elements, chosen, times_dense, times_sparse

Fn = Callable[..., Any]
_construct: Any = sparse._construct
FORMATS = ("bsr", "coo", "csc", "csr", "dia")
CLASSES = [getattr(sparse, f"{form}_{kind}") for form in FORMATS for kind in ("array", "matrix")]
LISTED = [getattr(sparse, f"{form}_{kind}") for form in ("dok", "lil") for kind in ("array", "matrix")]
_LENT = {
    "eye", "kron", "vstack", "hstack", "tril", "triu", "random", "linalg", "find", "diags", "block_diag", "identity",
    "sparray",
}  # fmt: skip
_MADE = {name for name in sparse.__all__ if name not in _LENT and not hasattr(np, name)}
_MAKERS = {
    "sparse_distance_matrix", "minimum_spanning_tree", "breadth_first_tree", "depth_first_tree", "csgraph_from_dense",
    "csgraph_from_masked", "reconstruct_path", "design_matrix",
}  # fmt: skip
NAMES = frozenset({*_MADE, *_MAKERS, "sparse", "spsolve", "splu", "factorized", "tocsr", "tocsc", "tocoo"})
"""Names by which code is known to use sparse matrices; not those that NumPy has too."""


def _definers(name: str) -> list[type]:
    """The classes that define a method, for all formats."""
    abstract = ("_spbase", "_data_matrix") if name == "__init__" else ()
    theirs = [kind for top in CLASSES for kind in top.__mro__ if kind.__module__.startswith("scipy.sparse")]
    found = [kind for kind in theirs if name in vars(kind) and kind.__name__ not in abstract]
    return list(dict.fromkeys(found))


def patches(*names: str) -> Callable[[Fn], Fn]:
    """Decorator: make(original) → the method to have while recording, for each class that defines one of the names."""

    def register(make: Fn) -> Fn:
        for name in names:
            for kind in _definers(name):
                original = vars(kind)[name]
                METHODS.append((kind, name, original, wraps(original)(make(original))))
                MADE_BY[kind] = NAMES
        return make

    return register


def refuse(what: str, remedy: str) -> NoDerivative:
    """The error for what has no derivative here."""
    return NoDerivative(at_user_line(f"no derivative rule for {what}") + f"\n{remedy}")


# ── making a matrix ──


@patches("__init__")
def _making(original: Fn) -> Fn:
    def init(self: Any, arg1: Any, *args: Any, **kwargs: Any) -> None:
        data = arg1[0] if type(arg1) is tuple and len(arg1) in (2, 3) else arg1
        if not is_recorded(data) and not any_recorded(arg1):
            original(self, arg1, *args, **kwargs)
        else:
            _make(original, self, arg1, args, kwargs)

    return init


def _make(original: Fn, self: Any, arg1: Any, args: Any, kwargs: Any) -> None:
    """Make the matrix of labels first, and let its data be the numbers that they name."""
    dtype = kwargs.get("dtype", args[1] if len(args) > 1 else None)
    if type(arg1) is tuple and not isinstance(arg1[0], tuple):
        source, rest = as_array(arg1[0]), arg1[1:]
        if len(rest) == 1 and self.format in ("csr", "csc") and np.ndim(rest[0]) > 1:
            coo = sparse.coo_array((source, rest[0]), shape=_shape(args, kwargs))
            joined = merged(coo)
            source, rest = joined.data, (tuple(joined.coords),)
            args, kwargs = (), {**kwargs, "shape": joined.shape}
        data = np.arange(1, np.size(concrete(source)) + 1).reshape(np.shape(concrete(source)))
        kwargs = {key: value for key, value in kwargs.items() if key != "dtype"}
        original(self, (data, *rest), *args[:1], **kwargs)
    elif has_recorded(arg1):
        joined = merged(arg1)
        source = joined.data
        original(self, labelled(joined), *args[:1], **{k: v for k, v in kwargs.items() if k != "dtype"})
    else:
        source = as_array(arg1)
        data = np.arange(1, np.size(concrete(source)) + 1).reshape(np.shape(concrete(source)))
        original(self, data, *args[:1], **{k: v for k, v in kwargs.items() if k != "dtype"})
        uncount(self)
    self.data = taken(source if dtype is None else source.astype(dtype), self.data)


def _shape(args: Any, kwargs: Any) -> Any:
    return args[0] if args else kwargs.get("shape")


# ── what moves elements ──


@patches(
    "transpose", "tocsr", "tocsc", "tocoo", "todia", "tobsr", "__getitem__", "diagonal", "toarray", "copy", "reshape",
    "_getrow", "_getcol", "sorted_indices", "_with_data",
)  # fmt: skip
def _moving(original: Fn) -> Fn:
    if original.__name__ == "_with_data":
        return lambda self, data, copy=True: with_data(self, data) if is_recorded(data) else original(self, data, copy)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return moved(original, self, *args, **kwargs) if has_recorded(self) else original(self, *args, **kwargs)

    return method


@patches("sum_duplicates", "sort_indices", "check_format", "prune", "eliminate_zeros")
def _in_order(original: Fn) -> Fn:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not has_recorded(self):
            return original(self, *args, **kwargs)
        if original.__name__ in ("sum_duplicates", "sort_indices"):
            joined = merged(self)
            data, plain = joined.data, labelled(joined)
            original(plain)
            self.__dict__.update(plain.__dict__)
            self.data = taken(data, plain.data)
        elif original.__name__ == "eliminate_zeros":
            uncount(self)
        return None

    return method


@patches("_getnnz")
def _counting(original: Fn) -> Fn:
    """Zeros that SciPy would not have stored are kept for their derivatives, and not counted."""

    def method(self: Any, axis: Any = None) -> Any:
        frame: Any = sys._getframe(1)
        while frame.f_code.co_name in ("nnz", "getnnz", "size", "method"):
            frame = frame.f_back
        if not (user_code(frame) and has_recorded(self) and is_uncounted(self)):  # SciPy's own counts what is there
            return original(self, axis)
        plain = with_data(self, observed(self.data, lambda data: (data != 0).astype(float))).copy()
        plain.eliminate_zeros()
        return original(plain, axis)

    return method


# ── arithmetic ──


@patches("_matmul_dispatch")
def _multiplying(original: Fn) -> Fn:
    def method(self: Any, other: Any) -> Any:
        if not (has_recorded(self) or is_recorded(other)) or (
            np.ndim(concrete(other)) == 0 and not sparse.issparse(other)
        ):
            return original(self, other)
        if not sparse.issparse(other):
            return times_dense(self, other)
        y = times_sparse(self, other)
        return uncount(y) if is_uncounted(self) or is_uncounted(other) else y

    return method


@patches("_add_sparse", "_sub_sparse")
def _adding(original: Fn) -> Fn:
    sign = 1 if original.__name__ == "_add_sparse" else -1

    def method(self: Any, other: Any, sub: bool = False) -> Any:
        if not (has_recorded(self) or has_recorded(other)):
            return original(self, other, sub=True) if sub else original(self, other)
        kind = type(compute(original, (stilled(self), stilled(other)), None))
        return uncount(added(self, other, -1 if sub else sign, kind))

    return method


@patches("_add_dense", "_sub_dense", "_rsub_dense")
def _adding_arrays(original: Fn) -> Fn:
    sides = {"_add_dense": (1, 1), "_sub_dense": (1, -1), "_rsub_dense": (-1, 1)}[original.__name__]

    def method(self: Any, other: Any) -> Any:
        if not (has_recorded(self) or any_recorded(other)):
            return original(self, other)
        return sides[0] * self.toarray() + sides[1] * np.asarray(other)

    return method


@patches("multiply")
def _multiplying_elements(original: Fn) -> Fn:
    def method(self: Any, other: Any) -> Any:
        if not (has_recorded(self) or is_recorded(other)) or (
            np.ndim(concrete(other)) == 0 and not sparse.issparse(other)
        ):
            return original(self, other)
        y = by_elements(self, as_array(other))
        return uncount(y) if sparse.issparse(other) or is_uncounted(self) else y

    return method


@patches("sum")
def _summing(original: Fn) -> Fn:
    def method(self: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        if not has_recorded(self):
            return original(self, axis, dtype, out)
        plain = original(stilled(self), axis)
        axis = axis[0] if type(axis) is tuple and len(axis) == 1 else axis
        if axis is None or type(axis) is tuple:
            return renewed(plain, np.sum(self.data))
        ones = np.ones(self.shape[axis])
        y = self.transpose() @ ones if axis % 2 == 0 else self @ ones
        return flavoured(y.reshape(plain.shape), np.matrix) if sparse.isspmatrix(self) else renewed(plain, y)

    return method


@patches("maximum", "minimum")
def _choosing(original: Fn) -> Fn:
    choose = getattr(np, original.__name__)

    def method(self: Any, other: Any) -> Any:
        if not (sparse.issparse(other) and (has_recorded(self) or has_recorded(other))):
            return original(self, other)
        return chosen(self, other, choose, type(compute(original, (stilled(self), stilled(other)), None)))

    return method


@patches("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
def _comparing(original: Fn) -> Fn:
    def method(self: Any, other: Any) -> Any:
        if not (sparse.issparse(other) and (has_recorded(self) or has_recorded(other))):
            return original(self, other)
        return compute(original, (stilled(self), stilled(other)), None)

    return method


@patches("setdiag")
def _writing_the_diagonal(original: Fn) -> Fn:
    """The labels of what is there, and of what is written, are written; then the numbers are taken by them."""

    def setdiag(self: Any, values: Any, k: int = 0) -> None:
        if not (has_recorded(self) or any_recorded(values)):
            original(self, values, k)
            return
        matrix, new = merged(self), as_array(values)
        plain, n = labelled(matrix), np.size(concrete(matrix.data))
        numbers = np.concatenate([np.ravel(matrix.data), np.ravel(new)])
        labels = n + 1 + np.arange(np.size(concrete(new))).reshape(np.shape(concrete(new)))
        compute(original, (plain, labels, k), None)
        self.__dict__.update(plain.__dict__)
        self.data = taken(numbers, plain.data)

    return setdiag


@patches("todense")
def _to_matrix(original: Fn) -> Fn:
    def todense(self: Any, order: Any = None, out: Any = None) -> Any:
        if not has_recorded(self) or out is not None:
            return original(self, order, out)
        y = self.toarray(order)
        return flavoured(y, np.matrix) if sparse.isspmatrix(self) else y

    return todense


# ── the functions that make matrices are Python code ──


def _composed(original: Fn) -> Fn:
    def make(*args: Any, **kwargs: Any) -> Any:
        nest = [*args, *kwargs.values()]
        if any(_holds(part) for part in nest):
            return run_body(original, args, kwargs)
        return original(*args, **kwargs)

    return make


def _holds(x: Any) -> bool:
    return any(map(_holds, x)) if type(x) in (list, tuple) else is_recorded(x)


for _name in "diags diags_array spdiags kron kronsum bmat block_array block_diag hstack vstack tril triu".split():  # noqa: SIM905
    replace(getattr(sparse, _name))(_composed)


@replace(_construct._stack_along_minor_axis)
def _side_by_side(original: Fn) -> Fn:
    def stack(blocks: Any, axis: int) -> Any:
        if len(blocks) < 2 or not any(map(has_recorded, blocks)):
            return original(blocks, axis)
        shape = original([stilled(b) for b in blocks], axis).shape
        parts, starts = [b.tocoo() for b in blocks], np.cumsum([0, *[b.shape[axis] for b in blocks]])
        places = [
            np.concatenate([p.coords[k] + (starts[n] if k == axis else 0) for n, p in enumerate(parts)]) for k in (0, 1)
        ]
        kind: Any = type(blocks[0])
        return kind((np.concatenate([p.data for p in parts]), tuple(places)), shape=shape)

    return stack
