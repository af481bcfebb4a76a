"""Names shared across the integration."""

from datetime import timedelta
import logging
from typing import Final

DOMAIN: Final = "pv_family"
LOGGER = logging.getLogger(__package__)

SUBENTRY_BORROWED: Final = "borrowed"
SUBENTRY_INVERTER: Final = "inverter"
SUBENTRY_LOAD: Final = "load"
SUBENTRY_NODE: Final = "node"
SUBENTRY_PRICES: Final = "prices"
SUBENTRY_ROOF_ARRAY: Final = "roof_array"

CONF_ALLOW_CHANGES: Final = "allow_changes"
CONF_AVAILABILITY: Final = "availability"
CONF_AXIS_LIMIT: Final = "axis_limit"
CONF_BATTERY_CAPACITY: Final = "battery_capacity"
CONF_BATTERY_REVERSED: Final = "battery_reversed"
CONF_BAUDRATE: Final = "baudrate"
CONF_BEAM_SHADE: Final = "beam_shade"
CONF_CAPABILITIES: Final = "capabilities"
CONF_CHANNELS: Final = "channels"
CONF_COVERS: Final = "covers"
CONF_DEGRADATION: Final = "degradation"
CONF_DETAILS: Final = "details"
CONF_EFFICIENCY: Final = "efficiency"
CONF_ENERGY_KIND: Final = "energy_kind"
CONF_ENERGY_UNIT: Final = "energy_unit"
CONF_EXPORT_LIMIT: Final = "export_limit"
CONF_FAMILY: Final = "family"
CONF_FEEDS_HOUSE: Final = "feeds_house"
CONF_GROUND_COVERAGE: Final = "ground_coverage"
CONF_HOLIDAY_CALENDAR: Final = "holiday_calendar"
CONF_HORIZON: Final = "horizon"
CONF_HOUSE: Final = "house"
CONF_INSTALLED: Final = "installed"
CONF_INTERNET_WEATHER: Final = "internet_weather"
CONF_INVERTER_POWER: Final = "inverter_power"
CONF_IRRADIANCE_PLANE: Final = "irradiance_plane"
CONF_IRRADIANCE_SENSOR: Final = "irradiance_sensor"
CONF_KEY_HASH: Final = "key_hash"
CONF_LINK: Final = "link"
CONF_MANUFACTURER: Final = "manufacturer"
CONF_METER_REVERSED: Final = "meter_reversed"
CONF_METER_ROLE: Final = "meter_role"
CONF_MODULES: Final = "modules"
CONF_MOUNTING: Final = "mounting"
CONF_MPPT_INPUT: Final = "mppt_input"
CONF_OLD_PATH: Final = "old_path"
CONF_OPEN_METEO_URL: Final = "open_meteo_url"
CONF_PARITY: Final = "parity"
CONF_PEAK_POWER: Final = "peak_power"
CONF_POWER_UNIT: Final = "power_unit"
CONF_PREFIX: Final = "prefix"
CONF_PROTOCOL: Final = "protocol"
CONF_PVGIS_URL: Final = "pvgis_url"
CONF_PV_CURRENT_SIDE: Final = "pv_current_side"
CONF_RATED_POWER: Final = "rated_power"
CONF_REVERSED: Final = "reversed"
CONF_ROLE: Final = "role"
CONF_ROWS: Final = "rows"
CONF_RULES: Final = "rules"
CONF_SOILING: Final = "soiling"
CONF_STOPBITS: Final = "stopbits"
CONF_STRINGS: Final = "strings"
CONF_SURFACE_AZIMUTH: Final = "surface_azimuth"
CONF_SURFACE_TILT: Final = "surface_tilt"
CONF_SWITCHED_LOADS: Final = "switched_loads"
CONF_SYSTEM_LOSSES: Final = "system_losses"
CONF_TECHNOLOGY: Final = "technology"
CONF_TEMPERATURE_COEFFICIENT: Final = "temperature_coefficient"
CONF_TEMPERATURE_SENSOR: Final = "temperature_sensor"
CONF_TRACKER: Final = "tracker"
CONF_TRANSPORT: Final = "transport"
CONF_UNIT_ID: Final = "unit_id"
CONF_VERSION: Final = "version"
CONF_VOLTAGE_LIMIT: Final = "voltage_limit"
CONF_WEATHER: Final = "weather"
CONF_WEATHER_ENTITY: Final = "weather_entity"

# The roof, the loads and the battery move within seconds; a poll is three requests.
POLL_INTERVAL: Final = timedelta(seconds=10)
# What was not implemented a while ago may be now: a string that wakes, an energy
# register that counted its first watt-hour.
FULL_POLL_INTERVAL: Final = timedelta(minutes=10)
# Without any device that delivers, the home still looks at itself this often.
PULSE_INTERVAL: Final = timedelta(seconds=15)
# However fast devices send, the home looks at itself no more often than this.
SHORTEST_BEAT: Final = timedelta(seconds=1)
# A value that is older than three polls is no longer the present.
FRESH: Final = timedelta(seconds=35)
# By day; an inverter that sleeps after sunset is not lost.
LINK_LOST_AFTER: Final = timedelta(hours=1)
