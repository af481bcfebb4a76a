"""The other units of a parallel system, which any one of them tells about."""

from dataclasses import dataclass, field

from .commands import PARALLEL
from .query import Answer
from .round import Round


@dataclass(slots=True)
class Companions:
    """Units that work together with the one that is asked.

    Attributes:
        own_serial: Of the unit that is asked.
        own_place: Its number in the system, once it is known.
        own_fault: The code that it reports as one of them.
        numbers: The lasting number of each other unit by serial, from 2.
    """

    own_serial: str
    own_place: int = 0
    own_fault: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    _places: dict[int, str] = field(default_factory=dict)

    async def poll(
        self, questions: Round, most: int, *, full: bool
    ) -> dict[int, Answer]:
        """Return what there is of each other unit, by its number.

        Args:
            questions: Asks them.
            most: How many units the system can have.
            full: Whether to look for units that were not there before.

        Raises:
            LinkError: The link is down.
        """
        found: dict[str, Answer] = {}
        for place in range(min(most, len(PARALLEL))) if full else list(self._places):
            serial = self._places.get(place, "")
            number = self.numbers.get(serial)
            part = f"inverter_{number}" if number else "inverter"
            query = PARALLEL[place]
            if not (text := await questions.ask(query, part)):
                if place > max(self._places, default=0):
                    # Places are taken without gaps.
                    break
                continue
            unit = query.decode(text)
            if unit.text("exists") != "1":
                if number:
                    questions.failed.setdefault(part, "it has left the system")
                continue
            self._places[place] = unit.text("serial")
            if self._is_own(unit.text("serial")):
                self.own_place = place
                self.own_fault = unit.code("fault") or 0
            else:
                found[unit.text("serial")] = unit
        # Sorted, because places change when the system starts anew.
        for serial in sorted(found):
            self.numbers.setdefault(serial, len(self.numbers) + 2)
        return {self.numbers[serial]: unit for serial, unit in found.items()}

    def _is_own(self, serial: str) -> bool:
        # The long answer has more digits than the place here.
        return self.own_serial.startswith(serial)
