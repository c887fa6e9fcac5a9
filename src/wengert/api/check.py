"""Hold derivatives to differences, and forward to reverse: check_grad, check_rule."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.custom import Rule
from wengert.api.inputs import argument, require_callable
from wengert.api.products import jvp, vjp
from wengert.errors import BadInput, WrongDerivative
from wengert.numerical import Estimate, complex_step, differences
from wengert.record.value import concrete

_DUAL = 1e-10
"""How closely ⟨c, J ẋ⟩ = ⟨Jᵀ c, ẋ⟩ must hold, relative to Σ |c| |J ẋ|."""
_UNSETTLED = 1e-3
"""Differences whose own error is larger than this (relative) decide nothing."""


def check_grad(f: Callable[..., Any], *args: Any, order: int = 1, rtol: float = 1e-6, seed: int = 0) -> float:
    """The largest relative error of f's derivatives at args; raises WrongDerivative if one is wrong.

    Arguments:
        f: a function of arrays, numbers or containers of them; any shape of result.
        args: where; arguments that are not floating are held fixed.
        order: 2 checks the derivatives of the gradient as well.
        rtol: what is tolerated, relative to the largest element of the derivative.
        seed: of the random directions.

    For each floating leaf of the arguments the derivative along a random direction, in forward
    mode, is compared with extrapolated differences of f (or, where f turns out to be analytic, with
    its complex step, which is exact to rounding); reverse mode is compared with forward mode,
    ⟨c, J ẋ⟩ = ⟨Jᵀ c, ẋ⟩, which needs no step. When these disagree, the element is looked for.

    >>> import numpy as np, wengert as wg
    >>> wg.check_grad(lambda x: np.sum(np.sin(x) * x), np.array([1.0, 2.0])) < 1e-9
    True
    """
    require_callable(f, "check_grad")
    checked = _Checked(f, args, rtol, np.random.default_rng(seed))
    worst = checked.check()
    if order > 1:
        c = checked.cotangent
        worst = max(worst, check_grad(_Pulled(f, c, checked), *args, order=order - 1, rtol=10 * rtol, seed=seed + 1))
    return worst


def check_rule(f: Callable[..., Any], *args: Any, rtol: float = 1e-6, seed: int = 0) -> float:
    """`check_grad` of a `wengert.rule` to second order: its forward rule against differences of the
    function, its pullback (if it has one) against the forward rule.

    >>> import wengert as wg
    >>> double = wg.rule(lambda x: 2 * x)
    >>> wg.check_rule(double.forward(lambda y, x, x_dot: 2 * x_dot), 3.0) < 1e-9
    True
    """
    if not isinstance(f, Rule):
        raise BadInput(
            f"check_rule expects what wengert.rule returned, got {f!r}.\nUse check_grad for other functions."
        )
    return check_grad(f, *args, order=2, rtol=rtol, seed=seed)


class _Pulled:
    """x ↦ the floating leaves of Jᵀ c at x: the gradient whose derivatives order 2 checks."""

    def __init__(self, f: Callable[..., Any], c: Any, checked: _Checked) -> None:
        self.f = self.__wrapped__ = f
        self.c = c
        self.checked = checked
        self.__name__ = f"the gradient of {_name(f)}"

    def __call__(self, *args: Any) -> Any:
        leaves = tree.flatten(args)[0]
        floating = [leaves[k] for k in self.checked.picked]
        return vjp(lambda *xs: self.checked.at(list(xs), leaves), *floating)[1](self.c)


class _Checked:
    """One function at one point."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], rtol: float, rng: Any) -> None:
        self.f = self.__wrapped__ = f
        self.rng = rng
        self.leaves, self.structure = tree.flatten(args)
        self.names = [argument(f, k, path) for k, x in enumerate(args) for path in (tree.paths(x) or ())]
        self.picked = [k for k, x in enumerate(self.leaves) if _kind(x) in "fc"]
        if not self.picked:
            raise BadInput("check_grad: no argument is floating, so there is no derivative to check.\nPass floats.")
        self.x = [self.leaves[k] for k in self.picked]
        single = any(np.asarray(x).dtype.itemsize < 8 for x in self.x)
        self.rtol = max(rtol, 1e-3) if single else rtol
        self.dual = 1e-4 if single else _DUAL
        self.cotangent = tree.tree_map(self.direction, vjp(self.at, *self.x)[0])

    def at(self, x: list[Any] | Any, *rest: Any) -> Any:
        """f with these floating leaves."""
        xs, leaves = (x, list(rest[0])) if type(x) is list else ([x, *rest], list(self.leaves))
        for k, leaf in zip(self.picked, xs, strict=True):
            leaves[k] = float(leaf) if type(leaf) is np.float64 and type(self.leaves[k]) is float else leaf
        return self.f(*tree.unflatten(self.structure, leaves))

    def direction(self, like: Any) -> Any:
        """Random, of like's shape and dtype."""
        like = np.asarray(like)
        d = self.rng.normal(size=like.shape)
        d = d + 1j * self.rng.normal(size=like.shape) if like.dtype.kind == "c" else d
        return d.astype(like.dtype if like.dtype.kind in "fc" else float)[()]

    # ── the comparison ──

    def check(self) -> float:
        """The largest error over all leaves."""
        worst = 0.0
        pulled = vjp(self.at, *self.x)[1](self.cotangent)
        for i, x in enumerate(self.x):
            # Steps of the size of small elements, lest they cross a singularity at zero.
            sizes = np.where(np.equal(x, 0), 1.0, np.minimum(np.abs(x), 1.0))
            d = np.asarray(self.direction(x) * sizes, np.asarray(x).dtype)[()]
            y_dot = self.forward(i, d)
            worst = max(worst, self._against_differences(i, d, y_dot))
            worst = max(worst, self._against_forward(i, d, y_dot, pulled[i]))
        return worst

    def forward(self, i: int, d: Any) -> Any:
        """J ẋ for the tangent d of leaf i, all results in one row."""
        zeros = [np.zeros_like(x)[()] for x in self.x]
        zeros[i] = d
        return _flat(jvp(self.at, tuple(self.x), tuple(zeros))[1])

    def reference(self, i: int, d: Any) -> Estimate:
        """The same by differences, or by the complex step where the two agree."""
        x = _wide(self.x[i])

        def curve(t: Any) -> Any:
            moved = [*self.x[:i], x + t * _wide(d), *self.x[i + 1 :]]
            return _flat(self.at(*[m if np.ndim(m) else np.asarray(m)[()] for m in moved]))

        found = differences(curve)
        if np.iscomplexobj(x) or np.iscomplexobj(curve(0.0)):
            return found
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)  # f drops the step: not analytic
                exact = complex_step(curve, check=False)
        except Exception:
            return found
        scale = np.max(np.abs(found.value), initial=1e-300)
        close = np.all(np.abs(exact - found.value) <= 10 * found.error + 1e-8 * scale)
        return Estimate(exact, np.full_like(exact, 1e-14 * scale)) if close else found

    def _against_differences(self, i: int, d: Any, y_dot: Any) -> float:
        expected, doubt = self.reference(i, d)
        scale = float(np.max(np.abs(expected), initial=0.0))
        if not np.all(doubt <= _UNSETTLED * max(scale, 1e-300) + 1e-12):
            raise WrongDerivative(
                f"differences of {_name(self.f)} with respect to {self.names[self.picked[i]]} do not settle: "
                f"{expected[np.argmax(doubt)]:.6g} ± {np.max(doubt):.1g}."
                "\nThe function has a kink, a jump or noise near this point."
            )
        wrong = np.abs(y_dot - expected) - 10 * doubt > self.rtol * max(scale, 1e-6)
        if np.any(wrong) or not np.all(np.isfinite(y_dot)):
            raise WrongDerivative(self._blame_forward(i, y_dot, expected))
        return float(np.max(np.abs(y_dot - expected), initial=0.0) / max(scale, 1e-6))

    def _blame_forward(self, i: int, y_dot: Any, expected: Any) -> str:
        """Which element of leaf i has the wrong derivative."""
        worst = ((), y_dot, expected)
        largest = -1.0
        for index in self._elements(i):
            d = self._basis(i, index)
            ours, reference = self.forward(i, d), self.reference(i, d).value
            error = float(np.max(np.where(np.isfinite(ours), np.abs(ours - reference), np.inf), initial=0.0))
            if error > largest:
                largest, worst = error, (index, ours, reference)
        index, ours, reference = worst
        k = int(np.argmax(np.where(np.isfinite(ours), np.abs(ours - reference), np.inf)))
        return (
            f"the forward derivative of {_name(self.f)} with respect to {self._element(i, index)} is "
            f"{ours[k]:.10g}; differences give {reference[k]:.10g}"
            + (f" (element {k} of the result)." if len(ours) > 1 else ".")
        )

    def _against_forward(self, i: int, d: Any, y_dot: Any, bar: Any) -> float:
        c = _flat(self.cotangent)
        left, right = np.real(np.sum(np.conj(c) * y_dot)), np.real(np.sum(np.conj(bar) * d))
        scale = float(np.sum(np.abs(c) * np.abs(y_dot)) + np.sum(np.abs(bar) * np.abs(d)))
        if not abs(left - right) <= self.dual * scale + 1e-300:
            raise WrongDerivative(self._blame_reverse(i, bar))
        return float(abs(left - right) / scale) if scale else 0.0

    def _blame_reverse(self, i: int, bar: Any) -> str:
        """Which element of leaf i has another cotangent than forward mode says."""
        c = _flat(self.cotangent)
        found = []
        for index in self._elements(i):
            expected = np.real(np.sum(np.conj(c) * self.forward(i, self._basis(i, index))))
            ours = np.real(np.asarray(bar)[index])
            found.append((abs(ours - expected) if np.isfinite(ours) else np.inf, index, ours, expected))
        _, index, ours, expected = max(found, key=lambda item: item[0])
        return (
            f"the reverse derivative of {_name(self.f)} with respect to {self._element(i, index)} is {ours:.10g}; "
            f"forward mode gives {expected:.10g}."
        )

    def _elements(self, i: int) -> Any:
        return list(np.ndindex(np.shape(self.x[i])))[:_MOST]

    def _basis(self, i: int, index: tuple[int, ...]) -> Any:
        d = np.zeros_like(np.asarray(self.x[i]))
        d[index] = 1
        return d[()]

    def _element(self, i: int, index: tuple[int, ...]) -> str:
        name = self.names[self.picked[i]]
        return f"{name}, element [{', '.join(map(str, index))}]," if index else name


_MOST = 1000
"""So many elements are looked through for the wrong one."""


def _name(f: Any) -> str:
    return getattr(f, "__name__", "f")


def _kind(x: Any) -> str:
    return np.asarray(concrete(x)).dtype.kind if isinstance(x, (float, complex, np.ndarray, np.generic)) else "O"


def _wide(x: Any) -> Any:
    """In double precision."""
    x = np.asarray(x)
    return x.astype(np.result_type(x.dtype, float))


def _flat(y: Any) -> Any:
    """All floating results in one row."""
    leaves = [np.ravel(leaf) for leaf in tree.flatten(y)[0] if _kind(leaf) in "fc"]
    return np.concatenate(leaves) if leaves else np.zeros(0)
