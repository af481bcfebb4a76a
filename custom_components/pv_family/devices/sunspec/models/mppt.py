"""Model 160: the DC inputs of an inverter, one per tracker."""

from typing import ClassVar, Final

from modbus_connection.model import Component, repeating_group
from modbus_connection.model.sunspec import (
    SunSpecComponent,
    SunSpecModel,
    bitfield32,
    int16,
    string,
    uint16,
)

from .accumulator import acc32

_FIRST: Final = 10
_STRIDE: Final = 20

INPUT_EVENTS = (
    "ground_fault",
    "dc_over_voltage",
    "",
    "dc_disconnect",
    "",
    "cabinet_open",
    "manual_shutdown",
    "over_temperature",
    "",
    "",
    "",
    "",
    "blown_fuse",
    "under_temperature",
    "memory_loss",
    "arc_detection",
    "",
    "",
    "",
    "",
    "test_failed",
    "dc_under_voltage",
    "dc_over_current",
)


class MpptInput(Component):
    """One DC input of model 160."""

    EVENTS: ClassVar = INPUT_EVENTS

    name = string(11, 8)
    dc_current = uint16(19, scale_register=2)
    dc_voltage = uint16(20, scale_register=3)
    dc_power = uint16(21, scale_register=4)
    energy_produced = acc32(22, scale_register=5)
    temperature = int16(26)
    events = bitfield32(28)


def mppt(model: SunSpecModel) -> type[SunSpecComponent]:
    """Return the layout of a model 160 with as many inputs as its length holds."""
    count = max(0, (model.span - _FIRST) // _STRIDE)

    class Mppt(SunSpecComponent):
        inputs = repeating_group(count, MpptInput, stride=_STRIDE)

    return Mppt
