"""scipy.signal: convolution of images, and states of filters, where SciPy's code takes a branch of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal as _signal

from wengert.record.protocols import any_recorded
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import plainly
from wengert.rules.solved import renewed, still

signal: Any = _signal


@replace(signal.convolve, signal.correlate)
def _convolve(original: Any) -> Any:
    """SciPy has compiled code for more than one axis; its derivative is that of the transform's way."""

    def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
        if not any_recorded((in1, in2)):
            return plainly(original)(in1, in2, mode, method)
        in1, in2 = as_array(in1), as_array(in2)
        if np.ndim(concrete(in1)) < 2:
            return run_body(original, (in1, in2, mode, method), {})
        plain = plainly(original)(still(in1), still(in2), mode, method)
        other = np.conj(np.flip(in2)) if original.__name__ == "correlate" else in2
        return renewed(plain, signal.fftconvolve(in1, other, mode))

    return convolve


@replace(signal.lfilter_zi, signal.lfiltic)
def _of_filter(original: Any) -> Any:
    """SciPy divides by a₀ only if it is not 1: always, or the derivative in it were lost."""

    def of(b: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
        if not any_recorded((b, a, args, kwargs)):
            return plainly(original)(b, a, *args, **kwargs)
        a = np.atleast_1d(as_array(a))
        if still(a)[0] != 0:
            b, a = np.atleast_1d(as_array(b)) / a[0], a / a[0]
        return run_body(original, (b, a, *args), kwargs)

    return of
