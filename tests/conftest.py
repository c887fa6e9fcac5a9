"""Every test runs with clean module namespaces: no transform may leave a function swapped in."""

import gc
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

os.environ["WENGERT_CACHE"] = "0"  # tests compile for themselves; those of the cache set it

_ORIGINALS = {name: getattr(np, name) for name in ("zeros", "array", "asarray", "full", "eye")}


@settings(max_examples=1, database=None)
@given(st.none())
def _first_example(_):
    """Hypothesis makes its source of random numbers, and asks the garbage collector who holds it."""


def pytest_collection_finish():
    """What was collected lives to the end: the garbage collector need not go over it again and again."""
    _first_example()  # from Python 3.14 on it does not find the holder once that is frozen
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_left_behind():
    yield
    for name, function in _ORIGINALS.items():
        assert getattr(np, name) is function, f"np.{name} was left swapped"
