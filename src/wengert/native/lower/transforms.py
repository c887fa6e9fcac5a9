"""Discrete Fourier transforms: native code calls the inner loops of the ufuncs that numpy.fft is made of.

    loop(addresses of x, scale and y; counts (rows, length of x, length of y); steps from row to row, then from element
         to element of x and of y)

The loop itself cuts x, or fills it up with zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.joined import JOINED, join
from wengert.native.lower.places import moved
from wengert.native.lower.table import LOWER, memory_of
from wengert.native.lower.ufuncs import Loop, bytes_of, loop_at
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import DTYPES, Node
from wengert.passes.complex_values import is_complex

_UFUNCS: Any = getattr(np.fft, "_pocketfft_umath", None)
"""NumPy's own ufuncs of numpy.fft (from NumPy 2.0 on)."""
_WIDE = {"f64": "c128", "f32": "c64"}
_WIDE_DTYPES: dict[str, Any] = {"c128": np.complex128, "c64": np.complex64}


def _loop(name: str, dtype: str, of_real: bool, to_real: bool) -> Loop:
    """The loop of a ufunc that computes in this floating dtype."""
    ufunc = getattr(_UFUNCS, name, None)
    dtypes = (dtype if of_real else _WIDE[dtype], dtype, dtype if to_real else _WIDE[dtype])
    text = "{}{}->{}".format(*[np.dtype(_WIDE_DTYPES.get(d, DTYPES.get(d))).char for d in dtypes])
    types: list[str] = list(getattr(ufunc, "types", ()))
    loop = loop_at(ufunc, types.index(text), len(types), dtypes) if text in types else None
    if loop is None:
        raise Unsupported("numpy.fft is not made of ufuncs that are known")
    return loop


def _transform(name: Callable[[int], str], forward: bool, of_real: bool = False, to_real: bool = False) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        (x,), n = args, line.params["n"]
        t, given = line.outs[0].type, line.args[0].type
        axis = line.params["axis"] % len(given.shape)
        dtype = memory_of(t)[1]
        if not prod(given.shape) or not prod(t.shape) or (of_real and is_complex(given)):
            raise Unsupported("a transform of nothing")
        loop = _loop(name(n), dtype, of_real, to_real)
        x = m.cast(x, dtype)
        if not of_real and not is_complex(given):
            x = join(m, x, m.broadcast(m.number(0.0, dtype), x.shape))
        x = moved(m, x, lambda a: np.moveaxis(a, axis, len(given.shape) - 1))
        counts = (prod(given.shape) // given.shape[axis], given.shape[axis], t.shape[axis])
        scale = m.number(_scale(line.params["norm"], n, forward), dtype)
        sizes = [bytes_of(name) for name in (loop.inputs[0], loop.outputs[0])]
        steps = (counts[1] * sizes[0], 0, counts[2] * sizes[1], *sizes)
        made = m.make(
            "library", "ufunc", (m.reshape(x, (x.size,)), m.reshape(scale, (1,))),
            (counts[0] * counts[2] * (1 if to_real else 2),), dtype, (loop, counts, steps, (0,)),
        )  # fmt: skip
        last = (*[k for d, k in enumerate(t.shape) if d != axis], t.shape[axis], *memory_of(t)[0][len(t.shape) :])
        return moved(m, m.reshape(made, last), lambda a: np.moveaxis(a, len(t.shape) - 1, axis))

    return lowering


def _scale(norm: Any, n: int, forward: bool) -> float:
    if norm == "ortho":
        return 1 / float(np.sqrt(n))
    return 1.0 if (norm == "forward") != forward else 1 / n


TRANSFORMS: dict[str, Any] = {
    "numpy.fft.fft": _transform(lambda n: "fft", True),
    "numpy.fft.ifft": _transform(lambda n: "ifft", False),
    "numpy.fft.rfft": _transform(lambda n: "rfft_n_odd" if n % 2 else "rfft_n_even", True, of_real=True),
    "numpy.fft.irfft": _transform(lambda n: "irfft", False, to_real=True),
}
for _name, _lowering in TRANSFORMS.items():
    LOWER[_name] = JOINED[_name] = _lowering
