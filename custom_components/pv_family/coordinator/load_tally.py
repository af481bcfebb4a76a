"""What a home's loads had, what it was worth, and what control changed by that."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from ..market.shift import Shift, grid_change
from ..readings.power_flow import PowerFlow
from .load_book import Price
from .load_unit import LoadUnit

if TYPE_CHECKING:
    from .data import PvFamilyData

# Longer gaps between two beats say nothing about energy.
_GAP: Final = timedelta(minutes=2)


class Tally:
    """Counts the loads of a home from beat to beat."""

    def __init__(self, home: PvFamilyData, units: Mapping[str, LoadUnit]) -> None:
        """Begin with nothing counted.

        Args:
            home: Whose loads they are.
            units: Its loads by subentry.
        """
        self._home = home
        self._units = units
        self._counted: datetime | None = None

    def count(self, now: datetime, flow: PowerFlow, price: Price) -> None:
        """Count what the loads have had, and what it was worth.

        Args:
            now: The present (UTC).
            flow: Where power flows.
            price: What energy is worth now.
        """
        zone = dt_util.get_default_time_zone()
        day = now.astimezone(zone).date()
        drawn = sum(unit.drawn for unit in self._units.values() if unit.enabled)
        share = bought_share(flow, drawn)
        self._tell_market(now, flow)
        for unit in self._units.values():
            shown = unit.shown
            unit.book.count(
                now,
                day,
                on=shown.on if shown is not None and shown.available else None,
                power=unit.drawn,
                imported=share,
                price=price,
                deadline=unit.deadline(now, zone),
            )

    def _tell_market(self, now: datetime, flow: PowerFlow) -> None:
        """Say what control has changed at the grid connection since the last look.

        Without control a load is taken to draw what it drew the day before, evenly.
        """
        market, before = self._home.market, self._counted
        self._counted = now
        if market is None or before is None or flow.grid is None:
            return
        passed = now - before
        if not timedelta() < passed <= _GAP:
            return
        units = [
            unit
            for unit in self._units.values()
            if unit.enabled and unit.book.yesterday is not None
        ]
        if not units:
            return
        reference = sum(
            unit.book.yesterday.energy / 24.0 for unit in units if unit.book.yesterday
        )
        bought, sold = grid_change(
            flow.grid, sum(unit.drawn for unit in units), reference
        )
        hours = passed.total_seconds() / 3600.0
        market.count_shift(Shift(before, now, bought * hours, sold * hours))


def bought_share(flow: PowerFlow, drawn: float) -> float:
    """Return the share of what loads draw that grid and battery give, 0 to 1.

    Args:
        flow: Where power flows.
        drawn: What the loads draw, in W.
    """
    if drawn <= 0.0:
        return 0.0
    if flow.grid is None or flow.battery is None:
        return 1.0
    outside = max(0.0, flow.grid) + max(0.0, flow.battery)
    return min(1.0, outside / drawn)
