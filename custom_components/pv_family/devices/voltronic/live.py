"""What one unit says of an instant, from either of two commands, as readings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...readings.quantity import Quantity
from ...readings.reading import Quality, Reading, Series
from ..device import Part, PartKind
from .commands import inputs
from .pv import CurrentSide, PvInput, pv_current, pv_power
from .query import Answer

# Below this the grid input is open, and what is shown is noise.
_NO_GRID: Final = 30.0
# Below this no battery is connected, and its charge is a guess at nothing.
_NO_BATTERY: Final = 5.0
# Below this the sun gives nothing.
_DARK: Final = 60.0
# Old units show the raw number of the converter here, in hundreds and thousands.
HOTTEST: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The live values of one unit: V, A, Hz, W, VA, °C, percent.

    Attributes:
        mode: Its mode in words, if it is known.
        grid_charging: Whether the grid charges the battery.
        pv: Its PV inputs.
        balanced: Whether what its inputs give follows from its load and its battery
            where it is not told.
    """

    mode: str | None = None
    grid_voltage: float | None = None
    grid_frequency: float | None = None
    output_voltage: float | None = None
    output_frequency: float | None = None
    apparent_power: float | None = None
    active_power: float | None = None
    load_ratio: float | None = None
    bus_voltage: float | None = None
    battery_voltage: float | None = None
    charge_current: float | None = None
    discharge_current: float | None = None
    state_of_charge: float | None = None
    heat_sink_temperature: float | None = None
    grid_charging: bool = False
    pv: tuple[PvInput, ...] = ()
    balanced: bool = False

    @property
    def battery_current(self) -> float | None:
        """Return the battery's current in A, positive while it discharges."""
        if self.charge_current is None or self.discharge_current is None:
            return None
        return self.discharge_current - self.charge_current

    @property
    def battery_power(self) -> float | None:
        """Return the battery's power in W, in steps of one ampere."""
        current = self.battery_current
        if current is None or self.battery_voltage is None:
            return None
        return self.battery_voltage * current

    def total_pv_power(
        self, side: CurrentSide | None
    ) -> tuple[float, Quality] | tuple[None, None]:
        """Return the power of all inputs in W, ``None`` unless all are known."""
        total, quality = 0.0, Quality.MEASURED
        for pv in self.pv:
            power, how = pv_power(pv, side)
            if power is None or how is None:
                return self._balance() if self.balanced else (None, None)
            total += power
            quality = how if how is not Quality.MEASURED else quality
        if not self.pv:
            return None, None
        return total, Quality.DERIVED if len(self.pv) > 1 else quality

    def _balance(self) -> tuple[float, Quality] | tuple[None, None]:
        """Return what the sun must give in W where neither grid nor anything else does.

        A unit of a parallel system does not tell its own PV power as the unit does
        that is asked.
        """
        if all((pv.voltage or 0.0) < _DARK for pv in self.pv):
            return 0.0, Quality.INFERRED
        load, battery = self.active_power, self.battery_power
        if self.mode != "battery" or self.grid_charging:
            return None, None
        if load is None or battery is None:
            return None, None
        return max(0.0, load - battery), Quality.INFERRED

    def grid_power(
        self, side: CurrentSide | None
    ) -> tuple[float, Quality] | tuple[None, None]:
        """Return what the unit draws from the grid in W, which it does not measure.

        Nothing comes in without a voltage, nor on battery unless the grid charges;
        otherwise it is what the load takes and neither sun nor battery give.
        """
        if self.grid_voltage is None:
            return None, None
        if self.grid_voltage < _NO_GRID or (
            self.mode == "battery" and not self.grid_charging
        ):
            return 0.0, Quality.INFERRED
        load, battery = self.active_power, self.battery_power
        pv, _ = self.total_pv_power(side)
        if self.mode is None or load is None or battery is None or pv is None:
            return None, None
        return max(0.0, load - pv - battery), Quality.DERIVED


def own_snapshot(live: Answer, second: str, mode: str | None) -> Snapshot:
    """Return what QPIGS, QPIGS2 and QMOD say of the unit that is asked.

    Args:
        live: The fields of QPIGS.
        second: The answer to QPIGS2, empty if there is none.
        mode: The mode in words.
    """
    status = live.text("status")
    pv = [
        PvInput(
            voltage=live.number("pv_voltage"),
            current=live.number("pv_current"),
            power=live.number("pv_power"),
            battery_voltage=live.number("scc_voltage"),
            charging=status[6:7] == "1",
        )
    ]
    if second:
        more = Answer(inputs(second))
        pv += [
            PvInput(
                voltage=more.number(f"pv{n}_voltage"),
                current=more.number(f"pv{n}_current"),
                power=more.number(f"pv{n}_power"),
                battery_voltage=more.number(f"scc{n}_voltage"),
            )
            for n in (2, 3)
            if more.text(f"pv{n}_voltage")
        ]
    return Snapshot(
        mode=mode,
        **{name: live.number(name) for name in _SHARED},
        bus_voltage=live.number("bus_voltage"),
        heat_sink_temperature=live.number("heat_sink_temperature"),
        grid_charging=status[7:8] == "1",
        pv=tuple(pv),
        balanced=False,
    )


def parallel_snapshot(unit: Answer, mode: str | None) -> Snapshot:
    """Return what QPGS says of another unit of a parallel system."""
    status = unit.text("status")
    voltage = unit.number("battery_voltage")
    charging = status[2:3] == "1"
    pv = [
        PvInput(
            voltage=unit.number("pv_voltage"),
            current=unit.number("pv_current"),
            battery_voltage=voltage,
            charging=charging,
        )
    ]
    if unit.text("pv2_voltage"):
        pv.append(
            PvInput(
                voltage=unit.number("pv2_voltage"),
                current=unit.number("pv2_current"),
                battery_voltage=voltage,
                charging=charging,
            )
        )
    return Snapshot(
        mode=mode,
        **{name: unit.number(name) for name in _SHARED},
        grid_charging=status[1:2] == "1",
        pv=tuple(pv),
        balanced=True,
    )


_SHARED: Final = (
    "grid_voltage",
    "grid_frequency",
    "output_voltage",
    "output_frequency",
    "apparent_power",
    "active_power",
    "load_ratio",
    "battery_voltage",
    "charge_current",
    "discharge_current",
    "state_of_charge",
)


def readings(
    snapshot: Snapshot,
    source: str,
    now: datetime,
    side: CurrentSide | None,
    *,
    number: int = 1,
) -> Iterator[Reading]:
    """Yield everything that a snapshot tells.

    Args:
        snapshot: The unit's values.
        source: The serial number of the device.
        now: When it was taken (UTC).
        side: Where PV currents are measured.
        number: Of the unit; the others of a parallel system count from 2.
    """
    inverter = inverter_part(number)
    load, battery = Part(PartKind.LOAD, number), Part(PartKind.BATTERY, number)
    grid = Part(PartKind.METER, number)
    connected = (snapshot.battery_voltage or 0.0) >= _NO_BATTERY
    charge = snapshot.state_of_charge if connected else None
    measured: tuple[tuple[Part, Quantity, float | None], ...] = (
        (inverter, Quantity.BUS_VOLTAGE, snapshot.bus_voltage),
        (inverter, Quantity.TEMPERATURE_HEAT_SINK, snapshot.heat_sink_temperature),
        (load, Quantity.AC_POWER, snapshot.active_power),
        (load, Quantity.APPARENT_POWER, snapshot.apparent_power),
        (load, Quantity.LOAD_RATIO, snapshot.load_ratio),
        (load, Quantity.AC_VOLTAGE, snapshot.output_voltage),
        (load, Quantity.FREQUENCY, snapshot.output_frequency),
        (battery, Quantity.DC_VOLTAGE, snapshot.battery_voltage),
        (battery, Quantity.DC_CURRENT, snapshot.battery_current),
        (battery, Quantity.STATE_OF_CHARGE, charge),
        (grid, Quantity.AC_VOLTAGE, snapshot.grid_voltage),
        (grid, Quantity.FREQUENCY, snapshot.grid_frequency),
    )
    found: list[tuple[Part, Quantity, float | None, Quality | None]] = [
        (*item, Quality.MEASURED) for item in measured
    ]
    found += [
        (battery, Quantity.DC_POWER, snapshot.battery_power, Quality.DERIVED),
        (inverter, Quantity.DC_POWER, *snapshot.total_pv_power(side)),
        (grid, Quantity.AC_POWER, *snapshot.grid_power(side)),
    ]
    if number == 1:
        for n, pv in enumerate(snapshot.pv, start=1):
            string = Part(PartKind.STRING, n)
            power, how = pv_power(pv, side)
            found += [
                (string, Quantity.DC_VOLTAGE, pv.voltage, Quality.MEASURED),
                (string, Quantity.DC_CURRENT, *pv_current(pv, side, power)),
                (string, Quantity.DC_POWER, power, how),
            ]
    for part, quantity, value, quality in found:
        if value is not None and quality is not None:
            yield Reading(Series(source, part.key, quantity), value, now, quality)


def inverter_part(number: int) -> Part:
    """Return a unit as a part; the one that is asked has no number."""
    return Part(PartKind.INVERTER, 0 if number == 1 else number)
