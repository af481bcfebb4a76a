"""What a simulated inverter answers, field by field as in the protocol papers."""

from collections.abc import Callable

from .inverter import InverterState

_DARK = 60.0


def payload(unit: InverterState, command: str) -> str | None:
    """Return the answer to a question, `None` for one that the model lacks."""
    answer = _ANSWERS.get(command)
    return None if answer is None else answer(unit) or None


def parallel(unit: InverterState, *, exists: bool, total: tuple[float, float]) -> str:
    """Return the answer to QPGS about a unit.

    Args:
        unit: The unit.
        exists: Whether it works in a parallel system.
        total: Charge current in A and load in W of the whole system.
    """
    voltage = unit.battery_voltage
    array = unit.pv[0]
    settings = unit.settings
    charging = max(0.0, -unit.battery_power) / voltage
    fields = [
        "1" if exists else "0",
        unit.serial,
        unit.mode,
        f"{unit.fault:02d}",
        *_grid(unit),
        f"{230.0 if unit.output else 0.0:05.1f} {50.0 if unit.output else 0.0:05.2f}",
        *_load(unit),
        f"{voltage:04.1f}",
        f"{charging:03.0f}",
        f"{unit.state_of_charge * 100.0:03.0f}",
        f"{array.voltage:05.1f}",
        f"{total[0]:03.0f}",
        f"{total[1] / 0.8:05.0f} {total[1]:05.0f} 010",
        f"1{unit.grid_charging > 0.0:d}{unit.pv_power > 0.0:d}00"
        f"{unit.grid_voltage <= 0.0:d}{unit.output > 0.0:d}0",
        f"{unit.output_mode} {settings.charger_priority}",
        f"{settings.max_charge_current:03d} 120",
        f"{settings.max_utility_charge_current:02d}",
        f"{_pv_current(unit):02.0f}",
        f"{max(0.0, unit.battery_power) / voltage:03.0f}",
    ]
    if unit.model.pv_inputs > 1:
        second = unit.pv[1]
        fields.append(f"{second.voltage:05.1f} {second.power / second.voltage:02.0f}")
    return " ".join(fields)


def _grid(unit: InverterState) -> tuple[str, str]:
    volts = unit.grid_voltage
    return f"{volts:05.1f}", f"{50.0 if volts else 0.0:04.1f}"


def _load(unit: InverterState) -> tuple[str, str, str]:
    apparent = unit.output / 0.8
    share = 100.0 * unit.output / unit.model.active_power
    return f"{apparent:04.0f}", f"{unit.output:04.0f}", f"{share:03.0f}"


def _pv_current(unit: InverterState) -> float:
    """Return the PV current in A, measured where the family measures it."""
    array = unit.pv[0]
    match unit.model.family:
        case "max":
            return array.power / array.voltage if array.voltage else 0.0
        case "mks":
            # Only what the load leaves reaches the battery.
            return min(array.power, max(0.0, -unit.battery_power)) / (
                unit.battery_voltage
            )
        case _:
            return array.power / unit.battery_voltage


def _live(unit: InverterState) -> str:
    array, voltage, model = unit.pv[0], unit.battery_voltage, unit.model
    current = _pv_current(unit)
    controller = voltage if model.family == "pip" and array.voltage > _DARK else 0.0
    charging = unit.battery_power < 0.0
    sun = array.power > 0.0 and charging
    fields = [
        *_grid(unit),
        f"{230.0 if unit.output else 0.0:05.1f} {50.0 if unit.output else 0.0:04.1f}",
        *_load(unit),
        "400",
        f"{voltage:05.2f}",
        f"{max(0.0, -unit.battery_power) / voltage:03.0f}",
        f"{unit.state_of_charge * 100.0:03.0f}",
        "0512" if model.raw_temperature else "0042",
        f"{current:04.1f}" if model.family == "max" else f"{current:04.0f}",
        f"{array.voltage:05.1f}",
        f"{controller:05.2f}",
        f"{max(0.0, unit.battery_power) / voltage:05.0f}",
        f"000{unit.output > 0.0:d}0{charging:d}{sun:d}{unit.grid_charging > 0.0:d}",
    ]
    if not model.short_live:
        fields.append(f"00 00 {array.power:05.0f} 010")
    return " ".join(fields)


def _second_input(unit: InverterState) -> str:
    if unit.model.pv_inputs < 2:
        return ""
    array = unit.pv[1]
    current = array.power / array.voltage if array.voltage else 0.0
    return f"{current:04.1f} {array.voltage:05.1f} {array.power:05.0f} "


def _ratings(unit: InverterState) -> str:
    model, settings = unit.model, unit.settings
    amperes = model.apparent_power / 230.0
    fields = [
        f"230.0 {amperes:04.1f} 230.0 50.0 {amperes:04.1f}",
        f"{model.apparent_power:04d} {model.active_power:04d}",
        f"{model.battery_voltage:04.1f}",
        f"{settings.recharge_voltage:04.1f} {settings.cut_off_voltage:04.1f}",
        f"{settings.bulk_voltage:04.1f} {settings.float_voltage:04.1f}",
        f"2 {settings.max_utility_charge_current:02d}",
        f"{settings.max_charge_current:03d} {settings.input_range}",
        f"{settings.output_priority} {settings.charger_priority}",
        f"9 01 0 {unit.output_mode} {settings.redischarge_voltage:04.1f} 0 1",
    ]
    if model.family == "max":
        fields.append("480 0 070")
    return " ".join(fields)


def _flags(unit: InverterState) -> str:
    flags = unit.settings.flags
    extra = "d" if unit.model.family == "max" else ""
    on = "".join(letter for letter, value in flags.items() if value)
    return f"E{on}D{''.join(letter for letter in flags if letter not in on)}{extra}"


def _warnings(unit: InverterState) -> str:
    bits = ["0"] * (36 if unit.model.family == "max" else 32)
    for index in unit.warnings | ({1} if unit.fault else set()):
        bits[index] = "1"
    if unit.model.family == "max" and unit.fault:
        bits[32:34] = f"{unit.fault:02d}"
    return "".join(bits)


def _currents(currents: tuple[int, ...]) -> str:
    return " ".join(f"{current:03d}" for current in currents)


def _long_serial(unit: InverterState) -> str:
    if not unit.model.long_serial:
        return ""
    return f"{len(unit.serial):02d}{unit.serial:0<20}"


_ANSWERS: dict[str, Callable[[InverterState], str]] = {
    "QPI": lambda unit: "PI30",
    "QID": lambda unit: unit.serial[:14],
    "QSID": _long_serial,
    "QVFW": lambda unit: "VERFW:00072.70",
    "QMN": lambda unit: unit.model.name,
    "QPIRI": _ratings,
    "QFLAG": _flags,
    "QPIGS": _live,
    "QPIGS2": _second_input,
    "QMOD": lambda unit: unit.mode,
    "QPIWS": _warnings,
    "QET": lambda unit: f"{unit.pv_energy:08.0f}" if unit.model.counters else "",
    "QLT": lambda unit: f"{unit.load_energy:08.0f}" if unit.model.counters else "",
    "QT": lambda unit: f"{unit.now():%Y%m%d%H%M%S}" if unit.model.counters else "",
    "QMCHGCR": lambda unit: _currents(unit.model.charge_currents),
    "QMUCHGCR": lambda unit: _currents(unit.model.utility_charge_currents),
    "QPGS0": lambda unit: parallel(unit, exists=False, total=(0.0, unit.output)),
}
