"""Stand-ins: what flowed while nobody looked, from registers that grow alike."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.energy_book import EnergyBook, Flow
from custom_components.pv_family.readings.power_flow import PowerFlow

from .test_energy_book import count

START = datetime(2026, 6, 21, 8, tzinfo=UTC)
POWER = 3600.0
# Wh that a sample of ten seconds holds.
SAMPLE = 10.0

powers = st.none() | st.floats(0.0, 10_000.0)


def step(
    book: EnergyBook, index: int, power: float | None, stand_in: float | None
) -> None:
    """Count one sample of production."""
    flow = PowerFlow(START + timedelta(seconds=10 * index), power, None, 0.0, 0.0)
    count(book, flow, {}, {} if stand_in is None else {Flow.PRODUCTION: stand_in})


def seen(book: EnergyBook, samples: int, efficiency: float) -> None:
    """Count some samples that both power and the stand-in tell about."""
    for index in range(samples):
        step(book, index, POWER, SAMPLE * index / efficiency)


@pytest.mark.parametrize(
    ("samples", "efficiency", "believed"),
    [
        (500, 0.92, 0.92),
        (500, 0.5, 0.85),
        (500, 1.3, 1.0),
        (50, 0.92, 0.96),
    ],
    ids=["learned", "absurdly low", "absurdly high", "too little seen"],
)
def test_gap_is_filled_in_with_the_efficiency_that_was_seen(
    samples: int, efficiency: float, believed: float
) -> None:
    """What the strings gave during an outage counts as far as it reached the house."""
    book = EnergyBook()
    seen(book, samples, efficiency)
    before = book.total(Flow.PRODUCTION)
    assert before == pytest.approx(SAMPLE * (samples - 1))
    last = SAMPLE * (samples - 1) / efficiency
    step(book, samples + 360, POWER, last + 5000.0)
    assert book.total(Flow.PRODUCTION) == pytest.approx(before + 5000.0 * believed)


def test_unknown_power_is_filled_in() -> None:
    """A device that is silent for a while loses nothing when it returns."""
    book = EnergyBook()
    seen(book, 500, 1.0)
    for index in range(500, 600):
        step(book, index, None, None)
    step(book, 600, POWER, SAMPLE * 600)
    assert book.total(Flow.PRODUCTION) == pytest.approx(SAMPLE * 600)


def test_stand_in_that_was_not_seen_fills_nothing_in() -> None:
    """What power counted while the stand-in was away does not count again."""
    book = EnergyBook()
    seen(book, 100, 1.0)
    for index in range(100, 200):
        step(book, index, POWER, None)
    step(book, 200, None, None)
    step(book, 201, POWER, SAMPLE * 201)
    assert book.total(Flow.PRODUCTION) == pytest.approx(SAMPLE * 199)


def test_stand_in_does_not_count_what_registers_counted() -> None:
    """A flow that goes from power to registers and back counts nothing twice."""
    book = EnergyBook()
    seen(book, 100, 1.0)
    for index in range(100, 200):
        flow = PowerFlow(START + timedelta(seconds=10 * index))
        register = {"inverter": SAMPLE * index}
        count(
            book,
            flow,
            {Flow.PRODUCTION: register},
            {Flow.PRODUCTION: SAMPLE * index},
        )
    for index in range(200, 300):
        step(book, index, POWER, SAMPLE * index)
    assert book.total(Flow.PRODUCTION) <= SAMPLE * 299


@given(st.lists(st.tuples(powers, st.none() | st.floats(0.0, 1e6)), max_size=30))
def test_total_never_falls(samples: list[tuple[float | None, float | None]]) -> None:
    """Whatever the stand-in does, and no Wh without power or growth."""
    book, before = EnergyBook(), 0.0
    for index, (power, stand_in) in enumerate(samples):
        step(book, index, power, stand_in)
        assert book.total(Flow.PRODUCTION) >= before
        before = book.total(Flow.PRODUCTION)


def test_round_trip() -> None:
    """What was learned and what was seen last outlive a restart."""
    book, restored = EnergyBook(), EnergyBook()
    seen(book, 500, 0.9)
    restored.restore(book.as_dict())
    assert restored == book
    for each in (book, restored):
        step(each, 900, POWER, SAMPLE * 900 / 0.9)
    assert restored.total(Flow.PRODUCTION) == book.total(Flow.PRODUCTION)
    assert restored.total(Flow.PRODUCTION) == pytest.approx(SAMPLE * 900, rel=0.01)
