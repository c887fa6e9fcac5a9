"""`same`: two results agree in structure, types, dtypes and shapes, and in value to rounding."""

import numpy as np

from wengert import tree


def same(got, expected, rtol=1e-11):
    left, structure = tree.flatten(got)
    right, wanted = tree.flatten(expected)
    assert structure == wanted, (structure, wanted)
    for a, b in zip(left, right, strict=True):
        assert type(a) is type(b), (type(a), type(b))
        if isinstance(b, (np.ndarray, np.generic)):
            assert a.dtype == b.dtype, (a.dtype, b.dtype)
            assert a.shape == b.shape, (a.shape, b.shape)
        if not isinstance(b, (float, complex, np.ndarray, np.generic)):
            assert a == b
            continue
        single = np.asarray(b).dtype in (np.float32, np.complex64)
        scale = float(np.max(np.abs(np.where(np.isfinite(b), b, 0)), initial=0.0)) if np.size(b) else 0.0
        r = 2e-5 if single else rtol
        np.testing.assert_allclose(a, b, rtol=r, atol=max(r * min(scale, 1e300), 1e-15), equal_nan=True)


def outcome(f, *args, **kwargs):
    """(the result, None) or (None, the type of the error)."""
    with np.errstate(all="ignore"):
        try:
            return f(*args, **kwargs), None
        except Exception as error:
            return None, type(error)


def agree(jitted, f, *args, **kwargs):
    """jitted(*args) is f(*args), or raises what that raises; the first call may give what was recorded, the second one
    what was compiled."""
    expected, error = outcome(f, *args, **kwargs)
    for _ in range(2):
        got, raised = outcome(jitted, *args, **kwargs)
        assert raised is error, (raised, error)
        if error is None:
            same(got, expected)
