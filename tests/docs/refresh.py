"""Write into the ```text blocks of the pages what their code prints: `python tests/docs/refresh.py [PAGE …]`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from blocks import run

ROOT = Path(__file__).parents[2]


def refresh(page: Path) -> None:
    """Replace each output that a page gives by what the block before it prints."""
    text = page.read_text()
    for block, printed in run(page):
        if block.output is not None:
            before = f"```python\n{block.code}```\n```text\n{block.output}```"
            assert text.count(before) == 1, f"{page.name}:{block.line}: this block is not unique"
            text = text.replace(before, f"```python\n{block.code}```\n```text\n{printed}```")
    page.write_text(text)


if __name__ == "__main__":
    pages = [Path(name).resolve() for name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for page in pages or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
            try:
                refresh(page)
            except Exception as error:
                print(f"{page.name}: {type(error).__name__}: {error}")
