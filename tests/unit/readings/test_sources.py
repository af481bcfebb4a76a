"""One place measured several ways counts once, whoever answers."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.energy_book import EnergyBook, Flow
from custom_components.pv_family.readings.flow_meter import Contribution
from custom_components.pv_family.readings.power_flow import Role
from custom_components.pv_family.readings.quantity import Quantity
from custom_components.pv_family.readings.reading import Series
from custom_components.pv_family.readings.sources import (
    GRID_PLACE,
    Source,
    choose,
    contribution,
)

START = datetime(2026, 6, 21, 10, tzinfo=UTC)
POWER = 3600.0
# Wh that ten seconds of that power carry.
SAMPLE = 10.0


def source(
    device: str, role: Role = Role.GRID, place: str = GRID_PLACE, part: str = "meter_1"
) -> Source:
    """Return a source of a device."""
    return Source(role, place, Series(device, part, Quantity.AC_POWER))


def test_first_that_answers_is_chosen() -> None:
    """A second meter at the same place does not add up, it stands in."""
    first, second = source("inverter"), source("node", part="channel_3")
    (choice,) = choose([first, second], lambda _: True)
    assert (choice.sources, choice.first, choice.live) == ((first,), True, True)
    (choice,) = choose([first, second], lambda s: s is second)
    assert (choice.sources, choice.first, choice.live) == ((second,), False, True)
    (choice,) = choose([first, second], lambda _: False)
    assert (choice.sources, choice.first, choice.live) == ((first,), True, False)


def test_phases_of_one_device_belong_together() -> None:
    """A device that answers for two of three phases tells nothing of the house."""
    phases = [source("node", part=f"channel_{n}") for n in (1, 2, 3)]
    (choice,) = choose(phases, lambda _: True)
    assert choice.sources == tuple(phases)
    (choice,) = choose(phases, lambda s: s is not phases[1])
    assert not choice.live


def test_generators_are_places_of_their_own() -> None:
    """Two inverters add up; a transformer on one's cable does not."""
    one = source("a", Role.GENERATION, "a", "inverter")
    array = source("b", Role.ARRAY, "b", "inverter")
    cable = source("node", Role.GENERATION, "b", "channel_1")
    choices = choose([one, array, cable], lambda _: True)
    assert [c.sources for c in choices] == [(one,), (array,)]


def test_mixed_registers_do_not_count() -> None:
    """A hybrid's register counts its battery; its strings stand in for it."""
    series = Series("a", "inverter", Quantity.AC_POWER)
    hybrid = Source(Role.GENERATION, "a", series, ("string_1", "string_2"), mixed=True)
    totals = {"inverter": 900.0, "string_1": 300.0, "string_2": 200.0}
    (choice,) = choose([hybrid], lambda _: True)
    said = contribution(
        Flow.PRODUCTION, choice, 5.0, lambda found: totals.get(found.part)
    )
    assert said == Contribution(5.0, {}, 500.0)
    del totals["string_2"]
    said = contribution(
        Flow.PRODUCTION, choice, 5.0, lambda found: totals.get(found.part)
    )
    assert said == Contribution(5.0, {}, None)


def count(book: EnergyBook, index: int, register: float | None, *live: bool) -> None:
    """Count one picture of a grid that an inverter's meter and a node measure."""
    first, second = source("inverter"), source("node", part="channel_3")
    answers = dict(zip((first, second), live, strict=True))

    def registered(found: Series) -> float | None:
        return register if found.source == "inverter" else None

    (choice,) = choose([first, second], answers.__getitem__)
    power = POWER if choice.live else None
    said = contribution(Flow.GRID_IMPORT, choice, power, registered)
    book.count(
        START + timedelta(seconds=10 * index), {Flow.GRID_IMPORT: {GRID_PLACE: said}}
    )


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=20, max_size=400),
    st.booleans(),
)
def test_nothing_counts_twice_whoever_answers(
    answers: list[tuple[bool, bool]], has_register: bool
) -> None:
    """Two meters of one place come and go: never more than flowed, never a fall."""
    book, before, register = EnergyBook(), 0.0, 0.0
    for index, (one, two) in enumerate(answers):
        if one:
            register = SAMPLE * index
        count(book, index, register if has_register else None, one, two)
        total = book.total(Flow.GRID_IMPORT)
        assert before <= total <= SAMPLE * index + 1e-6
        before = total


def test_register_makes_up_for_what_nobody_saw() -> None:
    """First and second silent for a while: the register knows it all at the end."""
    book, register = EnergyBook(), 0.0
    for index in range(400):
        one, two = not 100 <= index < 300, not 150 <= index < 250
        register = SAMPLE * index if one else register
        count(book, index, register, one, two)
    assert book.total(Flow.GRID_IMPORT) == pytest.approx(SAMPLE * 399)


def test_places_count_side_by_side() -> None:
    """An inverter that is silent does not keep the other from counting."""
    book = EnergyBook()
    for index in range(100):
        book.count(
            START + timedelta(seconds=10 * index),
            {
                Flow.PRODUCTION: {
                    "a": Contribution(POWER),
                    "b": Contribution(POWER if index < 50 else None),
                }
            },
        )
    assert book.total(Flow.PRODUCTION) == pytest.approx(SAMPLE * (99 + 49))


def test_place_that_is_gone_keeps_what_it_counted() -> None:
    """Removing an inverter takes nothing from the home's history."""
    book = EnergyBook()
    for index in range(100):
        said = {"a": Contribution(POWER)} if index < 50 else {}
        book.count(START + timedelta(seconds=10 * index), {Flow.PRODUCTION: said})
    assert book.total(Flow.PRODUCTION) == pytest.approx(SAMPLE * 49)
