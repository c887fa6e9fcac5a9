"""Sparse matrices that are filled element by element (lil, dok), of recorded numbers, and writes into csr and csc.

Once a recorded number has been written into one, its elements are in a dict of ours, `elements`, which is that of a dok
matrix. What a lil matrix had in its place is None: a method that does not know of the dict fails.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.swap import METHODS
from wengert.record.value import concrete, is_value
from wengert.rules.axes import as_array
from wengert.rules.scipy_sparse import LISTED, NAMES, patches
from wengert.rules.sparse_labels import has_recorded, is_uncounted, labelled, merged, sparse, taken, uncount

Fn = Callable[..., Any]


def elements_of(x: Any) -> Any:
    """The dict of elements of a lil or dok matrix of recorded numbers; None for a plain one."""
    return vars(x).get("elements")


def _holds(x: Any) -> bool:
    """Whether there are recorded numbers in an array, or a sparse matrix of any format."""
    return elements_of(x) is not None if type(x) in LISTED else any_recorded(x) or has_recorded(x)


def filled(x: Any) -> dict[tuple[int, int], Any]:
    """The elements of a lil or dok matrix, which are in our dict from now on."""
    elements = elements_of(x)
    if elements is None:
        plain = x.tocoo()
        elements = dict(zip(zip(*[c.tolist() for c in plain.coords], strict=True), plain.data, strict=True))
        _hand_over(x, elements)
    return elements


def _hand_over(x: Any, elements: Any) -> None:
    x.__dict__["elements"] = elements
    for name in ("rows", "data"):
        if name in vars(x):
            x.__dict__[name] = None
    if "_dict" in vars(x):
        x.__dict__["_dict"] = elements


def _places(x: Any, key: Any) -> Any:
    """(rows, columns) that an index names, as NumPy has them."""
    rows, columns = key if type(key) is tuple and len(key) == 2 else (key, slice(None))
    parts = [np.arange(n)[concrete(part)] for n, part in zip(x.shape, (rows, columns), strict=True)]
    if isinstance(rows, slice) or isinstance(columns, slice):
        axes = [p[:, None] if k == 0 and np.ndim(p) and np.ndim(parts[1]) else p for k, p in enumerate(parts)]
        return np.broadcast_arrays(*axes)
    return np.broadcast_arrays(*parts)


def as_coo(x: Any) -> Any:
    """The matrix as a coo one, its elements in SciPy's order."""
    elements = elements_of(x)
    places = sorted(elements) if x.format == "lil" else list(elements)
    rows, columns = (np.array([p[k] for p in places], dtype=int) for k in (0, 1))
    kind = sparse.coo_matrix if sparse.isspmatrix(x) else sparse.coo_array
    made = kind((np.array([elements[p] for p in places]), (rows, columns)), shape=x.shape)
    return uncount(made) if is_uncounted(x) else made


def as_csr(x: Any) -> Any:
    """The matrix as a csr one."""
    return as_coo(x).tocsr()


# ── methods of lil and dok ──


def _writing(original: Fn) -> Fn:
    def setitem(self: Any, key: Any, value: Any) -> None:
        if elements_of(self) is None and not _holds(value):
            original(self, key, value)
            return
        if np.dtype(self.dtype).kind not in "fc":
            original(self, key, value)  # refuses
        elements = filled(self)
        rows, columns = _places(self, key)
        dense = value.toarray() if sparse.issparse(value) else as_array(value)
        values = np.broadcast_to(dense, rows.shape)
        for place in np.ndindex(rows.shape):
            _put(elements, (int(rows[place]), int(columns[place])), values[place])

    return setitem


def _put(elements: Any, place: tuple[int, int], value: Any) -> None:
    if not is_value(value) and value == 0:
        elements.pop(place, None)  # as SciPy has it
    else:
        elements[place] = value


def _reading(original: Fn) -> Fn:
    def getitem(self: Any, key: Any) -> Any:
        elements = elements_of(self)
        if elements is None:
            return original(self, key)
        rows, columns = _places(self, key)
        if not np.ndim(rows):
            return elements.get((int(rows), int(columns)), self.dtype.type(0))
        return as_csr(self)[key]

    return getitem


def _diagonal(original: Fn) -> Fn:
    def setdiag(self: Any, values: Any, k: int = 0) -> None:
        if elements_of(self) is None and not any_recorded(values):
            original(self, values, k)
            return
        start, n = max(-k, 0), min(self.shape[0] + min(k, 0), self.shape[1] - max(k, 0))
        source = as_array(values)
        n = min(n, len(source)) if np.ndim(source) else n
        self[np.arange(start, start + n), np.arange(start, start + n) + k] = source[:n] if np.ndim(source) else source

    return setdiag


def _copying(original: Fn) -> Fn:
    def copy(self: Any, *args: Any, **kwargs: Any) -> Any:
        if elements_of(self) is None:
            return original(self, *args, **kwargs)
        y = type(self)(self.shape, dtype=self.dtype)
        _hand_over(y, dict(elements_of(self)))
        return uncount(y) if is_uncounted(self) else y

    return copy


def _through_csr(original: Fn, name: str) -> Fn:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if elements_of(self) is None:
            return original(self, *args, **kwargs)
        others = [as_csr(a) if type(a) in LISTED and _holds(a) else a for a in args]
        return as_coo(self) if name == "tocoo" else getattr(as_csr(self), name)(*others, **kwargs)

    return method


_OWN: dict[str, Fn] = {"__setitem__": _writing, "__getitem__": _reading, "setdiag": _diagonal, "copy": _copying}
_BY_CSR = (
    "tocsr", "tocsc", "tocoo", "todia", "tobsr", "toarray", "todense", "transpose", "diagonal", "sum", "multiply",
    "dot", "_matmul_dispatch", "_rmatmul_dispatch", "__add__", "__radd__", "__sub__", "__rsub__", "__mul__",
    "__rmul__", "__neg__", "__truediv__", "trace", "getrow", "getcol", "reshape", "_getnnz", "_mul_scalar",
    "mean", "power", "__pow__", "count_nonzero",
)  # fmt: skip

for _kind in LISTED:
    MADE_BY[_kind] = NAMES | {"tolil", "todok"}
    for _name in (*_OWN, *_BY_CSR):
        _original: Any = getattr(_kind, _name, None)
        if _original is not None:
            _ours = _OWN[_name](_original) if _name in _OWN else _through_csr(_original, _name)
            METHODS.append((_kind, _name, _original, wraps(_original)(_ours)))


# ── from and to other formats ──


def of_recorded(kind: Any, source: Any) -> Any:
    """A lil or dok matrix of recorded numbers."""
    coo = merged(source if sparse.issparse(source) else sparse.coo_array(source)).tocoo()
    y = kind(coo.shape, dtype=concrete(coo.data).dtype)
    keys = zip(*[c.tolist() for c in coo.coords], strict=True)
    _hand_over(y, {key: coo.data[k] for k, key in enumerate(keys)})
    return uncount(y) if is_uncounted(coo) else y


_making_lists: Any = {kind: kind.__init__ for kind in LISTED}


def _init(kind: Any) -> Fn:
    original = _making_lists[kind]

    @wraps(original)
    def init(self: Any, arg1: Any, *args: Any, **kwargs: Any) -> None:
        source = arg1 if type(arg1) is not tuple and (has_recorded(arg1) or any_recorded(arg1)) else None
        if source is None:
            original(self, arg1, *args, **kwargs)
            return
        made = of_recorded(type(self), source)
        original(self, made.shape, dtype=made.dtype)
        _hand_over(self, elements_of(made))
        if is_uncounted(made):
            uncount(self)

    return init


for _kind in LISTED:
    METHODS.append((_kind, "__init__", _making_lists[_kind], _init(_kind)))


@patches("tolil", "todok")
def _to_lists(original: Fn) -> Fn:
    form = original.__name__.removeprefix("to")

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not has_recorded(self):
            return original(self, *args, **kwargs)
        return of_recorded(getattr(sparse, f"{form}_{'matrix' if sparse.isspmatrix(self) else 'array'}"), self)

    return method


@patches("__setitem__")
def _writing_compressed(original: Fn) -> Fn:
    """The labels of what is there, and of what is written, are written; then the numbers are taken by them."""

    def setitem(self: Any, key: Any, value: Any) -> None:
        if self.format not in ("csr", "csc") or not (has_recorded(self) or _holds(value)):
            original(self, key, value)
            return
        new = value.toarray() if sparse.issparse(value) else as_array(value)
        plain, n = labelled(self), np.size(concrete(self.data))
        original(plain, key, n + 1 + np.arange(np.size(concrete(new))).reshape(np.shape(concrete(new))))
        numbers = np.concatenate([np.ravel(self.data), np.ravel(new)])
        self.__dict__.update(plain.__dict__)
        self.data = taken(numbers, plain.data)

    return setitem
