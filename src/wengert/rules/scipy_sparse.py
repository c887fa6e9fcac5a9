"""scipy.sparse: its matrices are constants here. One made of recorded values is refused by name."""

from __future__ import annotations

from functools import wraps
from typing import Any

import scipy.sparse as _sparse

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.swap import METHODS

sparse: Any = _sparse
FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")


def _refusing(kind: type, init: Any) -> Any:
    @wraps(init)
    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        if any_recorded((args, kwargs)):
            raise NoDerivative(
                at_user_line(f"no derivative rule for scipy.sparse.{kind.__name__} of recorded values")
                + "\nUse a dense array, or state the product or the solution as a rule with wengert.rule."
            )
        init(self, *args, **kwargs)

    return make


for _format in FORMATS:
    for _kind in (getattr(sparse, f"{_format}_array"), getattr(sparse, f"{_format}_matrix")):
        METHODS.append((_kind, "__init__", _kind.__init__, _refusing(_kind, _kind.__init__)))
