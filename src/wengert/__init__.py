"""wengert: exact derivatives of the NumPy and SciPy code you already have."""

from typing import TYPE_CHECKING

from wengert import later as _later
from wengert.api.custom import rule
from wengert.api.grad import grad, value_and_grad
from wengert.api.jacobian import derivative, hessian, jacobian
from wengert.api.loops import cond, fori_loop, scan, switch, while_loop
from wengert.api.products import directional_derivative, hvp, jvp, linearize, stop_gradient, vjp
from wengert.api.vmap import vmap
from wengert.record import swap as _swap

if TYPE_CHECKING:
    from wengert import compare as compare
    from wengert import diagnosis as diagnosis
    from wengert import native as native
    from wengert import numerical as numerical
    from wengert import passes as passes
    from wengert import show as show
    from wengert import symbolic as symbolic
    from wengert import tensor as tensor
    from wengert.api.check import check_grad, check_rule
    from wengert.api.trace import trace
    from wengert.audit.audit import audit
    from wengert.diagnosis.diagnose import diagnose
    from wengert.diagnosis.watch import diagnosing
    from wengert.jit.dispatch import jit

_LATER = {
    "audit": "wengert.audit.audit",
    "check_grad": "wengert.api.check",
    "check_rule": "wengert.api.check",
    "compare": "wengert.compare",
    "diagnose": "wengert.diagnosis.diagnose",
    "diagnosing": "wengert.diagnosis.watch",
    "diagnosis": "wengert.diagnosis",
    "jit": "wengert.jit.dispatch",
    "native": "wengert.native",
    "numerical": "wengert.numerical",
    "passes": "wengert.passes",
    "show": "wengert.show",
    "symbolic": "wengert.symbolic",
    "tensor": "wengert.tensor",
    "trace": "wengert.api.trace",
}
"""Name → the module that it is in, or that it is: imported when it is first asked for."""

_swap.LAZY["numpy"] = "wengert.rules"  # the tables fill themselves when the first transform begins

__getattr__, __dir__ = _later.names(__name__, _LATER)

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
