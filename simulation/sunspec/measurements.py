"""What each SunSpec model shows of a home: SI values by point name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import hypot, sqrt

from simulation.inverter import InverterState
from simulation.state import HomeState

from .model import ModelValues
from .points import Value

_PV, _PV_AND_STORAGE = 4, 82
_LITHIUM_ION = 4
_LOAD_REACTIVE_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Identity:
    """What model 1 says."""

    manufacturer: str = "PV Family"
    model: str = "Simulated Hybrid 5"
    options: str = ""
    version: str = "1.0.0"
    serial: str = "SIM-0001"


def _lines(voltages: tuple[float, ...]) -> tuple[float, ...]:
    """Return V between phases A-B, B-C, C-A, which stand 120 degrees apart."""
    pairs = zip(voltages, (*voltages[1:], voltages[0]), strict=True)
    return tuple(sqrt(a * a + b * b + a * b) for a, b in pairs)


def _spread(names: Iterable[str], values: Iterable[float]) -> dict[str, Value]:
    """Pair names with values; names without a value are left out."""
    return dict(zip(names, values, strict=False))


def common(identity: Identity, unit: int) -> ModelValues:
    """Return model 1."""
    return ModelValues(
        {
            "DA": unit,
            "Md": identity.model,
            "Mn": identity.manufacturer,
            "Opt": identity.options,
            "SN": identity.serial,
            "Vr": identity.version,
        }
    )


def nameplate(state: HomeState) -> ModelValues:
    """Return model 120."""
    inverter = state.config.inverter
    battery = state.config.battery
    reactive = 0.6 * inverter.nameplate
    values: dict[str, Value] = {
        "ARtg": inverter.nameplate / inverter.phases / 230.0,
        "DERTyp": _PV if battery is None else _PV_AND_STORAGE,
        "PFRtgQ1": 0.8,
        "PFRtgQ4": -0.8,
        "VARtg": inverter.nameplate,
        "VArRtgQ1": reactive,
        "VArRtgQ4": -reactive,
        "WRtg": inverter.nameplate,
    }
    if battery is not None:
        values["WHRtg"] = battery.capacity
        values["MaxChaRte"] = battery.max_charge
        values["MaxDisChaRte"] = battery.max_discharge
    return ModelValues(values)


def inverter(state: HomeState) -> ModelValues:
    """Return models 101, 103, 111 and 113; DC is strings plus battery."""
    battery = state.battery
    dc = state.pv_dc + (0.0 if battery is None else battery.power_dc)
    voltage = max(string.voltage for string in state.strings)
    currents = [
        power / volts
        for power, volts in zip(
            state.inverter_phases, state.phase_voltages, strict=True
        )
    ]
    values: dict[str, Value] = {
        "A": sum(currents),
        "DCV": voltage,
        "DCW": dc,
        "Evt1": 0,
        "Evt2": 0,
        "Hz": state.frequency,
        "PF": 100.0,
        "St": state.inverter_state,
        "TmpCab": state.cabinet_temperature,
        "TmpSnk": state.heat_sink_temperature,
        "VA": state.inverter_ac,
        "VAr": 0.0,
        "W": state.inverter_ac,
        "WH": state.energy.inverter_ac,
    }
    if voltage > 0.0:
        values["DCA"] = max(dc, 0.0) / voltage
    values |= _spread(("AphA", "AphB", "AphC"), currents)
    values |= _spread(("PhVphA", "PhVphB", "PhVphC"), state.phase_voltages)
    if len(state.phase_voltages) == 3:
        names = ("PPVphAB", "PPVphBC", "PPVphCA")
        values |= _spread(names, _lines(state.phase_voltages))
    return ModelValues(values)


def trackers(state: HomeState) -> ModelValues:
    """Return model 160, one module for each string."""
    return ModelValues(
        {"Evt": 0, "N": len(state.strings)},
        [
            {
                "DCA": string.current,
                "DCEvt": 0,
                "DCSt": state.inverter_state,
                "DCV": string.voltage,
                "DCW": string.power,
                "DCWH": string.energy,
                "ID": number,
                "IDStr": string.name[:16],
                "Tmp": state.heat_sink_temperature,
            }
            for number, string in enumerate(state.strings, start=1)
        ],
    )


def meter(state: HomeState) -> ModelValues:
    """Return models 201, 203, 211 and 213; W + = import."""
    reactive = tuple(_LOAD_REACTIVE_SHARE * load for load in state.load_phases)
    apparent = [
        hypot(w, var) for w, var in zip(state.grid_phases, reactive, strict=True)
    ]
    total_reactive = sum(reactive)
    total_apparent = hypot(state.grid, total_reactive)
    currents = [
        power / volts
        for power, volts in zip(state.grid_phases, state.phase_voltages, strict=True)
    ]
    factors = [
        100.0 * w / va if va > 0.0 else 100.0
        for w, va in zip(state.grid_phases, apparent, strict=True)
    ]
    voltages = state.phase_voltages
    values: dict[str, Value] = {
        "A": sum(currents),
        "Evt": 0,
        "Hz": state.frequency,
        "PF": 100.0 * state.grid / total_apparent if total_apparent > 0.0 else 100.0,
        "PhV": sum(voltages) / len(voltages),
        "TotWhExp": state.energy.grid_export,
        "TotWhImp": state.energy.grid_import,
        "VA": total_apparent,
        "VAR": total_reactive,
        "W": state.grid,
    }
    values |= _spread(("AphA", "AphB", "AphC"), currents)
    values |= _spread(("PFphA", "PFphB", "PFphC"), factors)
    values |= _spread(("PhVphA", "PhVphB", "PhVphC"), voltages)
    values |= _spread(("VAphA", "VAphB", "VAphC"), apparent)
    values |= _spread(("VARphA", "VARphB", "VARphC"), reactive)
    values |= _spread(("WphA", "WphB", "WphC"), state.grid_phases)
    if len(voltages) == 3:
        lines = _lines(voltages)
        values["PPV"] = sum(lines) / 3.0
        values |= _spread(("PPVphAB", "PPVphBC", "PPVphCA"), lines)
        values |= _spread(("PhVphAB", "PhVphBC", "PhVphCA"), lines)
    return ModelValues(values)


def battery(state: HomeState) -> ModelValues:
    """Return model 802; W and A + = discharge.

    Raises:
        ValueError: the home has no battery.
    """
    now, rated = state.battery, state.config.battery
    if now is None or rated is None:
        raise ValueError("a home without battery has no model 802")
    if now.power_dc > 5.0:
        charge_state = 3
    elif now.power_dc < -5.0:
        charge_state = 4
    elif now.soc > 0.995:
        charge_state = 5
    elif now.soc <= rated.reserve + 0.005:
        charge_state = 2
    else:
        charge_state = 6
    cells = 16
    return ModelValues(
        {
            "A": now.current,
            "AChaMax": rated.max_charge / rated.nominal_voltage,
            "ADisChaMax": rated.max_discharge / rated.nominal_voltage,
            "AHRtg": rated.capacity / rated.nominal_voltage,
            "AlmRst": 0,
            "CellVAvg": now.voltage / cells,
            "CellVMax": now.voltage / cells * 1.002,
            "CellVMin": now.voltage / cells * 0.998,
            "ChaSt": charge_state,
            "Evt1": 0,
            "Evt2": 0,
            "EvtVnd1": 0,
            "EvtVnd2": 0,
            "LocRemCtl": 1,
            "NCyc": int(state.energy.battery_discharge / rated.capacity),
            "SetInvState": 3,
            "SetOp": 1,
            "SoC": 100.0 * now.soc,
            "SoCMax": 100.0,
            "SoCMin": 100.0 * rated.reserve,
            "SoH": 98.0,
            "State": 3,
            "Typ": _LITHIUM_ION,
            "V": now.voltage,
            "W": now.power_dc,
            "WChaRteMax": rated.max_charge,
            "WDisChaRteMax": rated.max_discharge,
            "WHRtg": rated.capacity,
        }
    )


def der_ac(state: HomeState) -> ModelValues:
    """Return model 701; W + = out of the inverter."""
    phases = len(state.inverter_phases)
    running = state.inverter_state in (InverterState.MPPT, InverterState.THROTTLED)
    voltages = state.phase_voltages
    values: dict[str, Value] = {
        "ACType": 2 if phases == 3 else 0,
        "Alrm": 0,
        "ConnSt": 1,
        "DERMode": 1,
        "Hz": state.frequency,
        # 701 counts the same states from 0 that `St` of 103 counts from 1.
        "InvSt": state.inverter_state - 1,
        "LNV": sum(voltages) / len(voltages),
        "PF": 1.0,
        "St": 1 if running else 0,
        "TmpAmb": state.air_temperature,
        "TmpCab": state.cabinet_temperature,
        "TmpSnk": state.heat_sink_temperature,
        "TotWhAbs": 0,
        "TotWhInj": state.energy.inverter_ac,
        "VA": state.inverter_ac,
        "Var": 0.0,
        "W": state.inverter_ac,
    }
    total = 0.0
    for phase in range(phases):
        suffix = f"L{phase + 1}"
        current = state.inverter_phases[phase] / voltages[phase]
        total += current
        values[f"A{suffix}"] = current
        values[f"PF{suffix}"] = 1.0
        values[f"VA{suffix}"] = state.inverter_phases[phase]
        values[f"V{suffix}"] = voltages[phase]
        values[f"Var{suffix}"] = 0.0
        values[f"W{suffix}"] = state.inverter_phases[phase]
    values["A"] = total
    if phases == 3:
        lines = _lines(voltages)
        values["LLV"] = sum(lines) / 3.0
        values |= _spread(("VL1L2", "VL2L3", "VL3L1"), lines)
    return ModelValues(values)


def der_storage(state: HomeState) -> ModelValues:
    """Return model 713.

    Raises:
        ValueError: the home has no battery.
    """
    now, rated = state.battery, state.config.battery
    if now is None or rated is None:
        raise ValueError("a home without battery has no model 713")
    return ModelValues(
        {
            "SoC": 100.0 * now.soc,
            "SoH": 98.0,
            "Sta": 0,
            "WHAvail": max(0.0, now.stored - rated.reserve * rated.capacity),
            "WHRtg": rated.capacity,
        }
    )


def der_dc(state: HomeState) -> ModelValues:
    """Return model 714: a port for each string, then the battery's (+ = discharge)."""
    ports: list[Mapping[str, Value]] = [
        {
            "DCA": string.current,
            "DCAlrm": 0,
            "DCSta": 1 if string.power > 0.0 else 0,
            "DCV": string.voltage,
            "DCW": string.power,
            "DCWhAbs": 0,
            "DCWhInj": string.energy,
            "ID": number,
            "IDStr": string.name[:16],
            "PrtTyp": 0,
        }
        for number, string in enumerate(state.strings, start=1)
    ]
    injected = sum(state.energy.strings_dc)
    absorbed = 0.0
    power = state.pv_dc
    current = sum(string.current for string in state.strings)
    store = state.battery
    if store is not None:
        ports.append(
            {
                "DCA": store.current,
                "DCAlrm": 0,
                "DCSta": 1,
                "DCV": store.voltage,
                "DCW": store.power_dc,
                "DCWhAbs": state.energy.battery_charge,
                "DCWhInj": state.energy.battery_discharge,
                "ID": len(ports) + 1,
                "IDStr": "Battery",
                "PrtTyp": 1,
            }
        )
        injected += state.energy.battery_discharge
        absorbed = state.energy.battery_charge
        power += store.power_dc
        current += store.current
    return ModelValues(
        {
            "DCA": current,
            "DCW": power,
            "DCWhAbs": absorbed,
            "DCWhInj": injected,
            "NPrt": len(ports),
            "PrtAlrms": 0,
        },
        ports,
    )


MEASUREMENTS: dict[int, Callable[[HomeState], ModelValues]] = {
    101: inverter,
    103: inverter,
    111: inverter,
    113: inverter,
    120: nameplate,
    160: trackers,
    201: meter,
    203: meter,
    211: meter,
    213: meter,
    701: der_ac,
    713: der_storage,
    714: der_dc,
    802: battery,
}
