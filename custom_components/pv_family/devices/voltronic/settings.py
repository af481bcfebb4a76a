"""What can be set on a unit, as data.

All of it is written to a memory that wears out. Restoring the factory defaults is
left out on purpose, and so is feeding into the grid.
"""

from collections.abc import Mapping
from typing import Final

from .dialect import Family
from .setting import (
    CurrentSetting,
    FlagSetting,
    Setting,
    StepSetting,
    VoltageSetting,
    WordSetting,
)


def _steps(low: float, high: float, step: float) -> tuple[float, ...]:
    return tuple(low + n * step for n in range(round((high - low) / step) + 1))


CUT_OFF: Final = "cut_off_voltage"
RECHARGE: Final = "recharge_voltage"
REDISCHARGE: Final = "redischarge_voltage"
FLOAT: Final = "float_voltage"
BULK: Final = "bulk_voltage"

SETTINGS: Final[Mapping[str, Setting]] = {
    "output_priority": WordSetting(
        reads="output_priority",
        codes={"utility": 0, "solar": 1, "solar_battery_utility": 2},
        command="POP",
    ),
    "charger_priority": WordSetting(
        reads="charger_priority",
        codes={"utility": 0, "solar": 1, "solar_and_utility": 2, "only_solar": 3},
        command="PCP",
        parallel_command="PPCP",
        missing={Family.PIP: frozenset({"solar_and_utility"})},
    ),
    "input_range": WordSetting(
        reads="input_range", codes={"appliance": 0, "ups": 1}, command="PGR"
    ),
    "max_charge_current": CurrentSetting(reads="max_charge_current", utility=False),
    "max_utility_charge_current": CurrentSetting(
        reads="max_utility_charge_current", utility=True
    ),
    CUT_OFF: VoltageSetting(reads=CUT_OFF, low=40.0, high=48.0, command="PSDV"),
    RECHARGE: StepSetting(
        reads=RECHARGE,
        voltages={
            12: (11.0, 11.3, 11.5, 11.8, 12.0, 12.3, 12.5, 12.8),
            24: _steps(22.0, 25.5, 0.5),
            48: _steps(44.0, 51.0, 1.0),
        },
        command="PBCV",
    ),
    REDISCHARGE: StepSetting(
        reads=REDISCHARGE,
        voltages={
            12: (0.0, 12.0, 12.3, 12.5, 12.8, 13.0, 13.3, 13.5, 13.8, 14.0, 14.3, 14.5),
            24: (0.0, *_steps(24.0, 29.0, 0.5)),
            48: (0.0, *_steps(48.0, 58.0, 1.0)),
        },
        command="PBDV",
    ),
    FLOAT: VoltageSetting(reads=FLOAT, low=48.0, high=58.4, command="PBFT"),
    BULK: VoltageSetting(reads=BULK, low=48.0, high=58.4, command="PCVV"),
    "buzzer": FlagSetting(reads="a"),
    "overload_bypass": FlagSetting(reads="b"),
    "power_saving": FlagSetting(reads="j"),
    "lcd_escape": FlagSetting(reads="k"),
    "overload_restart": FlagSetting(reads="u"),
    "over_temperature_restart": FlagSetting(reads="v"),
    "backlight": FlagSetting(reads="x"),
    "source_loss_alarm": FlagSetting(reads="y"),
    "fault_record": FlagSetting(reads="z"),
}
"""Every setting by its lasting key."""

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    key: tuple(setting.codes)
    for key, setting in SETTINGS.items()
    if isinstance(setting, WordSetting)
}
"""The words of those that choose between words."""
