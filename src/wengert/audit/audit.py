"""audit: one function at one point, differentiated in every way, and the ways compared."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.inputs import describe, positional, require_callable
from wengert.api.operator import innermost
from wengert.audit import methods
from wengert.audit.compare import digits_of
from wengert.audit.digits import NotReplayed
from wengert.audit.lines import losses, primitives
from wengert.audit.methods import Point, Refused
from wengert.audit.report import Audit
from wengert.diagnosis.describe import element
from wengert.diagnosis.diagnose import trouble
from wengert.diagnosis.kinks import kinks_of
from wengert.diagnosis.replay import Program, program
from wengert.errors import BadInput, first_line
from wengert.record import swap
from wengert.record.value import concrete

REFERENCES = ("50 digits", "complex step", "differences")
"""The witnesses, the strongest first."""


def audit(
    f: Callable[..., Any],
    *args: Any,
    argnums: int | tuple[int, ...] | None = None,
    near: float = 1e-6,
    most: int = 24,
    seed: int = 0,
    **kwargs: Any,
) -> Audit:
    """The derivatives of f at these arguments by every method there is, compared digit by digit.

    Arguments:
        f: a function of real numbers and arrays, with any shape of result.
        args, kwargs: where.
        argnums: position(s) of the arguments to differentiate; by default every floating one.
        near: kinks within this relative distance are listed.
        most: so many elements per argument, and of the result, are audited; of more a random sample is.
        seed: of that sample, and of the directions along which primitives are tried.

    Forward mode, reverse mode, the complex step (where all that f computes is analytic), adaptive
    differences, and where mpmath is installed differences of the same program in 60 digits, which
    say what the derivative of the recorded program is to 30 digits, without any rule of wengert.
    Each primitive's derivative is compared with 50 digits at the values that it met, and with its own
    transpose. Condition numbers, digits lost by cancellation (double against 60 digits), digits left
    in single precision, and kinks nearby are reported besides.

    Returns an Audit: `print` shows the table, `plot()` draws it, `ok` is the verdict, and `verify()`
    raises AssertionError with the offending element, so that `wg.audit(f, x).verify()` is a test.

    >>> import numpy as np, wengert as wg
    >>> report = wg.audit(lambda x: np.sum(np.exp(x) * x), np.array([0.5, 2.0]))
    >>> report.ok, report.reference, report.agreed > 14
    (True, '50 digits', True)
    >>> sorted(report.jacobians)
    ['50 digits', 'complex step', 'differences', 'forward', 'reverse']
    """
    require_callable(f, "audit")
    args, kwargs = positional(f, args, kwargs, 0 if argnums is None else argnums)
    args = tuple(tree.tree_map(concrete, a) for a in args)
    rng = np.random.default_rng(seed)
    swap.prepare(innermost(f))
    p = program(f, args, kwargs, argnums)
    point = _point(p, most, rng)
    jacobians, refused, doubt = _jacobians(point)
    reference = next(m for m in REFERENCES if m in jacobians)
    return _report(getattr(f, "__name__", "f"), p, point, jacobians, refused, doubt, reference, near, rng)


def _point(p: Program, most: int, rng: Any) -> Point:
    """Which elements are audited."""
    for i in p.asked:
        if np.iscomplexobj(p.values[i]):
            raise BadInput(
                f"audit: {p.trace.spelled[i]} is {describe(p.values[i])}; audit takes real arguments.\n"
                "Use check_grad for complex ones."
            )
    if not p.asked:
        raise BadInput("audit: no argument is floating, so there is no derivative to audit.\nPass floats.")
    columns = [(i, at) for i in p.asked for at in _sample(list(np.ndindex(np.shape(p.values[i]))), most, rng)]
    assert p.call is not None
    value = methods.flatten(p.call(*p.values))
    if np.iscomplexobj(value):
        raise BadInput("audit: the result is complex; audit takes real results.\nUse np.real(out), or check_grad.")
    size = len(value)
    if not size:
        raise BadInput("audit: the result holds no floating number.\nReturn floats.")
    return Point(p.call, p.values, list(p.trace.spelled), columns, _sample(list(range(size)), most, rng), p)


def _sample(everything: list[Any], most: int, rng: Any) -> list[Any]:
    if len(everything) <= most:
        return everything
    return [everything[k] for k in sorted(rng.choice(len(everything), most, replace=False))]


def _jacobians(point: Point) -> tuple[dict[str, Any], dict[str, str], Any]:
    """(method → matrix, method → why not, the error of the differences)."""
    found: dict[str, Any] = {"forward": methods.forward(point), "reverse": methods.reverse(point)}
    refused: dict[str, str] = {}
    for name, method in (("complex step", methods.by_complex_step), ("50 digits", methods.in_many_digits)):
        try:
            found[name] = method(point)
        except Refused as reason:
            refused[name] = str(reason)
    try:
        with np.errstate(all="ignore"):
            found["differences"], doubt = methods.by_differences(point)
    except Exception as error:
        raise BadInput(
            f"audit: f raises {type(error).__name__} beside this point: {first_line(error)}\n"
            "Audit it where f can be called all around."
        ) from error
    if "complex step" in found and not _plausible(found["complex step"], found["differences"], doubt):
        del found["complex step"]
        refused["complex step"] = "it disagrees with the differences: f is not analytic, or loses a step of 1e-200"
    return found, refused, doubt


def _plausible(seen: Any, differences: Any, doubt: Any) -> bool:
    """Whether the complex step lies where the differences say, as far as they are sure."""
    size = np.max(np.abs(differences), initial=0.0)
    return bool(np.all(np.abs(seen - differences) <= 10 * doubt + 1e-6 * size + 1e-300))


def _report(
    name: str, p: Program, point: Point, jacobians: Any, refused: Any, doubt: Any, reference: str, near: float, rng: Any
) -> Audit:
    arguments = tuple(p.trace.spelled[i] for i in p.asked)
    owners = tuple(p.asked.index(i) for i, _ in point.columns)
    own = {a: [c for c, owner in enumerate(owners) if owner == k] for k, a in enumerate(arguments)}
    single = _single(point, jacobians[reference], own, refused)
    many = len(methods.flatten(point.f(*point.x))) > 1
    return Audit(
        name=name,
        arguments=arguments,
        columns=tuple(element(p.trace.spelled[i], at) for i, at in point.columns),
        owners=owners,
        rows=tuple(f"{name}[{r}]" if many else name for r in point.rows),
        jacobians=jacobians,
        refused=refused,
        doubt=doubt,
        reference=reference,
        digits={
            (m, a): digits_of(j[:, c], jacobians[reference][:, c]) for m, j in jacobians.items() for a, c in own.items()
        },
        pairs={(a, b): digits_of(jacobians[a], jacobians[b]) for a, b in combinations(jacobians, 2)},
        condition={a: _condition(point, jacobians["reverse"], c) for a, c in own.items()},
        single=single,
        primitives=tuple(primitives(p, rng)),
        losses=tuple(_losses(p, refused)),
        findings=tuple(trouble(p)),
        kinks=tuple(kinks_of(p, near)),
        lines=len(p.steps),
    )


def _single(point: Point, reference: Any, own: dict[str, list[int]], refused: dict[str, str]) -> dict[str, float]:
    """The digits of reverse mode that are right in single precision, per argument."""
    try:
        seen = methods.in_single(point)
    except Refused as reason:
        refused["float32"] = str(reason)
        return {}
    except Exception as error:  # f insists on double precision
        refused["float32"] = first_line(error)
        return {}
    return {a: digits_of(seen[:, c], reference[:, c]) for a, c in own.items()}


def _condition(point: Point, jacobian: Any, own: list[int]) -> float:
    """max |x ∂f/∂x / f|."""
    y = np.abs(np.real(methods.flatten(point.f(*point.x))))[point.rows]
    x = np.array([abs(float(np.asarray(point.x[i])[at])) for i, at in (point.columns[c] for c in own)])
    with np.errstate(all="ignore"):
        relative = np.abs(jacobian[:, own]) * x / y[:, None]
    relative = np.where(np.isnan(relative), 0.0, relative)
    return float(np.max(relative, initial=0.0))


def _losses(p: Program, refused: dict[str, str]) -> list[Any]:
    if "50 digits" in refused:
        return []
    try:
        return losses(p)
    except NotReplayed:
        return []
