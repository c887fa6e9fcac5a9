"""The error of differences against the step: truncation on the right, rounding on the left, AD below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.api.jacobian import derivative as exact_derivative
from wengert.compare.exact import Reference, reference
from wengert.errors import BadInput
from wengert.numerical import derivative, stencil
from wengert.plots import COLOURS, GREY, MARKERS, new_axes

Method = str | tuple[str, int]
"""A method of `wengert.numerical`, with its accuracy if not the least."""


@dataclass(frozen=True)
class ErrorCurve:
    """E(h) = |D(h) − f′(x)| for each method, the error of AD, and what f′(x) was taken from.

    `errors[label]` belongs to the steps `h`; `chosen[label]` is the (step, error) of the automatic step. `ad_error` is
    that of `wengert.derivative`; zero means that it is the float nearest to the exact value.
    """

    name: str
    x: float
    h: Any
    errors: dict[str, Any]
    chosen: dict[str, tuple[float, float]]
    ad: float
    ad_error: float
    exact: Reference

    def __str__(self) -> str:
        rows = [f"f = {self.name}, x = {self.x:g}, f′(x) = {self.exact.value!r} ({self.exact.source})"]
        rows.append(f"{'':22} {'least error':>12} {'at h':>9} {'chosen h':>9} {'its error':>10}")
        for label, errors in self.errors.items():
            best = int(np.nanargmin(errors))
            step, error = self.chosen[label]
            rows.append(f"{label:22} {errors[best]:12.1e} {self.h[best]:9.1e} {step:9.1e} {error:10.1e}")
        return "\n".join([*rows, f"{'AD':22} {self.ad_error:12.1e}"])

    def plot(self, ax: Any = None) -> Any:
        """E against h, both logarithmic, and the error of AD as the floor; returns the axes."""
        ax = new_axes(ax)
        floor = max(self.ad_error, self.exact.error, _half_ulp(self.exact.value))
        for (label, errors), colour, marker in zip(
            self.errors.items(), _cycled(COLOURS), _cycled(MARKERS), strict=False
        ):
            shown = np.where(errors > 0, errors, floor)
            ax.loglog(self.h, shown, marker=marker, markersize=3.5, linewidth=1.2, color=colour, label=label)
            ax.plot(*self.chosen[label], marker="*", markersize=13, color=colour, markeredgecolor="white", zorder=5)
        ax.plot([], [], marker="*", markersize=11, color=GREY, linestyle="none", label="automatic step")
        ax.axhline(floor, color="black", linewidth=1.6, linestyle="--", label=self._floor_label())
        ax.set_xlabel("step h")
        ax.set_ylabel("E(h) = |D(h) − f′(x)|")
        ax.set_title(f"Error of the derivative of {self.name} at x = {self.x:g}")
        ax.legend(frameon=False, fontsize=9)
        return ax

    def _floor_label(self) -> str:
        return f"AD: {self.ad_error:.1e}" if self.ad_error else "AD: exact to the last bit (drawn at half an ulp)"


def error_curve(
    f: Callable[[float], Any],
    x: float,
    *,
    exact: float | None = None,
    methods: Sequence[Method] = ("forward", "central"),
    h: Any = None,
) -> ErrorCurve:
    """The error of differences of f at x for many steps, and that of AD.

    Arguments:
        f: a function of a number, with a number as result.
        exact: f′(x), if you know it; otherwise see `wengert.compare.reference`, which says what it used.
        methods: "forward", "backward", "central", or a pair with an accuracy, as ("central", 4).
        h: the steps; unless given, from 1e-17 to 1, four to a decade.

    >>> import numpy as np
    >>> curve = error_curve(np.exp, 1.0)
    >>> curve.errors["central, order 2"].min() < curve.errors["forward, order 1"].min() < 1e-7
    np.True_
    >>> curve.ad_error <= np.spacing(np.e)
    np.True_
    """
    x = float(x)
    steps = 10.0 ** np.arange(-17, 0.01, 0.25) if h is None else np.asarray(h, float)
    if np.any(steps <= 0):
        raise BadInput(f"error_curve: h has the step {steps.min():g}.\nPass positive steps.")
    known = reference(f, x) if exact is None else Reference(float(exact), 0.0, "given")
    errors: dict[str, Any] = {}
    chosen: dict[str, tuple[float, float]] = {}
    for method in methods:
        name, accuracy = (method, None) if isinstance(method, str) else method
        formula = stencil(name, 1, accuracy)
        label = f"{name}, order {formula.accuracy}"
        errors[label] = np.array([_error(f, x, name, accuracy, float(step), known) for step in steps])
        own = formula.step(float(np.finfo(float).eps)) * max(1.0, abs(x))
        chosen[label] = (own, _error(f, x, name, accuracy, None, known))
    ad = float(exact_derivative(f)(x))
    name = getattr(f, "__name__", "f")
    return ErrorCurve(name if name.isidentifier() else "f", x, steps, errors, chosen, ad, abs(ad - known.value), known)


def _error(f: Any, x: float, method: str, accuracy: int | None, step: float | None, known: Reference) -> float:
    with np.errstate(all="ignore"):
        found = derivative(f, x, method=method, accuracy=accuracy, step=step)
    if np.ndim(found):
        raise BadInput(
            f"error_curve: f returned shape {np.shape(found)}, not a number.\nPick one element of its result."
        )
    return abs(float(found) - known.value)


def _half_ulp(x: float) -> float:
    return float(np.spacing(abs(x))) / 2 if x else float(np.finfo(float).tiny)


def _cycled(xs: Sequence[str]) -> list[str]:
    return list(xs) * 4
