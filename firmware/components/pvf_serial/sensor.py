"""A number of a node's messages as a sensor."""

import esphome.codegen as cg
from esphome.components import sensor
import esphome.config_validation as cv

from . import CONF_PVF_SERIAL_ID, PvfSerial

DEPENDENCIES = ["pvf_serial"]

CONF_LEAF = "leaf"
CONF_KEY = "key"

CONFIG_SCHEMA = sensor.sensor_schema().extend(
    {
        cv.GenerateID(CONF_PVF_SERIAL_ID): cv.use_id(PvfSerial),
        cv.Required(CONF_LEAF): cv.string_strict,
        cv.Required(CONF_KEY): cv.string_strict,
    }
)


async def to_code(config):
    """Make the sensor and let the gateway feed it."""
    var = await sensor.new_sensor(config)
    parent = await cg.get_variable(config[CONF_PVF_SERIAL_ID])
    cg.add(parent.add_sensor(config[CONF_LEAF], config[CONF_KEY], var))
