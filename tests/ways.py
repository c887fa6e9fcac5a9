"""`every_way(f, points)`: what `check` asks at the first point; compiled and batched derivatives are the plain ones at all."""

import numpy as np
import pytest
from check import check, close, leaves, weighted
from same import same

import wengert as wg

WEIGHTS = np.cos(np.arange(1, 5001) * 1.7)


def every_way(f, points, compiled=True, batched=True, **options):
    """Check f at the first point, and its gradient by wg.jit and wg.vmap at all; the compiled one takes other branches."""
    check(f, points[0], **options)
    gradient = wg.grad(number_of(f))
    expected = [gradient(x) for x in points]
    if compiled:
        native = wg.jit(gradient)
        for x, g in [*zip(points, expected, strict=True), (points[0], expected[0])]:
            near(native(x), g)
    if batched:
        near(wg.vmap(gradient)(np.stack(points)), np.stack(expected))


def compiled_at_two_points(f, x):
    """The compiled gradient of all that f returns is the plain one, at x and near it."""
    slope = wg.grad(weighted(f))
    compiled = wg.jit(slope)
    for point in (x, 1.003 * x):
        same(compiled(point), slope(point))


def near(got, expected):
    """Equal but for rounding."""
    scale = float(np.max(np.abs(expected), initial=0.0))
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-10 * scale + 1e-300)


def number_of(f):
    """f with its results added up, each element with a weight of its own."""

    def total(x):
        sums, n = 0.0, 0
        for leaf in leaves(f(x)):
            flat = np.reshape(leaf, -1) * 1.0
            sums = sums + np.sum(flat * WEIGHTS[n : n + len(flat)])
            n += len(flat)
        return np.real(sums) + 0.7 * np.imag(sums) if np.iscomplexobj(sums) else sums

    return total


__all__ = ["close", "compiled_at_two_points", "every_way"]


def both_tests(cases):
    """(test_program, test_compiled) for a table program → argument: every program by `check`, every fifth also compiled."""

    @pytest.mark.parametrize("f", cases, ids=lambda f: f.__name__)
    def test_program(f):
        check(f, _argument(cases[f]), rtol=1e-6)

    @pytest.mark.parametrize("f", [*cases][::5], ids=lambda f: f.__name__)
    def test_compiled(f):
        compiled_at_two_points(f, _argument(cases[f]))

    return test_program, test_compiled


def _argument(x):
    return np.array(x) if isinstance(x, list) else x
