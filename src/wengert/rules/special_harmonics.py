"""Spherical harmonics and Legendre polynomials of scipy.special that are objects, in their angles and variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded, compute_plain
from wengert.record.swap import replace, wrap_plain
from wengert.rules.special_calls import lifted
from wengert.rules.special_gamma import sp
from wengert.rules.special_polynomials import lower as lowered


def _by_inclination(y: Any, n: Any, m: Any, theta: Any, phi: Any) -> Any:
    """∂Y/∂θ = ½ (√((n−m)(n+m+1)) e^{−iφ} Yₙᵐ⁺¹ − √((n+m)(n−m+1)) e^{iφ} Yₙᵐ⁻¹), without a pole.

    By the ladder operators of angular momentum (Edmonds 1957, 2.5). SciPy's Y has |sin θ| for sin θ, and its slope in
    θ turns round with the sign of that.
    """
    n, m = np.asarray(n), np.asarray(m)
    up, down = np.sqrt(np.maximum((n - m) * (n + m + 1), 0)), np.sqrt(np.maximum((n + m) * (n - m + 1), 0))
    turn = np.exp(1j * phi)
    side = np.where(np.sin(theta) < 0, -0.5, 0.5)
    return side * (up / turn * HARMONIC(n, m + 1, theta, phi) - down * turn * HARMONIC(n, m - 1, theta, phi))


HARMONIC = lifted(
    sp.sph_harm_y, None, None, _by_inclination, lambda y, n, m, theta, phi: 1j * np.asarray(m) * y,
    name="scipy.special.sph_harm_y",
)  # fmt: skip
LEGENDRE = lifted(
    sp.legendre_p, None, lambda y, n, z: lowered(n, 0.5 * (n + 1.0), lambda k: sp.eval_jacobi(k, 1.0, 1.0, z)),
    name="scipy.special.legendre_p",
)  # fmt: skip


def _by_polar_angle(y: Any, n: Any, m: Any, theta: Any) -> Any:
    """∂/∂θ of Y at φ = 0, by the same ladder."""
    n, m = np.asarray(n), np.asarray(m)
    up, down = np.sqrt(np.maximum((n - m) * (n + m + 1), 0)), np.sqrt(np.maximum((n + m) * (n - m + 1), 0))
    side = np.where(np.sin(theta) < 0, -0.5, 0.5)
    return side * (up * POLAR(n, m + 1, theta) - down * POLAR(n, m - 1, theta))


def _by_argument(y: Any, n: Any, m: Any, z: Any) -> Any:
    """(z² − 1) P′ = n z P − (n + m) Pₙ₋₁ (DLMF 14.10.5); at z = ±1 not finite."""
    n, m = np.asarray(n), np.asarray(m)
    before = np.where(n > np.abs(m), ASSOCIATED(np.maximum(n - 1, 0), m, z), 0.0)
    return (n * z * y - (n + m) * before) / (z * z - 1.0)


POLAR = lifted(sp.sph_legendre_p, None, None, _by_polar_angle, name="scipy.special.sph_legendre_p")
ASSOCIATED = lifted(sp.assoc_legendre_p, None, None, _by_argument, name="scipy.special.assoc_legendre_p")


def _replaces(original: Any, op: Any) -> None:
    @replace(original)
    def _make(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def call(*args: Any, diff_n: int = 0, **options: Any) -> Any:
            if not any_recorded(args):
                return wrap_plain(compute_plain(original, args, {"diff_n": diff_n, **options}))
            if options:
                raise NoDerivative(at_user_line(f"no derivative rule for scipy.special.{op.__name__} with options"))
            if diff_n:
                name = op.__name__
                raise NoDerivative(
                    at_user_line(f"no derivative rule for scipy.special.{name} with diff_n={diff_n}")
                    + "\nLeave it out, and differentiate the function itself."
                )
            return op(*[np.asarray(a) if isinstance(a, list) else a for a in args])

        return call


def _refuses(name: str) -> None:
    @replace(getattr(sp, name))
    def _make(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def call(*args: Any, **options: Any) -> Any:
            if not any_recorded(args):
                return wrap_plain(compute_plain(original, args, options))
            raise NoDerivative(
                at_user_line(f"no derivative rule for scipy.special.{name}")
                + f"\nCall scipy.special.{name.removesuffix('_all')} for each degree and order."
            )

        return call


for _name in ("legendre_p_all", "assoc_legendre_p_all", "sph_legendre_p_all", "sph_harm_y_all"):
    _refuses(_name)
_OBJECTS = {"sph_harm_y": HARMONIC, "legendre_p": LEGENDRE, "sph_legendre_p": POLAR, "assoc_legendre_p": ASSOCIATED}
for _name, _op in _OBJECTS.items():
    _op.__name__ = _name
    _replaces(getattr(sp, _name), _op)
