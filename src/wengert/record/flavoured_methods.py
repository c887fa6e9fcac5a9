"""Operators, methods and attributes of recorded arrays of a subclass of np.ndarray."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from wengert.record.elements import Flat
from wengert.record.flavoured import Flavoured, asked, bare, flavoured, real, wrapped
from wengert.record.swap import run_body
from wengert.record.value import is_value

_methods: Any = np._core._methods  # type: ignore[attr-defined]


class _Flat(Flat):
    """x.flat of an array of a subclass."""

    __slots__ = ("owner",)

    def __init__(self, array: Any, owner: Any) -> None:
        super().__init__(array)
        self.owner = owner

    def __getitem__(self, key: Any) -> Any:
        y = super().__getitem__(key)
        return flavoured(y, type(self.owner), self.owner) if isinstance(y, np.ndarray) else y


def _binary(name: str, ufunc: Any) -> None:
    function = getattr(operator, name, divmod)

    def operate(self: Any, other: Any) -> Any:
        if _leaves_to(other):
            return NotImplemented
        if type(self).__array_ufunc__ is not Flavoured.__array_ufunc__:
            return ufunc(self, other)
        return _by_operator(function(self._array, bare(other)), ufunc, (self, other))

    def reflected(self: Any, other: Any) -> Any:
        if type(self).__array_ufunc__ is not Flavoured.__array_ufunc__:
            return ufunc(other, self)
        return _by_operator(function(bare(other), self._array), ufunc, (other, self))

    def in_place(self: Any, other: Any) -> Any:
        return ufunc(self, other, out=(self,))

    short = name.removesuffix("_")
    setattr(Flavoured, f"__{short}__", operate)
    if ufunc not in _COMPARED:
        setattr(Flavoured, f"__r{short}__", reflected)
        setattr(Flavoured, f"__i{short}__", in_place)


def _by_operator(y: Any, ufunc: Any, inputs: Any) -> Any:
    if y is NotImplemented:
        return y
    return (
        tuple([wrapped(part, None, (ufunc, inputs, k)) for k, part in enumerate(y)])
        if type(y) is tuple
        else (wrapped(y, None, (ufunc, inputs, 0)))
    )


def _leaves_to(other: Any) -> bool:
    return getattr(other, "__array_ufunc__", False) is None


def _unary(name: str, ufunc: Any) -> None:
    setattr(Flavoured, name, lambda self: ufunc(self))


def _method(name: str) -> None:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        body = getattr(_methods, _BODIES.get(name, ""), None)
        if body is not None and type(self).__array_ufunc__ is not Flavoured.__array_ufunc__:
            return run_body(body, (self, *args), kwargs)
        return asked(lambda x, *args, **kwargs: _plainly(x, name)(*args, **kwargs), (self, *args), kwargs, self)

    method.__name__ = name
    setattr(Flavoured, name, method)


_BODIES = {"sum": "_sum", "prod": "_prod", "max": "_amax", "min": "_amin", "any": "_any", "all": "_all"}
"""method → NumPy's code for it, which calls a ufunc"""


def _plainly(x: Any, name: str) -> Any:
    """The method of np.ndarray, or of a recorded array: not that of the subclass."""
    return getattr(x, name) if is_value(x) else getattr(np.ndarray, name).__get__(x)


def _changing(name: str) -> None:
    def method(self: Any, *args: Any, **kwargs: Any) -> None:
        getattr(self._array, name)(*bare(args), **bare(kwargs))

    setattr(Flavoured, name, method)


def _attribute(name: str) -> None:
    def get(self: Any) -> Any:
        return asked(
            lambda x: getattr(x, name) if is_value(x) else getattr(np.ndarray, name).__get__(x), (self,), {}, self
        )

    setattr(Flavoured, name, property(get, lambda self, value: setattr(self._array, name, bare(value))))


_COMPARED = {np.less: "lt", np.less_equal: "le", np.greater: "gt", np.greater_equal: "ge", np.equal: "eq",
             np.not_equal: "ne"}  # fmt: skip
for _name, _ufunc in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "floordiv": np.floor_divide,
    "mod": np.remainder, "pow": np.power, "matmul": np.matmul, "divmod": np.divmod, "and_": np.bitwise_and,
    "or_": np.bitwise_or, "xor": np.bitwise_xor,
}.items():  # fmt: skip
    _binary(_name, _ufunc)
for _ufunc, _name in _COMPARED.items():
    _binary(_name, _ufunc)
for _name, _ufunc in {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}.items():
    _unary(f"__{_name}__", _ufunc)
for _name in (
    "sum", "prod", "mean", "std", "var", "max", "min", "argmax", "argmin", "any", "all", "cumsum", "cumprod", "dot",
    "trace", "clip", "round", "conj", "conjugate", "ravel", "squeeze", "swapaxes", "diagonal", "repeat", "take",
    "choose", "compress", "searchsorted", "argsort", "nonzero", "argpartition", "reshape", "transpose", "flatten",
    "astype", "copy", "item", "tolist",
):  # fmt: skip
    _method(_name)
for _name in ("sort", "fill", "put", "partition"):
    _changing(_name)
for _name in ("T", "mT", "real", "imag", "nbytes", "itemsize", "strides"):
    _attribute(_name)
for _name in ("__float__", "__int__", "__bool__", "__complex__", "__index__"):
    setattr(Flavoured, _name, lambda self, name=_name: getattr(self._array, name)())
for _name in ("__repr__", "__str__"):
    setattr(Flavoured, _name, lambda self, name=_name: getattr(real(self), name)())
Flavoured.__format__ = lambda self, spec: format(real(self), spec)  # type: ignore[method-assign]
Flavoured.flat = property(  # type: ignore[attr-defined]
    lambda self: _Flat(self._array, self), lambda self, value: setattr(self._array, "flat", bare(value))
)
