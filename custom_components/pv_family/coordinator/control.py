"""What a home's loads are told, once a beat: the pulse's last step."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..const import LOGGER, SUBENTRY_LOAD
from ..control.surplus.controller import SurplusController
from ..control.surplus.loads import Load, Mode
from ..control.surplus.planner import Stretch
from ..control.surplus.site import Outlook, Policy, Site
from ..readings.power_flow import PowerFlow, Role
from .load_actuator import actuator_of
from .load_alerts import LoadAlerts
from .load_book import Price
from .load_night import NightWatch, night_flow
from .load_orders import Orders
from .load_outlook import OutlookMaker, Prices
from .load_prices import PriceView
from .load_settings import Kind, LoadSettings
from .load_site import policy_of, site_of
from .load_tally import Tally, bought_share
from .load_unit import LoadUnit
from .sun import sun_elevation

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry, PvFamilyData

# However fast the home beats, loads are looked at no more often than this.
_STEP: Final = timedelta(seconds=5)
# What energy beyond the need is worth: between what it costs and what it brings.
_MIDWAY: Final = 0.5


class ControlCoordinator(DataUpdateCoordinator[None]):
    """Steps the surplus controller with a home's loads.

    Attributes:
        units: The loads by subentry.
    """

    config_entry: PvFamilyConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: PvFamilyConfigEntry, data: PvFamilyData
    ) -> None:
        """Take up the loads as they were left."""
        super().__init__(hass, LOGGER, config_entry=entry, name=f"{entry.title} loads")
        self.units: dict[str, LoadUnit] = {}
        self._home = data
        self._prices = PriceView(hass, entry)
        sun = partial(sun_elevation, hass, entry)
        self._maker = OutlookMaker(sun)
        self._night = NightWatch(sun)
        self._controllers: tuple[SurplusController, SurplusController] | None = None
        self._terms: tuple[Site, Policy] | None = None
        self._tracks: dict[str, Any] = {}
        self._stepped: datetime | None = None
        self._capacity: float | None = None
        self._released = False
        found = [
            LoadSettings.from_subentry(subentry)
            for subentry in entry.get_subentries_of_type(SUBENTRY_LOAD)
        ]
        keys = {settings.key for settings in found}
        for settings in found:
            kept = tuple(key for key in settings.depends_on if key in keys)
            actuator = actuator_of(hass, replace(settings, depends_on=kept))
            orders = Orders(entry, actuator, data.writes)
            self.units[settings.key] = LoadUnit(actuator.settings, actuator, orders)
        self._tally = Tally(data, self.units)
        self._alerts = LoadAlerts(hass)
        self._restore(data.control_state)

    @callback
    def start(self) -> None:
        """Let go of what is held when the home is unloaded or the house stops."""
        entry = self.config_entry
        entry.async_on_unload(self.async_release)
        entry.async_on_unload(
            self.hass.async_add_shutdown_job(
                HassJob(self.async_release, "release loads")
            )
        )

    @property
    def controlled_power(self) -> float:
        """What the controlled loads draw, in W."""
        return sum(unit.drawn for unit in self.units.values() if unit.enabled)

    def timeline(self) -> dict[str, list[Stretch]]:
        """Return when each load is planned to run; of a shadow, when it would."""
        if self._controllers is None:
            return {}
        real, shadow = (controller.timeline() for controller in self._controllers)
        return {
            key: (real if unit.enabled else shadow).get(key, [])
            for key, unit in self.units.items()
        }

    @callback
    def step(
        self,
        now: datetime,
        flow: PowerFlow,
        state_of_charge: float | None,
        capacity: float | None,
    ) -> None:
        """Look at the loads, decide, and tell them.

        Args:
            now: The present (UTC).
            flow: Where power flows.
            state_of_charge: Of the batteries, in percent.
            capacity: What they hold in Wh, as far as that is known.
        """
        if not self.units or self._released:
            return
        # A clock that was put back is no reason to look away.
        if self._stepped is not None and timedelta() <= now - self._stepped < _STEP:
            return
        self._stepped = now
        zone = dt_util.get_default_time_zone()
        for unit in self.units.values():
            unit.look(now, zone)
        prices = self._prices.look(now)
        price = Price(prices.buy(now), prices.sell(now))
        outlook = self._outlook(now, flow, prices)
        real, shadow = self._pair(capacity, outlook)
        soc = None if state_of_charge is None else state_of_charge / 100.0
        extra = _MIDWAY * (price.buy + price.sell)
        self._tally.count(now, flow, price)
        flow = self._at_night(now, flow, outlook)
        loads = [
            self._depending(unit.load(now, zone, extra))
            for unit in self.units.values()
            if unit.enabled
        ]
        told = {c.key: c.power for c in real.step(now, flow, loads, outlook, soc)}
        for load in loads:
            key = load.spec.key
            self.units[key].obey(real.decisions[key], told.get(key), now)
        if len(loads) < len(self.units):
            self._imagine(now, shadow, flow, loads, outlook, soc, extra, price)
        self._alerts.report(self.units)
        self.async_set_updated_data(None)

    def _outlook(self, now: datetime, flow: PowerFlow, prices: Prices) -> Outlook:
        base = flow.consumption
        if base is not None:
            base = max(0.0, base - sum(unit.drawn for unit in self.units.values()))
        self._maker.see(now, flow.production, base)
        foreseen = self._home.outlook.data
        return self._maker.outlook(now, foreseen.potential, foreseen.load, prices)

    def _at_night(self, now: datetime, flow: PowerFlow, outlook: Outlook) -> PowerFlow:
        """Return the flow, of a home whose meter sleeps as it may be at most."""
        self._night.see(now, flow)
        if (
            flow.grid is not None
            or flow.production != 0.0
            or flow.battery != 0.0
            or self._capacity
        ):
            return flow
        meters = [
            device
            for device in self._home.devices.values()
            if any(s.role in (Role.GRID, Role.CONSUMPTION) for s in device.sources)
        ]
        asleep = all(d.last_update_success and d.data.asleep for d in meters)
        if not meters or not asleep or not self._night.sleeps(now):
            return flow
        drawn = sum(unit.drawn for unit in self.units.values())
        return night_flow(flow, outlook.base[0], drawn)

    def _pair(
        self, capacity: float | None, outlook: Outlook
    ) -> tuple[SurplusController, SurplusController]:
        """Return the controllers of the loads and of the shadows, as the home is."""
        price = fmean(outlook.buy)
        zone = dt_util.get_default_time_zone()
        # A battery that says nothing is still there.
        self._capacity = capacity or self._capacity
        site = site_of(self.config_entry.options, self._capacity, zone, price)
        terms = site, policy_of(price)
        if self._controllers is None or terms != self._terms:
            if self._controllers is not None:
                self._tracks = self._controllers[0].as_dict()
            real, shadow = SurplusController(*terms), SurplusController(*terms)
            if self._tracks:
                real.restore(self._tracks)
            self._controllers, self._terms = (real, shadow), terms
        return self._controllers

    def _depending(self, load: Load) -> Load:
        """Return a load that waits for those that are not controlled as well."""
        waits = [key for key in load.spec.requires if not self.units[key].enabled]
        if not waits:
            return load
        there = all(
            (shown := self.units[key].shown) is not None and shown.on for key in waits
        )
        left = tuple(key for key in load.spec.requires if key not in waits)
        return Load(
            replace(load.spec, requires=left),
            replace(load.state, available=load.state.available and there),
        )

    def _imagine(
        self,
        now: datetime,
        shadow: SurplusController,
        flow: PowerFlow,
        loads: list[Load],
        outlook: Outlook,
        soc: float | None,
        extra: float,
        price: Price,
    ) -> None:
        """Decide what the loads that are not controlled would have done."""
        zone = dt_util.get_default_time_zone()
        day = now.astimezone(zone).date()
        units = [unit for unit in self.units.values() if not unit.enabled]
        imagined = [unit.imagined(now, zone, extra) for unit in units]
        drawn = sum(load.drawn for load in imagined)
        more = drawn - sum(unit.drawn for unit in units)
        seen = replace(
            flow,
            consumption=None if flow.consumption is None else flow.consumption + more,
            grid=None if flow.grid is None else flow.grid + more,
        )
        share = bought_share(seen, drawn)
        for unit, load in zip(units, imagined, strict=True):
            unit.shadow.book.count(
                now,
                day,
                on=load.state.on,
                power=load.drawn,
                imported=share,
                price=price,
                deadline=unit.deadline(now, zone),
            )
        told = {
            command.key: command.power
            for command in shadow.step(now, seen, [*loads, *imagined], outlook, soc)
        }
        for unit in units:
            power = told.get(unit.key)
            unit.obey(shadow.decisions[unit.key], power, now)
            if power is not None:
                unit.shadow.obey(power, now)

    @callback
    def want(self, key: str, mode: Mode) -> None:
        """Take up what a load's user wants of it.

        Args:
            key: The load.
            mode: What he wants.
        """
        zone = dt_util.get_default_time_zone()
        self.units[key].want(mode, dt_util.utcnow(), zone)
        self._changed()

    @callback
    def set_need(self, key: str, need: float) -> None:
        """Take up the least that a load needs a day, in its unit."""
        self.units[key].need = need
        self._changed()

    @callback
    def set_priority(self, key: str, priority: int) -> None:
        """Take up a load's place among the others, 1 for the first."""
        self.units[key].priority = priority
        self._changed()

    async def async_enable(self, key: str, enabled: bool) -> None:
        """Begin to control a load, or let go of it.

        Args:
            key: The load.
            enabled: Whether it is to be controlled.
        """
        unit, now = self.units[key], dt_util.utcnow()
        if unit.enabled is enabled:
            return
        unit.enabled = enabled
        unit.override = None
        unit.decision = None
        if enabled:
            unit.shadow.stop()
        elif unit.settings.kind is not Kind.PROGRAMME:
            await unit.orders.async_release(now, "disabled")
        self._changed()

    async def async_put_back(self, key: str, power: float, actor: str) -> None:
        """Put a load where it was, as if somebody had done so by hand.

        Args:
            key: The load.
            power: Where it was, in W.
            actor: Who wants it.
        """
        zone = dt_util.get_default_time_zone()
        await self.units[key].async_put_back(power, actor, dt_util.utcnow(), zone)
        self._changed()

    @callback
    def _changed(self) -> None:
        """Show what its user has changed, and keep it."""
        self._home.save_soon()
        self.async_update_listeners()

    async def async_release(self) -> None:
        """Let go of everything that is held; a programme is not interrupted."""
        if self._released:
            return
        self._released = True
        now = dt_util.utcnow()
        # All at once: a slow device must not keep the others from being released.
        await asyncio.gather(
            *(
                unit.orders.async_release(now, "released")
                for unit in self.units.values()
                if unit.enabled and unit.settings.kind is not Kind.PROGRAMME
            )
        )

    def describe(self) -> list[dict[str, Any]]:
        """Return everything about the loads that explains what they do."""
        return [
            {
                "settings": asdict(unit.settings) | {"title": f"Load {number}"},
                "mode": str(unit.mode),
                "enabled": unit.enabled,
                "override": unit.override and asdict(unit.override),
                "shown": unit.shown and asdict(unit.shown),
                "why": unit.why,
                "wanted": unit.orders.wanted,
                "owned": unit.orders.owned,
                "decision": unit.decision
                and {
                    "why": str(unit.decision.why),
                    "power": unit.decision.power,
                    "next_change": unit.decision.next_change,
                    "numbers": dict(unit.decision.numbers),
                },
                "book": unit.book.as_dict(),
                "shadow": unit.shadow.as_dict(),
            }
            for number, unit in enumerate(self.units.values(), 1)
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return what the next run has to know, as JSON types."""
        real = self._controllers[0].as_dict() if self._controllers else self._tracks
        return {
            "tracks": real,
            "night": self._night.as_dict(),
            "loads": {key: unit.as_dict() for key, unit in self.units.items()},
        }

    def _restore(self, state: Mapping[str, Any]) -> None:
        """Take up load by load: what is damaged of one spoils no other."""
        tracks = state.get("tracks", {})
        try:
            SurplusController(Site()).restore(tracks or {"tracks": {}})
            self._tracks = dict(tracks)
        except (AttributeError, KeyError, TypeError, ValueError) as err:
            LOGGER.warning("What was stored of loads is damaged: %r", err)
        try:
            if "night" in state:
                self._night.restore(state["night"])
        except (AttributeError, KeyError, TypeError, ValueError) as err:
            LOGGER.warning("What was stored of the nights is damaged: %r", err)
        stored = state.get("loads", {})
        for key, unit in self.units.items():
            if key not in stored:
                continue
            try:
                unit.restore(stored[key])
            except (AttributeError, KeyError, TypeError, ValueError) as err:
                LOGGER.warning(
                    "What was stored of %s is damaged: %r", unit.settings.title, err
                )
