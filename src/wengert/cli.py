"""The command line: `wengert demo`, and `trace`, `grad`, `check` on a function of the user's own file."""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import re
import select
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import wengert as wg
from wengert.demo.run import run
from wengert.errors import BadInput, LostDerivative, NoDerivative, WrongDerivative
from wengert.signatures import signature as signature_of

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_ARGUMENTS = (
    "Arguments are Python literals: 2, 1.5, '[1, 2]' (an array), \"{'w': [1, 2], 'b': 0.5}\", data.npy, name=value. "
    "Whole numbers become floats, unless the parameter is annotated int, has a whole number as default, "
    "or int(3) is written."
)


class Refused(Exception):
    """What is wrong with the command: one line, and a second that says what to do."""


# ── the function and its arguments ──


def function(target: str) -> Any:
    """The function that FILE.py:name names; a dot leads into a class."""
    path, colon, name = target.rpartition(":")
    if not colon or not path or not name:
        raise Refused(f"{target!r} names no function.\nWrite FILE.py:function.")
    file = Path(path)
    if not file.is_file():
        raise Refused(f"there is no file {path}.\nWrite the path of a Python file, then : and the function's name.")
    found: Any = _module(file)
    for part in name.split("."):
        if not hasattr(found, part):
            raise Refused(f"{path} has no function {name!r}.\n{_known(found)}")
        found = getattr(found, part)
    if not callable(found):
        raise Refused(f"{name} of {path} is a {type(found).__name__}, not a function.\n{_known(_module(file))}")
    return found


def _module(file: Path) -> Any:
    name = file.stem
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(file.resolve()):
        return known
    if known is not None:
        name = f"{name}_of_the_command_line"
    spec = importlib.util.spec_from_file_location(name, file.resolve())
    if spec is None or spec.loader is None:
        raise Refused(f"{file} is not a Python file.\nIts name must end in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(file.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _known(module: Any) -> str:
    own = [
        name
        for name, x in vars(module).items()
        if callable(x) and getattr(x, "__module__", None) == getattr(module, "__name__", "") and name[0] != "_"
    ]
    return f"It has {', '.join(own)}." if own else "It defines no functions."


def arguments(f: Callable[..., Any], texts: Sequence[str]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The call that the texts spell: positional and keyword arguments."""
    whole = _whole_parameters(f)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for k, text in enumerate(texts):
        named = re.match(r"\s*([A-Za-z_]\w*)=(?!=)", text)
        if named:
            kwargs[named[1]] = _value(text[named.end() :], f"argument {named[1]}", named[1] in whole)
        else:
            args.append(_value(text, f"argument {k}", k in whole))
    try:
        signature_of(f).bind(*args, **kwargs)
    except TypeError as error:
        name = getattr(f, "__name__", "f")
        raise Refused(f"{name}{signature_of(f)}: {error}.\nGive its arguments after FILE.py:{name}.") from None
    except ValueError:
        pass  # a function without signature
    return tuple(args), kwargs


def _whole_parameters(f: Any) -> set[Any]:
    """Names and positions of the parameters that are whole numbers."""
    try:
        parameters = signature_of(f).parameters.values()
    except (TypeError, ValueError):
        return set()
    found = [(k, p.name) for k, p in enumerate(parameters) if p.annotation in (int, "int") or type(p.default) is int]
    return {part for pair in found for part in pair}


def _value(text: str, what: str, whole: bool) -> Any:
    text = text.strip()
    if text.endswith(".npy"):
        return _loaded(text, what)
    match = re.fullmatch(r"int\((.*)\)", text)
    try:
        literal = ast.literal_eval(match[1] if match else text)
    except (ValueError, SyntaxError):
        raise Refused(f"{what} is {text!r}, which is no Python literal and no .npy file.\n{_ARGUMENTS}") from None
    return literal if whole and type(literal) is int else _converted(literal, int if match else float, what)


def _loaded(text: str, what: str) -> Any:
    try:
        return np.load(text)
    except (OSError, ValueError) as error:
        raise Refused(
            f"{what}: {text} cannot be read ({error}).\nGive the path of a file that np.save wrote."
        ) from None


def _converted(x: Any, kind: type, what: str) -> Any:
    """Lists as arrays, whole numbers as floats, in any nesting of dicts and tuples."""
    if isinstance(x, dict):
        return {key: _converted(part, kind, what) for key, part in x.items()}
    if isinstance(x, tuple):
        return tuple(_converted(part, kind, what) for part in x)
    if isinstance(x, list):
        try:
            array = np.array(x)
        except ValueError:
            raise Refused(f"{what} is a list of rows of different lengths.\nGive rows of one length.") from None
        return array.astype(kind) if array.dtype.kind in "iuf" else array
    return kind(x) if type(x) is int else x


# ── the commands ──


def trace(options: argparse.Namespace) -> int:
    """Print, tabulate or draw the trace of a function."""
    f = function(options.target)
    args, kwargs = arguments(f, options.arguments)
    traced = wg.trace(f)(*args, **kwargs)
    if options.against:
        others, more = arguments(f, options.against)
        shown = traced.diff(wg.trace(f)(*others, **more))
        return _said(f"wrote {shown.html(options.html)}") if options.html else _show(shown)
    mode = options.mode or "reverse"
    direction, output = _seeds(options)
    written: list[Path] = []
    if options.html:
        written.append(traced.html(options.html, mode, direction, output))
    if options.svg:
        written.append(traced.svg(options.svg, mode, direction, output))
    if options.table or (options.mode and not written):
        _show(traced.table(mode, direction, output))
    elif not written:
        print(traced)
    for path in written:
        print(f"wrote {path}")
    return 0


def _seeds(options: argparse.Namespace) -> tuple[Any, Any]:
    """--direction and --output as `table` takes them."""
    direction = options.direction
    if direction is not None and not re.fullmatch(r"[A-Za-z_].*", direction):
        direction = _value(direction, "--direction", True)
    output = None if options.output is None else ast.literal_eval(options.output)
    return direction, output


def _show(shown: Any) -> int:
    """With rich where there is a terminal and rich, else as text."""
    if sys.stdout.isatty() and find_spec("rich") is not None:
        from rich.console import Console

        Console().print(shown)
    else:
        print(shown)
    return 0


def _said(text: str) -> int:
    print(text)
    return 0


def grad(options: argparse.Namespace) -> int:
    """Print the value and the gradient of a function."""
    f = function(options.target)
    args, kwargs = arguments(f, options.arguments)
    argnums = _argnums(options.argnums, args)
    value, gradients = wg.value_and_grad(f, argnums=argnums)(*args, **kwargs)
    names = list(signature_of(f).bind(*args, **kwargs).arguments)
    print(f"{f.__name__} = {value}")
    for k, g in zip(argnums, gradients, strict=True):
        print(f"∂{f.__name__}/∂{names[k] if k < len(names) else k} = {g}")
    return 0


def _argnums(text: str | None, args: tuple[Any, ...]) -> tuple[int, ...]:
    """The positions that are asked for; all that are not whole numbers or strings if none are."""
    if text is None:
        return tuple(k for k, x in enumerate(args) if not isinstance(x, (int, str, bool, type(None)))) or (0,)
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise Refused(f"--argnums is {text!r}.\nGive positions from 0, with commas between them: 0,1.") from None


def check(options: argparse.Namespace) -> int:
    """Hold the derivatives of a function to differences, and reverse to forward mode."""
    f = function(options.target)
    args, kwargs = arguments(f, options.arguments)
    g = (lambda *xs: f(*xs, **kwargs)) if kwargs else f
    error = wg.check_grad(g, *args, order=options.order)
    print(f"{f.__name__}: forward, reverse and differences agree; the largest relative error is {error:.1e}")
    return 0


def demo(options: argparse.Namespace) -> int:
    """Fit the mixture model."""
    run(options.picture, text_only=options.text)
    return 0


# ── the command line ──


def parser() -> argparse.ArgumentParser:
    """What the command line accepts."""
    top = argparse.ArgumentParser(prog="wengert", description="Exact derivatives of NumPy and SciPy code.")
    commands = top.add_subparsers(dest="command", required=True)
    shown = commands.add_parser("demo", help="fit a mixture model to real data, with and without derivatives")
    shown.add_argument(
        "--picture", type=Path, default=Path("out/demo.png"), help="where the picture goes (%(default)s)"
    )
    shown.add_argument("--text", action="store_true", help="draw the picture as text even if matplotlib is there")
    shown.set_defaults(run=demo)
    _add_trace(_of_function(commands, "trace", trace, "print the Wengert list of a function, or show it as a page"))
    gradient = _of_function(commands, "grad", grad, "the value and the gradient of a function")
    gradient.add_argument("--argnums", help="positions of the arguments, from 0: 0,1 (default: all that are floating)")
    checked = _of_function(commands, "check", check, "hold the derivatives of a function to differences")
    checked.add_argument("--order", type=int, choices=(1, 2), default=1, help="2 checks second derivatives as well")
    return top


def _of_function(commands: Any, name: str, command: Callable[..., int], text: str) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(name, help=text, description=f"{text}. {_ARGUMENTS}")
    added.add_argument("target", metavar="FILE.py:function", help="a function of a Python file")
    added.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="its arguments")
    added.set_defaults(run=command)
    return added


def _add_trace(added: argparse.ArgumentParser) -> None:
    added.add_argument("--table", action="store_true", help="a table of primals and derivatives")
    added.add_argument("--html", metavar="PATH", help="write a page to step through the sweeps")
    added.add_argument("--svg", metavar="PATH", help="write a picture of the computational graph")
    added.add_argument("--mode", choices=("forward", "reverse"), help="tangents or adjoints (default: reverse)")
    added.add_argument("--direction", help="forward: the name of an input, or the tangents '(1, 0)'")
    added.add_argument("--output", help="reverse: the number of an output, or '(0, (1, 2))' for one element")
    added.add_argument("--against", nargs="+", metavar="ARGUMENT", help="other arguments, to see what differs")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; 2 if it cannot be understood, 1 if f fails, 141 if nobody reads on."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = parser().parse_args([f" {a}" if re.match(r"-[\d.]", a) else a for a in given])
    try:
        status = options.run(options)
        print(end="", flush=True)  # that nobody reads is then known here, not when Python ends
        return status
    except Refused as error:
        print(f"wengert {options.command}: {error}", file=sys.stderr)
        return 2
    except (BadInput, LostDerivative, NoDerivative, WrongDerivative) as error:
        print(f"wengert {options.command}: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        if isinstance(error, BrokenPipeError) and _nobody_reads():
            return _SIGPIPE
        print(f"wengert {options.command}: {options.target} raised", file=sys.stderr)
        _print_users_traceback(error)
        return 1


_STDOUT = 1
_SIGPIPE = 128 + 13
"""What a shell says of a program that a closed pipe has ended (`wengert trace FILE.py:f 1 | head`)."""


def _nobody_reads() -> bool:
    """Whether the output is a pipe whose other end is closed, and not one of f's own; the rest of it is dropped."""
    if sys.platform == "win32":
        return False
    pipes = select.poll()
    pipes.register(_STDOUT, 0)
    closed = any(event & (select.POLLERR | select.POLLHUP) for _, event in pipes.poll(0))
    if closed:
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
    return closed


def _print_users_traceback(error: Exception) -> None:
    """The traceback without the frames of wengert and of Python's import."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_users(f.filename)]
    if frames:
        print("Traceback (most recent call last):", file=sys.stderr)
    lines = [*traceback.format_list(frames), *traceback.format_exception_only(error)]
    print("".join(lines), end="", file=sys.stderr)


def _is_users(file: str) -> bool:
    return not file.startswith(_PACKAGE) and "importlib" not in file
