"""numpy.ma of recorded numbers: its functions, by name; the arrays are in `rules.masked_array`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.swap import METHODS, replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.masked_array import (
    Masked,
    data_of,
    dot,
    fill_of,
    full,
    joined,
    mapped,
    mask_of,
    masked,
    nomask,
    refuse,
)
from wengert.rules.solved import still

Fn = Callable[..., Any]
ma: Any = np.ma


def _is_ours(x: Any) -> bool:
    if type(x) in (list, tuple):
        return any(map(_is_ours, x))
    return type(x) is Masked or any_recorded(x)


def masks(*names: str) -> Callable[[Fn], Fn]:
    """Decorator: of(name) → the function to call instead of numpy.ma's where an argument is recorded."""

    def register(of: Fn) -> Fn:
        for name in names:
            if getattr(ma, name) is getattr(np, name, None):
                continue  # numpy.ma lends some of NumPy's own
            replace(getattr(ma, name))(lambda original, name=name: _choosing(original, of(name)))
        return of

    return register


def _choosing(original: Any, ours: Fn) -> Fn:
    def function(*args: Any, **kwargs: Any) -> Any:
        if any(map(_is_ours, args)) or any(map(_is_ours, kwargs.values())):
            return ours(*args, **kwargs)
        return original(*args, **kwargs)

    return function


def as_masked(x: Any) -> Masked:
    """x as a masked array."""
    return x if type(x) is Masked else Masked(data_of(x), mask_of(x))


# ── making one ──


def make(
    data: Any, mask: Any = nomask, dtype: Any = None, copy: bool = False, fill_value: Any = None, **options: Any
) -> Any:
    """np.ma.array(data, mask)."""
    values, given = data_of(data), mask_of(data) if options.get("keep_mask", True) else nomask
    values = values if dtype is None else values.astype(dtype)
    if mask is not nomask:
        hidden = _fitting(np.asarray(still(data_of(mask)), bool), np.shape(concrete(values)))
        given = hidden if given is nomask else joined(given, full(hidden, np.shape(concrete(values))))
    fill_value = fill_of(data) if fill_value is None else fill_value
    made = Masked(np.copy(values) if copy else values, joined(given) if copy else given, fill_value)
    missing = options.get("ndmin", 0) - made.ndim
    return made.reshape((1,) * missing + made.shape) if missing > 0 else made


def _fitting(mask: Any, shape: Any) -> Any:
    """A mask of as many elements in another shape is one in this; of one element, it is that everywhere."""
    if mask.shape == shape or mask.size == 1:
        return mask
    if mask.size != np.prod(shape):
        raise ma.MaskError(
            f"Mask and data not compatible: data size is {int(np.prod(shape))}, mask size is {mask.size}."
        )
    return mask.reshape(shape)


masks("array", "asarray", "asanyarray")(lambda _: make)
_new = ma.MaskedArray.__new__


def _making(kind: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
    return make(data, *args, **kwargs) if _is_ours(data) or _is_ours(kwargs) else _new(kind, data, *args, **kwargs)


MADE_BY[ma.MaskedArray] = frozenset({"ma", *[name for name in ma.__all__ if name.startswith("masked")]})
METHODS.append((ma.MaskedArray, "__new__", staticmethod(_new), staticmethod(_making)))

CONDITIONS: dict[str, Fn] = {
    "masked_equal": lambda x, v: x == v, "masked_not_equal": lambda x, v: x != v, "masked_less": lambda x, v: x < v,
    "masked_less_equal": lambda x, v: x <= v, "masked_greater": lambda x, v: x > v,
    "masked_greater_equal": lambda x, v: x >= v,
    "masked_inside": lambda x, a, b: (x >= min(a, b)) & (x <= max(a, b)),
    "masked_outside": lambda x, a, b: (x < min(a, b)) | (x > max(a, b)),
    "masked_invalid": lambda x: ~np.isfinite(x),
    "masked_values": lambda x, v, rtol=1e-5, atol=1e-8: np.isclose(x, v, rtol, atol),
}  # fmt: skip


@masks(*CONDITIONS)
def _where_condition(name: str) -> Fn:
    def make_where(x: Any, *limits: Any, copy: bool = True, shrink: bool = True, **kwargs: Any) -> Any:
        limits = (*limits, *[kwargs.pop(key) for key in ("value", "v1", "v2") if key in kwargs])
        condition = CONDITIONS[name](still(data_of(x)), *map(still, limits), **kwargs)
        made = _also_masked(x, np.asarray(condition), copy)
        if name in ("masked_equal", "masked_values"):
            made.fill_value = limits[0]
        return made

    return make_where


def _also_masked(x: Any, condition: Any, copy: bool) -> Any:
    """x, masked where it was and where the condition holds; without a copy x has that mask too, if it had one."""
    mask = joined(mask_of(x), condition)
    if copy:
        return Masked(np.copy(data_of(x)), mask, fill_of(x))
    y = Masked(data_of(x), mask_of(x), fill_of(x))
    y.mask = mask
    return y


@masks("masked_where")
def _masked_where(_: str) -> Fn:
    def masked_where(condition: Any, a: Any, copy: bool = True) -> Any:
        hidden = np.asarray(still(data_of(condition)), bool) | full(mask_of(condition), np.shape(concrete(data_of(a))))
        return _also_masked(a, hidden, copy)

    return masked_where


@masks("fix_invalid")
def _fix_invalid(_: str) -> Fn:
    def fix_invalid(a: Any, mask: Any = nomask, copy: bool = True, fill_value: Any = None) -> Any:
        made = make(a, mask, fill_value=fill_value)
        bad = ~np.isfinite(still(made.data))
        return Masked(np.where(bad, made.fill_value, made.data), joined(made.mask, bad), fill_of(a))

    return fix_invalid


# ── element by element ──

UFUNCS = (
    "sqrt", "log", "log2", "log10", "exp", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh",
    "tanh", "arcsinh", "arccosh", "arctanh", "fabs", "negative", "absolute", "floor", "ceil", "add",
    "subtract", "multiply", "divide", "true_divide", "power", "hypot", "arctan2", "maximum", "minimum",
    "remainder", "fmod", "floor_divide", "equal", "not_equal", "less", "less_equal", "greater",
    "greater_equal", "logical_and", "logical_or", "logical_not", "bitwise_and", "bitwise_or", "bitwise_xor",
    "conjugate",
)  # fmt: skip


@masks(*UFUNCS, "abs")
def _ufunc(name: str) -> Fn:
    ufunc = getattr(np, name)
    return lambda *xs: mapped(ufunc, *xs)


@masks("where")
def _where(_: str) -> Fn:
    def where(condition: Any, x: Any, y: Any) -> Any:
        c = np.asarray(still(data_of(condition)), bool)
        shape = np.broadcast_shapes(*[np.shape(concrete(data_of(part))) for part in (condition, x, y)])
        hidden = [np.ones(shape, bool) if part is masked else full(mask_of(part), shape) for part in (x, y)]
        values = [0.0 if part is masked else data_of(part) for part in (x, y)]
        mask = np.where(c, *hidden) | full(mask_of(condition), shape)
        return Masked(np.where(c, *values), mask if np.any(mask) else nomask)

    return where


# ── methods as functions ──

AS_METHODS = (
    "sum", "prod", "product", "mean", "var", "std", "max", "min", "ptp", "cumsum", "cumprod", "count", "anom",
    "filled", "compressed", "ravel", "reshape", "transpose", "clip", "copy", "squeeze", "argmax", "argmin",
    "argsort", "all", "any",
)  # fmt: skip


@masks(*AS_METHODS, "anomalies", "amax", "amin")
def _as_method(name: str) -> Fn:
    method = {"product": "prod", "anomalies": "anom", "amax": "max", "amin": "min"}.get(name, name)
    return lambda x, *args, **kwargs: getattr(as_masked(x), method)(*args, **kwargs)


@masks("sort")
def _sort(_: str) -> Fn:
    def sort(a: Any, axis: Any = -1, **kwargs: Any) -> Any:
        y = as_masked(a).ravel() if axis is None else as_masked(a).copy()
        y.sort(-1 if axis is None else axis, **kwargs)
        return y

    return sort


@masks("dot")
def _dot(_: str) -> Fn:
    return dot


@masks("getdata", "getmask", "getmaskarray")
def _part(name: str) -> Fn:
    if name == "getdata":
        return lambda a, subok=True: data_of(a)
    return lambda a: mask_of(a) if name == "getmask" else full(mask_of(a), np.shape(concrete(data_of(a))))


@masks("average")
def _average(_: str) -> Fn:
    def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
        a, keepdims = as_masked(a), bool(keepdims is True)
        if weights is None:
            y, total = a.mean(axis, keepdims=keepdims), a.count(axis, keepdims) * 1.0
        else:
            shape = np.shape(concrete(data_of(weights)))
            w, hidden = _along_axis(data_of(weights), a, axis), _along_axis(full(mask_of(weights), shape), a, axis)
            w = Masked(w, joined(a.mask, hidden) if np.any(hidden) else a.mask)
            total = w.sum(axis, keepdims=keepdims)
            y = (a * w).sum(axis, keepdims=keepdims) / total
        return (y, total) if returned else y

    return average


def _along_axis(w: Any, a: Masked, axis: Any) -> Any:
    """Weights of a's shape, or along one axis of it."""
    if np.shape(concrete(w)) != a.shape:
        w = np.broadcast_to(w, (a.ndim - 1) * (1,) + np.shape(concrete(w))).swapaxes(-1, axis)
    return np.broadcast_to(w, a.shape)


@masks("median")
def _median(_: str) -> Fn:
    def median(a: Any, axis: Any = None, **kwargs: Any) -> Any:
        if kwargs:
            raise refuse("np.ma.median with options")
        a = as_masked(a)
        if axis is None:
            rest = a.compressed()
            return np.median(rest) if np.size(concrete(rest)) else masked
        lines = a._moved(np.moveaxis, axis, -1)
        parts = [median(lines[place]) for place in np.ndindex(lines.shape[:-1])]
        hidden = np.array([p is masked for p in parts]).reshape(lines.shape[:-1])
        values = np.stack([0.0 if p is masked else p for p in parts]).reshape(lines.shape[:-1])
        return Masked(values, hidden if np.any(hidden) else nomask)

    return median


@masks("concatenate", "stack", "vstack", "hstack", "column_stack", "dstack")
def _together(name: str) -> Fn:
    join = getattr(np, name)

    def together(arrays: Any, *args: Any, **kwargs: Any) -> Any:
        arrays = list(arrays)
        data = join([data_of(a) for a in arrays], *args, **kwargs)
        hidden = [full(mask_of(a), np.shape(concrete(as_array(data_of(a))))) for a in arrays]
        mask = join(hidden, *args, **kwargs)
        return Masked(data, mask if np.any(mask) else nomask)

    return together


@masks("atleast_1d", "atleast_2d", "atleast_3d")
def _at_least(name: str) -> Fn:
    change = getattr(np, name)

    def at_least(*xs: Any) -> Any:
        ys = [as_masked(x)._moved(change) for x in xs]
        return ys[0] if len(ys) == 1 else tuple(ys)

    return at_least


REFUSED = ("apply_along_axis", "choose", "put", "putmask", "unique")


@masks(*[name for name in REFUSED if hasattr(ma, name)])
def _refused(name: str) -> Fn:
    def no(*_: Any, **__: Any) -> Any:
        raise refuse(f"np.ma.{name}")

    return no


# ── plain masked arrays that meet recorded ones ──


def _meeting(original: Fn, name: str) -> Fn:
    def operate(self: Any, other: Any, **options: Any) -> Any:
        if not _is_ours(other):
            return original(self, other, **options)
        return getattr(as_masked(self), name)(other)

    return operate


METHODS.append((ma.MaskedArray, "dot", ma.MaskedArray.dot, _meeting(ma.MaskedArray.dot, "dot")))
for _name in ("add", "sub", "mul", "truediv", "pow", "floordiv", "lt", "le", "gt", "ge", "eq", "ne"):
    for _full in (f"__{_name}__", f"__r{_name}__"):
        if _full in vars(ma.MaskedArray):
            _original = vars(ma.MaskedArray)[_full]
            METHODS.append((ma.MaskedArray, _full, _original, _meeting(_original, _full)))
