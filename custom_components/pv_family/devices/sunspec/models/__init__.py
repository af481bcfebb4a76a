"""The SunSpec models that a home has, as register layouts.

Attribute names are those of `Quantity` where the point is one; offsets count from
the model's id register. Source: SunSpec model definitions, checked point by point
in the tests against the alliance's published files.
"""

from modbus_connection.model.sunspec import SunSpecComponent

from .battery import BasicStorage, Battery, DerStorage
from .common import Common
from .der import DerAc, der_dc
from .inverter import FloatInverter, Inverter
from .meter import FloatMeter, Meter
from .mppt import mppt
from .nameplate import Nameplate, Settings
from .status import Status

COMMON = 1
INVERTERS: dict[int, type[SunSpecComponent]] = {
    101: Inverter,
    102: Inverter,
    103: Inverter,
    111: FloatInverter,
    112: FloatInverter,
    113: FloatInverter,
    701: DerAc,
}
METERS: dict[int, type[SunSpecComponent]] = {
    201: Meter,
    202: Meter,
    203: Meter,
    204: Meter,
    211: FloatMeter,
    212: FloatMeter,
    213: FloatMeter,
    214: FloatMeter,
}
NAMEPLATE = 120
SETTINGS = 121
STATUS = 122
BASIC_STORAGE = 124
MPPT = 160
DER_STORAGE = 713
DER_DC = 714
BATTERY = 802

KNOWN: frozenset[int] = frozenset(
    {
        COMMON,
        *INVERTERS,
        *METERS,
        NAMEPLATE,
        SETTINGS,
        STATUS,
        BASIC_STORAGE,
        MPPT,
        DER_STORAGE,
        DER_DC,
        BATTERY,
    }
)

__all__ = [
    "BASIC_STORAGE",
    "BATTERY",
    "COMMON",
    "DER_DC",
    "DER_STORAGE",
    "INVERTERS",
    "KNOWN",
    "METERS",
    "MPPT",
    "NAMEPLATE",
    "SETTINGS",
    "STATUS",
    "BasicStorage",
    "Battery",
    "Common",
    "DerStorage",
    "Nameplate",
    "Settings",
    "Status",
    "der_dc",
    "mppt",
]
