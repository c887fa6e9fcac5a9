"""Views stay views: a write through one changes its owner, as in NumPy, and so does the derivative."""

import numpy as np
import pytest
from check import check

import wengert as wg
from wengert.errors import NoDerivative

rng = np.random.default_rng(10)
M = rng.normal(size=(4, 6))
T = rng.normal(size=(2, 3, 4))
C = rng.normal(size=(4, 6)) + 1j * rng.normal(size=(4, 6))

VIEWS = {
    "same": lambda y: y[...],
    "asarray": lambda y: np.asarray(y),
    "asanyarray": lambda y: np.asanyarray(y),
    "array_nocopy": lambda y: np.array(y, copy=None),
    "ascontiguousarray": lambda y: np.ascontiguousarray(y),
    "require": lambda y: np.require(y, requirements="W"),
    "view": lambda y: y.view(),
    "slice": lambda y: y[::2],
    "negative_slice": lambda y: y[::-1, 1:-1:2],
    "row": lambda y: y[1],
    "newaxis": lambda y: y[:, None],
    "element": lambda y: y[1, 2:3],
    "T": lambda y: y.T,
    "mT": lambda y: y.mT,
    "transpose": lambda y: np.transpose(y, (1, 0)),
    "swapaxes": lambda y: y.swapaxes(0, 1),
    "moveaxis": lambda y: np.moveaxis(y, 0, 1),
    "rollaxis": lambda y: np.rollaxis(y, 1),
    "reshape": lambda y: y.reshape(3, 8),
    "reshape_twice": lambda y: y.reshape(2, 12).reshape(-1),
    "reshape_split": lambda y: y[:, ::2].reshape(2, 2, 3),
    "ravel": lambda y: y.ravel(),
    "ravel_F_of_T": lambda y: y.T.ravel("F"),
    "ravel_K": lambda y: y.T.ravel("K"),
    "expand_dims": lambda y: np.expand_dims(y, 1),
    "squeeze": lambda y: y[1:2].squeeze(),
    "squeeze_none": lambda y: np.squeeze(y),
    "atleast_1d": lambda y: np.atleast_1d(y),
    "atleast_2d": lambda y: np.atleast_2d(y[0]),
    "atleast_3d": lambda y: np.atleast_3d(y),
    "flip": lambda y: np.flip(y),
    "flip_axis": lambda y: np.flip(y, 1),
    "fliplr": lambda y: np.fliplr(y),
    "flipud": lambda y: np.flipud(y),
    "rot90": lambda y: np.rot90(y),
    "split": lambda y: np.split(y, 2)[1],
    "split_axis": lambda y: np.split(y, [1, 4], axis=1)[1],
    "array_split": lambda y: np.array_split(y, 3)[0],
    "hsplit": lambda y: np.hsplit(y, 3)[2],
    "vsplit": lambda y: np.vsplit(y, 2)[0],
    "unstack": lambda y: np.unstack(y, axis=1)[3],
    "row_of_iteration": lambda y: list(y)[2],
    "nested": lambda y: y.T[1:3].reshape(2, 2, 2)[:, 1].T[::-1],
    "einsum_diagonal": lambda y: np.einsum("ii->i", y[:, :4]),
    "einsum_transpose": lambda y: np.einsum("ij->ji", y),
    "broadcast_same": lambda y: np.broadcast_arrays(y, y[0])[0],
    "trim_zeros": lambda y: np.trim_zeros(y[0]),
    "astype_nocopy": lambda y: y.astype(float, copy=False),
    "meshgrid_nocopy": lambda y: np.meshgrid(y[0], y[1], copy=False, sparse=True)[0],
    "diagonal_of_flat": lambda y: y.reshape(-1)[::7],
}
COPIES = {
    "copy": lambda y: y.copy(),
    "np_copy": lambda y: np.copy(y),
    "array": lambda y: np.array(y),
    "flatten": lambda y: y.flatten(),
    "ravel_T": lambda y: y.T.ravel(),
    "reshape_T": lambda y: y.T.reshape(3, 8),
    "ascontiguous_T": lambda y: np.ascontiguousarray(y.T),
    "asfortranarray": lambda y: np.asfortranarray(y),
    "array_F": lambda y: np.asarray(y, order="F"),
    "fancy": lambda y: y[[0, 1]],
    "mask": lambda y: y[y > 0],
    "astype": lambda y: y.astype(float),
    "repeat": lambda y: np.repeat(y, 1),
    "tile": lambda y: np.tile(y, 1),
    "roll": lambda y: np.roll(y, 0),
    "concatenate": lambda y: np.concatenate([y]),
    "stack": lambda y: np.stack([y]),
    "tril": lambda y: np.tril(y, 9),
    "pad": lambda y: np.pad(y, 0),
    "take": lambda y: np.take(y, [0, 1]),
    "require_owned": lambda y: np.require(y.T, requirements="O"),
    "reshape_copy": lambda y: y.reshape(-1, copy=True),
    "meshgrid": lambda y: np.meshgrid(y[0], y[1])[0],
}


def written(view):
    """Write through the view in several ways; the owner and the view afterwards."""

    def f(x):
        y = x * 1.0
        v = view(y)
        v[0] = v[-1] * 2.0
        v *= v
        y[0] += 1.0
        v[...] += x[0, 0]
        y *= 1.5
        return y, v * v

    return f


@pytest.mark.parametrize("name", VIEWS | COPIES)
def test_write_through(name):
    check(written((VIEWS | COPIES)[name]), M)


@pytest.mark.parametrize("name", VIEWS)
def test_is_a_view(name):
    def f(x):
        y = x * 1.0
        VIEWS[name](y)[...] = 0.0
        return y

    assert np.sum(f(M) == 0), "NumPy itself returns a copy"
    value, slope = wg.jvp(f, (M,), (M,))
    np.testing.assert_array_equal(value, f(M))
    np.testing.assert_array_equal(slope, f(M))
    np.testing.assert_array_equal(wg.vjp(f, M)[1](np.ones_like(M))[0], f(M) != 0)


READ_ONLY = {
    "diagonal": lambda y: y.diagonal(),
    "np_diagonal": lambda y: np.diagonal(y, 1),
    "diag": lambda y: np.diag(y),
    "broadcast_to": lambda y: np.broadcast_to(y, (2, 4, 6)),
    "windows": lambda y: np.lib.stride_tricks.sliding_window_view(y, 2, axis=0),
}


@pytest.mark.parametrize("name", READ_ONLY)
def test_read_only_views_refuse_writes(name):
    def f(x):
        y = x * 1.0
        READ_ONLY[name](y)[...] = 0.0
        return y

    for run in (f, lambda x: wg.jvp(f, (x,), (x,)), lambda x: wg.vjp(f, x)):
        with pytest.raises(ValueError, match="read-only"):
            run(M)


@pytest.mark.parametrize("name", READ_ONLY)
def test_read_only_views_see_writes(name):
    def f(x):
        y = x * 1.0
        v = READ_ONLY[name](y)
        before = v * v
        y[1] *= y[0, 0]
        return before, v * v

    check(f, M)


def test_real_and_imaginary_parts_are_views():
    def f(z):
        w = z * 1.0
        w.real[0] = w.imag[1] * 2.0
        w.imag *= 3.0
        w.real[:, 1] += z.imag[:, 0]
        w.imag[2] = 0.0
        return w, w.real * w.imag

    check(f, C)
    check(lambda x: f(x + 1j * x[::-1]), M)


def test_real_part_of_a_real_array_is_itself():
    def f(x):
        y = x * 1.0
        y.real[0] = 2.0
        return y * x

    check(f, M)


def test_as_strided():
    check(lambda x: np.lib.stride_tricks.as_strided(x * 2.0, (2,), (8,)), M)


def test_writeable_windows_are_refused():
    with pytest.raises(NoDerivative, match="overlap"):
        wg.jvp(lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=0, writeable=True), (M,), (M,))


def test_flat():
    def f(x):
        y = x * 1.0
        y.flat[::5] = y.flat[1] * y.flat[2]
        y.T.flat[3] = 1.0
        return y

    check(f, M)
