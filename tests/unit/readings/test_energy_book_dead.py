"""Registers that are there and never move: what flows is counted nevertheless."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.pv_family.readings.energy_book import EnergyBook, Flow
from custom_components.pv_family.readings.flow_meter import Contribution

START = datetime(2026, 6, 21, 8, tzinfo=UTC)
STEP = timedelta(seconds=10)
# 10 Wh in each step.
POWER = 3600.0
STEPS = 1000


def feed(
    book: EnergyBook,
    index: int,
    powers: dict[Flow, float],
    registers: dict[Flow, float],
) -> None:
    """Count one sample of a home whose flows have one source each."""
    book.count(
        START + index * STEP,
        {
            flow: {
                "only": Contribution(
                    power, {"r": registers[flow]} if flow in registers else {}
                )
            }
            for flow, power in powers.items()
        },
    )


def test_dead_register() -> None:
    """A lifetime energy that stays 0 does not keep power from counting."""
    book = EnergyBook()
    for index in range(STEPS + 1):
        feed(book, index, {Flow.PRODUCTION: POWER}, {Flow.PRODUCTION: 0.0})
    assert book.total(Flow.PRODUCTION) == pytest.approx(10.0 * STEPS)


@pytest.mark.parametrize("coarse", [1.0, 100.0, 1000.0])
def test_coarse_register_is_not_taken_for_dead(coarse: float) -> None:
    """Steps of up to 1 kWh are waited for, and they alone count."""
    book = EnergyBook()
    for index in range(STEPS + 1):
        register = 10.0 * index // coarse * coarse
        feed(book, index, {Flow.PRODUCTION: POWER}, {Flow.PRODUCTION: register})
        assert book.total(Flow.PRODUCTION) == register


def test_register_that_wakes_up_late_counts_nothing_twice() -> None:
    """What power counted beside it comes to light in it as well."""
    book = EnergyBook()
    for index in range(STEPS + 1):
        register = 10.0 * index if index >= STEPS // 2 else 0.0
        feed(book, index, {Flow.PRODUCTION: POWER}, {Flow.PRODUCTION: register})
    assert book.total(Flow.PRODUCTION) == pytest.approx(10.0 * STEPS, abs=10.0)


def test_register_that_has_moved_is_believed_for_good() -> None:
    """It once counted, so later it stands still because nothing flows."""
    book = EnergyBook()
    for index in range(STEPS):
        register = min(10.0 * index, 50.0)
        feed(book, index, {Flow.PRODUCTION: POWER}, {Flow.PRODUCTION: register})
    assert book.total(Flow.PRODUCTION) == 50.0


def test_restart_forgets_no_part_of_what_was_waited_for() -> None:
    """Neither the wait nor its outcome begins anew."""
    book, restored = EnergyBook(), EnergyBook()
    for index in range(STEPS + 1):
        feed(book, index, {Flow.PRODUCTION: POWER}, {Flow.PRODUCTION: 0.0})
        restored.restore(book.as_dict())
        assert restored == book
        book, restored = restored, EnergyBook()
    assert book.total(Flow.PRODUCTION) == pytest.approx(10.0 * STEPS)


@pytest.mark.parametrize("dead", [True, False])
def test_power_of_the_wrong_sign(dead: bool) -> None:
    """While the register of the other way moves, this one stands still for a reason."""
    book = EnergyBook()
    for index in range(STEPS + 1):
        exported = 0.0 if dead else 10.0 * index
        feed(
            book,
            index,
            {Flow.GRID_IMPORT: POWER, Flow.GRID_EXPORT: -POWER},
            {Flow.GRID_IMPORT: 0.0, Flow.GRID_EXPORT: exported},
        )
    imported = 10.0 * STEPS if dead else 0.0
    assert book.total(Flow.GRID_IMPORT) == pytest.approx(imported)
    assert book.total(Flow.GRID_EXPORT) == (0.0 if dead else 10.0 * STEPS)
