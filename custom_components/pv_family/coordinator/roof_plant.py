"""The plant that the user described, as the plant model takes it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_ELEVATION, CONF_LATITUDE, CONF_LONGITUDE
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_AXIS_LIMIT,
    CONF_BEAM_SHADE,
    CONF_DEGRADATION,
    CONF_EFFICIENCY,
    CONF_GROUND_COVERAGE,
    CONF_HORIZON,
    CONF_INSTALLED,
    CONF_INVERTER_POWER,
    CONF_MOUNTING,
    CONF_PEAK_POWER,
    CONF_RATED_POWER,
    CONF_SOILING,
    CONF_SURFACE_AZIMUTH,
    CONF_SURFACE_TILT,
    CONF_SYSTEM_LOSSES,
    CONF_TECHNOLOGY,
    CONF_TEMPERATURE_COEFFICIENT,
    CONF_TRACKER,
    SUBENTRY_INVERTER,
    SUBENTRY_ROOF_ARRAY,
)
from ..plant.model.horizon import OPEN, Horizon
from ..plant.model.inverter import Inverter
from ..plant.model.module import Module, Mounting, Technology
from ..plant.model.mount import FixedMount, Mount, SingleAxisMount, TwoAxisMount
from ..plant.model.plant import DEGRADATION, DERATE, Chain, Plant, PvArray, Site
from ..plant.roof_details import USUAL_AXIS_LIMIT, Tracker, read_horizon

_STANDARD_EFFICIENCY: Final = Inverter(1.0).efficiency


def site_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Site:
    """Return where a home stands."""
    data = entry.data
    return Site(
        latitude=data.get(CONF_LATITUDE, hass.config.latitude),
        longitude=data.get(CONF_LONGITUDE, hass.config.longitude),
        altitude=float(data.get(CONF_ELEVATION, hass.config.elevation)),
    )


def plant_of(
    hass: HomeAssistant, entry: ConfigEntry[Any], horizon: Horizon | None = None
) -> Plant | None:
    """Return the plant of a home, ``None`` without an array on its roof.

    Arrays on one inverter share its limit. An array of which nobody knows the inverter
    has one of its own; an inverter of unknown size is as large as its arrays.

    Args:
        hass: Home Assistant.
        entry: The home.
        horizon: What hides the sun from arrays whose user did not say.
    """
    wires = wiring(entry)
    if not wires:
        return None
    return Plant(
        site_of(hass, entry),
        tuple(
            _chain(entry, key, arrays, horizon or OPEN) for key, arrays in wires.items()
        ),
    )


def wiring(entry: ConfigEntry[Any]) -> dict[str, list[ConfigSubentry]]:
    """Return the arrays of each inverter, in the order of the plant's chains.

    An inverter is named by its subentry, and one that nobody knows by its array's.
    """
    wires: dict[str, list[ConfigSubentry]] = {}
    for array in entry.get_subentries_of_type(SUBENTRY_ROOF_ARRAY):
        key = inverter_of(entry, array) or array.subentry_id
        wires.setdefault(key, []).append(array)
    return wires


def inverter_of(entry: ConfigEntry[Any], array: ConfigSubentry) -> str | None:
    """Return the subentry of the inverter that an array is wired to, if it is known.

    In a home with one inverter it is that one.
    """
    inverters = [i.subentry_id for i in entry.get_subentries_of_type(SUBENTRY_INVERTER)]
    told = array.data.get(SUBENTRY_INVERTER)
    if told in inverters:
        return str(told)
    return inverters[0] if len(inverters) == 1 else None


def array_of(data: Mapping[str, Any], horizon: Horizon = OPEN) -> PvArray:
    """Return an array as the user described it.

    Args:
        data: Of its subentry.
        horizon: What hides the sun where the user did not say.
    """
    points = read_horizon(data.get(CONF_HORIZON, ""))
    coefficient = data.get(CONF_TEMPERATURE_COEFFICIENT)
    installed = data.get(CONF_INSTALLED)
    return PvArray(
        peak_power=1000.0 * data[CONF_PEAK_POWER],
        mount=_mount(data),
        module=Module(
            Technology(data.get(CONF_TECHNOLOGY, Technology.CRYSTALLINE)),
            None if coefficient is None else coefficient / 100.0,
        ),
        mounting=Mounting(data.get(CONF_MOUNTING, Mounting.ROOF)),
        horizon=Horizon.from_points(points) if points else horizon,
        beam_shade=data.get(CONF_BEAM_SHADE, 0.0) / 100.0,
        soiling=data.get(CONF_SOILING, 0.0) / 100.0,
        derate=1.0 - data.get(CONF_SYSTEM_LOSSES, 100.0 * (1.0 - DERATE)) / 100.0,
        degradation=data.get(CONF_DEGRADATION, 100.0 * DEGRADATION) / 100.0,
        installed=None if installed is None else date.fromisoformat(installed),
    )


def _mount(data: Mapping[str, Any]) -> Mount:
    tilt, azimuth = float(data[CONF_SURFACE_TILT]), float(data[CONF_SURFACE_AZIMUTH])
    match Tracker(data.get(CONF_TRACKER, Tracker.FIXED)):
        case Tracker.FIXED:
            return FixedMount(tilt, azimuth)
        case Tracker.ONE_AXIS:
            return SingleAxisMount(
                axis_azimuth=azimuth,
                axis_tilt=tilt,
                max_angle=float(data.get(CONF_AXIS_LIMIT, USUAL_AXIS_LIMIT)),
                ground_coverage=data.get(CONF_GROUND_COVERAGE, 0.0) / 100.0,
            )
        case Tracker.TWO_AXES:
            return TwoAxisMount()


def _chain(
    entry: ConfigEntry[Any],
    key: str,
    subentries: list[ConfigSubentry],
    horizon: Horizon,
) -> Chain:
    """Return an inverter and its arrays.

    What the user says of an inverter goes before what its nameplate says.
    """
    arrays = tuple(array_of(subentry.data, horizon) for subentry in subentries)
    told = [1000.0 * s.data.get(CONF_INVERTER_POWER, 0.0) for s in subentries]
    rated = entry.subentries[key].data.get(CONF_RATED_POWER)
    power = max(told) or rated or sum(array.peak_power for array in arrays)
    percents = [
        s.data[CONF_EFFICIENCY] for s in subentries if CONF_EFFICIENCY in s.data
    ]
    efficiency = max(percents) / 100.0 if percents else _STANDARD_EFFICIENCY
    return Chain(Inverter(float(power), efficiency), arrays)
