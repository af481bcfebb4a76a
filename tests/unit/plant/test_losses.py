"""The loss ledger: one cause for each Wh, and books that close."""

from dataclasses import replace
import json
from math import fsum

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.pv_family.plant.losses.cause import BY_EVIDENCE, Cause
from custom_components.pv_family.plant.losses.ledger import Entry, LossBook, book, total
from custom_components.pv_family.plant.losses.modelled import modelled_facts
from custom_components.pv_family.plant.losses.rules import Facts
from custom_components.pv_family.plant.model.production import (
    clear_sky_weather,
    expected_production,
)

from .homes import SITE, SUMMER, even_weather, plant

HEALTHY = Facts(hours=0.25, theory=1000.0, potential=800.0, harvest=800.0)


def booked(entry: Entry) -> dict[Cause, float]:
    """Return what was booked, and check that it closes."""
    assert fsum((entry.harvest, *entry.booked.values())) == pytest.approx(
        entry.theory, abs=1e-9
    )
    return {cause: round(energy, 6) for cause, energy in entry.booked.items()}


def test_a_healthy_plant_loses_to_the_weather_only() -> None:
    """Clouds are booked, and nothing else."""
    assert booked(book(HEALTHY)) == {Cause.WEATHER: 200.0}


def test_modelled_losses_come_in_order() -> None:
    """Shade, dirt, age and clipping take what the model says; the rest is unknown."""
    facts = replace(
        HEALTHY,
        harvest=600.0,
        shade=60.0,
        soiling=40.0,
        degradation=20.0,
        clipping=30.0,
    )
    assert booked(book(facts)) == {
        Cause.WEATHER: 200.0,
        Cause.SHADE: 60.0,
        Cause.SOILING: 40.0,
        Cause.DEGRADATION: 20.0,
        Cause.CLIPPING: 30.0,
        Cause.UNKNOWN: 50.0,
    }


def test_no_cause_takes_more_than_is_missing() -> None:
    """A model that expects more dirt than there is gets no more than the gap."""
    facts = replace(HEALTHY, harvest=770.0, shade=20.0, soiling=100.0)
    assert booked(book(facts)) == {
        Cause.WEATHER: 200.0,
        Cause.SHADE: 20.0,
        Cause.SOILING: 10.0,
    }
    better = replace(HEALTHY, harvest=850.0, soiling=100.0)
    assert booked(book(better)) == {Cause.WEATHER: 200.0, Cause.UNKNOWN: -50.0}


def only(facts: Facts) -> tuple[Cause, float, str]:
    """Return the one cause by evidence, what it took and why."""
    entry = book(facts)
    (claim,) = entry.claims
    return claim.cause, round(entry.booked[claim.cause], 6), claim.evidence


def test_states_that_were_seen() -> None:
    """Each kind of evidence books the gap to its own cause."""
    stopped = replace(HEALTHY, harvest=0.0, running=0.0)
    assert only(stopped) == (Cause.OUTAGE, 800.0, "inverter_not_running")
    half = replace(HEALTHY, harvest=380.0, running=0.5)
    assert only(half) == (Cause.OUTAGE, 400.0, "inverter_not_running")
    assert book(half).booked[Cause.UNKNOWN] == pytest.approx(20.0)
    cut_off = replace(HEALTHY, harvest=0.0, grid_present=False)
    assert only(cut_off) == (Cause.OUTAGE, 800.0, "no_grid")
    tripped = replace(stopped, voltage=254.0, voltage_limit=253.0)
    assert only(tripped) == (Cause.OVERVOLTAGE, 800.0, "grid_voltage_at_limit")
    limited = replace(HEALTHY, harvest=402.0, power_limit=1600.0)
    assert only(limited) == (Cause.CURTAILMENT, 398.0, "output_at_limit")
    nothing_allowed = replace(HEALTHY, harvest=0.0, power_limit=0.0)
    assert only(nothing_allowed) == (Cause.CURTAILMENT, 800.0, "output_at_limit")
    snowy = replace(HEALTHY, harvest=10.0, snow_depth=0.1, temp_air=-2.0)
    assert only(snowy) == (Cause.SNOW, 790.0, "snow_on_the_roof")
    string = replace(HEALTHY, harvest=410.0, strings=(1.0, 0.02))
    assert only(string) == (Cause.STRING_FAULT, 390.0, "string_below_siblings")


@pytest.mark.parametrize(
    "facts",
    [
        replace(HEALTHY, harvest=400.0),
        replace(HEALTHY, harvest=400.0, running=1.0, grid_present=True),
        replace(HEALTHY, harvest=400.0, grid_present=False),
        replace(HEALTHY, harvest=400.0, voltage=240.0, voltage_limit=253.0),
        replace(HEALTHY, harvest=400.0, voltage=260.0),
        replace(HEALTHY, harvest=790.0, voltage=260.0, voltage_limit=253.0),
        replace(HEALTHY, harvest=400.0, power_limit=9000.0),
        replace(HEALTHY, harvest=400.0, power_limit=2400.0),
        replace(HEALTHY, harvest=400.0, snow_depth=0.1),
        replace(HEALTHY, harvest=10.0, snow_depth=0.1, temp_air=9.0),
        replace(HEALTHY, harvest=10.0, snow_depth=0.0),
        replace(HEALTHY, harvest=400.0, strings=(1.0, 0.95)),
        replace(HEALTHY, harvest=400.0, strings=(0.2,)),
    ],
)
def test_without_evidence_it_is_unknown(facts: Facts) -> None:
    """What nothing proves is not blamed on anybody."""
    entry = book(facts)
    assert entry.claims == ()
    assert booked(entry)[Cause.UNKNOWN] == pytest.approx(800.0 - facts.harvest)


def test_an_outage_does_not_take_what_dirt_had_taken() -> None:
    """While down, dirt keeps its share: without the outage it would have had it."""
    facts = replace(HEALTHY, harvest=0.0, running=0.0, soiling=80.0)
    assert booked(book(facts)) == {
        Cause.WEATHER: 200.0,
        Cause.SOILING: 80.0,
        Cause.OUTAGE: 720.0,
    }


wh = st.floats(0.0, 1e7)
maybe = st.none() | st.floats(0.0, 1.0)


@given(
    st.lists(
        st.builds(
            Facts,
            hours=st.just(0.25),
            theory=wh,
            potential=wh,
            harvest=wh,
            shade=wh,
            soiling=wh,
            degradation=wh,
            clipping=wh,
            running=maybe,
            grid_present=st.none() | st.booleans(),
            voltage=st.none() | st.floats(200.0, 270.0),
            voltage_limit=st.just(253.0),
            power_limit=st.none() | wh,
            strings=st.lists(st.floats(0.0, 1.5), max_size=4).map(tuple),
            snow_depth=maybe,
            temp_air=st.none() | st.floats(-30.0, 40.0),
        ),
        max_size=30,
    )
)
def test_books_close(all_facts: list[Facts]) -> None:
    """Whatever is claimed, nothing is lost and nothing is booked twice."""
    ledger = LossBook()
    for facts in all_facts:
        entry = book(facts)
        whole = fsum((entry.harvest, *entry.booked.values()))
        assert whole == pytest.approx(entry.theory, rel=1e-9, abs=1e-6)
        assert all(entry.booked.get(cause, 0.0) >= 0.0 for cause in BY_EVIDENCE)
        ledger.add(entry)
    taken = fsum(energy for _, energy in ledger.waterfall())
    assert ledger.harvest + taken == pytest.approx(ledger.theory, rel=1e-9, abs=1e-6)
    assert [cause for cause, _ in ledger.waterfall()] == list(Cause)


def test_books_of_a_year() -> None:
    """35 000 intervals close to 1e-9 of their theory, days and year alike."""
    rng = np.random.default_rng(4)
    days = []
    for _ in range(365):
        day = LossBook()
        for _ in range(96):
            theory = float(rng.uniform(0.0, 2000.0))
            potential = theory * float(rng.uniform(0.1, 1.02))
            harvest = potential * float(rng.uniform(0.0, 1.1))
            day.add(book(Facts(0.25, theory, potential, harvest, soiling=theory / 20)))
        days.append(day)
    year = total(days)
    taken = fsum(energy for _, energy in year.waterfall())
    assert abs(year.theory - year.harvest - taken) < 1e-9 * year.theory
    apart = fsum(day.unknown for day in days)
    assert abs(year.unknown - apart) < 1e-9 * year.theory


def test_stated_error() -> None:
    """What is unknown is the model's own error as long as it is small."""
    ledger = LossBook()
    ledger.add(book(replace(HEALTHY, harvest=760.0)))
    ledger.add_unmeasured(500.0)
    assert ledger.potential == 800.0
    assert ledger.unknown == pytest.approx(40.0)
    assert ledger.stated_error(0.05, 0.02) == pytest.approx(42.8, abs=0.1)
    assert ledger.closes(0.05, 0.02)
    assert not ledger.closes(0.01, 0.01)
    assert ledger.unmeasured == 500.0


def test_state_survives() -> None:
    """Books are stored and read back; what is none of ours is refused."""
    ledger = LossBook()
    ledger.add(book(replace(HEALTHY, harvest=0.0, running=0.0)))
    again = LossBook.from_dict(json.loads(json.dumps(ledger.as_dict())))
    assert again == ledger
    for state in ({}, {**ledger.as_dict(), "theory": "x"}):
        with pytest.raises((KeyError, TypeError, ValueError)):
            LossBook.from_dict(state)


def test_from_the_model() -> None:
    """Facts of an interval come from two runs of the plant model."""
    built = plant((6000.0, 35.0, 180.0), ac_power=3000.0)
    clear = expected_production(built, clear_sky_weather(SITE, SUMMER))
    actual = expected_production(built, even_weather(SUMMER, 700.0))
    noon = int(np.argmax(clear.potential))
    harvest = float(actual.energy[noon])
    facts = modelled_facts(clear, actual, noon, harvest)
    entry = booked(book(facts))
    assert entry[Cause.WEATHER] > 0.0
    assert entry[Cause.CLIPPING] > 0.0
    assert entry.get(Cause.UNKNOWN, 0.0) == pytest.approx(0.0, abs=1e-6)
