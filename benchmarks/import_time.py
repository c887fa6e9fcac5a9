"""How much `import wengert` adds to `import numpy`: medians of interleaved fresh processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

STATEMENTS = ("pass", "import numpy", "import numpy, wengert", "import numpy, scipy.linalg, scipy.special")


def once(statement: str, environment: dict[str, str]) -> float:
    """Seconds that a fresh interpreter takes for the statement."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env=environment)
    return time.perf_counter() - started


def compiled(folder: str) -> dict[str, str]:
    """An environment in which modules are compiled once, as they are where a package is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": folder}


def main(repeats: int = 15) -> None:
    """Print the medians and the difference."""
    times: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            for statement in STATEMENTS:
                times[statement].append(once(statement, compiled(folder)))
    medians = {statement: median(values[1:]) for statement, values in times.items()}
    for statement, t in medians.items():
        print(f"{statement:45s} {1e3 * t:6.0f} ms")
    added = medians["import numpy, wengert"] - medians["import numpy"]
    print(f"wengert adds {1e3 * added:.0f} ms to NumPy")


if __name__ == "__main__":
    main()
