"""Functions of one array that programs call with a list: `np.sum([f(x) for x in xs])`, `np.linalg.norm([a, b])`.

NumPy asks an argument for its protocols, but not the elements of a list. While recording, these
functions look into the list and make one recorded array of it. There are arguments that NumPy does not ask at all,
such as `left` of np.interp: beside a plain array a recorded one is seen here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.build import SEQUENCES, build, contains_value, may_hold, opened
from wengert.record.protocols import any_recorded, array_function
from wengert.record.quick import at_once
from wengert.record.state import compute, state
from wengert.record.swap import replace, run_body
from wengert.record.value import Array, Scalar

_polyval = np.polyval
_AS_GIVEN = {np.trim_zeros, np.histogramdd, np.bmat}
"""To these a list means something else than the array of it."""
_REDUCTIONS = (
    np.sum, np.mean, np.prod, np.max, np.min, np.std, np.var, np.median, np.average, np.cumsum, np.cumprod,
    np.linalg.norm, np.argmax, np.argmin, np.sort, np.argsort, np.diff, np.any, np.all, np.ptp, np.trapezoid,
    np.polyval, np.lexsort, np.quantile, np.percentile, np.interp, np.reshape, np.ravel, np.transpose, np.linalg.det,
    np.linalg.inv, np.linalg.eigvals, np.linalg.eigh, np.linalg.eigvalsh, np.trace, np.flip, np.roll,
    np.squeeze, np.isclose, np.allclose, np.clip, np.round, np.cross, np.convolve, np.kron, np.outer,
    np.inner, np.dot, np.vdot, np.matmul, np.linalg.solve, np.tensordot, np.gradient, np.nansum, np.nanmean,
    np.einsum, np.where, np.append, np.insert, np.delete, np.repeat, np.pad, np.resize, np.broadcast_to,
    np.broadcast_arrays, np.expand_dims, np.swapaxes, np.moveaxis, np.rollaxis, np.atleast_1d, np.atleast_2d,
    np.atleast_3d, np.fliplr, np.flipud, np.rot90, np.diagonal, np.diagflat, np.tril, np.triu, np.take,
    np.split, np.array_split, np.meshgrid, np.linalg.outer, np.linalg.matrix_power,
    np.linalg.slogdet, np.linalg.cholesky, np.linalg.svd, np.linalg.qr, np.linalg.eig, np.linalg.pinv,
    np.linalg.lstsq, np.linalg.cond, np.trim_zeros, np.real, np.imag, np.count_nonzero, np.nonzero,
    np.searchsorted, np.apply_along_axis, np.ediff1d, np.unwrap, np.nanmax, np.nanmin, np.nanstd, np.nanvar,
    np.nanprod, np.nanmedian, np.polyfit, np.roots, np.cov, np.corrcoef, np.correlate, np.nan_to_num,
    np.bincount, np.histogram, np.nanquantile, np.nanpercentile, np.unique, np.partition, np.cumulative_sum,
    np.cumulative_prod, np.nancumsum, np.nancumprod, np.compress, np.extract, np.choose, np.digitize, np.isin,
    np.angle, np.argpartition, np.argwhere, np.array_equal, np.array_equiv, np.copyto, np.fill_diagonal, np.fix,
    np.flatnonzero, np.geomspace, np.histogram2d, np.hsplit, np.vsplit, np.dsplit, np.i0, np.iscomplex, np.isreal,
    np.iscomplexobj, np.isrealobj, np.isneginf, np.isposinf, np.matrix_transpose, np.nanargmax, np.nanargmin,
    np.ndim, np.shape, np.size, np.place, np.put, np.putmask, np.put_along_axis, np.poly, np.polyadd, np.polyder,
    np.polydiv, np.polyint, np.polymul, np.polysub, np.real_if_close, np.setdiff1d, np.union1d, np.intersect1d,
    np.sinc, np.sort_complex, np.take_along_axis, np.unstack, np.linalg.cross, np.linalg.diagonal,
    np.linalg.matmul, np.linalg.matrix_norm, np.linalg.matrix_rank, np.linalg.matrix_transpose, np.linalg.svdvals,
    np.linalg.tensordot, np.linalg.tensorinv, np.linalg.tensorsolve, np.linalg.trace, np.linalg.vecdot,
    np.linalg.vector_norm, np.fft.fft, np.fft.fft2, np.fft.fftn, np.fft.fftshift, np.fft.hfft, np.fft.ifft,
    np.fft.ifft2, np.fft.ifftn, np.fft.ifftshift, np.fft.ihfft, np.fft.irfft, np.fft.irfft2, np.fft.irfftn,
    np.fft.rfft, np.fft.rfft2, np.fft.rfftn, np.amax, np.amin, np.around, np.histogramdd, np.histogram_bin_edges,
    np.setxor1d, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values, np.linalg.multi_dot,
    np.lib.stride_tricks.sliding_window_view, np.einsum_path, np.emath.sqrt, np.emath.log, np.emath.log2,
    np.emath.log10, np.emath.logn, np.emath.power, np.emath.arccos, np.emath.arcsin, np.emath.arctanh, np.bmat,
)  # fmt: skip


_INITIAL = ("initial",)
_NOT_ASKED: dict[Any, tuple[int, tuple[str, ...]]] = {
    np.interp: (3, ("left", "right", "period")), np.nan_to_num: (2, ("nan", "posinf", "neginf")),
    np.pad: (2, ("mode", "constant_values", "end_values")), np.unwrap: (3, ("period",)),
    **dict.fromkeys((np.histogram, np.histogram2d), (2, ("range",))),
    np.linalg.norm: (1, ("ord",)), np.polyint: (2, ("k",)), np.linalg.vector_norm: (4, ("ord",)),
    **dict.fromkeys((np.std, np.var, np.nanstd, np.nanvar), (4, ("ddof", "correction"))),
    **dict.fromkeys((np.sum, np.prod, np.max, np.min, np.nansum, np.nanprod, np.nanmax, np.nanmin), (5, _INITIAL)),
}  # fmt: skip
"""The arguments that NumPy does not ask for their protocols: the place of the first of them, and their names. A
function among them (a `mode` of np.pad) may hold recorded values of its own."""


def _is_unseen(known: tuple[int, tuple[str, ...]], args: Any, kwargs: Any) -> bool:
    first, names = known
    if len(args) <= first and (not kwargs or kwargs.keys().isdisjoint(names)):
        return False
    unseen = [*args[first:], *(kwargs[name] for name in names if name in kwargs)]
    return any([callable(a) or any_recorded(a) for a in unseen])


_ASKING_ALL = {
    np.where, np.dot, np.outer, np.inner, np.vdot, np.kron, np.cross, np.tensordot, np.convolve, np.correlate,
    np.linalg.solve, np.append,
}  # fmt: skip
"""Of these NumPy asks every array that is given by its place."""


_OF_POLYNOMIALS = {np.polyadd, np.polysub, np.polymul, np.polydiv, np.polyder, np.polyint}
"""What gives a poly1d for one."""


@replace(*(function for function in _REDUCTIONS if not isinstance(function, np.ufunc)))
def _of_sequences(original: Any) -> Any:
    not_asked = _NOT_ASKED.get(original)
    of_value = at_once(original)
    as_given, asks_all = original in _AS_GIVEN, original in _ASKING_ALL
    of_polynomials = original in _OF_POLYNOMIALS
    asks_first = not as_given and original is not _polyval

    def call(*args: Any, **kwargs: Any) -> Any:
        if asks_first and len(args) == 1 and type(args[0]) is Array and (not kwargs or kwargs.keys() <= _AXES):
            return of_value(*args, **kwargs)
        if as_given and any_recorded(args):
            return run_body(original, args, kwargs)
        if original is _polyval and len(args) > 1 and _is_composed(*args[:2]):
            return run_body(original, args, kwargs)
        if of_polynomials and any([isinstance(a, np.poly1d) for a in args]) and _is_any_recorded(args):
            y = call(*[a.coeffs if isinstance(a, np.poly1d) else a for a in args], **kwargs)
            return tuple([np.poly1d(part) for part in y]) if isinstance(y, tuple) else np.poly1d(y)
        if not_asked is not None and _is_unseen(not_asked, args, kwargs):
            return array_function(None, original, (), args, kwargs)
        for a in args:
            if type(a) is Array:
                continue
            is_list = type(a) in SEQUENCES or (state.beside and may_hold(a))
            if (is_list and contains_value(a)) or _is_polynomial(a) or opened(a) is not a:
                args = tuple([_array(a) for a in args])
                break
        if kwargs:
            kwargs = {name: _array(a) for name, a in kwargs.items()}
        if args and (type(args[0]) in _VALUES or (asks_all and _holds_value(args))):
            return of_value(*args, **kwargs)
        return _undisturbed(original, args, kwargs)

    return call


def _holds_value(args: Any) -> bool:
    return any([type(a) in _VALUES for a in args])


def _undisturbed(function: Any, args: Any, kwargs: Any) -> Any:
    """function(*args, **kwargs); of plain data as always, though Python code of NumPy's may just be a user's."""
    if not state.bodies or any([type(a) in _VALUES or callable(a) for a in (*args, *kwargs.values())]):
        return function(*args, **kwargs)
    return compute(function, args, kwargs)


_AXES = {"axis", "keepdims"}
_VALUES = {Array, Scalar}
_NO_SEQUENCES = {Array, Scalar, int, float, bool, str, type(None)}


def _is_any_recorded(args: Any) -> bool:
    """Whether an argument, or a coefficient of one, is recorded."""
    return any([_is_polynomial(a) or contains_value(a) for a in args])


def _is_polynomial(a: Any) -> bool:
    """Whether a is a poly1d with recorded coefficients."""
    return isinstance(a, np.poly1d) and contains_value(vars(a).get("coeffs"))


def _is_composed(p: Any, x: Any) -> bool:
    """Whether p(x) is a polynomial in the variable of the polynomial x, and has recorded coefficients."""
    return isinstance(x, np.poly1d) and (contains_value(p) or _is_polynomial(p) or _is_polynomial(x))


def _array(a: Any) -> Any:
    if type(a) in _NO_SEQUENCES:
        return a
    if _is_polynomial(a):
        return a.coeffs
    if not may_hold(a) or not contains_value(a):
        return opened(a)
    try:
        return build(a)
    except ValueError:  # a ragged nest: the bins of several axes
        return [_array(part) for part in a]
