"""Error curves: slopes of truncation and of rounding, AD as the floor, and where the exact value is from."""

import numpy as np
import pytest

from wengert.compare import error_curve, reference
from wengert.errors import BadInput


def lecture(x):
    return 64 * x * (1 - x) * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x**2) ** 2


def slope_between(curve, label, low, high):
    """The slope of log E against log h."""
    inside = (curve.h >= low) & (curve.h <= high)
    return np.polyfit(np.log(curve.h[inside]), np.log(curve.errors[label][inside]), 1)[0]


def test_the_lectures_curve():
    """At x* = 0.2: order h and h² on the right, 1/h on the left, AD ten orders below."""
    pytest.importorskip("sympy", reason="SymPy is not installed")
    curve = error_curve(lecture, 0.2)
    assert list(curve.errors) == ["forward, order 1", "central, order 2"]
    assert curve.exact.source.startswith("SymPy")
    assert curve.exact.value == pytest.approx(9.0660864, rel=1e-14)
    assert slope_between(curve, "forward, order 1", 1e-7, 1e-4) == pytest.approx(1.0, abs=0.05)
    assert slope_between(curve, "central, order 2", 1e-5, 1e-3) == pytest.approx(2.0, abs=0.05)
    for label in curve.errors:
        assert slope_between(curve, label, 1e-15, 1e-10) == pytest.approx(-1.0, abs=0.3)
    assert curve.ad_error < 1e-14
    assert 1e4 * curve.ad_error < min(np.min(e) for e in curve.errors.values())
    assert curve.chosen["forward, order 1"][1] < 1e-5
    assert curve.chosen["central, order 2"][1] < 1e-6


def test_methods_and_steps():
    curve = error_curve(np.exp, 0.5, methods=("backward", ("central", 4)), h=[1e-1, 1e-2, 1e-3], exact=np.exp(0.5))
    assert curve.exact.source == "given"
    assert curve.h.tolist() == [1e-1, 1e-2, 1e-3]
    assert curve.errors["central, order 4"][1] < 1e-8 < curve.errors["backward, order 1"][2]
    assert "central, order 4" in str(curve)


def test_plot(tmp_path):
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    ax = error_curve(lecture, 0.2).plot()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[:3] == ["forward, order 1", "central, order 2", "automatic step"]
    assert labels[3].startswith("AD: ")
    assert ax.get_xscale() == ax.get_yscale() == "log"
    ax.figure.savefig(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 10_000
    assert error_curve(np.exp, 0.0, h=[1e-3], exact=1.0).plot(matplotlib.figure.Figure().add_subplot()).figure


REFERENCES = {
    "SymPy": (lambda x: np.exp(x) * x if x > 0 else x, 0.7, np.exp(0.7) * 1.7),
    "the complex step": (lambda x: np.sort(np.array([x, 2 * x, 1 + x]))[1] ** 2, 0.2, 1.6),
    "Richardson": (lambda x: np.interp(x, np.arange(4.0), np.arange(4.0) ** 2) ** 2, 1.5, 2 * 2.5 * 3.0),
}


@pytest.mark.parametrize("source", REFERENCES)
def test_where_the_exact_value_is_from(source):
    pytest.importorskip("sympy", reason="SymPy is not installed")
    f, x, exact = REFERENCES[source]
    found = reference(f, x)
    assert found.source.startswith(source)
    assert abs(found.value - exact) <= found.error + 1e-15


def test_bad_input():
    with pytest.raises(BadInput, match="h has the step -1"):
        error_curve(np.exp, 1.0, h=[1.0, -1.0])
    with pytest.raises(BadInput, match=r"returned shape \(2,\)"):
        error_curve(lambda x: np.array([x, x]), 1.0, exact=1.0)
