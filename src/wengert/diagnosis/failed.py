"""What is said when f itself raised: where, in which run of that line, and what the line before gave."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import Any

from wengert.api.operator import innermost
from wengert.api.recorded import Recorded
from wengert.api.trace import Call
from wengert.diagnosis.advice import EDGES
from wengert.diagnosis.report import Finding
from wengert.diagnosis.source import Sited, Where
from wengert.record import swap
from wengert.record.value import concrete

_ADVICE = {
    "ZeroDivisionError": EDGES["numpy.divide"],
    "FloatingPointError": "np.errstate(…='raise') is in force: see which operand is at the edge.",
    "OverflowError": "a Python number grew too large: use np.float64, or scale it.",
    "LinAlgError": "the matrix is singular or not positive definite: add a multiple of the identity.",
}


def raised(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], error: BaseException) -> Finding:
    """The finding for an exception that came out of f."""
    frames = [s for s in traceback.extract_tb(error.__traceback__) if not _ours(s.filename)]
    last = frames[-1] if frames else None
    runs, previous = _runs(f, args, kwargs, last)
    where = None if last is None else Where(last.filename, last.lineno or 0, last.name, last.line or "", runs, runs)
    often = f" in run {runs} of that line" if runs > 1 else ""
    return Finding(
        kind="raised",
        what=f"f raised {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}{often}",
        about="value",
        sweep="primal",
        where=where,
        line=last.line or "" if last is not None else "",
        operands=previous,
        advice=_ADVICE.get(type(error).__name__, "see the traceback."),
    )


_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def _ours(filename: str) -> bool:
    return filename.startswith(_PACKAGE) or f"{os.sep}site-packages{os.sep}numpy{os.sep}" in filename


def _runs(f: Any, args: Any, kwargs: Any, last: Any) -> tuple[int, tuple[tuple[str, Any], ...]]:
    """How often the line had been reached when it failed; the values that the failing run had so far."""
    if last is None:
        return 1, ()
    swap.prepare(innermost(f))
    call = Call(f, args, kwargs)
    lines = Sited()
    floating = tuple(call.leaves[k] for k in call.picked)
    frame_values: tuple[tuple[str, Any], ...] = ()
    try:
        Recorded(call, floating, {}, tuple(range(len(floating))), "diagnose", lines=lines, traces=True)
    except Exception as error:
        frame_values = _locals(error, last)
    sites = [s for s in lines.sites if s[0] is not None and s[0].co_filename == last.filename and s[1] == last.lineno]
    whole: dict[Any, int] = {}
    for site in sites:
        whole[site] = whole.get(site, 0) + 1
    return max(whole.values(), default=0) + (0 if not whole or _partly(whole) else 1), frame_values


def _partly(whole: dict[Any, int]) -> bool:
    """Whether the failing run had begun to leave lines: some instruction ran once more than another."""
    return len(set(whole.values())) > 1


def _locals(error: BaseException, last: Any) -> tuple[tuple[str, Any], ...]:
    """The numbers that the failing frame knew by name."""
    tb = error.__traceback__
    found: dict[str, Any] = {}
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == last.filename and tb.tb_lineno == last.lineno:
            found = {name: concrete(x) for name, x in tb.tb_frame.f_locals.items()}
        tb = tb.tb_next
    used = {name: x for name, x in found.items() if name in (last.line or "")}
    return tuple((name, x) for name, x in used.items() if isinstance(x, (int, float, complex)) or hasattr(x, "dtype"))


__all__ = ["raised"]
