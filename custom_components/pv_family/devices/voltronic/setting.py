"""The kinds of settings: what they may become, and how they are sent."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final, override

from .dialect import Family
from .query import Answer

type Value = str | float | bool


class Kind(StrEnum):
    """How a setting is chosen."""

    CHOICE = "choice"
    NUMBER = "number"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of a unit as it last told them.

    Attributes:
        ratings: The fields of QPIRI.
        flags: The letters of QFLAG.
        charge_currents: The charge currents it allows, A.
        utility_charge_currents: The same of charging from the grid, A.
        family: What it is taken for.
        unit: Its number in a parallel system, 0 if it is alone.
    """

    ratings: Answer
    flags: Mapping[str, bool] = field(default_factory=dict)
    charge_currents: tuple[int, ...] = ()
    utility_charge_currents: tuple[int, ...] = ()
    family: Family | None = None
    unit: int = 0

    @property
    def nominal(self) -> int | None:
        """Return the nominal battery voltage in V if it is a known one."""
        voltage = self.ratings.number("battery_voltage")
        return int(voltage) if voltage in {12.0, 24.0, 48.0} else None

    @property
    def parallel(self) -> bool:
        """Tell whether the unit works together with others."""
        return bool(self.ratings.code("output_mode"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A setting as it stands on a unit and as it may be changed.

    Attributes:
        kind: How it is chosen.
        value: As it stands.
        options: Of a choice.
        low: Least number.
        high: Greatest number.
        step: Between numbers.
        unit: Of the options or the number.
        storage: What kind of memory a change goes to.
    """

    kind: Kind
    value: Value
    options: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    unit: str = ""
    storage: str = "flash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(ABC):
    """Something that can be set.

    Attributes:
        reads: The field of QPIRI or the letter of QFLAG that shows it.
    """

    from_flags: ClassVar[bool] = False
    reads: str

    @abstractmethod
    def value(self, config: Config) -> Value | None:
        """Return it as it stands, ``None`` if the unit does not tell."""

    @abstractmethod
    def offer(self, config: Config) -> Offer | None:
        """Return how it may be changed, ``None`` if it may not."""

    @abstractmethod
    def commands(self, config: Config, value: Value) -> tuple[str, ...]:
        """Return what sets it: the usual form first, others if that is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordSetting(Setting):
    """A choice between words that have codes.

    Attributes:
        codes: The code of each word.
        command: What the code is appended to.
        parallel_command: The same in a parallel system, before the unit's number.
        missing: The words that a family does not have.
    """

    codes: Mapping[str, int]
    command: str
    parallel_command: str = ""
    missing: Mapping[Family, frozenset[str]] = field(default_factory=dict)

    @override
    def value(self, config: Config) -> str | None:
        code = config.ratings.code(self.reads)
        return next((word for word, c in self.codes.items() if c == code), None)

    @override
    def offer(self, config: Config) -> Offer | None:
        if (value := self.value(config)) is None:
            return None
        missing = self.missing.get(config.family) if config.family else None
        options = [w for w in self.codes if w == value or w not in (missing or ())]
        return Offer(kind=Kind.CHOICE, value=value, options=tuple(options))

    @override
    def commands(self, config: Config, value: Value) -> tuple[str, ...]:
        code = self.codes[str(value)]
        if config.parallel and self.parallel_command:
            return (f"{self.parallel_command}{config.unit}{code:02d}",)
        return (f"{self.command}{code:02d}",)


FULL: Final = "full"


def _option(voltage: float) -> str:
    return f"{voltage:g}" if voltage else FULL


def voltage_of(option: Value) -> float:
    """Return the voltage in V that an option or a number stands for."""
    return 0.0 if option == FULL else float(option)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSetting(Setting):
    """A choice between the voltages that a battery's nominal one allows.

    Attributes:
        voltages: The allowed ones, V; 0 means a full battery.
        command: What the voltage is appended to.
    """

    voltages: Mapping[int, tuple[float, ...]]
    command: str

    @override
    def value(self, config: Config) -> str | None:
        voltage = config.ratings.number(self.reads)
        return None if voltage is None else _option(voltage)

    @override
    def offer(self, config: Config) -> Offer | None:
        allowed = self.voltages.get(config.nominal or 0)
        value = config.ratings.number(self.reads)
        if allowed is None or value is None:
            return None
        options = tuple(_option(v) for v in sorted({*allowed, value}))
        return Offer(kind=Kind.CHOICE, value=_option(value), options=options, unit="V")

    @override
    def commands(self, config: Config, value: Value) -> tuple[str, ...]:
        return (f"{self.command}{voltage_of(value):04.1f}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoltageSetting(Setting):
    """A voltage in a range, in steps of 0.1 V.

    Attributes:
        low: Least voltage of 48 V units; the others have their share of it.
        high: Greatest voltage of 48 V units.
        command: What the voltage is appended to.
    """

    low: float
    high: float
    command: str

    @override
    def value(self, config: Config) -> float | None:
        return config.ratings.number(self.reads)

    @override
    def offer(self, config: Config) -> Offer | None:
        value = self.value(config)
        if value is None or config.nominal is None:
            return None
        share = config.nominal / 48.0
        return Offer(
            kind=Kind.NUMBER,
            value=value,
            low=min(round(self.low * share, 1), value),
            high=max(round(self.high * share, 1), value),
            step=0.1,
            unit="V",
        )

    @override
    def commands(self, config: Config, value: Value) -> tuple[str, ...]:
        return (f"{self.command}{float(value):04.1f}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentSetting(Setting):
    """A choice between the currents that the unit itself allows.

    Attributes:
        utility: Whether it is the current from the grid.
    """

    utility: bool

    @override
    def value(self, config: Config) -> str | None:
        current = config.ratings.code(self.reads)
        return None if current is None else str(current)

    @override
    def offer(self, config: Config) -> Offer | None:
        value = self.value(config)
        allowed = (
            config.utility_charge_currents if self.utility else config.charge_currents
        )
        options = {c for c in allowed if self.commands(config, c)}
        if value is None or not options:
            return None
        return Offer(
            kind=Kind.CHOICE,
            value=value,
            options=tuple(str(c) for c in sorted({*options, int(value)})),
            unit="A",
        )

    @override
    def commands(self, config: Config, value: Value) -> tuple[str, ...]:
        current, unit, family = int(value), config.unit, config.family
        if self.utility:
            if family in {Family.MKS, Family.GK}:
                return (f"MUCHGC{current:03d}",)
            # The first of three digits is the unit: 120 would be 20 A on unit 1.
            return (f"MUCHGC{unit}{current:02d}",) if current < 100 else ()
        if family is Family.GK:
            return (f"MNCHGC{current:03d}",)
        usual = f"MNCHGC{unit}{current:03d}"
        if family is Family.MKS:
            return (usual, f"MCHGC{current:03d}")
        if family is Family.PIP and current < 100:
            return (usual, f"MCHGC{unit}{current:02d}")
        return (usual,)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSetting(Setting):
    """A letter of QFLAG."""

    from_flags: ClassVar[bool] = True

    @override
    def value(self, config: Config) -> bool | None:
        return config.flags.get(self.reads)

    @override
    def offer(self, config: Config) -> Offer | None:
        value = self.value(config)
        return None if value is None else Offer(kind=Kind.SWITCH, value=value)

    @override
    def commands(self, config: Config, value: Value) -> tuple[str, ...]:
        order = "PE" if value else "PD"
        # Papers give capital letters; some firmware only knows those it answers.
        return (f"{order}{self.reads.upper()}", f"{order}{self.reads}")
