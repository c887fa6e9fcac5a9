"""Programs of textbooks: orbits, shocks, lenses, circuits, control, robots, images, signals, graphs."""

import numpy as np
import pytest
from check import check
from scipy import linalg, ndimage, signal

rng = np.random.default_rng(7)
A3 = rng.normal(size=(3, 5))


def kepler_with_j2(p):
    r = np.array([p[0], p[1], 0.1])
    v = np.array([p[2], p[3], 0.0])
    J2 = p[4]
    dt = 0.05

    def acc(r):
        R = np.linalg.norm(r)
        z2 = (r[2] / R) ** 2
        f = np.array([1 - 5 * z2, 1 - 5 * z2, 3 - 5 * z2])
        return -r / R**3 - 1.5 * J2 * f * r / R**5

    a = acc(r)
    for _ in range(20):
        v = v + 0.5 * dt * a
        r = r + dt * v
        a = acc(r)
        v = v + 0.5 * dt * a
    energy = 0.5 * v @ v - 1 / np.linalg.norm(r)
    h = np.cross(r, v)
    return (energy, h, np.linalg.norm(h))


def orbital_elements_from_state(s):
    mu = 1.0
    r = np.array([s[0], s[1], 0.2])
    v = np.array([-0.1 * s[2], s[3], 0.3])
    h = np.cross(r, v)
    n = np.cross([0, 0, 1], h)
    evec = ((v.dot(v) - mu / np.linalg.norm(r)) * r - r.dot(v) * v) / mu
    e = np.linalg.norm(evec)
    a = 1 / (2 / np.linalg.norm(r) - v.dot(v) / mu)
    inc = np.arccos(h[2] / np.linalg.norm(h))
    raan = np.arccos(n[0] / np.linalg.norm(n))
    if n[1] < 0:
        raan = 2 * np.pi - raan
    return np.array([a, e, np.degrees(inc), np.rad2deg(raan)])


def sod_shock_godunov_hll(p):
    N = 16
    gamma = 1.4
    rho = np.where(np.arange(N) < N // 2, p[2], p[0] * 0.25)
    u = np.zeros(N)
    P = np.where(np.arange(N) < N // 2, 1.0, p[1] * 0.5)
    U = np.array([rho, rho * u, P / (gamma - 1) + 0.5 * rho * u**2])
    dx = 1 / N
    dt = 0.2 * dx

    def flux(U):
        rho = U[0]
        u = U[1] / rho
        p = (gamma - 1) * (U[2] - 0.5 * rho * u**2)
        return (np.array([rho * u, rho * u**2 + p, u * (U[2] + p)]), u, np.sqrt(gamma * p / rho))

    for n in range(6):
        Ug = np.pad(U, ((0, 0), (1, 1)), mode="edge")
        F, u, c = flux(Ug)
        L, R = (slice(None, -1), slice(1, None))
        sl = np.minimum(u[L] - c[L], u[R] - c[R])
        sr = np.maximum(u[L] + c[L], u[R] + c[R])
        FL, FR, UL, UR = (F[:, L], F[:, R], Ug[:, L], Ug[:, R])
        hll = (sr * FL - sl * FR + sl * sr * (UR - UL)) / (sr - sl)
        f = np.where(sl >= 0, FL, np.where(sr <= 0, FR, hll))
        U = U - dt / dx * (f[:, 1:] - f[:, :-1])
    return (U[0].sum() * dx, U[2][::4], U[1].max())


def thin_lens_system(p):

    def prop(d):
        return np.array([[1, d], [0, 1]])

    def lens(f):
        return np.array([[1, 0], [-1 / f, 1]])

    M = prop(p[2]) @ lens(p[1]) @ prop(0.5) @ lens(p[0]) @ prop(1.0)
    q = 1j * 1.2
    q2 = (M[0, 0] * q + M[0, 1]) / (M[1, 0] * q + M[1, 1])
    w = np.sqrt(-1 / np.imag(1 / q2))
    return (w, np.real(q2), np.linalg.det(M))


def fresnel_coefficients(p):
    th, n1, n2 = p
    st = n1 / n2 * np.sin(th)
    ct = np.emath.sqrt(1 - st**2)
    ci = np.cos(th)
    rs = (n1 * ci - n2 * ct) / (n1 * ci + n2 * ct)
    rp = (n2 * ci - n1 * ct) / (n2 * ci + n1 * ct)
    return (np.abs(rs) ** 2, np.abs(rp) ** 2)


def stiff_bdf2(p):
    k1, k2, y0 = p
    y = [y0]
    dt = 0.1
    f = lambda y: -k1 * 10 * y + k2 * y**2 + np.sin(y)
    df = lambda y: -k1 * 10 + 2 * k2 * y + np.cos(y)

    def solve(c, b):
        z = y[-1]
        for _ in range(12):
            z = z - (z - c * dt * f(z) - b) / (1 - c * dt * df(z))
        return z

    y.append(solve(1.0, y[0]))
    for n in range(5):
        y.append(solve(2 / 3, 4 / 3 * y[-1] - 1 / 3 * y[-2]))
    return np.array(y)


def enzyme_kinetics_odeint_like(p):
    Vmax, Km, Ki = p
    t = np.linspace(0, 1, 11)
    S = np.empty_like(t)
    P = np.zeros_like(t)
    S[0] = 5.0
    for i in range(1, len(t)):
        dt = t[i] - t[i - 1]
        v = Vmax * S[i - 1] / (Km + S[i - 1] * (1 + S[i - 1] / Ki))
        S[i] = S[i - 1] - v * dt
        P[i] = P[i - 1] + v * dt
    return (S, P, np.trapezoid(P, t))


def rlc_step_response(p):
    L, R, C = p
    A = np.array([[0, 1 / C], [-1 / L, -R / L]])
    B = np.array([0, 1 / L])
    x = np.zeros(2)
    dt = 0.001
    M = np.linalg.inv(np.eye(2) - dt / 2 * A)
    out = []
    for k in range(30):
        x = M @ ((np.eye(2) + dt / 2 * A) @ x + dt * B)
        out.append(x[0])
    out = np.asarray(out)
    return (out[::10], out.max())


def dare_by_scipy(q):
    A = np.array([[1.0, 0.1], [0.0, 1.0]]) + 0 * q[0]
    B = np.array([[0.005], [0.1]]) * q[3]
    Q = np.diag(q[:2])
    R = np.array([[q[2]]])
    P = linalg.solve_discrete_are(A, B, Q, R)
    K = np.linalg.solve(R + B.T @ P @ B, B.T @ P @ A)
    return (K, np.trace(P))


def care_by_scipy(q):
    A = np.array([[0.0, 1.0], [q[2], -0.3]])
    B = np.array([[0.0], [1.0]])
    P = linalg.solve_continuous_are(A, B, np.diag([q[0], 1.0]), np.atleast_2d(q[1]))
    return (np.linalg.eigvals(A - B @ (B.T @ P) / q[1]).real.sum(), P)


def riccati_backward_tv(p):
    T = 8
    A = np.array([[1, 0.1], [p[0], 0.9]])
    B = np.array([[0], [1.0]])
    Q = np.eye(2) * np.exp(p[1])
    R = np.array([[np.exp(p[2])]])
    P = [None] * (T + 1)
    P[T] = Q
    K = []
    for t in reversed(range(T)):
        S = R + B.T @ P[t + 1] @ B
        K.insert(0, np.linalg.inv(S) @ B.T @ P[t + 1] @ A)
        P[t] = Q + A.T @ P[t + 1] @ (A - B @ K[0])
    x = np.array([1.0, -0.5])
    J = 0
    for t in range(T):
        u = -K[t] @ x
        J += x @ Q @ x + u @ R @ u
        x = A @ x + B @ u
    return (J, x)


def quaternion_integrator(w):
    q = np.array([1.0, 0, 0, 0])

    def omega(w):
        wx, wy, wz = w
        return np.array([[0, -wx, -wy, -wz], [wx, 0, wz, -wy], [wy, -wz, 0, wx], [wz, wy, -wx, 0]])

    for k in range(10):
        q = q + 0.5 * 0.1 * omega(w * np.cos(0.1 * k)) @ q
        q /= np.linalg.norm(q)
    w_, x, y, z = q
    R = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w_), 2 * (x * z + y * w_)],
            [2 * (x * y + z * w_), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w_)],
            [2 * (x * z - y * w_), 2 * (y * z + x * w_), 1 - 2 * (x * x + y * y)],
        ]
    )
    yaw = np.arctan2(R[1, 0], R[0, 0])
    pitch = -np.arcsin(R[2, 0])
    roll = np.arctan2(R[2, 1], R[2, 2])
    return (R, np.array([roll, pitch, yaw]))


def planar_arm_jacobian_ik(q0):
    L = np.array([1.0, 0.8, 0.5])

    def fk(q):
        a = np.cumsum(q)
        return np.array([np.sum(L * np.cos(a)), np.sum(L * np.sin(a))])

    def jac(q):
        a = np.cumsum(q)
        J = np.zeros((2, 3))
        for i in range(3):
            J[0, i] = -np.sum(L[i:] * np.sin(a[i:]))
            J[1, i] = np.sum(L[i:] * np.cos(a[i:]))
        return J

    q = q0[:3]
    target = np.array([1.2, 0.9])
    for _ in range(5):
        e = target - fk(q)
        J = jac(q)
        q = q + 0.5 * np.dot(np.linalg.pinv(J), e) + (np.eye(3) - np.linalg.pinv(J) @ J) @ (q0[3] * np.ones(3)) * 0.1
    return (q, np.linalg.norm(e))


def image_pipeline(img):
    pad = np.pad(img, 1, mode="reflect")
    k = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
    out = np.zeros_like(img)
    for i in range(3):
        for j in range(3):
            out += k[i, j] * pad[i : i + img.shape[0], j : j + img.shape[1]]
    gy, gx = np.gradient(out)
    mag = np.hypot(gx, gy)
    lap = np.roll(out, 1, 0) + np.roll(out, -1, 0) + np.roll(out, 1, 1) + np.roll(out, -1, 1) - 4 * out
    sharp = out - 0.5 * lap
    norm = (sharp - sharp.min()) / (sharp.max() - sharp.min())
    return (norm.mean(), mag.sum(), np.tanh(lap)[1:3, ::3])


def nd_filters(im):
    a = ndimage.gaussian_filter(im, sigma=0.8)
    b = ndimage.sobel(im, axis=0, mode="reflect")
    c = ndimage.uniform_filter(im, size=3)
    d = ndimage.laplace(im)
    e = ndimage.convolve(im, np.array([[0, 1.0, 0], [1, -4, 1], [0, 1, 0]]), mode="wrap")
    f = ndimage.gaussian_laplace(im, 1.0)
    g = ndimage.gaussian_gradient_magnitude(im, 1.0)
    return ((a * b).sum(), (c * d)[2], e[:, 1], f.std(), g.mean())


def analytic_envelope(x):
    an = signal.hilbert(x)
    env = np.abs(an)
    ph = np.unwrap(np.angle(an))
    fi = np.diff(ph) / (2 * np.pi)
    return (env, fi.mean())


def spectrum_features(x):
    w = np.hanning(len(x))
    X = np.fft.rfft(x * w)
    f = np.fft.rfftfreq(len(x), 1 / 100.0)
    psd = np.abs(X) ** 2 / np.sum(w**2) / 100.0
    psd[1:-1] *= 2
    cent = np.sum(f * psd) / np.sum(psd)
    bw = np.sqrt(np.sum((f - cent) ** 2 * psd) / psd.sum())
    p = psd / psd.sum()
    ent = -np.sum(p * np.log(p + 1e-12))
    flat = np.exp(np.mean(np.log(psd))) / np.mean(psd)
    return (cent, bw, ent, flat, 10 * np.log10(psd.max()))


def bellman_ford(W):
    n = 4
    d = np.full(n, np.inf)
    d[0] = 0
    for _ in range(n - 1):
        for i in range(n):
            for j in range(n):
                if i != j and d[i] + W[i, j] < d[j]:
                    d[j] = d[i] + W[i, j]
    return d[1:]


ROUGH = {image_pipeline: 1e-5}
CASES = {
    kepler_with_j2: (np.array([1.0, 0.0, 0.0, 1.1, 0.05]),),
    orbital_elements_from_state: (np.array([1.2, 0.3, 2.5, 0.4]),),
    sod_shock_godunov_hll: (np.array([0.5, 0.2, 1.0]),),
    thin_lens_system: (np.array([1.5, 2.0, 0.3]),),
    fresnel_coefficients: (np.array([0.4, 1.5, 1.33]),),
    stiff_bdf2: (np.array([0.1, 0.01, 0.5]),),
    enzyme_kinetics_odeint_like: (np.array([10.0, 1.0, 0.3]),),
    rlc_step_response: (np.array([0.02, 1.2, 0.5]),),
    dare_by_scipy: (np.array([1.0, 0.5, 0.2, 2.0]),),
    care_by_scipy: (np.array([1.0, 0.5, 0.2]),),
    riccati_backward_tv: (np.array([0.3, -0.2, 0.8]),),
    quaternion_integrator: (np.array([0.3, 0.5, -0.4]),),
    planar_arm_jacobian_ik: (np.array([0.3, 0.8, -0.5, 0.2]),),
    image_pipeline: (rng.random((6, 7)),),
    nd_filters: (rng.random((6, 6)),),
    analytic_envelope: (rng.normal(size=24),),
    spectrum_features: (rng.normal(size=32),),
    bellman_ford: (rng.random((4, 4)) + 0.1,),
}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, *CASES[f], h=ROUGH.get(f, 1e-3), rtol=1e-6)
