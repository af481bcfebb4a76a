"""What a newcomer does: add the home, its inverter and its roof, and look."""

import asyncio
from typing import Any

from ..home import SimulatedHome
from .client import HassClient, HassError

INVERTER = "Inverter"
HOME = "Demo home"
PRODUCTION = "sensor.demo_home_production_power"


async def set_up_home(client: HassClient, modbus_port: int, home: SimulatedHome) -> str:
    """Add the simulated home through the config flows and return its entry.

    It asks nobody on the internet for its weather.

    Raises:
        HassError: A flow did not end as it should.
    """
    entry_id = await add_home(client, modbus_port, home)
    await choose_weather(client, entry_id, {"internet_weather": False})
    await add_roofs(client, entry_id, home)
    return entry_id


async def add_home(client: HassClient, modbus_port: int, home: SimulatedHome) -> str:
    """Add the simulated home and its inverter and return its entry.

    Raises:
        HassError: A flow did not end as it should.
    """
    site = home.config.site
    created = await client.flow(
        "flow",
        "pv_family",
        {
            "name": HOME,
            "location": {"latitude": site.latitude, "longitude": site.longitude},
        },
    )
    entry_id = _finished(created)["result"]["entry_id"]
    added = await client.flow(
        "subentries/flow",
        [entry_id, "inverter"],
        {"next_step_id": "tcp"},
        {"host": "127.0.0.1", "port": modbus_port},
        {"name": INVERTER, "meter_role": "grid"},
    )
    _finished(added)
    return str(entry_id)


async def add_roofs(client: HassClient, entry_id: str, home: SimulatedHome) -> None:
    """Add the roofs of the simulated home.

    Raises:
        HassError: A flow did not end as it should.
    """
    for number, string in enumerate(home.config.strings, 1):
        _finished(
            await client.flow(
                "subentries/flow",
                [entry_id, "roof_array"],
                {
                    "name": f"{string.name} roof",
                    "peak_power": round(string.peak_power / 1000, 3),
                    "surface_tilt": string.tilt,
                    "surface_azimuth": string.azimuth,
                    "modules": string.modules,
                    "strings": 1,
                    "mppt_input": number,
                },
            )
        )


def simulated_weather(url: str) -> dict[str, Any]:
    """Return what to choose so that the simulation is asked in place of the internet.

    Args:
        url: Of the simulation's door.
    """
    servers = {"open_meteo_url": url, "pvgis_url": url}
    return {"internet_weather": True, "servers": servers}


async def choose_weather(
    client: HassClient, entry_id: str, told: dict[str, Any]
) -> None:
    """Say in the home's options where its weather comes from.

    Raises:
        HassError: It was refused.
    """
    choice = {"next_step_id": "weather"}
    _finished(await client.flow("options/flow", entry_id, choice, told))


async def wait_for_values(client: HassClient, timeout: float = 120.0) -> None:
    """Wait until the home shows its production.

    Raises:
        HassError: It does not within the time.
    """
    try:
        async with asyncio.timeout(timeout):
            while (await client.states()).get(PRODUCTION, {}).get("state") in (
                None,
                "unknown",
                "unavailable",
            ):
                await asyncio.sleep(0.3)
    except TimeoutError as err:
        raise HassError(f"{PRODUCTION} shows nothing") from err


async def add_to_energy_dashboard(client: HassClient, entry_id: str) -> None:
    """Confirm the offer to add the home to the Energy dashboard.

    Raises:
        HassError: It was not added.
    """
    choice = {"next_step_id": "energy_dashboard"}
    _finished(await client.flow("options/flow", entry_id, choice, {}))


def _finished(step: dict[str, Any]) -> dict[str, Any]:
    if step["type"] != "create_entry":
        raise HassError(f"the flow stopped at {step}")
    return step
