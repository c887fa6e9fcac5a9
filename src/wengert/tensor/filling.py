"""Methods that write into a tensor, or scatter into a copy of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.tensor import creation, shapes, write
from wengert.tensor.call import call
from wengert.tensor.value import Tensor, data_of


def copy_(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """Every element becomes that of src, broadcast and converted."""
    return write.store(self, Ellipsis, creation.as_tensor(src))


def zero_(self: Tensor) -> Tensor:
    """Every element becomes 0."""
    return write.fill(self, 0)


def fill_(self: Tensor, value: Any) -> Tensor:
    """Every element becomes value."""
    return write.fill(self, value)


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Random numbers, normal."""
    return write.fill(self, creation.generator().normal(mean, std, data_of(self).shape))


def uniform_(self: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Random numbers, uniform on [a, b)."""
    return write.fill(self, creation.generator().uniform(a, b, data_of(self).shape))


def masked_fill_(self: Tensor, mask: Tensor, value: Any) -> Tensor:
    """value where mask is true, written into the tensor."""
    return write.store(self, np.broadcast_to(data_of(mask), data_of(self).shape), value)


def _at(self: Tensor, dim: int, index: Tensor) -> Any:
    return (slice(None),) * shapes.axis(data_of(self), dim) + (data_of(index),)


def index_fill_(self: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """value at the entries of index."""
    return write.store(self, _at(self, dim, index), value)


def index_copy_(self: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """The entries of source at the entries of index."""
    return write.store(self, _at(self, dim, index), source)


def index_add(self: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """source added at the entries of index, which may repeat."""
    places = _at(self, dim, index)
    return call("IndexAdd", _added, self, source if alpha == 1 else source * alpha, places=places)


def _added(x: Any, v: Any, places: Any) -> Any:
    y = x.copy()
    np.add.at(y, places, v)
    return y


def _grid(self: Tensor, dim: int, index: Tensor) -> Any:
    places = data_of(index)
    grid: list[Any] = list(np.ix_(*[np.arange(n) for n in places.shape]))
    grid[shapes.axis(data_of(self), dim)] = places
    return tuple(grid)


def _source(index: Tensor, src: Any) -> Any:
    if not isinstance(src, Tensor):
        return src
    return shapes.getitem(src, tuple([slice(n) for n in data_of(index).shape]))


def scatter_(self: Tensor, dim: int, index: Tensor, src: Any) -> Tensor:
    """self[…, index, …] = src, element by element along a dimension."""
    return write.store(self, _grid(self, dim, index), _source(index, src))


def scatter(self: Tensor, dim: int, index: Tensor, src: Any) -> Tensor:
    """`scatter_` on a copy."""
    return scatter_(creation.clone(self), dim, index, src)


def scatter_add(self: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """self[…, index, …] += src, element by element along a dimension; places may repeat."""
    return call("ScatterAdd", _added, self, _source(index, src), places=_grid(self, dim, index))
