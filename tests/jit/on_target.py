"""Run a sample of the corpus compiled for $WENGERT_CPU, and compare with NumPy: a script, for a process of its own."""

import os
import sys
import warnings

sys.path[:0] = [os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__))]

import numpy as np  # noqa: E402
from corpus import corpus, derivative  # noqa: E402
from same import agree  # noqa: E402

import wengert as wg  # noqa: E402
from wengert.native.processor import cpu  # noqa: E402

np.seterr(all="ignore")
warnings.simplefilter("ignore")


def functions(x):
    """Every vectorised elementary function, and sums in every order."""
    parts = [np.exp(x), np.log(x), np.sin(x), np.cos(x), np.tan(x), np.tanh(x), np.arctan(x), np.expm1(x), np.log1p(x)]
    parts += [np.sqrt(x), x**2.5, 1 / (1 + np.exp(-x)), np.arcsinh(x), np.floor(x * 7), np.maximum(x, 1.0)]
    whole = np.stack(parts)
    return whole, whole.sum(axis=0), whole.sum(axis=1), whole.max(), whole @ whole.T, np.cumsum(x), x[::-1] * x


def main():
    names = sys.argv[1:]
    known = corpus()
    agree(wg.jit(functions), functions, np.linspace(0.01, 30.0, 1003))
    agree(wg.jit(functions), functions, np.linspace(0.01, 3.0, 37).astype(np.float32))
    slope = lambda x: wg.grad(lambda x: functions(x)[0].sum())(x)
    agree(wg.jit(slope), slope, np.linspace(0.01, 5.0, 129))
    for name in names:
        f, x = known[name]
        for g in (f, derivative(f, f(x))):
            jitted = wg.jit(g)
            for point in (x, np.multiply(x, 1.01) if isinstance(x, np.ndarray) else x * 1.01):
                agree(jitted, g, point)
    print(f"{cpu()[0]}: {len(names) + 2} functions agree")


if __name__ == "__main__":
    main()
