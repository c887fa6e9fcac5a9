"""Programs with a planted problem: (function, arguments, what the first finding must say)."""

from dataclasses import dataclass, field

import numpy as np
import scipy.special

import wengert as wg

TABLE = np.array([1.0, 4.0, 9.0, 16.0])
HOLED = np.array([1.0, np.nan, 3.0])


@dataclass
class Planted:
    """`kind`, `about`, `primitive` of the first finding; `code` is in the source line, `what` in the sentence."""

    f: object
    args: tuple
    kind: str
    about: str = ""
    primitive: str = ""
    code: str = ""
    what: str = ""
    run: int = 1
    kwargs: dict = field(default_factory=dict)


def root_at_zero(x):
    r = np.sqrt(x)
    return np.sum(2.0 * r)


def log_of_negative(x):
    z = x - 2.0
    return np.sum(np.log(z) ** 2)


def exp_overflow(x):
    e = np.exp(x)
    return np.sum(e / (1.0 + e))


def softmax_naive(x):
    e = np.exp(x)
    p = e / np.sum(e)
    return p[0]


def log1pexp(x):
    return np.log(1.0 + np.exp(x))


def zero_times_infinity(x):
    y = x * 0.0
    return np.sqrt(y) * x


def saturated_tanh(w, x):
    h = np.tanh(w @ x)
    return np.sum(h)


def dead_relu(w):
    h = np.maximum(w - 5.0, 0.0)
    return np.sum(3.0 * h)


def dead_relu_where(w):
    z = w - 5.0
    return np.sum(np.where(z > 0, z, 0.0))


def int_cast(x):
    n = x.astype(int)
    return np.sum(n * 2.0)


def index_by_value(x):
    return TABLE[int(x)] * 2.0


def index_by_rounded_array(x):
    k = np.rint(x).astype(int)
    return np.sum(TABLE[k])


def floored(x):
    return np.sum(np.floor(x * 3.0))


def stopped(x):
    target = wg.stop_gradient(x)
    return np.sum(target * 2.0)


def branch_by_value(x):
    if x > 1.0:
        return 2.0 * np.cos(0.0)
    return 3.0


def heaviside_count(x):
    return np.sum(x > 0.5) * 1.0


def norm_at_zero(x):
    return np.linalg.norm(x)


def divide_in_loop(x):
    y = x
    for i in range(40):
        d = 16.0 - i
        y = y / (0.0 * y + d) + x
    return y


def divide_python_in_loop(x):
    y = x
    for i in range(40):
        y = y / (16 - i) + x
    return y


def exploding(x):
    y = x
    for _ in range(200):
        y = 3.9 * y
    return y


def overflowing(x):
    y = x
    for _ in range(2000):
        y = 3.9 * y + 1e-300
    return 1e-310 * np.tanh(y * 1e-310) + y


def vanishing(x):
    y = x
    for _ in range(100):
        y = 0.5 * y
    return 1.0 + y


def cancelled(x):
    a = 3.0 * x
    b = x * 3.0
    return np.sum(a - b) + 1.0


def normalised_sum(x):
    p = x / np.sum(x)
    return np.sum(p)


def unused(x, y):
    return np.sum(x)


def returned_wrong(x):
    y = np.sin(x)
    z = y * 0.0 + 1.0
    return z


def overwritten(x):
    y = x * 2.0
    y[1] = 7.0
    return np.sum(y)


def missing_data(x):
    r = HOLED - x
    return np.sum(r**2)


def nan_argument(x):
    return np.sum(np.sin(x))


def distance_of_equal_points(p):
    d = p[0] - p[1]
    return np.sqrt(np.sum(d**2))


def std_of_equal(x):
    return np.sum((x - np.mean(x)) / np.std(x))


def arccos_of_one(x):
    return np.arccos(x / np.sqrt(x * x))


def clipped(x):
    return np.sum(np.clip(x, 0.0, 1.0) ** 2)


def small_divisor(x):
    return np.sum(x) / 1e-12


def power_of_zero(x):
    return np.sum(x**0.5)


def log_of_zero_in_entropy(p):
    return -np.sum(p * np.log(p))


def saturated_sigmoid_loss(x):
    s = scipy.special.expit(x)
    return np.log(s)


def zero_weight(w, x):
    return np.sum(w * x)


def argmax_choice(x):
    k = np.argmax(x)
    return 1.0 * k


def inverse_distance(x):
    total = 0.0 * x[0]
    for i in range(len(x)):
        total = total + 1.0 / np.abs(x[i] - 2.0)
    return total


PLANTED = {
    "root at zero": Planted(root_at_zero, (np.array([4.0, 0.0, 1.0]),), "infinity", "x[1]", "numpy.sqrt", "np.sqrt(x)"),
    "log of negative": Planted(log_of_negative, (np.array([4.0, 1.0]),), "nan", "value", "numpy.log", "np.log(z)"),
    "exp overflows": Planted(exp_overflow, (np.array([1.0, 800.0]),), "infinity", "value", "numpy.exp", "np.exp(x)", "overflow"),
    "naive softmax": Planted(softmax_naive, (np.array([1.0, 1000.0]),), "infinity", "x[0]", "numpy.exp", "np.exp(x)", "overflow"),
    "log(1 + exp)": Planted(log1pexp, (800.0,), "infinity", "value", "numpy.exp", "np.exp(x)", "overflow"),
    "0 · ∞": Planted(zero_times_infinity, (3.0,), "strong zero", "x", "numpy.sqrt", "np.sqrt(y)", "taken as 0"),
    "saturated tanh": Planted(saturated_tanh, (np.full((2, 3), 20.0), np.ones(3)), "vanishing", "w[0, 0]", "numpy.tanh", "np.tanh(w @ x)"),
    "saturated tanh, exactly": Planted(saturated_tanh, (np.full((2, 3), 400.0), np.ones(3)), "zero", "w", "numpy.tanh", "np.tanh(w @ x)"),
    "dead relu": Planted(dead_relu, (np.array([1.0, 2.0]),), "zero", "w", "numpy.maximum", "np.maximum(w - 5.0, 0.0)", "0, was taken"),
    "dead relu by where": Planted(dead_relu_where, (np.array([1.0, 6.0]),), "zero", "w[0]", "numpy.where", "np.where(", "other branch"),
    "astype(int)": Planted(int_cast, (np.array([1.5, 2.5]),), "zero", "x", "astype", "x.astype(int)", "whole numbers"),
    "index by value": Planted(index_by_value, (1.5,), "zero", "x", "guard", "int(x)", "looked"),
    "index by array": Planted(index_by_rounded_array, (np.array([0.2, 2.6]),), "zero", "x", "numpy.rint", "np.rint(x)"),
    "floor": Planted(floored, (np.array([0.5, 2.5]),), "zero", "x", "numpy.floor", "np.floor(x * 3.0)", "constant"),
    "stop_gradient": Planted(stopped, (np.array([0.5, 2.5]),), "zero", "x", "stop_gradient", "wg.stop_gradient(x)"),
    "branch": Planted(branch_by_value, (1.5,), "zero", "x", what="condition"),
    "count": Planted(heaviside_count, (np.array([0.2, 0.7]),), "zero", "x", "numpy.greater", "x > 0.5"),
    "norm at zero": Planted(norm_at_zero, (np.zeros(3),), "zero", "x", "numpy.linalg.norm", "np.linalg.norm(x)"),
    "division in a loop": Planted(divide_in_loop, (np.float64(1.5),), "infinity", "value", "numpy.divide", "y / (0.0 * y + d)", run=17),
    "Python's division in a loop": Planted(divide_python_in_loop, (1.5,), "raised", "value", what="ZeroDivisionError", code="y / (16 - i)", run=17),
    "exploding recurrence": Planted(exploding, (1.0,), "huge", "x", "numpy.multiply", "3.9 * y", "200 times"),
    "overflowing recurrence": Planted(overflowing, (1e-3,), "infinity", "value", "numpy.multiply", "3.9 * y", "overflow", run=527),
    "vanishing recurrence": Planted(vanishing, (1.0,), "vanishing", "x", "numpy.multiply", "0.5 * y", "100 times"),
    "cancelled paths": Planted(cancelled, (np.array([1.0, 2.0]),), "zero", "x", "numpy.subtract", "a - b", "cancel"),
    "a sum that is always 1": Planted(normalised_sum, (np.array([1.0, 1.0]),), "zero", "x", what="cancel"),
    "unused argument": Planted(unused, (np.ones(2), np.ones(3)), "zero", "y", what="never uses"),
    "multiplied by zero": Planted(returned_wrong, (1.0,), "zero", "x", "numpy.multiply", "y * 0.0", "factor is 0"),
    "overwritten": Planted(overwritten, (np.ones(3),), "zero", "x[1]", "write", "y[1]", "overwritten"),
    "missing data": Planted(missing_data, (np.ones(3),), "nan", "value", what="data that f refers to"),
    "nan in the argument": Planted(nan_argument, (np.array([1.0, np.nan]),), "nan", "value", what="argument x[1] is nan"),
    "equal points": Planted(distance_of_equal_points, (np.ones((2, 3)),), "strong zero", "p[0, 0]", "numpy.sqrt", "np.sqrt(np.sum(d**2))"),
    "std of equal": Planted(std_of_equal, (np.ones(3),), "nan", "value", "numpy.divide", "(x - np.mean(x)) / np.std(x)"),
    "arccos of 1": Planted(arccos_of_one, (2.0,), "infinity", what="arccos", primitive="numpy.arccos", code="np.arccos("),
    "clip": Planted(clipped, (np.array([0.5, 3.0]),), "zero", "x[1]", "clip", "np.clip(x, 0.0, 1.0)", "outside"),
    "small divisor": Planted(small_divisor, (np.ones(2),), "huge", "x[0]", "numpy.divide", "np.sum(x) / 1e-12", "1e+12"),
    "power of zero": Planted(power_of_zero, (np.array([0.0, 1.0]),), "infinity", "x[0]", "numpy.power", "x**0.5"),
    "entropy at 0": Planted(log_of_zero_in_entropy, (np.array([0.0, 1.0]),), "infinity", "value", "numpy.log", "np.log(p)"),
    "sigmoid underflows": Planted(saturated_sigmoid_loss, (-800.0,), "infinity", "value", "numpy.log", "np.log(s)"),
    "a factor of zero": Planted(zero_weight, (np.ones(2), np.array([0.0, 2.0])), "zero", "w[0]", "numpy.multiply", "w * x", "factor is 0"),
    "argmax": Planted(argmax_choice, (np.array([1.0, 3.0]),), "zero", "x", "numpy.argmax", "np.argmax(x)"),
    "division by zero at one element": Planted(inverse_distance, (np.array([1.0, 5.0, 2.0, 7.0]),), "infinity", "value", "numpy.divide", "1.0 / np.abs", run=3),
}  # fmt: skip
