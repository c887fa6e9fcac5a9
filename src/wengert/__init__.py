"""wengert: exact derivatives of the NumPy and SciPy code you already have."""

from wengert import rules as _rules
from wengert.api.check import check_grad as check_grad
from wengert.api.check import check_rule as check_rule
from wengert.api.custom import rule as rule
from wengert.api.grad import grad as grad
from wengert.api.grad import value_and_grad as value_and_grad
from wengert.api.jacobian import derivative as derivative
from wengert.api.jacobian import hessian as hessian
from wengert.api.jacobian import jacobian as jacobian
from wengert.api.products import directional_derivative as directional_derivative
from wengert.api.products import hvp as hvp
from wengert.api.products import jvp as jvp
from wengert.api.products import linearize as linearize
from wengert.api.products import stop_gradient as stop_gradient
from wengert.api.products import vjp as vjp
from wengert.api.trace import trace as trace
