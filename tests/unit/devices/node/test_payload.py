"""Payloads are small JSON of the right types, or refused with a reason."""

import contextlib

from hypothesis import example, given, strategies as st
import pytest

from custom_components.pv_family.devices.node.messages import Measurement
from custom_components.pv_family.devices.node.parse import parse_message
from custom_components.pv_family.devices.node.payload import (
    PayloadError,
    Reason,
    parse_json,
)
from custom_components.pv_family.devices.node.topics import Address, Leaf

addresses = st.sampled_from(Leaf).map(
    lambda leaf: Address(leaf, 1 if leaf in (Leaf.CHANNEL, Leaf.RELAY) else 0)
)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"\xff\xfe", Reason.NOT_TEXT),
        (b"1500", Reason.NOT_AN_OBJECT),
        (b"[1500]", Reason.NOT_AN_OBJECT),
        (b'{"potenza_w":1500', Reason.NOT_JSON),
        (b'{"potenza_w":NaN}', Reason.NOT_JSON),
        (b'{"potenza_w":-Infinity}', Reason.NOT_JSON),
        (b'{"potenza_w":1e999}', Reason.OUT_OF_RANGE),
        (b'{"potenza_w":' + b"9" * 4000 + b"}", Reason.OUT_OF_RANGE),
        (b'{"potenza_w":true}', Reason.WRONG_TYPE),
        (b'{"potenza_w":"1500"}', Reason.WRONG_TYPE),
        (b'{"potenza_w":[1500]}', Reason.WRONG_TYPE),
        (b'{"potenza_w":1,"potenza_w":2}', Reason.REPEATED_KEY),
        (b'{"potenza_w":1500}' + b" " * 4079, Reason.TOO_LONG),
        (b'{"x":[[[[1]]]]}', Reason.TOO_DEEP),
        (b"[" * 4000, Reason.TOO_DEEP),
        (b'{"potenza_w":null}', Reason.EMPTY),
        (b'{"other":1}', Reason.EMPTY),
        (b'{"potenza_w":1,"seq":-1}', Reason.OUT_OF_RANGE),
        (b'{"potenza_w":1,"seq":1.5}', Reason.WRONG_TYPE),
        (b'{"potenza_w":1,"t":1e300}', Reason.OUT_OF_RANGE),
        (b'{"potenza_w":1,"boot":"a b"}', Reason.OUT_OF_RANGE),
        (b'{"potenza_w":1,"boot":4294967296}', Reason.OUT_OF_RANGE),
        (b'{"potenza_w":1,"diff":"yes"}', Reason.WRONG_TYPE),
    ],
)
def test_refusals(payload: bytes, reason: Reason) -> None:
    """Each kind of damage has its own reason."""
    with pytest.raises(PayloadError) as caught:
        parse_message(Address(Leaf.PRODUCTION), payload)
    # How deep brackets may be that never close is the JSON library's to say.
    allowed = {reason, Reason.NOT_JSON} if payload[:2] == b"[[" else {reason}
    assert caught.value.reason in allowed


def test_unknown_keys_are_ignored() -> None:
    """A newer node may say more."""
    message = parse_message(
        Address(Leaf.PRODUCTION), b'{"potenza_w":1500,"novelty":{"a":[1]}}'
    )
    assert isinstance(message, Measurement)
    assert [value.value for value in message.values] == [1500.0]


@given(addresses, st.binary(max_size=4200))
@example(Address(Leaf.STATE), b'"ONLINE"')
@example(Address(Leaf.STATE), b'{"stato":1}')
@example(Address(Leaf.ENERGY), b'{"ore":[[1]]}')
@example(Address(Leaf.ENERGY), b'{"canali":[[4,1],[4,2]]}')
def test_any_bytes(address: Address, payload: bytes) -> None:
    """Whatever comes is a message or a refusal."""
    with contextlib.suppress(PayloadError):
        assert parse_message(address, payload).stamp.buffered in (True, False)


def test_limits_can_be_wider() -> None:
    """Other people's nodes send more, and deeper."""
    payload = b'{"a":{"b":{"c":{"d":{"e":1}}}}}' + b" " * 5000
    with pytest.raises(PayloadError):
        parse_json(payload)
    assert parse_json(payload, limit=16_384, depth=8)
