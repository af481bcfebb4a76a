"""The usual ways in which a home's models are spread over chains and unit ids."""

from typing import Literal

from simulation.state import HomeConfig

from .chain import ChainOptions, VendorModel
from .measurements import Identity

type Family = Literal["integer", "float", "der"]


def unit_chains(
    config: HomeConfig,
    family: Family = "integer",
    *,
    base: int = 40000,
    unit: int = 1,
    meter_unit: int | None = None,
    battery_unit: int | None = None,
    vendor: VendorModel | None = None,
    identity: Identity = Identity(),
) -> dict[int, ChainOptions]:
    """Return a chain for each unit id of the home's devices.

    Args:
        config: decides between one and three phases, meter and battery.
        family: 10x models with integers or floats, or the 7xx family.
        base: address of the first register.
        unit: unit id of the inverter.
        meter_unit: unit id of a meter that stands apart.
        battery_unit: unit id of a battery that stands apart.
        vendor: an unknown model between model 1 and the inverter's.
        identity: of the inverter; meter and battery get serials made from it.
    """
    three = config.inverter.phases == 3
    models: list[int | VendorModel] = [1]
    if vendor is not None:
        models.append(vendor)
    storage: list[int | VendorModel] = []
    if family == "der":
        models += [701, 714]
        storage = [713]
    elif family == "float":
        models += [120, 113 if three else 111, 160]
        storage = [802]
    else:
        models += [120, 103 if three else 101, 160]
        storage = [802]
    if family == "float":
        measured: list[int | VendorModel] = [213 if three else 211]
    else:
        measured = [203 if three else 201]
    apart: dict[int, ChainOptions] = {}
    for wanted, name, where, extra in (
        (config.meter, "Meter", meter_unit, measured),
        (config.battery is not None, "Battery", battery_unit, storage),
    ):
        if not wanted:
            continue
        if where is None:
            models += extra
            continue
        apart[where] = ChainOptions(
            models=(1, *extra),
            base=base,
            unit=where,
            identity=Identity(
                manufacturer=identity.manufacturer,
                model=f"Simulated {name}",
                version=identity.version,
                serial=f"{identity.serial}-{name[0]}",
            ),
        )
    inverter = ChainOptions(
        models=tuple(models), base=base, unit=unit, identity=identity
    )
    return {unit: inverter, **apart}
