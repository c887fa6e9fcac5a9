"""The figures of docs/explanation/four-ways.md.

PYTHONPATH=src python benchmarks/four_ways.py [--only WORD]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from wengert.compare import cost, error_curve
from wengert.symbolic import logistic, logistic_formula, swell

FIGURES = Path(__file__).parents[1] / "docs" / "explanation" / "figures"


def f(x):
    """The fourth iterate of the logistic map, as a polynomial."""
    return 64 * x * (1 - x) * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x**2) ** 2


def modes():
    """The cost of Jacobians; the table is printed, for the page."""
    grid = cost()
    print(grid)
    return grid.plot()


MAKE = {
    "error.png": lambda: error_curve(f, 0.2).plot().figure,
    "error-higher-orders.png": lambda: (
        error_curve(f, 0.2, methods=("forward", "central", ("central", 4), ("central", 8))).plot().figure
    ),
    "swell.png": lambda: swell(logistic).plot().figure,
    "swell-formula.png": lambda: swell(logistic_formula, range(1, 9)).plot().figure,
    "modes.png": modes,
}


def main() -> None:
    """Draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="draw the figures whose name contains this")
    word = parser.parse_args().only
    for name, make in MAKE.items():
        if word in name:
            make().savefig(FIGURES / name)
            print(FIGURES / name)


if __name__ == "__main__":
    main()
