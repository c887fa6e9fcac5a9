"""Programs as libraries write them: where functions and types are held."""

import math

import numpy as np
from check import check
from scipy import ndimage

import wengert as wg

POINT = np.array([0.7, 1.3, 2.1])


# ── where functions are held ──


class Strategy:
    """An object that is given its function."""

    def __init__(self, transform, **options):
        self.transform = transform
        self.options = options

    def __call__(self, x):
        return self.transform(x, **self.options)


ROOT, BLUR = Strategy(math.sqrt), Strategy(ndimage.gaussian_filter, sigma=0.8)
chosen = None


def test_functions_that_an_object_holds():
    check(lambda x: ROOT(x) * x, 2.0)
    check(lambda x: BLUR(x) * x, POINT)


def powered(x, root=math.sqrt, dtype=np.float64):
    """The function, and the type, are default arguments."""
    return dtype(root(x)) ** 3


def test_functions_that_are_default_arguments():
    check(lambda x: powered(x) * x, 2.0)
    check(lambda x, f=math.lgamma, blur=ndimage.gaussian_filter: f(x[0]) * blur(x, 0.8), POINT)


def choose(which):
    global chosen
    chosen = {"gamma": math.lgamma, "erf": math.erf, "log": math.log}[which]


def through_chosen(x):
    return chosen(x) * x


def test_a_name_that_is_bound_after_the_first_derivative():
    for which in ("gamma", "erf", "log"):
        choose(which)
        x, h = 2.3, 1e-5
        slope = (through_chosen(x + h) - through_chosen(x - h)) / (2 * h)
        np.testing.assert_allclose(wg.grad(through_chosen)(x), slope, rtol=1e-8)


FILTERS = {"smooth": ndimage.convolve}
KERNEL = np.array([[0.0, 0.25, 0.0], [0.25, 0.0, 0.25], [0.0, 0.25, 0.0]])


def relaxed(image):
    flow = np.zeros_like(image)
    for _ in range(150):
        flow = FILTERS["smooth"](flow, KERNEL) - 0.1 * FILTERS["smooth"](image, KERNEL)
    return np.stack((flow, flow), 2)


def test_a_filter_out_of_a_table_many_times():
    image = np.cos(np.arange(12.0)).reshape(3, 4)
    check(relaxed, image, order=1)


# ── types ──


def cleared(values):
    """The first takes over the others' share; these are zeros of its own type."""
    total = values[0]
    for k in range(1, len(values)):
        total = total + values[k]
        values[k] = type(total)(0.0)
    values[0] = total
    return values


def test_zeros_of_the_type_of_a_number():
    check(lambda a, b: sum(v * (k + 1) for k, v in enumerate(cleared([a, b, a * b]))), 0.7, 1.3)
    check(lambda x: sum(v * (k + 1) for k, v in enumerate(cleared(list(x)))), POINT)


FLOATS = (np.float16, np.float32, np.float64)
default = np.float64


def as_float(x, dtype=None):
    """The usual conversion, with the type from a variable that is looked up in a list of allowed ones."""
    dtype = default if dtype is None else dtype
    assert dtype in FLOATS, f"{dtype} is none of {FLOATS}"
    return dtype(x)


def test_a_floating_type_in_a_variable():
    check(lambda x: as_float(x) ** 2, POINT)


class Odd:
    """A class whose instances compute what others have as a constant."""

    @property
    def __module__(self):
        return "odd"

    def __call__(self, x):
        return x**2


odd = Odd()


def newer(x):
    try:
        from scipy.not_there_yet import square
    except ImportError:
        square = np.square
    return square(odd(x))


def test_odd_classes_and_imports_of_what_is_not_there():
    check(newer, 0.7)
