"""The tools that are compared: what NumPy is called in each, and how each is asked for a gradient."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import ClassVar

import numpy as np


class Skip(Exception):
    """This tool does not do this problem, and why."""


class Tool:
    """A name, and `prepare(problem)`: a function of no arguments that computes the gradient."""

    name = ""
    cannot: ClassVar[dict[str, str]] = {}

    def version(self) -> str:
        return ""

    def prepare(self, problem) -> Callable[[], object]:
        for need in problem.needs:
            if need in self.cannot:
                raise Skip(self.cannot[need])
        return self.gradient(problem)

    def gradient(self, problem):
        raise NotImplementedError

    def before(self) -> None:
        """Settings that this tool is timed under."""

    def after(self) -> None:
        """Undo them."""

    def result(self, y):
        """The gradient as a list of NumPy arrays."""
        return [np.asarray(part, dtype=float) for part in (y if isinstance(y, tuple) else (y,))]


class Wengert(Tool):
    name = "wengert"

    def __init__(self):
        import scipy.linalg

        import wengert

        self.wg = wengert
        self.xp = SimpleNamespace(
            **{k: getattr(np, k) for k in NAMES},
            name="numpy", constant=lambda x: x, cholesky=np.linalg.cholesky, zeros=np.zeros, diagonal=np.diag,
            solve_triangular=lambda L, b: scipy.linalg.solve_triangular(L, b, lower=True),
        )  # fmt: skip

    def version(self):
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("wengert")
        except PackageNotFoundError:
            return "(this checkout)"

    def gradient(self, problem):
        xp = self._names(problem)
        f = problem.make(xp)
        if problem.second:
            g = self.wg.hessian(f)
        else:
            n = len(problem.inputs)
            g = self.wg.grad(f, argnums=0 if n == 1 else tuple(range(n)))
        return lambda: g(*problem.inputs)

    def _names(self, problem):
        # np.zeros must be looked up when it is called, as `np.zeros` in a user's code is.
        xp = SimpleNamespace(**vars(self.xp))
        xp.zeros = lambda n: np.zeros(n)
        xp.diagonal = lambda L: np.diag(L)
        xp.solve_triangular = self._solve_triangular
        return xp

    @staticmethod
    def _solve_triangular(L, b):
        import scipy.linalg

        return scipy.linalg.solve_triangular(L, b, lower=True)


class ByHand(Tool):
    name = "by hand"

    def version(self):
        return f"numpy {np.__version__}"

    def gradient(self, problem):
        return lambda: problem.by_hand(*problem.inputs)


class Torch(Tool):
    def __init__(self, threads=None):
        import torch

        self.torch = torch
        self.threads = threads
        self.default = torch.get_num_threads()
        self.name = "torch" if threads is None else f"torch, {threads} thread"
        double = torch.float64
        self.xp = SimpleNamespace(
            name="torch", log=torch.log, exp=torch.exp, sum=torch.sum, cholesky=torch.linalg.cholesky,
            diagonal=torch.diagonal, relu=torch.relu, cross_entropy=torch.nn.functional.cross_entropy,
            constant=lambda x: torch.tensor(x), zeros=lambda n: torch.zeros(n, dtype=double),
            solve_triangular=lambda L, b: torch.linalg.solve_triangular(L, b, upper=False),
        )  # fmt: skip

    def version(self):
        return f"{self.torch.__version__}, {self.threads or self.default} threads"

    def before(self):
        self.torch.set_num_threads(self.threads or self.default)

    def after(self):
        self.torch.set_num_threads(self.default)

    def gradient(self, problem):
        torch, f = self.torch, problem.make(self.xp)
        xs = tuple(torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in problem.inputs)
        if problem.second:
            hessian = torch.func.hessian(f)
            x = xs[0].detach()
            return lambda: hessian(x)
        return lambda: torch.autograd.grad(f(*xs), xs)


class Autograd(Tool):
    name = "autograd"
    cannot: ClassVar = {"writes": "no assignment to elements"}

    def __init__(self):
        import autograd
        import autograd.numpy as anp
        from autograd.scipy.linalg import solve_triangular

        self.autograd = autograd
        self.xp = SimpleNamespace(
            **{k: getattr(anp, k) for k in NAMES},
            name="autograd", constant=lambda x: x, cholesky=anp.linalg.cholesky, diagonal=anp.diag,
            solve_triangular=lambda L, b: solve_triangular(L, b, lower=True),
        )  # fmt: skip

    def version(self):
        from importlib.metadata import version

        return version("autograd")

    def gradient(self, problem):
        f, n = problem.make(self.xp), len(problem.inputs)
        g = self.autograd.hessian(f) if problem.second else self.autograd.grad(f, 0 if n == 1 else tuple(range(n)))
        return lambda: g(*problem.inputs)


class MyGrad(Tool):
    name = "mygrad"
    cannot: ClassVar = {"cholesky": "no Cholesky decomposition", "second": "no second derivatives"}

    def __init__(self):
        import mygrad

        self.mg = mygrad
        self.xp = SimpleNamespace(
            **{k: getattr(mygrad, k) for k in NAMES}, name="mygrad", constant=lambda x: x, zeros=mygrad.zeros
        )

    def version(self):
        return self.mg.__version__

    def prepare(self, problem):
        if problem.second:
            raise Skip(self.cannot["second"])
        return super().prepare(problem)

    def gradient(self, problem):
        f = problem.make(self.xp)

        def gradient():
            xs = [self.mg.tensor(x) for x in problem.inputs]
            f(*xs).backward()
            return tuple(x.grad for x in xs)

        return gradient


class Jax(Tool):
    name = "jax eager"
    cannot: ClassVar = {"writes": "no assignment to elements"}

    def __init__(self):
        import jax
        import jax.numpy as jnp
        from jax.scipy.linalg import solve_triangular

        jax.config.update("jax_enable_x64", True)
        self.jax = jax
        self.xp = SimpleNamespace(
            **{k: getattr(jnp, k) for k in NAMES},
            name="jax", constant=jnp.asarray, cholesky=jnp.linalg.cholesky, diagonal=jnp.diag,
            solve_triangular=lambda L, b: solve_triangular(L, b, lower=True),
        )  # fmt: skip

    def version(self):
        return self.jax.__version__

    def gradient(self, problem):
        jax, f, n = self.jax, problem.make(self.xp), len(problem.inputs)
        g = jax.hessian(f) if problem.second else jax.grad(f, argnums=tuple(range(n)))
        xs = [x if isinstance(x, float) else jax.numpy.asarray(x) for x in problem.inputs]
        return lambda: jax.block_until_ready(g(*xs))


class Differences(Tool):
    name = "differences"

    def version(self):
        import scipy

        return f"scipy {scipy.__version__}"

    def gradient(self, problem):
        from scipy.optimize import approx_fprime

        x, rebuild = flat(problem.inputs)
        if x.size > 5000:
            raise Skip(f"{x.size + 1:,} calls of f")
        f = problem.make(TOOLS["wengert"].xp)

        def along(v):
            return f(*rebuild(v))

        if problem.second:
            step = np.finfo(float).eps ** 0.25
            return lambda: approx_fprime(x, lambda v: approx_fprime(v, along, step), step)
        return lambda: tuple(rebuild(approx_fprime(x, along)))


def flat(inputs):
    """The inputs as one vector, and the way back."""
    shapes = [np.shape(x) for x in inputs]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def rebuild(v):
        parts = np.split(v, ends)
        return [p.reshape(s) if s else p[0] for p, s in zip(parts, shapes, strict=True)]

    return np.concatenate([np.ravel(x) for x in inputs]), rebuild


NAMES = ("log", "exp", "sum", "maximum", "max", "mean")
MAKERS = {
    "wengert": Wengert, "by hand": ByHand, "torch": Torch, "torch, 1 thread": lambda: Torch(1), "autograd": Autograd,
    "mygrad": MyGrad, "jax eager": Jax, "differences": Differences,
}  # fmt: skip
TOOLS: dict[str, Tool] = {}
"""The tools that are installed here."""


def load() -> dict[str, str]:
    """Fill TOOLS; return why each of the others is missing."""
    missing = {}
    for name, make in MAKERS.items():
        try:
            TOOLS[name] = make()
        except ImportError as error:
            missing[name] = f"not installed ({error})"
    return missing
