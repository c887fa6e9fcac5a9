"""scipy.stats: functions of samples run as the NumPy code they are; distributions do without rules of their own.

The methods of distributions are Python code whose names are swapped like a user's (`record.swap.STATS`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats as _stats

from wengert.record.build import contains_value
from wengert.record.observe import decide
from wengert.record.reach import MADE_BY
from wengert.record.swap import Paused, replace, run_body
from wengert.record.value import concrete, is_value
from wengert.rules import scipy_namespaces as scipy_namespaces
from wengert.rules import stats_boost as stats_boost
from wengert.rules import stats_boxes as stats_boxes
from wengert.rules import stats_centre as stats_centre
from wengert.rules import stats_discrepancy as stats_discrepancy
from wengert.rules import stats_expect as stats_expect
from wengert.rules import stats_extremes as stats_extremes
from wengert.rules import stats_infrastructure as stats_infrastructure
from wengert.rules import stats_irwin_hall as stats_irwin_hall
from wengert.rules import stats_kde as stats_kde
from wengert.rules import stats_kolmogorov as stats_kolmogorov
from wengert.rules import stats_moments as stats_moments
from wengert.rules import stats_more as stats_more
from wengert.rules import stats_near as stats_near
from wengert.rules import stats_normal as stats_normal
from wengert.rules import stats_parameters as stats_parameters
from wengert.rules import stats_shapiro as stats_shapiro
from wengert.rules import stats_slopes as stats_slopes
from wengert.rules import stats_studentized as stats_studentized
from wengert.rules import stats_trials as stats_trials
from wengert.rules.described import composed_methods
from wengert.rules.scipy_composed import compose
from wengert.rules.solved import still

st: Any = _stats
compose(st.qmc, "scale")
composed_methods(st.rv_histogram, "__init__")

# fmt: off
SAMPLES = [
    "zscore", "zmap", "gzscore", "gmean", "hmean", "gstd", "skew", "kurtosis", "entropy", "pearsonr", "sem",
    "variation", "moment", "tmean", "tvar", "tstd", "tsem", "circmean", "circvar", "circstd", "kstat", "kstatvar",
    "lmoment", "differential_entropy", "expectile", "trim_mean", "describe", "ttest_1samp", "ttest_ind", "ttest_rel",
    "linregress", "bayes_mvs", "cumfreq", "boxcox", "yeojohnson", "yeojohnson_llf",
    "iqr", "median_abs_deviation", "chisquare", "f_oneway", "jarque_bera", "bartlett", "levene",
    "skewtest", "kurtosistest", "normaltest", "kstest", "ks_1samp", "ks_2samp", "cramervonmises",
    "cramervonmises_2samp", "anderson", "theilslopes", "combine_pvalues", "false_discovery_control",
    "tukey_hsd", "directional_stats", "alexandergovern", "percentileofscore", "sigmaclip", "trim1", "trimboth",
    "mvsdist", "tmin", "tmax", "boxcox_normmax", "wasserstein_distance", "energy_distance", "pointbiserialr",
    "epps_singleton_2samp", "median_test", "mode", "quantile", "yeojohnson_normmax",
    "binned_statistic", "binned_statistic_2d", "permutation_test", "monte_carlo_test", "dunnett",
    "ecdf", "estimated_cdf",
]
# fmt: on


RANKS = [
    "rankdata",
    "kendalltau",
    "mannwhitneyu",
    "wilcoxon",
    "kruskal",
    "friedmanchisquare",
    "ansari",
    "mood",
    "brunnermunzel",
    "weightedtau",
    "somersd",
    "chatterjeexi",
    "fligner",
    "quantile_test",
    "ranksums",
]
"""Functions of ranks and counts: piecewise constant."""


@replace(*[getattr(st, name) for name in SAMPLES if hasattr(st, name)])
def _composed(original: Any) -> Any:
    def of(*args: Any, **kwargs: Any) -> Any:
        if not contains_value(list(args)) and not contains_value(list(kwargs.values())):
            return original(*args, **kwargs)
        return _answer(run_body(original, args, kwargs), [*args, *kwargs.values()])

    return of


def _answer(y: Any, given: list[Any]) -> Any:
    """y; where SciPy puts NaN for an answer that there is none of (too few numbers), its slopes are NaN too."""
    if isinstance(concrete(y), (np.ndarray, np.floating, float)) and np.any(np.isnan(concrete(y))):
        numbers = [x for x in given if is_value(x)]
        return np.where(decide(np.isnan, y), sum([np.sum(x) for x in numbers]) * np.nan, y)
    return y


@replace(st.binned_statistic_dd)
def _binned(original: Any) -> Any:
    def binned(sample: Any, *args: Any, **kwargs: Any) -> Any:
        if not contains_value([sample, *args, *kwargs.values()]):
            return original(sample, *args, **kwargs)
        points = np.stack(sample, axis=1) if type(sample) in (list, tuple) else sample
        return run_body(original, (points, *args), kwargs)

    return binned


@replace(*[getattr(st, name) for name in RANKS if hasattr(st, name)])
def _of_ranks(original: Any) -> Any:
    def of(*args: Any, **kwargs: Any) -> Any:
        with Paused():
            return original(*still(args), **{key: still(v) for key, v in kwargs.items()})

    return of


for _name, _kind, _method in (
    ("pearsonr", type(st.pearsonr([1, 2, 3, 4], [1, 2, 4, 3])), "confidence_interval"),
    ("expon", type(st.expon), "fit"),
    ("uniform", type(st.uniform), "fit"),
):
    MADE_BY[_kind] = frozenset({_name, _method})  # an instance may have another name
    composed_methods(_kind, _method)
