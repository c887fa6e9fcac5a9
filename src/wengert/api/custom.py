"""A user's own primitives: rule."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import update_wrapper
from types import MethodType
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np

from wengert.api.inputs import describe, require_callable
from wengert.errors import BadInput, NoDerivative, WrongDerivative
from wengert.ir.row import HANDLERS, ROWS, Row
from wengert.record import swap
from wengert.record.apply import apply, youngest
from wengert.record.locate import at_user_line, full_name
from wengert.record.value import concrete, is_value
from wengert.signatures import signature as signature_of
from wengert.sweep.transpose import transposed

P = ParamSpec("P")
R = TypeVar("R")


class Rule(Generic[P, R]):
    """A function that wengert does not look into, and its derivative. See `rule`."""

    def __init__(self, f: Callable[P, R]) -> None:
        self._f: Any = f
        self._forward: Callable[..., Any] | None = None
        self._pullback: Callable[..., Any] | None = None
        self._tangents: tuple[int, ...] = ()
        self._swapped: Any = None
        self._row = Row(
            self, full_name(f), "rule", (self._push,), (self._pull,), (frozenset(range(64)),), (True,),
            variadic=True, special=True,
        )  # fmt: skip
        update_wrapper(self, f)

    def __repr__(self) -> str:
        return f"<rule of {self._row.name}>"

    def __reduce__(self) -> str:
        return self._f.__qualname__

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    # ── what the user states ──

    def forward(self, push: Callable[..., Any]) -> Rule[P, R]:
        """State the derivative: `push(y, *args, *tangents)` returns the tangent of y = f(*args).

        The tangent of the parameter `x` is the parameter `x_dot`. An argument without one has no
        derivative. The result must be linear in the tangents, and is written in NumPy: it runs on
        recorded values too.
        """
        names = list(signature_of(push).parameters)[1:]
        arguments = [name for name in names if not name.endswith("_dot")]
        tangents = [name.removesuffix("_dot") for name in names if name.endswith("_dot")]
        unknown = [name for name in tangents if name not in arguments]
        if unknown or not tangents:
            problem = f"has a tangent {unknown[0]}_dot of no argument" if unknown else "names no tangent"
            raise BadInput(
                f"the forward rule of {self._row.name} {problem}.\n"
                "Write it as push(y, x, x_dot): the value, the arguments, then the tangent of x as x_dot."
            )
        self._forward = push
        self._tangents = tuple(arguments.index(name) for name in tangents)
        self._enter()
        return self

    def pullback(self, pull: Callable[..., Any]) -> Rule[P, R]:
        """State the adjoint as well, where it can be had cheaper than by transposing the forward rule.

        `pull(c, y, *args)` returns the cotangent of the argument that has a tangent, or a tuple of
        them. For complex values it is the adjoint (conjugate transpose), as in `vjp`. `check_rule`
        holds it to the forward rule.
        """
        if self._forward is None:
            raise BadInput(f"state the forward rule of {self._row.name} first; its pullback is optional.")
        self._pullback = pull
        return self

    def remove(self) -> None:
        """Forget the rule: f is again what it was before."""
        f = self._f
        if HANDLERS.get(f) is self:
            del HANDLERS[f]
        elif self._swapped is not None and swap.REPLACED.get(f) is self._swapped:
            swap.forget_replacement(f)
        self._forward = self._pullback = None

    @contextmanager
    def only_here(self) -> Generator[Rule[P, R]]:
        """The rule holds inside the `with` block."""
        try:
            yield self
        finally:
            self.remove()

    def _enter(self) -> None:
        """Let calls of f itself, where NumPy or a module leads to it, find the rule."""
        f: Any = self._f
        swap.load_rules()
        if HANDLERS.get(f) is self or (self._swapped is not None and swap.REPLACED.get(f) is self._swapped):
            return
        if f in ROWS or f in HANDLERS or f in swap.REPLACED:
            raise BadInput(f"{self._row.name} has a derivative already.\nState rules for functions that have none.")
        if isinstance(f, np.ufunc) or type(f) is type(np.sum):
            HANDLERS[f] = self
        else:
            self._swapped = swap.guarded(f, self)
            swap.register_replacement(f, self._swapped)

    # ── calls ──

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if not any(is_value(x) for x in (*args, *kwargs.values())):
            with swap.Paused():
                return self._f(*args, **kwargs)
        given, params = self._bound(args, kwargs)
        rec = youngest(given)
        if rec is not None and not rec.traces:
            self._refuse([k for k, x in enumerate(given) if is_value(x) and x.rec is rec])
        return apply(self._row, given, params or None)

    def _bound(self, args: Any, kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """All arguments by position, defaults included; what can only be given by name apart."""
        if isinstance(self._f, np.ufunc):
            return args, kwargs
        try:
            bound = signature_of(self._f).bind(*args, **kwargs)
        except ValueError:
            return args, kwargs
        bound.apply_defaults()
        recorded = [name for name, x in bound.kwargs.items() if is_value(x)]
        if recorded:
            raise NoDerivative(
                at_user_line(f"{self._row.name} has no derivative with respect to its keyword argument '{recorded[0]}'")
                + "\nPass it by position, or hold it constant with stop_gradient."
            )
        return bound.args, bound.kwargs

    def _refuse(self, recorded: list[int]) -> None:
        """Raise if an argument without derivative is recorded."""
        if self._forward is None:
            raise NoDerivative(
                at_user_line(f"no derivative rule for {self._row.name}")
                + f"\nState one with @{self._f.__name__}.forward, as push(y, x, x_dot)."
            )
        for k in recorded:
            if k not in self._tangents:
                raise NoDerivative(
                    at_user_line(f"{self._row.name} has no derivative with respect to its argument {k}")
                    + "\nGive its forward rule a tangent for it, or hold it constant with stop_gradient."
                )

    # ── the row ──

    def _push(self, dots: list[Any], y: Any, *args: Any, **params: Any) -> Any:
        assert self._forward is not None
        tangents = [np.zeros_like(concrete(args[k])) if dots[k] is None else dots[k] for k in self._tangents]
        y_dot = self._forward(y, *args, *tangents, **params)
        for part, dot in zip(*[x if type(x) in (tuple, list) else (x,) for x in (y, y_dot)], strict=True):
            if np.shape(concrete(part)) != np.shape(concrete(dot)):
                raise WrongDerivative(
                    f"the forward rule of {self._row.name} returned {describe(dot)} for "
                    f"a value that is {describe(part)}.\nThe tangent of y has the shape of y."
                )
        return y_dot

    def _pull(self, c: Any, y: Any, *args: Any, **params: Any) -> list[Any]:
        bars: list[Any] = [None] * len(args)
        likes = [_inexact(args[k]) for k in self._tangents]
        if self._pullback is None:
            assert self._forward is not None
            forward = self._forward
            found: Any = transposed(lambda *dots: forward(y, *args, *dots, **params), likes, c)
        else:
            found = self._pullback(_conj(_whole(c, y)), y, *args, **params)
            found = [_conj(g) for g in (found if type(found) is tuple else (found,))]
            self._check_pulled(found, likes)
        for k, g in zip(self._tangents, found, strict=True):
            bars[k] = np.real(g) if np.iscomplexobj(concrete(g)) and np.isrealobj(concrete(args[k])) else g
        return bars

    def _check_pulled(self, found: list[Any], likes: list[Any]) -> None:
        if len(found) != len(likes):
            raise WrongDerivative(
                f"the pullback of {self._row.name} returned {len(found)} cotangents for {len(likes)} arguments."
                "\nReturn one per argument that has a tangent in the forward rule."
            )
        for k, g, like in zip(self._tangents, found, likes, strict=True):
            if np.shape(concrete(g)) != np.shape(concrete(like)):
                raise WrongDerivative(
                    f"the pullback of {self._row.name} returned {describe(g)} for "
                    f"argument {k}, which is {describe(like)}.\nThe cotangent of an argument has its shape."
                )


def _inexact(x: Any) -> Any:
    """Something of x's shape that a tangent of x can be: floating."""
    x = np.asarray(concrete(x))
    return x if x.dtype.kind in "fc" else np.zeros(x.shape)


def _conj(c: Any) -> Any:
    if type(c) is tuple:
        return tuple(_conj(part) for part in c)
    return np.conj(c) if np.iscomplexobj(concrete(c)) else c


def _whole(c: Any, y: Any) -> Any:
    """The cotangents of several results as a tuple, zeros included."""
    if type(c) is not dict:
        return c
    return tuple(c[k] if k in c else np.zeros_like(_inexact(part)) for k, part in enumerate(y))


def rule(f: Callable[P, R]) -> Rule[P, R]:
    """f as a primitive, whose derivative is stated rather than found by looking into f.

    One forward rule suffices for forward and reverse mode and any nesting of them: the reverse is
    its transpose, derived by recording it. As a decorator of a function of your own::

        @wg.rule
        def cube(x):                    # anything: compiled code, a solver, a table
            return compiled_cube(x)

        @cube.forward
        def _(y, x, x_dot):             # y = cube(x) is there to be used
            return 3 * x**2 * x_dot

        @cube.pullback                  # optional; check_rule holds the two together
        def _(c, y, x):
            return 3 * x**2 * c

    For a function of NumPy, SciPy or another module that has no derivative yet, state
    `wg.rule(np.histogram).forward(push)`: from then on derivatives of code that calls it use the
    rule. `.remove()` undoes that; `with wg.rule(f).forward(push).only_here():` does both.

    >>> import wengert as wg
    >>> cube = wg.rule(lambda x: x**3).forward(lambda y, x, x_dot: 3 * x**2 * x_dot)
    >>> wg.grad(cube)(2.0), wg.grad(wg.grad(cube))(2.0)
    (12.0, 12.0)
    """
    require_callable(f, "rule")
    return Rule(f)
