"""Functions that join and split arrays."""

import numpy as np
import pytest
from check import check

import wengert as wg

rng = np.random.default_rng(8)
V = rng.normal(size=5)
W = rng.normal(size=3)
M = rng.normal(size=(3, 4))
N = rng.normal(size=(2, 4))
T = rng.normal(size=(4, 2, 6))
C = rng.normal(size=3) + 1j * rng.normal(size=3)


def square(y):
    return y * y


JOINS = {
    "concatenate": (lambda a, b: np.concatenate([a, b]), M, N),
    "concatenate_axis": (lambda a, b: np.concatenate((a, b.T[:3]), axis=-1), M, N),
    "concatenate_flat": (lambda a, b: np.concatenate((a, b), axis=None), M, N),
    "concatenate_dtype": (lambda a, b: np.concatenate((a, b), dtype=complex), M, N),
    "concatenate_plain": (lambda a, b: np.concatenate([a, [1.0, 2], b, np.arange(3)]), V, W),
    "concatenate_same": (lambda a, b: np.concatenate([a, b, a]), V, W),
    "concat": (lambda a, b: np.concat([a, b]), V, W),
    "mixed_complex": (lambda a, z: np.concatenate([a, z]), V, C),
    "stack": (lambda a, b: np.stack([a[:3], b]), V, W),
    "stack_axis": (lambda a, b: np.stack([a[:2], b, np.ones((2, 4))], axis=1), M, N),
    "stack_last": (lambda a, b: np.stack([a, b, a], axis=-1), W, W[::-1].copy()),
    "stack_scalars": (lambda a, b: np.stack([x * y for x, y in zip(a, b, strict=False)]), V, W),
    "stack_complex": (lambda a, z: np.stack([a, z]), W, C),
    "vstack": (lambda a, b: np.vstack([a, b]), M, N),
    "vstack_vectors": (lambda a, b: np.vstack((a[:3], b)), V, W),
    "hstack": (lambda a, b: np.hstack([a, b, 1.0]), V, W),
    "hstack_scalars": (lambda a, b: np.hstack([a[0], b[0] * a[1]]), V, W),
    "hstack_matrices": (lambda a, b: np.hstack([a, a * 2.0]) * b[0, 0], M, N),
    "dstack": (lambda a, b: np.dstack([a[:2], b]), M, N),
    "column_stack": (lambda a, b: np.column_stack([a[:3], b]), V, W),
    "row_of_columns": (lambda a, b: np.column_stack([a, b.T[:3]]), M, N),
    "block": (lambda a, b: np.block([[a, np.zeros((3, 2))], [b, np.eye(2)]]), M, N),
    "block_mixed": (lambda a, b: np.block([a, b[0], 2.0]), V, W),
    "append": (lambda a, b: np.append(a, b), M, N),
    "append_axis": (lambda a, b: np.append(a, b, axis=0), M, N),
    "append_scalar": (lambda a, b: np.append(a, b[0]), V, W),
    "insert": (lambda a, b: np.insert(a, 2, b[0]), V, W),
    "insert_many": (lambda a, b: np.insert(a, [0, 2, 2], b), V, W),
    "insert_axis": (lambda a, b: np.insert(a, 1, b[0], axis=0), M, N),
    "insert_slice": (lambda a, b: np.insert(a, slice(0, 3), b), V, W),
    "delete": (lambda a, b: np.delete(a, 1) * b[0], V, W),
    "delete_axis": (lambda a, b: np.delete(a, [0, 2], axis=1) * b[0, 0], M, N),
    "delete_mask": (lambda a, b: np.delete(a, np.array([True, False, True, False, False])) * b, V, W),
    "delete_slice": (lambda a, b: np.delete(a, slice(0, 2)) * b, V, W),
    "kron": (lambda a, b: np.kron(a, b), M, N),
    "kron_vectors": (lambda a, b: np.kron(a, b), V, W),
    "kron_ranks": (lambda a, b: np.kron(a[0], b), M, N),
    "r_": (lambda a, b: np.r_[a, b, 1.0], V, W),
    "c_": (lambda a, b: np.c_[a, b.T[:3]], M, N),
    "add_lists": (lambda a, b: np.array(list(a) + list(b)), V, W),
    "out": (lambda a, b: np.concatenate([a, b], out=np.zeros(8)), V, W),
}


@pytest.mark.parametrize("name", JOINS)
def test_join(name):
    f, a, b = JOINS[name]
    check(lambda a, b: square(f(a, b)), a, b)


SPLITS = {
    "split": (lambda x: np.split(x, 2)[1], T),
    "split_at": (lambda x: np.split(x, [1, 3])[1], T),
    "split_axis": (lambda x: np.split(x, 3, axis=-1)[2], T),
    "split_empty": (lambda x: np.concatenate(np.split(x, [2, 1, 9])), T),
    "array_split": (lambda x: np.array_split(x, 3)[2], V),
    "hsplit": (lambda x: np.hsplit(x, 2)[0], T),
    "hsplit_vector": (lambda x: np.hsplit(x, [2])[1], V),
    "vsplit": (lambda x: np.vsplit(x, 2)[0], T),
    "dsplit": (lambda x: np.dsplit(x, [2, 3])[1], T),
    "unstack": (lambda x: np.unstack(x)[2] * np.unstack(x, axis=-1)[0][0, 0], T),
    "unpack": (lambda x: (lambda a, *rest: a * rest[1])(*x), T),
}


@pytest.mark.parametrize("name", SPLITS)
def test_split(name):
    f, x = SPLITS[name]
    check(lambda x: square(f(x)), x)


def message(f, *args):
    try:
        f(*args)
    except Exception as error:
        return type(error), str(error)
    return None, ""


ERRORS = {
    "reshape": lambda x: np.reshape(x, (4, 5)),
    "transpose": lambda x: np.transpose(x, (0, 5)),
    "transpose_repeated": lambda x: np.transpose(x, (0, 0)),
    "squeeze": lambda x: np.squeeze(x, axis=0),
    "expand_dims": lambda x: np.expand_dims(x, 7),
    "swapaxes": lambda x: np.swapaxes(x, 0, 5),
    "moveaxis": lambda x: np.moveaxis(x, 0, 5),
    "broadcast_to": lambda x: np.broadcast_to(x, (3, 5)),
    "concatenate": lambda x: np.concatenate([x, x.T]),
    "concatenate_none": lambda x: np.concatenate([x, 1.0]),
    "stack": lambda x: np.stack([x, x.T]),
    "split": lambda x: np.split(x, 2),
    "hsplit": lambda x: np.hsplit(x[0, 0] * np.ones(()), 2),
    "matmul": lambda x: x @ x,
    "matmul_scalar": lambda x: np.matmul(x, 2.0),
    "dot": lambda x: np.dot(x, x),
    "inner": lambda x: np.inner(x, x.T),
    "tensordot": lambda x: np.tensordot(x, x, 1),
    "tensordot_axes": lambda x: np.tensordot(x, x, ([0], [5])),
    "einsum": lambda x: np.einsum("ij,jk->ik", x, x),
    "einsum_rank": lambda x: np.einsum("ijk->ik", x),
    "einsum_label": lambda x: np.einsum("ij->ik", x),
    "vdot": lambda x: np.vdot(x, x[0]),
    "vecdot": lambda x: np.vecdot(x, x[:, :2]),
    "cross": lambda x: np.cross(x, x),
    "trace": lambda x: np.trace(x[0]),
    "diag": lambda x: np.diag(x[None]),
    "diagonal": lambda x: np.diagonal(x[0]),
    "array": lambda x: np.array([x[0], x[:, 0]]),
    "pad": lambda x: np.pad(x, 1, mode="nonsense"),
    "tile": lambda x: np.tile(x, -1),
    "repeat": lambda x: np.repeat(x, [1, 2], axis=0),
    "atleast": lambda x: np.matrix_transpose(x[0]),
    "linalg_outer": lambda x: np.linalg.outer(x, x),
    "insert": lambda x: np.insert(x, 99, 1.0),
    "delete": lambda x: np.delete(x, 99),
    "unstack": lambda x: np.unstack(np.sum(x)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_those_of_numpy(name):
    x = np.arange(12.0).reshape(3, 4)
    kind, text = message(ERRORS[name], x)
    got, got_text = message(wg.jvp, ERRORS[name], (x,), (x,))
    assert kind is not None
    assert issubclass(got, kind)
    assert got_text.startswith(text)


def test_iterators_are_refused_as_numpy_refuses_them():
    with pytest.raises(TypeError, match="needs to be a sequence"):
        wg.grad(lambda x: np.sum(np.concatenate(part for part in [x, x])))(np.ones(3))
