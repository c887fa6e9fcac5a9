"""Whole matrices of derivatives: jacobian, hessian, derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.finish import conj, finish
from wengert.api.grad import Argnums, grad
from wengert.api.inputs import require_callable, require_numbers
from wengert.api.loops import KEPT, NoLoop
from wengert.api.operator import Operator
from wengert.api.products import jvp, result_size, split
from wengert.api.recorded import Recorded
from wengert.errors import BadInput
from wengert.record.state import state
from wengert.record.value import concrete

MODES = ("auto", "forward", "reverse")


class Jacobian(Operator):
    """See `jacobian`."""

    name = "jacobian"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        options = self.options
        argnums = options["argnums"]
        args, kwargs = self.arguments(args, kwargs)
        run = Recorded(self.f, args, kwargs, argnums, self.name)
        result, aux = split(run, options["has_aux"])
        n = result_size(run, options["has_aux"])
        require_numbers(run.out_leaves[:n], self.f, self.name)
        if any(np.iscomplexobj(concrete(x)) for x in run.leaves):
            self._require_holomorphic(run, n)
        blocks = (_by_columns if self._mode(run, n) == "forward" else _by_rows)(run, n)
        matrix = _arrange(blocks, run, result, argnums)
        return (matrix, aux) if options["has_aux"] else matrix

    def _require_holomorphic(self, run: Recorded, n: int) -> None:
        """J (i ẋ) = i J ẋ along one direction: else no one complex matrix is the derivative."""
        rng = np.random.default_rng(0)
        seeds = [rng.uniform(0.5, 1.5, np.shape(concrete(x))) * np.iscomplexobj(concrete(x)) for x in run.leaves]
        straight, turned = run.push(seeds)[:n], run.push([1j * seed for seed in seeds])[:n]
        for a, b in zip(straight, turned, strict=True):
            a, b = concrete(0.0 if a is None else a), concrete(0.0 if b is None else b)
            scale = np.max(np.abs(a), initial=0.0) + np.max(np.abs(b), initial=0.0)
            if np.any(np.abs(b - 1j * a) > 1e-6 * scale):
                name = getattr(self.f, "__name__", "f")
                raise BadInput(
                    f"{self.name}: {name} is not holomorphic here, so no complex matrix is its derivative.\n"
                    "Take real and imaginary parts as separate real arguments and results, or use jvp and vjp."
                )

    def mode(self, *args: Any, **kwargs: Any) -> str:
        """Which sweep, "forward" or "reverse", is used at these arguments."""
        args, kwargs = self.arguments(args, kwargs)
        run = Recorded(self.f, args, kwargs, self.options["argnums"], self.name)
        return self._mode(run, result_size(run, self.options["has_aux"]))

    def _mode(self, run: Recorded, n: int) -> str:
        if self.options["mode"] != "auto":
            return self.options["mode"]
        inputs = sum(np.size(concrete(x)) for x in run.leaves)
        outputs = sum(np.size(concrete(y)) for y in run.out_leaves[:n])
        return "forward" if inputs <= outputs else "reverse"


def _by_columns(run: Recorded, n: int) -> list[list[Any]]:
    """blocks[i][j] = ∂yᵢ/∂xⱼ, one tangent per input element, many in one forward sweep."""
    ys = run.out_leaves[:n]
    blocks: list[list[Any]] = [[] for _ in ys]
    for j, x in enumerate(run.leaves):
        for i, columns in enumerate(_columns(run, j, ys)):
            shape = np.shape(concrete(ys[i])) + np.shape(concrete(x))
            blocks[i].append(np.reshape(np.array(np.moveaxis(columns, 0, -1), order="C"), shape))
    return blocks


def _columns(run: Recorded, j: int, ys: list[Any]) -> list[Any]:
    """For each result, its tangents for every element of input j, along a new first axis."""
    places = range(np.size(concrete(run.leaves[j])))
    if not places:
        return [np.zeros((0, *np.shape(concrete(y)))) for y in ys]
    width = max(np.size(concrete(x)) for x in run.leaves + ys)
    chunk = max(1, _CHUNK // max(width, 1))
    starts = range(0, len(places), chunk)
    chunks = [_chunk_of_columns(run, j, ys, places[start : start + chunk]) for start in starts]
    return chunks[0] if len(chunks) == 1 else [np.concatenate(parts) for parts in zip(*chunks, strict=True)]


_CHUNK = 1 << 20
"""At most about so many tangent elements per line at a time."""


def _chunk_of_columns(run: Recorded, j: int, ys: list[Any], places: range) -> list[Any]:
    count = len(places)
    seeds: list[Any] = [None] * len(run.leaves)
    seeds[j] = _units(run.leaves[j], places)
    dots = run.push_batched(seeds, count) if count > 1 else None
    if dots is not None:
        likes = [concrete(_floating(y)) for y in ys]
        return [_tangents(d, y, count) for d, y in zip(dots, likes, strict=False)]
    looped = _looped(lambda unit: _finished(run.push(_at(run.leaves, j, unit)), ys), seeds[j])
    if looped is not None:
        return looped
    columns = [run.push(_one(run.leaves, j, place)) for place in places]
    parts = [_finished(column, ys) for column in columns]
    return [np.stack([np.asarray(part[i]) for part in parts]) for i in range(len(ys))]


def _looped(sweep: Callable[[Any], tuple[Any, ...]], units: Any) -> list[Any] | None:
    """While a compiler records: the sweep recorded once, as the body of a loop over the units."""
    if not state.rolling:
        return None
    try:
        return list(KEPT["each"](sweep, units))
    except NoLoop:
        return None


def _finished(parts: list[Any], likes: list[Any]) -> tuple[Any, ...]:
    return tuple([finish(part, _floating(like)) for part, like in zip(parts, likes, strict=False)])


def _at(leaves: list[Any], k: int, seed: Any) -> list[Any]:
    """Seeds: this one for leaf k, nothing elsewhere."""
    seeds: list[Any] = [None] * len(leaves)
    seeds[k] = seed
    return seeds


def _units(x: Any, places: range) -> Any:
    """The unit tangents of the elements of x (in C order) at these places, along a new first axis."""
    like = np.asarray(concrete(x))
    units = np.zeros((len(places), like.size), like.dtype)
    units.reshape(-1)[places.start :: like.size + 1] = 1.0
    return units.reshape((len(places), *like.shape))


def _tangents(d: Any, y: Any, count: int) -> Any:
    dtype = np.asarray(y).dtype
    if d is None:
        return np.zeros((count, *np.shape(y)), dtype)
    return d.astype(dtype, copy=False) if dtype.kind == "c" or d.dtype.kind != "c" else d.real.astype(dtype)


def _by_rows(run: Recorded, n: int) -> list[list[Any]]:
    """blocks[i][j] = ∂yᵢ/∂xⱼ, one reverse sweep per output element."""
    ys = run.out_leaves[:n]
    blocks: list[list[Any]] = []
    for i, y in enumerate(ys):
        shapes = [np.shape(concrete(y)) + np.shape(concrete(x)) for x in run.leaves]
        blocks.append([np.reshape(rows, shape) for rows, shape in zip(_rows(run, i, n), shapes, strict=True)])
    return blocks


def _rows(run: Recorded, i: int, n: int) -> list[Any]:
    """For each input, its cotangents for every element of result i, along a new first axis."""
    ys, rest = run.out_leaves[:n], [None] * (len(run.out_leaves) - n)
    places = range(np.size(concrete(ys[i])))
    if not places:
        return [np.zeros((0, *np.shape(concrete(x)))) for x in run.leaves]

    def row(unit: Any) -> tuple[Any, ...]:
        return tuple([finish(c, x) for c, x in zip(run.pull(_at(ys, i, unit) + rest), run.leaves, strict=True)])

    looped = _looped(row, _units(_floating(ys[i]), places))
    if looped is not None:
        return looped
    rows = [row(_one(ys, i, place)[i]) for place in places]
    return [np.stack([np.asarray(parts[j]) for parts in rows]) for j in range(len(run.leaves))]


def _one(leaves: list[Any], k: int, place: int) -> list[Any]:
    """Seeds: the unit vector at `place` of leaf k, nothing elsewhere."""
    like = concrete(_floating(leaves[k]))
    unit = np.zeros(np.shape(like), np.asarray(like).dtype)
    unit.flat[place] = 1.0
    return _at(leaves, k, unit if unit.ndim else unit[()])


def _floating(y: Any) -> Any:
    return y if np.asarray(concrete(y)).dtype.kind in "fc" else np.asarray(concrete(y), float)[()]


def _arrange(blocks: list[list[Any]], run: Recorded, result: Any, argnums: Any) -> Any:
    """Blocks as a tree of f's result whose leaves are trees of the arguments."""
    lines: list[Any] = []
    for row in blocks:
        grads = run.like_inputs([b if np.ndim(concrete(b)) else b[()] for b in row])
        lines.append(grads[0] if type(argnums) is int else tuple(grads))
    structure = tree.flatten(result)[1]
    return tree.unflatten(structure, lines)


def jacobian(f: Callable[..., Any], argnums: Argnums = 0, mode: str = "auto", *, has_aux: bool = False) -> Jacobian:
    """The Jacobian x ↦ ∂f/∂x, an array of shape f(x).shape + x.shape.

    Arguments:
        f: a function of arrays (or containers of them), returning arrays (or containers).
        argnums: position(s) of the argument(s) to differentiate; a tuple gives a tuple.
        mode: "forward" takes one sweep per input element, "reverse" one per output element;
            "auto" takes the fewer, and `jacobian(f).mode(x)` says which.
        has_aux: f returns (result, aux), and the result is (Jacobian, aux).

    For complex arguments of a holomorphic f it is the complex derivative.

    >>> import numpy as np, wengert as wg
    >>> wg.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    if mode not in MODES:
        raise ValueError(f'jacobian: mode is {mode!r}.\nPass one of "auto", "forward", "reverse".')
    return Jacobian(f, argnums=argnums, mode=mode, has_aux=has_aux)


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Jacobian:
    """The Hessian x ↦ ∂²f/∂x∂x of a scalar function, of shape x.shape + x.shape, forward over reverse.

    >>> import numpy as np, wengert as wg
    >>> wg.hessian(lambda x: x[0] * x[1] ** 2)(np.array([3.0, 2.0]))
    array([[0., 4.],
           [4., 6.]])
    """
    require_callable(f, "hessian")
    return jacobian(grad(f, argnums), argnums, mode="forward")


class Derivative(Operator):
    """See `derivative`."""

    name = "derivative"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = self.arguments(args, kwargs)
        k = self.options["argnums"]
        x = args[k]
        if np.ndim(concrete(x)):
            raise BadInput(
                f"derivative needs a scalar input, but argument {k} has shape {np.shape(concrete(x))}.\n"
                "Use jacobian for arrays, or directional_derivative along one direction."
            )

        def along(t: Any) -> Any:
            return self.f(*args[:k], t, *args[k + 1 :], **kwargs)

        along.__name__ = getattr(self.f, "__name__", "f")
        return _nested(along, self.options["order"])(x)


def _nested(f: Callable[[Any], Any], order: int) -> Callable[[Any], Any]:
    for _ in range(order):
        f = _slope(f)
    return f


def _slope(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda t: jvp(f, (t,), (np.ones_like(concrete(t))[()] if type(concrete(t)) is not float else 1.0,))[1]


def derivative(f: Callable[..., Any], argnums: int = 0, *, order: int = 1) -> Derivative:
    """The derivative dⁿf/dxⁿ of a function of a scalar (its result may be any array), by forward sweeps.

    >>> import wengert as wg
    >>> wg.derivative(lambda x: x**4, order=2)(3.0)
    108.0
    """
    if order < 0 or int(order) != order:
        raise ValueError(f"derivative: order is {order!r}.\nPass a whole number, 0 or more.")
    return Derivative(f, argnums=argnums, order=int(order))


__all__ = ["Derivative", "Jacobian", "conj", "derivative", "hessian", "jacobian"]
