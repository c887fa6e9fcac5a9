"""The same elements in another shape or order: views where NumPy gives views; and joining and splitting."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.record.index import GETITEM
from wengert.record.index import clean as clean_key
from wengert.rules import join, structure
from wengert.rules.diagonal import diagonal as _diagonal
from wengert.tensor.arithmetic import not_tensor
from wengert.tensor.call import call, line, view
from wengert.tensor.creation import clone, sizes, to
from wengert.tensor.value import Tensor, data_of
from wengert.tensor.write import index


class Size(tuple[int, ...]):
    """A shape, as PyTorch prints it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        """The number of elements."""
        return int(np.prod(self, dtype=int))


def getitem(input: Tensor, key: Any) -> Tensor:
    """input[key]."""
    if type(key) is not int and type(key) is not slice:
        key = clean_key(index(key))
    return view(input, GETITEM, {"key": key})


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The elements in order, in another shape; -1 stands for what is left."""
    new = shape if len(shape) > 1 and type(shape[0]) is int else sizes(shape)
    try:
        return view(input, structure.RESHAPE, {"shape": new}, "View", _reshaped)
    except ValueError:
        raise _unfit(data_of(input), new) from None


def view_as_shape(input: Tensor, *shape: Any, dtype: Any = None) -> Tensor:
    """`reshape` that never copies."""
    if dtype is not None or (len(shape) == 1 and isinstance(shape[0], (np.dtype, type))):
        raise NotImplementedError("view(dtype) is not supported.\nUse .to(dtype), which converts.")
    new = reshape(input, *shape)
    if new._alias is None and data_of(new).size:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces).\nUse .reshape(...) instead."
        )
    return new


def _reshaped(x: Any, shape: Any) -> Any:
    return x.reshape(shape)


def _unfit(x: Any, shape: tuple[int, ...]) -> RuntimeError:
    if shape.count(-1) > 1:
        return RuntimeError("only one dimension can be inferred\nGive all sizes but one.")
    return RuntimeError(
        f"shape '{list(shape)}' is invalid for input of size {x.size}\n"
        f"The input has shape {list(x.shape)}: the sizes must have the product {x.size}."
    )


def axis(x: Any, dim: int, extra: int = 0) -> int:
    """dim as an axis counted from the front."""
    n = max(np.ndim(x) + extra, 1)
    if not -n <= dim < n:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})\n"
            f"The tensor has shape {list(np.shape(x))}."
        )
    return dim % n


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from start_dim to end_dim made one."""
    x = data_of(input)
    if x.ndim == 0:
        return reshape(input, 1)
    a, b = axis(x, start_dim), axis(x, end_dim)
    return reshape(input, (*x.shape[:a], int(np.prod(x.shape[a : b + 1], dtype=int)), *x.shape[b + 1 :]))


def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """One dimension made several."""
    shape = data_of(input).shape
    k = axis(data_of(input), dim)
    return reshape(input, (*shape[:k], *sizes, *shape[k + 1 :]))


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without dimensions of size 1: all, or those given."""
    x = data_of(input)
    dims = range(x.ndim) if dim is None else [axis(x, d) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))]
    gone = tuple([k for k in dims if k < x.ndim and x.shape[k] == 1])
    return view(input, structure.SQUEEZE, {"axis": gone}, "Squeeze")


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a dimension of size 1 before position dim."""
    return view(input, structure.EXPAND, {"axis": axis(data_of(input), dim, 1)}, "Unsqueeze")


def permute(input: Tensor, *dims: Any) -> Tensor:
    """The dimensions in another order."""
    return view(input, structure.TRANSPOSE, {"axes": sizes(dims)}, "Permute")


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions swapped."""
    x = data_of(input)
    a, b = axis(x, dim0), axis(x, dim1)
    if x.ndim == 0:
        return view(input, structure.RESHAPE, {"shape": ()}, "Transpose")
    return view(input, structure.SWAPAXES, {"axis1": a, "axis2": b}, "Transpose")


def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a vector as it is."""
    n = data_of(input).ndim
    if n > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {n}D\nUse transpose(dim0, dim1).")
    return view(input, structure.TRANSPOSE, {"axes": None}, "T")


def reversed_axes(input: Tensor) -> Tensor:
    """x.T: all dimensions in reverse order."""
    return view(input, structure.TRANSPOSE, {"axes": None}, "Permute")


def matrix_transpose(input: Tensor) -> Tensor:
    """x.mT: the last two dimensions swapped."""
    return transpose(input, -2, -1)


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Dimensions moved elsewhere."""
    return view(input, structure.MOVEAXIS, {"source": source, "destination": destination}, "Permute")


def expand(input: Tensor, *shape: Any) -> Tensor:
    """Dimensions of size 1 repeated without copying; -1 leaves one as it is."""
    new, old = sizes(shape), data_of(input).shape
    old = (1,) * (len(new) - len(old)) + old
    whole = tuple([o if n == -1 else n for n, o in zip(new, old, strict=True)])
    if any([o not in (1, n) for n, o in zip(whole, old, strict=True)]):
        raise RuntimeError(
            f"The expanded size of the tensor {list(new)} must match the existing size {list(old)} at non-singleton "
            "dimensions\nOnly dimensions of size 1 can be expanded."
        )
    return view(input, structure.BROADCAST_TO, {"shape": whole}, "Expand")


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """`expand` to the shape of another tensor."""
    return expand(input, data_of(other).shape)


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """`view` in the shape of another tensor."""
    return view_as_shape(input, data_of(other).shape)


def contiguous(input: Tensor, **_: Any) -> Tensor:
    """The tensor with its elements in order in memory; itself if they are."""
    x = data_of(input)
    return input if type(x) is not np.ndarray or x.flags.c_contiguous else clone(input)


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` entries from `start` along a dimension."""
    k = axis(data_of(input), dim)
    return getitem(input, (slice(None),) * k + (slice(start, start + length),))


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """Entry `index` along a dimension."""
    return getitem(input, (slice(None),) * axis(data_of(input), dim) + (int(index),))


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """All entries along a dimension."""
    return tuple([select(input, dim, k) for k in range(data_of(input).shape[dim])])


def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of a size, or of the sizes in a list, along a dimension."""
    n = data_of(tensor).shape[dim]
    if isinstance(split_size_or_sections, (int, np.integer)):
        size = int(split_size_or_sections)
        lengths = [min(size, n - k) for k in range(0, n, size)]
    else:
        lengths = list(split_size_or_sections)
        if sum(lengths) != n:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {dim}), "
                f"but got split_sizes={lengths}\nMake them add up."
            )
    starts = np.cumsum([0, *lengths])
    return tuple([narrow(tensor, dim, int(s), m) for s, m in zip(starts, lengths, strict=False)])


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces of one size, the last one perhaps smaller."""
    return split(input, max(1, -(-data_of(input).shape[dim] // chunks)), dim)


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal of the matrices along two dimensions, as a view."""
    x = data_of(input)
    params = {"offset": offset, "axis1": axis(x, dim1), "axis2": axis(x, dim2), "shape": x.shape}
    return view(input, ROWS[_diagonal], params, "Diagonal")


# ── joined, repeated, picked ──


def _tensors(function: str, tensors: Any) -> list[Tensor]:
    parts = list(tensors)
    for part in parts:
        if not isinstance(part, Tensor):
            raise not_tensor(function, "tensors", part)
    return parts


def _concatenated(*xs: Any, axis: int) -> Any:
    return np.concatenate(xs, axis)


def _stacked(*xs: Any, axis: int) -> Any:
    """np.stack; of numbers and of what goes in front, np.array does it faster."""
    return np.array(xs) if axis == 0 and len({x.shape for x in xs}) == 1 else np.stack(xs, axis)


def _one_dtype(parts: list[Tensor]) -> list[Tensor]:
    return parts if len({data_of(p).dtype for p in parts}) == 1 else [to(p, _common(parts)) for p in parts]


def _common(parts: list[Tensor]) -> Any:
    return np.result_type(*[data_of(p).dtype for p in parts])


def cat(tensors: Any, dim: int = 0, *, axis: int | None = None) -> Tensor:
    """The tensors one after the other along a dimension."""
    dim = dim if axis is None else axis
    parts = [p for p in _tensors("cat", tensors) if data_of(p).shape != (0,)] or list(tensors)
    try:
        return line(join.CONCATENATE, "Cat", _one_dtype(parts), {"axis": dim}, _concatenated)
    except ValueError as error:
        raise RuntimeError(f"Sizes of tensors must match except in dimension {dim}.\n{error}") from None


def stack(tensors: Any, dim: int = 0, *, axis: int | None = None) -> Tensor:
    """The tensors along a new dimension."""
    dim = dim if axis is None else axis
    parts = _tensors("stack", tensors)
    try:
        return line(join.STACK, "Stack", _one_dtype(parts), {"axis": dim}, _stacked)
    except ValueError:
        raise RuntimeError(
            f"stack expects each tensor to be equal size, but got {[list(data_of(p).shape) for p in parts]}\n"
            "Reshape them, or use cat."
        ) from None


def vstack(tensors: Any) -> Tensor:
    """Stacked as rows."""
    return call("Cat", np.vstack, _tensors("vstack", tensors))


def hstack(tensors: Any) -> Tensor:
    """Side by side."""
    return call("Cat", np.hstack, _tensors("hstack", tensors))


def repeat(input: Tensor, *sizes_: Any) -> Tensor:
    """Copies of the whole, as many along each dimension."""
    return call("Repeat", np.tile, input, reps=sizes(sizes_))


def tile(input: Tensor, *dims: Any) -> Tensor:
    """`repeat`, with dimensions left out at the front counting 1."""
    return call("Repeat", np.tile, input, reps=sizes(dims))


def repeat_interleave(input: Tensor, repeats: Any, dim: int | None = None) -> Tensor:
    """Each element repeated."""
    times = data_of(repeats) if isinstance(repeats, Tensor) else repeats
    return call("RepeatInterleave", np.repeat, input, repeats=times, axis=dim)


def flip(input: Tensor, *dims: Any) -> Tensor:
    """In reverse order along dimensions."""
    return call("Flip", np.flip, input, axis=sizes(dims))


def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Shifted in a circle."""
    return call("Roll", np.roll, input, shift=shifts, axis=dims)


def _along(x: Any, places: Any, axis: int) -> Any:
    whole = x[tuple([slice(n) if k != axis else slice(None) for k, n in enumerate(np.shape(places))])]
    return np.take_along_axis(whole, places, axis)


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """input[…, index, …] along a dimension, element by element."""
    return call("Gather", _along, input, places=data_of(index), axis=axis(data_of(input), dim))


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The entries of `index` along a dimension."""
    return getitem(input, (slice(None),) * axis(data_of(input), dim) + (data_of(index),))


def take(input: Tensor, index: Tensor) -> Tensor:
    """Elements by their number in the flattened tensor."""
    return getitem(reshape(input, -1), data_of(index))


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where mask is true, in one dimension."""
    shape = np.broadcast_shapes(data_of(input).shape, data_of(mask).shape)
    return getitem(expand(input, shape), np.broadcast_to(data_of(mask), shape))


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle; zero above it."""
    return call("Tril", np.tril, input, k=diagonal)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle; zero below it."""
    return call("Triu", np.triu, input, k=diagonal)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """A matrix with this diagonal, or the diagonal of a matrix."""
    return call("Diag", np.diag, input, k=diagonal)


def pad(input: Tensor, pad: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """More at the edges: (before, after) of the last dimension first."""
    pairs = [(0, 0)] * data_of(input).ndim
    for k in range(len(pad) // 2):
        pairs[-1 - k] = (pad[2 * k], pad[2 * k + 1])
    if mode == "constant":
        return call("ConstantPadNd", np.pad, input, pad_width=pairs, constant_values=0.0 if value is None else value)
    return call("Pad", np.pad, input, pad_width=pairs, mode={"replicate": "edge", "circular": "wrap"}.get(mode, mode))
