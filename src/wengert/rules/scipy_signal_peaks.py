"""scipy.signal's peaks: where they are is control flow; heights, prominences and widths have derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal as _signal
from scipy.signal import _peak_finding

from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded, compute_plain, lower
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.scipy_composed import compose

signal: Any = _signal
finding: Any = _peak_finding

compose(signal, "find_peaks peak_prominences peak_widths argrelmax argrelmin argrelextrema")


def _table(function: Any, *args: Any) -> Any:
    """The columns of whole numbers that a compiled function finds, in as many rows as x has elements: −1 where none."""
    columns = compute(function, args, None)
    table = np.full((np.shape(args[0])[0], len(columns)), -1)
    for k, column in enumerate(columns):
        table[: len(column), k] = column
    return table


def _columns(table: Any) -> list[Any]:
    """The columns that were found, of which a trace notes what they were."""
    table = look(table)
    return [np.ascontiguousarray(column[column >= 0]) for column in table.T]


_local_maxima = finding._local_maxima_1d
_by_distance = finding._select_by_peak_distance
_prominences = finding._peak_prominences


def _maxima_of(x: Any) -> Any:
    return _table(_local_maxima, x)


def _bases_of(x: Any, peaks: Any, wlen: Any) -> Any:
    return _table(lambda x: _prominences(x, peaks, wlen)[1:], x)


@replace(finding._local_maxima_1d)
def _local_maxima_1d(original: Any) -> Any:
    return lambda x: tuple(_columns(decide(_maxima_of, x))) if any_recorded((x,)) else compute_plain(original, (x,))


def _by_wavelets(x: Any, args: Any, options: Any) -> Any:
    return _table(lambda x: (signal.find_peaks_cwt(x, *args, **options),), x)


@replace(signal.find_peaks_cwt)
def _find_peaks_cwt(original: Any) -> Any:
    def find_peaks_cwt(vector: Any, *args: Any, **options: Any) -> Any:
        if not any_recorded((vector,)):
            return compute_plain(original, (vector, *args), options)
        return _columns(decide(_by_wavelets, vector, args=lower(args), options=lower(options)))[0]

    return find_peaks_cwt


@replace(finding._select_by_peak_distance)
def _select_by_peak_distance(original: Any) -> Any:
    def select(peaks: Any, priority: Any, distance: Any) -> Any:
        if not any_recorded((priority,)):
            return compute_plain(original, (peaks, priority, distance))
        return look(decide(_by_distance, concrete(peaks), priority, concrete(distance)))

    return select


@replace(finding._peak_prominences)
def _peak_prominences(original: Any) -> Any:
    def prominences(x: Any, peaks: Any, wlen: Any) -> Any:
        if not any_recorded((x,)):
            return compute_plain(original, (x, peaks, wlen))
        left, right = _columns(decide(_bases_of, x, peaks=concrete(peaks), wlen=wlen))
        return x[peaks] - np.maximum(x[left], x[right]), left, right

    return prominences


def _crossing(x: Any, start: int, end: int, height: Any) -> Any:
    """Where x, going down from a peak, passes the height; `end` if it does not."""
    step, k = 1 if end > start else -1, start
    while k != end and height < x[k]:
        k += step
    return k - step * ((height - x[k]) / (x[k - step] - x[k])) if x[k] < height else 1.0 * k


@replace(finding._peak_widths)
def _peak_widths(original: Any) -> Any:
    def widths(x: Any, peaks: Any, rel_height: Any, prominences: Any, left_bases: Any, right_bases: Any) -> Any:
        if not any_recorded((x, rel_height, prominences)):
            return compute_plain(original, (x, peaks, rel_height, prominences, left_bases, right_bases))
        heights = x[peaks] - prominences * rel_height
        left = np.array([_crossing(x, *at) for at in zip(peaks, left_bases, heights, strict=True)])
        right = np.array([_crossing(x, *at) for at in zip(peaks, right_bases, heights, strict=True)])
        return right - left, heights, left, right

    return widths
