"""Models 120 and 121: what an inverter is rated and set to."""

from modbus_connection.model.sunspec import SunSpecComponent, uint16


class Nameplate(SunSpecComponent):
    """Model 120, nameplate ratings."""

    rated_power = uint16(3, scale_register=4)
    rated_apparent_power = uint16(5, scale_register=6)
    battery_capacity = uint16(19, scale_register=20)


class Settings(SunSpecComponent):
    """Model 121, basic settings."""

    rated_power = uint16(2, scale_register=22)
