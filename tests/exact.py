"""`exactly(f, exact, points)`: derivatives in every mode against 100 digits, to what rounding the input leaves of them."""

import itertools

import mpmath as mp
import numpy as np

import wengert as wg

STEP, NUDGE = mp.mpf(10) ** -30, mp.mpf(10) ** -20


def exactly(f, exact, points, loss=1.0, order=2, scale=1.0, compiled=True, batched=True, digits=100, norm=False):
    """Compare derivatives of f at points, floats or vectors, with those of `exact`: the same in mpmath, of one number per element.

    Allowed is `loss` times 8 (ε·|derivative| + what a change of ε in each input makes of it). `scale` is how far from an input of 0
    the function changes, `digits` with how many mpmath works; `norm` measures a derivative by its largest element.
    """
    faults = []
    with np.errstate(all="ignore"):
        answers = [ways(f, order, compiled, batched)(points, k) for k in range(len(points))]
        for x, answer in zip(points, answers, strict=True):
            right = reference(exact, x, order, scale, digits)
            eps = float(np.finfo(np.asarray(x).dtype).eps)
            for name, k, got in answer:
                allowed = np.max(right[k][1]) if norm else right[k][1]
                faults += fault(f"{name} at {x!r}", got, right[k][0], 8 * loss * eps * allowed)
    assert not faults, "\n".join(["", *faults])


def ways(f, order, compiled, batched):
    """(points, k) ↦ (name, order − 1, derivative at the k-th point) for every way to a derivative of f."""
    slope, pushed = wg.grad(f), wg.jacobian(f, mode="forward")
    table = [("forward", 0, pushed), ("reverse", 0, slope)]
    if order > 1:
        table += [
            ("forward over reverse", 1, wg.jacobian(slope, mode="forward")),
            ("reverse over reverse", 1, wg.jacobian(slope, mode="reverse")),
            ("reverse over forward", 1, wg.jacobian(pushed, mode="reverse")),
        ]
    if compiled:
        table += [(f"compiled {name}", k, wg.jit(derivative)) for name, k, derivative in table[1 : 1 + order]]
    mapped = [("mapped", 0, wg.vmap(slope))] if batched else []

    def at(points, k):
        plain = [(name, n, derivative(points[k])) for name, n, derivative in table]
        return plain + [(name, n, derivative(np.stack(points * 3))[k]) for name, n, derivative in mapped]

    return at


def fault(name, got, expected, allowed):
    """[what is wrong], or nothing."""
    got = np.asarray(got)
    with np.errstate(all="ignore"):
        off = np.abs(got - expected) / (allowed + 1e-305)
    if got.shape == expected.shape and not np.any(~(off <= 1)):
        return []
    return [f"{name}: {got} for {expected}, {np.max(off):.3g} times what is allowed"]


def reference(exact, x, order=2, scale=1.0, digits=100):
    """[(gradient, condition), (Hessian, condition)]: the condition is |derivative| and what a relative change of x makes of it."""
    with mp.workdps(digits):
        point = [mp.mpf(float(t)) for t in np.ravel(x)]
        steps = [abs(t) or mp.mpf(scale) for t in point]
        here = derivatives(exact, point, steps, order)
        changes = []
        for signs in directions(len(point)):
            there = [t + s * NUDGE * d for t, s, d in zip(point, signs, steps, strict=True)]
            changes.append([there_k - here_k for there_k, here_k in zip(derivatives(exact, there, steps, order), here, strict=True)])
        n = np.shape(x)
        right = [np.array(d, float).reshape(n * (k + 1)) for k, d in enumerate(here)]
        moved = [np.max([np.abs(np.array(c[k] / NUDGE, float)) for c in changes], 0) for k in range(order)]
        return [(r, np.abs(r) + m.reshape(r.shape)) for r, m in zip(right, moved, strict=True)]


def directions(n):
    """Signs for each input: all of them together, and others."""
    return [(1,) * n, *list(itertools.product((1, -1), repeat=n))[1:3]][: 1 if n == 1 else 3]


def derivatives(exact, point, steps, order):
    """[gradient, Hessian] by central differences, as arrays of mpf."""
    n = len(point)
    h = [STEP * s for s in steps]

    def at(*shifts):
        moved = list(point)
        for k, s in shifts:
            moved[k] += s * h[k]
        return exact(*moved)

    plus, minus = [at((k, 1)) for k in range(n)], [at((k, -1)) for k in range(n)]
    gradient = np.array([(p - m) / (2 * s) for p, m, s in zip(plus, minus, h, strict=True)])
    if order < 2:
        return [gradient]
    middle = exact(*point)
    second = np.empty((n, n), object)
    for k in range(n):
        second[k, k] = (plus[k] - 2 * middle + minus[k]) / h[k] ** 2
        for j in range(k):
            mixed = sum(a * b * at((k, a), (j, b)) for a in (1, -1) for b in (1, -1))
            second[k, j] = second[j, k] = mixed / (4 * h[k] * h[j])
    return [gradient, second]
