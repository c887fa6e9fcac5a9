"""np.poly1d: a class of NumPy's own Python code, whose methods are run on recorded coefficients and points."""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np

from wengert.record.build import contains_value
from wengert.record.state import state
from wengert.record.swap import METHODS, run_body

_METHODS = (
    "__init__ __call__ __neg__ __mul__ __rmul__ __add__ __radd__ __sub__ __rsub__ __truediv__ __rtruediv__ __pow__ "
    "__getitem__ __setitem__ integ deriv"
)


def _inside(x: Any) -> Any:
    return vars(x).get("coeffs") if isinstance(x, np.poly1d) else x


def _on_recorded(original: Any) -> Any:
    @wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not state.depth or not contains_value([_inside(x) for x in (self, *args, *kwargs.values())]):
            return original(self, *args, **kwargs)
        return run_body(original, (self, *args), kwargs)

    return method


for _name in _METHODS.split():
    METHODS.append((np.poly1d, _name, vars(np.poly1d)[_name], _on_recorded(vars(np.poly1d)[_name])))
