"""What to do about a primitive that made a derivative NaN, infinite or zero: knowledge, in tables."""

from __future__ import annotations

EDGES: dict[str, str] = {
    "numpy.sqrt": "its slope is infinite at 0: keep the argument away from 0, np.sqrt(x + tiny) or "
    "np.sqrt(np.maximum(x, tiny)), or use np.hypot or np.linalg.norm for a length.",
    "numpy.cbrt": "its slope is infinite at 0: keep the argument away from 0.",
    "numpy.log": "its argument must be positive: np.log(np.maximum(x, tiny)), np.log1p(x) for log(1 + x), "
    "scipy.special.logsumexp for the log of a sum of exponentials, xlogy for x·log(y).",
    "numpy.log2": "its argument must be positive.",
    "numpy.log10": "its argument must be positive.",
    "numpy.log1p": "its argument must be greater than −1.",
    "numpy.divide": "the divisor is zero or too small: add something to it, or choose another branch where it vanishes "
    "(np.where(d == 0, …)).",
    "numpy.power": "a power of zero or of a negative number: keep the base positive, or use an integer exponent.",
    "numpy.exp": "the exponent is too large: subtract its maximum first, or use np.logaddexp(0, x) for log(1 + eˣ), "
    "scipy.special.expit for 1/(1 + e⁻ˣ), scipy.special.logsumexp, softmax.",
    "numpy.expm1": "the exponent is too large.",
    "numpy.exp2": "the exponent is too large.",
    "numpy.cosh": "the argument is too large.",
    "numpy.sinh": "the argument is too large.",
    "numpy.arccos": "its slope is infinite at ±1: use np.arctan2 for angles.",
    "numpy.arcsin": "its slope is infinite at ±1: use np.arctan2 for angles.",
    "numpy.arctanh": "its argument must lie inside (−1, 1).",
    "numpy.arccosh": "its argument must be greater than 1.",
    "numpy.tan": "the argument is near an odd multiple of π/2.",
    "numpy.subtract": "infinity minus infinity: prevent the infinity where it entered.",
    "numpy.linalg.inv": "the matrix is (nearly) singular.",
    "numpy.linalg.solve": "the matrix is (nearly) singular.",
    "numpy.linalg.eigh": "two eigenvalues coincide: eigenvectors have no derivative there; use functions of the matrix "
    "that do not depend on their choice.",
    "numpy.linalg.svd": "two singular values coincide (or one is zero): singular vectors have no derivative there.",
    "numpy.std": "its slope is that of a root: none where all elements are equal; use np.var, or add tiny inside.",
}
"""primitive → advice where it is at the edge of its domain."""

FLAT: dict[str, str] = {
    "numpy.tanh": "it is saturated: scale its argument down (initialise smaller, normalise), or use a loss of the "
    "argument itself.",
    "scipy.special.expit": "it is saturated: scale its argument, or use np.logaddexp of it for log-likelihoods.",
    "numpy.exp": "the exponent is so negative that the result is no more than a rounding error.",
    "numpy.arctan": "it is saturated.",
    "scipy.special.erf": "it is saturated; erfc, log_ndtr keep their digits in the tails.",
    "scipy.special.erfc": "it is saturated; erfcx, log_ndtr keep their digits in the tails.",
    "numpy.maximum": "the other argument is larger (a dead ReLU): use a smooth or leaky function, or another start.",
    "numpy.minimum": "the other argument is the smaller one.",
    "clip": "the value lies outside the bounds: use a penalty, or a smooth function such as tanh.",
    "numpy.multiply": "the other factor is zero.",
    "numpy.where": "the other branch was taken.",
    "numpy.absolute": "at 0 its derivative is taken as 0, the least of its subgradients.",
    "numpy.linalg.norm": "at 0 its derivative is taken as 0, the least of its subgradients; use its square.",
    "numpy.divide": "the divisor is infinite, or the dividend is zero.",
    "numpy.power": "a power with exponent 0, or of the base 0.",
}
"""primitive → advice where its partial derivative is zero or as good as zero."""

STEPS: dict[str, str] = {
    "astype": "a conversion to whole numbers or truth values has derivative zero: keep the value floating.",
    "stop_gradient": "remove stop_gradient, if a derivative is wanted here.",
    "numpy.argmax": "use the maximum itself, or a softmax in its place.",
    "numpy.argmin": "use the minimum itself, or a softmin in its place.",
    "numpy.sign": "the sign is constant on both sides of 0: use np.tanh(x / width).",
    "numpy.heaviside": "a step is constant on both sides: use scipy.special.expit(x / width).",
    "numpy.round": "rounding is constant between its jumps: leave it out of what is differentiated.",
    "numpy.rint": "rounding is constant between its jumps: leave it out of what is differentiated.",
    "numpy.floor": "it is constant between its jumps: leave it out of what is differentiated, or use np.interp on the "
    "values around.",
    "numpy.searchsorted": "a place in a table is constant between its nodes: use np.interp on the values around.",
    "numpy.digitize": "a place in a table is constant between its nodes: use np.interp on the values around.",
    "numpy.count_nonzero": "a count is constant between its jumps: sum scipy.special.expit(x / width).",
}
"""primitive → advice where it is constant wherever it has a derivative."""

NOT_CHOSEN: dict[str, str] = {
    "numpy.max": "another element is larger.",
    "numpy.nanmax": "another element is larger.",
    "numpy.fmax.reduce": "another element is larger.",
    "numpy.min": "another element is smaller.",
    "numpy.nanmin": "another element is smaller.",
    "numpy.fmin.reduce": "another element is smaller.",
    "numpy.median": "another element is the median.",
    "numpy.percentile": "other elements are at that place in the order.",
    "numpy.quantile": "other elements are at that place in the order.",
    "numpy.imag": "it changes the real part only.",
}
"""primitive → why an element has no influence on its result."""

COMPARISONS = frozenset(
    f"numpy.{name}"
    for name in (
        "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "isnan", "isinf", "isfinite", "signbit",
        "logical_and", "logical_or", "logical_not", "logical_xor", "bitwise_and", "bitwise_or", "invert", "isclose",
    )
)  # fmt: skip
"""Primitives whose result is a truth value."""
