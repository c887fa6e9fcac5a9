"""`wengert demo`, from the first line on the screen to the last."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import wengert as wg
from wengert.demo import data, fit, show
from wengert.demo import model as plain_model

K = 3
PETALS = [2, 3]
model: Any = plain_model


def branches(a: Any, b: Any) -> Any:
    """log(ab) where it exists, else sin(ab)."""
    c = a * b
    return np.log(c) if c > 0 else np.sin(c)


def run(picture: Path, text_only: bool = False) -> list[fit.Fit]:
    """Show the traces, fit the mixture by three routes, compare them, draw the best."""
    show.heading("One function, two branches, two Wengert lists")
    for point in ((2.0, 3.0), (2.0, -1.0)):
        print(f"# at {point}: {branches(*point):.6f}, gradient {_rounded(wg.grad(branches, argnums=(0, 1))(*point))}")
        print(wg.trace(branches)(*point))
    x, names, species = data.load()
    theta = model.start(x, K)
    f = partial(model.negative_log_likelihood, x=x, k=K)
    show.heading(f"Gaussian mixture, {K} components, {theta.size} parameters")
    print(f"  data: {data.SOURCE}\n  model: wengert/demo/model.py, plain NumPy and SciPy")
    fits: list[fit.Fit] = []
    for name, route in fit.ROUTES.items():
        with show.progress(name) as report:
            fits.append(route(f, theta, report))
    _costs(fits)
    _accuracy(f, theta, fits[0].theta)
    _estimate(fits[0].theta, x, names, species)
    _draw(picture, text_only, fits[0].theta, x, names)
    return fits


def _rounded(gradient: Any) -> str:
    return "(" + ", ".join(f"{g:.6f}" for g in gradient) + ")"


def _costs(fits: list[fit.Fit]) -> None:
    show.heading("What the fit costs")
    rows = [
        [name, f"{-r.value:.6f}", str(r.iterations), str(r.calls), str(r.products), f"{r.seconds:.2f} s"]
        for name, r in zip(fit.ROUTES, fits, strict=True)
    ]
    show.table(["route", "log likelihood", "iterations", "evaluations", "H v", "time"], rows)
    print("  evaluations: calls of the model; with the exact gradient each call returns the gradient as well")


def _accuracy(f: Any, start: Any, estimate: Any) -> None:
    show.heading("Largest disagreement between our gradient and finite differences")
    rows: list[list[str]] = []
    for name, theta in (("at the start", start), ("at the estimate", estimate)):
        forward, central = fit.disagreement(f, theta)
        rows.append([name, f"{forward:.1e}", f"{central:.1e}", f"{np.max(np.abs(wg.grad(f)(theta))):.1e}"])
    show.table(["", "SciPy's (forward)", "central, order 6", "largest |gradient|"], rows)


def _estimate(theta: Any, x: Any, names: list[str], species: list[str]) -> None:
    show.heading("The estimate")
    log_weights, means, _ = model.unpack(theta, K, x.shape[1])
    labels = model.responsibilities(theta, x, K).argmax(axis=0)
    kinds = sorted(set(species))
    counts = [
        [sum(s == kind and label == k for s, label in zip(species, labels, strict=True)) for kind in kinds]
        for k in range(K)
    ]
    rows = [
        [f"{k + 1}", f"{np.exp(log_weights[k]):.4f}", *[f"{m:.4f}" for m in means[k]], *[str(n) for n in counts[k]]]
        for k in range(K)
    ]
    show.table(["component", "weight", *[f"mean {n}" for n in names], *kinds], rows)


def _draw(picture: Path, text_only: bool, theta: Any, x: Any, names: list[str]) -> None:
    _, means, L = model.unpack(theta, K, x.shape[1])
    labels = model.responsibilities(theta, x, K).argmax(axis=0)
    petals, petal_names = x[:, PETALS], [names[k] for k in PETALS]
    show.heading("The fit")
    if not text_only and find_spec("matplotlib") is not None:
        covariances = (L @ L.transpose(0, 2, 1))[:, PETALS][:, :, PETALS]
        where = show.picture(picture, petals, petal_names, labels, means[:, PETALS], covariances)
        print(f"  picture: {where}")
    print(show.text_picture(petals, petal_names, labels))
