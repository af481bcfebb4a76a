"""Point tables of the SunSpec models that the simulation speaks.

The tables hold facts of the SunSpec information models; a unit test compares every
offset, type and scale factor with the published definitions.
"""

from simulation.sunspec.model import Model

from .battery import BATTERY
from .common import COMMON, NAMEPLATE
from .der import DER_AC, DER_DC, DER_STORAGE
from .inverter import INVERTERS, MPPT
from .meter import METERS

MODELS: dict[int, Model] = {
    model.id: model
    for model in (
        COMMON,
        NAMEPLATE,
        *INVERTERS,
        MPPT,
        *METERS,
        BATTERY,
        DER_AC,
        DER_STORAGE,
        DER_DC,
    )
}

__all__ = ["MODELS"]
