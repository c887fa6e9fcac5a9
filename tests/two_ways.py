"""The same thing by native code and by Python."""

from wengert.record.value import Scalar
from wengert.sweep.reverse import Quick


def both(recorder, action):
    """What comes out with native code, and without."""
    recorder.install()
    assert type(vars(Scalar)["__mul__"]) is type(str.count)
    assert Quick.backwards is not None
    native = action()
    recorder.remove()
    try:
        assert type(vars(Scalar)["__mul__"]) is not type(str.count)
        assert Quick.backwards is None
        return native, action()
    finally:
        recorder.install()
