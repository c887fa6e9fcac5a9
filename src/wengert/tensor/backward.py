"""`backward` and `grad`: the nodes that a derivative needs are numbered and handed to the core's reverse sweep."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.api.finish import conj, finish_all
from wengert.record import swap
from wengert.record.index import WRITE
from wengert.record.value import Recorder, concrete
from wengert.sweep import reverse as _reverse
from wengert.sweep.quiet import hush, loudness, restore
from wengert.tensor.graph import INPUT_LINE, Node, Threads, ancestors, free, hook_line, kept
from wengert.tensor.modes import no_grad
from wengert.tensor.value import FREE, HELD, Tensor, copied_node, data_of, parent_of

_recording = swap.Recording()

TWICE = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
    "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad().\n"
    "Specify retain_graph=True the first time, or compute the value anew."
)
NO_GRAD_FN = (
    "element {} of tensors does not require grad and does not have a grad_fn\n"
    "Make the inputs with requires_grad=True; look for .detach(), .item(), .data or no_grad() on the way."
)
NOT_SCALAR = (
    "grad can be implicitly created only for scalar outputs\n"
    "This one has shape {}: call .sum() or .mean() first, or pass gradient=, a tensor of that shape."
)


class Sweep:
    """One reverse sweep: the lines of the nodes between `roots` and `wanted` (None: every leaf), and their slots."""

    def __init__(self, roots: list[Any], seeds: list[Any], wanted: list[Any] | None, create_graph: bool) -> None:
        self.nodes, self.leaves = ancestors(roots)
        self.threads = Threads(Recorder(("a derivative of tensors", None))) if create_graph else None
        self.lines: list[Any] = []
        self.writes: list[int] = []
        self.slots: dict[Any, int] = {}
        self.hooked = False
        self.taps: dict[Any, Any] = {p: None for p in wanted or () if type(p) is Node}
        if wanted is not None:
            self._restrict(set(wanted))
        self.inputs = {leaf: k for k, leaf in enumerate(self.leaves)}
        self.slots.update(self.inputs)
        self.lines += [INPUT_LINE] * len(self.leaves)
        for leaf in self.leaves:
            if leaf._hooks:
                self._hook(leaf, leaf._hooks)
        for node in self.nodes:
            self._add(node)
        self.seeds = [(self.slots[p], self._seed(c)) for p, c in zip(roots, seeds, strict=True) if p in self.slots]

    def _restrict(self, wanted: set[Any]) -> None:
        """Leave out what leads to nothing that is wanted."""
        needed = set(wanted)
        for node in self.nodes:
            if any([p in needed for p in node.parents]):
                needed.add(node)
        self.nodes = [node for node in self.nodes if node in needed]
        self.leaves = [leaf for leaf in self.leaves if leaf in needed]

    def _seed(self, c: Any) -> Any:
        """A cotangent as data, as a recorded value if its own derivative may be asked for."""
        parent = parent_of(c) if self.threads is not None else None
        data = data_of(c)
        return conj(data if parent is None else self.threads.wrap(data, parent))  # type: ignore[union-attr]

    def _add(self, node: Node) -> None:
        """The line of a node."""
        args, y, parents, slots = node.args, node.y, node.parents, self.slots
        if args is None:
            raise RuntimeError(TWICE)
        if self.threads is not None:
            args, y = self._recorded(node)
        writing = node.row is WRITE
        if writing and parents[0] not in slots:
            slots[parents[0]] = len(self.lines)
            self.lines.append(INPUT_LINE)
        numbers = tuple([slots.get(p, -1) for p in parents])
        at = len(self.lines)
        self.lines.append((node.row, numbers, y, args, node.params, node.shapes))
        slots[node] = at
        if writing:
            self.writes.append(at)
            slots[node] = numbers[0]
        if node.hooks or node in self.taps:
            self._hook(node, node.hooks)

    def _hook(self, p: Any, hooks: Any) -> None:
        """A line at which the cotangent of p is complete, for hooks to see and change."""
        tapped = p in self.taps
        self.hooked = self.hooked or bool(hooks)

        def show(c: Any) -> Any:
            if hooks:
                c = self._call_hooks(list(hooks), c)
            if tapped:
                self.taps[p] = c
            return c

        at = len(self.lines)
        self.lines.append(hook_line(self.slots[p], show))
        self.slots[p] = at

    def _call_hooks(self, hooks: list[Any], c: Any) -> Any:
        shown = self.tensor(conj(c))
        for hook in hooks:
            changed = hook(shown)
            shown = shown if changed is None else changed
        return self._seed(shown)

    def _recorded(self, node: Node) -> Any:
        """(args, y) of a node with recorded values for what its derivative reads."""
        assert self.threads is not None
        wrap = self.threads.wrap
        reads, reads_result = kept(node)
        args = tuple(
            [
                a if p is None or (reads is not None and k not in reads) else wrap(a, p)
                for k, (a, p) in enumerate(zip(node.args, node.parents, strict=True))
            ]
        ) if len(node.args) == len(node.parents) else node.args  # fmt: skip
        return args, (wrap(node.y, node) if reads_result else node.y)

    def run(self, targets: list[Any]) -> list[Any]:
        """The cotangents of the targets, nodes or leaves, as arrays or recorded values; None where there is none."""
        leaves = [p for p in targets if p in self.inputs]
        try:
            bars = dict(zip(leaves, self._swept([self.inputs[p] for p in leaves]), strict=True))
        finally:
            self.lines.clear()  # the lines of hooks refer to this object
        return [self.taps[p] if p in self.taps else bars.get(p) for p in targets]

    def _swept(self, inputs: list[int]) -> list[Any]:
        if self.threads is not None:
            with _recording:
                return self._sweep(inputs)
        return self._sweep(inputs)

    def _sweep(self, inputs: list[int]) -> list[Any]:
        """Hooks must be called once, so with hooks there is one sweep, with strong zeros from the start."""
        if not self.hooked:
            return _reverse.reverse(self.lines, self.writes, self.seeds, inputs)
        before = loudness()
        try:
            hush()
            return _reverse._sweep(self.lines, self.writes, self.seeds, inputs, True)
        finally:
            restore(before)

    def tensor(self, g: Any) -> Tensor:
        """A cotangent as a tensor."""
        data = _number(concrete(g))
        node = None if self.threads is None else self.threads.node_of(g)
        if node is not None and self.threads.rec.lines[g.slot] is INPUT_LINE:  # type: ignore[union-attr]
            node = copied_node(node, data)
        new = Tensor(data, node)
        new._held = HELD if getattr(g, "shared", False) else FREE
        return new

    def release(self) -> None:
        """Free what the nodes hold."""
        for node in self.nodes:
            free(node)


def _number(x: Any) -> Any:
    return x if isinstance(x, (np.ndarray, np.generic)) else np.asarray(x)[()]


# ── seeds ──


def seeds_for(tensors: Sequence[Tensor], gradients: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The roots and their cotangents, as tensors."""
    roots: list[Any] = []
    seeds: list[Any] = []
    for k, (t, g) in enumerate(zip(tensors, gradients, strict=True)):
        root = parent_of(t)
        if root is None:
            raise RuntimeError(NO_GRAD_FN.format(k))
        roots.append(root)
        seeds.append(_seed_of(t, g, k))
    return roots, seeds


_ONE = np.float64(1.0)


def _seed_of(t: Tensor, g: Any, k: int) -> Tensor:
    x = data_of(t)
    if g is None:
        if type(x) is np.float64:
            return Tensor(_ONE)
        if x.size != 1:
            raise RuntimeError(NOT_SCALAR.format(list(x.shape)))
        if x.dtype.kind == "c":
            raise RuntimeError("grad can be implicitly created only for real scalar outputs\nUse .real or .abs().")
        return Tensor(np.ones(x.shape, x.dtype)[()])
    if not isinstance(g, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}\nPass tensor(...).")
    if data_of(g).shape != x.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{k}] has a shape of {_size(g)} and output[{k}] has a shape "
            f"of {_size(t)}.\n"
            "Pass a gradient of the shape of the output."
        )
    return g


def _size(t: Tensor) -> str:
    return f"torch.Size({list(data_of(t).shape)})"


# ── accumulation ──


def accumulate(leaf: Tensor, g: Tensor, create_graph: bool) -> None:
    """leaf.grad += g, in place unless the derivative of the sum may be asked for."""
    old = leaf._grad
    if old is None:
        leaf._grad = g
    elif create_graph:
        leaf._grad = old + g
    else:
        with no_grad():
            old += g


def retain(t: Tensor) -> Callable[[Any], None]:
    """The hook that keeps the gradient of a tensor that is not a leaf."""
    reference = weakref.ref(t)

    def keep(g: Tensor) -> None:
        target = reference()
        if target is not None:
            target._grad = Tensor(np.array(data_of(g))[()], g._node) if target._grad is None else target._grad + g

    return keep


# ── the two operators ──


def backward(
    tensors: Sequence[Tensor],
    gradients: Sequence[Any],
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Sequence[Tensor] | None = None,
) -> None:
    """Add to the .grad of each leaf (or of `inputs`) the derivative of Σ gradients·tensors."""
    roots, seeds = seeds_for(tensors, gradients)
    if inputs is None and not create_graph and _backward_plainly(roots, seeds, bool(retain_graph)):
        return
    targets = None if inputs is None else [_target(t) for t in inputs]
    sweep = Sweep(roots, seeds, targets, create_graph)
    wanted = sweep.leaves if targets is None else targets
    owners = sweep.leaves if inputs is None else list(inputs)
    bars = _gradients(sweep, wanted, owners)
    for t, g in zip(owners, bars, strict=True):
        if g is not None and (t._requires or t._node is not None):
            accumulate(t, g, create_graph)
    if not (create_graph if retain_graph is None else retain_graph):
        sweep.release()


def _backward_plainly(roots: list[Any], seeds: list[Any], retain_graph: bool) -> bool:
    """The commonest case, every leaf and no hooks, in one loop; False where there are hooks."""
    nodes, leaves = ancestors(roots)
    slots = {leaf: k for k, leaf in enumerate(leaves)}
    lines: list[Any] = [INPUT_LINE] * len(leaves)
    writes: list[int] = []
    at = len(leaves)
    for node in nodes:
        if node.hooks:
            return False
        if node.args is None:
            raise RuntimeError(TWICE)
        numbers = tuple([-1 if p is None else slots[p] for p in node.parents])
        lines.append((node.row, numbers, node.y, node.args, node.params, node.shapes))
        slots[node] = at
        if node.row is WRITE:
            writes.append(at)
            slots[node] = numbers[0]
        at += 1
    for leaf in leaves:
        if leaf._hooks:
            return False
    pairs = [(slots[p], conj(data_of(c))) for p, c in zip(roots, seeds, strict=True)]
    bars = _reverse.reverse(lines, writes, pairs, list(range(len(leaves))))
    if not retain_graph:
        lines.clear()
        for node in nodes:
            free(node)
    for leaf, g in zip(leaves, _finished(bars, leaves), strict=True):
        if g is not None and leaf._requires:
            accumulate(leaf, Tensor(g), False)
    return True


def _finished(bars: list[Any], likes: list[Tensor]) -> list[Any]:
    """Cotangents as fresh data like the tensors; None where there is none."""
    missing = [bar is None for bar in bars]
    before = loudness()
    try:
        hush()
        finished = finish_all(bars, [data_of(t) for t in likes])
    finally:
        restore(before)
    return [None if none else g for none, g in zip(missing, finished, strict=True)]


def _target(t: Tensor) -> Any:
    parent = parent_of(t)
    if parent is None:
        raise RuntimeError("One of the differentiated Tensors does not require grad\nMake it with requires_grad=True.")
    return parent


def _gradients(sweep: Sweep, targets: list[Any], likes: list[Tensor]) -> list[Any]:
    """The cotangents of the targets as fresh tensors like `likes`; None where nothing depends on them."""
    bars = sweep.run(targets)
    if sweep.threads is None:
        finished = _finished(bars, likes)
    else:
        with _recording:
            finished = _finished(bars, likes)
    return [None if g is None else sweep.tensor(g) for g in finished]


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The derivatives of Σ grad_outputs·outputs with respect to each of the inputs; .grad is left alone.

    >>> from wengert import tensor as torch
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> (g,) = torch.autograd.grad(x**3, x, create_graph=True)
    >>> torch.autograd.grad(g, x)
    (tensor(18.),)
    """
    if is_grads_batched:
        raise NotImplementedError("is_grads_batched is not supported.\nCall grad once per row of grad_outputs.")
    ys, xs = _as_list(outputs), _as_list(inputs)
    cs = [None] * len(ys) if grad_outputs is None else _as_list(grad_outputs)
    roots, seeds = seeds_for(ys, cs)
    targets = [_target(x) for x in xs]
    sweep = Sweep(roots, seeds, targets, create_graph)
    results = _gradients(sweep, targets, xs)
    if not (create_graph if retain_graph is None else retain_graph):
        sweep.release()
    return tuple([_used(g, x, allow_unused, materialize_grads) for g, x in zip(results, xs, strict=True)])


def _as_list(x: Any) -> list[Any]:
    return [x] if isinstance(x, Tensor) else list(x)


def _used(g: Any, x: Tensor, allow_unused: bool | None, materialize: bool) -> Any:
    if g is not None:
        return g
    if materialize:
        return Tensor(np.zeros_like(data_of(x))[()])
    if not allow_unused:
        raise RuntimeError(
            "One of the differentiated Tensors appears to not have been used in the graph.\n"
            "Set allow_unused=True if this is the desired behavior: its gradient is then None."
        )
    return None
