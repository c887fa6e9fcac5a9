"""audit: methods agree where derivatives are right, and a wrong one is named with its element."""

import numpy as np
import pytest
import scipy.special

import wengert as wg
from wengert.audit.compare import digits_of
from wengert.audit.report import marked
from wengert.errors import BadInput, WrongDerivative


def normal_density(x, mu, sigma):
    z = (x - mu) / sigma
    return np.exp(-0.5 * z**2) / (sigma * np.sqrt(2.0 * np.pi))


POINTS = [(0.7, 0.2, 1.3), (-3.0, 0.5, 0.25), (1e-3, 0.0, 10.0), (5.0, 4.5, 2.0)]


@pytest.mark.parametrize("point", POINTS)
def test_backpropagation_through_the_normal_density(point):
    """∂f/∂x = −f (x−μ)/σ², ∂f/∂μ = f (x−μ)/σ², ∂f/∂σ = f ((x−μ)²/σ³ − 1/σ): to the last digits."""
    x, mu, sigma = point
    f = normal_density(x, mu, sigma)
    closed = (-f * (x - mu) / sigma**2, f * (x - mu) / sigma**2, f * ((x - mu) ** 2 / sigma**3 - 1.0 / sigma))
    np.testing.assert_allclose(wg.grad(normal_density, argnums=(0, 1, 2))(*point), closed, rtol=2e-15)
    np.testing.assert_allclose([wg.jvp(normal_density, point, tuple(e))[1] for e in np.eye(3)], closed, rtol=2e-15)
    report = wg.audit(normal_density, *point).verify(rtol=1e-14)
    assert report.reference == "50 digits"
    assert report.arguments == ("x", "mu", "sigma")
    assert report.agreed > 14.5
    np.testing.assert_allclose([float(v) for v in report.jacobians["50 digits"][0]], closed, rtol=2e-15)
    assert set(report.jacobians) == {"forward", "reverse", "complex step", "differences", "50 digits"}


def attention(q, k):
    s = q @ k.T / np.sqrt(2.0)
    w = np.exp(s - np.max(s, axis=1, keepdims=True))
    return np.sum((w / np.sum(w, axis=1, keepdims=True)) @ k)


def filled(x):
    y = np.zeros(4)
    y[0] = x[0]
    for i in range(1, 4):
        y[i] = np.tanh(y[i - 1] * x[1]) + x[2]
    y[1:3] *= 2.0
    return np.sum(y**2)


def regression(w, b):
    data = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.2]])
    return np.mean(np.logaddexp(0.0, data @ w + b))


Q = np.array([[0.3, -0.2], [0.7, 0.1]])
M = np.array([[2.0, 0.3], [0.3, 1.5]])
SMOOTH = {
    "attention": (attention, Q, Q[::-1] + 0.2),
    "filled": (filled, np.array([0.3, 0.7, -0.2])),
    "regression": (regression, np.array([0.2, -0.4]), 0.1),
    "solve": (lambda a, b: np.linalg.solve(a, b), M, np.array([1.0, 2.0])),
    "inverse, determinant, norm": (lambda a: np.linalg.det(a) + np.linalg.norm(np.linalg.inv(a)), M),
    "cholesky": (lambda a: np.linalg.cholesky((a + a.T) / 2.0)[1, 1], M),
    "statistics": (lambda x: np.std(x) + np.var(x) * np.mean(x), np.array([1.0, 2.0, 4.0])),
    "special": (lambda x: scipy.special.gammaln(x) + scipy.special.erf(x) * scipy.special.j0(x), np.array([1.3, 2.1])),
    "branches": (lambda x: np.where(x > 1.0, np.log(x), x**2) * np.abs(x), np.array([0.5, 2.0])),
    "vector result": (lambda x: np.array([x[0] * x[1], np.sin(x[0])]), np.array([0.5, 2.0])),
    "sums and cuts": (lambda x: np.cumsum(x)[::2] * np.concatenate([x[:1], x[2:]]), np.array([0.5, 2.0, 1.0])),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_right_derivatives_pass(name):
    f, *args = SMOOTH[name]
    report = wg.audit(f, *args).verify(rtol=1e-11)
    assert report.ok
    assert report.reference == "50 digits", report.refused
    assert report.agreed > 12
    assert all(p.digits is None or p.digits > 12 for p in report.primitives)
    assert any(p.digits is not None for p in report.primitives)
    assert f"audit of {report.name}: ok" in str(report)


def wrong_rule():
    """A cube whose rule forgets half of its derivative where x > 1."""
    cube = wg.rule(lambda x: x**3)
    return cube.forward(lambda y, x, x_dot: np.where(x > 1.0, 1.5, 3.0) * x**2 * x_dot)


@pytest.mark.filterwarnings("ignore")
def test_a_wrong_rule_is_found_with_its_element():
    cube = wrong_rule()
    f = lambda x: np.sum(cube(x) * 2.0)
    x = np.array([0.5, 0.9, 2.0])
    report = wg.audit(f, x)
    assert not report.ok
    with pytest.raises(AssertionError, match=r"∂<lambda>/∂x\[2\] = 12\.0, .* say 2[34]\.\d*"):
        report.verify()
    with pytest.raises(WrongDerivative, match=r"element \[2\]"):
        wg.check_grad(f, x)


def test_a_wrong_transpose_is_found():
    """Forward and reverse of one primitive disagree: the primitive is named."""
    double = wg.rule(lambda x: 2.0 * x)
    double.forward(lambda y, x, x_dot: 2.0 * x_dot)
    double.pullback(lambda c, y, x: (3.0 * c,))
    report = wg.audit(lambda x: np.sum(double(x)), np.ones(2))
    assert not report.ok
    with pytest.raises(AssertionError, match="reverse mode says"):
        report.verify()


def test_cancellation_is_named():
    def f(x):
        return (1.0 - np.cos(x)) / x**2

    report = wg.audit(f, 1e-5)
    assert report.losses[0].primitive == "numpy.subtract"
    assert report.losses[0].lost > 8
    with pytest.raises(AssertionError, match="The program itself loses digits: 9"):
        report.verify()
    assert wg.audit(f, 1.0).losses == ()


def test_condition_and_single_precision():
    report = wg.audit(lambda x: np.sin(x), 1000.0)
    assert report.condition["x"] == pytest.approx(abs(1000.0 / np.tan(1000.0)), rel=1e-12)
    assert 3 < report.single["x"] < 8.5
    constant = np.ones(2)
    report = wg.audit(lambda x: np.sum(x * constant), np.ones(2))
    assert "double precision" in report.refused["float32"]


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (lambda x: np.abs(x) * x, "np.absolute is not analytic"),
        (lambda x: x * np.maximum(x, 2.0), "np.maximum is not analytic"),
        (lambda x: scipy.special.gammaln(x), "does not take complex"),
    ],
)  # fmt: skip
def test_the_complex_step_says_why_not(f, why):
    report = wg.audit(f, 1.5)
    assert why in report.refused["complex step"]
    assert report.ok


def test_without_a_function_in_many_digits():
    """Another witness takes its place."""
    report = wg.audit(lambda x: scipy.special.ellipkinc(x, 0.3) * 2.0, 0.7)
    assert "50 digits" in report.refused
    assert report.reference == "differences"
    assert report.ok


def test_kinks_and_trouble_are_reported():
    report = wg.audit(lambda x: np.sum(np.abs(x)), np.array([1.0, 0.0]))
    assert report.kinks[0].primitive == "numpy.absolute"
    report = wg.audit(lambda x: np.sum(np.floor(x)), np.array([1.5, 0.5]))
    assert report.findings[0].kind == "zero"


def test_large_arguments_are_sampled():
    report = wg.audit(lambda x: np.sum(x**2), np.linspace(0.0, 1.0, 300), most=5)
    assert len(report.columns) == 5
    assert report.ok


def test_elements_are_marked_digit_by_digit():
    assert marked(0.1234599, 0.1234567) == "1.2345|990000000000e-01"
    assert "50 digits     " in str(wg.audit(np.sin, 0.5))
    assert wg.audit(np.sin, 0.5)._repr_html_().startswith("<pre")


def test_digits():
    assert digits_of(np.inf, np.inf) == 16.0
    assert digits_of(np.nan, 1.0) == 0.0
    assert digits_of([1.0, 2.0], [1.0, 2.002]) == pytest.approx(3.0, abs=1e-3)


def test_plot(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    path = tmp_path / "audit.png"
    figure = wg.audit(normal_density, *POINTS[0]).plot(str(path))
    assert path.stat().st_size > 1000
    assert len(figure.axes) == 3


def test_bad_input():
    with pytest.raises(BadInput, match="no argument is floating"):
        wg.audit(lambda n: n * 2.0, 3)
    with pytest.raises(BadInput, match="takes real arguments"):
        wg.audit(lambda z: np.abs(z), 1.0 + 2.0j)
    with pytest.raises(BadInput, match="result is complex"):
        wg.audit(lambda x: x * 1j, 1.0)


def test_what_is_written_by_columns():
    def f(x):
        y = np.zeros((3, 2), order="F")
        y.ravel("F")[1:6:2] = np.sin(x)
        y.T.reshape(-1)[:2] += x[0]
        return np.sum(y**3 * np.arange(6.0).reshape(3, 2))

    assert wg.audit(f, np.array([0.3, 0.7, 1.1])).ok
