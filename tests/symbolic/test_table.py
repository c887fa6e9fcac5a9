"""Every row of the table of functions has the value and the slope of its primitive."""

import importlib
import inspect

import numpy as np
import pytest
import scipy.special as special

import wengert as wg

sp = pytest.importorskip("sympy", reason="SymPy is not installed")

from wengert.symbolic import NoExpression, derivative, evaluate, expression  # noqa: E402
from wengert.symbolic.table import ELEMENTWISE, SEVERAL  # noqa: E402

LOGIC = ("logical", "bitwise", "less", "greater", "equal", "invert", "is", "where", "not_")
POINT = (0.37, 0.61, 1.3, 0.45)
POINTS = {
    "numpy.arccosh": (1.37,), "scipy.special.zeta": (2.5, 1.3), "scipy.special.zetac": (2.5,), "scipy.special.kn": (2, 0.6),
    "scipy.special.yn": (2, 0.6), "scipy.special.expn": (2, 0.6), "scipy.special.polygamma": (1, 0.6),
    "scipy.special.eval_legendre": (3, 0.6), "scipy.special.eval_chebyt": (3, 0.6), "scipy.special.eval_chebyu": (3, 0.6),
    "scipy.special.eval_hermite": (3, 0.6), "scipy.special.eval_laguerre": (3, 0.6),
    "scipy.special.eval_gegenbauer": (3, 0.7, 0.6), "scipy.special.eval_genlaguerre": (3, 0.7, 0.6),
    "scipy.special.eval_jacobi": (3, 0.7, 0.4, 0.6), "scipy.special.jv": (2, 0.6), "scipy.special.yv": (2, 0.6),
    "scipy.special.iv": (2, 0.6), "scipy.special.kv": (2, 0.6), "scipy.special.hankel1": (2, 0.6), "scipy.special.hankel2": (2, 0.6),
    "scipy.special.binom": (3.4, 0.7), "scipy.special.loggamma": (1.7,), "scipy.special.gammaincc": (1.3, 0.6),
    "scipy.special.gammainc": (1.3, 0.6), "scipy.special.pseudo_huber": (0.5, 0.6), "numpy.i0": (0.6,),
}  # fmt: skip
NAMES = [n for n in [*ELEMENTWISE, *SEVERAL] if n.split(".")[0] in ("numpy", "scipy")]
NAMES = [n for n in NAMES if not n.rpartition(".")[2].startswith(LOGIC)]


def called(name):
    """The primitive as a function of its last argument, and where."""
    module, _, own = name.rpartition(".")
    namespace = importlib.import_module(module)
    function = getattr(namespace, own)
    count = getattr(function, "nin", None) or len(
        [
            p
            for p in inspect.signature(function).parameters.values()
            if p.default is p.empty and p.kind is not p.VAR_KEYWORD
        ]
    )
    *first, x = POINTS.get(name, POINT[:count])
    part = (lambda y: sum(y[1:], y[0])) if name in SEVERAL else (lambda y: y)
    return (lambda x: part(getattr(namespace, own)(*first, x))), x


@pytest.mark.parametrize("name", NAMES)
def test_value_and_slope(name):
    f, x = called(name)
    e = expression(f, x)
    np.testing.assert_allclose(complex(evaluate(e, x)), f(x), rtol=1e-10, atol=1e-12)
    if name == "scipy.special.zetac":
        with pytest.raises(NoExpression, match="SymPy has no derivative of zeta"):
            derivative(e)
    elif not name.startswith("scipy.special.hankel"):
        np.testing.assert_allclose(float(evaluate(derivative(e), x)), wg.derivative(f)(x), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("x", [-1.7, -0.4, 0.4, 2.6])
@pytest.mark.parametrize(
    "name",
    [
        "sign",
        "floor",
        "ceil",
        "trunc",
        "fix",
        "absolute",
        "fabs",
        "cbrt",
        "arctan2",
        "remainder",
        "fmod",
        "floor_divide",
        "copysign",
        "heaviside",
        "maximum",
    ],
)
def test_both_signs(name, x):
    function = getattr(np, name)
    f = (lambda x: function(x, 0.7) * x) if getattr(function, "nin", 1) == 2 else (lambda x: function(x) * x)
    e = expression(f, x)
    np.testing.assert_allclose(float(evaluate(e, x)), f(x), rtol=1e-12)
    np.testing.assert_allclose(float(evaluate(derivative(e), x)), wg.derivative(f)(x), rtol=1e-12)


def test_hurwitz_zeta():
    e = expression(lambda q: special.zeta(2.5, q), 1.3)
    np.testing.assert_allclose(float(evaluate(e, 1.3)), special.zeta(2.5, 1.3), rtol=1e-12)
    slope = float(evaluate(derivative(e), 1.3))
    np.testing.assert_allclose(slope, wg.derivative(lambda q: special.zeta(2.5, q))(1.3), rtol=1e-10)
