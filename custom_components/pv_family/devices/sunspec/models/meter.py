"""Models 201-204 and 211-214: a meter, positive while importing."""

from modbus_connection.model.sunspec import SunSpecComponent, float32, int16

from .accumulator import acc32


class Meter(SunSpecComponent):
    """Models 201 (single phase), 202 (split phase), 203 (wye) and 204 (delta)."""

    ac_current = int16(2, scale_register=6)
    ac_current_l1 = int16(3, scale_register=6)
    ac_current_l2 = int16(4, scale_register=6)
    ac_current_l3 = int16(5, scale_register=6)
    ac_voltage = int16(7, scale_register=15)
    ac_voltage_l1 = int16(8, scale_register=15)
    ac_voltage_l2 = int16(9, scale_register=15)
    ac_voltage_l3 = int16(10, scale_register=15)
    ac_voltage_l1_l2 = int16(12, scale_register=15)
    ac_voltage_l2_l3 = int16(13, scale_register=15)
    ac_voltage_l3_l1 = int16(14, scale_register=15)
    frequency = int16(16, scale_register=17)
    ac_power = int16(18, scale_register=22)
    ac_power_l1 = int16(19, scale_register=22)
    ac_power_l2 = int16(20, scale_register=22)
    ac_power_l3 = int16(21, scale_register=22)
    apparent_power = int16(23, scale_register=27)
    reactive_power = int16(28, scale_register=32)
    power_factor = int16(33, scale_register=37)
    energy_export = acc32(38, scale_register=54)
    energy_import = acc32(46, scale_register=54)


class FloatMeter(SunSpecComponent):
    """Models 211 (single phase), 212 (split phase), 213 (wye) and 214 (delta)."""

    ac_current = float32(2)
    ac_current_l1 = float32(4)
    ac_current_l2 = float32(6)
    ac_current_l3 = float32(8)
    ac_voltage = float32(10)
    ac_voltage_l1 = float32(12)
    ac_voltage_l2 = float32(14)
    ac_voltage_l3 = float32(16)
    ac_voltage_l1_l2 = float32(20)
    ac_voltage_l2_l3 = float32(22)
    ac_voltage_l3_l1 = float32(24)
    frequency = float32(26)
    ac_power = float32(28)
    ac_power_l1 = float32(30)
    ac_power_l2 = float32(32)
    ac_power_l3 = float32(34)
    apparent_power = float32(36)
    reactive_power = float32(44)
    power_factor = float32(52)
    energy_export = float32(60)
    energy_import = float32(68)
