"""The parts that loads are made of: times, curves, books, currents, outlooks."""

from datetime import UTC, date, datetime, time, timedelta
import itertools
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.pv_family.coordinator.load_actuator import (
    ModulatingActuator,
    SwitchActuator,
)
from custom_components.pv_family.coordinator.load_book import LoadBook, Price
from custom_components.pv_family.coordinator.load_need import (
    daily_need,
    next_deadline,
    open_windows,
)
from custom_components.pv_family.coordinator.load_outlook import OutlookMaker, Prices
from custom_components.pv_family.coordinator.load_settings import (
    CurveError,
    LoadSettings,
    WindowError,
    circular,
    curve_of,
    windows_of,
)
from custom_components.pv_family.coordinator.load_site import (
    fixed_prices,
    policy_of,
    site_of,
)
from custom_components.pv_family.plant.forecast.series import Forecast
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

BUCHAREST = ZoneInfo("Europe/Bucharest")
NOON = datetime(2026, 6, 15, 9, tzinfo=UTC)


def settings_of(**data: Any) -> LoadSettings:
    """Return a load as a user describes it."""
    return LoadSettings.from_subentry(
        ConfigSubentry(
            data=MappingProxyType(
                {"kind": "switch", "entity_id": "switch.it", "power": 1000, **data}
            ),
            subentry_type="load",
            title="It",
            unique_id=None,
        )
    )


def test_curves() -> None:
    """Minutes and watts are read, and nothing else."""
    assert curve_of("20:2000, 40:150") == ((1200.0, 2000.0), (2400.0, 150.0))
    for wrong in ("", "20", "a:b", "20:-1", "0:5", "1:nan", "1500:5", "20:0", "5:1e9"):
        with pytest.raises(CurveError):
            curve_of(wrong)


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    """Whatever a user writes is read or refused."""
    try:
        curve = curve_of(text)
    except CurveError:
        curve = ((1.0, 1.0),)
    assert sum(seconds for seconds, _ in curve) <= 86_400
    try:
        windows = windows_of(text)
    except WindowError:
        windows = ()
    assert all(window.since != window.until for window in windows)


def test_windows_over_midnight() -> None:
    """Windows are merged, kept in order, and reach over midnight."""
    windows = windows_of("22:00-06:00, 05:00-7:30, 12:00-24:00")
    now = datetime(2026, 6, 15, 1, tzinfo=UTC)
    spans = open_windows(windows, now, BUCHAREST)
    assert spans is not None
    assert spans[0] == (
        datetime(2026, 6, 14, 9, tzinfo=UTC),
        datetime(2026, 6, 15, 4, 30, tzinfo=UTC),
    )
    assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))
    assert open_windows((), now, BUCHAREST) is None


def test_deadlines_on_days_of_23_and_25_hours() -> None:
    """The local clock counts, whatever it does at night."""
    before = datetime(2026, 3, 28, 18, tzinfo=UTC)
    assert next_deadline(time(20), before, BUCHAREST) == before + timedelta(hours=23)
    before = datetime(2026, 10, 24, 17, tzinfo=UTC)
    assert next_deadline(time(20), before, BUCHAREST) == before + timedelta(hours=25)
    assert next_deadline(time(), NOON, BUCHAREST) == datetime(
        2026, 6, 15, 21, tzinfo=UTC
    )


def test_what_is_due() -> None:
    """A need in kWh or hours shrinks with what the load has had."""
    book = LoadBook(need=500.0, ran=0.5)
    kwh = daily_need(settings_of(need=2), book, 2.0, NOON)
    assert (kwh.due, kwh.deadline) == (1500.0, NOON)
    hours = daily_need(settings_of(need=2, need_unit="h"), book, 2.0, NOON)
    assert hours.due == 1500.0
    most = daily_need(settings_of(most=1), book, 0.0, NOON)
    assert (most.due, most.room, most.deadline) == (0.0, 500.0, None)
    heat = daily_need(settings_of(kind="thermal", need=0.4), book, 0.4, NOON)
    assert (heat.due, heat.room) == (0.0, 0.0)


def test_the_book() -> None:
    """Energy, starts and money of a day; gaps count nothing, midnight begins anew."""
    book, now = LoadBook(), NOON
    price = Price(0.30, 0.10)

    def count(day: date, *, on: bool, imported: float = 0.0) -> None:
        power = 1200.0 if on else 0.0
        book.count(
            now,
            day,
            on=on,
            power=power,
            imported=imported,
            price=price,
            deadline=NOON + timedelta(hours=12),
        )

    today = date(2026, 6, 15)
    count(today, on=False)
    for _ in range(60):
        now += timedelta(seconds=60)
        count(today, on=True)
    assert book.today.energy == pytest.approx(1200.0)
    assert book.today.starts == 1
    assert book.today.saved == pytest.approx(1.2 * (0.30 - 0.10))
    now += timedelta(hours=1)
    count(today, on=True)
    assert book.today.energy == pytest.approx(1200.0)
    stored = LoadBook.from_dict(book.as_dict())
    assert stored.as_dict() == book.as_dict()
    now += timedelta(seconds=60)
    count(today + timedelta(days=1), on=True, imported=1.0)
    assert book.yesterday is not None
    assert book.yesterday.energy == pytest.approx(1200.0)
    assert book.today.saved == pytest.approx(0.0)
    count(today + timedelta(days=5), on=True)
    assert book.yesterday is None


@pytest.mark.parametrize(
    ("power", "amperes"),
    [(1380.0, 6.0), (1000.0, 6.0), (1609.9, 6.0), (1610.0, 7.0), (9000.0, 16.0)],
)
def test_currents(hass: HomeAssistant, power: float, amperes: float) -> None:
    """A current never asks for more than there is, except for the least."""
    settings = settings_of(kind="modulating", unit="a", low=6, high=16, step=1)
    assert settings.power == 16 * 230
    assert settings.spec(1).least == 6 * 230
    actuator = ModulatingActuator(hass, settings)
    assert actuator.number(power, NOON) == (amperes, 1)


def test_kilowatts(hass: HomeAssistant) -> None:
    """A number in kW is on all phases already."""
    settings = settings_of(
        kind="modulating", unit="kw", low=0.5, high=3, step=0.5, phases=3
    )
    spec = settings.spec(1)
    assert (spec.least, spec.nominal, spec.step) == (500.0, 3000.0, 500.0)
    assert ModulatingActuator(hass, settings).number(1700.0, NOON) == (1.5, 1)


@pytest.mark.parametrize(
    ("shown", "unit", "power"),
    [
        ("1.5", "kW", 1500.0),
        ("1500", "W", 1500.0),
        ("1500", None, 1500.0),
        ("-1500", "W", 1500.0),
        ("0.0015", "MW", 1500.0),
        ("1500", "VA", None),
        ("nan", "W", None),
        ("unavailable", "W", None),
    ],
)
def test_what_a_power_sensor_says(
    hass: HomeAssistant, shown: str, unit: str | None, power: float | None
) -> None:
    """Its unit counts; the direction of a clamp does not."""
    attributes = {} if unit is None else {"unit_of_measurement": unit}
    hass.states.async_set("sensor.power", shown, attributes)
    hass.states.async_set("switch.it", "on")
    actuator = SwitchActuator(hass, settings_of(meter="sensor.power"))
    assert actuator.read(NOON).measured == power


def test_the_present_goes_on_when_the_clock_goes_back() -> None:
    """Time that did not pass moves nothing."""
    maker = OutlookMaker(lambda when: 45.0)
    prices = Prices(lambda when: 0.3, lambda when: 0.1, 1)
    maker.see(NOON, 3000.0, 400.0)
    maker.see(NOON - timedelta(hours=3), 1000.0, 900.0)
    outlook = maker.outlook(NOON - timedelta(hours=3), None, None, prices)
    assert outlook.base[0] == pytest.approx(400.0)
    assert outlook.production[0] == pytest.approx(3000.0)


def test_waiting_for_oneself() -> None:
    """A circle is found wherever it closes."""
    assert circular({"a": ("b",), "b": ("c",), "c": ("a",)}, "a")
    assert not circular({"a": ("b", "c"), "b": ("c",), "c": ()}, "a")


def prices(buy: float = 0.3) -> Prices:
    """Return prices that never change."""
    return Prices(lambda when: buy, lambda when: 0.05, buy)


def test_persistence_follows_the_sun() -> None:
    """Without a forecast the present goes on as the sun does, ever less surely."""
    maker = OutlookMaker(
        lambda when: 60.0 - 8.0 * abs((when - NOON).total_seconds()) / 3600
    )
    maker.see(NOON, 3000.0, 400.0)
    outlook = maker.outlook(NOON, None, None, prices())
    assert len(outlook.production) == 97
    assert outlook.production[0] == pytest.approx(3000.0, rel=0.02)
    assert outlook.production[60] == 0.0
    near = outlook.production_high[0] - outlook.production_low[0]
    far = outlook.production_high[20] - outlook.production_low[20]
    assert near / outlook.production[0] < far / outlook.production[20]
    assert outlook.base == (400.0,) * 97
    later = NOON + timedelta(minutes=5)
    maker.see(later, 3000.0, 420.0)
    assert maker.outlook(later, None, None, prices()) is outlook
    assert maker.outlook(later, None, None, prices(0.4)) is not outlook
    for minute in range(6, 14):
        later = NOON + timedelta(minutes=minute)
        maker.see(later, 3000.0, 3000.0)
    news = maker.outlook(later, None, None, prices())
    assert news.base[0] > 1500.0
    assert news.base[-1] < 700.0


def test_forecasts_are_taken() -> None:
    """Forecasts in other slots are put into those of the plan; a short one is not."""
    maker = OutlookMaker(lambda when: 30.0)
    maker.see(NOON, 100.0, 100.0)
    start = NOON - timedelta(hours=1)
    row = np.arange(80, dtype=np.float64) * 100.0
    forecast = Forecast(start, timedelta(minutes=30), row * 0.5, row, row * 1.5)
    outlook = maker.outlook(NOON, forecast, forecast, prices())
    assert outlook.production[:3] == (200.0, 200.0, 300.0)
    assert outlook.production_low[0] == 100.0
    assert outlook.base[0] == pytest.approx(100.0)
    short = Forecast(start, timedelta(minutes=30), row[:9], row[:9], row[:9])
    assert maker.outlook(NOON, short, None, prices()).production != outlook.production


def test_the_home() -> None:
    """Limits, the battery and the price level come from the options."""
    site = site_of({"surplus": {"fuse": 16, "fuse_phases": "3"}}, 5000.0, BUCHAREST)
    assert site.import_limit == 16 * 230 * 3
    assert (site.battery, site.max_charge, site.soc_floor) == (5000.0, 2500.0, 0.1)
    assert site_of({}, None, BUCHAREST).import_limit is None
    assert fixed_prices({}, "RON")[0] == pytest.approx(1.5)
    assert fixed_prices({"surplus": {"buy": 1.1, "sell": 0.3}}, "RON") == (1.1, 0.3)
    assert policy_of(0.31) == policy_of(0.28)
    assert policy_of(1.5).start_cost > 4 * policy_of(0.3).start_cost
