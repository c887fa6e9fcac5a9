"""Elementary and special functions as straight-line LLVM code, for one number or a vector of them."""

from wengert.native.maths.circular import sincos
from wengert.native.maths.table import MATHS, Maths

__all__ = ["MATHS", "Maths", "sincos"]
