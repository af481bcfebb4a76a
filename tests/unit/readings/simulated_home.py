"""A home whose every watt is known, seen through meters with chosen faults."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import math
from random import Random

from custom_components.pv_family.readings.power_flow import (
    FlowSample,
    PowerFlow,
    Role,
    power_flow,
)

MIDNIGHT = datetime(2026, 6, 21, tzinfo=UTC)
STEP = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class Home:
    """What stands in the home and how well it is metered.

    Attributes:
        peak: Production of a clear noon in W.
        clouds: Chance that the sky changes from one sample to the next.
        battery: Most power in W of the battery, 0 for none.
        hybrid: Whether the battery is on the DC side of the inverter.
        trades: Whether the battery sells in the evening and buys at night.
        follows: Share of a change of production that a load takes up at once.
        grid_sign: -1 for a reversed meter.
        battery_sign: -1 for a reversed battery.
        noise: Standard deviation of every meter in W.
        late: Whether the grid meter shows what flowed one sample ago.
        missing: Share of samples that a source does not answer.
    """

    peak: float = 5000.0
    clouds: float = 0.04
    battery: float = 0.0
    hybrid: bool = False
    trades: bool = False
    follows: float = 0.0
    grid_sign: int = 1
    battery_sign: int = 1
    noise: float = 0.0
    late: bool = False
    missing: float = 0.0

    def flows(
        self, seed: int, *, start: float = 0.0, hours: float = 24.0
    ) -> Iterator[PowerFlow]:
        """Yield one power flow every ten seconds.

        Args:
            seed: Of the clouds, the loads and the noise.
            start: Hour of the first day at which to begin.
            hours: How long.
        """
        random = Random(seed)
        sky, kettle, stored, before = 1.0, 0, 0.5, 0.0
        for index in range(int(hours * 360)):
            now = MIDNIGHT + timedelta(hours=start) + index * STEP
            hour = (start + index / 360) % 24
            if random.random() < self.clouds:
                sky = random.choice((0.25, 0.5, 0.9, 1.0))
            clear = self.peak * max(0.0, math.sin((hour - 6) / 12 * math.pi))
            production = clear * sky
            kettle = kettle - 1 if kettle else 18 * (random.random() < 0.002)
            load = 350.0 + 150.0 * math.sin(index / 60) + (2000.0 if kettle else 0.0)
            load += self.follows * production
            battery = self._battery(hour, load - production, stored)
            stored -= battery / 10_000.0 / 360
            # What comes out of a hybrid's AC side has lost 4 % of the battery's power.
            behind = battery - 0.04 * abs(battery) if self.hybrid else 0.0
            grid = load - production - (behind if self.hybrid else battery)
            seen, before = (before if self.late else grid), grid
            samples = [
                (Role.GENERATION, production + behind),
                (Role.GRID, self.grid_sign * seen),
            ]
            if self.battery:
                samples.append((Role.BATTERY, self.battery_sign * battery))
            yield power_flow(
                now, (self._sample(random, role, power) for role, power in samples)
            )

    def _battery(self, hour: float, short: float, stored: float) -> float:
        """Return what the battery gives, positive for discharge, in W."""
        wanted = short
        if self.trades and 19 <= hour < 21:
            wanted = self.battery
        elif self.trades and 1 <= hour < 4:
            wanted = -self.battery
        if (wanted > 0 and stored < 0.1) or (wanted < 0 and stored > 0.95):
            return 0.0
        return max(-self.battery, min(self.battery, wanted))

    def _sample(self, random: Random, role: Role, power: float) -> FlowSample:
        hybrid = self.hybrid and role is not Role.GRID
        source = "hybrid" if hybrid else str(role)
        if random.random() < self.missing:
            return FlowSample(source, role, None)
        return FlowSample(source, role, power + random.gauss(0.0, self.noise))
