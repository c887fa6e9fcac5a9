"""`wengert trace`, `grad` and `check` on a user's file."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import wengert
from wengert.cli import main

FILE = """
import os
import numpy as np

def f(a, b):
    c = a * b
    return np.log(c) if c > 0 else np.sin(c)

def loop(r, x, n=10):
    for _ in range(n):
        x = r * x * (1 - x)
    return x

def total(p, shift: int):
    return np.sum(p["w"] ** 2) + p["b"] + shift

def lost(x, number=float):
    return number(x)

def boom(x):
    raise KeyError("mine")

def chatty(x):
    print("x" * 100_000)
    return x

def own_pipe(x):
    ours, theirs = os.pipe()
    os.close(ours)
    os.write(theirs, b"x")

number = 3
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / f"mine_{tmp_path.name}.py").write_text(FILE)
    return f"mine_{tmp_path.name}.py"


def test_trace(file, capsys):
    assert main(["trace", f"{file}:f", "2", "3"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("def f(a, b):")
    assert "np.log(v0)" in out
    assert main(["trace", f"{file}:f", "2", "-1"]) == 0
    assert "assert not v1" in capsys.readouterr().out


def test_table(file, capsys):
    assert main(["trace", f"{file}:f", "2", "3", "--table"]) == 0
    assert "v̄₁ = (1/v₁)·v̄₃" in capsys.readouterr().out
    assert main(["trace", f"{file}:f", "2", "3", "--mode", "forward", "--direction", "b"]) == 0
    assert "v̇₁ = b·ȧ + a·ḃ  2" in capsys.readouterr().out
    assert main(["trace", f"{file}:f", "2", "3", "--mode", "forward", "--direction", "(1.0, 1.0)"]) == 0
    assert "v̇₁ = b·ȧ + a·ḃ  5" in capsys.readouterr().out


def test_files_are_written(file, tmp_path, capsys):
    assert main(["trace", f"{file}:loop", "3.7", ".3", "--html", "out.html", "--svg", "out.svg"]) == 0
    assert capsys.readouterr().out == "wrote out.html\nwrote out.svg\n"
    assert (tmp_path / "out.html").stat().st_size > 10_000
    assert (tmp_path / "out.svg").read_text().startswith("<svg")


def test_against(file, capsys, tmp_path):
    assert main(["trace", f"{file}:f", "2", "3", "--against", "2", "-1"]) == 0
    assert "+  v₃ = sin v₁" in capsys.readouterr().out
    assert main(["trace", f"{file}:f", "2", "3", "--html", "diff.html", "--against", "2", "-1"]) == 0
    assert "sin v₁" in (tmp_path / "diff.html").read_text()


def test_grad(file, capsys):
    assert main(["grad", f"{file}:f", "2", "3", "--argnums", "0,1"]) == 0
    assert capsys.readouterr().out == f"f = {np.log(6.0)}\n∂f/∂a = 0.5\n∂f/∂b = {1 / 3}\n"
    assert main(["grad", f"{file}:loop", "2", "-1.5e-1", "n=1"]) == 0
    assert "∂loop/∂r = -0.1725" in capsys.readouterr().out


def test_kinds_of_arguments(file, tmp_path, capsys):
    assert main(["grad", f"{file}:total", "{'w': [1, 2], 'b': 3}", "7"]) == 0
    assert capsys.readouterr().out == "total = 15.0\n∂total/∂p = {'w': array([2., 4.]), 'b': 1.0}\n"
    np.save(tmp_path / "w.npy", np.array([2.0, 3.0]))
    assert main(["grad", f"{file}:f", "w.npy", "int(2)", "--argnums", "0"]) == 1
    assert "needs one number" in (err := capsys.readouterr().err) or "scalar" in err or "truth" in err.lower()


def test_check(file, capsys):
    assert main(["check", f"{file}:f", "2", "3", "--order", "2"]) == 0
    assert "agree; the largest relative error is" in capsys.readouterr().out


ERRORS = {
    "no such file": (["grad", "nofile.py:f", "2"], 2, "there is no file nofile.py"),
    "no such function": (["grad", "FILE:g", "2"], 2, "has no function 'g'.\nIt has f, loop, total, lost, boom, chatty, own_pipe."),
    "no function": (["grad", "FILE:number", "2"], 2, "number of FILE is a int, not a function"),
    "no name": (["grad", "FILE", "2"], 2, "names no function.\nWrite FILE.py:function."),
    "too few": (["grad", "FILE:f", "2"], 2, "f(a, b): missing a required argument: 'b'"),
    "too many": (["trace", "FILE:f", "2", "3", "4"], 2, "f(a, b): too many positional arguments"),
    "no literal": (["trace", "FILE:f", "2", "abc"], 2, "argument 1 is 'abc', which is no Python literal"),
    "no array": (["trace", "FILE:f", "2", "x.npy"], 2, "argument 1: x.npy cannot be read"),
    "ragged": (["trace", "FILE:f", "2", "[[1], [1, 2]]"], 2, "rows of different lengths"),
    "argnums": (["grad", "FILE:f", "2", "3", "--argnums", "a"], 2, "--argnums is 'a'"),
    "lost": (["grad", "FILE:lost", "2"], 1, "float() on a recorded value would cut its derivative"),
    "raised": (["grad", "FILE:boom", "2"], 1, "in boom\n    raise KeyError(\"mine\")\nKeyError: 'mine'"),
    "direction": (["trace", "FILE:f", "2", "3", "--mode", "forward", "--direction", "z"], 1, "no input 'z'"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case, file, capsys):
    command, status, message = ERRORS[case]
    assert main([part.replace("FILE", file) for part in command]) == status
    err = capsys.readouterr().err
    assert message.replace("FILE.py", "\0").replace("FILE", file).replace("\0", "FILE.py") in err
    assert "wengert/api" not in err


def test_an_error_in_the_file_itself(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken_file.py").write_text("x = 1 / 0\n")
    assert main(["trace", "broken_file.py:f", "1"]) == 1
    err = capsys.readouterr().err
    assert 'broken_file.py", line 1' in err
    assert "ZeroDivisionError" in err


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
@pytest.mark.parametrize(
    "command",
    [
        "trace {}:loop 3.7 .3",
        "trace {}:loop 3.7 .3 n=3000",
        "trace {}:loop 3.7 .3 --table",
        "grad {}:chatty 1",
        "check {}:f 2 3",
    ],
)
def test_a_closed_pipe_ends_the_command_quietly(file, command):
    """`wengert trace ... | head`: whether the pipe is found closed while printing or at the end."""
    ended = _into_closed_pipe(command.format(file).split())
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_pipe_of_the_users_own_is_their_error(file):
    assert main(["grad", f"{file}:own_pipe", "1"]) == 1
    ended = subprocess.run(_command(["grad", f"{file}:own_pipe", "1"]), capture_output=True, text=True, env=_here())
    assert ended.returncode == 1
    assert "own_pipe raised" in ended.stderr
    assert "BrokenPipeError" in ended.stderr


def _into_closed_pipe(arguments):
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        return subprocess.run(_command(arguments), stdout=theirs, stderr=subprocess.PIPE, text=True, env=_here())
    finally:
        os.close(theirs)


def _command(arguments):
    return [sys.executable, "-c", "import sys; from wengert.cli import main; sys.exit(main())", *arguments]


def _here():
    return os.environ | {"PYTHONPATH": str(Path(wengert.__file__).parents[1]), "PYTHONUNBUFFERED": ""}
