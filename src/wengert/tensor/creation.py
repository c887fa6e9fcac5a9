"""Making tensors: from data, filled, ranges, random ones; and the dtypes by PyTorch's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.value import is_value
from wengert.tensor.arithmetic import mixed
from wengert.tensor.call import call
from wengert.tensor.modes import get_default_dtype
from wengert.tensor.value import EXPORTED, Tensor, data_of, parent_of

_KINDS: dict[str, Any] = {
    "float16": np.float16, "half": np.float16, "float32": np.float32, "float": np.float32, "float64": np.float64,
    "double": np.float64, "complex64": np.complex64, "cfloat": np.complex64, "complex128": np.complex128,
    "cdouble": np.complex128, "uint8": np.uint8, "int8": np.int8, "int16": np.int16, "short": np.int16,
    "int32": np.int32, "int": np.int32, "int64": np.int64, "long": np.int64, "bool": np.bool_,
}  # fmt: skip
"""PyTorch's name → NumPy's dtype."""
DTYPES: dict[str, Any] = {name: np.dtype(kind) for name, kind in _KINDS.items()}

NOT_FLOATING = (
    "only Tensors of floating point and complex dtype can require gradients\n"
    "This one is of dtype {}: write 2.0 for 2, or pass dtype=float64."
)


def require(t: Tensor, requires_grad: bool) -> Tensor:
    """t as a leaf that requires grad, or not."""
    if requires_grad and data_of(t).dtype.kind not in "fc":
        raise RuntimeError(NOT_FLOATING.format(data_of(t).dtype))
    t._requires = bool(requires_grad)
    return t


def made(x: Any, requires_grad: bool = False) -> Tensor:
    """A new leaf that holds x."""
    return require(Tensor(np.asarray(x)[()] if np.ndim(x) == 0 else x), requires_grad)


def tensor(data: Any, *, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A new tensor with a copy of the data: numbers, nested lists, arrays, or tensors in lists.

    Python floats become `get_default_dtype()`, float64 unless it was set; arrays keep their dtype.

    >>> from wengert import tensor as torch
    >>> torch.tensor([2.0, 3.0], requires_grad=True)
    tensor([2., 3.], requires_grad=True)
    """
    _only_cpu(device)
    return made(_array(data, dtype, True), requires_grad)


def _array(data: Any, dtype: Any, copy: bool) -> Any:
    if is_value(data):
        raise mixed()
    if isinstance(data, Tensor):
        x = data_of(data)
        return np.array(x, dtype) if copy else np.asarray(x, dtype)
    if isinstance(data, (np.ndarray, np.generic)):
        return np.array(data, dtype) if copy else np.asarray(data, dtype)
    x = np.array(_lowered(data))
    if x.dtype.kind in "OUSV":
        raise TypeError(
            f"tensor() cannot take data of type {type(data).__name__}\nPass numbers, arrays or lists of them."
        )
    if dtype is None and x.dtype.kind == "f":
        dtype = get_default_dtype() if not _holds_arrays(data) else x.dtype
    if dtype is None and x.size == 0:
        dtype = get_default_dtype()
    return x if dtype is None else x.astype(dtype)


def _holds_arrays(data: Any) -> bool:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic, Tensor)) and not isinstance(data, float)


def _lowered(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return [_lowered(part) for part in data]
    if is_value(data):
        raise mixed()
    return data_of(data) if isinstance(data, Tensor) else data


def _only_cpu(device: Any) -> None:
    if device is not None and str(device).partition(":")[0] != "cpu":
        raise RuntimeError(f"tensors of wengert live in NumPy's memory, not on device {device}\nLeave device out.")


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """data as a tensor: itself if it is one, sharing memory if it is an array."""
    _only_cpu(device)
    if isinstance(data, Tensor):
        return data if dtype is None or data_of(data).dtype == np.dtype(dtype) else to(data, dtype)
    if isinstance(data, np.ndarray) and not is_value(data) and (dtype is None or data.dtype == np.dtype(dtype)):
        return from_numpy(data)
    return tensor(data, dtype=dtype)


def from_numpy(array: Any) -> Tensor:
    """The tensor that shares memory with an array: writes to one show in the other."""
    if is_value(array):
        raise mixed()
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})\nPass an array, or use tensor(...).")
    t = made(array)
    t._held = EXPORTED
    return t


def convert(x: Any, dtype: Any) -> Any:
    """x.astype(dtype), for arrays and recorded values."""
    return x.astype(dtype)


def to(input: Tensor, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False, **_: Any) -> Tensor:
    """The tensor in another dtype; itself if it has that one already."""
    for a in args:
        if isinstance(a, Tensor):
            dtype = data_of(a).dtype
        elif isinstance(a, str):
            device = a
        elif isinstance(a, (type, np.dtype)):
            dtype = a
    _only_cpu(device)
    x = data_of(input)
    if dtype is None or x.dtype == np.dtype(dtype):
        return clone(input) if copy else input
    new = np.dtype(dtype)
    if new.kind not in "fc" or parent_of(input) is None:
        return Tensor(x.astype(new))
    return call("ToCopy", convert, input, dtype=new)


def clone(input: Tensor, memory_format: Any = None) -> Tensor:
    """A copy of the tensor, with its derivative."""
    return call("Clone", _copied, input)


def _copied(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x * 1


# ── filled ──


def sizes(size: Any) -> tuple[int, ...]:
    """`(2, 3)` of `f(2, 3)` and `f((2, 3))` alike."""
    if len(size) == 1 and not isinstance(size[0], (int, np.integer, Tensor)):
        size = size[0]
    return tuple([int(n) for n in size])


def _dtype(dtype: Any) -> Any:
    return get_default_dtype() if dtype is None else np.dtype(dtype)


def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None, out: Any = None) -> Tensor:
    """Zeros."""
    _only_cpu(device)
    return made(np.zeros(sizes(size), _dtype(dtype)), requires_grad)


def ones(*size: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Ones."""
    _only_cpu(device)
    return made(np.ones(sizes(size), _dtype(dtype)), requires_grad)


def empty(*size: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Whatever the memory holds."""
    _only_cpu(device)
    return made(np.empty(sizes(size), _dtype(dtype)), requires_grad)


def full(size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """fill_value everywhere."""
    _only_cpu(device)
    value = data_of(fill_value) if isinstance(fill_value, Tensor) else fill_value
    kind = get_default_dtype() if dtype is None and isinstance(value, float) else dtype
    return made(np.full(sizes((size,)), value, kind), requires_grad)


def _like(make: Any) -> Any:
    def like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
        x = data_of(input)
        return make(x.shape, dtype=x.dtype if dtype is None else dtype, requires_grad=requires_grad, device=device)

    like.__name__ = f"{make.__name__}_like"
    like.__doc__ = f"`{make.__name__}` in the shape and dtype of the input."
    return like


zeros_like, ones_like, empty_like = _like(zeros), _like(ones), _like(empty)


def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """fill_value in the shape and dtype of the input."""
    x = data_of(input)
    return full(x.shape, fill_value, dtype=x.dtype if dtype is None else dtype, requires_grad=requires_grad)


# ── ranges ──


def arange(*limits: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None, **named: Any) -> Tensor:
    """start, start + step, …, below end."""
    _only_cpu(device)
    start, end, step = named.get("start", 0), named.get("end"), named.get("step", 1)
    if len(limits) == 1:
        end = limits[0]
    elif len(limits) > 1:
        start, end, step = (*limits, step)[:3]
    numbers: list[Any] = [n.item() if isinstance(n, Tensor) else n for n in (start, end, step)]
    if dtype is None:
        dtype = get_default_dtype() if any([isinstance(n, float) for n in numbers]) else np.int64
    return made(np.arange(*numbers).astype(dtype), requires_grad)


def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`steps` numbers at equal distances from start to end."""
    return made(np.linspace(_plain(start), _plain(end), steps).astype(_dtype(dtype)), requires_grad)


def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """`steps` numbers at equal ratios from baseˢᵗᵃʳᵗ to baseᵉⁿᵈ."""
    return made(np.logspace(_plain(start), _plain(end), steps, base=base).astype(_dtype(dtype)), requires_grad)


def _plain(n: Any) -> Any:
    return n.item() if isinstance(n, Tensor) else n


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """The identity matrix."""
    return made(np.eye(n, m, dtype=_dtype(dtype)), requires_grad)


# ── random ──


class _Random:
    generator = np.random.default_rng()
    seed = 0


def manual_seed(seed: int) -> None:
    """Begin the sequence of random numbers anew. The numbers are NumPy's, not PyTorch's."""
    _Random.seed = int(seed)
    _Random.generator = np.random.default_rng(seed)


def initial_seed() -> int:
    """The seed last given to `manual_seed`."""
    return _Random.seed


def rand(*size: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Uniform on [0, 1)."""
    _only_cpu(device)
    return made(_Random.generator.random(sizes(size)).astype(_dtype(dtype)), requires_grad)


def randn(*size: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Standard normal."""
    _only_cpu(device)
    return made(np.asarray(_Random.generator.standard_normal(sizes(size))).astype(_dtype(dtype)), requires_grad)


def randint(low: int, high: Any = None, size: Any = None, *, dtype: Any = np.int64) -> Tensor:
    """Whole numbers from low (or 0) to high − 1."""
    if size is None:
        low, high, size = 0, low, high
    return made(_Random.generator.integers(low, high, sizes((size,))).astype(dtype))


def randperm(n: int) -> Tensor:
    """A random order of 0, …, n − 1."""
    return made(_Random.generator.permutation(n))


rand_like, randn_like = _like(rand), _like(randn)


def normal(mean: Any = 0.0, std: Any = 1.0, size: Any = None) -> Tensor:
    """Normal with mean and standard deviation."""
    m, s = (data_of(p) if isinstance(p, Tensor) else p for p in (mean, std))
    shape = np.broadcast_shapes(np.shape(m), np.shape(s)) if size is None else sizes((size,))
    return made((m + s * _Random.generator.standard_normal(shape)).astype(get_default_dtype()))


def bernoulli(input: Tensor) -> Tensor:
    """1 with the probability that each element says, else 0."""
    p = data_of(input)
    return made((_Random.generator.random(p.shape) < p).astype(p.dtype))


def generator() -> Any:
    """The source of random numbers."""
    return _Random.generator
