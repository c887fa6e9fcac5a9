"""diagnose: one call of f, looked through for what is wrong with its derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.inputs import positional, require_callable
from wengert.diagnosis.failed import raised
from wengert.diagnosis.growth import huge_or_vanishing, overflowed
from wengert.diagnosis.kinks import kinks_of
from wengert.diagnosis.nonfinite import in_gradient, in_tangent, in_value, strong_zeros
from wengert.diagnosis.replay import Program, program
from wengert.diagnosis.report import Diagnosis, Finding, number
from wengert.diagnosis.sweeps import Cotangents, forward, reverse
from wengert.diagnosis.walk import first
from wengert.diagnosis.zero import why_zero
from wengert.ir.line import Var
from wengert.record.value import concrete

_MOST_ZEROS = 32
"""So many zero elements are explained: each costs a forward sweep."""
_ORDER = ("raised", "nan", "infinity", "strong zero", "huge", "zero", "vanishing")


def diagnose(
    f: Callable[..., Any], *args: Any, argnums: int | tuple[int, ...] | None = None, near: float = 1e-6, **kwargs: Any
) -> Diagnosis:
    """Why the gradient of f at these arguments is NaN, infinite, zero, vanishing or huge.

    Arguments:
        f: what is differentiated; of a result that is not one number, the sum of its elements.
        args, kwargs: where.
        argnums: position(s) of the arguments to differentiate; by default every floating one.
        near: kinks within this relative distance are listed.

    Returns a Diagnosis: `findings` (the gravest first), `kinks`, `guards`, `gradients`, `ok`; `str()`
    of it is the report. Each finding names the user's line, the primitive, the element, what it read,
    and the lines between there and the output with their partial derivatives. f is called once; then
    its lines run again with every value, tangent and cotangent kept: the cost is that of some tens of
    gradients, and the memory of all intermediate values. Derivatives that do not ask pay nothing.

    A NaN or infinity is followed element by element from the gradient (or the value) to the line that
    made it out of finite numbers. For an element that is exactly zero a unit tangent is pushed
    forward, and the lines where it dies are named. For a huge one the path with the largest
    contributions is followed, and each place of the program told by how much it multiplied.

    >>> import numpy as np, wengert as wg
    >>> report = wg.diagnose(lambda x: np.sum(np.sqrt(x)), np.array([4.0, 0.0]))
    >>> report.first.kind, report.first.about, report.first.primitive
    ('infinity', 'x[1]', 'numpy.sqrt')
    >>> print(report.first.what)
    the partial derivative of np.sqrt is infinite: inf times the cotangent 1 is inf
    >>> wg.diagnose(lambda x: np.floor(x) * 2.0, 1.5).first.what
    'np.floor is constant wherever it has a derivative.'
    """
    require_callable(f, "diagnose")
    args, kwargs = positional(f, args, kwargs, 0 if argnums is None else argnums)
    args = tuple(tree.tree_map(concrete, a) for a in args)
    name = getattr(f, "__name__", "f")
    try:
        p = program(f, args, kwargs, argnums)
    except (ArithmeticError, ValueError, IndexError, np.linalg.LinAlgError) as error:
        return Diagnosis(name, None, {}, (raised(f, args, kwargs, error),))
    found, cots = _examined(p)
    return Diagnosis(
        name=name,
        value=p.trace.unflatten(list(p.results)),
        gradients={p.trace.spelled[i]: _gradient(p, cots, i) for i in p.asked},
        findings=tuple(found),
        kinks=tuple(kinks_of(p, near)),
        guards=tuple(_guards(p)),
        lines=len(p.steps),
        options={"near": near},
    )


def trouble(p: Program) -> list[Finding]:
    """What is wrong with the derivative of a program, the gravest first."""
    return _examined(p)[0]


def _examined(p: Program) -> tuple[list[Finding], Cotangents]:
    seeds = [_seed(y) for y in p.results]
    plain = reverse(p, seeds, False)
    found, cots = _nonfinite(p, seeds, plain)
    found += _sizes(p, cots)
    found.sort(key=lambda finding: (finding.sweep != "primal" or finding.kind == "zero", _ORDER.index(finding.kind)))
    return _without_repeats(found), cots


def _seed(y: Any) -> Any:
    """The cotangent 1 of every floating result."""
    if not isinstance(y, (np.ndarray, np.generic, float, complex)) or np.result_type(y).kind not in "fc":
        return None
    return np.ones_like(y)[()]


def _gradient(p: Program, cots: Cotangents, i: int) -> Any:
    x, g = p.values[i], cots.inputs[i]
    if g is None:
        return np.zeros_like(x)[()]
    return np.array(np.broadcast_to(np.conj(g), np.shape(x)))[()]


def _nonfinite(p: Program, seeds: list[Any], plain: Cotangents) -> tuple[list[Finding], Cotangents]:
    """Findings about NaN and infinity, and the cotangents that count: with strong zeros where plain ones have a NaN."""
    found = in_value(p)
    undefined = any(plain.inputs[i] is not None and np.any(np.isnan(plain.inputs[i])) for i in range(len(p.values)))
    cots = reverse(p, seeds, True) if undefined else plain
    if undefined and not found:
        found += strong_zeros(p, plain, cots)
    for i in p.asked:
        more = in_gradient(p, cots, i)
        found += more
        found += _overflow(p, cots, i, more)
    if not any(f.kind in ("nan", "infinity") for f in found):
        directions: dict[Var, Any] = {p.trace.inputs[i]: np.ones_like(p.values[i])[()] for i in p.asked}
        tangents = forward(p, directions, False)
        if any(d is not None and np.any(np.isnan(d)) for d in tangents.results):
            tangents = forward(p, directions, True)
        found += in_tangent(p, tangents)
    return found, cots


def _overflow(p: Program, cots: Cotangents, i: int, found: list[Finding]) -> list[Finding]:
    """If a derivative overflowed by growing: where it grew."""
    if not found or "overflowed" not in found[-1].what:
        return []
    index = first(~np.isfinite(np.broadcast_to(cots.inputs[i], np.shape(p.values[i]))))
    return overflowed(p, cots, i, index or ())


def _sizes(p: Program, cots: Cotangents) -> list[Finding]:
    """Findings about zero, vanishing and huge gradients."""
    size = max((float(np.max(np.abs(y), initial=0.0)) for y in p.results if _seed(y) is not None), default=0.0)
    found: list[Finding] = []
    most = max(1, _MOST_ZEROS // max(1, len(p.asked)))
    for i in p.asked:
        g = cots.inputs[i]
        zeros = np.ones(np.shape(p.values[i]), bool) if g is None else np.equal(g, 0)
        zeros = np.broadcast_to(zeros, np.shape(p.values[i]))
        if np.any(zeros):
            found += why_zero(p, i, zeros, min(most, 8))
        if np.isfinite(size):
            found += huge_or_vanishing(p, cots, i, size)
    return found


def _without_repeats(found: list[Finding]) -> list[Finding]:
    """Each line is named once per kind."""
    seen: set[Any] = set()
    kept: list[Finding] = []
    for f in found:
        key = (f.kind, f.line, f.where, f.what if not f.line else "")
        if key not in seen:
            seen.add(key)
            kept.append(f)
    return kept


def _guards(p: Program) -> list[Finding]:
    """What Python decided by looking at a value."""
    found: list[Finding] = []
    for step in p.steps:
        if step.line.kind == "guard":
            value = step.line.params["value"]
            what = f"{p.show(step.number).removeprefix('assert ')}  (was {number(value)})"
            found.append(
                Finding("guard", what, where=p.where[step.number], line=p.show(step.number), primitive="guard")
            )
    return found
