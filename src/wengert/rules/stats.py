"""scipy.stats: functions of samples run as the NumPy code they are; distributions do without rules of their own.

The methods of distributions are Python code whose names are swapped like a user's (`record.swap.STATS`).
"""

from __future__ import annotations

from typing import Any

import scipy.stats as _stats

from wengert.record.build import contains_value
from wengert.record.swap import replace, run_body
from wengert.rules import scipy_namespaces as scipy_namespaces
from wengert.rules import stats_boost as stats_boost
from wengert.rules import stats_normal as stats_normal

st: Any = _stats

# fmt: off
SAMPLES = [
    "zscore", "zmap", "gzscore", "gmean", "hmean", "pmean", "gstd", "skew", "kurtosis", "entropy", "pearsonr", "sem",
    "variation", "moment", "tmean", "tvar", "tstd", "tsem", "circmean", "circvar", "circstd", "kstat", "kstatvar",
    "lmoment", "differential_entropy", "expectile", "trim_mean", "describe", "ttest_1samp", "ttest_ind", "ttest_rel",
    "linregress", "bayes_mvs", "cumfreq", "boxcox_llf", "boxcox", "yeojohnson", "yeojohnson_llf",
    "iqr", "median_abs_deviation", "chisquare", "power_divergence", "f_oneway", "jarque_bera", "bartlett", "levene",
    "skewtest", "kurtosistest", "normaltest",
]
# fmt: on


@replace(*[getattr(st, name) for name in SAMPLES])
def _composed(original: Any) -> Any:
    def of(*args: Any, **kwargs: Any) -> Any:
        if not contains_value(list(args)) and not contains_value(list(kwargs.values())):
            return original(*args, **kwargs)
        return run_body(original, args, kwargs)

    return of
