"""How NumPy and Python reach recorded values: ufuncs, functions, conversions.

`__array_ufunc__` and `__array_function__` look the function up in the tables of `ir.row`.
Conversions that would cut a derivative are refused, with the line and the remedy.
"""

from __future__ import annotations

import operator
import sys
from typing import Any

import numpy as np

from wengert.errors import LostDerivative, NoDerivative
from wengert.ir.row import HANDLERS, ROWS, Row
from wengert.record import index, quick, swap
from wengert.record.apply import apply, not_by, youngest
from wengert.record.augment import store_in_raw
from wengert.record.build import SEQUENCES, contains_value
from wengert.record.flavoured import asked, is_subclass
from wengert.record.hold import beside, converted, is_formatting, is_operating, is_storing, named, refused
from wengert.record.locate import at_user_line, full_name, user_frame
from wengert.record.numbers import by_operator, complex128, python_number, python_row
from wengert.record.objects import any_objects, elements, is_of_objects, of_elements
from wengert.record.observe import as_array, call_discrete, is_discrete, look, observed
from wengert.record.own_ways import is_for_another
from wengert.record.squares import square_of_root
from wengert.record.state import compute, state
from wengert.record.value import Array, Scalar, concrete, is_value
from wengert.signatures import signature

_array = np.array
"""NumPy's own, whatever is swapped in while recording."""

_ndarray = np.ndarray
_np_square, _np_power, _np_multiply, _float64 = np.square, np.power, np.multiply, np.float64

Method = Any
REDUCTIONS: dict[tuple[Any, str], Method] = {}
"""(ufunc, method) → what it does to recorded values, for reduce, accumulate, outer, at, reduceat."""


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy calls this for any ufunc that has a recorded value among its arguments."""
    if method != "__call__":
        return NotImplemented if is_for_another(inputs) else _ufunc_method(ufunc, method, inputs, kwargs)
    if not kwargs:
        row = ROWS.get(ufunc)
        if row is not None:
            if ufunc is _np_square or (ufunc is _np_power and type(inputs[1]) is int and inputs[1] == 2):
                y = square_of_root(inputs[0], _np_square) if is_value(inputs[0]) else None
                if y is not None:
                    return y
            x = self.primal
            if (type(x) is float or type(x) is _float64) and row.partials:
                if len(inputs) == 1:
                    y, rec = ufunc(x), self.rec
                    lines = rec.lines
                    slot = len(lines)
                    lines.append((row, (self.slot,), y, (x,), None, None))
                    return Scalar(y, rec, slot)
                if len(inputs) == 2 and type(inputs[0]) is _float64:
                    y, rec = ufunc(inputs[0], x), self.rec
                    return Scalar(y, rec, rec.append((row, (-1, self.slot), y, (inputs[0], x), None, None)))
            elif type(self) is Array:
                y = (_lean.get(row) or _make_lean(ufunc, row))(*inputs)
                if y is not None:
                    return y
            if any([type(a) is _ndarray and a.dtype.hasobject for a in inputs]) and any_objects(inputs):
                return of_elements(ufunc, inputs, kwargs)
            if OF_MASKED and ufunc.signature and any([type(a).__name__ == "MaskedArray" for a in inputs]):
                return OF_MASKED[0](ufunc, inputs, kwargs)
            if ufunc is _np_multiply and type(inputs[0]) is complex128 and by_operator(*inputs):
                row = python_row(row, operator.mul)  # c * x arrives here too: NumPy's scalars leave it to the ufunc
            return NotImplemented if is_for_another(inputs) else apply(row, inputs)
        return NotImplemented if is_for_another(inputs) else _without_row(ufunc, inputs, kwargs)
    return NotImplemented if is_for_another(inputs) else _ufunc_with_options(ufunc, inputs, kwargs)


_lean: dict[Row, Any] = {}
"""The row of a ufunc → what `quick` makes of it."""


def _make_lean(ufunc: Any, row: Row) -> Any:
    make = {1: quick.unary, 2: quick.binary}.get(len(row.partials) if ufunc.nout == 1 else 0)
    if ufunc is np.matmul:
        make = quick.product
    lean = _lean[row] = (lambda *_: None) if make is None else make(row, ufunc)
    return lean


def _call(ufunc: Any, inputs: tuple[Any, ...]) -> Any:
    row = ROWS.get(ufunc)
    return _without_row(ufunc, inputs, {}) if row is None else apply(row, inputs)


def _without_row(function: Any, args: Any, kwargs: Any) -> Any:
    """A function that has a handler, or whose arguments turn out to be plain; else an error."""
    if any_objects(args):
        return of_elements(function, args, kwargs)
    handler = HANDLERS.get(function)
    if handler is not None:
        return handler(*args, **kwargs)
    if not any_recorded((args, kwargs)):
        return swap.wrap_plain(function(*lower(args), **lower(kwargs)))
    if is_discrete((args, kwargs)):
        return call_discrete(function, args, kwargs)
    if is_of_python(function):
        return HANDLERS[is_of_python](function, *args, **kwargs)
    raise missing(function)


def is_of_python(ufunc: Any) -> bool:
    """Whether a ufunc is one that np.frompyfunc made."""
    return type(ufunc) is np.ufunc and ufunc.__name__.endswith("(vectorized)")


def missing(function: Any) -> NoDerivative:
    """The error for a function without a rule."""
    name = full_name(function)
    return NoDerivative(
        at_user_line(f"no derivative rule for {name}")
        + f"\nAdd one with wengert.rule({name}), or pass it stop_gradient(x) if its derivative is not wanted."
    )


def _ufunc_with_options(ufunc: Any, inputs: Any, kwargs: dict[str, Any]) -> Any:
    if any_objects(inputs) or any([is_of_objects(t) for t in kwargs.get("out") or ()]):
        return of_elements(ufunc, inputs, kwargs)
    out = kwargs.pop("out", None)
    where = look(kwargs.pop("where", True))
    dtype = kwargs.pop("dtype", None)
    for option in ("casting", "order", "subok"):
        kwargs.pop(option, None)
    if kwargs:
        return _without_row(ufunc, inputs, kwargs)
    if out is not None and not any_recorded(inputs) and not any_recorded(out):
        return _plain_with_out(ufunc, inputs, out, where, dtype)
    if dtype is not None and np.dtype(dtype).kind in "fc":
        inputs = _cast(ufunc, inputs, np.dtype(dtype))
    if where is not True:
        return _where_it_holds(ufunc, inputs, out, where)
    y = _call(ufunc, inputs)
    if out is None:
        return y
    ys = y if isinstance(y, tuple) else (y,)
    if not all(t is None or _fits(part, t) for t, part in zip(out, ys, strict=True)):
        ufunc(*lower(inputs), out=tuple([t if t is None else _like(t) for t in out]))
    stored = tuple([_store(t, part, inputs) for t, part in zip(out, ys, strict=True)])
    return stored if len(stored) != 1 else stored[0]


def _cast(ufunc: Any, inputs: Any, dtype: Any) -> Any:
    """The inputs in the dtype that the loop is to run in; NumPy's error where they cannot be."""
    if not all(np.can_cast(x.dtype, dtype, "same_kind") for x in lower(inputs) if hasattr(x, "dtype")):
        ufunc(*lower(inputs), dtype=dtype)
    return [x.astype(dtype) if hasattr(x, "dtype") else x for x in inputs]


def _where_it_holds(ufunc: Any, inputs: Any, out: Any, where: Any) -> Any:
    """The ufunc of the elements that `where` selects, and of no others."""
    targets = (None,) * ufunc.nout if out is None else out
    shape = np.broadcast_shapes(*[np.shape(x) for x in (*inputs, where, *[t for t in targets if t is not None])])
    mask = np.broadcast_to(where, shape)
    parts = _call(ufunc, tuple([_selected(x, shape, mask) for x in inputs]))
    parts = parts if isinstance(parts, tuple) else (parts,)
    stored: list[Any] = []
    for target, part in zip(targets, parts, strict=True):
        if target is None:
            target = np.zeros(shape, concrete(part).dtype)
        if type(target) is not Array and any_recorded(part) and not is_discrete(part):
            store_in_raw(target, part, where)
        target[mask] = part
        stored.append(target)
    return tuple(stored) if len(stored) > 1 else stored[0]


def _selected(x: Any, shape: Any, mask: Any) -> Any:
    """The elements of an argument that a mask selects; a plain number is itself."""
    if not is_value(x):
        if not np.ndim(x):
            return x
        x = Array(_array(x))
    return np.broadcast_to(x, shape)[mask]


def _plain_with_out(ufunc: Any, inputs: Any, out: Any, where: Any, dtype: Any) -> Any:
    scratch = tuple(o if o is None else _array(concrete(o)) for o in out)
    options = {} if dtype is None else {"dtype": dtype}
    ys = ufunc(*lower(inputs), out=scratch, where=where, **options)
    ys = ys if isinstance(ys, tuple) else (ys,)
    stored = tuple(_store(o, y, ()) for o, y in zip(out, ys, strict=True))
    return stored if len(stored) != 1 else stored[0]


def _fits(y: Any, target: Any) -> bool:
    """Whether y needs neither broadcasting nor a cast that loses its kind, to be stored in target."""
    value, place = concrete(y), concrete(target)
    return np.shape(value) == place.shape and np.can_cast(np.result_type(value), place.dtype, "same_kind")


def _like(target: Any) -> Any:
    return np.ndarray(np.shape(target), concrete(target).dtype)


def _store(target: Any, y: Any, inputs: Any) -> Any:
    """Write y into `target`, as out= asks."""
    if target is None:
        return y
    if type(target) is Array:
        if np.shape(y) == np.shape(target) and not any(y is x for x in inputs):
            index.overwrite(target, y)
        else:
            index.write(target, Ellipsis, y)
        return target
    if any_recorded(y) and not is_discrete(y):
        return store_in_raw(target, y, True)
    target[...] = look(y)
    return target


def _ufunc_method(ufunc: Any, method: str, inputs: Any, kwargs: Any) -> Any:
    if any_objects(inputs):
        return of_elements(getattr(ufunc, method), inputs, kwargs)
    handler = REDUCTIONS.get((ufunc, method)) or REDUCTIONS.get((None, method))
    if handler is not None and method in ("outer", "at"):
        return handler(ufunc, *inputs, **kwargs)
    if is_of_python(ufunc) and method in ("reduce", "accumulate", "outer") and any_recorded(inputs):
        return HANDLERS[is_of_python, method](ufunc, *inputs, **kwargs)
    if handler is None or not any_recorded((inputs, kwargs)):
        if is_discrete((inputs, kwargs)):
            return call_discrete(getattr(ufunc, method), inputs, kwargs)
        if any_recorded((inputs, kwargs)):
            raise missing_method(ufunc, method)
        return _plain_method(ufunc, method, inputs, kwargs)
    out = kwargs.pop("out", None)
    y = handler(*inputs, **kwargs) if REDUCTIONS.get((ufunc, method)) else handler(ufunc, *inputs, **kwargs)
    return y if out is None or out == (None,) else _store(out[0], y, ())


def missing_method(ufunc: Any, method: str) -> NoDerivative:
    """The error for a ufunc method without a rule."""
    return NoDerivative(
        at_user_line(f"no derivative rule for {full_name(ufunc)}.{method}")
        + "\nWrite it with functions that have one, or pass stop_gradient(x) if its derivative is not wanted."
    )


def _plain_method(ufunc: Any, method: str, inputs: Any, kwargs: Any) -> Any:
    out = kwargs.pop("out", None)
    y = getattr(ufunc, method)(*lower(inputs), **lower(kwargs))
    return swap.wrap_plain(y) if out is None or out == (None,) else _store(out[0], y, ())


_COMMON: Any = {Array, Scalar, np.ndarray}
OF_MASKED: list[Any] = []
"""What is done with masked arrays of plain numbers beside recorded ones, once numpy.ma is loaded."""


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy calls this for any of its functions that has a recorded value among its arguments."""
    for t in types:
        if t not in _COMMON and is_subclass(t):
            return asked(function, args, kwargs)
        if getattr(t, "answers_first", False):
            return NotImplemented
        if OF_MASKED and t not in _COMMON and t.__name__ == "MaskedArray":
            y = OF_MASKED[0](function, args, kwargs)
            if y is not NotImplemented:
                return y
    if (not types or np.ndarray in types) and any_objects((*args, *kwargs.values())):
        return of_elements(function, args, kwargs)
    handler = HANDLERS.get(function)
    if handler is not None:
        return handler(*args, **kwargs)
    return without_rule(function, args, kwargs)


def without_rule(function: Any, args: Any, kwargs: Any) -> Any:
    """A function of NumPy's by what it is made of: its own Python code."""
    if not any_recorded((args, kwargs)):
        return swap.wrap_plain(function(*lower(args), **lower(kwargs)))
    if is_discrete((args, kwargs)):
        return call_discrete(function, args, kwargs)
    body: Any = getattr(function, "_implementation", None)
    if hasattr(body, "__code__"):
        return swap.run_body(body, swap.wrap_plain(args), {name: _held(name, value) for name, value in kwargs.items()})
    raise missing(function)


def _held(name: str, value: Any) -> Any:
    """An argument for NumPy's own code as an Array, since what the code makes of it may be written to; but a plain
    array that results go to stays the caller's."""
    return value if name == "out" else swap.wrap_plain(value)


def any_recorded(x: Any) -> bool:
    """Whether a nest of arguments holds a value that is recorded somewhere."""
    if is_value(x):
        return youngest((x,)) is not None
    if type(x) is list or type(x) is tuple:
        return any(any_recorded(part) for part in x)
    if type(x) is dict:
        return any(any_recorded(part) for part in x.values())
    if type(x) is np.ndarray:
        return x.dtype.hasobject and contains_value(x)
    return type(x) in SEQUENCES and any(any_recorded(part) for part in x)


def lower(x: Any) -> Any:
    """A nest of arguments with the concrete values of recorded ones."""
    if is_value(x):
        return concrete(x)
    if type(x) is list or type(x) is tuple:
        return type(x)([lower(part) for part in x])
    if type(x) is dict:
        return {key: lower(part) for key, part in x.items()}
    if type(x) in SEQUENCES and any_recorded(x):
        return [lower(part) for part in x]
    return x


def compute_plain(function: Any, args: Any, kwargs: Any = None) -> Any:
    """function(*args, **kwargs) where what a rule differentiates by is plain.

    Its other arguments may be recorded whole numbers or truth values, and are refused if they are recorded otherwise.
    """
    given = (args, kwargs or {})
    if any_recorded(given) and not is_discrete(given):
        raise not_by(full_name(function), _recorded_names(function, *given))
    return compute(function, lower(args), lower(kwargs))


def _recorded_names(function: Any, args: Any, kwargs: Any) -> str:
    """The names of the arguments that are recorded."""
    try:
        arguments = signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):  # compiled code tells no signature
        arguments = dict(enumerate(args)) | kwargs
    return " and ".join([str(name) for name, value in arguments.items() if any_recorded(value)])


# ── conversions ──


_MAKE_FLOATING = "Make that array of a floating dtype"
_MAKE_INSIDE = (
    "Make the array inside the function with np.zeros, np.array or np.copy, so that it can hold recorded values"
)


def _refuse(what: str, remedy: str) -> LostDerivative:
    return LostDerivative(
        at_user_line(f"{what} would cut its derivative")
        + f"\n{remedy}, or use wengert.stop_gradient(x) if losing the derivative is what you want."
    )


def to_float(self: Any) -> float:
    """float(x), raw[0] = x: refused, for the derivative would be lost; not so "%g" % x.

    Where the user's code calls Python's `float` by its name, the error says so: `hold` then gives it another one.
    """
    if youngest((self,)) is None or is_formatting(sys._getframe(1)) or np.ndim(concrete(self)):
        return float(look(self))  # raises what NumPy raises for an array with axes
    frame = user_frame()
    if is_storing(frame):
        raise refused(_refuse("writing a recorded value into a plain array", _MAKE_INSIDE), frame)
    if frame is not None and any([type(names) is tuple and "initial" in names for names in frame.f_code.co_consts]):
        remedy = "Beside a plain array write np.sum(x, initial=p) (or np.prod, np.max, np.min) for an initial value"
        raise named(_refuse("float() on a recorded value", remedy), frame)
    raise named(_refuse("float() on a recorded value", "Use x itself, and np.sin and its like for math.sin"), frame)


def to_ratio(self: Any) -> Any:
    """x.as_integer_ratio(), which statistics.mean and Fraction call: refused where it would cut a derivative."""
    if youngest((self,)) is None:
        return concrete(self).as_integer_ratio()
    raise _refuse(
        ".as_integer_ratio() on a recorded value", "Use x itself, and np.mean and its like for statistics.mean"
    )


def to_complex(self: Any) -> complex:
    """complex(x): refused, for the derivative would be lost."""
    if youngest((self,)) is None:
        return complex(concrete(self))
    raise named(_refuse("complex() on a recorded value", "Write x + 1j*y"), user_frame())


_LIST_BESIDE = "Write np.array([a, b]) for a list beside a plain array"


def to_array(self: Any, dtype: Any = None, copy: bool | None = None) -> Any:
    """What compiled code and unreachable functions call: refused, for the derivative would be lost."""
    if youngest((self,)) is None:
        data = concrete(self)
        return _array(data, dtype, copy=copy) if dtype is not None or copy is not None else data
    if is_discrete(self):
        return observed(self, as_array)
    if dtype is not None and np.dtype(dtype).kind == "O":
        return elements(self)
    frame = user_frame()
    if dtype is None and sys._getframe(2) is frame and is_operating(frame):  # a plain array's operator asks
        if frame.f_code in state.beside:
            return elements(self, python=False)
        raise beside(_refuse("converting a recorded value to a plain array", _LIST_BESIDE), frame)
    if is_storing(frame):
        raise refused(_refuse("writing a recorded value into a plain array", _MAKE_INSIDE), frame)
    hint = (
        f"{_MAKE_INSIDE}; write np.array([a, b]) for a list beside a plain array; "
        "call functions that wengert knows instead of compiled code"
    )
    names: Any = () if frame is None else frame.f_code.co_names
    for name in names:
        if frame is not None and swap.is_replaced(frame.f_globals.get(name)):
            hint = f"`{name}` was bound before wengert could reach it: call np.{name} instead"
    raise converted(_refuse("converting a recorded value to a plain array", hint), frame)


def item(self: Any, *args: Any) -> Any:
    """x.item(): the element as a number of Python's, recorded."""
    if youngest((self,)) is None:
        return concrete(self).item(*args)
    if is_discrete(self):
        return look(self).item(*args)
    concrete(self).item(*args)  # raises what it raises
    if not isinstance(self, np.ndarray):
        return python_number(self)
    at = args[0] if len(args) == 1 else args
    return python_number(self[at] if type(at) is tuple and at else np.reshape(self, -1)[at or 0])


def buffer(self: Any) -> Any:
    """x.data, the memory itself: refused where it would cut a derivative."""
    if youngest((self,)) is None:
        return concrete(self).data
    raise _refuse(".data of a recorded value", "Use x itself")


def tolist(self: Any) -> Any:
    """x.tolist(): nested lists of recorded numbers of Python's."""
    if youngest((self,)) is None:
        return concrete(self).tolist()
    if is_discrete(self):
        return look(self).tolist()
    if np.ndim(concrete(self)) == 0:
        return item(self)
    return [tolist(row) for row in self]


def refuses(name: str) -> Any:
    """x.tobytes() and its like: refused where they would cut a derivative."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if youngest((self,)) is None:
            return getattr(concrete(self), name)(*args, **kwargs)
        raise _refuse(f".{name}() on a recorded value", "Use x itself")

    return method


def to_int(self: Any) -> int:
    """int(x): control flow, so allowed; it is piecewise constant. Not so a write into an array of integers."""
    frame = user_frame()
    if is_storing(frame) and youngest((self,)) is not None and not is_discrete(self):
        raise refused(_refuse("writing a recorded value into an array of integers", _MAKE_FLOATING), frame)
    if _ALL_WHOLE <= abs(concrete(self)) < np.inf and youngest((self,)) is not None and not is_discrete(self):
        raise _refuse("int() on so large a recorded value, all of whose digits it keeps,", _KEEP)
    return observed(self, int)


_ALL_WHOLE = 2.0**52
"""From here on float64 has no fractions: int(x) is not a step function but x itself, as a number of another kind."""
_KEEP = "Decimals of other kinds (mpmath, decimal, fractions) hold no recorded values: use x itself"


def to_index(self: Any) -> int:
    """x as an index, where NumPy allows it; a comparison, which a trace has as NumPy's, is Python's where x is."""
    return observed(self, int if type(concrete(self)) is np.bool_ else operator.index)


def to_bool(self: Any) -> bool:
    """bool(x): control flow; NumPy's own error for several elements."""
    return observed(self, bool)
