"""`exactly(f, exact, points, options)`: derivatives in every mode against 150 digits, to what rounding the input leaves of them."""

import itertools

import mpmath as mp
import numpy as np

import wengert as wg

STEP, NUDGE = mp.mpf(2) ** -100, mp.mpf(2) ** -66
"""Powers of two: the same whatever the precision is that another module of tests has set."""


def at(*x):
    """A point."""
    return np.array(x, float)


def exactly(f, exact, points, options):
    """`check_exactly` of a row of a table."""
    check_exactly(f, exact, points, **options)


def check_exactly(f, exact, points, loss=1.0, order=2, scale=1.0, compiled=True, batched=True, digits=150, norm=False):
    """Compare derivatives of f at points, floats or vectors, with those of `exact`: the same in mpmath, of one number per element.

    Allowed is `loss` times 8 (ε·|derivative| + what a change of ε in each input makes of it): `loss` is above 1 where the
    program itself, or SciPy's value, loses digits on the way. `scale` is how far from an input of 0 the function changes,
    `digits` with how many mpmath works; `norm` measures a derivative by its largest element.
    """
    faults = []
    with np.errstate(all="ignore"):
        answers = ways(f, points, order, compiled, batched)
        for k, x in enumerate(points):
            right = reference(exact, x, order, scale, digits)
            unit = 8 * loss * float(np.finfo(np.asarray(x).dtype).eps)
            for name, n, got in answers:
                expected, condition = right[n]
                allowed = unit * (np.max(condition) if norm else condition)
                faults += fault(f"{name} at {x!r}", got[k], expected, allowed)
    assert not faults, "\n".join(["", *faults])


def ways(f, points, order, compiled, batched):
    """(name, order − 1, derivatives at all points) for every way to a derivative of f."""
    slope, pushed = wg.grad(f), wg.jacobian(f, mode="forward")
    second = wg.jacobian(slope, mode="forward")
    found = [("forward", 0, each(pushed, points)), ("reverse", 0, each(slope, points))]
    if order > 1:
        found += [
            ("forward over reverse", 1, each(second, points)),
            ("reverse over reverse", 1, each(wg.jacobian(slope, mode="reverse"), points)),
            ("reverse over forward", 1, each(wg.jacobian(pushed, mode="reverse"), points)),
        ]
    if compiled:
        both = order > 1 and np.size(points[0]) < 3  # to compile a Hessian takes its time
        native = each(wg.jit(lambda x: [slope(x), second(x)] if both else [slope(x)]), [*points, *points])
        found += [(f"compiled {k + 1}", k, [d[k] for d in native[len(points) :]]) for k in range(1 + both)]
    if batched:
        found += [("mapped", 0, wg.vmap(slope)(np.stack([*points] * 3)))]
    return found


def each(f, points):
    return [f(x) for x in points]


def fault(name, got, expected, allowed):
    """[what is wrong], or nothing."""
    got = np.asarray(got)
    off = np.abs(got - expected) / (allowed + 1e-305)
    if got.shape == expected.shape and np.all(off <= 1):
        return []
    return [f"{name}: {got} for {expected}, {np.max(off):.3g} times what is allowed"]


def reference(exact, x, order=2, scale=1.0, digits=150):
    """[(gradient, condition), (Hessian, condition)]: the condition is |derivative| and what a relative change of x makes of it."""
    with mp.workdps(digits):
        point = [mp.mpf(float(t)) for t in np.ravel(x)]
        steps = [abs(t) or mp.mpf(scale) for t in point]
        here = derivatives(exact, point, steps, order)
        moved = [np.zeros(d.shape) for d in here]
        for signs in directions(len(point)):
            there = [t + s * NUDGE * d for t, s, d in zip(point, signs, steps, strict=True)]
            for k, d in enumerate(derivatives(exact, there, steps, order)):
                moved[k] = np.maximum(moved[k], np.abs(np.array((d - here[k]) / NUDGE, float)))
        right = [np.array(d, float) for d in here]
        shapes = [np.shape(x) * (k + 1) for k in range(order)]
        return [(r.reshape(n), (np.abs(r) + m).reshape(n)) for r, m, n in zip(right, moved, shapes, strict=True)]


def directions(n):
    """Signs for each input: all of them together, and one of them against the others."""
    return list(itertools.islice(itertools.product((1, -1), repeat=n), 1 if n == 1 else 2))


def derivatives(exact, point, steps, order):
    """[gradient, Hessian] by central differences, as arrays of mpf."""
    n = len(point)
    h = [STEP * s for s in steps]

    def value(*shifts):
        moved = list(point)
        for k, s in shifts:
            moved[k] += s * h[k]
        return exact(*moved)

    plus, minus = [value((k, 1)) for k in range(n)], [value((k, -1)) for k in range(n)]
    gradient = np.array([(p - m) / (2 * s) for p, m, s in zip(plus, minus, h, strict=True)])
    if order < 2:
        return [gradient]
    middle = exact(*point)
    second = np.empty((n, n), object)
    for k in range(n):
        second[k, k] = (plus[k] - 2 * middle + minus[k]) / h[k] ** 2
        for j in range(k):
            mixed = sum(a * b * value((k, a), (j, b)) for a in (1, -1) for b in (1, -1))
            second[k, j] = second[j, k] = mixed / (4 * h[k] * h[j])
    return [gradient, second]
