"""The public surface, its documentation, the floors, sizes, and what an import brings in."""

import ast
import doctest
import importlib.metadata
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import wengert as wg

PACKAGE = Path(wg.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
FLOORS = (
    ("errors",),
    ("tree", "plots"),
    ("ir", "numerical"),
    ("record",),
    ("sweep",),
    ("batch",),
    ("rules",),
    ("passes",),
    ("native", "show"),
    ("api",),
    ("jit",),
    ("symbolic", "tensor"),
    ("compare",),
    ("diagnosis",),
    ("audit",),
    ("demo",),
    ("cli",),
)
"""From the ground up; import-linter holds the same list."""
FILE_LINES, FUNCTION_LINES, MEDIAN_FUNCTION = 500, 60, 12
PUBLIC = sorted(
    name
    for name, value in vars(wg).items()
    if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
)


def test_operators_of_the_promise():
    """The operators that the project promises."""
    promised = {
        "audit", "check_grad", "derivative", "diagnose", "diagnosing", "directional_derivative", "grad", "hessian", "hvp", "jacobian", "jvp", "linearize",
        "rule", "stop_gradient", "trace", "value_and_grad", "vjp",
    }  # fmt: skip
    assert promised <= set(PUBLIC)


def test_all_is_sorted_and_complete():
    assert wg.__all__ == sorted(wg.__all__)
    assert set(wg.__all__) == set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_documented_with_an_example_that_runs(name):
    thing = getattr(wg, name)
    text = inspect.getdoc(thing)
    assert text, f"{name} has no docstring"
    if isinstance(thing, type) and issubclass(thing, Exception):
        return
    tests = doctest.DocTestParser().get_examples(text)
    assert tests, f"{name} has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    test = doctest.DocTestParser().get_doctest(text, {"__name__": "__main__"}, name, None, None)
    report: list[str] = []
    runner.run(test, out=report.append)
    assert not report, "".join(report)


def test_typed():
    assert (PACKAGE / "py.typed").exists()


def imports_of(path: Path) -> set[str]:
    """The floors of wengert that a module imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("wengert."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "wengert":
            found |= {alias.name for alias in node.names}
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import"
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path):
    """Each floor imports itself and floors below it."""
    height = {name: k for k, floor in enumerate(FLOORS) for name in floor}
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own not in height:
        assert own == "__init__", f"{own} stands on no floor"
        return
    for name in imports_of(path) & set(height):
        assert name == own or height[name] < height[own], f"{path.name} imports {name}, which is not below {own}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_sizes_and_docstrings(path):
    """Files and functions stay small; every module says what it holds."""
    source = path.read_text()
    assert source.count("\n") <= FILE_LINES
    tree = ast.parse(source)
    assert not source.strip() or ast.get_docstring(tree), f"{path.name} does not say what it holds"
    for name, length in function_lengths(tree):
        assert length <= FUNCTION_LINES, f"{path.name}: {name} has {length} lines"


def test_functions_are_short():
    lengths = sorted(n for path in FILES for _, n in function_lengths(ast.parse(path.read_text())))
    assert lengths[len(lengths) // 2] <= MEDIAN_FUNCTION


def function_lengths(tree) -> list[tuple[str, int]]:
    """(name, lines of code) of each function, its docstring not counted."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            found.append((node.name, node.end_lineno - body[0].lineno + 1 if body else 0))
    return found


def fresh(statement: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True, text=True).stdout


def test_import_leaves_scipy_alone():
    """SciPy, SymPy, matplotlib, llvmlite are imported when they are needed, not before."""
    out = fresh("import sys, wengert; print([m for m in sys.modules if m.split('.')[0] in "
                "('scipy', 'sympy', 'mpmath', 'matplotlib', 'llvmlite', 'rich')])")  # fmt: skip
    assert out.strip() == "[]"


def test_import_leaves_numpy_alone():
    """Outside a transform, every public function of NumPy is its own."""
    out = fresh("import numpy as np; before = dict(vars(np)); import wengert; wengert.grad(lambda x: np.sin(x))(1.0); "
                "print([k for k in before if vars(np).get(k) is not before[k]])")  # fmt: skip
    assert out.strip() == "[]"


def test_version_agrees_with_the_project():
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text()
    try:
        installed = importlib.metadata.version("wengert")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("wengert is not installed")
    assert f'version = "{installed}"' in text


def test_contributing_is_short():
    text = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text()
    assert text.count("\n") < 60
