"""Programs with masked arrays as NumPy has them: masks and data that several names share, sorted, trimmed and winsorised."""

import numpy as np
from scipy.stats import mstats
from ways import both_tests

ma = np.ma
NINE = [0.3, 1.2, 0.7, 2.1, 0.9, 1.7, 0.5, 0.35, 1.45]
TIMES = np.linspace(0.0, 1.0, 9)


def low(p):
    return ma.masked_less(p * 1.0, 0.4)


def changed_in_place(p):
    x = low(p)
    y = x
    x += p[0]
    x *= 2
    y /= p[1]
    z = ma.masked_greater(p**2, 2)
    w = z
    z **= 2
    return y.sum(), x.mean(), w.sum()


def data_of_ones_own(p):
    q = p * 2
    x = ma.array(q, mask=p < 0.4)
    x += 1
    x[0] = p[3]
    return q.sum(), x.sum()


def masks_that_are_shared(p):
    x = low(p)
    part, turned, flat, negative = x[1:4], x.T, x.ravel(), -x
    part[0] = ma.masked
    turned[3] = ma.masked
    flat[4] = ma.masked
    negative[5] = ma.masked
    same = ma.array(x)
    same[6] = ma.masked
    return x.sum(), same.sum(), negative.mean()


def masks_of_ones_own(p):
    x = low(p)
    y, z, w = x.copy(), x + 1, x.flatten()
    y[3] = z[4] = w[5] = ma.masked
    return x.sum(), y.sum(), z.sum(), w.sum()


def a_mask_that_is_given(p):
    mask = np.array(p < 0.4)
    x = ma.array(p * 1.0, mask=mask)
    mask[3] = True
    ma.masked_greater(x, 1.6, copy=False)
    return x.sum()


def a_mask_that_is_written_to(p):
    x = low(p)
    x.mask[3] = True
    x[x.mask] = 7
    n = x.filled(p[2])
    table = x.reshape(3, 3)
    table += 1
    outside = (table > 1.6) | (table < 1.42)
    x.mask = ma.nomask
    return x.sum(), n.sum(), table.sum(), outside.sum() * p[1]


def in_order(p):
    x = low(p)
    y, order, z = ma.sort(x), ma.argsort(x), x.copy()
    z.sort()
    return (y * TIMES).sum() + x[order[0]], (z * TIMES**2).sum(), x[x.argsort()[:2]].prod()


def winsorised(p):
    return mstats.winsorize(p, limits=(0.2, 0.15)).sum() * p[0], mstats.winsorize(p**2, limits=0.2).max()


def trimmed(p):
    inside = mstats.trim(p, (0.4, 1.6)).mean()
    return mstats.trimmed_mean(p, (0.2, 0.2)), mstats.trimmed_std(p, (0.1, 0.2)), mstats.trimboth(p, 0.3).sum(), inside


def harrell_davis(p):
    return mstats.hdquantiles(p, [0.3]).sum() + mstats.mquantiles(p, [0.2]).sum()


PROGRAMS = dict.fromkeys(
    [
        changed_in_place, data_of_ones_own, masks_that_are_shared, masks_of_ones_own, a_mask_that_is_given,
        a_mask_that_is_written_to, in_order, winsorised, trimmed, harrell_davis,
    ],
    NINE,
)  # fmt: skip
test_program, test_compiled_at_two_points = both_tests(PROGRAMS)
