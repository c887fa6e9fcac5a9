"""jit: a function whose recordings are kept, compiled, and used again where they hold."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import Any

from wengert.api.operator import Operator
from wengert.errors import LostDerivative, NoDerivative
from wengert.jit.call import description, is_recorded, kind_of, taken_apart
from wengert.jit.names import Names
from wengert.jit.path import MISS, Path
from wengert.jit.recording import Unseen, record


class Paths:
    """Everything that is known about one signature."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.given_up = ""
        self.lock = threading.RLock()


def _nothing(*_: Any) -> Any:
    return NotImplemented


class Jit(Operator):
    """See `jit`."""

    name = "jit"

    def __init__(self, f: Callable[..., Any], **options: Any) -> None:
        super().__init__(f, **options)
        self._signatures: dict[Any, Paths] = {}
        self._fast = _nothing
        self._names: Names | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            y = self._fast(*args)
            if y is not NotImplemented and y is not None:
                return y
        return self._slowly(args, kwargs)

    def _slowly(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        leaves, structure = taken_apart(args, kwargs)
        if is_recorded(leaves):
            return self.f(*args, **kwargs)
        if self._names is not None and self._names.changed():
            self._forget()
        key = (structure, tuple([description(x) for x in leaves]))
        known = self._signatures.get(key)
        if known is None:
            known = self._signatures.setdefault(key, Paths())
        if known.given_up:
            return self.f(*args, **kwargs)
        inputs = [x for x in leaves if kind_of(x)]
        for k, path in enumerate(known.paths):
            y = path.run(inputs)
            if y is not MISS:
                if k:
                    self._prefer(known, path)
                return y
        return self._record(known, leaves, structure, args, kwargs)

    def _prefer(self, known: Paths, path: Path) -> None:
        """Try this path first from now on."""
        with known.lock:
            if path in known.paths:
                known.paths.remove(path)
                known.paths.insert(0, path)
        self._use(path)

    def _record(self, known: Paths, leaves: list[Any], structure: Any, args: Any, kwargs: Any) -> Any:
        """Record the way that this call goes."""
        if len(known.paths) >= self.options["max_paths"]:
            return self._give_up(known, args, kwargs)
        if self._names is None:
            self._names = Names(self.f)
        try:
            recording = record(self.f, leaves, structure, self._names.draws)
        except Unseen as reason:
            known.given_up = str(reason)
            return self.f(*args, **kwargs)
        except (NoDerivative, LostDerivative) as refusal:
            y = self.f(*args, **kwargs)  # what a derivative inside f refuses is f's own error
            known.given_up = str(refusal)
            return y
        path = Path(recording)
        with known.lock:
            known.paths.insert(0, path)
        self._use(path)
        return recording.value

    def _use(self, path: Path) -> None:
        """Let calls of this kind go straight to the native code, if nothing needs to be looked at before."""
        self._fast = path.call or _nothing
        if self._names:
            self._fast = _nothing

    def _give_up(self, known: Paths, args: Any, kwargs: Any) -> Any:
        last = known.paths[0].recording.trace
        guards = [line for line in last.lines if line.kind == "guard"]
        file, number = guards[-1].origin if guards else ("", 0)
        known.given_up = (
            f"{getattr(self.f, '__name__', 'f')} went {len(known.paths)} different ways for arguments of the same "
            f"types; it is run without compilation from now on.\nThe way depends on a value at {file}:{number}: "
            "use np.where there, or wengert.cond and wengert.while_loop, or raise max_paths."
        )
        warnings.warn(known.given_up, NotCompiledWarning, stacklevel=4)
        return self.f(*args, **kwargs)

    def _forget(self) -> None:
        """What was read by name has changed: nothing that was recorded holds."""
        self._signatures.clear()
        self._fast, self._names = _nothing, None


class NotCompiledWarning(UserWarning):
    """A jitted function is run without compilation."""


def jit(f: Callable[..., Any] | None = None, *, max_paths: int = 64) -> Any:
    """f as a native function: recorded once per signature and path, compiled, and used again where it holds.

    Arguments:
        f: any function that can be recorded, derivatives included: `jit(grad(f))`.
        max_paths: how many ways through Python's branches are kept per signature; beyond that f is run as it
            is, with a warning (NotCompiledWarning) that names the line.

    Floats, NumPy numbers and arrays are inputs; everything else (integers, strings, functions) is fixed, and
    another value of it is another recording, as is another shape or dtype. Where Python looked at a value the
    compiled function tests that it would look the same again; if not, another recording is used, or made. What
    f reads by name is looked at before each call, and f is recorded anew if that has changed.

    Raises NotCompiled (a TypeError) if f draws from NumPy's global random state.

    >>> import numpy as np, wengert as wg
    >>> slope = wg.jit(wg.grad(lambda a, b: np.log(a * b) if a * b > 0 else np.sin(a * b)))
    >>> slope(2.0, 3.0), slope(2.0, -1.0)
    (0.5, 0.4161468365471424)
    """
    if f is None:
        return lambda f: jit(f, max_paths=max_paths)
    return Jit(f, max_paths=max_paths)
