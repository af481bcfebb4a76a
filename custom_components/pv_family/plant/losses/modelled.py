"""From the plant model's series to the facts of one interval."""

from ..model.production import Production
from .rules import Facts


def modelled_facts(
    clear: Production, actual: Production, index: int, harvest: float
) -> Facts:
    """Return what the model and the meter know of an interval.

    Add what else was seen with `dataclasses.replace`.

    Args:
        clear: The plant under a cloudless sky.
        actual: The plant under the sky as it was, on the same intervals.
        index: Which interval.
        harvest: AC energy that came, Wh.
    """
    hours = actual.grid.hours
    return Facts(
        hours=hours,
        theory=hours * float(clear.potential[index]),
        potential=hours * float(actual.potential[index]),
        harvest=harvest,
        shade=hours * float(actual.shade[index]),
        soiling=hours * float(actual.soiling[index]),
        degradation=hours * float(actual.degradation[index]),
        clipping=hours * float(actual.clipping[index]),
    )
