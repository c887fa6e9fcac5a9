"""Systems of linear equations and factors of matrices, by LAPACK and BLAS.

A factor "lu" is one array: the factors of a matrix as LAPACK returns them, then the sign of the
permutation (0 where the matrix is singular), then the pivots. It is made once for a matrix, however
many systems are solved with it. Where NumPy raises, the native code leaves and Python is asked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.elements import of
from wengert.native.lower.table import lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import DTYPES, Node

TURNED = ((0, ((1, 1),)), (0, ((1, 0),)))


def turned(m: Maker, x: Node) -> Node:
    """The transpose of a matrix."""
    return m.view(x, TURNED, x.shape[::-1])


def matrix(x: Node) -> int:
    """The order of a square matrix; Unsupported for stacks, empty ones, and what is not floating."""
    if len(x.shape) != 2 or not x.size or x.shape[0] != x.shape[1] or x.dtype[0] != "f":
        raise Unsupported("a system that is not of one floating matrix")
    return x.shape[0]


def must_run(m: Maker, x: Node) -> Node:
    """x, computed even if nobody uses it: where NumPy would raise, the native code has to leave."""
    first = m.view(x, tuple((0, ()) for _ in x.shape), ())
    m.check(m.map("or", *[m.map(op, first, first, dtype="bool") for op in ("eq", "ne")], dtype="bool"))
    return x


# ── factors P L U ──


def lu(m: Maker, a: Node) -> Node:
    """The factors of a, as LAPACK returns them."""
    n = matrix(a)
    return m.make("library", "lu", (turned(m, a),), (n * n + 1 + n,), a.dtype, n)


def solved(m: Maker, a: Node, b: Node) -> Node:
    """a⁻¹ b, for a matrix b; with the factors of aᵀ if they are there already."""
    n = matrix(a)
    other = m.find("library", "lu", (a,), (n * n + 1 + n,), a.dtype, n)
    factor, how = (other, "T") if other is not None else (lu(m, a), "N")
    x = m.make("library", "lu solve", (factor, turned(m, b)), b.shape[::-1], a.dtype, how)
    return must_run(m, turned(m, x))


@lowers("numpy.linalg.solve")
def _solve(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    dtype = result_dtype(line)
    a, b = [m.cast(x, dtype) for x in args]
    return _of_columns(m, b, lambda b: solved(m, a, b))


def _of_columns(m: Maker, b: Node, solve: Any) -> Node:
    """solve(b) for a matrix b or a vector."""
    if len(b.shape) > 2 or not b.size:
        raise Unsupported("a right-hand side that is not a vector or a matrix")
    if len(b.shape) == 2:
        return solve(b)
    return m.reshape(solve(m.reshape(b, (*b.shape, 1))), b.shape)


@lowers("numpy.linalg.inv")
def _inv(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    a = m.cast(args[0], result_dtype(line))
    return solved(m, a, m.constant(np.eye(matrix(a), dtype=DTYPES[a.dtype])))


def _sign_and_log(m: Maker, a: Node) -> tuple[Node, Node]:
    """(sign, log|det a|): (0, −∞) where a is singular."""
    n = matrix(a)
    factor = lu(m, a)
    diagonal = m.view(factor, ((0, ((n + 1, 0),)),), (n,))
    parity = m.view(factor, ((n * n, ()),), ())
    zero, one = m.number(0.0, a.dtype), m.number(1.0, a.dtype)
    signs = m.map("where", m.map("lt", diagonal, zero, dtype="bool"), m.map("neg", one), one, dtype=a.dtype)
    logs = m.reduce("add", of(np.log, m, a.dtype, m.map("abs", diagonal)), (0,))
    singular = m.map("eq", parity, zero, dtype="bool")
    log = m.map("where", singular, m.number(-np.inf, a.dtype), logs, dtype=a.dtype)
    return m.map("mul", parity, m.reduce("mul", signs, (0,))), log


@lowers("numpy.linalg.slogdet")
def _slogdet(m: Maker, line: Line, args: tuple[Node, ...]) -> tuple[Node, Node]:
    if args[0].dtype[0] != "f":
        raise Unsupported("the determinant of whole numbers")
    return _sign_and_log(m, args[0])


@lowers("numpy.linalg.det")
def _det(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """As NumPy has it: the sign times the exponential of the logarithm."""
    a = m.cast(args[0], result_dtype(line))
    sign, log = _sign_and_log(m, a)
    return m.map("mul", sign, of(np.exp, m, a.dtype, log))


# ── Cholesky factors: a row-major triangle is LAPACK's other one ──


def cholesky(m: Maker, a: Node, lower: bool, clean: bool) -> Node:
    """The factor that is read from, and written to, one triangle; `clean` makes the other zero."""
    matrix(a)
    return must_run(m, m.make("library", "cholesky", (a,), a.shape, a.dtype, (lower, clean)))


@lowers("numpy.linalg.cholesky")
def _numpy_cholesky(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    return cholesky(m, m.cast(args[0], result_dtype(line)), not line.params["upper"], True)


@lowers("scipy.linalg.cholesky", "scipy.linalg.cho_factor")
def _scipy_cholesky(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    a = m.cast(args[0], result_dtype(line))
    all_finite(m, a)
    return cholesky(m, a, line.params["lower"], line.row.name == "scipy.linalg.cholesky")


@lowers("cholesky cotangent")
def _cholesky_cotangent(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """One array: the result, and room for a block."""
    dtype = result_dtype(line)
    low, bar = [m.cast(x, dtype) for x in args]
    n = matrix(low)
    all_finite(m, low, bar)
    size = max(64, -(-n // 16))
    whole = m.make("library", "cholesky cotangent", (low, bar), (n * n + size * size,), dtype, (n, size))
    return must_run(m, m.view(whole, ((0, ((n, 0), (1, 1))),), (n, n)))


def all_finite(m: Maker, *xs: Node) -> None:
    """SciPy raises where an element is infinite or NaN."""
    for x in xs:
        m.check(m.map("isfinite", x, dtype="bool"))


# ── triangles:  T X = B is Xᵀ Tᵀ = Bᵀ, and row-major arrays are the transposed ones of BLAS ──


def triangular(m: Maker, t: Node, b: Node, lower: bool, trans: bool, unit: bool = False) -> Node:
    """T⁻¹ b or T⁻ᵀ b for one triangle T of t, and a matrix b."""
    n = matrix(t)
    if b.shape[0] != n:
        raise Unsupported("a right-hand side of another length")
    return must_run(m, m.make("library", "triangular", (t, b), b.shape, t.dtype, (lower, trans, unit)))


@lowers("triangular solve")
def _triangular(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    dtype = result_dtype(line)
    t, b = [m.cast(x, dtype) for x in args]
    return _of_columns(m, b, lambda b: triangular(m, t, b, line.params["lower"], line.params["trans"]))


@lowers("scipy.linalg.solve_triangular")
def _solve_triangular(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    dtype, params = result_dtype(line), line.params
    t, b = [m.cast(x, dtype) for x in args]
    all_finite(m, t, b)
    how = params["lower"], params["trans"] != 0, params["unit_diagonal"]
    return _of_columns(m, b, lambda b: triangular(m, t, b, *how))


@lowers("scipy.linalg.cho_solve")
def _cho_solve(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    dtype, lower = result_dtype(line), line.params["lower"]
    f, b = [m.cast(x, dtype) for x in args]
    all_finite(m, f, b)
    return _of_columns(m, b, lambda b: triangular(m, f, triangular(m, f, b, lower, not lower), lower, lower))


@lowers("scipy.linalg.inv")
def _scipy_inv(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    all_finite(m, args[0])
    return _inv(m, line, args)


@lowers("triangular inverse")
def _triangular_inverse(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """Of the lower triangle."""
    t = m.cast(args[0], result_dtype(line))
    matrix(t)
    return must_run(m, m.make("library", "lower inverse", (t,), t.shape, t.dtype))
