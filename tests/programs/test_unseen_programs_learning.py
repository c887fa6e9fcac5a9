"""Programs of machine learning, each step written out: networks, sequences, transport, trees."""

import numpy as np
from scipy import special, stats
from ways import both_tests

rng = np.random.default_rng(7)

q = rng.normal(size=39)

q[24] += 5

q[27] += 5

q[30] += 5

X = rng.normal(size=(10, 2))


def euler(a):
    sx, sy, sz = np.sin(a)
    cx, cy, cz = np.cos(a)
    Rx = np.eye(3)
    Ry = np.eye(3)
    Rz = np.eye(3)
    Rx[1, 1] = cx
    Rx[2, 1] = sx
    Rx[1, 2] = -sx
    Rx[2, 2] = cx
    Ry[0, 0] = cy
    Ry[0, 2] = sy
    Ry[2, 0] = -sy
    Ry[2, 2] = cy
    Rz[0, 0] = cz
    Rz[1, 0] = sz
    Rz[0, 1] = -sz
    Rz[1, 1] = cz
    return Rz @ Ry @ Rx


BASE = [np.vstack([np.hstack([np.eye(3), rng.normal(size=(3, 1))]), [0, 0, 0, 1]]) for _ in range(4)]

PAR = [-1, 0, 1, 2]

VERT = np.hstack([rng.normal(size=(5, 3)), np.ones((5, 1))])

WT = rng.random((4, 5))

WT /= WT.sum(0)


def ht(theta):
    pose = np.zeros((4, 3))
    pose[:] = theta.reshape(4, 3)
    rel = []
    for i in range(4):
        T = np.eye(4)
        T[:3, :3] = euler(pose[i])
        rel.append(BASE[i] @ T)
    ab = []
    for i, p in enumerate(PAR):
        ab.append(rel[i] if p == -1 else ab[p] @ rel[i])
    out = np.zeros((5, 3))
    for i, T in enumerate(ab):
        out += WT[i][:, None] * (T @ VERT.T)[:3].T
    return out


PTS = rng.normal(size=(12, 2))


def kmeans_cost(c):
    d = ((PTS[:, None, :] - c[None]) ** 2).sum(-1)
    return d.min(axis=1).sum()


def batchnorm_train(x):
    mu = x.mean(0)
    var = x.var(axis=0)
    xh = (x - mu) / np.sqrt(var + 1e-05)
    run = 0.9 * np.zeros(4) + 0.1 * mu
    return (xh * 2 + 0.5, run, var)


def gru(p):
    Wz, Wr, Wh = p.reshape(3, 18)
    h = np.zeros(3)
    for x in np.linspace(-1, 1, 10).reshape(5, 2):

        def lin(Wv, h):
            return Wv[:6].reshape(3, 2) @ x + Wv[6:15].reshape(3, 3) @ h + Wv[15:]  # noqa: B023

        z = special.expit(lin(Wz, h))
        r = special.expit(lin(Wr, h))
        hh = np.tanh(lin(Wh, r * h))
        h = (1 - z) * h + z * hh
    return h


EPS = rng.normal(size=(6, 2))

XB = (rng.random((6, 4)) > 0.5) * 1.0


def vae(p):
    We = p[:16].reshape(4, 4)
    Wd = p[16:].reshape(2, 4)
    h = XB @ We
    mu, lv = np.split(h, 2, axis=1)
    z = mu + np.exp(0.5 * lv) * EPS
    logit = z @ Wd
    rec = np.sum(XB * logit - np.logaddexp(0, logit), axis=1)
    kl = 0.5 * np.sum(np.exp(lv) + mu**2 - 1 - lv, axis=-1)
    return -np.mean(rec - kl)


def realnvp(p):
    z = np.array(EPS)
    ld = np.zeros(len(z))
    for k in range(2):
        s, t = (np.tanh(p[4 * k] * z[:, k % 2] + p[4 * k + 1]), p[4 * k + 2] * z[:, k % 2] + p[4 * k + 3])
        z[:, 1 - k % 2] = z[:, 1 - k % 2] * np.exp(s) + t
        ld += s
    return -np.mean(stats.norm.logpdf(z).sum(1) + ld)


def tsne_cost(Y):
    D = np.sum(X[:6] ** 2, 1)[:, None] + np.sum(X[:6] ** 2, 1) - 2 * X[:6] @ X[:6].T
    Pm = np.exp(-D)
    np.fill_diagonal(Pm, 0)
    Pm /= Pm.sum()
    d = np.sum(np.square(Y), 1)
    num = 1 / (1 + np.add(np.add(-2 * np.dot(Y, Y.T), d).T, d))
    num[range(6), range(6)] = 0.0
    Q = np.maximum(num / np.sum(num), 1e-12)
    return np.sum(Pm * np.log(np.maximum(Pm, 1e-12) / Q))


def svm_hinge(w):
    y = np.where(X[:, 0] > 0, 1, -1)
    m = y * (X @ w[:2] + w[2])
    return 0.5 * w[:2] @ w[:2] + np.maximum(0, 1 - m).sum() / 10


def pagerank_soft(A):
    M = np.exp(A)
    M /= M.sum(axis=0)
    r = np.ones(5) / 5
    while True:
        n = 0.85 * M @ r + 0.15 / 5
        if np.linalg.norm(n - r, 1) < 1e-09:
            return n
        r = n


def ctc_alpha(y):
    lp = y - special.logsumexp(y, axis=1, keepdims=True)
    lab = [0, 1, 0, 2, 0]
    al = np.full((5, 5), -np.inf)
    al[0, 0] = lp[0, 0]
    al[0, 1] = lp[0, 1]
    for t in range(1, 5):
        for s in range(5):
            a = al[t - 1, s]
            if s > 0:
                a = np.logaddexp(a, al[t - 1, s - 1])
            if s > 1 and lab[s] != 0 and (lab[s] != lab[s - 2]):
                a = np.logaddexp(a, al[t - 1, s - 2])
            al[t, s] = a + lp[t, lab[s]]
    return -np.logaddexp(al[-1, -1], al[-1, -2])


def soft_dtw(x):
    y = np.array([0.1, 0.5, -0.3, 0.2])
    D = (x[:, None] - y) ** 2
    n, m = D.shape
    R = np.full((n + 1, m + 1), np.inf)
    R[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            z = np.array([R[i - 1, j], R[i, j - 1], R[i - 1, j - 1]]) / -0.5
            mx = z.max()
            R[i, j] = D[i - 1, j - 1] - 0.5 * (np.log(np.exp(z - mx).sum()) + mx)
    return R[n, m]


def boosting_stumps(t):
    F = np.zeros(10)
    y = X[:, 0] * t[0] + np.sin(X[:, 1] * t[1])
    for _ in range(4):
        r = y - F
        best = None
        for f in range(2):
            for s in np.sort(X[:, f])[:-1]:
                L = X[:, f] <= s
                a, b = (r[L].mean(), r[~L].mean())
                sse = ((r - np.where(L, a, b)) ** 2).sum()
                if best is None or sse < best[0]:
                    best = (sse, f, s, a, b)
        _, f, s, a, b = best
        F = F + 0.5 * np.where(X[:, f] <= s, a, b)
    return F


V = ["the", "cat", "sat", "on", "the", "mat"]


def skipgram(E):
    vocab = {w: i for i, w in enumerate(dict.fromkeys(V))}
    loss = 0
    for i, w in enumerate(V):
        for j in range(max(0, i - 1), min(len(V), i + 2)):
            if i != j:
                s = E @ E[vocab[w]]
                loss -= s[vocab[V[j]]] - np.log(np.sum(np.exp(s)))
    return loss / len(V)


def viterbi_score(em):
    T = np.log(np.array([[0.5, 0.3, 0.2, 0.0001], [0.1, 0.6, 0.2, 0.1], [0.3, 0.3, 0.3, 0.1], [0.25] * 4]))
    d = em[0].copy()
    bp = []
    for t in range(1, 3):
        sc = d[:, None] + T
        bp.append(sc.argmax(0))
        d = sc.max(0) + em[t]
    path = [int(np.argmax(d))]
    for b in reversed(bp):
        path.append(b[path[-1]])
    return (d.max(), em[range(3), path[::-1]])


def dropout_seeded(Wt):
    r = np.random.default_rng(3)
    h = np.tanh(X @ Wt)
    m = r.random(h.shape) < 0.5
    return (h * m / 0.5).sum(1)


def attention_einsum(qkv):
    q, k, v = qkv
    qh = q.reshape(4, 2, 2).transpose(1, 0, 2)
    kh = k.reshape(4, 2, 2).transpose(1, 0, 2)
    vh = v.reshape(4, 2, 2).transpose(1, 0, 2)
    s = np.einsum("hqd,hkd->hqk", qh, kh) / np.sqrt(2)
    s = np.where(np.tril(np.ones((4, 4), bool)), s, -1000000000.0)
    p = np.exp(s - s.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    return np.einsum("hqk,hkd->qhd", p, vh).reshape(4, 4)


CASES = {
    ht: rng.normal(size=12) * 0.4,
    kmeans_cost: PTS[:3] * 1.1,
    batchnorm_train: rng.normal(size=(4, 4)),
    gru: rng.normal(size=3 * (6 + 9 + 3)) * 0.5,
    vae: rng.normal(size=4 * 4 + 2 * 4) * 0.3,
    realnvp: rng.normal(size=8) * 0.5,
    tsne_cost: rng.normal(size=(6, 2)),
    pagerank_soft: rng.normal(size=(5, 5)),
    ctc_alpha: rng.normal(size=(5, 4)),
    soft_dtw: rng.normal(size=5),
    boosting_stumps: rng.normal(size=2),
    skipgram: rng.normal(size=(5, 2)),
    viterbi_score: rng.normal(size=(3, 4)),
    dropout_seeded: rng.normal(size=(2, 3)),
    attention_einsum: rng.normal(size=(3, 4, 4)),
    svm_hinge: rng.normal(size=3),
}

test_program, test_compiled = both_tests(CASES)
