"""Whole Jacobians by forward and by reverse sweeps, over a grid of sizes, and which mode "auto" chose.

PYTHONPATH=src python benchmarks/modes.py [--seconds S] [--write FILE.md] [--plot FILE.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from wengert.compare import cost


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=0.05, help="time given to each measurement")
    parser.add_argument("--write", type=Path, help="also write the table to this file")
    parser.add_argument("--plot", type=Path, help="also draw it into this file")
    options = parser.parse_args()
    grid = cost(seconds=options.seconds)
    right = sum(c.chose_the_faster for c in grid.cells)
    verdict = (
        f"auto took the faster mode in {right} of {len(grid.cells)} cells; its largest loss is {grid.worst_loss:.2f}."
    )
    text = f"{grid}\n\n{verdict}\n"
    print(text, end="")
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(text)
    if options.plot:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        grid.plot().savefig(options.plot)


if __name__ == "__main__":
    main()
