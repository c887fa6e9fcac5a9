"""The page in a real browser: stepped to the end, the numbers shown are the numbers computed."""

import shutil

import numpy as np
import pytest
from show.programs import DATA, PARAMETERS, branching, layer, lecture, logistic, nested_loops, normal_density, smoothed

import wengert as wg
from wengert.show.values import text

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (group `browser`)")
if CHROMIUM is None:
    pytest.skip("there is no chromium on this machine", allow_module_level=True)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as p:
        found = p.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def visit(browser, tmp_path):
    """Open the page of a trace. At the end: no error was raised, nothing but the file was asked for."""
    problems, asked, contexts = [], [], []

    def open_page(trace, width=1400, height=900, scheme="light", **options):
        path = trace.html(tmp_path / f"{len(contexts)}.html", **options)
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda e: problems.append(str(e)))
        page.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
        page.on("request", lambda r: asked.append(r.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
    assert all(url.startswith("file:") for url in asked)


def rows(page):
    """[name, expression, primal, derivative] of the rows that the list shows."""
    return page.eval_on_selector_all(
        "#tall .row:not(.loop)", "rows => rows.map(r => [...r.children].map(c => c.textContent))"
    )


def press(page, key, times=1):
    for _ in range(times):
        page.keyboard.press(key)


PAGES = {
    "lecture": (lecture, (2.0, 3.0)),
    "branch": (branching, (2.0, -1.0)),
    "density": (normal_density, (0.5, 0.2, 1.3)),
    "layer": (layer, (PARAMETERS, DATA)),
    "writes": (smoothed, (np.array([1.0, 2.0, 3.0]),)),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_at_the_end_the_list_is_the_table(name, mode, visit):
    f, args = PAGES[name]
    t = wg.trace(f)(*args)
    page = visit(t, mode=mode)
    press(page, "End")
    shown = {row[0]: row for row in rows(page) if row[0]}
    table = {row.name: row for row in t.table(mode).rows if row.name in shown}
    assert len(table) >= len(t.inputs) + len(t.outputs)
    for key, row in table.items():
        assert shown[key][1] == row.expression
        assert shown[key][2] == text(row.primal)
        if row.derivative is not None or mode == "forward":
            assert shown[key][3] == (text(row.derivative) if row.formula else "")


def test_every_step_of_the_lecture(visit):
    page = visit(wg.trace(lecture)(2.0, 3.0))
    said = []
    for _ in range(9):
        said.append(page.inner_text("#formula"))
        press(page, "ArrowRight")
    assert said == [
        "x₁ = 2", "x₂ = 3", "v₁ = x₁·x₂ = 6", "v₂ = log v₁ = 1.79176", "y = v₂ = 1.79176",
        "∂y/∂v₂ = ∂y/∂y = 1", "∂y/∂v₁ = (1/v₁)·∂y/∂v₂ = (1/6)·1 = 0.166667",
        "∂y/∂x₁ = x₂·∂y/∂v₁ = 3·0.166667 = 0.5", "∂y/∂x₂ = x₁·∂y/∂v₁ = 2·0.166667 = 0.333333",
    ]  # fmt: skip
    assert page.inner_text("#count") == "9 / 9"
    press(page, "ArrowLeft", 2)
    assert page.inner_text("#formula").startswith("∂y/∂v₁")
    assert [row[3] for row in rows(page)] == ["", "", "0.166667", "1", "1"]


def test_gradient_of_a_thousand_iterations(visit):
    page = visit(wg.trace(logistic)(3.2, 0.3, 1000))
    press(page, "End")
    shown = {row[0]: row[3] for row in rows(page)}
    gradient = wg.grad(logistic, argnums=(0, 1))(3.2, 0.3, 1000)
    assert [shown["r"], shown["x"]] == [text(g) for g in gradient]
    assert page.inner_text("#tall .loop") == "×1000\niteration 1 shown; show all"
    assert "×1000 · iteration 1" in page.inner_html("#graph")
    assert page.locator("#graph .node").count() == 6


def test_ten_thousand_lines(visit):
    t = wg.trace(logistic)(3.2, 0.3, 3334)
    assert len(t.lines) > 10_000
    page = visit(t)
    press(page, "End")
    assert page.inner_text("#tall .loop") == "×3334\niteration 1 shown; show all"
    press(page, "PageUp", 4)
    assert page.inner_text("#tall .loop") == "×3334\niteration 5 shown; show all"
    press(page, "PageDown")
    assert page.inner_text("#tall .loop") == "×3334\niteration 4 shown; show all"
    page.click("#tall .loop")
    assert page.evaluate("document.getElementById('tall').offsetHeight") > 250_000
    assert page.locator("#tall .row").count() < 100
    page.evaluate("document.getElementById('rows').scrollTop = 130000")
    page.wait_for_function("document.querySelector('#tall .row').textContent.startsWith('v₄') ")


def test_keys(visit):
    page = visit(wg.trace(normal_density)(0.5, 0.2, 1.3))
    press(page, "f")
    assert page.get_attribute("#forward", "aria-pressed") == "true"
    assert page.inner_text("#column") == "tangent ↓"
    press(page, "r")
    assert page.inner_text("#column") == "adjoint ↑"
    press(page, "End")
    press(page, "Home")
    assert page.inner_text("#count") == "1 / 24"
    before = page.get_attribute("#graph > g", "transform")
    press(page, "+")
    assert page.get_attribute("#graph > g", "transform") != before
    press(page, "?")
    assert page.locator("#keys").is_visible()
    press(page, "Escape")
    assert not page.locator("#keys").is_visible()
    press(page, " ")
    page.wait_for_function("document.getElementById('count').textContent.startsWith('2 /')")
    press(page, " ")
    assert page.get_attribute("#play", "aria-label") == "Play"


def test_search(visit):
    page = visit(wg.trace(normal_density)(0.5, 0.2, 1.3))
    press(page, "/")
    page.keyboard.type("exp v5")
    assert page.inner_text("#found") == "1"
    press(page, "Enter")
    assert page.inner_text("#tall .lit").startswith("v₆")
    press(page, "Escape")
    assert page.input_value("#search") == ""


def test_clicks_lead_to_the_step(visit):
    page = visit(wg.trace(branching)(2.0, -1.0))
    page.click("#tall .row:has-text('sin v₁')")
    assert page.inner_text("#formula").startswith("v₃ = sin v₁")
    page.click("#source .used:has-text('c = a * b')")
    assert page.inner_text("#formula").startswith("v₁ = a·b")
    page.click("#graph .node.guard")
    assert page.inner_text("#formula") == "¬v₂ holds"
    assert page.inner_text("#source .lit").endswith("return np.log(c) if c > 0 else np.sin(c)")


def test_elements_of_an_array(visit):
    t = wg.trace(layer)(PARAMETERS, DATA)
    page = visit(t)
    press(page, "ArrowRight", 3)
    page.click("#elements summary")
    shown = page.inner_text("#elements div").split()
    assert shown == [text(x) for x in t.read().run.lines[0].values[0].ravel()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 800])
def test_nothing_hangs_over(scheme, width, visit):
    page = visit(wg.trace(nested_loops)(0.4), width=width, scheme=scheme)
    press(page, "End")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('#formula').scrollWidth") <= width
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 23, 25)"
    assert dark == (scheme == "dark")
