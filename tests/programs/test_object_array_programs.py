"""Object arrays of recorded numbers and of a user's objects, beside recorded arrays."""

import numpy as np
import pytest
from exact import at, exactly

POINT = at(0.7, 1.3, 2.1, 0.4)


def objects(p):
    return np.array([p[0], p[1] ** 2, p[2] * p[3]], dtype=object)


def filled(p):
    return np.full(3, p[0], dtype=object).prod() + np.full_like(objects(p), p[1])[2] * np.full(2, p[2:], "O").sum()


def exact_filled(a, b, c, d):
    return a**3 + b * (c + d)


def beside_arrays(p):
    o, v = objects(p), p[:3]
    return (o + v).prod() + (v * o).sum() + o @ v + np.dot(v, o) + np.outer(o, v)[2, 1]


def exact_beside(a, b, c, d):
    o, v = (a, b**2, c * d), (a, b, c)
    dot = sum(x * y for x, y in zip(o, v, strict=True))
    return (o[0] + v[0]) * (o[1] + v[1]) * (o[2] + v[2]) + 3 * dot + o[2] * v[1]


def joined(p):
    o = objects(p)
    return (
        np.concatenate([o, p])[2:4].prod()
        + np.where([True, False, True], o, p[:3])[2]
        + np.append(o, p[3]).sum()
        + np.sum(o, initial=p[0])
    )


def exact_joined(a, b, c, d):
    return c * d * a + c * d + (a + b**2 + c * d + d) + (2 * a + b**2 + c * d)


def written(p):
    o = np.empty(4, dtype=object)
    o[:] = p
    o[[0, 2]] = p[1]
    o[1:3] = [p[0] * p[3], p[2]]
    o += p
    return o.prod() + np.zeros(2, dtype=object).__iadd__(p[0]).sum()


def exact_written(a, b, c, d):
    return (b + a) * (a * d + b) * (c + c) * (d + d) + 2 * a


def floats_again(p):
    o = objects(p)
    M = np.array([[p[0], p[1]], [p[2], p[3]]], dtype=object)
    return np.asarray(o, dtype=float).prod() + np.linalg.det(M.astype(float))


def exact_floats(a, b, c, d):
    return a * b**2 * c * d + a * d - b * c


class Jet:
    __array_priority__ = 100

    def __init__(self, a, b=0.0):
        self.a, self.b = a, b

    def __add__(self, other):
        other = other if isinstance(other, Jet) else Jet(other)
        return Jet(self.a + other.a, self.b + other.b)

    def __mul__(self, other):
        other = other if isinstance(other, Jet) else Jet(other)
        return Jet(self.a * other.a, self.a * other.b + self.b * other.a)

    __radd__, __rmul__ = __add__, __mul__


def users_objects(p):
    jets = np.array([Jet(p[0], 1.0), Jet(p[1], p[2])], dtype=object)
    return (jets * p[3])[1].b + (p[:2] * jets)[0].b + (p[2] * jets + p[:2])[1].a + np.dot(jets, p[2:]).b


def exact_users(a, b, c, d):
    return c * d + a + (c * b + b) + (c + c * d)


CASES = [
    (filled, exact_filled),
    (beside_arrays, exact_beside),
    (joined, exact_joined),
    (written, exact_written),
    (floats_again, exact_floats),
    (users_objects, exact_users),
]


@pytest.mark.parametrize(("f", "exact"), CASES, ids=lambda f: f.__name__)
def test_object_arrays(f, exact):
    exactly(f, exact, [POINT, 1.1 * POINT], {"norm": True})
