"""What the flows of homes, logs and borrowed entities refuse, and how they go on."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .borrowed.cloud import borrow, channel
from .world import SITE, World

PLACE = {"location": {"latitude": SITE.latitude, "longitude": SITE.longitude}}


async def _options(world: World, step_id: str) -> Any:
    """Begin one of the options."""
    assert world.entry is not None
    flow = world.hass.config_entries.options
    step = await flow.async_init(world.entry.entry_id)
    return await flow.async_configure(step["flow_id"], {"next_step_id": step_id})


async def _subentry(world: World, kind: str, choice: str) -> Any:
    """Begin to add something and choose in its menu."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, kind), context={"source": SOURCE_USER}
    )
    return await flow.async_configure(step["flow_id"], {"next_step_id": choice})


async def test_a_home_that_changes_keeps_a_name(world: World) -> None:
    """A blank name is refused and a better one taken."""
    entry = await world.add_empty_home()
    flow = world.hass.config_entries.flow
    step = await flow.async_init(
        "pv_family",
        context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id},
    )
    step = await flow.async_configure(step["flow_id"], {"name": "  ", **PLACE})
    assert step["errors"] == {"name": "name_empty"}
    step = await flow.async_configure(step["flow_id"], {"name": " Bunica ", **PLACE})
    assert step["reason"] == "reconfigure_successful"
    assert entry.title == "Bunica"


async def test_addresses_that_are_none(world: World) -> None:
    """What cannot be an address is refused, and may be left out."""
    await world.add_empty_home()
    flow = world.hass.config_entries.options
    step = await _options(world, "weather")
    told = {"internet_weather": False, "irradiance_plane": "horizontal"}
    for address in ("http://[::1", "ftp://127.0.0.1", "weather"):
        step = await flow.async_configure(
            step["flow_id"], {**told, "servers": {"open_meteo_url": address}}
        )
        assert step["errors"] == {"base": "not_an_address"}
    step = await flow.async_configure(step["flow_id"], {**told, "servers": {}})
    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_no_import_without_statistics(world: World) -> None:
    """Without a recorder there is nothing to import into."""
    await world.add_empty_home()
    step = await _options(world, "import_log")
    assert (step["type"], step["reason"]) == (
        FlowResultType.ABORT,
        "recorder_not_loaded",
    )


async def test_an_energy_beside_a_power_must_be_the_only_one(
    hass: HomeAssistant, world: World
) -> None:
    """Of two energies on a device none is taken; states without a number are let be."""
    await world.add_empty_home()
    assert world.entry is not None
    devices, entities = dr.async_get(hass), er.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=world.entry.entry_id, identifiers={("cloud", "1")}
    )
    names = {}
    for name, kind, unit, value in (
        ("pv", "power", "W", "1200"),
        ("day", "energy", "kWh", "unknown"),
        ("ever", "energy", "kWh", "120"),
    ):
        entity = entities.async_get_or_create(
            "sensor", "cloud", name, device_id=device.id, original_device_class=kind
        )
        names[name] = entity.entity_id
        hass.states.async_set(
            entity.entity_id,
            value,
            {
                "device_class": kind,
                "unit_of_measurement": unit,
                "state_class": "total_increasing",
            },
        )
    flow = hass.config_entries.subentries
    begun = await _subentry(world, "borrowed", "entities")
    step: Any = await flow.async_configure(
        begun["flow_id"], {"entities": [names["pv"]]}
    )
    assert step["step_id"] == "review"
    (part,) = (str(key) for key in step["data_schema"].schema if key != "name")
    inner = next(
        field.schema.schema
        for key, field in step["data_schema"].schema.items()
        if key == part
    )
    suggested = {
        str(key): (key.description or {}).get("suggested_value") for key in inner
    }
    assert suggested["energy"] is None
    answers: dict[str, Any] = {"name": "PV", "role": "generation", "reversed": False}
    answers |= {"power": names["pv"], "energy": names["day"]}
    step = await flow.async_configure(step["flow_id"], {"name": "Cloud", part: answers})
    assert step["step_id"] == "confirm", step
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "save"})
    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_what_the_home_measures_already_is_looked_at_once(
    hass: HomeAssistant, world: World
) -> None:
    """The inverter's meter goes before a borrowed one; what is gone tells nothing."""
    await world.add_home(meter_role="grid")
    await world.pass_time(20)
    watts = {"device_class": "power", "unit_of_measurement": "W"}
    for entity in ("sensor.cloud_grid", "sensor.house"):
        hass.states.async_set(entity, "700", watts)
    await borrow(
        world, channel("grid", "sensor.cloud_grid"), channel("consumption", None)
    )
    await world.pass_time(20)
    flow = hass.config_entries.subentries
    begun = await _subentry(world, "borrowed", "entities")
    step: Any = await flow.async_configure(
        begun["flow_id"], {"entities": ["sensor.house"]}
    )
    assert step["step_id"] == "review"
    assert "700 W" in step["description_placeholders"]["evidence"]


async def test_the_form_of_a_roof_begins_with_a_usual_one(world: World) -> None:
    """No number that a browser would fill in by itself is left open."""
    await world.add_empty_home()
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step: Any = await flow.async_init(
        (world.entry.entry_id, "roof_array"), context={"source": SOURCE_USER}
    )
    begun = {
        str(key): (key.description or {}).get("suggested_value")
        for key in step["data_schema"].schema
    }
    assert begun["peak_power"] == 5
    assert begun["modules"] == 12
