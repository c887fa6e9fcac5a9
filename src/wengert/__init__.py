"""wengert: exact derivatives of the NumPy and SciPy code you already have."""

from wengert import rules as _rules  # pyright: ignore[reportUnusedImport]  the tables fill themselves
from wengert.api.check import check_grad, check_rule
from wengert.api.custom import rule
from wengert.api.grad import grad, value_and_grad
from wengert.api.jacobian import derivative, hessian, jacobian
from wengert.api.loops import cond, fori_loop, scan, switch, while_loop
from wengert.api.products import directional_derivative, hvp, jvp, linearize, stop_gradient, vjp
from wengert.api.trace import trace
from wengert.api.vmap import vmap
from wengert.audit.audit import audit
from wengert.diagnosis.diagnose import diagnose
from wengert.diagnosis.watch import diagnosing
from wengert.jit.dispatch import jit

__all__ = [
    "audit",
    "check_grad",
    "check_rule",
    "cond",
    "derivative",
    "diagnose",
    "diagnosing",
    "directional_derivative",
    "fori_loop",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jit",
    "jvp",
    "linearize",
    "rule",
    "scan",
    "stop_gradient",
    "switch",
    "trace",
    "value_and_grad",
    "vjp",
    "vmap",
    "while_loop",
]
