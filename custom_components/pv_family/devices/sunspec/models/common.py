"""Model 1: who the device is."""

from modbus_connection.model.sunspec import SunSpecComponent, string


class Common(SunSpecComponent):
    """Model 1, common."""

    manufacturer = string(2, 16)
    model = string(18, 16)
    options = string(34, 8)
    version = string(42, 8)
    serial_number = string(50, 16)
