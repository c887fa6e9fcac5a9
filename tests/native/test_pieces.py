"""Writes into slices, compiled: every program of slices, writes and joins is what NumPy makes of it."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native.piecewise import NOTHING, cuts_between, inner, inverse, is_box, lies_inside, parts, volume, whole
from wengert.native.views import view_forms

N = 7
"""The length of the axes: short, so that pieces are often empty, whole, or one element."""


@st.composite
def slices(draw):
    """A slice of an axis of N elements; backwards, empty, beyond the ends and with steps too."""
    ends = st.one_of(st.none(), st.integers(-N - 2, N + 2))
    return slice(draw(ends), draw(ends), draw(st.sampled_from([None, 1, 1, 1, -1, -1, 2, -2, 3])))


KEYS = {
    1: st.one_of(slices(), st.integers(-N, N - 1)),
    2: st.tuples(st.one_of(slices(), st.integers(-N, N - 1)), slices()),
}
STEPS = st.sampled_from(["set", "add", "shift", "zeros", "join", "turn", "scale", "sin", "onto"])


@st.composite
def programs(draw, rank):
    keys = KEYS[rank]
    return [(draw(STEPS), draw(keys), draw(keys), draw(st.integers(0, N))) for _ in range(draw(st.integers(1, 6)))]


def aligned(part, like):
    """As much of `part`, repeated, as fills `like`."""
    if not np.size(part):
        return np.zeros(np.shape(like))
    return np.resize(np.zeros(1), np.shape(like)) + np.sum(part) if np.shape(part) != np.shape(like) else part


def run(program, x):
    """The program: y is written to, x is read."""
    y = x * 1.5
    for step, to, key, cut in program:
        part = aligned(x[key] * 0.5 + y[key] * 0.25, y[to])
        if step == "set":
            y[to] = part
        elif step == "add":
            y[to] += part
        elif step == "shift":
            y[1:] -= 0.5 * y[:-1]
            y[:-1] += x[1:] * 0.25
        elif step == "zeros":
            z = np.zeros(x.shape)
            z[to] = part
            y = y + z
        elif step == "onto":
            z = np.ones(x.shape)
            z[to] -= part
            z[key] += 1.0
            y = z * y
        elif step == "join":
            y = np.concatenate((y[cut:], x[:cut] * 0.5))
        elif step == "turn":
            y = np.ascontiguousarray(y[::-1].T)
        elif step == "scale":
            y = y * (1.0 + 0.125 * np.mean(y[key])) if np.size(y[key]) else y * 0.5
        else:
            y = np.sin(y)
    return y


def total(program, x):
    y = run(program, x)
    return np.sum(y * y)


POINTS = {1: np.linspace(-1.0, 1.3, N), 2: np.linspace(-1.0, 1.3, N * N).reshape(N, N)}


def agrees(f, x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jitted = wg.jit(f)
        for point in (x, x + 0.25):
            np.testing.assert_allclose(jitted(point), f(point), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("rank", [1, 2])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_programs_of_slices(rank, data):
    program = data.draw(programs(rank))
    agrees(lambda x: run(program, x), POINTS[rank])


@pytest.mark.parametrize("rank", [1, 2])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_their_gradients(rank, data):
    program = data.draw(programs(rank))
    agrees(wg.grad(lambda x: total(program, x)), POINTS[rank])


@pytest.mark.parametrize("n", [1, 2, 3, 63, 64, 65, 2047, 2049, 2050, 5000])
def test_sums_over_pieces_of_any_length(n):
    def f(x):
        y = np.zeros(n + 3)
        y[2:-1] += x
        y[:-3] -= 0.5 * x * x
        return np.sum(y * y), np.max(y), np.concatenate((y[:2], x, y[-1:])).sum()

    agrees(lambda x: np.stack(f(x)), np.cos(np.arange(n) * 1.7))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_cuts_make_every_part_one_side(data):
    """For a box and a way of reading the array it lies in: each part of the cut loops is inside or outside, as NumPy says."""
    shape = (N, N)
    lies = view_forms(shape, lambda a: a[data.draw(KEYS[2])])
    seen = view_forms(shape, lambda a: a[data.draw(KEYS[2])])
    if lies is None or seen is None or not is_box(*lies):
        return
    (forms, part), (at, domain) = lies, seen
    mask, numbers = np.zeros(shape, bool), np.full(shape, -1)
    places = tuple(np.array([c + sum(a * i[k] for a, k in t) for i in np.ndindex(part)], int) for c, t in forms)
    mask[places], numbers[places] = True, np.arange(len(places[0]))
    box = whole(domain)
    mine = inner(forms, part, at, box)
    assert mine is not None
    cut = parts(cuts_between(mine, box) if mine != NOTHING else (), domain)
    count = 0
    for piece in np.ndindex(*[len(p) for p in cut]):
        ranges = tuple(p[k] for p, k in zip(cut, piece, strict=True))
        inside = lies_inside(forms, part, at, ranges)
        assert inside is not None
        for i in np.ndindex(*[high - low for low, high in ranges]):
            here = [low + j for (low, _), j in zip(ranges, i, strict=True)]
            read = tuple(c + sum(a * here[k] for a, k in t) for c, t in at)
            assert mask[read] == inside
            count += 1
            if inside:
                back = inverse(forms, len(part), at)
                of_part = tuple(c + sum(a * here[k] for a, k in t) for c, t in back)
                assert np.ravel_multi_index(of_part, part) == numbers[read] if part else True
    assert count == volume(box)
