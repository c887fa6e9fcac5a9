"""PyTorch's way of saying it: tensors with `backward`, on NumPy's memory and wengert's rules.

    from wengert import tensor as torch

    x = torch.tensor([2.0, 3.0], requires_grad=True)
    y = torch.log(x[0] * x[1])
    y.backward()
    print(x.grad)                  # tensor([0.5000, 0.3333])

`docs/reference/tensor.md` says what there is and where it differs from PyTorch.
"""

from __future__ import annotations

# pyright: reportUnusedImport=false, reportUnsupportedDunderAll=false
import math as _math
from typing import Any as _Any

from wengert.tensor import autograd, functional, linalg, nn, optim
from wengert.tensor import creation as _creation
from wengert.tensor import functions as _functions
from wengert.tensor import methods as _methods
from wengert.tensor.creation import (
    arange,
    as_tensor,
    bernoulli,
    clone,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    initial_seed,
    linspace,
    logspace,
    manual_seed,
    normal,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    tensor,
    zeros,
    zeros_like,
)
from wengert.tensor.functions import (
    add,
    addcdiv,
    addcmul,
    addmm,
    allclose,
    baddbmm,
    bmm,
    clamp,
    cross,
    div,
    dot,
    einsum,
    equal,
    frac,
    isclose,
    kron,
    lerp,
    masked_fill,
    matmul,
    mm,
    mv,
    nan_to_num,
    outer,
    relu,
    round,
    rsqrt,
    rsub,
    sinc,
    sub,
    tensordot,
    trace,
    where,
)
from wengert.tensor.modes import (
    enable_grad,
    get_default_dtype,
    is_grad_enabled,
    no_grad,
    set_default_dtype,
    set_grad_enabled,
)
from wengert.tensor.reductions import (
    all,
    amax,
    amin,
    any,
    argmax,
    argmin,
    argsort,
    count_nonzero,
    cumprod,
    cumsum,
    diff,
    log_softmax,
    logsumexp,
    max,
    mean,
    median,
    min,
    nanmean,
    nansum,
    norm,
    prod,
    softmax,
    sort,
    std,
    sum,
    topk,
    var,
)
from wengert.tensor.shapes import (
    Size,
    cat,
    chunk,
    diag,
    diagonal,
    flatten,
    flip,
    gather,
    hstack,
    index_select,
    masked_select,
    movedim,
    narrow,
    pad,
    permute,
    repeat_interleave,
    reshape,
    roll,
    select,
    split,
    squeeze,
    stack,
    t,
    take,
    tile,
    transpose,
    tril,
    triu,
    unbind,
    unflatten,
    unsqueeze,
    vstack,
)
from wengert.tensor.statistics import (
    bincount,
    cdist,
    cov,
    finfo,
    iinfo,
    inner,
    meshgrid,
    nonzero,
    searchsorted,
    trapezoid,
    unique,
)
from wengert.tensor.value import Tensor

_methods.install()
globals().update(_functions.TABLE)  # exp, log, sin, …
globals().update(_creation.DTYPES)  # float64, int64, …

pi, e, inf, nan = _math.pi, _math.e, _math.inf, _math.nan
dtype = type(_creation.DTYPES["float64"])
clip, concat, concatenate, ger, swapaxes, swapdims = clamp, cat, cat, outer, transpose, transpose
inverse, det, cholesky, slogdet, svd = linalg.inv, linalg.det, linalg.cholesky, linalg.slogdet, linalg.svd
subtract, divide = sub, div
special = _functions.special_functions


def is_tensor(x: _Any) -> bool:
    """Whether x is a tensor."""
    return isinstance(x, Tensor)


def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()


def is_floating_point(input: Tensor) -> bool:
    """Whether the dtype is real and floating."""
    return input.is_floating_point()
