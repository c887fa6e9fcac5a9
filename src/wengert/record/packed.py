"""What is expected of the lines of a stretch, as numbers: native code compares a line with them.

Objects are their addresses: the stretch keeps them alive. A line that has no room here has row 0, and is compared in
Python.
"""

from __future__ import annotations

from array import array
from struct import pack, unpack
from typing import Any

import numpy as np

from wengert.record.stretch import Expected
from wengert.record.value import concrete

(
    ROW, SLOTS, SLOT, SHIFT, KIND, RANK, DIMS, DTYPE, PARAMS, ITEMS, NAME, ITEM, COUNTED, WHOLE, STEP, CONSTANT, OBJECT,
    FLOAT, NUMBER, ENTRIES, ENTRY,
) = 0, 1, 2, 4, 6, 7, 8, 12, 13, 14, 15, 18, 21, 22, 25, 28, 29, 30, 31, 32, 33  # fmt: skip
"""Places: the row; how many slots, the (two) slots of run 0, by how much they shift; the type of the result, its
rank, dimensions and dtype (rank −1: no array); parameters that are one object always (0: others), or how many items
they have and the names and objects of these; whether the first item is a whole number (−1) or a tuple of so many,
these, and by how much they step; which argument is constant (−1: none), the object that it always is, the type of
which a number that is equal will do (0: none does), and the number; the list that takes a constant which differs (0:
none), and its type."""
WORDS = 34
MOST_DIMS = DTYPE - DIMS
MOST_ITEMS = ITEM - NAME
MOST_WHOLE = STEP - WHOLE
_NUMBERS = {float, int, np.float64}
_LARGE = 1 << 40


def packed(expected: list[Expected], results: list[Any]) -> array[int]:
    """The numbers of all lines."""
    words = array("q", bytes(8 * WORDS * len(expected)))
    for k, (line, y) in enumerate(zip(expected, results, strict=True)):
        known = _line(line, y)
        if known is not None:
            words[k * WORDS : (k + 1) * WORDS] = array("q", known)
    return words


def _line(line: Expected, y: Any) -> list[int] | None:
    words = [0] * WORDS
    n = len(line.first)
    if not 1 <= n <= 2 or len(line.constants) > 1 or len(line.args) != n:
        return None
    words[SLOTS], words[SLOT : SLOT + n], words[SHIFT : SHIFT + n] = n, line.first, line.shift
    if not (_result(words, y) and _params(words, line) and _constant(words, line)):
        return None
    words[ROW] = id(line.row)
    return words


def _result(words: list[int], y: Any) -> bool:
    """The type of the result; False where it is more than native code knows."""
    if y is not concrete(y) or isinstance(y, (tuple, list)):
        return False
    words[KIND], words[RANK] = id(type(y)), -1
    if type(y) is np.ndarray:
        words[RANK], words[DTYPE] = y.ndim, id(y.dtype)
        words[DIMS : DIMS + y.ndim] = y.shape
        return y.ndim <= MOST_DIMS
    return True


def _params(words: list[int], line: Expected) -> bool:
    """Whether there is room for the parameters."""
    params = line.params
    if params is None:
        words[PARAMS] = id(None)
        return True
    if type(params) is not dict or len(params) > MOST_ITEMS:
        return False
    words[ITEMS] = len(params)
    steps = [None] * len(params) if line.by is None else line.by
    for k, ((name, item), step) in enumerate(zip(params.items(), steps, strict=True)):
        words[NAME + k], words[ITEM + k] = id(name), id(item)
        if (k or not _whole(words, item, step)) and step is not None:
            return False
    return True


def _whole(words: list[int], item: Any, step: Any) -> bool:
    """Whether the item consists of whole numbers, with their steps."""
    numbers = item if type(item) is tuple else (item,)
    steps = [None] * len(numbers) if step is None else step if type(item) is tuple else [step]
    if len(numbers) > MOST_WHOLE or not all([type(n) is int and abs(n) < _LARGE for n in numbers]):
        return False
    words[COUNTED] = len(numbers) if type(item) is tuple else -1
    words[WHOLE : WHOLE + len(numbers)] = numbers
    words[STEP : STEP + len(numbers)] = [by or 0 for by in steps]
    return True


def _constant(words: list[int], line: Expected) -> bool:
    words[CONSTANT] = -1
    if not line.constants:
        return True
    a = line.constants[0]
    x = line.args[a]
    words[CONSTANT], words[OBJECT] = a, id(x)
    if a in line.tables:
        words[ENTRIES], words[ENTRY] = id(line.tables[a]), id(type(x))
        return type(x) in _NUMBERS
    if type(x) is float and x != 0.0 and x == x:
        words[FLOAT], words[NUMBER] = id(float), unpack("q", pack("d", x))[0]
    return True
