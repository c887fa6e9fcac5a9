"""In-place programs mean what NumPy means: value, forward, reverse, second order, arguments untouched."""

import numpy as np
import pytest
from check import check
from inplace.programs import PROGRAMS

X = np.array([[0.9, -0.4, 0.35, 1.2], [-0.7, 0.25, 1.1, -0.15], [0.6, -1.3, 0.8, 0.45]])


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    check(PROGRAMS[name], X)
