"""Ordinary machine learning in plain NumPy: networks as classes, attention, sequences, clustering, embeddings."""

import math

import numpy as np
import pytest
from check import check
from numpy import array, dot, exp, log, maximum, tanh, zeros
from scipy.special import expit, logsumexp, softmax

rng = np.random.default_rng(5)
X = rng.normal(size=(6, 3))
T = np.array([0, 1, 2, 1, 0, 2])
MASK = rng.uniform(size=(6, 4)) > 0.3
TOKENS = [0, 2, 1, 3, 1]
SEQUENCE = rng.normal(size=(5, 2))
ADJACENCY = np.array([[0.0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]])


def split(theta, *shapes):
    """Consecutive pieces of a flat vector."""
    at = 0
    for shape in shapes:
        n = math.prod(shape)
        yield theta[at : at + n].reshape(shape)
        at += n


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def __call__(self, x):
        self.x = x
        return x @ self.W + self.b


class Network:
    def __init__(self, layers):
        self.layers = layers
        self.history = []

    def forward(self, x):
        for k, layer in enumerate(self.layers):
            x = layer(x)
            if k < len(self.layers) - 1:
                x = np.maximum(x, 0.1 * x)
            self.history.append(x)
        return x


def perceptron(theta):
    W1, b1, W2, b2 = split(theta, (3, 4), (4,), (4, 3), (3,))
    net = Network([Linear(W1, b1), Linear(W2, b2)])
    out = net.forward(X)
    assert len(net.history) == 2
    return -np.log(softmax(out, axis=1))[range(6), T].mean()


def by_old_names(theta):
    W1, W2 = theta[:6].reshape(3, 2), theta[6:8]
    hidden = tanh(dot(X, W1))
    p = 1 / (1 + exp(-dot(hidden, W2)))
    return -sum(log(maximum(p, 1e-9)) * array([1.0, 0, 1, 1, 0, 1]))


def backpropagation_by_hand(theta):
    W1, W2 = theta[:12].reshape(3, 4).copy(), theta[12:16].reshape(4, 1).copy()
    y = X[:, :1]
    for _ in range(3):
        h = np.tanh(X @ W1)
        error = h @ W2 - y
        g2 = h.T @ error
        g1 = X.T @ ((error @ W2.T) * (1 - h**2))
        W1 -= 0.05 * g1
        W2 -= 0.05 * g2
    return np.mean((np.tanh(X @ W1) @ W2 - y) ** 2)


def dropout_with_fixed_mask(theta):
    h = np.maximum(X @ theta[:12].reshape(3, 4), 0)
    h[~MASK] = 0
    h /= MASK.mean()
    return np.square(h @ theta[12:16]).mean()


def batch_norm(theta):
    gamma, beta = theta[:3], theta[3:6]
    x = X * theta[6]
    running = {"mean": np.zeros(3), "var": np.ones(3)}
    for _ in range(2):
        mu, var = x.mean(0), x.var(0)
        running["mean"] = 0.9 * running["mean"] + 0.1 * mu
        running["var"] = 0.9 * running["var"] + 0.1 * var
        x = gamma * (x - mu) / np.sqrt(var + 1e-5) + beta
    return (x**2).sum() + running["mean"] @ running["var"]


def layer_norm(x):
    h = x.reshape(3, 4)
    h = (h - h.mean(-1, keepdims=True)) / (h.std(-1, keepdims=True) + 1e-5)
    return np.sum(np.tanh(h) * np.arange(12).reshape(3, 4))


def rms_norm_gelu(x):
    h = x / np.sqrt(np.mean(np.square(x)) + 1e-6)
    return (0.5 * h * (1 + np.tanh(np.sqrt(2 / np.pi) * (h + 0.044715 * h**3)))).sum()


def attention(theta):
    Q, K, V = (X @ W for W in split(theta, (3, 2), (3, 2), (3, 2)))
    scores = Q @ K.T / np.sqrt(2)
    scores[np.triu_indices(6, 1)] = -np.inf
    scores -= scores.max(axis=-1, keepdims=True)
    w = np.exp(scores)
    w /= w.sum(axis=-1, keepdims=True)
    return w @ V


def multi_head_attention(theta):
    x = X[None]
    W, O = split(theta[:48], (3, 12), (4, 3))
    q, k, v = np.split(x @ W, 3, axis=-1)
    q, k, v = (z.reshape(1, 6, 2, 2).transpose(0, 2, 1, 3) for z in (q, k, v))
    a = np.einsum("bhid,bhjd->bhij", q, k) / 2**0.5
    a = np.where(np.tril(np.ones((6, 6), dtype=bool)), a, -1e9)
    out = np.matmul(softmax(a, axis=-1), v).swapaxes(1, 2).reshape(1, 6, 4) @ O
    return np.mean(out**2)


def recurrent(theta):
    W, U, b = split(theta, (2, 3), (3, 3), (3,))
    h = np.zeros(3)
    states = []
    for x in SEQUENCE:
        h = np.tanh(x @ W + h @ U + b)
        states.append(h)
    return np.stack(states)[::2].sum(axis=0)


class LSTM:
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.c = self.h = np.zeros(2)

    def step(self, x):
        z = np.concatenate((x, self.h)) @ self.W + self.b
        i, f, o, g = np.split(z, 4)
        self.c = expit(f) * self.c + expit(i) * np.tanh(g)
        self.h = expit(o) * np.tanh(self.c)
        return self.h


def long_short_term_memory(theta):
    cell = LSTM(*split(theta[:40], (4, 8), (8,)))
    return sum(cell.step(x) @ np.array([1.0, -2.0]) for x in SEQUENCE)


def gated_recurrent(theta):
    Wz, Wr, Wh = split(theta[:24], (4, 2), (4, 2), (4, 2))
    h = zeros(2)
    for t in range(len(SEQUENCE)):
        xh = np.hstack([SEQUENCE[t], h])
        z, r = expit(xh @ Wz), expit(xh @ Wr)
        h = (1 - z) * h + z * np.tanh(np.r_[SEQUENCE[t], r * h] @ Wh)
    return h


def convolution_by_windows(theta):
    kernel, image = theta[:9].reshape(3, 3), theta[9:45].reshape(6, 6)
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    out = np.maximum(np.einsum("ijkl,kl->ij", windows, kernel), 0)
    pooled = out.reshape(2, 2, 2, 2).max(axis=(1, 3))
    return np.sum(pooled**2)


def convolution_by_columns(theta):
    kernel, image = theta[:8].reshape(2, 4), theta[9:34].reshape(5, 5)
    columns = np.zeros((4, 16))
    for k, (i, j) in enumerate(np.ndindex(2, 2)):
        columns[k] = image[i : i + 4, j : j + 4].ravel()
    return np.tanh(kernel @ columns).reshape(2, 4, 4).mean(axis=(1, 2))


def autoencoder(theta):
    W = theta[:6].reshape(3, 2)
    code = np.tanh(X @ W)
    loss = np.linalg.norm(code @ W.T - X) ** 2
    jacobian = (1 - code**2)[:, :, None] * W.T
    return loss + 0.1 * np.sum(jacobian**2)


def variational(theta):
    mu, log_var = X @ theta[:6].reshape(3, 2), X @ theta[6:12].reshape(3, 2)
    noise = np.random.default_rng(0).normal(size=(6, 2))
    z = mu + np.exp(0.5 * log_var) * noise
    kl = -0.5 * np.sum(1 + log_var - mu**2 - np.exp(log_var))
    return np.sum((z @ theta[12:18].reshape(2, 3) - X) ** 2) + kl


def adversarial(theta):
    fake = np.tanh(X @ theta[:9].reshape(3, 3))
    score = lambda x: x @ theta[9:12] + theta[12]
    real_loss = np.logaddexp(0, -score(X)).mean()
    fake_loss = np.logaddexp(0, score(fake)).mean()
    return np.array([real_loss + fake_loss, np.logaddexp(0, -score(fake)).mean()])


def softplus_hinge_focal(w):
    margin = (2.0 * (T > 0) - 1) * (X @ w)
    hinge = np.maximum(0, 1 - margin)
    p = expit(margin)
    return np.log1p(np.exp(-margin)).sum() + (hinge**2).sum() - ((1 - p) ** 2 * np.log(p)).sum()


def triplet_and_contrastive(theta):
    z = X @ theta[:9].reshape(3, 3)
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    sim = z @ z.T / 0.5
    np.fill_diagonal(sim, -np.inf)
    pair = np.array([1, 0, 3, 2, 5, 4])
    return -np.mean(sim[np.arange(6), pair] - logsumexp(sim, axis=1))


def word_vectors(theta):
    inside, outside = theta[:8].reshape(4, 2), theta[8:16].reshape(4, 2)
    loss = 0.0
    for i, word in enumerate(TOKENS):
        for j in range(max(0, i - 1), min(len(TOKENS), i + 2)):
            if j != i:
                loss -= np.log(expit(inside[word] @ outside[TOKENS[j]]))
                loss -= np.sum(np.log(expit(-outside[[0, 3]] @ inside[word])))
    return loss


def embedding_gradient_by_scatter(theta):
    E = theta[:8].reshape(4, 2)
    counts = np.zeros((4, 2))
    np.add.at(counts, TOKENS, np.tanh(E[TOKENS]))
    E = E - 0.1 * counts
    return (E[TOKENS] ** 2).sum()


def k_means(theta):
    centres = theta[:6].reshape(2, 3).copy()
    for _ in range(10):
        d = ((X[:, None, :] - centres) ** 2).sum(-1)
        label = d.argmin(1)
        new = np.array(
            [X[label == k].mean(0) * 0.9 + 0.1 * centres[k] if np.any(label == k) else centres[k] for k in range(2)]
        )
        if np.allclose(new, centres, atol=1e-3):
            break
        centres = new
    return np.minimum(d[:, 0], d[:, 1]).sum() + (centres**2).sum()


def soft_k_means(theta):
    c = theta[:6].reshape(2, 3)
    d = np.sum((X[:, None] - c[None]) ** 2, axis=2)
    return -0.5 * np.logaddexp(*(-2 * d).T).sum()


def matrix_factorisation(theta):
    U, V = theta[:12].reshape(6, 2), theta[12:18].reshape(2, 3)
    seen = ~np.isnan(np.where(X > -0.5, X, np.nan))
    residual = np.where(seen, X - U @ V, 0)
    return (residual**2).sum() + 0.1 * (np.sum(U**2) + np.sum(V**2))


def nonnegative_factorisation(theta):
    W, H = np.abs(theta[:12].reshape(6, 2)) + 0.1, np.abs(theta[12:18].reshape(2, 3)) + 0.1
    A = np.abs(X)
    for _ in range(3):
        H *= (W.T @ A) / (W.T @ W @ H)
        W *= (A @ H.T) / (W @ H @ H.T)
    return np.linalg.norm(A - W @ H, "fro")


def stochastic_neighbours(theta):
    y = theta[:12].reshape(6, 2)
    d = np.square(X[:, None] - X[None]).sum(-1)
    P = np.exp(-d)
    np.fill_diagonal(P, 0)
    P /= P.sum()
    sq = np.sum(y**2, 1)
    num = 1 / (1 + sq[:, None] + sq - 2 * y @ y.T)
    num[range(6), range(6)] = 0.0
    Q = np.maximum(num / num.sum(), 1e-12)
    return np.sum(P * np.log(np.maximum(P, 1e-12) / Q))


def principal_components(theta):
    Z = X * theta[:3] + 0.3 * np.outer(np.arange(6), theta[:3])
    Z = Z - Z.mean(axis=0)
    _, V = np.linalg.eigh(Z.T @ Z / 5)
    projection = Z @ V[:, ::-1][:, :2]
    return (projection**2).sum(), np.abs(projection).max()


def whitening(theta):
    Z = X * np.exp(theta[:3]) + theta[3]
    Z = Z - Z.mean(0)
    U, s, Vt = np.linalg.svd(Z, full_matrices=False)
    w, Q = np.linalg.eigh(np.cov(Z, rowvar=False))
    return ((U @ Vt) ** 3).sum() + np.sum((Z @ Q @ np.diag(w**-0.5) @ Q.T) ** 3) + s[0]


def graph_convolution(theta):
    A = ADJACENCY + np.eye(4)
    d = A.sum(1) ** -0.5
    H = X[:4]
    for W in split(theta[:15], (3, 3), (3, 2)):
        H = np.maximum(d[:, None] * A * d @ H @ W, 0)
    return H.max(axis=0)


def graph_laplacian(theta):
    W = ADJACENCY * np.exp(-(np.subtract.outer(theta[:4], theta[:4]) ** 2))
    L = np.diag(W.sum(1)) - W
    vals = np.linalg.eigvalsh(L)
    return vals[1] + np.trace(np.linalg.pinv(L + np.ones((4, 4)) / 4)) + theta[:4] @ L @ theta[:4]


def page_rank(theta):
    P = ADJACENCY * np.exp(theta[:16].reshape(4, 4))
    P = P / P.sum(axis=1)[:, None]
    r = np.full(4, 0.25)
    for _ in range(50):
        new = 0.15 / 4 + 0.85 * r @ P
        if np.abs(new - r).max() < 1e-3:
            break
        r = new
    return r


def viterbi(theta):
    emission, transition = theta[:15].reshape(5, 3), theta[15:24].reshape(3, 3)
    score = emission[0]
    back = []
    for t in range(1, 5):
        table = score[:, None] + transition
        back.append(table.argmax(0))
        score = table.max(0) + emission[t]
    path = [int(score.argmax())]
    for pointer in reversed(back):
        path.append(int(pointer[path[-1]]))
    assert len(path) == 5
    return score.max()


def forward_backward(theta):
    log_e, log_t = theta[:15].reshape(5, 3), theta[15:24].reshape(3, 3)
    log_t = log_t - logsumexp(log_t, axis=1, keepdims=True)
    alpha, beta = np.empty((5, 3)), np.zeros((5, 3))
    alpha[0] = log_e[0] - np.log(3)
    for t in range(1, 5):
        alpha[t] = logsumexp(alpha[t - 1][:, None] + log_t, axis=0) + log_e[t]
    for t in reversed(range(4)):
        beta[t] = logsumexp(log_t + log_e[t + 1] + beta[t + 1], axis=1)
    gamma = alpha + beta
    return np.exp(gamma - logsumexp(gamma, axis=1)[:, None])[2]


def connectionist_temporal(theta):
    logp = theta[:20].reshape(5, 4)
    logp = logp - logsumexp(logp, axis=1, keepdims=True)
    labels = [0, 1, 0, 2, 0]
    alpha = np.full((5, 5), -np.inf)
    alpha[0, 0], alpha[0, 1] = logp[0, 0], logp[0, 1]
    for t in range(1, 5):
        for s, k in enumerate(labels):
            a = alpha[t - 1, s]
            if s > 0:
                a = np.logaddexp(a, alpha[t - 1, s - 1])
            if s > 1 and k != 0 and labels[s - 2] != k:
                a = np.logaddexp(a, alpha[t - 1, s - 2])
            alpha[t, s] = a + logp[t, k]
    return -np.logaddexp(alpha[-1, -1], alpha[-1, -2])


def policy_gradient(theta):
    logits = X @ theta[:9].reshape(3, 3)
    logp = logits - logsumexp(logits, axis=-1)[:, None]
    returns = np.zeros(6)
    running = 0.0
    for t in reversed(range(6)):
        running = X[t, 0] + 0.9 * running
        returns[t] = running
    ratio = np.exp(logp[np.arange(6), T] - logp[np.arange(6), T].mean() * 0 + 1.0)
    advantage = (returns - returns.mean()) / returns.std()
    entropy = -(np.exp(logp) * logp).sum(1).mean()
    return np.minimum(ratio * advantage, np.clip(ratio, 0.8, 1.2) * advantage).mean() + 0.01 * entropy


def sinkhorn(theta):
    C = np.abs(np.subtract.outer(theta[:4], theta[4:8]))
    K = np.exp(-C / 0.5)
    u = np.ones(4)
    for _ in range(20):
        v = 0.25 / (K.T @ u)
        u = 0.25 / (K @ v)
    return np.sum(u[:, None] * K * v * C)


def normalising_flow(theta):
    x = X[:, :2].copy()
    logdet = np.zeros(6)
    for k, w in enumerate(theta[:12].reshape(3, 4)):
        a, b = x[:, k % 2], x[:, 1 - k % 2]
        s = np.tanh(w[0] * a + w[1])
        x[:, 1 - k % 2] = b * np.exp(s) + w[2] * a + w[3]
        logdet += s
    return np.mean(-0.5 * (x**2).sum(1) + logdet)


def decision_stump(theta):
    soft = np.where(X[:, 0] > 0, theta[0], np.where(X[:, 1] > theta[1], theta[2], theta[3]))
    leaf = np.select([X[:, 2] < -0.5, X[:, 2] < 0.5], [theta[4], theta[5]], default=theta[6])
    return ((soft * leaf - X[:, 1]) ** 2).mean()


def maml_step(theta):
    w = theta[:3]
    for task in (X[:3], X[3:]):
        inner = w - 0.1 * task.T @ (task @ w - 1) / len(task)
        w = w - 0.05 * task.T @ (task @ inner - 1)
    return np.sum(w**2)


THETA = np.round(rng.normal(size=60) * 0.7, 3)
PROGRAMS = [f for f in list(globals().values()) if getattr(f, "__module__", "") == __name__ and callable(f)]
PROGRAMS = [f for f in PROGRAMS if f.__name__ not in ("split", "Linear", "Network", "LSTM")]
LENGTH = {perceptron: 31, attention: 18, recurrent: 18, layer_norm: 12, rms_norm_gelu: 8, softplus_hinge_focal: 3}


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_program(f):
    check(f, THETA[: LENGTH.get(f, 48)], rtol=1e-6, h=1e-4 if f in (k_means,) else 5e-4)
