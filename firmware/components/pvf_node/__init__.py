"""A node out of sensors that ESPHome reads itself: counts energy, reports over HTTP."""

import esphome.codegen as cg
from esphome.components import sensor
import esphome.config_validation as cv
from esphome.const import CONF_ID

AUTO_LOAD = ["pvf_core"]
DEPENDENCIES = ["sensor"]

CONF_PRODUCTION = "production"
CONF_CONSUMPTION = "consumption"
CONF_EXCHANGE = "exchange"
CONF_PVF_NODE_ID = "pvf_node_id"

pvf_node_ns = cg.esphome_ns.namespace("pvf_node")
PvfNode = pvf_node_ns.class_("PvfNode", cg.PollingComponent)

_FLOWS = (CONF_PRODUCTION, CONF_CONSUMPTION, CONF_EXCHANGE)

CONFIG_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(): cv.declare_id(PvfNode),
            **{cv.Optional(flow): cv.use_id(sensor.Sensor) for flow in _FLOWS},
        }
    ).extend(cv.polling_component_schema("1s")),
    cv.has_at_least_one_key(*_FLOWS),
)


async def to_code(config):
    """Make the node and let it follow its sensors."""
    var = cg.new_Pvariable(config[CONF_ID])
    await cg.register_component(var, config)
    for number, flow in enumerate(_FLOWS):
        if flow in config:
            cg.add(var.follow(number, await cg.get_variable(config[flow])))
