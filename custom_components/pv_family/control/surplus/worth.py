"""What power costs a home at a time: from export, battery or import, in that order."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .prospect import HOURS, SKIES, Floats, Prospect
from .site import Site

# Import below this is noise, in W.
_TOLERANCE: Final = 50.0


@dataclass(frozen=True, slots=True)
class Storage:
    """What the battery can do, by sky and slot.

    Attributes:
        charge: The most that it takes, in W.
        discharge: The most that it gives, in W.
        water: Worth of one more kWh in it after the slot.
    """

    charge: Floats
    discharge: Floats
    water: Floats


class Worth:
    """Money by the home's net power, for a prospect and a battery's path."""

    def __init__(self, site: Site, prospect: Prospect, storage: Storage | None) -> None:
        """Keep what the prices depend on."""
        self._site = site
        self._storage = storage
        self._prospect = prospect
        self._into = site.efficiency**0.5

    def cost(self, net: Floats, most: Floats | None = None) -> Floats:
        """Return what a net power costs, by sky and slot.

        Args:
            net: Production less all consumption, before the battery, in W.
            most: What the battery may give at most, in W.
        """
        site, storage = self._site, self._storage
        out = np.maximum(net, 0.0)
        back = out - net
        cost = np.zeros_like(net)
        if storage is not None:
            charge = np.minimum(out, storage.charge)
            discharge = np.minimum(back, _given(storage, most))
            out = out - charge
            back = back - discharge
            cost += storage.water * (discharge / self._into - charge * self._into)
        if site.export_limit is not None:
            out = np.minimum(out, site.export_limit)
        cost += back * self._prospect.buy - out * self._prospect.sell
        cost *= HOURS / 1000.0
        return cost

    def imports(self, net: Floats, most: Floats | None = None) -> Floats:
        """Return how likely a net power means import, by slot.

        Args:
            net: Production less all consumption, before the battery, in W.
            most: What the battery may give at most, in W.
        """
        short = -net
        if self._storage is not None:
            short = short - _given(self._storage, most)
        return np.asarray((short > _TOLERANCE).mean(axis=0), np.float64)


def _given(storage: Storage, most: Floats | None) -> Floats:
    return storage.discharge if most is None else np.minimum(storage.discharge, most)


def storage_path(site: Site, prospect: Prospect, net: Floats, soc: float) -> Storage:
    """Return what the battery will do and what its content is worth.

    Args:
        site: The home.
        prospect: What to expect.
        net: Production less all planned consumption, in W.
        soc: State of charge now, 0 to 1.
    """
    into = site.efficiency**0.5
    low = site.battery * min(soc, site.soc_floor)
    power = np.clip(net, -site.max_discharge, site.max_charge).T
    wanted = np.where(power > 0.0, power * into, power / into) * HOURS
    stored = np.empty((prospect.slots + 1, SKIES))
    stored[0] = site.battery * soc
    for t in range(prospect.slots):
        after = stored[t] + wanted[t]
        np.minimum(np.maximum(after, low, out=after), site.battery, out=stored[t + 1])
    change = np.diff(stored, axis=0)
    full = wanted - change > 1e-6
    empty = change - wanted > 1e-6
    given = np.where(change > 0.0, change / into, change * into) / HOURS
    # A kWh more in the battery is worth what it does when that next shows.
    slots = np.arange(prospect.slots)[:, np.newaxis]
    event = np.where(full | empty, slots, prospect.slots)[::-1]
    following = np.full((prospect.slots, SKIES), prospect.slots)
    following[:-1] = np.minimum.accumulate(event, axis=0)[::-1][1:]
    worth = np.full((prospect.slots + 1, SKIES), site.stored_value)
    worth[:-1] = np.where(
        full,
        (prospect.sell / into)[:, np.newaxis],
        (prospect.buy * into)[:, np.newaxis],
    )
    return Storage(
        charge=np.where(full, given, site.max_charge).T,
        discharge=np.where(empty, -given, site.max_discharge).T,
        water=np.take_along_axis(worth, following, axis=0).T,
    )
