"""Quarters of an hour of a plant, by hand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.pv_family.plant.books.evidence import Seen
from custom_components.pv_family.plant.books.grid_health import GridHealth
from custom_components.pv_family.plant.books.keeper import (
    QUARTER,
    ClosedQuarter,
    PlantKeeper,
)
from custom_components.pv_family.plant.books.modelled import Interval, Modelled
from custom_components.pv_family.plant.losses.rules import Facts
from custom_components.pv_family.plant.model.uncertainty import IrradianceSource
from custom_components.pv_family.readings.energy_book import Flow

BUCHAREST = ZoneInfo("Europe/Bucharest")
NOON = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
PEAK = 4000.0
NAME = "inverter"

# A quarter of an hour at 800 W/m2 and 45 °C: 4 kWp give 800 Wh at 25 °C without any
# loss; the model leaves 700 Wh.
MODEL = Modelled(
    facts=Facts(hours=0.25, theory=800.0, potential=720.0, harvest=0.0, soiling=20.0),
    poa_global=800.0,
    temp_cell=45.0,
    peak_power=PEAK,
    gamma=-0.004,
    source=IrradianceSource.WEATHER_MODEL,
)
DARK = replace(
    MODEL, facts=Facts(hours=0.25, theory=0.0, potential=0.0, harvest=0.0), poa_global=0
)
HEALTHY = Seen(known=1.0, energy=700.0, running=1.0)


@dataclass
class Books:
    """A keeper whose quarters are closed one after the other.

    Attributes:
        keeper: What is tested.
        now: The end of the last quarter (UTC).
        total: What the inverter's counter has counted, Wh.
        model: What the model says of a quarter of an hour, ``None`` for nothing.
    """

    keeper: PlantKeeper = field(default_factory=lambda: PlantKeeper(BUCHAREST, 253.0))
    now: datetime = NOON
    total: float | None = 10_000.0
    model: Callable[[Interval], Modelled | None] = lambda _: MODEL

    def __post_init__(self) -> None:
        """Close a quarter with which counting begins."""
        self.quarter(Seen(), 0.0)

    def quarter(
        self,
        seen: Seen = HEALTHY,
        grown: float = 700.0,
        *,
        live: bool = True,
        flows: Mapping[Flow, float] | None = None,
        **told: Any,
    ) -> None:
        """Close the next quarter and book what can be booked."""
        self.now += QUARTER
        if self.total is not None:
            self.total += grown
        self.keeper.close(
            self.now,
            {NAME: ClosedQuarter(seen, live, self.total)},
            flows or {},
            GridHealth(),
            peak_power=PEAK,
            **told,
        )
        self.book()

    def book(self) -> None:
        """Book what can be booked."""
        models = {
            interval.start: {NAME: model}
            for interval in self.keeper.wanted()
            if (model := self.model(interval)) is not None
        }
        self.keeper.book(self.now, models)

    @property
    def today(self) -> Any:
        """What is booked of the inverter on the day of the last quarter."""
        return self.keeper.day_of(self.now - QUARTER).components[NAME]


def until(books: Books, end: datetime) -> Iterator[None]:
    """Yield once for each quarter that is missing until an instant."""
    while books.now < end:
        yield


def hours(count: float) -> timedelta:
    """Return a length in hours."""
    return timedelta(hours=count)
