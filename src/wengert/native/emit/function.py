"""A native function while it is being written: numbers, elements of arrays at a place, memory.

Its first arguments are those of a kernel:

args      addresses of the arguments, arrays in C order and numbers alike
results   addresses that the results are written to
context   addresses of constant arrays, then of functions of Python
workspace memory for arrays between
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from wengert.native import assembly as ir
from wengert.native.demand import places_read
from wengert.native.emit.scalars import F64, I8, I64, STORED, TYPES, element, kind_of
from wengert.native.emit.strips import Steps, load_lanes, padded, room_for, stepped, total
from wengert.native.maths import MATHS
from wengert.native.maths.lanes import constant, lanes, like, vector
from wengert.native.memory import Layout
from wengert.native.node import SIZES, Form, Node, compose, flat, substitute
from wengert.native.piecewise import inverse, lies_inside
from wengert.native.schedule import Plan

Place = tuple[Node, tuple[Form, ...]]
PTR = I8.as_pointer()
TABLE = PTR.as_pointer()
_WRITTEN = {"f64", "f32", "i64"}
"""Elements of constant arrays of these types at known places are written out, so that LLVM sees factors of 1."""
_SMALL = 64
"""The elementary functions of smaller arrays are called where they are many, not written out."""
STACK = 1 << 15
"""Up to this many bytes the workspace lies on the stack."""


@dataclass(eq=False)
class Program:
    """What is compiled: nodes to compute, conditions to hold, loops to run for the conditions in them, and Python
    functions that some nodes call."""

    inputs: list[Node]
    outputs: list[Node]
    guards: list[Node]
    looking: list[Node]
    calls: dict[Node, int] = field(default_factory=dict[Node, int])
    consts: list[Node] = field(default_factory=list[Node])


@dataclass(eq=False)
class Compiled:
    """What came out: the function, its plan, the bytes of workspace that the caller must bring, the kernels of
    the loops in it. Of such a kernel the caller notes where its part of the context begins (`context`), and
    where in the caller's workspace its own workspace and what it carries lie (`work_at`, `scratch`)."""

    program: Program
    function: Any
    plan: Plan
    layout: Layout
    work: int
    loops: dict[Node, Compiled]
    context: int = 0
    work_at: int = 0
    scratch: int = 0

    @property
    def context_size(self) -> int:
        """How many addresses of the context are this kernel's, those of its loops included."""
        own = len(self.program.consts) + len(self.program.calls)
        return own + sum(body.context_size for body in self.loops.values())


class Function:
    """What a kernel and a part of one have in common."""

    def __init__(self, module: ir.Module, name: str, kind: Any, compiled: Compiled, work: int, careful: bool) -> None:
        self.compiled, self.plan, self.layout = compiled, compiled.plan, compiled.layout
        self.program, self.work, self.careful = compiled.program, work, careful
        self.function = ir.Function(module, kind, name)
        self.function.attributes.add("nounwind")
        for argument in self.function.args[:4]:
            argument.add_attribute("noalias")
        self.entry = self.function.append_basic_block("entry")
        self.b: Any = ir.IRBuilder(self.function.append_basic_block("body"))
        self.numbers: dict[Node, Any] = {}
        self.pointers: dict[Any, Any] = {}
        self.bad: dict[int, Any] = {}

    def finish(self, status: Any) -> None:
        """Return the status."""
        self.b.ret(status)
        ir.IRBuilder(self.entry).branch(self.function.basic_blocks[1])

    # ── numbers ──

    def number(self, node: Node) -> Any:
        """The number that a node without axes is."""
        known = self.numbers.get(node)
        if known is None:
            known = self.numbers[node] = self._number(node)
        return known

    def _number(self, node: Node) -> Any:
        if node.kind == "const":
            return ir.Constant(TYPES[node.dtype], node.info)
        if node.kind == "input":
            return self.loaded(self.address("input", node.info, STORED[node.dtype]), node.dtype)
        if node.kind in ("item", "reduce", "insert"):
            return self.loaded(self.slot(node), node.dtype)
        return self.value(node, (), {})

    def loaded(self, pointer: Any, dtype: str) -> Any:
        """What is stored at an address."""
        x = self.b.load(pointer)
        return self.b.trunc(x, TYPES["bool"]) if dtype == "bool" else x

    def stored_form(self, x: Any) -> Any:
        """A number as it is stored."""
        return self.b.zext(x, like(x.type, I8)) if kind_of(x) == TYPES["bool"] else x

    def slot(self, node: Node) -> Any:
        """The memory of a number that a loop or a call computes."""
        if node not in self.pointers:
            self.pointers[node] = self.alloca(STORED[node.dtype])
        return self.pointers[node]

    def alloca(self, kind: Any, count: int = 1) -> Any:
        """Memory on the stack."""
        entry: Any = ir.IRBuilder(self.entry)
        pointer = entry.alloca(kind, count)
        if count > 1:
            pointer.align = 64
        return pointer

    # ── one element ──

    def value(self, node: Node, at: tuple[Form, ...], memo: Any, access: Any = None) -> Any:
        """The element of a node at a place, whose variables are `access`'s; computed where it is not stored."""
        if not node.shape and node in self.numbers:
            return self.numbers[node]
        key = (node, at)
        if key not in memo:
            self._compute(key, memo, access)
        return memo[key]

    def _compute(self, wanted: Place, memo: Any, access: Any) -> None:
        """Compute an element, and first what it is made of: chains of operations may be longer than Python's stack."""
        stack = [(wanted, False)]
        while stack:
            key, is_ready = stack.pop()
            if key in memo:
                continue
            if is_ready:
                memo[key] = self._value(*key, memo, access)
                continue
            stack.append((key, True))
            stack += [(part, False) for part in reversed(self._parts(*key, access)) if part not in memo]

    def _parts(self, node: Node, at: tuple[Form, ...], access: Any) -> list[Place]:
        """The elements of arrays that an element is computed from, and where."""
        if not node.shape or self._is_read(node, access):
            return []
        if node.kind == "piece":
            return [self.side(node, at, access)]
        if node.kind in ("map", "view"):
            return [(a, place) for a, place in places_read(node, at) if a.shape]
        return []

    def _is_read(self, node: Node, access: Any) -> bool:
        """Whether the array lies in memory."""
        return bool(node.shape) and node in self.layout.of and not (access and access.is_mine(node))

    def _value(self, node: Node, at: tuple[Form, ...], memo: Any, access: Any) -> Any:
        """The element, computed before the loops that the place does not depend on, where they are wide."""
        here, is_read = self.b, self._is_read(node, access)
        if access is not None and access.homes is not None:
            self.b = access.homes.builder(node, at, is_read) or here
        try:
            if is_read:
                return self.read(node, flat(at, node.shape), access)
            return self.computed(node, at, memo, access)
        finally:
            self.b = here

    def computed(self, node: Node, at: tuple[Form, ...], memo: Any, access: Any) -> Any:
        """The element at a place, from those of the node's arguments."""
        if node.kind == "map":
            xs = [self.value(a, at if a.shape else (), memo, access) for a in node.args]
            if access is None or access.homes is None:
                return self.mapped(node, xs)
            steps = stepped(self.b, node.op, xs) if any(isinstance(x, Steps) for x in xs) else None
            return self.mapped(node, access.homes.even(xs)) if steps is None else steps
        if node.kind == "view":
            return self.value(node.args[0], compose(node.info, at), memo, access)
        if node.kind == "index":
            return self.places(substitute(node.info, at), access)
        if node.kind == "piece":
            return self.value(*self.side(node, at, access), memo, access)
        if node.kind == "reshape":
            return self.read(node.args[0], flat(at, node.shape), access)
        if node.kind == "gather":
            base, places = node.args
            return self.load_at(base, self.value(places, at if places.shape else (), memo, access), access)
        if not node.shape:
            return self.number(node)
        raise AssertionError(f"not computed in place: {node!r}")

    def side(self, node: Node, at: tuple[Form, ...], access: Any) -> tuple[Node, tuple[Form, ...]]:
        """What a piece is at a place: an element of the array around, or of the part."""
        base, part = node.args
        inside = lies_inside(node.info, part.shape, at, tuple(access.box) if access is not None else ())
        if inside is None:
            raise AssertionError(f"a loop that is not cut where {node!r} begins or ends")
        return (part, inverse(node.info, len(part.shape), at)) if inside else (base, at)

    def mapped(self, node: Node, xs: list[Any]) -> Any:
        """The elementwise operation; a fast formula outside its range is noted."""
        op = node.op
        if self.careful:
            from_library = _LIBRARY.get(getattr(op, "__name__", ""))
            if from_library:
                return self.library(from_library, xs)
            maths = MATHS.get(op)
            if maths is not None and maths.careful is not None:
                return maths.careful(self.b, *xs)[0]
        y, right = element(self.b, op, node.dtype, xs, node.size < _SMALL)
        if right is not None:
            self.note(right)
        return y

    def library(self, name: str, xs: list[Any]) -> Any:
        """A function of the C library."""
        function = self.b.module.globals.get(name)
        if function is None:
            function = ir.Function(self.b.module, ir.FunctionType(F64, [F64] * len(xs)), name)
        return self.b.call(function, xs)

    def note(self, right: Any) -> None:
        """Remember if a fast formula was used outside its range."""
        count = room_for(lanes(right.type))
        kind = vector(I64, count)
        bad = self.bad.get(count)
        if bad is None:
            bad = self.bad[count] = self.alloca(kind)
            ir.IRBuilder(self.entry).store(constant(kind, 0), bad)
        wrong = padded(self.b, self.b.sext(self.b.not_(right), like(right.type, I64)), count, 0)
        self.b.store(self.b.or_(self.b.load(bad), wrong), bad)

    def went_wrong(self) -> Any:
        """A number that is not 0 if a fast formula was used outside its range; None where there was none."""
        found = [self.b.load(bad) for bad in self.bad.values()]
        return reduce(self.b.or_, [total(self.b, x, self.b.or_) for x in found]) if found else None

    # ── memory ──

    def address(self, kind: str, k: int, element_type: Any) -> Any:
        """Argument, result or constant number k."""
        key = (kind, k, str(element_type))
        if key not in self.pointers:
            b = ir.IRBuilder(self.entry)
            table = self.function.args[("input", "output", "const").index(kind)]
            raw = b.load(b.gep(table, [ir.Constant(I64, k)]))
            self.pointers[key] = b.bitcast(raw, element_type.as_pointer())
        return self.pointers[key]

    def base(self, node: Node, element_type: Any = None) -> Any:
        """The first element of a stored array."""
        memory = self.layout.of[node]
        element_type = element_type or STORED[node.dtype]
        if memory.kind != "work":
            return self.address(memory.kind, memory.at, element_type)
        key = ("work", memory.at, str(element_type))
        if key not in self.pointers:
            whole = self.workspace()
            b = ir.IRBuilder(self.entry)
            raw = b.gep(whole, [ir.Constant(I64, memory.at)])
            self.pointers[key] = b.bitcast(raw, element_type.as_pointer())
        return self.pointers[key]

    def workspace(self) -> Any:
        """The memory for arrays between."""
        if "workspace" not in self.pointers:
            if self.work <= STACK:
                self.pointers["workspace"] = self.alloca(I8, max(self.work, 2))
            else:
                self.pointers["workspace"] = self.function.args[3]
        return self.pointers["workspace"]

    def extra(self, at: int) -> Any:
        """An address in the workspace."""
        whole = self.workspace()
        key = ("extra", at)
        if key not in self.pointers:
            self.pointers[key] = ir.IRBuilder(self.entry).gep(whole, [ir.Constant(I64, at)])
        return self.pointers[key]

    def read(self, node: Node, place: Form, access: Any) -> Any:
        """The element of a stored array at a flat place."""
        if access is None:
            return self.load_at(node, self.evaluated(place, access), access)
        if access.flat:
            return self.load_at(node, access.variables[0], access, 1)
        stride = access.stride(place)
        x = access.between.taken(node, place, stride) if access.between.fits(stride) else None
        return self.load_at(node, self.evaluated(place, access), access, stride) if x is None else self.truth(x, node)

    def places(self, form: Form, access: Any) -> Any:
        """An affine form as a number, or as one for each lane."""
        first = self.evaluated(form, access)
        if access is None or not access.lanes or not access.stride(form):
            return first
        return Steps(first, access.stride(form), access.lanes)

    def evaluated(self, form: Form, access: Any) -> Any:
        """An affine form as a number."""
        const, terms = form
        total: Any = None
        for coefficient, k in terms:
            x = access.variables[k]
            if isinstance(x, ir.Constant):
                const += coefficient * x.constant
                continue
            part = x if coefficient == 1 else self.b.mul(x, ir.Constant(I64, coefficient), flags=("nsw",))
            total = part if total is None else self.b.add(total, part, flags=("nsw",))
        if total is None:
            return ir.Constant(I64, const)
        return self.b.add(total, ir.Constant(I64, const), flags=("nsw",)) if const else total

    def load_at(self, node: Node, place: Any, access: Any, stride: int = 0) -> Any:
        """The element of a stored array at a flat place; or several, `stride` apart, or at several places."""
        if (
            node.dtype in _WRITTEN
            and node.kind == "const"
            and isinstance(place, ir.Constant)
            and not (stride and access and access.lanes)
        ):
            return ir.Constant(TYPES[node.dtype], node.info.flat[place.constant].item())
        base = self.base(node)
        if access is not None and access.lanes and (stride or lanes(place.type)):
            x = load_lanes(self.b, base, place, stride, access.lanes, SIZES[node.dtype])
        else:
            x = self.b.load(self.b.gep(base, [place], inbounds=True))
        return self.truth(x, node)

    def truth(self, x: Any, node: Node) -> Any:
        """What was read, as a number: truth values have a byte each."""
        return self.b.trunc(x, like(x.type, TYPES["bool"])) if node.dtype == "bool" else x

    def copy(self, to: Any, from_: Any, count: int) -> None:
        """Copy bytes."""
        name = "llvm.memcpy.p0.p0.i64"
        function = self.b.module.globals.get(name)
        if function is None:
            t = ir.FunctionType(ir.VoidType(), [PTR, PTR, I64, TYPES["bool"]])
            function = ir.Function(self.b.module, t, name)
        self.b.call(function, [to, from_, ir.Constant(I64, count), ir.Constant(TYPES["bool"], 0)])

    def held(self, constant: Any) -> Any:
        """The address of a constant."""
        name = f"held.{constant.type}.{constant.constant}".replace(" ", "")
        known = self.b.module.globals.get(name)
        if known is None:
            known = ir.GlobalVariable(self.b.module, constant.type, name)
            known.initializer, known.global_constant, known.linkage = constant, True, "internal"
        return known

    def external(self, name: str, types: list[Any]) -> Any:
        """A function that is known to the engine by this name."""
        symbol = f"wengert.{name}"
        function = self.b.module.globals.get(symbol)
        if function is None:
            function = ir.Function(self.b.module, ir.FunctionType(ir.VoidType(), types), symbol)
        return function


_LIBRARY = {name: name for name in ("sin", "cos", "tan", "exp", "log", "sinh", "cosh", "tanh", "expm1", "log1p")} | {
    "power": "pow"
}
