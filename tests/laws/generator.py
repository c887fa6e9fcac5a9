"""Random small programs: arithmetic, functions, reductions, branches, loops, views and in-place writes.

A program is a list of instructions over a list of arrays of shape (3,) or (3, 3) and of numbers, all of
moderate size. Every instruction keeps values moderate, so that differences stay trustworthy.
"""

import numpy as np
from hypothesis import strategies as st

UNARY = (
    np.sin,
    np.cos,
    np.tanh,
    np.arctan,
    np.exp,
    np.square,
    np.negative,
    np.expm1,
    np.sinh,
    lambda v: np.sqrt(1.0 + v * v),
    lambda v: np.log1p(v * v),
    lambda v: 1.0 / (2.0 + v * v),
    lambda v: (1.5 + np.sin(v)) ** 1.5,
    lambda v: np.abs(v - 0.0123),
    lambda v: np.where(v > 0.0321, v * v, -v),
    lambda v: np.maximum(v, 0.0457),
    lambda v: np.clip(v, -0.6123, 0.7345),
    lambda v: v**3,
    lambda v: 2.0**v,
    lambda v: v * 1.0,
)
BINARY = (
    np.add,
    np.subtract,
    np.multiply,
    lambda a, b: a / (2.0 + np.cos(b)),
    np.hypot,
    np.arctan2,
    np.logaddexp,
    np.minimum,
    lambda a, b: (1.5 + np.sin(a)) ** b,
    lambda a, b: a if np.sum(a) > np.sum(b) else b * a,
    lambda a, b: np.dot(a, b) if np.ndim(a) and np.ndim(b) else a * b,
)
SHAPING = (
    np.sum,
    np.mean,
    np.max,
    lambda v: v.T if np.ndim(v) else v,
    lambda v: v[::-1] if np.ndim(v) else v,
    lambda v: v[1] if np.ndim(v) else v,
    lambda v: np.sum(v, axis=0),
    lambda v: np.cumsum(v, axis=0) if np.ndim(v) else v,
    lambda v: np.linalg.norm(v) if np.ndim(v) == 1 else v * 0.5,
    lambda v: np.sort(v, axis=0) if np.ndim(v) else v,
    lambda v: np.stack([v, 2.0 * v, -v])[:, 0] if np.ndim(v) else np.array([v, v * v, 1.0]),
    lambda v: np.outer(v, v) if np.ndim(v) == 1 else v,
    lambda v: v.reshape(-1)[:3] if np.ndim(v) else v,
    lambda v: np.var(v),
    lambda v: np.concatenate([v[:1], v[1:] * 2.0]) if np.ndim(v) else v,
    lambda v: np.linalg.solve(np.eye(3) * 4.0 + np.tanh(v), v) if np.ndim(v) == 2 else v,
)

INSTRUCTIONS = st.one_of(
    st.tuples(st.just("unary"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("binary"), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("shape"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("branch"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("loop"), st.integers(0, 99), st.integers(1, 4)),
    st.tuples(st.just("fill"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("write"), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("augment"), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)),
)
PROGRAMS = st.lists(INSTRUCTIONS, min_size=1, max_size=9)


def run(program, x):
    """The arrays and numbers that the program makes of x, of shape (3,), as one number."""
    env = [x, np.outer(x, x), x[0]]
    for name, *rest in program:
        v = env[rest[0] % len(env)]
        env.append(tame(INTERPRET[name](env, v, *rest[1:])))
    return sum(np.sum(np.cos(0.7 * k) * v) for k, v in enumerate(env[3:]))


def tame(v):
    """Large values made small, smoothly."""
    return v if np.all(np.abs(v) < 3.0) else 3.0 * np.tanh(v / 3.0)


def fill(env, v, k):
    """A new array, element by element, from a list of recorded numbers."""
    out = np.zeros(3)
    for i in range(3):
        out[i] = np.ravel(v)[(i * k) % np.size(v)] * (i + 0.5)
        if i:
            out[i] -= 0.3 * out[i - 1]
    return out


def write(env, v, k, l):
    """A copy of an array, written to through a view."""
    out = v * 1.0 if np.ndim(v) else np.array([v, v, v])
    value = env[l % len(env)]
    region = (out[::-1], out.T, out[1:], out.reshape(-1)[::2])[k % 4]
    region[...] = value if np.ndim(value) == 0 else 0.4 * np.sum(value)
    out[k % 3] *= env[0][k % 3]
    return out


def augment(env, v, k, l):
    """y = copy; y op= …, seen through an alias."""
    y = v * 1.0
    alias = y
    value = env[l % len(env)]
    value = value if np.ndim(value) == 0 else np.mean(value)
    if k % 3 == 0:
        y += value
    elif k % 3 == 1:
        y *= value
    else:
        y -= 0.5 * y * value
    return alias + y


def branch(env, v, k):
    """Python control flow on a value."""
    if np.sum(v) > 0.1234:
        return v * env[0][k % 3]
    return -v if np.max(v) < -0.2345 else v + env[0][k % 3]


def loop(env, v, n):
    """A loop whose length is fixed, with a stop on the value."""
    for _ in range(n):
        v = np.sin(v) + 0.3 * v * v
        if np.sum(v) > 2.3456:
            break
    return v


INTERPRET = {
    "unary": lambda env, v, k: UNARY[k % len(UNARY)](v),
    "binary": lambda env, v, k, l: BINARY[k % len(BINARY)](v, partner(env, v, l)),
    "shape": lambda env, v, k: SHAPING[k % len(SHAPING)](v),
    "branch": branch,
    "loop": loop,
    "fill": fill,
    "write": write,
    "augment": augment,
}


def partner(env, v, k):
    """Another value that broadcasts against v."""
    w = env[k % len(env)]
    if np.ndim(w) and np.ndim(v) and np.shape(w)[-1] != np.shape(v)[-1]:
        return np.mean(w)
    return w
