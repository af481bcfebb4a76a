"""How a load is read and commanded through the entities of Home Assistant."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from math import floor, isfinite
from typing import Any, Final, NamedTuple, override

from homeassistant.components.climate import (
    DOMAIN as CLIMATE_DOMAIN,
    SERVICE_SET_TEMPERATURE,
)
from homeassistant.components.number import ATTR_VALUE, SERVICE_SET_VALUE
from homeassistant.components.water_heater import DOMAIN as WATER_HEATER_DOMAIN
from homeassistant.const import (
    ATTR_ENTITY_ID,
    ATTR_TEMPERATURE,
    ATTR_UNIT_OF_MEASUREMENT,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfPower,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import PowerConverter

from .load_settings import Kind, LoadSettings

# Numbers and set points that differ by less are the same.
_NEAR: Final = 0.05
# A phase switch wears, and cars dislike it: no more often than this, in s.
_PHASE_REST: Final = 600.0
# The share of its nominal power above which a programme is seen to run.
_RUNS: Final = 0.02


class Call(NamedTuple):
    """One action of Home Assistant."""

    domain: str
    service: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the entities of a load show.

    Attributes:
        available: They can be commanded.
        on: It is switched on.
        setting: What it is set to, 0 when off, in W.
        measured: What it draws, ``None`` if that is not known, in W.
        since: When it last changed between on and off (UTC).
    """

    available: bool
    on: bool
    setting: float
    measured: float | None
    since: datetime


class Actuator:
    """One load's entities."""

    def __init__(self, hass: HomeAssistant, settings: LoadSettings) -> None:
        """Keep what is controlled."""
        self.hass = hass
        self.settings = settings
        known = er.async_resolve_entity_id(er.async_get(hass), settings.entity)
        self.entity = known or settings.entity
        self._on: bool | None = None
        self._since: datetime | None = None

    def read(self, now: datetime) -> Shown:
        """Return what the load shows now.

        Args:
            now: The present (UTC).
        """
        state = self.state(self.entity)
        measured = self._measured()
        if self._since is not None:
            # The clock may have been put back.
            self._since = min(self._since, now)
        if state is None:
            return Shown(False, False, 0.0, measured, self._since or now)
        on, setting = self._standing(state, measured, now)
        if on is not self._on:
            first = self._on is None
            self._on = on
            self._since = min(now, state.last_changed) if first else now
        return Shown(True, on, setting if on else 0.0, measured, self._since or now)

    @abstractmethod
    def _standing(
        self, state: State, measured: float | None, now: datetime
    ) -> tuple[bool, float]:
        """Return whether the load is on, and what it is set to then, in W."""

    @abstractmethod
    def calls(self, power: float, now: datetime) -> list[Call]:
        """Return what to call for a set point.

        Args:
            power: In W; 0 is off.
            now: The present (UTC).
        """

    def settled(self, wanted: float, shown: Shown) -> bool:
        """Tell whether a set point shows.

        Args:
            wanted: In W.
            shown: What the load shows.
        """
        return shown.available and shown.on == (wanted > 0.0)

    def state(self, entity: str | None) -> State | None:
        """Return the state of an entity, ``None`` if it has none now."""
        state = None if entity is None else self.hass.states.get(entity)
        if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            return None
        return state

    def ready(self) -> bool:
        """Tell whether the load can be used, as far as something tells."""
        ready = self.settings.ready
        if ready is None:
            return True
        state = self.state(ready)
        return state is not None and state.state == STATE_ON

    def _measured(self) -> float | None:
        if (state := self.state(self.settings.meter)) is None:
            return None
        power = _number(state.state)
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT, UnitOfPower.WATT)
        if power is None or unit not in PowerConverter.VALID_UNITS:
            return None
        # No load gives anything back: a clamp may be the other way round.
        return abs(PowerConverter.convert(power, unit, UnitOfPower.WATT))

    def _switch(self, entity: str, *, on: bool) -> Call:
        service = SERVICE_TURN_ON if on else SERVICE_TURN_OFF
        return Call(entity.partition(".")[0], service, {ATTR_ENTITY_ID: entity})


class SwitchActuator(Actuator):
    """A load that is switched on and off."""

    @override
    def _standing(
        self, state: State, measured: float | None, now: datetime
    ) -> tuple[bool, float]:
        return state.state != STATE_OFF, self.settings.power

    @override
    def calls(self, power: float, now: datetime) -> list[Call]:
        """Switch it."""
        return [self._switch(self.entity, on=power > 0.0)]


class SetpointActuator(Actuator):
    """A heat pump whose set point is raised for surplus."""

    @property
    def _is_number(self) -> bool:
        domain = self.entity.partition(".")[0]
        return domain not in (CLIMATE_DOMAIN, WATER_HEATER_DOMAIN)

    @override
    def _standing(
        self, state: State, measured: float | None, now: datetime
    ) -> tuple[bool, float]:
        shown = state.state if self._is_number else state.attributes.get("temperature")
        value = _number(shown)
        middle = (self.settings.normal + self.settings.raised) / 2.0
        # A pump that cools is raised downwards.
        upwards = self.settings.raised >= self.settings.normal
        on = value is not None and (value > middle if upwards else value < middle)
        return on, self.settings.power

    @override
    def calls(self, power: float, now: datetime) -> list[Call]:
        """Raise the set point, or take it back."""
        value = self.settings.raised if power > 0.0 else self.settings.normal
        domain = self.entity.partition(".")[0]
        if self._is_number:
            data = {ATTR_ENTITY_ID: self.entity, ATTR_VALUE: value}
            return [Call(domain, SERVICE_SET_VALUE, data)]
        data = {ATTR_ENTITY_ID: self.entity, ATTR_TEMPERATURE: value}
        return [Call(domain, SERVICE_SET_TEMPERATURE, data)]


class ModulatingActuator(Actuator):
    """A load whose power, or current, is a number."""

    _phased: datetime | None = None

    @override
    def _standing(
        self, state: State, measured: float | None, now: datetime
    ) -> tuple[bool, float]:
        number = _number(state.state) or 0.0
        on = number > _NEAR
        if (enable := self.settings.enable) is not None:
            shown = self.state(enable)
            on = on and shown is not None and shown.state == STATE_ON
        return on, number * self.settings.watts * self._phases()

    def _phases(self) -> int:
        switch = self.settings.phase_switch
        if switch is None:
            return self.settings.count
        state = self.state(switch)
        return 3 if state is not None and state.state == STATE_ON else 1

    @override
    def read(self, now: datetime) -> Shown:
        """Return what the load shows; without its switch it cannot be commanded."""
        shown = super().read(now)
        if self.settings.enable is None or self.state(self.settings.enable) is not None:
            return shown
        return Shown(False, False, 0.0, shown.measured, shown.since)

    def number(self, power: float, now: datetime) -> tuple[float, int]:
        """Return the number and the phases for a power.

        Never more than the power asked for, except for what the load takes at least.

        Args:
            power: In W, above 0.
            now: The present (UTC).
        """
        settings = self.settings
        phases = self._phases()
        low = settings.low or settings.step
        if settings.phase_switch is not None and self._may_change_phases(now):
            phases = 3 if power >= 3 * low * settings.watts - _NEAR else 1
        steps = floor((power / settings.watts / phases - low) / settings.step + 1e-6)
        return min(settings.high, low + max(0, steps) * settings.step), phases

    def _may_change_phases(self, now: datetime) -> bool:
        return (
            not self._on
            or self._phased is None
            or (now - self._phased).total_seconds() >= _PHASE_REST
        )

    @override
    def calls(self, power: float, now: datetime) -> list[Call]:
        """Set the number, and the switches as far as they are elsewhere."""
        settings = self.settings
        if power <= 0.0:
            if settings.enable is not None:
                return [self._switch(settings.enable, on=False)]
            return [self._set(0.0)]
        number, phases = self.number(power, now)
        calls = []
        if settings.phase_switch is not None and phases != self._phases():
            self._phased = now
            calls.append(self._switch(settings.phase_switch, on=phases == 3))
        state = self.state(self.entity)
        if state is None or abs((_number(state.state) or 0.0) - number) > _NEAR:
            calls.append(self._set(number))
        if settings.enable is not None:
            shown = self.state(settings.enable)
            if shown is None or shown.state != STATE_ON:
                calls.append(self._switch(settings.enable, on=True))
        return calls

    def _set(self, number: float) -> Call:
        domain = self.entity.partition(".")[0]
        data = {ATTR_ENTITY_ID: self.entity, ATTR_VALUE: round(number, 3)}
        return Call(domain, SERVICE_SET_VALUE, data)

    @override
    def settled(self, wanted: float, shown: Shown) -> bool:
        """Tell whether the number is set, as well as the load can."""
        if not super().settled(wanted, shown) or wanted <= 0.0:
            return super().settled(wanted, shown)
        step = self.settings.step * self.settings.watts * self._phases()
        return abs(shown.setting - wanted) < step


class ProgrammeActuator(Actuator):
    """A machine that is started and then runs by itself."""

    @property
    def _is_switch(self) -> bool:
        return self.entity.partition(".")[0] in ("switch", "input_boolean")

    @override
    def state(self, entity: str | None) -> State | None:
        """Return a state; a button that was never pressed is there all the same."""
        if entity == self.entity and not self._is_switch:
            state = self.hass.states.get(entity)
            return None if state and state.state == STATE_UNAVAILABLE else state
        return super().state(entity)

    @override
    def _standing(
        self, state: State, measured: float | None, now: datetime
    ) -> tuple[bool, float]:
        nominal = self.settings.power
        if measured is not None and measured > _RUNS * nominal:
            return True, nominal
        begun = self._begun(state)
        # Between its phases a machine draws nothing: only its length tells the end.
        runs = begun is not None and (
            (now - begun).total_seconds() < self.settings.length
        )
        return runs, nominal

    def _begun(self, state: State) -> datetime | None:
        """Return when it was started last."""
        if self._is_switch:
            return state.last_changed if state.state == STATE_ON else None
        # Buttons show when they were pressed, scripts when they ran last.
        when = state.attributes.get("last_triggered") or state.state
        return when if isinstance(when, datetime) else dt_util.parse_datetime(when)

    @override
    def calls(self, power: float, now: datetime) -> list[Call]:
        """Start it; a programme is never stopped."""
        if power <= 0.0:
            return []
        domain = self.entity.partition(".")[0]
        if domain in ("button", "input_button"):
            return [Call(domain, "press", {ATTR_ENTITY_ID: self.entity})]
        calls = [self._switch(self.entity, on=True)]
        if self._is_switch and (state := self.state(self.entity)):
            if state.state == STATE_ON:
                # The socket of a machine that has long been over.
                calls.insert(0, self._switch(self.entity, on=False))
        return calls


_ACTUATORS: Final[dict[Kind, type[Actuator]]] = {
    Kind.SWITCH: SwitchActuator,
    Kind.THERMAL: SwitchActuator,
    Kind.SETPOINT: SetpointActuator,
    Kind.MODULATING: ModulatingActuator,
    Kind.PROGRAMME: ProgrammeActuator,
}


def actuator_of(hass: HomeAssistant, settings: LoadSettings) -> Actuator:
    """Return what reads and commands a load."""
    return _ACTUATORS[settings.kind](hass, settings)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except TypeError, ValueError:
        return None
    return number if isfinite(number) else None
