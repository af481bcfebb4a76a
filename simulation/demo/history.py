"""Give the demo a past: 30 days of long-term statistics of the simulated home."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ..home import SimulatedHome
from ..state import EnergyCounters, EnergyInterval
from .client import HassClient

DAYS: Final = 30
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Flow:
    """One energy flow: its sensors and where the simulation keeps it."""

    name: str
    energy: Callable[[EnergyCounters], float]


def _production(energy: EnergyCounters) -> float:
    """Return production as the integration counts it: AC output less the battery's."""
    return max(
        0.0, energy.inverter_ac - energy.battery_discharge + energy.battery_charge
    )


def _consumption(energy: EnergyCounters) -> float:
    return (
        _production(energy)
        + energy.grid_import
        + energy.battery_discharge
        - energy.grid_export
        - energy.battery_charge
    )


_FLOWS: Final = (
    _Flow("production", _production),
    _Flow("consumption", _consumption),
    _Flow("grid_import", lambda e: e.grid_import),
    _Flow("grid_export", lambda e: e.grid_export),
    _Flow("battery_charge", lambda e: e.battery_charge),
    _Flow("battery_discharge", lambda e: e.battery_discharge),
)


async def import_history(client: HassClient, home: SimulatedHome, now: datetime) -> int:
    """Import what the home did until the running hour and return the hours.

    Sums end at zero now, so that the sensors, which begin at zero, go on from there.

    Args:
        client: A logged-in client.
        home: The simulated home.
        now: The present (UTC).
    """
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    intervals = home.history(end - timedelta(days=DAYS), end)
    for flow in _FLOWS:
        hourly = [flow.energy(interval.energy) / 1000 for interval in intervals]
        await _import_energy(client, flow.name, intervals, hourly)
    for name, power in (
        ("production", _production),
        ("consumption", _consumption),
        ("grid", lambda e: e.grid_import - e.grid_export),
        ("battery", lambda e: e.battery_discharge - e.battery_charge),
    ):
        means = [power(interval.energy) for interval in intervals]
        await _import_power(client, name, intervals, means)
    await _stored(client, "sensor.demo_home_battery_power", intervals[-1].start)
    return len(intervals)


async def _stored(client: HassClient, statistic: str, hour: datetime) -> None:
    """Wait until the recorder has written what was imported last."""
    async with asyncio.timeout(_PATIENCE):
        while not await client.command(
            "recorder/statistics_during_period",
            start_time=hour.isoformat(),
            statistic_ids=[statistic],
            period="hour",
        ):
            await asyncio.sleep(0.1)


async def _import_energy(
    client: HassClient,
    name: str,
    intervals: Sequence[EnergyInterval],
    hourly: Sequence[float],
) -> None:
    total = 0.0
    rows: list[dict[str, Any]] = []
    for interval, energy in zip(intervals, hourly, strict=True):
        total += energy
        rows.append({"start": interval.start.isoformat(), "state": total, "sum": total})
    await client.command(
        "recorder/import_statistics",
        metadata={
            "has_mean": False,
            "mean_type": 0,
            "has_sum": True,
            "name": None,
            "source": "recorder",
            "statistic_id": f"sensor.demo_home_{name}_energy",
            "unit_class": "energy",
            "unit_of_measurement": "kWh",
        },
        stats=rows,
    )


async def _import_power(
    client: HassClient,
    name: str,
    intervals: Sequence[EnergyInterval],
    means: Sequence[float],
) -> None:
    await client.command(
        "recorder/import_statistics",
        metadata={
            "has_mean": True,
            "mean_type": 1,
            "has_sum": False,
            "name": None,
            "source": "recorder",
            "statistic_id": f"sensor.demo_home_{name}_power",
            "unit_class": "power",
            "unit_of_measurement": "W",
        },
        stats=[
            {
                "start": interval.start.isoformat(),
                "mean": mean,
                "min": mean,
                "max": mean,
            }
            for interval, mean in zip(intervals, means, strict=True)
        ],
    )
