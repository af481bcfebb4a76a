"""Models 124, 713 and 802: a battery."""

from typing import ClassVar

from modbus_connection.model.sunspec import (
    SunSpecComponent,
    bitfield32,
    enum16,
    int16,
    uint16,
)

CHARGE_STATES = {
    1: "off",
    2: "empty",
    3: "discharging",
    4: "charging",
    5: "full",
    6: "holding",
    7: "testing",
}

BATTERY_EVENTS = (
    "communication_error",
    "over_temperature_alarm",
    "over_temperature_warning",
    "under_temperature_alarm",
    "under_temperature_warning",
    "over_charge_current_alarm",
    "over_charge_current_warning",
    "over_discharge_current_alarm",
    "over_discharge_current_warning",
    "over_voltage_alarm",
    "over_voltage_warning",
    "under_voltage_alarm",
    "under_voltage_warning",
    "under_charge_alarm",
    "under_charge_warning",
    "over_charge_alarm",
    "over_charge_warning",
    "voltage_imbalance_warning",
    "temperature_imbalance_alarm",
    "temperature_imbalance_warning",
    "contactor_error",
    "fan_error",
    "ground_fault",
    "open_door",
    "current_imbalance_warning",
    "other_alarm",
    "other_warning",
    "",
    "configuration_alarm",
    "configuration_warning",
)


class BasicStorage(SunSpecComponent):
    """Model 124, basic storage."""

    STATUSES: ClassVar = CHARGE_STATES

    state_of_charge = uint16(8, scale_register=22)
    status = enum16(11)


class DerStorage(SunSpecComponent):
    """Model 713, storage capacity of a distributed energy resource."""

    battery_capacity = uint16(2, scale_register=7)
    state_of_charge = uint16(4, scale_register=8)
    state_of_health = uint16(5, scale_register=8)


class Battery(SunSpecComponent):
    """Model 802, battery base model; the sign of its power is the maker's choice."""

    STATUSES: ClassVar = CHARGE_STATES
    EVENTS: ClassVar = BATTERY_EVENTS

    battery_capacity = uint16(3, scale_register=53)
    state_of_charge = uint16(11, scale_register=56)
    state_of_health = uint16(13, scale_register=58)
    status = enum16(16)
    events = bitfield32(26)
    dc_voltage = uint16(34, scale_register=59)
    dc_current = int16(44, scale_register=61)
    dc_power = int16(47, scale_register=63)
