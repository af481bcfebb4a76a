"""Collect evidence that a meter or a battery counts the wrong way round.

Nothing is ever turned round on this evidence alone: the user sees it and decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from .power_flow import PowerFlow

# Meters err and samples are seconds apart: less than this proves nothing.
_CLEAR: Final = 150.0
_CLEAR_SHARE: Final = 0.1
# No inverter loses this share of what it takes from its battery.
_LOSS: Final = 0.25
_SWING: Final = 400.0
_ANSWERED: Final = 0.25
# Loads change on their own in the time between samples that are further apart.
_LONGEST_SWING: Final = timedelta(seconds=45)
# Ten minutes of contradiction, most of what was seen.
_ENOUGH_SAMPLES: Final = 60
# A load that takes up all production leaves answers of either sign by chance: this
# many of them hardly ever agree.
_ENOUGH_SWINGS: Final = 12
_MOST: Final = 0.8
# Old samples fade so that a repaired wiring is believed within hours.
_MEMORY: Final = 2_000


class Suspect(StrEnum):
    """What may count the wrong way round."""

    GRID = "grid"
    BATTERY = "battery"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a sign is doubted.

    Attributes:
        suspect: What seems reversed.
        impossible: Samples in which the house would have produced power itself.
        samples: Samples in which it could have shown.
        swings_against: Production swings that the meter answered the wrong way.
        swings_for: Production swings that it answered the right way.
        flow: The clearest sample.
    """

    suspect: Suspect
    impossible: int
    samples: int
    swings_against: int
    swings_for: int
    flow: PowerFlow


@dataclass(slots=True)
class SignWitness:
    """Watch the power flow for what only a wrong sign explains."""

    samples: int = 0
    impossible: dict[Suspect, int] = field(default_factory=dict)
    swings_for: int = 0
    swings_against: int = 0
    _clearest: dict[Suspect, PowerFlow] = field(default_factory=dict)
    _before: PowerFlow | None = None
    _last_swing: float | None = None

    def step(self, flow: PowerFlow) -> Evidence | None:
        """Take in one sample and return the evidence once it is convincing."""
        before, self._before = self._before, flow
        last_swing, self._last_swing = self._last_swing, None
        if flow.production is None or flow.grid is None or flow.battery is None:
            return None
        self._judge_balance(flow)
        if before is not None and flow.taken - before.taken <= _LONGEST_SWING:
            self._judge_swing(before, flow, last_swing)
        self._fade()
        return self._verdict()

    def reset(self) -> None:
        """Forget everything, after the user turned something round."""
        self.samples = self.swings_for = self.swings_against = 0
        self.impossible.clear()
        self._clearest.clear()
        self._before = self._last_swing = None

    def as_dict(self) -> Mapping[str, Any]:
        """Return what was seen, for diagnostics."""
        return {
            "samples": self.samples,
            "impossible": dict(self.impossible),
            "swings_for": self.swings_for,
            "swings_against": self.swings_against,
        }

    def _judge_balance(self, flow: PowerFlow) -> None:
        assert flow.production is not None
        assert flow.grid is not None
        assert flow.battery is not None
        scale = max(flow.production, abs(flow.grid), abs(flow.battery))
        clear = max(_CLEAR, _CLEAR_SHARE * scale)
        if max(abs(flow.grid), abs(flow.battery)) < clear:
            return
        self.samples += 1
        if flow.shortfall > max(clear, _LOSS * abs(flow.battery)):
            # Charging taken for discharging leaves the arrays less than nothing.
            self._blame(Suspect.BATTERY, flow)
            return
        left = flow.production + flow.grid + flow.battery
        if left >= -clear:
            return
        # A house that produces: which single turn would make it a load again?
        suspects = [
            suspect
            for suspect, power in (
                (Suspect.GRID, flow.grid),
                (Suspect.BATTERY, flow.battery),
            )
            if left - 2 * power >= -clear
        ]
        if len(suspects) == 1:
            self._blame(suspects[0], flow)

    def _blame(self, suspect: Suspect, flow: PowerFlow) -> None:
        self.impossible[suspect] = self.impossible.get(suspect, 0) + 1
        clearest = self._clearest.setdefault(suspect, flow)
        if (clearest.residual or 0.0) > (flow.residual or 0.0):
            self._clearest[suspect] = flow

    def _judge_swing(
        self, before: PowerFlow, flow: PowerFlow, last_swing: float | None
    ) -> None:
        """Count a swing of production only if the meter answered it at once.

        A swing right after another does not count: a late meter still answers
        the first one.
        """
        if before.production is None or before.grid is None or before.battery is None:
            return
        assert flow.production is not None
        assert flow.grid is not None
        assert flow.battery is not None
        swing = self._last_swing = flow.production - before.production
        taken_up = flow.battery - before.battery
        answer = flow.grid - before.grid
        if abs(swing) < _SWING or abs(taken_up) > abs(swing) / 2:
            return
        if last_swing is None or abs(last_swing) > _ANSWERED * abs(swing):
            return
        if abs(answer) < _ANSWERED * abs(swing) or abs(answer) > 2 * abs(swing):
            return
        if answer * swing < 0:
            self.swings_for += 1
        else:
            self.swings_against += 1
            self._clearest.setdefault(Suspect.GRID, flow)

    def _fade(self) -> None:
        if self.samples < _MEMORY:
            return
        self.samples //= 2
        self.swings_for //= 2
        self.swings_against //= 2
        for suspect in self.impossible:
            self.impossible[suspect] //= 2

    def _verdict(self) -> Evidence | None:
        swings = self.swings_for + self.swings_against
        swung = (
            self.swings_against >= _ENOUGH_SWINGS
            and self.swings_against >= _MOST * swings
        )
        for suspect in sorted(
            Suspect, key=lambda s: self.impossible.get(s, 0), reverse=True
        ):
            impossible = self.impossible.get(suspect, 0)
            shown = impossible >= _ENOUGH_SAMPLES and impossible >= 0.2 * self.samples
            # A reversed meter of a house that only exports never shows a house that
            # produces by itself: there the swings alone tell.
            if shown or (suspect is Suspect.GRID and swung):
                return Evidence(
                    suspect=suspect,
                    impossible=impossible,
                    samples=self.samples,
                    swings_against=self.swings_against,
                    swings_for=self.swings_for,
                    flow=self._clearest[suspect],
                )
        return None
