"""Every exception that wengert raises on its own behalf.

Each derives from the class that plain Python or NumPy would have raised::

    Exception
    ├── TypeError
    │   ├── LostDerivative      a recorded value would leave the recording (x.tobytes(), raw memory, …)
    │   ├── LeakedValue         a recorded value was used after its recording had ended
    │   ├── BadInput            an argument or a result has a type that cannot be differentiated
    │   └── NotCompiled         a compiled function would not mean what the function means
    ├── NotImplementedError
    │   ├── NoDerivative        a function, or one argument of it, has no derivative rule
    │   └── NoExpression        a line of a trace has no counterpart in SymPy
    └── ValueError
        ├── OffTrace            a trace was called where its guards do not hold
        └── WrongDerivative     check_grad found a disagreement

and three warnings, DoubtfulZeroWarning, NotCompiledWarning and CacheWarning (UserWarnings).
"""

from collections.abc import Callable

NOTED: list[Callable[[Exception], None]] = []
"""Who is told of every refusal when it is made: the code between it and the recording may catch it."""


class LostDerivative(TypeError):
    """A recorded value was about to be turned into a plain number, which would cut its derivative."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        for note in NOTED:
            note(self)


class LeakedValue(TypeError):
    """A recorded value was used after the derivative it belongs to had been computed."""


class BadInput(TypeError):
    """An argument, or the result of the differentiated function, has an unusable type."""


class NoDerivative(NotImplementedError):
    """A function of NumPy or SciPy has no derivative rule (for the recorded argument)."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        for note in NOTED:
            note(self)


class NoExpression(NotImplementedError):
    """A line of a trace has no counterpart in SymPy."""


class WrongDerivative(ValueError):
    """`check_grad` or `check_rule` found a derivative that disagrees with its reference."""


class OffTrace(ValueError):
    """A trace was called with arguments for which the recorded program would have gone another way."""


class NotCompiled(TypeError):
    """A function that cannot be compiled without changing what it means."""


class DoubtfulZeroWarning(UserWarning):
    """Zero times infinity was taken as zero where both are so at this point only: the derivative may be another."""


class NotCompiledWarning(UserWarning):
    """A jitted function is run, from now on, without compilation: slower, with the same result."""


class CacheWarning(UserWarning):
    """Compiled functions are not kept on disk, or what was found there is not used."""


class IncompatibleWarning(UserWarning):
    """A part of SciPy is not as the rules for it know it: its functions have no derivatives."""


def first_line(error: BaseException) -> str:
    """What an error says first, or what it is."""
    return (str(error) or type(error).__name__).partition("\n")[0]
