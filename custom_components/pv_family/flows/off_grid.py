"""Add an off-grid inverter that speaks Voltronic's PI30 on a line of its own."""

from pathlib import Path
from typing import Any, Final

import probatio

from homeassistant.components import usb
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_DEVICE, CONF_MODEL, CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_ALLOW_CHANGES,
    CONF_BATTERY_CAPACITY,
    CONF_CAPABILITIES,
    CONF_FEEDS_HOUSE,
    CONF_MANUFACTURER,
    CONF_PROTOCOL,
    CONF_PV_CURRENT_SIDE,
    CONF_RATED_POWER,
    CONF_VERSION,
    SUBENTRY_INVERTER,
)
from ..devices.device import NotThisProtocolError, PartKind, Poll, SilentError
from ..devices.voltronic.device import VoltronicDevice
from ..devices.voltronic.errors import LinkError
from ..devices.voltronic.link import opener
from ..devices.voltronic.pv import CurrentSide
from ..devices.voltronic.session import Session
from ..link import Protocol
from .known import configured_inverters
from .schemas import choice, decimal

AUTOMATIC: Final = "automatic"
_HIDRAW: Final = "hidraw*"


class OffGridSteps(ConfigSubentryFlow):
    """The steps of an off-grid inverter."""

    _line: str
    _unit: VoltronicDevice
    _said: Poll

    async def async_step_pi30(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the line, and look at what answers there."""
        errors: dict[str, str] = {}
        detail = ""
        if user_input is not None:
            self._line = await self.hass.async_add_executor_job(
                usb.get_serial_by_id, user_input[CONF_DEVICE].strip()
            )
            try:
                await self._async_look_at_line()
            except LinkError as err:
                errors["base"], detail = "cannot_open", str(err)
            except NotThisProtocolError as err:
                errors["base"], detail = "not_pi30", str(err)
            except SilentError as err:
                errors["base"], detail = "silent", str(err)
            else:
                if (reason := self._line_refusal()) is not None:
                    return self.async_abort(reason=reason)
                return await self.async_step_off_grid()
        known = self._known_line()
        return self.async_show_form(
            step_id="pi30",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema({probatio.Required(CONF_DEVICE): await self._ports()}),
                user_input or known,
            ),
            errors=errors,
            description_placeholders={"error": detail},
        )

    async def async_step_off_grid(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what was found and ask what it means for the home."""
        unit = self._unit
        if user_input is not None:
            side = user_input[CONF_PV_CURRENT_SIDE]
            data = {
                CONF_PROTOCOL: str(Protocol.PI30),
                CONF_DEVICE: self._line,
                CONF_MANUFACTURER: unit.identity.manufacturer,
                CONF_MODEL: unit.identity.model,
                CONF_VERSION: unit.identity.version,
                CONF_RATED_POWER: unit.ratings.power,
                CONF_CAPABILITIES: sorted(
                    [str(c.part), str(c.name)] for c in self._said.capabilities
                ),
                CONF_FEEDS_HOUSE: user_input[CONF_FEEDS_HOUSE],
                CONF_PV_CURRENT_SIDE: None if side == AUTOMATIC else side,
                CONF_ALLOW_CHANGES: user_input[CONF_ALLOW_CHANGES],
                CONF_BATTERY_CAPACITY: _watt_hours(user_input),
            }
            if self.source == SOURCE_RECONFIGURE:
                return self.async_update_and_abort(
                    self._get_entry(),
                    self._get_reconfigure_subentry(),
                    title=user_input[CONF_NAME],
                    data=data,
                )
            return self.async_create_entry(
                title=user_input[CONF_NAME],
                data=data,
                unique_id=unit.identity.serial,
            )
        side = unit.dialect.pv_current_side
        return self.async_show_form(
            step_id="off_grid",
            data_schema=self.add_suggested_values_to_schema(
                _off_grid_schema(feeds_house=self._is_alone()), self._answers_so_far()
            ),
            description_placeholders={
                "device": unit.identity.model or "PI30",
                "serial": unit.identity.serial,
                "rated": (
                    f"{unit.ratings.power / 1000:.1f} kW" if unit.ratings.power else "-"
                ),
                "strings": str(_count(self._said, PartKind.STRING)),
                "side": str(side or "-"),
                "evidence": "\n".join(f"- {e}" for e in unit.dialect.evidence),
                "values": str(len(self._said.readings)),
            },
        )

    async def _async_look_at_line(self) -> None:
        """Look at the unit, freeing its line first if this home uses it now.

        Raises:
            NotThisProtocolError: It speaks another protocol.
            SilentError: It does not answer, or the line cannot be opened.
        """
        entry = self._get_entry()
        used = self._known_line().get(CONF_DEVICE) == self._line
        if used and entry.state is ConfigEntryState.LOADED:
            await self.hass.config_entries.async_unload(entry.entry_id)
        session = Session(opener(self._line))
        try:
            self._unit = await VoltronicDevice.discover(
                session, fallback_serial=self._line
            )
            self._said = await self._unit.poll(dt_util.utcnow(), full=True)
        finally:
            await session.close()
            if used and entry.state is ConfigEntryState.NOT_LOADED:
                await self.hass.config_entries.async_setup(entry.entry_id)

    def _line_refusal(self) -> str | None:
        """Return why the unit that was found cannot be taken, if so."""
        serial = self._unit.identity.serial
        if self.source == SOURCE_RECONFIGURE:
            known = self._get_reconfigure_subentry().unique_id
            return None if serial == known else "wrong_device"
        if any(
            s.unique_id == serial or s.data.get(CONF_DEVICE) == self._line
            for _, s in configured_inverters(self.hass)
        ):
            return "already_configured"
        return None

    def _known_line(self) -> dict[str, Any]:
        if self.source != SOURCE_RECONFIGURE:
            return {}
        return dict(self._get_reconfigure_subentry().data)

    def _is_alone(self) -> bool:
        """Tell whether nothing else in the home knows the house."""
        return not list(self._get_entry().get_subentries_of_type(SUBENTRY_INVERTER))

    def _answers_so_far(self) -> dict[str, Any]:
        if self.source != SOURCE_RECONFIGURE:
            return {CONF_NAME: self._unit.identity.model or "Off-grid"}
        subentry = self._get_reconfigure_subentry()
        data = subentry.data
        capacity = data.get(CONF_BATTERY_CAPACITY)
        return {
            CONF_NAME: subentry.title,
            CONF_FEEDS_HOUSE: data[CONF_FEEDS_HOUSE],
            CONF_PV_CURRENT_SIDE: data[CONF_PV_CURRENT_SIDE] or AUTOMATIC,
            CONF_ALLOW_CHANGES: data[CONF_ALLOW_CHANGES],
            CONF_BATTERY_CAPACITY: capacity / 1000 if capacity else None,
        }

    async def _ports(self) -> SelectSelector:
        """Return a selector of every line there is; others can be typed in."""
        return SelectSelector(
            SelectSelectorConfig(
                options=[
                    *(
                        port.device
                        for port in await usb.async_scan_serial_ports(self.hass)
                    ),
                    *await self.hass.async_add_executor_job(_hid_lines),
                ],
                mode=SelectSelectorMode.DROPDOWN,
                custom_value=True,
            )
        )


def _hid_lines() -> list[str]:
    """Return the USB devices of this machine that an inverter may be."""
    return sorted(map(str, Path("/dev").glob(_HIDRAW)))


def _off_grid_schema(*, feeds_house: bool) -> probatio.Schema:
    return probatio.Schema(
        {
            probatio.Required(CONF_NAME): TextSelector(),
            probatio.Required(CONF_FEEDS_HOUSE, default=feeds_house): BooleanSelector(),
            probatio.Required(CONF_PV_CURRENT_SIDE, default=AUTOMATIC): choice(
                CONF_PV_CURRENT_SIDE, (AUTOMATIC, *CurrentSide)
            ),
            probatio.Optional(CONF_BATTERY_CAPACITY): decimal(0.1, 1000, 0.1, "kWh"),
            probatio.Required(CONF_ALLOW_CHANGES, default=False): BooleanSelector(),
        }
    )


def _watt_hours(user_input: dict[str, Any]) -> float | None:
    capacity = user_input.get(CONF_BATTERY_CAPACITY)
    return None if capacity is None else float(capacity) * 1000


def _count(poll: Poll, kind: PartKind) -> int:
    return len({c.part for c in poll.capabilities if c.part.startswith(kind)})
