"""Random programs of views and writes: equal to NumPy at every step, and differentiated rightly at the end."""

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from inplace.machine import execute

import wengert as wg
from wengert.record.value import concrete

X = np.array([[0.31, -0.47, 0.83, 0.59], [-0.71, 0.22, 0.94, -0.35], [0.67, -0.13, 0.48, 0.76]])
SMALL = st.integers(0, 40)


def start(x):
    return [x * 1.0, np.zeros(3), x[0]]


class InPlace(RuleBasedStateMachine):
    """The rules carry instructions out on plain arrays; at the end the whole program is differentiated."""

    def __init__(self):
        super().__init__()
        self.x = X.copy()
        self.env = start(self.x)
        self.script = []
        self.states = []

    def do(self, *instruction):
        if len(self.env) > 10 and instruction[0] in ("fresh", "view", "slice", "gather", "function", "alias", "inner"):
            return
        with np.errstate(all="ignore"):
            execute(self.env, self.x, instruction)
        self.script.append(instruction)
        self.states.append([(np.array(a), a.strides) for a in self.env])

    @rule(how=st.integers(0, 8))
    def make(self, how):
        self.do("fresh", 0, how)

    @rule(k=SMALL, how=st.integers(0, 7))
    def view(self, k, how):
        self.do("view", k, how)

    @rule(name=st.sampled_from(["slice", "slice", "gather"]), k=SMALL, key=SMALL)
    def read(self, name, k, key):
        self.do(name, k, key)

    @rule(name=st.sampled_from(["function", "alias"]), k=SMALL)
    def use(self, name, k):
        self.do(name, k)

    @rule(k=SMALL, key=SMALL, how=st.integers(0, 3))
    def nest(self, k, key, how):
        self.do("inner", k, key, how)

    @rule(
        name=st.sampled_from(
            ["assign", "assign", "scatter", "augment", "augment fancy", "augment whole", "out", "at", "method"]
        ),
        k=SMALL,
        key=SMALL,
        source=SMALL,
        extra=SMALL,
    )
    def write(self, name, k, key, source, extra):
        self.do(name, k, key, source, extra)

    def teardown(self):
        if self.script:
            with np.errstate(all="ignore"):
                self.check()

    def run(self, x, compare=None):
        env = start(x)
        for step, instruction in enumerate(self.script):
            execute(env, x, instruction)
            if compare is not None:
                self.compare(env, compare[step])
        return tuple(a * 1.0 for a in env)

    def compare(self, env, state):
        nested = any(instruction[0] == "inner" for instruction in self.script)
        for got, (expected, strides) in zip(env, state, strict=True):
            got = concrete(got)
            assert got.shape == expected.shape
            assert got.dtype == expected.dtype
            assert got.strides == strides
            if nested:  # an inner derivative may round otherwise where it is recorded
                np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)
            else:
                np.testing.assert_array_equal(got, expected)

    def check(self):
        rng = np.random.default_rng(len(self.script))
        _, pullback = wg.vjp(lambda x: self.run(x, self.states), X)
        bars = tuple(rng.normal(size=a.shape) for a in self.env)
        x_dot = rng.normal(size=X.shape)
        x_bar = pullback(bars)[0]
        y_dot = wg.jvp(self.run, (X,), (x_dot,))[1]
        left, right = sum(np.sum(b * d) for b, d in zip(bars, y_dot, strict=True)), np.sum(x_bar * x_dot)
        size = sum(np.sum(np.abs(b * d)) for b, d in zip(bars, y_dot, strict=True)) + np.sum(np.abs(x_bar * x_dot))
        assert abs(left - right) <= 1e-11 * size + 1e-13
        self.check_differences(bars, x_bar)
        self.check_second_order(bars, x_dot)

    def objective(self, x, bars):
        return sum(np.sum(b * a) for b, a in zip(bars, self.run(x), strict=True))

    def check_differences(self, bars, x_bar):
        direction = np.random.default_rng(7).normal(size=X.shape)
        h = 1e-4
        slope = sum(
            w * (self.objective(X + k * h * direction, bars) - self.objective(X - k * h * direction, bars)) / h
            for k, w in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))
        )
        scale = np.sum(np.abs(x_bar * direction)) + abs(self.objective(X.copy(), bars)) + 1.0
        if scale < 1e6:
            assert abs(slope - np.sum(x_bar * direction)) <= 1e-7 * scale

    def check_second_order(self, bars, x_dot):
        f = lambda x: self.objective(x, bars)
        forward_over_reverse = wg.jvp(wg.grad(f), (X,), (x_dot,))[1]
        reverse_over_forward = wg.grad(lambda x: wg.jvp(f, (x,), (x_dot,))[1])(X)
        reverse_over_reverse = wg.grad(lambda x: np.sum(wg.grad(f)(x) * x_dot))(X)
        scale = float(np.max(np.abs(forward_over_reverse))) + 1.0
        for other in (reverse_over_forward, reverse_over_reverse):
            np.testing.assert_allclose(other, forward_over_reverse, atol=1e-8 * scale)


TestInPlace = InPlace.TestCase
TestInPlace.settings = settings(
    max_examples=60,
    stateful_step_count=14,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
