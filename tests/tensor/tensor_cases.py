"""Calls that PyTorch and wengert.tensor must answer alike: name, f(torch, *tensors), and the inputs."""

from __future__ import annotations

import numpy as np

_r = np.random.default_rng(7)
V = _r.normal(size=4) + 0.1
W = _r.normal(size=4)
P = _r.uniform(0.2, 0.8, size=4)
BIG = _r.uniform(1.5, 3.0, size=4)
A = _r.normal(size=(3, 4))
B = _r.normal(size=(4, 2))
C = _r.normal(size=(3, 4))
S = _r.normal(size=(3, 3)) + 3 * np.eye(3)
SPD = S @ S.T
T3 = _r.normal(size=(2, 3, 4))
U3 = _r.normal(size=(2, 4, 3))
N = np.array(1.7)

UNARY = {
    "exp": V, "exp2": V, "expm1": V, "log": P, "log2": P, "log10": P, "log1p": P, "sqrt": P, "square": V,
    "reciprocal": V, "abs": V, "neg": V, "sign": V, "sin": V, "cos": V, "tan": P, "asin": P, "acos": P, "atan": V,
    "sinh": V, "cosh": V, "tanh": V, "asinh": V, "acosh": BIG, "atanh": P, "deg2rad": V, "rad2deg": V, "floor": V,
    "ceil": V, "trunc": V, "erf": V, "erfc": V, "erfinv": P, "lgamma": P, "digamma": P, "i0": V, "sigmoid": V,
    "logit": P, "rsqrt": P, "frac": V, "sinc": V, "round": V, "relu": V, "positive": V,
}  # fmt: skip
BINARY = ("add", "sub", "mul", "div", "maximum", "minimum", "fmax", "fmin", "atan2", "hypot", "logaddexp", "logaddexp2",
          "fmod", "remainder", "copysign")  # fmt: skip

CASES = {
    **{name: (lambda t, x, name=name: getattr(t, name)(x), (x,)) for name, x in UNARY.items()},
    **{f"x.{n}()": (lambda t, x, n=n: getattr(x, n)(), (UNARY[n],)) for n in ("exp", "sigmoid", "abs", "lgamma")},
    **{name: (lambda t, a, b, name=name: getattr(t, name)(a, b), (V, W)) for name in BINARY},
    **{f"{name} broadcast": (lambda t, a, b, name=name: getattr(t, name)(a, b), (A, W)) for name in BINARY},
    "pow": (lambda t, a, b: a**b, (P, W)),
    "pow 3": (lambda t, a: a**3, (V,)),
    "pow 0.5": (lambda t, a: a**0.5, (P,)),
    "2 ** a": (lambda t, a: 2.0**a, (V,)),
    "numbers": (lambda t, a: (2 - a) / 3 + 1 / a - a / 2 + 3 * a, (V,)),
    "number 0-d": (lambda t, n: n * n + 2 / n - n**2 + t.sin(n), (N,)),
    "0-d with vector": (lambda t, a, n: a * n + n / a, (V, N)),
    "xlogy": (lambda t, a, b: t.xlogy(a, b), (V, P)),
    "addcmul": (lambda t, a, b, c: t.addcmul(a, b, c, value=0.5), (V, W, P)),
    "addcdiv": (lambda t, a, b, c: t.addcdiv(a, b, c, value=0.5), (V, W, P)),
    "lerp": (lambda t, a, b: t.lerp(a, b, 0.3), (V, W)),
    "add alpha": (lambda t, a, b: t.add(a, b, alpha=2), (V, W)),
    # ── choices ──
    "where": (lambda t, a, b: t.where(a > 0, a * a, b), (V, W)),
    "where number": (lambda t, a: t.where(a > 0, a, 0.0), (V,)),
    "clamp": (lambda t, a: t.clamp(a, -0.5, 0.5), (A,)),
    "clamp min": (lambda t, a: a.clamp(min=0.1), (A,)),
    "masked_fill": (lambda t, a: a.masked_fill(a > 0, 2.0), (A,)),
    # ── reductions ──
    **{f"{n}": (lambda t, a, n=n: getattr(a, n)(), (A,)) for n in ("sum", "mean", "prod", "var", "std", "max", "min", "norm", "amax", "amin", "median")},
    **{f"{n} dim": (lambda t, a, n=n: getattr(t, n)(a, dim=1), (A,)) for n in ("sum", "mean", "prod", "var", "std", "amax", "amin", "logsumexp", "softmax", "log_softmax", "cumsum", "cumprod")},
    **{f"{n} keepdim": (lambda t, a, n=n: getattr(a, n)(dim=0, keepdim=True), (A,)) for n in ("sum", "mean", "prod", "var", "std", "amax", "logsumexp")},
    "sum dims": (lambda t, a: a.sum(dim=(0, 2)), (T3,)),
    "mean dims": (lambda t, a: a.mean((1, 2), keepdim=True), (T3,)),
    "var biased": (lambda t, a: a.var(unbiased=False), (A,)),
    "std biased": (lambda t, a: t.std(a, 1, False), (A,)),
    "max dim": (lambda t, a: t.max(a, 1).values, (A,)),
    "max dim indices": (lambda t, a: t.max(a, 1)[1], (A,)),
    "min dim": (lambda t, a: a.min(dim=0, keepdim=True)[0], (A,)),
    "max of two": (lambda t, a, b: t.max(a, b), (A, C)),
    "argmax": (lambda t, a: a.argmax(), (A,)),
    "argmin dim": (lambda t, a: a.argmin(dim=1, keepdim=True), (A,)),
    "median dim": (lambda t, a: a.median(dim=1).values, (A,)),
    "sort": (lambda t, a: t.sort(a, dim=0, descending=True).values, (A,)),
    "argsort": (lambda t, a: t.argsort(a, dim=1), (A,)),
    "topk": (lambda t, a: a.topk(2, dim=1)[0], (A,)),
    "norm 1": (lambda t, a: t.norm(a, p=1), (A,)),
    "norm 3 dim": (lambda t, a: t.norm(a, p=3, dim=1), (A,)),
    "norm 2 dim": (lambda t, a: a.norm(dim=0), (A,)),
    "norm inf": (lambda t, a: a.norm(float("inf")), (A,)),
    "norm dims": (lambda t, a: a.norm(dim=(0, 1)), (T3,)),
    "norm keepdim": (lambda t, a: a.norm(dim=1, keepdim=True), (A,)),
    "diff": (lambda t, a: t.diff(a, dim=0), (A,)),
    "nansum": (lambda t, a: t.nansum(a, dim=1), (A,)),
    "all": (lambda t, a: (a > -9).all(), (A,)),
    "any": (lambda t, a: (a > 0).any(dim=1), (A,)),
    "count_nonzero": (lambda t, a: t.count_nonzero(a), (A,)),
    # ── shapes ──
    "reshape": (lambda t, a: a.reshape(2, 6), (A,)),
    "view": (lambda t, a: a.view(-1, 2), (A,)),
    "flatten": (lambda t, a: t.flatten(a, 1), (T3,)),
    "unflatten": (lambda t, a: a.unflatten(1, (2, 2)), (A,)),
    "t": (lambda t, a: a.t(), (A,)),
    "T": (lambda t, a: a.T, (A,)),
    "mT": (lambda t, a: a.mT, (T3,)),
    "transpose": (lambda t, a: t.transpose(a, 0, 2), (T3,)),
    "permute": (lambda t, a: a.permute(2, 0, 1), (T3,)),
    "movedim": (lambda t, a: t.movedim(a, 0, 2), (T3,)),
    "squeeze": (lambda t, a: a.unsqueeze(1).squeeze(), (V,)),
    "squeeze dim": (lambda t, a: a.unsqueeze(1).squeeze(1), (V,)),
    "unsqueeze": (lambda t, a: t.unsqueeze(a, -1), (A,)),
    "expand": (lambda t, a: a.unsqueeze(0).expand(3, -1), (V,)),
    "expand_as": (lambda t, a, b: a.expand_as(b), (V, A)),
    "repeat": (lambda t, a: a.repeat(2, 3), (V,)),
    "tile": (lambda t, a: t.tile(a, (2,)), (V,)),
    "repeat_interleave": (lambda t, a: t.repeat_interleave(a, 2), (V,)),
    "flip": (lambda t, a: t.flip(a, (0, 1)), (A,)),
    "roll": (lambda t, a: t.roll(a, 1, 0), (A,)),
    "chunk": (lambda t, a: t.chunk(a, 3, dim=1)[1], (A,)),
    "split": (lambda t, a: a.split([1, 3], dim=1)[1], (A,)),
    "unbind": (lambda t, a: a.unbind(1)[2], (A,)),
    "narrow": (lambda t, a: a.narrow(1, 1, 2), (A,)),
    "select": (lambda t, a: a.select(1, 2), (A,)),
    "stack": (lambda t, a, b: t.stack([a, b, a], dim=1), (V, W)),
    "cat": (lambda t, a, b: t.cat((a, b), 0), (A, C)),
    "vstack": (lambda t, a, b: t.vstack((a, b)), (V, W)),
    "hstack": (lambda t, a, b: t.hstack((a, b)), (V, W)),
    "diagonal": (lambda t, a: t.diagonal(a, 1), (A,)),
    "diag": (lambda t, a: t.diag(a), (V,)),
    "diag of matrix": (lambda t, a: t.diag(a), (S,)),
    "tril": (lambda t, a: t.tril(a), (S,)),
    "triu": (lambda t, a: a.triu(1), (S,)),
    "trace": (lambda t, a: t.trace(a), (S,)),
    "contiguous": (lambda t, a: a.t().contiguous().view(-1), (A,)),
    "clone": (lambda t, a: a.clone() * 2, (A,)),
    "float": (lambda t, a: a.float().double(), (np.array([1.0, 2.5]),)),
    # ── indexing ──
    "index int": (lambda t, a: a[1], (A,)),
    "index element": (lambda t, a: a[1, 2] * a[0, 0], (A,)),
    "index slice": (lambda t, a: a[:, 1:3], (A,)),
    "index step": (lambda t, a: a[::2, ::2], (A,)),
    "index none": (lambda t, a: a[:, None, ...], (A,)),
    "index list": (lambda t, a: a[[0, 2, 0]], (A,)),
    "index tensor": (lambda t, a: a[t.tensor([0, 2, 0]), t.tensor([1, 1, 3])], (A,)),
    "index mask": (lambda t, a: a[a > 0], (A,)),
    "gather": (lambda t, a: t.gather(a, 1, t.tensor([[0, 0], [1, 3], [2, 2]])), (A,)),
    "index_select": (lambda t, a: t.index_select(a, 1, t.tensor([0, 0, 2])), (A,)),
    "take": (lambda t, a: t.take(a, t.tensor([0, 5, 0])), (A,)),
    "masked_select": (lambda t, a: t.masked_select(a, a > 0), (A,)),
    "iterate": (lambda t, a: sum(row * k for k, row in enumerate(a)), (A,)),
    "unpack": (lambda t, a: (lambda p, q, r, s: p * q + r / s)(*a), (V,)),
    # ── writes ──
    "setitem": (lambda t, a: _written(a.clone(), lambda y: y.__setitem__(1, a[0] * 2)), (A,)),
    "setitem slice": (lambda t, a: _written(a * 1, lambda y: y.__setitem__((slice(None), 0), 0.0)), (A,)),
    "setitem mask": (lambda t, a: _written(a * 1, lambda y: y.__setitem__(a > 0, (a[0, 0] * 3))), (A,)),
    "setitem into zeros": (lambda t, a: _written(t.zeros(4, dtype=t.float64), lambda y: y.__setitem__(slice(1, 3), a[:2] ** 2)), (V,)),
    "filled in a loop": (lambda t, a: _filled(t, a), (V,)),
    "write into view": (lambda t, a: _written(a * 1, lambda y: y[1].mul_(a[0])), (A,)),
    "write into view of view": (lambda t, a: _written(a * 1, lambda y: y.t()[1].add_(a[:, 0] * 2)), (A,)),
    "view sees write": (lambda t, a: _view_sees(a), (A,)),
    "add_ mul_": (lambda t, a, b: (a * 1).add_(b).mul_(b).sub_(1.0).div_(b), (V, W)),
    "+= *=": (lambda t, a, b: _augmented(a, b), (V, W)),
    "exp_ after use": (lambda t, a: _written(a * 1, lambda y: y.sin_()), (V,)),
    "copy_": (lambda t, a, b: (a * 1).copy_(b), (A, W)),
    "zero_": (lambda t, a: (a * 1).zero_() + a, (A,)),
    "fill_": (lambda t, a: (a * 1).fill_(2.0) * a, (A,)),
    "masked_fill_": (lambda t, a: (a * 1).masked_fill_(a > 0, 0.5), (A,)),
    "index_add": (lambda t, a, b: a.index_add(0, t.tensor([0, 0, 1]), b), (A, C)),
    "scatter": (lambda t, a, b: a.scatter(1, t.tensor([[0, 1, 2, 3], [2, 3, 0, 1], [1, 0, 3, 2]]), b), (A, C)),
    "scatter_add": (lambda t, a, b: a.scatter_add(1, t.tensor([[0, 0, 1, 1], [2, 2, 0, 1], [1, 0, 3, 2]]), b), (A, C)),
    "index_copy_": (lambda t, a, b: (a * 1).index_copy_(0, t.tensor([2, 0]), b[:2]), (A, C)),
    # ── products ──
    "matmul": (lambda t, a, b: a @ b, (A, B)),
    "matmul vector": (lambda t, a, v: a @ v, (A, V)),
    "vector matmul": (lambda t, v, b: v @ b, (V, B)),
    "vector vector": (lambda t, v, w: v @ w, (V, W)),
    "mm": (lambda t, a, b: t.mm(a, b), (A, B)),
    "bmm": (lambda t, a, b: t.bmm(a, b), (T3, U3)),
    "matmul batch": (lambda t, a, b: t.matmul(a, b), (T3, B)),
    "mv": (lambda t, a, v: t.mv(a, v), (A, V)),
    "dot": (lambda t, v, w: t.dot(v, w), (V, W)),
    "outer": (lambda t, v, w: t.outer(v, w), (V, W)),
    "einsum": (lambda t, a, b: t.einsum("ij,jk->ik", a, b), (A, B)),
    "einsum trace": (lambda t, a: t.einsum("ii", a), (S,)),
    "tensordot": (lambda t, a, b: t.tensordot(a, b, dims=1), (T3, B)),
    "kron": (lambda t, a, b: t.kron(a, b), (S, B)),
    "cross": (lambda t, a, b: t.cross(a, b, dim=-1), (S, SPD)),
    "addmm": (lambda t, c, a, b: t.addmm(c, a, b, beta=2), (_r.normal(size=(3, 2)), A, B)),
    # ── linalg ──
    "inv": (lambda t, a: t.linalg.inv(a), (S,)),
    "det": (lambda t, a: t.linalg.det(a), (S,)),
    "slogdet": (lambda t, a: t.linalg.slogdet(a)[1], (S,)),
    "solve": (lambda t, a, b: t.linalg.solve(a, b), (S, A)),
    "solve vector": (lambda t, a, b: t.linalg.solve(a, b[0]), (S, S)),
    "cholesky": (lambda t, a: t.linalg.cholesky(a @ a.mT), (S,)),
    "eigvalsh": (lambda t, a: t.linalg.eigvalsh(a @ a.mT), (S,)),
    "eigh": (lambda t, a: t.linalg.eigh(a @ a.mT)[1] ** 2, (S,)),
    "svdvals": (lambda t, a: t.linalg.svdvals(a), (A,)),
    "svd": (lambda t, a: t.linalg.svd(a, full_matrices=False)[0] ** 2, (S,)),
    "qr": (lambda t, a: t.linalg.qr(a)[1] ** 2, (S,)),
    "pinv": (lambda t, a: t.linalg.pinv(a), (S,)),
    "matrix_power": (lambda t, a: t.linalg.matrix_power(a, 3), (S,)),
    "linalg.norm": (lambda t, a: t.linalg.norm(a), (A,)),
    "linalg.norm nuc": (lambda t, a: t.linalg.norm(a, ord="nuc"), (A,)),
    "vector_norm": (lambda t, a: t.linalg.vector_norm(a, 3, dim=1), (A,)),
    # ── nn.functional ──
    **{f"F.{n}": (lambda t, a, n=n: getattr(t.nn.functional, n)(a), (A,)) for n in ("relu", "gelu", "softplus", "silu", "logsigmoid", "leaky_relu", "elu", "sigmoid", "tanh")},
    "F.gelu tanh": (lambda t, a: t.nn.functional.gelu(a, approximate="tanh"), (A,)),
    "F.softplus large": (lambda t, a: t.nn.functional.softplus(a, beta=2.0), (A * 30,)),
    "F.softmax": (lambda t, a: t.nn.functional.softmax(a, dim=0), (A,)),
    "F.log_softmax": (lambda t, a: t.nn.functional.log_softmax(a, dim=-1), (A,)),
    "F.linear": (lambda t, x, w, b: t.nn.functional.linear(x, w, b), (A, _r.normal(size=(2, 4)), _r.normal(size=2))),
    "F.mse_loss": (lambda t, a, b: t.nn.functional.mse_loss(a, b), (A, C)),
    "F.l1_loss": (lambda t, a, b: t.nn.functional.l1_loss(a, b, reduction="sum"), (A, C)),
    "F.huber_loss": (lambda t, a, b: t.nn.functional.huber_loss(a, b), (A, C)),
    "F.smooth_l1_loss": (lambda t, a, b: t.nn.functional.smooth_l1_loss(a, b, beta=0.5), (A, C)),
    "F.cross_entropy": (lambda t, a: t.nn.functional.cross_entropy(a, t.tensor([0, 3, 1])), (A,)),
    "F.cross_entropy weighted": (lambda t, a: t.nn.functional.cross_entropy(a, t.tensor([0, 3, -100]), weight=t.tensor([1.0, 2.0, 3.0, 4.0], dtype=t.float64)), (A,)),
    "F.cross_entropy smooth": (lambda t, a: t.nn.functional.cross_entropy(a, t.tensor([0, 3, 1]), label_smoothing=0.1), (A,)),
    "F.cross_entropy soft": (lambda t, a, b: t.nn.functional.cross_entropy(a, t.softmax(b, 1)), (A, C)),
    "F.cross_entropy none": (lambda t, a: t.nn.functional.cross_entropy(a, t.tensor([0, 3, 1]), reduction="none"), (A,)),
    "F.nll_loss": (lambda t, a: t.nn.functional.nll_loss(t.log_softmax(a, 1), t.tensor([0, 3, 1]), reduction="sum"), (A,)),
    "F.bce": (lambda t, a, b: t.nn.functional.binary_cross_entropy(a, b), (P, P[::-1].copy())),
    "F.bce logits": (lambda t, a, b: t.nn.functional.binary_cross_entropy_with_logits(a, b), (V * 30, P)),
    "F.kl_div": (lambda t, a, b: t.nn.functional.kl_div(t.log_softmax(a, 1), t.softmax(b, 1), reduction="batchmean"), (A, C)),
    "F.layer_norm": (lambda t, a, w: t.nn.functional.layer_norm(a, (4,), w), (A, W)),
    "F.normalize": (lambda t, a: t.nn.functional.normalize(a), (A,)),
    "F.cosine_similarity": (lambda t, a, b: t.nn.functional.cosine_similarity(a, b), (A, C)),
    "F.pad": (lambda t, a: t.nn.functional.pad(a, (1, 2)), (A,)),
    "F.one_hot": (lambda t, a: t.nn.functional.one_hot(t.tensor([0, 2, 1]), 4) * a, (A,)),
    "axis and keepdims": (lambda t, a: a.sum(axis=1, keepdims=True) * t.mean(a, axis=0) + a.amax(axis=0), (A,)),
    "cat axis": (lambda t, a, b: t.cat([a, b], axis=1), (A, C)),
    "inner": (lambda t, a, b: t.inner(a, b), (A, C)),
    "trapezoid": (lambda t, a: t.trapezoid(a, dx=0.5), (A,)),
    "cov": (lambda t, a: t.cov(a), (A,)),
    "cdist": (lambda t, a, b: t.cdist(a, b), (A, C)),
    "bincount": (lambda t, w: w[t.bincount(t.tensor([0, 2, 2, 1]))], (W,)),
    "nonzero": (lambda t, a: t.nonzero(a > 0), (A,)),
    "unique": (lambda t, a: t.unique(t.tensor([3, 1, 1])), (A,)),
    "searchsorted": (lambda t, a: t.searchsorted(t.tensor([1.0, 2.0, 3.0]), t.tensor([2.5, 0.0])), (A,)),
    "meshgrid": (lambda t, v, w: t.meshgrid(v, w[:3], indexing="ij")[0] * t.meshgrid(v, w[:3], indexing="xy")[1].T, (V, W)),
    # ── dtypes ──
    "int / int": (lambda t, a: t.tensor([1, 2]) / t.tensor([2, 4]), (V,)),
    "int sum": (lambda t, a: t.tensor([[1, 2], [3, 4]]).sum(dim=0), (V,)),
    "bool sum": (lambda t, a: (a > 0).sum(), (V,)),
    "int * float": (lambda t, a: t.tensor([1, 2, 3, 4]) * a, (V,)),
    "sin of int": (lambda t, a: t.sin(t.tensor([1, 2])), (V,)),
    "floor_divide": (lambda t, a: a.detach() // 0.3, (V,)),
    "mod": (lambda t, a: a % 0.3, (V,)),
    "bits": (lambda t, a: (a > 0) & ~(a > 0.5) | (a < -0.5), (V,)),
    "comparisons": (lambda t, a, b: (a <= b).double() + (a != b).double() + a.ge(b).double(), (V, W)),
}  # fmt: skip


def _written(y, write):
    write(y)
    return y


def _filled(t, a):
    y = t.zeros(4, dtype=t.float64)
    y[0] = a[0]
    for k in range(1, 4):
        y[k] = y[k - 1].clone() * a[k] + y[k - 1]
    return y * y


def _view_sees(a):
    y = a * 1
    v = y[1]
    z = v + 1
    y.mul_(3.0)
    return z + v * y[0]


def _augmented(a, b):
    y = a * 2
    z = y + 3
    y += b
    y *= b
    y -= 1
    y /= 2
    y = y + 0
    y **= 2
    return y * z
