"""Models 701 and 714: a distributed energy resource's AC side and DC ports."""

from typing import ClassVar, Final

from modbus_connection.model import Component, repeating_group
from modbus_connection.model.sunspec import (
    SunSpecComponent,
    SunSpecModel,
    bitfield32,
    enum16,
    int16,
    string,
    uint16,
    uint32,
    uint64,
)

from .inverter import INVERTER_EVENTS

DER_STATES = {
    0: "off",
    1: "sleeping",
    2: "starting",
    3: "producing",
    4: "throttled",
    5: "shutting_down",
    6: "fault",
    7: "standby",
}

PORT_PV: Final = 0
PORT_STORAGE: Final = 1

_FIRST_PORT: Final = 20
_PORT_STRIDE: Final = 25


class DerAc(SunSpecComponent):
    """Model 701, AC measurement; power is positive while injecting."""

    STATUSES: ClassVar = DER_STATES
    EVENTS: ClassVar = (*INVERTER_EVENTS, "manufacturer_alarm")

    status = enum16(4)
    events = bitfield32(6)
    ac_power = int16(10, scale_register=116)
    apparent_power = int16(11, scale_register=118)
    reactive_power = int16(12, scale_register=119)
    power_factor = int16(13, scale_register=117)
    ac_current = int16(14, scale_register=113)
    ac_voltage = uint16(16, scale_register=114)
    frequency = uint32(17, scale_register=115)
    energy_produced = uint64(19, scale_register=120)
    energy_import = uint64(23, scale_register=120)
    temperature_cabinet = int16(36, scale_register=122)
    temperature_heat_sink = int16(37, scale_register=122)
    temperature_transformer = int16(38, scale_register=122)
    temperature_other = int16(40, scale_register=122)
    ac_power_l1 = int16(41, scale_register=116)
    ac_current_l1 = int16(45, scale_register=113)
    ac_voltage_l1_l2 = uint16(46, scale_register=114)
    ac_voltage_l1 = uint16(47, scale_register=114)
    ac_power_l2 = int16(64, scale_register=116)
    ac_current_l2 = int16(68, scale_register=113)
    ac_voltage_l2_l3 = uint16(69, scale_register=114)
    ac_voltage_l2 = uint16(70, scale_register=114)
    ac_power_l3 = int16(87, scale_register=116)
    ac_current_l3 = int16(91, scale_register=113)
    ac_voltage_l3_l1 = uint16(92, scale_register=114)
    ac_voltage_l3 = uint16(93, scale_register=114)


class DcPort(Component):
    """One DC port of model 714; power is positive while injecting."""

    port_type = enum16(20)
    name = string(22, 8)
    dc_current = int16(30, scale_register=15)
    dc_voltage = uint16(31, scale_register=16)
    dc_power = int16(32, scale_register=17)
    energy_injected = uint64(33, scale_register=18)
    energy_absorbed = uint64(37, scale_register=18)
    temperature = int16(41, scale_register=19)


def der_dc(model: SunSpecModel) -> type[SunSpecComponent]:
    """Return the layout of a model 714 with as many ports as its length holds."""
    count = max(0, (model.span - _FIRST_PORT) // _PORT_STRIDE)

    class DerDc(SunSpecComponent):
        ports = repeating_group(count, DcPort, stride=_PORT_STRIDE)

    return DerDc
