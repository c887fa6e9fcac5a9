"""The derivative rules: one row of mathematics per primitive, in tables by field."""

from wengert.record import creation as creation
from wengert.record import flavoured_methods as flavoured_methods
from wengert.record import iteration as iteration
from wengert.record import matrices as matrices
from wengert.record import methods, swap
from wengert.record import sequences as sequences
from wengert.record import structured_functions as structured_functions
from wengert.rules import along as along
from wengert.rules import batching as batching
from wengert.rules import batching_axes as batching_axes
from wengert.rules import batching_products as batching_products
from wengert.rules import bins as bins
from wengert.rules import complex as complex
from wengert.rules import cumulative as cumulative
from wengert.rules import diagonal as diagonal
from wengert.rules import dtypes as dtypes
from wengert.rules import einsum as einsum
from wengert.rules import elementwise as elementwise
from wengert.rules import extremes as extremes
from wengert.rules import fft as fft
from wengert.rules import fill as fill
from wengert.rules import folds as folds
from wengert.rules import gather as gather
from wengert.rules import interpolate as interpolate
from wengert.rules import join as join
from wengert.rules import kron as kron
from wengert.rules import linalg as linalg
from wengert.rules import linalg_cholesky as linalg_cholesky
from wengert.rules import linalg_completed as linalg_completed
from wengert.rules import linalg_det as linalg_det
from wengert.rules import linalg_eigen as linalg_eigen
from wengert.rules import linalg_least as linalg_least
from wengert.rules import linalg_norm as linalg_norm
from wengert.rules import linalg_svd as linalg_svd
from wengert.rules import linalg_tied as linalg_tied
from wengert.rules import order as order
from wengert.rules import pieces as pieces
from wengert.rules import poly1d as poly1d
from wengert.rules import polynomials as polynomials
from wengert.rules import power as power
from wengert.rules import products as products
from wengert.rules import raising as raising
from wengert.rules import ranges as ranges
from wengert.rules import reduce as reduce
from wengert.rules import rounding as rounding
from wengert.rules import select as select
from wengert.rules import series as series
from wengert.rules import sort as sort
from wengert.rules import squares as squares
from wengert.rules import statistics as statistics
from wengert.rules import steps as steps
from wengert.rules import structure as structure
from wengert.rules import trig as trig

swap.LAZY["math"] = "wengert.rules.python_math"  # after the rows of NumPy's functions
swap.LAZY["builtins"] = "wengert.rules.python_sums"
swap.LAZY["statistics"] = "wengert.rules.python_statistics"
swap.LAZY["numpy"] = "wengert.rules.draws_shifted"  # with numpy.random: when the first transform runs
swap.LAZY["numpy.lib.recfunctions"] = "wengert.rules.recfunctions"
swap.LAZY["numpy.testing"] = "wengert.rules.numpy_testing"
swap.LAZY["numpy.ma"] = "wengert.rules.masked_more"
swap.LAZY["scipy.fft"] = "wengert.rules.scipy_fft"
swap.LAZY["scipy.fftpack"] = "wengert.rules.scipy_fftpack"
swap.LAZY["scipy.special"] = "wengert.rules.special"
swap.LAZY["scipy.stats"] = "wengert.rules.stats"
swap.LAZY["scipy.optimize"] = "wengert.rules.scipy_solvers"
swap.LAZY["scipy.optimize.elementwise"] = "wengert.rules.scipy_elementwise"
swap.LAZY["scipy.differentiate"] = "wengert.rules.scipy_elementwise"
swap.LAZY["scipy.integrate"] = "wengert.rules.scipy_solvers"
swap.LAZY["scipy.spatial.distance"] = "wengert.rules.scipy_distance"
swap.LAZY["scipy.spatial"] = "wengert.rules.scipy_spatial"
swap.LAZY["scipy.spatial.transform"] = "wengert.rules.scipy_rotation"
swap.LAZY["scipy.spatial.transform._rigid_transform"] = "wengert.rules.scipy_rigid"
swap.LAZY["scipy.signal"] = "wengert.rules.scipy_signals"
swap.LAZY["scipy.interpolate"] = "wengert.rules.scipy_interpolate_more"
swap.LAZY["scipy.ndimage"] = "wengert.rules.scipy_ndimage"
swap.LAZY["scipy.sparse"] = "wengert.rules.sparse_lists"
swap.LAZY["scipy.sparse.linalg"] = "wengert.rules.scipy_sparse_dense"
swap.LAZY["scipy.sparse.csgraph"] = "wengert.rules.scipy_csgraph"
swap.LAZY["scipy.cluster.vq"] = "wengert.rules.scipy_cluster"
swap.LAZY["scipy.constants"] = "wengert.rules.scipy_constants"
swap.LAZY["scipy.odr"] = "wengert.rules.scipy_odr"
swap.LAZY["scipy.linalg"] = "wengert.rules.scipy_linalg_refused"
swap.LAZY["numpy.polynomial"] = "wengert.rules.numpy_polynomial"
methods.install()
