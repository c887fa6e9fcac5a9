"""Text of recorded numbers: printed as any other, refused where it is read as a number again."""

import copy
import io
import json
import pickle
import struct

import numpy as np
import pytest

import wengert as wg
from wengert.errors import LostDerivative, NoDerivative

TEXTS = {
    "str": lambda x: float(str(x)),
    "an f-string": lambda x: float(f"{x:.17g}"),
    "rounded": lambda x: float(f"{x:.3f}".strip()),
    "NumPy's number": lambda x: np.float64(f"{x}"),
    "%": lambda x: float("%s" % x),  # noqa: UP031
    "a list": lambda x: np.array([str(x)], dtype=float)[0],
    "JSON": lambda x: json.loads(json.dumps({"x": [x]}))["x"][0],
    "bytes": lambda x: struct.unpack("d", struct.pack("d", x))[0],
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("derivative", [wg.grad, wg.derivative, lambda f: wg.jit(wg.grad(f))])
def test_what_is_read_back_from_text(name, derivative):
    with pytest.raises(
        (LostDerivative, NoDerivative), match=r"derivative.*\(called at test_text\.py:\d+.*\n(Use|Copy)"
    ):
        derivative(lambda x: TEXTS[name](x) * x)(1.5)


def test_text_is_text():
    """Printed, kept, written, pickled; and a number again once the derivative is computed."""
    kept = []

    def f(x):
        kept.append(f"{x}")
        out = io.StringIO()
        print(x, f"{x:.2f}", f"{x!r}", "%g" % x, ", ".join([str(x)]), file=out)  # noqa: UP031
        assert out.getvalue() == "1.5 1.50 1.5 1.5 1.5\n"
        assert json.dumps({"x": str(x)}) == '{"x": "1.5"}'
        assert copy.deepcopy(str(x)) == pickle.loads(pickle.dumps(str(x))) == "1.5"
        assert int(str(x).split(".")[0]) == 1
        return x * x

    assert wg.grad(f)(1.5) == 3.0
    assert float(kept[0]) == 1.5


def test_the_text_of_a_number_is_the_same_key_every_time():
    """What is kept by the text of x is found by it."""

    def f(x, y):
        kept = {str(x): 2.0 * x, str(y): y}
        kept[f"{x}"] += x
        return kept[str(x)] * kept[f"{y}"]

    assert wg.grad(f, argnums=(0, 1))(1.5, 2.5) == (7.5, 4.5)
