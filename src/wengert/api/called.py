"""Call a user's function while it is recorded, with as much of NumPy and SciPy within reach as it is known to need."""

from __future__ import annotations

from types import CellType, FunctionType
from typing import Any

from wengert import tree
from wengert.api.operator import innermost
from wengert.errors import LostDerivative
from wengert.record import few, hold, swap
from wengert.record.build import build, contains_value
from wengert.record.cells import default_cells
from wengert.record.objects import is_of_objects
from wengert.record.replaced import KINDS, REPLACED


def called(f: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """f's result, with more within reach where f is known to need it."""
    if (
        type(f) is FunctionType
        and (f.__closure__ is None or _holds_data(f.__closure__))
        and (f.__defaults__ is None or not default_cells(f))
        and not (hold.HELD or (hold.FAR_REACHING and f.__code__ in hold.FAR_REACHING))
        and not (hold.SHADOWED and f.__code__ in hold.SHADOWED)
        and f not in REPLACED
    ):
        return f(*args, **kwargs)
    if swap.is_replaced(f):
        f = swap.REPLACED[f]
    code = _code(f)
    if hold.needs_everything(code):
        swap.install_everything()
        swap.install_ufuncs_of_lists(f)
    if not hold.any_held() and getattr(f, "__closure__", None) is None and not default_cells(f):
        return f(*args, **kwargs)
    with hold.Holding(code), swap.Cells(innermost(f)):
        if code not in hold.BESIDE:
            return f(*args, **kwargs)
        return _with_objects(f, args, kwargs, hold.BESIDE[code])


def _with_objects(f: Any, args: list[Any], kwargs: dict[str, Any], said: tuple[Any, ...]) -> Any:
    """f's result, arrays of objects as recorded ones. What NumPy does not do with objects was refused before."""
    try:
        result = f(*args, **kwargs)
    except LostDerivative:
        raise
    except TypeError as error:
        raise LostDerivative(*said) from error
    leaves, structure = tree.flatten(result)
    if not any(map(contains_value, leaves)):
        return result
    return tree.unflatten(structure, [build(x) if is_of_objects(x) and contains_value(x) else x for x in leaves])


def _holds_data(closure: tuple[CellType, ...]) -> bool:
    """Whether no cell holds a function, which could be one to be swapped or lead to one."""
    try:
        for cell in closure:
            if type(cell.cell_contents) in KINDS:
                return False
    except ValueError:  # an empty cell
        return False
    return True


def reaches_more(f: Any, refusal: Exception | None) -> bool:
    """Prepare for a second call of f, which keeps more within reach. False if there has been one, or no refusal."""
    if refusal is None:
        return False
    return any([swap.prepare_anew(f), few.forbid(f), hold.remember(_code(f), refusal), swap.look_again()])


def lost_in(error: BaseException | None) -> LostDerivative | None:
    """The LostDerivative that this error is, that NumPy's "setting an array element" or C code hides, or that
    `type(x)(0.0)` is."""
    if type(error) is TypeError and str(error).startswith("Scalar.__init__()"):
        return hold.called_type(error)
    if isinstance(error, SystemError) or (isinstance(error, ValueError) and "setting an array element" in str(error)):
        error = error.__cause__ or error.__context__
    return error if isinstance(error, LostDerivative) else None


def _code(f: Any) -> Any:
    return getattr(innermost(f), "__code__", None)
