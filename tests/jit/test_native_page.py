"""The page of what is compiled is what the tables say, and they say enough."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import native_page
import pytest

import wengert as wg
from wengert.native.maths import pairs


def written():
    """The page as a fresh interpreter writes it: other tests enter rows of their own."""
    script = Path(native_page.__file__)
    here = {**os.environ, "PYTHONPATH": str(Path(wg.__file__).parents[1])}
    run = subprocess.run([sys.executable, script, "--print"], capture_output=True, text=True, check=True, env=here)
    return run.stdout


def test_page_is_current():
    text = native_page.PAGE.read_text()
    if native_page.VERSIONS not in text:
        pytest.skip(f"the page was generated with other versions than {native_page.VERSIONS}")
    assert text == written(), "run `make docs`"


def test_most_rows_are_native():
    found = native_page.names()
    assert len(found["native"]) + len(found["loop"]) >= 250


RECORDED = {"assemble", "astype", "python_number", "solver", "zero_d"} | {name for name, *_ in pairs.PARTS}
"""Rows that recording, and the parting of complex numbers, make by themselves."""


def exists(name):
    """Whether the dotted name is that of a function."""
    module, _, attribute = name.rpartition(".")
    return hasattr(import_module(module), attribute) if module else name in RECORDED


def test_every_lowering_is_of_a_primitive():
    """A typing error in the tables cannot hide a lowering."""
    native_page.names()
    spelled = {row.name for row in native_page.ROWS.values()}
    unknown = [k for k in native_page.LOWER if isinstance(k, str) and k not in spelled and not exists(k)]
    assert not unknown


LIST = """
import native_page
found = native_page.names()
rows = [row for row in native_page.ROWS.values() if row.op not in native_page.TWINS]
print("\\n".join(sorted({row.name for row in rows} - native_page.ELSEWHERE)))
"""


def test_every_row_is_lowered_or_listed_as_left_to_numpy():
    """In a fresh interpreter: each row of the tables is named once on the page, under what becomes of it."""
    here = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(wg.__file__).parents[1]), str(Path(__file__).parent)]),
    }
    rows = subprocess.run([sys.executable, "-c", LIST], capture_output=True, text=True, check=True, env=here).stdout
    sections = [set(re.findall(r"`([^`]+)`", " ".join(part.split()))) for part in written().split("\n## ")[1:4]]
    assert len(sections) == 3
    for name in rows.split("\n")[:-1]:
        assert sum(name in listed for listed in sections) == 1, (
            f"{name} is lowered nowhere, and not listed as left to NumPy"
        )
