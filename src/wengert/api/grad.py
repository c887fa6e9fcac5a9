"""Gradients of scalar functions: grad, value_and_grad, derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.api.finish import finish_all
from wengert.api.inputs import describe
from wengert.api.operator import Operator
from wengert.api.recorded import Recorded
from wengert.errors import BadInput
from wengert.record.shadows import is_one_array
from wengert.record.value import concrete

Argnums = int | tuple[int, ...]
_REALS = {float, np.float64}


class _Gradient(Operator):
    name = "grad"

    def __init__(self, f: Callable[..., Any], **options: Any) -> None:
        super().__init__(f, **options)
        self.argnums = self.options["argnums"]
        self.has_aux, self.conjugate = bool(options["has_aux"]), not options["holomorphic"]
        self.plain = self.conjugate and not (self.has_aux or options["strict"])

    def evaluate(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
        """(value, aux, gradient)."""
        argnums = self.argnums
        if kwargs:
            args, kwargs = self.arguments(args, kwargs)
        run = Recorded(self.f, args, kwargs, argnums, self.name)
        if run.out_structure is None and self.plain and type(run.out_leaves[0]) in _REALS:
            y, aux = run.out_leaves[0], None
            bars = run.sweep([(run.out_slots[0], 1.0)])
        else:
            y, aux, seeds = self._seeded(run)
            bars = run.pull(seeds)
        gradient = finish_all(bars, run.leaves, self.conjugate)
        if run.nested:
            gradient = run.like_inputs(gradient)
        return y, aux, gradient[0] if type(argnums) is int else tuple(gradient)

    def _seeded(self, run: Recorded) -> tuple[Any, Any, list[Any]]:
        """(value, aux, the cotangents to begin with), checked."""
        options = self.options
        aux = None
        n = len(run.out_slots)
        if options["has_aux"]:
            aux = _split_aux(run, self)
            n = 1
        elif run.out_structure is not None and (n != 1 or not is_one_array(run.out_structure)):
            raise BadInput(self._not_a_number(run.result))
        y = run.out_leaves[0]
        self._check(y, run)
        if options["strict"] and run.out_slots[0] < 0:
            raise BadInput(f"{self.name}(strict=True): the output of {self._f_name()} does not depend on the input.")
        seed = 1.0 if type(y) in _REALS else np.ones_like(concrete(y))[()]
        y = run.value() if run.out_structure is not None and not options["has_aux"] else y
        return y, aux, [seed] + [None] * (len(run.out_slots) - 1)

    def _f_name(self) -> str:
        return getattr(self.f, "__name__", "f")

    def _check(self, y: Any, run: Recorded) -> None:
        value = concrete(y)
        if (type(value) is float or type(value) is np.float64) and not self.options["holomorphic"]:
            return
        if not isinstance(value, (float, int, complex, np.generic, np.ndarray)):
            raise BadInput(self._not_a_number(value))
        if np.ndim(value):
            raise BadInput(
                f"{self.name} needs a scalar output, but {self._f_name()} returned {describe(value)}.\n"
                + (
                    "Index it (out[0]) or reshape it to ()."
                    if np.size(value) == 1
                    else "Sum it, or use jacobian / vjp."
                )
            )
        if self.options["holomorphic"]:
            if not all(_complex(x) for x in run.leaves):
                raise BadInput(
                    f"holomorphic=True needs complex input, got {describe(run.leaves[0])}.\n"
                    "Pass a complex number, or leave holomorphic out."
                )
        elif np.iscomplexobj(value):
            raise BadInput(
                f"{self.name} needs a real output, but {self._f_name()} returned {describe(value)}.\n"
                "Use np.real(out), np.abs(out)**2, or holomorphic=True."
            )

    def _not_a_number(self, result: Any) -> str:
        name = self._f_name()
        code = getattr(self.f, "__code__", None)
        if result is None:
            at = f" ({name} at {code.co_filename.rsplit('/', 1)[-1]}:{code.co_firstlineno})" if code else ""
            return f"{name} returned None. Did you forget `return`?{at}"
        text = f"{self.name} needs one number, but {name} returned {describe(result)}."
        if isinstance(result, tuple):
            return text + "\nIf the second item is auxiliary data pass has_aux=True; else return one of them."
        return text + "\nReturn one element of it, or pass has_aux=True and return (value, rest)."


def _complex(x: Any) -> bool:
    return type(x) is not float and type(x) is not np.float64 and np.iscomplexobj(concrete(x))


def _split_aux(run: Recorded, operator: Operator) -> Any:
    whole = run.value()
    if not isinstance(whole, tuple) or len(whole) != 2:
        raise BadInput(
            f"{operator.name}(has_aux=True) needs f to return (value, aux), got {describe(run.result)}.\n"
            "Return a pair, or leave has_aux out."
        )
    return whole[1]


class Grad(_Gradient):
    """See `grad`."""

    name = "grad"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        _, aux, gradient = self.evaluate(args, kwargs)
        return (gradient, aux) if self.has_aux else gradient


class ValueAndGrad(_Gradient):
    """See `value_and_grad`."""

    name = "value_and_grad"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        y, aux, gradient = self.evaluate(args, kwargs)
        return ((y, aux) if self.has_aux else y), gradient


def grad(
    f: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    strict: bool = False,
) -> Grad:
    """The gradient of a real scalar function: x ↦ ∂f/∂x, in the structure, shape and dtype of x.

    Arguments:
        f: a function of floats, arrays, or containers of them, that returns one real number.
        argnums: position(s) of the argument(s) to differentiate; a tuple gives a tuple.
        has_aux: f returns (value, aux), and the result is (gradient, aux).
        holomorphic: f is a complex function of complex arguments; the result is its complex derivative.
        strict: raise if the output does not depend on the input (else the gradient is zero).

    For complex x the gradient is ∂f/∂Re x + i ∂f/∂Im x, the direction of steepest ascent.
    One call of f and one reverse sweep over its Wengert list (Linnainmaa 1970; Griewank &
    Walther 2008, chapter 3), whatever the number of inputs.

    Raises BadInput (a TypeError) for integer arguments and for results that are not one real number.

    >>> import numpy as np, wengert as wg
    >>> wg.grad(lambda a, b: np.log(a * b), argnums=(0, 1))(2.0, 4.0)
    (0.5, 0.25)
    """
    return Grad(f, argnums=argnums, has_aux=has_aux, holomorphic=holomorphic, strict=strict)


def value_and_grad(
    f: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    strict: bool = False,
) -> ValueAndGrad:
    """(f(x), gradient of f at x) from one call of f: what `scipy.optimize.minimize(jac=True)` wants.

    Arguments and errors are those of `grad`; with has_aux the result is ((value, aux), gradient).

    >>> import wengert as wg
    >>> wg.value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """
    return ValueAndGrad(f, argnums=argnums, has_aux=has_aux, holomorphic=holomorphic, strict=strict)
