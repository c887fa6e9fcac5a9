"""scipy.signal.whittaker_henderson (from SciPy 1.18 on): x minimizes Σ wᵢ(yᵢ − xᵢ)² + λ |Δᵖ x|²."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal as _signal

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.solved import gradient, renewed, solution, still

signal: Any = _signal
_NAME = "scipy.signal.whittaker_henderson"


def _smooth(y: Any, penalty: Any, w: Any, order: int) -> tuple[Any, Any]:
    """(x, W + λDᵀD), where (W + λDᵀD) x = W y; for λ = 0 SciPy gives y whatever the weights are."""
    D = np.diff(np.eye(np.shape(concrete(y))[0]), n=order, axis=0)
    A = np.diag(w) + penalty * (D.T @ D)
    return (y - penalty * (D.T @ (D @ y)) / w if still(penalty) == 0 else np.linalg.solve(A, w * y)), A


def _misfit(y: Any, penalty: Any, w: Any, order: int) -> Any:
    """Minus twice the restricted likelihood of λ, but for a constant. Source: Biessy, arXiv 2306.06932."""
    x, A = _smooth(y, penalty, w, order)
    m = np.shape(concrete(y))[0] - order
    r2 = np.sum(w * (y - x) ** 2) + penalty * np.sum(np.diff(x, n=order) ** 2)
    return m * (np.log(r2) - np.log(penalty)) + np.linalg.slogdet(A)[1]


def _whittaker_henderson(original: Any) -> Any:
    def whittaker_henderson(signal: Any, *, lamb: Any = "reml", order: int = 2, weights: Any = None) -> Any:
        if not any_recorded((signal, lamb, weights)):
            return original(signal, lamb=lamb, order=order, weights=weights)
        options = {"lamb": still(lamb), "order": order, "weights": None if weights is None else still(weights)}
        found = compute(original, (still(signal),), options)
        y = as_array(signal)
        w = np.ones(np.shape(concrete(y))) if weights is None else as_array(weights)
        y = np.where(still(w) == 0, 0.0, y)
        penalty = lamb
        if isinstance(lamb, str):
            misfit = lambda t: _misfit(y, np.exp(t[0]), w, order)
            penalty = renewed(found.lamb, np.exp(solution(gradient(misfit), np.log([found.lamb]), _NAME)[0]))
        x = _smooth(y, penalty, w, order)[0]
        if not np.allclose(still(x), found.x, rtol=1e-6, atol=1e-6 * np.max(np.abs(found.x))):
            raise NoDerivative(
                at_user_line(f"no derivative of {_NAME} with a penalty so large that SciPy fits a polynomial instead")
            )
        found.x, found.lamb = renewed(found.x, x), penalty
        return found

    return whittaker_henderson


if hasattr(signal, "whittaker_henderson"):
    replace(signal.whittaker_henderson)(_whittaker_henderson)
