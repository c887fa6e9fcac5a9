"""Programs of fields seldom met: survival with ties, item response, phylogenies, queues, seismic rays, beams, kriging."""

import collections
import functools
import itertools
import math
import operator
from dataclasses import dataclass, field

import numpy as np
from scipy import linalg, ndimage, optimize, signal, spatial, special, stats
from ways import both_tests


def survival_cox_ties(b):
    X = np.array([[1, 0.2, -0.4], [0, 1.1, 0.3], [1, -0.5, 0.8], [0, 0.4, 1.2], [1, 0.9, -1.1], [0, -0.2, 0.1]])
    t = np.array([5, 3, 3, 8, 1, 5])
    d = np.array([1, 1, 1, 0, 1, 0], bool)
    eta = X @ b
    ll = 0.0
    order = np.lexsort((~d, t))
    eta, t, d = eta[order], t[order], d[order]
    risk = np.logaddexp.accumulate(eta[::-1])[::-1]
    for tt in np.unique(t[d]):
        tied = (t == tt) & d
        first = np.searchsorted(t, tt, side="left")
        m = np.count_nonzero(tied)
        s = special.logsumexp(eta[tied])
        for l in range(m):
            ll += -special.logsumexp([risk[first], s], b=[1, -l / m])
        ll += np.sum(eta, where=tied)
    return -ll


def item_response_3pl(theta):
    a, b, c, th = 1 + np.abs(theta[0]), theta[1], special.expit(theta[2] - 3), theta[3]
    nodes, w = np.polynomial.hermite_e.hermegauss(15)
    w = w / w.sum()
    resp = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 1]])
    bs = np.array([b, b + 0.5, b - 0.7])
    p = c + (1 - c) / (1 + np.exp(-a * (nodes[:, None] + th - bs)))
    like = np.prod(np.where(resp[:, None, :], p, 1 - p), axis=-1)
    return np.log(like @ w).sum()


def phylo_pruning(bl):
    tree = ((("A", bl[0]), ("B", bl[1])), bl[2], (("C", bl[3]), ("D", bl[4])))
    seq = dict(A="ACGT", B="ACGA", C="TCGA", D="ACTA")
    codes = {k: np.eye(4)[["ACGT".index(c) for c in s]] for k, s in seq.items()}
    pi = np.array([0.3, 0.2, 0.2, 0.3])
    kappa = 2.1
    R = np.ones((4, 4))
    R[0, 2] = R[2, 0] = R[1, 3] = R[3, 1] = kappa
    Q = R * pi
    np.fill_diagonal(Q, 0)
    Q -= np.diag(Q.sum(1))
    Q /= -(pi * np.diag(Q)).sum()

    def up(node):
        name, t = node
        return codes[name] @ linalg.expm(Q * t).T

    left = functools.reduce(operator.mul, map(up, tree[0]))
    right = functools.reduce(operator.mul, map(up, tree[2]))
    root = left * (right @ linalg.expm(Q * tree[1]).T)
    return np.log(root @ pi).sum()


def wright_fisher_moments(p):
    N = 8
    s, mu, q = p[0] * 0.1, p[1] * 0.02, p[2]
    i = np.arange(N + 1)
    x = i / N
    xs = (1 + s) * x / (1 + s * x)
    xs = xs * (1 - mu) + (1 - xs) * mu
    T = stats.binom.pmf(i[None, :], N, xs[:, None])
    v = np.zeros(N + 1)
    v[N // 2] = 1
    for _ in range(6):
        v = v @ T
    ew = np.linalg.matrix_power(T, 3)
    return (v * x * (1 - x)).sum() * q + np.trace(ew)


def mm_queue(p):
    lam, _mu, c = p[0], p[1], 3
    a = lam / p[1]
    terms = a ** np.arange(c) / special.factorial(np.arange(c))
    last = a**c / (special.factorial(c, exact=True) * (1 - a / (c + 1.5 * p[2])))
    p0 = 1 / (terms.sum() + last)
    erl = functools.reduce(lambda B, k: a * B / (k + a * B), range(1, c + 1), 1.0)
    return p0 + erl * 10


def bond_curve_bootstrap(r):
    @dataclass
    class Curve:
        times: list = field(default_factory=lambda: [0.0])
        logs: list = field(default_factory=lambda: [0.0])

        def df(self, t):
            return np.exp(np.interp(t, self.times, self.logs))

        def add(self, t, par, freq=1):
            n = int(t * freq)

            def pv(ld):
                trial = Curve(self.times + [t], self.logs + [ld])
                return sum(par / freq * trial.df((k + 1) / freq) for k in range(n)) + trial.df(t) - 1

            ld = optimize.brentq(pv, -3, 0.5)
            self.times.append(t)
            self.logs.append(ld)

    c = Curve()
    for t, par in zip([1, 2, 4], [r[0], r[0] * r[1], r[0] * r[1] * (1 + r[2] / 10)]):
        c.add(float(t), par)
    return c.df(3.2) * r[3] + c.df(0.5)


def hydrology_unit_hydrograph(p):
    k, n, cn = p[0], 1 + p[1], 60 + 20 * p[2]
    rain = np.array([0, 5, 12, 30, 8, 2, 0, 0], float)
    P_ = np.cumsum(rain)
    S = 25400 / cn - 254
    Q = np.zeros_like(P_)
    np.divide((P_ - 0.2 * S) ** 2, P_ + 0.8 * S, out=Q, where=P_ > 0.2 * S)
    ex = np.diff(Q, prepend=0)
    t = np.arange(8) + 0.5
    uh = (t / k) ** (n - 1) * np.exp(-t / k) / (k * special.gamma(n))
    uh /= uh.sum()
    flow = np.convolve(ex, uh)[:12]
    return flow.max() + 0.1 * np.ptp(flow)


def pk_two_compartment(p):
    ka, cl, q = p
    A = np.array([[-ka, 0, 0], [ka, -(cl + q) / 1.5, q / 3.0], [0, q / 1.5, -q / 3.0]])
    doses = [(0.0, 100.0), (6.0, 50.0), (12.0, 50.0)]
    obs = np.array([1.0, 4, 7, 13, 20])
    conc = np.empty(5)
    for i, t in enumerate(obs):
        x = np.zeros(3)
        for td, d in doses:
            if td <= t:
                x = x + linalg.expm(A * (t - td))[:, 0] * d
        conc[i] = x[1] / 1.5
    y = np.array([30, 20, 25, 22, 8.0])
    return stats.norm.logpdf(np.log(y), np.log(conc), 0.3).sum()


def seismic_ray_travel(v):
    depth = np.r_[2.0, 3.0, 5.0]
    vel = np.sort(np.abs(v))
    pmax = 1 / vel.max()

    def X(p):
        return 2 * sum(h * p * c / np.sqrt(1 - (p * c) ** 2) for h, c in zip(depth, vel))

    ps = np.linspace(0.05, 0.95, 7) * pmax
    xs = np.array([X(q) for q in ps])
    ts = np.fromiter((2 * (depth / (vel * np.sqrt(1 - (q * vel) ** 2))).sum() for q in ps), float, 7)
    tau = ts - ps * xs
    return np.interp(8.0, xs, ts) + np.trapezoid(tau, ps) * 3


def titration_charge_balance(p):
    Ka = 10 ** -p[0]
    Ca = p[1]
    out = []
    for vb in np.linspace(0, 1.5, 5):
        Na = p[2] * vb
        co = np.array([1, Ka + Na, Ka * Na - 1e-14 - Ka * Ca, -Ka * 1e-14])
        r = np.roots(co)
        h = r.real[np.argmax(np.where(abs(r.imag) < 1e-12, r.real, -np.inf))]
        out.append(-np.log10(h))
    return np.stack(out).dot(np.arange(5))


def dc_power_flow(p):
    lines = [(0, 1, 0.1), (0, 2, p[0]), (1, 2, 0.2), (2, 3, p[1])]
    n = 4
    B = np.zeros((n, n))
    for i, j, x in lines:
        b = 1 / x
        B[[i, j], [j, i]] -= b
        B[i, i] += b
        B[j, j] += b
    inj = np.array([0, -0.5 * p[3], 0.3, -p[2] * 4])
    keep = np.flatnonzero(np.arange(n) != 0)
    th = np.zeros(n)
    th[keep] = linalg.solve(B[np.ix_(keep, keep)], inj[keep], assume_a="sym")
    flows = {f"{i}-{j}": (th[i] - th[j]) / x for i, j, x in lines}
    return max(flows.values()) + sum(f**2 for k, f in flows.items() if k.endswith("2"))


def frame_element(p):
    E, nu, L = p
    A, I = 0.01, 8e-5
    k = np.zeros((6, 6))
    ax = E * A / L
    k[np.ix_([0, 3], [0, 3])] = ax * np.array([[1, -1], [-1, 1]])
    b = (
        E
        * I
        / L**3
        * np.array(
            [
                [12, 6 * L, -12, 6 * L],
                [6 * L, 4 * L * L, -6 * L, 2 * L * L],
                [-12, -6 * L, 12, -6 * L],
                [6 * L, 2 * L * L, -6 * L, 4 * L * L],
            ]
        )
    )
    k[1:3, 1:3] += b[:2, :2]
    k[1:3, 4:] += b[:2, 2:]
    k[4:, 1:3] += b[2:, :2]
    k[4:, 4:] += b[2:, 2:]
    c, s = np.cos(nu), np.sin(nu)
    T = linalg.block_diag([[c, s, 0], [-s, c, 0], [0, 0, 1]], [[c, s, 0], [-s, c, 0], [0, 0, 1]])
    K = T.T @ k @ T
    u = np.linalg.solve(K[3:, 3:], [0, -1e-3, 0])
    return u @ np.array([1, 2, 3.0]) * 1e2


def kepler_state(p):
    a, e, M, inc = p
    mu = 398600.4418
    E = optimize.newton(
        lambda E: E - e * np.sin(E) - M, M, fprime=lambda E: 1 - e * np.cos(E), fprime2=lambda E: e * np.sin(E)
    )
    nu = 2 * np.arctan2(np.sqrt(1 + e) * np.sin(E / 2), np.sqrt(1 - e) * np.cos(E / 2))
    r = a * (1 - e * np.cos(E))
    pos = r * np.array([np.cos(nu), np.sin(nu), 0])
    h = np.sqrt(mu * a * (1 - e**2))
    vel = mu / h * np.array([-np.sin(nu), e + np.cos(nu), 0])
    R = spatial.transform.Rotation.from_euler("zxz", [0.3, inc, 0.7])
    x = R.apply(np.vstack([pos, vel]))
    L = np.cross(x[0], x[1])
    return np.linalg.norm(x[0]) * 1e-3 + L[2] * 1e-4 + np.degrees(np.arccos(L[2] / np.linalg.norm(L)))


def thin_film_tmm(p):
    n1, n2, lam, th = p

    def layer(n, d):
        c = np.sqrt(1 - (np.sin(th) / n) ** 2 + 0j)
        ph = 2 * np.pi * n * d * c / lam
        eta = n * c
        return np.array([[np.cos(ph), 1j * np.sin(ph) / eta], [1j * eta * np.sin(ph), np.cos(ph)]])

    M = np.linalg.multi_dot([layer(n1, 0.1), layer(n2, 0.13), layer(n1, 0.1), layer(n2 - 0.02j, 0.07)])
    B, C = M @ np.array([1, 1.5])
    r = (np.cos(th) * B - C) / (np.cos(th) * B + C)
    return abs(r) ** 2 + np.angle(r) * 0.1 + np.real_if_close((r * r.conj()), tol=1000)


def ordinary_kriging(p):
    xy = np.array([[0, 0], [1, 0.2], [0.3, 1], [1.2, 1.1], [0.6, 0.4]])
    z = np.array([1.0, 2, 1.5, 3, 1.8])
    D = spatial.distance.squareform(spatial.distance.pdist(xy))
    sph = lambda h: np.piecewise(
        h,
        [h <= 0, (h > 0) & (h < p[1])],
        [0, lambda h: p[2] + p[0] * (1.5 * h / p[1] - 0.5 * (h / p[1]) ** 3), lambda h: p[2] + p[0]],
    )
    n = len(z)
    A = np.pad(sph(D), ((0, 1), (0, 1)), constant_values=1)
    A[n, n] = 0
    b = np.append(sph(spatial.distance.cdist(xy, [[0.5, 0.7]])[:, 0]), 1)
    w = np.linalg.solve(A, b)
    return w[:n] @ z + w @ b


def beamforming_mvdr(p):
    m = np.arange(5)
    a = lambda th: np.exp(1j * np.pi * np.outer(m, np.sin(np.atleast_1d(th))))
    R = np.eye(5) * 0.1 + sum(g * (v := a(t)) @ v.conj().T for g, t in [(p[1], p[0]), (1.0, -0.5)])
    grid = np.linspace(-1, 1, 7)
    Ri = linalg.inv(R)
    A = a(grid)
    Pm = 1 / np.real(np.einsum("ij,ik,kj->j", A.conj(), Ri, A, optimize=True))
    return 10 * np.log10(Pm / Pm.max())[2:5].sum() * p[2]


def speech_lpc(p):
    x = np.sin(np.arange(40) * 0.5) + p[0] * np.cos(np.arange(40) * 1.3 + p[1]) + 0.1 * rng_fix[:40] * (1 + p[2])
    x = signal.lfilter([1, -0.97 + p[3] / 10], 1, x) * np.hamming(40)
    r = np.correlate(x, x, "full")[39 : 39 + 5]
    a = linalg.solve_toeplitz(r[:-1], -r[1:])
    A = np.r_[1, a]
    _w, h = signal.freqz(1, A, worN=16)
    ref = np.log(np.abs(h) ** 2)
    k = []
    aa = A.copy()
    for i in range(4, 0, -1):
        kk = aa[i]
        k.append(kk)
        aa = (aa[:i] - kk * aa[i:0:-1]) / (1 - kk**2)
    return ref.mean() + np.arctanh(k).sum()


rng_fix = np.random.default_rng(3).normal(size=200)


def image_registration_ssd(p):
    yy, xx = np.mgrid[0:8, 0:9].astype(float)
    img = np.exp(-((xx - 4) ** 2 + (yy - 3.5) ** 2) / 8) + 0.1 * np.sin(xx)
    M = p[2] * np.array([[np.cos(p[0]), -np.sin(p[0])], [np.sin(p[0]), np.cos(p[0])]])
    c = (np.array(img.shape) - 1) / 2
    off = c - M @ c + p[[1, 3]]
    warped = ndimage.affine_transform(img, M, offset=off, order=3, mode="nearest")
    ref_ = ndimage.gaussian_filter(img, 0.8)
    np.ma.masked_less(img, 0.05)
    return ((warped - ref_) ** 2).sum() + ndimage.mean(warped, labels=(img > 0.3).astype(int), index=[0, 1]) @ [1, 2]


def markov_text_compression(p):
    s = "abracadabra"
    cnt = collections.Counter(itertools.pairwise(s))
    al = sorted(set(s))
    idx = {c: i for i, c in enumerate(al)}
    T = np.full((5, 5), 0.1)
    for (a, b), n in cnt.items():
        T[idx[a], idx[b]] += n * p[idx[a]]
    T /= T.sum(axis=1, keepdims=True)
    bits = -sum(n * np.log2(T[idx[a], idx[b]]) for (a, b), n in cnt.items())
    w, v = linalg.eig(T.T)
    pi = np.real(v[:, np.argmax(w.real)])
    pi = pi / pi.sum()
    return bits - (pi[:, None] * T * np.log2(T)).sum()


def robot_jacobian_dls(q):
    def dh(t, d, a, al):
        ct, st, ca, sa = math.cos(t), math.sin(t), math.cos(al), math.sin(al)
        return np.array(
            [[ct, -st * ca, st * sa, a * ct], [st, ct * ca, -ct * sa, a * st], [0, sa, ca, d], [0, 0, 0, 1]]
        )

    Ts = list(
        itertools.accumulate(
            [dh(q[0], 0.3, 0, np.pi / 2), dh(q[1], 0, 0.5, 0), dh(q[2], 0, 0.4, 0), dh(q[3], 0.1, 0.1, 0.3)],
            np.matmul,
            initial=np.eye(4),
        )
    )
    pe = Ts[-1][:3, 3]
    J = np.column_stack([np.r_[np.cross(T[:3, 2], pe - T[:3, 3]), T[:3, 2]] for T in Ts[:-1]])
    man = np.sqrt(np.linalg.det(J[:3] @ J[:3].T))
    dq = J.T @ np.linalg.solve(J @ J.T + 0.01 * np.eye(6), np.array([0.1, 0.2, 0.3, 0, 0, 0.1]))
    return man + dq @ dq + np.linalg.pinv(J[:3], rcond=1e-8)[0, 1]


def chemical_gibbs_min(p):
    mu0 = np.array([p[0], -p[1], 0.3, p[2]])
    A = np.array([[1, 0, 1, 2.0], [0, 2, 1, 1.0]])
    b = np.array([1.5, 2.0])

    def g(lam):
        n = np.exp(-mu0 + A.T @ lam - 1)
        return A @ n - b

    sol = optimize.root(g, [0.0, 0.0], method="hybr", tol=1e-13)
    n = np.exp(-mu0 + A.T @ sol.x - 1)
    return n @ (mu0 + np.log(n))


def seir_rk_interventions(p):
    beta, sig, gam, R0 = p

    class Model:
        __slots__ = ("log", "state")

        def __init__(s):
            s.state = np.array([0.99, 0.0, 0.01, 0.0])
            s.log = []

        def rhs(s, y, t):
            b = beta * R0 * (0.4 if 10 <= t < 20 else 1)
            S, E, I, _R = y
            f = b * S * I
            return np.array([-f, f - sig * E, sig * E - gam * I, gam * I])

        def step(s, t, h):
            k1 = s.rhs(s.state, t)
            k2 = s.rhs(s.state + h * k1 / 2, t + h / 2)
            k3 = s.rhs(s.state + h * k2 / 2, t + h / 2)
            k4 = s.rhs(s.state + h * k3, t + h)
            s.state += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            s.log.append(s.state.copy())

    m = Model()
    for t in np.arange(0, 30, 2.0):
        m.step(t, 2.0)
    L = np.asarray(m.log)
    return L[:, 2].max() + L[-1, 3] + np.mean(L[:, 1])


PROGRAMS = {
    survival_cox_ties: [0.3, 1.2, 0.8],
    item_response_3pl: [0.9, -0.4, 1.3, 0.2],
    phylo_pruning: [0.1, 0.2, 0.3, 0.15, 0.25],
    wright_fisher_moments: [0.5, 1.5, 0.9],
    mm_queue: [2.0, 0.7, 1.4],
    bond_curve_bootstrap: [0.03, 1.2, 0.8, 0.4],
    hydrology_unit_hydrograph: [0.6, 1.1, 0.4],
    pk_two_compartment: [1.0, 0.5, 0.2],
    seismic_ray_travel: [6.0, 3.5, 2.7],
    titration_charge_balance: [4.76, 0.1, 0.05],
    dc_power_flow: [0.4, 0.2, 0.05, 0.9],
    frame_element: [210.0, 0.3, 1.2],
    kepler_state: [7000.0, 0.1, 0.9, 0.5],
    thin_film_tmm: [1.52, 1.46, 0.55, 0.1],
    ordinary_kriging: [0.5, 1.5, 0.3],
    beamforming_mvdr: [0.2, 0.9, 0.4],
    speech_lpc: [0.5, -0.3, 0.2, 0.1],
    image_registration_ssd: [0.2, 0.1, 1.05, 0.3],
    markov_text_compression: [0.5, 0.2, 0.8, 0.3, 0.6],
    robot_jacobian_dls: [0.9, 0.5, 0.2, 1.3],
    chemical_gibbs_min: [1.0, 2.0, 0.5],
    seir_rk_interventions: [0.3, 0.1, 0.02, 5.0],
}
test_program, test_compiled_at_two_points = both_tests(PROGRAMS)
