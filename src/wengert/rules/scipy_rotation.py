"""scipy.spatial.transform: rotations have SciPy's compiled values, and the derivatives of SciPy's own Python twin.

SciPy keeps each function of quaternions twice, compiled and in the array API's Python. The second is the description
of the first. Where both give quaternions these may differ in sign, which is put right; where they differ otherwise,
the derivative is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from math import factorial
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np
from scipy import interpolate as interpolate  # a spline of rotations would import it while names are swapped
from scipy.spatial.transform import Rotation, RotationSpline, Slerp
from scipy.spatial.transform import _rotation as _module

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import state
from wengert.record.swap import METHODS, replace, run_body
from wengert.rules import scipy_namespaces as scipy_namespaces
from wengert.rules.described import described, holds_recorded, plainly
from wengert.rules.scipy_linalg_eigen import nearest_orthogonal
from wengert.rules.solved import still
from wengert.rules.special_calls import piecewise, series

module: Any = _module
compiled: Any = module.cython_backend
python: Any = module.xp_backend
_asarray = np.asarray
"""NumPy's own, whatever is swapped in while recording."""

ARRAYS: dict[str, tuple[str, ...]] = {
    "from_quat": ("quat",), "from_matrix": ("matrix",), "from_rotvec": ("rotvec",), "from_mrp": ("mrp",),
    "from_euler": ("angles",), "from_davenport": ("axes", "angles"), "as_quat": ("quat",), "as_matrix": ("quat",),
    "as_rotvec": ("quat",), "as_mrp": ("quat",), "as_euler": ("quat",), "as_davenport": ("quat", "axes"),
    "inv": ("quat",), "magnitude": ("quat",), "apply": ("quat", "points"), "compose_quat": ("p", "q"),
    "pow": ("quat", "n"), "mean": ("quat", "weights"), "align_vectors": ("a", "b", "weights"),
}  # fmt: skip
"""function of quaternions → the arguments in which it has a derivative"""
QUATERNIONS = {name for name in ARRAYS if name.startswith("from_")} | {"as_quat", "inv", "compose_quat", "pow", "mean"}


# ── one function: SciPy's value, its twin's derivative ──


@cache
def _function(name: str, arrays: tuple[str, ...]) -> Any:
    def value(*args: Any, **params: Any) -> Any:
        return _joined(_called(name, dict(zip(arrays, args, strict=True)) | params), **params)

    def description(*args: Any, **params: Any) -> Any:
        if name == "from_matrix" and not params.get("assume_valid", False):
            args = (_nearest(args[0]),)
        body = TWINS.get(name) or getattr(python, name)
        y = _joined(run_body(body, (), dict(zip(arrays, args, strict=True)) | params), **params)
        return y * decide(_sign, y, *args, value=value, params=params, name=name)

    return described(value, description, len(arrays), f"scipy.spatial.transform.Rotation.{name}")


def _nearest(m: Any) -> Any:
    """The rotation nearest to m: SciPy takes this one of every m that is none by more than 1e-12. So one that is has
    its derivative too: there each step of Newton and Schulz, X ↦ X (3 I − XᵀX) / 2, squares a distance that is 0."""
    plain = still(m)
    is_rotation = np.isclose(plain @ np.swapaxes(plain, -1, -2), np.eye(3), atol=1e-12).all(axis=(-2, -1))
    if not np.all(is_rotation):
        each = np.reshape(m, (-1, 3, 3))
        return np.reshape(np.stack([nearest_orthogonal(each[k]) for k in range(np.size(is_rotation))]), np.shape(plain))
    for _ in range(3):
        m = 1.5 * m - 0.5 * (m @ np.swapaxes(m, -1, -2) @ m)
    return m


def _aligned(a: Any, b: Any, weights: Any = None, return_sensitivity: bool = False) -> Any:
    """The twin of align_vectors, without singular vectors: they have no derivative where singular values are equal.

    With C the rotation nearest to B = Σ wᵢ aᵢ bᵢᵀ, P = CᵀB has the singular values for eigenvalues (the last one with
    its sign), and what SciPy says with them are invariants of P.
    """
    a, b = np.reshape(a, (-1, 3)), np.reshape(b, (-1, 3))
    w = np.ones(np.shape(a)[0]) if weights is None else weights
    if np.size(w) == 1 or np.any(np.isinf(still(w))):
        return python.align_vectors(a, b, weights, return_sensitivity)
    B = np.transpose(w[:, None] * a) @ b
    C = nearest_orthogonal(B, rotation=True)
    P = np.transpose(C) @ B
    rssd = np.sqrt(np.maximum(np.sum(w * np.sum(a**2 + b**2, axis=-1)) - 2.0 * np.trace(P), 0.0))
    kappa = 0.5 * (np.trace(P) ** 2 - np.trace(P @ P))
    zeta = np.trace(P) * kappa - np.linalg.det(P)
    sensitivity = np.mean(w) / zeta * (kappa * np.eye(3) + B @ np.transpose(B))
    return python.from_matrix(C, assume_valid=True), rssd, sensitivity


def _from_rotvec(rotvec: Any, degrees: bool = False) -> Any:
    """(v sin(θ/2)/θ, cos(θ/2)) as power series in θ² = |v|² where that is small: |v| itself has a kink at 0."""
    v = np.deg2rad(rotvec) if degrees else rotvec
    square = np.sum(v * v, axis=-1, keepdims=True)
    powers = [[c * (-0.25) ** k / factorial(2 * k + odd) for k in range(10)] for odd, c in ((1, 0.5), (0, 1.0))]
    sine = piecewise(
        square < 1.0, square, 0.5, lambda t: series(t, powers[0]), lambda t: np.sin(0.5 * np.sqrt(t)) / np.sqrt(t)
    )
    cosine = piecewise(square < 1.0, square, 0.5, lambda t: series(t, powers[1]), lambda t: np.cos(0.5 * np.sqrt(t)))
    return np.concatenate([v * sine, cosine], axis=-1)


def _power(quat: Any, n: Any) -> Any:
    """SciPy's twin gives q itself where n = 1, 1 where n = 0: right, but for the derivative in n."""
    return _from_rotvec(np.reshape(n, ()) * python.as_rotvec(quat))


TWINS: dict[str, Callable[..., Any]] = {"align_vectors": _aligned, "from_rotvec": _from_rotvec, "pow": _power}
"""What is described otherwise than by SciPy's twin."""


def _sign(y: Any, *args: Any, value: Any, params: Any, name: str) -> Any:
    """The sign of the compiled quaternion against the twin's; of what is no quaternion, 1."""
    known: Any = plainly(value)(*args, **params)
    sign: Any = 1.0
    if name in QUATERNIONS:
        sign = np.where(np.sum(y * known, axis=-1, keepdims=True) < 0, -1.0, 1.0)
    elif name == "align_vectors":
        sign = np.where((np.arange(known.size) < 4) & (np.sum(y[:4] * known[:4]) < 0), -1.0, 1.0)
    if not np.allclose(y * sign, known, rtol=1e-6, atol=1e-7, equal_nan=True):
        raise NoDerivative(
            at_user_line(f"no derivative of scipy.spatial.transform.Rotation.{name} here: it is not unique")
            + "\nWrite this rotation with quaternions or matrices of your own."
        )
    return sign


def _called(name: str, given: dict[str, Any]) -> Any:
    """The compiled function, which may know its arguments by other names, and gives views of Cython's."""
    parameters = inspect.signature(getattr(python, name)).parameters.values()
    named = {p.name: given[p.name] for p in parameters if p.kind is p.KEYWORD_ONLY}
    y = getattr(compiled, name)(*[given[p.name] for p in parameters if p.name not in named], **named)
    return _asarray(y) if "memoryview" in type(y).__name__ else y


def _joined(y: Any, return_sensitivity: bool = False, **_: Any) -> Any:
    """Several results (of align_vectors: quaternion, distance, sensitivity) as one array."""
    if not isinstance(y, tuple):
        return y
    return np.concatenate([np.ravel(part) for part in y[: 3 if return_sensitivity else 2]])


def _stand_for(name: str) -> Callable[..., Any]:
    signature = inspect.signature(getattr(python, name))

    def call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given: dict[str, Any] = bound.arguments
        if not any_recorded(given):
            return plainly(_called)(name, given)
        arrays = tuple([k for k in ARRAYS[name] if given[k] is not None])
        params = {k: v for k, v in given.items() if k not in arrays}
        y = _function(name, arrays)(*[np.asarray(given[k], float) for k in arrays], **params)
        return y if name != "align_vectors" else (y[:4], y[4], np.reshape(y[5:], (3, 3)) if np.size(y) > 5 else None)

    return call


def _approx_equal(quat: Any, other: Any, atol: Any = None, degrees: bool = False) -> Any:
    return look(decide(_are_equal, quat, other, atol=atol, degrees=degrees))


def _are_equal(quat: Any, other: Any, atol: Any, degrees: bool) -> Any:
    return _asarray(plainly(compiled.approx_equal)(quat, other, atol, degrees))


STAND = SimpleNamespace(**{name: _stand_for(name) for name in ARRAYS}, approx_equal=_approx_equal)
for _name in vars(compiled):
    if not _name.startswith("_") and not hasattr(STAND, _name):
        setattr(STAND, _name, getattr(compiled, _name))


@replace(module.select_backend)
def _select_backend(original: Any) -> Any:
    def select(xp: Any, cython_compatible: bool) -> Any:
        backend = original(xp, cython_compatible)
        return STAND if backend is compiled else backend

    return select


# ── the classes ──


def _recorded(x: Any) -> bool:
    """Whether an argument is recorded, or a rotation (or a list of some) that holds a recorded quaternion."""
    if isinstance(x, (list, tuple)):
        return any(_recorded(part) for part in x)
    return any_recorded((x,)) or (isinstance(x, (Rotation, Slerp, RotationSpline)) and holds_recorded(x))


def _run(original: Any) -> Any:
    def method(*args: Any, **kwargs: Any) -> Any:
        if state.bodies or not any([_recorded(a) for a in (*args, *kwargs.values())]):
            return original(*args, **kwargs)
        return run_body(original, tuple([_taken(a) for a in args]), kwargs)

    method.__name__, method.__doc__ = original.__name__, original.__doc__
    return method


def _taken(x: Any) -> Any:
    """An argument of a method that is run on recorded values: rotations that were made outside use ours as well."""
    if isinstance(x, Rotation) and vars(x).get("_backend") is compiled:
        vars(x)["_backend"] = STAND
    return x


for _kind in (Rotation, Slerp, RotationSpline):
    MADE_BY[_kind] = frozenset({"Rotation", "Slerp", "RotationSpline"})
    for _name, _value in list(vars(_kind).items()):
        if isinstance(_value, staticmethod) and not _name.startswith("_"):
            METHODS.append((_kind, _name, _value, staticmethod(_run(_value.__func__))))
        elif isinstance(_value, FunctionType) and _name not in ("__getstate__", "__setstate__", "__bool__", "__len__"):
            METHODS.append((_kind, _name, _value, _run(_value)))
