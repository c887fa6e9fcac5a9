"""Linear systems of scipy.signal: its classes, and its functions of them, are Python code on arrays."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np
import scipy.signal as _signal
from scipy.signal import _ltisys

from wengert.record.build import contains_value
from wengert.record.protocols import any_recorded, compute_plain
from wengert.record.reach import MADE_BY
from wengert.record.swap import replace
from wengert.rules.described import composed_methods
from wengert.rules.refused import refuse_function
from wengert.rules.scipy_private import compat_linalg

signal: Any = _signal
systems: Any = _ltisys

CLASSES = [
    getattr(systems, f"{name}{kind}")
    for name in ("TransferFunction", "ZerosPolesGain", "StateSpace")
    for kind in ("", "Continuous", "Discrete")
] + [systems.lti, systems.dlti, systems.LinearTimeInvariant]
NAMES = frozenset({"lti", "dlti", "TransferFunction", "ZerosPolesGain", "StateSpace", "ShortTimeFFT"})


def _methods(kind: Any) -> list[str]:
    """What the class itself defines in Python, its initialiser included."""
    found = [name for name, value in vars(kind).items() if isinstance(value, FunctionType)]
    return [name for name in found if name == "__init__" or not name.startswith("__") or name in _OPERATORS]


_OPERATORS = {"__mul__", "__rmul__", "__add__", "__radd__", "__sub__", "__rsub__", "__truediv__", "__neg__"}

for _kind in CLASSES:
    MADE_BY[_kind] = NAMES
    composed_methods(_kind, *_methods(_kind))
MADE_BY[signal.ShortTimeFFT] = NAMES
composed_methods(signal.ShortTimeFFT, "stft", "stft_detrend", "spectrogram", "istft")


@replace(compat_linalg.solve)
def _solve(original: Any) -> Any:
    return lambda x1, x2: np.linalg.solve(x1, x2) if contains_value([x1, x2]) else original(x1, x2)


def _reduced(rtype: str) -> Any:
    kinds = {"max": np.max, "maximum": np.max, "min": np.min, "minimum": np.min, "avg": np.mean, "mean": np.mean}
    return kinds[rtype]


@replace(signal.unique_roots)
def _unique_roots(original: Any) -> Any:
    def unique_roots(p: Any, tol: float = 1e-3, rtype: str = "min") -> Any:
        if not any_recorded((p,)):
            return compute_plain(original, (p, tol, rtype))
        p, used, unique = np.asarray(p), set[int](), list[tuple[Any, int]]()
        for i in range(len(p)):
            if i not in used:
                group = [k for k in range(len(p)) if k not in used and abs(p[k] - p[i]) <= tol]
                used.update(group)
                unique.append((_reduced(rtype)(p[group]), len(group)))
        return np.array([root for root, _ in unique]), np.array([n for _, n in unique])

    return unique_roots


refuse_function(
    signal.place_poles,
    "scipy.signal.place_poles",
    "For one input write Ackermann's formula: K = eₙᵀ [B, A B, A² B, …]⁻¹ p(A) with the polynomial p of the poles; for "
    "several the gain that is found is one of many.",
)
