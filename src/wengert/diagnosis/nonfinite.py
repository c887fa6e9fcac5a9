"""Where a NaN or infinity entered: in the values, in the cotangents, in the tangents."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.diagnosis.advice import EDGES
from wengert.diagnosis.describe import at_line, chain_down, chain_up, element
from wengert.diagnosis.replay import Program, Step
from wengert.diagnosis.report import Finding, number
from wengert.diagnosis.sweeps import Cotangents, Tangents
from wengert.diagnosis.walk import Index, Stop, _narrowed, down, first, nonfinite, products, up
from wengert.ir.line import Atom, Var


def kind_of(x: Any) -> str:
    """`nan` or `infinity`."""
    return "nan" if np.any(np.isnan(x)) else "infinity"


def _prefer_nan(x: Any) -> Any:
    """A test for what x[…] is: NaN if it holds NaN, else any number that is not finite."""
    return np.isnan if np.any(np.isnan(x)) else nonfinite


# ── values ──


def in_value(p: Program) -> list[Finding]:
    """Where the NaN or infinity in f's result came from."""
    for atom, y in zip(p.trace.outputs, p.results, strict=True):
        index = first(_floating(nonfinite, y))
        if index is not None:
            return [value_origin(p, atom, index, len(p.steps), f"value{element('', index)}")]
    return []


def _floating(test: Any, x: Any) -> Any:
    return test(x) if np.result_type(x).kind in "fc" else np.zeros(np.shape(x), bool)


def value_origin(p: Program, atom: Atom, index: Index, before: int, about: str) -> Finding:
    """The line where a value that is not finite came from finite ones."""
    stop = down(p, atom, index, before, lambda step: step.args, lambda x: _floating(nonfinite, x))
    chain = chain_down(p, stop)
    if stop.step is None:
        return _from_outside(p, stop, about, chain, before)
    step = stop.step
    y = np.asarray(step.y)[stop.index] if not step.line.many else np.nan
    name = step.line.row.name
    what = f"{_called(step)} gave {number(y)}" + _overflowed(step, y)
    return at_line(
        p, kind_of(y), step, stop.index, what, about=about, sweep="primal", chain=chain,
        advice=EDGES.get(name, "look at what this line is given."),
    )  # fmt: skip


def _from_outside(p: Program, stop: Stop, about: str, chain: Any, before: int) -> Finding:
    atom = stop.atom
    if isinstance(atom, Var):
        k = p.trace.inputs.index(atom)
        x, name = np.asarray(p.values[k])[stop.index], element(p.trace.spelled[k], stop.index)
        what = f"the argument {name} is {number(x)}"
    else:
        x = np.asarray(atom.value)[stop.index] if atom is not None else np.nan
        name = p.name(atom) if atom is not None else "a constant"
        what = f"the constant {element(name, stop.index)} (data that f refers to, not an argument) is {number(x)}"
    n = stop.passed[-1][0] if stop.passed else before if before < len(p.steps) else None
    return Finding(
        kind=kind_of(x), what=what, about=about, sweep="primal", chain=chain,
        where=None if n is None else p.where[n], line="" if n is None else p.show(n),
        primitive="" if n is None else p.steps[n].line.row.name,
        operands=((name, x),), advice="it was there before f began: clean the data, or choose around it with np.where.",
    )  # fmt: skip


def _overflowed(step: Step, y: Any) -> str:
    return ": it overflowed" if np.isinf(y) and step.line.row.name not in _POLES else ""


_POLES = {"numpy.divide", "numpy.log", "numpy.log2", "numpy.log10", "numpy.log1p", "numpy.arctanh", "numpy.power"}


def _called(step: Step) -> str:
    return step.line.row.name.replace("numpy.", "np.", 1)


# ── cotangents ──


def in_gradient(p: Program, cots: Cotangents, i: int) -> list[Finding]:
    """Where the NaN or infinity in the gradient for input i came from; the cause in the values first."""
    bar = cots.inputs[i]
    if bar is None:
        return []
    choose = _prefer_nan(bar)
    index = first(choose(np.broadcast_to(bar, np.shape(p.values[i]))))
    if index is None:
        return []
    about = element(p.trace.spelled[i], index)
    return adjoint_origin(p, cots, p.trace.inputs[i], index, choose, about)


def adjoint_origin(p: Program, cots: Cotangents, var: Var, index: Index, choose: Any, about: str) -> list[Finding]:
    """The line that handed back a cotangent that is not finite, though the one it got was."""
    stop = up(p, cots, var, index, choose)
    if stop.step is None:
        return [Finding("nan", "the cotangent of the result itself is not finite, as the value is.", about, "adjoint")]
    root = _operand_root(p, stop.step, stop.index, about)
    if root is not None:
        return [root]
    c, _, g = _factors(stop.step, cots, stop.argument, stop.index)
    if np.isnan(g) and np.isinf(np.asarray(c)).any():
        first_inf = up(p, cots, stop.step.line.outs[0], stop.index, nonfinite)  # ∞ − ∞ or 0·∞: where the ∞ entered
        if first_inf.step is not None and first_inf.step is not stop.step:
            return [*_adjoint_finding(p, cots, first_inf, about), *_adjoint_finding(p, cots, stop, about)]
    return _adjoint_finding(p, cots, stop, about)


def _adjoint_finding(p: Program, cots: Cotangents, stop: Stop, about: str) -> list[Finding]:
    step, k, at = stop.step, stop.argument, stop.index
    assert step is not None
    c, partial, g = _factors(step, cots, k, at)
    return [
        at_line(
            p, kind_of(g), step, at, _product_text(step, k, c, partial, g), about=about, sweep="adjoint",
            chain=chain_up(p, stop), advice=EDGES.get(step.line.row.name, ""),
        )
    ]  # fmt: skip


def _factors(step: Step, cots: Cotangents, k: int, at: Index) -> tuple[Any, Any, Any]:
    """(cotangent, local partial, their product) of a line at one element of its result."""
    cs = cots.outs[step.number]
    row = step.line.row
    if row.broadcast and row.partials and row.partials[k] is not None:
        c = np.broadcast_to(cs[0], step.shape)[at]
        with np.errstate(all="ignore"):
            partial = np.broadcast_to(row.partials[k](step.y, *step.args), step.shape)[at]  # type: ignore[misc]
        return c, partial, products(step, cs[0], k, cots.strict)[at]
    return cs[0] if cs[0] is not None else np.nan, None, np.nan


def _product_text(step: Step, k: int, c: Any, partial: Any, g: Any) -> str:
    if partial is None:
        return f"the derivative of {_called(step)} is not finite here"
    if np.isinf(partial):
        how = "is infinite" if np.any(c) else "is infinite, and the cotangent is zero"
    elif np.isnan(partial):
        how = "is undefined"
    elif np.isinf(g):
        return (
            f"the derivative overflowed: {number(partial)}, the partial of {_called(step)}, "
            f"times the cotangent {number(c)}"
        )
    else:
        how = f"is {number(partial)}"
    product = f"{number(partial)} times the cotangent {number(c)} is {number(g)}"
    return f"the partial derivative of {_called(step)} {how}: {product}"


def _operand_root(p: Program, step: Step, at: Index, about: str) -> Finding | None:
    """If an operand of a line is not finite itself: where that came from."""
    for k, atom in enumerate(step.line.args):
        x = step.args[k]
        if not isinstance(x, (np.ndarray, np.generic, float)) or np.result_type(x).kind not in "fc":
            continue
        if step.line.row.broadcast and len(step.shape) == len(at):
            index: Index | None = _narrowed(at, np.shape(x))
            index = index if nonfinite(np.asarray(x)[index]) else None
        else:
            index = first(nonfinite(x))
        if index is not None:
            return value_origin(p, atom, index, step.number, about)
    return None


# ── zeros that saved a derivative from NaN ──


def strong_zeros(p: Program, plain: Cotangents, strict: Cotangents) -> list[Finding]:
    """Where 0·∞ was taken as 0: the plain sweep has a NaN there, the strong one has none."""
    found: list[Finding] = []
    for i in p.asked:
        a, b = plain.inputs[i], strict.inputs[i]
        if a is None or b is None:
            continue
        index = first(np.broadcast_to(np.isnan(a) & ~np.isnan(b), np.shape(p.values[i])))
        if index is None:
            continue
        about = element(p.trace.spelled[i], index)
        stop = up(p, plain, p.trace.inputs[i], index, np.isnan)
        if stop.step is None:
            continue
        c, partial, _ = _factors(stop.step, plain, stop.argument, stop.index)
        if partial is None:
            continue
        found += _explained(p, plain, stop, c, partial, about)
    return found


def _explained(p: Program, plain: Cotangents, stop: Stop, c: Any, partial: Any, about: str) -> list[Finding]:
    """0·∞: the line of the infinity, and whether that is a dead branch or a value that overflowed."""
    step = stop.step
    assert step is not None
    dead = any(p.steps[n].line.row.name == "numpy.where" for n, _ in stop.passed)
    source = stop
    if np.isinf(c):
        further = up(p, plain, step.line.outs[0], stop.index, nonfinite)
        if further.step is not None:
            source = further
    assert source.step is not None
    text = (
        f"{number(c)} (cotangent) times {number(partial)} (the partial of {_called(step)}) was taken as 0: "
        "right where a branch is dead, wrong where the limit is another number"
    )
    if source is not stop:
        text = f"the partial derivative of {_called(source.step)} is infinite; later {text}"
    advice = "nothing: that branch was not taken." if dead else EDGES.get(source.step.line.row.name, "")
    main = at_line(
        p, "strong zero", source.step, source.index, text, about=about, sweep="adjoint", chain=chain_up(p, stop),
        advice=advice,
    )  # fmt: skip
    root = _operand_root(p, source.step, source.index, about)
    return [main] if root is None or dead else [root, main]


# ── tangents ──


def in_tangent(p: Program, t: Tangents) -> list[Finding]:
    """Where a NaN or infinity entered the forward sweep along a direction."""
    for atom, d in zip(p.trace.outputs, t.results, strict=True):
        if d is None or first(nonfinite(d)) is None or not isinstance(atom, Var):
            continue
        index = first(nonfinite(d)) or ()
        stop = down(p, atom, index, len(p.steps), lambda step: t.args[step.number], lambda x: _floating(nonfinite, x))
        if stop.step is None:
            continue
        out = t.outs[stop.step.number][0]
        y_dot = np.asarray(out)[stop.index] if np.ndim(out) == len(stop.index) else np.nan
        what = f"the tangent of {_called(stop.step)} is {number(y_dot)}"
        return [
            at_line(
                p, kind_of(y_dot), stop.step, stop.index, what, about="the tangent along (1, …, 1)", sweep="tangent",
                chain=chain_down(p, stop), advice=EDGES.get(stop.step.line.row.name, ""),
            )
        ]  # fmt: skip
    return []
