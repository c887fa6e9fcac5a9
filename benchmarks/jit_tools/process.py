"""Worker processes: how each tool is started, asked, and stopped."""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
OTHER = Path(sys.prefix) / "pytensor" / "bin" / "python"
"""PyTensor asks for an older Numba than the other tools: it has an environment of its own inside theirs."""

TOOLS = {
    "wengert": "wengert_tool", "numba": "numba_tool", "numpy": "numpy_tool", "jax": "jax_tool",
    "jax-loops": "jax_loops_tool", "torch": "torch_tool", "torch-eager": "torch_eager_tool", "casadi": "casadi_tool",
    "casadi-bound": "casadi_bound_tool",    "pytensor": "pytensor_tool",
}  # fmt: skip
PEERS = ("jax", "jax-loops", "torch", "torch-eager", "casadi", "pytensor")
"""The tools that "the best peer" is chosen from: those that differentiate, NumPy arrays in and NumPy arrays out."""


class Unavailable(Exception):
    """No measurement, and why."""


@dataclass
class Measured:
    """What is known of one tool on one problem (seconds, bytes); `stopped`: when its compilation was given up."""

    version: str = ""
    compile: float | None = None
    stopped: float | None = None
    call: float | None = None
    primal: float | None = None
    error: float | None = None
    memory: tuple[int, int] | None = None
    skipped: str = ""
    notes: str = ""


class Process:
    """One tool."""

    def __init__(self, tool: str, folder: str, cores: int | None, clock: str):
        python = str(OTHER) if tool == "pytensor" and OTHER.exists() else sys.executable
        self.dead = self.primal = False
        self.number = self.number_primal = 0
        self.complaints = open(Path(folder) / f"{tool}.txt", "w+b")  # noqa: SIM115
        self.process = subprocess.Popen(
            [python, str(HERE / "worker.py"), TOOLS[tool], clock],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, env=environment(folder), cwd=folder,
            start_new_session=True, preexec_fn=None if cores is None else lambda: os.sched_setaffinity(0, some(cores)),
        )  # fmt: skip

    def ask(self, *request, limit: float):
        """The answer to a request. Raises Unavailable if it fails or takes too long."""
        try:
            pickle.dump(request, self.process.stdin)
            self.process.stdin.flush()
            if not select.select([self.process.stdout], [], [], limit)[0]:
                self.close()
                raise Unavailable(f"{request[0]} stopped after {limit:.0f} s")
            good, answer = pickle.load(self.process.stdout)
        except (EOFError, BrokenPipeError):
            self.close()
            raise Unavailable(f"the process ended: {self._last_words()}") from None
        if good:
            return answer
        kind, text = answer
        if kind in ("ModuleNotFoundError", "ImportError"):
            raise Unavailable(f"not installed ({text})")
        raise Unavailable(text if kind == "LeftOut" else f"{kind}: {text}")

    def close(self) -> None:
        """End the process and all that it started."""
        if not self.dead:
            self.dead = True
            with_children(self.process.pid)
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()

    def _last_words(self) -> str:
        self.complaints.seek(0)
        text = self.complaints.read().decode(errors="replace").strip().splitlines()
        return text[-1][:120] if text else f"status {self.process.returncode}"


def with_children(pid: int) -> None:
    """Kill the process group that a worker leads."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def some(cores: int) -> set[int]:
    """The last so many of the cores that this process may use."""
    return set(sorted(os.sched_getaffinity(0))[-cores:])


def environment(folder: str) -> dict[str, str]:
    """Every cache on disk in a folder of this run."""
    given = [str(Path(part).resolve()) for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(given),
        "HOME": folder,
        "XDG_CACHE_HOME": f"{folder}/cache",
        "TORCHINDUCTOR_CACHE_DIR": f"{folder}/inductor",
        "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
        "PYTENSOR_FLAGS": f"base_compiledir={folder}/pytensor,mode=NUMBA",
        "PYTHONWARNINGS": "ignore",
    }


class Workers:
    """A process for each tool; one that was stopped is started again when it is next asked for."""

    def __init__(self, tools: list[str], folder: str, cores: int | None, clock: str):
        self.start = lambda tool: Process(tool, folder, cores, clock)
        self.processes = {tool: self.start(tool) for tool in tools}

    def alive(self) -> dict[str, Process]:
        """All of them."""
        for tool, process in self.processes.items():
            if process.dead:
                self.processes[tool] = self.start(tool)
        return dict(self.processes)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_) -> None:
        for process in self.processes.values():
            process.close()
