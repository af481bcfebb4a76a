"""Add an inverter with the meter and the battery behind it, or change its link."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components import usb
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    SubentryFlowResult,
)
from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_NAME

from ..const import (
    CONF_BATTERY_REVERSED,
    CONF_BAUDRATE,
    CONF_LINK,
    CONF_METER_REVERSED,
    CONF_METER_ROLE,
    CONF_PARITY,
    CONF_PROTOCOL,
    CONF_STOPBITS,
    CONF_UNIT_ID,
    SUBENTRY_INVERTER,
)
from ..devices.device import PartKind
from ..link import Link, Protocol, link_name, link_params
from .known import configured_inverters, modbus_inverters
from .off_grid import OffGridSteps
from .probe import Found, NotSunSpecError, ProbeError, async_guess, async_probe
from .schemas import inverter_schema, link_schema
from .vendor_map import VendorMapSteps


def found_placeholders(found: Found) -> dict[str, str]:
    """Return what the user is told of a device that was found."""
    rated = found.device.ratings.power
    return {
        "device": found.name,
        "serial": found.device.identity.serial,
        "unit_id": str(found.unit_id),
        "rated": f"{rated / 1000:.1f} kW" if rated else "-",
        "strings": str(found.count(PartKind.STRING)),
        "meters": str(found.count(PartKind.METER)),
        "batteries": str(found.count(PartKind.BATTERY)),
        "values": str(len(found.poll.readings)),
    }


def likely_role(entry: ConfigEntry[Any] | None) -> str:
    """Return what a newly found meter most likely measures: the grid, but once."""
    if entry is not None and any(
        subentry.data.get(CONF_METER_ROLE) == "grid"
        for subentry in entry.get_subentries_of_type(SUBENTRY_INVERTER)
    ):
        return "none"
    return "grid"


def inverter_data(
    link: Mapping[str, Any], found: Found, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what to remember of an inverter."""
    signs = answers.get("signs", {})
    return {
        **link,
        **found.as_data(),
        CONF_METER_ROLE: answers.get(CONF_METER_ROLE, "none"),
        CONF_METER_REVERSED: signs.get(CONF_METER_REVERSED, False),
        CONF_BATTERY_REVERSED: signs.get(CONF_BATTERY_REVERSED, False),
    }


class InverterFlow(OffGridSteps, VendorMapSteps):
    """Ask how the inverter is connected, look at it, and confirm what was found."""

    def __init__(self) -> None:
        """Start with nothing found."""
        super().__init__()
        self._link: dict[str, Any] = {}
        self._found: Found | None = None

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how the inverter is connected."""
        return self.async_show_menu(step_id="user", menu_options=[*Link, Protocol.PI30])

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how the inverter is connected now."""
        data = self._get_reconfigure_subentry().data
        if data.get(CONF_PROTOCOL) == Protocol.PI30:
            return await self.async_step_pi30()
        return self.async_show_menu(step_id="reconfigure", menu_options=list(Link))

    async def async_step_tcp(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for a Modbus TCP address."""
        return await self._async_link_step(Link.TCP, user_input)

    async def async_step_udp(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for a Modbus UDP address."""
        return await self._async_link_step(Link.UDP, user_input)

    async def async_step_rtu_over_tcp(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the address of a gateway that carries RTU frames."""
        return await self._async_link_step(Link.RTU_OVER_TCP, user_input)

    async def async_step_serial(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for a serial port."""
        return await self._async_link_step(Link.SERIAL, user_input)

    async def _async_link_step(
        self, link: Link, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        detail = ""
        if user_input is not None:
            self._link = await self._async_normalized(link, user_input)
            try:
                return await self._async_look()
            except ProbeError as err:
                errors["base"], detail = err.key, err.detail
        return self.async_show_form(
            step_id=link,
            data_schema=self.add_suggested_values_to_schema(
                link_schema(link), user_input or self._suggested_link(link)
            ),
            errors=errors,
            description_placeholders={"error": detail},
        )

    async def _async_normalized(
        self, link: Link, user_input: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the link as it is stored: one spelling for one link."""
        data = {CONF_LINK: str(link), **user_input}
        if link is Link.SERIAL:
            data[CONF_DEVICE] = await self.hass.async_add_executor_job(
                usb.get_serial_by_id, data[CONF_DEVICE]
            )
            data[CONF_BAUDRATE] = int(data[CONF_BAUDRATE])
            data[CONF_STOPBITS] = int(data[CONF_STOPBITS])
            data[CONF_PARITY] = data[CONF_PARITY].upper()
        else:
            data[CONF_HOST] = data[CONF_HOST].strip()
        return data

    def _suggested_link(self, link: Link) -> dict[str, Any]:
        """Return what to start a form from: the link in use when changing it."""
        if self.source != SOURCE_RECONFIGURE:
            return {}
        data = dict(self._get_reconfigure_subentry().data)
        if data[CONF_LINK] != link:
            return {}
        if link is Link.SERIAL:
            data[CONF_BAUDRATE] = str(data[CONF_BAUDRATE])
            data[CONF_STOPBITS] = str(data[CONF_STOPBITS])
            data[CONF_PARITY] = data[CONF_PARITY].lower()
        return data

    async def _async_look(self) -> SubentryFlowResult:
        """Look at what answers, freeing the link first from settings that change.

        Raises:
            ProbeError: Nothing usable answered.
        """
        taken: set[int] = set()
        entry = self._get_entry()
        restart = False
        for _, subentry in modbus_inverters(self.hass):
            own = (
                self.source == SOURCE_RECONFIGURE
                and subentry.subentry_id == self._reconfigure_subentry_id
            )
            before, after = link_params(subentry.data), link_params(self._link)
            if before.endpoint != after.endpoint:
                continue
            if not own:
                taken.add(subentry.data[CONF_UNIT_ID])
            elif before != after and entry.state is ConfigEntryState.LOADED:
                restart = True
        if not restart:
            return await self._async_identify(frozenset(taken))
        # The port is open with the old settings, by the home that is changed.
        await self.hass.config_entries.async_unload(entry.entry_id)
        try:
            return await self._async_identify(frozenset(taken))
        finally:
            await self.hass.config_entries.async_setup(entry.entry_id)

    async def _async_identify(self, taken: frozenset[int]) -> SubentryFlowResult:
        """Go on with a SunSpec device, or with the maps that fit another one."""
        try:
            self._found = await async_probe(self.hass, self._link, taken)
        except NotSunSpecError as not_sunspec:
            try:
                self._guess = await async_guess(self.hass, self._link, taken)
            except ProbeError:
                raise not_sunspec from None
            own = self._guess.own and self._link.get(CONF_UNIT_ID) is not None
            if not self._guess.candidates and not own:
                raise
            return await self.async_step_family()
        return await self.async_step_identified()

    @override
    async def async_step_identified(self) -> SubentryFlowResult:
        """Refuse a device that is known already, or ask what it means."""
        assert self._found is not None
        if (reason := self._refusal(self._found)) is not None:
            return self.async_abort(reason=reason)
        return await self.async_step_found()

    def _refusal(self, found: Found) -> str | None:
        """Return why a device that was found cannot be taken, if so."""
        serial = found.device.identity.serial
        if self.source == SOURCE_RECONFIGURE:
            subentry = self._get_reconfigure_subentry()
            if serial == link_name({**self._link, CONF_UNIT_ID: found.unit_id}):
                # It has no serial number: where it is stands in for one, and that
                # is what is being changed.
                same = subentry.unique_id == link_name(subentry.data)
            else:
                same = serial == subentry.unique_id
            return None if same else "wrong_device"
        if any(s.unique_id == serial for _, s in configured_inverters(self.hass)):
            return "already_configured"
        return None

    async def async_step_found(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what was found and ask what it means for the home."""
        found = self._found
        assert found is not None
        if user_input is not None:
            data = inverter_data(self._link, found, user_input)
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
                unique_id=found.device.identity.serial,
            )
        schema = inverter_schema(
            meter=found.has(PartKind.METER),
            battery=found.has(PartKind.BATTERY),
            role=likely_role(self._get_entry()),
        )
        return self.async_show_form(
            step_id="found",
            data_schema=self.add_suggested_values_to_schema(
                schema, self._suggested_answers(found)
            ),
            description_placeholders=found_placeholders(found),
        )

    def _suggested_answers(self, found: Found) -> dict[str, Any]:
        if self.source != SOURCE_RECONFIGURE:
            return {CONF_NAME: found.name}
        subentry = self._get_reconfigure_subentry()
        return {
            CONF_NAME: subentry.title,
            CONF_METER_ROLE: subentry.data[CONF_METER_ROLE],
            "signs": {
                CONF_METER_REVERSED: subentry.data[CONF_METER_REVERSED],
                CONF_BATTERY_REVERSED: subentry.data[CONF_BATTERY_REVERSED],
            },
        }
