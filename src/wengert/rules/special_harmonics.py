"""Spherical harmonics and Legendre polynomials of scipy.special that are objects, in their angles and variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.observe import decide, observed
from wengert.record.protocols import any_recorded, compute_plain
from wengert.record.swap import replace, wrap_plain
from wengert.record.value import concrete
from wengert.rules.solved import derivative_of, renewed
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


# ── with derivatives (diff_n), and of every degree and order (_all) ──


def _in_one(f: Any, n: int, x: Any) -> Any:
    """f and its n first derivatives."""
    found = [f(x)]
    for _ in range(n):
        f = derivative_of(f)
        found.append(f(x))
    return np.stack(found)


def _in_angles(f: Any, n: int, theta: Any, phi: Any) -> list[Any]:
    """f, its gradient and its Hessian in (θ, φ), which come last, up to derivatives of order n."""
    along = lambda i, j: _in_one(lambda theta: _in_one(lambda phi: f(theta, phi), j, phi)[j], i, theta)[i]
    found = [f(theta, phi)]
    if n > 0:
        found.append(np.stack([along(1, 0), along(0, 1)], axis=-1))
    if n > 1:
        rows = [(along(2, 0), along(1, 1)), (along(1, 1), along(0, 2))]
        found.append(np.stack([np.stack(row, axis=-1) for row in rows], axis=-2))
    return found


def _every(args: Any, fixed: int, n_x: int) -> Any:
    """All degrees to the first, and all orders to the second argument: 0, 1, …, m, −m, …, −1."""
    after = (1,) * n_x
    if fixed == 1:
        return [np.reshape(np.arange(args[0] + 1), (-1, *after)), *args[1:]]
    m = abs(args[1])
    orders = np.concatenate([np.arange(m + 1), np.arange(-m, 0)])
    return [np.reshape(np.arange(args[0] + 1), (-1, 1, *after)), np.reshape(orders, (-1, *after)), *args[2:]]


def _norm(n: Any, m: Any) -> Any:
    """√((2n + 1)(n − m)!/2(n + m)!) for |m| ≤ n."""
    low, high = np.maximum(n - m, 0) + 1.0, np.maximum(n + m, 0) + 1.0
    return np.sqrt(n + 0.5) * np.exp(0.5 * (sp.gammaln(low) - sp.gammaln(high)))


def _described(op: Any, args: Any, fixed: int, diff_n: int, norm: bool) -> list[Any]:
    """The arrays that SciPy's function returns, as functions of the angles or the variable."""
    factor = _norm(*args[:2]) if norm else 1.0
    if len(args) - fixed == 2:
        return _in_angles(lambda theta, phi: op(*args[:2], theta, phi), diff_n, *args[2:])
    return [_in_one(lambda x: factor * op(*args[:fixed], x), diff_n, args[fixed])]


def _of_complex(op: Any, x: Any) -> Any:
    """SciPy has Pₙ of complex numbers as Pₙ⁰ only, unless all degrees are asked for."""
    return (lambda n, x: ASSOCIATED(n, 0, x)) if op is LEGENDRE and np.iscomplexobj(concrete(x)) else op


def _value(*args: Any, of: Any, part: int | None, given: Any) -> Any:
    """SciPy's own result, or one of its results."""
    y = compute_plain(of, args, dict(given))
    return y if part is None else y[part]


def _is_finite(x: Any) -> bool:
    return bool(np.all(np.isfinite(x)))


def _replaces(original: Any, op: Any, fixed: int, every: bool) -> None:
    name = f"scipy.special.{op.__name__}{'_all' if every else ''}"

    @replace(original)
    def _make(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def call(*args: Any, diff_n: Any = None, **options: Any) -> Any:
            given = options if diff_n is None else {"diff_n": diff_n, **options}
            if not any_recorded(args):
                return wrap_plain(compute_plain(original, args, given))
            args = tuple([np.asarray(a) if isinstance(a, list) else a for a in args])
            if not (every or given):
                return op(*args)
            norm = bool(options.pop("norm", False))
            read = lambda part: decide(_value, *args, of=original, part=part, given=tuple(given.items()))
            count = 1 + (diff_n or 0) if len(args) - fixed == 2 and diff_n is not None else 0
            plain = tuple([read(k) for k in range(count)]) if count else read(None)
            if options.pop("branch_cut", 2) != 2 or any_recorded(args[:fixed]):
                raise NoDerivative(at_user_line(f"no derivative rule for {name} with options, or in degree and order"))
            n_x = max([np.ndim(concrete(a)) for a in args[fixed:]])
            args = _every(args, fixed, n_x) if every else args
            derived = _described(_of_complex(op, args[-1]), args, fixed, diff_n or 0, norm)
            if not all([observed(part, _is_finite) for part in derived]):
                raise NoDerivative(at_user_line(f"no derivative of {name} at a pole"))
            if type(plain) is not tuple:
                return renewed(plain, np.reshape(derived[0], np.shape(concrete(plain))))
            return tuple([renewed(*pair) for pair in zip(plain, derived, strict=True)])

        return call


_OBJECTS = {
    "sph_harm_y": (HARMONIC, 2), "legendre_p": (LEGENDRE, 1), "sph_legendre_p": (POLAR, 2),
    "assoc_legendre_p": (ASSOCIATED, 2),
}  # fmt: skip
for _name, (_op, _fixed) in _OBJECTS.items():
    _op.__name__ = _name
    _replaces(getattr(sp, _name), _op, _fixed, False)
    _replaces(getattr(sp, f"{_name}_all"), _op, _fixed, True)
