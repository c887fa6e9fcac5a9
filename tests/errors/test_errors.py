"""Bad input 1-33: what a user is told, asserted by text on both lines."""

import fractions
import functools
import re

import numpy as np
import pytest

import wengert as wg


def says(kind, call, first, second=None):
    """`call` raises `kind`; the first line of the message says what was wrong, a later one what to do."""
    with pytest.raises(kind) as caught:
        call()
    lines = str(caught.value).split("\n")
    assert re.search(first, lines[0]), lines
    for word in ("Box", "Tracer", "aten", "<wengert", "object at 0x"):
        assert word not in str(caught.value)
    if second is None:
        return
    assert len(lines) > 1, lines
    assert re.search(second, "\n".join(lines[1:])), lines


def square_sum(x):
    return np.sum(x * x)


# ── results that grad cannot use ──


def test_01_output_is_an_array():
    says(
        TypeError,
        lambda: wg.grad(lambda x: x * 2)(np.ones(3)),
        r"grad needs a scalar output, but <lambda> returned float64\[3\]",
        r"Sum it, or use jacobian / vjp",
    )


def test_02_output_has_one_element():
    says(
        TypeError,
        lambda: wg.grad(lambda x: x[:1])(np.ones(3)),
        r"grad needs a scalar output, but <lambda> returned float64\[1\]",
        r"Index it .*out\[0\].* reshape it to \(\)",
    )


def test_12_forgot_return():
    def no_return(x):
        np.sum(x)

    says(TypeError, lambda: wg.grad(no_return)(np.ones(3)), r"no_return returned None\. Did you forget `return`\?")
    says(TypeError, lambda: wg.grad(no_return)(np.ones(3)), r"no_return at test_errors\.py:\d+")


def test_13_returns_list():
    says(
        TypeError,
        lambda: wg.grad(lambda x: [x[0], x[1]])(np.ones(3)),
        r"grad needs one number, but <lambda> returned list of 2",
        r"[Rr]eturn .*element.*has_aux=True",
    )


def test_14_returns_dict():
    says(
        TypeError,
        lambda: wg.grad(lambda x: {"a": x[0]})(np.ones(3)),
        r"returned dict with keys \['a'\]",
        r"has_aux=True",
    )


def test_15_returns_pair_without_has_aux():
    says(
        TypeError,
        lambda: wg.grad(lambda x: (x[0], x[1]))(np.ones(3)),
        r"returned tuple of 2",
        r"[Ii]f the second item is auxiliary data pass has_aux=True",
    )


def test_15_has_aux_without_pair():
    says(
        TypeError,
        lambda: wg.grad(square_sum, has_aux=True)(np.ones(3)),
        r"has_aux=True.* needs f to return \(value, aux\), got float64",
        r"Return a pair",
    )


def test_16_returns_str():
    says(TypeError, lambda: wg.grad(lambda x: "no")(1.0), r"<lambda> returned str", r"Return")


def test_17_returns_complex():
    says(
        TypeError,
        lambda: wg.grad(lambda z: z * z)(1.0 + 2.0j),
        r"grad needs a real output, but <lambda> returned complex",
        r"real.*abs.*\*\*2.*holomorphic=True",
    )


def test_18_complex_convention_is_steepest_ascent():
    assert wg.grad(lambda z: np.abs(z) ** 2)(1.0 + 2.0j) == pytest.approx(2.0 + 4.0j)
    assert "steepest ascent" in wg.grad.__doc__


def test_19_holomorphic_needs_complex_input():
    says(
        TypeError,
        lambda: wg.grad(lambda x: x * x, holomorphic=True)(1.0),
        r"holomorphic=True needs complex input, got float",
        r"Pass a complex number",
    )


# ── arguments that grad cannot use ──


def test_03_python_int():
    def f(x):
        return x * 2

    says(
        TypeError,
        lambda: wg.grad(f)(3),
        r"argument 0 \('x'\) is int; derivatives need a float",
        r"Use 3\.0",
    )


def test_04_integer_array():
    says(
        TypeError,
        lambda: wg.grad(square_sum)(np.arange(3)),
        r"argument 0 \('x'\) has dtype int64",
        r"\.astype\(float\)",
    )


@pytest.mark.parametrize("value", [True, np.bool_(False)])
def test_05_bool(value):
    says(TypeError, lambda: wg.grad(lambda x: x * 2.0)(value), r"argument 0 \('x'\) is bool", r"float")


def test_05_bool_array():
    says(TypeError, lambda: wg.grad(square_sum)(np.array([True])), r"has dtype bool", r"\.astype\(float\)")


def test_06_uint8_before_any_operation():
    called = []
    image = np.full((2, 2), 200, np.uint8)
    says(TypeError, lambda: wg.grad(lambda x: called.append(1))(image), r"has dtype uint8", r"\.astype\(float\)")
    assert not called


def test_07_list_is_a_container():
    assert wg.grad(lambda x: x[0] * x[1])([2.0, 3.0]) == [3.0, 2.0]


def test_07_list_with_an_int_names_its_place():
    says(TypeError, lambda: wg.grad(lambda x: x[0] * x[1])([2.0, 3]), r"argument 0 \('x\[1\]'\) is int", r"Use 3\.0")


def test_08_str():
    says(TypeError, lambda: wg.grad(square_sum)("no"), r"argument 0 \('x'\) is str, not numeric", r"float")


def test_09_none():
    says(TypeError, lambda: wg.grad(square_sum)(None), r"argument 0 \('x'\) is None", r"float")


def test_10_object_array():
    mixed = np.array([1, fractions.Fraction(1, 2)], dtype=object)
    says(
        TypeError,
        lambda: wg.grad(square_sum)(mixed),
        r"argument 0 \('x'\) has dtype object.*Fraction, int",
        r"astype\(float\)",
    )


def test_11_masked_array():
    masked = np.ma.masked_array([1.0, 2.0], [True, False])
    says(TypeError, lambda: wg.grad(square_sum)(masked), r"argument 0 \('x'\) is a masked array", r"filled|compressed")


def test_11_matrix():
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0, 2.0]])
    says(TypeError, lambda: wg.grad(square_sum)(matrix), r"argument 0 \('x'\) is a numpy\.matrix", r"np\.asarray")


def test_11_unknown_array_class_names_the_conversion():
    class Frame:
        def __array__(self, dtype=None, copy=None):
            return np.ones(2)

    says(TypeError, lambda: wg.grad(square_sum)(Frame()), r"argument 0 \('x'\) is a .*Frame", r"np\.asarray")


# ── disconnected and detached ──


def test_20_disconnected_is_zero():
    got = wg.grad(lambda x: 3.0)(np.ones((2, 3), np.float32))
    assert got.shape == (2, 3)
    assert got.dtype == np.float32
    assert not got.any()
    assert wg.grad(lambda x: 3.0)(1.0) == 0.0


def test_20_strict_raises():
    says(
        TypeError,
        lambda: wg.grad(lambda x: 3.0, strict=True)(1.0),
        r"strict=True.*output of <lambda> does not depend on the input",
    )


def test_28_argnum_out_of_range():
    says(
        ValueError,
        lambda: wg.grad(square_sum, argnums=2)(np.ones(2)),
        r"argnum=2 but f was called with 1 positional argument \(x\)",
        r"[Cc]ount positions from 0",
    )


def test_28_argnum_out_of_range_names_all():
    says(
        ValueError,
        lambda: wg.grad(lambda a, b: a * b, argnums=(0, 2))(1.0, 2.0),
        r"argnum=2 but f was called with 2 positional arguments \(a, b\)",
    )


def test_29_keyword_argument_is_differentiated():
    assert wg.grad(lambda x, y=1.0: x * x * y)(x=3.0) == 6.0
    assert wg.grad(lambda x, y=1.0: x * x * y, argnums=1)(x=3.0, y=2.0) == 9.0
    assert wg.grad(lambda x, y=1.0: x * x * y)(3.0, y=2.0) == 12.0


def test_30_missing_argument():
    says(TypeError, lambda: wg.grad(lambda x, y: x * y)(1.0), r"missing 1 required positional argument: 'y'")
    says(TypeError, lambda: wg.grad(square_sum)(), r"missing a required argument: 'x'|missing 1 required positional")


@pytest.mark.parametrize(
    "make",
    [wg.grad, wg.value_and_grad, wg.jacobian, wg.hessian, wg.derivative],
    ids=lambda make: make.__name__,
)
def test_31_not_callable(make):
    says(TypeError, lambda: make(3.0), rf"{make.__name__}.* expects a function, got float 3\.0", r"Pass the function")


def test_31_not_callable_products():
    says(TypeError, lambda: wg.jvp(3.0, (1.0,), (1.0,)), r"jvp expects a function, got float 3\.0")
    says(TypeError, lambda: wg.vjp(3.0, 1.0), r"vjp expects a function, got float 3\.0")


def test_32_tangent_of_wrong_shape():
    says(
        ValueError,
        lambda: wg.jvp(square_sum, (np.ones(3),), (np.ones(2),)),
        r"tangent 0 has shape \(2,\), argument 0 \('x'\) has shape \(3,\)",
        r"shape",
    )


def test_32_wrong_number_of_tangents():
    says(ValueError, lambda: wg.jvp(square_sum, (np.ones(3),), ()), r"0 tangents for 1 primals", r"one tangent per")


def test_32_tangent_of_wrong_dtype():
    says(TypeError, lambda: wg.jvp(np.sin, (1.0,), ("a",)), r"tangent 0 is str, not numeric", r"Pass numbers")
    says(TypeError, lambda: wg.jvp(np.sin, (1.0,), (1j,)), r"tangent 0 is complex", r"real")


def test_33_cotangent_of_wrong_shape():
    _, pullback = wg.vjp(np.sin, np.ones(3))
    says(
        ValueError,
        lambda: pullback(np.ones(2)),
        r"cotangent has shape \(2,\), output has shape \(3,\)",
        r"shape",
    )


def test_33_cotangent_of_wrong_structure():
    _, pullback = wg.vjp(lambda x: (x, 2 * x), np.ones(3))
    says(ValueError, lambda: pullback(np.ones(3)), r"cotangent .* output has 2", r"structure")
    says(ValueError, lambda: pullback([np.ones(3), np.ones(3)]), r"cotangent is list of 2", r"structure")


def test_33_cotangent_of_wrong_dtype():
    _, pullback = wg.vjp(np.sin, np.ones(3))
    says(TypeError, lambda: pullback(np.array(["a", "b", "c"])), r"cotangent is <U1\[3\], not numeric")
    says(TypeError, lambda: pullback(np.ones(3) * 1j), r"cotangent is complex128\[3\]", r"real")


# ── more of the same kind ──


def test_28_argnums_of_a_wrong_type():
    for bad in ("x", None, 1.0, True, (0, "y")):
        says(TypeError, lambda bad=bad: wg.grad(square_sum, argnums=bad), r"grad: argnums is", r"position")
    assert wg.grad(lambda a, b: a * b, argnums=np.int64(1))(2.0, 3.0) == 2.0
    assert wg.grad(lambda a, b: a * b, argnums=[1, 0])(2.0, 3.0) == (2.0, 3.0)


def test_28_argnums_twice():
    says(ValueError, lambda: wg.grad(square_sum, argnums=(0, 0)), r"argnums \(0, 0\) names an argument twice", r"once")


def test_32_tangent_of_another_structure():
    f = lambda p: p["a"] * p["b"]
    p = {"a": 1.0, "b": 2.0}
    for bad in ({"a": 1.0}, {"a": 1.0, "c": 2.0}, [1.0, 2.0]):
        says(
            ValueError,
            lambda bad=bad: wg.jvp(f, (p,), (bad,)),
            r"tangent 0 is .*, argument 0 \('p'\) is dict with keys \['a', 'b'\]",
            r"structure",
        )
    says(TypeError, lambda: wg.jvp(np.sin, (1.0,), 1.0), r"jvp: tangents must be a tuple.*got float", r"\(x_dot,\)")
    says(TypeError, lambda: wg.jvp(np.sin, 1.0, (1.0,)), r"jvp: primals must be a tuple.*got float", r"\(x,\)")


@pytest.mark.parametrize(
    "call",
    [
        lambda f: wg.jacobian(f)(1.0),
        lambda f: wg.derivative(f)(1.0),
        lambda f: wg.jvp(f, (1.0,), (1.0,)),
        lambda f: wg.vjp(f, 1.0),
        lambda f: wg.linearize(f, 1.0),
    ],
)
def test_12_16_results_that_are_no_numbers(call):
    for result, text in ((None, "NoneType"), ("no", "str"), (print, "builtin_function"), ({"a": None}, "NoneType")):
        f = functools.partial(lambda result, x: result, result)
        says(TypeError, lambda f=f: call(f), rf"needs numbers, but .* returned {text}", r"return|has_aux")


def test_17_jacobian_of_a_function_that_is_not_holomorphic():
    z = np.array([1.0 + 2.0j])
    np.testing.assert_allclose(wg.jacobian(lambda z: z**2)(z), [[2 + 4j]])
    for f in (lambda z: np.abs(z) ** 2, np.conj, np.real):
        for mode in ("forward", "reverse"):
            says(TypeError, lambda f=f, mode=mode: wg.jacobian(f, mode=mode)(z), r"not holomorphic", r"jvp and vjp")


def test_22_derivative_needs_a_number():
    says(
        TypeError,
        lambda: wg.derivative(np.sin)(np.ones(2)),
        r"derivative needs a scalar input, but argument 0 has shape \(2,\)",
        r"jacobian",
    )
    says(ValueError, lambda: wg.derivative(np.sin, order=1.5), r"order is 1\.5", r"whole number")
    says(ValueError, lambda: wg.jacobian(np.sin, mode="fwd"), r"mode is 'fwd'", r'"auto", "forward", "reverse"')
