"""Topics are built and understood, and no house reaches into another's."""

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.node.topics import (
    Address,
    Command,
    Leaf,
    TopicError,
    Topics,
    announced_house,
)


def test_the_seed_topics() -> None:
    """The community's topics come out as they always were."""
    topics = Topics("casa_A")
    assert topics.of(Leaf.PRODUCTION) == "comunita/casa_A/produzione"
    assert topics.of(Leaf.BALANCE) == "comunita/casa_A/bilancio"
    assert topics.alert == "comunita/casa_A/alert"
    assert topics.command(Command.RELAY, 2) == "comunita/casa_A/cmd/rele/2"


@pytest.mark.parametrize(
    ("topic", "address"),
    [
        ("comunita/casa_A/produzione", Address(Leaf.PRODUCTION)),
        ("comunita/casa_A/rele/1", Address(Leaf.RELAY, 1)),
        ("comunita/casa_A/canale/12", Address(Leaf.CHANNEL, 12)),
        ("comunita/casa_A/canale/13", None),
        ("comunita/casa_A/rele/0", None),
        ("comunita/casa_A/rele/01", None),
        ("comunita/casa_A/rele/9", None),
        ("comunita/casa_A/rele", None),
        ("comunita/casa_A/produzione/1", None),
        ("comunita/casa_A/produzione/", None),
        ("comunita/casa_A/cmd/rele/1", None),
        ("comunita/casa_A/alert", None),
        ("comunita/casa_A", None),
        ("comunita/casa_AB/produzione", None),
        ("comunita/casa_B/produzione", None),
        ("", None),
    ],
)
def test_parse(topic: str, address: Address | None) -> None:
    """A topic is one of the house, or nothing."""
    assert Topics("casa_A").parse(topic) == address


@given(st.sampled_from(Leaf), st.integers(1, 8), st.text(max_size=40))
def test_built_topics_are_understood(leaf: Leaf, number: int, other: str) -> None:
    """What is built is parsed back; anything else does no harm."""
    topics = Topics("casa_A", "valle/comunita")
    numbered = leaf in (Leaf.CHANNEL, Leaf.RELAY)
    number = number if numbered else 0
    assert topics.parse(topics.of(leaf, number)) == Address(leaf, number)
    topics.parse(other)
    topics.parse(f"{topics.base}/{other}")


@pytest.mark.parametrize(
    ("house", "prefix"),
    [
        ("", "comunita"),
        ("casa/A", "comunita"),
        ("+", "comunita"),
        ("#", "comunita"),
        ("casa A", "comunita"),
        ("casa_A\n", "comunita"),
        ("x" * 33, "comunita"),
        ("casa_A", ""),
        ("casa_A", "a//b"),
        ("casa_A", "/a"),
        ("casa_A", "a/#"),
        ("casa_A", "$SYS"),
        ("casa_A", "a/b/c/d/e"),
    ],
)
def test_names_that_reach_elsewhere_are_refused(house: str, prefix: str) -> None:
    """No wildcard, no level and no space can hide in a name."""
    with pytest.raises(TopicError):
        Topics(house, prefix)


def test_discovery() -> None:
    """The house is in the announcement's topic."""
    assert announced_house("comunita/casa_B/annuncio") == Topics("casa_B")
    assert announced_house("valle/c/casa_B/annuncio") == Topics("casa_B", "valle/c")
    for topic in (
        "comunita/casa_B/stato",
        "annuncio",
        "casa_B/annuncio",
        "+/+/annuncio",
    ):
        assert announced_house(topic) is None


def test_subscriptions_leave_commands_alone() -> None:
    """The integration does not hear its own commands."""
    subscriptions = Topics("casa_A").subscriptions
    assert "comunita/casa_A/rele/+" in subscriptions
    assert "comunita/casa_A/annuncio" in subscriptions
    assert not any("cmd" in topic or "#" in topic for topic in subscriptions)
