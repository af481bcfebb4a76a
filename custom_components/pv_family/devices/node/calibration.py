"""Calibrate a channel with two points: nothing switched on, and a known load.

Power is taken as a vector of real and reactive power, so that one load that is purely
resistive (a kettle, a heater) gives the gain and the phase error at once. The node
turns the current back by ``phase``, multiplies by the gains, and takes ``zero`` off the
real power.
"""

import cmath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
import math
import statistics
from typing import Any, Final

from .messages import CalibrationAnswer

_FEWEST: Final = 5
_LEAST_LOAD: Final = 500.0
_MOST_ZERO: Final = 50.0
# Of the load: what the samples may scatter by.
_SCATTER: Final = 0.03
_ZERO_SCATTER: Final = 15.0
_GAIN: Final = (0.5, 2.0)
_VOLTAGE_GAIN: Final = (0.8, 1.25)
_MAINS: Final = (180.0, 270.0)
_VOLTAGE_DRIFT: Final = 0.05
_MOST_PHASE: Final = 20.0
# What a command and its answer may differ by, for writing with few digits.
_WRITTEN: Final = 1e-3


class CalibrationProblem(StrEnum):
    """Why a calibration is not believed."""

    GAIN_IMPLAUSIBLE = "gain_implausible"
    LOAD_TOO_SMALL = "load_too_small"
    NOT_STORED = "not_stored"
    """The node answers with other values than it was told."""

    PHASE_IMPLAUSIBLE = "phase_implausible"
    REVERSED = "reversed"
    """The current transformer is the wrong way round: turn it, do not calibrate it."""

    TOO_FEW = "too_few"
    UNSTEADY = "unsteady"
    VOLTAGE_IMPLAUSIBLE = "voltage_implausible"
    ZERO_TOO_LARGE = "zero_too_large"
    """Something is still switched on."""


class CalibrationError(ValueError):
    """A calibration that would make things worse.

    Attributes:
        problem: Why.
    """

    def __init__(self, problem: CalibrationProblem) -> None:
        """Say why."""
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What a node does to what a channel measures.

    Attributes:
        gain: Factor on the current.
        voltage_gain: Factor on the voltage, shared by all channels of a node.
        zero: Power in W that is taken off.
        phase: Degrees that the current is turned back by; positive where it leads.
    """

    gain: float = 1.0
    voltage_gain: float = 1.0
    zero: float = 0.0
    phase: float = 0.0

    @classmethod
    def of(cls, answer: CalibrationAnswer) -> Calibration:
        """Return what a node says that it uses; what it leaves out is neutral."""
        return cls(
            gain=1.0 if answer.gain is None else answer.gain,
            voltage_gain=1.0 if answer.voltage_gain is None else answer.voltage_gain,
            zero=answer.zero or 0.0,
            phase=answer.phase or 0.0,
        )


@dataclass(frozen=True, slots=True)
class Point:
    """The mean of some samples.

    Attributes:
        power: Real power in W, reactive power in var as the imaginary part.
        voltage: In V, ``None`` if not measured.
        reactive: Whether reactive power was measured.
        scatter: Standard deviation of the real power in W.
    """

    power: complex
    voltage: float | None
    reactive: bool
    scatter: float

    @classmethod
    def of(cls, samples: Iterable[CalibrationAnswer]) -> Point:
        """Return the point that some samples make.

        Raises:
            CalibrationError: There are too few.
        """
        good = [s for s in samples if s.done and s.power is not None]
        if len(good) < _FEWEST:
            raise CalibrationError(CalibrationProblem.TOO_FEW)
        powers = [s.power for s in good if s.power is not None]
        reactives = [s.reactive for s in good if s.reactive is not None]
        voltages = [s.voltage for s in good if s.voltage is not None]
        measured = len(reactives) == len(good)
        return cls(
            complex(
                statistics.fmean(powers),
                statistics.fmean(reactives) if measured else 0.0,
            ),
            statistics.fmean(voltages) if len(voltages) == len(good) else None,
            measured,
            statistics.stdev(powers),
        )


def calibrate(
    zero: Sequence[CalibrationAnswer],
    load: Sequence[CalibrationAnswer],
    *,
    reference: float,
    reference_voltage: float | None = None,
    power_factor: float = 1.0,
) -> Calibration:
    """Return the calibration that makes the load read as the reference says.

    Args:
        zero: At least five samples with nothing switched on.
        load: At least five samples with the load switched on.
        reference: The load's power in W by a meter that is right.
        reference_voltage: The voltage in V by that meter, ``None`` if not measured.
        power_factor: The load's power factor, lagging where below 1.

    Raises:
        CalibrationError: The result would not be plausible.
    """
    nothing, loaded = Point.of(zero), Point.of(load)
    present = Calibration.of(load[-1])
    _check_points(nothing, loaded, reference)
    voltage_ratio = _voltage_ratio(nothing, loaded, reference_voltage)
    phase_known = nothing.reactive and loaded.reactive
    # Back to what the node measures before it takes its present zero off.
    before = loaded.power + present.zero
    offset = nothing.power + present.zero
    seen = before - offset
    if seen.real < 0.0:
        raise CalibrationError(CalibrationProblem.REVERSED)
    angle = math.acos(min(1.0, max(0.1, power_factor)))
    true = cmath.rect(reference / math.cos(angle), angle)
    if phase_known:
        ratio = abs(true) / max(abs(seen), 1e-9)
        # A current that leads shows as reactive power that is too negative.
        turn = cmath.phase(true / seen) if seen else 0.0
    else:
        ratio, turn = reference / max(seen.real, 1e-9), 0.0
    phase = present.phase + math.degrees(turn)
    if abs(phase) > _MOST_PHASE:
        raise CalibrationError(CalibrationProblem.PHASE_IMPLAUSIBLE)
    gain = present.gain * ratio / voltage_ratio
    if not _GAIN[0] <= ratio / voltage_ratio <= _GAIN[1] or not gain > 0.0:
        raise CalibrationError(CalibrationProblem.GAIN_IMPLAUSIBLE)
    return Calibration(
        gain=gain,
        voltage_gain=present.voltage_gain * voltage_ratio,
        zero=(offset * cmath.rect(ratio, turn)).real,
        phase=phase,
    )


def read_command(channel: int) -> dict[str, Any]:
    """Return the command that asks for one sample of a channel."""
    return {"canale": channel, "azione": "leggi"}


def write_command(channel: int, calibration: Calibration) -> dict[str, Any]:
    """Return the command that stores a calibration."""
    return {
        "canale": channel,
        "azione": "scrivi",
        "guadagno": round(calibration.gain, 6),
        "guadagno_v": round(calibration.voltage_gain, 6),
        "zero_w": round(calibration.zero, 3),
        "fase_gradi": round(calibration.phase, 3),
    }


def check_stored(answer: CalibrationAnswer, calibration: Calibration) -> None:
    """Check that a node stored what it was told.

    Raises:
        CalibrationError: It did not.
    """
    stored = Calibration.of(answer)
    pairs = (
        (stored.gain, calibration.gain),
        (stored.voltage_gain, calibration.voltage_gain),
        (stored.zero, calibration.zero),
        (stored.phase, calibration.phase),
    )
    if not answer.done or not all(
        math.isclose(a, b, rel_tol=_WRITTEN, abs_tol=_WRITTEN * 10) for a, b in pairs
    ):
        raise CalibrationError(CalibrationProblem.NOT_STORED)


def _check_points(nothing: Point, loaded: Point, reference: float) -> None:
    if not reference >= _LEAST_LOAD:
        raise CalibrationError(CalibrationProblem.LOAD_TOO_SMALL)
    if abs(nothing.power) > _MOST_ZERO:
        raise CalibrationError(CalibrationProblem.ZERO_TOO_LARGE)
    if (
        nothing.scatter > _ZERO_SCATTER
        or loaded.scatter > _SCATTER * abs(loaded.power) + _ZERO_SCATTER
    ):
        raise CalibrationError(CalibrationProblem.UNSTEADY)
    if abs(loaded.power - nothing.power) < _LEAST_LOAD / 4:
        raise CalibrationError(CalibrationProblem.LOAD_TOO_SMALL)


def _voltage_ratio(nothing: Point, loaded: Point, reference: float | None) -> float:
    """Return what the voltage has to be multiplied by."""
    if loaded.voltage is None or nothing.voltage is None or reference is None:
        return 1.0
    if (
        not _MAINS[0] <= reference <= _MAINS[1]
        or loaded.voltage <= 0.0
        or abs(loaded.voltage - nothing.voltage) > _VOLTAGE_DRIFT * loaded.voltage
    ):
        raise CalibrationError(CalibrationProblem.VOLTAGE_IMPLAUSIBLE)
    ratio = reference / loaded.voltage
    if not _VOLTAGE_GAIN[0] <= ratio <= _VOLTAGE_GAIN[1]:
        raise CalibrationError(CalibrationProblem.VOLTAGE_IMPLAUSIBLE)
    return ratio
