"""Functions of complex numbers that are linear over the reals only: conj, real, imag, |z|, sign.

Sweeps pair tangent and cotangent as Re(c·ż). For a real y = f(z) with ẏ = Re(p ż) the cotangent is
c·p, so such a function is an elementwise row whose push takes the real part. Re z and Im z have
p = 1 and p = −i; |z| has p = conj(z)/|z|.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import apply, wrap_float
from wengert.record.value import concrete
from wengert.rules.partials import is_complex, unit
from wengert.rules.table import elementwise, handles, linear, rule


def _direction(y: Any, z: Any) -> Any:
    """p of |z|: the sign of a real z, conj(z)/|z| of a complex one; 0 at 0."""
    return unit(np.conj(z), y) if is_complex(z) else np.sign(z)


def _real_part(d: Any, y: Any, z: Any) -> Any:
    product = d * _direction(y, z)
    return np.real(product) if is_complex(product) else product


def paired(x: Any) -> Any:
    """A complex array as real ones, re and im in turn; a real one as complex numbers."""
    kind = concrete(x).dtype
    return x.view({"c8": "f4", "c16": "f8", "f4": "c8", "f8": "c16"}[kind.str[1:]])


def _unpaired(c: Any, x: Any) -> Any:
    # Re(c ż) = Re c Re ż − Im c Im ż: of the pair (c₀, c₁) it is c₀ − i c₁, and back.
    same = np.asarray(c, np.result_type(np.real(concrete(x)), 1j if not is_complex(x) else 0.0))
    return np.conj(paired(np.ascontiguousarray(same))) if is_complex(x) else paired(np.ascontiguousarray(np.conj(same)))


# fmt: off
PAIRED = linear(paired,    _unpaired,              view=True)
linear(np.conjugate,       lambda c, z: np.conjugate(c))
REAL = linear(np.real,     lambda c, z: c,         view=True)
IMAG = linear(np.imag,     lambda c, z: -1j * c,   view=True)
elementwise(np.absolute,   _direction,             push=(_real_part,))
elementwise(np.fabs,       lambda y, x: np.sign(x))
# fmt: on


def phase(z: Any) -> Any:
    """np.sign of a complex z: z/|z|."""
    return np.sign(z)


def _turned(d: Any, y: Any, z: Any) -> Any:
    # y = z/|z|, |z|˙ = Re(ȳ ż)  ⇒  ẏ = (ż − y Re(ȳ ż))/|z| = i y Im(ȳ ż)/|z|.
    return 1j * y * unit(np.imag(np.conj(y) * d), np.abs(z))


def _turned_back(c: Any, y: Any, z: Any) -> Any:
    # Re(c·i y Im(ȳ ż)) = Im(ȳ ż)·Re(i c y) = −Im(c y)·Re(−i ȳ ż).
    return 1j * np.conj(y) * unit(np.imag(c * y), np.abs(z))


PHASE = rule(phase, _turned, pull=(_turned_back,), reads=((0,),))
SIGN = Row(np.sign, "numpy.sign", "constant")


@handles(np.sign)
def _sign(z: Any) -> Any:
    return apply(PHASE if is_complex(z) else SIGN, (z,))


@handles("view")
def _view(x: Any) -> Any:
    return apply(PAIRED, (x,))


@handles(np.real)
def _real(val: Any) -> Any:
    return apply(REAL, (val,)) if is_complex(val) else val


@handles(np.imag)
def _imag(val: Any) -> Any:
    return apply(IMAG, (val,)) if is_complex(val) else wrap_float(concrete(val).imag)
