"""Count the energy of one source of a flow, from its registers or from its power."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from .energy_counter import EnergyCounter, Step, finite, mapping

# An inverter's usual efficiency, and the least that is believed of one.
_USUAL: Final = 0.96
_LEAST: Final = 0.85
# Below this the steps of the registers hide the efficiency.
_ENOUGH: Final = 1_000.0
# Twice the coarsest step of a register: one that has not moved by then never does.
_DEAD: Final = 2_000.0


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one source tells of a flow at an instant.

    Attributes:
        power: What flows in W, ``None`` if it is not known; what is negative flows
            the other way and counts 0.
        registers: Each register's growing total in Wh (`EnergyCounter.total`) by a
            lasting name; empty if registers do not cover the flow now.
        stand_in: A growing total in Wh that grows in proportion to a flow which only
            power tells about, to fill in what flowed while nobody looked.
    """

    power: float | None = None
    registers: Mapping[str, float] = field(default_factory=dict)
    stand_in: float | None = None


@dataclass(slots=True)
class FlowMeter:
    """Count one source of a flow; the total starts at zero and only grows.

    Attributes:
        counter: What power counted.
        from_registers: What registers, or a stand-in, counted in Wh.
        seen: The last total of each register in Wh, by its name.
        bridged: What power counted since the registers last moved, in Wh.
        stand_in: What the stand-in showed last, in Wh.
        share: What power counted and what its stand-in showed meanwhile, in Wh.
        put_back_energy: What was put back, and may come to light again, in Wh.
        unmoved: What flowed beside registers that have never moved, in Wh; ``None``
            once they have.
    """

    counter: EnergyCounter = field(default_factory=EnergyCounter)
    from_registers: float = 0.0
    seen: dict[str, float] = field(default_factory=dict)
    bridged: float = 0.0
    stand_in: float | None = None
    share: tuple[float, float] = (0.0, 0.0)
    put_back_energy: float = 0.0
    unmoved: float | None = 0.0

    @property
    def total(self) -> float:
        """What has flowed since counting began, in Wh."""
        return self.from_registers + self.counter.total

    def count(self, taken: datetime, said: Contribution) -> None:
        """Take in what the source tells at an instant.

        Args:
            taken: The instant (UTC).
            said: What it tells.
        """
        if said.registers:
            self._count_registers(said.registers)
            if self.unmoved is None:
                self.counter.pause()
            else:
                self._count_beside(taken, said.power, self.unmoved)
        else:
            self._count_power(taken, said.power, said.stand_in)

    def put_back(self, energy: float) -> None:
        """Add energy that was counted before and got lost.

        Should a register bring it to light again, it does not count twice.

        Args:
            energy: In Wh.
        """
        self.from_registers += energy
        self.put_back_energy += energy
        self.counter.pause()

    def pause(self) -> None:
        """Draw no line from the last power sample to the next."""
        self.counter.pause()

    def _count_registers(self, totals: Mapping[str, float]) -> None:
        grown = 0.0
        for name, total in totals.items():
            grown += max(0.0, total - self.seen.get(name, total))
            self.seen[name] = total
        if grown > 0.0:
            # What power counted in their absence comes to light in them as well.
            grown = max(0.0, grown - self.bridged - self.put_back_energy)
            self.bridged = self.put_back_energy = 0.0
            self.unmoved = None
        self.from_registers += grown
        # Should the register go, neither power nor a stand-in must count what it did.
        self.stand_in = None

    def _count_beside(
        self, taken: datetime, power: float | None, unmoved: float
    ) -> None:
        """Let power count where the registers turn out to be dead.

        Some devices show a lifetime energy that they never fill.
        """
        if power is None:
            self.counter.pause()
            return
        before = self.counter.total
        self.counter.count_power(taken, power)
        counted = self.counter.total - before
        self.unmoved = unmoved + counted
        if self.unmoved < _DEAD:
            self.counter.total = before
            return
        if unmoved < _DEAD:
            self.counter.total += unmoved
            counted += unmoved
        self.bridged += counted

    def _count_power(
        self, taken: datetime, power: float | None, stand_in: float | None
    ) -> None:
        if power is None:
            self.counter.pause()
            return
        before = self.counter.total
        step = self.counter.count_power(taken, power)
        counted = self.counter.total - before
        if stand_in is None:
            self.stand_in = None
        elif step is not Step.LATE:
            counted += self._fill_in(step, counted, stand_in)
        self.bridged += counted

    def _fill_in(self, step: Step, counted: float, stand_in: float) -> float:
        """Count what flowed unseen, as far as a stand-in knows, and return it in Wh.

        Strings count at the DC side what the home counts at the AC side: how much of
        it arrives there is learned while both are seen.
        """
        before = stand_in if self.stand_in is None else self.stand_in
        grown = max(0.0, stand_in - before)
        self.stand_in = stand_in
        seen_power, seen_stand_in = self.share
        if step is Step.COUNTED:
            self.share = (seen_power + counted, seen_stand_in + grown)
            return 0.0
        learned = seen_power / seen_stand_in if seen_stand_in > _ENOUGH else _USUAL
        filled = grown * min(1.0, max(_LEAST, learned))
        filled = max(0.0, filled - self.put_back_energy)
        self.put_back_energy = 0.0
        self.from_registers += filled
        return filled

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `from_dict`."""
        return {
            "counter": self.counter.as_dict(),
            "from_registers": self.from_registers,
            "seen": dict(self.seen),
            "bridged": self.bridged,
            "stand_in": self.stand_in,
            "share": list(self.share),
            "put_back_energy": self.put_back_energy,
            "unmoved": self.unmoved,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """Return the meter that `as_dict` described.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        state = mapping(state)
        stand_in, unmoved = state["stand_in"], state["unmoved"]
        power, seen_stand_in = state["share"]
        return cls(
            counter=EnergyCounter.from_dict(mapping(state["counter"])),
            from_registers=finite(state["from_registers"]),
            seen={str(n): finite(v) for n, v in mapping(state["seen"]).items()},
            bridged=finite(state["bridged"]),
            stand_in=None if stand_in is None else finite(stand_in),
            share=(finite(power), finite(seen_stand_in)),
            put_back_energy=finite(state["put_back_energy"]),
            unmoved=None if unmoved is None else finite(unmoved),
        )
