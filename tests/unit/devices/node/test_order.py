"""Copies, late ones and earlier lives are told from what is next."""

from hypothesis import given, strategies as st

from custom_components.pv_family.devices.node.messages import Stamp
from custom_components.pv_family.devices.node.order import Order, Sequencer


def judge(order: Sequencer, *stamps: Stamp) -> list[str]:
    """Return what is said of messages on one topic."""
    return [order.judge("topic", stamp).name for stamp in stamps]


def test_sequence() -> None:
    """A message counts once, and an older one is behind."""
    found = judge(Sequencer(), *(Stamp(sequence=n, boot=1) for n in (5, 7, 7, 6, 5, 8)))
    assert found == ["NEXT", "NEXT", "DUPLICATE", "BEHIND", "DUPLICATE", "NEXT"]


def test_the_sequence_wraps() -> None:
    """After 2**32 messages it goes on at 0."""
    stamps = [Stamp(sequence=n, boot=1) for n in (2**32 - 1, 0, 1, 2**32 - 2)]
    assert judge(Sequencer(), *stamps) == ["NEXT", "NEXT", "NEXT", "BEHIND"]


def test_time_alone() -> None:
    """Without a sequence, the time tells."""
    stamps = [Stamp(time=float(t)) for t in (10, 15, 10, 12, 15, 20)]
    found = judge(Sequencer(), *stamps)
    assert found == ["NEXT", "NEXT", "DUPLICATE", "BEHIND", "DUPLICATE", "NEXT"]


def test_nothing_at_all() -> None:
    """The seed's messages are taken as they come."""
    assert judge(Sequencer(), Stamp(), Stamp(), Stamp()) == ["NEXT"] * 3


def test_topics_are_apart() -> None:
    """One message number on two topics is two messages."""
    order = Sequencer()
    assert order.judge("a", Stamp(sequence=5)) is Order.NEXT
    assert order.judge("b", Stamp(sequence=5)) is Order.NEXT
    assert order.judge("a", Stamp(sequence=6)) is Order.NEXT
    assert order.judge("b", Stamp(sequence=4)) is Order.BEHIND


def test_a_restart() -> None:
    """A new life starts its sequence anew; the old one is behind."""
    order = Sequencer()
    stamps = [
        *(Stamp(sequence=n, boot=3) for n in (100, 101)),
        *(Stamp(sequence=n, boot=4) for n in (0, 1)),
        Stamp(sequence=102, boot=3),
    ]
    assert judge(order, *stamps) == ["NEXT", "NEXT", "NEXT", "NEXT", "BEHIND"]
    assert (order.boot, order.restarts) == (4, 1)


def test_random_words_for_lives() -> None:
    """A word that was not heard before is a new life, and an old one is not."""
    order = Sequencer()
    stamps = [Stamp(sequence=n, boot=b) for n, b in ((9, "x"), (0, "y"), (10, "x"))]
    assert judge(order, *stamps) == ["NEXT", "NEXT", "BEHIND"]


def test_a_lost_boot_counter() -> None:
    """A node that forgot how often it has started is believed after a while."""
    order = Sequencer()
    judge(order, Stamp(sequence=9, boot=50))
    found = judge(order, *(Stamp(sequence=n, boot=1) for n in range(25)))
    assert found == ["BEHIND"] * 19 + ["NEXT"] * 6
    order = Sequencer()
    judge(order, Stamp(sequence=9, boot=50))
    introduction = Stamp(sequence=0, boot=1)
    assert order.judge("annuncio", introduction, introduces=True) is Order.NEXT


@given(st.lists(st.integers(0, 200), min_size=1))
def test_each_message_counts_once(numbers: list[int]) -> None:
    """In any order and however often, each is new once."""
    order = Sequencer()
    found = [order.judge("t", Stamp(sequence=n, boot=1)) for n in numbers]
    assert len(numbers) - found.count(Order.DUPLICATE) == len(set(numbers))
    assert found.count(Order.NEXT) >= 1
