"""The home's pulse: from the latest readings to what the home shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..const import CONF_BATTERY_CAPACITY, DOMAIN, LOGGER, PULSE_INTERVAL, SHORTEST_BEAT
from ..readings.endurance import battery_hours_left
from ..readings.energy_book import Flow
from ..readings.flow_meter import Contribution
from ..readings.period import Period
from ..readings.power_flow import (
    FlowSample,
    PowerFlow,
    Role,
    array_powers,
    power_flow,
    weakest,
)
from ..readings.quantity import Quantity
from ..readings.reading import Quality, Series
from ..readings.sign_witness import Evidence, Suspect
from ..readings.sources import GRID_PLACE, Choice, Source, choose, contribution
from .data import PvFamilyConfigEntry, PvFamilyData
from .device import DeviceCoordinator
from .sun import sun_is_down


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeState:
    """The home at one beat of the pulse.

    Attributes:
        flow: Where power flows.
        totals: What each flow carried since counting began, in Wh.
        periods: What each flow carried in each calendar period, in Wh.
        starts: The first day of each calendar period.
        state_of_charge: Of all batteries together, in percent.
        battery_hours: Until they are empty at the present power.
        known: The flows that some source tells about.
        arrays: What the arrays of each generator give, in W, by what is measured.
    """

    flow: PowerFlow
    totals: Mapping[Flow, float] = field(default_factory=dict)
    periods: Mapping[tuple[Flow, Period], float] = field(default_factory=dict)
    starts: Mapping[Period, date] = field(default_factory=dict)
    state_of_charge: float | None = None
    battery_hours: float | None = None
    known: frozenset[Flow] = frozenset()
    arrays: Mapping[str, float | None] = field(default_factory=dict)


class HomeCoordinator(DataUpdateCoordinator[HomeState]):
    """Beat whenever every device has delivered, and without them now and then."""

    config_entry: PvFamilyConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: PvFamilyConfigEntry, data: PvFamilyData
    ) -> None:
        """Start with an empty picture."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=PULSE_INTERVAL,
        )
        self._home = data
        self._awaited: set[str] = set()
        self._beaten = dt_util.utc_from_timestamp(0)
        self.data = HomeState(flow=PowerFlow(dt_util.utcnow()))

    @callback
    def async_device_delivered(self, subentry_id: str) -> None:
        """Beat once the last of the devices has delivered."""
        self._awaited.discard(subentry_id)
        now = dt_util.utcnow()
        if not self._awaited and now - self._beaten >= SHORTEST_BEAT:
            self.async_set_updated_data(self._beat(now))

    @override
    async def _async_update_data(self) -> HomeState:
        return self._beat(dt_util.utcnow())

    def _beat(self, now: datetime) -> HomeState:
        """Do one beat: readings, flow, counters, entities, in this order."""
        home = self._home
        self._beaten = now
        for device in home.devices.values():
            device.look(now)
        self._awaited = {key for key, d in home.devices.items() if d.awaited}
        choices = choose(self._sources(), partial(self._is_live, now=now))
        samples = [self._sample(choice, now) for choice in choices]
        flow = power_flow(now, samples)
        home.book.count(now, self._contributions(flow, choices, samples))
        if (evidence := home.witness.step(flow)) is not None:
            self._report_sign(evidence)
        home.save_soon()
        day = dt_util.as_local(now).date()
        flows = self.known_flows()
        state_of_charge = self._state_of_charge(now)
        capacity = self._battery_capacity()
        if home.control is not None:
            home.control.step(now, flow, state_of_charge, capacity)
        return HomeState(
            flow=flow,
            totals={name: home.book.total(name) for name in flows},
            periods={
                (name, period): home.book.since(name, period, day)
                for name in flows
                for period in Period
            },
            starts={period: period.start(day) for period in Period},
            state_of_charge=state_of_charge,
            battery_hours=battery_hours_left(state_of_charge, capacity, flow.battery),
            known=flows,
            arrays=array_powers(samples),
        )

    def known_flows(self) -> frozenset[Flow]:
        """Return the flows that some source of the home tells about."""
        roles = {source.role for source in self._sources()}
        if Role.ARRAY in roles:
            roles.add(Role.GENERATION)
        known: set[Flow] = set()
        if Role.GENERATION in roles:
            known.add(Flow.PRODUCTION)
        if Role.GRID in roles or {Role.GENERATION, Role.CONSUMPTION} <= roles:
            known |= {Flow.GRID_IMPORT, Flow.GRID_EXPORT}
        if Role.CONSUMPTION in roles or {Role.GENERATION, Role.GRID} <= roles:
            known.add(Flow.CONSUMPTION)
        if Role.BATTERY in roles:
            known |= {Flow.BATTERY_CHARGE, Flow.BATTERY_DISCHARGE}
        return frozenset(known)

    def _sources(self) -> Iterator[Source]:
        """Yield what measures a power that matters to the home, the best first."""
        for device in self._home.devices.values():
            yield from device.sources

    def _device(self, source: Source) -> DeviceCoordinator:
        return self._home.by_serial[source.series.source]

    def _is_live(self, source: Source, now: datetime) -> bool:
        return (
            self._device(source).last_update_success
            and self._home.ledger.fresh(
                source.series, now, self._device(source).fresh_for
            )
            is not None
        )

    def _sample(self, choice: Choice, now: datetime) -> FlowSample:
        """Return what a place carries now, as far as it is known."""
        if choice.live:
            readings = [self._home.ledger.latest[s.series] for s in choice.sources]
            return FlowSample(
                choice.place,
                choice.role,
                sum(reading.value for reading in readings),
                weakest(reading.quality for reading in readings),
            )
        if choice.role in (Role.GENERATION, Role.ARRAY):
            device = self._device(choice.sources[0])
            dark = sun_is_down(self.hass, self.config_entry, now)
            if (dark and (choice.role is Role.ARRAY or not device.hybrid)) or (
                device.last_update_success and device.data.asleep
            ):
                # An array below the horizon gives nothing, silent or not.
                return FlowSample(choice.place, choice.role, 0.0, Quality.INFERRED)
        return FlowSample(choice.place, choice.role, None)

    def _contributions(
        self, flow: PowerFlow, choices: list[Choice], samples: list[FlowSample]
    ) -> dict[Flow, dict[str, Contribution]]:
        """Return what each place contributes to each flow."""
        arrays = array_powers(samples)
        found: dict[Flow, dict[str, Contribution]] = {}

        def add(name: Flow, choice: Choice, power: float | None) -> None:
            told = contribution(name, choice, power, self._registered)
            found.setdefault(name, {})[choice.place] = told

        for choice, sample in zip(choices, samples, strict=True):
            reverse = None if sample.power is None else -sample.power
            match choice.role:
                case Role.GENERATION | Role.ARRAY:
                    add(Flow.PRODUCTION, choice, arrays[choice.place])
                case Role.GRID:
                    add(Flow.GRID_IMPORT, choice, sample.power)
                    add(Flow.GRID_EXPORT, choice, reverse)
                case Role.BATTERY:
                    add(Flow.BATTERY_CHARGE, choice, reverse)
                    add(Flow.BATTERY_DISCHARGE, choice, sample.power)
        if Flow.GRID_IMPORT not in found and flow.grid is not None:
            found[Flow.GRID_IMPORT] = {GRID_PLACE: Contribution(flow.grid)}
            found[Flow.GRID_EXPORT] = {GRID_PLACE: Contribution(-flow.grid)}
        return found

    def _registered(self, series: Series) -> float | None:
        counter = self._home.ledger.counters.get(series)
        return None if counter is None else counter.total

    def _state_of_charge(self, now: datetime) -> float | None:
        """Return the mean state of charge, weighted by capacity where known."""
        charge = weight = 0.0
        for device in self._home.devices.values():
            for part_key, name in device.capabilities:
                if name != Quantity.STATE_OF_CHARGE:
                    continue
                value = device.value(part_key, Quantity.STATE_OF_CHARGE)
                if value is None:
                    return None
                capacity = device.value(part_key, Quantity.BATTERY_CAPACITY) or 1.0
                charge += value * capacity
                weight += capacity
        return charge / weight if weight else None

    def _battery_capacity(self) -> float | None:
        """Return the energy of all full batteries in Wh, as far as it is known."""
        total = 0.0
        for device in self._home.devices.values():
            batteries = {
                c.part
                for c in device.capabilities
                if c.name == Quantity.STATE_OF_CHARGE
            }
            if not batteries:
                continue
            told = [device.value(b, Quantity.BATTERY_CAPACITY) for b in batteries]
            known = device.subentry.data.get(CONF_BATTERY_CAPACITY)
            capacity = known or (None if None in told else sum(t or 0.0 for t in told))
            if not capacity:
                return None
            total += capacity
        return total or None

    def _report_sign(self, evidence: Evidence) -> None:
        """Show why a sign is doubted, and ask; nothing is turned round silently."""
        role = Role.GRID if evidence.suspect is Suspect.GRID else Role.BATTERY
        devices = [self._device(s) for s in self._sources() if s.role is role]
        if len(devices) != 1:
            return
        flow = evidence.flow
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            f"wrong_sign_{evidence.suspect}_{devices[0].subentry.subentry_id}",
            data={
                "entry_id": self.config_entry.entry_id,
                "subentry_id": devices[0].subentry.subentry_id,
                "suspect": str(evidence.suspect),
            },
            is_fixable=True,
            is_persistent=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=f"wrong_sign_{evidence.suspect}",
            translation_placeholders={
                "name": devices[0].name,
                "impossible": str(evidence.impossible),
                "samples": str(evidence.samples),
                "swings_against": str(evidence.swings_against),
                "swings_for": str(evidence.swings_for),
                "production": f"{flow.production or 0:.0f}",
                "grid": f"{flow.grid or 0:.0f}",
                "battery": f"{flow.battery or 0:.0f}",
                "consumption": f"{_unclamped(flow):.0f}",
            },
        )


def _unclamped(flow: PowerFlow) -> float:
    """Return what the loads would draw if every sign were right, in W."""
    return (flow.production or 0.0) + (flow.grid or 0.0) + (flow.battery or 0.0)
