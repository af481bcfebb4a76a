"""A simulated home whose powers other integrations measure."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import math
import random
from typing import NamedTuple

from custom_components.pv_family.devices.borrowed.samples import Table

START = datetime(2026, 6, 15, tzinfo=UTC)
SLOTS = 288


class Powers(NamedTuple):
    """The powers of a home in W, in the signs of the home."""

    pv: float
    grid: float
    battery: float
    load: float


type Sensor = Callable[[Powers], float | None]


def home(days: int = 2, *, battery: float = 3_000.0) -> list[tuple[float, Powers]]:
    """Return the sun's elevation and the powers in slots of five minutes.

    Args:
        days: How many days.
        battery: The battery's capacity in Wh, 0 for none.
    """
    rng = random.Random(3)
    rows: list[tuple[float, Powers]] = []
    stored = battery / 2
    for slot in range(days * SLOTS):
        hour = (slot % SLOTS) / 12
        sun = math.sin((hour - 5) / 14 * math.pi) if 5 < hour < 19 else -0.25
        pv = max(0.0, 5_000 * sun * rng.uniform(0.4, 1.0))
        load = 250 + rng.expovariate(1 / 500)
        flow = max(-2_000.0, min(2_000.0, load - pv)) if battery else 0.0
        flow = (
            min(flow, stored * 12) if flow > 0 else max(flow, (stored - battery) * 12)
        )
        stored -= flow / 12
        rows.append((60 * sun, Powers(pv, load - pv - flow, flow, load)))
    return rows


def measured(
    *sensors: Sensor, days: int = 2, battery: float = 3_000.0, noise: float = 5.0
) -> Table:
    """Return what sensors with a little noise show of a home."""
    rng = random.Random(5)
    rows = home(days, battery=battery)
    return Table(
        tuple(START + timedelta(minutes=5 * i) for i in range(len(rows))),
        tuple(elevation for elevation, _ in rows),
        tuple(
            tuple(
                None if (value := sensor(powers)) is None else value + noisy(rng, noise)
                for sensor in sensors
            )
            for _, powers in rows
        ),
    )


def noisy(rng: random.Random, noise: float) -> float:
    """Return an error of a sensor in W."""
    return rng.gauss(0.0, noise) if noise else 0.0
