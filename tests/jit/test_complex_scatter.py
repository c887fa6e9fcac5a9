"""What an index that varies puts back is complex where the cotangent is."""

import numpy as np
import pytest

import wengert as wg


def sorted_roots(c):
    r = np.roots(np.concatenate([np.ones(1), c]))
    r = r[np.argsort(r.real)]
    return np.sum(np.abs(r) * np.array([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("operator", [wg.grad, lambda f: wg.jacobian(f, mode="forward"), wg.hessian])
def test_as_without_jit(operator):
    c = np.array([1.2, 0.3, -0.5])
    np.testing.assert_allclose(wg.jit(operator(sorted_roots))(c), operator(sorted_roots)(c), rtol=1e-10)
