"""Programs with subclasses of np.ndarray: users' own, np.matrix, quantities with units."""

import numpy as np
import pytest
from ways import every_way

import wengert as wg
from wengert.errors import NoDerivative

POINTS = [np.array([0.7, 1.3, 0.4]), np.array([0.9, 0.6, 1.1])]
pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")


class S(np.ndarray):
    def __new__(cls, a, name=None):
        obj = np.asarray(a).view(cls)
        obj.name = name
        return obj

    def __array_finalize__(self, obj):
        if obj is None:
            return
        self.name = getattr(obj, "name", None)

    def norm2(self):
        return (self**2).sum()

    def shifted(self, d):
        return type(self)(np.asarray(self) + d, self.name)

    @property
    def first(self):
        return self[0]

    @classmethod
    def ones(cls, n):
        return cls(np.ones(n), "o")

    @staticmethod
    def two():
        return 2.0


class S2(S):
    def norm2(self):
        return super().norm2() * 3

    def sum(self, *a, **k):
        return super().sum(*a, **k) * 2


class Sig(np.ndarray):
    def __new__(cls, data, fs=1.0):
        obj = np.asarray(data, dtype=float).view(cls)
        obj.fs = fs
        return obj

    def __array_finalize__(self, obj):
        self.fs = getattr(obj, "fs", 1.0)

    def __array_wrap__(self, arr, context=None, return_scalar=False):
        if arr.ndim == 0:
            return arr[()]
        return super().__array_wrap__(arr, context, return_scalar)

    def energy(self):
        return np.sum(self**2) / self.fs

    def diff(self):
        return Sig(np.diff(self) * self.fs, self.fs)


class Log(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        args = [i.view(np.ndarray) if isinstance(i, Log) else i for i in inputs]
        if out is not None:
            kwargs["out"] = tuple(o.view(np.ndarray) if isinstance(o, Log) else o for o in out)
        r = super().__array_ufunc__(ufunc, method, *args, **kwargs)
        if r is NotImplemented:
            return r
        COUNT.append(ufunc.__name__)
        return np.asarray(r).view(Log) if method == "__call__" and np.ndim(r) else r


COUNT = []


class Scaled(np.ndarray):
    """doubles what it is multiplied with"""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        args = [np.asarray(i) if isinstance(i, Scaled) else i for i in inputs]
        return 2 * getattr(ufunc, method)(*args, **kwargs)


class Vec(np.ndarray):
    def __new__(cls, x, y, z):
        return np.array([x, y, z]).view(cls)

    x = property(lambda s: s[0], lambda s, v: s.__setitem__(0, v))
    y = property(lambda s: s[1])
    z = property(lambda s: s[2])

    def cross(self, o):
        return Vec(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)

    def length(self):
        return np.sqrt(self.dot(self))

    def unit(self):
        return self / self.length()


class Pt(np.ndarray):
    def __new__(cls, *c):
        return np.asarray(c, dtype=float).view(cls)

    @property
    def mag(self):
        return np.linalg.norm(self)


class Old(np.ndarray):
    def total(self):
        return np.ndarray.sum(self)

    def __getitem__(self, k):
        return np.ndarray.__getitem__(self, k) * 2


def super_of_a_subclass(x):
    s = S2(x, "b")
    return np.asarray(s.norm2() + s.sum() + S2.ones(3).norm2() + S.two() * s[1])[()]


def shift_of_a_subclass(x):
    s = S(x, "n").shifted(1.0)
    return s.norm2() * len(s.name)


def sig_of_a_subclass(x):
    s = Sig(x, fs=x[0])
    return s.energy() + s.diff().energy() + np.sin(s).sum() + s.mean()


def sigfs_of_a_subclass(x):
    s = Sig(x * 2, 4.0)
    t = s[::-1] * 2
    return t.energy() + t.fs * s.max()


def log_of_a_subclass(x):
    l = np.asarray(x).view(Log)
    y = l * 2 + np.sin(l)
    assert isinstance(y, Log)
    return y.sum() + y @ y


def scaled_of_a_subclass(x):
    s = np.array([1.0, 2, 3]).view(Scaled)
    return np.sum(np.multiply(s, x))


def scaled2_of_a_subclass(x):
    s = np.asarray(x).view(Scaled)
    return np.sum(np.asarray(s * x))


def scaled3_of_a_subclass(x):
    return np.sum(x * SC)


SC = np.array([1.0, 2, 3]).view(Scaled)


def vec_of_a_subclass(x):
    a = Vec(*x)
    b = Vec(1.0, 2.0, 3.0)
    c = a.cross(b).unit() + b
    c.x = x[1]
    return c.length() * a.x


def pt_of_a_subclass(x):
    p = Pt(x[0], x[1])
    q = Pt(x[2], 1.0)
    d = p - q
    assert type(d).__name__ == "Pt"
    assert isinstance(d, Pt)
    assert isinstance(d, np.ndarray)
    return d.mag + (p + q).mag * 2


def old_of_a_subclass(x):
    o = np.asarray(x).view(Old)
    return o.total() * o[1] + sum(v for v in o)


def inplace_of_a_subclass(x):
    s = S(x.copy(), 1)
    s += 1
    s *= x
    s[0] = x[2]
    s[1:] -= s[0]
    return s.norm2()


def alias_of_a_subclass(x):
    a = np.zeros(3)
    s = a.view(S)
    s.name = 1
    s[:] = x
    a[0] *= 2
    return s.norm2() + a.sum()


def cap_of_a_subclass(x):
    return (RAW * x).norm2() + (x * RAW).first + RAW @ x + np.dot(RAW, x) + (RAW + 1).sum() * x[0] + len((x + RAW).name)


RAW = S(np.array([1.0, 2, 3]), "raw")


def funcs_of_a_subclass(x):
    s = S(x, "q")
    t = np.concatenate([s, s])
    u = np.where(s > 0.5, s, 0)
    w = np.cumsum(s)
    m = np.outer(s, s)
    assert type(t) is not S
    assert not isinstance(t, S)
    assert not isinstance(u, S)
    assert isinstance(w, S)
    assert not isinstance(m, S)
    return (
        t.sum()
        + u.sum()
        + w.norm2()
        + m.sum()
        + np.linalg.norm(s)
        + np.mean(s)
        + np.median(s)
        + np.trapezoid(s)
        + np.max(s)
        + np.std(s)
    )


def lin_of_a_subclass(x):
    A = S(np.diag(x) + np.ones((3, 3)), "A")
    b = S(x, "b")
    y = np.linalg.solve(A, b)
    assert isinstance(y, S)
    return y.norm2() + np.linalg.det(A) + np.linalg.inv(A).sum() + (A @ b).norm2() + (A.T @ A).trace() + np.trace(A)


def shape_of_a_subclass(x):
    s = S(x, 1.0).reshape(3, 1)
    t = s.T
    assert isinstance(t, S)
    return (
        (t @ s)[0, 0] * s.name + s.ravel().norm2() + s[None].sum() + s.flatten()[0] + np.squeeze(s)[1] + s.copy()[2, 0]
    )


def cmp_of_a_subclass(x):
    s = S(x, 1)
    m = s > 0.5
    return s[m].norm2() + s[s.argmax()] + np.sort(s)[0] + float((s > 0).all()) + s.clip(0.5, 1).sum()


def np_of_a_subclass(x):
    s = S(x, 1)
    return (
        np.exp(s).sum()
        + np.add.reduce(s)
        + np.add.outer(s, s).sum()
        + np.maximum(s, 0.6).sum()
        + np.hypot(s, 1).sum()
        + divmod(s, 0.3)[1].sum()
        + (-s).sum()
        + abs(s).sum()
        + (2**s).sum()
        + (1 / s).sum()
        + (s // 0.3).sum()
    )


def attr_of_a_subclass(x):
    s = S(x, x[1])
    t = s * 2
    return t.sum() * t.name


def dotm_of_a_subclass(x):
    s = S(x, 1)
    return s.dot(np.ones(3)) + np.dot(np.eye(3), s).sum() + np.inner(s, s) + np.einsum("i,i", s, s) + s.var() + s.prod()


def ret_of_a_subclass(x):
    return S(x, 1).sum()


def mat_of_a_subclass(x):
    A = np.matrix(np.zeros((2, 2)))
    A[0, 0] = x[0]
    A[0, 1] = x[1]
    A[1, 1] = x[2]
    return (A * A.T).sum() + A[0].sum() + A[:, 1].sum() + A[1, 1]


def mat2_of_a_subclass(x):
    A = np.matrix([[2.0, 1.0], [1.0, 3.0]])
    v = np.matrix([[x[0]], [x[1]]])
    return (v.T * A * v)[0, 0] / (v.T * v)[0, 0] + (A * x[2]).sum() + np.linalg.det(A * x[0])


def kalman_of_a_subclass(x):
    np.asmatrix if hasattr(np, "mat") else np.matrix
    A = np.matrix([[1.0, 0.1], [0, 1]])
    H = np.matrix([[1.0, 0]])
    Q = np.matrix(np.eye(2) * 0.01)
    R = np.matrix([[x[0]]])
    P = np.matrix(np.eye(2))
    m = np.matrix([[0.0], [x[1]]])
    ll = 0
    for z in [0.1, 0.2, x[2]]:
        m = A * m
        P = A * P * A.T + Q
        S_ = H * P * H.T + R
        K = P * H.T * S_.I
        e = z - H * m
        m = m + K * e
        P = (np.matrix(np.eye(2)) - K * H) * P
        ll += (e.T * S_.I * e)[0, 0] + np.log(np.linalg.det(S_))
    return ll + m[0, 0]


def meth_of_a_subclass(x):
    A = np.matrix(np.outer(x, x) + np.eye(3))
    return (
        A.mean()
        + A.std()
        + A.max()
        + A.sum(axis=0)[0, 1]
        + A.sum(1)[2, 0]
        + A.A1.sum()
        + np.asarray(A)[0, 0]
        + A.getA()[1, 2]
        + np.array(A).sum()
        + A.ravel()[0, 2]
        + A.flatten()[0, 1]
        + np.trace(A)
        + A.trace()[0, 0]
        + A.prod()
        + A.var()
        + A.min()
    )


def scal_of_a_subclass(x):
    A = np.matrix(np.diag(x))
    return (2 * A + A * 2 - A / 3 + A**2 + np.multiply(A, A) + A ** (-1)).sum() + np.power(A, 2).sum() + (A - 1).sum()


def bmat_of_a_subclass(x):
    A = np.matrix(np.diag(x))
    return (
        np.bmat([[A, A * 2], [A.T, A]])[0, 3] ** 2
        + np.hstack([A, A]).sum()
        + np.vstack([A, A * 2])[5, 2]
        + np.concatenate([A, A], axis=1).sum()
    )


def solve_of_a_subclass(x):
    A = np.matrix([[4.0, 1, 0], [1, 3, 1], [0, 1, 2]])
    b = np.matrix(x).T
    y = np.linalg.solve(A, b)
    assert isinstance(y, np.matrix)
    return y.sum() + (A.I * b)[0, 0] + (A * b).T.tolist()[0][1] + np.linalg.norm(b) + (b.T * b).item()


def eig_of_a_subclass(x):
    A = np.matrix(np.outer(x, x) + np.diag([1.0, 2, 3]))
    w, v = np.linalg.eigh(A)
    return w[0] * 2 + w[2] + np.abs(v[0, 0])


def iter_of_a_subclass(x):
    A = np.matrix(np.outer(x, [1.0, 2]))
    return sum((r * r.T)[0, 0] for r in A) + A.shape[0] + len(A)


def rawx_of_a_subclass(x):
    A = np.matrix([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0]])
    return (A * x[:, None]).sum() + (A @ x).sum() + np.dot(A, x).sum() + np.asarray(A).dot(x).sum()


def cap_of_a_subclass_more(x):
    return (MAT * np.matrix(x).T).sum() + (MAT @ x[:, None])[0, 0] + (np.matrix(x) * MAT.T).sum()


MAT = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0]]).view(np.matrix)


def fun_of_a_subclass(x):
    return (np.sin(np.matrix(x)) * np.exp(np.asmatrix(x)).T)[0, 0] + np.asmatrix(np.diag(x))[1, 1]


def npsum_of_a_subclass(x):
    s = S2(x, 1)
    return np.asarray(np.sum(s) + np.mean(s) + np.cumsum(s).norm2())[()]


def npzero_of_a_subclass(x):
    s = S2(x - x, 1) + S2(x, 2) - x
    return np.asarray(np.sum(s * 1.0) + np.sum(x))[()]


def trapz_of_a_subclass(x):
    A = np.matrix(np.outer(x, x))
    return (
        np.diff(A).sum()
        + np.trace(A)
        + np.kron(A, A)[0, 1]
        + np.linalg.matrix_power(A, 3)[0, 0]
        + np.dot(A, A)[0, 1]
        + np.std(A)
    )


def oldf_of_a_subclass(x):
    o = np.asarray(x).view(Old)
    return np.sum(np.diff(o)) + np.trapezoid(o) + np.dot(o, o)


def matrix_of_a_subclass(x):
    M = np.matrix([[x[0], x[1]], [x[2], 1.0]])
    return float((M * M)[0, 1]) if not hasattr(x, "rec") else (M * M)[0, 1]


def matrix2_of_a_subclass(x):
    M = np.matrix([[2.0, 1.0, 0.0], [0, 1.0, 3.0]])
    v = np.matrix(x).T
    return (M * v).sum()


def I_of_a_subclass(x):
    M = np.matrix([[x[0], x[1]], [x[2], 2.0]])
    return (M.I * M.T).sum()


def A_of_a_subclass(x):
    M = np.matrix([[x[0], x[1]], [x[2], 2.0]])
    return (M.A * M.A1.reshape(2, 2)).sum()


def pow_of_a_subclass(x):
    M = np.matrix([[x[0], x[1]], [x[2], 2.0]])
    return (M**3).trace()[0, 0]


def asmatrix_of_a_subclass(x):
    v = np.asmatrix(x).T
    P = v * v.T
    return P[0, 1] + P[2, 2]


def mat_mix_of_a_subclass(x):
    A = np.matrix("1 2 3; 4 5 6; 7 8 10")
    b = np.matrix(x).T
    y = A.I * b
    return (y.T * y)[0, 0]


def sub_of_a_subclass(x):
    s = S(x, "a")
    return (s * 2).norm2() * s.first


def name_of_a_subclass(x):
    s = S(x, 3.0)
    t = np.sin(s)
    return t.sum() * t.name


def view_of_a_subclass(x):
    s = x.view(S)
    s2 = s[1:]
    return s2.norm2()


def const_of_a_subclass(x):
    s = S(np.array([1.0, 2, 3]), "w")
    return (s * x).sum()


def const2_of_a_subclass(x):
    s = S(np.array([1.0, 2, 3]), "w")
    return (s * x).norm2()


def vec_of_a_subclass_more(x):
    a = Vec(x[0], x[1], x[2])
    b = Vec(1.0, 2.0, 3.0)
    return a.cross(b).length()


PROGRAMS = [
    super_of_a_subclass,
    shift_of_a_subclass,
    sig_of_a_subclass,
    sigfs_of_a_subclass,
    log_of_a_subclass,
    scaled_of_a_subclass,
    scaled2_of_a_subclass,
    scaled3_of_a_subclass,
    vec_of_a_subclass,
    pt_of_a_subclass,
    old_of_a_subclass,
    inplace_of_a_subclass,
    alias_of_a_subclass,
    cap_of_a_subclass,
    funcs_of_a_subclass,
    lin_of_a_subclass,
    shape_of_a_subclass,
    cmp_of_a_subclass,
    np_of_a_subclass,
    attr_of_a_subclass,
    dotm_of_a_subclass,
    ret_of_a_subclass,
    mat_of_a_subclass,
    mat2_of_a_subclass,
    kalman_of_a_subclass,
    meth_of_a_subclass,
    scal_of_a_subclass,
    bmat_of_a_subclass,
    solve_of_a_subclass,
    eig_of_a_subclass,
    iter_of_a_subclass,
    rawx_of_a_subclass,
    cap_of_a_subclass_more,
    fun_of_a_subclass,
    npsum_of_a_subclass,
    npzero_of_a_subclass,
    trapz_of_a_subclass,
    oldf_of_a_subclass,
    matrix_of_a_subclass,
    matrix2_of_a_subclass,
    I_of_a_subclass,
    A_of_a_subclass,
    pow_of_a_subclass,
    asmatrix_of_a_subclass,
    mat_mix_of_a_subclass,
    sub_of_a_subclass,
    name_of_a_subclass,
    view_of_a_subclass,
    const_of_a_subclass,
    const2_of_a_subclass,
    vec_of_a_subclass_more,
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, POINTS, rtol=1e-6)


KEEPING = [
    "x * 2", "2 - x", "x[1:]", "x[::-1]", "np.sin(x)", "np.cumsum(x)", "x.sum()", "np.mean(x)", "x.copy()", "x.reshape(-1)", "x.T", "x + x",
    "np.zeros_like(x)", "np.sort(x)", "np.diff(x)", "np.linalg.solve(np.eye(3), x)", "np.tile(x, 2)", "np.maximum(x, 1)", "x.clip(0, 1)",
    "np.squeeze(x[None])", "np.add.reduce(x)", "x.real", "np.roll(x, 1)", "x.flat[:2]", "np.asanyarray(x)", "x.take([0, 1])", "x > 1",
]  # fmt: skip
LOSING = [
    "np.concatenate([x, x])", "np.where(x > 1, x, 0)", "np.outer(x, x)", "np.stack([x, x])", "np.array(x)", "np.asarray(x)", "np.cross(x, x)",
    "np.diag(x)", "np.interp(x, [0, 1], [0, 1])", "np.convolve(x, x)", "np.broadcast_to(x, (2, 3))", "np.copy(x)", "x.view(np.ndarray)",
]  # fmt: skip
NUMBERS = [
    "x[0]",
    "np.dot(x, x)",
    "x.dot(x)",
    "np.linalg.norm(x)",
    "np.inner(x, x)",
    "x.take(0)",
    "np.trace(np.eye(3) * x)",
]


@pytest.mark.parametrize("text", [*KEEPING, *LOSING, *NUMBERS])
def test_results_are_of_the_class_that_numpy_says(text):
    def f(x):
        y = eval(text, globals() | {"x": S(x, "name")})
        got.append((isinstance(y, S), getattr(y, "name", None), isinstance(y, np.ndarray), np.shape(y)))
        return np.sum(y * 1.0)

    got = []
    value, slope = wg.value_and_grad(f)(POINTS[0])
    plain = f(POINTS[0])
    assert got[0] == got[-1]
    assert got[0][0] == (text in KEEPING)
    np.testing.assert_array_equal(value, plain)
    steps = 1e-6 * np.eye(3)
    np.testing.assert_allclose(slope, [(f(POINTS[0] + h) - f(POINTS[0] - h)) / 2e-6 for h in steps], atol=1e-8)


def test_a_result_of_a_subclass_is_one():
    def f(x):
        return S(x * x[0], "name")

    y, y_dot = wg.jvp(f, (POINTS[0],), (np.ones(3),))
    assert type(y) is S and y.name == "name"  # noqa: PT018
    np.testing.assert_allclose(y_dot, POINTS[0] + POINTS[0][0])
    assert type(wg.jit(f)(POINTS[0])) is S
    value, _ = wg.value_and_grad(lambda x: S(x, "sum").sum())(POINTS[0])
    assert type(value) is S and value.shape == ()  # noqa: PT018


def test_what_a_class_has_in_place_of_an_operator_is_what_counts():
    """Also where the numbers happen to be those of np.ndarray: at zero, twice the sum is the sum."""
    slope = wg.grad(lambda x: np.sum(S2(x, "")))(np.zeros(3))
    np.testing.assert_array_equal(slope, [2.0, 2.0, 2.0])
    np.testing.assert_array_equal(wg.grad(lambda x: np.sum(x * SC))(np.zeros(3)), 2 * SC.view(np.ndarray))


def test_what_is_not_known_is_refused():
    class Compiled(np.ndarray, metaclass=type("Meta", (type,), {})):
        pass

    with pytest.raises(NoDerivative, match="class Compiled, which is not a plain class"):
        wg.grad(lambda x: np.sum(x.view(Compiled)))(POINTS[0])
    with pytest.raises(NoDerivative, match="tobytes of a recorded array of class S"):
        wg.grad(lambda x: np.sum(x) * len(S(x, "").tobytes()))(POINTS[0])
