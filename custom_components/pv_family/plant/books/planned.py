"""Downtime that the user has marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from ...readings.energy_counter import mapping
from ..kpi.availability import PlannedDowntime


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A time in which something is off on purpose.

    Attributes:
        uid: Its lasting name.
        start: UTC.
        end: UTC.
        summary: Why, in the user's words.
        component: What is off, ``None`` for the whole plant.
    """

    uid: str
    start: datetime
    end: datetime
    summary: str = ""
    component: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no time.

        Raises:
            ValueError: It has no length or no time zone.
        """
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a downtime needs a time zone")
        if self.end <= self.start:
            raise ValueError("a downtime ends after it starts")

    @property
    def downtime(self) -> PlannedDowntime:
        """What the availability needs of it."""
        return PlannedDowntime(self.start, self.end, self.component)

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `from_dict`."""
        return {
            "uid": self.uid,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "summary": self.summary,
            "component": self.component,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """Return the downtime of a state.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        state = mapping(state)
        component = state["component"]
        return cls(
            uid=str(state["uid"]),
            start=datetime.fromisoformat(state["start"]),
            end=datetime.fromisoformat(state["end"]),
            summary=str(state["summary"]),
            component=None if component is None else str(component),
        )
