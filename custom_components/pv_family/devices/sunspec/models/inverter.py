"""Models 101-103 and 111-113: an inverter's AC side."""

from typing import ClassVar

from modbus_connection.model.sunspec import (
    SunSpecComponent,
    bitfield32,
    enum16,
    float32,
    int16,
    uint16,
)

from .accumulator import acc32

OPERATING_STATES = {
    1: "off",
    2: "sleeping",
    3: "starting",
    4: "producing",
    5: "throttled",
    6: "shutting_down",
    7: "fault",
    8: "standby",
}

INVERTER_EVENTS = (
    "ground_fault",
    "dc_over_voltage",
    "ac_disconnect",
    "dc_disconnect",
    "grid_disconnect",
    "cabinet_open",
    "manual_shutdown",
    "over_temperature",
    "over_frequency",
    "under_frequency",
    "ac_over_voltage",
    "ac_under_voltage",
    "blown_string_fuse",
    "under_temperature",
    "memory_loss",
    "hardware_test_failure",
)


class Inverter(SunSpecComponent):
    """Models 101 (single phase), 102 (split phase) and 103 (three phase)."""

    STATUSES: ClassVar = OPERATING_STATES
    EVENTS: ClassVar = INVERTER_EVENTS

    ac_current = uint16(2, scale_register=6)
    ac_current_l1 = uint16(3, scale_register=6)
    ac_current_l2 = uint16(4, scale_register=6)
    ac_current_l3 = uint16(5, scale_register=6)
    ac_voltage_l1_l2 = uint16(7, scale_register=13)
    ac_voltage_l2_l3 = uint16(8, scale_register=13)
    ac_voltage_l3_l1 = uint16(9, scale_register=13)
    ac_voltage_l1 = uint16(10, scale_register=13)
    ac_voltage_l2 = uint16(11, scale_register=13)
    ac_voltage_l3 = uint16(12, scale_register=13)
    ac_power = int16(14, scale_register=15)
    frequency = uint16(16, scale_register=17)
    apparent_power = int16(18, scale_register=19)
    reactive_power = int16(20, scale_register=21)
    power_factor = int16(22, scale_register=23)
    energy_produced = acc32(24, scale_register=26)
    dc_current = uint16(27, scale_register=28)
    dc_voltage = uint16(29, scale_register=30)
    dc_power = int16(31, scale_register=32)
    temperature_cabinet = int16(33, scale_register=37)
    temperature_heat_sink = int16(34, scale_register=37)
    temperature_transformer = int16(35, scale_register=37)
    temperature_other = int16(36, scale_register=37)
    status = enum16(38)
    events = bitfield32(40)


class FloatInverter(SunSpecComponent):
    """Models 111 (single phase), 112 (split phase) and 113 (three phase)."""

    STATUSES: ClassVar = OPERATING_STATES
    EVENTS: ClassVar = INVERTER_EVENTS

    ac_current = float32(2)
    ac_current_l1 = float32(4)
    ac_current_l2 = float32(6)
    ac_current_l3 = float32(8)
    ac_voltage_l1_l2 = float32(10)
    ac_voltage_l2_l3 = float32(12)
    ac_voltage_l3_l1 = float32(14)
    ac_voltage_l1 = float32(16)
    ac_voltage_l2 = float32(18)
    ac_voltage_l3 = float32(20)
    ac_power = float32(22)
    frequency = float32(24)
    apparent_power = float32(26)
    reactive_power = float32(28)
    power_factor = float32(30)
    energy_produced = float32(32)
    dc_current = float32(34)
    dc_voltage = float32(36)
    dc_power = float32(38)
    temperature_cabinet = float32(40)
    temperature_heat_sink = float32(42)
    temperature_transformer = float32(44)
    temperature_other = float32(46)
    status = enum16(48)
    events = bitfield32(50)
