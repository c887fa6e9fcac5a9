"""Helpers that SciPy's Python functions share: which array library, where a condition holds, copies."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy._lib._util import _lazyselect

from wengert.record.build import contains_value
from wengert.record.observe import look
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete, is_value
from wengert.rules.scipy_composed import compose
from wengert.rules.scipy_private import api, compat, extra, helpers

compose(api, "_asarray xp_copy xp_promote xp_result_type xp_ravel xp_float_to_complex concat_1d")


@replace(api.array_namespace, helpers.array_namespace)
def _namespace(original: Any) -> Any:
    def namespace(*arrays: Any, **options: Any) -> Any:
        return compat if any([is_value(a) for a in arrays]) else original(*arrays, **options)

    return namespace


@replace(compat.asarray)
def _asarray(original: Any) -> Any:
    def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: Any = None, **options: Any) -> Any:
        if not contains_value(obj):
            return original(obj, dtype=dtype, device=device, copy=copy, **options)
        return np.array(obj, dtype, copy=True) if copy else np.asarray(obj, dtype)

    return asarray


@replace(helpers.is_writeable_array)
def _writeable(original: Any) -> Any:
    return lambda x: concrete(x).flags.writeable if is_value(x) else original(x)


@replace(api.is_array_api_obj, helpers.is_array_api_obj)
def _is_array(original: Any) -> Any:
    return lambda x: True if is_value(x) else original(x)


@replace(extra.apply_where)
def _apply_where(original: Any) -> Any:
    def apply_where(
        cond: Any, args: Any, f1: Any, f2: Any = None, /, *, fill_value: Any = None, kwargs: Any = None, xp: Any = None
    ) -> Any:
        options = {} if kwargs is None else {"kwargs": kwargs}
        several = list(args) if isinstance(args, (list, tuple)) else [args]
        if not any([is_value(a) for a in (cond, fill_value, *several)]):
            return original(cond, args, f1, f2, fill_value=fill_value, xp=xp, **options)
        return branches(cond, several, f1, f2, fill_value, kwargs or {})

    return apply_where


def branches(cond: Any, args: list[Any], f1: Any, f2: Any, fill: Any, kwargs: dict[str, Any]) -> Any:
    """f1 of the arguments where the condition holds; f2 of them, or a fill value, elsewhere."""
    cond = np.asarray(look(cond))
    shape = np.broadcast_shapes(cond.shape, *[np.shape(concrete(a)) for a in args])
    cond = np.broadcast_to(cond, shape)
    args = [np.broadcast_to(np.asarray(a), shape) for a in args]
    first = f1(*[a[cond] for a in args], **kwargs)
    second = fill if f2 is None else f2(*[a[~cond] for a in args], **kwargs)
    if f2 is None and np.ndim(concrete(fill)):
        second = np.broadcast_to(fill, shape)[~cond]
    out = np.empty(shape, np.result_type(concrete(first), concrete(second)))
    out[cond] = first
    out[~cond] = second
    return out


@replace(_lazyselect)
def _select(original: Any) -> Any:
    def lazyselect(condlist: Any, choicelist: Any, arrays: Any, default: Any = 0) -> Any:
        if not any([is_value(a) for a in arrays]):
            return original([look(c) for c in condlist], choicelist, arrays, default)
        arrays = np.broadcast_arrays(*arrays)
        out = np.full(np.shape(concrete(arrays[0])), default, np.mintypecode([concrete(a).dtype.char for a in arrays]))
        for f, cond in zip(choicelist, condlist, strict=True):
            here = np.broadcast_to(look(cond), out.shape)
            out[here] = f(*[a[here] for a in arrays])
        return out

    return lazyselect


if hasattr(api, "xp_promote"):

    @replace(api.xp_promote)
    def _promote(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def xp_promote(*args: Any, **options: Any) -> Any:
            if not any([contains_value(a) for a in args]):
                return original(*args, **options)
            return run_body(original, args, options)

        return xp_promote
