"""What a recording does most often, as native code: lines of operators and ufuncs, and of loops that repeat.

Everything here Python does as well, in the same way: see `record/operators.py`, `record/quick.py`, `record/stretch.py`.
"""

from wengert.native.recorder.install import install, remove

__all__ = ["install", "remove"]
