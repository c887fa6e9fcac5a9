"""The trace that `wengert.trace` returns: a Trace that can be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wengert.errors import BadInput
from wengert.ir.line import Line
from wengert.ir.trace import Trace
from wengert.show import choice
from wengert.show.diff import Diff
from wengert.show.diff import diff as diff_of
from wengert.show.page import page
from wengert.show.reading import Reading
from wengert.show.svg import svg as svg_of
from wengert.show.table import Table
from wengert.show.table import table as table_of


@dataclass(frozen=True, eq=False, repr=False)
class ShownTrace(Trace):
    """A trace, the point where it was made, and the file of each line.

    `point` are the values of `inputs`; `files` says in which file the source of a line stands.
    """

    point: tuple[Any, ...] = ()
    files: Mapping[Line, str] = field(default_factory=dict[Line, str])

    def read(self, mode: str = "reverse", direction: Any = None, output: Any = None) -> Reading:
        """The values of all lines and one sweep: what table, page and picture are made from."""
        return Reading(self, self.point, mode, direction, output)

    def table(self, mode: str = "reverse", direction: Any = None, output: Any = None) -> Table:
        """The lecture's table: each line with its expression, source line, primal, and tangent or adjoint.

        Arguments:
            mode: `"forward"` for tangents, `"reverse"` for adjoints.
            direction: forward: the tangents of the inputs. The name or position of an input (1 in all
                its elements, the others 0), `{name: tangent}`, or a tuple of all tangents. Default: the
                first input.
            output: reverse: which output; its number, `(number, index)` for one element of an array, or
                (of a single output) an array of cotangents. Of a whole array the adjoints are those of
                its sum. Default: the first floating output.

        >>> import numpy as np, wengert as wg
        >>> def f(x1, x2):
        ...     return np.log(x1 * x2)
        >>> rows = wg.trace(f)(2.0, 3.0).table(mode="forward", direction="x1").rows
        >>> rows[-1].derivative.item()
        0.5
        """
        return table_of(self.read(mode, direction, output))

    def html(self, path: Any, mode: str = "reverse", direction: Any = None, output: Any = None) -> Path:
        """Write the trace as one HTML file, and return its path.

        The page shows the computational graph, the source with the current line lit, and the list of
        lines; buttons and arrow keys step through both sweeps, one partial derivative at a time in
        reverse. `mode` is shown first; `direction` and `output` are those of `table`. The file needs no
        network.

        >>> import tempfile, numpy as np, wengert as wg
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     wg.trace(np.sin)(0.5).html(folder + "/sine.html").name
        'sine.html'
        """
        choice.checked_mode(mode)
        forward = self.read("forward", direction)
        reverse = self.read("reverse", output=output)
        path = Path(path)
        path.write_text(page(forward, reverse, self.files, mode), encoding="utf-8")
        return path

    def svg(self, path: Any, mode: str = "reverse", direction: Any = None, output: Any = None) -> Path:
        """Write the computational graph, with all primals and the tangents or adjoints, as an SVG picture.

        >>> import tempfile, numpy as np, wengert as wg
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     wg.trace(np.sin)(0.5).svg(folder + "/sine.svg").name
        'sine.svg'
        """
        path = Path(path)
        path.write_text(svg_of(self.read(mode, direction, output)), encoding="utf-8")
        return path

    def diff(self, other: Any) -> Diff:
        """This trace and another side by side, and what differs: branches taken, guards, values."""
        if not isinstance(other, ShownTrace):
            raise BadInput(f"diff expects another trace, got {type(other).__name__}.\nPass wg.trace(f)(*args).")
        return diff_of(self, self.point, other, other.point)

    def __rich__(self) -> Any:
        return self.table().__rich__()

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()
