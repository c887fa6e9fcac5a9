"""Programs that use Python itself: generators, threads, state, exceptions, formulas as text."""

import concurrent.futures as cf
import contextlib
import functools
import itertools
import math
import operator
import statistics
import threading
from collections import deque

import numpy as np
from ways import both_tests

rng = np.random.default_rng(23)

v6 = rng.normal(size=6)


def lru_cache_inner(x):

    @functools.lru_cache(None)
    def bino(n, k):
        return 1.0 if k in (0, n) else x * bino(n - 1, k) + (1 - x) * bino(n - 1, k - 1)

    return bino(8, 3)


_G = {"scale": 2.0}


def global_state_mutation(x):
    old = _G["scale"]
    _G["scale"] = x
    try:
        return helper_g(3.0)
    finally:
        _G["scale"] = old


def helper_g(t):
    global LAST
    LAST = _G["scale"] * t
    return LAST**2


def threads_map(x):
    res = [None] * 3

    def work(i):
        res[i] = np.sum(np.sin(x * (i + 1)))

    ts = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    [t.start() for t in ts]
    [t.join() for t in ts]
    return res


def thread_pool(x):
    with cf.ThreadPoolExecutor(2) as ex:
        fs = [ex.submit(lambda k: np.prod(x[k : k + 2]), k) for k in range(0, 6, 2)]
        return sum(f.result() for f in fs) + sum(ex.map(np.exp, x)) if False else [f.result() for f in fs]


@contextlib.contextmanager
def scaled(box, k):
    box.append(box[-1] * k)
    try:
        yield box[-1]
    finally:
        box.pop()


def nested_context_managers(x):
    box = [x]
    with scaled(box, 2) as a, scaled(box, x) as b:
        c = a * b
    with contextlib.ExitStack() as st:
        d = [st.enter_context(scaled(box, k)) for k in (1, 2, 3)]
    return c + sum(d) + box[0]


def exceptions_as_flow(x):
    s = 0.0
    for v in x:
        try:
            if v < 0:
                raise ValueError("negative", v)
            s += math.sqrt(v)
        except ValueError as e:
            s += e.args[1] ** 2
        else:
            s += 1
        finally:
            s *= 1.1
    try:
        {}["k"]
    except KeyError:
        s *= 2
    return s


def echo_gen(x):
    total = 0.0
    while True:
        y = yield total
        if y is None:
            return total * x
        total += y * x


def generator_send_return(x):

    def outer():
        r = yield from echo_gen(x[0])
        yield r

    g = outer()
    next(g)
    [g.send(v) for v in x[1:]]
    return g.send(None)


def sorted_keys_min(x):
    l = list(x)
    l.sort(key=lambda t: -abs(t))
    return (
        l[0],
        min(x, key=abs),
        sorted(x)[2],
        max(enumerate(x), key=lambda t: t[1])[1],
        sum(sorted(x, reverse=True)[:2]),
        statistics.median(l),
        heap(l),
    )


def heap(l):
    import heapq

    h = l[:]
    heapq.heapify(h)
    return heapq.heappop(h) + heapq.heappushpop(h, 0.0) + heapq.nsmallest(1, h)[0] + sum(heapq.nlargest(2, h))


def type_dispatch_dict(x):
    return {float: lambda v: v.sum(), np.ndarray: lambda v: v @ v}[type(x)](x)


def match_statement(x):
    match x[0]:
        case float(v) if v > 0.5:
            r = v * 2
        case _:
            r = x[0]
    match {"op": "mul", "args": (x[0], x[1])}:
        case {"op": "mul", "args": [a, b]}:
            return r * a * b
        case _:
            return 0.0


class Meta(type):
    def __call__(c, *a):
        o = super().__call__(*a)
        o.tag = c.__name__
        return o


class Model(metaclass=Meta):
    def __init__(s, p):
        s.p = p

    def __getattr__(s, n):
        if n.startswith("p_"):
            return s.p[int(n[2:])]
        raise AttributeError(n)

    def __enter__(s):
        s.p = s.p * 2
        return s

    def __exit__(s, *a):
        s.p = s.p / 2

    def __contains__(s, v):
        return any(v == q for q in s.p)

    def __call__(s, t):
        return s.p_0 * t + s.p_1


def metaclass_getattr(x):
    m = Model(x)
    with m as n:
        r = n(2.0) + getattr(n, "p_1", 0)
    return r * m(1.0) if x[0] in m else 0.0


def deque_rotating(x):
    d = deque(maxlen=3)
    out = []
    [(d.append(v), out.append(sum(d) / len(d))) for v in x]
    d.rotate(1)
    return (out, d[0] * d[-1], list(itertools.islice(d, 1, 3)))


def string_table_parse(x):
    prog = "add 0 1; mul 2 0; sin 1; push 2"
    st = []
    for line in prog.split(";"):
        op, *a = line.split()
        a = [x[int(i)] for i in a]
        st.append({"add": operator.add, "mul": operator.mul, "sin": math.sin, "push": lambda v: v}[op](*a))
    return functools.reduce(lambda p, q: p * q + 1, st)


def eval_exec_formula(x):
    ns = {"x": x, "np": np}
    exec("def g(t):\n  return np.exp(t[0])*t[1]", ns)
    return (
        ns["g"](x)
        + eval("x[0]**2+np.sin(x[1])", {"x": x, "np": np})
        + eval(compile("a*b", "<s>", "eval"), dict(a=x[0], b=x[1]))
    )


def while_else_break(x):
    i = 0
    s = 0.0
    while i < len(x):
        if x[i] > 1:
            s *= x[i]
            break
        s += x[i]
        i += 1
    else:
        s = -s
    for v in x:
        if v > 5:
            break
    else:
        s += x[0]
    return s


def async_coroutines(x):
    import asyncio

    async def a(v):
        await asyncio.sleep(0)
        return v * v

    async def main_():
        return sum(await asyncio.gather(*(a(v) for v in x)))

    return asyncio.run(main_())


CASES = {
    lru_cache_inner: 0.7,
    global_state_mutation: 0.7,
    threads_map: v6,
    thread_pool: v6,
    nested_context_managers: 0.7,
    exceptions_as_flow: [0.7, -1.0, 2.0],
    generator_send_return: [0.7, -1.0, 2.0],
    sorted_keys_min: v6,
    type_dispatch_dict: [0.7, 1.0],
    match_statement: [0.7, 1.0],
    deque_rotating: v6,
    string_table_parse: [0.3, 0.7, 0.2],
    metaclass_getattr: [0.7, 1.0],
    eval_exec_formula: [0.3, 0.7],
    while_else_break: [0.3, 0.7, 1.1],
    async_coroutines: v6,
}

test_program, test_compiled = both_tests(CASES)
