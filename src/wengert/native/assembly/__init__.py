"""LLVM's assembly: types, constants, and functions that are written line by line.

A line is text as soon as it is written, but for what is known later: where a φ comes from, how a call is attributed.
"""

from wengert.native.assembly.alike import share
from wengert.native.assembly.builder import IRBuilder
from wengert.native.assembly.module import Block, Function, GlobalVariable, Module
from wengert.native.assembly.types import (
    ArrayType,
    Constant,
    DoubleType,
    FloatType,
    FunctionType,
    IntType,
    LiteralStructType,
    PointerType,
    Type,
    Undefined,
    Value,
    VectorType,
    VoidType,
)

__all__ = [
    "ArrayType",
    "Block",
    "Constant",
    "DoubleType",
    "FloatType",
    "Function",
    "FunctionType",
    "GlobalVariable",
    "IRBuilder",
    "IntType",
    "LiteralStructType",
    "Module",
    "PointerType",
    "Type",
    "Undefined",
    "Value",
    "VectorType",
    "VoidType",
    "share",
]
