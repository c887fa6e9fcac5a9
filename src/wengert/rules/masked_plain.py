"""NumPy's functions of masked arrays in which nothing is masked: they see the data, NumPy is asked what they give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.flavoured import leaves
from wengert.record.locate import full_name
from wengert.record.protocols import OF_MASKED, lower
from wengert.record.replaced import REPLACED, original_of
from wengert.record.swap import Paused
from wengert.record.value import concrete
from wengert.rules import masked_array
from wengert.rules.masked_array import Masked, mask_of, nomask, refuse

Fn = Callable[..., Any]
_KINDS = (Masked, np.ma.MaskedArray)


def _nest(x: Any, change: Fn) -> Any:
    if type(x) in (list, tuple):
        return type(x)([_nest(part, change) for part in x])
    if type(x) is dict:
        return {name: _nest(part, change) for name, part in x.items()}
    return change(x) if isinstance(x, _KINDS) else x


def _data(x: Any) -> Any:
    return x.data


def _numpys(x: Any) -> Any:
    return np.ma.array(concrete(x.data), mask=x.mask) if type(x) is Masked else x


def as_data(function: Fn, args: Any, kwargs: Any) -> Any:
    """function(*args), where nothing is masked: of the data, in the classes that NumPy gives its results."""
    if any([np.any(mask_of(x)) for x in leaves((args, kwargs))]) or kwargs.get("out") is not None:
        raise refuse(full_name(function))
    with Paused():
        plain = function(*lower(_nest(args, _numpys)), **lower(_nest(kwargs, _numpys)))
    reached = original_of(function) or function
    y = REPLACED.get(reached, function)(*_nest(args, _data), **_nest(kwargs, _data))
    return _of_class(y, plain, full_name(function))


def _of_class(y: Any, plain: Any, name: str) -> Any:
    if isinstance(plain, (tuple, list)) and isinstance(y, (tuple, list)) and len(y) == len(plain):
        parts = [_of_class(a, b, name) for a, b in zip(y, plain, strict=True)]
        return type(plain)(*parts) if hasattr(plain, "_fields") else type(plain)(parts)
    if np.any(np.ma.getmask(plain)) or not _is_same(concrete(y), np.ma.getdata(plain)):
        raise refuse(name)
    return Masked(y, nomask) if isinstance(plain, np.ma.MaskedArray) and np.ndim(plain) else y


def _is_same(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.all((a == b) | ((a != a) & (b != b))))


def _meeting(function: Fn, args: Any, kwargs: Any) -> Any:
    """function(*args), with a masked array of plain numbers beside recorded ones; NotImplemented if one is masked."""
    if any([np.any(mask_of(x)) for x in leaves((args, kwargs))]):
        return NotImplemented
    return as_data(function, args, kwargs)


masked_array.OTHER.append(as_data)
OF_MASKED.append(_meeting)
