"""Elementwise functions, choices, and products, by PyTorch's names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.special as special

from wengert.ir.row import ROWS
from wengert.rules import special as _rules
from wengert.rules.products import MATMUL, OUTER
from wengert.rules.select import WHERE
from wengert.tensor import arithmetic
from wengert.tensor.arithmetic import FUNCTIONS, not_tensor, operand, unary
from wengert.tensor.call import call, line
from wengert.tensor.modes import get_default_dtype
from wengert.tensor.value import Tensor, data_of

arithmetic.install()

UNARY: dict[str, Any] = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2, "log10": np.log10,
    "log1p": np.log1p, "sqrt": np.sqrt, "square": np.square, "reciprocal": np.reciprocal, "abs": np.absolute,
    "absolute": np.absolute, "neg": np.negative, "negative": np.negative, "positive": np.positive, "sign": np.sign,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "arcsin": np.arcsin, "acos": np.arccos,
    "arccos": np.arccos, "atan": np.arctan, "arctan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "asinh": np.arcsinh, "arcsinh": np.arcsinh, "acosh": np.arccosh, "arccosh": np.arccosh, "atanh": np.arctanh,
    "arctanh": np.arctanh, "deg2rad": np.deg2rad, "rad2deg": np.rad2deg, "floor": np.floor, "ceil": np.ceil,
    "trunc": np.trunc, "fix": np.trunc, "conj": np.conjugate,
}  # fmt: skip
"""name → ufunc with a row."""

SPECIAL: dict[str, str] = {
    "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "lgamma": "gammaln", "digamma": "psi", "i0": "i0",
    "sigmoid": "expit", "logit": "logit", "ndtr": "ndtr", "log_ndtr": "log_ndtr",
}  # fmt: skip
"""name → ufunc of scipy.special."""

BINARY: dict[str, Any] = {
    "maximum": np.maximum, "minimum": np.minimum, "fmax": np.fmax, "fmin": np.fmin, "atan2": np.arctan2,
    "arctan2": np.arctan2, "hypot": np.hypot, "logaddexp": np.logaddexp, "logaddexp2": np.logaddexp2,
    "copysign": np.copysign, "fmod": np.fmod, "remainder": np.remainder, "floor_divide": np.floor_divide,
    "true_divide": np.divide, "pow": np.power, "mul": np.multiply, "multiply": np.multiply,
    "float_power": np.float_power,
}  # fmt: skip
"""name → ufunc of two arguments."""

TESTS: dict[str, Any] = {
    "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite, "logical_not": np.logical_not,
    "signbit": np.signbit,
}  # fmt: skip
RELATIONS: dict[str, Any] = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "logical_and": np.logical_and, "logical_or": np.logical_or, "logical_xor": np.logical_xor,
    "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor,
}  # fmt: skip


def _named(function: Any, name: str, ufunc: Any) -> Any:
    function.__name__ = name
    function.__doc__ = f"{ufunc.__name__} of each element."
    return function


def _backward(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def _test(ufunc: Any) -> Any:
    return lambda input: Tensor(ufunc(data_of(input)))


def _many(ufunc: Any, name: str) -> Any:
    """A ufunc of several arguments, any of which may be numbers."""
    known = FUNCTIONS.get(ufunc)
    if known is not None:

        def fast(input: Any, other: Any) -> Any:
            return known(input, other) if isinstance(input, Tensor) else known(_first(name, input, other), other)

        return fast

    def function(input: Any, other: Any) -> Any:
        a, b = _first(name, input, other), operand(other)
        if b is NotImplemented:
            raise not_tensor(name, "other", other)
        x = data_of(a) if isinstance(a, Tensor) else a
        z = data_of(b) if isinstance(b, Tensor) else b
        x, z = arithmetic.promoted(ufunc, x, z, a, b)
        given = [data_of(n).dtype if isinstance(n, Tensor) else None for n in (a, b)]
        if ufunc in ROWS and given == [getattr(n, "dtype", None) for n in (x, z)]:
            return line(ROWS[ufunc], _backward(name), (a, b))
        return call(_backward(name), _converted(ufunc, np.result_type(x, z)), a, b)

    return function


def _converted(ufunc: Any, dtype: Any) -> Any:
    def function(a: Any, b: Any) -> Any:
        return ufunc(*[x.astype(dtype) if getattr(x, "dtype", dtype) != dtype else x for x in (a, b)])

    return function


def _first(name: str, input: Any, other: Any) -> Any:
    a = operand(input)
    if a is NotImplemented or not (isinstance(a, Tensor) or isinstance(other, Tensor)):
        raise not_tensor(name, "input", input)
    return a


def _special(name: str, ufunc: Any) -> Any:
    def function(input: Tensor) -> Tensor:
        if not isinstance(input, Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise not_tensor(name, "input", input)
        x = data_of(input)
        a = input if x.dtype.kind in "fc" else Tensor(x.astype(get_default_dtype()))
        return call(_backward(name), ufunc, a)

    return function


TABLE: dict[str, Any] = {}
"""name → function of tensors, all of which are methods too."""


def _fill() -> None:
    for name, ufunc in UNARY.items():
        TABLE[name] = _named(unary(ufunc, name), name, ufunc)
    for name, theirs in SPECIAL.items():
        TABLE[name] = _named(_special(name, getattr(special, theirs)), name, getattr(special, theirs))
    for name, ufunc in BINARY.items():
        TABLE[name] = _named(_many(ufunc, name), name, ufunc)
    for name, ufunc in TESTS.items():
        TABLE[name] = _named(_test(ufunc), name, ufunc)
    for name, ufunc in RELATIONS.items():
        TABLE[name] = _named(arithmetic.comparison(ufunc), name, ufunc)
    TABLE["xlogy"] = _named(_many(special.xlogy, "xlogy"), "xlogy", special.xlogy)


_fill()
special_functions = SimpleNamespace(
    **{name: TABLE[name] for name in (*SPECIAL, "xlogy", "expm1", "log1p", "exp2") if name in TABLE},
    expit=TABLE["sigmoid"], gammaln=TABLE["lgamma"], psi=TABLE["digamma"],
)  # fmt: skip
"""torch.special."""


def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """input + alpha·other."""
    return input + (other if alpha == 1 else other * alpha)


def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """input − alpha·other."""
    return input - (other if alpha == 1 else other * alpha)


def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """other − alpha·input."""
    return other - (input if alpha == 1 else input * alpha)


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """input / other; rounded towards zero ("trunc") or down ("floor") if asked."""
    y = input / other
    if rounding_mode is None:
        return y
    rounded = TABLE[rounding_mode](y)
    x = data_of(input) if isinstance(input, Tensor) else input
    return Tensor(data_of(rounded).astype(np.result_type(x))) if np.result_type(x).kind in "iu" else rounded


def rsqrt(input: Tensor) -> Tensor:
    """1 / √x."""
    return call("Rsqrt", lambda x: 1.0 / np.sqrt(x), input)


def frac(input: Tensor) -> Tensor:
    """x − trunc x."""
    return input - TABLE["trunc"](input)


def sinc(input: Tensor) -> Tensor:
    """sin πx / πx."""
    return call("Sinc", np.sinc, input)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """Rounded to even; the gradient is zero."""
    x = data_of(input)
    if decimals == 0 and x.dtype.kind == "f":
        return _round(input)
    return Tensor(np.round(x, decimals))


_round = unary(np.rint, "round")


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """input + value·tensor1·tensor2."""
    return input + value * tensor1 * tensor2


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """input + value·tensor1 / tensor2."""
    return input + value * tensor1 / tensor2


def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """input + weight·(end − input)."""
    return input + weight * (end - input)


# ── choices ──


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """input where the condition holds, else other; with the condition alone, where it holds."""
    c = data_of(condition)
    if input is None:
        return tuple([Tensor(k) for k in np.nonzero(c)])
    a, b = operand(input), operand(other)
    x, z = _data(a, b)
    dtype = np.result_type(*arithmetic.promoted(np.add, x, z, a, b))
    if c.dtype.kind == "b" and all([np.result_type(n) == dtype for n in (x, z)]):
        return line(WHERE, "Where", (condition, a, b))
    return call("Where", _where, c, a, b, dtype=dtype)


def _data(a: Any, b: Any) -> Any:
    if not isinstance(a, Tensor) and not isinstance(b, Tensor):
        a, b = (np.asarray(n, get_default_dtype() if isinstance(n, float) else None)[()] for n in (a, b))
        return a, b
    return [data_of(n) if isinstance(n, Tensor) else n for n in (a, b)]


def _where(c: Any, a: Any, b: Any, dtype: Any) -> Any:
    y = np.where(c, a, b)
    return y if y.dtype == dtype else y.astype(dtype)


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """x between min and max; the gradient is 1 on the closed interval."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None\nGive min, max or both.")
    return call("Clamp", _clip, input, min, max)


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.clip(x, low, high)


def relu(input: Tensor) -> Tensor:
    """max(x, 0); the gradient at 0 is 0."""
    return call("Relu", relu_of, input)


def relu_of(x: Any) -> Any:
    """max(x, 0), written in NumPy."""
    return np.where(_positive(x), x, np.zeros_like(_plain(x)))


def _plain(x: Any) -> Any:
    return getattr(x, "primal", x)


def _positive(x: Any) -> Any:
    return _plain(x) > 0


def nan_to_num(input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """Numbers for what is not finite."""
    return call("NanToNum", np.nan_to_num, input, nan=nan, posinf=posinf, neginf=neginf)


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """value where mask is true."""
    v = value if isinstance(value, Tensor) else Tensor(np.asarray(value, data_of(input).dtype)[()])
    return call("MaskedFill", _fill_where, data_of(mask), v, input)


def _fill_where(mask: Any, v: Any, x: Any) -> Any:
    return np.where(mask, v, x)


def isclose(input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether elements are close."""
    return Tensor(np.isclose(data_of(input), data_of(other), rtol, atol, equal_nan))


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all elements are close."""
    return bool(np.allclose(data_of(input), data_of(other), rtol, atol, equal_nan))


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether shapes and elements are the same."""
    return np.array_equal(data_of(input), data_of(other))


# ── products ──


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product: of vectors a number, of stacks of matrices a stack."""
    for name, x in (("input", input), ("other", other)):
        if not isinstance(x, Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise not_tensor("matmul", name, x)
    a, b = data_of(input), data_of(other)
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {a.dtype} != {b.dtype}\nConvert one: x.to({a.dtype})."
        )
    try:
        return _product(input, other)
    except RuntimeError:
        raise _unfit(a, b) from None


_product = arithmetic.binary(np.matmul)


def _unfit(a: Any, b: Any) -> RuntimeError:
    if a.ndim == 0 or b.ndim == 0:
        return RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {a.ndim}D and {b.ndim}D\nUse * for numbers."
        )
    shapes = [x.shape if x.ndim > 1 else (1, *x.shape) if k == 0 else (*x.shape, 1) for k, x in enumerate((a, b))]
    return RuntimeError(
        f"mat1 and mat2 shapes cannot be multiplied ({' and '.join('x'.join(map(str, s)) for s in shapes)})\n"
        "The columns of the first must be the rows of the second: transpose one with .t() or .mT?"
    )


def _of_rank(name: str, n: int) -> Any:
    def product(input: Tensor, mat2: Tensor) -> Tensor:
        for x in (input, mat2):
            if data_of(x).ndim != n:
                raise RuntimeError(
                    f"{name} expects {n}D tensors, got {data_of(x).ndim}D\nUse matmul for other combinations."
                )
        return matmul(input, mat2)

    product.__name__ = name
    product.__doc__ = f"The matrix product of two {n}D tensors."
    return product


mm, bmm = _of_rank("mm", 2), _of_rank("bmm", 3)


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """A matrix times a vector."""
    return matmul(input, vec)


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """Σ of the products of two vectors."""
    a, b = data_of(input), data_of(tensor)
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(
            f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors\n"
            "Use matmul, or (a * b).sum() for all elements."
        )
    if a.shape != b.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{a.size}] and src [{b.size}] to have the same number of "
            f"elements, but got {a.size} and {b.size} elements respectively\nMake them of one length."
        )
    return line(MATMUL, "Dot", (input, tensor))


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of two vectors."""
    return line(OUTER, "Outer", (input, vec2))


def einsum(equation: str, *operands: Any) -> Tensor:
    """Einstein's summation, as np.einsum has it."""
    parts = operands[0] if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else operands
    return call("Einsum", _einsum(equation.replace(" ", "")), *parts)


def _einsum(equation: str) -> Any:
    return lambda *xs: np.einsum(equation, *xs)


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Σ over pairs of dimensions."""
    return call("Tensordot", np.tensordot, a, b, axes=dims)


def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product."""
    return call("Kron", np.kron, input, other)


def cross(input: Tensor, other: Tensor, dim: int = -1) -> Tensor:
    """The product of vectors in three dimensions."""
    return call("Cross", np.cross, input, other, axis=dim)


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta·input + alpha·mat1 @ mat2."""
    return beta * input + alpha * matmul(mat1, mat2)


def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta·input + alpha·batch1 @ batch2."""
    return beta * input + alpha * matmul(batch1, batch2)


def trace(input: Tensor) -> Tensor:
    """Σ of the diagonal."""
    return call("Trace", np.trace, input)


__all__ = ["TABLE", "_rules"]
