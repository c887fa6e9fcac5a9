"""Threads, exceptions, memory, depth, pickling, repeatability: nothing is left behind, nothing is shared."""

import contextlib
import functools
import gc
import multiprocessing
import pickle
import subprocess
import sys
import textwrap
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.special import logsumexp

import wengert as wg
from wengert.record import shadow, swap
from wengert.record.state import state
from wengert.sweep import forward, reverse


def nested(x, n):
    """D^n of sin(x)·x by alternating modes, where each level closes over the outer variable."""
    f = lambda t: np.sin(t) * x
    for k in range(n):
        f = wg.grad(f) if k % 2 else wg.derivative(f)
    return f(x) * x


# ── threads ──


def test_eight_threads_of_nested_derivatives():
    inputs = [0.1 * k for k in range(1, 41)]
    alone = [wg.grad(nested)(x, 3) for x in inputs]
    barrier = threading.Barrier(8)

    def work(_):
        barrier.wait()
        return [wg.grad(nested)(x, 3) for x in inputs]

    with ThreadPoolExecutor(8) as pool:
        for result in pool.map(work, range(8)):
            assert result == alone


def test_threads_with_arrays_in_place_and_scipy():
    def f(x):
        y = np.zeros(5)
        for k in range(5):
            y[k] = x[k] * x[k - 1]
        y[1:] += np.array([x[0], x[1], x[2], x[3]])
        return logsumexp(y) + np.sum(np.linalg.solve(np.diag(x) + 1.0, y))

    inputs = [np.linspace(1.0, 2.0, 5) + k for k in range(8)]
    alone = [wg.grad(f)(x) for x in inputs]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            for got, expected in zip(pool.map(wg.grad(f), inputs), alone, strict=True):
                np.testing.assert_array_equal(got, expected)


def test_other_threads_get_plain_arrays_meanwhile():
    entered, done = threading.Event(), threading.Event()
    seen = []

    def bystander():
        entered.wait(10)
        for _ in range(50):
            made = [np.zeros(3), np.array([1.0, 2.0]), np.ones_like(np.arange(3.0)), np.linspace(0, 1, 3)]
            made += [np.full(2, 1.5), np.asarray([1.0]), np.eye(2).copy(), np.concatenate([made[0], made[1]])]
            made += [made[0].astype(np.float32), made[0].flatten(), np.vectorize(float)(made[0])]
            seen.append(type(made[0].dot(made[0])) is np.float64)
            seen.extend(type(a) is np.ndarray for a in made)
            seen.append(type(logsumexp(made[1])) is np.float64)
        done.set()

    thread = threading.Thread(target=bystander)
    thread.start()

    def f(x):
        entered.set()
        while not done.is_set():
            x = x * 1.0
            np.zeros(2)[0] = x[0]
        return np.sum(x)

    try:
        np.testing.assert_array_equal(wg.grad(f)(np.ones(2)), np.ones(2))
    finally:
        done.set()
        thread.join()
    assert seen
    assert all(seen)


def test_a_thread_started_inside_a_differentiated_function_is_its_own():
    def f(x):
        with ThreadPoolExecutor(1) as pool:
            plain = pool.submit(lambda: np.zeros(2)).result()
            slope = pool.submit(wg.grad(lambda t: t**3), 2.0).result()
        assert type(plain) is np.ndarray
        return x * slope

    assert wg.grad(f)(1.0) == 12.0


# ── exceptions ──


class Stop(Exception):
    pass


def raising_at(depth):
    def f(x):
        if depth == 0:
            raise Stop
        return wg.grad(raising_at(depth - 1))(x) * x

    return f


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("operator", [wg.grad, wg.jacobian, wg.derivative, lambda f: lambda x: wg.jvp(f, (x,), (1.0,))])
def test_exceptions_leave_nothing_behind(depth, operator):
    zeros = np.zeros
    for _ in range(3):
        with pytest.raises(Stop):
            operator(raising_at(depth))(1.0)
    assert state.depth == 0
    assert not state.bodies
    assert np.zeros is zeros
    assert type(np.zeros(2)) is np.ndarray
    assert wg.grad(lambda x: x * wg.grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_a_value_leaked_by_an_exception_is_no_longer_valid():
    leaked = []

    def f(x):
        leaked.append(x)
        raise Stop

    with pytest.raises(Stop):
        wg.grad(f)(1.0)
    with pytest.raises(TypeError, match="no longer valid"):
        leaked[0] * 2.0


def test_exception_inside_a_library_function():
    def f(x):
        with pytest.raises(np.linalg.LinAlgError):
            np.linalg.solve(x * np.zeros((2, 2)), np.ones(2))
        with pytest.raises(ValueError, match="shape"):
            np.linalg.multi_dot([x * np.ones((2, 2)), np.ones((3, 3))])
        return x * x

    assert wg.grad(f)(3.0) == 6.0
    assert not state.bodies


def test_exceptions_as_control_flow():
    def f(x):
        try:
            if x > 1:
                raise Stop(x * x)
            return x
        except Stop as stop:
            return stop.args[0] * x
        finally:
            x = x * 0.0

    assert wg.grad(f)(2.0) == 12.0
    assert wg.grad(f)(0.5) == 1.0


def test_keyboard_interrupt_and_generator_exit_leave_nothing():
    def f(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wg.grad(f)(1.0)
    assert state.depth == 0
    assert type(np.zeros(2)) is np.ndarray


def test_abandoned_generator():
    """A generator that holds recorded values and is dropped half way leaves nothing."""

    def values(x):
        while True:
            x = x * 2.0
            yield x

    def f(x):
        generator = values(x)
        return next(generator) + next(generator)

    assert wg.grad(f)(1.0) == 6.0
    assert state.depth == 0


# ── depth and memory ──


def long_chain(x, n):
    for _ in range(n):
        x = x * 0.999 + 0.001
    return x


@pytest.mark.parametrize("n", [100_000, pytest.param(500_000, marks=pytest.mark.slow)])
def test_long_chain_of_numbers(n):
    """Two lines each: up to a million."""
    expected = 0.999**n
    assert wg.grad(long_chain)(1.5, n) == pytest.approx(expected, rel=1e-9)
    assert wg.jvp(lambda x: long_chain(x, n), (1.5,), (1.0,))[1] == pytest.approx(expected, rel=1e-9)


def test_long_chain_of_arrays():
    f = lambda x: np.sum(long_chain(x, 20_000))
    np.testing.assert_allclose(wg.grad(f)(np.ones(2)), 0.999**20_000 * np.ones(2), rtol=1e-9)


def test_long_chain_nested():
    f = lambda x: long_chain(x, 2000) ** 2
    slope = 0.999**2000
    assert wg.derivative(f, order=2)(1.5) == pytest.approx(2 * slope**2, rel=1e-9)
    assert wg.grad(wg.grad(f))(1.5) == pytest.approx(2 * slope**2, rel=1e-9)


def test_dropping_a_long_recording_does_not_recurse():
    _, pullback = wg.vjp(lambda x: long_chain(x, 50_000), 1.5)
    del pullback
    kept = []
    wg.grad(lambda x: kept.append(long_chain(x, 50_000)) or x)(1.5)
    kept.clear()


def test_recording_near_the_recursion_limit():
    """The library adds only a few frames of its own: what recurses is the user's function."""

    def descend(x, n):
        return np.sin(x) if n == 0 else descend(x, n - 1)

    limit = sys.getrecursionlimit()
    assert wg.grad(descend)(0.0, limit - 250) == 1.0


PROGRAMS = {
    "grad of numbers": lambda: wg.grad(lambda x: np.sin(x) * x + x**3)(2.0),
    "grad of arrays": lambda: wg.grad(lambda x: np.sum(np.exp(x) * x))(np.ones(100)),
    "hessian": lambda: wg.hessian(lambda x: np.sum(x**3))(np.ones(3)),
    "in place": lambda: wg.grad(_in_place)(np.ones(4)),
    "vjp": lambda: wg.vjp(lambda x: x * np.sin(x), np.ones(3))[1](np.ones(3)),
    "linearize": lambda: wg.linearize(lambda x: x * np.sin(x), np.ones(3))[1](np.ones(3)),
    "nested": lambda: wg.grad(nested)(0.5, 2),
    "views": lambda: wg.grad(lambda x: np.sum(x.reshape(2, 2).T[0] * x[::2]))(np.ones(4)),
    "several results": lambda: wg.grad(lambda a: np.sum(np.linalg.eigh(a + a.T)[0]))(np.diag([1.0, 2.0])),
    "library body": lambda: wg.grad(lambda x: np.sum(np.gradient(x)) + np.trapezoid(x))(np.ones(4)),
    "exception": lambda: _swallow(),
    "refused": lambda: _swallow(float),
    "tree": lambda: wg.grad(lambda p: p["a"] * p["b"][0])({"a": 1.0, "b": [2.0]}),
    "has_aux": lambda: wg.value_and_grad(lambda x: (x * x, [x]), has_aux=True)(2.0),
}


def _in_place(x):
    y = np.zeros(4)
    row = y[1:]
    for k in range(4):
        y[k] = x[k] * x[0]
    row *= 2.0
    return np.sum(y)


def _swallow(f=None):
    def g(x):
        if f is None:
            raise Stop
        return f(x)

    try:
        wg.grad(g)(1.0)
    except (Stop, TypeError):
        return


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_reference_cycles(name):
    program = PROGRAMS[name]
    for _ in range(2):
        program()
    gc.collect()
    gc.disable()
    try:
        program()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_recordings_die_at_once():
    class Probe:
        pass

    gc.disable()
    try:
        probes = []

        def f(x):
            probe = Probe()
            probes.append(weakref.ref(probe))
            y = x * 2.0
            marker = np.ones(3)
            probes.append(weakref.ref(marker))
            return np.sum(y * marker)

        wg.grad(f)(np.ones(3))
        wg.jvp(f, (np.ones(3),), (np.ones(3),))
        _, pullback = wg.vjp(f, np.ones(3))
        del pullback
        assert all(probe() is None for probe in probes)
    finally:
        gc.enable()


def test_memory_is_flat():
    """Thousands of gradients hold on to nothing: no object is left over."""
    f = wg.grad(lambda x: np.sum(np.sin(x) * x))
    x = np.ones(10)
    for _ in range(10):
        f(x)
    gc.collect()
    gc.disable()
    try:
        before = sys.getallocatedblocks()
        for _ in range(500):
            f(x)
        assert sys.getallocatedblocks() - before < 400
    finally:
        gc.enable()


def test_differentiating_local_functions_again_and_again_is_flat():
    def fresh(k):
        def g(x):
            return np.sin(x) * k

        return wg.grad(g)(1.0) + wg.vjp(g, 1.0)[1](1.0)[0]

    for k in range(20):
        fresh(k)
    gc.collect()
    before = sys.getallocatedblocks()
    for k in range(300):
        fresh(k)
    gc.collect()
    assert sys.getallocatedblocks() - before < 300


# ── pickling ──


def cube(x):
    return x**3


@wg.grad
def decorated(x):
    return x**3


def scaled(scale, x):
    return scale * x**3


class Model:
    scale = 2.0

    def loss(self, x):
        return self.scale * x**3


PICKLED = {
    "grad": wg.grad(cube),
    "value_and_grad": wg.value_and_grad(cube),
    "grad of grad": wg.grad(wg.grad(cube)),
    "jacobian": wg.jacobian(cube, mode="reverse"),
    "hessian": wg.hessian(cube),
    "derivative": wg.derivative(cube, order=3),
    "decorated": decorated,
    "partial": wg.grad(functools.partial(scaled, 2.0)),
    "method": wg.grad(Model().loss),
    "ufunc": wg.grad(np.sin),
}


@pytest.mark.parametrize("name", PICKLED)
def test_operators_pickle(name):
    operator = PICKLED[name]
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(operator, protocol))
        assert again(2.0) == operator(2.0)


def test_pickle_keeps_options():
    f = wg.grad(scaled, argnums=(0, 1))
    assert pickle.loads(pickle.dumps(f))(2.0, 3.0) == f(2.0, 3.0) == (27.0, 54.0)


def test_multiprocessing():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(wg.grad(pickle.loads(pickle.dumps(np.square))), [1.0, 2.0]) == [2.0, 4.0]


def test_recorded_values_do_not_leave_by_pickle():
    """Read within the recording they are copies; later, or by a worker, they are not read."""
    assert wg.grad(lambda x: pickle.loads(pickle.dumps({"x": [x]}))["x"][0] ** 2)(3.0) == 6.0
    kept = []
    wg.grad(lambda x: kept.append(pickle.dumps({"x": [x]})) or np.sum(x))(np.ones(2))
    with pytest.raises(TypeError, match="its recording has ended"):
        pickle.loads(kept[0])
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(TypeError, match="sent elsewhere"):
        wg.grad(lambda x: pool.map(np.square, [x])[0])(1.0)


# ── repeatability ──


def test_bitwise_repeatable():
    rng = np.random.default_rng(0)
    a, x = rng.normal(size=(30, 30)), rng.normal(size=30)

    def f(a, x):
        y = np.tanh(a @ x)
        y[::3] *= x[::3]
        return np.sum(np.linalg.solve(a @ a.T + np.eye(30), y) * np.exp(y)) + logsumexp(x)

    first = wg.value_and_grad(f, argnums=(0, 1))(a, x)
    for _ in range(3):
        again = wg.value_and_grad(f, argnums=(0, 1))(a, x)
        assert first[0] == again[0]
        assert first[1][0].tobytes() == again[1][0].tobytes()
        assert first[1][1].tobytes() == again[1][1].tobytes()


def test_repeatable_across_processes():
    code = textwrap.dedent("""
        import numpy as np, wengert as wg
        x = np.linspace(0.1, 3.0, 50)
        print(wg.grad(lambda x: np.sum(np.sin(x) / x) * np.prod(x[:5]))(x).tobytes().hex())
    """)
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout for _ in "ab"
    }
    assert len(runs) == 1


def test_f_is_called_once():
    """The gradient is of one draw: f is called exactly once."""
    rng = np.random.default_rng(1)
    draws = []

    def f(x):
        draws.append(rng.normal())
        return x * x * draws[-1]

    for operator in (wg.grad(f), wg.value_and_grad(f), wg.derivative(f), wg.jacobian(f)):
        draws.clear()
        operator(3.0)
        assert len(draws) == 1
    draws.clear()
    _, pullback = wg.vjp(f, 3.0)
    assert pullback(1.0) == pullback(1.0) == (6.0 * draws[0],)
    assert len(draws) == 1


# ── outside a transform ──


def test_numpy_is_untouched_outside():
    code = textwrap.dedent("""
        import numpy as np
        names = {n: getattr(np, n) for n in dir(np) if not n.startswith("__")}
        methods = dict(np.ndarray.__dict__)
        import wengert as wg
        wg.grad(lambda x: np.sum(np.zeros(3) + x) + np.array([1.0]).copy().dot(np.ones(1)))(1.0)
        assert all(getattr(np, n) is v for n, v in names.items())
        assert all(np.ndarray.__dict__[n] is v for n, v in methods.items())
        import sys
        assert "scipy" not in sys.modules
    """)
    subprocess.run([sys.executable, "-c", code], check=True)


# ── interruptions ──


@pytest.mark.parametrize("place", ["_install_all", "_install", "_remove", "_remove_all", "Recording.__exit__"])
def test_an_interruption_while_names_are_bound_leaves_nothing(monkeypatch, place):
    """Ctrl-C can come between any two calls: before one, or after."""

    def f(x):
        return np.sum(np.zeros(3) + np.array([x[0], x[1], 2.0]) * box.factor)

    class Box:
        factor = 2.0

    box = Box()
    x = np.array([0.3, 0.7])
    for _ in range(5):
        expected = wg.grad(f)(x)
    owner = swap.Recording if "." in place else swap
    name = place.rpartition(".")[2]
    for after in (False, True):
        original, left = getattr(owner, name), [1]

        def interrupted(*args, original=original, left=left, after=after):
            now = left and left.pop()
            if now and not after:
                raise KeyboardInterrupt
            original(*args)
            if now:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(owner, name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                wg.grad(f)(x)
        assert state.depth == 0
        assert swap.SWAPPED.running == 0
        assert swap.is_replaced(np.zeros)  # NumPy's own
        np.testing.assert_array_equal(wg.grad(f)(x), expected)


def test_an_interruption_while_types_are_shadowed(monkeypatch):
    def f(x):
        return np.sum(np.zeros(2) + x) * float(x[0])

    expected = wg.grad(f)(np.ones(2))
    original, left = shadow._unbind, [1]

    def interrupted(namespace):
        original(namespace)
        if left and left.pop():
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shadow, "_unbind", interrupted)
        with contextlib.suppress(KeyboardInterrupt):
            wg.grad(f)(np.ones(2))
    for _ in range(3):
        np.testing.assert_array_equal(wg.grad(f)(np.ones(2)), expected)


@pytest.mark.parametrize("sweep", [reverse, forward])
def test_an_interruption_of_a_sweep_leaves_the_warnings_on(monkeypatch, sweep):
    before, hush = np.geterr(), sweep.hush

    def interrupted():
        hush()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sweep, "hush", interrupted)
        with pytest.raises(KeyboardInterrupt):
            wg.jvp(np.sin, (1.0,), (1.0,)) if sweep is forward else wg.grad(np.sin)(1.0)
    assert np.geterr() == before
