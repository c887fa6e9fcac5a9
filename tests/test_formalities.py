"""The public surface, its documentation, the floors, sizes, and what an import brings in."""

import ast
import doctest
import importlib.metadata
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import wengert as wg

PACKAGE = Path(wg.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
FLOORS = (
    ("errors", "later", "signatures"),
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
    for name in dir(wg)
    if not name.startswith("_")
    and name not in ("TYPE_CHECKING", "symbolic")
    and not inspect.ismodule(getattr(wg, name))
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


IN_FUNCTIONS = {
    "wengert.native": "needs llvmlite, an extra",
    "matplotlib": "an extra",
    "mpmath": "an extra",
    "rich": "an extra",
    "sympy": "an extra",
}
"""What may be imported inside functions, and why."""
BY_NAME = {
    "later.py": "the one place where what a user asks for late is imported",
    "plots.py": "matplotlib, an extra",
    "compare/exact.py": "wengert.symbolic, which needs an extra",
    "record/swap.py": "rules of SciPy, once the program has imported SciPy",
    "record/reach.py": "modules of NumPy and SciPy whose names are swapped",
    "rules/scipy_private.py": "modules of SciPy that have moved from one version to another",
    "rules/scipy_linalg_functions.py": "modules of SciPy whose names are swapped",
    "rules/numpy_polynomial.py": "modules of NumPy whose names are swapped",
}
"""The modules that use import_module, and for what."""


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_stand_at_the_top(path):
    """Inside functions nothing is imported but extras; by name nothing but what BY_NAME says."""
    tree = ast.parse(path.read_text())
    inside = [n for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.Lambda)) for n in ast.walk(f)]
    imported = [n.module or "" for n in inside if isinstance(n, ast.ImportFrom)]
    imported += [alias.name for n in inside if isinstance(n, ast.Import) for alias in n.names]
    assert [m for m in imported if m not in IN_FUNCTIONS and m.split(".")[0] not in IN_FUNCTIONS] == []
    called = {getattr(n.func, "id", getattr(n.func, "attr", "")) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    assert not called & {"import_module", "__import__"} or str(path.relative_to(PACKAGE)) in BY_NAME


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
    here = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    return subprocess.run(
        [sys.executable, "-c", statement], check=True, capture_output=True, text=True, env=here
    ).stdout


def each_fresh(*statements: str) -> str:
    """What each of these prints in a process of its own, forked from an interpreter that has imported NumPy only."""
    return fresh(f"""
import os, sys, traceback, numpy
for statement in {statements!r}:
    if (child := os.fork()) == 0:
        code = 1
        try:
            exec(statement, {{}})
            sys.stdout.flush()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0, statement
""")


LATER = {
    "scipy", "sympy", "mpmath", "matplotlib", "llvmlite", "rich", "optree", "numpy.random",
    "difflib", "fractions", "decimal", "html", "json", "cProfile", "concurrent", "urllib", "tempfile",
    "wengert.audit", "wengert.check", "wengert.compare", "wengert.diagnosis", "wengert.jit", "wengert.native",
    "wengert.numerical", "wengert.passes", "wengert.show", "wengert.symbolic", "wengert.tensor",
    "wengert.api.check", "wengert.api.trace", "wengert.rules.draws", "wengert.rules.special",
}  # fmt: skip
"""Modules that are imported when they are needed, not before."""
LOADED = "import sys, numpy; before = set(sys.modules); {}; print(*sorted(set(sys.modules) - before))"


def test_import_brings_only_what_a_gradient_needs():
    """Neither the import nor the gradient of a function of an array brings SciPy, drawing, a compiler, containers."""
    imported = fresh(LOADED.format("import wengert")).split()
    assert "wengert.api.grad" in imported
    assert "wengert.rules.elementwise" not in imported, "the tables are filled when the first transform begins"
    ran = fresh(LOADED.format("import wengert; wengert.grad(lambda x: numpy.sin(x).sum())(numpy.ones(2))")).split()
    for found, late in ((imported, LATER), (ran, LATER - {"numpy.random", "wengert.rules.draws"} - STDLIB_OF_RANDOM)):
        assert [m for m in found if any(m == name or m.startswith(name + ".") for name in late)] == []


def test_a_rule_may_be_stated_before_the_first_derivative():
    """Of a function that has a derivative already it is refused all the same."""
    stated = """
import numpy, wengert
@wengert.rule(numpy.sin).forward
def push(y, x, x_dot): return x_dot
"""
    assert "numpy.sin has a derivative already" in fresh(f"try: exec({stated!r})\nexcept Exception as e: print(e)")


STDLIB_OF_RANDOM = {"urllib", "tempfile"}
"""numpy.random imports `secrets`, and may import more of the standard library in other versions."""


@pytest.mark.parametrize("name", sorted(wg._LATER))
def test_names_that_come_later(name):
    """As attributes, by `from wengert import`, and after an import of the module that they are in."""
    module = wg._LATER[name]
    if name == "symbolic":
        pytest.importorskip("sympy")
    right = f"m = sys.modules[{module!r}]; print(thing is (m if {module!r} == 'wengert.{name}' else m.{name}))"
    ways = (
        f"import wengert as wg; assert {name!r} in dir(wg); thing = wg.{name}",
        f"from wengert import {name} as thing",
        f"import {module}; thing = sys.modules['wengert'].{name}",
        f"import wengert as wg; import {module}; thing = wg.{name}; assert vars(wg)[{name!r}] is thing",
    )
    assert each_fresh(*[f"import sys; {way}; {right}" for way in ways]) == "True\n" * len(ways)


def test_functions_that_are_named_like_packages():
    """wengert.jit and wengert.audit stay functions whatever is imported, and pickle."""
    out = fresh("import wengert.jit.names, wengert.audit.report, pickle; import wengert as wg; "
                "print(wg.jit.__name__, wg.audit.__name__, *[pickle.loads(pickle.dumps(f)) is f for f in (wg.jit, wg.audit, wg.trace)])")  # fmt: skip
    assert out == "jit audit True True True\n"


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match=r"module 'wengert' has no attribute 'gradd'"):
        wg.gradd  # noqa: B018  the attribute is what is tested
    with pytest.raises(ImportError, match="gradd"):
        exec("from wengert import gradd")


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
