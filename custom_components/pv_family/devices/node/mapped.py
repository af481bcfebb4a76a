"""A node of other people, read by a mapping of its topics."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import re
from typing import Any, Final

from ...readings.quantity import BOUNDS, Kind
from ...readings.reading import Reading, Series
from ..device import Capability, Diagnostics, Identity, Poll, Ratings, SilentError
from .latest import Latest
from .mapping import Rule, number_at, plain_number
from .payload import PayloadError, parse_json

# Status messages of common firmware are larger and deeper than the community's.
_MAX_BYTES: Final = 16_384
_MAX_DEPTH: Final = 8
_SHOWN_BYTES: Final = 1024
# What C prints for a sensor that failed, which is no JSON.
_NO_NUMBER: Final = re.compile(
    rb"(?<=[:,\[])\s*[+-]?(?:nan|inf(?:inity)?)\s*(?=[,\]}])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """Where a node says whether it is there.

    Attributes:
        topic: The whole topic, without wildcards.
        online: The payload that says that it is.
        offline: The payload that says that it is not, its last will as a rule.
    """

    topic: str
    online: str = "online"
    offline: str = "offline"


@dataclass(slots=True)
class MappedNode:
    """A node of other people, read by rules.

    Attributes:
        identity: Who it is, as the user named it.
        rules: Where its values come from.
        availability: Where it says whether it is there, ``None`` if nowhere.
        max_age: How long a value is the present.
        ratings: Unknown.
        implemented: The values it has shown to have.
        available: Whether it is there by its own word, ``None`` while unknown.
    """

    identity: Identity
    rules: tuple[Rule, ...]
    availability: Availability | None = None
    max_age: timedelta = timedelta(minutes=5)
    ratings: Ratings = field(default_factory=Ratings)
    implemented: set[Capability] = field(default_factory=set)
    available: bool | None = None
    _latest: Latest = field(init=False)
    _by_topic: dict[str, list[Rule]] = field(default_factory=dict)
    _last: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the rules by topic."""
        self._latest = Latest(self.max_age)
        for rule in self.rules:
            self._by_topic.setdefault(rule.topic, []).append(rule)

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """Return the topics to subscribe to."""
        topics: Iterable[str] = self._by_topic
        if self.availability is not None:
            topics = (*topics, self.availability.topic)
        return tuple(dict.fromkeys(topics))

    def feed(
        self, topic: str, payload: bytes, retained: bool, now: datetime
    ) -> tuple[Reading, ...]:
        """Return what one message says.

        Args:
            topic: As it came.
            payload: As it came.
            retained: Whether the broker had kept it: then only registers are taken.
            now: When it arrived (UTC).

        Raises:
            PayloadError: The message cannot be read.
        """
        self._availability(topic, payload)
        rules = self._by_topic.get(topic)
        if rules is None:
            return ()
        self._last[topic] = payload[:_SHOWN_BYTES].decode(errors="replace")
        found = plain_number(payload)
        if found is None:
            written = payload[: _MAX_BYTES + 1]
            found = parse_json(
                _NO_NUMBER.sub(b"null", written), limit=_MAX_BYTES, depth=_MAX_DEPTH
            )
        readings = tuple(
            Reading(
                Series(self.identity.serial, rule.part.key, rule.quantity),
                value * rule.factor,
                now,
            )
            for rule, value in _values(rules, found)
            if not (retained and BOUNDS[rule.quantity].kind is not Kind.REGISTER)
        )
        self._latest.take(readings)
        if readings and not retained:
            self._latest.heard = now
            self.available = True
        return readings

    async def poll(self, now: datetime, *, full: bool) -> Poll:
        """Return what is the present; the node is not asked for anything.

        Raises:
            SilentError: The node is away, or was not heard for too long.
        """
        if self.available is False:
            raise SilentError("the node is offline")
        if self._latest.silent(now):
            raise SilentError("the node has not been heard")
        poll = Poll(taken=now, readings=self._latest.fresh(now))
        self.implemented |= poll.capabilities
        return poll

    async def read_all(self) -> Diagnostics:
        """Return the last payload of each topic."""
        return {"messages": dict(sorted(self._last.items()))}

    def _availability(self, topic: str, payload: bytes) -> None:
        known = self.availability
        if known is None or topic != known.topic:
            return
        text = payload[:64].decode(errors="replace").strip()
        # Common firmware does not agree on capitals.
        if text.casefold() == known.offline.casefold():
            self.available = False
        elif text.casefold() == known.online.casefold():
            self.available = True


def _values(rules: Iterable[Rule], found: Any) -> list[tuple[Rule, float]]:
    """Return what the rules find in a message; one strange field spoils no other.

    Raises:
        PayloadError: There is nothing but strange fields.
    """
    values: list[tuple[Rule, float]] = []
    problem: PayloadError | None = None
    for rule in rules:
        try:
            value = number_at(found, rule.path)
        except PayloadError as err:
            problem = problem or err
            continue
        if value is not None:
            values.append((rule, value))
    if problem is not None and not values:
        raise problem
    return values
