"""Every test runs with clean module namespaces: no transform may leave a function swapped in."""

import gc
import os

import numpy as np
import pytest

os.environ["WENGERT_CACHE"] = "0"  # tests compile for themselves; those of the cache set it

_ORIGINALS = {name: getattr(np, name) for name in ("zeros", "array", "asarray", "full", "eye")}


def pytest_collection_finish():
    """What was collected lives to the end: the garbage collector need not go over it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_left_behind():
    yield
    for name, function in _ORIGINALS.items():
        assert getattr(np, name) is function, f"np.{name} was left swapped"
