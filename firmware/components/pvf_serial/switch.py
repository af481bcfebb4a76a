"""A node's relay as a switch; its lease is renewed for as long as it is on."""

import esphome.codegen as cg
from esphome.components import switch
import esphome.config_validation as cv
from esphome.const import CONF_NUMBER

from . import CONF_PVF_SERIAL_ID, PvfSerial, pvf_serial_ns

DEPENDENCIES = ["pvf_serial"]

CONF_LEASE = "lease"

PvfRelay = pvf_serial_ns.class_("PvfRelay", switch.Switch, cg.Component)

CONFIG_SCHEMA = (
    switch.switch_schema(PvfRelay, default_restore_mode="DISABLED")
    .extend(
        {
            cv.GenerateID(CONF_PVF_SERIAL_ID): cv.use_id(PvfSerial),
            cv.Required(CONF_NUMBER): cv.int_range(min=1, max=8),
            cv.Optional(CONF_LEASE, default="60s"): cv.All(
                cv.positive_time_period_seconds,
                cv.Range(min=cv.TimePeriod(seconds=3), max=cv.TimePeriod(seconds=900)),
            ),
        }
    )
    .extend(cv.COMPONENT_SCHEMA)
)


async def to_code(config):
    """Make the relay and let the gateway tell it what the node says."""
    var = await switch.new_switch(config)
    await cg.register_component(var, config)
    parent = await cg.get_variable(config[CONF_PVF_SERIAL_ID])
    cg.add(var.set_number(config[CONF_NUMBER]))
    cg.add(var.set_lease(config[CONF_LEASE].total_seconds))
    cg.add(parent.add_relay(var))
