"""The derivatives by hand, which the benchmarks compare every tool with, are ours."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import wengert as wg

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from jit_problems import PROBLEMS

TRANSFORMS = {
    "grad": lambda p, *args: wg.grad(p.f, argnums=p.argnums)(*args),
    "hessian": lambda p, x: (wg.hessian(p.f)(x),),
    "seeds": lambda p, x, tangents: (np.stack([wg.jvp(p.f, (x,), (s,))[1] for s in tangents]),),
}


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_by_hand_is_ours(problem):
    if problem.key == "rk4":
        pytest.skip("10,000 steps, recorded one by one, take five seconds")
    ours = TRANSFORMS[problem.transform](problem, *problem.args)
    for got, expected in zip(ours, problem.by_hand(*problem.args), strict=True):
        assert np.shape(got) == np.shape(expected)
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-11 * np.max(np.abs(expected)))


def test_inputs_are_the_same_each_time():
    for problem in PROBLEMS:
        for first, again in zip(problem.args, problem.inputs(), strict=True):
            np.testing.assert_array_equal(first, again)
