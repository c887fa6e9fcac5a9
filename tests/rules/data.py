"""Arrays whose elements are far enough apart that differences do not change their order."""

import numpy as np

_rng = np.random.default_rng(1)

CUBE = _rng.permutation(24).reshape(3, 4, 2) * 0.17 - 2.01 + 0.05 * _rng.random((3, 4, 2))
TABLE = _rng.permutation(20).reshape(4, 5) * 0.17 - 1.71 + 0.05 * _rng.random((4, 5))
ROW = _rng.permutation(6) * 0.5 - 1.3 + 0.1 * _rng.random(6)
WEIGHTS = _rng.random(6) + 0.5
COMPLEX = CUBE[0] + 1j * CUBE[1]
MASK = _rng.random((3, 4, 2)) > 0.3
MASK[0] = True
HOLES = np.where(_rng.random((3, 4, 2)) > 0.25, CUBE, np.nan)
HOLES[0] = CUBE[0]
