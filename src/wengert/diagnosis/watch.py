"""diagnosing: while it is entered, a derivative that is not finite raises, and says where that came from."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

import numpy as np

from wengert.api import recorded
from wengert.diagnosis.diagnose import diagnose
from wengert.diagnosis.report import Diagnosis
from wengert.record.value import concrete


class diagnosing:
    """A context in which a derivative that comes out NaN or infinite raises FloatingPointError.

    The message is the diagnosis: the operation, the user's line, the first bad element, what it read.
    `error.diagnosis` holds it whole. It acts inside every operator that is called in the context, by
    the thread that entered it; `with wg.diagnosing() as d` keeps the diagnosis in `d.found`, and
    `diagnosing(infinite=False)` lets infinities pass. FloatingPointError, ZeroDivisionError and
    OverflowError that f itself raises get the finding as a note.

    Outside such a context nothing is looked at, and derivatives cost what they always do; inside, one
    test of each result, and a second call of f where it is bad.

    >>> import numpy as np, wengert as wg
    >>> with wg.diagnosing():
    ...     try:
    ...         wg.grad(lambda x: np.sum(np.sqrt(x)))(np.array([4.0, 0.0]))
    ...     except FloatingPointError as error:
    ...         print(error.diagnosis.first.primitive, error.diagnosis.first.index)
    numpy.sqrt (1,)
    """

    def __init__(self, infinite: bool = True) -> None:
        self.infinite = infinite
        self.found: Diagnosis | None = None
        self._thread = 0
        self._busy = False

    def __enter__(self) -> diagnosing:
        self._thread = threading.get_ident()
        recorded.WATCHERS.append(self.see)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        recorded.WATCHERS.remove(self.see)

    def see(self, call: tuple[Any, ...], seen: Any) -> None:
        """Look at the derivatives (or the exception) of one call (f, args, kwargs, argnums)."""
        if self._busy or threading.get_ident() != self._thread:
            return
        if isinstance(seen, BaseException):
            if isinstance(seen, ArithmeticError) and not hasattr(seen, "diagnosis"):
                self._annotate(seen, self._diagnosed(call))
        elif any(self._is_bad(x) for x in seen):
            report = self._diagnosed(call)
            error = FloatingPointError(_message(report))
            error.diagnosis = report  # type: ignore[attr-defined]
            raise error

    def _is_bad(self, x: Any) -> bool:
        if x is None:
            return False
        if isinstance(x, (tuple, list)):
            return any(self._is_bad(part) for part in x)
        x = concrete(x)
        return bool(np.any(~np.isfinite(x) if self.infinite else np.isnan(x)))

    def _diagnosed(self, call: tuple[Any, ...]) -> Diagnosis:
        f, args, kwargs, argnums = call
        self._busy = True
        try:
            self.found = diagnose(f, *args, argnums=argnums, **kwargs)
        finally:
            self._busy = False
        return self.found

    def _annotate(self, error: BaseException, report: Diagnosis) -> None:
        error.diagnosis = report  # type: ignore[attr-defined]
        error.add_note(_message(report))


def _message(report: Diagnosis) -> str:
    first = report.first
    if first is None:
        return f"a derivative of {report.name} is not finite, though its gradient is.\nCall wengert.diagnose on it."
    return f"{first}\nin the derivative of {report.name}; the whole report is error.diagnosis"
