"""The objects of Python's that the code here knows, by name, and where the parts of wengert's own ones lie."""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Callable
from ctypes import pythonapi as api
from typing import Any

import numpy as np

from wengert.ir.row import ROWS, Row
from wengert.native.recorder import learnt
from wengert.record import elements, operators
from wengert.record.apply import INPUT, snapshot, standin
from wengert.record.index import GETITEM, NUMBER, WRITE, getitem
from wengert.record.numbers import python_row
from wengert.record.repeating import Repeating
from wengert.record.value import Array, Recorder, Scalar
from wengert.record.varying import TAKE
from wengert.rules import elementwise
from wengert.sweep import reverse

SYMBOLS = (
    "PyDict_GetItem", "PyDict_New", "PyDict_SetItem", "PyDict_Size", "PyErr_Clear", "PyErr_Occurred", "PyList_Append",
    "PyList_SetItem", "PyLong_AsSsize_t", "PyLong_AsVoidPtr", "PyLong_FromSsize_t", "PyMethod_New", "PyNumber_Add",
    "PyObject_GC_UnTrack",
    "PyNumber_MatrixMultiply", "PyNumber_Multiply", "PyNumber_Negative", "PyNumber_Power", "PyNumber_Subtract",
    "PyNumber_TrueDivide", "PyObject_GetItem", "PyObject_RichCompareBool", "PyObject_SetItem", "PyObject_Vectorcall",
    "PyObject_VectorcallDict", "PySequence_Concat", "PySet_Contains", "PyTuple_New", "PyType_GenericAlloc",
    "Py_DecRef", "Py_IncRef",
)  # fmt: skip
"""The functions of Python's that are called."""

BINARY = (*operators.BINARY, "pow")
"""The operators of two operands, by the names that Python knows them by."""
SQUARES = ("mul", "pow")
"""Those that make squares."""
REFLECTED = tuple(operators.BINARY)
"""Those of which the first operand may be a plain number."""


def _push(lines: Any, line: Any) -> int:
    """Append a line to whatever takes lines; its slot."""
    slot = len(lines)
    lines.append(line)
    return slot


def row_of(name: str) -> Any:
    """The row of an operator."""
    return python_row(ROWS[np.power], operator.pow) if name == "pow" else ROWS[operators.BINARY[name][0]]


def slow(kind: type, name: str) -> Any:
    """An operator as Python does it; what may be a square lets native code learn."""
    method = vars(kind)[f"__{name}__"]
    return learnt.learning(method) if name in SQUARES else method


SWEEPING = ("add", "backwards", "fit", "pull_line", "scatter", "special")
"""The functions of the reverse sweep."""
PULLS = (elementwise.same, elementwise.minus, elementwise.times_second, elementwise.times_first)
"""What native code does itself."""

OBJECTS: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "Ellipsis": lambda: Ellipsis,
    "False": lambda: False,
    "True": lambda: True,
    "-1": lambda: -1,
    "0": lambda: 0,
    "()": lambda: (),
    '"key"': lambda: "key",
    '"path"': lambda: "path",
    "0.0": lambda: 0.0,
    "write": lambda: WRITE,
    "shape of a number": lambda: NUMBER,
    '"__call__"': lambda: "__call__",
    "float": lambda: float,
    "float64": lambda: np.float64,
    "int": lambda: int,
    "tuple": lambda: tuple,
    "list": lambda: list,
    "slice": lambda: slice,
    "dict": lambda: dict,
    "dtype": lambda: np.dtype(float),
    "ndarray": lambda: np.ndarray,
    "Scalar": lambda: Scalar,
    "Array": lambda: Array,
    "Repeating": lambda: Repeating,
    "getitem": lambda: GETITEM,
    "getitem function": lambda: getitem,
    "row matmul": lambda: ROWS[np.matmul],
    "slow array matmul": lambda: vars(Array)["__matmul__"],
    "slow array rmatmul": lambda: vars(Array)["__rmatmul__"],
    "matmul": lambda: np.matmul,
    "standin": lambda: standin,
    "snapshot": lambda: snapshot,
    "shapes": lambda: learnt.shapes,
    "push": lambda: _push,
    "slow append": lambda: Repeating.append,
    "slow len": lambda: Repeating.__len__,
    "slow getitem": lambda: elements.getitem,
    "slow setitem": lambda: elements.setitem,
    "slow neg": lambda: vars(Scalar)["__neg__"],
    "slow array neg": lambda: vars(Array)["__neg__"],
    "row negative": lambda: ROWS[np.negative],
    "row negative of a number": lambda: python_row(ROWS[np.negative], operator.neg),
    "slow ufunc": lambda: learnt.record_ufunc,
    "rows": lambda: ROWS,
    "known ufuncs": lambda: learnt.KNOWN,
    "no roots": lambda: learnt.NO_ROOTS,
    "input": lambda: INPUT,
    "take": lambda: TAKE,
    **{name: lambda name=name: getattr(reverse, name) for name in SWEEPING},
    **{f"pull {f.__name__}": lambda f=f: f for f in PULLS},
    **{f"row {name}": lambda name=name: row_of(name) for name in BINARY},
    **{f"slow {name}": lambda name=name: slow(Scalar, name) for name in BINARY},
    **{f"slow array {name}": lambda name=name: slow(Array, name) for name in BINARY},
    **{f"slow r{name}": lambda name=name: getattr(Scalar, f"__r{name}__") for name in REFLECTED},
    **{f"slow array r{name}": lambda name=name: getattr(Array, f"__r{name}__") for name in REFLECTED},
}
PLACES = {name: k for k, name in enumerate(OBJECTS)}


class NotHere(Exception):
    """This Python's objects do not lie as they should."""


def place_of(kind: type, name: str) -> int:
    """How many bytes into an object of that class the attribute lies."""
    mark, probe = object(), object.__new__(kind)
    object.__setattr__(probe, name, mark)
    words = (ctypes.c_size_t * (kind.__basicsize__ // 8)).from_address(id(probe))
    found = [k for k in range(2, len(words)) if words[k] == id(mark)]
    if len(found) != 1:
        raise NotHere(f"{kind.__name__}.{name}")
    return 8 * found[0]


_PARTS = (
    (Scalar, ("primal", "rec", "slot")),
    (Array, ("primal", "rec", "slot", "root", "path", "shared", "stamp", "version")),
    (Recorder, ("lines", "traces", "writes")),
    (Repeating, ("cursor", "_count")),
    (Row, ("special", "pulls", "factors")),
)


def places() -> dict[str, int]:
    """Where the attributes lie: `Scalar.primal` and so on."""
    return {f"{kind.__name__}.{name}": place_of(kind, name) for kind, names in _PARTS for name in names}


def address(name: str) -> int:
    """Where a function of Python's lies."""
    return ctypes.cast(getattr(api, name), ctypes.c_void_p).value or 0
