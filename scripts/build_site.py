"""Build the documentation as static pages: `python scripts/build_site.py [FOLDER]`, by default out/site/.

Every page of docs/ becomes an HTML page without scripts and without references to other hosts. Pages whose code
writes pictures or steppers are executed, and what a block writes is shown below it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePosixPath
from string import Template

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "docs"))

from blocks import blocks, run  # noqa: E402  the same code that tests the pages

SECTIONS = (
    ("", ("README.md",)),
    ("Lecture", ("docs/lecture/README.md", "docs/lecture/[0-9]*.md")),
    ("Learn", ("docs/tutorial.md", "docs/how-to.md")),
    ("Explanation", ("docs/explanation/how-it-works.md", "docs/explanation/*.md")),
    ("Reference", ("docs/reference/operators.md", "docs/reference/*.md", "docs/glossary.md")),
    ("Project", ("docs/*.md", "CONTRIBUTING.md", "CHANGELOG.md")),
)
"""The order of the pages. A page stands where it is named first."""

WRITTEN = re.compile(r'"([\w-]+\.(?:html|svg|png))"')
LEXERS = {"python": "python", "sh": "bash", "text": "text"}


@dataclass(frozen=True)
class Page:
    """A Markdown file, and where its HTML goes; both relative to their roots."""

    source: PurePosixPath
    target: PurePosixPath
    section: str
    title: str

    @property
    def text(self) -> str:
        return (ROOT / self.source).read_text()


def pages() -> list[Page]:
    """Every page, in reading order."""
    found: dict[Path, str] = {}
    for section, patterns in SECTIONS:
        for path in (path for pattern in patterns for path in sorted(ROOT.glob(pattern))):
            found.setdefault(path, section)
    return [_page(PurePosixPath(path.relative_to(ROOT).as_posix()), section) for path, section in found.items()]


def _page(source: PurePosixPath, section: str) -> Page:
    inside = PurePosixPath(*source.parts[1:]) if source.parts[0] == "docs" else source
    name = "index.html" if source.name == "README.md" else inside.stem.lower() + ".html"
    heading = re.search(r"^# (.+)$", (ROOT / source).read_text(), re.MULTILINE)
    assert heading, f"{source} has no heading"
    return Page(source, inside.with_name(name), section, heading[1])


def relative(target: PurePosixPath, page: Page) -> str:
    """The way from a page to a file of the site."""
    return os.path.relpath(target, page.target.parent)


# --- what the code of a page writes ---


def written(page: Page, folder: Path) -> dict[str, PurePosixPath]:
    """The files that the page's blocks name and write, by name, as they lie in the site."""
    if not any(WRITTEN.search(block.code) for block in blocks(page.text)):
        return {}
    home = page.target.parent / "files" / page.target.stem
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
        run(ROOT / page.source)
        made = [path for path in Path(place).iterdir() if path.suffix in (".html", ".svg", ".png")]
        (folder / home).mkdir(parents=True)
        for path in made:
            shutil.copy(path, folder / home / path.name)
    return {path.name: home / path.name for path in made}


def kind(path: Path) -> str:
    """What a written file is: graphs adapt to light and dark and may be wide, plots are on white."""
    if path.suffix == ".html":
        return "stepper"
    return "graph" if path.suffix == ".svg" and path.read_text().startswith("<svg") else "plot"


def figure(url: str, name: str, kind: str) -> str:
    """HTML that shows a file which a page's code has written."""
    if kind == "stepper":
        frame = f'<iframe src="{url}" loading="lazy" title="Stepper: {name}"></iframe>'
        caption = f'Click on it; then → ← step, f and r choose the sweep. <a href="{url}">Open it by itself</a>'
        return f'<figure class="stepper">{frame}<figcaption>{caption}</figcaption></figure>\n'
    picture = f'<img class="{kind}" src="{url}" alt="{name}: what the code above draws">'
    return f'<figure><a href="{url}">{picture}</a></figure>\n'


# --- from Markdown to HTML ---


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


class Renderer:
    """Renders one page; links lead to pages of the site, and files that are linked to are copied."""

    def __init__(self, page: Page, everything: list[Page], folder: Path):
        self.page, self.folder = page, folder
        self.by_source = {other.source: other for other in everything}
        self.files = written(page, folder)
        self.markdown = MarkdownIt("commonmark", {"html": True}).enable("table")

    def html(self) -> str:
        tokens = self.markdown.parse(self.page.text)
        out: list[str] = []
        pending = ""
        for i, token in enumerate(tokens):
            follows_code = token.type == "fence" and token.info == "text" and i and tokens[i - 1].info == "python"
            if pending and not follows_code:
                out.append(pending)
                pending = ""
            out.append(self._one(tokens, i, "output" if follows_code else token.info))
            if token.type == "fence" and token.info == "python":
                pending = self._figures(token.content)
            elif follows_code and pending:
                out.append(pending)
                pending = ""
        return "".join(out) + pending

    def _figures(self, code: str) -> str:
        """The pictures and steppers that a block of code writes."""
        names = [name for name in WRITTEN.findall(code) if name in self.files]
        return "".join(figure(relative(self.files[n], self.page), n, kind(self.folder / self.files[n])) for n in names)

    def _one(self, tokens: list[Token], i: int, language: str) -> str:
        token = tokens[i]
        match token.type:
            case "fence":
                return code(token.content, language)
            case "code_block":
                return f'<pre class="maths">{escape(token.content)}</pre>\n'
            case "heading_open":
                token.attrSet("id", slug(tokens[i + 1].content))
            case "table_open":
                return '<div class="table"><table>\n'
            case "table_close":
                return "</table></div>\n"
            case "inline":
                for child in token.children or []:
                    self._redirect(child)
        return self.markdown.renderer.render([token], self.markdown.options, {})

    def _redirect(self, token: Token) -> None:
        name = {"link_open": "href", "image": "src"}.get(token.type)
        if name:
            token.attrSet(name, self.resolve(str(token.attrGet(name))))

    def resolve(self, url: str) -> str:
        """Where a link of the Markdown leads in the site."""
        if "://" in url or url.startswith("#"):
            return url
        path, _, anchor = url.partition("#")
        source = PurePosixPath(os.path.normpath(self.page.source.parent / path))
        if source in self.by_source:
            target = self.by_source[source].target
        else:
            target = PurePosixPath("files") / source
            (self.folder / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, self.folder / target)
        return relative(target, self.page) + (f"#{anchor}" if anchor else "")


def code(text: str, kind: str) -> str:
    """A block of code, coloured; `output` is what the block before it printed."""
    if kind == "output":
        return f'<pre class="output" aria-label="prints">{escape(text)}</pre>\n'
    lexer = get_lexer_by_name(LEXERS.get(kind, "text"))
    return f'<pre class="code">{highlight(text, lexer, HtmlFormatter(nowrap=True))}</pre>\n'


# --- the frame around a page ---

FRAME = Template((Path(__file__).with_name("site.html")).read_text())


def navigation(page: Page, everything: list[Page]) -> str:
    """The list of all pages, by section."""
    out: list[str] = []
    for section in dict.fromkeys(other.section for other in everything):
        if section:
            out.append(f"<h2>{section}</h2>")
        links = [_entry(other, page) for other in everything if other.section == section]
        out.append(f"<ul>{''.join(links)}</ul>")
    return "\n".join(out)


def _entry(other: Page, page: Page) -> str:
    here = ' aria-current="page"' if other == page else ""
    return f'<li><a href="{relative(other.target, page)}"{here}>{escape(other.title)}</a></li>'


def neighbours(page: Page, everything: list[Page]) -> str:
    """Links to the pages before and after."""
    at = everything.index(page)
    before, after = everything[:at][-1:], everything[at + 1 :][:1]
    links = [f'<a rel="prev" href="{relative(p.target, page)}">← {escape(p.title)}</a>' for p in before]
    links += [f'<a rel="next" href="{relative(p.target, page)}">{escape(p.title)} →</a>' for p in after]
    return "".join(links)


def colours() -> str:
    """The style sheet, with colours of code for light and dark."""
    light, dark = (HtmlFormatter(style=name).get_style_defs(".code") for name in ("default", "github-dark"))
    dark = f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
    return f"{light}\n{dark}\n{Path(__file__).with_name('site.css').read_text()}"


def build(folder: Path) -> list[Page]:
    """Write the site into a folder, which is emptied first; its pages."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "site.css").write_text(colours())
    everything = pages()
    for page in everything:
        body = Renderer(page, everything, folder).html()
        target = folder / page.target
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            FRAME.substitute(
                title=escape(page.title), style=relative(PurePosixPath("site.css"), page), body=body,
                home=relative(PurePosixPath("index.html"), page), navigation=navigation(page, everything),
                neighbours=neighbours(page, everything),
            )
        )  # fmt: skip
    return everything


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "out" / "site").resolve()
    print(f"{len(build(folder))} pages: {folder / 'index.html'}")
