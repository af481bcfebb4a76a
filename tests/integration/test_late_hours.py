"""Late data: hours repaired, later sums shifted, nothing counted twice."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.pv_family import statistics
from custom_components.pv_family.hour_rows import async_rewrite_hours
from custom_components.pv_family.readings.energy_book import Flow
from custom_components.pv_family.readings.spans import EnergySpan, Missed
from custom_components.pv_family.statistics import async_apply_hours
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance

from .history import SENSOR, PastHome, at

NODE = "node_a"


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, and load our integration."""


@pytest.fixture
async def home(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> PastHome:
    """Return a home with three hours of 1200 Wh behind it."""
    home = PastHome(hass, freezer)
    await home.start()
    home.show()
    for _ in range(3):
        await home.run(1200)
    return home


async def test_a_missed_hour_is_repaired(home: PastHome) -> None:
    """Energy delivered late goes where it flowed; what follows does not jump."""
    await home.run(0)
    await home.run(1200)
    assert await home.changes() == [1200, 1200, 1200, 0, 1200]
    late = [EnergySpan(at(3), at(4), 900.0)]
    missed = [Missed(at(3), at(4))]
    for _ in range(3):
        refused = await async_apply_hours(
            home.hass, home.entry, Flow.PRODUCTION, NODE, late, missed
        )
        assert refused == []
        assert await home.changes() == [1200, 1200, 1200, 900, 1200]
    assert (await home.slots())[36:48] == [75] * 12
    await home.run(1200, 18)
    assert await home.changes() == [1200, 1200, 1200, 900, 1200, 1200]
    assert (await home.slots())[-20:] == [100] * 20


async def test_the_running_hour_waits(home: PastHome) -> None:
    """An hour that is not compiled is repaired once it is."""
    await home.run(0, 6)
    await home.run(1200, 3)
    late = [EnergySpan(at(3), at(3.5), 600.0)]
    missed = [Missed(at(3), at(3.5))]
    await async_apply_hours(home.hass, home.entry, Flow.PRODUCTION, NODE, late, missed)
    waiting = home.hours.waiting
    await home.run(1200, 3)
    assert (waiting, home.hours.waiting) == (True, False)
    assert (await home.changes())[3:] == [1200]
    await home.run(1200)
    assert (await home.changes())[3:] == [1200, 1200]


async def test_what_a_register_caught_up_is_moved(home: PastHome) -> None:
    """The hour that got two hours at once gives back what flowed before it."""
    await home.run(0)
    await home.run(0)
    home.total += 2300
    await home.run(1200)
    assert (await home.changes())[3:] == [0, 0, 3500]
    late = [EnergySpan(at(3), at(4), 1300.0), EnergySpan(at(4), at(5), 1000.0)]
    await async_apply_hours(
        home.hass,
        home.entry,
        Flow.PRODUCTION,
        NODE,
        late,
        [Missed(at(3), at(5), caught=2300.0)],
    )
    assert (await home.changes())[3:] == [1300, 1000, 1200]
    await home.run(1200)
    assert (await home.changes())[3:] == [1300, 1000, 1200, 1200]


async def test_hours_without_a_row_are_inserted(home: PastHome) -> None:
    """A sensor that was unavailable has no rows; the late hours get them."""
    await home.skip(3)
    assert len(await home.changes()) == 3
    late = [EnergySpan(at(3 + n), at(4 + n), 500.0 + n) for n in range(2)]
    await async_apply_hours(home.hass, home.entry, Flow.PRODUCTION, NODE, late)
    assert (await home.changes())[3:] == [500, 501]
    await home.run(1200)
    # Counting goes on from the inserted sum.
    assert (await home.changes())[3:] == [500, 501, 1200]
    assert sum(await home.changes()) == 1200 * 3 + 1001 + 1200


async def test_measured_hours_stand(home: PastHome) -> None:
    """What was heard live is not counted again when it comes once more."""
    await async_apply_hours(
        home.hass,
        home.entry,
        Flow.PRODUCTION,
        NODE,
        [EnergySpan(at(1), at(2), 1200.0)],
    )
    assert await home.changes() == [1200, 1200, 1200]
    witness = f"pv_family:{home.entry.entry_id.lower()}_late_production"
    assert await home.changes(witness) == [1200]


async def test_the_future_is_refused(home: PastHome) -> None:
    """A node whose clock is a day ahead repairs nothing."""
    wrong = EnergySpan(at(26), at(27), 500.0)
    refused = await async_apply_hours(
        home.hass, home.entry, Flow.PRODUCTION, NODE, [wrong], [Missed(at(26), at(27))]
    )
    assert refused == [wrong]
    assert await home.changes() == [1200, 1200, 1200]


@pytest.mark.parametrize("step", ["kept", "written"])
async def test_a_crash_is_finished_at_the_next_start(
    home: PastHome, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the book was kept, or after the rows were written: one result."""
    await home.run(0)

    async def die(*args: object, **kwargs: object) -> None:
        if step == "written":
            await async_rewrite_hours(*args, **kwargs)  # type: ignore[arg-type]
        raise ConnectionResetError

    monkeypatch.setattr(statistics, "async_rewrite_hours", die)
    late, missed = [EnergySpan(at(3), at(4), 700.0)], [Missed(at(3), at(4))]
    with pytest.raises(ConnectionResetError):
        await async_apply_hours(
            home.hass, home.entry, Flow.PRODUCTION, NODE, late, missed
        )
    monkeypatch.undo()
    for _ in range(2):
        await home.restart()
        assert await home.changes() == [1200, 1200, 1200, 700]
    assert not home.hours.waiting
    await home.run(1200)
    assert (await home.changes())[3:] == [700, 1200]


async def test_what_somebody_else_changed_is_kept(home: PastHome) -> None:
    """A sum that the user adjusted by hand stays adjusted."""
    await home.run(0)
    missed = [Missed(at(3), at(4))]
    await async_apply_hours(
        home.hass,
        home.entry,
        Flow.PRODUCTION,
        NODE,
        [EnergySpan(at(3), at(3.5), 300.0)],
        missed,
    )
    get_instance(home.hass).async_adjust_statistics(SENSOR, at(3), 50.0, "Wh")
    assert (await home.changes())[3:] == [350]
    await home.hours.async_late(
        Flow.PRODUCTION, NODE, [EnergySpan(at(3.5), at(4), 200.0)], missed
    )
    assert (await home.changes())[3:] == [550]
