"""Make nodes: equal ones once, constants folded, broadcasting and views moved out of the way."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.native.node import DTYPES, NARROW, RAW, Form, Node, Shape, compose, identity
from wengert.native.piecewise import MOST_PARTS, Cut, count, inverse, is_box, lies_inside, own_cuts, whole
from wengert.native.views import affine, broadcast_forms

SHORT = {np.dtype(t): name for name, t in DTYPES.items()}
_IN_PLACE = {"map", "view", "piece"}
"""What is computed where it is used: writing into it would mean to store it."""
_RANK = {"bool": 0, "i64": 1, "f32": 2, "f64": 3}


class Unsupported(Exception):
    """This cannot be expressed as nodes; the line is given to NumPy."""


class Maker:
    """A graph under construction."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.checks: list[Node] = []
        self._known: dict[Any, Node] = {}
        self._arrays: dict[Any, Node] = {}
        self._cuts: dict[Node, frozenset[Cut]] = {}

    def check(self, condition: Node) -> None:
        """What must be true for the native code to be used: where it is not, Python is asked."""
        if not (condition.kind == "const" and not condition.shape and condition.info):
            every = self.reduce("all", condition, tuple(range(len(condition.shape))))
            self.checks.append(every)

    def make(self, kind: str, op: Any, args: tuple[Node, ...], shape: Shape, dtype: str, info: Any = None) -> Node:
        """The node, the one that is there already if there is an equal one."""
        key = (kind, op, args, shape, dtype, info)
        known = self._known.get(key)
        if known is None:
            known = Node(kind, op, args, shape, dtype, info, len(self.nodes))
            self._known[key] = known
            self.nodes.append(known)
        return known

    def find(self, kind: str, op: Any, args: tuple[Node, ...], shape: Shape, dtype: str, info: Any) -> Node | None:
        """The node, if it has been made."""
        return self._known.get((kind, op, args, shape, dtype, info))

    # ── leaves ──

    def input(self, k: int, shape: Shape, dtype: str) -> Node:
        """Argument number k."""
        return self.make("input", None, (), shape, dtype, k)

    def number(self, value: Any, dtype: str) -> Node:
        """A constant without axes."""
        if dtype in RAW:
            raise Unsupported(f"numbers of type {dtype}")
        value = DTYPES[dtype](value)
        return self.make("const", value.tobytes(), (), (), dtype, value.item())

    def constant(self, x: Any) -> Node:
        """A plain number or array."""
        x = np.asarray(x)
        dtype = dtype_of(x)
        if x.ndim == 2 and x.flags.f_contiguous and not x.flags.c_contiguous:  # A.T beside A has no memory of its own
            return self.view(self.constant(x.T), ((0, ((1, 1),)), (0, ((1, 0),))), x.shape)
        x = np.ascontiguousarray(x, DTYPES[dtype]).reshape(x.shape)
        if x.size and (x.ndim == 0 or _uniform(x)):
            return self.broadcast(self.number(x.flat[0], dtype), x.shape)
        places = affine(x) if dtype == "i64" and x.ndim else None
        if places is not None:
            return self.make("index", None, (), x.shape, dtype, places)
        key = (x.tobytes(), dtype, x.shape)
        if key not in self._arrays:
            self._arrays[key] = Node("const", None, (), x.shape, dtype, x, len(self.nodes))
            self.nodes.append(self._arrays[key])
        return self._arrays[key]

    # ── elementwise ──

    def map(self, op: str, *args: Node, dtype: str | None = None) -> Node:
        """op of the elements, the arguments broadcast against each other."""
        shape = np.broadcast_shapes(*[a.shape for a in args])
        given = [unbroadcast(a) for a in args]
        inner = np.broadcast_shapes(*[a.shape for a in given])
        parts = tuple([self.broadcast(a, inner) if a.shape else a for a in given])
        dtype = dtype or parts[-1].dtype
        node = self.simplified(op, parts, inner, dtype)
        return self.broadcast(node, shape)

    def simplified(self, op: str, args: tuple[Node, ...], shape: Shape, dtype: str) -> Node:
        """The map, or something simpler that is the same for every value."""
        same = EXACT.get(op)
        if same is not None:
            simple = same(self, *args)
            if simple is not None:
                return self.broadcast(simple, shape)
        if not shape and all(a.kind == "const" for a in args):
            folded = fold(op, args, dtype)
            if folded is not None:
                return self.number(folded, dtype)
        return self.make("map", op, args, shape, dtype)

    def cast(self, x: Node, dtype: str) -> Node:
        """The elements in another dtype."""
        if x.dtype == dtype:
            return x
        if dtype in NARROW or dtype in RAW or x.dtype in RAW:
            raise Unsupported(f"numbers of type {x.dtype if x.dtype in RAW else dtype}")
        if x.dtype in NARROW:
            return self.cast(self.map("signed" if x.dtype[0] == "i" else "unsigned", x, dtype="i64"), dtype)
        if x.kind == "const" and not x.shape:
            return self.number(DTYPES[dtype](x.info), dtype)
        return self.map("cast", x, dtype=dtype)

    def promoted(self, *args: Node) -> list[Node]:
        """The arguments in one dtype."""
        dtype = max((a.dtype for a in args), key=lambda d: _RANK.get(d, 1))
        dtype = "i64" if dtype in NARROW else dtype
        return [self.cast(a, dtype) for a in args]

    # ── places ──

    def view(self, x: Node, forms: tuple[Form, ...], shape: Shape) -> Node:
        """x at affine places."""
        if shape == x.shape and forms == identity(len(shape)):
            return x
        if not x.shape and not shape:
            return x
        if x.kind == "view":
            return self.view(x.args[0], compose(x.info, forms), shape)
        if x.kind == "piece" and all(shape):
            base, part = x.args
            inside = lies_inside(x.info, part.shape, forms, whole(shape))
            if inside is not None:
                return (
                    self.view(part, inverse(x.info, len(part.shape), forms), shape)
                    if inside
                    else self.view(base, forms, shape)
                )
        if x.kind == "insert" and x.info == forms and x.args[1].shape == shape:
            return x.args[1]
        if x.kind == "insert" and apart(x.info, x.args[1].shape, forms, shape):
            return self.view(x.args[0], forms, shape)
        return self.make("view", None, (x,), shape, x.dtype, forms)

    def broadcast(self, x: Node, shape: Shape) -> Node:
        """x, its elements repeated along new or stretched axes."""
        return x if x.shape == shape else self.view(x, broadcast_forms(x.shape, shape), shape)

    def reshape(self, x: Node, shape: Shape) -> Node:
        """The elements of x in C order, in another shape."""
        if x.shape == shape:
            return x
        if x.kind == "view" and not x.args[0].shape:
            return self.view(x.args[0], (), shape)
        if not x.shape:
            return self.view(x, (), shape)
        forms = _only_ones(x.shape, shape)
        if forms is not None:
            return self.view(x, forms, shape)
        if x.kind == "reshape":
            return self.reshape(x.args[0], shape)
        return self.make("reshape", None, (x,), shape, x.dtype)

    def insert(self, x: Node, v: Node, forms: tuple[Form, ...]) -> Node:
        """x with v at affine places."""
        box = is_box(forms, v.shape)
        if box and v.size == x.size:
            return self.view(v, inverse(forms, len(v.shape), identity(len(x.shape))), x.shape)
        if x.kind in ("insert", "piece") and x.info == forms and x.args[1].shape == v.shape:
            return self.insert(x.args[0], v, forms)
        if v.kind == "view" and v.args[0] is x and v.info == forms:
            return x
        if not box or not (x.kind in _IN_PLACE or 2 * v.size >= x.size):
            return self.make("insert", None, (x, v), x.shape, x.dtype, forms)
        cuts = self._cuts.get(x, frozenset()) | own_cuts(forms, v.shape, x.shape)
        if count(cuts, x.shape) > MOST_PARTS:
            return self.make("insert", None, (x, v), x.shape, x.dtype, forms)
        node = self.make("piece", None, (x, v), x.shape, x.dtype, forms)
        self._cuts[node] = cuts
        return node

    def reduce(self, op: str, x: Node, axes: tuple[int, ...]) -> Node:
        """op over the axes, which are left out of the result."""
        shape = tuple([n for k, n in enumerate(x.shape) if k not in axes])
        if not axes or all(x.shape[k] == 1 for k in axes):
            return self.reshape(x, shape)
        return self.make("reduce", op, (x,), shape, x.dtype, axes)


def dtype_of(x: Any) -> str:
    """The dtype's short name; Unsupported if the backend has none for it."""
    dtype = SHORT.get(x.dtype)
    if dtype is None or dtype in RAW:
        raise Unsupported(f"dtype {x.dtype}")
    return dtype


def _uniform(x: Any) -> bool:
    flat = x.ravel()
    first = flat[0]
    if flat[-1] != first or not np.all(flat == first):
        return False
    return bool(first != 0) or not np.any(np.signbit(flat)) if x.dtype.kind == "f" else True


def unbroadcast(x: Node) -> Node:
    """The number that x repeats, if it repeats one."""
    return x.args[0] if x.kind == "view" and not x.args[0].shape else x


def _only_ones(before: Shape, after: Shape) -> tuple[Form, ...] | None:
    """Forms for a reshape that only adds or drops axes of length 1."""
    if [n for n in before if n != 1] != [n for n in after if n != 1]:
        return None
    places = [k for k, n in enumerate(after) if n != 1]
    forms: list[Form] = []
    for n in before:
        forms.append((0, ()) if n == 1 else (0, ((1, places.pop(0)),)))
    return tuple(forms)


def apart(a: tuple[Form, ...], a_shape: Shape, b: tuple[Form, ...], b_shape: Shape) -> bool:
    """Whether two sets of places surely have none in common: their ranges along some axis do not meet."""
    for one, other in zip(a, b, strict=True):
        (low, high), (other_low, other_high) = _range(one, a_shape), _range(other, b_shape)
        if high < other_low or other_high < low:
            return True
    return False


def _range(form: Form, shape: Shape) -> tuple[int, int]:
    const, terms = form
    reach = [c * (shape[k] - 1) for c, k in terms]
    return const + sum(r for r in reach if r < 0), const + sum(r for r in reach if r > 0)


# ── rewrites that hold for every floating number, NaN, infinities and signs of zero included ──


def _is(x: Node, value: float) -> bool:
    if x.kind != "const" or x.shape or x.info != value:
        return False
    return value != 0 or bool(np.signbit(x.info) == np.signbit(value))


def _mul(m: Maker, a: Node, b: Node) -> Node | None:
    if _is(a, 1.0):
        return b
    if _is(b, 1.0):
        return a
    return m.map("neg", b) if _is(a, -1.0) else m.map("neg", a) if _is(b, -1.0) else None


def _add(m: Maker, a: Node, b: Node) -> Node | None:
    if _is(a, -0.0) and a.dtype[0] == "f":
        return b
    if _is(b, -0.0) and b.dtype[0] == "f":
        return a
    return m.map("sub", b, a.args[0]) if a.kind == "map" and a.op == "neg" else None


def _select(m: Maker, c: Node, a: Node, b: Node) -> Node | None:
    if a is b:
        return a
    return (a if c.info else b) if c.kind == "const" and not c.shape else None


# fmt: off
EXACT: dict[str, Any] = {
    "mul":     _mul,
    "add":     _add,
    "div":     lambda m, a, b: a if _is(b, 1.0) else None,
    "neg":     lambda m, a: a.args[0] if a.kind == "map" and a.op == "neg" else None,
    "not":     lambda m, a: a.args[0] if a.kind == "map" and a.op == "not" else None,
    "where":   _select,
}
# fmt: on

_FOLD: dict[str, Any] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative, "sqrt": np.sqrt,
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal,
    "and": np.logical_and, "or": np.logical_or, "not": np.logical_not,
}  # fmt: skip


def fold(op: str, args: tuple[Node, ...], dtype: str) -> Any:
    """The value of op of constants, where NumPy's own is at hand."""
    ufunc = _FOLD.get(op)
    if ufunc is None:
        return None
    with np.errstate(all="ignore"):
        return ufunc(*[DTYPES[a.dtype](a.info) for a in args])
