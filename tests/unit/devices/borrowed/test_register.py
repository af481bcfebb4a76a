"""An energy that goes on through resets, glitches and changes of entity."""

from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.borrowed.register import GrowingRegister

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
ENTITY = "sensor.energy"


class Feeder:
    """Feeds a register, report by report."""

    def __init__(self) -> None:
        """Start at noon."""
        self.register = GrowingRegister()
        self.now = NOON
        self.last = 0.0

    def feed(
        self,
        *values: float,
        every: float = 300.0,
        reset: datetime | None = None,
        entity: str = ENTITY,
    ) -> list[float | None]:
        """Report values, one after the other."""
        found = []
        for value in values:
            self.now += timedelta(seconds=every)
            found.append(self.register.take(entity, self.now, value, reset))
            self.last = found[-1] if found[-1] is not None else self.last
        return found


def test_a_growing_register_is_handed_over_as_it_is() -> None:
    """Nothing is added where nothing starts anew."""
    assert Feeder().feed(1000, 1100, 1100, 1250) == [1000, 1100, 1100, 1250]


def test_a_day_that_starts_anew_goes_on() -> None:
    """What stood on it at midnight and what flowed since both count, to the Wh."""
    feeder = Feeder()
    feeder.feed(5000, 5200)
    assert feeder.feed(0, 0) == [None, None]
    feeder.feed(0, 30, 80)
    assert feeder.last == 5280


def test_a_reset_that_shows_late_is_counted_from_zero() -> None:
    """The first report of the new day is not lost."""
    feeder = Feeder()
    feeder.feed(5000)
    assert feeder.feed(60, 120, 180) == [None, None, 5180]


def test_a_declared_reset_is_believed_at_once() -> None:
    """The entity says when it started anew."""
    feeder = Feeder()
    feeder.feed(5000, reset=NOON - timedelta(days=1))
    midnight = NOON + timedelta(minutes=8)
    assert feeder.feed(10, reset=midnight) == [5010]
    assert feeder.feed(400, reset=midnight) == [5400]


def test_a_restart_of_the_integration_is_no_reset() -> None:
    """Some say that they started anew although the register went on."""
    feeder = Feeder()
    feeder.feed(90_000, reset=NOON)
    assert feeder.feed(90_100, reset=NOON + timedelta(seconds=599)) == [90_100]


@pytest.mark.parametrize("shown", [0.0, 12.0])
def test_a_glitch_counts_nothing(shown: float) -> None:
    """A register that falls for a moment comes back to where it was."""
    feeder = Feeder()
    feeder.feed(20_000)
    assert feeder.feed(shown, every=60) == [None]
    assert feeder.feed(20_050) == [20_050]


def test_a_night_at_zero_counts_nothing_twice() -> None:
    """A lifetime register that shows 0 all night comes back with the sun."""
    feeder = Feeder()
    feeder.feed(1_234_000)
    feeder.feed(*[0.0] * 90)
    feeder.feed(1_234_000, 1_234_200, every=60)
    assert feeder.last == 1_234_200


def test_noise_is_no_new_beginning() -> None:
    """A fall of a few percent that stays is a correction: nothing is added."""
    feeder = Feeder()
    feeder.feed(1000)
    feeder.feed(990, 990, 990, 1040)
    assert feeder.last == 1050


def test_a_replaced_meter_goes_on() -> None:
    """A fall to a value that cannot have flowed since only moves the base."""
    feeder = Feeder()
    feeder.feed(900_000)
    feeder.feed(400_000, 400_000, 400_010)
    assert feeder.last == 900_010


def test_another_entity_goes_on_where_the_first_ended() -> None:
    """A change of entity is no jump."""
    feeder = Feeder()
    feeder.feed(5_000, 5_100)
    assert feeder.feed(77_000, 77_050, entity="sensor.other") == [5_100, 5_150]


def test_an_old_report_is_ignored() -> None:
    """What was reported before is not reported again."""
    feeder = Feeder()
    feeder.feed(100, 200)
    assert feeder.register.take(ENTITY, feeder.now, 200) is None
    assert feeder.register.take(ENTITY, NOON, 100) is None


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_what_is_no_energy_is_ignored(value: float) -> None:
    """Nothing stands for what cannot be."""
    feeder = Feeder()
    feeder.feed(100)
    assert feeder.feed(value, 110) == [None, 110]


def test_a_restart_in_mid_reset_loses_nothing() -> None:
    """The state survives as JSON at every report of a reset."""
    feeder = Feeder()
    for value in (5000, 5200, 0, 0, 0, 30, 80):
        stored = json.loads(json.dumps(feeder.register.as_dict()))
        feeder.register = GrowingRegister.from_dict(stored)
        feeder.feed(value)
    assert feeder.last == 5280


@given(
    st.lists(
        st.tuples(
            st.one_of(st.floats(), st.floats(0, 3e4), st.sampled_from([0.0, 2e6])),
            st.integers(-600, 90_000),
            st.one_of(st.none(), st.integers(-90_000, 90_000)),
        ),
        max_size=40,
    )
)
def test_what_is_handed_over_never_falls(
    reports: list[tuple[float, int, int | None]],
) -> None:
    """Whatever comes, and however often the home restarts meanwhile."""
    register = GrowingRegister()
    now = NOON
    highest = 0.0
    for value, passed, reset in reports:
        now += timedelta(seconds=passed)
        last_reset = None if reset is None else now - timedelta(seconds=reset)
        energy = register.take(ENTITY, now, value, last_reset)
        if energy is not None:
            assert energy >= highest - 1e-3
            highest = max(highest, energy)
        stored = json.loads(json.dumps(register.as_dict()))
        register = GrowingRegister.from_dict(stored)


@given(
    st.dictionaries(
        st.sampled_from(list(GrowingRegister().as_dict())),
        st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans()),
    )
)
def test_a_damaged_state_is_refused(damage: dict[str, object]) -> None:
    """Only the errors that the coordinator expects come of it."""
    state = {**GrowingRegister().as_dict(), **damage}
    try:
        GrowingRegister.from_dict(state)
    except KeyError, TypeError, ValueError:
        return


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=30), st.integers(2, 9))
def test_daily_registers_count_every_watt_hour(steps: list[int], days: int) -> None:
    """Day after day, the sum is what flowed."""
    feeder = Feeder()
    feeder.feed(0.0)
    for _ in range(days):
        shown = 0.0
        for step in steps:
            shown += step
            feeder.feed(shown)
        feeder.feed(0.0, 0.0, 0.0)
    assert feeder.last == days * sum(steps)
