"""Two points make a channel right, and a wrong point is noticed."""

import cmath
from dataclasses import dataclass, field
import math

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.node.calibration import (
    Calibration,
    CalibrationError,
    CalibrationProblem,
    calibrate,
    check_stored,
    read_command,
    write_command,
)
from custom_components.pv_family.devices.node.messages import CalibrationAnswer, Stamp

KETTLE = 2000.0


@dataclass
class Frontend:
    """A channel with errors, and what the node makes of it as documented."""

    gain_error: float = 1.0
    voltage_error: float = 1.0
    lead: float = 0.0
    offset: complex = 0j
    present: Calibration = field(default_factory=Calibration)
    reactive: bool = True

    def answers(
        self, power: complex, count: int = 6, scatter: float = 0.0
    ) -> list[CalibrationAnswer]:
        """Return samples of a load, positive reactive power where the current lags."""
        present = self.present
        raw = power * self.gain_error * self.voltage_error
        # A current that is seen to lead shows as reactive power that is too negative.
        raw = raw * cmath.rect(1.0, -math.radians(self.lead)) + self.offset
        seen = raw * cmath.rect(
            present.gain * present.voltage_gain, math.radians(present.phase)
        )
        return [
            CalibrationAnswer(
                stamp=Stamp(),
                channel=2,
                command=n,
                done=True,
                voltage=230.0 * self.voltage_error * present.voltage_gain,
                power=seen.real - present.zero + (scatter if n % 2 else -scatter),
                reactive=seen.imag if self.reactive else None,
                gain=present.gain,
                voltage_gain=present.voltage_gain,
                zero=present.zero,
                phase=present.phase,
            )
            for n in range(count)
        ]


def measured(frontend: Frontend, power: complex) -> float:
    """Return the power in W that a node shows."""
    shown = frontend.answers(power)[0].power
    assert shown is not None
    return shown


@given(
    st.floats(0.75, 1.5),
    st.floats(0.85, 1.15),
    st.floats(-8.0, 8.0),
    st.floats(-10.0, 10.0),
    st.floats(0.8, 1.2),
    st.floats(-3.0, 3.0),
)
def test_a_calibrated_channel_is_right(
    gain: float, voltage: float, lead: float, zero: float, old: float, turned: float
) -> None:
    """Whatever was wrong, and whatever was stored before, any load reads right."""
    frontend = Frontend(
        gain, voltage, lead, zero + 2j, Calibration(gain=old, phase=turned, zero=1.5)
    )
    frontend.present = calibrate(
        frontend.answers(0j),
        frontend.answers(KETTLE + 0j),
        reference=KETTLE,
        reference_voltage=230.0,
    )
    assert measured(frontend, KETTLE + 0j) == pytest.approx(KETTLE, abs=0.1)
    assert measured(frontend, 0j) == pytest.approx(0.0, abs=0.1)
    motor = cmath.rect(1000.0, math.radians(60))
    assert measured(frontend, motor) == pytest.approx(500.0, abs=0.5)
    assert measured(frontend, -3000 + 0j) == pytest.approx(-3000.0, abs=0.5)
    shown = frontend.answers(0j)[0].voltage
    assert shown == pytest.approx(230.0, abs=0.01)


def test_without_reactive_power_the_phase_stays() -> None:
    """What was not measured is not made up."""
    frontend = Frontend(1.1, reactive=False, present=Calibration(phase=3.0))
    found = calibrate(
        frontend.answers(0j), frontend.answers(KETTLE + 0j), reference=KETTLE
    )
    assert found.phase == 3.0
    frontend.present = found
    assert measured(frontend, KETTLE + 0j) == pytest.approx(KETTLE, abs=0.1)


def test_a_load_with_a_power_factor() -> None:
    """A reference that is not purely resistive does as well, if its factor is known."""
    frontend = Frontend(1.1, 1.0, 4.0)
    load = cmath.rect(2000.0, math.acos(0.9))
    frontend.present = calibrate(
        frontend.answers(0j),
        frontend.answers(load),
        reference=1800.0,
        power_factor=0.9,
    )
    assert frontend.present.phase == pytest.approx(4.0, abs=0.01)
    assert measured(frontend, KETTLE + 0j) == pytest.approx(KETTLE, abs=0.1)


@pytest.mark.parametrize(
    ("frontend", "load", "reference", "voltage", "problem"),
    [
        (Frontend(), KETTLE, 400.0, None, CalibrationProblem.LOAD_TOO_SMALL),
        (Frontend(), KETTLE, math.nan, None, CalibrationProblem.LOAD_TOO_SMALL),
        (Frontend(), 20.0, KETTLE, None, CalibrationProblem.LOAD_TOO_SMALL),
        (
            Frontend(offset=80 + 0j),
            KETTLE,
            KETTLE,
            None,
            CalibrationProblem.ZERO_TOO_LARGE,
        ),
        (Frontend(), -KETTLE, KETTLE, None, CalibrationProblem.REVERSED),
        (
            Frontend(gain_error=3.0),
            KETTLE,
            KETTLE,
            None,
            CalibrationProblem.GAIN_IMPLAUSIBLE,
        ),
        (
            Frontend(gain_error=0.4),
            KETTLE,
            KETTLE,
            None,
            CalibrationProblem.GAIN_IMPLAUSIBLE,
        ),
        (Frontend(), KETTLE, math.inf, None, CalibrationProblem.GAIN_IMPLAUSIBLE),
        (
            Frontend(lead=30.0),
            KETTLE,
            KETTLE,
            None,
            CalibrationProblem.PHASE_IMPLAUSIBLE,
        ),
        (Frontend(), KETTLE, KETTLE, 400.0, CalibrationProblem.VOLTAGE_IMPLAUSIBLE),
        (
            Frontend(voltage_error=0.7),
            KETTLE,
            KETTLE,
            230.0,
            CalibrationProblem.VOLTAGE_IMPLAUSIBLE,
        ),
    ],
)
def test_what_is_not_believed(
    frontend: Frontend,
    load: float,
    reference: float,
    voltage: float | None,
    problem: CalibrationProblem,
) -> None:
    """A calibration that would make things worse is refused with its reason."""
    with pytest.raises(CalibrationError) as caught:
        calibrate(
            frontend.answers(0j),
            frontend.answers(complex(load)),
            reference=reference,
            reference_voltage=voltage,
        )
    assert caught.value.problem is problem


def test_samples() -> None:
    """Too few samples, or ones that scatter, are no point."""
    good = Frontend().answers(0j)
    for load, problem in (
        (Frontend().answers(KETTLE + 0j, 4), CalibrationProblem.TOO_FEW),
        (
            Frontend().answers(KETTLE + 0j, scatter=200.0),
            CalibrationProblem.UNSTEADY,
        ),
    ):
        with pytest.raises(CalibrationError) as caught:
            calibrate(good, load, reference=KETTLE)
        assert caught.value.problem is problem


@given(
    st.lists(
        st.tuples(
            st.floats(-2e6, 2e6), st.none() | st.floats(-2e6, 2e6), st.floats(0, 1500)
        ),
        min_size=5,
        max_size=5,
    ),
    st.floats(),
    st.none() | st.floats(),
)
def test_any_samples(
    samples: list[tuple[float, float | None, float]],
    reference: float,
    voltage: float | None,
) -> None:
    """A plausible calibration, or a refusal."""
    load = [
        CalibrationAnswer(
            stamp=Stamp(),
            channel=1,
            command=1,
            done=True,
            power=power,
            reactive=reactive,
            voltage=volts,
        )
        for power, reactive, volts in samples
    ]
    try:
        found = calibrate(
            Frontend().answers(0j), load, reference=reference, reference_voltage=voltage
        )
    except CalibrationError:
        return
    assert 0.3 < found.gain < 3.0
    assert 0.8 <= found.voltage_gain <= 1.25
    assert abs(found.phase) <= 20.0
    assert math.isfinite(found.zero)


def test_what_is_sent_and_stored() -> None:
    """The node answers with what it stored, and that is compared."""
    wanted = Calibration(gain=1.0213, voltage_gain=0.9974, zero=1.8, phase=3.6)
    assert read_command(2) == {"canale": 2, "azione": "leggi"}
    assert write_command(2, wanted) == {
        "canale": 2,
        "azione": "scrivi",
        "guadagno": 1.0213,
        "guadagno_v": 0.9974,
        "zero_w": 1.8,
        "fase_gradi": 3.6,
    }
    check_stored(Frontend(present=wanted).answers(0j)[0], wanted)
    with pytest.raises(CalibrationError) as caught:
        check_stored(Frontend().answers(0j)[0], wanted)
    assert caught.value.problem is CalibrationProblem.NOT_STORED
