"""Money that the plant and its control saved, by the prices of the time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Final

from ..readings.energy_counter import finite, mapping
from .energy_steps import EnergyStep
from .price_series import PriceSeries
from .shift import Shift

SLOT: Final = timedelta(minutes=15)
"""Prices change on quarter hours, and midnight is one everywhere."""
LONGEST_WAIT: Final = timedelta(days=8)
"""How long energy waits for its price."""
_MONTHS: Final = 25


class Against(StrEnum):
    """The household that is compared with."""

    NO_PLANT = "no_plant"
    """Has neither arrays nor battery and buys everything."""
    NO_CONTROL = "no_control"
    """Has the plant, and its loads run whenever they like."""


class Span(StrEnum):
    """Over which time money is summed up, in the home's own calendar."""

    TODAY = "today"
    MONTH = "month"
    YEAR = "year"
    EVER = "ever"


type Saved = Mapping[tuple[Against, Span], float]


@dataclass(slots=True)
class Money:
    """An amount by calendar period.

    Attributes:
        ever: Since counting began.
        months: By year and month, the last two years.
        day: The day that is summed up.
        today: On that day.
    """

    ever: float = 0.0
    months: dict[str, float] = field(default_factory=dict)
    day: date | None = None
    today: float = 0.0

    def add(self, day: date, amount: float) -> None:
        """Add an amount of a day, which may be over for as long as prices are waited for.

        A day that is later still was seen by a clock that was ahead.
        """
        if self.day is None or not timedelta() <= self.day - day <= LONGEST_WAIT:
            self.day, self.today = day, 0.0
        if day == self.day:
            self.today += amount
        month = f"{day:%Y-%m}"
        self.months[month] = self.months.get(month, 0.0) + amount
        for oldest in sorted(self.months)[:-_MONTHS]:
            del self.months[oldest]
        self.ever += amount

    def over(self, span: Span, day: date) -> float:
        """Return the amount of the period that holds a day."""
        match span:
            case Span.TODAY:
                return self.today if day == self.day else 0.0
            case Span.MONTH:
                return self.months.get(f"{day:%Y-%m}", 0.0)
            case Span.YEAR:
                year = f"{day:%Y}-"
                return sum(
                    amount
                    for month, amount in self.months.items()
                    if month.startswith(year)
                )
            case Span.EVER:
                return self.ever


@dataclass(slots=True)
class SlotEnergy:
    """Energy of a quarter hour that is not priced yet, in Wh.

    Attributes:
        own: Not bought thanks to the plant.
        exported: Fed in.
        import_change: By control.
        export_change: By control.
    """

    own: float = 0.0
    exported: float = 0.0
    import_change: float = 0.0
    export_change: float = 0.0

    def worth(self, buy: float, sell: float) -> dict[Against, float]:
        """Return what the energy is worth at prices per kWh."""
        plant = self.own * buy + self.exported * sell
        control = self.export_change * sell - self.import_change * buy
        return {
            Against.NO_PLANT: plant / 1000.0,
            Against.NO_CONTROL: control / 1000.0,
        }


@dataclass(slots=True)
class SavingsBook:
    """Sum up what was saved, quarter hour by quarter hour.

    Energy is put down at once and priced when its quarter hour is over, or later, when
    its price is known. So each watt-hour is priced once, at the price of its time.

    Attributes:
        since: When counting began (UTC).
        money: What was saved, by what is compared with.
        open: Energy without a final price, by the start of its quarter hour (UTC).
        unpriced: Energy that nobody ever knew a price of, in Wh.
        controlled: Whether a controller has told anything.
    """

    since: datetime | None = None
    money: dict[Against, Money] = field(
        default_factory=lambda: {against: Money() for against in Against}
    )
    open: dict[datetime, SlotEnergy] = field(default_factory=dict)
    unpriced: float = 0.0
    controlled: bool = False

    def count(self, step: EnergyStep) -> None:
        """Put down what the plant did."""
        if self.since is None:
            self.since = step.start
        for slot, share in _slots(step.start, step.end):
            energy = self.open.setdefault(slot, SlotEnergy())
            energy.own += share * step.own
            energy.exported += share * step.exported

    def count_shift(self, shift: Shift) -> None:
        """Put down what control changed."""
        self.controlled = True
        for slot, share in _slots(shift.start, shift.end):
            energy = self.open.setdefault(slot, SlotEnergy())
            energy.import_change += share * shift.import_change
            energy.export_change += share * shift.export_change

    def settle(
        self, now: datetime, buy: PriceSeries, sell: PriceSeries, zone: tzinfo
    ) -> None:
        """Price every quarter hour that is over and whose price is known.

        Args:
            now: The present (UTC).
            buy: What the household pays.
            sell: What it is paid.
            zone: Of the home.
        """
        for slot in sorted(self.open):
            if slot + SLOT > now:
                break
            energy = self.open[slot]
            prices = _prices(slot, energy, buy, sell)
            if prices is not None:
                day = slot.astimezone(zone).date()
                for against, amount in energy.worth(*prices).items():
                    self.money[against].add(day, amount)
            elif now - slot > LONGEST_WAIT:
                self.unpriced += abs(energy.own) + abs(energy.exported)
            else:
                continue
            del self.open[slot]

    def saved(
        self, now: datetime, buy: PriceSeries, sell: PriceSeries, zone: tzinfo
    ) -> Saved:
        """Return what was saved over each span, the running quarter hour included.

        Args:
            now: The present (UTC).
            buy: What the household pays.
            sell: What it is paid.
            zone: Of the home.
        """
        today = now.astimezone(zone).date()
        found = {
            (against, span): money.over(span, today)
            for against, money in self.money.items()
            for span in Span
        }
        for slot, energy in self.open.items():
            prices = _prices(slot, energy, buy, sell)
            if prices is None:
                continue
            day = slot.astimezone(zone).date()
            for against, amount in energy.worth(*prices).items():
                for span in _spans(day, today):
                    found[against, span] += amount
        return found

    @property
    def unpriced_since(self) -> datetime | None:
        """When the first energy flowed that has no final price yet (UTC)."""
        return min(self.open, default=None)

    def waiting(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Return the time of all energy that is over and waits for its price (UTC)."""
        slots = [slot for slot in self.open if slot + SLOT <= now]
        return (min(slots), max(slots) + SLOT) if slots else None

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `restore`."""
        return {
            "since": None if self.since is None else self.since.isoformat(),
            "money": {
                str(against): {
                    "ever": money.ever,
                    "months": money.months,
                    "day": None if money.day is None else money.day.isoformat(),
                    "today": money.today,
                }
                for against, money in self.money.items()
            },
            "open": [
                [
                    slot.timestamp(),
                    energy.own,
                    energy.exported,
                    energy.import_change,
                    energy.export_change,
                ]
                for slot, energy in self.open.items()
            ],
            "unpriced": self.unpriced,
            "controlled": self.controlled,
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take up what `as_dict` described.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: It is not one of ours.
        """
        since = stored["since"]
        money = {
            against: _restored(mapping(mapping(stored["money"])[against]))
            for against in Against
        }
        energies = {
            datetime.fromtimestamp(slot, UTC): SlotEnergy(
                finite(own), finite(exported), finite(bought), finite(sold)
            )
            for slot, own, exported, bought, sold in stored["open"]
        }
        unpriced, controlled = finite(stored["unpriced"]), bool(stored["controlled"])
        self.since = (
            None if since is None else datetime.fromisoformat(since).astimezone(UTC)
        )
        self.money, self.open = money, energies
        self.unpriced, self.controlled = unpriced, controlled


def _restored(stored: Mapping[str, Any]) -> Money:
    day = stored["day"]
    return Money(
        finite(stored["ever"]),
        {
            f"{date.fromisoformat(f'{month}-01'):%Y-%m}": finite(amount)
            for month, amount in mapping(stored["months"]).items()
        },
        None if day is None else date.fromisoformat(day),
        finite(stored["today"]),
    )


def _spans(day: date, today: date) -> Iterator[Span]:
    """Yield the spans up to today that hold a day."""
    yield Span.EVER
    if day.year == today.year:
        yield Span.YEAR
        if day.month == today.month:
            yield Span.MONTH
            if day == today:
                yield Span.TODAY


def slot_of(when: datetime) -> datetime:
    """Return the start of the quarter hour that holds an instant (UTC)."""
    seconds = int(SLOT.total_seconds())
    return datetime.fromtimestamp(int(when.timestamp()) // seconds * seconds, UTC)


def _slots(start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Yield the quarter hours of a time, and which share of it lies in each.

    Energy of a time longer than a price is waited for is laid on the end of it.
    """
    start = max(start, end - LONGEST_WAIT)
    whole = (end - start).total_seconds()
    at = start
    slot = slot_of(start)
    while at < end:
        until = min(end, slot + SLOT)
        yield slot, (until - at).total_seconds() / whole
        at, slot = until, slot + SLOT


def _prices(
    slot: datetime, energy: SlotEnergy, buy: PriceSeries, sell: PriceSeries
) -> tuple[float, float] | None:
    """Return the mean prices of a quarter hour, if those that matter are known."""
    if buy.interval_at(slot) is None:
        return None
    bought, sold = buy.mean(slot, slot + SLOT), sell.mean(slot, slot + SLOT)
    if sold is None and not (energy.exported or energy.export_change):
        sold = 0.0
    return None if bought is None or sold is None else (bought, sold)
