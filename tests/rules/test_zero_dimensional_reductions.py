"""Reductions of a number in an array of no dimensions, along its axis 0: NumPy's ufuncs let it have one."""

import numpy as np
import pytest
from scipy.special import logsumexp

import wengert as wg

X = np.array(0.7)


@pytest.mark.parametrize("axis", [0, -1, (0,), (), None])
@pytest.mark.parametrize("function", [np.prod, np.nanprod, np.sum, np.max])
def test_along_axis_zero(function, axis):
    try:
        function(X, axis=axis)
    except Exception as error:
        with pytest.raises(type(error)):
            wg.grad(lambda x: function(x, axis=axis) * 2.0)(X)
        return
    assert wg.grad(lambda x: function(x, axis=axis) * 2.0)(X) == 2.0
    assert wg.jvp(lambda x: function(x, axis=axis) * 2.0, (X,), (np.array(1.0),))[1] == 2.0


def test_a_mean_has_numpys_error():
    with pytest.raises(np.exceptions.AxisError):
        wg.grad(lambda x: np.mean(x, axis=0))(X)


@pytest.mark.parametrize("axis", [0, -1, None])
def test_logsumexp(axis):
    for f in (lambda x: logsumexp(x, axis=axis), lambda x: logsumexp(x, axis=axis, b=2.0)):
        assert np.isclose(wg.grad(f)(X), 1.0, rtol=1e-14)
        assert abs(wg.derivative(f, order=2)(0.7)) < 1e-14
