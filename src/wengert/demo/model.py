"""A Gaussian mixture as a statistician writes it: plain NumPy and SciPy, unaware of derivatives."""

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp


def unpack(theta, k, d):
    """theta → log weights (k), means (k, d), lower triangular L (k, d, d) with covariance L Lᵀ."""
    logits = np.concatenate([[0.0], theta[: k - 1]])
    log_weights = logits - logsumexp(logits)
    means = theta[k - 1 : k - 1 + k * d].reshape(k, d)
    L = np.zeros((k, d, d))
    rows, columns = np.tril_indices(d)
    L[:, rows, columns] = theta[k - 1 + k * d :].reshape(k, -1)
    for j in range(d):  # the diagonal is stored as its logarithm, so that it stays positive
        L[:, j, j] = np.exp(L[:, j, j])
    return log_weights, means, L


def log_normal(x, mean, L):
    """log N(x | mean, L Lᵀ) for each row of x."""
    z = solve_triangular(L, (x - mean).T, lower=True)
    return -0.5 * np.sum(z**2, axis=0) - np.log(np.diag(L)).sum() - 0.5 * len(mean) * np.log(2 * np.pi)


def joint(theta, x, k):
    """log p(component, x), of shape (k, n)."""
    log_weights, means, L = unpack(theta, k, x.shape[1])
    return np.stack([log_weights[j] + log_normal(x, means[j], L[j]) for j in range(k)])


def negative_log_likelihood(theta, x, k):
    """−log p(x | theta), summed over the rows of x."""
    return -np.sum(logsumexp(joint(theta, x, k), axis=0))


def responsibilities(theta, x, k):
    """p(component | x), of shape (k, n)."""
    log_p = joint(theta, x, k)
    return np.exp(log_p - logsumexp(log_p, axis=0))


def start(x, k):
    """theta of k groups of equal size, cut along the widest-spread column."""
    order = np.argsort(x[:, np.argmax(np.var(x, axis=0))], kind="stable")
    groups = [x[part] for part in np.array_split(order, k)]
    rows, columns = np.tril_indices(x.shape[1])
    corners = []
    for group in groups:
        L = np.linalg.cholesky(np.cov(group.T))
        np.fill_diagonal(L, np.log(np.diag(L)))
        corners.append(L[rows, columns])
    return np.concatenate([np.zeros(k - 1), *[g.mean(axis=0) for g in groups], *corners])
