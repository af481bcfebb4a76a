"""A gateway for a node at a serial line, see docs/node-messages.md."""

import esphome.codegen as cg
from esphome.components import time, uart
import esphome.config_validation as cv
from esphome.const import CONF_ID, CONF_TIME_ID

AUTO_LOAD = ["pvf_core"]
DEPENDENCIES = ["uart"]
MULTI_CONF = True

CONF_HOUSE = "house"
CONF_PREFIX = "prefix"
CONF_PVF_SERIAL_ID = "pvf_serial_id"

pvf_serial_ns = cg.esphome_ns.namespace("pvf_serial")
PvfSerial = pvf_serial_ns.class_("PvfSerial", cg.Component, uart.UARTDevice)

_name = cv.All(cv.string_strict, cv.Length(min=1, max=32))

CONFIG_SCHEMA = (
    cv.Schema(
        {
            cv.GenerateID(): cv.declare_id(PvfSerial),
            cv.Required(CONF_HOUSE): _name,
            cv.Optional(CONF_PREFIX, default="comunita"): _name,
            cv.Optional(CONF_TIME_ID): cv.use_id(time.RealTimeClock),
        }
    )
    .extend(cv.COMPONENT_SCHEMA)
    .extend(uart.UART_DEVICE_SCHEMA)
)
FINAL_VALIDATE_SCHEMA = uart.final_validate_device_schema(
    "pvf_serial", baud_rate=115200, require_rx=True, require_tx=True
)


async def to_code(config):
    """Make the gateway."""
    var = cg.new_Pvariable(config[CONF_ID])
    await cg.register_component(var, config)
    await uart.register_uart_device(var, config)
    cg.add(var.set_topic(config[CONF_PREFIX], config[CONF_HOUSE]))
    if CONF_TIME_ID in config:
        cg.add(var.set_time(await cg.get_variable(config[CONF_TIME_ID])))
