"""Functions that move elements: values, derivatives to second order in every nesting."""

import numpy as np
import pytest
from check import check
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.default_rng(7)
V = rng.normal(size=5)
M = rng.normal(size=(3, 4))
S = rng.normal(size=(4, 4))
T = rng.normal(size=(2, 3, 4))
C = rng.normal(size=(3, 4)) + 1j * rng.normal(size=(3, 4))


def square(y):
    return y * y


MOVES = {
    "reshape": (lambda x: x.reshape(4, 3), M),
    "reshape_tuple": (lambda x: np.reshape(x, (2, -1)), M),
    "reshape_F": (lambda x: np.reshape(x, (2, 6), order="F"), M),
    "reshape_A": (lambda x: np.reshape(x.T, (2, 6), order="A"), M),
    "reshape_copy": (lambda x: np.reshape(x, (2, 6), copy=True), M),
    "reshape_scalar": (lambda x: np.reshape(x, (1, 1)), 2.5),
    "ravel": (np.ravel, T),
    "ravel_F": (lambda x: x.ravel("F"), T),
    "ravel_K": (lambda x: x.transpose(1, 2, 0).ravel("K"), T),
    "ravel_K_of_F": (lambda x: np.ravel(x.T, order="K"), T),
    "flatten": (lambda x: x.flatten(), M),
    "flatten_F": (lambda x: x.flatten("F"), M),
    "transpose": (np.transpose, T),
    "transpose_axes": (lambda x: np.transpose(x, (1, -1, 0)), T),
    "transpose_method": (lambda x: x.transpose(2, 0, 1), T),
    "permute_dims": (lambda x: np.permute_dims(x, (1, 2, 0)), T),
    "T": (lambda x: x.T, M),
    "mT": (lambda x: x.mT, T),
    "matrix_transpose": (np.matrix_transpose, T),
    "linalg_matrix_transpose": (np.linalg.matrix_transpose, T),
    "swapaxes": (lambda x: x.swapaxes(0, -1), T),
    "moveaxis": (lambda x: np.moveaxis(x, 0, -1), T),
    "moveaxis_two": (lambda x: np.moveaxis(x, (0, 2), (1, 0)), T),
    "rollaxis": (lambda x: np.rollaxis(x, 2), T),
    "rollaxis_start": (lambda x: np.rollaxis(x, 0, 3), T),
    "expand_dims": (lambda x: np.expand_dims(x, (0, 2)), M),
    "squeeze": (lambda x: np.squeeze(x[None, :, None]), M),
    "squeeze_axis": (lambda x: x[None, :, None].squeeze(axis=0), M),
    "newaxis": (lambda x: x[:, None, ..., None], M),
    "atleast_1d": (np.atleast_1d, 1.5),
    "atleast_2d": (np.atleast_2d, V),
    "atleast_3d": (np.atleast_3d, M),
    "atleast_many": (lambda x: np.atleast_2d(x, x[0], 2.0)[1], M),
    "broadcast_to": (lambda x: np.broadcast_to(x, (2, 3, 4)), M),
    "broadcast_scalar": (lambda x: np.broadcast_to(x, (2, 3)), 1.5),
    "broadcast_arrays": (lambda x: np.broadcast_arrays(x, np.ones((3, 1)), x[0])[2], S[:3]),
    "flip": (np.flip, M),
    "flip_axis": (lambda x: np.flip(x, (0, 2)), T),
    "fliplr": (np.fliplr, M),
    "flipud": (np.flipud, M),
    "rot90": (np.rot90, M),
    "rot90_k": (lambda x: np.rot90(x, 3, (0, 2)), T),
    "roll": (lambda x: np.roll(x, 2), M),
    "roll_axis": (lambda x: np.roll(x, 1, axis=1), M),
    "roll_axes": (lambda x: np.roll(x, (1, -2), axis=(0, 1)), M),
    "tile": (lambda x: np.tile(x, 3), V),
    "tile_2d": (lambda x: np.tile(x, (2, 1, 3)), M),
    "tile_short": (lambda x: np.tile(x, (2,)), T),
    "tile_scalar": (lambda x: np.tile(x, 3), 1.5),
    "repeat": (lambda x: np.repeat(x, 3), M),
    "repeat_axis": (lambda x: x.repeat(2, axis=1), M),
    "repeat_counts": (lambda x: np.repeat(x, [2, 0, 3], axis=0), M),
    "repeat_list": (lambda x: np.repeat(x, [2]), V),
    "repeat_scalar": (lambda x: np.repeat(x, 4), 1.5),
    "resize": (lambda x: np.resize(x, (2, 4)), V),
    "resize_smaller": (lambda x: np.resize(x, 3), V),
    "diag": (np.diag, V),
    "diag_k": (lambda x: np.diag(x, -2), V),
    "diag_of_matrix": (lambda x: np.diag(x, 1), M),
    "diagflat": (lambda x: np.diagflat(x, 1), M[:2, :2]),
    "diagonal": (lambda x: x.diagonal(), M),
    "diagonal_axes": (lambda x: np.diagonal(x, -1, 2, 1), T),
    "linalg_diagonal": (lambda x: np.linalg.diagonal(x, offset=1), T),
    "diag_indices": (lambda x: x[np.diag_indices(4)], S),
    "trace": (np.trace, M),
    "trace_axes": (lambda x: np.trace(x, 1, 2, 0), T),
    "trace_method": (lambda x: x.trace(), S),
    "linalg_trace": (lambda x: np.linalg.trace(x, offset=-1), T),
    "tril": (np.tril, M),
    "tril_k": (lambda x: np.tril(x, -1), T),
    "triu": (lambda x: np.triu(x, 1), M),
    "tril_vector": (np.tril, V),
    "trim_zeros": (lambda x: np.trim_zeros(np.concatenate([[0, 0], x, [0]])), V),
    "vander": (np.vander, V),
    "vander_n": (lambda x: np.vander(x, 3), V),
    "vander_increasing": (lambda x: np.vander(x, 4, increasing=True), V),
    "copy": (lambda x: x.copy(), M),
    "np_copy": (np.copy, M),
    "astype_complex": (lambda x: x.astype(complex), M),
    "np_astype": (lambda x: np.astype(x, complex), M),
    "ascontiguousarray": (lambda x: np.ascontiguousarray(x.T), M),
    "asfortranarray": (lambda x: np.asfortranarray(x), M),
    "require": (lambda x: np.require(x, float, ["C", "O"]), M),
    "windows": (lambda x: sliding_window_view(x, 3), V),
    "windows_2d": (lambda x: sliding_window_view(x, (2, 3)), M),
    "windows_axis": (lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=-1), M),
    "meshgrid": (lambda x: np.meshgrid(x, x[:2])[1], V),
    "meshgrid_ij": (lambda x: np.meshgrid(x, x[:2], indexing="ij")[0], V),
    "meshgrid_sparse": (lambda x: np.meshgrid(x, x[:2], sparse=True)[0], V),
    "ix_": (lambda x: x[np.ix_([0, 2], [1, 3])], M),
    "triu_indices": (lambda x: x[np.triu_indices(4)], S),
    "iteration": (lambda x: np.concatenate(list(x)), M),
    "complex_reshape": (lambda z: z.reshape(4, 3).T, C),
    "complex_diag": (lambda z: np.diag(np.diag(z)), C),
    "complex_repeat": (lambda z: np.repeat(z, [1, 0, 2], axis=0), C),
    "complex_copy": (lambda z: z.copy().ravel("F"), C),
    "apply_along_axis": (lambda x: np.apply_along_axis(lambda v: v[:2] * v[1], 1, x), M),
    "take_along_axis": (lambda x: np.take_along_axis(x, np.argsort(x, axis=1), axis=1), M),
    "c_": (lambda x: np.c_[x, 2 * x], V),
    "c_lists": (lambda x: np.c_[x, np.ones(5), [1, 2, 3, 4, 5]], V),
    "r_": (lambda x: np.r_[x, 0, x[0], 1:3], V),
    "r_directive": (lambda x: np.r_["0,2", x, x], V),
    "r_slice": (lambda x: np.r_[x[0] : x[0] + 2 : 5j], V),
}


@pytest.mark.parametrize("name", MOVES)
def test_move(name):
    f, x = MOVES[name]
    check(lambda x: square(f(x)), x)


PADS = {
    "constant": {},
    "constant_values": {"mode": "constant", "constant_values": ((1, 2), (3, 4))},
    "edge": {"mode": "edge"},
    "linear_ramp": {"mode": "linear_ramp", "end_values": 2.0},
    "maximum": {"mode": "maximum"},
    "minimum": {"mode": "minimum", "stat_length": 2},
    "mean": {"mode": "mean"},
    "mean_stat": {"mode": "mean", "stat_length": 2},
    "median": {"mode": "median"},
    "reflect": {"mode": "reflect"},
    "reflect_odd": {"mode": "reflect", "reflect_type": "odd"},
    "symmetric": {"mode": "symmetric"},
    "symmetric_odd": {"mode": "symmetric", "reflect_type": "odd"},
    "wrap": {"mode": "wrap"},
}


@pytest.mark.parametrize("name", PADS)
def test_pad(name):
    check(lambda x: square(np.pad(x, ((1, 2), (3, 1)), **PADS[name])), M)


def test_pad_with_recorded_constant():
    check(lambda x, v: square(np.pad(x, 2, constant_values=v)), V, 1.5)


def test_pad_by_a_function_of_the_user():
    def fill(vector, width, axis, kwargs):
        vector[: width[0]] = kwargs["with_"]
        vector[-width[1] :] = vector[width[0]]

    check(lambda x: square(np.pad(x, 2, fill, with_=0.5)), V)
    check(lambda x: square(np.pad(x, {-1: (1, 2)})), M)
