"""Programs of a machine learner: estimators as classes, optimisers with state, clustering, kernels, networks."""

import math

import numpy as np
import pytest
from check import check
from scipy import linalg, special, stats
from scipy.special import expit, logsumexp
from ways import compiled_at_two_points

rng = np.random.default_rng(8)
X = rng.normal(size=(15, 3))
y = rng.normal(size=15)
yb = (rng.random(15) < 0.5).astype(float)
ret = rng.normal(0, 0.02, size=(20, 3))
K = rng.integers(0, 3, 15)
b3 = np.array([0.3, -0.2, 0.5])


class Optimiser:
    def __init__(self, lr=0.1, **kw):
        self.lr, self.state, self.t = (lr, {}, 0)
        self.kw = {"beta1": 0.9, "beta2": 0.99, "eps": 1e-08, **kw}

    def step(self, params, grads):
        self.t += 1
        for k in params:
            m, v = self.state.setdefault(k, (np.zeros_like(params[k]), np.zeros_like(params[k])))
            m = self.kw["beta1"] * m + (1 - self.kw["beta1"]) * grads[k]
            v = self.kw["beta2"] * v + (1 - self.kw["beta2"]) * grads[k] ** 2
            self.state[k] = (m, v)
            params[k] -= (
                self.lr
                * (m / (1 - self.kw["beta1"] ** self.t))
                / (np.sqrt(v / (1 - self.kw["beta2"] ** self.t)) + self.kw["eps"])
            )


class Estimator:
    def fit(self, X, y):
        raise NotImplementedError

    def score(self, X, y):
        u = ((y - self.predict(X)) ** 2).sum()
        return 1 - u / ((y - y.mean()) ** 2).sum()


class Ridge(Estimator):
    def __init__(self, alpha=1.0, fit_intercept=True):
        self.alpha, self.fit_intercept = (alpha, fit_intercept)

    def fit(self, X, y):
        self.mean_ = X.mean(0) if self.fit_intercept else 0
        self.ymean_ = y.mean() if self.fit_intercept else 0
        Z = X - self.mean_
        self.coef_ = linalg.solve(
            Z.T @ Z + self.alpha * np.identity(X.shape[1]), Z.T @ (y - self.ymean_), assume_a="pos"
        )
        return self

    def predict(self, X):
        return (X - self.mean_) @ self.coef_ + self.ymean_


class Scaler:
    def fit(self, X):
        self.m, self.s = (X.mean(axis=0), X.std(axis=0))
        self.s[self.s == 0] = 1
        return self

    def transform(self, X):
        Z = X.copy()
        Z -= self.m
        Z /= self.s
        return Z

    def fit_transform(self, X):
        return self.fit(X).transform(X)


class Tensor:
    def __init__(self, data, parents=(), op=None):
        self.data, self.parents, self.op, self.grad = (data, parents, op, np.zeros_like(data))

    def __mul__(self, o):
        out = Tensor(self.data * o.data, (self, o))

        def back():
            self.grad = self.grad + o.data * out.grad
            o.grad = o.grad + self.data * out.grad

        out.op = back
        return out

    def __add__(self, o):
        out = Tensor(self.data + o.data, (self, o))

        def back():
            self.grad = self.grad + out.grad
            o.grad = o.grad + out.grad

        out.op = back
        return out

    def backward(self):
        topo, seen = ([], set())

        def build(v):
            if id(v) not in seen:
                seen.add(id(v))
                [build(p) for p in v.parents]
                topo.append(v)

        build(self)
        self.grad = np.ones_like(self.data)
        for v in reversed(topo):
            if v.op:
                v.op()


def adam_dict(b):
    p = {"w": b.copy(), "c": np.zeros(1)}
    opt = Optimiser(0.05)
    for _ in range(5):
        r = X @ p["w"] + p["c"] - y
        opt.step(p, {"w": 2 * X.T @ r / 15, "c": 2 * r.mean(keepdims=True)})
    return (p["w"], p["c"])


def ridge_cv(a):
    folds = np.array_split(np.arange(15), 3)
    sc = []
    for k in folds:
        tr = np.setdiff1d(np.arange(15), k)
        sc.append(Ridge(alpha=np.exp(a[0])).fit(X[tr], y[tr]).score(X[k], y[k]))
    return (np.mean(sc), np.std(sc, ddof=1))


def pipeline(A):
    steps = [("s", Scaler()), ("p", lambda Z: np.hstack([Z, Z[:, :1] * Z[:, 1:2], np.ones((len(Z), 1))]))]
    Z = A
    for name, s in steps:
        Z = s.fit_transform(Z) if hasattr(s, "fit_transform") else s(Z)
    return np.linalg.slogdet(Z.T @ Z + 0.1 * np.eye(5))


def principal_parts(A):
    Z = A - A.mean(0)
    _, s, Vt = np.linalg.svd(Z, full_matrices=False)
    sgn = np.sign(Vt[np.arange(3), np.abs(Vt).argmax(1)])
    return ((s**2 / (s**2).sum())[:2], (Z @ Vt.T * sgn)[:, 0] ** 2)


def logit_newton(b0):
    b = b0.copy()
    for it in range(20):
        p = expit(X @ b)
        g = X.T @ (p - yb) + 0.1 * b
        H = X.T * (p * (1 - p)) @ X + 0.1 * np.eye(3)
        d = np.linalg.solve(H, g)
        b = b - d
        if np.linalg.norm(d) < 0.001:
            break
    return (b, -np.sum(yb * np.log(expit(X @ b)) + (1 - yb) * np.log1p(-expit(X @ b))))


def kmeans_soft(c):
    C = c.reshape(3, 3).copy()
    for _ in range(3):
        d = ((X[:, None] - C[None]) ** 2).sum(-1)
        r = special.softmax(-d, axis=1)
        C = r.T @ X / r.sum(0)[:, None]
    return (C, (r * d).sum())


def kmeans_hard(c):
    C = c.reshape(3, 3).copy()
    for _ in range(3):
        lab = np.argmin(np.linalg.norm(X[:, None, :] - C, axis=2), axis=1)
        for k in range(3):
            if np.any(lab == k):
                C[k] = 0.5 * C[k] + 0.5 * X[lab == k].mean(axis=0)
    return np.sum((X - C[lab]) ** 2)


def gmm_em(t):
    mu = t[:2].copy()
    ls = t[2:4].copy()
    w = np.array([expit(t[4]), 1 - expit(t[4])])
    for _ in range(3):
        lp = stats.norm.logpdf(y[:, None], mu, np.exp(ls)) + np.log(w)
        r = np.exp(lp - logsumexp(lp, axis=1, keepdims=True))
        n = r.sum(0)
        mu = (r * y[:, None]).sum(0) / n
        ls = 0.5 * np.log((r * (y[:, None] - mu) ** 2).sum(0) / n + 0.001)
        w = n / n.sum()
    return (logsumexp(lp, axis=1).sum(), mu, ls)


def gp_hyper(h):
    l, s, n = np.exp(h)
    D = np.abs(X[:, 0][:, None] - X[:, 0])
    Km = s**2 * (1 + math.sqrt(3) * D / l) * np.exp(-math.sqrt(3) * D / l)
    Km[np.diag_indices_from(Km)] += n**2 + 1e-08
    L = linalg.cholesky(Km, lower=True)
    a = linalg.cho_solve((L, True), y)
    Ks = s**2 * np.exp(-0.5 * np.subtract.outer(X[:, 0], [0.0, 0.5]) ** 2 / l**2)
    v = linalg.solve_triangular(L, Ks, lower=True)
    return (-0.5 * y @ a - np.log(np.diag(L)).sum() - 7.5 * np.log(2 * np.pi), Ks.T @ a, s**2 - (v**2).sum(0))


def svm_smo(b):
    m = (2 * yb - 1) * (X @ b)
    return (
        np.maximum(0, 1 - m).mean() + 0.01 * b @ b,
        np.where(m >= 1, 0, np.where(m <= 0, 0.5 - m, 0.5 * (1 - m) ** 2)).sum(),
        np.logaddexp(0, -m).sum(),
        np.clip(1 - m, 0, None).max(),
    )


def mlp(theta):
    it = iter(np.split(theta, [12, 16, 28]))
    W1, b1, W2, b2 = (next(it).reshape(3, 4), next(it), next(it).reshape(4, 3), next(it))
    act = {
        "relu": lambda z: np.maximum(z, 0),
        "tanh": np.tanh,
        "swish": lambda z: z * expit(z),
        "gelu": lambda z: 0.5 * z * (1 + special.erf(z / np.sqrt(2))),
    }
    tot = 0
    for k, a in act.items():
        h = a(X @ W1 + b1)
        lo = h @ W2
        lo[:, :2] += b2
        lo -= lo.max(axis=1, keepdims=True)
        tot -= (lo[np.arange(15), K] - np.log(np.exp(lo).sum(1))).mean()
    return tot


def autograd_toy(b):
    t = Tensor(b)
    u = t * t + t * Tensor(np.array([1.0, 2, 3]))
    u.backward()
    return (t.grad, u.data)


def boosting(A):
    F = np.zeros(5)
    target = A[0]
    for m in range(4):
        res = target - F
        best = None
        for j in (1, 2):
            order = np.argsort(A[j])
            for s in range(1, 5):
                l, r = (order[:s], order[s:])
                pred = np.empty(5)
                pred[l] = res[l].mean()
                pred[r] = res[r].mean()
                sse = ((res - pred) ** 2).sum()
                if best is None or sse < best[0]:
                    best = (sse, pred)
        F = F + 0.3 * best[1]
    return (F, best[0])


def viterbi_hmm(p):
    A = np.exp(np.array([[p[0], 0], [0, p[1]]]))
    A /= A.sum(1, keepdims=True)
    mu = p[2:]
    B = stats.norm.pdf(y[:, None], mu[None, :], 1.0)
    d = np.zeros((15, 2))
    bp = np.zeros((15, 2), int)
    d[0] = np.log(0.5) + np.log(B[0])
    for t in range(1, 15):
        s = d[t - 1][:, None] + np.log(A)
        bp[t] = s.argmax(0)
        d[t] = s.max(0) + np.log(B[t])
    path = [int(d[-1].argmax())]
    for t in range(14, 0, -1):
        path.insert(0, bp[t, path[0]])
    return (d[-1].max(), mu[path].sum())


def attention_causal(x):
    E = x.reshape(3, 2)
    S = E @ E.T / np.sqrt(2)
    S[np.triu_indices(3, k=1)] = -np.inf
    W = np.exp(S - S.max(axis=-1, keepdims=True))
    W /= W.sum(-1, keepdims=True)
    m = np.tril(np.ones((3, 3), bool))
    S2 = np.where(m, E @ E.T, -1000000000.0)
    return (W @ E, special.softmax(S2, axis=-1) @ E, np.log(W[m]).sum())


def tsne_like(x):
    Y = x.reshape(3, 2)
    D = np.square(Y[:, None] - Y[None]).sum(-1)
    Q = 1 / (1 + D)
    np.fill_diagonal(Q, 0.0)
    Q /= Q.sum()
    Pm = np.array([[0, 0.2, 0.1], [0.2, 0, 0.2], [0.1, 0.2, 0]])
    return (np.sum(Pm * np.log((Pm + 1e-12) / np.maximum(Q, 1e-12))), special.rel_entr(Pm, Q + 1e-09).sum())


def sinkhorn_np(c):
    C = np.abs(c[:3, None] - c[None, 3:])
    Kx = np.exp(-C / 0.3)
    a, b = (np.full(3, 1 / 3), np.array([0.2, 0.3, 0.5]))
    u, v = (np.ones(3), np.ones(3))
    it = 0
    err = 1.0
    while err > 1e-06 and it < 60:
        u0 = u
        u = a / (Kx @ v)
        v = b / (Kx.T @ u)
        err = np.max(np.abs(u - u0))
        it += 1
    Pm = u[:, None] * Kx * v[None, :]
    return ((Pm * C).sum(), -(Pm * np.log(Pm)).sum())


CASES = {
    adam_dict: b3,
    ridge_cv: np.array([0.7]),
    pipeline: X[:5],
    principal_parts: X[:6],
    logit_newton: b3,
    kmeans_soft: np.array([0.1, 0.2, -0.3, 0.4, 0.2, 0.1, -0.1, 0.5, 0.3]),
    kmeans_hard: np.array([0.1, 0.2, -0.3, 0.4, 0.2, 0.1, -0.1, 0.5, 0.3]),
    gmm_em: np.array([-1.0, 0.5, 0.2, 0.1, 0.3]),
    gp_hyper: np.array([0.5, 0.2, -0.1]),
    svm_smo: b3,
    mlp: rng.normal(size=30),
    autograd_toy: b3,
    boosting: rng.normal(size=(3, 5)),
    viterbi_hmm: np.array([0.2, 0.5, 0.3, 0.9]),
    attention_causal: np.array([0.2, 0.5, 0.3, 0.8, 0.1, 0.9]),
    tsne_like: np.array([0.2, 0.5, 0.3, 0.8, 0.1, 0.9]),
    sinkhorn_np: np.array([0.2, 0.5, 0.3, 0.8, 0.1, 0.9]),
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=1e-6, dual=1e-10 if f is logit_newton else 1e-12)  # steps of Newton cancel


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_compiled_at_two_points(f):
    compiled_at_two_points(f, CASES[f])
