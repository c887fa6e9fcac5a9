"""The Jacobian of one function at one point, by each method: forward, reverse, complex step, differences, 50 digits.

A method is a function from a Point to a matrix (one row per audited output, one column per audited
element of an argument), or a reason why it cannot be had.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.products import jvp, vjp
from wengert.audit import digits
from wengert.diagnosis.replay import Program
from wengert.errors import BadInput, OffTrace, first_line
from wengert.ir.line import Var
from wengert.ir.trace import RUN
from wengert.numerical import complex_step, differences


class Refused(Exception):
    """Why a method does not apply to this function."""


@dataclass(frozen=True, eq=False, repr=False, match_args=False)
class Point:
    """f at x: a function of its floating leaves. `columns` are (leaf, element), `rows` places in the flat result."""

    f: Callable[..., Any]
    x: list[Any]
    names: list[str]
    columns: list[tuple[int, tuple[int, ...]]]
    rows: list[int]
    program: Program

    def flat(self, *x: Any) -> Any:
        """f at other values: all its floating results in one row."""
        return flatten(self.f(*x))

    def unit(self, c: int) -> list[Any]:
        """The tangent of column c, one part per leaf."""
        i, at = self.columns[c]
        parts = [np.zeros_like(np.asarray(x))[()] for x in self.x]
        part = np.zeros_like(np.asarray(self.x[i]))
        part[at] = 1
        parts[i] = part[()]
        return parts

    def moved(self, c: int, t: Any) -> list[Any]:
        """The leaves, with t added to the element of column c."""
        i, at = self.columns[c]
        x = np.array(self.x[i], np.result_type(np.asarray(self.x[i]).dtype, float, type(t)))
        x[at] += t
        return [*self.x[:i], x[()], *self.x[i + 1 :]]


def flatten(y: Any) -> Any:
    """All floating results in one row."""
    leaves = [np.ravel(x) for x in tree.flatten(y)[0] if _is_floating(x)]
    return np.concatenate(leaves) if leaves else np.zeros(0)


def _is_floating(x: Any) -> bool:
    return isinstance(x, (float, complex, np.ndarray, np.generic)) and np.asarray(x).dtype.kind in "fc"


def forward(p: Point) -> Any:
    """One forward sweep per column."""
    columns = [flatten(jvp(p.f, tuple(p.x), tuple(p.unit(c)))[1])[p.rows] for c in range(len(p.columns))]
    return np.array(columns, float).T


def reverse(p: Point) -> Any:
    """One reverse sweep per row."""
    y, pullback = vjp(p.f, *p.x)
    leaves, structure = tree.flatten(y)
    rows: list[Any] = []
    for r in p.rows:
        bars = pullback(tree.unflatten(structure, _unit_leaves(leaves, r)))
        rows.append([np.asarray(bars[i])[at] for i, at in p.columns])
    return np.array(rows, float).reshape(len(p.rows), len(p.columns))


def _unit_leaves(leaves: list[Any], r: int) -> list[Any]:
    """Zero cotangents, but for element r of the flat result."""
    found: list[Any] = []
    for leaf in leaves:
        c = np.zeros(np.shape(leaf))
        if _is_floating(leaf):
            if 0 <= r < c.size:
                c.flat[r] = 1.0
            r -= c.size
        found.append(c[()])
    return found


NOT_ANALYTIC = {
    "numpy.absolute", "numpy.fabs", "numpy.real", "numpy.imag", "numpy.conjugate", "numpy.angle", "numpy.sign",
    "numpy.floor", "numpy.ceil", "numpy.round", "numpy.rint", "numpy.trunc", "numpy.hypot", "numpy.linalg.norm",
    "numpy.arctan2", "numpy.maximum", "numpy.minimum", "numpy.fmax", "numpy.fmin", "numpy.std", "numpy.var",
    "numpy.max", "numpy.min", "numpy.sort", "numpy.median", "clip", "numpy.linalg.svd", "numpy.linalg.eigh",
    "numpy.linalg.cholesky", "numpy.linalg.slogdet", "numpy.linalg.qr", "numpy.vdot", "numpy.copysign", "astype",
    "numpy.heaviside", "numpy.remainder", "numpy.fmod", "numpy.cbrt",
}  # fmt: skip
"""Primitives that are not analytic, or that take complex numbers for something else."""


def by_complex_step(p: Point) -> Any:
    """Im f(x + ih)/h, if all that f computes is analytic."""
    for step in p.program.steps:
        name = step.line.row.name
        if name in NOT_ANALYTIC and step.line.inputs:
            where = p.program.where[step.number]
            raise Refused(f"{name.replace('numpy.', 'np.', 1)} is not analytic ({where})")
    columns: list[Any] = []
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            for c in range(len(p.columns)):
                seen = p.flat(*p.moved(c, 1e-200j))
                if not np.iscomplexobj(seen):
                    raise Refused("f returns real numbers for complex arguments")
                columns.append(complex_step(lambda t, c=c: p.flat(*p.moved(c, t)), check=False)[p.rows])
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"f does not take complex numbers: {first_line(error)}") from None
    return np.array(columns, float).T


def by_differences(p: Point) -> tuple[Any, Any]:
    """(the extrapolated differences, their own error), scaled by the size of each element."""
    values: list[Any] = []
    errors: list[Any] = []
    for c, (i, at) in enumerate(p.columns):
        x = float(np.asarray(p.x[i])[at])
        size = min(abs(x), 1.0) if x else 1.0
        found = differences(lambda t, c=c, size=size: p.flat(*p.moved(c, float(t) * size)))
        values.append(np.asarray(found.value)[p.rows] / size)
        errors.append(np.asarray(found.error)[p.rows] / size)
    return np.array(values, float).T, np.array(errors, float).T


def in_many_digits(p: Point) -> Any:
    """The reference: an object array of mpmath numbers."""
    if sum(int(np.prod(out.type.shape)) for line in p.program.trace.lines for out in line.outs) > _MOST_WORK:
        raise Refused(f"the program computes more than {_MOST_WORK} numbers")
    try:
        with digits.mpmath().workdps(digits.DIGITS):
            columns = [digits.column(p.program, i, at, p.rows) for i, at in p.columns]
    except digits.NotReplayed as error:
        raise Refused(first_line(error)) from None
    except BadInput as error:
        raise Refused(str(error).replace("\n", " ")) from None
    out = np.empty((len(p.rows), len(columns)), object)
    for c, parts in enumerate(columns):
        out[:, c] = parts
    return out


_MOST_WORK = 20_000
"""So many numbers a program may compute to be run in 50 digits: a second per column."""


def in_single(p: Point) -> Any:
    """Reverse mode over the lines of the program with every argument in single precision.

    Not over f itself: a loop that waits for 1e-14 would never end.
    """
    x = [np.asarray(leaf, np.float32)[()] for leaf in p.x]
    with np.errstate(all="ignore"):
        try:
            outputs, pullback = vjp(lambda *values: _again(p.program, list(values)), *x)
        except OffTrace as error:
            raise Refused(f"f would go another way ({first_line(error)})") from None
        if not all(np.asarray(y).dtype == np.float32 for y in outputs if _is_floating(y)):
            raise Refused("f computes in double precision all the same")
        rows: list[Any] = []
        for r in p.rows:
            units = [np.asarray(c, np.float32)[()] for c in _unit_leaves(outputs, r)]
            bars = pullback(units)
            rows.append([np.asarray(bars[i], float)[at] for i, at in p.columns])
    return np.array(rows, float).reshape(len(p.rows), len(p.columns))


def _again(p: Program, values: list[Any]) -> list[Any]:
    """The outputs of the lines for inputs of another precision; guards must hold."""
    env: dict[Any, Any] = dict(zip(p.trace.inputs, values, strict=True))
    for line in p.trace.lines:
        args = [env[a] if isinstance(a, Var) else a.value for a in line.args]
        special = RUN.get(line.row.name)
        if special is not None:
            outs = special(line, args)
        else:
            y = line.op(*args, **line.params)
            outs = tuple(y) if line.many else (y,)
        env.update(zip(line.outs, outs, strict=True))
    return [env[a] if isinstance(a, Var) else a.value for a in p.trace.outputs]
