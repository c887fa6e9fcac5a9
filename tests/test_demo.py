"""The demonstration finds the maximum of the likelihood, by each route, and says so."""

from functools import partial

import numpy as np
import pytest

import wengert as wg
from wengert.cli import main
from wengert.demo import data, fit, model


def test_data_are_fishers():
    """The summary that Fisher's data have (scikit-learn's documentation; R's summary(iris))."""
    x, _, species = data.load()
    assert x.shape == (150, 4)
    np.testing.assert_allclose(x.mean(axis=0), [5.843333, 3.057333, 3.758, 1.199333], atol=1e-6)
    np.testing.assert_allclose(x.std(axis=0, ddof=1), [0.828066, 0.435866, 1.765298, 0.762238], atol=1e-6)
    assert [species.count(kind) for kind in ("setosa", "versicolor", "virginica")] == [50, 50, 50]


def test_model_knows_nothing_of_us():
    with open(model.__file__) as source:
        assert "wengert" not in source.read()


@pytest.fixture(scope="module")
def problem():
    x, _, _ = data.load()
    return partial(model.negative_log_likelihood, x=x, k=3), model.start(x, 3)


def test_newton_converges(problem):
    f, theta = problem
    seen = []
    end = fit.newton(f, theta, lambda i, value: seen.append(value))
    assert seen == sorted(seen, reverse=True)
    assert abs(end.value - 180.185477) < 1e-5
    assert np.max(np.abs(wg.grad(f)(end.theta))) < 1e-3
    assert np.all(np.linalg.eigvalsh(wg.hessian(f)(end.theta)) > 0)


def test_gradient_agrees_with_differences(problem):
    f, theta = problem
    forward, central = fit.disagreement(f, theta)
    assert forward < 1e-3
    assert central < 1e-7


def test_hessian_product_is_that_of_hvp(problem):
    f, theta = problem
    v = np.linspace(-1, 1, theta.size)
    np.testing.assert_allclose(fit.hessian_product(f)(theta, v), wg.hvp(f, (theta,), (v,)), rtol=1e-12, atol=1e-9)


def test_the_command(capsys, tmp_path):
    """Every route ends at the same likelihood; the traces and the picture are on the screen."""
    assert main(["demo", "--picture", str(tmp_path / "picture.png"), "--text"]) == 0
    out = capsys.readouterr().out
    assert out.count("-180.185477") == 3
    assert "assert not v1" in out
    assert "petal_width ↑" in out
