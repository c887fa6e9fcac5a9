"""scipy.stats.gaussian_kde: its methods are Python code over two compiled sums, described here.

With L Lᵀ the covariance of a kernel, at points x_j and for data p_i of weights w_i,

    f_j = Σᵢ wᵢ exp(−|L⁻¹(x_j − p_i)|²/2) / ((2π)^(d/2) |L|).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats as _stats
import scipy.stats._kde as _kde

from wengert.record.protocols import any_recorded
from wengert.record.swap import register_replacement
from wengert.record.value import concrete
from wengert.rules.described import composed_methods, described

kde: Any = _kde
Fn = Callable[..., Any]


def _exponents(points: Any, xi: Any, cho: Any) -> Any:
    """log of the kernel at every x_j (rows) for every p_i (columns)."""
    d = np.shape(concrete(points))[1]
    p, x = np.linalg.solve(cho, np.transpose(points)), np.linalg.solve(cho, np.transpose(xi))
    squares = np.sum((x[:, :, None] - p[:, None, :]) ** 2, 0)
    return -0.5 * squares - 0.5 * d * np.log(2.0 * np.pi) - np.sum(np.log(np.diagonal(cho)))


def _density(points: Any, values: Any, xi: Any, cho: Any, **_: Any) -> Any:
    return np.matmul(np.exp(_exponents(points, xi, cho)), values)


def _log_density(points: Any, values: Any, xi: Any, cho: Any, **_: Any) -> Any:
    terms = _exponents(points, xi, cho)[:, :, None] + np.log(values)[None, :, :]
    return np.logaddexp.reduce(terms, axis=1)


class _OfKinds:
    """A compiled function that is looked up by the type of its numbers."""

    def __init__(self, compiled: Any, body: Fn, name: str) -> None:
        self.compiled = compiled
        self.op = described(lambda *args, kind, dtype: np.asarray(compiled[kind](*args, dtype)), body, 4, name)

    def __getitem__(self, kind: Any) -> Fn:
        def estimate(points: Any, values: Any, xi: Any, cho: Any, dtype: Any) -> Any:
            if not any_recorded((points, values, xi, cho)):
                return self.compiled[kind](points, values, xi, cho, dtype)
            return self.op(points, values, xi, cho, kind=kind, dtype=dtype)

        return estimate


for _name, _body in (("gaussian_kernel_estimate", _density), ("gaussian_kernel_estimate_log", _log_density)):
    _compiled = getattr(kde, _name)
    register_replacement(_compiled, _OfKinds(_compiled, _body, f"scipy.stats.{_name}"))
composed_methods(
    _stats.gaussian_kde, "__init__", "evaluate", "__call__", "pdf", "logpdf", "set_bandwidth", "integrate_box_1d",
    "integrate_gaussian", "integrate_kde", "marginal", "inv_cov",
)  # fmt: skip
