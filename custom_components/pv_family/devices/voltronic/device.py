"""One off-grid inverter, with the others of its parallel system."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from ...readings.quantity import Quantity
from ...readings.reading import Quality, Reading, Series
from ..device import (
    Capability,
    Diagnostics,
    Identity,
    Part,
    PartKind,
    Poll,
    Ratings,
    SilentError,
    WrongDeviceError,
)
from ..plausibility import contradicted
from . import commands
from .changes import check, offers, same
from .dialect import Dialect, Replies, detect
from .energy import energy
from .errors import RefusedError, SettingError, UnansweredError
from .live import HOTTEST, inverter_part, own_snapshot, parallel_snapshot, readings
from .parallel import Companions
from .probe import PI30, probe
from .pv import CurrentSide
from .query import Query
from .report import every_answer
from .round import Round
from .session import Session
from .setting import Config, Offer, Setting, Value
from .settings import SETTINGS
from .words import MODES, fault, warnings

SLOW: Final = frozenset({Quantity.ENERGY_CONSUMED, Quantity.ENERGY_PRODUCED})
"""What is read at full polls only."""

_INVERTER: Final = Part(PartKind.INVERTER).key
_LOAD: Final = Part(PartKind.LOAD, 1).key
_TOTAL_PV: Final = (_INVERTER, Quantity.DC_POWER)
_GRID: Final = (Part(PartKind.METER, 1).key, Quantity.AC_POWER)
_READ_BACKS: Final = 3


@dataclass(slots=True)
class VoltronicDevice:
    """A unit that was found, and how to read and set it.

    Attributes:
        session: Asks it.
        identity: Who it is.
        ratings: What its nameplate says.
        dialect: What it is taken for, and why.
        config: Its settings as it last told them.
        implemented: The values it has.
    """

    session: Session
    identity: Identity
    ratings: Ratings
    dialect: Dialect
    config: Config
    implemented: set[Capability] = field(default_factory=set)
    _replies: Replies = field(default_factory=Replies)
    _serial_query: Query | None = None
    _companions: Companions = field(default_factory=lambda: Companions(""))
    _known: set[str] = field(default_factory=set)
    _checked_link: int = 0
    _raw_temperature: bool = False

    @classmethod
    async def discover(
        cls,
        session: Session,
        *,
        fallback_serial: str,
        pv_side: CurrentSide | None = None,
    ) -> Self:
        """Learn who a unit is and which family it belongs to.

        Args:
            session: Asks it.
            fallback_serial: Identity of a unit that has no serial number.
            pv_side: Where the user says that its PV current is measured.

        Raises:
            NotThisProtocolError: It speaks another protocol.
            SilentError: It does not answer.
        """
        found = await probe(session, fallback_serial)
        dialect = detect(found.replies, pv_side)
        return cls(
            session=session,
            identity=found.identity,
            ratings=Ratings(power=found.config.ratings.number("active_power") or None),
            dialect=dialect,
            config=replace(found.config, family=dialect.family),
            _replies=found.replies,
            _serial_query=found.serial_query,
            _companions=Companions(found.identity.serial),
            _checked_link=session.opened,
        )

    @property
    def offers(self) -> Mapping[str, Offer]:
        """Return what can be set, and as what it stands."""
        return offers(self.config)

    async def poll(self, now: datetime, *, full: bool) -> Poll:
        """Read the unit once.

        Args:
            now: The present (UTC).
            full: Whether to read settings, energies and who it is, too.

        Raises:
            WrongDeviceError: Another serial number answers.
            SilentError: It does not answer, or nothing that can be read.
        """
        try:
            live = await self.session.ask(commands.LIVE)
        except RefusedError as err:
            raise SilentError(str(err)) from err
        questions = Round(self.session, self._known)
        if full or self.session.opened != self._checked_link:
            await self._check_identity(questions)
        if full:
            await self._read_settings(questions, live)
        second = await questions.ask(commands.LIVE_2, Part(PartKind.STRING, 2).key)
        mode = MODES.get(await questions.ask(commands.MODE, _INVERTER))
        bits = await questions.ask(commands.WARNINGS, _INVERTER)
        found = self._own(live, second, mode, now)
        statuses = {_INVERTER: mode} if mode else {}
        events: dict[str, frozenset[str]] = {}
        if bits:
            nominal = self.config.ratings.number("battery_voltage")
            events[_INVERTER] = warnings(bits, battery_voltage=nominal)
            if mode == "fault" and not self.config.parallel:
                events[_INVERTER] |= await self._fault(questions)
        if self.config.parallel:
            found += await self._others(questions, now, statuses, events, full=full)
        if full and self._replies.protocol == PI30:
            found += await self._energies(questions, now)
        doubted = _doubted(found)
        poll = Poll(
            taken=now,
            readings=tuple(r for r in found if r not in doubted),
            statuses=statuses,
            events=events,
            failed=questions.failed,
            doubted=tuple(doubted),
            resolutions={r.series.part: 1.0 for r in found if _is_energy(r)},
        )
        self.implemented |= poll.capabilities
        self.implemented |= {
            Capability(r.series.part, r.series.quantity) for r in doubted
        }
        return poll

    async def write(self, key: str, value: Value) -> Value:
        """Change a setting and return what the unit shows afterwards.

        Nothing is sent if it already stands so.

        Args:
            key: The setting.
            value: A word or number of its offer, or on and off.

        Raises:
            SettingError: It must not become this, or the unit does not take it.
            WrongDeviceError: Another serial number answers.
            SilentError: The unit does not answer.
        """
        setting = SETTINGS.get(key)
        if setting is None:
            raise SettingError("not_offered", setting=key)
        await self._refresh(setting)
        if self.session.opened != self._checked_link:
            await self._check_identity(Round(self.session, set()))
            if self.session.opened != self._checked_link:
                raise UnansweredError("which unit this is could not be asked")
        wanted = check(self.config, key, value)
        if same(setting.value(self.config), wanted):
            return wanted
        problem = SettingError("refused", setting=key)
        for command in setting.commands(self.config, wanted):
            try:
                await self.session.order(command)
            except RefusedError:
                continue
            except SilentError:
                # It may have been heard: only what it shows now can tell.
                pass
            shown = await self._read_back(setting, wanted)
            if same(shown, wanted):
                return wanted
            problem = SettingError(
                "not_taken", setting=key, wanted=str(wanted), shown=str(shown)
            )
            if not setting.from_flags:
                break
        raise problem

    def describe(self) -> Diagnostics:
        """Return what the unit is taken for and why, for a bug report."""
        side, chosen = self.dialect.pv_current_side, self.dialect.chosen_side
        return {
            "family": self.dialect.family,
            "evidence": [str(item) for item in self.dialect.evidence],
            "pv_current_side": side,
            "pv_current_side_chosen": chosen is not None,
            "refused": sorted(self.session.refused),
            "requests": self.session.requests,
            "links_opened": self.session.opened,
        }

    async def read_all(self, alias: str) -> Diagnostics:
        """Return every answer as text.

        Args:
            alias: What stands in for the serial number; the other units of a parallel
                system have zeros.

        Raises:
            LinkError: The link is down.
        """
        serial = self.identity.serial
        return {"answers": await every_answer(self.session, serial, alias)}

    async def _check_identity(self, questions: Round) -> None:
        """Make sure that it is still the same unit.

        Raises:
            WrongDeviceError: It is another one.
        """
        if self._serial_query is not None:
            text = await questions.ask(self._serial_query, _INVERTER)
            if not text:
                return
            found = commands.serial(text)
            if found.strip("0") and found != self.identity.serial:
                raise WrongDeviceError(self.identity.serial, found)
        self._checked_link = self.session.opened

    async def _read_settings(self, questions: Round, live: str) -> None:
        """Read what the user or somebody else may have changed."""
        if text := await questions.ask(commands.RATINGS, _INVERTER):
            ratings = commands.RATINGS.decode(text)
            self.config = replace(self.config, ratings=ratings)
        if text := await questions.ask(commands.FLAGS, _INVERTER):
            self.config = replace(self.config, flags=commands.flags(text))
        if self.dialect.pv_current_side is None:
            # It was found in the dark, where families look the same.
            self._replies = replace(self._replies, live=live)
            self.dialect = detect(self._replies, self.dialect.chosen_side)
            self.config = replace(self.config, family=self.dialect.family)

    def _own(
        self, live: str, second: str, mode: str | None, now: datetime
    ) -> list[Reading]:
        """Return the readings of the unit that is asked."""
        snapshot = own_snapshot(commands.LIVE.decode(live), second, mode)
        if (snapshot.heat_sink_temperature or 0.0) > HOTTEST:
            self._raw_temperature = True
        if self._raw_temperature:
            snapshot = replace(snapshot, heat_sink_temperature=None)
        return list(
            readings(
                snapshot,
                self.identity.serial,
                now,
                self.dialect.pv_current_side,
            )
        )

    async def _fault(self, questions: Round) -> frozenset[str]:
        """Return why the unit is in its fault mode, if it tells."""
        query = commands.PARALLEL[0]
        unit = query.decode(await questions.ask(query, _INVERTER))
        return fault(unit.code("fault") or 0)

    async def _others(
        self,
        questions: Round,
        now: datetime,
        statuses: dict[str, str],
        events: dict[str, frozenset[str]],
        *,
        full: bool,
    ) -> list[Reading]:
        """Read the other units of the system, and add their words to ours."""
        companions = self._companions
        most = self.config.ratings.code("parallel_max") or 0
        units = await companions.poll(questions, most, full=full)
        self.config = replace(self.config, unit=companions.own_place)
        if _INVERTER in events:
            events[_INVERTER] |= fault(companions.own_fault)
        found: list[Reading] = []
        for number, unit in units.items():
            part = inverter_part(number).key
            mode = MODES.get(unit.text("mode"))
            if mode:
                statuses[part] = mode
            events[part] = fault(unit.code("fault") or 0)
            found += readings(
                parallel_snapshot(unit, mode),
                self.identity.serial,
                now,
                self.dialect.pv_current_side,
                number=number,
            )
        return found

    async def _energies(self, questions: Round, now: datetime) -> list[Reading]:
        """Read the counters of a unit that has them."""
        clock = await questions.ask(commands.CLOCK, _INVERTER)
        found = []
        for query, part, quantity in (
            (commands.PV_ENERGY, _INVERTER, Quantity.ENERGY_PRODUCED),
            (commands.LOAD_ENERGY, _LOAD, Quantity.ENERGY_CONSUMED),
        ):
            value = energy(await questions.ask(query, part), clock, now)
            if value is not None:
                series = Series(self.identity.serial, part, quantity)
                found.append(Reading(series, value, now))
        return found

    async def _refresh(self, setting: Setting) -> None:
        """Read a setting, and all others that the same answer holds."""
        query = commands.FLAGS if setting.from_flags else commands.RATINGS
        try:
            text = await self.session.ask(query)
        except RefusedError as err:
            raise SettingError("not_offered", setting=setting.reads) from err
        if setting.from_flags:
            self.config = replace(self.config, flags=commands.flags(text))
        else:
            self.config = replace(self.config, ratings=query.decode(text))

    async def _read_back(self, setting: Setting, wanted: Value) -> Value | None:
        """Return what the unit shows, once it has had the time to store it."""
        for _ in range(_READ_BACKS):
            await self.session.settle()
            await self._refresh(setting)
            if same(setting.value(self.config), wanted):
                break
        return setting.value(self.config)


def _doubted(found: list[Reading]) -> frozenset[Reading]:
    """Return what contradicts itself, and what was worked out from that."""
    doubted = contradicted(found)
    if any(reading.series.part.startswith(PartKind.STRING) for reading in doubted):
        doubted |= {
            reading
            for reading in found
            if (reading.series.part, reading.series.quantity) in {_TOTAL_PV, _GRID}
            and reading.quality is not Quality.INFERRED
        }
    return doubted


def _is_energy(reading: Reading) -> bool:
    return reading.series.quantity in SLOW
