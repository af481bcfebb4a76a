"""Forecasts on disk, also when a write was torn."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.model.weather_series import WeatherSeries
from custom_components.pv_family.plant.weather import Offer
from custom_components.pv_family.plant.weather_archive import EVERY, WeatherArchive

NOON = datetime(2026, 6, 15, 12, 5, tzinfo=UTC)


def _offer(issued: datetime, level: float = 500.0) -> Offer:
    start = issued.replace(hour=0, minute=0)
    grid = TimeGrid(start, timedelta(minutes=15), 3 * 96)
    ghi = np.full(grid.count, level)
    ghi[-1] = np.nan
    return Offer(
        issued,
        WeatherSeries.from_columns(
            grid, ghi=ghi, temp_air=np.linspace(-20.0, 40.0, grid.count)
        ),
    )


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    """From the time of issue on, to a watt and a tenth of a degree."""
    assert WeatherArchive(tmp_path / "kept").add(_offer(NOON, 512.4))
    (found,) = WeatherArchive(tmp_path / "kept").read(
        NOON - timedelta(days=1), NOON + timedelta(days=1)
    )
    assert found.issued == NOON
    weather = found.weather
    assert weather.grid.start == NOON.replace(minute=0)
    assert weather.grid.end == _offer(NOON).weather.grid.end
    assert weather.ghi[0] == 512.0
    assert np.isnan(weather.ghi[-1])
    assert np.isnan(weather.cloud_cover).all()
    before = _offer(NOON).weather.temp_air[48:]
    assert np.abs(weather.temp_air - before).max() <= 0.05 + 1e-9


def test_only_what_differs_is_kept(tmp_path: Path) -> None:
    """Asking every 45 minutes writes every three hours, over restarts too."""
    kept = 0
    for number in range(32):
        # Each time a new object, as after a restart.
        archive = WeatherArchive(tmp_path)
        kept += archive.add(_offer(NOON + number * timedelta(minutes=45)))
    assert kept == 8


def test_the_archive_does_not_grow_for_ever(tmp_path: Path) -> None:
    """After 400 days a month goes; a day costs a few kilobytes."""
    archive = WeatherArchive(tmp_path)
    for day in range(0, 500, 20):
        archive.add(_offer(NOON + timedelta(days=day)))
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files[0] >= "2026-09"
    rng = np.random.default_rng(0)
    offer = _offer(NOON + timedelta(days=600))
    offer.weather.ghi[:] = rng.uniform(0.0, 1000.0, len(offer.weather.ghi))
    archive.add(offer)
    size = sum(file.stat().st_size for file in tmp_path.glob("2028-*"))
    assert size * (timedelta(days=400) / EVERY) < 8 << 20


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 4000),
    st.binary(max_size=40),
    st.booleans(),
)
def test_damage_costs_what_follows_it_only(at: int, noise: bytes, cut: bool) -> None:
    """A torn or overwritten file gives what comes before, and no error."""
    with TemporaryDirectory() as folder:
        archive = WeatherArchive(Path(folder))
        for number in range(3):
            archive.add(_offer(NOON + number * EVERY, 100.0 * number))
        (file,) = Path(folder).iterdir()
        whole = file.read_bytes()
        at %= len(whole)
        file.write_bytes(whole[:at] + noise + (b"" if cut else whole[at:]))
        found = WeatherArchive(Path(folder)).read(NOON, NOON + timedelta(days=1))
        third = len(whole) / 3
        assert len(found) >= int(at // third) - 1
        for number, offer in enumerate(found[: int(at // third)]):
            assert offer.weather.ghi[0] == pytest.approx(100.0 * number)
