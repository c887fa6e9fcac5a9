"""The built site in a real browser: every page opens, every link leads somewhere, the steppers step."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from blocks import blocks

ROOT = Path(__file__).parents[2]
LECTURE = sorted((ROOT / "docs" / "lecture").glob("[0-9]*.md"))
NEEDED = [name for name in ("markdown_it", "pygments", "matplotlib") if importlib.util.find_spec(name) is None]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
STEPPERS = {
    "how-to.html": 1, "lecture/05-wengert-list.html": 1, "lecture/06-control-flow.html": 3, "lecture/07-forward-mode.html": 1,
    "lecture/08-reverse-mode.html": 1, "lecture/09-nesting.html": 1, "lecture/11-normal-density.html": 1,
}  # fmt: skip
PLOTS = ("lecture/03-four-ways.html", "lecture/10-forward-or-reverse.html", "lecture/12-gradient-descent.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a site built now, in a process of its own."""
    if NEEDED:
        pytest.skip(f"the site needs {', '.join(NEEDED)} (group `docs`)")
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, ROOT / "scripts" / "build_site.py", folder]
    made = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (group `browser`)")
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with playwright.sync_playwright() as p:
        found = p.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def visit(browser):
    """Open a file. At the end: nothing was complained about, and nothing but files was asked for."""
    problems, asked, contexts = [], [], []

    def open_page(path, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda e: problems.append(str(e)))
        page.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
        page.on("requestfailed", lambda r: problems.append(f"{r.url}: {r.failure}"))
        page.on("request", lambda r: asked.append(r.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
    assert all(url.startswith(("file:", "data:")) for url in asked)


def test_every_page_is_in_the_site(site):
    sources = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(p.name for p in (ROOT / "docs").rglob("*.md"))}
    built = [p for p in site.rglob("*.html") if "files" not in p.relative_to(site).parts]
    assert len(built) == len(list((ROOT / "docs").rglob("*.md"))) + 3
    assert {p.stem for p in built} == {"index" if s == "README.md" else Path(s).stem.lower() for s in sources}


def test_every_page_opens_and_every_link_leads_somewhere(site, visit):
    """Beginning at the first page, all pages are found by links, and all anchors exist."""
    page = visit(site / "index.html")
    to_do, anchors, wanted = [(site / "index.html").as_uri()], {}, set()
    while to_do:
        url = to_do.pop()
        page.goto(url)
        anchors[url] = set(page.eval_on_selector_all("[id]", "all => all.map(e => e.id)"))
        links = page.eval_on_selector_all("a[href], iframe[src]", "all => all.map(e => e.href || e.src)")
        wanted |= {link for link in links if link.startswith("file:")}
        known = {*anchors, *to_do}
        to_do += sorted({link.split("#")[0] for link in links if re.match(r"file:.*\.html", link)} - known)
        broken = page.eval_on_selector_all(
            "img",
            "all => Promise.all(all.map(i => i.decode().then(() => '', () => i.src))).then(s => s.filter(x => x))",
        )
        assert broken == [], f"{url} shows {broken}"
    assert {Path(url.removeprefix("file://")) for url in anchors} == set(site.rglob("*.html"))
    for link in wanted:
        url, _, anchor = link.partition("#")
        assert Path(url.removeprefix("file://")).exists(), link
        assert not anchor or anchor in anchors[url], link


@pytest.mark.parametrize("name", STEPPERS)
def test_steppers_step(name, site, visit):
    page = visit(site / name, viewport={"width": 1400, "height": 900})
    frames = page.locator("figure.stepper iframe")
    assert frames.count() == STEPPERS[name]
    for i in range(frames.count()):
        frames.nth(i).scroll_into_view_if_needed()
        stepper = page.frame_locator("figure.stepper iframe").nth(i)
        steps = int(stepper.locator("#count").inner_text().split("/")[1])
        before = stepper.locator("#formula").inner_text()
        assert stepper.locator("#count").inner_text() == f"1 / {steps}"
        stepper.locator("#next").click()
        assert stepper.locator("#count").inner_text() == f"2 / {steps}"
        assert stepper.locator("#formula").inner_text() != before
        stepper.locator("#graph").press("End")
        assert stepper.locator("#count").inner_text() == f"{steps} / {steps}"


def test_a_stepper_shows_the_source_on_the_page(site, visit):
    page = visit(site / "lecture" / "11-normal-density.html", viewport={"width": 1400, "height": 900})
    page.locator("figure.stepper iframe").scroll_into_view_if_needed()
    source = page.frame_locator("figure.stepper iframe").locator("#source")
    assert "z = (x - μ) / σ" in source.inner_text()


@pytest.mark.parametrize("name", PLOTS)
def test_plots_are_below_the_code_that_draws_them(name, site, visit):
    page = visit(site / name)
    plots = page.locator("figure img.plot")
    assert plots.count() >= 1
    assert all(width > 300 for width in plots.evaluate_all("all => all.map(i => i.naturalWidth)"))


@pytest.mark.parametrize("width", [390, 1400])
def test_no_page_scrolls_sideways(width, site, visit):
    page = visit(site / "index.html", viewport={"width": width, "height": 900})
    for path in site.rglob("*.html"):
        if "files" not in path.relative_to(site).parts:
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name


def test_light_and_dark(site, visit):
    colours = {}
    for scheme in ("light", "dark"):
        page = visit(site / "lecture" / "index.html", color_scheme=scheme)
        colours[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colours == {"light": "rgb(251, 250, 248)", "dark": "rgb(22, 23, 25)"}


def test_answers_are_hidden_until_asked_for(site, visit):
    page = visit(site / "lecture" / "01-why-derivatives.html")
    answer = page.locator("details").first
    assert not answer.locator("pre").first.is_visible()
    answer.locator("summary").click()
    assert answer.locator("pre").first.is_visible()


def test_from_scratch_in_under_a_hundred_lines():
    page = ROOT / "docs" / "lecture" / "13-ad-from-scratch.md"
    assert blocks(page.read_text())[0].code.count("\n") < 100


@pytest.mark.parametrize("page", LECTURE, ids=lambda page: page.stem)
def test_lecture_pages_end_with_exercises_and_answers_that_run(page):
    text = page.read_text()
    exercises = text.split("\n## Exercises\n")[1]
    answers = re.findall(r"<details><summary>Answer</summary>\n(.*?)</details>", exercises, re.DOTALL)
    assert len(answers) == len(re.findall(r"^\*\*\d\.\*\*", exercises, re.MULTILINE)) >= 1
    assert all(blocks(answer) for answer in answers)


def test_the_contents_of_the_lecture_are_its_pages():
    contents = (ROOT / "docs" / "lecture" / "README.md").read_text()
    assert re.findall(r"\]\((\d\d-[^)]+)\)", contents) == [page.name for page in LECTURE]
