"""The same fit by three routes: exact second order, exact first order, finite differences."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize as untyped

import wengert as wg

optimize: Any = untyped
Progress = Callable[[int, float], None]


@dataclass(frozen=True)
class Fit:
    """How one route ended, and what it cost."""

    theta: Any
    value: float
    iterations: int
    calls: int
    products: int
    seconds: float


class Counted:
    """A function that counts its calls."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        self.calls = 0

    def __call__(self, *args: Any) -> Any:
        self.calls += 1
        return self.f(*args)


def newton(f: Callable[..., Any], theta: Any, report: Progress) -> Fit:
    """Trust-region Newton with conjugate gradients: exact gradient, exact Hessian-vector product."""
    both = Counted(wg.value_and_grad(f))
    product = Counted(hessian_product(f))
    started = time.perf_counter()
    end = optimize.minimize(both, theta, jac=True, hessp=product, method="trust-ncg", callback=_watch(report))
    seconds = time.perf_counter() - started
    return Fit(end.x, end.fun, end.nit, both.calls, product.calls, seconds)


def hessian_product(f: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """(x, v) ↦ H(x) v. The gradient is linearized once at each x, and pushed as often as it is asked."""
    gradient = wg.grad(f)
    at: Any = None
    push: Any = None

    def product(x: Any, v: Any) -> Any:
        nonlocal at, push
        if at is None or not np.array_equal(at, x):
            at, push = x.copy(), wg.linearize(gradient, x)[1]
        return push(v)

    return product


def quasi_newton(f: Callable[..., Any], theta: Any, report: Progress) -> Fit:
    """BFGS with the exact gradient."""
    both = Counted(wg.value_and_grad(f))
    started = time.perf_counter()
    end = optimize.minimize(both, theta, jac=True, method="BFGS", callback=_watch(report))
    return Fit(end.x, end.fun, end.nit, both.calls, 0, time.perf_counter() - started)


def differences(f: Callable[..., Any], theta: Any, report: Progress) -> Fit:
    """BFGS with the gradient by SciPy's forward differences, its default."""
    counted = Counted(f)
    started = time.perf_counter()
    end = optimize.minimize(counted, theta, method="BFGS", callback=_watch(report))
    seconds = time.perf_counter() - started
    return Fit(end.x, end.fun, end.nit, counted.calls, 0, seconds)


def disagreement(f: Callable[..., Any], theta: Any) -> tuple[float, float]:
    """Largest |exact gradient − finite differences|: SciPy's forward ones, and central ones of order six."""
    exact = wg.grad(f)(theta)
    return (
        float(np.max(np.abs(exact - optimize.approx_fprime(theta, f)))),
        float(np.max(np.abs(exact - sixth_order(f, theta)))),
    )


def sixth_order(f: Callable[..., Any], theta: Any, h: float = 1e-3) -> Any:
    """The gradient by central differences with error O(h⁶)."""
    gradient = np.zeros_like(theta)
    for k in range(theta.size):
        step = np.zeros_like(theta)
        step[k] = h
        for m, w in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60)):
            gradient[k] += w * (f(theta + m * step) - f(theta - m * step)) / h
    return gradient


ROUTES = {
    "exact gradient and H v, trust-ncg": newton,
    "exact gradient, BFGS": quasi_newton,
    "finite differences, BFGS": differences,
}


def _watch(report: Progress) -> Any:
    iteration = 0

    def callback(intermediate_result: Any) -> None:
        nonlocal iteration
        iteration += 1
        report(iteration, float(intermediate_result.fun))

    return callback
