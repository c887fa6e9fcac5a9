"""What users pass: which arguments are differentiated, and what is said about unusable ones."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from wengert.errors import BadInput
from wengert.record.value import concrete
from wengert.signatures import signature as signature_of


def describe(x: Any) -> str:
    """`float64[3]`, `list of 2`, `str`: the type of x in a few words."""
    x = concrete(x)
    if isinstance(x, (np.ndarray, np.generic)):
        return f"{x.dtype}[{','.join(map(str, x.shape))}]" if np.ndim(x) else str(x.dtype)
    if isinstance(x, (list, tuple)):
        return f"{type(x).__name__} of {len(x)}"
    if isinstance(x, dict):
        return f"dict with keys {list(x)}"
    return type(x).__name__


def require_callable(f: Any, operator: str) -> None:
    """Refuse what is not a function, when the operator is made."""
    if not callable(f):
        kind = type(concrete(f)).__name__
        raise BadInput(f"{operator} expects a function, got {kind} {f!r}.\nPass the function itself.")


def parameter_name(f: Any, k: int) -> str:
    """The name of f's positional parameter k, or ''."""
    try:
        names = list(signature_of(f).parameters.values())
    except (TypeError, ValueError):
        return ""
    if k < len(names) and names[k].kind is not inspect.Parameter.VAR_POSITIONAL:
        return names[k].name
    return ""


def argument(f: Any, k: int, path: str = "") -> str:
    """`argument 0 ('x')`."""
    name = parameter_name(f, k)
    return f"argument {k}" + (f" ('{name}{path}')" if name else path)


def positions(argnums: Any, operator: str) -> int | tuple[int, ...]:
    """argnums as an int or a tuple of different ints."""
    if type(argnums) is int:
        return argnums
    many = isinstance(argnums, (tuple, list))
    picked = tuple(argnums) if many else (argnums,)
    if not all(isinstance(k, (int, np.integer)) and not isinstance(k, bool) for k in picked):
        raise TypeError(
            f"{operator}: argnums is {argnums!r}.\nPass the position of an argument, from 0, or a tuple of them."
        )
    if len(set(picked)) < len(picked):
        raise ValueError(f"{operator}: argnums {argnums!r} names an argument twice.\nName each once.")
    return tuple(int(k) for k in picked) if many else int(picked[0])


def chosen(f: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Any, operator: str) -> tuple[int, ...]:
    """argnums as a tuple of positions, checked against the call."""
    n = len(args)
    if type(argnums) is int:
        if 0 <= argnums < n:
            return (argnums,)
        picked: tuple[int, ...] = (argnums,)
    elif n < len(_ALL) and argnums == _ALL[n]:
        return argnums
    else:
        picked = tuple(argnums)
    for k in picked:
        if not 0 <= k < n:
            _refuse_argnum(f, k, n, kwargs, operator)
    return picked


_ALL = [tuple(range(n)) for n in range(9)]
"""All positions of so many arguments."""


def _refuse_argnum(f: Any, k: int, n: int, kwargs: dict[str, Any], operator: str) -> None:
    name = parameter_name(f, k)
    try:
        signature_of(f).bind(*[None] * n, **kwargs)
    except TypeError as error:
        raise TypeError(f"{getattr(f, '__name__', 'f')}() {error}") from None
    except ValueError:
        pass
    names = [parameter_name(f, i) for i in range(n)]
    raise ValueError(
        f"{operator}: argnum={k} but f was called with {n} positional argument{'s' * (n != 1)} "
        f"({', '.join(names)}).\n"
        + (f"Pass '{name}' by position." if name in kwargs else "Count positions from 0, or pass argnums=0.")
    )


def positional(f: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Any) -> tuple[Any, dict[str, Any]]:
    """Move differentiated arguments that were passed by keyword to their positions."""
    last = argnums if type(argnums) is int else max(argnums, default=0)
    if len(args) > last or not kwargs:
        return args, kwargs
    moved, rest = list(args), dict(kwargs)
    for k in range(len(args), last + 1):
        name = parameter_name(f, k)
        if name not in rest:
            return args, kwargs
        moved.append(rest.pop(name))
    return tuple(moved), rest


def bad_leaf(x: Any, k: int, path: str, f: Any) -> BadInput:
    """The error for an argument that cannot be differentiated."""
    where = argument(f, k, path)
    x = concrete(x)
    if x is None:
        return BadInput(f"{where} is None.\nPass a float or an array of floats.")
    if isinstance(x, (bool, np.bool_)):
        return BadInput(f"{where} is bool; derivatives need a float.\nPass a float, or choose other argnums.")
    if isinstance(x, (int, np.integer)):
        return BadInput(f"{where} is {type(x).__name__}; derivatives need a float.\nUse {int(x)}.0.")
    if isinstance(x, np.ma.MaskedArray):
        return BadInput(
            f"{where} is a masked array, whose mask would be lost.\nPass x.filled(value) or x.compressed()."
        )
    if isinstance(x, np.ndarray) and type(x) is not np.ndarray:
        return BadInput(f"{where} is a {type(x).__module__}.{type(x).__name__}.\nPass np.asarray(x).")
    if isinstance(x, np.ndarray) and x.dtype == object:
        kinds = sorted({type(e).__name__ for e in x.flat})
        return BadInput(f"{where} has dtype object (elements: {', '.join(kinds)}).\nConvert it with .astype(float).")
    if isinstance(x, np.ndarray):
        return BadInput(f"{where} has dtype {x.dtype}; derivatives need a float.\nConvert it with .astype(float).")
    if isinstance(x, str):
        return BadInput(f"{where} is str, not numeric.\nPass a float or an array of floats.")
    hint = (
        "Pass np.asarray(x)."
        if hasattr(x, "__array__")
        else "Pass a float, an array of floats, or a container of them."
    )
    return BadInput(
        f"{where} is a {type(x).__module__}.{type(x).__name__}, which holds no numbers wengert knows.\n{hint}"
    )


_NUMBERS = (np.ndarray, np.generic, float, int, complex)


def require_numbers(leaves: list[Any], f: Any, operator: str) -> None:
    """Refuse a result that holds something else than numbers and arrays of them."""
    for y in leaves:
        y = concrete(y)
        if not isinstance(y, _NUMBERS) or (isinstance(y, (np.ndarray, np.generic)) and y.dtype.kind not in "fciub"):
            name = getattr(f, "__name__", "f")
            hint = "Did you forget `return`?" if y is None else "Return it beside the result, with has_aux=True."
            raise BadInput(f"{operator} needs numbers, but {name} returned {describe(y)}.\n{hint}")
