"""Functions given by a differential equation: Kelvin, parabolic cylinder, Mathieu, spheroidal waves.

SciPy returns (y, y′); the row states y″ from the equation. Parameters have no derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.special_calls import ORDER, several
from wengert.rules.special_gamma import sp
from wengert.rules.table import elementwise

_DEGREE = float(np.pi / 180.0)


def _over(slope: Any, x: Any, at_zero: Any) -> Any:
    """slope / x, and its limit at 0."""
    none = np.equal(x, 0)
    return np.where(none, at_zero, slope / np.where(none, 1.0, x))


# fmt: off
# ── Kelvin: w = ber + i bei solves w″ + w′/x = i w ──
elementwise(sp.ber,  lambda y, x: sp.berp(x))
elementwise(sp.bei,  lambda y, x: sp.beip(x))
elementwise(sp.ker,  lambda y, x: sp.kerp(x))
elementwise(sp.kei,  lambda y, x: sp.keip(x))
elementwise(sp.berp, lambda y, x: -sp.bei(x) - _over(y, x, 0.0))
elementwise(sp.beip, lambda y, x: sp.ber(x) - _over(y, x, 0.5))
elementwise(sp.kerp, lambda y, x: -sp.kei(x) - y / x)
elementwise(sp.keip, lambda y, x: sp.ker(x) - y / x)
several(sp.kelvin,  (lambda y, x: y[2], lambda y, x: y[3],
                     lambda y, x: 1j * y[0] - _over(y[2], x, 0.5j), lambda y, x: 1j * y[1] - y[3] / x))
# ── parabolic cylinder ──
several(sp.pbdv, (), (lambda y, v, x: y[1], lambda y, v, x: (0.25 * x * x - v - 0.5) * y[0]))
several(sp.pbvv, (), (lambda y, v, x: y[1], lambda y, v, x: (0.25 * x * x - v - 0.5) * y[0]))
several(sp.pbwa, (), (lambda y, a, x: y[1], lambda y, a, x: (a - 0.25 * x * x) * y[0]))
# ── Mathieu: y″ = (2q cos 2x − a) y, x in degrees; modified: y″ = (a − 2q cosh 2x) y ──
elementwise(sp.mathieu_a, None, None, reason=ORDER)
elementwise(sp.mathieu_b, None, None, reason=ORDER)
for op, value in ((sp.mathieu_cem, sp.mathieu_a), (sp.mathieu_sem, sp.mathieu_b)):
    several(op, (), (), (lambda y, m, q, x: _DEGREE * y[1],
                         lambda y, m, q, x, a=value: _DEGREE * (2.0 * q * np.cos(2.0 * _DEGREE * x) - a(m, q)) * y[0]))
for op, value in ((sp.mathieu_modcem1, sp.mathieu_a), (sp.mathieu_modcem2, sp.mathieu_a),
                  (sp.mathieu_modsem1, sp.mathieu_b), (sp.mathieu_modsem2, sp.mathieu_b)):
    several(op, (), (), (lambda y, m, q, x: y[1],
                         lambda y, m, q, x, a=value: (a(m, q) - 2.0 * q * np.cosh(2.0 * x)) * y[0]))
# ── spheroidal: ((1 − x²) y′)′ = (m²/(1 − x²) + σc²x² − λ) y; radial oblate with ix for x ──
# fmt: on


def _curvature(y: Any, m: Any, c2: Any, x: Any, eigenvalue: Any) -> Any:
    w = 1.0 - x * x
    return (2.0 * x * y[1] - (eigenvalue - c2 * x * x - m * m / w) * y[0]) / w


def _oblate_radial(y: Any, m: Any, c2: Any, x: Any, eigenvalue: Any) -> Any:
    w = 1.0 + x * x
    return ((eigenvalue - c2 * x * x - m * m / w) * y[0] - 2.0 * x * y[1]) / w


def _spheroidal(op: Any, op_cv: Any, cv: Any, curvature: Any, sign: float) -> None:
    """Rows of a spheroidal function and of its form that is given the eigenvalue."""
    several(op, (), (), (), (
        lambda y, m, n, c, x: y[1], lambda y, m, n, c, x: curvature(y, m, sign * c * c, x, cv(m, n, c))
    ))  # fmt: skip
    several(op_cv, (), (), (), (), (
        lambda y, m, n, c, e, x: y[1], lambda y, m, n, c, e, x: curvature(y, m, sign * c * c, x, e)
    ))  # fmt: skip


elementwise(sp.pro_cv, None, None, None, reason=ORDER)
elementwise(sp.obl_cv, None, None, None, reason=ORDER)
_spheroidal(sp.pro_ang1, sp.pro_ang1_cv, sp.pro_cv, _curvature, 1.0)
_spheroidal(sp.pro_rad1, sp.pro_rad1_cv, sp.pro_cv, _curvature, 1.0)
_spheroidal(sp.pro_rad2, sp.pro_rad2_cv, sp.pro_cv, _curvature, 1.0)
_spheroidal(sp.obl_ang1, sp.obl_ang1_cv, sp.obl_cv, _curvature, -1.0)
_spheroidal(sp.obl_rad1, sp.obl_rad1_cv, sp.obl_cv, _oblate_radial, 1.0)
# SciPy 1.17 returns a slope that is not that of its values (m = 1, n = 2), so neither can be trusted.
UNTRUSTED = "SciPy's own values and slopes of it contradict each other."
several(sp.obl_rad2, (), (), (), (), reason=UNTRUSTED)
several(sp.obl_rad2_cv, (), (), (), (), (), reason=UNTRUSTED)
