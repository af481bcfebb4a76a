"""By hand and from files: the actions against a real recorder."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.pv_family.services import async_register_services
from homeassistant.components.recorder import Recorder
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized

from .history import DOMAIN, HOUR, SENSOR, START, PastHome, at


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, and load our integration."""


@pytest.fixture
async def home(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> PastHome:
    """Return a home with three hours of 1200 Wh behind it, and its actions."""
    home = PastHome(hass, freezer)
    await home.start()
    home.show()
    for _ in range(3):
        await home.run(1200)
    async_register_services(hass)
    return home


async def act(home: PastHome, action: str, **data: Any) -> dict[str, Any]:
    """Call an action and return its response."""
    response = await home.hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


def csv_of(hours: dict[datetime, float]) -> str:
    """Return a portal's file in local time."""
    rows = (
        f"{(start + timedelta(hours=3)):%d.%m.%Y %H:%M};{energy / 1000:.3f}".replace(
            ".", ",", 3
        ).replace(",", ".", 2)
        for start, energy in hours.items()
    )
    return "\n".join(("Data;Producție pe oră (kWh)", *rows))


async def test_a_past_before_the_first_row(home: PastHome) -> None:
    """Hours before the sensor was there come first, and every sum follows them."""
    past = {at(n): 100.0 * (n + 6) for n in range(-5, 0)}
    for attempt in range(3):
        response = await act(home, "import_csv", content=csv_of(past))
        assert (response["unit"], response["kind"]) == ("kwh", "energy")
        assert response["changed"] is (attempt == 0)
        assert response["hours"] == 5
        rows = await home.rows()
        changes = [round(change) for change, _ in rows.values()]
        assert changes == [100, 200, 300, 400, 500, 1200, 1200, 1200]
        # The sums begin at nothing: an earlier one would show as a fall.
        assert round(next(iter(rows.values()))[1]) == 100
    await home.run(1200)
    assert (await home.changes())[-2:] == [1200, 1200]
    assert (await home.slots())[-13:] == [100] * 13


async def test_measured_hours_win_and_both_stay_visible(home: PastHome) -> None:
    """What a file says of measured hours has a series of its own."""
    content = csv_of({at(-1): 300.0, at(0): 9000.0, at(1): 50.0})
    await act(home, "import_csv", content=content)
    assert await home.changes() == [300, 1200, 1200, 1200]
    witness = f"{DOMAIN}:{home.entry.entry_id.lower()}_imported_production"
    assert await home.changes(witness) == [300, 9000, 50]


async def test_undo_leaves_no_trace(home: PastHome) -> None:
    """Rows, sums and the witness are as if nothing had been imported."""
    before = await home.sums()
    first = await act(home, "import_csv", content=csv_of({at(-2): 700.0}))
    home.freezer.tick(1)
    await act(home, "import_csv", content=csv_of({at(-2): 800.0, at(-9): 10.0}))
    assert await home.changes() == [10, 800, 1200, 1200, 1200]
    await act(home, "undo_import")
    assert await home.changes() == [700, 1200, 1200, 1200]
    await act(home, "undo_import", import_id=first["import_id"])
    assert await home.sums() == before
    witness = f"{DOMAIN}:{home.entry.entry_id.lower()}_imported_production"
    assert await home.changes(witness) == []
    with pytest.raises(ServiceValidationError, match="nothing_to_undo"):
        await act(home, "undo_import")


async def test_a_day_by_hand(home: PastHome) -> None:
    """A day's total follows the sun; logging it again corrects it."""
    for energy in (24.0, 12.0):
        await act(home, "log_production", energy=energy, date="2026-06-14")
        changes = await home.changes()
        assert sum(changes[:-3]) == pytest.approx(1000 * energy, abs=12)
        assert changes[-3:] == [1200] * 3
    rows = await home.rows()
    assert list(rows)[0] == datetime(2026, 6, 13, 21, tzinfo=UTC)
    day = [change for change, _ in list(rows.values())[:24]]
    assert day[0] == day[23] == 0.0
    # The sun is highest after 10 UTC there, in the day's fourteenth hour.
    assert max(day) == day[13]


async def test_a_day_that_is_not_over(home: PastHome) -> None:
    """Its production is booked as far as it has come; measured hours stand."""
    await act(home, "log_production", energy=6, date="2026-06-15")
    changes = await home.changes()
    assert changes[-3:] == [1200] * 3
    assert 0 < sum(changes[:-3]) < 6000
    with pytest.raises(ServiceValidationError, match="not_in_the_past"):
        await act(home, "log_production", energy=6, date="2026-06-16")


async def test_the_long_day_in_autumn(home: PastHome) -> None:
    """The day of 25 hours holds its total; the hour twice is two hours."""
    home.now = datetime(2026, 10, 26, 10, tzinfo=UTC)
    await home.run(1200)
    await act(home, "log_production", energy=10, date="2026-10-25")
    rows = await home.rows()
    start = datetime(2026, 10, 24, 21, tzinfo=UTC)
    day = [
        change for hour, (change, _) in rows.items() if 0 <= (hour - start) / HOUR < 25
    ]
    assert len(day) == 25
    assert sum(day) == pytest.approx(10_000)
    assert (await home.changes())[-1] == 1200


async def test_a_file_without_a_sensor_waits_for_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The witness shows it at once; the sensor begins with it when it comes."""
    home = PastHome(hass, freezer)
    await home.start(sensor=False)
    await home.skip(1)
    async_register_services(hass)
    await act(home, "import_csv", content=csv_of({at(-2): 700.0, at(-1): 800.0}))
    witness = f"{DOMAIN}:{home.entry.entry_id.lower()}_imported_production"
    assert await home.changes(witness) == [700, 800]
    assert await home.changes() == []
    home.add_sensor()
    home.total = 5000.0
    home.show()
    await home.run(1200)
    assert await home.changes() == [700, 800, 1200]
    await home.run(1200)
    assert await home.changes() == [700, 800, 1200, 1200]


async def test_imported_before_the_sensor_counts(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A sensor without any row goes on from the imported sum, not from zero."""
    home = PastHome(hass, freezer)
    await home.start()
    await home.skip(1)
    async_register_services(hass)
    await act(home, "import_csv", content=csv_of({at(-2): 700.0, at(-1): 800.0}))
    home.total = 5000.0
    home.show()
    await home.run(1200)
    await home.run(1200)
    assert await home.changes() == [700, 800, 1200, 1200]


async def test_export_comes_back_as_it_went_out(home: PastHome) -> None:
    """What is exported, imported and exported again is the same."""
    await act(home, "import_csv", content=csv_of({at(-3): 700.0, at(-1): 800.0}))
    window = {"start": at(-10).isoformat(), "end": at(3).isoformat()}
    exported = await act(home, "export_csv", **window)
    assert exported["csv"].splitlines() == [
        "start,production_wh_per_hour,provenance",
        "2026-06-15T03:00:00+00:00,700,imported",
        "2026-06-15T05:00:00+00:00,800,imported",
        "2026-06-15T06:00:00+00:00,1200,measured",
        "2026-06-15T07:00:00+00:00,1200,measured",
        "2026-06-15T08:00:00+00:00,1200,measured",
    ]
    before = await home.rows()
    await act(home, "import_csv", content=exported["csv"])
    assert await home.rows() == before
    assert await act(home, "export_csv", **window) == exported


async def test_a_dry_run_writes_nothing(home: PastHome) -> None:
    """It says what would come, and which rows would not."""
    content = csv_of({at(-1): 700.0}) + "\n15.06.2026 09:30;\nnever;1"
    response = await act(home, "import_csv", content=content, dry_run=True)
    assert response["energy"] == 0.7
    assert [(p["row"], p["reason"]) for p in response["problems"]] == [
        (3, "no_value"),
        (4, "no_time"),
    ]
    assert "import_id" not in response
    assert await home.changes() == [1200] * 3


async def test_files_are_read_where_it_is_allowed(
    home: PastHome, tmp_path: Path
) -> None:
    """Only below the allowed folders; the unit may be corrected."""
    path = tmp_path / "log.csv"
    path.write_bytes("Time;PV\n15.06.2026 08:00;700\n".encode("utf-16"))
    with pytest.raises(ServiceValidationError, match="path_not_allowed"):
        await act(home, "import_csv", path=str(path))
    home.hass.config.allowlist_external_dirs = {str(tmp_path)}
    response = await act(home, "import_csv", path=str(path), unit="wh")
    assert response["energy"] == 0.7
    assert (await home.changes())[0] == 700
    with pytest.raises(ServiceValidationError, match="log_unreadable"):
        await act(home, "import_csv", path=str(tmp_path / "none.csv"))


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("import_csv", {}, "no_file"),
        ("import_csv", {"content": "a;b\n1;2"}, "log_no_time"),
        ("import_csv", {"content": "t;v\n2026-06-15;1", "column": "x"}, "log_no_such"),
        ("import_csv", {"content": "t;v\n2026-06-15;-1"}, "log_nothing_to_import"),
        (
            "import_csv",
            {"content": "t;v\n2026-06-14;1", "time_zone": "Mars/Base"},
            "log_unknown_time_zone",
        ),
        (
            "import_csv",
            {"content": "t;v\n2026-06-14;1", "kind": "power"},
            "log_unit_and_kind",
        ),
        ("log_production", {"energy": 1}, "no_time_given"),
        (
            "log_production",
            {"energy": 1, "start": "2026-04-01 00:00", "end": "2026-06-01 00:00"},
            "too_long",
        ),
        (
            "export_csv",
            {"start": "2026-06-02 00:00", "end": "2026-06-01 00:00"},
            "too_long",
        ),
    ],
)
async def test_each_refusal_has_its_message(
    home: PastHome, action: str, data: dict[str, Any], key: str
) -> None:
    """Nothing is written then."""
    with pytest.raises(ServiceValidationError, match=key):
        await act(home, action, **data)
    assert await home.changes() == [1200] * 3


@pytest.mark.parametrize("action", ["log_production", "import_csv", "undo_import"])
async def test_the_past_is_for_administrators(
    home: PastHome, hass_read_only_user: MockUser, action: str
) -> None:
    """Others may only look."""
    with pytest.raises(Unauthorized):
        await home.hass.services.async_call(
            DOMAIN,
            action,
            {"energy": 1} if action == "log_production" else {},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_nobody_else_is_disturbed(home: PastHome) -> None:
    """Another sensor's rows stay as they are."""
    other = "sensor.other"
    home.hass.states.async_set(
        other,
        "1.5",
        {
            "device_class": "energy",
            "state_class": "total_increasing",
            "unit_of_measurement": "kWh",
        },
    )
    await home.run(600)
    before = await home.rows(other)
    assert before
    await act(home, "import_csv", content=csv_of({at(-1): 700.0}))
    assert await home.rows(other) == before
    assert START in await home.rows(SENSOR)
