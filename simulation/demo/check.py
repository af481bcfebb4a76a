"""Compare what Home Assistant shows with what the simulated home does."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, override

import aiohttp

from .client import HassClient

# A shown value is one poll, one beat and one publishing interval old at most.
_WINDOW: Final = 75
_TOLERANCE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Comparison:
    """One value as it is shown and as it was within the last seconds.

    Attributes:
        name: The entity.
        shown: Its state, ``None`` if it is not a number.
        low: The least that the simulation had.
        high: The most that it had.
        slack: What rounding and scale factors may add.
    """

    name: str
    shown: float | None
    low: float
    high: float
    slack: float

    @property
    def agrees(self) -> bool:
        """Tell whether the shown value lies within what was true."""
        if self.shown is None:
            return False
        reach = self.slack + _TOLERANCE * max(abs(self.low), abs(self.high))
        return self.low - reach <= self.shown <= self.high + reach

    @override
    def __str__(self) -> str:
        """Return a line for a table."""
        shown = "unknown" if self.shown is None else f"{self.shown:.1f}"
        mark = "ok" if self.agrees else "WRONG"
        return (
            f"{self.name:48} {shown:>10} {self.low:>10.1f} {self.high:>10.1f}  {mark}"
        )


def expected(truth: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the value and the slack of each entity that the truth determines."""
    state = truth["home"]
    battery = state["battery"]
    power = battery["power_dc"] if battery else 0.0
    output = state["inverter_ac"]
    production = max(0.0, output - power)
    values: dict[str, tuple[float, float]] = {
        "sensor.demo_home_production_power": (production, 25.0),
        "sensor.demo_home_grid_power": (state["grid"], 25.0),
        "sensor.demo_home_consumption_power": (
            max(0.0, production + state["grid"] + power),
            40.0,
        ),
        "sensor.inverter_power": (output, 25.0),
    }
    if battery:
        values["sensor.demo_home_battery_power"] = (power, 25.0)
        values["sensor.demo_home_battery_state_of_charge"] = (100 * battery["soc"], 1.5)
    for number, string in enumerate(state["strings"], 1):
        values[f"sensor.inverter_string_{number}_power"] = (string["power"], 25.0)
        values[f"sensor.inverter_string_{number}_voltage"] = (string["voltage"], 3.0)
    return values


class Witness:
    """Keep what was true within the last seconds."""

    def __init__(self, control_url: str) -> None:
        """Prepare to watch the simulator at its control address."""
        self._url = control_url
        self._seen: deque[dict[str, tuple[float, float]]] = deque(maxlen=_WINDOW)

    async def watch(self) -> None:
        """Ask the simulator every second, until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{self._url}/truth") as answer:
                    self._seen.append(expected(await answer.json()))
                await asyncio.sleep(1.0)

    def compare(self, states: Mapping[str, Mapping[str, Any]]) -> list[Comparison]:
        """Hold the states against what was true."""
        return [
            Comparison(
                name=name,
                shown=_number(states.get(name, {}).get("state")),
                low=min(seen[name][0] for seen in self._seen),
                high=max(seen[name][0] for seen in self._seen),
                slack=self._seen[-1][name][1],
            )
            for name in (self._seen[-1] if self._seen else {})
        ]


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except TypeError, ValueError:
        return None


async def check(
    client: HassClient, control_url: str, seconds: float
) -> list[Comparison]:
    """Watch for a while and return how states and truth compare at the end."""
    witness = Witness(control_url)
    watching = asyncio.create_task(witness.watch())
    try:
        await asyncio.sleep(seconds)
        return witness.compare(await client.states())
    finally:
        if watching.done():
            # A witness that fell over would have nothing to say against anybody.
            watching.result()
        watching.cancel()
