"""Functions of whole complex arrays on parts: lengths, spreads, small systems of equations, transforms of SciPy's."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type
from wengert.ir.row import ROWS, Row
from wengert.passes import complex_maths as maths
from wengert.passes.complex_rows import part_params, single
from wengert.passes.complex_values import NotParted
from wengert.passes.parting import Parted, Parting, Rule, Rules
from wengert.rules.axes import ABSENT
from wengert.rules.fft import FFT, IFFT, IRFFT, RFFT

# ── lengths and spreads: those of |z| ──


def _of_length(p: Parting, line: Line) -> list[Parted]:
    (z,) = [p.of(a) for a in line.args]
    t = single(line)
    (r,) = p.formula(maths.absolute, [z])
    return [(p.call(line.row, line.op, (r,), part_params(line), t), None)]


def _spread(root: bool) -> Rule:
    """Σ |z − z̄|² / n is the sum of those of the parts."""

    def rule(p: Parting, line: Line) -> list[Parted]:
        t, params = single(line), part_params(line)
        x, y = p.of(line.args[0])
        if y is None or len(line.args) > 1:
            raise NotParted
        row = ROWS[np.var]
        both = [p.call(row, np.var, (part,), params, t) for part in (x, y)]
        total = p.call(ROWS[np.add], np.add, tuple(both), {}, t)
        return [(p.call(ROWS[np.sqrt], np.sqrt, (total,), {}, t) if root else total, None)]

    return rule


_MOST_FACTORS = 32


def _product(p: Parting, line: Line) -> list[Parted]:
    """A product of a few factors."""
    params = dict(line.params)
    axis, keepdims = params.pop("axis", None), params.pop("keepdims", False)
    shape = line.args[0].type.shape
    given = [a for a in line.args[1:] if not isinstance(a, Lit) or a.value is not ABSENT]
    if axis is None and len(shape) == 1:
        axis = 0
    if params or keepdims or given or not isinstance(axis, int) or not 0 < shape[axis] <= _MOST_FACTORS:
        raise NotParted
    x, y = p.of_arrays(maths.prod, [p.of(line.args[0])], axis=axis)
    return [(x, y)]


# ── small systems: (A + iB)(x + iy) = c + id is [[A, −B], [B, A]] [x; y] = [c; d] ──

_LARGEST = 16
"""Up to this order twice the work costs less than a call of NumPy."""


def _is_small(line: Line) -> bool:
    shapes = [a.type.shape for a in line.args]
    return len(shapes[0]) == 2 and 0 < shapes[0][0] <= _LARGEST and all([0 < len(s) <= 2 for s in shapes])


def _solved(p: Parting, line: Line) -> list[Parted]:
    if not _is_small(line):
        raise NotParted
    pairs = [p.of(a) for a in line.args]
    if pairs[1][1] is None:
        pairs[1] = pairs[1][0], p.zero(line.args[1].type)
    x, y = p.of_arrays(maths.solve, pairs)
    return [(x, y)]


def _inverted(p: Parting, line: Line) -> list[Parted]:
    if not _is_small(line):
        raise NotParted
    x, y = p.of_arrays(maths.inverse, [p.of(line.args[0])])
    return [(x, y)]


# ── scipy.fft in several dimensions: numpy.fft axis by axis ──


def _transform(row: Row) -> Rule:
    """fftn or ifftn."""

    def rule(p: Parting, line: Line) -> list[Parted]:
        s, axes, norm = (line.params[name] for name in ("s", "axes", "norm"))
        z = _along(p, row, p.joined(line.args[0]), line.outs[0].type, zip(s, axes, strict=True), norm)
        return [p.parted(z)]

    return rule


def _along(p: Parting, row: Row, z: Atom, t: Type, lengths: Any, norm: Any) -> Any:
    """The transforms along several axes, of a dtype."""
    for n, axis in lengths:
        z = _one(p, row, z, Type(t.dtype, _resized(z.type.shape, n, axis)), n, axis, norm)
    return z


def _one(p: Parting, row: Row, z: Atom, t: Type, n: int, axis: int, norm: Any) -> Any:
    return p.call(row, row.op, (z,), {"n": n, "axis": axis, "norm": norm}, t)


def _resized(shape: tuple[int, ...], n: int, axis: int) -> tuple[int, ...]:
    return (*shape[:axis], n, *shape[axis + 1 :])


def _rfftn(p: Parting, line: Line) -> list[Parted]:
    """The last axis first, from a real array."""
    s, axes, norm = (line.params[name] for name in ("s", "axes", "norm"))
    t = line.outs[0].type
    x = p.of(line.args[0])[0]
    first = Type(t.dtype, _resized(x.type.shape, s[-1] // 2 + 1, axes[-1]))
    z = _one(p, RFFT, x, first, s[-1], axes[-1], norm)
    return [p.parted(_along(p, FFT, z, t, zip(s[:-1], axes[:-1], strict=True), norm))]


def _irfftn(p: Parting, line: Line) -> list[Parted]:
    """The last axis last, to a real array."""
    s, axes, norm = (line.params[name] for name in ("s", "axes", "norm"))
    z = p.joined(line.args[0])
    z = _along(p, IFFT, z, z.type, zip(s[:-1], axes[:-1], strict=True), norm)
    return [(_one(p, IRFFT, z, line.outs[0].type, s[-1], axes[-1], norm), None)]


ALGEBRA: Rules = {
    "numpy.linalg.norm": _of_length,
    np.var: _spread(False),
    np.std: _spread(True),
    "numpy.prod": _product,
    "numpy.linalg.solve": _solved,
    "numpy.linalg.inv": _inverted,
    "scipy.fft.fftn": _transform(FFT),
    "scipy.fft.ifftn": _transform(IFFT),
    "scipy.fft.rfftn": _rfftn,
    "scipy.fft.irfftn": _irfftn,
}
"""A primitive, or the name of a row → its results on parts."""
