"""Random branching programs, as Python source: if and while on values, loops whose length is a value, writes."""

from hypothesis import strategies as st

NUMBERS = ("a", "b", "c")
ARRAYS = ("x", "y")
MOST_DEEP = 3

_unary = st.sampled_from(
    ("np.sin({})", "np.tanh({})", "np.exp(-{0} * {0})", "abs({})", "-{}", "np.sqrt(1.5 + {0} * {0})")
)
_binary = st.sampled_from(
    ("{} + {}", "{} - {}", "{} * {}", "{} / (2.0 + np.cos({}))", "np.maximum({}, {})", "np.hypot({}, {})")
)
_test = st.sampled_from(("{} > {}", "{} <= {} + 0.1", "{} * {} < 0.2", "not {} > 0.3 + {}", "-0.5 < {} < {}"))
_number = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(("x[0]", "x[-1]", "y[1]", "np.sum(x)", "np.max(y)", "x @ y", "y.mean()", "0.7", "2")),
)
_array = st.sampled_from(
    (*ARRAYS, "x[::-1]", "np.cumsum(y)", "np.where(x > y, x, 0.5 * y)", "np.sort(x)", "x * a", "y + b")
)


@st.composite
def bodies(draw, depth=0):
    """A few statements, each a list of lines."""
    lines = []
    for _ in range(draw(st.integers(1, 4 if depth == 0 else 2))):
        lines += draw(statements(depth))
    return lines


@st.composite
def statements(draw, depth):
    kinds = ["number", "array", "write", "augment"] + (
        ["if", "while", "for", "index", "break"] if depth < MOST_DEEP else []
    )
    return _STATEMENT[draw(st.sampled_from(kinds))](draw, depth)


def _scalar(draw, depth):
    name = draw(st.sampled_from(NUMBERS))
    e = (
        draw(_binary).format(draw(_number), draw(_number))
        if draw(st.booleans())
        else draw(_unary).format(draw(_number))
    )
    return [f"{name} = tame({e})"]


def _vector(draw, depth):
    name = draw(st.sampled_from(ARRAYS))
    e = draw(_binary).format(draw(_array), draw(_array)) if draw(st.booleans()) else draw(_unary).format(draw(_array))
    return [f"{name} = tame({e})"]


def _write(draw, depth):
    name = draw(st.sampled_from(ARRAYS))
    place = draw(st.sampled_from(("[0]", "[1:]", "[::2]", "[...]", f"[{name} > 0.1]")))
    return [f"{name} = {name} * 1.0", f"{name}{place} = tame({draw(_number)})"]


def _augment(draw, depth):
    name = draw(st.sampled_from((*NUMBERS, *ARRAYS)))
    sign = draw(st.sampled_from(("+=", "*=", "-=")))
    return [f"{name} = {name} * 1.0", f"{name} {sign} 0.5 * {draw(_number)}", f"{name} = tame({name})"]


def _if(draw, depth):
    lines = [f"if {draw(_test).format(draw(_number), draw(_number))}:", *_inside(draw(bodies(depth + 1)))]
    if draw(st.booleans()):
        lines += ["else:", *_inside(draw(bodies(depth + 1)))]
    return lines


def _while(draw, depth):
    k, name = f"k{depth}", draw(st.sampled_from(NUMBERS))
    return [
        f"{k} = 0",
        f"while {name} > 0.2 and {k} < 5:",
        *_inside([*draw(bodies(depth + 1)), f"{name} = 0.6 * {name}", f"{k} += 1"]),
    ]


def _for(draw, depth):
    return [f"for i{depth} in range(int(abs(3 * {draw(_number)})) % 4):", *_inside(draw(bodies(depth + 1)))]


def _index(draw, depth):
    return [f"{draw(st.sampled_from(NUMBERS))} = tame(x[int(abs(7 * {draw(_number)})) % 3])"]


def _break(draw, depth):
    return [
        f"for i{depth} in range(3):",
        *_inside([*draw(bodies(depth + 1)), f"if {draw(_test).format(draw(_number), draw(_number))}:", "    break"]),
    ]


_STATEMENT = {
    "number": _scalar, "array": _vector, "write": _write, "augment": _augment, "if": _if, "while": _while, "for": _for,
    "index": _index, "break": _break,
}  # fmt: skip


def _inside(lines):
    return ["    " + line for line in lines]


@st.composite
def programs(draw):
    """The source of f(a, x) → number."""
    body = ["b, c, y = 0.3 * a, a - 0.4, x * 0.5 + a", *draw(bodies())]
    return "\n".join(["def f(a, x):", *_inside([*body, "return a + 0.7 * b - c + np.sum(x * y)"])])
