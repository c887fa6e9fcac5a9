"""Derives every constant of wengert.native.maths and writes src/wengert/native/maths/coefficients.py.

    python scripts/minimax.py            write the file (about a minute)
    python scripts/minimax.py --report   print the error of each polynomial

Polynomials are minimax approximations by the exchange algorithm of Remez (Cheney, Introduction to Approximation
Theory, chapter 3) in arithmetic of 60 digits. Coefficients are rounded to doubles one at a time, the lowest first;
after each rounding the rest takes up the error as well as it can, by least squares.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mpmath import mp, mpf

mp.dps = 60
TARGET = Path(__file__).parents[1] / "src/wengert/native/maths/coefficients.py"

Function = Callable[[mpf], mpf]


@dataclass(frozen=True)
class Fit:
    """p ≈ f on [low, high] with n coefficients; weight(x) (f(x) − p(x)) is made small."""

    name: str
    meaning: str
    f: Function
    low: mpf
    high: mpf
    n: int
    weight: Function


def horner(c: list[mpf], x: mpf) -> mpf:
    y = mpf(0)
    for a in reversed(c):
        y = y * x + a
    return y


def grid(low: mpf, high: mpf, n: int) -> list[mpf]:
    """Chebyshev points of [low, high], in rising order."""
    return [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * k / (n - 1)) for k in range(n)]


def remez(values: list[mpf], xs: list[mpf], weights: list[mpf], n: int) -> list[mpf]:
    """Coefficients of the polynomial of n terms that levels the weighted error on the points xs."""
    points = [round((k + 0.5) * (len(xs) - 1) / (n + 1)) for k in range(n + 1)]
    c: list[mpf] = []
    for _ in range(12):
        rows = [[weights[i] * xs[i] ** j for j in range(n)] + [(-1) ** k] for k, i in enumerate(points)]
        c = list(mp.lu_solve(mp.matrix(rows), mp.matrix([weights[i] * values[i] for i in points])))[:n]
        new = peaks([w * (v - horner(c, x)) for x, v, w in zip(xs, values, weights, strict=True)], n + 1)
        if new == points or len(new) < n + 1:
            break
        points = new
    return c


def peaks(errors: list[mpf], count: int) -> list[int]:
    """Indices of `count` extrema of alternating sign, the largest error among them."""
    runs: list[int] = []
    for i, e in enumerate(errors):
        if runs and (e > 0) == (errors[runs[-1]] > 0):
            if abs(e) > abs(errors[runs[-1]]):
                runs[-1] = i
        else:
            runs.append(i)
    while len(runs) > count:
        runs.pop(0 if abs(errors[runs[0]]) < abs(errors[runs[-1]]) else -1)
    return runs


def fit(row: Fit) -> list[float]:
    """The coefficients as doubles, lowest first."""
    xs = grid(row.low, row.high, 24 * row.n)
    largest = max(abs(row.weight(x)) for x in xs)
    # Where the weight vanishes there is no error to level, and f has a removable singularity.
    xs = [x for x in xs if x != 0 and abs(row.weight(x)) > largest * mpf("1e-6")]
    weights = [abs(row.weight(x)) for x in xs]
    c = remez([row.f(x) for x in xs], xs, weights, row.n)
    for k in range(row.n):
        step = c[k] - float(c[k])
        c[k] = mpf(float(c[k]))
        if k + 1 < row.n:
            rest = least_squares([step * x**k for x in xs], xs, weights, range(k + 1, row.n))
            c[k + 1 :] = [a + b for a, b in zip(c[k + 1 :], rest, strict=True)]
    return [float(a) for a in c]


def least_squares(values: list[mpf], xs: list[mpf], weights: list[mpf], powers: range) -> list[mpf]:
    """Coefficients of x^j, j in powers, by the normal equations: close to minimax on Chebyshev points."""
    A = mp.matrix([[w * x**j for j in powers] for x, w in zip(xs, weights, strict=True)])
    b = mp.matrix([w * v for v, w in zip(values, weights, strict=True)])
    return list(mp.lu_solve(A.T * A, A.T * b))


def error(row: Fit, c: list[float]) -> mpf:
    """The largest weighted error of the rounded polynomial."""
    xs = [x for x in grid(row.low, row.high, 1001) if x != 0]
    return max(abs(row.weight(x) * (row.f(x) - horner([mpf(a) for a in c], x))) for x in xs)


# ── constants in pieces ──


def rounded(x: mpf, bits: int) -> mpf:
    """x to so many significant bits."""
    e = int(mp.floor(mp.log(abs(x), 2))) + 1
    return mp.nint(mp.ldexp(x, bits - e)) * mpf(2) ** (e - bits)


def pieces(x: mpf, *bits: int) -> list[float]:
    """x = Σ pieces, each rounded to so many bits."""
    out: list[float] = []
    for b in bits:
        head = rounded(x, b)
        out.append(float(head))
        x -= head
    return out


LN2 = mp.log(2)
HALF_LN2 = LN2 / 2 * mpf("1.0001")  # a quotient is rounded: the remainder may lie a little outside
SQUARE = HALF_LN2**2
EIGHTH = (mp.pi / 4) ** 2 * mpf("1.0001")
LOG_END = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mpf("1.0001")


def root(f: Function) -> Function:
    """f(√z), for even functions as polynomials of the square."""
    return lambda z: f(mp.sqrt(z))


def after_cubic(f: Function) -> Function:
    """(f(r) − r)/r³ with r = √z, for odd f."""
    return root(lambda r: (f(r) - r) / r**3)


def atanh_series(z: mpf) -> mpf:
    """(log((1 + s)/(1 − s))/s − 2)/z with z = s²."""
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) / s - 2) / z


CENTRE = mpf(4)


def scaled_erfc(t: mpf) -> mpf:
    """e^(x²) erfc(x) (1 + 2x) with t = (x − c)/(x + c): between 1.1 and 1.3."""
    x = CENTRE * (1 + t) / (1 - t)
    return mp.erfc(x) * mp.exp(x * x) * (1 + 2 * x)


def fraction(x: mpf) -> mpf:
    """(x − c)/(x + c)."""
    return (x - CENTRE) / (x + CENTRE)


ZERO = mp.findroot(mp.digamma, "1.4616321449683623")
"""Where digamma is 0."""


def over_gap(f: Function, zero: mpf) -> Function:
    """f(y)/(y − zero), with the derivative at the zero itself."""
    return lambda y: f(y) / (y - zero) if abs(y - zero) > mpf("1e-30") else mp.diff(f, zero)


def stirling(w: mpf) -> mpf:
    """x (log Γ(x) − (x − ½) log x + x − ½ log 2π), w = 1/x²."""
    x = 1 / mp.sqrt(w)
    return x * (mp.loggamma(x) - (x - mpf(1) / 2) * mp.log(x) + x - mp.log(2 * mp.pi) / 2)


def digamma_tail(w: mpf) -> mpf:
    """x² (log x − 1/(2x) − digamma x), w = 1/x²."""
    x = 1 / mp.sqrt(w)
    return x * x * (mp.log(x) - 1 / (2 * x) - mp.digamma(x))


EDGE = mpf("1e-12")  # the series start at w = 0, where the functions above are limits
FITS = [
    Fit("EXP", "(eʳ − 1 − r)/r² for |r| ≤ (log 2)/2", lambda r: (mp.expm1(r) - r) / r**2,
        -HALF_LN2, HALF_LN2, 11, lambda r: r),
    Fit("SINH", "(sinh r − r)/r³ in z = r², |r| ≤ (log 2)/2", after_cubic(mp.sinh),
        mpf(0), SQUARE, 5, lambda z: z),
    Fit("COSH", "(cosh r − 1)/r² in z = r², |r| ≤ (log 2)/2", root(lambda r: (mp.cosh(r) - 1) / r**2),
        mpf(0), SQUARE, 6, lambda z: z),
    Fit("LOG", "(2 artanh(s)/s − 2)/s² in z = s², s = (m − 1)/(m + 1), √½ ≤ m ≤ √2", atanh_series,
        mpf(0), LOG_END, 7, lambda z: z / 2),
    Fit("SIN", "(sin r − r)/r³ in z = r², |r| ≤ π/4", after_cubic(mp.sin),
        mpf(0), EIGHTH, 6, lambda z: z),
    Fit("COS", "(cos r − 1 + r²/2)/r⁴ in z = r², |r| ≤ π/4", root(lambda r: (mp.cos(r) - 1 + r**2 / 2) / r**4),
        mpf(0), EIGHTH, 6, lambda z: z**2),
    Fit("LOG_TAIL", "((2 artanh(s)/s − 2)/s² − 2/3)/s² in z = s², √½ ≤ m ≤ √2",
        lambda z: (atanh_series(z) - mpf(2) / 3) / z, mpf(0), LOG_END, 8, lambda z: z**2 / 2),
    Fit("ATAN", "(arctan t − t)/t³ in z = t², |t| ≤ tan π/8", after_cubic(mp.atan),
        mpf(0), mp.tan(mp.pi / 8) ** 2 * mpf("1.0001"), 11, lambda z: z),
    Fit("ASIN", "(arcsin r − r)/r³ in z = r², |r| ≤ ½", after_cubic(mp.asin), mpf(0), mpf("0.2501"), 13, lambda z: z),
    Fit("CBRT", "m^(−1/3) for √½ ≤ m ≤ √2", lambda m: m ** (-mpf(1) / 3),
        mp.sqrt("0.4999"), mp.sqrt("2.0001"), 6, lambda m: mpf(1)),
    Fit("ERF", "(erf x/x − 2/√π)/x² in z = x², |x| ≤ ½",
        root(lambda x: (mp.erf(x) / x - 2 / mp.sqrt(mp.pi)) / x**2), mpf(0), mpf("0.2501"), 9, lambda z: z),
    Fit("ERFC", "e^(x²) erfc(x) (1 + 2x) in t = (x − 4)/(x + 4), ½ ≤ x ≤ 27.3", scaled_erfc,
        fraction(mpf("0.4999")), fraction(mpf("27.3")), 21, lambda t: 1 / scaled_erfc(t)),
    Fit("GAMMALN", "log Γ(2 + y)/y for |y| ≤ ½", over_gap(lambda y: mp.loggamma(2 + y), mpf(0)),
        mpf("-0.5001"), mpf("0.5001"), 19, lambda y: mpf(1)),
    Fit("STIRLING", "x (log Γ(x) − (x − ½) log x + x − ½ log 2π) in w = 1/x², x ≥ 7.5", stirling,
        EDGE, mpf("7.49") ** -2, 7, mp.sqrt),
    Fit("DIGAMMA", "digamma(1.5 + y)/(y + 1.5 − zero) for |y| ≤ ½", over_gap(lambda y: mp.digamma(y + 1.5), ZERO - 1.5),
        mpf("-0.5001"), mpf("0.5001"), 23, lambda y: mpf(1)),
    Fit("DIGAMMA_TAIL", "x² (log x − 1/(2x) − digamma x) in w = 1/x², x ≥ 6", digamma_tail,
        EDGE, mpf("5.99") ** -2, 9, lambda w: w),
]  # fmt: skip

# name, meaning, value, bits of each piece
CONSTANTS = [
    ("LN2", "log 2; k·LN2[0] is exact for |k| < 2¹¹", LN2, (42, 53)),
    ("LN2_ROUNDED", "log 2", LN2, (53, 53)),
    ("LOG2E", "1/log 2", 1 / LN2, (53, 53)),
    ("LOG10E", "1/log 10", 1 / mp.log(10), (53, 53)),
    ("LN10", "log 10", mp.log(10), (53, 53)),
    ("LOG2_10", "log₂ 10", mp.log(10, 2), (53,)),
    ("QUARTER_PI", "π/4", mp.pi / 4, (53, 53)),
    ("TWO_THIRDS", "2/3", mpf(2) / 3, (53, 53)),
    ("CUBE_ROOT_2", "2^(1/3)", mp.cbrt(2), (53,)),
    ("TWO_OVER_ROOT_PI", "2/√π", 2 / mp.sqrt(mp.pi), (53, 53)),
    ("ROOT_HALF", "√½", mp.sqrt(mpf(1) / 2), (53, 53)),
    ("HALF_LOG_2PI", "½ log 2π", mp.log(2 * mp.pi) / 2, (53, 53)),
    ("DIGAMMA_ZERO", "the positive zero of digamma", ZERO, (53, 53)),
    ("LOG10_2", "log₁₀ 2; k·LOG10_2[0] is exact for |k| < 2¹¹", mp.log(2, 10), (42, 53)),
    ("HALF_PI", "π/2; k·HALF_PI[1] is exact for |k| < 2²⁰", mp.pi / 2, (53, 33, 53)),
    ("TWO_OVER_PI", "2/π", 2 / mp.pi, (53,)),
]

HEADER = '''"""Coefficients and constants in pieces. Written by scripts/minimax.py, which derives them; do not edit."""

# fmt: off
'''


def comment(row: Fit, c: list[float]) -> str:
    return f"# {row.meaning}; weighted error 2^{float(mp.log(error(row, c), 2)):.1f}"


def tuple_of(name: str, values: list[float]) -> str:
    body = "".join(f"    {v!r},\n" for v in values)
    return f"{name} = (\n{body})\n"


def text() -> str:
    """The module."""
    parts = [HEADER]
    for name, meaning, value, bits in CONSTANTS:
        parts.append(f"# {meaning}\n" + tuple_of(name, pieces(value, *bits)))
    for row in FITS:
        c = fit(row)
        parts.append(comment(row, c) + "\n" + tuple_of(row.name, c))
    return "\n".join([parts[0].rstrip("\n"), *parts[1:]])


def main() -> None:
    if "--report" in sys.argv:
        for row in FITS:
            print(f"{row.name:8s} {comment(row, fit(row))}")
        return
    TARGET.write_text(text())


if __name__ == "__main__":
    main()
