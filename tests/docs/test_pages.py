"""Every code block of the README and of docs/ runs and prints what the page says."""

import re
from pathlib import Path

import pytest
from blocks import FENCE, agree, blocks, run

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_CODE = [page for page in PAGES if blocks(page.read_text())]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for block, printed in run(page):
        if block.output is not None:
            where = f"{page.name}:{block.line}"
            assert agree(printed, block.output), f"{where} prints\n{printed}\nnot\n{block.output}"


def test_links_inside_the_repository_exist():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", FENCE.sub("", page.read_text())):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_a_page_can_run_twice():
    """As in a notebook: names that are bound after the first derivative was taken are reached."""
    for _ in range(2):
        run(ROOT / "README.md")
