"""How much `import wengert` adds to `import numpy`: medians of interleaved fresh processes."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

STATEMENTS = ("pass", "import numpy", "import numpy, wengert", "import numpy, scipy.linalg, scipy.special")


def once(statement: str) -> float:
    """Seconds that a fresh interpreter takes for the statement."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - started


def main(repeats: int = 15) -> None:
    """Print the medians and the difference."""
    times: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    for _ in range(repeats):
        for statement in STATEMENTS:
            times[statement].append(once(statement))
    medians = {statement: median(values) for statement, values in times.items()}
    for statement, t in medians.items():
        print(f"{statement:45s} {1e3 * t:6.0f} ms")
    added = medians["import numpy, wengert"] - medians["import numpy"]
    print(f"wengert adds {1e3 * added:.0f} ms to NumPy")


if __name__ == "__main__":
    main()
