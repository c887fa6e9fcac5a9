"""Programs as SymPy expressions, by way of their traces: written out, differentiated, simplified, counted."""

try:
    import sympy as _sympy  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ImportError as error:  # pragma: no cover
    raise ImportError("wengert.symbolic needs SymPy.\nInstall it with: pip install 'wengert[symbolic]'") from error

from wengert.errors import NoExpression
from wengert.symbolic.expression import Count, Expression, count, derivative, evaluate, expression, simplify
from wengert.symbolic.sharing import distinct_lines
from wengert.symbolic.swell import Growth, Swell, logistic, logistic_formula, swell, text

__all__ = [
    "Count",
    "Expression",
    "Growth",
    "NoExpression",
    "Swell",
    "count",
    "derivative",
    "distinct_lines",
    "evaluate",
    "expression",
    "logistic",
    "logistic_formula",
    "simplify",
    "swell",
    "text",
]
