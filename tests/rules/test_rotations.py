"""scipy.spatial.transform: rotations from and to every form, products, means, alignments, between two."""

import numpy as np
import pytest
from check import check
from scipy.spatial.transform import Rotation as R
from scipy.spatial.transform import RotationSpline, Slerp

import wengert as wg

X = np.random.default_rng(0).normal(size=8)
K = R.from_euler("xyz", [0.1, 0.2, 0.3])

# fmt: off
CASES = {
    "fe": lambda x: R.from_euler("xyz",x[:3]).apply([1.,2,3]),
    "fe2": lambda x: R.from_euler("ZYX",x[:3],degrees=True).as_matrix(),
    "fe1": lambda x: R.from_euler("z",x[0]).as_quat(),
    "few": lambda x: R.from_euler("z",x[:,None]).as_matrix(),
    "rv": lambda x: R.from_rotvec(x[:3]).as_matrix(),
    "rvs": lambda x: R.from_rotvec(x[:6].reshape(2,3)).apply(np.eye(3)[:2]),
    "q": lambda x: R.from_quat(x[:4]).as_euler("zyx"),
    "qs": lambda x: R.from_quat(x[:4],scalar_first=True).as_rotvec(),
    "mat": lambda x: R.from_matrix(R.from_rotvec(x[:3]).as_matrix()).as_quat(),
    "mat2": lambda x: R.from_matrix(np.eye(3)+.1*x.sum()*np.arange(9.).reshape(3,3)*.1).as_rotvec(),
    "mul": lambda x: (R.from_rotvec(x[:3])*K*R.from_quat(x[3:7])).as_matrix(),
    "mulK": lambda x: (K*R.from_rotvec(x[:3])).as_quat(),
    "inv": lambda x: R.from_rotvec(x[:3]).inv().as_matrix(),
    "mag": lambda x: (R.from_rotvec(x[:3])*K.inv()).magnitude(),
    "powr": lambda x: (R.from_rotvec(x[:3])**2.5).as_rotvec(),
    "mean": lambda x: R.from_rotvec(x[:6].reshape(2,3)*.3).mean().as_matrix(),
    "align": lambda x: R.align_vectors(np.eye(3)+.2*np.outer(x[:3],[1,2,3.]),np.eye(3))[0].as_matrix(),
    "rssd": lambda x: R.align_vectors(np.eye(3)+.2*np.outer(x[:3],[1,2,3.]),np.eye(3))[1],
    "slerp": lambda x: Slerp([0,1],R.from_euler("z",np.array([[x[0]],[x[1]]])))([.3,.6]).as_matrix(),
    "applyK": lambda x: K.apply(x[:3]),
    "applyKi": lambda x: K.apply(x[:6].reshape(2,3),inverse=True),
    "conc": lambda x: R.concatenate([R.from_rotvec(x[:3]),K]).as_matrix(),
    "item": lambda x: R.from_rotvec(x[:6].reshape(2,3))[1].as_matrix(),
    "it": lambda x: sum(r.as_matrix() for r in R.from_rotvec(x[:6].reshape(2,3))),
    "mrp": lambda x: R.from_mrp(x[:3]*.3).as_mrp(),
    "dav": lambda x: R.from_davenport([[0,0,1],[0,1,0.]],"extrinsic",x[:2]).as_matrix(),
    "approx": lambda x: R.from_rotvec(x[:3]).approx_equal(K)*x[0],
    "ident": lambda x: (R.identity()*R.from_rotvec(x[:3])).as_rotvec(),
    "canon": lambda x: R.from_quat(-np.abs(x[:4])).as_quat(canonical=True),
    "rnd": lambda x: R.random(rng=0).apply(x[:3]),
}
# fmt: on
FIRST = {"powr", "mrp", "ident", "mean"}
"""Their second derivatives are zero but for rounding, or are asked for elsewhere."""


@pytest.mark.parametrize("name", CASES)
def test_function(name):
    check(CASES[name], X, h=1e-4, rtol=1e-5, order=1 if name in FIRST else 2)


def test_spline_of_rotations():
    def f(x):
        turns = R.from_rotvec(np.outer([0.0, 1.0, 2.0], 0.1 * x[:3]))
        return RotationSpline([0.0, 1.0, 2.0], turns)([0.5]).as_rotvec()

    check(f, X, order=1, rtol=1e-6)


def test_no_rotation():
    np.testing.assert_array_equal(wg.jacobian(lambda v: R.from_rotvec(v).as_rotvec())(np.zeros(3)), np.eye(3))
    turned = wg.jacobian(lambda v: R.from_rotvec(v).apply([0.0, 0.0, 1.0]))(np.zeros(3))
    np.testing.assert_array_equal(turned, [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])


def test_signs_of_quaternions_are_those_of_the_values():
    def f(v):
        return R.from_matrix(R.from_rotvec(v).as_matrix()).as_quat()

    for scale in (0.5, 2.0, 3.0, -4.0):
        check(f, scale * np.array([0.3, -0.5, 0.8]), rtol=1e-6)
        check(f, scale * np.array([-0.9, 0.2, 0.1]), rtol=1e-6)


AT_REST = {
    "matrix": lambda v: R.from_rotvec(v).as_matrix(),
    "quaternion": lambda v: R.from_rotvec(v).as_quat(),
    "twice": lambda v: (R.from_rotvec(v) ** 2).as_matrix(),
    "of several": lambda v: R.from_rotvec(np.array([[1.0, 0.2, 0.3], [0, 0, 0]]) + v).apply([1.0, 2.0, 3.0]),
}


@pytest.mark.parametrize("case", AT_REST)
def test_second_derivatives_where_nothing_is_rotated(case):
    """cos(|v|/2) is smooth at 0, though |v| is not."""
    check(AT_REST[case], np.zeros(3))


@pytest.mark.parametrize("n", [0.0, 1.0, -1.0])
def test_powers_in_the_exponent(n):
    turn = R.from_rotvec([0.3, -0.2, 0.5])
    check(lambda n: (turn**n).as_matrix(), n)
