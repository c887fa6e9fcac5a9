"""Every test runs with clean module namespaces: no transform may leave a function swapped in."""

import os

import numpy as np
import pytest

os.environ["WENGERT_CACHE"] = "0"  # tests compile for themselves; those of the cache set it

_ORIGINALS = {name: getattr(np, name) for name in ("zeros", "array", "asarray", "full", "eye")}


@pytest.fixture(autouse=True)
def nothing_left_behind():
    yield
    for name, function in _ORIGINALS.items():
        assert getattr(np, name) is function, f"np.{name} was left swapped"
