"""Borrowed entities as a device of the home."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.borrowed.channel import Channel
from custom_components.pv_family.devices.borrowed.device import Borrowed, EnergyReport
from custom_components.pv_family.devices.device import Capability
from custom_components.pv_family.readings.power_flow import Role
from custom_components.pv_family.readings.quantity import Quantity

KEYS = ("registers", "part", "quantity", "register", "role", "power", "energy")
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def channel(role: str, **more: Any) -> Channel:
    """Return a channel as it is set up."""
    return Channel.from_dict({"role": role, "power": "a", **more})


@pytest.mark.parametrize(
    ("more", "powers", "expected"),
    [
        ({}, {"a": 500.0}, 500.0),
        ({"reversed": True}, {"a": 500.0}, -500.0),
        ({"power_to": "b"}, {"a": 500.0, "b": 200.0}, 300.0),
        ({"power_to": "b", "reversed": True}, {"a": 500.0, "b": 200.0}, -300.0),
        ({"power_to": "b"}, {"a": 500.0}, None),
        ({"power_to": "b"}, {"b": 500.0}, None),
        ({"power": None, "power_to": "b"}, {"b": 200.0}, -200.0),
        ({"power": None}, {"a": 500.0}, None),
        ({}, {}, None),
    ],
)
def test_the_net_power(
    more: dict[str, Any], powers: dict[str, float], expected: float | None
) -> None:
    """Two one-way entities are one power, known only together."""
    assert channel("grid", **more).net(powers) == expected


def test_energies_are_named_by_the_role() -> None:
    """Each direction counts into its own register."""
    energies = {"energy": "e", "energy_to": "t"}
    assert dict(channel("grid", **energies).registers()) == {
        Quantity.ENERGY_IMPORT: "e",
        Quantity.ENERGY_EXPORT: "t",
    }
    assert dict(channel("battery", **energies).registers()) == {
        Quantity.ENERGY_DISCHARGED: "e",
        Quantity.ENERGY_CHARGED: "t",
    }
    assert dict(channel("array", **energies).registers()) == {
        Quantity.ENERGY_PRODUCED: "e"
    }
    assert dict(channel("none", **energies).registers()) == {}


def test_a_poll_has_what_is_known() -> None:
    """Unknown is absent, never 0, and is said to be missing."""
    device = Borrowed(
        "s",
        {
            "channel_1": channel("generation", energy="e"),
            "channel_2": channel("grid", power="g"),
        },
    )
    report = EnergyReport(energy=5_000.0, resolution=100.0, reported=NOW)
    poll = device.poll(NOW, {"a": 750.0}, {"e": report})
    assert {(r.series.part, r.series.quantity): r.value for r in poll.readings} == {
        ("channel_1", Quantity.AC_POWER): 750.0,
        ("channel_1", Quantity.ENERGY_PRODUCED): 5_000.0,
    }
    assert list(poll.failed) == ["channel_2"]
    assert poll.resolutions == {"channel_1": 100.0}
    assert device.capabilities == {
        Capability("channel_1", Quantity.AC_POWER),
        Capability("channel_2", Quantity.AC_POWER),
    }


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
        lambda inner: st.one_of(
            st.lists(inner), st.dictionaries(st.sampled_from(KEYS), inner)
        ),
    )
)
def test_damaged_states_and_settings_are_refused(state: Any) -> None:
    """Only the errors that callers expect come of them."""
    for read in (Borrowed("s", {}).restore, Channel.from_dict):
        try:
            read(state)
        except KeyError, TypeError, ValueError:
            continue


def test_every_role_has_its_word() -> None:
    """Every role of the home can be borrowed."""
    assert [channel(str(role)).role for role in Role] == list(Role)
    assert channel("none").role is None
    with pytest.raises(ValueError, match="weather"):
        channel("weather")
