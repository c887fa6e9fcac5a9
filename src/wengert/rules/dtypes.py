"""Questions about dtypes and memory, answered for the concrete values."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.protocols import lower
from wengert.rules.table import handles


def _asked(function: Any) -> Any:
    return lambda *args, **kwargs: function(*lower(args), **lower(kwargs))


for _function in (
    np.result_type, np.can_cast, np.common_type, np.min_scalar_type, np.shares_memory, np.may_share_memory,
):  # fmt: skip
    handles(_function)(_asked(_function))
