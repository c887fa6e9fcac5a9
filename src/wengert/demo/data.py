"""Fisher's irises: 150 flowers of three species, four lengths each, in centimetres.

E. Anderson, "The irises of the Gaspé peninsula", Bulletin of the American Iris Society 59 (1935) 2-5;
R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936)
179-188. The numbers are those of scikit-learn 1.9.1 and of R, which agree with Fisher's article; the
UCI copy has two errors.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Any

import numpy as np

SOURCE = "Fisher's irises (Anderson 1935; Fisher 1936), 150 flowers, 4 lengths in cm"


def load() -> tuple[Any, list[str], list[str]]:
    """(measurements of shape (150, 4), names of the columns, species of each flower)."""
    text = files("wengert.demo").joinpath("iris.csv").read_text()
    header, *rows = csv.reader(text.splitlines())
    return np.array([[float(v) for v in row[:4]] for row in rows]), header[:4], [row[4] for row in rows]
