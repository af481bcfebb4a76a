"""What a group of borrowed entities says, as a device of the home would."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...readings.quantity import Quantity
from ...readings.reading import Reading, Series
from ..device import Capability, Poll
from .channel import Channel
from .register import GrowingRegister


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyReport:
    """What an energy entity reported last.

    Attributes:
        energy: In Wh.
        resolution: Its smallest step in Wh.
        reported: When it reported (UTC), with a new value or the same.
        last_reset: When it says that it started anew (aware).
    """

    energy: float
    resolution: float
    reported: datetime
    last_reset: datetime | None = None


class Borrowed:
    """Make readings of what borrowed entities say."""

    def __init__(self, serial: str, channels: Mapping[str, Channel]) -> None:
        """Start with registers that were never seen.

        Args:
            serial: The lasting name of the group.
            channels: The measurements by part.
        """
        self.channels = dict(channels)
        self._serial = serial
        self._registers: dict[Capability, GrowingRegister] = {}

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Return the powers that the group was set up to tell."""
        return frozenset(
            Capability(part, Quantity.AC_POWER)
            for part, channel in self.channels.items()
            if channel.powers
        )

    def poll(
        self,
        now: datetime,
        powers: Mapping[str, float],
        energies: Mapping[str, EnergyReport],
    ) -> Poll:
        """Return what is known of the group.

        Args:
            now: The present (UTC).
            powers: What each entity that can be believed says, in W.
            energies: What each energy entity reported.
        """
        readings: list[Reading] = []
        failed: dict[str, str] = {}
        resolutions: dict[str, float] = {}
        for part, channel in self.channels.items():
            power = channel.net(powers)
            if power is not None:
                series = Series(self._serial, part, Quantity.AC_POWER)
                readings.append(Reading(series, power, now))
            elif channel.powers:
                failed[part] = "no power that can be believed"
            for quantity, entity in channel.registers():
                report = energies.get(entity)
                if report is None:
                    continue
                register = self._registers.setdefault(
                    Capability(part, quantity), GrowingRegister()
                )
                energy = register.take(
                    entity, report.reported, report.energy, report.last_reset
                )
                resolutions[part] = max(report.resolution, resolutions.get(part, 0.0))
                if energy is not None:
                    series = Series(self._serial, part, quantity)
                    readings.append(Reading(series, energy, report.reported))
        return Poll(
            taken=now,
            readings=tuple(readings),
            failed=failed,
            resolutions=resolutions,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what the next run has to know, as JSON types."""
        return {
            "registers": [
                {"part": part, "quantity": str(name), "register": register.as_dict()}
                for (part, name), register in self._registers.items()
            ]
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        self._registers = {
            Capability(
                str(item["part"]), Quantity(item["quantity"])
            ): GrowingRegister.from_dict(item["register"])
            for item in state["registers"]
        }
