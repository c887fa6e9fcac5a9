"""Ways to a derivative side by side: error curves of differences, what forward and reverse Jacobians cost."""

from wengert.compare.costs import Cost, Family, affine_sine, cost
from wengert.compare.curves import ErrorCurve, error_curve
from wengert.compare.exact import Reference, reference

__all__ = ["Cost", "ErrorCurve", "Family", "Reference", "affine_sine", "cost", "error_curve", "reference"]
