"""scipy.stats's distributions as classes (`Normal`, `make_distribution`): quantiles and modes that are searched for.

SciPy searches with plain numbers; what it found is renewed, element by element, as a function of what the density or
the distribution function reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.rules.scipy_private import searches
from wengert.rules.solved import Observed, derivative_of, root_of_each, still

Fn = Callable[..., Any]


def _searched(original: Any, f: Fn, places: tuple[Any, ...], args: Any, options: dict[str, Any]) -> tuple[Any, bool]:
    """(what SciPy finds, whether it moves with anything that is recorded)."""
    observed = Observed()
    plain = {name: still(value) for name, value in options.items()} | {"args": tuple(map(still, args))}
    found = compute(original, (observed(f), *map(still, places)), plain)
    return found, observed.recorded or any_recorded(args)


def _own_search(of: Callable[[Fn, Any], Fn]) -> Any:
    """What stands for a search: the root of of(f, x) is what it finds."""

    def register(original: Any) -> Any:
        def search(f: Fn, *places: Any, args: Any = (), **options: Any) -> Any:
            found, recorded = _searched(original, f, places, args, options)
            if recorded:
                found.x = root_of_each(of(lambda x: f(x, *args), found.x), found.x, "a search of scipy.stats's")
            return found

        return search

    return register


@replace(*[search for name, search in searches.items() if name.startswith("_bracket")])
def _bracket(original: Any) -> Any:
    """Brackets are steps of what the function is."""

    def bracket(f: Fn, *places: Any, args: Any = (), **options: Any) -> Any:
        return _searched(original, f, places, args, options)[0]

    return bracket


for _name, _of in (("_chandrupatla", lambda f, x: f), ("_chandrupatla_minimize", lambda f, x: derivative_of(f))):
    if _name in searches:
        replace(searches[_name])(_own_search(_of))
