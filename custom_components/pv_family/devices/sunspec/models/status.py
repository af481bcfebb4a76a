"""Model 122: what an inverter measures beside its output."""

from modbus_connection.model.sunspec import SunSpecComponent, uint16

from .accumulator import acc64


class Status(SunSpecComponent):
    """Model 122, extended measurements and status."""

    energy_produced = acc64(5)
    available_power = uint16(31, scale_register=32)
    isolation_resistance = uint16(44, scale_register=45)
