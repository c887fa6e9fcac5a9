"""Code for other processors, one and two threads, and without each pass: the results are NumPy's."""

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from corpus import corpus
from test_corpus import run

import wengert as wg
from wengert.passes.pipeline import NAMES

llvm = pytest.importorskip("llvmlite.binding", reason="pip install 'wengert[jit]'")
processor = pytest.importorskip("wengert.native.processor")

CORPUS = corpus()
SAMPLE = [name for name in CORPUS if zlib.crc32(name.encode()) % 29 == 3]
"""A sample that is the same in every process."""


def on_target(cpu, names=SAMPLE, threads="1"):
    tests = Path(__file__).parent
    path = os.pathsep.join([str(Path(wg.__file__).parents[1]), str(tests.parent), str(tests)])
    here = {**os.environ, "PYTHONPATH": path, "WENGERT_CPU": cpu, "WENGERT_CACHE": "0"}
    here |= {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    command = [sys.executable, str(tests / "on_target.py"), *names]
    return subprocess.run(command, capture_output=True, text=True, env=here, check=False)


@pytest.mark.parametrize("cpu", processor.CPUS)
def test_other_processors(cpu):
    missing = [feature for feature in processor.CPUS[cpu] if not llvm.get_host_cpu_features().get(feature)]
    if missing:
        pytest.skip(f"this processor has no {', '.join(missing)}")
    done = on_target(cpu)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith(f"{cpu}: ")


def test_two_threads():
    done = on_target("native", SAMPLE[:3], threads="2")
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_processor_that_nobody_knows():
    """The error says what may be set; jit runs the function by NumPy."""
    processor.cpu.cache_clear()
    before = os.environ.get("WENGERT_CPU")
    try:
        os.environ["WENGERT_CPU"] = "z80"
        with pytest.raises(
            wg.errors.BadInput, match=r"WENGERT_CPU is 'z80'.\nSet it to native or one of x86-64, haswell"
        ):
            processor.cpu()
    finally:
        if before is None:
            del os.environ["WENGERT_CPU"]
        else:
            os.environ["WENGERT_CPU"] = before
        processor.cpu.cache_clear()


@pytest.mark.parametrize("left_out", NAMES)
def test_without_each_pass(left_out):
    for name in SAMPLE[:: 2 if left_out == "reroll" else 1]:
        f, x = CORPUS[name]
        run(f, x, without=left_out, real=left_out == "real")


def test_with_real_rewrites():
    for name in SAMPLE:
        f, x = CORPUS[name]
        run(f, x, real=True)
