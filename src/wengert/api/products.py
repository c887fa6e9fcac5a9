"""Jacobian-vector and vector-Jacobian products: jvp, vjp, linearize, hvp, directional_derivative."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.finish import conj, finish_all
from wengert.api.grad import grad
from wengert.api.inputs import argument, describe, require_callable, require_numbers
from wengert.api.operator import roots
from wengert.api.recorded import Recorded
from wengert.errors import BadInput
from wengert.ir.row import Row
from wengert.record import swap
from wengert.record.apply import apply
from wengert.record.shadows import is_one_array
from wengert.record.value import concrete, is_value, stopped
from wengert.sweep.arithmetic import owned_copy


def jvp(f: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...], *, has_aux: bool = False) -> Any:
    """(f(x), J ẋ): the value and the derivative along the tangents, by one forward sweep.

    Arguments:
        f: a function of arrays (or containers of them), returning arrays (or containers).
        primals: the arguments x, a tuple.
        tangents: the direction ẋ, a tuple of the same structure and shapes.
        has_aux: f returns (result, aux), and so does jvp: (result, J ẋ, aux).

    Raises ValueError where a tangent does not have the shape of its primal.

    >>> import wengert as wg
    >>> wg.jvp(lambda x: x**3, (2.0,), (1.0,))
    (8.0, 12.0)
    """
    run, push = _linearized(f, primals, "jvp", has_aux)
    y, aux = split(run, has_aux)
    if not isinstance(tangents, (tuple, list)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise BadInput(f"jvp: tangents must be a tuple, like primals, got {describe(tangents)}.\nPass (x_dot,).")
    y_dot = push(*tangents)
    return (y, y_dot, aux) if has_aux else (y, y_dot)


def linearize(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """(f(x), ẋ ↦ J ẋ): f is called once; each call of the linear map is one forward sweep.

    >>> import wengert as wg
    >>> y, push = wg.linearize(lambda x: x**3, 2.0)
    >>> push(1.0), push(2.0)
    (12.0, 24.0)
    """
    run, push = _linearized(f, primals, "linearize", has_aux, keep=True)
    y, aux = tree.tree_map(owned_copy, split(run, has_aux))
    return (y, push, aux) if has_aux else (y, push)


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """(f(x), ȳ ↦ ȳ J): f is called once; each call of the pullback is one reverse sweep.

    The pullback takes a cotangent of the structure and shapes of f's result and returns a tuple,
    one cotangent per argument. For complex values it is the adjoint of the real-linear map.
    Changing the arguments afterwards does not change what the pullback returns.

    Raises ValueError where a cotangent does not have the shape of the result.

    >>> import wengert as wg
    >>> y, pullback = wg.vjp(lambda a, b: a * b, 2.0, 3.0)
    >>> pullback(1.0)
    (3.0, 2.0)
    """
    run = _record(f, primals, "vjp", keep=True)
    y, aux = tree.tree_map(owned_copy, split(run, has_aux))
    n = result_size(run, has_aux)
    require_numbers(run.out_leaves[:n], f, "vjp")
    structure = None if run.out_structure is None else (run.out_structure.child(0) if has_aux else run.out_structure)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds = _cotangents(cotangent, run, n, structure)
        bars = run.pull([conj(c) for c in seeds] + [None] * (len(run.out_slots) - n))
        return tuple(run.like_inputs(finish_all(bars, run.leaves)))

    return (y, pullback, aux) if has_aux else (y, pullback)


def hvp(f: Callable[..., Any], primals: tuple[Any, ...], v: tuple[Any, ...]) -> Any:
    """H v, the Hessian of a scalar function times a vector, by forward over reverse.

    Arguments:
        f: a scalar function.
        primals: its arguments, a tuple; all of them are differentiated.
        v: a tuple of the same structure and shapes.

    Returns one array (or container) per argument; the bare one if there is one argument.
    Costs a small multiple of f and never forms H (Pearlmutter 1994).

    >>> import wengert as wg
    >>> wg.hvp(lambda x: x**3, (2.0,), (1.0,))
    12.0
    """
    primals, v = _as_tuple(primals), _as_tuple(v)
    everything = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(f, argnums=everything), primals, v)[1]


def directional_derivative(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The derivative of t ↦ f(x + t v) at 0.

    >>> import numpy as np, wengert as wg
    >>> wg.directional_derivative(lambda x: x[0] * x[1], np.array([2.0, 3.0]), np.array([1.0, 1.0]))
    np.float64(5.0)
    """
    return jvp(f, (x,), (v,))[1]


def stop_gradient(x: Any) -> Any:
    """x as a constant: its derivative is zero from here on. Containers are taken leaf by leaf.

    >>> import wengert as wg
    >>> wg.grad(lambda x: x * wg.stop_gradient(x))(3.0)
    3.0
    """
    return tree.tree_map(_plain, x)


def _plain(x: Any) -> Any:
    value = stopped(x)
    if is_value(value):
        return apply(STOP, (value,))
    return value.copy() if is_value(x) and isinstance(value, np.ndarray) else value


STOP = Row(operator.pos, "stop_gradient", "constant", special=True)
"""What a trace has for stop_gradient: a copy, of which a derivative sees nothing."""


def _record(f: Any, primals: Any, name: str, keep: bool = False) -> Recorded:
    require_callable(f, name)
    swap.prepare(*roots(f))
    return Recorded(f, tuple(primals), {}, tuple(range(len(primals))), name, keep)


def _as_tuple(x: Any) -> tuple[Any, ...]:
    return x if type(x) is tuple else (x,)


def _linearized(f: Any, primals: Any, name: str, has_aux: bool, keep: bool = False) -> Any:
    if not isinstance(primals, (tuple, list)):
        raise BadInput(f"{name}: primals must be a tuple of f's arguments, got {describe(primals)}.\nPass (x,).")
    run = _record(f, tuple(primals), name, keep)
    if has_aux:
        split(run, has_aux)
    n = result_size(run, has_aux)
    require_numbers(run.out_leaves[:n], f, name)

    def push(*tangents: Any) -> Any:
        seeds = _tangents(tangents, primals, run, f, name)
        dots = run.push(seeds)[:n]
        leaves = finish_all(dots, [_inexact(y) for y in run.out_leaves[:n]], conjugate=False)
        whole = leaves + run.out_leaves[n:]
        return run.like_result(whole)[0] if has_aux else run.like_result(whole)

    return run, push


def _inexact(y: Any) -> Any:
    """What the tangent of y looks like: y itself if it is floating."""
    if isinstance(concrete(y), (bool, int, np.integer, np.bool_)):
        return 0.0
    return y


def split(run: Recorded, has_aux: bool) -> tuple[Any, Any]:
    """f's result, and its auxiliary data or None."""
    whole = run.value()
    if not has_aux:
        return whole, None
    if not isinstance(whole, tuple) or len(whole) != 2:
        raise BadInput(f"has_aux=True needs f to return (result, aux), got {describe(run.result)}.\nReturn a pair.")
    return whole


def result_size(run: Recorded, has_aux: bool) -> int:
    """How many leaves the result has, without auxiliary data."""
    if not has_aux:
        return len(run.out_leaves)
    structure: Any = run.out_structure
    return structure.child(0).num_leaves


def _tangents(tangents: Any, primals: Any, run: Recorded, f: Any, name: str) -> list[Any]:
    if len(tangents) == 1 and len(primals) != 1 and isinstance(tangents[0], tuple):
        tangents = tangents[0]
    if len(tangents) != len(primals):
        raise ValueError(f"{name}: {len(tangents)} tangents for {len(primals)} primals.\nPass one tangent per primal.")
    seeds: list[Any] = []
    for k, (d, x) in enumerate(zip(tangents, primals, strict=True)):
        parts, structure = tree.flatten(d) if run.structure[k] is not None else ([d], None)
        xs = tree.flatten(x)[0] if run.structure[k] is not None else [x]
        if structure != run.structure[k]:
            raise ValueError(
                f"{name}: tangent {k} is {describe(d)}, {argument(f, k)} is {describe(x)}.\n"
                "Pass a tangent of the structure of the argument."
            )
        for part, leaf in zip(parts, xs, strict=True):
            seeds.append(_seed(part, leaf, f"tangent {k}", argument(f, k)))
    return seeds


def _cotangents(cotangent: Any, run: Recorded, n: int, structure: Any) -> list[Any]:
    if structure is None or is_one_array(structure):
        return [_seed(cotangent, run.out_leaves[0], "cotangent", "output")]
    leaves, given = tree.flatten(cotangent)
    if given != structure:
        raise ValueError(
            f"cotangent is {describe(cotangent)} with {len(leaves)} leaves, the output has {n} in another structure.\n"
            "Pass a cotangent of the structure of the output."
        )
    return [_seed(c, y, "cotangent", "output") for c, y in zip(leaves, run.out_leaves[:n], strict=True)]


def _seed(given: Any, like: Any, what: str, whose: str) -> Any:
    if is_value(given):
        seed = given
    else:
        seed = np.asarray(given)
        if seed.dtype.kind not in "fciub":
            raise BadInput(f"{what} is {describe(given)}, not numeric.\nPass numbers of the shape of the {whose}.")
        seed = seed.astype(
            np.result_type(seed.dtype, concrete(like), np.float16 if seed.dtype.kind in "biu" else seed.dtype)
        )
    if np.iscomplexobj(concrete(seed)) and not np.iscomplexobj(concrete(like)):
        raise BadInput(
            f"{what} is {describe(given)}, but the {whose} is real.\nPass real numbers, np.real(...) of these."
        )
    if np.shape(concrete(seed)) != np.shape(concrete(like)):
        raise ValueError(
            f"{what} has shape {np.shape(concrete(seed))}, {whose} has shape {np.shape(concrete(like))}.\n"
            "Give it that shape."
        )
    return seed if is_value(seed) or seed.ndim else seed[()]
