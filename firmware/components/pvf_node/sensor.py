"""The node's lifetime registers as sensors."""

import esphome.codegen as cg
from esphome.components import sensor
import esphome.config_validation as cv
from esphome.const import (
    DEVICE_CLASS_ENERGY,
    STATE_CLASS_TOTAL_INCREASING,
    UNIT_WATT_HOURS,
)

from . import CONF_PVF_NODE_ID, PvfNode

DEPENDENCIES = ["pvf_node"]

# In the order of the core's registers.
_TOTALS = ("produced", "consumed", "imported", "exported")

CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(CONF_PVF_NODE_ID): cv.use_id(PvfNode),
        **{
            cv.Optional(total): sensor.sensor_schema(
                unit_of_measurement=UNIT_WATT_HOURS,
                accuracy_decimals=0,
                device_class=DEVICE_CLASS_ENERGY,
                state_class=STATE_CLASS_TOTAL_INCREASING,
            )
            for total in _TOTALS
        },
    }
)


async def to_code(config):
    """Make the sensors."""
    parent = await cg.get_variable(config[CONF_PVF_NODE_ID])
    for number, total in enumerate(_TOTALS):
        if total in config:
            cg.add(parent.show(number, await sensor.new_sensor(config[total])))
