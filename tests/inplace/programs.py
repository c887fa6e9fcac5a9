"""In-place programs of every kind: each takes one float array of shape (3, 4) and returns a number."""

import numpy as np

PROGRAMS = {}


def program(f):
    PROGRAMS[f.__name__] = f
    return f


@program
def fill_scalars(x):
    y = np.zeros(12)
    for k in range(12):
        y[k] = x[k // 4, k % 4] ** 2
    return np.sum(y * y)


@program
def fill_through_tuple(x):
    y = np.empty((4, 3))
    for i in range(4):
        for j in range(3):
            y[i, j] = x[j, i] * (i + 1)
    return np.sum(np.sin(y))


@program
def fill_rows(x):
    y = np.zeros((3, 4))
    for i in range(3):
        y[i] = x[i] * x[i - 1]
    return np.sum(y * x)


@program
def prefix_sums(x):
    y = x.copy()
    for k in range(1, 4):
        y[:, k] += y[:, k - 1]
    return np.sum(y**2)


@program
def augmented_all(x):
    y = x * 1.0
    y += x
    y -= 0.5
    y *= x
    y /= 2.0 + np.sin(x)
    return np.sum(y * y)


@program
def augmented_element(x):
    y = x * 1.0
    y[0, 0] += 3.0
    y[1, 2] *= y[0, 1]
    y[2, 3] -= y[2, 3] * y[2, 2]
    y[0, 3] /= 2.0
    return np.sum(y * y)


@program
def augmented_power(x):
    y = x * x + 1.0
    y **= 2
    y[0] **= 1.5
    return np.sum(np.log(y))


@program
def alias(x):
    x = x * 1.0
    y = x
    y *= 2.0
    return np.sum(x * y)


@program
def row_view(x):
    y = x * 1.0
    row = y[1]
    row[:] = 0.0
    row[2] = x[0, 0]
    return np.sum(y * y * x)


@program
def view_reads_after_write(x):
    y = x * 1.0
    row = y[1]
    y[1, 1] = x[2, 2] * 3.0
    return np.sum(row * row)


@program
def view_of_view(x):
    y = x * 1.0
    block = y[1:][:, ::2]
    inner = block[1]
    inner[0] = x[0, 1] * x[0, 2]
    block *= 2.0
    return np.sum(y**3)


@program
def write_through_transpose(x):
    y = x * 1.0
    t = y.T
    t[1] = x[:, 0] * 2.0
    t[2, 0] += 1.0
    return np.sum(y * x)


@program
def write_through_reshape(x):
    y = x * 1.0
    flat = y.reshape(-1)
    flat[5:9] = flat[:4] * x[1]
    flat[3] = 0.0
    return np.sum(y * y)


@program
def write_through_ravel(x):
    y = x * 1.0
    y.ravel()[::5] = x[:, 1]
    return np.sum(np.cos(y))


@program
def reshape_that_copies(x):
    y = x * 1.0
    copy = y.T.reshape(-1)
    copy[:] = 7.0
    return np.sum(y * y) + np.sum(copy)


@program
def negative_strides(x):
    y = x * 1.0
    back = y[::-1, ::-1]
    back[0] = back[1] * back[2]
    back[1, ::2] = 1.5
    return np.sum(y * x)


@program
def overlapping(x):
    y = x.reshape(-1) * 1.0
    y[1:] = y[:-1]
    y[:-2] += y[2:]
    y[::-1] += y
    return np.sum(y * x.reshape(-1))


@program
def fortran_order(x):
    y = np.zeros((3, 4), order="F")
    y[:] = x
    y[:, 1] = y[:, 0] * y[:, 2]
    y.T[3] = 2.0 * x[:, 3]
    return np.sum(y * y)


@program
def fortran_views_after_update(x):
    y = np.zeros((4, 3)) + 1.0
    flat = y.reshape(-1)
    y += x.T
    flat[0] = x[1, 1] * 2.0
    y *= x.T
    flat[3:5] = 0.25
    return np.sum(y * y)


@program
def mask_assign(x):
    y = x * 1.0
    y[y > 0.3] = 0.5
    y[x < -0.2] = x[x < -0.2] * 3.0
    return np.sum(y * y)


@program
def mask_augmented(x):
    y = x * 1.0
    m = x > 0
    y[m] *= x[m]
    y[~m] += 1.0
    y[np.any(m, axis=1)] -= 0.1
    return np.sum(y**3)


@program
def fancy_assign_with_duplicates(x):
    y = np.zeros(5)
    y[[0, 1, 1, 4]] = x[0]
    y[np.array([2, 2])] = x[1, :2]
    return np.sum(y * np.array([1.0, 2.0, 3.0, 4.0, 5.0]) * y)


@program
def fancy_augmented_with_duplicates(x):
    y = x[0] * 1.0
    y[[0, 0, 1]] += x[1, :3]
    y[[3, 3]] *= x[2, :2]
    return np.sum(y * y)


@program
def fancy_pairs(x):
    y = x * 1.0
    i, j = np.array([0, 2, 1]), np.array([1, 1, 3])
    y[i, j] = x[j[::-1] % 3, i] * 2.0
    y[i[:, None], [0, 2]] += 1.0
    y[1:, [0, 1]] *= x[:2, [2, 3]]
    return np.sum(y * y)


@program
def add_at(x):
    y = np.zeros(3)
    np.add.at(y, [0, 2, 0, 2], x[0])
    np.add.at(y, [1], x[1, 0] * x[1, 1])
    return np.sum(y * y)


@program
def add_at_rows(x):
    y = x * 1.0
    np.add.at(y, (slice(None), [1, 1, 2]), x[:, :3] * 2.0)
    return np.sum(y * y)


@program
def subtract_at_on_a_view(x):
    y = x * 1.0
    np.subtract.at(y[1], [3, 3], x[0, :2])
    return np.sum(y * y)


@program
def zero_d(x):
    y = np.array(x[0, 0])
    y += x[0, 1]
    y[...] = y * 2.0
    y[()] += x[0, 2]
    z = y
    z *= y
    return y * z


@program
def zero_d_view(x):
    y = x * 1.0
    place = y[1, 2, ...]
    place[...] = x[0, 0] * 3.0
    place += 1.0
    return np.sum(y * y)


@program
def newaxis_views(x):
    y = x * 1.0
    y[:, None, 1][:, 0] = x[:, 0] * 2.0
    y[None, ..., 2] -= x[:, 3]
    return np.sum(y * x)


@program
def out_keyword(x):
    y = np.empty_like(x)
    np.multiply(x, x, out=y)
    np.sin(y, out=y)
    np.add(y, x, out=y)
    return np.sum(y * y)


@program
def out_into_a_view(x):
    y = x * 1.0
    np.multiply(x[0], x[1], out=y[2])
    np.exp(y[0], out=y[:, :4][1])
    return np.sum(y * y)


@program
def out_with_where(x):
    y = x * 1.0
    np.multiply(x, 3.0, out=y, where=x > 0.1)
    np.negative(y[1], out=y[1], where=np.array([True, False, True, False]))
    return np.sum(y * y)


@program
def out_of_reductions(x):
    y = np.zeros(4)
    np.sum(x * x, axis=0, out=y)
    z = np.zeros((2, 3))
    np.sum(x, axis=1, out=z[1])
    return np.sum(y * y) + np.sum(z * z)


@program
def out_aliases_its_input(x):
    y = x * 1.0
    np.multiply(y, y[::-1], out=y)
    np.subtract(y.T, 1.0, out=y.T)
    return np.sum(y * y)


@program
def copyto_and_put(x):
    y = np.zeros((3, 4))
    np.copyto(y, x)
    np.copyto(y[0], x[1] * 2.0, where=np.array([True, True, False, False]))
    y.flat[3] = x[0, 0] * 4.0
    y.flat[[5, 7]] = x[0, :2]
    return np.sum(y * y)


@program
def fill_and_sort(x):
    y = x * 1.0
    y[1].fill(2.0)
    y[0, 1:].fill(x[2, 0])
    return np.sum(y * y)


@program
def swap_rows(x):
    y = x * 1.0
    y[[0, 1]] = y[[1, 0]]
    y[0], y[2] = y[2].copy(), y[0].copy()
    a, b = y[0, 0], y[1, 1]
    y[0, 0], y[1, 1] = b, a
    return np.sum(y * x * np.arange(12.0).reshape(3, 4))


@program
def scratch_in_a_loop(x):
    work = np.zeros(4)
    total = 0.0
    for i in range(3):
        work[:] = x[i] * x[i]
        work += 1.0
        total = total + np.sum(np.sqrt(work)) * work[0]
    return total


@program
def gaussian_elimination(x):
    a = x[:, :3] @ x[:, :3].T + 3.0 * np.eye(3)
    b = x[:, 3] * 1.0
    for k in range(3):
        for i in range(k + 1, 3):
            factor = a[i, k] / a[k, k]
            a[i, k:] -= factor * a[k, k:]
            b[i] -= factor * b[k]
    y = np.zeros(3)
    for k in (2, 1, 0):
        y[k] = (b[k] - np.sum(a[k, k + 1 :] * y[k + 1 :])) / a[k, k]
    return np.sum(y * y)


@program
def heat_equation(x):
    u = x.reshape(-1) * 1.0
    for _ in range(4):
        u[1:-1] += 0.2 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u[0], u[-1] = u[1], 0.0
    return np.sum(u * u)


@program
def buffer_handed_to_a_helper(x):
    def accumulate(buffer, values):
        buffer += values
        buffer[0] *= 2.0

    y = np.zeros((3, 4))
    for i in range(3):
        accumulate(y[i], x[i])
        accumulate(y[:, i], x[:, 0])
    return np.sum(y * y)


@program
def list_of_arrays(x):
    rows = list(x * 1.0)
    for row in rows:
        row[0] = row[1] * row[2]
    return np.sum(np.stack(rows) * x)


@program
def iterate_and_write(x):
    y = x * 1.0
    for row in y:
        row *= row[0]
        row[-1] = 0.0
    return np.sum(y * y)


@program
def constant_array_becomes_recorded(x):
    c = np.ones((3, 4))
    before = np.sum(c * x)
    view = c[1]
    c[1, 1] = x[0, 0]
    after = np.sum(view * x[1])
    view *= 3.0
    return before + after * np.sum(c)


@program
def value_kept_from_before(x):
    y = x * 1.0
    z = np.exp(y)
    first = z * 1.0
    z[:] = 0.0
    y[0] = 100.0
    return np.sum(first * x) + np.sum(z) + np.sum(y)


@program
def number_read_before_a_write(x):
    y = x * 1.0
    a = y[0, 0]
    y[0, 0] = 5.0
    return a * a * y[0, 0]


@program
def complex_parts(x):
    z = np.zeros(4, complex)
    z.real = x[0]
    z.imag[1:] = x[1, 1:] * x[0, 0]
    z[0] *= 1j
    z.real[2] += 3.0
    return np.sum(np.real(z * np.conj(z)) * x[2])


@program
def complex_writes(x):
    z = x[0] + 1j * x[1]
    z[1:3] *= z[0]
    z[3] = x[2, 2]
    z -= 1j * x[2]
    return np.sum(np.real(z) ** 2) + np.sum(np.imag(z))


@program
def object_identity(x):
    y = x * 1.0
    z = y
    z += 1.0
    assert z is y
    w = y[...]
    w *= x
    return np.sum(z * y)


@program
def diagonal_writes(x):
    a = np.zeros((3, 3))
    i = np.arange(3)
    a[i, i] = x[:, 0]
    a[i[:-1], i[1:]] = x[0, 1:3]
    np.fill_diagonal(a, x[1, :3] * 2.0)
    return np.sum(a @ a)


@program
def empty_writes(x):
    y = x * 1.0
    y[3:] = 7.0
    y[:0] *= x[:0]
    y[[]] = 1.0
    return np.sum(y * y)


@program
def broadcast_values(x):
    y = np.zeros((2, 3, 4))
    y[:] = x
    y[1] *= x[:, :1]
    y[..., 2] = x[0, 0]
    y[:, 1:2] += x[2]
    return np.sum(y * y)


@program
def write_inside_a_branch(x):
    y = x * 1.0
    for i in range(3):
        if y[i, 0] > 0:
            y[i, 1:] = y[i, 0] * y[i, :-1]
        else:
            y[i] = -y[i]
    while y[0, 0] < 2.0:
        y[0, 0] += x[0, 0] ** 2 + 0.5
    return np.sum(y * y)
