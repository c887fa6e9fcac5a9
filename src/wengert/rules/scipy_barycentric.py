"""scipy.interpolate.BarycentricInterpolator at recorded points, nodes among them.

The derivative p′ of the polynomial p through (xᵢ, yᵢ) is a polynomial of lower degree, that through (xᵢ, p′(xᵢ)), and

    p′(xᵢ) = Σⱼ Dᵢⱼ yⱼ,    Dᵢⱼ = wⱼ / (wᵢ (xᵢ − xⱼ)),    Dᵢᵢ = −Σⱼ Dᵢⱼ.

So no difference of p is divided by a small x − xᵢ. Source: Berrut and Trefethen, SIAM Rev. 46 (2004), section 9.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.interpolate as _interpolate

from wengert.record.apply import apply
from wengert.record.protocols import any_recorded, lower
from wengert.record.reach import MADE_BY
from wengert.record.swap import METHODS
from wengert.record.value import concrete, is_value
from wengert.rules.table import rule

_kind: Any = _interpolate.BarycentricInterpolator
_original = _kind._evaluate


class _Nodes:
    """What SciPy's method reads of its object, for the polynomials that are 1 at one node each."""

    def __init__(self, nodes: Any, weights: Any) -> None:
        self.xi, self.wi, self.yi, self.r = nodes, weights, np.eye(len(nodes)), len(nodes)


def basis(x: Any, nodes: Any, weights: Any) -> Any:
    """B, with p(x) = B(x) y: of shape (m, n)."""
    return apply(BASIS, (x, nodes, weights)) if is_value(x) else _original(_Nodes(nodes, weights), x)


def slopes(nodes: Any, weights: Any) -> Any:
    """D."""
    gaps = nodes[:, None] - nodes + np.eye(len(nodes))
    d = weights / weights[:, None] / gaps * (1.0 - np.eye(len(nodes)))
    return d - np.diag(np.sum(d, axis=1))


BASIS = rule(
    basis,
    lambda d, b, x, nodes, weights: d[..., None] * (basis(x, nodes, weights) @ slopes(nodes, weights)),
    None,
    None,
    name="scipy.interpolate.BarycentricInterpolator",
)


def _evaluate(self: Any, x: Any) -> Any:
    if not any_recorded(x) or any_recorded((self.xi, self.wi)) or not np.size(concrete(x)):
        return _original(self, x)
    return np.matmul(basis(x, lower(self.xi), lower(self.wi)), self.yi)


METHODS.append((_kind, "_evaluate", _original, _evaluate))
MADE_BY[_kind] = frozenset({"barycentric_interpolate"})
