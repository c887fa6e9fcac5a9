"""The tests of semantics run on wengert.tensor, and on PyTorch itself where it is installed."""

import importlib.util

import pytest

from wengert import tensor as ours

KINDS = ["wengert", "pytorch"] if importlib.util.find_spec("torch") else ["wengert"]


@pytest.fixture(params=KINDS)
def torch(request):
    """What `import torch` gives."""
    if request.param == "wengert":
        yield ours
        return
    import torch as theirs

    before = theirs.get_default_dtype()
    theirs.set_default_dtype(theirs.float64)
    yield theirs
    theirs.set_default_dtype(before)
