"""How devices are reached, as the user describes it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from modbus_connection import ModbusSerialParams, ModbusTcpParams, ModbusUdpParams

from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_PORT

from .const import (
    CONF_BAUDRATE,
    CONF_LINK,
    CONF_PARITY,
    CONF_PROTOCOL,
    CONF_STOPBITS,
    CONF_UNIT_ID,
)


class Protocol(StrEnum):
    """What an inverter speaks."""

    SUNSPEC = "sunspec"
    MAP = "map"
    """A vendor's own Modbus registers."""

    PI30 = "pi30"
    """Voltronic's off-grid inverters."""


class Transport(StrEnum):
    """How a node's values arrive."""

    HTTP = "http"
    MAPPED = "mapped"
    """Over MQTT, in topics that the user mapped."""

    MQTT = "mqtt"


class Link(StrEnum):
    """How a Modbus device is connected."""

    TCP = "tcp"
    UDP = "udp"
    RTU_OVER_TCP = "rtu_over_tcp"
    SERIAL = "serial"


type LinkParams = ModbusTcpParams | ModbusUdpParams | ModbusSerialParams


def link_params(data: Mapping[str, Any]) -> LinkParams:
    """Return the parameters of the link that the user described."""
    match Link(data[CONF_LINK]):
        case Link.TCP:
            return ModbusTcpParams(host=data[CONF_HOST], port=int(data[CONF_PORT]))
        case Link.UDP:
            return ModbusUdpParams(host=data[CONF_HOST], port=int(data[CONF_PORT]))
        case Link.RTU_OVER_TCP:
            host = data[CONF_HOST]
            # An IPv6 literal is bracketed, or its colons read as the port's.
            host = f"[{host}]" if ":" in host else host
            return ModbusSerialParams(
                device=f"socket://{host}:{int(data[CONF_PORT])}",
                # The line speed Home Assistant gives a socket-carried serial link.
                baudrate=115200,
            )
        case Link.SERIAL:
            return ModbusSerialParams(
                device=data[CONF_DEVICE],
                baudrate=int(data[CONF_BAUDRATE]),
                parity=data[CONF_PARITY],
                stopbits=data[CONF_STOPBITS],
            )


def link_name(data: Mapping[str, Any]) -> str:
    """Return what tells the link and the unit from others, in words."""
    if data.get(CONF_PROTOCOL) == Protocol.PI30:
        return str(data[CONF_DEVICE])
    if Link(data[CONF_LINK]) is Link.SERIAL:
        return f"{data[CONF_DEVICE]}, {data[CONF_UNIT_ID]}"
    return f"{data[CONF_HOST]}:{int(data[CONF_PORT])}, {data[CONF_UNIT_ID]}"
