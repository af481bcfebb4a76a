"""The ledger admits each reading once, and none that cannot be true."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
import json
import math
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.ledger import Ledger, Limits, Verdict
from custom_components.pv_family.readings.quantity import BOUNDS, Kind, Quantity
from custom_components.pv_family.readings.reading import Reading, Series

NOW = datetime(2026, 6, 21, 12, tzinfo=UTC)
POWER = Series("sn", "inverter", Quantity.AC_POWER)
ENERGY = Series("sn", "inverter", Quantity.ENERGY_PRODUCED)
VOLTAGE = Series("sn", "inverter", Quantity.AC_VOLTAGE_L1)

readings = st.builds(
    Reading,
    st.sampled_from([POWER, ENERGY, VOLTAGE]),
    st.one_of(st.floats(-1e5, 1e7), st.integers(0, 500).map(float), st.floats()),
    st.integers(-3600, 3600).map(lambda s: NOW + timedelta(seconds=s)),
)


def reading(series: Series, value: float, seconds: float = 0.0) -> Reading:
    """Return a reading taken some seconds from now."""
    return Reading(series, value, NOW + timedelta(seconds=seconds))


def admit(ledger: Ledger, found: Iterable[Reading]) -> list[Verdict]:
    """Admit readings as they are taken, but none later than in an hour."""
    return [ledger.admit(r, max(NOW, r.taken)) for r in found]


@given(st.lists(readings, max_size=30))
def test_every_reading_counts_once(stream: list[Reading]) -> None:
    """Replaying a whole stream changes neither the present nor the counters."""
    ledger = Ledger(limits={("sn", "inverter"): Limits(5000.0)})
    admit(ledger, stream)
    latest, counters = dict(ledger.latest), ledger.counters_as_list()
    for _ in range(3):
        assert Verdict.ACCEPTED not in admit(ledger, stream)
    assert ledger.latest == latest
    assert ledger.counters_as_list() == counters


@given(st.lists(readings, max_size=30))
def test_the_present_is_finite_possible_and_newest(stream: list[Reading]) -> None:
    """What is believed lies within its bounds and is never replaced by the past."""
    ledger = Ledger(limits={("sn", "inverter"): Limits(5000.0)})
    for found in stream:
        before = ledger.latest.get(found.series)
        ledger.admit(found, NOW)
        after = ledger.latest.get(found.series)
        if after is None:
            continue
        bounds = BOUNDS[found.series.quantity]
        assert math.isfinite(after.value)
        assert bounds.low <= after.value <= bounds.high
        assert before is None or after.taken >= before.taken
        assert after.taken <= NOW + timedelta(minutes=1)
        if bounds.kind is Kind.POWER:
            assert abs(after.value) <= 10_000.0


def test_duplicate_and_late() -> None:
    """The same instant again and an earlier one are not the present."""
    ledger = Ledger()
    found = [reading(POWER, 5.0), reading(POWER, 6.0), reading(POWER, 7.0, -1)]
    assert admit(ledger, found) == [Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.LATE]
    assert ledger.latest[POWER].value == 5.0


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(60, Verdict.ACCEPTED), (61, Verdict.IMPOSSIBLE)]
)
def test_future(seconds: float, verdict: Verdict) -> None:
    """A clock may run a minute ahead, not more."""
    assert Ledger().admit(reading(POWER, 5.0, seconds), NOW) is verdict


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1501.0, -0.1])
def test_impossible_value(value: float) -> None:
    """No voltage is beyond what exists, or no number."""
    ledger = Ledger()
    assert ledger.admit(reading(VOLTAGE, value), NOW) is Verdict.IMPOSSIBLE
    assert not ledger.latest
    assert ledger.refusals[0].reading.series == VOLTAGE


@pytest.mark.parametrize("sign", [1, -1])
def test_power_over_twice_the_capacity(sign: int) -> None:
    """An inverter gives twice its rating at most, in either direction."""
    ledger = Ledger(limits={("sn", "inverter"): Limits(5000.0)})
    found = [reading(POWER, sign * 10_001.0), reading(POWER, sign * 10_000.0, 1)]
    assert admit(ledger, found) == [Verdict.IMPOSSIBLE, Verdict.ACCEPTED]
    assert Ledger().admit(found[0], NOW) is Verdict.ACCEPTED


def test_spike_of_a_register_is_held() -> None:
    """A register that does not follow is not shown, and no counter takes it."""
    ledger = Ledger(limits={("sn", "inverter"): Limits(5000.0)})
    values = [1e6, 1e6 + 10, 1.1e6, 1.1e6, 1e6 + 40]
    verdicts = admit(ledger, [reading(ENERGY, v, 10 * i) for i, v in enumerate(values)])
    assert verdicts[2:] == [Verdict.HELD, Verdict.HELD, Verdict.ACCEPTED]
    assert ledger.counters[ENERGY].total == 40.0
    assert ledger.verdicts[Verdict.HELD] == 2


def test_replayed_spike_does_not_confirm_itself() -> None:
    """Agreement takes new readings, not the same one again."""
    ledger = Ledger(limits={("sn", "inverter"): Limits(5000.0)})
    admit(ledger, [reading(ENERGY, 1e6), *[reading(ENERGY, 1.001e6, 10)] * 5])
    assert ledger.counters[ENERGY].total == 0.0
    assert ledger.latest[ENERGY].value == 1e6


@pytest.mark.parametrize("series", [POWER, ENERGY])
def test_refusals_are_bounded(series: Series) -> None:
    """A device that never makes sense does not fill the memory."""
    ledger = Ledger()
    for index in range(1000):
        ledger.admit(reading(series, math.inf, index), NOW + timedelta(hours=1))
        ledger.doubt(reading(series, 1.0, index), "contradicted")
    assert len(ledger.refusals) == 50
    assert ledger.refusals[-1].reason == "contradicted"
    assert ledger.verdicts[Verdict.IMPOSSIBLE] == 2000


def test_fresh() -> None:
    """A reading that is older than allowed is not the present."""
    ledger, age = Ledger(), timedelta(seconds=30)
    admit(ledger, [reading(POWER, 5.0)])
    assert ledger.fresh(POWER, NOW + age, age) is not None
    assert ledger.fresh(POWER, NOW + age + timedelta(seconds=1), age) is None
    assert ledger.fresh(ENERGY, NOW, age) is None


def test_the_future_is_not_fresh() -> None:
    """What was read before our clock was put back says nothing about now."""
    ledger = Ledger()
    minute = timedelta(minutes=1)
    assert admit(ledger, [reading(POWER, 5.0)]) == [Verdict.ACCEPTED]
    assert ledger.fresh(POWER, NOW - minute, minute) is not None
    assert ledger.fresh(POWER, NOW - 2 * minute, minute) is None


@given(st.lists(readings, max_size=20), st.lists(readings, max_size=10))
def test_counters_survive_a_restart(
    before: list[Reading], after: list[Reading]
) -> None:
    """A restored ledger counts on as the one that was stored."""
    ledger, restored = Ledger(), Ledger()
    admit(ledger, before)
    restored.restore_counters(json.loads(json.dumps(ledger.counters_as_list())))
    assert restored.counters == ledger.counters
    ledger.latest.clear()
    admit(ledger, after)
    admit(restored, after)
    assert restored.counters == ledger.counters


@pytest.mark.parametrize(
    "damage",
    [
        None,
        5,
        ["x"],
        [{}],
        [{"series": ["sn", "inverter"], "counter": {}}],
        [{"series": ["sn", "inverter", "wrong"], "counter": {}}],
        [{"series": ["sn", "inverter", "energy_produced"], "counter": None}],
    ],
)
def test_damaged_counters_are_refused_whole(damage: Any) -> None:
    """Nothing is taken from a list of which one item is damaged."""
    ledger = Ledger()
    admit(ledger, [reading(ENERGY, 5.0)])
    stored: Any = ledger.counters_as_list()
    restored = Ledger()
    with pytest.raises((KeyError, TypeError, ValueError)):
        restored.restore_counters(
            stored + damage if isinstance(damage, list) else damage
        )
    assert not restored.counters


def test_every_quantity_has_bounds() -> None:
    """No quantity is admitted unjudged, and every range holds something."""
    assert set(BOUNDS) == set(Quantity)
    assert all(bounds.low < bounds.high for bounds in BOUNDS.values())
