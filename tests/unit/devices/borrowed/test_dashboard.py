"""The Energy dashboard's sources and what names suggest."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.borrowed.dashboard import Offer, offers
from custom_components.pv_family.devices.borrowed.hints import likely_role
from custom_components.pv_family.readings.power_flow import Role

FIELDS = (
    "type",
    "name",
    "stat_rate",
    "stat_rate_inverted",
    "stat_rate_from",
    "stat_rate_to",
    "stat_energy_from",
    "stat_energy_to",
    "power_config",
)


@pytest.mark.parametrize(
    ("source", "offer"),
    [
        (
            {"type": "grid", "stat_energy_from": "sensor.in", "stat_rate": "sensor.p"},
            Offer(role=Role.GRID, power="sensor.p", energy="sensor.in"),
        ),
        (
            {
                "type": "grid",
                "stat_energy_from": "sensor.in",
                "stat_energy_to": "sensor.out",
                "stat_rate": "sensor.p_inverted",
                "power_config": {"stat_rate_inverted": "sensor.p"},
            },
            Offer(
                role=Role.GRID,
                power="sensor.p",
                reversed=True,
                energy="sensor.in",
                energy_to="sensor.out",
            ),
        ),
        (
            {
                "type": "battery",
                "stat_energy_from": "sensor.out",
                "stat_energy_to": "sensor.in",
                "stat_rate": "sensor.energy_battery_a_b_net_power",
                "power_config": {
                    "stat_rate_from": "sensor.a",
                    "stat_rate_to": "sensor.b",
                },
            },
            Offer(
                role=Role.BATTERY,
                power="sensor.a",
                power_to="sensor.b",
                energy="sensor.out",
                energy_to="sensor.in",
            ),
        ),
        (
            {"type": "home", "stat_energy_to": "sensor.used", "stat_rate": "sensor.p"},
            Offer(role=Role.CONSUMPTION, power="sensor.p", energy="sensor.used"),
        ),
        (
            {"type": "solar", "stat_energy_from": "sensor.pv", "name": " Roof "},
            Offer(role=Role.GENERATION, name="Roof", energy="sensor.pv"),
        ),
    ],
)
def test_sources_and_their_signs(source: dict[str, Any], offer: Offer) -> None:
    """Inverted and two-way settings are taken from the user's own entities."""
    assert list(offers([source])) == [offer]


def test_what_is_no_entity_is_left_out() -> None:
    """External statistics, gas and halves of pairs are nothing to borrow."""
    sources = [
        {"type": "solar", "stat_energy_from": "tibber:production"},
        {"type": "gas", "stat_energy_from": "sensor.gas"},
        {"type": "battery", "power_config": {"stat_rate_from": "sensor.a"}},
        "nonsense",
    ]
    assert list(offers(sources)) == []


@given(
    st.recursive(
        st.one_of(st.none(), st.integers(), st.text(), st.sampled_from(["grid"])),
        lambda inner: st.one_of(
            st.lists(inner), st.dictionaries(st.sampled_from(FIELDS), inner)
        ),
    )
)
def test_no_preferences_break_it(sources: Any) -> None:
    """Whatever stands in the preferences, an offer has entities."""
    for offer in offers(sources):
        assert offer.power or offer.energy or offer.energy_to


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Solar power", Role.GENERATION),
        ("Putere fotovoltaică", Role.GENERATION),
        ("solaredge_ac_power", Role.GENERATION),
        ("pv_power", Role.GENERATION),
        ("Grid import power", Role.GRID),
        ("Rețea", Role.GRID),
        ("Potenza rete", Role.GRID),
        ("SolarNet meter", Role.GRID),
        ("Battery charge power", Role.BATTERY),
        ("Baterie", Role.BATTERY),
        ("Akku Leistung", Role.BATTERY),
        ("Consumo casa", Role.CONSUMPTION),
        ("House load", Role.CONSUMPTION),
        ("Hausverbrauch", Role.CONSUMPTION),
        ("Heat pump power", None),
        ("PV string 1", None),
        ("Power", None),
    ],
)
def test_names_suggest_roles(name: str, role: Role | None) -> None:
    """In the languages of the users, and nothing for a part of the home."""
    assert likely_role(name) is role


@given(st.text())
def test_no_name_breaks_it(name: str) -> None:
    """Any text is a name."""
    likely_role(name)
