"""The root of a precision matrix in scipy.stats' multivariate distributions.

They take U with U Uᵀ = M⁻¹ from the eigenvectors of M, which have no derivative where eigenvalues are equal.
What they compute from U depends on U Uᵀ alone, so any U̇ with U̇ Uᵀ + U U̇ᵀ = −M⁻¹ Ṁ M⁻¹ serves, to any order:

    U̇ = −½ M⁻¹ Ṁ U,    d log|M| = tr(M⁻¹ Ṁ).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import _multivariate

from wengert.record.apply import apply
from wengert.record.observe import decide, look
from wengert.record.swap import replace
from wengert.record.value import is_value
from wengert.rules.linalg_triangular import from_triangle, mt
from wengert.rules.table import rule

_PSD: Any = _multivariate._PSD  # type: ignore[attr-defined]
_init = _PSD.__init__


def _plain(m: Any, lower: bool, options: dict[str, Any]) -> Any:
    psd = object.__new__(_PSD)
    _init(psd, m, lower=lower, **options)
    return psd


def precision_root(m: Any, lower: bool, options: Any) -> Any:
    """U."""
    return apply(ROOT, (m,), {"lower": lower, "options": options}) if is_value(m) else _plain(m, lower, options).U


def log_determinant(m: Any, lower: bool, options: Any) -> Any:
    """log |M|."""
    if is_value(m):
        return apply(LOG_DETERMINANT, (m,), {"lower": lower, "options": options})
    return _plain(m, lower, options).log_pdet


def _push_root(d: Any, u: Any, m: Any, lower: bool, options: Any) -> Any:
    return -0.5 * np.matmul(u, np.matmul(mt(u), np.matmul(from_triangle(d, lower), u)))


def _push_determinant(d: Any, y: Any, m: Any, lower: bool, options: Any) -> Any:
    u = precision_root(m, lower, options)
    return np.sum(u * np.matmul(from_triangle(d, lower), u))


ROOT = rule(precision_root, _push_root, name="scipy.stats.multivariate_normal")
LOG_DETERMINANT = rule(log_determinant, _push_determinant, name="scipy.stats.multivariate_normal")


def _is_regular(m: Any, lower: bool, options: Any) -> bool:
    return _plain(m, lower, options).rank == m.shape[-1]


@replace(_PSD)
def _semidefinite(original: Any) -> Any:
    def psd(
        M: Any, cond: Any = None, rcond: Any = None, lower: bool = True, check_finite: bool = True,
        allow_singular: bool = True,
    ) -> Any:  # fmt: skip
        options = {"cond": cond, "rcond": rcond, "check_finite": check_finite, "allow_singular": allow_singular}
        if not is_value(M) or not look(decide(_is_regular, M, lower=lower, options=options)):
            return original(M, lower=lower, **options)
        return _of_full_rank(M, precision_root(M, lower, options), log_determinant(M, lower, options))

    return psd


def _of_full_rank(m: Any, root: Any, log_det: Any) -> Any:
    """What _PSD makes of a regular matrix: no eigenvectors are left out (`V`), all points are within `eps`."""
    made, n = object.__new__(_PSD), m.shape[-1]
    made._M, made.U, made.log_pdet, made._pinv = m, root, log_det, None
    made.rank, made.V, made.eps = n, np.zeros((n, 0)), 1.0
    return made
