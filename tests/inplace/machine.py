"""The instructions of random in-place programs: what runs on plain arrays runs on recorded ones."""

import numpy as np

import wengert as wg

NUMBERS = (0.0, 1.5, -0.75, 2.0)


def basic_keys(shape):
    """Keys that give views (or numbers) of an array of this shape."""
    keys = [Ellipsis, (Ellipsis, None), (None,)]
    if shape:
        keys += [slice(None), slice(None, None, -1), slice(1, None), slice(None, None, 2), slice(None, -1)]
        keys += [(None, slice(None)), slice(2, 2)]
        if shape[0]:
            keys += [0, -1, (Ellipsis, slice(0, 1)) if shape[-1] else 0]
    if len(shape) > 1:
        keys += [
            (slice(None), slice(None, None, -1)),
            (slice(1, None), slice(None, -1)),
            (slice(None), None, slice(1, None)),
        ]
        if shape[1]:
            keys += [(slice(None), 0), (Ellipsis, -1), (slice(None, None, -1), shape[1] - 1)]
        if shape[0] and shape[1]:
            keys += [(0, 0), (-1, shape[1] - 1), (0, slice(None, None, -2))]
    if not shape:
        keys += [()]
    return keys


def fancy_keys(shape):
    """Keys that give copies, repeated places included."""
    size = int(np.prod(shape))
    keys = [np.reshape(np.arange(size) % 3 != 1, shape), np.zeros(shape, bool), np.True_]
    if shape:
        keys += [np.arange(shape[0]) % 2 == 0, []]
        if shape[0]:
            keys += [[0, -1, 0], np.array([[0, -1], [-1, 0]]), [-1], np.arange(shape[0])[::-1]]
    if len(shape) > 1 and shape[0] and shape[1]:
        keys += [
            ([0, -1], [0, -1]),
            (slice(None), [0, -1, 0]),
            (np.array([[0], [-1]]), np.array([0, 0])),
            (0, [0, -1]),
            ([0, 0], slice(None, None, -1)),
            (slice(None), np.arange(shape[1]) % 2 == 0),
        ]
    return keys


def view(a, how):
    """One of the ways to make a view."""
    if how == 0:
        return a.T
    if how == 1:
        return a.reshape(-1)
    if how == 2:
        return a.ravel()
    if how == 3:
        return np.swapaxes(a, 0, -1) if np.ndim(a) else a.reshape(1)
    if how == 4:
        return np.expand_dims(a, 0)
    if how == 5:
        return np.squeeze(a)
    if how == 6:
        return a.reshape(a.shape[::-1])
    return a[...]


def fresh(x, how):
    """A new array, recorded or not (yet)."""
    if how == 0:
        return np.zeros((3, 4))
    if how == 1:
        return np.full((2, 3), 0.5)
    if how == 2:
        return x * x[0]
    if how == 3:
        return np.array([x[0, 0], 2.0, x[1, 2]])
    if how == 4:
        return np.array(x[1, 1])
    if how == 5:
        return np.asfortranarray(np.ones((4, 3))) * x.T
    if how == 6:
        return np.zeros((4, 3), order="F")
    if how == 7:
        return x.copy()
    return np.zeros_like(x[0])


def augment(a, key, op, value):
    """a[key] op= value, as Python executes it."""
    if op == 0:
        a[key] += value
    elif op == 1:
        a[key] -= value
    elif op == 2:
        a[key] *= value
    else:
        a[key] /= 2.0 + np.sin(value)


def augment_whole(a, op, value):
    """a op= value for the array itself."""
    if op == 0:
        a += value
    elif op == 1:
        a -= value
    elif op == 2:
        a *= value
    else:
        a /= 2.0 + np.sin(value)


def through_out(a, how, other):
    """A ufunc that stores its result in a."""
    if how == 0:
        np.sin(a, out=a)
    elif how == 1:
        np.multiply(a, other, out=a)
    elif how == 2:
        np.add(other, 1.0, out=a, where=np.reshape(np.arange(a.size) % 2 == 0, a.shape))
    else:
        np.subtract(a, a[::-1] if a.ndim else a, out=a)


def inner(a, key, x, how):
    """A derivative of a function that reads, and writes into, an array of the outer level."""

    def f(t):
        b = np.array(np.sin(a * t))
        b[...] = b * t
        a[key] = x[0, 1]
        return np.sum(b) + t * np.sum(a)

    point = x[0, 2] if how % 2 else 0.7
    return wg.grad(f)(point) if how < 2 else wg.derivative(f)(point)


def fitted(value, region):
    """The value if it can be assigned to the region, else one number made of it."""
    shape = np.shape(region)
    try:
        fits = np.broadcast_shapes(np.shape(value), shape) == shape
    except ValueError:
        fits = False
    return value if fits else 0.5 * np.tanh(np.sum(value))


def execute(env, x, instruction):
    """Carry out one instruction on the arrays of env, in place."""
    name, k, *rest = instruction
    a = env[k % len(env)]
    if name == "fresh":
        env.append(fresh(x, rest[0]))
    elif name == "view":
        env.append(view(a, rest[0]))
    elif name == "slice":
        env.append(as_array(a[pick(basic_keys(np.shape(a)), rest[0])]))
    elif name == "gather":
        env.append(as_array(a[pick(fancy_keys(np.shape(a)), rest[0])]))
    elif name == "function":
        env.append(as_array(np.tanh(a) * env[0][0, 0] + 0.5 * a))
    elif name == "alias":
        env.append(a)
    elif name == "inner":
        env.append(as_array(np.tanh(inner(a, pick(basic_keys(np.shape(a)), rest[0]), x, rest[1]))))
    else:
        change(env, x, instruction, a, *rest)


def change(env, x, instruction, a, choice, source, extra):
    """The instructions that write into a."""
    name = instruction[0]
    value = pick([*NUMBERS, x[0, 3], *env], source)
    keys = fancy_keys(np.shape(a)) if name in ("scatter", "augment fancy", "at") else basic_keys(np.shape(a))
    key = pick(keys, choice)
    if name in ("assign", "scatter"):
        a[key] = fitted(value, a[key])
    elif name in ("augment", "augment fancy"):
        augment(a, key, extra % 4, fitted(value, a[key]))
    elif name == "augment whole":
        augment_whole(a, extra % 4, fitted(value, a))
    elif name == "out":
        through_out(a, extra % 4, fitted(value, a))
    elif name == "at":
        ufunc = (np.add, np.subtract, np.multiply)[extra % 3]
        # NumPy 2.4 reads past the end of values that must be broadcast: give it as many as there are places.
        ufunc.at(a, key, 1.0 * np.broadcast_to(fitted(value, a[key]), np.shape(a[key])))
    elif name == "method":
        if extra % 2:
            a.fill(value if np.ndim(value) == 0 else 0.25)
        else:
            a.flat[::2] = fitted(value, np.ravel(a)[::2])


def pick(choices, k):
    return choices[k % len(choices)]


def as_array(a):
    """Numbers that came out of an index, as 0-d arrays that can be written to."""
    return np.array(a) if np.ndim(a) == 0 else a
