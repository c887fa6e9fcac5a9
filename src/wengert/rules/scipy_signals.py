"""The derivatives of scipy.signal; imported when scipy.signal has been."""

from __future__ import annotations

from wengert.rules import scipy_namespaces as scipy_namespaces
from wengert.rules import scipy_signal as scipy_signal
from wengert.rules import scipy_signal_more as scipy_signal_more
from wengert.rules import scipy_signal_peaks as scipy_signal_peaks
from wengert.rules import scipy_signal_rates as scipy_signal_rates
from wengert.rules import scipy_signal_smooth as scipy_signal_smooth
from wengert.rules import scipy_signal_systems as scipy_signal_systems
