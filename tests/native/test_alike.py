"""Long programs without loops for a compiler: nests that are alike are compiled once, and no nest grows without end."""

import re
import zlib

import numpy as np
import pytest
from corpus import corpus, derivative
from same import agree

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native import assembly as ir
from wengert.native import compiled, demand, schedule
from wengert.native.assembly.alike import gaps_of
from wengert.native.emit import kernel


def agrees(f, x):
    """The first call gives what was recorded, the second one what was compiled."""
    jitted = wg.jit(f)
    agree(jitted, f, x)
    agree(jitted, f, x)


@pytest.fixture
def texts(monkeypatch):
    """The text of every module; each loop nest is a function of its own."""
    seen = []
    code = compiled.Code
    monkeypatch.setattr(kernel, "_MANY", 0)
    monkeypatch.setattr(compiled, "Code", lambda text, repeats: seen.append(text) or code(text, repeats))
    return seen


def nests(text):
    return re.findall(r'^define internal i64 @"kernel\.nest', text, re.MULTILINE)


def test_sizes_and_places(texts):
    """Steps of other sizes each, which read and write elsewhere, are few functions."""

    def f(x):
        for k in range(1, 33):
            x = np.sqrt(1 + x[:-1] ** 2) + 0.1 * x[1:] / k
        return np.sum(x)

    x = np.linspace(-1, 1, 80)
    agrees(f, x)
    agrees(wg.grad(f), x)
    counts = [len(nests(text)) for text in texts]
    assert 0 < counts[0] <= 16, counts
    assert 0 < counts[1] <= 32, counts


def test_what_differs_in_more_stays_apart(texts):
    def f(x):
        y = np.concatenate([np.sin(x[k : k + 8]) if k % 2 else np.cos(x[k : k + 8]) for k in range(0, 9, 3)])
        return np.sum(np.maximum.accumulate(y) * np.sum(np.exp(x[:9])) * np.prod(x[1:10]))

    x = np.linspace(0.5, 1.5, 20)
    agrees(wg.value_and_grad(f), x)
    assert texts


LINES = {
    "%v1 = add i64 %v0, 8": ("%v1 = add i64 %v0, [i64]", "8"),
    "%v1 = sub i64 -3, %v0": ("%v1 = sub i64 [i64], %v0", "-3"),
    "%v1 = icmp slt i64 %v0, 100": ("%v1 = icmp slt i64 %v0, [i64]", "100"),
    "%v1 = getelementptr double, ptr %v0, i64 12": ("%v1 = getelementptr double, ptr %v0, i64 [i64]", "12"),
    "%v1 = phi i64 [0, %b.1], [%v9, %b.2]": ("%v1 = phi i64 [[i64], %b.1], [%v9, %b.2]", "0"),
    "store i64 4, ptr %v1, align 8": ("store i64 [i64], ptr %v1, align 8", "4"),
    "%v1 = fadd double %v0, 0x3FF0000000000000": ("%v1 = fadd double %v0, [double]", "0x3FF0000000000000"),
    "%v1 = fmul contract float %v0, 0x3FF8000000000000": (
        "%v1 = fmul contract float %v0, [float]", "0x3FF8000000000000",
    ),
    "%v1 = fsub <8 x double> splat (double 0x3FF0000000000000), %v0": (
        "%v1 = fsub <8 x double> [<8 x double>], %v0", "0x3FF0000000000000",
    ),
    "%v1 = mul <4 x i64> %v0, splat (i64 8)": ("%v1 = mul <4 x i64> %v0, [<4 x i64>]", "8"),
    "%v1 = select i1 %v2, i64 %v3, i64 5": ("%v1 = select i1 %v2, i64 %v3, i64 [i64]", "5"),
    "%v1 = load i64, ptr %v0, align 8": None,
    "%v1 = add <4 x i64> %v0, <i64 0, i64 1, i64 2, i64 3>": None,
    "store ptr inttoptr (i64 140 to ptr), ptr %v1": None,
    "%v1 = alloca i64, i32 4, align 64": None,
    "%v1 = alloca [4 x i64], align 64": None,
    "%v1 = extractvalue {double, i1} %v0, 1": None,
    "%v1 = add i32 %v0, 8": None,
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_gaps(line):
    """Only numbers in whose place something that is computed could stand."""
    text, numbers = gaps_of(line)
    shown = re.sub("\0(.*?)\0", r"[\1]", text)
    assert (shown, *[x for _, x in numbers]) == (LINES[line] or (line,))


def test_numbers_are_given():
    module = ir.Module()
    i64 = ir.IntType(64)
    kind = ir.FunctionType(i64, [i64])
    main = ir.Function(module, kind, "entry")
    b = ir.IRBuilder(main.append_basic_block())
    x = main.args[0]
    for k, (m, n) in enumerate([(3, 3), (4, 4), (5, 5)]):
        f = ir.Function(module, kind, f"part.{k}")
        inside = ir.IRBuilder(f.append_basic_block())
        y = inside.mul(f.args[0], ir.Constant(i64, m))
        inside.ret(inside.add(inside.add(y, ir.Constant(i64, n)), ir.Constant(i64, 7)))
        x = b.call(f, [x])
        module.single.append((f, x))
    b.ret(x)
    ir.share(module, module.single)
    text = str(module)
    assert text.count("define") == 2
    assert 'define  i64 @"part.0"(i64 %a0, i64 %k0)' in text  # 3 twice is one number; 7 is everywhere
    assert 'call i64 @"part.0"(i64 %v2, i64 5)' in text


def test_no_nest_without_end(monkeypatch):
    """The layers of a fast Fourier transform, each of which reads the one before twice."""
    found = []
    monkeypatch.setattr(schedule, "demand", lambda *given: found.append(demand.demand(*given)) or found[-1])

    def transform(x):
        if len(x) == 1:
            return x.astype(complex)
        even, odd = transform(x[::2]), transform(x[1::2])
        turned = np.exp(-2j * np.pi * np.arange(len(x) // 2) / len(x)) * odd
        return np.concatenate([even + turned, even - turned])

    def f(x):
        return np.sum(np.abs(transform(x)) ** 1.5)

    x = np.cos(np.arange(64.0))
    agrees(wg.grad(f), x)
    assert max(len(d.times) for d in found) <= demand.MOST_TIMES
    assert any(d.far for d in found)


CORPUS = corpus()


@pytest.mark.parametrize("name", [n for n in CORPUS if zlib.crc32(n.encode()) % 13 == 5])
def test_short_nests(name, monkeypatch):
    """Where nests are given up early, what they read is there before them all the same."""
    monkeypatch.setattr(demand, "MOST_TIMES", 4)
    f, x = CORPUS[name]
    agrees(f, x)
    slope = derivative(f, f(x))
    agrees(slope, x)


@pytest.mark.parametrize("most", range(1, 12))
def test_what_is_read_beyond_the_end_of_a_nest(most, monkeypatch):
    """What only the part of a nest that was given up reads is there before it."""
    monkeypatch.setattr(demand, "MOST_TIMES", most)

    def f(x):
        y = np.array(x)
        y[6:] *= -0.05
        return np.sum(np.tanh(y)) * 0.3

    x = np.linspace(-1, 1.2, 9)
    agrees(wg.grad(f), x)
