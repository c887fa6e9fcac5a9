"""diagnose: its report as data, its options, kinks with both sides, and what it costs nobody else."""

import sys
import threading

import numpy as np
import pytest

import wengert as wg
from wengert.api import recorded
from wengert.errors import BadInput


def quotient(x):
    d = x - 2.0
    return np.sum(1.0 / d)


def test_a_finding_is_data():
    f = wg.diagnose(quotient, np.array([1.0, 2.0, 3.0])).first
    assert (f.kind, f.sweep, f.primitive, f.index) == ("infinity", "primal", "numpy.divide", (1,))
    assert f.where.file == __file__
    assert f.where.function == "quotient"
    assert f.where.code == "1.0 / d"
    assert dict(f.operands)["v0[1]"] == 0.0
    assert f.advice


def test_the_chain_multiplies_to_the_gradient():
    """The partials from the output to the line, multiplied, are the derivative there."""

    def f(x):
        y = np.sqrt(x) * 3.0
        return np.exp(y) * 1e12

    report = wg.diagnose(f, 4.0)
    product = np.prod([link.partial for link in report.of("huge")[0].chain])
    assert product == pytest.approx(wg.grad(f)(4.0), rel=1e-12)


def test_nothing_wrong():
    report = wg.diagnose(lambda x: np.sum(np.sin(x)), np.array([1.0, 2.0]))
    assert report.ok
    assert report.first is None
    assert "nothing wrong" in str(report)
    np.testing.assert_array_equal(report.gradients["x"], np.cos([1.0, 2.0]))


def test_argnums_and_names_in_containers():
    f = lambda p, x: p["w"] * np.floor(x) + p["b"]
    report = wg.diagnose(f, {"w": 1.0, "b": 2.0}, 3.5)
    assert report.first.about == "x"
    assert wg.diagnose(f, {"w": 1.0, "b": 2.0}, 3.5, argnums=0).ok
    zero = wg.diagnose(f, {"w": 1.0, "b": 2.0}, 0.5, argnums=0).first
    assert (zero.about, zero.primitive) == ("p['w']", "numpy.multiply")


def test_arguments_are_not_changed():
    x = np.array([1.0, 2.0, 3.0])

    def f(x):
        x[0] = 0.0
        return np.sum(np.sqrt(x))

    before = x.copy()
    wg.diagnose(f, x)
    np.testing.assert_array_equal(x, before)


def test_html_and_text_of_long_chains():
    def f(x):
        for _ in range(300):
            x = np.sin(x) + x * 1.2
        return x

    text = str(wg.diagnose(f, 1.0))
    assert "more lines" in text
    assert text.count("\n") < 60
    assert wg.diagnose(f, 1.0)._repr_html_().startswith("<pre")


def test_the_cause_in_the_values_is_named_before_its_consequence():
    def f(x):
        e = np.exp(x * 100.0)
        return np.log(1.0 + e) - np.log(2.0 + e)

    report = wg.diagnose(f, 8.0)
    assert (report.first.primitive, report.first.sweep) == ("numpy.exp", "primal")


def test_infinity_minus_infinity_in_the_cotangents():
    report = wg.diagnose(lambda x: np.sqrt(x) - np.sqrt(x) * 0.5, 0.0)
    assert report.first.primitive == "numpy.sqrt"


def test_tangent_only():
    """Forward mode along (1, …, 1) can fail where reverse mode does not ask."""
    report = wg.diagnose(lambda x: np.linalg.eigh(x)[1][0, 0], np.eye(2))
    assert report.of("nan")[0].sweep in ("tangent", "adjoint")
    assert "eigenvalues coincide" in str(report)


@pytest.mark.parametrize(
    ("f", "x", "primitive", "below", "above"),
    [
        (np.abs, 0.0, "numpy.absolute", -1.0, 1.0),
        (lambda x: np.maximum(x**2, x), 1.0, "numpy.maximum", 1.0, 2.0),
        (lambda x: np.maximum(3.0 * x, x**2 + 2.0), 1.0 + 1e-9, "numpy.maximum", 2.0, 3.0),
        (lambda x: np.clip(x, 0.0, 1.0) ** 2, 1.0, "clip", 2.0, 0.0),
        (lambda x: np.where(x > 1.0, x**3, x), 1.0, "numpy.greater", 1.0, 3.0),
        (lambda x: x**3 if x > 1.0 else x, 1.0, "numpy.greater", 1.0, 3.0),
        (lambda x: np.max(np.array([x, 2.0 - x])), 1.0, "numpy.max", -1.0, 1.0),
        (lambda x: np.sort(np.array([x, 2.0 - x]))[0], 1.0, "numpy.sort", 1.0, -1.0),
        (lambda x: np.median(np.array([x, 1.0, 3.0 * x - 2.0])), 1.0, "numpy.median", 1.0, 1.0),
        (lambda x: np.linalg.norm(np.array([x, 2.0 * x])), 0.0, "numpy.linalg.norm", -np.sqrt(5), np.sqrt(5)),
        (lambda x: x * (x % 0.5), 1.0, "numpy.remainder", 1.5, 1.0),
        (lambda x: np.max(np.reshape(np.stack([x, 2.0 - x, x, 0.0 * x]), (2, 2)), axis=(0, 1)), 1.0, "numpy.max", -1.0, 1.0),
        (np.sqrt, 0.0, "numpy.sqrt", np.nan, np.inf),
    ],
)  # fmt: skip
def test_both_sides_of_a_kink(f, x, primitive, below, above):
    kinks = [k for k in wg.diagnose(f, x).kinks if k.primitive == primitive]
    assert kinks, str(wg.diagnose(f, x))
    np.testing.assert_allclose(kinks[0].sides, (below, above), rtol=2e-5)


def test_a_jump_is_told_from_a_kink():
    (jump,) = wg.diagnose(lambda x: np.floor(x) * x, 2.0).kinks
    assert jump.kind == "jump"
    assert "jumps by 2" in jump.what
    np.testing.assert_allclose(jump.sides, (1.0, 2.0))


def test_kinks_far_away_are_not_listed():
    f = lambda x: np.maximum(x, 1.0) * np.where(x > 0.0, 2.0, 3.0) + x
    assert not wg.diagnose(f, 1.5).kinks
    assert wg.diagnose(f, 1.0001, near=1e-3).kinks


def test_smooth_branches_are_no_kinks():
    """A branch whose two sides have one value and one slope."""
    assert not wg.diagnose(lambda x: x**2 if x > 1.0 else 2.0 * x - 1.0, 1.0).kinks


def test_guards_are_listed():
    def f(x):
        if x > 1.0:
            return 3.0
        return x

    report = wg.diagnose(f, 2.0)
    assert len(report.guards) == 1
    assert "decided by looking" in str(report)


def test_not_a_function():
    with pytest.raises(BadInput, match="diagnose expects a function"):
        wg.diagnose(3.0, 1.0)


# ── the context ──


def roots(x):
    return np.sum(np.sqrt(x) * 2.0)


AT_ZERO = np.array([4.0, 0.0])


@pytest.mark.parametrize(
    "derivative",
    [
        lambda: wg.grad(roots)(AT_ZERO),
        lambda: wg.value_and_grad(roots)(AT_ZERO),
        lambda: wg.jacobian(np.sqrt)(AT_ZERO),
        lambda: wg.jacobian(np.sqrt, mode="forward")(AT_ZERO),
        lambda: wg.hessian(roots)(AT_ZERO),
        lambda: wg.jvp(np.sqrt, (AT_ZERO,), (np.ones(2),)),
        lambda: wg.vjp(np.sqrt, AT_ZERO)[1](np.ones(2)),
        lambda: wg.hvp(roots, (AT_ZERO,), (np.ones(2),)),
        lambda: wg.grad(lambda x: wg.grad(roots)(x)[0] + x[1])(AT_ZERO),
    ],
)  # fmt: skip
def test_inside_every_operator(derivative):
    with wg.diagnosing() as watch, pytest.raises(FloatingPointError, match=r"np\.sqrt") as caught:
        derivative()
    assert caught.value.diagnosis is watch.found
    assert watch.found.first.primitive == "numpy.sqrt"
    assert watch.found.first.index == (1,)
    assert np.any(~np.isfinite(np.asarray(wg.grad(roots)(AT_ZERO))))  # outside, as ever


def test_what_is_fine_passes():
    with wg.diagnosing() as watch:
        assert wg.grad(lambda x: x**2)(3.0) == 6.0
    assert watch.found is None


def test_infinities_may_pass():
    with wg.diagnosing(infinite=False):
        assert wg.grad(np.sqrt)(0.0) == np.inf


def test_what_f_raises_is_annotated():
    def f(x):
        for i in range(5):
            x = x / (3 - i)
        return x

    with wg.diagnosing(), pytest.raises(ZeroDivisionError) as caught:
        wg.grad(f)(2.0)
    assert "run 4 of that line" in caught.value.__notes__[0]


def test_errstate_of_the_user():
    def f(x):
        with np.errstate(all="raise"):
            return np.sum(np.log(x))

    with wg.diagnosing(), pytest.raises(FloatingPointError) as caught:
        wg.grad(f)(np.array([1.0, 0.0]))
    assert "log" in "".join(caught.value.__notes__)


def test_other_threads_are_left_alone():
    seen = []
    with wg.diagnosing():
        thread = threading.Thread(target=lambda: seen.append(wg.grad(np.sqrt)(0.0)))
        thread.start()
        thread.join()
    assert seen == [np.inf]


def test_a_context_leaves_nothing_behind():
    with wg.diagnosing(), wg.diagnosing():
        assert len(recorded.WATCHERS) == 2
    assert recorded.WATCHERS == []


def test_for_compiled_derivatives():
    """What a compiler calls with its results, if somebody watches."""
    with wg.diagnosing():
        recorded.show((roots, (np.array([1.0, 4.0]),), {}, None), [np.ones(2)])
        with pytest.raises(FloatingPointError, match=r"np\.sqrt"):
            recorded.show((roots, (AT_ZERO,), {}, None), [np.array([0.5, np.inf])])


def test_errors_leave_no_cycles():
    before = sys.getrefcount(roots)
    for _ in range(5):
        wg.diagnose(roots, AT_ZERO)
    assert sys.getrefcount(roots) <= before + 5
