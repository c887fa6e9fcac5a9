"""Assertions of `numpy.testing` on recorded values: control flow, which a trace notes as a guard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from wengert.record.build import SEQUENCES, build, contains_value
from wengert.record.observe import decide, look, observed
from wengert.record.swap import replace
from wengert.record.value import is_value

ASSERTIONS = {
    name: getattr(np.testing, name)
    for name in (
        "assert_allclose", "assert_array_equal", "assert_array_less", "assert_equal", "assert_almost_equal",
        "assert_array_almost_equal", "assert_approx_equal", "assert_array_almost_equal_nulp", "assert_array_max_ulp",
    )
}  # fmt: skip


def _test_of(assertion: Callable[..., Any]) -> Callable[..., bool]:
    """Whether the assertion holds."""

    def holds(*args: Any, **params: Any) -> bool:
        try:
            assertion(*args, **params)
        except AssertionError:
            return False
        return True

    holds.__name__ = f"holds_{assertion.__name__}"
    return holds


globals().update({f"holds_{name}": _test_of(assertion) for name, assertion in ASSERTIONS.items()})  # traces name them


def _as_array(x: Any) -> Any:
    return build(x) if type(x) in SEQUENCES and contains_value(x) else x


def _asserted(assertion: Any, test: Any, *args: Any, **kwargs: Any) -> Any:
    args = tuple([_as_array(a) for a in args])
    if not any([is_value(a) for a in args]) or not observed(decide(test, *args, **kwargs), bool):
        return assertion(*[look(a) for a in args], **{key: look(a) for key, a in kwargs.items()})
    return None


@replace(*ASSERTIONS.values())
def _of_recorded(assertion: Any) -> Any:
    return partial(_asserted, assertion, globals()[f"holds_{assertion.__name__}"])
