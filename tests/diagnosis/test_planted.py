"""Every planted problem is found, and the first finding names its true cause."""

import numpy as np
import pytest
from diagnosis.planted import PLANTED

import wengert as wg


@pytest.mark.parametrize("name", PLANTED)
def test_the_first_finding_is_the_cause(name):
    case = PLANTED[name]
    report = wg.diagnose(case.f, *case.args)
    first = report.first
    assert first is not None, str(report)
    assert first.kind == case.kind, str(report)
    assert case.about in ("", first.about), str(report)
    assert case.primitive in ("", first.primitive), str(report)
    assert case.code in (first.where.code if first.where else ""), str(report)
    assert case.what in first.what, str(report)
    if first.where is not None:
        assert first.where.run == case.run, str(report)
        assert first.where.function == case.f.__name__
    assert first.kind in str(report).splitlines()[0]


@pytest.mark.filterwarnings("ignore::wengert.errors.DoubtfulZeroWarning")
@pytest.mark.parametrize("name", PLANTED)
def test_gradients_are_those_of_grad(name):
    """What the line-by-line sweeps give is what the operators give."""
    case = PLANTED[name]
    if case.kind == "raised":
        return
    with np.errstate(all="ignore"):
        expected = wg.grad(case.f, argnums=tuple(range(len(case.args))))(*case.args)
        report = wg.diagnose(case.f, *case.args)
    for ours, g in zip(report.gradients.values(), expected, strict=True):
        np.testing.assert_allclose(ours, g, rtol=1e-13)
