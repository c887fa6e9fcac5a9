"""scipy.linalg.lapack: functions that return factors and a solution, or eigenvalues and eigenvectors; what is refused.

SciPy computes the values; what is differentiated is a description in NumPy and SciPy, one for each result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg as sl
from scipy.linalg import blas, lapack

from wengert.record import swap
from wengert.record.build import contains_value
from wengert.record.flavoured import bare
from wengert.record.protocols import lower as lowered
from wengert.record.value import concrete
from wengert.rules.described import described
from wengert.rules.refused import refuse_function
from wengert.rules.scipy_linalg import RECORDED
from wengert.rules.scipy_linalg_lapack import MEMORY, beside, bound, is_overwritten, name_of, no_slope, signature

Fn = Callable[..., Any]
_cholesky, _solve, _lu_factor = (RECORDED[f] for f in (sl.cholesky, sl.solve, sl.lu_factor))


def _factor_of(a: Any, b: Any, lower: int) -> Any:
    return beside(_cholesky(a, lower=bool(lower)), a, lower)


def _values(a: Any, compute_v: int, lower: int) -> Any:
    return np.linalg.eigvalsh(a, "L" if lower else "U")


def _vectors(a: Any, compute_v: int, lower: int) -> Any:
    return np.linalg.eigh(a, "L" if lower else "U")[1] if compute_v else no_slope((a,))


_EIGEN: dict[int, Fn] = {0: _values, 1: _vectors}
_DRIVERS: list[tuple[str, str, str, dict[int, Fn], dict[str, int]]] = [
    # names, arguments, those that are differentiated, result → description, what is written to → by which result
    (
        "sgesv dgesv cgesv zgesv", "a b overwrite_a=0 overwrite_b=0", "a b",
        {0: lambda a, b: _lu_factor(a)[0], 2: lambda a, b: _solve(a, b)}, {"a": 0, "b": 2},
    ),
    (
        "sposv dposv cposv zposv", "a b lower=0 overwrite_a=0 overwrite_b=0", "a b",
        {0: _factor_of, 1: lambda a, b, lower: _solve(a, b, lower=bool(lower), assume_a="pos")}, {"a": 0, "b": 1},
    ),
    ("ssyev dsyev cheev zheev", "a compute_v=1 lower=0 lwork=None overwrite_a=0", "a", _EIGEN, {"a": 1}),
    ("ssyevd dsyevd", "a compute_v=1 lower=0 lwork=None liwork=None overwrite_a=0", "a", _EIGEN, {"a": 1}),
    ("cheevd zheevd", "a compute_v=1 lower=0 lwork=None liwork=None lrwork=None overwrite_a=0", "a", _EIGEN, {"a": 1}),
]  # fmt: skip


def _op(original: Any, k: int, body: Fn, moving: list[str]) -> Fn:
    def value(*args: Any, **settings: Any) -> Any:
        # what LAPACK may write to is not the caller's
        given = {name: np.array(a, order="F") for name, a in zip(moving, args, strict=True)}
        return original(**given, **settings)[k]

    return described(value, body, len(moving), name_of(original))


def _lost(k: int, moving: list[str], written: dict[str, int]) -> Fn:
    """NaN in the shape of result k, which is that of what it is written to, or a vector of eigenvalues."""
    places = [moving.index(name) for name, result in written.items() if result == k]

    def body(*arrays: Any, **settings: Any) -> Any:
        return no_slope((*arrays, arrays[places[0]] if places else np.diagonal(arrays[0])))

    return body


def _define(original: Any, text: str, moving: list[str], bodies: dict[int, Fn], written: dict[str, int]) -> None:
    parameters = signature(text)
    ops = {k: _op(original, k, body, moving) for k, body in bodies.items()}
    lost = {k: _op(original, k, _lost(k, moving, written), moving) for k in bodies}

    def call(*args: Any, **kwargs: Any) -> Any:
        if not contains_value((*args, *kwargs.values())):
            return swap.wrap_plain(original(*args, **kwargs))
        parts = dict(bound(original, parameters, bare(args), bare(kwargs)).arguments)
        overwrite = {name: parts.pop(f"overwrite_{name}") for name in written}
        arrays = [np.asarray(a) if isinstance(a, (list, tuple)) else a for a in map(parts.pop, moving)]
        settings = {name: concrete(s) for name, s in parts.items() if name not in MEMORY}
        plain = [np.array(x, order="F") for x in lowered(tuple(arrays))]
        results = list(original(*plain, **settings))
        made = lost if results[-1] else ops
        for k, op in made.items():
            results[k] = op(*arrays, **settings)
        for name, k in written.items():
            target: Any = arrays[moving.index(name)] if overwrite[name] else None
            if is_overwritten(target, results[k]):
                target[...] = results[k]
                results[k] = target
        return tuple(results)

    swap.replace(original)(lambda original: call)


for _names, _text, _moving, _bodies, _written in _DRIVERS:
    for _name in _names.split():
        _define(getattr(lapack, _name), _text, _moving.split(), _bodies, _written)


_REMEDY = "Use the function of numpy.linalg or scipy.linalg that calls it, or stop_gradient(x)."
for _module in (blas, lapack):  # refused before they convert their arguments, whose failure SciPy's code takes badly
    for _name, _original in list(vars(_module).items()):
        if type(_original).__name__ == "fortran" and not _name.endswith("_lwork") and _original not in swap.REPLACED:
            refuse_function(_original, name_of(_original), _REMEDY)
