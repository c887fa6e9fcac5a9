"""One example call for each public name of NumPy that computes with recorded values.

Variables: x, y vectors of 4 numbers in (0, 1); A, B matrices 3×3; M a matrix 2×4; T a tensor 2×3×4;
s a number; z a complex vector; i an integer array; `fill(a, x)` writes x into a. An expression that begins
with `=` is piecewise constant: its derivative must be zero.
"""

UNARY = """
abs absolute arcsin arcsinh arctan arctanh asin asinh atan atanh cbrt conj conjugate cos cosh deg2rad degrees
exp exp2 expm1 fabs i0 log log10 log1p log2 negative positive rad2deg radians reciprocal sin sinc sinh sqrt square
tan tanh nan_to_num real imag angle real_if_close cumprod cumsum cumulative_prod cumulative_sum nancumprod nancumsum
sort sort_complex diff ediff1d gradient max min amax amin ptp mean median std var sum prod nanmax nanmin nanmean
nanmedian nanstd nanvar nansum nanprod average trapezoid unwrap ravel squeeze flip atleast_1d atleast_2d
atleast_3d copy array asarray asanyarray ascontiguousarray asfortranarray asarray_chkfinite require diag
diagflat flatnonzero vander cov trim_zeros unstack
"""

BINARY = """
add arctan2 atan2 copysign divide float_power fmax fmin hypot logaddexp logaddexp2 maximum minimum multiply
pow power subtract true_divide dot inner outer vdot vecdot kron convolve correlate
divmod fmod mod remainder floor_divide
append polymul polyadd polysub nextafter
"""

CONSTANT = """
ceil fix floor rint round around trunc sign signbit argmax argmin argsort argwhere nonzero isfinite isinf isnan
isneginf isposinf isreal iscomplex iscomplexobj isrealobj isscalar logical_not any all count_nonzero nanargmax
nanargmin ndim shape size spacing zeros_like ones_like
"""

CONSTANT_BINARY = """
equal greater greater_equal less less_equal not_equal logical_and logical_or logical_xor isclose allclose
array_equal array_equiv heaviside isin shares_memory may_share_memory
"""

SPECIAL = {
    "acos": "np.acos(x)",
    "arccos": "np.arccos(x)",
    "acosh": "np.acosh(1 + x)",
    "arccosh": "np.arccosh(1 + x)",
    "apply_along_axis": "np.apply_along_axis(np.sum, 0, A)",
    "apply_over_axes": "np.apply_over_axes(np.sum, A, [0])",
    "arange": "x * np.arange(4)",
    "argpartition": "=np.argpartition(x, 2)",
    "array_split": "np.array_split(x, 3)",
    "astype": "np.astype(x, float)",
    "bartlett": "x * np.bartlett(4)",
    "blackman": "x * np.blackman(4)",
    "hamming": "x * np.hamming(4)",
    "hanning": "x * np.hanning(4)",
    "kaiser": "x * np.kaiser(4, 5.0)",
    "bincount": "np.bincount(i, weights=x)",
    "block": "np.block([[A, B], [B, A]])",
    "broadcast_arrays": "np.broadcast_arrays(x, M)",
    "broadcast_shapes": "x * len(np.broadcast_shapes((4,), (1,)))",
    "broadcast_to": "np.broadcast_to(x, (3, 4))",
    "choose": "np.choose(i % 2, [x, y])",
    "clip": "np.clip(x, 0.4, 0.7)",
    "column_stack": "np.column_stack([x, y])",
    "compress": "np.compress([True, False, True, True], x)",
    "concat": "np.concat([x, y])",
    "concatenate": "np.concatenate([A, B], axis=1)",
    "copyto": "copyto(np.zeros(4), x)",
    "corrcoef": "np.corrcoef(M)",
    "cross": "np.cross(x[:3], y[:3])",
    "delete": "np.delete(x, 1)",
    "diag_indices": "A[np.diag_indices(3)]",
    "diag_indices_from": "A[np.diag_indices_from(A)]",
    "diagonal": "np.diagonal(A)",
    "digitize": "=np.digitize(x, [0.2, 0.5])",
    "divmod": "np.divmod(5 * x, 0.7 + y)",
    "fmod": "np.fmod(5 * x, 0.7 + y)",
    "mod": "np.mod(5 * x, 0.7 + y)",
    "remainder": "np.remainder(5 * x, 0.7 + y)",
    "floor_divide": "=np.floor_divide(5 * x, 0.7 + y)",
    "dsplit": "np.dsplit(T, 2)",
    "dstack": "np.dstack([A, B])",
    "einsum": "np.einsum('ij,jk->ik', A, B)",
    "einsum_path": "x * len(np.einsum_path('ij,jk->ik', np.ones((2, 2)), np.ones((2, 2))))",
    "empty": "fill(np.empty(4), x)",
    "empty_like": "fill(np.empty_like(x), x)",
    "expand_dims": "np.expand_dims(x, 0)",
    "extract": "np.extract([True, False, True, True], x)",
    "eye": "A @ np.eye(3)",
    "fill_diagonal": "fill_diagonal(np.zeros((3, 3)), x[:3])",
    "fliplr": "np.fliplr(A)",
    "flipud": "np.flipud(A)",
    "frexp": "np.frexp(x)[0]",
    "fromfunction": "x * np.fromfunction(lambda j: j, (4,))",
    "fromiter": "x * np.fromiter([1.0, 2.0, 3.0, 4.0], float)",
    "frompyfunc": None,
    "full": "np.full(3, s)",
    "full_like": "np.full_like(x, s)",
    "geomspace": "x * np.geomspace(1, 8, 4)",
    "histogram": None,
    "hsplit": "np.hsplit(M, 2)",
    "hstack": "np.hstack([x, y])",
    "vstack": "np.vstack([x, y])",
    "row_stack": "np.row_stack([x, y])",
    "identity": "A @ np.identity(3)",
    "indices": "x * np.indices((4,))[0]",
    "insert": "np.insert(x, 1, s)",
    "interp": "np.interp(s, [0.0, 0.4, 0.8, 1.2], x)",
    "isnat": None,
    "ix_": "A[np.ix_([0, 2], [1, 2])]",
    "ldexp": "np.ldexp(x, 3)",
    "lexsort": "=np.lexsort((x, y))",
    "linspace": "np.linspace(s, 2.0, 5)",
    "logspace": "x * np.logspace(0, 1, 4)",
    "mask_indices": "A[np.mask_indices(3, np.triu)]",
    "matmul": "np.matmul(A, B)",
    "matrix_transpose": "np.matrix_transpose(A)",
    "matvec": "np.matvec(A, x[:3])",
    "vecmat": "np.vecmat(x[:3], A)",
    "meshgrid": "np.meshgrid(x, y)",
    "modf": "np.modf(5 * x)",
    "moveaxis": "np.moveaxis(T, 0, 2)",
    "nanpercentile": "np.nanpercentile(x, 30)",
    "nanquantile": "np.nanquantile(x, 0.3)",
    "ones": "fill(np.ones(4), x)",
    "pad": "np.pad(x, 2)",
    "partition": "np.partition(x, 2)",
    "percentile": "np.percentile(x, 30)",
    "quantile": "np.quantile(x, 0.3)",
    "permute_dims": "np.permute_dims(T, (2, 0, 1))",
    "piecewise": "np.piecewise(x, [x < 0.5, x >= 0.5], [np.sin, np.cos])",
    "place": "place(np.zeros(4), x)",
    "poly": "np.poly(x)",
    "polyder": "np.polyder(x)",
    "polydiv": "np.polydiv(x, y[:2])",
    "polyfit": "np.polyfit([0.0, 1.0, 2.0, 3.0], x, 2)",
    "polyint": "np.polyint(x)",
    "polyval": "np.polyval(x, s)",
    "put": "put(np.zeros(4), x)",
    "put_along_axis": "put_along_axis(np.zeros((1, 4)), x[None])",
    "putmask": "putmask(np.zeros(4), x)",
    "repeat": "np.repeat(x, 2)",
    "reshape": "np.reshape(x, (2, 2))",
    "resize": "np.resize(x, 6)",
    "roll": "np.roll(x, 1)",
    "rollaxis": "np.rollaxis(T, 2)",
    "roots": None,
    "rot90": "np.rot90(A)",
    "searchsorted": "=np.searchsorted([0.2, 0.5], x)",
    "select": "np.select([x < 0.5, x > 0.7], [x, y], s)",
    "split": "np.split(x, 2)",
    "vsplit": "np.vsplit(M, 2)",
    "stack": "np.stack([x, y], axis=1)",
    "swapaxes": "np.swapaxes(A, 0, 1)",
    "take": "np.take(x, i)",
    "take_along_axis": "np.take_along_axis(x, np.argsort(x), 0)",
    "tensordot": "np.tensordot(A, B, 1)",
    "tile": "np.tile(x, 2)",
    "trace": "np.trace(A)",
    "transpose": "np.transpose(T)",
    "tri": "A * np.tri(3)",
    "tril": "np.tril(A)",
    "triu": "np.triu(A)",
    "tril_indices": "A[np.tril_indices(3)]",
    "triu_indices": "A[np.triu_indices(3)]",
    "tril_indices_from": "A[np.tril_indices_from(A)]",
    "triu_indices_from": "A[np.triu_indices_from(A)]",
    "unravel_index": "=np.unravel_index(np.argmax(A), (3, 3))",
    "where": "np.where(x > 0.5, x, y)",
    "zeros": "fill(np.zeros(4), x)",
    "unique": "np.unique(x)",
    "unique_values": "np.unique_values(x)",
    "iterable": "=np.iterable(x)",
    "result_type": "x.astype(np.result_type(x, 1.0))",
    "common_type": "x.astype(np.common_type(x, y))",
    "min_scalar_type": None,
    "require": "np.require(x, requirements='C')",
    "vander": "np.vander(x, 3)",
    "cov": "np.cov(M)",
    "trim_zeros": "np.trim_zeros(x)",
    "diff": "np.diff(x, n=2)",
    "gradient": "np.gradient(x, 0.5)",
    "ravel_multi_index": "x * np.ravel_multi_index((0, 1), (2, 2))",
    "invert": None,
    "flatnonzero": "=np.flatnonzero(x)",
    "array": "np.array([s, s * s])",
    "bitwise_count": None,
    "ediff1d": "np.ediff1d(x, to_end=s)",
    "conj": "np.conj(z)",
    "imag": "np.imag(z)",
    "real": "np.real(z)",
    "angle": "np.angle(z)",
    "sort_complex": "np.sort_complex(z)",
    "real_if_close": "np.real_if_close(x)",
    "histogram_bin_edges": None,
}

OUTSIDE = """
bmat array2string array_repr array_str asmatrix base_repr binary_repr busday_count busday_offset can_cast datetime_as_string
datetime_data format_float_positional format_float_scientific from_dlpack frombuffer fromfile fromregex fromstring
genfromtxt get_include get_printoptions getbufsize geterr geterrcall info is_busday isdtype isfortran issubdtype
isnat load loadtxt mintypecode nested_iters printoptions promote_types save savetxt savez savez_compressed
set_printoptions setbufsize seterr seterrcall show_config show_runtime test typename min_scalar_type
bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor
left_shift right_shift invert gcd lcm packbits unpackbits frompyfunc
"""
"""Names that do not compute with floating-point arrays: text, files, settings, types, integers."""

LINALG = {
    "cholesky": "np.linalg.cholesky(A @ A.T + np.eye(3))",
    "cond": "np.linalg.cond(A)",
    "cross": "np.linalg.cross(x[:3], y[:3])",
    "det": "np.linalg.det(A)",
    "diagonal": "np.linalg.diagonal(A)",
    "eig": "np.linalg.eig(A @ A.T + np.diag([1.0, 2.0, 4.0]))[0]",
    "eigh": "np.linalg.eigh(A @ A.T + np.diag([1.0, 2.0, 4.0]))[0]",
    "eigvals": "np.linalg.eigvals(A @ A.T + np.diag([1.0, 2.0, 4.0]))",
    "eigvalsh": "np.linalg.eigvalsh(A @ A.T + np.diag([1.0, 2.0, 4.0]))",
    "inv": "np.linalg.inv(A)",
    "lstsq": "np.linalg.lstsq(M.T, x)[0]",
    "matmul": "np.linalg.matmul(A, B)",
    "matrix_norm": "np.linalg.matrix_norm(A)",
    "matrix_power": "np.linalg.matrix_power(A, 3)",
    "matrix_rank": "=np.linalg.matrix_rank(A)",
    "matrix_transpose": "np.linalg.matrix_transpose(A)",
    "multi_dot": "np.linalg.multi_dot([A, B, A])",
    "norm": "np.linalg.norm(A)",
    "outer": "np.linalg.outer(x, y)",
    "pinv": "np.linalg.pinv(M)",
    "qr": "np.linalg.qr(A)",
    "slogdet": "np.linalg.slogdet(A)[1]",
    "solve": "np.linalg.solve(A, x[:3])",
    "svd": "np.linalg.svd(A)[1]",
    "svdvals": "np.linalg.svdvals(A)",
    "tensordot": "np.linalg.tensordot(A, B, axes=1)",
    "tensorinv": "np.linalg.tensorinv(A, ind=1)",
    "tensorsolve": "np.linalg.tensorsolve(A, x[:3])",
    "trace": "np.linalg.trace(A)",
    "vecdot": "np.linalg.vecdot(x, y)",
    "vector_norm": "np.linalg.vector_norm(x)",
}

FFT = {name: f"np.fft.{name}(x)" for name in ["fft", "ifft", "rfft", "ihfft", "fftshift", "ifftshift"]}
FFT |= {name: f"np.fft.{name}(M)" for name in ["fft2", "fftn", "ifft2", "ifftn", "rfft2", "rfftn"]}
FFT |= {name: f"np.fft.{name}(z)" for name in ["hfft", "irfft"]}
FFT |= {name: f"np.fft.{name}(Z)" for name in ["irfft2", "irfftn"]}
FFT |= {name: f"x * np.fft.{name}(4)" for name in ["fftfreq"]} | {"rfftfreq": "x[:3] * np.fft.rfftfreq(4)"}


def examples() -> dict[str, str]:
    """Full name → expression, for numpy, numpy.linalg and numpy.fft."""
    table = {name: f"np.{name}(x)" for name in UNARY.split()}
    table |= {name: f"np.{name}(x, y)" for name in BINARY.split()}
    table |= {name: f"=np.{name}(x)" for name in CONSTANT.split()}
    table |= {name: f"=np.{name}(x, y)" for name in CONSTANT_BINARY.split()}
    table |= SPECIAL
    full = {f"numpy.{name}": text for name, text in table.items() if text is not None}
    full |= {f"numpy.linalg.{name}": text for name, text in LINALG.items()}
    return full | {f"numpy.fft.{name}": text for name, text in FFT.items()}
