"""scipy.linalg: some of the eigenvalues, left eigenvectors, and pencils A v = w B v that are not symmetric.

SciPy computes the value; what is differentiated is the full decomposition, its vectors turned to SciPy's phases.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.observe import decide, look
from wengert.record.value import concrete, stopped
from wengert.rules import scipy_linalg_eigen as scipy_linalg_eigen
from wengert.rules.described import described
from wengert.rules.linalg import as_array, refuse
from wengert.rules.linalg_eigen import matched
from wengert.rules.linalg_triangular import adjoint
from wengert.rules.pairs import recordable
from wengert.rules.scipy_linalg import RECORDED, replaces, scipy
from wengert.rules.table import rule


def _phases(v: Any, like: Any) -> Any:
    """Numbers of modulus 1 that turn each column of v to the one of `like`."""
    inner = np.sum(np.conj(v) * like, axis=0)
    return np.where(inner == 0, 1.0, inner / np.where(inner == 0, 1.0, np.abs(inner)))


def _turned(v: Any, like: Any) -> Any:
    return v * decide(_phases, v, like)


# ── A v = w v or A v = w B v, Hermitian, for some w ──


def _some(*matrices: Any, part: int, options: dict[str, Any]) -> Any:
    return scipy.eigh(*matrices, **options)[part]


def _described_some(*matrices: Any, part: int, options: dict[str, Any]) -> Any:
    known = [stopped(m) for m in matrices]
    w, v = RECORDED[scipy.eigh](*matrices, lower=options["lower"])
    chosen = look(decide(matched, w, decide(_some, *known, part=0, options=options)))
    if part == 0:
        return w[chosen]
    return _turned(v[:, chosen], decide(_some, *known, part=1, options=options))


SOME = {
    n: described(lambda *m, **options: _some(*m, **options), _described_some, n, "scipy.linalg.eigh") for n in (1, 2)
}
_whole = RECORDED[sl.eigh]


@replaces(sl.eigh)
def _eigh(
    a: Any, b: Any = None, *, lower: bool = True, eigvals_only: bool = False, type: int = 1,
    subset_by_index: Any = None, subset_by_value: Any = None, **options: Any,
) -> Any:  # fmt: skip
    if subset_by_index is None and subset_by_value is None:
        return _whole(a, b, lower=lower, eigvals_only=eigvals_only, type=type, **options)
    if type != 1:
        raise refuse(f"scipy.linalg.eigh(type={type})", "only type 1, A v = w B v, has one.")
    matrices = [as_array(m) for m in (a, b) if m is not None]
    subset = {"subset_by_index": look(subset_by_index), "subset_by_value": look(subset_by_value)}
    given = {"lower": bool(lower), "driver": options.get("driver")} | subset
    found = [SOME[len(matrices)](*matrices, part=part, options=given) for part in range(1 if eigvals_only else 2)]
    return found[0] if eigvals_only else tuple(found)


@replaces(sl.eigvalsh)
def _eigvalsh(a: Any, b: Any = None, **options: Any) -> Any:
    return _eigh(a, b, eigvals_only=True, **options)


# ── A v = w B v, uᴴ A = w uᴴ B:  v and w of B⁻¹ A;  u = B⁻ᴴ v⁻ᴴ but for its length and phase ──


def _eig(*matrices: Any, part: str) -> Any:
    w, left, right = scipy.eig(*matrices, left=True)
    return {"w": w, "left": left, "right": right}[part]


def _described_eig(*matrices: Any, part: str) -> Any:
    a, b = matrices if len(matrices) == 2 else (matrices[0], None)
    known = [stopped(m) for m in matrices]
    found, shift = decide(_eig, *known, part="w"), None
    if b is not None and look(decide(_is_singular, known[1])):
        shift, a, b = _SHIFT * look(decide(_size, *known)), b, a - _SHIFT * look(decide(_size, *known)) * b
        found = decide(_inverted, found, shift=shift)
    w, v = np.linalg.eig(a if b is None else np.linalg.solve(b, a))
    chosen = look(decide(matched, w, found))
    if part == "w":
        return w[chosen] if shift is None else _finite(w[chosen], look(found), shift)
    if part == "left":
        v = adjoint(np.linalg.inv(v))
        v = v if b is None else np.linalg.solve(adjoint(b), v)
        v = _with_real_peaks(v / np.sqrt(np.sum(np.abs(v) ** 2, axis=0)))
    return _turned(v[:, chosen], decide(_eig, *known, part=part))


# A v = w B v with a singular B has infinite w: with a shift s,  B v = μ (A − s B) v,  w = s + 1/μ

_SHIFT = 0.4372
"""A part of the sizes' quotient |A|/|B| that no eigenvalue is likely to be."""


def _is_singular(b: Any) -> Any:
    return np.linalg.cond(b) > 1e12


def _size(a: Any, b: Any) -> Any:
    return np.linalg.norm(a) / np.linalg.norm(b)


def _inverted(w: Any, shift: Any) -> Any:
    return np.where(np.abs(w) < 1e12 * np.abs(shift), 1.0 / (w - shift), 0.0)


def _finite(mu: Any, found: Any, shift: Any) -> Any:
    return np.where(found == 0, np.inf, shift + 1.0 / np.where(found == 0, 1.0, mu))


def _with_real_peaks(v: Any) -> Any:
    """Each column turned until its largest component is real, as LAPACK leaves it."""
    if not np.iscomplexobj(v):
        return v
    peak = v[look(decide(_peaks, v)), np.arange(np.shape(v)[1])]
    return v * (np.conj(peak) / np.abs(peak))


def _peaks(v: Any) -> Any:
    return np.argmax(np.abs(v), axis=0)


# ── complex vectors of a pencil have arbitrary phases: only what does not change with them has a derivative ──


def _identity(v: Any) -> Any:
    return np.array(v)


def _turns(c: Any, v: Any) -> Any:
    """Which columns a function with this cotangent takes in their phases."""
    inner, size = np.sum(c * v, axis=0), np.sum(np.abs(c) * np.abs(v), axis=0)
    return np.abs(np.imag(inner)) > 1e-12 * size


of_any_phase = recordable(_identity)
rule(
    of_any_phase,
    lambda d, y, v: d + np.where(np.any(stopped(d) != 0), np.nan, 0.0),
    pull=(lambda c, y, v: np.where(decide(_turns, c, v), np.nan, c),),
    name="scipy.linalg.eig",
)

EIG = {n: described(lambda *m, **options: _eig(*m, **options), _described_eig, n, "scipy.linalg.eig") for n in (1, 2)}
_right = RECORDED[sl.eig]


@replaces(sl.eig)
def _eig_of(
    a: Any, b: Any = None, left: bool = False, right: bool = True, overwrite_a: bool = False,
    overwrite_b: bool = False, check_finite: bool = True, homogeneous_eigvals: bool = False,
) -> Any:  # fmt: skip
    if b is None and not left and not homogeneous_eigvals:
        return _right(a, right=right)
    if homogeneous_eigvals:
        raise refuse("scipy.linalg.eig with homogeneous_eigvals", "leave it out: the quotients have one.")
    matrices = [as_array(m) for m in (a, b) if m is not None]
    w, asked = EIG[len(matrices)](*matrices, part="w"), [*["left"] * bool(left), *["right"] * bool(right)]
    vectors = [EIG[len(matrices)](*matrices, part=part) for part in asked]
    if b is not None:
        vectors = [of_any_phase(v) if np.iscomplexobj(concrete(v)) else v for v in vectors]
    return (w, *vectors) if vectors else w


_EIGVALS = inspect.signature(sl.eigvals)


@replaces(sl.eigvals)
def _eigvals(*args: Any, **kwargs: Any) -> Any:
    given = _EIGVALS.bind(*args, **kwargs).arguments  # from SciPy 1.18 on there is overwrite_b among them
    return _eig_of(given["a"], given.get("b"), right=False, homogeneous_eigvals=given.get("homogeneous_eigvals", False))
