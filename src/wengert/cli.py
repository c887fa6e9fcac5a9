"""The command line: `wengert demo`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from wengert.demo.run import run


def parser() -> argparse.ArgumentParser:
    """What the command line accepts."""
    top = argparse.ArgumentParser(prog="wengert", description="Exact derivatives of NumPy and SciPy code.")
    commands = top.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="fit a mixture model to real data, with and without derivatives")
    demo.add_argument("--picture", type=Path, default=Path("out/demo.png"), help="where the picture goes (%(default)s)")
    demo.add_argument("--text", action="store_true", help="draw the picture as text even if matplotlib is there")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name."""
    options = parser().parse_args(arguments)
    run(options.picture, text_only=options.text)
    return 0
