"""What complex values are: their types and those of their parts, constants, and the rows that join and part them."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Atom, Lit, Type, Var
from wengert.ir.row import Row
from wengert.ir.trace import Trace

PART = {"c128": "f64", "c64": "f32", "complex": "float"}
"""The dtype of a complex type's parts."""


def is_complex(t: Type) -> bool:
    """Whether a value of this type has two parts."""
    return t.dtype in PART


def part_type(t: Type) -> Type:
    """The type of each part; a real type itself."""
    return Type(PART[t.dtype], t.shape, t.python) if is_complex(t) else t


def join(x: Any, y: Any, dtype: Any) -> Any:
    """x + iy, without arithmetic."""
    z = np.empty(np.broadcast_shapes(np.shape(x), np.shape(y)), dtype)
    z.real, z.imag = x, y
    return z[()]


def parts(z: Any) -> tuple[Any, Any]:
    """(real part, imaginary part)."""
    return np.real(z), np.imag(z)


JOIN = Row(join, "complex join", "linear")
PARTS = Row(parts, "complex parts", "linear", results=2)


class NotParted(Exception):
    """The line has no form on parts."""


def has_complex(trace: Trace) -> bool:
    """Whether a variable or a constant of the trace, or of a loop in it, is complex."""
    atoms = [*trace.inputs, *trace.outputs, *[a for line in trace.lines for a in (*line.args, *line.outs)]]
    if any([is_complex(a.type) for a in atoms if not isinstance(a, Lit) or is_number(a)]):
        return True
    return any([has_complex(line.params["loop"].body) for line in trace.lines if line.row.name == "loop"])


def is_number(atom: Atom) -> bool:
    """Whether an argument is a value: not a constant of some other kind."""
    return isinstance(atom, Var) or isinstance(atom.value, (bool, int, float, complex, np.ndarray, np.generic))


JOINED_DTYPES = {"c128": np.complex128, "c64": np.complex64, "complex": np.complex128}
REAL_DTYPES: dict[str, Any] = {"f64": np.float64, "f32": np.float32, "i64": np.int64, "bool": np.bool_}
PLAIN = {"float": "f64", "int": "i64"}


def parts_of_constant(x: Any) -> tuple[Lit, Lit]:
    """A complex number or array as two real ones."""
    if isinstance(x, np.ndarray):
        return Lit(np.ascontiguousarray(x.real).reshape(x.shape)), Lit(np.ascontiguousarray(x.imag).reshape(x.shape))
    return Lit(x.real), Lit(x.imag)


def fitted_constant(atom: Lit, t: Type) -> Lit:
    """A real constant in the shape and dtype of a type; numbers stay as they are."""
    if atom.type == t or (not t.shape and isinstance(atom.value, (int, float))):
        return atom
    dtype = REAL_DTYPES[PLAIN.get(t.dtype, t.dtype)]
    x = np.asarray(atom.value).astype(dtype)
    return Lit(np.broadcast_to(x, t.shape) if t.shape else x[()])
