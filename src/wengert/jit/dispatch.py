"""jit: a function whose recordings are kept, compiled, and used again where they hold."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.api.inputs import positions
from wengert.api.operator import Operator
from wengert.api.recorded import WATCHERS
from wengert.errors import LeakedValue, LostDerivative, NoDerivative, NotCompiled, NotCompiledWarning
from wengert.ir.line import Type
from wengert.ir.trace import Trace
from wengert.jit import call as calls
from wengert.jit.explain import Source, explanation, shown
from wengert.jit.names import Reachable
from wengert.jit.path import MISS, Path
from wengert.jit.recording import Unseen, record
from wengert.jit.route import route
from wengert.jit.watch import at_once, unchanged
from wengert.passes.pipeline import checked
from wengert.record.refusals import Forgiven
from wengert.record.state import state
from wengert.signatures import signature as signature_of


class Paths:
    """Everything that is known about one signature."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.given_up = ""
        self.lock = threading.RLock()


class Jit(Operator):
    """See `jit`."""

    name = "jit"

    def __init__(self, f: Callable[..., Any], **options: Any) -> None:
        super().__init__(f, **options)
        numbers, names = _static_of(f, options.get("static_argnums", ()), options.get("static_argnames", ()))
        self._static = (numbers, names) if numbers or names else None
        self._start()

    def _start(self) -> None:
        self._signatures: dict[Any, Paths] = {}
        self._at_once: Any = None  # the first of the next, where nothing but names must be looked at before
        self._fast: tuple[Any, ...] = ()
        self._routes: tuple[Any, ...] = ()
        self._unchanged: Any = None
        self._reads: Reachable | None = None
        self._extra: list[Any] = []
        self._forgotten = 0
        self._never = ""
        self._lock = threading.RLock()

    def __reduce__(self) -> Any:
        found = super().__reduce__()
        return found if isinstance(found, str) else (_made_again, (self.f, self.options))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        call_at_once = self._at_once
        if call_at_once is not None and not kwargs:
            y = call_at_once(*args)
            if y is not None:
                return y
        if WATCHERS:  # somebody asks about NaN: what is not compiled can be looked into
            return self.f(*args, **kwargs)
        unchanged = self._unchanged
        if unchanged is None or unchanged():
            if not kwargs:
                for call in self._fast:
                    y = call(*args)
                    if y is not NotImplemented and y is not None:
                        return y
            for route in self._routes:
                y = route(args, kwargs)
                if y is not NotImplemented:
                    return y
        return self._slowly(args, kwargs)

    def _slowly(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if state.depth or self._never:  # a transform outside records what this call does
            return self.f(*args, **kwargs)
        given = (args, kwargs) if self._static is None else calls.with_static(args, kwargs, *self._static)
        leaves, structure = calls.taken_apart(*given)
        if calls.is_recorded(leaves):
            return self.f(*args, **kwargs)
        reads = self._reads
        if reads is not None and reads and (what := reads.changed()):
            self._forget(what)
        key = (structure, tuple([calls.description(x) for x in leaves]))
        known = self._signatures.get(key) or self._new_signature(key)
        if known.given_up:
            return self.f(*args, **kwargs)
        y = self._by_paths(known, leaves, structure)
        if y is MISS:
            with known.lock:
                y = self._by_paths(known, leaves, structure)  # another thread may have recorded it meanwhile
                return y if y is not MISS else self._record(known, leaves, structure, args, kwargs)
        return y

    def _by_paths(self, known: Paths, leaves: list[Any], structure: Any) -> Any:
        """The result by the first recorded way that holds, or MISS."""
        inputs = [x for x in leaves if calls.kind_of(x)]
        for k, path in enumerate(known.paths):
            y = path.run(inputs)
            if y is not MISS:
                if k or not self._is_quick(path):
                    self._prefer(known, path, leaves, structure)
                return y
        return MISS

    def _is_quick(self, path: Path) -> bool:
        """Whether the short way has been tried, or there is none."""
        return path.native is None or path.route is False or path.route in self._routes or path.call in self._fast

    def _new_signature(self, key: Any) -> Paths:
        """A place for what is recorded for these types and fixed values; the oldest makes room for it."""
        with self._lock:
            if len(self._signatures) >= _MOST_SIGNATURES:
                del self._signatures[next(iter(self._signatures))]
            return self._signatures.setdefault(key, Paths())

    def _prefer(self, known: Paths, path: Path, leaves: list[Any], structure: Any) -> None:
        """Try this path first from now on."""
        with known.lock:
            if path in known.paths:
                known.paths = [path, *[p for p in known.paths if p is not path]]
        self._use(path, leaves, structure)

    def _record(
        self, known: Paths, leaves: list[Any], structure: Any, args: Any, kwargs: Any, presume: bool = True
    ) -> Any:
        """Record the way that this call goes; at first, values of long loops may be presumed."""
        if len(known.paths) >= self.options["max_paths"]:
            return self._give_up(known, args, kwargs)
        reads = self._look(leaves)
        try:
            for x in leaves:
                if calls.cannot_be_fixed(x):
                    raise Unseen(f"an argument of type {type(x).__name__} may change without being seen to")
            if reads.opaque:
                raise Unseen(f"it reads an object of type {reads.opaque}, whose changes cannot be seen")
            if reads.too_many:
                raise Unseen("it reads more objects than can be compared before every call")
            with Forgiven():
                recording = record(self.f, leaves, structure, reads, presume)
        except Unseen as reason:
            known.given_up = str(reason)
            return self.f(*args, **kwargs)
        except (NoDerivative, LostDerivative, LeakedValue) as refusal:
            y = self.f(*args, **kwargs)  # what a derivative inside f refuses is f's own error
            known.given_up = str(refusal)
            return y
        options = {k: self.options[k] for k in ("real", "without", "threads") if k in self.options}
        with Forgiven():
            path = Path(recording, **options)
        y = path.run([x for x in leaves if calls.kind_of(x)]) if recording.presumed else recording.value
        if y is MISS:
            return self._record(known, leaves, structure, args, kwargs, presume=False)
        known.paths = [path, *known.paths]
        self._use(path, leaves, structure)
        return y

    def _look(self, leaves: list[Any]) -> Reachable:
        """What f reads, these arguments included, as it is now."""
        with self._lock:
            more = [x for x in leaves if calls.has_state(x) and not any(x is y for y in self._extra)]
            if self._reads is None or more:
                self._extra = [*self._extra, *more][-_MOST_SIGNATURES:]
                self._forget_fast()  # nothing goes past the test before it stands
                self._reads = Reachable(self.f, *self._extra)
                self._unchanged = unchanged(self._reads)
            return self._reads

    def _forget_fast(self) -> None:
        self._at_once = None
        self._fast = self._routes = ()

    def _use(self, path: Path, leaves: list[Any], structure: Any) -> None:
        """Let calls of this kind go the short way."""
        if path.native is None:
            return
        if type(structure) is int and path.call is not None:
            self._fast = _with_first(path.call, self._fast)
            self._at_once = at_once(path.call, self._reads) if self._reads is not None else None
            return
        if path.route is None:
            path.route = route(*calls.put_together(leaves, structure, raw=True), path) or False
        if path.route:
            self._routes = _with_first(path.route, self._routes)

    def _give_up(self, known: Paths, args: Any, kwargs: Any) -> Any:
        file, number = _branching_line([p.recording.trace for p in known.paths])
        known.given_up = (
            f"{getattr(self.f, '__name__', 'f')} went {len(known.paths)} different ways for arguments of the same "
            f"types; it is run without compilation from now on.\nThe way depends on a value at {file}:{number}: "
            "use np.where there, or wengert.cond and wengert.while_loop, or raise max_paths."
        )
        warnings.warn(known.given_up, NotCompiledWarning, stacklevel=4)
        return self.f(*args, **kwargs)

    def explain(self, *args: Any, **kwargs: Any) -> str:
        """What a call with these arguments runs: the trace and where each of its lines is computed, guards and
        paths, what is left to NumPy and why, time to compile, memory, operations. Calls the function.

        >>> import numpy as np, wengert as wg
        >>> print(wg.jit(lambda x: np.sum(np.sin(x) * x)).explain(np.ones(3)).splitlines()[0])
        <lambda>(f64[3])
        """
        known, path, types = self._path_of(args, kwargs)
        return explanation(self.f, types, known, path)

    def source(self, *args: Any, **kwargs: Any) -> Source:
        """What a call with these arguments computes, as a Python function on NumPy: a string, whose `namespace` holds
        what its names refer to: `exec(text, text.namespace)`. Calls the function.

        >>> import numpy as np, wengert as wg
        >>> print(wg.jit(wg.grad(lambda x: np.sin(x) * x)).source(2.0))  # doctest: +ELLIPSIS
        def f(x0):...
        """
        known, path, _ = self._path_of(args, kwargs)
        if path is None:
            raise NotCompiled(f"there is no trace of this call: {known.given_up}.\nIt is run as it is, by Python.")
        trace = shown(path, self.f)
        return Source(str(trace), trace.namespace)

    def _path_of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, str]:
        """(what is known of the signature, the path of this call if there is one, the types)."""
        self._slowly(args, kwargs)
        given = (args, kwargs) if self._static is None else calls.with_static(args, kwargs, *self._static)
        leaves, structure = calls.taken_apart(*given)
        key = (structure, tuple([calls.description(x) for x in leaves]))
        known = self._signatures.get(key, Paths())
        known.given_up = known.given_up or self._never
        types = ", ".join(str(Type.of(x)) if calls.kind_of(x) else repr(x) for x in leaves)
        inputs = [x for x in leaves if calls.kind_of(x)]
        paths = [] if known.given_up else known.paths
        return known, next((p for p in paths if p.run(inputs) is not MISS), None), types

    def _forget(self, what: str) -> None:
        """What was read has changed: nothing that was recorded holds."""
        with self._lock:
            self._forget_fast()
            self._signatures, self._reads, self._extra = {}, None, []
            self._forgotten += 1
            if self._forgotten < _MOST_CHANGES:
                return
            self._never = (
                f"{getattr(self.f, '__name__', 'f')} reads {what}, which changed again and again; it is run without "
                "compilation from now on.\nPass what changes as an argument."
            )
        warnings.warn(self._never, NotCompiledWarning, stacklevel=4)


def _with_first(x: Any, others: tuple[Any, ...]) -> tuple[Any, ...]:
    """x before the others, of which the last are left out."""
    return (x, *[y for y in others if y is not x][: _MOST_FAST - 1])


_MOST_SIGNATURES, _MOST_FAST, _MOST_CHANGES = 512, 4, 64


def _made_again(f: Any, options: Any) -> Jit:
    return Jit(f, **options)


def _static_of(f: Any, numbers: Any, names: Any) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """static_argnums and static_argnames, each completed by the other as far as f's signature tells."""
    picked = positions(numbers, "jit")
    numbers = (picked,) if isinstance(picked, int) else picked
    names = tuple(names) if isinstance(names, (tuple, list)) else (names,)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"jit: static_argnames is {names!r}.\nPass the name of an argument, or a tuple of names.")
    try:
        known = list(signature_of(f).parameters.values())
    except (TypeError, ValueError):
        return numbers, names
    for name in names:
        if not any(p.name == name or p.kind is p.VAR_KEYWORD for p in known):
            raise ValueError(
                f"jit: static_argnames names {name!r}, which is no argument of {getattr(f, '__name__', 'f')}.\n"
                f"Its arguments are {', '.join(p.name for p in known)}."
            )
    by_place = [p.name for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    more = [by_place[k] for k in numbers if -len(by_place) <= k < len(by_place)]
    also = [k for k, name in enumerate(by_place) if name in names]
    return tuple({*numbers, *also}), tuple({*names, *more})


def _truth(real: Any) -> bool:
    if not isinstance(real, (bool, np.bool_)):
        raise TypeError(f"jit: real is {real!r}.\nPass True to allow rewrites that hold for real numbers, or False.")
    return bool(real)


def _count(threads: Any) -> int | None:
    if threads is None:
        return None
    if not isinstance(threads, (int, np.integer)) or isinstance(threads, bool) or threads < 1:
        raise TypeError(f"jit: threads is {threads!r}.\nPass a whole number from 1 on, or None for all processors.")
    return int(threads)


def _branching_line(traces: list[Trace]) -> tuple[str, int]:
    """The user's line at which most of the traces saw something of their own."""
    seen: dict[tuple[str, int], set[Any]] = {}
    for trace in traces:
        here: dict[tuple[str, int], list[Any]] = {}
        for line in trace.lines:
            if line.kind == "guard":
                here.setdefault(line.origin, []).append(repr(line.params["value"]))
        for origin, values in here.items():
            seen.setdefault(origin, set()).add(tuple(values))
    return max(seen, key=lambda origin: len(seen[origin]), default=("", 0))


def jit(
    f: Callable[..., Any] | None = None,
    *,
    static_argnums: int | tuple[int, ...] = (),
    static_argnames: str | tuple[str, ...] = (),
    max_paths: int = 64,
    real: bool = False,
    without: str | tuple[str, ...] = (),
    threads: int | None = None,
) -> Any:
    """f as a native function: recorded once per signature and path, compiled, and used again where it holds.

    Arguments:
        f: any function that can be recorded, derivatives included: `jit(grad(f))`.
        static_argnums, static_argnames: arguments that are fixed, not inputs: Python sees their plain values,
            and another value (by ==) is another recording. They must be hashable.
        max_paths: how many ways through Python's branches are kept per signature; beyond that f is run as it
            is, with a warning (NotCompiledWarning) that names the line.
        real: allow rewrites that hold for real numbers, such as (2 x) · 3 = 6 x or (A B) v = A (B v). Results differ in
            the last digits, and more where NaN, infinities or overflow are met.
        without: names of passes over the trace that are left out, to see what they do: "reroll", "extend",
            "products", "through", "prune", "cse", "exact", "real", "gather", "fold", "dce", "hoist", "sink", "inplace".
        threads: how many threads a large loop over arrays may use; by default WENGERT_THREADS or OMP_NUM_THREADS, if
            set in the environment, or the number of processors. The result does not depend on it.

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
    options = {
        "static_argnums": static_argnums, "static_argnames": static_argnames, "max_paths": max_paths,
        "real": _truth(real), "without": checked(without, "jit"),
        "threads": _count(threads),
    }  # fmt: skip
    return (lambda f: Jit(f, **options)) if f is None else Jit(f, **options)
