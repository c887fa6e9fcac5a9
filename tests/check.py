"""`check(f, *args)`: everything that must hold of the derivatives of f at args.

The value is NumPy's, bit for bit; the forward derivative agrees with sixth-order differences; the
reverse one is its dual to 1e-12; second derivatives agree in every nesting; arguments are untouched.
"""

import numpy as np

import wengert as wg
from wengert import tree

STENCIL = ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))
"""(k, w): f'(x) ≈ Σ w (f(x + kh) − f(x − kh)) / h, of sixth order."""


def check(f, *args, order=2, h=1e-3, rtol=1e-7, seed=0, value=True, dual=1e-12):
    """Check the derivatives of f at args (floats and float or complex arrays), up to `order`.

    h is the step of the differences: smaller near a singularity. rtol is for differences only; `dual` for the two modes.
    """
    rng = np.random.default_rng(seed)
    before = [np.array(a) for a in args]
    y, _ = wg.vjp(f, *args)
    if value:
        same(y, f(*args))
    first_order(f, args, rng, h, rtol, dual)
    if order > 1:
        second_order(f, args, rng, h, rtol)
    for a, b in zip(args, before, strict=True):
        np.testing.assert_array_equal(a, b)


def first_order(f, args, rng, h, rtol, dual=1e-12):
    dots = [direction(rng, a) for a in args]
    y, y_dot = wg.jvp(f, tuple(args), tuple(dots))
    close(y_dot, differences(f, args, dots, h), rtol)
    y, pullback = wg.vjp(f, *args)
    y_bar = tree.tree_map(lambda leaf: direction(rng, leaf), y)
    x_bar = pullback(y_bar)
    left, right = pairing(y_bar, y_dot), pairing(x_bar, tuple(dots))
    scale = max(size(y_bar, y_dot), size(x_bar, tuple(dots)), 1e-300)
    assert abs(left - right) <= dual * scale, f"not dual: {left} {right}"
    for a, bar in zip(args, x_bar, strict=True):
        assert np.shape(bar) == np.shape(a)
        assert np.asarray(bar).dtype == np.asarray(a).dtype, (np.asarray(bar).dtype, np.asarray(a).dtype)


def second_order(f, args, rng, h, rtol):
    dots = [direction(rng, a) for a in args]
    y_bar = tree.tree_map(lambda leaf: direction(rng, leaf), wg.vjp(f, *args)[0])

    def pulled(*xs):
        return wg.vjp(f, *xs)[1](y_bar)

    def slope(*xs):
        return pairing(y_bar, wg.jvp(f, xs, tuple(dots))[1])

    reference = differences(pulled, args, dots, h)
    forward_over_reverse = wg.jvp(pulled, tuple(args), tuple(dots))[1]
    close(forward_over_reverse, reference, rtol * 10)
    reverse_over_forward = wg.vjp(slope, *args)[1](1.0)
    scale = max(float(np.max(np.abs(leaf), initial=0.0)) for leaf in leaves(forward_over_reverse)) + 1e-300
    for a, b in zip(leaves(forward_over_reverse), leaves(reverse_over_forward), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10 * scale)
    reverse_over_reverse = wg.vjp(lambda *xs: pairing(tuple(dots), pulled(*xs)), *args)[1](1.0)
    for a, b in zip(leaves(reverse_over_forward), leaves(reverse_over_reverse), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10 * scale)


def direction(rng, like):
    """A random array of like's shape and dtype."""
    like = np.asarray(like)
    d = rng.normal(size=like.shape)
    if like.dtype.kind == "c":
        d = d + 1j * rng.normal(size=like.shape)
    d = d.astype(like.dtype if like.dtype.kind in "fc" else float)
    return d if d.ndim else d[()]


def differences(f, args, dots, h):
    """The derivative of f along dots, by central differences of sixth order."""
    total = None
    for k, w in STENCIL:
        plus = leaves(f(*[a + k * h * d for a, d in zip(args, dots, strict=True)]))
        minus = leaves(f(*[a - k * h * d for a, d in zip(args, dots, strict=True)]))
        part = [w * (np.asarray(p) - np.asarray(m)) / h for p, m in zip(plus, minus, strict=True)]
        total = part if total is None else [t + p for t, p in zip(total, part, strict=True)]
    return total


def pairing(a, b):
    """The real inner product Re Σ conj(a) b over all leaves."""
    return sum(np.real(np.sum(np.conj(x) * y)) for x, y in zip(leaves(a), leaves(b), strict=True))


def size(a, b):
    return float(sum(np.sum(np.abs(x) * np.abs(y)) for x, y in zip(leaves(a), leaves(b), strict=True)))


def leaves(x):
    return tree.flatten(x)[0]


def close(got, expected, rtol):
    for g, e in zip(leaves(got), leaves(expected), strict=True):
        scale = float(np.max(np.abs(e), initial=0.0))
        np.testing.assert_allclose(g, e, rtol=rtol, atol=rtol * max(scale, 1e-3))


def same(got, expected):
    """Equal bit for bit, dtype included."""
    for g, e in zip(leaves(got), leaves(expected), strict=True):
        assert np.asarray(g).dtype == np.asarray(e).dtype, (np.asarray(g).dtype, np.asarray(e).dtype)
        np.testing.assert_array_equal(g, e)


def weighted(f):
    """The sum of all that f returns, with weights: a function to take a gradient of."""

    def total(*args):
        parts = [np.asarray(leaf) for leaf in leaves(f(*args))]
        return sum(np.sum(np.real(p) * np.cos(np.arange(p.size) + k).reshape(p.shape)) for k, p in enumerate(parts))

    return total
