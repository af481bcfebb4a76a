"""Day-ahead prices from the best source that has them, and what to ask next."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from ..plant.web import (
    Fetch,
    LastGood,
    WebAnswer,
    WebAnswerError,
    WebError,
    WebRequest,
    ask,
)
from .day_ahead import DayPrices, NotPublishedError
from .exchange import parse_rates, rate_for, rates_request, years_for
from .market_day import day_bounds, market_day
from .pace import (
    IMPROVE_EVERY,
    next_poll,
    next_publication,
    next_retry,
    patience_ends,
    published_at,
)
from .price_series import PriceInterval, PriceQuality, PriceSeries
from .sources import Source

KEPT: Final = timedelta(days=10)
"""How long past prices are kept, for energy that is still to be priced."""

RATES_EVERY: Final = timedelta(hours=1)
"""The bank publishes a rate a day; its file of a year is long."""

type Aside = Callable[..., Awaitable[Any]]
"""Runs a function where it holds up nobody, and returns its result."""

_RATES: Final = "bnr"
_EUR, _RON = "EUR", "RON"
_KWH_PER_MWH: Final = 1000.0


async def _at_once(job: Callable[..., Any], *args: Any) -> Any:
    return job(*args)


@dataclass(slots=True)
class Ladder:
    """Ask source after source, and keep what was last published.

    A price of a day-ahead auction is final: what was got once stays right however long
    the sources are out of reach.

    Attributes:
        sources: The best first.
        currency: Of the home.
        rate: What one euro costs, if the user says so; else the central bank does.
        jitter: From 0 to 1, another for each home.
        aside: Reads answers; a long one takes tens of milliseconds.
        series: What is known, per kWh in the home's currency.
        states: What came of asking each source, by its name.
        rates: Lei for one euro, by the day of publication.
        licences: What each source says about using its prices.
    """

    sources: Sequence[Source]
    currency: str
    rate: float | None = None
    jitter: float = 0.0
    aside: Aside = _at_once
    series: PriceSeries = field(init=False)
    states: dict[str, LastGood[date]] = field(default_factory=dict)
    rates: dict[date, float] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=dict)
    _retry: dict[tuple[str, date | None], datetime] = field(default_factory=dict)
    _poll: dict[date, datetime] = field(default_factory=dict)
    _improve: datetime | None = None
    _rates_asked: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know nothing yet."""
        self.series = PriceSeries(self.currency)

    def missing(self, days: Iterable[date], now: datetime) -> list[date]:
        """Return the days that are worth asking for and not known yet."""
        return [
            day
            for day in days
            if published_at(day, self.jitter) <= now
            and not self.series.covers(*day_bounds(day))
        ]

    def improvable(self, days: Iterable[date], now: datetime) -> list[date]:
        """Return the days from today whose prices the first source did not give."""
        today = market_day(now)
        return [
            day
            for day in days
            if day >= today
            and self.series.covers(*day_bounds(day))
            and any(
                item.source != self.sources[0].name
                for item in self.series.between(*day_bounds(day)).intervals
            )
        ]

    def next_ask(self, days: Sequence[date], now: datetime) -> datetime:
        """Return when asking is worth it next (UTC); not later than that is now.

        Args:
            days: The market days whose prices are wanted.
            now: The present (UTC).
        """
        waits = [next_publication(now, self.jitter)]
        for day in self.missing(days, now):
            free = min(self._free(source, day, now) for source in self.sources)
            waits.append(max(self._poll.get(day, now), free))
        for day in self.improvable(days, now):
            free = self._free(self.sources[0], day, now)
            waits.append(max(self._improve or now, free))
        return max(now, min(waits))

    def _free(self, source: Source, day: date, now: datetime) -> datetime:
        """Return from when a source may be asked for a day (UTC)."""
        keys = (source.name, None), (source.name, day)
        return max(self._retry.get(key, now) for key in keys)

    async def ask(self, fetch: Fetch, days: Sequence[date], now: datetime) -> bool:
        """Ask for what is missing or could be better; return whether prices came.

        Args:
            fetch: Asks the network.
            days: The market days whose prices are wanted.
            now: The present (UTC).
        """
        before = self.series
        for day in self.missing(days, now):
            if self._poll.get(day, now) <= now:
                await self._ask_day(fetch, day, now, self.sources)
        if self._improve is None or self._improve <= now:
            better = self.improvable(days, now)
            if better:
                self._improve = now + IMPROVE_EVERY
            for day in better:
                await self._ask_day(fetch, day, now, self.sources[:1])
        self._forget(now)
        return self.series != before

    async def _ask_day(
        self, fetch: Fetch, day: date, now: datetime, sources: Sequence[Source]
    ) -> None:
        """Ask sources for a day, one after the other, until one has it."""
        for source in sources:
            if self._free(source, day, now) > now:
                continue
            try:
                prices = await self._read(
                    fetch, source.request(day), _parser(source, day)
                )
                factor = await self._factor(fetch, prices, now)
            except NotPublishedError:
                self._answered(source.name, now, day)
                self._poll[day] = next_poll(now, day, self.jitter)
                if now < patience_ends(day):
                    return
            except WebError as error:
                # A damaged report of a day says nothing of another day's.
                damaged = isinstance(error, WebAnswerError)
                self._failed(source.name, now, error, day if damaged else None)
            else:
                self._answered(source.name, now, day)
                self._take(source, prices, factor)
                return

    async def _read[T](
        self, fetch: Fetch, request: WebRequest, parse: Callable[[WebAnswer], T]
    ) -> T:
        answer = await ask(fetch, request, lambda answer: answer)
        read: T = await self.aside(parse, answer)
        return read

    def _answered(self, name: str, now: datetime, day: date) -> None:
        self.states[name] = self.states.get(name, LastGood()).succeeded(now, day)
        for key in ((name, None), (name, day)):
            self._retry.pop(key, None)

    def _failed(
        self, name: str, now: datetime, error: WebError, day: date | None = None
    ) -> None:
        state = self.states.get(name, LastGood()).failed(now, error)
        self.states[name] = state
        self._retry[name, day] = next_retry(now, state.failures)

    def _take(self, source: Source, prices: DayPrices, factor: float) -> None:
        if prices.licence:
            self.licences[source.name] = prices.licence
        if prices.currency != self.currency:
            quality = PriceQuality.CONVERTED
        elif source is self.sources[0]:
            quality = PriceQuality.PUBLISHED
        else:
            quality = PriceQuality.FAILOVER
        self.series = self.series.overlaid(
            PriceSeries(
                self.currency,
                tuple(
                    PriceInterval(
                        start, end, price * factor / _KWH_PER_MWH, quality, source.name
                    )
                    for start, end, price in prices.intervals
                ),
            )
        )

    async def _factor(self, fetch: Fetch, prices: DayPrices, now: datetime) -> float:
        """Return by what prices are multiplied to be in the home's currency.

        Raises:
            WebError: No rate can be got.
        """
        if prices.currency == self.currency:
            return 1.0
        if prices.currency == _EUR and self.rate:
            return self.rate
        if (prices.currency, self.currency) != (_EUR, _RON):
            raise WebError(f"no rate from {prices.currency} to {self.currency}")
        if (rate := rate_for(self.rates, prices.day)) is not None and not (
            self._rates_are_old(prices.day)
        ):
            return rate
        for year in years_for(prices.day):
            if self._rates_asked.get(year, now) > now:
                continue
            try:
                request = rates_request(year)
                self.rates |= await self._read(fetch, request, parse_rates)
            except WebError as error:
                # A year has no file before its first working day.
                self._failed(_RATES, now, error)
                self._rates_asked[year] = self._retry[_RATES, None]
                continue
            self._rates_asked[year] = now + RATES_EVERY
            self._answered(_RATES, now, prices.day)
            if rate_for(self.rates, prices.day) is not None:
                break
        # An older rate is off by less than a thousandth; no rate at all is no price.
        if (rate := rate_for(self.rates, prices.day)) is None:
            raise WebError("no rate of the euro")
        return rate

    def _rates_are_old(self, day: date) -> bool:
        """Return whether the bank may know a newer rate for a market day."""
        auction = day - timedelta(days=1)
        return max(self.rates) < auction - timedelta(days=1)

    def _forget(self, now: datetime) -> None:
        """Drop what is too old to matter."""
        end = self.series.end
        if end is not None:
            self.series = self.series.between(now - KEPT, max(end, now))
        today = market_day(now)
        self._retry = {
            (name, day): at
            for (name, day), at in self._retry.items()
            if day is None or at > now
        }
        self._poll = {day: at for day, at in self._poll.items() if today - day < KEPT}
        self.rates = {
            day: rate for day, rate in self.rates.items() if today - day < 3 * KEPT
        }

    def as_dict(self) -> dict[str, Any]:
        """Return what is known as JSON types, for `restore`."""
        return {
            "series": self.series.as_dict(),
            "rates": {day.isoformat(): rate for day, rate in self.rates.items()},
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take up what `as_dict` described; prices in another currency are left out.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: It is not one of ours.
        """
        series = PriceSeries.from_dict(stored["series"])
        rates = {
            date.fromisoformat(day): float(rate)
            for day, rate in dict(stored["rates"]).items()
        }
        if series.currency == self.currency:
            self.series = series
        self.rates = rates


def _parser(source: Source, day: date) -> Callable[[WebAnswer], DayPrices]:
    return lambda answer: source.parse(answer, day)
