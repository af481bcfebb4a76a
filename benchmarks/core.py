"""A Home Assistant in this process, without a page and with a folder that goes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Any

# The first import decides what `custom_components` is to Home Assistant.
import custom_components.pv_family  # noqa: F401 - imported for that effect
from homeassistant.auth import auth_manager_from_config
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.config_entries import SOURCE_USER, ConfigEntries, ConfigEntry
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.loader import async_setup
from homeassistant.util import dt as dt_util
from simulation.site import Site


@asynccontextmanager
async def core(site: Site, time_zone: str = "UTC") -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant with nothing in it for as long as the context lasts.

    Args:
        site: Where the home stands.
        time_zone: When its days begin.
    """
    zone_before = dt_util.get_default_time_zone()
    with TemporaryDirectory() as folder:
        hass = HomeAssistant(folder)
        async_setup(hass)
        hass.config.skip_pip = True
        hass.config.latitude = site.latitude
        hass.config.longitude = site.longitude
        await hass.config.async_set_time_zone(time_zone)
        hass.config_entries = ConfigEntries(hass, {})
        await async_load_base_functionality(hass)
        hass.auth = await auth_manager_from_config(hass, [], [])
        hass.set_state(CoreState.running)
        try:
            yield hass
        finally:
            await hass.async_stop(force=True)
            dt_util.set_default_time_zone(zone_before)


async def add_home(hass: HomeAssistant, site: Site, port: int) -> ConfigEntry[Any]:
    """Add a home with the inverter at a port, as a user does.

    Raises:
        RuntimeError: A flow did not end as it should.
    """
    flow = hass.config_entries.flow
    step: Any = await flow.async_init("pv_family", context={"source": SOURCE_USER})
    place = {"latitude": site.latitude, "longitude": site.longitude}
    step = await flow.async_configure(
        step["flow_id"], {"name": "Home", "location": place}
    )
    entry: ConfigEntry[Any] = step["result"]
    subentries = hass.config_entries.subentries
    if "next_flow" in step:
        subentries.async_abort(step["next_flow"][1])
    step = await subentries.async_init(
        (entry.entry_id, "inverter"), context={"source": SOURCE_USER}
    )
    for answer in (
        {"next_step_id": "tcp"},
        {"host": "127.0.0.1", "port": port},
        {"name": "Inverter", "meter_role": "grid"},
    ):
        step = await subentries.async_configure(step["flow_id"], answer)
    if step["type"] is not FlowResultType.CREATE_ENTRY:
        raise RuntimeError(f"the flow stopped at {step}")
    await hass.async_block_till_done()
    return entry
