"""Source after source, until one has the prices; what was got stays."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.pv_family.market import opcom
from custom_components.pv_family.market.ladder import KEPT, Ladder
from custom_components.pv_family.market.market_day import day_bounds, market_day
from custom_components.pv_family.market.pace import (
    next_publication,
    patience_ends,
    published_at,
)
from custom_components.pv_family.market.price_series import PriceQuality
from custom_components.pv_family.market.sources import sources_for
from custom_components.pv_family.plant.web import WebAnswer, WebRequest

from .answers import (
    DAY,
    answered,
    bnr_rates,
    energy_charts,
    entsoe,
    entsoe_series,
    opcom_report,
    prices_of,
)

NOON = datetime(2026, 6, 15, 9, tzinfo=UTC)
TOMORROW = DAY + timedelta(days=1)
EVENING = datetime(2026, 6, 15, 15, tzinfo=UTC)
TOKEN = "00000000-1111-2222-3333-444444444444"
PRICES = prices_of(96)


class Web:
    """What answers to requests, by what their address contains."""

    def __init__(self) -> None:
        """Answer nothing."""
        self.answers: dict[str, Callable[[WebRequest], WebAnswer]] = {}
        self.asked: list[str] = []

    async def fetch(self, request: WebRequest) -> WebAnswer:
        """Answer, or be out of reach."""
        for part, answer in self.answers.items():
            if part in request.url:
                self.asked.append(part)
                return answer(request)
        raise TimeoutError

    def say(self, part: str, text: str, status: int = 200) -> None:
        """Let a service answer the same to everything."""
        self.answers[part] = lambda request: answered(text, status)

    def publish(self, *days: date) -> None:
        """Let OPCOM have the prices of some days."""

        def answer(request: WebRequest) -> WebAnswer:
            for day in days:
                if f"/{day:%d/%m/%Y}/" in request.url:
                    english = request.url.endswith("/en")
                    return answered(opcom_report(day, PRICES, english=english))
            return answered("")

        self.answers["opcom"] = answer


@pytest.fixture
def web() -> Web:
    """Return an internet without any service."""
    return Web()


def ladder(zone: str = "ro", currency: str = "RON", token: str | None = None) -> Ladder:
    """Return a ladder that knows nothing."""
    return Ladder(sources_for(zone, currency, token), currency)


def qualities(known: Ladder) -> set[PriceQuality]:
    """Return how the prices are known."""
    return {item.quality for item in known.series.intervals}


def test_order() -> None:
    """OPCOM is asked for Romania only, ENTSO-E only with a token."""
    assert [s.name for s in sources_for("ro", "RON", TOKEN)] == [
        "opcom",
        "energy_charts",
        "entsoe",
    ]
    assert [s.name for s in sources_for("it_north", "EUR")] == ["energy_charts"]


@pytest.mark.parametrize(("currency", "language"), [("RON", "ro"), ("EUR", "en")])
async def test_first_source(web: Web, currency: str, language: str) -> None:
    """Prices of the first source, in the home's currency, per kWh."""
    web.publish(DAY)
    known = ladder(currency=currency)
    assert known.sources[0].request(DAY).url.endswith(f"/{language}")
    assert await known.ask(web.fetch, [DAY], NOON)
    assert known.series.currency == currency
    assert known.series.price_at(day_bounds(DAY)[0]) == pytest.approx(PRICES[0] / 1000)
    assert qualities(known) == {PriceQuality.PUBLISHED}
    assert web.asked == ["opcom"]
    assert not await known.ask(web.fetch, [DAY], NOON)
    assert web.asked == ["opcom"]


async def test_second_source_is_converted(web: Web) -> None:
    """Without OPCOM the euro of energy-charts become lei at the bank's rate."""
    web.say("energy-charts", energy_charts(day_bounds(DAY)[0], PRICES))
    web.say("bnr", bnr_rates({date(2026, 6, 11): 5.1, date(2026, 6, 12): 5.0}))
    known = ladder()
    assert await known.ask(web.fetch, [DAY], NOON)
    assert known.series.price_at(day_bounds(DAY)[0]) == pytest.approx(
        5.0 * PRICES[0] / 1000
    )
    assert qualities(known) == {PriceQuality.CONVERTED}
    assert known.states["opcom"].failure == "no answer in time"
    assert known.licences["energy_charts"] == "private and internal use only"


async def test_without_a_rate_there_is_no_price(web: Web) -> None:
    """Euro without a rate are not lei."""
    web.say("energy-charts", energy_charts(day_bounds(DAY)[0], PRICES))
    known = ladder()
    assert not await known.ask(web.fetch, [DAY], NOON)
    assert "rate" in (known.states["energy_charts"].failure or "")


async def test_damage_of_one_day(web: Web) -> None:
    """A damaged report of yesterday keeps nobody from asking for today's."""
    yesterday = DAY - timedelta(days=1)
    web.publish(DAY)
    good = web.answers["opcom"]
    asked: list[str] = []

    def answer(request: WebRequest) -> WebAnswer:
        asked.append(request.url)
        damaged = f"/{yesterday:%d/%m/%Y}/" in request.url
        return answered("<html/>") if damaged else good(request)

    web.answers["opcom"] = answer
    known = ladder()
    assert await known.ask(web.fetch, [yesterday, DAY], NOON)
    assert qualities(known) == {PriceQuality.PUBLISHED}
    assert known.missing([yesterday, DAY], NOON) == [yesterday]
    # Asked again after a while, not at once.
    again = known.next_ask([yesterday, DAY], NOON)
    assert NOON < again <= NOON + timedelta(minutes=2)
    count = len(asked)
    assert not await known.ask(web.fetch, [yesterday, DAY], NOON)
    assert len(asked) == count
    assert not await known.ask(web.fetch, [yesterday, DAY], again)
    assert len(asked) == count + 1


async def test_first_days_of_january(web: Web) -> None:
    """A year without a file yet: the last rate of the year before counts."""
    day, now = date(2027, 1, 4), datetime(2027, 1, 3, 15, tzinfo=UTC)
    web.say("energy-charts", energy_charts(day_bounds(day)[0], PRICES))
    web.say("2027", "<html/>", 404)
    web.say("2026", bnr_rates({date(2026, 12, 31): 5.0}))
    web.answers = {key: web.answers[key] for key in ("2027", "2026", "energy-charts")}
    known = ladder()
    assert await known.ask(web.fetch, [day], now)
    assert known.series.price_at(day_bounds(day)[0]) == pytest.approx(
        5.0 * PRICES[0] / 1000
    )
    assert known.states["bnr"].failure is None


async def test_the_bank_is_not_asked_for_every_day(web: Web) -> None:
    """A week of prices after an outage costs one file of rates."""
    days = [DAY - timedelta(days=n) for n in range(7, 0, -1)]
    start = day_bounds(days[0])[0]
    web.say("energy-charts", energy_charts(start, prices_of(96 * 8)))
    web.say("bnr", bnr_rates({date(2026, 6, 5): 5.0}))
    known = ladder()
    assert await known.ask(web.fetch, days, NOON)
    assert known.series.covers(start, day_bounds(days[-1])[1])
    assert web.asked.count("bnr") == 1


async def test_answers_are_read_aside(web: Web) -> None:
    """Whoever runs the event loop says where answers are read."""
    read = []

    async def aside(parse: Callable[..., Any], *answers: Any) -> Any:
        read.append(parse)
        return parse(*answers)

    web.say("energy-charts", energy_charts(day_bounds(DAY)[0], PRICES))
    web.say("bnr", bnr_rates({date(2026, 6, 12): 5.0}))
    known = Ladder(sources_for("ro", "RON"), "RON", aside=aside)
    assert await known.ask(web.fetch, [DAY], NOON)
    assert len(read) == 2


async def test_entered_rate(web: Web) -> None:
    """A rate that the user entered needs no bank and serves any currency."""
    web.say("energy-charts", energy_charts(day_bounds(DAY)[0], PRICES))
    known = Ladder(sources_for("hu", "HUF"), "HUF", rate=400.0)
    assert await known.ask(web.fetch, [DAY], NOON)
    assert known.series.price_at(day_bounds(DAY)[0]) == pytest.approx(0.4 * PRICES[0])
    assert known.improvable([DAY], NOON) == []


async def test_last_source(web: Web) -> None:
    """ENTSO-E comes last, and fails over without conversion where euro are used."""
    web.say("opcom", "<html/>", 500)
    web.say("energy-charts", "{}", 429)
    web.say("entsoe", entsoe(entsoe_series(*day_bounds(DAY), {1: 40.0})))
    known = ladder(currency="EUR", token=TOKEN)
    assert await known.ask(web.fetch, [DAY], NOON)
    assert web.asked == ["opcom", "energy-charts", "entsoe"]
    assert qualities(known) == {PriceQuality.FAILOVER}
    assert {item.source for item in known.series.intervals} == {"entsoe"}


async def test_better_later(web: Web) -> None:
    """Prices of a second source give way to those of the first when it is back."""
    web.say("energy-charts", energy_charts(day_bounds(DAY)[0], PRICES))
    known = ladder(currency="EUR")
    await known.ask(web.fetch, [DAY], NOON)
    assert known.improvable([DAY], NOON) == [DAY]
    web.publish(DAY)
    later = known.next_ask([DAY], NOON)
    assert NOON < later <= NOON + timedelta(hours=1)
    assert await known.ask(web.fetch, [DAY], later)
    assert qualities(known) == {PriceQuality.PUBLISHED}
    assert known.improvable([DAY], later) == []


async def test_not_yet_published(web: Web) -> None:
    """Tomorrow is asked for once it can be there, and then patiently."""
    web.publish(DAY)
    web.say("energy-charts", "{}", 404)
    known = ladder()
    days = [DAY, TOMORROW]
    await known.ask(web.fetch, days, NOON)
    first = published_at(TOMORROW, 0.0)
    assert first == datetime(2026, 6, 15, 11, 30, tzinfo=UTC)
    assert known.next_ask(days, NOON) == first
    assert not await known.ask(web.fetch, days, first)
    assert web.asked == ["opcom", "opcom"]
    again = known.next_ask(days, first)
    assert first + timedelta(minutes=10) <= again <= first + timedelta(minutes=15)
    # Late in the day somebody else may have it.
    late = patience_ends(TOMORROW)
    await known.ask(web.fetch, days, late)
    assert web.asked[-1] == "energy-charts"
    web.publish(DAY, TOMORROW)
    at = known.next_ask(days, late)
    assert await known.ask(web.fetch, days, at)
    assert known.missing(days, at) == []
    assert known.next_ask(days, at) == published_at(DAY + timedelta(days=2), 0.0)
    assert known.states["opcom"].failure is None


async def test_out_of_reach(web: Web) -> None:
    """Without internet the prices stay, and the questions become rarer."""
    web.publish(DAY)
    known = ladder()
    await known.ask(web.fetch, [DAY], NOON)
    web.answers.clear()
    now, waits = EVENING, []
    for _ in range(9):
        assert not await known.ask(web.fetch, [DAY, TOMORROW], now)
        after = known.next_ask([DAY, TOMORROW], now)
        waits.append(after - now)
        now = after
    assert known.series.covers(*day_bounds(DAY))
    assert min(waits) >= timedelta(minutes=1)
    assert max(waits) <= timedelta(hours=2)
    assert waits[-1] > waits[0]


def test_jitter() -> None:
    """Homes do not all ask at the same second."""
    times = {published_at(DAY, jitter) for jitter in (0.0, 0.25, 1.0)}
    assert len(times) == 3
    assert max(times) - min(times) == timedelta(minutes=10)
    assert next_publication(EVENING, 0.0) == published_at(DAY + timedelta(days=2), 0.0)
    assert market_day(EVENING) == DAY


async def test_stored(web: Web) -> None:
    """A restart without internet knows what was known."""
    web.publish(DAY)
    known = ladder()
    await known.ask(web.fetch, [DAY], NOON)
    stored = json.loads(json.dumps(known.as_dict()))
    again = ladder()
    again.restore(stored)
    assert again.series == known.series
    assert again.missing([DAY], NOON) == []
    other = ladder(currency="EUR")
    other.restore(stored)
    assert not other.series


async def test_forgotten(web: Web) -> None:
    """Prices are kept for as long as energy may wait for them."""
    web.publish(DAY)
    known = ladder()
    await known.ask(web.fetch, [DAY], NOON)
    await known.ask(web.fetch, [], NOON + KEPT + timedelta(days=2))
    assert not known.series


async def test_token_in_no_state(web: Web) -> None:
    """What is remembered of a failure does not hold the token."""
    web.say("entsoe", "nonsense", 500)
    known = ladder(token=TOKEN)
    await known.ask(web.fetch, [DAY], NOON)
    assert TOKEN not in repr(known.states)
    assert opcom.SOURCE in known.states
