"""The function that Python calls: a builtin whose own code is native too.

    entry(self, args, nargs)      METH_FASTCALL; `self` is the address of the context

It looks at the type of every argument (floats, NumPy's floats, arrays of the shape, dtype and order
that the kernel was compiled for), hands their memory to the kernel, and makes the results. Where an
argument is anything else it returns NotImplemented; where the kernel leaves early, None, and the
status stands in the context.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import pythonapi as api
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.native import assembly as ir
from wengert.native.emit.scalars import F64, I32, I64, STORED
from wengert.native.node import DTYPES, Shape
from wengert.native.objects import DATA, ITEMS, NUMBER_VALUE, PTR, TABLE, TYPE, Arrays, new_function, part_of

# ── the context: addresses that the native code needs ──

_C_API: Any = np._core._multiarray_umath._ARRAY_API  # type: ignore[attr-defined]
_NEW_ARRAY, _NEW_SCALAR = 93, 60
"""Places of PyArray_New and PyArray_Scalar in NumPy's table of functions (numpy/__multiarray_api.h)."""

api.PyCapsule_GetPointer.restype = ctypes.c_void_p
api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


def _of_numpy(k: int) -> int:
    table = api.PyCapsule_GetPointer(_C_API, None)
    return ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))[k] or 0


def _function(name: str) -> int:
    return ctypes.cast(getattr(api, name), ctypes.c_void_p).value or 0


NUMPY = {**DTYPES, "c128": np.complex128, "c64": np.complex64}
"""What arguments and results are to Python: complex numbers are pairs of numbers to a kernel."""

_FIXED: list[tuple[str, Any]] = [
    ("status", lambda: 0),
    ("threads", lambda: 1),
    ("None", lambda: id(None)),
    ("NotImplemented", lambda: id(NotImplemented)),
    ("float", lambda: id(float)),
    ("float64", lambda: id(np.float64)),
    ("float32", lambda: id(np.float32)),
    ("complex", lambda: id(complex)),
    ("complex128", lambda: id(np.complex128)),
    ("complex64", lambda: id(np.complex64)),
    ("ndarray", lambda: id(np.ndarray)),
    ("PyFloat_FromDouble", lambda: _function("PyFloat_FromDouble")),
    ("PyComplex_FromDoubles", lambda: _function("PyComplex_FromDoubles")),
    ("PyLong_FromLongLong", lambda: _function("PyLong_FromLongLong")),
    ("PyBool_FromLong", lambda: _function("PyBool_FromLong")),
    ("PyErr_NoMemory", lambda: _function("PyErr_NoMemory")),
    ("PyTuple_New", lambda: _function("PyTuple_New")),
    ("PyLong_AsVoidPtr", lambda: _function("PyLong_AsVoidPtr")),
    ("PyEval_SaveThread", lambda: _function("PyEval_SaveThread")),
    ("PyEval_RestoreThread", lambda: _function("PyEval_RestoreThread")),
    ("malloc", lambda: _function("PyMem_RawMalloc")),
    ("free", lambda: _function("PyMem_RawFree")),
    ("PyArray_New", lambda: _of_numpy(_NEW_ARRAY)),
    ("PyArray_Scalar", lambda: _of_numpy(_NEW_SCALAR)),
    *[(f"descr {name}", lambda t=t: id(np.dtype(t))) for name, t in NUMPY.items()],
]
_PLACE = {name: k for k, (name, _) in enumerate(_FIXED)}
FIRST = len(_FIXED)
"""Where the kernel's own part of the context begins."""


def fixed_context() -> list[int]:
    """The part of a context that is the same for all."""
    return [find() for _, find in _FIXED]


@dataclass(frozen=True)
class Passed:
    """One argument or result. Kinds: `array`; numbers: `float`, `complex`, `int`, `bool`, `float64`, …; `scalar`."""

    kind: str
    dtype: str
    shape: Shape

    @property
    def is_complex(self) -> bool:
        """Whether a number is two."""
        return self.dtype[0] == "c"

    @property
    def part(self) -> str:
        """The dtype that the kernel knows."""
        return {"c128": "f64", "c64": "f32"}.get(self.dtype, self.dtype)


@dataclass(frozen=True)
class Signature:
    """What the entry takes and gives."""

    inputs: tuple[Passed, ...]
    outputs: tuple[Passed, ...]
    work: int
    heavy: bool


class Entry:
    """The entry while it is being written."""

    def __init__(self, module: ir.Module, kernel: Any, signature: Signature, name: str) -> None:
        self.s = signature
        self.module, self.kernel, self.arrays = module, kernel, Arrays(module)
        self.function = ir.Function(module, ir.FunctionType(PTR, [PTR, TABLE, I64]), name)
        self.entry = self.function.append_basic_block("entry")
        self.b = ir.IRBuilder(self.function.append_basic_block("body"))
        if signature.heavy:  # what is done here is little beside the kernel's work: it need be there soon, not fast
            for function in (self.function, self.arrays.memory, self.arrays.release):
                function.attributes |= {"noinline", "optnone"}

    def write(self) -> None:
        """Write everything."""
        b = self.b
        number = ir.FunctionType(PTR, [PTR])
        # The address is a Python int: its value is read once, by Python itself.
        address = self._symbol_call("PyLong_AsVoidPtr", number, [self.function.args[0]])
        self.context = b.bitcast(address, TABLE)
        self.refused = self.function.append_basic_block("refused")
        self._refuse_unless(b.icmp_signed("==", self.function.args[2], ir.Constant(I64, len(self.s.inputs))))
        args = self._table(len(self.s.inputs))
        for k, given in enumerate(self.s.inputs):
            self._put(args, k, self._argument(k, given))
        results, objects = self._results()
        status = self._run(args, results, objects)
        self._leave_unless_zero(status, objects)
        b.ret(self._answer(results, objects))
        with b.goto_block(self.refused):
            b.ret(self._new_reference("NotImplemented"))
        ir.IRBuilder(self.entry).branch(self.function.basic_blocks[1])

    # ── arguments ──

    def _argument(self, k: int, given: Passed) -> Any:
        """The address of an argument's memory."""
        b = self.b
        x = b.load(b.gep(self.function.args[1], [ir.Constant(I64, k)]))
        if given.kind != "array":
            self._refuse_unless(self._has_type(x, given.kind))
            return self._at(x, NUMBER_VALUE)
        expected = [self._fixed("ndarray"), self._fixed(f"descr {given.dtype}"), self._constant_dims(given.shape)]
        data = b.call(self.arrays.memory, [x, *expected, ir.Constant(I64, len(given.shape))])
        self._refuse_unless(b.icmp_signed("!=", data, ir.Constant(PTR, None)))
        return data

    def _has_type(self, x: Any, kind: str) -> Any:
        return self.b.icmp_signed("==", self._field(x, TYPE, PTR), self._fixed(kind))

    def _refuse_unless(self, condition: Any) -> None:
        following = self.function.append_basic_block("go")
        self.b.cbranch(condition, following, self.refused)
        self.b.position_at_end(following)

    # ── results ──

    def _results(self) -> tuple[Any, list[Any]]:
        """The table of addresses of results, and the arrays that were made for them."""
        table = self._table(len(self.s.outputs))
        self.made = self._table(sum(result.kind == "array" for result in self.s.outputs))
        objects: list[Any] = []
        for k, result in enumerate(self.s.outputs):
            if result.kind == "array":
                made = self._new_array(result)
                self._leave_without(made, objects)
                self._put(self.made, sum(x is not None for x in objects), made)
                objects.append(made)
                self._put(table, k, self._field(made, DATA, PTR))
            else:
                objects.append(None)
                slot = ir.IRBuilder(self.entry).alloca(STORED[result.part], 1 + result.is_complex)
                self._put(table, k, self.b.bitcast(slot, PTR))
        return table, objects

    def _new_array(self, result: Passed) -> Any:
        t = ir.FunctionType(PTR, [PTR, I32, PTR, I32, PTR, PTR, I32, I32, PTR])
        null = ir.Constant(PTR, None)
        zero = ir.Constant(I32, 0)
        dims = self._constant_dims(result.shape)
        number = ir.Constant(I32, np.dtype(NUMPY[result.dtype]).num)
        rank = ir.Constant(I32, len(result.shape))
        return self._call("PyArray_New", t, [self._fixed("ndarray"), rank, dims, number, null, null, zero, zero, null])

    def _constant_dims(self, shape: tuple[int, ...]) -> Any:
        t = ir.ArrayType(I64, max(len(shape), 1))
        name = "dims." + ".".join(map(str, shape))
        known: Any = self.module.globals.get(name)
        if known is None:
            known = ir.GlobalVariable(self.module, t, name)
            known.initializer = ir.Constant(t, list(shape) or [0])
            known.global_constant, known.linkage = True, "internal"
        return self.b.bitcast(known, PTR)

    def _answer(self, results: Any, objects: list[Any]) -> Any:
        made = [
            self._number(result, self._get(results, k)) if obj is None else obj
            for k, (result, obj) in enumerate(zip(self.s.outputs, objects, strict=True))
        ]
        if len(made) == 1:
            return made[0]
        whole = self._call("PyTuple_New", ir.FunctionType(PTR, [I64]), [ir.Constant(I64, len(made))])
        self._leave_without(whole, objects)
        for k, x in enumerate(made):
            place = self.b.bitcast(self._at(whole, ITEMS + 8 * k), TABLE)
            self.b.store(x, place)
        return whole

    def _number(self, result: Passed, slot: Any) -> Any:
        """A Python or NumPy number made of what the kernel stored."""
        b, kind = self.b, result.kind
        if kind == "complex":
            raw = b.bitcast(slot, F64.as_pointer())
            both = [b.load(b.gep(raw, [ir.Constant(I64, k)])) for k in range(2)]
            return self._call("PyComplex_FromDoubles", ir.FunctionType(PTR, [F64, F64]), both)
        if kind == "float":
            x = b.load(b.bitcast(slot, F64.as_pointer()))
            return self._call("PyFloat_FromDouble", ir.FunctionType(PTR, [F64]), [x])
        if kind == "int":
            x = b.load(b.bitcast(slot, I64.as_pointer()))
            return self._call("PyLong_FromLongLong", ir.FunctionType(PTR, [I64]), [x])
        if kind == "bool":
            x = b.zext(b.load(slot), I64)
            return self._call("PyBool_FromLong", ir.FunctionType(PTR, [I64]), [x])
        t = ir.FunctionType(PTR, [PTR, PTR, PTR])
        return self._call("PyArray_Scalar", t, [slot, self._fixed(f"descr {result.dtype}"), ir.Constant(PTR, None)])

    # ── the kernel ──

    def _run(self, args: Any, results: Any, objects: list[Any]) -> Any:
        b = self.b
        own = b.gep(self.context, [ir.Constant(I64, FIRST)])
        raw: Any = None
        work: Any = ir.Constant(PTR, None)
        if self.s.work:
            raw = self._call("malloc", ir.FunctionType(PTR, [I64]), [ir.Constant(I64, self.s.work + 64)])
            with b.if_then(b.icmp_signed("==", raw, ir.Constant(PTR, None)), likely=False):
                self._release_all(objects)
                b.ret(self._call("PyErr_NoMemory", ir.FunctionType(PTR, []), []))
            number = b.and_(b.add(b.ptrtoint(raw, I64), ir.Constant(I64, 63)), ir.Constant(I64, -64))
            work = b.inttoptr(number, PTR)
        state: Any = None
        if self.s.heavy:
            state = self._call("PyEval_SaveThread", ir.FunctionType(PTR, []), [])
        threads = b.load(b.bitcast(b.gep(self.context, [ir.Constant(I64, _PLACE["threads"])]), I64.as_pointer()))
        status = b.call(self.kernel, [args, results, own, work, threads])
        if self.s.heavy:
            self._call("PyEval_RestoreThread", ir.FunctionType(ir.VoidType(), [PTR]), [state])
        if raw is not None:
            self._call("free", ir.FunctionType(ir.VoidType(), [PTR]), [raw])
        return status

    def _leave_unless_zero(self, status: Any, objects: list[Any]) -> None:
        b = self.b
        with b.if_then(b.icmp_signed("!=", status, ir.Constant(I64, 0)), likely=False):
            b.store(status, b.bitcast(b.gep(self.context, [ir.Constant(I64, 0)]), I64.as_pointer()))
            self._release_all(objects)
            b.ret(self._new_reference("None"))

    def _leave_without(self, x: Any, objects: list[Any]) -> None:
        """Return NULL, for the error that is set, where there was no memory for x."""
        null = ir.Constant(PTR, None)
        with self.b.if_then(self.b.icmp_signed("==", x, null), likely=False):
            self._release_all(objects)
            self.b.ret(null)

    def _release_all(self, objects: list[Any]) -> None:
        """Py_DECREF of the arrays that were made, which nobody else has seen."""
        many = sum(x is not None for x in objects)
        if many:
            self.b.call(self.arrays.release, [self.made, ir.Constant(I64, many)])

    def _new_reference(self, name: str) -> Any:
        """A new reference to an object that never dies (and from Python 3.12 on is not counted)."""
        x = self._fixed(name)
        if sys.version_info >= (3, 12):
            return x
        counter = self.b.bitcast(x, I64.as_pointer())
        self.b.store(self.b.add(self.b.load(counter), ir.Constant(I64, 1)), counter)
        return x

    # ── small things ──

    def _table(self, n: int) -> Any:
        return ir.IRBuilder(self.entry).alloca(PTR, max(n, 1) + 1)

    def _put(self, table: Any, k: int, x: Any) -> None:
        self.b.store(x, self.b.gep(table, [ir.Constant(I64, k)]))

    def _get(self, table: Any, k: int) -> Any:
        return self.b.load(self.b.gep(table, [ir.Constant(I64, k)]))

    def _at(self, x: Any, offset: int) -> Any:
        return self.b.gep(x, [ir.Constant(I64, offset)])

    def _field(self, x: Any, offset: int, kind: Any) -> Any:
        return part_of(self.b, x, offset, kind)

    def _fixed(self, name: str) -> Any:
        return self._get(self.context, _PLACE[name])

    def _call(self, name: str, t: Any, args: list[Any]) -> Any:
        return self.b.call(self.b.bitcast(self._fixed(name), t.as_pointer()), args)

    def _symbol_call(self, name: str, t: Any, args: list[Any]) -> Any:
        symbol = f"wengert.{name}"
        function = self.module.globals.get(symbol) or ir.Function(self.module, t, symbol)
        return self.b.call(function, args)


# ── a builtin function out of an address ──


class _MethodDef(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("call", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    ]  # fmt: skip


_METH_FASTCALL = 0x80


class Context:
    """The addresses that native code finds through `self`, and what must stay alive with them."""

    def __init__(self, own: list[int], keep: Any, threads: int = 1) -> None:
        values = [*fixed_context(), *own]
        values[_PLACE["threads"]] = threads
        self.table = (ctypes.c_int64 * len(values))(*values)
        self.keep = keep

    @property
    def status(self) -> int:
        """What the kernel returned when it last left early."""
        return int(self.table[0])


def builtin(address: int, context: Context, code: Any) -> Any:
    """The function that Python calls. It keeps what it runs, as its module, so that it may be called while,
    and after, everybody else lets go of it."""
    definition = _MethodDef(b"compiled", address, _METH_FASTCALL, None)
    keep = (definition, context, code)
    return new_function(ctypes.addressof(definition), ctypes.addressof(context.table), keep)


SYMBOLS = {"wengert.PyLong_AsVoidPtr": _function("PyLong_AsVoidPtr")}
